"""The figure of notebook 03 that asks whether more customers come than leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    axes,
    entitle,
    grid,
    in_counts,
    key,
    nothing,
    on_white,
    styled,
)
from retention_lib.results import ChartPeriod, Growth, GrowthPeriod, Retention
from retention_lib.speech import Speech

_MOST_PERIODS: Final = 24  # bars whose hatches can still be told apart on a phone
_MOST_TICKS: Final[dict[ChartPeriod, int]] = {
    "week": 5,
    "month": 7,
    "quarter": 9,
    "half-year": 9,
    "year": 9,
}
_STEPS: Final = (1, 2, 3, 4, 6, 12)
_HEADROOM: Final = 0.13  # parts of the bars' range, for the name of the shaded stretch


@styled
def plot_growth(
    result: Retention, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw who came, who came back and who was lost in each period, and what is left of it.

    The records' first period is left out: everybody is new in it, and nobody can be lost. Of
    long histories only the latest periods are drawn.

    Parameters
    ----------
    result
        Growth accounting over chart periods.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    judged = [period for period in _periods(result.growth) if period.lost is not None]
    if result.growth is None or not judged:
        return nothing(ax, title, speech)
    ax = axes(ax)
    shown = judged[-_MOST_PERIODS:]
    _bars(ax, shown)
    _scales(ax, shown)
    _net(ax, shown, speech)
    _outpaced(ax, shown, result.growth.outpaced_since, speech)
    _named(ax, shown, result.growth.unit, len(judged), speech)
    key(ax, _kinds(speech))
    entitle(ax, title)
    return ax


def period_name(start: date, unit: ChartPeriod, speech: Speech) -> str:
    """Return the name of the period that begins on a day: Q1 2024."""
    year = str(start.year)
    if unit == "year":
        return year
    if unit == "half-year":
        return speech.text("H{half} {year}", half=str(1 + start.month // 7), year=year)
    if unit == "quarter":
        return speech.text("Q{quarter} {year}", quarter=str((start.month + 2) // 3), year=year)
    return speech.month(start) if unit == "month" else speech.date(start)


def _periods(growth: Growth | None) -> list[GrowthPeriod]:
    return growth.periods if growth else []


def _bars(ax: Axes, periods: Sequence[GrowthPeriod]) -> None:
    x = range(len(periods))
    new = [period.new for period in periods]
    stacks = (
        ("new", new, None),
        ("resurrected", [period.resurrected for period in periods], new),
        ("lost", [-(period.lost or 0) for period in periods], None),
    )
    for kind, heights, bottom in stacks:
        ax.bar(
            x,
            heights,
            width=0.8,
            bottom=bottom,
            color=COLOURS[kind],
            hatch=HATCHES[kind],
            edgecolor="white",
            linewidth=0.4,
        )
    ax.axhline(0, color=COLOURS["all"], linewidth=1)


def _scales(ax: Axes, periods: Sequence[GrowthPeriod]) -> None:
    top = max(period.new + period.resurrected for period in periods)
    foot = max(period.lost or 0 for period in periods)
    whole = max(top, foot, 1)
    low, high = -1.08 * max(foot, 0.15 * whole), max(top, 0.15 * whole)
    ax.set_ylim(low, high + _HEADROOM * (high - low))
    ax.set_xlim(-0.7, max(len(periods), 4) * 1.13 - 0.3)


def _net(ax: Axes, periods: Sequence[GrowthPeriod], speech: Speech) -> None:
    """Draw what comings less leavings were, named with its last value at its end."""
    net = [period.new + period.resurrected - (period.lost or 0) for period in periods]
    ax.plot(
        range(len(net)),
        net,
        "o-",
        color=COLOURS["all"],
        linewidth=1.8,
        markersize=6,
        markeredgecolor="white",
        zorder=4,
    )
    on_white(
        ax.annotate(
            speech.text("net:\n{n}", n=speech.short_count(net[-1])),
            (len(net) - 1, net[-1]),
            xytext=(len(net) - 0.45, net[-1]),
            va="center",
            weight="bold",
            color=COLOURS["all"],
        )
    )


def _outpaced(
    ax: Axes, periods: Sequence[GrowthPeriod], since: date | None, speech: Speech
) -> None:
    """Shade the periods up to the last in which more were lost than came."""
    if since is None:
        return
    first = next((at for at, period in enumerate(periods) if period.end >= since), None)
    if first is None:
        return
    last = len(periods) - 1
    ax.axvspan(first - 0.5, last + 0.5, facecolor=COLOURS["faint"], linewidth=0, zorder=0)
    right = last < 3
    ax.annotate(
        speech.text("more leave than come"),
        (first - 0.5 if right else last + 0.5, 1),
        xycoords=ax.get_xaxis_transform(),
        xytext=(4 if right else -4, -4),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top",
        weight="bold",
        color=COLOURS["all"],
    )


def _named(
    ax: Axes, periods: Sequence[GrowthPeriod], unit: ChartPeriod, judged: int, speech: Speech
) -> None:
    step = -(-len(periods) // _MOST_TICKS[unit])
    step = next(whole for whole in _STEPS if whole >= step)
    # counted from the last period, which is the one that matters
    at = list(range((len(periods) - 1) % step, len(periods), step))
    names = [period_name(periods[place].start, unit, speech) for place in at]
    ax.set_xticks(at, ["\n".join(name.rsplit(" ", 1)).replace(",\n", "\n") for name in names])
    ax.set_xlabel(_axis(unit, len(periods), judged, periods[-1].active, speech))
    ax.set_ylabel(speech.text("Customers"))
    ax.yaxis.set_major_formatter(in_counts(speech))
    grid(ax, "y")


def _axis(unit: ChartPeriod, shown: int, judged: int, active: int, speech: Speech) -> str:
    names: dict[ChartPeriod, str] = {
        "week": speech.text("Week that begins on this day"),
        "month": speech.text("Month"),
        "quarter": speech.text("Quarter"),
        "half-year": speech.text("Half-year"),
        "year": speech.text("Year"),
    }
    n = speech.count(active)
    if shown == judged:
        return speech.text("{period} ({n} customers bought in the last)", period=names[unit], n=n)
    return speech.text(
        "{period}, latest {shown} of {all}\n({n} customers bought in the last)",
        period=names[unit],
        shown=speech.count(shown),
        all=speech.count(judged),
        n=n,
    )


def _kinds(speech: Speech) -> list[Patch]:
    names = {
        "new": speech.text("first-time"),
        "resurrected": speech.text("back after a pause"),
        "lost": speech.text("did not come back"),
    }
    return [
        Patch(facecolor=COLOURS[kind], hatch=HATCHES[kind], edgecolor="white", label=name)
        for kind, name in names.items()
    ]
