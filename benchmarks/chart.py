"""Draw ``benchmarks.json``: how many times as fast, and how fast was wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from retention_lib.plots import style

PICTURE = Path("docs/pictures/benchmarks.png")
LABELS = {
    "customer_summary": "Customers out of purchases, beside lifetimes",
    "bgnbd_fit": "BG/NBD fitted on each customer, beside lifetimes",
    "bgnbd_fit_distinct": "The same on distinct histories, beside lifetimes",
    "clv_12_months": "Value of 12 months for each, beside lifetimes",
    "clocks_fit": "MBG/NBD on two clocks fitted, beside BG/NBD",
    "audit": "The counts of the audit, beside SQL by hand",
    "bgnbd_fit_pymc_map": "BG/NBD fitted, beside pymc-marketing",
}
_TICKS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)
_ROW = 0.78  # inches
_NAME_ABOVE = 0.3  # of a row
_ROOM = 6  # for the figures beyond the last mark, as a factor of the axis


@style.styled
def plot_benchmarks(rows: Sequence[Mapping[str, Any]], *, ax: Axes | None = None) -> Axes:
    """How many times as fast is each row, on a scale of ratios, beside what is wanted?

    Parameters
    ----------
    rows
        Those of ``benchmarks.json``: name, ours and theirs (seconds), ratio, target, met.

    Returns
    -------
    Axes
        A line from 1 (as fast) to each ratio, the first row on top; hollow where it is not met.
    """
    ax = style.axes(ax, height=1.5 + _ROW * len(rows))
    for place, row in enumerate(rows):
        _one(ax, -place, row)
    reached = [float(row[key]) for row in rows for key in ("ratio", "target")]
    ax.set_xscale("log")
    ax.set_xlim(min(0.9, 0.8 * min(reached, default=1)), _ROOM * max(reached, default=10))
    ax.set_ylim(-len(rows) + 0.5, 0.75)
    ax.axvline(1, color=style.COLOURS["muted"], linewidth=1)
    ax.xaxis.set_major_locator(FixedLocator(_TICKS))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    ax.yaxis.set_major_locator(NullLocator())
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("times as fast (1: both take equally long)")
    style.grid(ax, "x")
    style.entitle(ax, "How many times as fast as other libraries")
    return ax


def _one(ax: Axes, height: int, row: Mapping[str, Any]) -> None:
    """Draw one row: its name, the line to its ratio, the mark of what is wanted, both in figures."""
    colour = style.COLOURS["value"]
    line: Any = {"linewidth": 4, "solid_capstyle": "butt"}
    ax.plot([1, row["ratio"]], [height, height], color=colour, zorder=2, **line)
    ax.plot(
        [row["ratio"]],
        [height],
        marker="o",
        markersize=9,
        color=colour,
        markerfacecolor=colour if row["met"] else "white",
        markeredgewidth=2,
        zorder=3,
    )
    mark = [height - 0.2, height + 0.2]
    ax.plot([row["target"]] * 2, mark, color=style.COLOURS["all"], linewidth=2.5, zorder=4)
    name = LABELS.get(row["name"], row["name"])
    above = (1, height + _NAME_ABOVE)
    beside: Any = {"textcoords": "offset points", "fontsize": 11, "zorder": 5}
    style.on_white(ax.annotate(name, above, (6, 0), va="bottom", **beside))
    end = (max(row["ratio"], row["target"]), height)
    style.on_white(ax.annotate(figures(row), end, (11, 0), va="center", **beside))


def figures(row: Mapping[str, Any]) -> str:
    """Say a row's ratio, what is wanted, and whether the figures compared are others."""
    digits = ".0f" if row["ratio"] >= 10 else ".1f" if row["ratio"] >= 1 else ".2g"
    ratio = format(row["ratio"], digits)
    said = f"{ratio}× (wanted: {row['target']:g})"
    return said if row["met"] or row["ratio"] < row["target"] else f"{said}, other figures"


def png(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the picture of the rows."""
    figure = plot_benchmarks(rows).figure
    assert isinstance(figure, Figure)  # an axes of its own is in no part of another figure
    return style.png(figure)
