"""The ledger of published forecasts: what is entered, kept, read, counted and said."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib.clv import ledger as clv_ledger
from retention_lib.plots import clv as plots
from retention_lib.plots import style
from retention_lib.results import Clv, Ledger, Why, runs, why, write_json
from retention_lib.results import ledger as file
from retention_lib.runner import ledger as runner_ledger
from retention_lib.runner import publication
from retention_lib.speech import Speech
from retention_lib.study import Study
from retention_lib.study.ledger import scored
from retention_lib.summaries import published
from retention_lib.words.clv import ledger as words
from retention_lib.words.first_screen.lines import headlines
from retention_lib.words.published import record
from tests import made
from tests.conftest import bought
from tests.figures import assert_readable, marks, paired, texts

SPEECH = Speech()
POLISH = Speech("pl", "pl", "PLN")
RUN = "2024-12-31-0123456789ab"
GREEN, BLACK, RED, GREY = (style.COLOURS[kind] for kind in ("predicted", "all", "lost", "muted"))


def line(day: str, due: str, purchases: float = 10.0, **given: Any) -> dict[str, Any]:
    """Return what a run enters, as far as it is scored by."""
    own = {"model": "MBG/NBD", "purchases": purchases, "purchases_ci95": [8.0, 12.0]}
    return {"day": day, "due": due} | own | given


def entered(home: Path, *entries: dict[str, Any]) -> bytes:
    for entry in entries:
        file.append(home, entry)
    return (home / file.FILE).read_bytes()


# --- the file -----------------------------------------------------------------


def test_a_line_comes_back_as_it_was_entered(tmp_path: Path) -> None:
    entry = line("2024-12-31", "2025-12-31", customers=7, occasions=31, version="9", run=RUN)
    assert entered(tmp_path, entry).count(b"\n") == 1
    (read,), notes = file.read(tmp_path).entries, file.read(tmp_path).notes
    assert (read.day, read.due) == (date(2024, 12, 31), date(2025, 12, 31))
    assert (read.purchases, read.purchases_ci95) == (10.0, (8.0, 12.0))
    assert (read.customers, read.occasions, read.model) == (7, 31, "MBG/NBD")
    assert notes == ()


def test_nothing_published_is_nothing_to_note(tmp_path: Path) -> None:
    assert file.read(tmp_path) == file.Lines()
    assert file.read(tmp_path / "nowhere") == file.Lines()


CONTENT = st.one_of(
    st.binary(max_size=80),
    st.lists(st.sampled_from(['{"day"', "\n", json.dumps(line("2024-01-31", "2024-12-31")), "7"]))
    .map("".join)
    .map(str.encode),
)


@given(CONTENT, st.lists(st.integers(1, 900), min_size=1, max_size=4))
def test_whatever_stands_there_stays_and_is_never_glued_to(
    tmp_path_factory: pytest.TempPathFactory, before: bytes, spans: list[int]
) -> None:
    home = tmp_path_factory.mktemp("shop")
    (home / file.FILE).write_bytes(before)
    known = file.read(home).entries
    day = date(2024, 12, 31)
    held = before
    for span in spans:
        after = entered(home, line(str(day), str(day + timedelta(days=span))))
        assert after.startswith(held) and after.endswith(b"\n")
        held = after
    found = file.read(home).entries
    assert [(entry.due - entry.day).days for entry in found[len(found) - len(spans) :]] == spans
    assert found[: len(known)] == known


def test_a_line_that_a_power_cut_left_is_counted_and_stays(tmp_path: Path) -> None:
    whole = entered(tmp_path, line("2023-12-31", "2024-12-31"))
    (tmp_path / file.FILE).write_bytes(whole + b'{"day": "2024-01-31", "du')
    assert len(file.read(tmp_path).entries) == 1
    after = entered(tmp_path, line("2024-02-29", "2025-02-28"))
    assert after.startswith(whole + b'{"day": "2024-01-31", "du\n{')
    lines = file.read(tmp_path)
    assert [str(entry.day) for entry in lines.entries] == ["2023-12-31", "2024-02-29"]
    assert lines.notes == (why("ledger_lines_unread", lines=1, first=2),)


FOREIGN = {
    "no JSON": "day,due,purchases",
    "half": '{"day": "2024-01-31", "due": ',
    "list": "[1, 2]",
    "number": "7",
    "nested": "[" * 5_000,
    "no text": b"\xff\xfe{}",
    "no day": json.dumps({"due": "2024-12-31", "model": "x", "purchases": 1}),
    "no such day": json.dumps(line("2024-02-30", "2024-12-31")),
    "day with time": json.dumps(line("2024-01-31T10:00", "2024-12-31")),
    "due before": json.dumps(line("2024-12-31", "2024-12-31")),
    "text": json.dumps(line("2024-01-31", "2024-12-31") | {"purchases": "10"}),
    "truth": json.dumps(line("2024-01-31", "2024-12-31") | {"purchases": True}),
    "below 0": json.dumps(line("2024-01-31", "2024-12-31", -1.0)),
    "more than any shop sells": json.dumps(line("2024-01-31", "2024-12-31", 1e18)),
    "range without end": json.dumps(line("2024-01-31", "2024-12-31", purchases_ci95=[0, 1e99])),
    "range below 0": json.dumps(line("2024-01-31", "2024-12-31", purchases_ci95=[-5, 3])),
    "customers below 0": json.dumps(line("2024-01-31", "2024-12-31", customers=-1)),
    "before all shops": json.dumps(line("0001-01-01", "0002-01-01")),
    "until the end of days": json.dumps(line("2024-01-31", "9999-12-31")),
    "NaN": json.dumps(line("2024-01-31", "2024-12-31", float("nan"))),
    "infinite": json.dumps(line("2024-01-31", "2024-12-31", float("inf"))),
    "too large": json.dumps(line("2024-01-31", "2024-12-31")).replace("10.0", "1e999"),
    "range of NaN": json.dumps(
        line("2024-01-31", "2024-12-31", purchases_ci95=[float("nan"), 3.0])
    ),
    "range upside down": json.dumps(line("2024-01-31", "2024-12-31", purchases_ci95=[9, 3])),
    "one end": json.dumps(line("2024-01-31", "2024-12-31", purchases_ci95=[9])),
    "two on one line": 2 * json.dumps(line("2024-01-31", "2024-12-31")),
}


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_line_is_counted_not_taken_for_a_forecast(
    foreign: str | bytes, tmp_path: Path
) -> None:
    raw = foreign.encode() if isinstance(foreign, str) else foreign
    good = json.dumps(line("2023-12-31", "2024-12-31")).encode()
    (tmp_path / file.FILE).write_bytes(b"\n".join([good, b"", raw, good]))
    lines = file.read(tmp_path)
    assert len(lines.entries) == 2
    assert lines.notes == (why("ledger_lines_unread", lines=1, first=3),)
    notes = scored(tmp_path, bought(a=["2023-01-01"]), date(2024, 1, 1)).ledger.notes
    assert "do not count: 1, the first of them line 3." in words.meaning(clv(notes=notes), SPEECH)


def test_other_versions_may_know_more_or_less(tmp_path: Path) -> None:
    more = line("2023-12-31", "2024-12-31", model="a model to come", season=[1, {"x": None}])
    less = {"day": "2024-01-31", "due": "2024-12-31", "model": "x", "purchases": 3}
    entered(tmp_path, more, less)
    first, second = file.read(tmp_path).entries
    assert first.model == "a model to come"
    assert (second.purchases, second.purchases_ci95, second.customers) == (3.0, None, None)


def test_an_editors_marks_do_no_harm(tmp_path: Path) -> None:
    text = json.dumps(line("2023-12-31", "2024-12-31"))
    (tmp_path / file.FILE).write_bytes(f"\ufeff{text}\r\n\r\n{text}\r\n".encode())
    lines = file.read(tmp_path)
    assert len(lines.entries) == 2 and lines.notes == ()


def test_a_folder_in_its_place_is_said_and_left(tmp_path: Path) -> None:
    (tmp_path / file.FILE).mkdir()
    assert file.read(tmp_path) == file.Lines(notes=(why("ledger_no_file"),))
    with pytest.raises(OSError, match="not a file"):
        entered(tmp_path, line("2023-12-31", "2024-12-31"))
    (tmp_path / file.FILE).rmdir()
    (tmp_path / file.FILE).symlink_to(tmp_path / "nowhere")
    assert file.read(tmp_path).notes == (why("ledger_no_file"),)


def test_one_that_cannot_be_opened_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entered(tmp_path, line("2023-12-31", "2024-12-31"))

    def refused(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert file.read(tmp_path) == file.Lines(notes=(why("ledger_unreadable"),))


def test_what_is_no_number_never_gets_in(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        entered(tmp_path, line("2023-12-31", "2024-12-31", float("nan")))
    assert not (tmp_path / file.FILE).exists()


# --- what came ----------------------------------------------------------------

# known by the last day of March: anna and bert; carl comes later, and his purchases do not count
ANNA = ["2024-01-10", "2024-03-31", "2024-04-01", "2024-06-30", "2024-07-01"]
SHOP = {"anna": ANNA, "bert": ["2024-02-01", "2024-05-05"], "carl": ["2024-04-01", "2024-05-01"]}
DAY, DUE = "2024-03-31", "2024-06-30"


def test_purchases_after_the_day_up_to_the_due_day_of_those_known_by_it() -> None:
    spans = [(date(2024, 3, 31), date(2024, 6, 30)), (date(2024, 4, 1), date(2024, 7, 1))]
    found = published.counted(bought(**SHOP), spans)
    # anna on Apr 1 and Jun 30, bert on May 5; from Apr 1 on anna twice, bert and carl once each
    assert found["actual"].tolist() == [3, 4]
    assert found["customers"].tolist() == [2, 3] and found["occasions"].tolist() == [3, 5]


def test_a_span_before_all_records_counts_nothing() -> None:
    spans = [(date(2020, 1, 1), date(2021, 1, 1)), (date(2024, 3, 31), date(2024, 6, 30))]
    found = published.counted(bought(**SHOP), spans)
    assert found.to_numpy().tolist() == [[0, 0, 0], [2, 3, 3]]
    assert published.counted(bought(**SHOP), []).empty


def test_counts_are_those_of_plain_pandas(cdnow_days: pd.DataFrame, cdnow: Any) -> None:
    days = [date(1997, 1, 15), date(1997, 3, 31), date(1997, 3, 31), date(1997, 12, 31)]
    spans = list(zip(days, [date(1997, 4, 1), *[date(1998, 6, 30)] * 3], strict=True))
    found = published.counted(cdnow, spans)
    first = cdnow_days.groupby("customer")["day"].transform("min")
    for (day, due), row in zip(spans, found.to_dict("records"), strict=True):
        known = cdnow_days[first <= pd.Timestamp(day)]
        later = known["day"] > pd.Timestamp(day)
        assert row["actual"] == (later & (known["day"] <= pd.Timestamp(due))).sum()
        assert row["occasions"] == (~later).sum()
        assert row["customers"] == known.loc[~later, "customer"].nunique()


def held(tmp_path: Path, *entries: dict[str, Any], as_of: str = "2024-07-01") -> Ledger:
    entered(tmp_path, *entries)
    return scored(tmp_path, bought(**SHOP), date.fromisoformat(as_of)).ledger


def test_three_came_which_the_range_held(tmp_path: Path) -> None:
    known = {"customers": 2, "occasions": 3, "purchases_ci95": [2, 3]}
    ledger = held(tmp_path, line(DAY, DUE, 2.5, **known))
    assert (ledger.due, ledger.inside, ledger.unjudged, ledger.notes) == (1, 1, 0, [])
    (one,) = ledger.forecasts
    assert (one.actual, one.outcome, one.revised) == (3, "inside", False)


@pytest.mark.parametrize(
    ("ends", "outcome"), [([0, 2.9], "above"), ([3.1, 9], "below"), ([3, 3], "inside")]
)
def test_what_came_lies_by_its_range(ends: list[float], outcome: str, tmp_path: Path) -> None:
    ledger = held(tmp_path, line(DAY, DUE, purchases_ci95=ends))
    assert ledger.forecasts[0].outcome == outcome
    assert ledger.inside == (outcome == "inside") and ledger.unjudged == 0


def test_one_is_due_when_its_last_day_is_over(tmp_path: Path) -> None:
    eve = held(tmp_path, line(DAY, DUE), as_of="2024-06-29")
    assert (eve.due, eve.forecasts[0].actual, eve.forecasts[0].outcome) == (0, None, "not due")
    assert held(tmp_path, as_of="2024-06-30").due == 1


def test_the_first_of_each_day_and_span_counts(tmp_path: Path) -> None:
    first, again = line(DAY, DUE, 5.0), line(DAY, DUE, 3.0)
    ledger = held(tmp_path, first, again, line(DAY, "2024-05-31", 4.0), line(DAY, DUE, 2.0))
    assert [(str(one.due), one.purchases) for one in ledger.forecasts] == [
        ("2024-05-31", 4.0),
        (DUE, 5.0),
    ]
    assert ledger.due == 2


def test_forecasts_of_the_day_itself_and_of_later_ones_are_not_known_yet(tmp_path: Path) -> None:
    later = line("2024-04-02", "2024-06-01"), line("2024-04-01", "2024-06-01")
    ledger = held(tmp_path, line("2024-03-01", "2024-03-31"), *later, as_of="2024-04-01")
    assert [str(one.day) for one in ledger.forecasts] == ["2024-03-01"]


@pytest.mark.parametrize(
    ("customers", "occasions", "revised"),
    [(2, 3, False), (3, 3, True), (1, 3, True), (2, 4, True), (None, None, False)],
)
def test_other_records_than_it_was_made_from_do_not_judge_it(
    customers: int | None, occasions: int | None, revised: bool, tmp_path: Path
) -> None:
    known = {"customers": customers, "occasions": occasions, "purchases_ci95": [0, 9]}
    ledger = held(tmp_path, line(DAY, DUE, **known))
    assert ledger.forecasts[0].revised == revised and ledger.forecasts[0].actual == 3
    assert (ledger.due, ledger.inside, ledger.unjudged) == (1, not revised, revised)


def test_a_change_of_one_in_a_hundred_is_no_other_record() -> None:
    day, due = date(2024, 3, 31), date(2024, 6, 30)
    entry = file.Entry(day=day, due=due, model="x", purchases=3, customers=100, occasions=200)

    def revised(customers: int, occasions: int) -> bool:
        row = {"customers": customers, "occasions": occasions, "actual": 3}
        return clv_ledger.published([entry], pd.DataFrame([row]), due).ledger.forecasts[0].revised

    assert not revised(101, 198) and revised(102, 200) and revised(100, 197)


def test_a_rolling_export_that_has_lost_its_first_years_judges_nothing(tmp_path: Path) -> None:
    """Customers of before look like new ones, so what came would be far too little."""
    entered(tmp_path, line(DAY, DUE, customers=2, occasions=3, purchases_ci95=[0, 9]))
    cut = {name: [day for day in days if day > "2024-03-31"] for name, days in SHOP.items()}
    ledger = scored(tmp_path, bought(**cut), date(2024, 7, 1)).ledger
    assert ledger.forecasts[0].actual == 0 and ledger.forecasts[0].revised
    assert (ledger.due, ledger.inside, ledger.unjudged) == (1, 0, 1)


def test_without_a_range_nothing_can_be_inside(tmp_path: Path) -> None:
    ledger = held(tmp_path, line(DAY, DUE, purchases_ci95=None))
    assert ledger.forecasts[0].outcome == "not judged" and ledger.unjudged == 1


def test_records_that_are_unfit_measure_nothing(tmp_path: Path) -> None:
    entered(tmp_path, line(DAY, "2024-05-31"), line(DAY, "2025-03-31"))
    unfit = why("records_unfit")
    found = scored(tmp_path, bought(**SHOP), date(2024, 7, 1), unfit)
    assert [one.actual for one in found.ledger.forecasts] == [None, None]
    assert (found.ledger.due, found.ledger.inside, found.ledger.unjudged) == (1, 0, 1)
    assert found.why_not == {"/ledger/forecasts/0/actual": unfit}


def test_the_table_holds_what_the_figure_draws(tmp_path: Path) -> None:
    ledger = held(tmp_path, line(DAY, DUE, purchases_ci95=None), line(DAY, "2025-03-31"))
    table = clv_ledger.ledger_table(ledger)
    assert list(table) == ["day", "due", "model", "purchases", "low", "high", "actual", "outcome"]
    assert table["actual"].isna().tolist() == table["high"].notna().tolist() == [False, True]
    assert table["outcome"].tolist() == ["not judged", "not due"]
    assert clv_ledger.ledger_table(clv_ledger.NOTHING.ledger).empty


# --- the study ----------------------------------------------------------------


def test_a_run_finds_it_beside_the_reports_a_variant_does_not(
    cdnow_study: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    entered(tmp_path, line("1997-03-31", "1997-12-29", 18_100, purchases_ci95=[1, 2]))
    monkeypatch.setattr(cdnow_study, "folder", tmp_path / ".staging-1")
    found = cdnow_study._published().ledger
    assert (found.due, found.forecasts[0].outcome) == (1, "above")
    varied = cdnow_study.until("1998-03-31")._published().ledger
    assert not varied.forecasts and [note.code for note in varied.notes] == ["published_unvaried"]


def test_a_draft_reads_none(cdnow_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Study, "_staged", False)
    found = cdnow_study._published().ledger
    assert not found.forecasts and [note.code for note in found.notes] == ["draft_unpublished"]


# --- what a run enters ----------------------------------------------------------


def published_run(home: Path, name: str = RUN, *, enters: bool = True, **change: Any) -> None:
    """Publish a run of made-up results."""
    results = made.results()
    plain = results.to_json() | {"as_of": name[:10]} | change.pop("top", {})
    plain["clv"] |= change
    stage = home / ".staging-1"
    for folder in ("share", "private", "work"):
        (stage / folder).mkdir(parents=True)
    (stage / "share" / "report.html").write_text("report")
    write_json(plain, stage / "private" / "results.json")
    write_json({"versions": {"retention_lib": "0.9"}}, stage / "private" / "manifest.json")
    publication.publish(stage, name, enters=enters)


def entries(home: Path) -> list[dict[str, Any]]:
    text = (home / file.FILE).read_text(encoding="utf-8") if (home / file.FILE).exists() else ""
    return [json.loads(one) for one in text.splitlines()]


def test_all_that_a_forecast_says_is_entered(tmp_path: Path) -> None:
    published_run(tmp_path)
    assert runner_ledger.enter(tmp_path) == []
    clv = made.clv()
    assert entries(tmp_path) == [
        {
            "day": "2024-12-31",
            "days": 365,
            "due": "2025-12-31",
            "model": "BG/NBD",
            "purchases": clv.expected_purchases,
            "purchases_ci95": [13_200.0, 21_900.0],
            "revenue": clv.expected_revenue,
            "revenue_ci95": [660_000.0, 1_096_000.0],
            "currency": made.results().currency,
            "centre_shift": 0.05 * 0.4,
            "customers": 23_570,
            "occasions": 67_591,
            "later_rows": 0,
            "version": "0.9",
            "run": RUN,
        }
    ]
    assert len(file.read(tmp_path).entries) == 1


@pytest.mark.parametrize(("months", "days"), [(12, 365), (9, 273), (1, 30)])
def test_months_are_the_days_that_forecasts_are_tested_on(
    months: int, days: int, tmp_path: Path
) -> None:
    published_run(tmp_path, horizon_months=months)
    runner_ledger.enter(tmp_path)
    (entry,) = entries(tmp_path)
    assert entry["days"] == days
    assert entry["due"] == str(date(2024, 12, 31) + timedelta(days=days))


def test_a_run_is_entered_once_and_a_second_run_again(tmp_path: Path) -> None:
    for times in (1, 2):
        published_run(tmp_path)
        runner_ledger.enter(tmp_path)
        runner_ledger.enter(tmp_path)
        assert len(entries(tmp_path)) == times
    published_run(tmp_path, RUN.replace("0123", "abcd"))
    runner_ledger.enter(tmp_path)
    assert [entry["run"] for entry in entries(tmp_path)] == [RUN, RUN, RUN.replace("0123", "abcd")]


def test_a_look_back_enters_nothing(tmp_path: Path) -> None:
    published_run(tmp_path, enters=False)
    assert runner_ledger.enter(tmp_path) == [] and entries(tmp_path) == []


@pytest.mark.parametrize("section", ["clv", "retention"])
def test_a_varied_forecast_is_nobodys(section: str, tmp_path: Path) -> None:
    varied = [{"section": section, "code": "window", "length": 6, "unit": "month"}]
    published_run(tmp_path, top={"varied": varied})
    assert runner_ledger.enter(tmp_path) == []
    assert len(entries(tmp_path)) == (section != "clv")
    assert runs.to_enter(tmp_path) == []


def test_without_a_forecast_there_is_nothing_to_enter(tmp_path: Path) -> None:
    published_run(tmp_path, expected_purchases=None)
    assert runner_ledger.enter(tmp_path) == [] and entries(tmp_path) == []
    assert runs.to_enter(tmp_path) == []


def test_without_amounts_or_a_shift_their_places_are_empty(tmp_path: Path) -> None:
    gone = dict.fromkeys(("expected_revenue", "expected_revenue_ci95", "centre"))
    published_run(tmp_path, **gone)
    runner_ledger.enter(tmp_path)
    (entry,) = entries(tmp_path)
    assert entry["revenue"] is entry["revenue_ci95"] is entry["centre_shift"] is None


def test_what_a_crash_left_to_do_the_next_run_does(tmp_path: Path) -> None:
    """A run that dies between its publication and the ledger; the next one's report replaces it."""
    published_run(tmp_path)
    published_run(tmp_path, "2025-01-31-0123456789ab")
    assert entries(tmp_path) == []
    runner_ledger.enter(tmp_path)
    assert [entry["day"] for entry in entries(tmp_path)] == ["2024-12-31", "2025-01-31"]


def test_what_could_not_be_written_is_said_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / file.FILE).mkdir()
    published_run(tmp_path)
    (said,) = runner_ledger.enter(tmp_path)
    assert f"The forecast of {RUN} could not be entered in" in said and "not a file" in said
    (tmp_path / file.FILE).rmdir()
    published_run(tmp_path, "2025-01-31-0123456789ab", enters=False)
    assert runner_ledger.enter(tmp_path) == []
    assert [entry["day"] for entry in entries(tmp_path)] == ["2024-12-31"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"clv": 7}', "{}"])
def test_results_that_cannot_be_read_are_said(content: str, tmp_path: Path) -> None:
    published_run(tmp_path)
    (tmp_path / RUN / "private" / "results.json").write_text(content)
    (said,) = runner_ledger.enter(tmp_path)
    assert "results cannot be read" in said and entries(tmp_path) == []


def test_a_run_that_was_pruned_is_said(tmp_path: Path) -> None:
    write_json({runs.TO_ENTER: [RUN, "../evil", 7]}, tmp_path / runs.LATEST)
    (said,) = runner_ledger.enter(tmp_path)
    assert RUN in said and "no such file" in said


@pytest.mark.parametrize("waiting", [None, 7, "all", {}])
def test_a_strange_record_of_what_is_to_do_does_no_harm(waiting: Any, tmp_path: Path) -> None:
    write_json({runs.TO_ENTER: waiting}, tmp_path / runs.LATEST)
    assert runner_ledger.enter(tmp_path) == []
    published_run(tmp_path)
    assert runs.to_enter(tmp_path) == [RUN]


# --- the words ----------------------------------------------------------------


def clv(*outcomes: str, **given: Any) -> Clv:
    """Return a result with a year's forecast from each month of 1997 on, that came out so."""
    came = {"inside": 90, "above": 200, "below": 10, "not judged": 90, "not due": None}
    forecasts = [
        file.Entry(
            day=date(1997, 1 + at, 1),
            due=date(1998, 1 + at, 1),
            model="BG/NBD",
            purchases=100.0,
            purchases_ci95=(50.0, 150.0),
            customers=100,
        )
        for at in range(len(outcomes))
    ]
    over = [at for at, outcome in enumerate(outcomes) if outcome != "not due"]
    counted = pd.DataFrame(
        {
            "customers": [50 if outcomes[at] == "not judged" else 100 for at in over],
            "occasions": 0,
            "actual": [came[outcomes[at]] for at in over],
        }
    )
    last = date(1998, max(over, default=-1) + 1, 1) if over else date(1997, 12, 1)
    found = clv_ledger.published(forecasts, counted, last).ledger
    found = found.model_copy(update=given)
    at = [n for n, one in enumerate(found.forecasts) if one.actual is None]
    result = made.clv()
    reasons = {key: one for key, one in result.why_not.items() if "/ledger/" not in key}
    reasons |= {f"/ledger/forecasts/{n}/actual": why("not_due_yet") for n in at}
    return result.model_copy(update={"ledger": found, "why_not": reasons})


FIRST = clv()
RECORD = clv("inside", "above", "inside", "below", "not judged", "not due", "not due")

SENTENCES: list[Any] = [
    (
        words.title,
        RECORD,
        "Within their range: 2 of 5 published forecasts that are due",
        FIRST,
        "Published forecasts and what came",
    ),
    (
        words.alt,
        RECORD,
        (
            "Forecasts published so far: 7, from Jan 1, 1997 to Jul 1, 1997|for 5 of them what came, "
            "within the range for 2."
        ),
        FIRST,
        "No forecast has been published before this one|nothing to draw",
    ),
    (
        words.meaning,
        RECORD,
        (
            "Of 7 purchase forecasts published so far, 5 are due, and 2 came within their range.|Due but "
            "not to be judged: 1.|More came than the range had room for in 1.|Less came than the range "
            "had room for in 1|changed since, by more than 1% of the customers or purchases known then: 1."
        ),
        FIRST,
        "No forecast has been published before this one",
    ),
    (
        record,
        RECORD,
        "Of 7 purchase forecasts published so far, 5 are due, and 2 came within their range.",
        clv("not due", "not due"),
        "Of 2 purchase forecasts published so far, none is due before Jan 1, 1998.",
    ),
]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("not due", "is not due before Jan 1, 1998."),
        ("inside", "was due on Jan 1, 1998, and what came lay within its range."),
        ("above", "and more came than its range had room for."),
        ("below", "and less came than its range had room for."),
        ("not judged", "and cannot be judged."),
    ],
)
def test_a_lone_forecast_is_said_in_one_sentence(outcome: str, said: str) -> None:
    sentence = record(clv(outcome), SPEECH)
    assert sentence.startswith("The one purchase forecast published so far ")
    assert sentence.endswith(said) and sentence.count(".") == 1


def test_a_lone_forecast_that_is_due_but_uncounted_is_not_called_not_due() -> None:
    unfit = clv("not due", due=1, unjudged=1)
    assert record(unfit, SPEECH).endswith("and cannot be judged.")
    reasons = unfit.why_not | {"/ledger/forecasts/0/actual": why("records_unfit")}
    said = words.meaning(unfit.model_copy(update={"why_not": reasons}), SPEECH)
    assert "The records cannot carry it" in said


def test_one_of_several_that_is_due_is_singular() -> None:
    said = record(clv("inside", "not due"), SPEECH)
    assert said.endswith("published so far, 1 is due, and 1 came within its range.")


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (why("draft_unpublished"), "A draft is not published"),
        (why("published_unvaried"), "a varied one has none"),
        (why("ledger_no_file"), "is no file"),
        (why("ledger_unreadable"), "cannot be opened"),
        (why("ledger_lines_unread", lines=3, first=2), "3, the first of them line 2"),
    ],
)
def test_why_no_forecast_is_known_is_said_and_none_other_called_the_first(
    note: Why, said: str
) -> None:
    meaning = words.meaning(clv(notes=[note]), SPEECH)
    assert said in meaning
    assert "No forecast has been published" not in meaning
    assert record(clv(notes=[note]), SPEECH) == ""


def test_the_first_screen_says_the_record_under_the_value() -> None:
    said = {line.label: line.so_what for line in headlines(made.results(clv=RECORD), SPEECH)}
    (value,) = (text for label, text in said.items() if label.startswith("Revenue expected"))
    assert value.endswith(record(RECORD, SPEECH)) and not value.startswith("Of 7 purchase")
    assert sum("purchase forecasts" in text for text in said.values()) == 1
    first = headlines(made.results(clv=FIRST), SPEECH)
    assert not any("published so far" in line.so_what for line in first)


# --- the figure ---------------------------------------------------------------


def frame(*outcomes: str) -> pd.DataFrame:
    return clv_ledger.ledger_table(clv(*outcomes).ledger)


def many(forecasts: int, scale: float = 1.0, step: int = 30) -> pd.DataFrame:
    """Forecasts that grow, of which the last third is not due."""
    day = [date(2022, 1, 31) + timedelta(days=step * at) for at in range(forecasts)]
    table = pd.DataFrame({"day": day, "due": [one + timedelta(days=365) for one in day]})
    table["purchases"] = [scale * (9_000 + 200 * at) for at in range(forecasts)]
    table["low"], table["high"] = 0.75 * table["purchases"], 1.3 * table["purchases"]
    table["actual"] = table["purchases"] * [1.6 if at == 1 else 0.9 for at in range(forecasts)]
    table["outcome"] = ["above" if at == 1 else "inside" for at in range(forecasts)]
    ahead = table.index >= max(1, 2 * forecasts // 3)
    return table.assign(
        actual=table["actual"].mask(ahead), outcome=table["outcome"].mask(ahead, "not due")
    )


FIGURES = {"ledger": lambda **kw: plots.ledger.plot(many(9), SPEECH, **kw)}


def test_each_forecast_stands_on_its_due_day_with_what_came() -> None:
    ax = plots.ledger.plot(frame("inside", "above", "not judged", "below", "not due"), SPEECH)
    days = [date(1998, month, 1).toordinal() for month in range(1, 6)]
    assert marks(ax, "s", GREEN) == [(day, 100.0) for day in days]
    assert marks(ax, "o", BLACK) == [(days[0], 90.0)]
    assert marks(ax, "D", RED) == [(days[1], 200.0), (days[3], 10.0)]
    assert marks(ax, "X", GREY) == [(days[2], 90.0)]
    assert len(ax.collections) == 5
    assert "365 days after its own" in ax.get_xlabel()
    assert_readable(ax)


def test_the_key_names_only_what_is_drawn() -> None:
    def named(*outcomes: str) -> list[str]:
        legend = plots.ledger.plot(frame(*outcomes), SPEECH).get_legend()
        assert legend is not None
        return [text.get_text() for text in legend.get_texts()]

    assert named("not due") == ["not due yet"]
    assert named("inside") == ["predicted", "came: inside"]
    assert named("below", "not judged", "not due") == [
        "predicted",
        "came: outside",
        "came: not judged",
        "not due yet",
    ]


def test_spans_that_differ_are_both_named() -> None:
    table = frame("inside", "inside")
    table.loc[0, "due"] = date(1997, 4, 2)
    assert "91 to 365 days after" in plots.ledger.plot(table, SPEECH).get_xlabel()


def test_one_without_a_range_has_no_line() -> None:
    table = frame("inside", "inside")
    table.loc[0, ["low", "high"]] = None
    assert len(plots.ledger.plot(table, SPEECH).collections) == 1


def test_one_wide_range_ends_in_an_arrow() -> None:
    table = frame("inside", "inside")
    table.loc[1, "high"] = 1e9
    ax = plots.ledger.plot(table, SPEECH)
    assert ax.get_ylim()[1] < 300
    assert [y for _, y in marks(ax, "^", GREEN)] == [ax.get_ylim()[1]]


@pytest.mark.parametrize(
    ("forecasts", "scale", "step", "speech"),
    paired((1, 2, 9, 60), (1e-4, 1.0, 1e5), (1, 7, 91), (SPEECH, POLISH)),
)
def test_a_ledger_of_any_size_stays_readable(
    forecasts: int, scale: float, step: int, speech: Speech
) -> None:
    ax = plots.ledger.plot(many(forecasts, scale, step), speech, title="A title")
    assert texts(ax)
    assert_readable(ax)
