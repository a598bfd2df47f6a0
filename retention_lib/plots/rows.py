"""What figures of one row per part of the customers share: marks, and the line of the whole."""

from __future__ import annotations

from typing import Any, Final, Literal

from matplotlib.axes import Axes

from retention_lib.plots.style import COLOURS, SMALL, note

HEADING: Final = 1.25  # rows of a heading, of which the room above it is a quarter
ROW: Final = 0.29  # inches
LONGEST_NAME: Final = 22  # signs

Look = Literal["plain", "above", "below", "unclear"]
LOOKS: Final[dict[Look, tuple[str, str]]] = {  # colour and marker, filled but for the unclear
    "plain": (COLOURS["returning"], "o"),
    "above": (COLOURS["returning"], "^"),
    "below": (COLOURS["lost"], "v"),
    "unclear": (COLOURS["muted"], "o"),
}


def draw_mark(
    ax: Axes, x: float, ci95: tuple[float, float] | None, height: float, look: Look, end: float
) -> None:
    """Draw a part's figure and its interval; one that reaches beyond ``end`` ends in an arrow."""
    colour, marker = LOOKS[look]
    clear = look != "unclear"
    if ci95 is not None:
        low, high = ci95
        ax.hlines(height, low, min(high, end), color=colour, linewidth=2.6 if clear else 1.6)
        if high > end:
            ax.plot([end], [height], ">", color=colour, markersize=7, clip_on=False)
    ax.plot(
        [x],
        [height],
        marker,
        markeredgecolor=colour,
        markerfacecolor=colour if clear else "white",
        markeredgewidth=1.6,
        markersize=9 if clear else 7,
        zorder=4,
        clip_on=False,
    )


def beyond(ax: Axes, said: str, height: float, *, x: float = 10, **style: Any) -> None:
    """Write right of the axes, ``x`` points beyond them."""
    how: dict[str, Any] = {"va": "center", "fontsize": SMALL} | style
    place, at = ax.get_yaxis_transform(), (1, height)
    note(ax, said, at, (x, 0), xycoords=place, **how)


def write_beyond(ax: Axes, x: float, height: float, said: str) -> None:
    """Write right of a place, as of a bar's end."""
    note(ax, said, (x, height), (5, 0), fontsize=SMALL + 0.5)


def write_right(ax: Axes, said: str, height: float, look: Look) -> None:
    """Write a part's numbers right of the axes, bold if it clearly differs."""
    if look == "unclear":
        beyond(ax, said, height, color="#666666")
    else:
        beyond(ax, said, height, color=COLOURS["all"], weight="bold")


def draw_whole(ax: Axes, x: float, said: str) -> None:
    """Draw the line of all customers, named above the axes, whose limits must be set."""
    place = x / ax.get_xlim()[1]
    ax.axvline(x, color=COLOURS["all"], linewidth=1.4, linestyle="--", zorder=1)
    note(
        ax,
        said,
        (x, 1),
        (-4 if place < 0.35 else 4 if place > 0.65 else 0, 4),
        xycoords=ax.get_xaxis_transform(),
        ha="left" if place < 0.35 else "right" if place > 0.65 else "center",
        weight="bold",
        color=COLOURS["all"],
        va="baseline",
    )
