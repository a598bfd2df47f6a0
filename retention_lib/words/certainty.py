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
- Money expected of customers: as :class:`retention_lib.results.Clv` says of its ``certainty``.
- A count of what the records hold has no sampling error: *firm*.
- Nothing is surer than the records: where the audit says "fit with care" a figure is at
  most *likely*, where it says "unfit" it is *open*.
"""

from __future__ import annotations

from retention_lib.results import Fitness
from retention_lib.speech import Speech, mark
from retention_lib.stats import certainty
from retention_lib.stats.certainty import MAJORITY, Certainty, of_rate

__all__ = ["MAJORITY", "Certainty", "of_rate"]

_WORDS = {"firm": mark("firm"), "likely": mark("likely"), "open": mark("open")}
_CEILING: dict[Fitness, Certainty] = {"fit": "firm", "fit with care": "likely", "unfit": "open"}


def certainty_word(found: Certainty, speech: Speech) -> str:
    """Return firm, likely or open in the language of the report."""
    return speech.text(_WORDS[found])


def at_most(found: Certainty, fitness: Fitness) -> Certainty:
    """Return the certainty, lowered to what the records can carry."""
    return certainty.at_most(found, _CEILING[fitness])
