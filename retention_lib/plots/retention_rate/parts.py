"""The figure of notebook 03 that asks which customers come back more than others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from retention_lib.plots.rows import (
    HEADING,
    LONGEST_NAME,
    ROW,
    draw_mark,
    draw_whole,
    write_right,
)
from retention_lib.plots.style import (
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
from retention_lib.speech import Speech

_KINDS: Final[tuple[PartKind, ...]] = ("channel", "owner", "segment", "product")
_MOST_ROWS: Final = 16


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
    speech: Speech,
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
    speech
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
        return nothing(ax, title, speech)
    groups = _groups(known)
    shown = sum(len(rows) for _, rows in groups)
    lines = shown + HEADING * len(groups)
    ax = axes(ax, 1.6 + ROW * lines + 0.2 * (shown < len(known)))
    top = 0.0
    for kind, rows in groups:
        beside(ax, _kind(kind, speech), top + HEADING - 1, "bold")
        for at, row in enumerate(rows):
            _part(ax, row, top + HEADING + at, speech)
        top += HEADING + len(rows)
    ax.set_ylim(lines - 0.4, -0.35)
    ax.set_xlim(0, _end(groups, rate))
    _whole(ax, rate, second, speech)
    _scale(ax, _axis(second, shown, len(known), speech), speech)
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


def _kind(kind: PartKind, speech: Speech) -> str:
    names: dict[PartKind, str] = {
        "channel": speech.text("Channel"),
        "owner": speech.text("Owner"),
        "segment": speech.text("Segment"),
        "product": speech.text("First product"),
    }
    return names[kind]


def _part(ax: Axes, row: _Row, height: float, speech: Speech) -> None:
    beside(ax, literal(row.name, LONGEST_NAME), height, "normal")
    draw_mark(ax, row.rate, row.ci95, height, row.clearly, end=1.0)
    said = speech.text(
        "{rate}, n = {n}", rate=speech.share(row.rate, 0), n=speech.short_count(row.customers)
    )
    write_right(ax, said, height, row.clearly)


def _whole(ax: Axes, rate: float | None, second: bool, speech: Speech) -> None:
    if rate is None:
        return
    said = (
        speech.text("all first-time buyers: {rate}", rate=speech.share(rate))
        if second
        else speech.text("all customers: {rate}", rate=speech.share(rate))
    )
    draw_whole(ax, rate, said)


def _axis(second: bool, shown: int, known: int, speech: Speech) -> str:
    if second:
        said = speech.text("Share who bought a second time within one window")
    else:
        said = speech.text("Share who bought again")
    if shown == known:
        return speech.text(
            "{share}\n(line: 95% interval; ▲▼: clearly above or below the rest)", share=said
        )
    return speech.text(
        "{share}\n(line: 95% interval; ▲▼: clearly above or below the rest)\n{shown} of {n} parts: the clearest and largest",
        share=said,
        shown=speech.count(shown),
        n=speech.count(known),
    )


def _scale(ax: Axes, name: str, speech: Speech) -> None:
    ax.set_yticks([])
    ax.set_xlabel(name)
    in_shares(ax.xaxis, speech)
    few = MaxNLocator(4, steps=[1, 2, 5, 10])  # between names and numbers is room for no more
    ax.xaxis.set_major_locator(MultipleLocator(0.25) if ax.get_xlim()[1] > 0.5 else few)
    grid(ax, "x")
