"""The verdict on the records, and the checks behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import pytest

from retention_lib.client import Control
from retention_lib.data_audit import Evidence, Without, audit, unfit
from retention_lib.results import Audit, Break, Doubt, Gate
from retention_lib.study import Study
from retention_lib.transactions import NAMELESS

TOTALS = {
    "customers": 500,
    "occasions": 900,
    "repeat_buyers": 200,
    "zero_occasions": 0,
    "first_date": date(2020, 1, 1),
    "last_date": date(2020, 12, 31),
    "last_first_purchase": date(2020, 12, 30),
}


LENGTHS = {"all": 3, "year": 4, "month": 7}
SUMS = ["period", "revenue", "unassigned", "orders", "unassigned_orders", "occasions", "customers"]
PERIODS = pd.DataFrame(
    [
        ("all", 1000.0, 50.0, 90, 4, 88, 30),
        ("2019", 400.0, 0.0, 40, 0, 40, 20),
        ("2020", 600.0, 50.0, 50, 4, 48, 25),
        ("2020-03", 100.5, 10.0, 9, 1, 9, 8),
    ],
    columns=SUMS,
)


def audited(
    rows: dict[str | None, int],
    found: Sequence[tuple[Any, ...]] = (),
    has_money: bool = True,
    gate: Gate = "trend",
    **totals: Any,
) -> Audit:
    return audit(
        evidence(rows, found, has_money, **totals),
        gate,
        None,
        without,
    )


def without(step: str) -> Without:
    if step == "zero_amounts":
        return Without(0.5, 90.0)
    return Without(None, None, "customer_unknown" if step in NAMELESS else None, "amount_unknown")


def evidence(
    rows: dict[str | None, int],
    found: Sequence[tuple[Any, ...]] = (),
    has_money: bool = True,
    books: dict[str, Any] | None = None,
    **totals: Any,
) -> Evidence:
    known = {
        "rows": pd.DataFrame({"reason": list(rows), "rows": list(rows.values())}),
        "totals": TOTALS | totals,
        "findings": pd.DataFrame(found, columns=["name", "rows", "customers", "money"]).assign(
            rows_read=lambda table: table["rows"]
        ),
        "as_of": date(2020, 12, 31),
        "has_money": has_money,
        "has_amounts": True,
        "has_orders": True,
        "periods": lambda unit: PERIODS[PERIODS["period"].str.len() == LENGTHS[unit]],
    }
    return Evidence(**(known | (books or {})))


def test_clean_records_are_fit() -> None:
    found = audited({None: 1000})
    assert found.verdict.retention == found.verdict.clv == "fit"
    assert (found.rows_in, found.rows_kept, found.set_aside) == (1000, 1000, {})
    assert found.checks == []


@pytest.mark.parametrize(
    ("lost", "verdict"), [(9, "fit"), (11, "fit with care"), (99, "fit with care"), (112, "unfit")]
)
def test_rows_lost_lower_the_verdict(lost: int, verdict: str) -> None:
    found = audited({None: 1000 - lost, "unreadable_date": lost})
    assert found.rows_in == 1000
    assert found.verdict.retention == found.verdict.clv == verdict
    assert found.reasons["retention"] == ([] if verdict == "fit" else ["unreadable_date"])


def test_sales_without_a_customer_are_a_loss_of_their_own() -> None:
    assert audited({None: 60, "missing_customer_id": 40}).verdict.clv == "fit with care"
    assert audited({None: 40, "missing_customer_id": 60}).verdict.clv == "unfit"


def test_rows_left_out_by_choice_do_not() -> None:
    found = audited({None: 10, "after_as_of": 90})
    assert found.verdict.retention == "fit"


def test_acquisition_that_stops_is_a_closed_group() -> None:
    stop = {
        "kind": "acquisition_stops",
        "series": "new_customers",
        "start": date(2020, 10, 2),
        "before": 2.0,
        "after": 0.0,
        "touches": ["retained_rate", "new_customers", "clv"],
    }
    for end, closed in ((None, True), (date(2020, 11, 30), False)):
        found = of_books(breaks=[Break.model_validate(stop | {"end": end})])
        assert found.reasons["retention"] == ["acquisition_stops"]
        assert found.verdict.retention == "fit with care" and found.closed_group is closed


def test_few_repeat_buyers_allow_no_model() -> None:
    found = audited({None: 1000}, repeat_buyers=29)
    assert found.verdict.clv == "unfit"
    assert found.verdict.retention == "fit with care"
    assert audited({None: 40}, customers=29).verdict.retention == "unfit"
    nobody = audited({None: 1000}, repeat_buyers=0)
    assert nobody.verdict.retention == "unfit"
    assert nobody.reasons["retention"] == ["few_repeat_buyers"]


def test_a_history_too_short_for_any_rate_is_unfit_for_one() -> None:
    found = audited({None: 1000}, gate="refused")
    assert (found.verdict.retention, found.verdict.clv) == ("unfit", "fit")
    assert found.reasons["retention"] == ["short_history"]
    assert audited({None: 1000}, gate="one_window").verdict.retention == "fit"


def test_a_stray_date_spoils_everything() -> None:
    found = audited({None: 1000}, [("isolated_dates", 1, 1, 9.0)])
    assert found.verdict.retention == found.verdict.clv == "unfit"
    assert found.checks[0].action == "counted"


def test_without_money_there_is_no_value() -> None:
    found = audited({None: 1000}, has_money=False)
    assert (found.verdict.retention, found.verdict.clv) == ("fit", "unfit")
    assert found.reasons["clv"] == ["no_amounts"]


@pytest.mark.parametrize(
    ("guests", "verdict"), [(49, "fit"), (51, "fit with care"), (501, "unfit")]
)
def test_guests_are_no_loss_until_they_are_many(guests: int, verdict: str) -> None:
    found = audited({None: 1000 - guests, "missing_customer_id": guests})
    assert (found.verdict.retention, found.verdict.clv) == (verdict, verdict)


def test_checks_are_ranked_by_money_and_carry_the_rate_without_them() -> None:
    found = audited(
        {None: 997, "missing_customer_id": 3},
        [
            ("missing_customer_id", 3, None, 12.0),
            ("zero_amounts", 5, 4, 0.0),
            ("returns_unmatched", 2, 2, 80.0),
        ],
    )
    assert [check.name for check in found.checks] == [
        "returns_unmatched",
        "missing_customer_id",
        "zero_amounts",
    ]
    actions = {check.name: check.action for check in found.checks}
    assert actions == {
        "returns_unmatched": "netted",
        "missing_customer_id": "set aside",
        "zero_amounts": "kept",
    }
    assert (found.checks[2].rate_without, found.checks[2].revenue_without) == (0.5, 90.0)
    assert found.checks[1].customers is None
    assert found.retained_rate is None
    assert set(found.why_not) == {
        "/ahead",
        "/closures",
        "/control_tax",
        "/retained_rate",
        "/checks/0/rate_without",
        "/checks/1/rate_without",
        "/checks/1/customers",
        "/checks/0/revenue_without",
        "/checks/1/revenue_without",
        "/questions/0/start",
    }
    assert found.why_not["/checks/0/rate_without"].code == "no_rate_yet"
    assert found.why_not["/checks/1/rate_without"].code == "customer_unknown"
    assert found.why_not["/checks/1/revenue_without"].code == "amount_unknown"


def test_cdnow_recounted_by_pandas(cdnow_study: Study, cdnow_raw: pd.DataFrame) -> None:
    found = cdnow_study.audit()
    checks = {check.name: check for check in found.checks}
    assert found.rows_in == len(cdnow_raw) == 69_659
    assert found.rows_in == found.rows_kept + sum(found.set_aside.values())
    assert found.customers == cdnow_raw["customer"].nunique() == 23_570
    assert checks["duplicate_lines"].rows == cdnow_raw.duplicated().sum() == 255
    assert checks["zero_amounts"].rows == (cdnow_raw["value"] == 0).sum() == 80
    assert found.zero_occasions == 80
    assert found.verdict.retention == "fit with care"
    assert "acquisition_stops" in found.reasons["clv"]


def test_cdnow_rate_without_zero_amounts(cdnow_study: Study, cdnow_raw: pd.DataFrame) -> None:
    paid = cdnow_raw[cdnow_raw["value"] != 0]
    days = paid["date"]
    prior = set(paid.loc[days.between("19970501", "19971130"), "customer"])
    window = set(paid.loc[days.between("19971201", "19980630"), "customer"])
    check = next(c for c in cdnow_study.audit().checks if c.name == "zero_amounts")
    assert check.rate_without == pytest.approx(len(prior & window) / len(prior))
    assert check.revenue_without == pytest.approx(cdnow_raw["value"].sum())


def test_cdnow_without_exact_copies(cdnow_study: Study, cdnow_raw: pd.DataFrame) -> None:
    found = cdnow_study.audit()
    check = next(it for it in found.checks if it.name == "duplicate_lines")
    once = cdnow_raw.drop_duplicates()
    assert check.revenue_without == pytest.approx(once["value"].sum(), abs=0.01)
    assert check.rate_without == found.retained_rate  # a copy has the day of its original


# --- what a bookkeeper would compare ------------------------------------------


def of_books(**books: Any) -> Audit:
    return audit(evidence({None: 1000}, books=books), "trend", None, without)


def test_revenue_orders_and_refunds_are_counted_in_all_and_by_year() -> None:
    found = of_books(refunds=12.5)
    assert (found.revenue, found.unassigned_revenue, found.refunds) == (1000.0, 50.0, 12.5)
    assert found.orders == 90
    assert [(it.year, it.revenue, it.orders, it.occasions, it.customers) for it in found.years] == [
        (2019, 400.0, 40, 40, 20),
        (2020, 600.0, 50, 48, 25),
    ]


def test_what_belongs_to_nobody_stands_beside_each_year() -> None:
    found = of_books()
    nobodys = [(it.unassigned_revenue, it.unassigned_orders) for it in found.years]
    assert nobodys == [(0.0, 0), (50.0, 4)]
    bare = of_books(has_amounts=False, has_orders=False)
    assert bare.years[1].unassigned_revenue is bare.years[1].unassigned_orders is None


def test_without_amounts_or_order_ids_they_are_null_with_the_reason() -> None:
    found = of_books(has_amounts=False, has_orders=False)
    assert found.revenue is found.refunds is found.unassigned_revenue is found.orders is None
    assert found.years[0].revenue is found.years[0].orders is None
    assert found.why_not["/revenue"].code == "no_amounts"
    assert found.why_not["/orders"].code == "no_order_ids"
    assert found.why_not["/years/1/orders"].code == "no_order_ids"


def test_statuses_are_named_with_what_they_mean() -> None:
    rows = [("paid", "sale", 9, 90.0), ("?", None, 1, None)]
    found = of_books(statuses=pd.DataFrame(rows, columns=["status", "means", "rows", "money"]))
    assert [(it.status, it.means, it.rows, it.money) for it in found.statuses] == [
        ("paid", "sale", 9, 90.0),
        ("?", None, 1, None),
    ]
    assert found.why_not["/statuses/1/means"].code == "status_without_meaning"


@pytest.mark.parametrize(
    ("control", "read", "share", "meets"),
    [
        # books count the sales that name nobody, too
        ({"revenue": 1050.0}, 1050.0, 0.0, True),
        ({"revenue": {2020: 656.0}}, 650.0, -6 / 656, True),
        ({"revenue": {2020: 657.0}}, 650.0, -7 / 657, False),
        ({"revenue": {2020: 657.0}, "tolerance": 0.02}, 650.0, -7 / 657, True),
        ({"revenue": {2018: 10.0}}, 0.0, -1.0, False),
        ({"revenue": {"2020-03": 110.5}}, 110.5, 0.0, True),
        ({"orders": 94}, 94.0, 0.0, True),
        ({"orders": {2019: 41}}, 40.0, -1 / 41, False),
        ({"customers": {2020: 25}}, 25.0, 0.0, True),
        ({"customers": 31}, 30.0, -1 / 31, False),
        ({"customers": 0}, 30.0, None, False),
    ],
)
def test_control_totals_beyond_the_tolerance_ask_for_care(
    control: dict[str, Any], read: float, share: float | None, meets: bool
) -> None:
    found = of_books(control=Control.model_validate(control))
    (total,) = found.control
    assert (total.read, total.meets) == (read, meets)
    assert total.share == pytest.approx(share)
    assert total.difference == pytest.approx(read - total.given)
    verdict = "fit" if meets else "fit with care"
    assert found.verdict.retention == found.verdict.clv == verdict
    assert found.reasons["clv"] == ([] if meets else ["control"])


def test_a_control_total_that_nothing_can_be_held_against_does_not_meet() -> None:
    found = of_books(control=Control(orders={"all": 94}), has_orders=False)
    assert (found.control[0].read, found.control[0].meets) == (None, False)
    assert found.why_not["/control/0/read"].code == "not_in_records"
    assert found.verdict.retention == "fit with care"


@pytest.mark.parametrize(
    ("totals", "side", "rate"),
    [
        # 1,050 and 650 were read
        ({2020: 799.5, "all": 1291.5}, "books", 0.23),
        ({2020: 650 / 1.19}, "records", 0.19),
        ({2020: 650.0, "all": 1291.5}, None, None),  # one total meets
        ({2020: 650 * 1.19, "all": 1050 * 1.27}, None, None),  # no one rate
        ({2020: 650 * 1.1}, None, None),
        ({2018: 100.0, 2020: 799.5}, None, None),  # nothing was read of a year
        ({2020: 0.0}, None, None),
    ],
)
def test_one_factor_between_all_totals_may_be_a_tax(
    totals: dict[Any, float], side: str | None, rate: float | None
) -> None:
    found = of_books(control=Control.model_validate({"revenue": totals})).control_tax
    assert (found and found.with_tax, found and found.rate) == (side, rate)


def test_doubts_and_rows_ahead_ask_for_care() -> None:
    doubt = Doubt(code="currency", column="c", rows=9, line="columns: {currency: c}", values=["€"])
    found = of_books(doubts=[doubt])
    assert found.doubts == [doubt] and found.reasons["retention"] == ["doubts"]
    assert found.verdict.retention == found.verdict.clv == "fit with care"
    ahead = {
        "rows": 6,
        "first": date(2021, 3, 1),
        "last": date(2021, 4, 1),
        "ends": date(2020, 12, 29),
    }
    found = of_books(ahead=ahead)
    assert found.ahead is not None and found.ahead.model_dump() == ahead
    assert found.reasons["clv"] == ["dated_ahead"] and found.verdict.clv == "fit with care"


def test_the_worse_of_two_verdicts() -> None:
    assert audited({None: 1000}).fitness == "fit"
    assert audited({None: 1000}, has_money=False).fitness == "unfit"
    assert audited({None: 1000}, gate="refused").fitness == "unfit"


@pytest.mark.parametrize(
    ("rows", "gate", "known", "retention", "clv"),
    [
        ({None: 1000}, "trend", {}, False, False),
        ({None: 800, "unreadable_date": 200}, "trend", {}, True, True),
        ({None: 980, "unreadable_date": 20}, "trend", {}, False, False),
        ({None: 1000}, "trend", {"customers": 29}, True, False),
        # these have reasons of their own for what they do not give
        ({None: 1000}, "refused", {}, False, False),
        ({None: 1000}, "trend", {"repeat_buyers": 0}, False, False),
        ({None: 800, "unreadable_date": 200}, "refused", {}, True, True),
    ],
)
def test_unfit_records_give_no_figures(
    rows: dict[str | None, int], gate: Gate, known: dict[str, Any], retention: bool, clv: bool
) -> None:
    found = evidence(rows, **known)
    for question, expected in (("retention", retention), ("clv", clv)):
        reason = unfit(found, gate, question)
        assert (reason is not None and reason.code == "records_unfit") == expected
