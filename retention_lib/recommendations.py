"""Notebook 05: where should the next effort go?"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.results import (
    Action,
    Audit,
    Claim,
    ClaimVerdict,
    Clv,
    Concentration,
    Cycle,
    Interval,
    Recommendations,
    Retention,
    Segment,
    State,
)

SEED = 20_001
DAYS_PER_YEAR = 365
TOP_CUSTOMERS = 10
# a tenth of all spend with ten customers is where their loss would be felt
KEY_SHARE = 0.10
_MORE_CUSTOMERS = "more customers: the interval still reaches to both sides of the claim"


def concentration(spend: pd.DataFrame) -> Concentration | None:
    """Return how much hangs on how few customers; None where nobody has spent anything.

    Parameters
    ----------
    spend
        Columns ``spend`` (of one customer) and ``customers``.
    """
    values, counts = spend["spend"], spend["customers"]
    if not (values > 0).any():
        return None
    hhi = stats.herfindahl(values, counts)
    return Concentration(
        hhi=hhi,
        effective_customers=1 / hhi,
        gini=stats.gini(values, counts),
        top20_share=stats.share_of_largest(values, counts, 0.2 * float(counts.sum())),
        top1_share=stats.share_of_largest(values, counts, 1),
        top5_share=stats.share_of_largest(values, counts, 5),
        top10_share=stats.share_of_largest(values, counts, 10),
    )


def lorenz(spend: pd.DataFrame) -> pd.DataFrame:
    """Return the share of spend held by the largest 0, 1, ... 100 % of customers.

    Returns
    -------
    pandas.DataFrame
        customers_share, spend_share (fractions); empty where nobody has spent anything
    """
    if not (spend["spend"] > 0).any():
        return pd.DataFrame({"customers_share": [], "spend_share": []}, dtype=float)
    shares = np.linspace(0, 1, 101)
    held = stats.lorenz(spend["spend"], spend["customers"], shares)
    return pd.DataFrame({"customers_share": shares, "spend_share": held})


def recommend(
    audit: Audit,
    cycle: Cycle,
    retention: Retention,
    clv: Clv,
    revenue: pd.DataFrame,
    spend: pd.DataFrame,
    active: pd.DataFrame | None,
    states: pd.DataFrame,
) -> Recommendations:
    """Return concentration, tested claims, customers by state, and what to do first.

    Parameters
    ----------
    revenue, spend, active
        As :func:`retention_lib.summaries.revenue`, ``spend`` and ``active_buyers`` give them.
    states
        Columns ``state``, ``customers``, ``spend``, ``expected_purchases``, ``clv`` (the last
        two may be missing values); empty without a cycle.
    """
    concentrated = concentration(spend)
    segments = _segments(states)
    claims = _claims(retention, concentrated, revenue, spend, active)
    figures: dict[str, Any] = {
        "concentration": concentrated,
        "repeat_revenue_share": retention.repeat_revenue_share,
        "established_revenue_share": _established(cycle, revenue.sum()),
        "budget": None,
    }
    actions = _actions(audit, segments)
    return Recommendations(
        **figures,
        claims=claims,
        segments=segments,
        scenarios=[],
        actions=actions,
        goals=[],
        why_not=_why_not(figures, claims, segments, actions),
    )


def _established(cycle: Cycle, total: pd.Series) -> float | None:
    """Return the share of the last year's value from customers won more than a year ago."""
    if cycle.history_days <= DAYS_PER_YEAR:
        return None
    return stats.ratio(total["established_value"], total["year_value"])


def _segments(states: pd.DataFrame) -> list[Segment]:
    customers, spend = states["customers"].sum(), states["spend"].sum()
    rows = {row["state"]: row for row in states.to_dict("records")}
    return [
        Segment(
            name=name,
            customers=int(row["customers"]),
            share=float(row["customers"] / customers),
            spend_share=float(row["spend"] / spend) if spend > 0 else None,
            expected_purchases=_number(row["expected_purchases"]),
            expected_value=_number(row["clv"]),
        )
        for name in get_args(State)
        if (row := rows.get(name)) is not None
    ]


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


# --- claims -------------------------------------------------------------------


def _claims(
    retention: Retention,
    concentrated: Concentration | None,
    revenue: pd.DataFrame,
    spend: pd.DataFrame,
    active: pd.DataFrame | None,
) -> list[Claim]:
    tested = [
        _at_least(
            "repeat_revenue",
            0.40,
            retention.repeat_revenue_share,
            stats.group_bootstrap(revenue, lambda row: _or_nan(_repeat_share(row)), SEED),
            needs="amounts",
        ),
        _active_buys(active),
        _at_least(
            "bigger_orders",
            0.31,
            _order_growth(revenue.sum()),
            stats.group_bootstrap(revenue, lambda row: _or_nan(_order_growth(row)), SEED),
            needs="amounts and repeat buyers",
        ),
        _census("pareto", 0.80, None if concentrated is None else concentrated.top20_share),
        _key_customers(concentrated, int(spend["customers"].sum())),
        Claim(
            name="second_purchase",
            claim=_CLAIMS["second_purchase"],
            figure=retention.second_purchase_rate,
            ci95=retention.second_purchase_ci95,
            verdict="cannot be tested",
            needs="a campaign to one-time buyers with a random part left alone",
        ),
    ]
    return tested + [_untestable(name, needs) for name, needs in _NEEDS.items()]


def _repeat_share(row: pd.Series) -> float | None:
    return stats.ratio(row["repeat_value"], row["value"])


def _or_nan(figure: float | None) -> float:
    return np.nan if figure is None else figure


def _order_growth(row: pd.Series) -> float | None:
    """Return by how much the mean repeat occasion is worth more than the mean first one."""
    first_value = row["value"] - row["repeat_value"]
    if not row["repeats"] or not first_value > 0:
        return None
    return float((row["repeat_value"] / row["repeats"]) / (first_value / row["firsts"]) - 1)


def _active_buys(active: pd.DataFrame | None) -> Claim:
    total = None if active is None else active.sum()
    if total is None or not total["customers"]:
        return _at_least("active_buys", 0.60, None, None, needs="a longer history")
    bought, customers = int(total["bought"]), int(total["customers"])
    interval = stats.wilson(bought, customers)
    return _at_least("active_buys", 0.60, bought / customers, interval, needs="a longer history")


def _at_least(
    name: str, claimed: float, figure: float | None, interval: Interval | None, needs: str
) -> Claim:
    """Return a claim tested by whether the interval lies wholly on one side of it."""
    if figure is None or interval is None:
        return _untestable(name, needs)
    verdict: ClaimVerdict = "holds" if interval[0] >= claimed else "does not hold"
    straddles = interval[0] < claimed <= interval[1]
    return Claim(
        name=name,
        claim=_CLAIMS[name],
        figure=figure,
        ci95=interval,
        verdict="cannot be tested" if straddles else verdict,
        needs=_MORE_CUSTOMERS if straddles else None,
    )


def _census(name: str, claimed: float, figure: float | None) -> Claim:
    """Return a claim on a count of all customers, which has no sampling interval."""
    if figure is None:
        return _untestable(name, "amounts")
    verdict: ClaimVerdict = "holds" if figure >= claimed else "does not hold"
    return Claim(
        name=name, claim=_CLAIMS[name], figure=figure, ci95=None, verdict=verdict, needs=None
    )


def _key_customers(concentrated: Concentration | None, customers: int) -> Claim:
    if customers <= TOP_CUSTOMERS:
        return _untestable("key_customers", f"more than {TOP_CUSTOMERS} customers")
    return _census(
        "key_customers", KEY_SHARE, None if concentrated is None else concentrated.top10_share
    )


def _untestable(name: str, needs: str) -> Claim:
    return Claim(
        name=name,
        claim=_CLAIMS[name],
        figure=None,
        ci95=None,
        verdict="cannot be tested",
        needs=needs,
    )


_CLAIMS = {
    "repeat_revenue": "40 % of revenue comes from repeat buyers.",
    "active_buys": "An existing customer buys with a chance of 60 to 70 %: here, an active "
    "customer within one cycle.",
    "bigger_orders": "Existing customers spend 31 % more per order.",
    "pareto": "80 % of sales come from 20 % of customers.",
    "key_customers": "Losing the ten largest customers would hurt: they hold a tenth of all spend.",
    "second_purchase": "One-time buyers can be made loyal.",
    "new_buys": "A new prospect buys with a chance of 20 %.",
    "cost_ratio": "Winning a customer costs 5 to 7 times as much as keeping one.",
    "effort": "An established business should put 60 % of its marketing effort into keeping.",
    "new_products": "Existing customers are 50 % likelier to try a new product.",
    "profit": "5 % more retention lifts profit by 7 %.",
    "channels": "E-mail keeps customers best, and the web site wins them best.",
    "why_they_leave": "68 % leave because nobody cared for them, 14 % dissatisfied, 9 % to a "
    "competitor.",
    "controllable": "85 % of all losses could have been prevented.",
    "surveys": "What shoppers say in surveys about loyalty (82, 84, 86 %).",
}
_NEEDS = {
    "new_buys": "a list of leads with those who bought",
    "cost_ratio": "marketing spend on winning and on keeping, which is not read yet",
    "effort": "marketing spend on winning and on keeping, which is not read yet",
    "new_products": "a look at each customer's products over time, which is not built yet",
    "profit": "a margin, and the spend on keeping, which is not read yet",
    "channels": "retention by channel, which is not computed yet",
    "why_they_leave": "a file of reasons given by customers who left",
    "controllable": "a file of reasons given by customers who left",
    "surveys": "a survey of your own customers",
}


# --- actions ------------------------------------------------------------------


def _actions(audit: Audit, segments: list[Segment]) -> list[Action]:
    """Return what to do, most at stake first. No effect is measured yet: every one is open.

    The lapsed come last: what is expected of them is flattered, since BG/NBD lets no one-time
    buyer leave.

    On records that are unfit nothing can be built but better records.
    """
    if audit.verdict.retention == "unfit":
        return [_collect(audit.customers)]
    by_name = {segment.name: segment for segment in segments}
    steps: list[tuple[str, State]] = [
        ("protect_top", "active"),
        ("win_back_slipping", "slipping"),
        ("second_purchase", "new"),
        ("keep_lapsed_automatic", "lapsed"),
    ]
    actions = [
        Action(
            name=name,
            segment=state,
            customers=by_name[state].customers,
            money=by_name[state].expected_value,
            certainty="open",
        )
        for name, state in steps
        if state in by_name and by_name[state].customers
    ]
    actions.sort(key=lambda action: (action.segment == "lapsed", -(action.money or 0)))
    return actions + ([_collect(audit.customers)] if audit.verdict.retention != "fit" else [])


def _collect(customers: int) -> Action:
    certainty: Literal["firm"] = "firm"
    return Action(
        name="collect_data", segment=None, customers=customers, money=None, certainty=certainty
    )


def _why_not(
    figures: dict[str, Any],
    claims: list[Claim],
    segments: list[Segment],
    actions: list[Action],
) -> dict[str, str]:
    amounts = "The records carry no amounts above zero."
    sentences = {
        "concentration": amounts,
        "repeat_revenue_share": amounts,
        "established_revenue_share": "The history is too short to tell established customers.",
        "budget": "Splitting the budget needs the spend on winning and on keeping, which is not read yet.",
    }
    why_not = {f"/{name}": sentences[name] for name, value in figures.items() if value is None}
    for at, claim in enumerate(claims):
        why_not |= _claim_why_not(f"/claims/{at}", claim)
    for at, segment in enumerate(segments):
        why_not |= _missing(f"/segments/{at}", segment, "No value per customer could be given.")
    for at, action in enumerate(actions):
        why_not |= _missing(f"/actions/{at}", action, "No single segment or sum stands behind it.")
    return why_not


def _claim_why_not(pointer: str, claim: Claim) -> dict[str, str]:
    sentences = {
        "figure": f"It has not been tested; that needs {claim.needs}.",
        "ci95": "There is no interval: no figure, or a count of all customers.",
        "needs": "The records hold all it needs.",
    }
    return {
        f"{pointer}/{name}": sentence
        for name, sentence in sentences.items()
        if getattr(claim, name) is None
    }


def _missing(pointer: str, part: Segment | Action, sentence: str) -> dict[str, str]:
    return {f"{pointer}/{name}": sentence for name, value in part if value is None}
