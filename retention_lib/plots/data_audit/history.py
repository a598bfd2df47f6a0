"""Do the records change in time: rows, money and customers by period, with breaks marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.style import COLOURS, HATCHES, figure, grid, in_counts, in_few, note
from retention_lib.results import Break
from retention_lib.speech import Speech, mark

Series = Literal["rows", "money", "customers"]

_HEIGHT: Final = 6.2
_MOST_TICKS: Final = 6
_LEAST: Final = 0.006  # of the history's length: the narrowest span that is seen on a phone
_NEAR: Final = 0.045  # of it: marks nearer than this stand one above the other
_PLACE: Final = 14.0  # points from one number to that above it
_HEAD: Final = 24.0  # points above each panel, for its name
_MONTHS: Final = (1, 2, 3, 4, 6, 12, 24, 36, 60, 120)  # between ticks
# the panel that shows what changes
_PANELS: Final[dict[str, Series]] = {
    "rows": "rows",
    "money": "money",
    "order_value": "money",
    "unit_price": "money",
    "customers": "customers",
    "new_customers": "customers",
}
_NAMES: Final = mark({"rows": "Rows in use", "money": "Revenue"})
_MONEY: Final = mark("Revenue ({currency})")
_AXIS: Final = mark(
    {
        "week": "Week ({n:count} rows in all)",
        "month": "Month ({n:count} rows in all)",
        "quarter": "Quarter ({n:count} rows in all)",
    }
)
_NEW: Final[dict[str, Any]] = {
    "facecolor": COLOURS["new"],
    "hatch": HATCHES["new"],
    "edgecolor": "white",
    "linewidth": 0,
}
_PLAIN: Final[dict[Series, dict[str, Any]]] = {
    "rows": {"facecolor": COLOURS["muted"]},
    "money": {"facecolor": COLOURS["predicted"]},
    "customers": {"facecolor": COLOURS["returning"]},
}
_SPANS: Final = {True: "#F2B48C", False: "#FBE6D8"}  # in the panel of what changes, and elsewhere
_PARTIAL: Final[dict[str, Any]] = {
    "facecolor": (1, 1, 1, 0.55),
    "hatch": "xxx",
    "edgecolor": COLOURS["muted"],
    "linewidth": 0,
}


@figure(height=_HEIGHT)
def plot(
    ax: Axes,
    frame: pd.DataFrame,
    speech: Speech,
    breaks: Sequence[Break] = (),
    numbers: Sequence[int] = (),
) -> None:
    """Draw rows, revenue and customers of each period, one panel below the other.

    Breaks are numbered above the panels and marked in all of them: a line is a day from
    which on the records differ, a shaded span what lies between two days. In the panel of what
    changes the line is solid, the span darker.

    Parameters
    ----------
    frame
        As :meth:`retention_lib.study.Study.history` gives it; without money there is no such panel.
    breaks
        In the order of their days.
    numbers
        By which each is told; by default from 1 on.
    """
    length = (frame["end"].iloc[-1] - frame["start"].iloc[0]).days + 1
    places = _places([_middle(found) for found in breaks], _NEAR * length)
    shown = [series for series in _PLAIN if frame[series].notna().any()]
    panels = dict(zip(shown, _panels(ax, len(shown), max(places, default=0)), strict=True))
    for series, panel in panels.items():
        _bars(panel, frame, series)
        _named(panel, frame, series, speech)
        for found in breaks:
            _line(panel, found, _PANELS[found.series] == series, _LEAST * length)
    for number, found, place in zip(
        numbers or range(1, len(breaks) + 1), breaks, places, strict=True
    ):
        _number(panels["rows"], number, _middle(found), place)
    _dates(ax, list(panels.values()), frame, speech)


def _panels(ax: Axes, number: int, places: int) -> list[Axes]:
    """Return so many axes of one size that fill the given ones, which only name the days.

    Above the first is room for so many numbers one above the other, above each for its name.
    """
    ax.set_ylim(0, 1)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    points = 72 * 0.76 * _HEIGHT  # the axes' height, all but exactly
    above, head = _PLACE * places / points, _HEAD / points
    step = (1 - above) / number
    found = [ax.inset_axes((0, step * (number - 1 - n), 1, step - head)) for n in range(number)]
    for panel in found:
        panel.tick_params(axis="x", length=0)
    return found


def _bars(panel: Axes, frame: pd.DataFrame, series: Series) -> None:
    left, width = _days(frame)
    heights = frame[series].to_numpy(dtype=float)
    new = frame["new_customers"].to_numpy(dtype=float) if series == "customers" else 0 * heights
    panel.bar(left, heights - new, width, align="edge", **_PLAIN[series])
    if series == "customers":
        panel.bar(left, new, width, bottom=heights - new, align="edge", **_NEW)
    partial = ~frame["complete"].to_numpy(dtype=bool)
    panel.bar(left[partial], heights[partial], width[partial], align="edge", **_PARTIAL)


def _days(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return where each period begins, in days, and how wide its bar is."""
    starts = np.array([day.toordinal() for day in frame["start"]], dtype=float)
    ends = np.array([day.toordinal() for day in frame["end"]], dtype=float)
    return starts, 0.86 * (ends - starts + 1)


def _named(panel: Axes, frame: pd.DataFrame, series: Series, speech: Speech) -> None:
    """Write above a panel what it shows, and count on its axis."""
    low, high = min(0.0, float(frame[series].min())), float(frame[series].max()) or 1.0
    panel.set_ylim(1.05 * low, 1.05 * high)
    in_few(panel.yaxis, 3)
    bottom, top = panel.get_ylim()
    # none beyond the panel, where the title stands
    panel.set_yticks([at for at in panel.get_yticks() if bottom <= at <= top])
    panel.yaxis.set_major_formatter(in_counts(speech))
    grid(panel, "y")
    if series == "customers":
        _key(panel, frame, speech)
        return
    message = _MONEY if series == "money" and speech.currency else _NAMES[series]
    note(panel, speech.text(message, speech), (0, 1), (0, 5), xycoords="axes fraction", ha="left")


def _middle(found: Break) -> float:
    """Return where a break's number stands: in the middle of what lies between two days."""
    start = float(found.start.toordinal())
    return start if found.end is None else (start + found.end.toordinal() + 1) / 2


def _line(panel: Axes, found: Break, own: bool, least: float) -> None:
    """Mark a break in a panel: a shaded span, or the day from which on the records differ."""
    colour, start = COLOURS["lost"], float(found.start.toordinal())
    if found.end is not None:
        end = max(found.end.toordinal() + 1.0, start + least)
        panel.axvspan(start, end, facecolor=_SPANS[own], linewidth=0, zorder=0)
        return
    look: Any = {"linestyle": "-" if own else (0, (2, 2)), "linewidth": 1.8 if own else 1.2}
    panel.axvline(start, color=colour, **look)


def _places(middles: list[float], near: float) -> list[int]:
    """Return at which height each number stands, from 1 on, so that none covers another."""
    ends: list[float] = []
    found = []
    for middle in middles:
        place = next((at for at, end in enumerate(ends) if middle - end >= near), len(ends))
        ends[place : place + 1] = [middle]
        found.append(place + 1)
    return found


def _number(panel: Axes, number: int, x: float, place: int) -> None:
    note(
        panel,
        str(number),
        (x, 1),
        (0, _HEAD + _PLACE * (place - 0.7)),
        xycoords=panel.get_xaxis_transform(),
        va="center",
        fontsize=9,
        weight="bold",
        color="white",
        bbox={"boxstyle": "circle,pad=0.18", "facecolor": COLOURS["lost"], "linewidth": 0},
    )


def _dates(ax: Axes, panels: list[Axes], frame: pd.DataFrame, speech: Speech) -> None:
    """Let all panels share their days, which are named below them."""
    left, right = frame["start"].iloc[0], frame["end"].iloc[-1]
    days = _ticks(left, right)
    at = [day.toordinal() for day in days]
    for panel in (ax, *panels):
        panel.set_xlim(left.toordinal() - 1, right.toordinal() + 2)
        panel.set_xticks(at, [""] * len(at))
    names = [speech.month(day) if day.day == 1 else speech.date(day) for day in days]
    ax.set_xticks(at, ["\n".join(name.rsplit(" ", 1)) for name in names])
    ax.set_xlabel(speech.text(_AXIS[frame["unit"].iloc[0]], n=frame["rows"].sum()))


def _ticks(first: date, last: date) -> list[date]:
    """Return the beginnings of months, as many as fit; of a few weeks their first and last day."""
    months = [day.date() for day in pd.date_range(first, last, freq="MS")]
    if len(months) < 2:
        return [first]
    fits = (step for step in _MONTHS if len(months) <= step * _MOST_TICKS)
    step = next(fits, _MONTHS[-1])
    # from a January on where months are left out
    return [day for day in months if (12 * day.year + day.month - 1) % step == 0] or months[:1]


def _key(panel: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Name the kinds of customers, in place of a name of the panel."""
    kinds = [
        Patch(**_NEW, label=speech.text("New customers")),
        Patch(**_PLAIN["customers"], label=speech.text("returning")),
    ]
    if not frame["complete"].all():
        kinds.append(Patch(**_PARTIAL, label=speech.text("not complete")))
    panel.legend(
        handles=kinds,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(kinds),
        borderaxespad=0.15,
        borderpad=0,
        handlelength=1.2,
        handletextpad=0.5,
        columnspacing=1.1,
    )
