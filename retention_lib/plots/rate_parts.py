"""The figure of notebook 03 that asks which customers come back more than others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from retention_lib.plots.style import (
    COLOURS,
    SMALL,
    Voice,
    axes,
    beside,
    entitle,
    grid,
    in_shares,
    literal,
    nothing,
    styled,
)
from retention_lib.results import Interval, PartKind, RatePart
from retention_lib.results.retention import Side

_KINDS: Final[tuple[PartKind, ...]] = ("channel", "owner", "segment", "product")
_MOST_ROWS: Final = 16
_LONGEST_NAME: Final = 22  # signs
_HEADING: Final = 1.25  # rows, of which the room above it is a quarter
_ROW: Final = 0.29  # inches
_LOOKS: Final[dict[Side, tuple[str, str]]] = {  # colour and marker, filled but for the unclear
    "above": (COLOURS["returning"], "^"),
    "below": (COLOURS["lost"], "v"),
    "unclear": (COLOURS["muted"], "o"),
}


class _Row(NamedTuple):
    kind: PartKind
    name: str
    customers: int
    rate: float
    ci95: Interval | None
    clearly: Side


@styled
def plot_parts(
    parts: Sequence[RatePart],
    rate: float | None,
    voice: Voice,
    *,
    second: bool = False,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw the rate of each part of the customers with its 95 % interval, beside that of all.

    Filled triangles are parts clearly above or below all others, hollow dots may differ by
    chance. Of more than 16 parts the clear ones, then the largest, are drawn.

    Parameters
    ----------
    parts
        The rates by part; those of nobody are left out.
    rate
        The rate of all customers, drawn as a line; None draws none.
    voice
        How words and numbers are said.
    second
        Whether to draw the share who bought a second time, instead of those who came back.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    known = [row for row in (_row(part, second) for part in parts) if row is not None]
    if not known:
        return nothing(ax, title, voice)
    groups = _groups(known)
    shown = sum(len(rows) for _, rows in groups)
    lines = shown + _HEADING * len(groups)
    ax = axes(ax, 1.6 + _ROW * lines + 0.2 * (shown < len(known)))
    top = 0.0
    for kind, rows in groups:
        beside(ax, _kind(kind, voice), top + _HEADING - 1, "bold")
        for at, row in enumerate(rows):
            _part(ax, row, top + _HEADING + at, voice)
        top += _HEADING + len(rows)
    ax.set_ylim(lines - 0.4, -0.35)
    ax.set_xlim(0, _end(groups, rate))
    _whole(ax, rate, second, voice)
    _scale(ax, _axis(second, shown, len(known), voice), voice)
    entitle(ax, title, pad=26)
    return ax


def _row(part: RatePart, second: bool) -> _Row | None:
    rate = part.second_rate if second else part.retained_rate
    if rate is None:
        return None
    return _Row(
        part.kind,
        part.name,
        part.second_customers if second else part.start_customers,
        rate,
        part.second_ci95 if second else part.retained_ci95,
        part.second_clearly if second else part.clearly,
    )


def _groups(rows: Sequence[_Row]) -> list[tuple[PartKind, list[_Row]]]:
    """Return the rows to draw, by kind, the highest rate of each kind first."""
    weighty = sorted(rows, key=lambda row: (row.clearly == "unclear", -row.customers, row.name))
    ordered = sorted(
        weighty[:_MOST_ROWS], key=lambda row: (_KINDS.index(row.kind), -row.rate, row.name)
    )
    return [(kind, list(group)) for kind, group in groupby(ordered, key=lambda row: row.kind)]


def _end(groups: Sequence[tuple[PartKind, list[_Row]]], rate: float | None) -> float:
    """Return where the axis ends: after the longest interval, at most a bit past all."""
    reached = [row.ci95[1] if row.ci95 else row.rate for _, rows in groups for row in rows]
    return min(1.08 * max(*reached, rate or 0.0, 0.0), 1.0) or 1.0


def _kind(kind: PartKind, voice: Voice) -> str:
    names: dict[PartKind, str] = {
        "channel": voice.text("Channel"),
        "owner": voice.text("Owner"),
        "segment": voice.text("Segment"),
        "product": voice.text("First product"),
    }
    return names[kind]


def _part(ax: Axes, row: _Row, height: float, voice: Voice) -> None:
    colour, marker = _LOOKS[row.clearly]
    clear = row.clearly != "unclear"
    weight = "bold" if clear else "normal"
    beside(ax, literal(row.name, _LONGEST_NAME), height, "normal")
    if row.ci95 is not None:
        ax.hlines(height, *row.ci95, color=colour, linewidth=2.6 if clear else 1.6)
    ax.plot(
        [row.rate],
        [height],
        marker,
        markeredgecolor=colour,
        markerfacecolor=colour if clear else "white",
        markeredgewidth=1.6,
        markersize=9 if clear else 7,
        zorder=4,
        clip_on=False,
    )
    ax.annotate(
        voice.text(
            "{rate}, n = {n}", rate=voice.share(row.rate, 0), n=voice.short_count(row.customers)
        ),
        (1, height),
        xycoords=ax.get_yaxis_transform(),
        xytext=(10, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        weight=weight,
        color=COLOURS["all"] if clear else "#666666",
    )


def _whole(ax: Axes, rate: float | None, second: bool, voice: Voice) -> None:
    if rate is None:
        return
    place = rate / ax.get_xlim()[1]
    ax.axvline(rate, color=COLOURS["all"], linewidth=1.4, linestyle="--", zorder=1)
    said = (
        voice.text("all first-time buyers: {rate}", rate=voice.share(rate))
        if second
        else voice.text("all customers: {rate}", rate=voice.share(rate))
    )
    ax.annotate(
        said,
        (rate, 1),
        xycoords=ax.get_xaxis_transform(),
        xytext=(-4 if place < 0.35 else 4 if place > 0.65 else 0, 4),
        textcoords="offset points",
        ha="left" if place < 0.35 else "right" if place > 0.65 else "center",
        weight="bold",
        color=COLOURS["all"],
    )


def _axis(second: bool, shown: int, known: int, voice: Voice) -> str:
    if second:
        said = voice.text("Share who bought a second time within one window")
    else:
        said = voice.text("Share who bought again")
    if shown == known:
        return voice.text(
            "{share}\n(line: 95% interval; ▲▼: clearly above or below the rest)", share=said
        )
    return voice.text(
        "{share}\n(line: 95% interval; ▲▼: clearly above or below the rest)\n{shown} of {n} parts: the clearest and largest",
        share=said,
        shown=voice.count(shown),
        n=voice.count(known),
    )


def _scale(ax: Axes, name: str, voice: Voice) -> None:
    ax.set_yticks([])
    ax.set_xlabel(name)
    in_shares(ax.xaxis, voice)
    few = MaxNLocator(4, steps=[1, 2, 5, 10])  # between names and numbers is room for no more
    ax.xaxis.set_major_locator(MultipleLocator(0.25) if ax.get_xlim()[1] > 0.5 else few)
    grid(ax, "x")
