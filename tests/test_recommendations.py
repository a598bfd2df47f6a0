"""Concentration, claims tested on the client's own data, customers by state, actions."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from retention_lib.recommendations import Answered, actions, claims, concentration, recommend
from retention_lib.results import (
    Audit,
    Claim,
    Fitness,
    Line,
    Results,
    Verdict,
    Why,
    finding,
)
from retention_lib.study import Study
from retention_lib.words import recommendations as words
from retention_lib.words.recommendations import reasons
from tests import made

SPEND = pd.DataFrame({"spend": [50.0, 20.0, 10.0], "customers": [1, 1, 3]})


def test_concentration_of_the_worked_example() -> None:
    found = concentration.shares(SPEND)
    assert found is not None
    assert found.hhi == pytest.approx(0.32)
    assert found.effective_customers == pytest.approx(3.125)
    assert found.gini == pytest.approx(0.36)
    assert found.top20_share == pytest.approx(0.50)
    assert found.top1_share == pytest.approx(0.50)
    assert found.top5_share == found.top10_share == pytest.approx(1)


def test_nothing_spent_gives_no_concentration() -> None:
    nothing = pd.DataFrame({"spend": [0.0, np.nan], "customers": [3, 1]})
    assert concentration.shares(nothing) is None
    assert concentration.lorenz(nothing).empty


def test_lorenz_runs_from_nobody_to_everybody() -> None:
    curve = concentration.lorenz(SPEND)
    assert curve["spend_share"].iloc[0] == 0 and curve["spend_share"].iloc[-1] == pytest.approx(1)
    assert curve["spend_share"].iloc[20] == pytest.approx(0.5)
    assert curve["spend_share"].is_monotonic_increasing


def entry(name: str) -> claims.Entry:
    return next(claim for claim in claims.CLAIMS if claim.name == name)


def claim(study: Study, name: str) -> Claim:
    return next(claim for claim in study.recommendations().claims if claim.name == name)


def test_cdnow_claims_recounted_by_pandas(cdnow_study: Study, cdnow_days: pd.DataFrame) -> None:
    ordered = cdnow_days.sort_values(["customer", "day"])
    repeat = ordered.groupby("customer").cumcount() > 0
    share = ordered.loc[repeat, "value"].sum() / ordered["value"].sum()
    found = claim(cdnow_study, "repeat_revenue")
    assert found.figure == pytest.approx(share)
    assert found.ci95 is not None and found.ci95[0] < share < found.ci95[1]
    assert found.verdict == "holds"

    growth = ordered.loc[repeat, "value"].mean() / ordered.loc[~repeat, "value"].mean() - 1
    bigger = claim(cdnow_study, "bigger_orders")
    assert bigger.figure == pytest.approx(growth)
    assert bigger.verdict == "does not hold"  # about 17 %, against the claimed 31 %

    spend = ordered.groupby("customer")["value"].sum().sort_values(ascending=False)
    pareto = claim(cdnow_study, "pareto")
    assert pareto.figure == pytest.approx(spend.head(23_570 // 5).sum() / spend.sum(), abs=1e-6)
    assert pareto.ci95 is None and pareto.verdict == "does not hold"
    assert claim(cdnow_study, "key_customers").figure == pytest.approx(
        spend.head(10).sum() / spend.sum()
    )


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.31, 0.50), "holds"),
        ((0.10, 0.30), "does not hold"),
        ((0.049, 0.343), "cannot be tested"),  # the CDNOW sample: too few customers to tell
    ],
)
def test_a_claim_is_decided_only_where_the_interval_lies_on_one_side(
    interval: tuple[float, float], verdict: str
) -> None:
    figure = sum(interval) / 2
    found = claims.judge(entry("bigger_orders"), (figure, interval))
    assert (found.verdict, found.figure, found.ci95) == (verdict, figure, interval)
    assert found.needs == ("more_customers" if verdict == "cannot be tested" else "")


def test_ten_largest_of_ten_say_nothing(cdnow_study: Study) -> None:
    def of(customers: int) -> Claim:
        spend = pd.DataFrame({"spend": [50.0, 20.0, 10.0], "customers": [1, 1, customers - 2]})
        evidence = claims.Evidence(cdnow_study.retention(), pd.DataFrame(), spend, None)
        return claims.judge(entry("key_customers"), claims._ten_largest(evidence))

    assert (of(10).verdict, of(10).needs) == ("cannot be tested", "amounts_of_eleven")
    assert (of(11).verdict, of(11).needs) == ("holds", "")


def test_cdnow_active_customers_recounted(cdnow_study: Study, cdnow_days: pd.DataFrame) -> None:
    at = pd.Timestamp("1998-06-30") - pd.Timedelta(days=65)
    last = cdnow_days[cdnow_days["day"] <= at].groupby("customer")["day"].max()
    active = last[(at - last).dt.days <= 203].index
    bought = cdnow_days.loc[cdnow_days["day"] > at, "customer"].unique()
    found = claim(cdnow_study, "active_buys")
    assert found.figure == pytest.approx(active.isin(bought).mean())
    assert found.verdict == "does not hold"


def test_what_cannot_be_seen_in_sales_says_what_it_needs(cdnow_study: Study) -> None:
    untestable = [c for c in cdnow_study.recommendations().claims if c.figure is None]
    assert {"why_they_leave", "surveys", "cost_ratio", "channels"} <= {c.name for c in untestable}
    assert all(c.verdict == "cannot be tested" and c.needs for c in untestable)


def test_cdnow_states_cover_every_customer(cdnow_study: Study) -> None:
    segments = cdnow_study.recommendations().segments
    customers = cdnow_study.customers.to_pandas()
    assert sum(s.customers for s in segments) == 23_570
    assert sum(s.share for s in segments) == pytest.approx(1)
    assert sum(s.spend_share or 0 for s in segments) == pytest.approx(1)
    lapsed = next(s for s in segments if s.name == "lapsed")
    assert lapsed.customers == (customers["silent_days"] > 203).sum()
    value = customers.loc[customers["state"] == "lapsed", "clv"].sum()
    assert lapsed.expected_value == pytest.approx(value, abs=lapsed.customers * 0.005)


def test_actions_put_most_money_first_the_lapsed_last_and_promise_nothing(
    cdnow_study: Study,
) -> None:
    steps = cdnow_study.recommendations().actions
    money = [a.money for a in steps if a.money is not None and a.segment != "lapsed"]
    assert len(money) == 2 and money == sorted(money, reverse=True)
    assert [action.segment for action in steps[2:]] == ["lapsed", None]
    assert {a.certainty for a in steps if a.money is not None} == {"open"}
    assert steps[0].name == "protect_top" and steps[0].segment == "active"
    assert "collect_data" in {a.name for a in steps}


def test_unfit_records_call_for_better_records_alone(cdnow_study: Study) -> None:
    audit = cdnow_study.audit()
    unfit = audit.model_copy(
        update={"verdict": Verdict(retention="unfit", clv="fit", forecast="fit")}
    )
    steps = actions.actions(unfit, cdnow_study.recommendations().segments)
    assert [action.name for action in steps] == ["collect_data"]


def test_established_share_needs_more_than_a_year(cdnow_study: Study) -> None:
    assert cdnow_study.recommendations().established_revenue_share == pytest.approx(1)


# --- the first screen ---------------------------------------------------------


def line(results: Results, name: str) -> Line:
    return next(line for line in results.recommendations.lines if line.name == name)


def fitness(retention: Fitness, clv: Fitness) -> Audit:
    return made.changed(made.audit(), verdict=Verdict(retention=retention, clv=clv, forecast=clv))  # type: ignore[no-any-return]


@pytest.mark.parametrize(("verdict", "certainty"), [("fit", "firm"), ("fit with care", "likely")])
def test_nothing_is_surer_than_the_records(verdict: Fitness, certainty: str) -> None:
    found = made.results(audit=fitness(verdict, "fit"))
    repeat, value = line(found, "repeat_revenue_share"), line(found, "total_clv")
    assert (repeat.certainty, repeat.capped) == (certainty, verdict != "fit")
    assert (value.certainty, value.capped) == ("likely", False)
    assert line(found, "rows_kept").certainty == certainty


def test_records_that_are_unfit_give_no_figure() -> None:
    unfit = made.results(audit=fitness("unfit", "fit"), retention=made.full_retention())
    for shown in unfit.recommendations.lines:
        if shown.name != "rows_kept":
            assert (shown.value, shown.range, shown.certainty) == (None, (), "open")
            assert shown.finding == finding("unknown") and shown.change == finding("not_compared")
    assert line(unfit, "rows_kept").value == 69_659
    assert line(unfit, "rows_kept").finding == finding("unfit")
    assert line(unfit, "rows_kept").certainty == "open"


def test_records_that_are_unfit_for_a_value_give_none() -> None:
    found = made.results(audit=fitness("fit", "unfit"))
    value, repeat = line(found, "total_clv"), line(found, "repeat_revenue_share")
    assert (value.value, value.range, value.certainty) == (None, (), "open")
    assert (repeat.certainty, repeat.capped) == ("firm", False)
    assert line(found, "rows_kept").finding == finding("unfit_value")


def test_the_line_on_trust_tells_unfit_values_beside_rates_that_ask_for_care() -> None:
    for retention, code in (("fit", "unfit_value"), ("fit with care", "unfit_value_care")):
        shown = line(made.results(audit=fitness(retention, "unfit")), "rows_kept")  # type: ignore[arg-type]
        assert (shown.finding, shown.certainty) == (finding(code), "open")


def test_lines_hold_what_stands_behind_the_first_screen() -> None:
    found = made.results(audit=fitness("fit", "fit"), retention=made.full_retention())
    rate, flow = line(found, "returning_rate"), line(found, "quick_ratio")
    assert (rate.value, rate.range, rate.certainty) == (0.589, (0.564, 0.614), "firm")
    assert rate.finding == finding("short", gap=410, expected=0.861)
    assert rate.change == finding("no_clear_change", since=date(2024, 9, 30))
    assert flow.finding == finding("grows")
    assert flow.change.code == "moved"
    assert line(found, "cycle_days").range == (63.0,), "it has no upper end"
    assert line(found, "total_clv").change == finding("not_compared")


def test_a_line_that_is_not_known_gives_its_section_s_reason(cdnow_study: Study) -> None:
    answered = Answered(
        cdnow_study.audit(), cdnow_study.cycle(), made.no_retention(), cdnow_study.clv()
    )
    nothing = pd.DataFrame({"spend": [0.0], "customers": [1]})
    evidence = claims.Evidence(made.no_retention(), cdnow_study._revenue, nothing, None)
    found = recommend(answered, evidence, pd.DataFrame(columns=["state", "customers", "spend"]))
    assert [one.name for one in found.lines if one.value is None] == [
        "retained_rate",
        "quick_ratio",
        "repeat_revenue_share",
    ]
    assert found.why_not["/lines/0/value"].code == "not_in_these_records"
    assert found.why_not["/concentration"].code == "not_in_these_records"


def test_whatever_cannot_be_given_has_a_message(cdnow_study: Study) -> None:
    codes = {
        why.code for why in cdnow_study.recommendations().why_not.values() if isinstance(why, Why)
    }
    assert codes == {"claim_not_tested", "count_of_all", "step_for_all"}
    assert codes <= set(reasons.REASONS)


def test_every_claim_and_what_it_needs_can_be_said() -> None:
    assert {claim.name for claim in claims.CLAIMS} == set(words.claims._CLAIMS)
    assert {claim.needs for claim in claims.CLAIMS} | {
        "more_customers",
        "sound_records",
    } == set(words.claims._NEEDS)


def test_no_claim_is_tested_on_records_that_are_unfit(cdnow_study: Study) -> None:
    evidence = claims.Evidence(
        cdnow_study.retention(), cdnow_study._revenue, cdnow_study._spend, None
    )
    found = {claim.name: claim for claim in claims.tested(evidence, fit=False)}
    assert {claim.verdict for claim in found.values()} == {"cannot be tested"}
    assert all(claim.figure is None for claim in found.values())
    assert found["pareto"].needs == "sound_records" and found["new_buys"].needs == "leads"
