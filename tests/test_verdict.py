"""What lowers which verdict, and which figures it moves."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pandas as pd
import pytest

from retention_lib.data_audit import audit, unfit
from retention_lib.results import Audit, Break, Fitness, Gate, Touched
from retention_lib.summaries.checks import CHECKS
from retention_lib.transactions import EVERY_FIGURE, REASONS
from tests.test_data_audit import LENGTHS, PERIODS, evidence, without

CARE, SPOILT = "fit with care", "unfit"
WINDOWS = ((date(2020, 7, 1), date(2020, 9, 30)), (date(2020, 10, 1), date(2020, 12, 31)))
LONG = {"first_date": date(2018, 1, 1)}


def judged(gate: Gate = "trend", rows: dict[str | None, int] | None = None, **known: Any) -> Audit:
    """Return the audit of three years of sound records but for what is given."""
    totals = {name: known.pop(name) for name in ("customers", "repeat_buyers") if name in known}
    books = {"windows": WINDOWS, **known}
    found = evidence(rows or {None: 1000}, books=books, **(LONG | totals))
    return audit(found, gate, None, without)


def left(found: Audit) -> tuple[Fitness, Fitness, Fitness]:
    return found.verdict.retention, found.verdict.clv, found.verdict.forecast


def broken(kind: str, start: date, end: date | None = None, **known: Any) -> Break:
    plain = {"kind": kind, "series": "customers", "start": start, "end": end}
    return Break.model_validate(plain | {"before": 10.0, "after": 5.0} | known)


def periods(revenue: float, unassigned: float) -> dict[str, Any]:
    table = PERIODS.assign(revenue=revenue, unassigned=unassigned)
    return {"periods": lambda unit: table[table["period"].str.len() == LENGTHS[unit]]}


def test_sound_records_of_three_years_are_fit_for_all_three() -> None:
    found = judged()
    assert left(found) == ("fit", "fit", "fit")
    assert found.reasons == {"retention": [], "clv": [], "forecast": []} and found.touches == {}


# --- what asks for care never stands under unfit ------------------------------


@pytest.mark.parametrize(
    ("known", "retention", "clv", "forecast"),
    [
        # care for all, and unfit for value alone
        (
            {"starts_mid_life": True, "has_money": False},
            (CARE, ["mid_life"]),
            (SPOILT, ["no_amounts"]),
            (CARE, ["mid_life"]),
        ),
        # care for all, and unfit for a rate and a forecast
        (
            {"starts_mid_life": True, "gate": "refused"},
            (SPOILT, ["short_history"]),
            (CARE, ["mid_life"]),
            (SPOILT, ["short_history"]),
        ),
        # the same name lowers two verdicts differently
        (
            {"starts_mid_life": True, "repeat_buyers": 29},
            (CARE, ["mid_life", "few_repeat_buyers"]),
            (SPOILT, ["few_repeat_buyers"]),
            (SPOILT, ["few_repeat_buyers"]),
        ),
        # losses that spoil all three: nothing of care is left to be said
        (
            {"starts_mid_life": True, "rows": {None: 800, "unreadable_date": 200}},
            (SPOILT, ["unreadable_date"]),
            (SPOILT, ["unreadable_date"]),
            (SPOILT, ["unreadable_date"]),
        ),
    ],
)
def test_an_unfit_verdict_names_only_what_makes_it_so(
    known: dict[str, Any],
    retention: tuple[str, list[str]],
    clv: tuple[str, list[str]],
    forecast: tuple[str, list[str]],
) -> None:
    found = judged(**known)
    assert left(found) == (retention[0], clv[0], forecast[0])
    expected = {"retention": retention[1], "clv": clv[1], "forecast": forecast[1]}
    assert {name: sorted(it) for name, it in found.reasons.items()} == {
        name: sorted(it) for name, it in expected.items()
    }
    shown = {name for names in found.reasons.values() for name in names}
    assert set(found.touches) == shown and all(found.touches.values())


# --- a history that starts mid-life, and one too short for the horizon --------


def test_a_history_that_starts_mid_life_asks_for_care_of_all_three() -> None:
    found = judged(starts_mid_life=True)
    assert left(found) == (CARE, CARE, CARE)
    assert set(found.touches["mid_life"]) >= {"cycle", "new_customers", "clv", "forecast"}
    assert "revenue" not in found.touches["mid_life"]


def test_a_forecast_wants_a_history_twice_as_long() -> None:
    days = (date(2020, 12, 31) - LONG["first_date"]).days + 1
    assert left(judged(horizon_days=days / 2)) == ("fit", "fit", "fit")
    found = judged(horizon_days=days / 2 + 1)
    assert left(found) == ("fit", "fit", CARE)
    assert found.reasons["forecast"] == ["short_for_horizon"]
    # where no rate can be given there is no forecast either, and one reason is enough
    assert judged("refused", horizon_days=1e4).reasons["forecast"] == ["short_history"]


def test_a_forecast_needs_no_amounts_but_repeat_buyers() -> None:
    assert left(judged(has_money=False)) == ("fit", SPOILT, "fit")
    assert left(judged(repeat_buyers=29)) == (CARE, SPOILT, SPOILT)
    assert left(judged(repeat_buyers=30)) == ("fit", "fit", "fit")


# --- sales that name no customer, by rows and by money ------------------------


@pytest.mark.parametrize(
    ("nameless", "unassigned", "verdict"),
    [
        (10, 49.0, "fit"),  # of 1,000 rows, and of money beside 951
        (10, 51.0, CARE),
        (10, 900.0, CARE),
        (10, 952.0, SPOILT),
        (51, 0.0, CARE),
        (501, 0.0, SPOILT),
        (0, -500.0, "fit"),  # more was given back to nobody than sold to nobody
    ],
)
def test_unassigned_sales_count_by_money_as_well_as_by_rows(
    nameless: int, unassigned: float, verdict: str
) -> None:
    rows: dict[str | None, int] = {None: 1000 - nameless}
    if nameless:
        rows |= {"missing_customer_id": nameless - 5, "no_customer": 5}
    found = judged(rows=rows, **periods(951.0, unassigned))
    assert left(found) == (verdict,) * 3
    assert found.reasons["clv"] == ([] if verdict == "fit" else ["unassigned"])
    assert found.unassigned_share == pytest.approx(max(unassigned, 0) / (max(unassigned, 0) + 951))
    assert found.unassigned_rows == nameless


def test_without_amounts_sales_of_nobody_count_by_rows_alone() -> None:
    rows: dict[str | None, int] = {None: 900, "missing_customer_id": 100}
    found = judged(rows=rows, has_amounts=False)
    assert found.unassigned_share is None and found.reasons["retention"] == ["unassigned"]
    assert found.why_not["/unassigned_share"].code == "no_revenue"


# --- breaks: by what they touch, and by where they lie -------------------------

LONG_AGO, IN_WINDOW = date(2018, 6, 4), date(2020, 11, 2)


@pytest.mark.parametrize(
    ("touches", "expected"),
    [
        ([], ("fit", "fit", "fit")),
        (["revenue", "cycle"], ("fit", "fit", "fit")),
        (["retained_rate"], (CARE, "fit", "fit")),
        (["new_customers", "clv"], (CARE, CARE, "fit")),
        (["second_purchase_rate", "forecast"], (CARE, "fit", CARE)),
        (["revenue", "clv", "forecast"], ("fit", CARE, CARE)),
    ],
)
def test_a_break_lowers_the_verdict_on_what_it_touches(
    touches: list[str], expected: tuple[str, str, str]
) -> None:
    found = broken("migration", LONG_AGO, date(2018, 6, 6), touches=touches)
    audited = judged(breaks=[found])
    assert left(audited) == expected and audited.breaks == [found]
    assert audited.touches == ({"migration": touches} if CARE in expected else {})


def test_several_breaks_of_a_kind_are_one_reason_that_moves_what_any_of_them_does() -> None:
    gaps = [
        broken("gap", LONG_AGO, date(2018, 6, 6), touches=["clv"]),
        broken("gap", IN_WINDOW, date(2020, 11, 4), touches=["retained_rate", "clv"]),
    ]
    audited = judged(breaks=gaps)
    assert left(audited) == (CARE, CARE, "fit")
    assert audited.touches == {"gap": ["clv", "retained_rate"]}


def test_a_window_without_a_quarter_of_its_days_carries_no_rate() -> None:
    known = {"touches": ["retained_rate", "clv"]}
    some = broken("gap", date(2020, 10, 1), date(2020, 10, 22), **known)  # 22 of 92 days
    assert left(judged(breaks=[some])) == (CARE, CARE, "fit")
    more = broken("gap", date(2020, 10, 1), date(2020, 10, 23), **known)
    found = judged(breaks=[more])
    assert left(found) == (SPOILT, CARE, "fit") and found.reasons["retention"] == ["gap"]
    books = {"windows": WINDOWS, "breaks": [more]}
    known_ = evidence({None: 1000}, books=books, **LONG)
    assert unfit(known_, "trend", "retention") is not None and unfit(known_, "trend", "clv") is None


# --- what touches what is declared where it is found --------------------------


def test_the_figures_that_are_touched_are_known_by_the_same_names_everywhere() -> None:
    assert set(get_args(Touched)) == set(EVERY_FIGURE)
    for entry in (*CHECKS, *REASONS):
        assert entry.touches and set(entry.touches) <= set(EVERY_FIGURE)


@pytest.mark.parametrize("check", [it for it in CHECKS if it.spoils], ids=lambda it: it.name)
def test_a_check_that_spoils_says_what_it_moves(check: Any) -> None:
    few = int(check.spoils_from * 1000)
    for rows, expected in ((few, "fit"), (few + 1, check.spoils)):
        found = evidence({None: 1000}, [(check.name, rows, 2, 5.0)], **LONG)
        audited = audit(found, "trend", None, without)
        assert left(audited) == (expected,) * 3
    assert audited.touches[check.name] == list(check.touches)


def test_reasons_are_in_no_need_of_amounts_or_windows() -> None:
    bare = pd.DataFrame(columns=PERIODS.columns)
    found = judged(periods=lambda unit: bare if unit != "all" else PERIODS.iloc[:1], windows=())
    assert left(found) == ("fit", "fit", "fit")
