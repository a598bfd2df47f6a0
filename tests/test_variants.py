"""A variant of a study: what it keeps, what it says of itself, and that it equals a full run."""

from __future__ import annotations

import dataclasses
import datetime
import gc
import json
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from ibis import _
from matplotlib.axes import Axes
from matplotlib.text import Text

from retention_lib.client import clients_folder, load_client
from retention_lib.cycle_detection.window import windows
from retention_lib.errors import ConfigError, DataError
from retention_lib.plots import style
from retention_lib.results import Results, Varied
from retention_lib.runner import yardstick
from retention_lib.speech import Speech
from retention_lib.study import Study, earlier, selection
from retention_lib.words import variants
from tests import made
from tests.made import changed

YAML = """\
name: Shop
source: {{file: sales.csv}}
columns: {{order_id: number, customer_id: who, ordered_at: day, amount: paid, product: what,
  channel: via, status: state, cost: paid_for, segments: [kind]}}
cancelled: [void]
currency: EUR
{more}
"""
PIN = (
    "cycle_days: 40\nwindow: {{length: {}, unit: {}}}\nlapse_days: 150\nsince: 2024-01-01\nwhy: x\n"
)
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SECTIONS = ("audit", "cycle", "retention", "clv", "recommendations")


def export() -> pd.DataFrame:
    """Return two and a half years of an untidy shop, all of it text."""
    draw = np.random.default_rng(12)
    rows = []
    for who in range(90):
        pace, day = draw.gamma(3, 14), draw.integers(0, 400)
        while day < 910 and draw.random() > 0.04:
            paid = round(float(draw.gamma(2, 20)), 2)
            what, via = draw.choice(["tea", "cup"]), draw.choice(["web", "shop"], p=[0.7, 0.3])
            date = datetime.date(2022, 1, 1) + datetime.timedelta(int(day))
            state = draw.choice(["paid", "void"], p=[0.95, 0.05])
            kind = "gold" if who % 3 == 0 else "plain"
            rows.append([f"c{who}", str(date), paid, what, via, state, round(paid / 2, 2), kind])
            day += 1 + draw.exponential(pace)
    table = pd.DataFrame(
        rows, columns=["who", "day", "paid", "what", "via", "state", "paid_for", "kind"]
    )
    table.insert(0, "number", range(len(table)))
    table.loc[3, "who"], table.loc[5, "day"], table.loc[7, "paid"] = None, "soon", -12.5
    return pd.concat([table, table.iloc[[10, 11, 20]]]).astype("str").replace("None", "")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A project of its own, with the untidy shop in it."""
    root = tmp_path_factory.mktemp("variants")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_ROOT", str(root))
        write("shop", export())
        yield root


@pytest.fixture(scope="module")
def shop(place: Path) -> Any:
    study = Study.open("shop", as_of="2024-06-15", run=str(place / "run"))
    yield study
    study.close()


def write(slug: str, table: pd.DataFrame, more: str = "", pin: str | None = None) -> None:
    folder = clients_folder() / slug
    folder.mkdir(parents=True)
    (folder / "client.yaml").write_text(YAML.format(more=more), encoding="utf-8")
    table.to_csv(folder / "sales.csv", index=False)
    if pin:
        (folder / "definitions.yaml").write_text(pin, encoding="utf-8")


def full(slug: str, place: Path, as_of: str = "2024-06-15") -> Study:
    return Study.open(slug, as_of=as_of, run=str(place / f"run-{slug}"))


# --- a variant equals a full run on the filtered export ---------------------------------


def figures(study: Study, sections: Sequence[str] = SECTIONS) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in sections:
        section = getattr(study, name)()
        # a variant is of the same files, of which it uses fewer lines
        dumped = section.model_dump(mode="json", exclude={"varied", "files"})
        found[name] = dumped
    # a variant is held against no earlier report, and says so
    for name in ("previous", "mix_effect", "rate_effect"):
        found["retention"]["why_not"].pop(f"/{name}", None)
    # nor does it look at what was published
    found.get("clv", {"ledger": {}})["ledger"].pop("notes", None)
    return found


def assert_same(one: Any, other: Any, at: str = "") -> None:
    """Assert that two results agree: money is summed in whatever order the engine reads rows."""
    assert type(one) is type(other), at
    if isinstance(one, dict):
        assert sorted(one) == sorted(other), at
        for key in one:
            assert_same(one[key], other[key], f"{at}/{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), at
        for n, (left, right) in enumerate(zip(one, other, strict=True)):
            assert_same(left, right, f"{at}/{n}")
    elif isinstance(one, float):
        assert math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12), at
    else:
        assert one == other, at


def customers(study: Study) -> pd.DataFrame:
    return study.customers.order_by("customer_id").to_pandas()


def assert_equal(variant: Study, run: Study) -> None:
    assert_same(figures(variant), figures(run))
    pd.testing.assert_frame_equal(customers(variant), customers(run), rtol=1e-9)
    run.close()


@pytest.mark.slow
def test_the_rows_of_one_channel_give_the_rates_of_a_run_on_them(shop: Study, place: Path) -> None:
    table = export()
    write("web", table[table["via"] == "web"])
    variant = shop.where(channel="web")
    assert variant.audit().rows_in == (table["via"] == "web").sum() < shop.audit().rows_in
    run = full("web", place)
    assert_same(figures(variant, SECTIONS[:3]), figures(run, SECTIONS[:3]))
    run.close()


@pytest.mark.slow
def test_the_rows_of_small_customers_give_what_a_run_on_them_gives(
    shop: Study, place: Path
) -> None:
    table = export()
    bought = table.drop_duplicates("number")[
        lambda t: (t["state"] != "void") & (t["day"] != "soon")
    ]
    known = bought[bought["day"] <= "2024-06-15"]
    spend = known.assign(paid=known["paid"].astype(float)).groupby("who")["paid"].sum()
    small = spend[spend < 300].drop("", errors="ignore").index
    write("small", table[table["who"].isin(small)])
    assert_equal(shop.where(lambda t: t.spend < 300), full("small", place))


@pytest.mark.slow
def test_leaving_out_customers_and_an_earlier_day_give_what_a_run_gives(
    shop: Study, place: Path
) -> None:
    table = export()
    gone = ["c4", "c8", "c15"]
    write("fewer", table[~table["who"].isin(gone)])
    variant = shop.without(gone).until("2024-03-31")
    assert variant.audit().set_aside["after_as_of"] > 0
    assert_equal(variant, full("fewer", place, "2024-03-31"))


@pytest.mark.slow
def test_another_window_gives_what_a_run_pinned_to_it_gives(place: Path) -> None:
    write("pinned", export(), pin=PIN.format(5, "month"))
    write("quarters", export(), pin=PIN.format(2, "quarter"))
    study = full("pinned", place)
    assert_equal(study.with_window(2, "quarter"), full("quarters", place))
    assert study.with_window(unit="quarter").cycle().window.length == 2  # type: ignore[union-attr]
    study.close()


def test_without_a_pin_a_window_keeps_the_fresh_cycle(shop: Study) -> None:
    variant, cycle = shop.with_window(9, "month"), shop.cycle()
    window = variant.cycle().window
    assert window is not None and (window.length, window.unit) == (9, "month")
    assert variant.cycle().cycle_days == cycle.cycle_days
    assert variant.cycle().lapse_days == cycle.lapse_days


# --- what a variant says of itself, and shares ---------------------------------------------


def test_steps_are_said_in_the_order_they_were_taken(shop: Study) -> None:
    variant = shop.where(channel="web", kind=["gold", "plain"]).until("2024-01-31")
    variant = variant.without(["c1", "c2", "nobody"]).with_window(6, "month")
    assert variant.speech.varied == (
        "Only channel web · Only kind gold and plain · Until Jan 31, 2024 · Without 2 customers · "
        "Windows of 6 months"
    )
    assert shop.varied == () and shop.speech.varied == ""


def test_a_condition_is_said_without_naming_customers(shop: Study) -> None:
    dear = shop.where(lambda t: (t.amount >= 20) | (t.product == "tea"))
    assert dear.speech.varied == "Only where (amount >= 20) OR (product = 'tea')"
    for hidden in (shop.where(lambda t: t.customer_id != "c7"), shop.where(customer_id=["c7"])):
        assert "c7" not in hidden.speech.varied + str(hidden.varied)
    assert shop.where(who="c7").speech.varied == "Only 1 customer"


def test_the_largest_can_be_left_out_in_one_line(shop: Study) -> None:
    rest = shop.without(shop.largest(10))
    same = shop.where(lambda t: t.spend_rank > 10)
    known = rest.occasions.customer_id.nunique().execute()
    assert known == shop.occasions.customer_id.nunique().execute() - 10
    assert same.occasions.count().execute() == rest.occasions.count().execute()
    assert shop.without(shop.largest(10).to_pandas()).varied == rest.varied


def test_what_does_not_change_is_shared(shop: Study) -> None:
    variant = shop.with_window(6, "month")
    assert variant.occasions is shop.occasions and variant.rows is shop.rows
    assert variant._cycle_inputs is shop._cycle_inputs


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        (lambda s: s.where(chanel="web"), "no column 'chanel'. Did you mean 'channel'"),
        (lambda s: s.where(channel="wbe"), "'wbe' in channel; there are: web, shop"),
        (lambda s: s.where(lambda t: t.spnd > 3), "no column 'spnd'. Did you mean 'spend'"),
        (lambda s: s.where(lambda t: t.spend), "should be true or false"),
        (lambda s: s.without(["nobody"]), "None of these customers"),
        (lambda s: s.where(customer_id="nobody"), "No row has this customer_id"),
        (lambda s: s.until("2024-12-31"), "ends on 2024-06-15"),
        (lambda s: s.until("soon"), "not a date"),
        (lambda s: s.compare(by="chanel"), "Did you mean 'channel'"),
        (lambda s: s.compare(by="who"), "not by 'who'"),
        (lambda s: s.compare("channel"), "Studies are compared"),
        (lambda s: s.where(channel=["web", "wbe"]), "'wbe' in channel; there are: web, shop"),
        (lambda s: s.where(channel=5), "'5' in channel; there are: web, shop"),
        (lambda s: s.where(channel=[]), "No value of channel is given; there are: web, shop"),
        (lambda s: s.where(amount="ten"), "No row has 'ten' in amount"),
        (lambda s: s.where(day="soon"), "No row has 'soon' in day"),
        (lambda s: s.where("channel"), "a function of the rows"),
        (lambda s: s.where(lambda t: t["spnd"] > 3), "no column 'spnd'. Did you mean 'spend'"),
        (lambda s: s.where(lambda t: t.paid > 3), "knows the column 'paid' as 'amount'"),
        (lambda s: s.where(lambda t: t.spend > 3 and t.amount > 3), "`&` and `|`"),
        (lambda s: s.where(lambda t: t.spend > "x"), "cannot be asked of the rows"),
        (lambda s: s.where(lambda t: t.spend > 1 / 0), "division by zero"),
        (lambda s: s.without(lambda t: t.spend > 3), "by their ids"),
        (lambda s: s.without(None), "None of these customers"),
        (lambda s: s.without(pd.DataFrame({"id": ["c1"]})), "no column 'customer_id'; it has"),
        (lambda s: s.without(s.largest(0)), "Say how many customers"),
        (lambda s: s.with_window(0), "A window is a whole number"),
        (lambda s: s.with_window(1, "day"), "weeks, months or quarters"),
        (lambda s: s.with_window(unit="year"), "weeks, months or quarters"),
        (lambda s: s.until(None), "not a date"),
    ],
)
def test_what_is_not_there_is_an_error_that_says_what_is(
    shop: Study, vary: Callable[[Study], Any], said: str
) -> None:
    with pytest.raises(ConfigError) as error:
        vary(shop)
    assert said in str(error.value)


def test_ids_are_known_however_they_are_given(shop: Study) -> None:
    listed = pd.DataFrame({"customer_id": ["c1", "c2", None]})
    tables = [listed, listed.set_index("customer_id"), listed["customer_id"], iter(["c1", "c2"])]
    tables += [ibis.memtable(listed.dropna()), ibis.memtable(listed.dropna()).customer_id]
    expected = shop.without(["c1", "c2"]).varied
    assert all(shop.without(given).varied == expected for given in tables)
    assert [selection._as_text(one) for one in (17850, 17850.0, "17850.0")] == [
        *("17850", "17850", "17850.0")
    ]


def test_a_day_may_be_given_as_one(shop: Study) -> None:
    day = datetime.date(2024, 1, 31)
    given = [day, pd.Timestamp(day), datetime.datetime(2024, 1, 31, 12)]
    assert {shop.until(one).as_of for one in given} == {day}


@pytest.mark.slow
def test_tables_outlive_the_variant_that_gave_them_and_nothing_else_does(shop: Study) -> None:
    place = shop._work / "varied"
    gc.collect()
    before = set(place.glob("*"))
    rows, customers = shop.where(channel="web").rows, shop.where(channel="web").customers
    gc.collect()
    assert rows.count().execute() > 0 and customers.filter(_.spend > 0).count().execute() > 0
    del rows, customers
    gc.collect()
    assert set(place.glob("*")) <= before


def test_a_segment_called_as_a_column_of_ours_does_not_take_its_place(place: Path) -> None:
    table = export().rename(columns={"kind": "spend"}).assign(amount="9")
    write("names", table)
    yaml = clients_folder() / "names" / "client.yaml"
    yaml.write_text(yaml.read_text().replace("[kind]", "[spend, amount]"))
    study = full("names", place)
    kept = study.where(lambda t: t.spend > 0)
    paid = study.rows.filter(_.reason.isnull()).amount.sum().execute()
    assert kept.rows.filter(_.reason.isnull()).amount.sum().execute() == pytest.approx(paid)
    study.close()


def test_a_variant_of_nobody_is_an_error_that_says_who_there_was(shop: Study) -> None:
    with pytest.raises(DataError, match=r"Nothing is left .*spend < 0.* \d+ customers with"):
        shop.where(lambda t: t.spend < 0).retention()


def test_frames_and_figures_carry_what_was_varied(shop: Study) -> None:
    variant = shop.where(channel="web")
    frame = variant.history()
    assert frame.attrs["varied"] == "Only channel web" == variant.cohorts().attrs["varied"]
    assert "varied" not in shop.history().attrs
    for speech in (shop.speech, variant.speech):
        ax = drawing(frame, speech, title="A title")
        assert {"A title", "Only channel web"} <= {ax.get_title("left"), *map(str_of, ax.texts)}
    assert "Only channel web" in map(str_of, drawing(frame.iloc[:0], variant.speech).texts)
    plain = drawing(shop.history(), shop.speech, title="A title")
    assert not plain.texts


def test_a_subtitle_without_a_blank_stays_in_the_figure(shop: Study) -> None:
    speech = dataclasses.replace(shop.speech, varied=f"Only channel {'W' * 300}")
    ax = drawing(shop.history(), speech, title="A title")
    (subtitle,) = ax.texts
    assert subtitle.get_window_extent().width < ax.figure.bbox.width


@style.figure()
def drawing(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    ax.plot(frame["start"], frame["occasions"])


def str_of(text: Text) -> str:
    return text.get_text()


# --- side by side ---------------------------------------------------------------------------


@pytest.mark.slow
def test_channels_stand_side_by_side(shop: Study) -> None:
    whole = shop.with_window(6, "month")  # one window for both, so that rates are ranked
    web = whole.where(channel="web")
    frame = whole.compare(by="channel")
    assert frame.attrs["varied"] == "Windows of 6 months"
    assert list(frame.columns) == ["Figure", "Only channel web", "Only channel shop", "Difference"]
    rate = frame.set_index("Figure").loc["All customers who came back", "Only channel web"]
    assert rate.startswith(shop.speech.share(web.retention().retained_rate or 0.0))
    assert frame.attrs["caption"].startswith("Side by side")
    assert "chance" in frame.attrs["notes"][-1]


def test_rates_by_other_windows_are_shown_and_not_ranked(shop: Study) -> None:
    frame = shop.compare(shop.with_window(9, "month"))
    assert list(frame.columns) == ["Figure", "All", "Windows of 9 months"]
    assert frame.attrs["notes"][0].startswith("Rates measured by different windows are not ranked")


@pytest.mark.slow
def test_variants_that_are_called_the_same_both_stand_there(shop: Study) -> None:
    frame = shop.compare(shop.without(["c1"]), shop.without(["c2"]))
    assert list(frame.columns[1:3]) == ["Without 1 customer", "Without 1 customer (2)"]


def test_what_cannot_be_compared_is_said(shop: Study) -> None:
    frame = shop.compare(by="owner")
    assert frame.attrs["notes"] == [
        "These records have no owner, so nothing can be told apart by it."
    ]
    frame = shop.compare(shop.without(shop.largest(10_000)))
    assert list(frame.columns) == ["Figure", "All"]
    assert any(note.startswith("No purchase is left: Without") for note in frame.attrs["notes"])


# --- saved, published, compared -----------------------------------------------------------


@pytest.mark.slow
def test_a_saved_variant_says_so_and_brings_its_files(place: Path) -> None:
    study = Study.open("shop", as_of="2024-06-15", run=str(place / "saved"))
    private = study.folder / "private"
    listed = study.customers.count().execute()
    variant = study.where(channel="web")
    result = variant.clv()
    assert ibis.read_parquet(private / "customers.parquet").count().execute() == listed
    with pytest.raises(ConfigError, match="save it with"):
        study.save(result)
    variant.save(result)
    few = ibis.read_parquet(private / "customers.parquet").count().execute()
    assert few == variant.customers.count().execute() < listed
    study.close()
    later = Study.open("shop", as_of="2024-06-15", run=str(place / "saved"))
    assert later.varied == () and later.clv() == result
    assert later.customers.count().execute() == few
    built = later.recommendations()
    assert built.varied == result.varied  # what is built on it says so, and may be saved
    later.save(built)
    later.close()


@pytest.mark.slow
def test_a_window_that_was_varied_is_that_of_the_later_notebooks(place: Path) -> None:
    study = Study.open("shop", as_of="2024-06-15", run=str(place / "by-quarters"))
    variant = study.with_window(3, "quarter")
    variant.save(variant.cycle())
    study.close()
    later = Study.open("shop", as_of="2024-06-15", run=str(place / "by-quarters"))
    assert later.retention().varied == variant.varied
    assert later.retention().window == windows(later.cycle().window, later.as_of)[1]  # type: ignore[arg-type]
    assert later.retention().why_not["/previous"].code == "varied"
    later.close()


def test_results_say_in_one_place_what_was_varied() -> None:
    steps = (Varied.model_validate({"code": "until", "day": datetime.date(2024, 1, 31)}),)
    results = made.results().model_copy(update={"cycle": varied(made.results().cycle, steps)})
    plain = results.to_json()
    assert plain["varied"] == [{"section": "cycle", "code": "until", "day": "2024-01-31"}]
    assert "varied" not in plain["cycle"]
    assert Results.from_json(plain) == results
    assert made.results().to_json()["varied"] == []


UNTIL = (Varied.model_validate({"code": "until", "day": datetime.date(2024, 1, 31)}),)


def test_the_first_screen_names_the_chapters_that_were_varied() -> None:
    results = made.results(retention=varied(made.retention(), UNTIL))
    (line,) = variants.banner(results, Speech())
    assert "in the chapter Retention rate: Until Jan 31, 2024." in line
    assert variants.banner(made.results(), Speech()) == []


def test_an_answer_begins_with_what_was_varied() -> None:
    @variants.answering
    def answer(result: Any, speech: Speech) -> str:
        return "The answer."

    assert answer(made.cycle(), Speech()) == "The answer."
    said = answer(varied(made.cycle(), UNTIL), Speech())
    assert said.startswith("**Varied analysis: Until Jan 31, 2024.**") and said.endswith("answer.")


@pytest.mark.parametrize(
    "path", sorted(NOTEBOOKS.glob("0[1-5]*.ipynb")), ids=lambda path: path.stem
)
def test_the_answer_of_each_notebook_does(path: Path) -> None:
    """The cell that answers, as it stands there, on a result that was varied."""
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]}
    names: dict[str, Any] = {}
    exec(cells["imports"], names)  # noqa: S102
    section = re.search(r"study\.(\w+)\(\)$", cells["result"])
    assert section is not None
    results, told = made.results(), list[str]()
    study = SimpleNamespace(cycle=lambda: results.cycle)
    names |= {"result": varied(getattr(results, section[1]), UNTIL), "speech": Speech()}
    exec(cells["answer"], names | {"say": told.append, "study": study})  # noqa: S102
    assert told[0].startswith("**Varied analysis: Until Jan 31, 2024.**")


def test_a_varied_run_pins_no_yardstick_and_is_compared_with_none(place: Path) -> None:
    results = made.results(cycle=changed(made.cycle(), pinned=None))
    client = load_client("shop")
    assert yardstick._measured(results) is not None
    other = results.model_copy(update={"cycle": varied(results.cycle, UNTIL)})
    assert yardstick._measured(other) is None and yardstick.pin(client, other) is None
    assert not (clients_folder() / "shop" / "definitions.yaml").exists()
    run = place / "reports" / "2024-01-31-0123456789ab" / "private"
    run.mkdir(parents=True)
    (run / "manifest.json").write_text('{"a": 1}')
    at, day = place / "reports" / "now", datetime.date(2024, 6, 15)
    for held, known in ((results, True), (other, False)):
        plain = held.to_json() | {"as_of": "2024-01-31"}
        (run / "results.json").write_text(json.dumps(plain))
        assert (earlier.latest_before(at, day) is not None) is known


def test_a_variant_in_a_run_is_held_against_no_earlier_report(shop: Study) -> None:
    result = shop.where(channel="web").retention()
    assert result.previous is None and result.why_not["/previous"].code == "varied"


def varied(section: Any, steps: tuple[Varied, ...]) -> Any:
    return section.model_copy(update={"varied": steps})
