"""How sure a figure is, by its 95 % interval, in three words: firm, likely or open.

*Firm* if the 95 % interval clears the threshold on which a decision turns, *likely* if the 80 %
interval does, else *open*.
"""

from __future__ import annotations

from typing import Final, Literal

Certainty = Literal["firm", "likely", "open"]
Side = Literal["above", "below", "unclear"]
Ends = tuple[float, float]

MAJORITY: Final = 0.5  # do more customers stay than go?
FROM_95_TO_80: Final = 1.2816 / 1.9600  # ratio of normal quantiles
_ORDER: Final[tuple[Certainty, ...]] = ("open", "likely", "firm")


def side_of(ci95: Ends | None, low: float, high: float | None = None) -> Side:
    """Return on which side of a figure, or of the range up to ``high``, an interval lies."""
    if ci95 is None:
        return "unclear"
    top = low if high is None else high
    return "below" if ci95[1] < low else "above" if ci95[0] > top else "unclear"


def of_rate(
    rate: float | None, ci95: Ends | None, threshold: float = MAJORITY, upper: float | None = None
) -> Certainty:
    """Return how surely a rate lies on its side of a threshold, or of the range up to ``upper``."""
    if rate is None or ci95 is None:
        return "open"
    low, high = (rate + FROM_95_TO_80 * (end - rate) for end in ci95)
    words: dict[Certainty, Ends] = {"firm": ci95, "likely": (low, high)}
    clear = (word for word, ends in words.items() if side_of(ends, threshold, upper) != "unclear")
    return next(clear, "open")


def within(off: float, allowed: float) -> Certainty:
    """Return how surely a figure is right within ``allowed``.

    Parameters
    ----------
    off
        How far the farther end of its 95 % interval lies from it, in the unit of ``allowed``.
    """
    if off <= allowed:
        return "firm"
    return "likely" if FROM_95_TO_80 * off <= allowed else "open"


def at_most(certainty: Certainty, ceiling: Certainty) -> Certainty:
    """Return the less sure of two."""
    return min(certainty, ceiling, key=_ORDER.index)
