"""The ranges of the totals: how sure the model is, and how wrong earlier forecasts were."""

from __future__ import annotations

from datetime import date
from math import expm1, hypot
from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.clv.past_forecasts import Ahead, Past
from retention_lib.clv.subscribers import Total
from retention_lib.clv.valuation import Terms, Valuation
from retention_lib.models.purchase_model import FitError
from retention_lib.models.total_uncertainty import TotalUncertainty, of_rule, of_total
from retention_lib.models.units import Span
from retention_lib.results import Spread, Why, why

NAMES = (
    "expected_purchases_ci95",
    "expected_purchases_own_ci95",
    "total_clv_ci95",
    "total_clv_own_ci95",
    "expected_revenue_ci95",
)


def own_uncertainty(
    valuation: Valuation, triples: pd.DataFrame, terms: Terms, seed: int
) -> TotalUncertainty | Why:
    """How far may today's totals be off if the forecast in use is right? Or why is that unknown?

    Parameters
    ----------
    triples
        As :func:`retention_lib.summaries.backtests.spend_by_triple` gives them for today.
    seed
        Of the draws of parameters.
    """
    if valuation.scores is None:
        return valuation.why_not["model"]
    if valuation.expected <= 0:
        return why("nothing_expected")
    if valuation.purchases is None:
        return TotalUncertainty(of_rule(valuation.expected), None)
    try:
        return of_total(
            valuation.purchases, triples, terms.months.last, seed, valuation.spend.model
        )
    except FitError as error:
        return why(error.code, **error.facts)


def ahead(
    valuation: Valuation, own: TotalUncertainty | Why, past: Past, at: date, horizon: Span
) -> Ahead | None:
    """Return the forecast of a day as it stands beside those of earlier days: without subscribers.

    Parameters
    ----------
    valuation
        Before it is moved.
    own
        As :func:`own_uncertainty` gives it.
    """
    if isinstance(own, Why):
        return None
    predicted = valuation.expected
    moved = predicted * past.centre.factor
    return Ahead(
        at,
        int(horizon.in_days),
        predicted,
        moved,
        stats.own_interval(predicted, own.purchases),
        past.widened(moved, own.purchases).interval,
    )


def ranges(
    purchases: float | None,
    value: float | None,
    own: TotalUncertainty | None,
    past: Past,
    subscribed: tuple[Total, Total] = (Total(), Total()),
    revenue: tuple[float | None, Total] = (None, Total()),
) -> dict[str, Any]:
    """Return the ranges of the totals and what they are made of, by name of the figure.

    Where every occasion is worth the same, the value is as sure as the purchases.

    Parameters
    ----------
    purchases, value
        The totals, moved by the record; None where there is none.
    subscribed
        What of them is the charges of subscribers, whose chance is apart from that of the others.
    revenue
        What the purchases bring, and what of that subscribers do.
    """
    if own is None or not purchases:
        return dict.fromkeys([*NAMES, "spread"])
    charges, worth = subscribed
    brings, brought = revenue
    of_money = own.purchases if own.value is None else own.value
    deviation, of_revenue = _with(worth, value, of_money), _with(brought, brings, of_money)
    bought = _with(charges, purchases, own.purchases)
    wide = past.widened(purchases, bought)
    return {
        "expected_purchases_ci95": wide.interval,
        "expected_purchases_own_ci95": stats.own_interval(purchases, bought),
        "total_clv_ci95": past.widened(value, deviation).interval if value else None,
        "expected_revenue_ci95": past.widened(brings, of_revenue).interval if brings else None,
        "total_clv_own_ci95": stats.own_interval(value, deviation) if value else None,
        "spread": Spread(
            purchases=bought,
            value=deviation if value else None,
            below=wide.below,
            above=wide.above,
            error=expm1(max(wide.below, wide.above)),
            forecasts=len(past.errors),
            factor=wide.factor,
        ),
    }


def _with(part: Total, total: float | None, own: float) -> float:
    """Return the deviation of ln of a total, given that of what is left of it without a part."""
    if not total:
        return own
    return hypot(own * (1 - part.expected / total), part.deviation / total)
