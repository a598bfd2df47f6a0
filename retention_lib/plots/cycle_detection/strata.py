"""The figure of notebook 02 that asks whether one cycle is right for all."""

from __future__ import annotations

from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from retention_lib.plots.rows import HEADING, LONGEST_NAME, ROW, draw_whole
from retention_lib.plots.style import (
    COLOURS,
    SMALL,
    axes,
    beside,
    entitle,
    grid,
    in_counts,
    literal,
    nothing,
    styled,
)
from retention_lib.results import Cycle, Stratum, StratumKind
from retention_lib.speech import Speech

_WIDEST: Final = 2.5  # times the longest cycle at the axis' end; longer intervals are cut there


@styled
def plot_strata(result: Cycle, speech: Speech, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw the cycle of each part of the customers with its 95 % interval, beside the whole's.

    An interval that reaches beyond the axis ends in an arrow.

    Parameters
    ----------
    result
        The strata, drawn in their order, and the cycle of all customers.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if not result.strata:
        return nothing(ax, title, speech)
    groups: dict[StratumKind, list[Stratum]] = {}
    for stratum in result.strata:
        groups.setdefault(stratum.kind, []).append(stratum)
    rows = len(result.strata) + HEADING * len(groups)
    ax = axes(ax, 1.35 + ROW * rows)
    end = _end(result)
    top = 0.0
    for kind, strata in groups.items():
        _heading(ax, kind, top + HEADING - 1, speech)
        for at, stratum in enumerate(strata):
            _stratum(ax, stratum, top + HEADING + at, end, speech)
        top += HEADING + len(strata)
    ax.set_ylim(rows - 0.4, -0.35)
    ax.set_xlim(0, end)
    if result.cycle_days is not None:
        days = speech.days(result.cycle_days)
        draw_whole(ax, result.cycle_days, speech.text("all customers: {days}", days=days))
    _scale(ax, speech)
    entitle(ax, title, pad=26)
    return ax


def _end(result: Cycle) -> float:
    """Return the last day of the axis, which one wide interval alone does not move."""
    cycles = [stratum.cycle_days for stratum in result.strata]
    longest = max(*cycles, result.cycle_days or 0, 1)
    widest = max(stratum.cycle_ci95[1] for stratum in result.strata)
    return 1.05 * max(min(widest, _WIDEST * longest), longest)


def _heading(ax: Axes, kind: StratumKind, height: float, speech: Speech) -> None:
    names: dict[StratumKind, str] = {
        "order": speech.text("Order"),
        "segment": speech.text("Segment"),
        "channel": speech.text("Channel"),
        "owner": speech.text("Owner"),
    }
    beside(ax, names[kind], height, weight="bold")


def _stratum(ax: Axes, stratum: Stratum, height: float, end: float, speech: Speech) -> None:
    beside(ax, _name(stratum, speech), height)
    low, high = stratum.cycle_ci95
    colour = COLOURS["returning"]
    ax.hlines(height, low, min(high, end), color=colour, linewidth=2.4)
    for x in stratum.cycle_ci95:
        if x <= end:
            ax.plot([x], [height], "|", color=colour, markersize=9, markeredgewidth=2)
    if high > end:
        ax.plot([end], [height], ">", color=colour, markersize=7, clip_on=False)
    ax.plot([stratum.cycle_days], [height], "o", color=colour, markersize=7, zorder=4)
    ax.annotate(
        speech.text("n = {n}", n=speech.count(stratum.customers)),
        (1, height),
        xycoords=ax.get_yaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        color="#666666",
    )


def _name(stratum: Stratum, speech: Speech) -> str:
    if stratum.kind != "order":
        return literal(stratum.name, LONGEST_NAME)
    names = {
        "1": speech.text("after the first"),
        "2": speech.text("after the second"),
        "3+": speech.text("after later ones"),
    }
    return names[stratum.name]


def _scale(ax: Axes, speech: Speech) -> None:
    ax.set_yticks([])
    ax.set_xlabel(speech.text("Cycle in days (line: 95% interval)"))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    ax.xaxis.set_major_formatter(in_counts(speech))
    grid(ax, "x")
