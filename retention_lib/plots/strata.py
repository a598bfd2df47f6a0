"""The figure of notebook 02 that asks whether one cycle is right for all."""

from __future__ import annotations

from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from retention_lib.plots.style import (
    COLOURS,
    SMALL,
    Voice,
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

_LONGEST_NAME: Final = 22  # signs
_WIDEST: Final = 2.5  # times the longest cycle at the axis' end; longer intervals are cut there
_HEADING: Final = 1.25  # rows, of which the room above it is a quarter
_ROW: Final = 0.29  # inches


@styled
def plot_strata(result: Cycle, voice: Voice, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw the cycle of each part of the customers with its 95 % interval, beside the whole's.

    An interval that reaches beyond the axis ends in an arrow.

    Parameters
    ----------
    result
        The strata, drawn in their order, and the cycle of all customers.
    voice
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if not result.strata:
        return nothing(ax, title, voice)
    groups: dict[StratumKind, list[Stratum]] = {}
    for stratum in result.strata:
        groups.setdefault(stratum.kind, []).append(stratum)
    rows = len(result.strata) + _HEADING * len(groups)
    ax = axes(ax, 1.35 + _ROW * rows)
    end = _end(result)
    top = 0.0
    for kind, strata in groups.items():
        _heading(ax, kind, top + _HEADING - 1, voice)
        for at, stratum in enumerate(strata):
            _stratum(ax, stratum, top + _HEADING + at, end, voice)
        top += _HEADING + len(strata)
    _whole(ax, result.cycle_days, end, voice)
    ax.set_ylim(rows - 0.4, -0.35)
    ax.set_xlim(0, end)
    _scale(ax, voice)
    entitle(ax, title, pad=26)
    return ax


def _end(result: Cycle) -> float:
    """Return the last day of the axis, which one wide interval alone does not move."""
    cycles = [stratum.cycle_days for stratum in result.strata]
    longest = max(*cycles, result.cycle_days or 0, 1)
    widest = max(stratum.cycle_ci95[1] for stratum in result.strata)
    return 1.05 * max(min(widest, _WIDEST * longest), longest)


def _heading(ax: Axes, kind: StratumKind, height: float, voice: Voice) -> None:
    names: dict[StratumKind, str] = {
        "order": voice.text("Order"),
        "segment": voice.text("Segment"),
        "channel": voice.text("Channel"),
        "owner": voice.text("Owner"),
    }
    beside(ax, names[kind], height, weight="bold")


def _stratum(ax: Axes, stratum: Stratum, height: float, end: float, voice: Voice) -> None:
    beside(ax, _name(stratum, voice), height)
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
        voice.text("n = {n}", n=voice.count(stratum.customers)),
        (1, height),
        xycoords=ax.get_yaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        color="#666666",
    )


def _name(stratum: Stratum, voice: Voice) -> str:
    if stratum.kind != "order":
        return literal(stratum.name, _LONGEST_NAME)
    names = {
        "1": voice.text("after the first"),
        "2": voice.text("after the second"),
        "3+": voice.text("after later ones"),
    }
    return names[stratum.name]


def _whole(ax: Axes, cycle_days: int | None, end: float, voice: Voice) -> None:
    if cycle_days is None:
        return
    ax.axvline(cycle_days, color=COLOURS["all"], linewidth=1.4, linestyle="--", zorder=1)
    left, right = cycle_days < 0.3 * end, cycle_days > 0.7 * end
    ax.annotate(
        voice.text("all customers: {days}", days=voice.days(cycle_days)),
        (cycle_days, 1),
        xycoords=ax.get_xaxis_transform(),
        xytext=(-4 if left else 4 if right else 0, 4),
        textcoords="offset points",
        ha="left" if left else "right" if right else "center",
        weight="bold",
        color=COLOURS["all"],
    )


def _scale(ax: Axes, voice: Voice) -> None:
    ax.set_yticks([])
    ax.set_xlabel(voice.text("Cycle in days (line: 95% interval)"))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    ax.xaxis.set_major_formatter(in_counts(voice))
    grid(ax, "x")
