"""The verdict on the records, and the checks behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import pytest

from retention_lib.data_audit import audit
from retention_lib.results import Audit, Gate
from retention_lib.study import Study

TOTALS = {
    "customers": 500,
    "occasions": 900,
    "repeat_buyers": 200,
    "zero_occasions": 0,
    "first_date": date(2020, 1, 1),
    "last_date": date(2020, 12, 31),
    "last_first_purchase": date(2020, 12, 30),
}


def audited(
    rows: dict[str | None, int],
    found: Sequence[tuple[Any, ...]] = (),
    has_money: bool = True,
    gate: Gate = "trend",
    **totals: Any,
) -> Audit:
    return audit(
        pd.DataFrame({"reason": list(rows), "rows": list(rows.values())}),
        TOTALS | totals,
        pd.DataFrame(found, columns=["name", "rows", "customers", "money"]),
        date(2020, 12, 31),
        lambda check: 0.5 if check == "zero_amounts" else None,
        gate,
        has_money,
    )


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


def test_acquisition_that_stops_is_noticed() -> None:
    found = audited({None: 1000}, last_first_purchase=date(2020, 10, 1))
    assert found.reasons["retention"] == ["acquisition_stops"]
    assert found.verdict.retention == "fit with care"
    assert [check.name for check in found.checks] == ["acquisition_stops"]
    assert audited({None: 1000}, last_first_purchase=date(2020, 12, 1)).checks == []
    young = {"first_date": date(2020, 10, 20), "last_first_purchase": date(2020, 11, 1)}
    assert audited({None: 1000}, **young).checks == []


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
            ("negative_amounts", 2, 2, 80.0),
        ],
    )
    assert [check.name for check in found.checks] == [
        "negative_amounts",
        "missing_customer_id",
        "zero_amounts",
    ]
    actions = {check.name: check.action for check in found.checks}
    assert actions == {
        "negative_amounts": "netted",
        "missing_customer_id": "set aside",
        "zero_amounts": "kept",
    }
    assert found.checks[2].rate_without == 0.5
    assert found.checks[1].customers is None
    assert found.retained_rate is None
    assert set(found.why_not) == {
        "/retained_rate",
        "/checks/0/rate_without",
        "/checks/1/rate_without",
        "/checks/1/customers",
    }


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
