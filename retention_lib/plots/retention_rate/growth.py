"""The figure of notebook 03 that asks whether more customers come than leave."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.style import COLOURS, HATCHES, figure, grid, in_counts, key, note, on_white
from retention_lib.speech import Speech, mark

_MOST_PERIODS: Final = 24  # bars whose hatches can still be told apart on a phone
_MOST_TICKS: Final = {"week": 5, "month": 7}  # of longer periods nine
_STEPS: Final = (1, 2, 3, 4, 6, 12)
_HEADROOM: Final = 0.13  # parts of the bars' range, for the name of the shaded stretch
_KINDS: Final = mark(
    {"new": "first-time", "resurrected": "back after a pause", "lost": "did not come back"}
)
_UNITS: Final = mark(
    {
        "week": "Week that begins on this day",
        "month": "Month",
        "quarter": "Quarter",
        "half-year": "Half-year",
        "year": "Year",
    }
)
_PERIODS: Final = mark({"half-year": "H{number} {year}", "quarter": "Q{number} {year}"})


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw who came, who came back and who was lost in each period, and the net of these.

    Of long histories only the latest periods are drawn.

    Parameters
    ----------
    frame
        As :meth:`retention_lib.study.Study.growth` gives it, one period after the other.
    speech
        How words and numbers are said.
    """
    shown = frame.tail(_MOST_PERIODS).reset_index(drop=True)
    gained = shown["new"] + shown["resurrected"]
    _bars(ax, shown)
    _scales(ax, gained, shown["lost"])
    _net(ax, (gained - shown["lost"]).to_numpy(dtype=float), speech)
    _outpaced(ax, shown["outpaced"], speech)
    _named(ax, shown, speech)
    ax.set_xlabel(_axis(shown, len(frame), speech))
    key(ax, [_patch(kind, speech) for kind in _KINDS])


def period_name(start: date, unit: str, speech: Speech) -> str:
    """Return the name of the period that begins on a day: Q1 2024."""
    if unit in ("month", "week"):
        return speech.month(start) if unit == "month" else speech.date(start)
    if unit == "year":
        return str(start.year)
    number = 1 + (start.month - 1) // (3 if unit == "quarter" else 6)
    return speech.text(_PERIODS[unit], number=str(number), year=str(start.year))


def _bars(ax: Axes, shown: pd.DataFrame) -> None:
    stacks = (("new", 1, 0), ("resurrected", 1, shown["new"]), ("lost", -1, 0))
    for kind, sign, bottom in stacks:
        looks: Any = {"color": COLOURS[kind], "hatch": HATCHES[kind], "bottom": bottom}
        ax.bar(shown.index, sign * shown[kind], 0.8, **looks, edgecolor="white", linewidth=0.4)
    ax.axhline(0, color=COLOURS["all"], linewidth=1)


def _scales(ax: Axes, gained: pd.Series, lost: pd.Series) -> None:
    top, foot = float(gained.max()), float(lost.max())
    whole = max(top, foot, 1)
    low, high = -1.08 * max(foot, 0.15 * whole), max(top, 0.15 * whole)
    ax.set_ylim(low, high + _HEADROOM * (high - low))
    ax.set_xlim(-0.7, max(len(gained), 4) * 1.13 - 0.3)


def _net(ax: Axes, net: np.ndarray, speech: Speech) -> None:
    """Draw gains minus losses, named with its last value at its end."""
    looks: Any = {"linewidth": 1.8, "markersize": 6, "markeredgecolor": "white", "zorder": 4}
    ax.plot(range(len(net)), net, "o-", color=COLOURS["all"], **looks)
    label = ax.annotate(
        speech.text("net:\n{n:short_count}", n=net[-1]),
        (len(net) - 1, net[-1]),
        xytext=(len(net) - 0.45, net[-1]),
        va="center",
        weight="bold",
        color=COLOURS["all"],
    )
    on_white(label)


def _outpaced(ax: Axes, outpaced: pd.Series, speech: Speech) -> None:
    """Shade the periods up to the last in which more were lost than came."""
    if not outpaced.any():
        return
    first, last = outpaced[outpaced].index[0], len(outpaced) - 1
    ax.axvspan(first - 0.5, last + 0.5, facecolor=COLOURS["faint"], linewidth=0, zorder=0)
    right = last < 3
    note(
        ax,
        speech.text("more leave than come"),
        (first - 0.5 if right else last + 0.5, 1),
        (4 if right else -4, -4),
        xycoords=ax.get_xaxis_transform(),
        weight="bold",
        color=COLOURS["all"],
    )


def _named(ax: Axes, shown: pd.DataFrame, speech: Speech) -> None:
    unit = shown["unit"].iloc[-1]
    least = -(-len(shown) // _MOST_TICKS.get(unit, 9))
    step = next(whole for whole in _STEPS if whole >= least)
    # counted from the last period, which is the one that matters
    at = list(range((len(shown) - 1) % step, len(shown), step))
    names = [period_name(shown["start"].iloc[place], unit, speech) for place in at]
    ax.set_xticks(at, ["\n".join(name.rsplit(" ", 1)).replace(",\n", "\n") for name in names])
    ax.set_ylabel(speech.text("Customers"))
    ax.yaxis.set_major_formatter(in_counts(speech))
    grid(ax, "y")


def _axis(shown: pd.DataFrame, periods: int, speech: Speech) -> str:
    last = shown.iloc[-1]
    unit, n = speech.text(_UNITS[last["unit"]]), last["active"]
    if len(shown) == periods:
        return speech.text("{unit} ({n:count} customers bought in the last)", unit=unit, n=n)
    return speech.text(
        "{unit}, latest {shown:count} of {periods:count}\n({n:count} customers bought in the last)",
        unit=unit,
        shown=len(shown),
        periods=periods,
        n=n,
    )


def _patch(kind: str, speech: Speech) -> Patch:
    looks: Any = {"facecolor": COLOURS[kind], "hatch": HATCHES[kind], "edgecolor": "white"}
    return Patch(**looks, label=speech.text(_KINDS[kind]))
