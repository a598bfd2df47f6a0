"""Is one cycle right for all? The figure of the cycles of parts of the customers, notebook 02."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes

from retention_lib.plots.rows import (
    HEADING,
    LONGEST_NAME,
    ROW,
    draw_mark,
    draw_whole,
    write_right,
)
from retention_lib.plots.style import beside, figure, grid, in_whole, literal
from retention_lib.results import Stratum, StratumKind
from retention_lib.speech import Speech, mark

_WIDEST: Final = 2.5  # times the longest cycle at the axis' end; longer intervals are cut there
_KINDS: Final[dict[StratumKind, str]] = mark(
    {"order": "Order", "segment": "Segment", "channel": "Channel", "owner": "Owner"}
)
_ORDERS: Final = mark({"1": "after the first", "2": "after the second", "3+": "after later ones"})


def _rows(strata: Sequence[Stratum]) -> float:
    return len(strata) + HEADING * len({stratum.kind for stratum in strata})


@figure(height=lambda strata: 1.35 + ROW * _rows(strata), pad=26)
def plot(ax: Axes, strata: Sequence[Stratum], speech: Speech, cycle_days: int | None) -> None:
    """Draw the cycle of each part of the customers with its 95 % interval, beside the whole's.

    An interval that reaches beyond the axis ends in an arrow.

    Parameters
    ----------
    strata
        The parts, those of one kind together; any choice of them.
    cycle_days
        The cycle of all customers; None if it is not known.
    """
    end, height = _end(strata, cycle_days or 1), -1.0
    for kind in dict.fromkeys(stratum.kind for stratum in strata):
        height += HEADING
        beside(ax, speech.text(_KINDS[kind]), height, weight="bold")
        for stratum in strata:
            if stratum.kind == kind:
                height += 1
                _stratum(ax, stratum, height, end, speech)
    ax.set_ylim(_rows(strata) - 0.4, -0.35)
    ax.set_xlim(0, end)
    if cycle_days is not None:
        draw_whole(ax, cycle_days, speech.text("all customers: {days:days}", days=cycle_days))
    ax.set_yticks([])
    ax.set_xlabel(speech.text("Cycle in days (line: 95% interval)"))
    in_whole(ax.xaxis, speech, 6)
    grid(ax, "x")


def _end(strata: Sequence[Stratum], cycle_days: int) -> float:
    """Return the last day of the axis, which one wide interval alone does not move."""
    longest = max(cycle_days, *(stratum.cycle_days for stratum in strata))
    widest = max(stratum.cycle_ci95[1] for stratum in strata)
    return 1.05 * max(min(widest, _WIDEST * longest), longest)


def _stratum(ax: Axes, stratum: Stratum, height: float, end: float, speech: Speech) -> None:
    beside(ax, _name(stratum, speech), height)
    draw_mark(ax, stratum.cycle_days, stratum.cycle_ci95, height, "plain", end)
    write_right(ax, speech.text("n = {customers:count}", stratum), height, "unclear")


def _name(stratum: Stratum, speech: Speech) -> str:
    if stratum.kind == "order":
        return speech.text(_ORDERS[stratum.name])
    return literal(stratum.name, LONGEST_NAME)
