"""How sure is what is expected of customers, and how likely are they to lapse?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from retention_lib.clv.valuation import Terms, Valuation
from retention_lib.models import customer_intervals
from retention_lib.models.purchase_model import state
from retention_lib.models.units import Span

LEVEL = 0.9  # of the ranges of single customers
_DUST = 1e-9  # what rounding may leave beyond a whole number


def outlook(valuation: Valuation, terms: Terms, at_risk_days: int | None) -> pd.DataFrame:
    """Return the scores, and how far what comes may be from them.

    The ranges are moved as the scores are, whole numbers outward: what each customer may do adds up
    to what all are expected to. The chance to lapse is the model's own.

    Parameters
    ----------
    valuation
        One that has scores.
    at_risk_days
        The silence after which customers count as lapsed; None: nobody can.

    Returns
    -------
    pandas.DataFrame
        The scores of the valuation, and

        - lapse_chance: chance of no purchase within ``at_risk_days``; only where these are given
        - purchases_low, purchases_high: 90 % interval of the occasions within the horizon
        - worth_low, worth_high: 90 % interval of what is spent within the horizon, undiscounted,
          in multiples of the expected spend per occasion
    """
    scores = valuation.scores
    assert scores is not None
    ranges = customer_intervals.ranges(
        valuation.purchases,
        _unmoved(valuation, scores),
        terms.months.last,
        valuation.spend.model,
        LEVEL,
    )
    table = scores.join(_moved(ranges, valuation.moved, alike=valuation.spend.model is None))
    if at_risk_days is None:
        return table
    return table.assign(lapse_chance=lapse_chance(valuation, terms, Span.days(at_risk_days)))


def _unmoved(valuation: Valuation, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores as the forecast itself has them."""
    return scores.assign(expected_purchases=scores["expected_purchases"] / valuation.moved)


def _moved(ranges: pd.DataFrame, factor: float, alike: bool) -> pd.DataFrame:
    """Return the ranges multiplied; purchases are whole, and no range is narrowed by rounding.

    Where all purchases are ``alike``, what they bring goes by their number.
    """
    if factor == 1:
        return ranges
    low, high = (ranges[f"purchases_{end}"].to_numpy() * factor for end in ("low", "high"))
    low, high = np.floor(low + _DUST), np.ceil(high - _DUST)
    worth = (low, high) if alike else (ranges["worth_low"] * factor, ranges["worth_high"] * factor)
    return ranges.assign(
        purchases_low=low.astype(np.int64),
        purchases_high=high.astype(np.int64),
        worth_low=worth[0],
        worth_high=worth[1],
    )


def lapse_chance(valuation: Valuation, terms: Terms, silence: Span) -> Any:
    """Return the chance of no purchase within a time, once per score.

    By a plain rule purchases come at a pace that stays: the chance of none is exp(-pace x time).
    """
    scores, model = valuation.scores, valuation.purchases
    assert scores is not None
    if model is not None:
        return 1 - model.buys_within(*state(scores), silence)
    pace = _unmoved(valuation, scores)["expected_purchases"] / terms.months.last.in_days
    return np.exp(-pace * silence.in_days)
