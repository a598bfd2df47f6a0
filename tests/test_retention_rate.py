"""Two windows, two populations: worked example, CDNOW recounted, and refusals."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_lib import transactions
from retention_lib.client import load_client
from retention_lib.comparison.earlier import effects
from retention_lib.cycle_detection.window import window_of
from retention_lib.results import Cycle, Period, Retention, Window, why
from retention_lib.retention_rate import answer, subscribers
from retention_lib.retention_rate.answer import RetentionInputs, Starts, retention
from retention_lib.retention_rate.growth import growth
from retention_lib.retention_rate.parts import Share, rate_parts
from retention_lib.speech import Speech
from retention_lib.study import Study, retention_inputs
from retention_lib.summaries.occasions import occasions
from retention_lib.words import retention_rate as words
from tests import made

PERIODS = (
    Period(start=date(1997, 5, 1), end=date(1997, 11, 30)),
    Period(start=date(1997, 12, 1), end=date(1998, 6, 30)),
)
REVENUE = pd.DataFrame({"grp": [0], "value": [10.0], "repeat_value": [4.0]})
SECOND = pd.DataFrame({"grp": [0, 1], "customers": [6, 4], "again": [3, 1]})
FLOW = pd.DataFrame(
    # {100, 50, 50} become {120, 0, 30}, and a new customer spends 70
    {
        "grp": [0, 1, 2, 3],
        "before": [100.0, 50, 50, 0],
        "kept": [100.0, 0, 30, 0],
        "expansion": [20.0, 0, 0, 0],
        "contraction": [0.0, 0, 20, 0],
        "lost": [0.0, 50, 0, 0],
        "new": [0.0, 0, 0, 70],
        "resurrected": [0.0, 0, 0, 0],
    }
)
QUARTERS = pd.DataFrame(
    {
        "start": [date(1997, 1, 1), date(1997, 4, 1), date(1997, 7, 1)],
        "end": [date(1997, 3, 31), date(1997, 6, 30), date(1997, 9, 30)],
        "active": [10, 8, 6],
        "new": [10, 2, 1],
        "retained": [0, 6, 4],
        "resurrected": [0, 0, 1],
    }
)
MEANS = pd.DataFrame({"period": [0, 1], "rate": [1.0, 0.4], "size": [100, 100]})
CURVE = pd.DataFrame({"group": ["all"], "day": [1], "share_back": [0.1], "at_risk": [99]})
STARTS = Starts(lambda: MEANS, lambda: CURVE)
NOBODY = pd.DataFrame({"frequency": [0], "recency_days": [0], "T_days": [9], "later": [0]})


def cycle(gate: str, **figures: Any) -> Cycle:
    settled = {"settled": True, "gate": gate, "gate_lifts_on": date(1998, 9, 30)}
    found: Cycle = made.changed(made.cycle(), **(settled | figures))
    return found


def counts_of(**counts: int) -> pd.DataFrame:
    names = ("start", "first_time", "end", "new", "retained", "first_time_retained")
    return pd.DataFrame([{"grp": 0} | dict.fromkeys(names, 0) | counts])


def inputs(counts: pd.DataFrame, **frames: Any) -> RetentionInputs:
    """What is known of a client of whom nothing is known but these frames."""
    known: dict[str, Any] = {
        "counts": counts,
        "second": SECOND,
        "state": NOBODY.assign(customers=1),
        "daily": pd.DataFrame(),
        "revenue": REVENUE,
        "flow": FLOW,
        "unassigned": (2.5, 10.0),
        "activity": QUARTERS,
        "parts": [],
        "charges": pd.DataFrame(),
        "subscribers": pd.DataFrame(),
        "lost": pd.DataFrame(),
        "lost_total": {"customers": 0, "spend": None},
    }
    known |= frames

    def giver(frame: Any) -> Any:
        return lambda *_: frame

    return RetentionInputs(PERIODS, **{name: giver(frame) for name, frame in known.items()})


def rates(gate: str = "trend", frames: dict[str, Any] | None = None, **counts: int) -> Retention:
    return retention(cycle(gate), inputs(counts_of(**counts), **(frames or {})), STARTS)


def test_worked_example() -> None:
    """Before: a, e, f; prior window: a, b, c, d; window: a, b, e, g, h."""
    found = rates(start=4, first_time=3, end=5, new=2, retained=2, first_time_retained=1)
    assert (found.start_customers, found.end_customers, found.new_customers) == (4, 5, 2)
    assert (found.retained_customers, found.resurrected_customers, found.lost_customers) == (
        2,
        1,
        2,
    )
    assert found.formula_rate == 0.75
    assert found.retained_rate == 0.50
    assert (found.returning_customers, found.first_time_customers) == (1, 3)
    assert (found.returning_rate, found.first_time_rate) == (1, pytest.approx(1 / 3))
    assert found.quick_ratio == 1.5
    assert found.second_purchase_rate == 0.4
    assert found.repeat_revenue_share == 0.4


def test_rates_carry_wilson_intervals() -> None:
    found = rates(start=10, end=8, retained=8)
    assert found.retained_ci95 == pytest.approx((0.490, 0.943), abs=5e-4)
    assert found.first_time_rate is None
    assert found.why_not["/first_time_rate"] == why("none_first_time")


def test_the_classic_formula_may_exceed_one() -> None:
    found = rates(start=2, end=6, new=1, retained=2)
    assert found.formula_rate == 2.5
    assert found.resurrected_customers == 3
    assert found.quick_ratio is None and found.why_not["/quick_ratio"] == why("no_losses")


def test_nobody_in_the_prior_window_gives_no_rate() -> None:
    found = rates(end=3, new=3)
    assert found.retained_rate is None and found.formula_rate is None
    assert found.why_not["/retained_rate"] == why("nobody_in_earlier_window")


def test_counts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(AssertionError, match="contradict"):
        rates(start=2, end=1, retained=3)


def test_one_window_gives_the_second_purchase_rate_only() -> None:
    found = rates("one_window", start=4, end=5, retained=2)
    assert found.retained_rate is None and found.start_customers is None
    assert found.why_not["/retained_rate"] == why(
        "one_window_only", history_days=546, needed=212, on=date(1998, 9, 30)
    )
    assert found.second_purchase_rate == 0.4


def test_refused_gives_a_date_and_no_rate_at_all() -> None:
    found = rates("refused", start=4, end=5, retained=2)
    assert found.retained_rate is None and found.second_purchase_rate is None
    assert found.why_not["/second_purchase_rate"] == why(
        "too_short_for_cycles", history_days=546, needed=212, on=date(1998, 9, 30)
    )


def test_a_pinned_cycle_says_how_much_history_is_needed() -> None:
    pinned = made.pinned().model_copy(update={"cycle_days": 80})
    refused = cycle("refused", cycle_days=65, pinned=pinned)
    found = retention(refused, inputs(counts_of()), STARTS)
    assert found.why_not["/second_purchase_rate"].needed == 240


def test_cdnow_recounted_by_pandas(cdnow_study: Study, cdnow_days: pd.DataFrame) -> None:
    prior, window = (
        set(cdnow_days.loc[cdnow_days["day"].between(str(p.start), str(p.end)), "customer"])
        for p in PERIODS
    )
    first = cdnow_days.groupby("customer")["day"].min()
    new = set(first[first >= "1997-12-01"].index)
    found = cdnow_study.retention()
    assert (found.prior, found.window) == PERIODS
    assert found.start_customers == len(prior) == 7405
    assert found.end_customers == len(window) == 5994
    assert found.new_customers == len(new) == 0
    assert found.retained_customers == len(prior & window) == 4088
    assert found.retained_rate == len(prior & window) / len(prior) == pytest.approx(0.552, abs=5e-4)
    assert found.retained_ci95 == pytest.approx((0.541, 0.563), abs=5e-4)
    assert (
        found.formula_rate
        == (len(window) - len(new)) / len(prior)
        == pytest.approx(0.809, abs=5e-4)
    )
    again = cdnow_days.sort_values(["customer", "day"]).groupby("customer")["day"].nth([1])
    second = cdnow_days.loc[again.index].set_index("customer")["day"] - first
    assert found.second_purchase_rate == (second.dt.days <= 212).sum() / len(first)
    ordered = cdnow_days.sort_values(["customer", "day"])
    later = ordered.loc[ordered.groupby("customer").cumcount() > 0, "value"].sum()
    assert found.repeat_revenue_share == pytest.approx(later / ordered["value"].sum())


# --- revenue, growth, parts ---


def test_revenue_of_the_worked_example() -> None:
    found = rates(start=3, end=3, new=1, retained=2)
    assert found.gross_revenue_retention == pytest.approx(0.65)
    assert found.net_revenue_retention == pytest.approx(0.75)
    assert found.revenue_quick_ratio == pytest.approx(90 / 70)
    assert found.revenue is not None and found.revenue.before == 200
    assert found.unassigned_revenue_share == 0.2
    low, high = found.gross_revenue_ci95 or (1, 0)
    assert low < 0.65 < high


def test_without_amounts_no_revenue_can_have_stayed() -> None:
    zeros = FLOW * [1, 0, 0, 0, 0, 0, 0, 0]
    nothing = {"flow": zeros, "revenue": REVENUE * [1, 0, 0], "unassigned": (0.0, 0.0)}
    found = rates(start=3, end=3, retained=2, new=1, frames=nothing)
    assert found.retained_rate == pytest.approx(2 / 3)
    for name in ("revenue", "gross_revenue_retention", "net_revenue_ci95", "revenue_quick_ratio"):
        assert getattr(found, name) is None and found.why_not[f"/{name}"] == why(
            "no_revenue_before"
        )
    assert found.why_not["/unassigned_revenue_share"] == why("no_amounts")


def test_growth_tells_since_when_leavers_outpace_arrivals() -> None:
    found = growth("quarter", QUARTERS)
    first, second, third = found.periods
    assert (first.lost, first.quick_ratio) == (None, None)
    assert (second.lost, second.quick_ratio) == (4, 0.5)
    assert (third.lost, third.quick_ratio) == (4, 0.5)
    assert found.outpaced_since == date(1997, 4, 1)
    even = growth("quarter", QUARTERS.assign(new=[10, 2, 3]))
    assert even.outpaced_since is None


def test_growth_of_all_periods_adds_up(cdnow_study: Study) -> None:
    found = cdnow_study.retention().growth
    assert found is not None and len(found.periods) >= 3
    for before, after in zip(found.periods, found.periods[1:], strict=False):
        assert after.lost is not None and after.start > before.end
        assert after.active - before.active == after.new + after.resurrected - after.lost


def test_a_part_is_held_against_all_others() -> None:
    table = pd.DataFrame(
        [("web", 100, 70, 200, 100), ("shop", 100, 40, 200, 100), ("fair", 5, 3, 0, 0)],
        columns=["part", "start", "retained", "second_customers", "second_again"],
    )
    (web, shop, fair), compared = rate_parts([("channel", table)], Share(205, 113), Share(400, 200))
    assert compared == 5
    assert (web.retained_rate, web.clearly, web.second_clearly) == (0.7, "above", "unclear")
    assert shop.clearly == "below" and fair.clearly == "unclear"
    assert fair.second_rate is None and fair.retained_ci95 == pytest.approx(
        (0.231, 0.882), abs=1e-3
    )


def test_many_comparisons_are_allowed_for_and_what_stands_out_is_shown_though_small() -> None:
    """Twenty products of which one is worse: alone it is shown before larger ones."""
    rows = [(f"tea {n}", 200 - n, 100, 200, 100) for n in range(19)] + [("gift", 60, 10, 60, 30)]
    table = pd.DataFrame(
        rows, columns=["part", "start", "retained", "second_customers", "second_again"]
    )
    everybody = Share(int(table["start"].sum()), int(table["retained"].sum()))
    parts, compared = rate_parts([("product", table)], everybody, Share(3_860, 1_930))
    assert compared == 40 and len(parts) == 8
    assert {part.name for part in parts if part.clearly != "unclear"} == {"gift"}
    channel = pd.DataFrame([("web", 100, 66, 0, 0)], columns=table.columns)
    others = table.assign(second_customers=0)
    total = Share(4_000, 2_100)  # 66 against 52 %: clear of one comparison, not of twenty
    (alone,), _ = rate_parts([("channel", channel)], total, Share(0, 0))
    (among, *_), _ = rate_parts([("channel", channel), ("product", others)], total, Share(0, 0))
    assert (alone.clearly, among.clearly) == ("above", "unclear")


def test_of_one_window_a_part_tells_second_purchases_only() -> None:
    table = pd.DataFrame(
        [("web", 7, 3, 200, 100)],
        columns=["part", "start", "retained", "second_customers", "second_again"],
    )
    many = SECOND.assign(customers=[300, 100], again=[150, 50])
    (web,) = rates("one_window", frames={"parts": [("channel", table)], "second": many}).parts
    assert (web.start_customers, web.retained_rate, web.second_rate) == (0, None, 0.5)


def test_churn_of_subscribers_by_billing_period() -> None:
    charges = pd.DataFrame(
        [("month", 4, False, 90, 10), ("month", 5, False, 84, 6), ("month", 6, True, 80, 4)],
        columns=["period", "charge", "recent", "again", "ended"],
    )
    paying = pd.DataFrame({"period": ["month"], "customers": [100], "active": [80]})
    (found,), unknown = subscribers.contractual(charges, paying)
    assert (found.charges, found.ended) == (274, 20)
    assert found.churn_rate == pytest.approx(20 / 274)
    assert (found.recent_charges, found.recent_rate) == (84, pytest.approx(4 / 84))
    assert found.projection is not None and len(found.projection) == 12 and not unknown
    assert 0.85 < found.projection[0] < 0.95 and found.projection[-1] < 0.75
    none = charges.assign(again=0, ended=0)
    (nothing,), unknown = subscribers.contractual(none, paying)
    assert nothing.churn_rate is None and unknown["/0/churn_rate"] == why("no_charges")
    assert unknown["/0/projection"] == why("nobody_ended")


# --- reference figures, and what must always hold ---


def on(days: pd.DataFrame, as_of: date, window: Window) -> Retention:
    """Return the rates of a log on a day, by a window that is given."""
    rows = sold(days)
    held = occasions(transactions.kept(rows)).cache()
    first: date = days["day"].min().date()
    records = retention_inputs.Records(load_client("cdnow"), rows, held, first).known(as_of)
    pinned = cycle("trend", window=window, chart_period="quarter")
    return retention(pinned, retention_inputs.retention_inputs(records, window, as_of), STARTS)


def sold(days: pd.DataFrame) -> ibis.Table:
    """Return the rows of a log as they would be typed, none set aside."""
    table = days.rename(columns={"customer": "customer_id", "value": "amount"})
    typed = table.assign(day=table["day"].dt.date, reason=None, also=None, unreadable_line=None)
    text = {"reason": "string", "also": "string", "unreadable_line": "string"}
    schema = {"customer_id": "string", "day": "date", "amount": "float64"} | text
    return ibis.duckdb.connect().create_table("typed", typed[list(schema)], schema=schema)


def test_cdnow_on_two_days_under_one_window(cdnow_days: pd.DataFrame) -> None:
    """The common rate leaps, that of returning buyers does not: the mix is what has changed."""
    earlier = on(cdnow_days, date(1998, 3, 31), window_of(7, "month", date(1998, 3, 31)))
    now = on(cdnow_days, date(1998, 6, 30), window_of(7, "month", date(1998, 6, 30)))
    assert earlier.retained_rate == pytest.approx(0.317, abs=5e-4)
    assert earlier.returning_rate == pytest.approx(0.508, abs=5e-4)
    assert (earlier.start_customers, earlier.first_time_customers) == (18_606, 15_724)
    assert now.retained_rate == now.returning_rate == pytest.approx(0.552, abs=5e-4)
    assert now.first_time_customers == 0
    split = effects(vars(earlier), vars(now))
    assert split is not None
    # the mix explains 20.9 of 23.5 points; what returning buyers themselves did, 2.5
    assert sum(split) == pytest.approx(0.552 - 0.317, abs=1e-3)
    assert split == pytest.approx((0.209, 0.025), abs=2e-3)


def test_cdnow_reference(cdnow_study: Study) -> None:
    found = cdnow_study.retention()
    assert found.no_churn_expectation == pytest.approx(0.782, abs=5e-4)
    assert found.no_churn is not None
    assert (found.no_churn.lowest, found.no_churn.highest) == pytest.approx((0.75, 0.78), abs=6e-3)
    assert found.new_customers == 0 and found.quick_ratio == pytest.approx(1_906 / 3_317)


def test_complete_journey_reference(complete_journey_days: pd.DataFrame) -> None:
    as_of = date(2017, 12, 31)
    found = on(complete_journey_days, as_of, window_of(3, "week", as_of))
    counts = found.start_customers, found.end_customers, found.new_customers
    assert (*counts, found.retained_customers) == (1_906, 1_897, 5, 1_663)
    assert found.formula_rate == pytest.approx(0.993, abs=5e-4)
    assert found.retained_rate == pytest.approx(0.873, abs=5e-4)
    assert found.retained_ci95 == pytest.approx((0.857, 0.887), abs=5e-4)
    assert found.no_churn_expectation == pytest.approx(0.868, abs=5e-4)


logs = st.lists(
    st.tuples(
        st.integers(0, 12), st.integers(0, 240), st.floats(-20, 80).map(lambda x: round(x, 2))
    ),
    min_size=1,
    max_size=60,
)


@pytest.mark.slow
@given(logs)
@settings(max_examples=8, deadline=None)
def test_what_must_always_hold(rows: list[tuple[int, int, float]]) -> None:
    table = pd.DataFrame(rows, columns=["customer", "day", "value"]).assign(
        customer=lambda it: "c" + it["customer"].astype(str),
        day=lambda it: pd.Timestamp("2020-01-01") + pd.to_timedelta(it["day"], unit="D"),
    )
    if (table["value"] < 0).all():
        table["value"] = table["value"].abs()
    as_of = date(2020, 8, 28)
    window = window_of(3, "month", as_of)
    found = on(table, as_of, window)
    once = found.model_dump()
    if found.start_customers is not None and found.end_customers is not None:
        moved = once["new_customers"] + once["resurrected_customers"] - once["lost_customers"]
        assert found.end_customers - found.start_customers == moved
    for name in ("retained_rate", "returning_rate", "first_time_rate", "second_purchase_rate"):
        assert once[name] is None or 0 <= once[name] <= 1
    assert (found.retained_rate is None) == (found.start_customers == 0)  # blank, never 0
    twice = pd.concat([table, table.assign(customer=table["customer"] + "'")])
    again = on(twice, as_of, window).model_dump()
    for name in ("retained_rate", "returning_rate", "formula_rate", "quick_ratio"):
        assert again[name] == pytest.approx(once[name])
    for name in ("gross_revenue_retention", "net_revenue_retention", "repeat_revenue_share"):
        assert again[name] == pytest.approx(once[name])


def regulars_until(last: str) -> pd.DataFrame:
    """Forty customers who all buy each month of a year until a day, and never again."""
    days = pd.date_range("2019-01-05", last, freq="MS")
    rows = [(f"c{n}", day, 10.0) for n in range(40) for day in days]
    return pd.DataFrame(rows, columns=["customer", "day", "value"])


def test_periods_in_which_nobody_bought_any_more_are_counted() -> None:
    as_of = date(2020, 12, 31)
    found = on(regulars_until("2019-12-31"), as_of, window_of(3, "month", as_of))
    assert found.growth is not None
    last = found.growth.periods[-1]
    assert (last.end, last.active, last.lost) == (as_of, 0, 0)
    assert [one.lost for one in found.growth.periods[-4:]] == [40, 0, 0, 0]


def test_without_a_prior_window_s_customers_one_sentence_explains_all() -> None:
    as_of = date(2020, 12, 31)
    found = on(regulars_until("2019-12-31"), as_of, window_of(3, "month", as_of))
    for name in ("returning_rate", "first_time_rate", "quick_ratio", "revenue", "lost"):
        assert found.why_not[f"/{name}"] == why("nobody_in_earlier_window"), name


def test_nobody_who_came_gives_no_interval_of_no_width() -> None:
    table = regulars_until("2020-12-31")
    gone = (table["customer"] < "c2") & (table["day"] >= "2020-10-01")
    as_of = date(2020, 12, 31)
    found = on(table[~gone], as_of, window_of(3, "month", as_of))
    assert found.quick_ratio == 0 and found.quick_ratio_ci95 is None
    assert found.why_not["/quick_ratio_ci95"] == why("nobody_gained")


def test_without_a_window_the_records_are_not_blamed() -> None:
    short = cycle("refused", cycle_days=None, window=None)
    found = retention(short, None, STARTS)
    assert "amounts" not in found.why_not["/repeat_revenue_share"]
    assert "amounts" not in found.why_not["/unassigned_revenue_share"]


# --- an expectation that cannot be used ---


def test_where_more_come_back_than_expected_nothing_is_read_against_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 400 customers 320 came back, where half were expected: the models do not fit."""
    plain = made.full_retention().no_churn
    assert plain is not None
    low = dict.fromkeys(("expectation", "returning", "lowest", "highest"), 0.5)
    known = plain.model_copy(update={**low, "first_time": None, "by_model": {"MBG/NBD": 0.5}})
    monkeypatch.setattr(answer.no_churn, "expectation", lambda *_: known)
    found = rates(start=400, end=320, retained=320)
    reason = why("above_expectation", rate=0.8, expected=0.5, customers=400)
    assert found.no_churn == known and found.retained_rate == 0.8
    assert found.no_churn_expectation is None and found.judged is None
    assert found.why_not["/no_churn_expectation"] == found.why_not["/judged"] == reason
    assert answer.rates.frame(found, regular=False)["expected"].isna().all()
    said = words.no_churn.meaning(found, Speech())
    assert "of 400 customers 80.0% came back, more than the 50.0%" in said
    for sentence in (words.answer.meaning, words.rates.meaning, words.rates.title, words.rates.alt):
        assert "expected" not in sentence(found, Speech())
