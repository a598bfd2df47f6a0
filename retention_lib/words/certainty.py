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
- Money expected of customers: *open* without an interval; *firm* if the model missed the
  holdout by at most 10 %, *likely* if by at most 25 %.
- A count of what the records hold has no sampling error: *firm*.
- Nothing is surer than the records: where the audit says "fit with care" a figure is at
  most *likely*, where it says "unfit" it is *open*.
"""

from __future__ import annotations

from typing import Literal

from retention_lib.results import Clv, Cycle, Fitness, Interval
from retention_lib.words.formats import Speech, mark

Certainty = Literal["firm", "likely", "open"]

MAJORITY = 0.5
_DAYS_PER_MONTH = 365.25 / 12

_OFF = 0.25  # by which a cycle may be off without changing what is done
_FROM_95_TO_80 = 1.2816 / 1.9600  # ratio of normal quantiles
_WORDS = {"firm": mark("firm"), "likely": mark("likely"), "open": mark("open")}
_ORDER: tuple[Certainty, ...] = ("open", "likely", "firm")
_CEILING: dict[Fitness, Certainty] = {"fit": "firm", "fit with care": "likely", "unfit": "open"}


def certainty_word(certainty: Certainty, speech: Speech) -> str:
    """Return firm, likely or open in the language of the report."""
    return speech.text(_WORDS[certainty])


def at_most(certainty: Certainty, fitness: Fitness) -> Certainty:
    """Return the certainty, lowered to what the records can carry."""
    return min(certainty, _CEILING[fitness], key=_ORDER.index)


def of_rate(
    rate: float | None,
    ci95: Interval | None,
    threshold: float = MAJORITY,
    upper: float | None = None,
) -> Certainty:
    """Return how surely a rate lies on its side of a threshold, or of the range up to ``upper``."""
    if rate is None or ci95 is None:
        return "open"
    top = threshold if upper is None else upper
    if ci95[1] < threshold or top < ci95[0]:
        return "firm"
    low, high = (rate + _FROM_95_TO_80 * (end - rate) for end in ci95)
    return "likely" if high < threshold or top < low else "open"


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
    return "likely" if _FROM_95_TO_80 * off <= _OFF else "open"


def of_value(clv: Clv) -> Certainty:
    """Return how sure the expected value is."""
    bias = model_bias(clv)
    if clv.total_clv_ci95 is None or bias is None or not within_a_quarter(clv):
        return "open"
    return "firm" if abs(bias) <= 0.10 else "likely"


def model_bias(clv: Clv) -> float | None:
    """Return predicted / actual - 1 of the chosen model in the holdout."""
    if clv.holdout is None:
        return None
    biases = (score.bias for score in clv.holdout.models if score.name == clv.model)
    return next(biases, None)


def within_a_quarter(clv: Clv) -> bool:
    """Say whether the total of the forecast in use was at most a quarter off in the holdout."""
    bias = model_bias(clv)
    return bias is not None and abs(bias) <= 0.25


def tested_days(clv: Clv) -> int:
    """Return how many days the holdout has; 0 without one."""
    return 0 if clv.holdout is None else (clv.holdout.end - clv.holdout.start).days + 1


def outlasts_test(clv: Clv) -> bool:
    """Say whether the value reaches further ahead than the model was tested for."""
    return clv.horizon_months * _DAYS_PER_MONTH > tested_days(clv)
