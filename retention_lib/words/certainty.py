"""How sure a figure is, in three words: firm, likely or open.

- A rate, an interval against a threshold: *firm* if the 95 % interval clears it,
  *likely* if the 80 % interval does, else *open*. The decision behind retention is whether
  keeping customers deserves a test, so its threshold is the rate that would be expected if
  nobody left, from its lowest to its highest over the models. All below the lowest: customers
  do leave, and keeping them deserves a test. All above the highest: nothing to mend by
  keeping; not where customers buy regularly, since the expectation is then a lower bound.
  Between, or reaching into it: *open*, cannot be told from nobody leaving. Where that
  expectation is not known, the threshold is one half: do more customers stay than go?
- Customers gained for each one lost: as a rate, against 1: does the base grow? *Open* where
  nobody new came, since a closed group tells nothing on winning customers.
- A cycle: *open* while a longer history could still lengthen it. If none could, *firm* if
  the 95 % interval stays within a quarter of it on either side, *likely* if the 80 % interval
  does or there is none, else *open*. Where the records begin after their customers did, it
  may be off by a quarter or more: at most *likely*.
- Money expected of customers: *open* without an interval, or where the holdout's total was
  more than a quarter off. *Firm* if the 95 % interval, widened by how wrong earlier forecasts
  were, stays within a third of the total on either side, and at least nine in ten of three or
  more earlier forecasts came out within theirs. *Likely* if the 80 % interval stays within
  that third and the holdout's total was within a quarter; else *open*.
- A count of what the records hold has no sampling error: *firm*.
- Nothing is surer than the records: where the audit says "fit with care" a figure is at
  most *likely*, where it says "unfit" it is *open*.
"""

from __future__ import annotations

from math import log

from retention_lib.results import Clv, Cycle, Score
from retention_lib.stats.certainty import FROM_95_TO_80, MAJORITY, Certainty, of_rate

__all__ = ["MAJORITY", "Certainty", "of_rate"]

_DAYS_PER_MONTH = 365.25 / 12

GOOD_COVERAGE = 0.9  # design of the three words: a method is firm from here on
ENOUGH_FORECASTS = 3  # of which the share that came out within their range begins to mean something
_THIRD = 1.34  # times the total, or as part of it: the range that a budget can still be made with
_OFF = 0.25  # by which a cycle may be off without changing what is done


def of_cycle(cycle: Cycle) -> Certainty:
    """Return how sure the cycle is."""
    if cycle.cycle_days is None or cycle.grows:
        return "open"
    if cycle.interval is None:
        return "likely"
    low, high = cycle.interval
    if high is None:
        return "open"
    off = max(abs(end / cycle.cycle_days - 1) for end in (low, high))
    if off <= _OFF:
        return "likely" if cycle.starts_mid_life else "firm"
    return "likely" if FROM_95_TO_80 * off <= _OFF else "open"


def of_value(clv: Clv) -> Certainty:
    """Return how sure the expected value is."""
    bias, total, ci95 = model_bias(clv), clv.total_clv, clv.total_clv_ci95
    if total is None or ci95 is None or ci95[0] <= 0 or is_far_off(clv):
        return "open"
    off = max(log(total / ci95[0]), log(ci95[1] / total))
    if off <= log(_THIRD) and _has_proved_itself(clv):
        return "firm"
    return "likely" if FROM_95_TO_80 * off <= log(_THIRD) and bias is not None else "open"


def _has_proved_itself(clv: Clv) -> bool:
    """Say whether enough earlier forecasts came out within their widened range."""
    made = 0 if clv.record is None else len(clv.record.forecasts)
    return made >= ENOUGH_FORECASTS and clv.coverage is not None and clv.coverage >= GOOD_COVERAGE


def chosen_score(clv: Clv) -> Score | None:
    """Return how the forecast in use did in the holdout; None where it took no part."""
    if clv.holdout is None:
        return None
    return next((score for score in clv.holdout.models if score.name == clv.model), None)


def model_bias(clv: Clv) -> float | None:
    """Return predicted / actual - 1 of the forecast in use in the holdout."""
    score = chosen_score(clv)
    return None if score is None else score.bias


def is_far_off(clv: Clv) -> bool:
    """Say whether the forecast in use was more than a quarter off in the holdout, or nobody bought."""
    score = chosen_score(clv)
    return score is not None and (score.bias is None or abs(score.bias) > 0.25)


def tested_days(clv: Clv) -> int:
    """Return how far ahead the longest test looked, holdout or earlier forecasts; 0 without one."""
    held = 0 if clv.holdout is None else (clv.holdout.end - clv.holdout.start).days + 1
    past = clv.record.days if clv.record is not None and clv.record.forecasts else 0
    return max(held, past)


def days_ahead(clv: Clv) -> float:
    """Return how many days ahead the value looks."""
    return clv.horizon_months * _DAYS_PER_MONTH


def outlasts_test(clv: Clv) -> bool:
    """Say whether the value looks further ahead than any test did, by more than a day."""
    return days_ahead(clv) - tested_days(clv) > 1
