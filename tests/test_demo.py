"""The truth planted in the demo client: one line of docs/demo.md, one test.

What the suite prints has to cover what was planted. A line whose analysis is not built yet is
a strict expected failure: it fails this file on the day its figure arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention_lib import stats
from retention_lib.client import load_client, project_root
from retention_lib.comparison.earlier import effects
from retention_lib.errors import ConfigError
from retention_lib.results import NoChurn
from retention_lib.retention_rate import no_churn
from retention_lib.sources import locate
from retention_lib.study import Study, retention_inputs
from retention_lib.summaries.subscriptions import subscribers
from tests import planted
from tests.planted import PRIOR, WINDOW, YEAR_EARLIER, demo

DAYS = 122  # of the window, four months
TABLE = project_root() / "docs" / "demo.md"


class NotBuilt(Exception):
    """The suite does not compute this figure yet."""


def not_built(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(raises=NotBuilt, strict=True, reason=reason)


def built(figure: Any) -> Any:
    if figure is None or figure == []:
        raise NotBuilt
    return figure


def covers(interval: tuple[float, float] | None, truth: float) -> bool:
    low, high = built(interval)
    return bool(low <= truth <= high)


@pytest.fixture
def study(demo: Study) -> Study:
    return demo


@pytest.fixture(scope="module")
def year_earlier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    run = str(tmp_path_factory.mktemp("year-earlier"))
    study = Study.open("demo", as_of="2023-12-31", run=run)
    yield study
    study.close()


# --- the records: exact counts ---


def test_01_lines_exported_twice(study: Study) -> None:
    # the later file's version of an order stays
    assert study.audit().set_aside["replaced_order"] == planted.lines(planted.exported_twice)


def test_02_cancelled_lines(study: Study) -> None:
    assert study.audit().set_aside["cancelled"] == planted.lines(
        lambda it: it.status == "anulowane"
    )


def test_03_lines_of_guests(study: Study) -> None:
    guests = planted.lines(lambda it: it.customer is None)
    assert study.audit().set_aside["missing_customer_id"] == guests


def test_04_returned_lines(study: Study) -> None:
    found = [it.rows for it in study.audit().checks if it.name.startswith("returns_")]
    assert sum(found) == planted.lines(lambda it: it.status == "zwrot")


def test_05_returns_matched_to_their_purchase(study: Study) -> None:
    matched = [it.rows for it in study.audit().checks if it.name == "returns_matched"]
    assert matched == [planted.lines(lambda it: it.status == "zwrot")]


def test_06_customers(study: Study) -> None:
    assert study.audit().customers == len(planted.shop().customers)


# --- how often customers buy ---


def test_07_cycle(study: Study) -> None:
    cycle = study.cycle()
    assert covers(cycle.cycle_ci95, planted.cycle_days(built(cycle.tau_days)))


def test_08_season(study: Study) -> None:
    """The curve has no interval: its extremes and its months are held against the planted."""
    cycle, curve = study.cycle(), study.season()
    assert built(cycle.season_strength) > built(cycle.season_chance)
    middle = pd.Timestamp("2023-01-01") + pd.to_timedelta(7 * curve["week"] - 4, unit="D")
    months = curve["factor"].groupby(middle.dt.month).mean()
    assert (months.idxmin(), months.idxmax()) == (7, 12)
    assert months.to_numpy() == pytest.approx(np.array(demo.SEASON), abs=0.13)


def test_09_monthly_box(study: Study) -> None:
    """All who were charged five times or more, and nobody who is no subscriber."""
    found = set(subscribers(study.occasions).customer_id.to_pyarrow().to_pylist())
    part = built(study.cycle().subscriptions)
    assert part.reported and part.periods == {"month": len(found)}
    assert {it.number for it in planted.charged(5)} <= found
    assert found <= {it.number for it in planted.charged(1)}


# --- who comes back ---


def test_10_second_purchase(study: Study) -> None:
    chance = sum(planted.second_within(it, DAYS) for it in planted.seen_for(DAYS))
    truth = chance / len(planted.seen_for(DAYS))
    assert study.retention().second_purchase_customers == len(planted.seen_for(DAYS))
    assert covers(study.retention().second_purchase_ci95, truth)


def test_11_all_who_come_back(study: Study) -> None:
    assert study.retention().start_customers == len(planted.bought_in(PRIOR))
    truth = planted.expected_back(planted.bought_in(PRIOR), WINDOW)
    assert covers(study.retention().retained_ci95, truth)


def test_12_established_who_come_back(study: Study) -> None:
    truth = planted.expected_back(planted.returning(PRIOR), WINDOW)
    assert covers(study.retention().returning_ci95, truth)


def test_13_first_time_buyers_who_come_back(study: Study) -> None:
    truth = planted.expected_back(planted.first_time(PRIOR), WINDOW)
    assert covers(study.retention().first_time_ci95, truth)


def test_14_decline(study: Study, year_earlier: Study) -> None:
    now, then = study.retention(), year_earlier.retention()
    prior, window = YEAR_EARLIER
    assert then.prior is not None and (then.prior.start, then.prior.end) == prior
    assert covers(then.returning_ci95, planted.expected_back(planted.returning(prior), window))
    assert built(now.returning_ci95)[1] < built(then.returning_ci95)[0]


def test_15_decline_told_apart_from_mix(study: Study) -> None:
    """Against a year earlier: what the groups' own rates did, and what their mix did."""
    day = date(2023, 12, 31)
    then = retention_inputs.figures_on(study._records, study.cycle(), day)
    mix, rate = built(effects(then, vars(study.retention())))

    def groups(prior: Any, window: Any) -> list[tuple[int, int]]:
        members = planted.first_time(prior), planted.returning(prior)
        expected = (planted.expected_back(own, window) for own in members)
        return [(len(own), len(own) * rate) for own, rate in zip(members, expected, strict=True)]

    truth = stats.mix_and_rate(groups(*YEAR_EARLIER), groups(PRIOR, WINDOW))
    assert (mix, rate) == pytest.approx(truth, abs=0.015)
    assert rate < -0.03 < mix


def test_15_the_chance_to_stay_falls(study: Study) -> None:
    """As the calendar's own figure: what the generator multiplies the chance by in a year."""
    clocks = built(study.clv().clocks)
    assert clocks.stay.present and covers(clocks.stay.ci95, -demo.DECLINE)
    assert not clocks.pace.present  # none is planted


def test_08_months_of_the_calendar(study: Study) -> None:
    """Each month's factor, with an interval, against the planted one; 1 in 20 may lie outside."""
    even = np.mean(demo.SEASON)
    months = built(study.clv().clocks).season
    outside = [it.month for it in months if not covers(it.ci95, demo.SEASON[it.month - 1] / even)]
    assert len(months) == 12 and len(outside) <= 2


def test_16_rate_if_nobody_left(study: Study) -> None:
    members = planted.bought_in(PRIOR)
    truth = sum(planted.back_between(it, *WINDOW) for it in members) / len(members)
    found = study.retention()
    assert found.no_churn_expectation == pytest.approx(truth, abs=0.05)
    assert found.no_churn is not None and found.no_churn.season
    # September to December sells a fifth above an even year
    sells = np.mean([demo.SEASON[day.month - 1] for day in pd.date_range(*WINDOW)])
    assert found.no_churn.window_pace == pytest.approx(sells / np.mean(demo.SEASON), abs=0.05)


def test_without_its_season_the_window_is_what_the_models_expect(study: Study) -> None:
    """Of an even year's days the same customers would come back as often as without a season."""
    even = DAYS / 365.25
    members = planted.bought_in(PRIOR)
    box = 1 - demo.BOX_PAUSE ** (DAYS // 30)
    chances = (box if it.pace is None else 1 - np.exp(-it.pace * 365.25 * even) for it in members)
    inputs = built(study._retention_inputs)
    found = no_churn.expectation(inputs.state, lambda: inputs.daily().iloc[:0], inputs.periods)
    assert isinstance(found, NoChurn) and not found.season
    assert found.expectation == pytest.approx(np.mean(list(chances)), abs=0.03)


def test_17_channels_keep_differently(study: Study) -> None:
    parts = {it.name: it for it in study.retention().parts if it.kind == "channel"}
    assert set(parts) == {channel.name for channel in demo.CHANNELS}
    for name, part in parts.items():
        own = planted.began(lambda it, name=name: it.channel.name == name, DAYS)
        truth = sum(planted.second_within(it, DAYS) for it in own) / len(own)
        assert part.second_customers == len(own) and covers(part.second_ci95, truth), name
    assert parts["newsletter"].second_clearly == "above"
    assert parts["media społecznościowe"].second_clearly == "below"


def test_18_gift_sets_keep_badly(study: Study) -> None:
    (gift,) = [it for it in study.retention().parts if it.name == demo.GIFT.name]
    own = planted.began(lambda it: it.pace is not None and planted.began_with_gift(it), DAYS)
    truth = sum(planted.second_within(it, DAYS) for it in own) / len(own)
    # eight more ordered it on their first day too, but in a second order
    assert gift.second_customers == len(own) + 8 and covers(gift.second_ci95, truth)
    assert gift.second_clearly == "below"


def test_19_box_churn(study: Study) -> None:
    (box,) = study.retention().contractual
    assert box.period == "month" and covers(box.churn_ci95, planted.box_churn())


# --- what they are worth ---


def test_20_share_still_customers(study: Study) -> None:
    alive = study.clv().mean_p_alive
    assert alive is not None and alive == pytest.approx(planted.still_customers(), abs=0.05)


def test_21_margin_of_the_next_year(study: Study) -> None:
    truth, found = planted.margin_next_year(), study.clv()
    assert covers(found.total_clv_ci95, truth)
    assert found.total_clv == pytest.approx(truth, rel=0.12)


def test_22_new_customers_differ_in_value_by_channel(study: Study) -> None:
    values = built(study.clv().new_customer_value)
    found = {it.name: it for it in values if it.kind == "channel"}
    assert set(found) == {channel.name for channel in demo.CHANNELS}
    for name, one in found.items():
        truth = planted.margin_of_a_new_one(lambda it, name=name: it.channel.name == name)
        assert covers(one.value_ci95, truth), name
    assert found["polecenie znajomych"].compared == found["newsletter"].compared == "above"
    assert found["media społecznościowe"].compared == "below"


# --- what was done ---


@not_built("marketing spend is not read yet")
def test_23_cost_of_winning(study: Study) -> None:
    (claim,) = [it for it in study.recommendations().claims if it.name == "cost_ratio"]
    built(claim.figure)
    pytest.fail(f"hold it against {planted.cost_of_winning():.0f} PLN for each new customer")


@not_built("campaigns are not measured yet")
def test_24_effect_of_the_campaign(study: Study) -> None:
    built(getattr(study, "outcomes", None))
    pytest.fail(f"hold it against {planted.campaign_effect():.3f}")


# --- the table ---


def values() -> dict[str, str]:
    """Return the value of each line as the table writes it."""
    seen = planted.seen_for(DAYS)
    second = sum(planted.second_within(it, DAYS) for it in seen) / len(seen)
    prior, window = YEAR_EARLIER
    nobody_left = [planted.back_between(it, *WINDOW) for it in planted.bought_in(PRIOR)]
    then = planted.expected_back(planted.returning(prior), window)
    now = planted.expected_back(planted.returning(PRIOR), WINDOW)
    new_ones = (
        planted.margin_of_a_new_one(lambda it, name=name: it.channel.name == name)
        for name in ("media społecznościowe", "polecenie znajomych")
    )
    return {
        "01": f"{planted.lines(planted.exported_twice)}",
        "02": f"{planted.lines(lambda it: it.status == 'anulowane'):,}",
        "03": f"{planted.lines(lambda it: it.customer is None):,}",
        "04": f"{planted.lines(lambda it: it.status == 'zwrot'):,}",
        "05": f"{planted.lines(lambda it: it.status == 'zwrot'):,}",
        "06": f"{len(planted.shop().customers):,}",
        "07": f"{planted.cycle_days(1000)} days",
        "08": f"{min(demo.SEASON)} to {max(demo.SEASON)}",
        "09": f"{len(planted.charged(5))}",
        "10": f"{second:.1%}",
        "11": f"{planted.expected_back(planted.bought_in(PRIOR), WINDOW):.1%}",
        "12": f"{now:.1%}",
        "13": f"{planted.expected_back(planted.first_time(PRIOR), WINDOW):.1%}",
        "14": f"{then:.1%} to {now:.1%}",
        "15": f"{demo.DECLINE:.0%} a year",
        "16": f"{sum(nobody_left) / len(nobody_left):.1%}",
        "17": " to ".join(f"{f(it.leave for it in demo.CHANNELS):.0%}" for f in (min, max)),
        "18": f"× {demo.GIFT_STAY}",
        "19": f"{planted.box_churn():.1%}",
        "20": f"{planted.still_customers():.0%}",
        "21": f"PLN {planted.margin_next_year():,.0f}",
        "22": " to ".join(f"PLN {it:.0f}" for it in new_ones),
        "23": f"PLN {planted.cost_of_winning():.0f}",
        "24": f"{100 * planted.campaign_effect():.1f} points",
    }


def table() -> dict[str, tuple[str, str]]:
    """Return value and state of each numbered line of the table."""
    rows = re.findall(r"^\| (\d\d) \|.*\|$", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    lines = re.findall(
        r"^\| (\d\d) \| .+ \| (.+) \| .+ \| (.+) \|$", TABLE.read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == len(lines)
    return {number: (value, state) for number, value, state in lines}


def test_the_table_says_what_is_planted() -> None:
    assert {number: value for number, (value, _) in table().items()} == values()


def test_every_line_of_the_table_has_its_test() -> None:
    tests = {name[5:7]: test for name, test in globals().items() if re.match(r"test_\d\d_", name)}
    expected = {number: state_of(test) for number, test in tests.items()}
    assert {number: state for number, (_, state) in table().items()} == expected


def state_of(test: Any) -> str:
    """Return what the table says of a line: whether its test passes, and why not."""
    marks = getattr(test, "pytestmark", [])
    if not marks:
        return "found"
    return "not built yet" if marks[0].kwargs["raises"] is NotBuilt else "missed"


# --- the generator ---


@pytest.fixture
def one_spring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three months of the shop instead of three years, which take their time."""
    monkeypatch.setattr(demo, "END", date(2022, 3, 31))
    monkeypatch.setattr(demo, "FOLLOWED_YEARS", 1)


@pytest.mark.usefixtures("one_spring")
def test_the_same_seed_makes_the_same_files_and_another_does_not(tmp_path: Path) -> None:
    for folder, seed in (("one", 7), ("two", 7), ("other", 8)):
        demo.generate(tmp_path / folder, seed)
    names = [*demo.EXPORT, *demo.BESIDE]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == sorted(names)
    for name in names:
        first = (tmp_path / "one" / name).read_bytes()
        assert first == (tmp_path / "two" / name).read_bytes()
        changes = name not in demo.EXPORT[1:]  # which begin later than this spring
        assert (first != (tmp_path / "other" / name).read_bytes()) == changes


@pytest.mark.usefixtures("one_spring")
def test_it_looks_like_the_export_of_a_polish_shop(tmp_path: Path) -> None:
    demo.generate(tmp_path)
    raw = (tmp_path / demo.EXPORT[0]).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    header, first = raw.decode("cp1250").split("\r\n")[:2]
    assert header.split(";")[1] == "Data zamówienia"
    assert re.fullmatch(r"Z\d{6};01\.01\.2022;\d{6};[^;]+;\d;\d+,\d\d;[^;]+;zrealizowane", first)


def test_it_has_the_size_of_a_small_shop() -> None:
    orders = [order for it in planted.shop().customers for order in it.orders]
    sold = sum(order.day <= demo.END and order.status == "zrealizowane" for order in orders)
    assert 7_500 < len(planted.shop().customers) < 8_500 and 38_000 < sold < 42_000


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the demo client alone, one year long; its input folder."""
    source = (project_root() / "data" / "demo.py").read_text(encoding="utf-8")
    end = "END = date(2022, 1, 1), "
    small = re.sub(rf"{re.escape(end)}.*", f"{end}date(2022, 12, 31)", source)
    yaml = project_root() / "data" / "clients" / "demo" / "client.yaml"
    folder = tmp_path / "data" / "clients" / "demo"
    folder.mkdir(parents=True)
    (folder / "client.yaml").write_bytes(yaml.read_bytes())
    (tmp_path / "data" / "demo.py").write_text(small, encoding="utf-8")
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    return folder / "input"


def test_the_export_is_made_anew_when_the_generator_changes(shop: Path) -> None:
    (file,) = locate(load_client("demo"))
    made, when = file.read_bytes(), file.stat().st_mtime_ns
    assert locate(load_client("demo")) == (file,) and file.stat().st_mtime_ns == when
    generator = project_root() / "data" / "demo.py"
    source = generator.read_text(encoding="utf-8")
    generator.write_text(source.replace("GUESTS = 0.015", "GUESTS = 0.05"), encoding="utf-8")
    locate(load_client("demo"))
    assert file.read_bytes() != made
    file.unlink()
    assert locate(load_client("demo")) == (file,) and file.is_file()
    (shop / ".made-by").write_bytes(b"\xff")  # as if copied from elsewhere
    with pytest.raises(ConfigError, match=r"would be replaced by what data/demo\.py makes"):
        locate(load_client("demo"))


def test_a_file_that_the_generator_did_not_make_is_never_replaced(shop: Path) -> None:
    shop.mkdir()
    own = shop / "zamowienia_2022.csv"
    own.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"zamowienia_2022.csv would be replaced .* move it away"):
        locate(load_client("demo"))
    assert own.read_text(encoding="utf-8") == "mine"
    own.unlink()
    locate(load_client("demo"))
    own.write_text("edited", encoding="utf-8")
    assert locate(load_client("demo")) == (own,)  # one may try what an edit does
    (shop / "spend.csv").unlink()
    with pytest.raises(ConfigError, match="or was changed since"):
        locate(load_client("demo"))
    assert own.read_text(encoding="utf-8") == "edited"


@pytest.mark.parametrize(
    "fault", ["def generate(", "raise ValueError('no')", "raise SystemExit(0)"]
)
def test_a_generator_that_fails_is_named(shop: Path, fault: str) -> None:
    (project_root() / "data" / "demo.py").write_text(fault, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"data/demo.py failed with \w+"):
        locate(load_client("demo"))


def test_without_its_generator_the_demo_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "clients" / "demo"
    folder.mkdir(parents=True)
    yaml = project_root() / "data" / "clients" / "demo" / "client.yaml"
    (folder / "client.yaml").write_bytes(yaml.read_bytes())
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    with pytest.raises(ConfigError, match="needs the generator data/demo.py, which is missing"):
        locate(load_client("demo"))
