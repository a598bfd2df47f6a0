"""The figure of notebook 04 that asks what a next new customer will bring, and so may cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.rows import (
    HEADING,
    LONGEST_NAME,
    ROW,
    Look,
    draw_mark,
    draw_whole,
    write_right,
)
from retention_lib.plots.style import (
    COLOURS,
    axes,
    beside,
    entitle,
    grid,
    in_few,
    in_money,
    literal,
    nothing,
    styled,
)
from retention_lib.speech import Speech

_MOST_ROWS: Final = 20
_WIDEST: Final = 2.0  # times the largest value at the axis' end; longer intervals are cut there
_BEFORE: Final = 0.3  # rows: half the height of the first purchase's bar
_SIDES: Final[dict[str, Look]] = {"above": "above", "below": "below", "not clearly": "unclear"}
_QUARTER: Final = re.compile(r"(\d{4})-Q([1-4])")


class _Row(NamedTuple):
    kind: str
    name: str
    customers: int
    first: float | None
    value: float
    ci95: tuple[float, float] | None
    look: Look


@styled
def plot_new_customers(
    frame: pd.DataFrame, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw what a next new customer of each kind is expected to bring, beside that of all.

    Filled triangles are clearly above or below all, hollow dots may differ by chance. The pale
    bar is what the first purchase brings. Of more than 20 kinds the clear ones, then those learnt
    from the most customers, are drawn. An interval that reaches beyond the axis ends in an arrow.

    Parameters
    ----------
    frame
        Columns kind ("all", "cohort", "channel", "product"), name, customers, first (what the
        first purchase brings, NaN without amounts), value, low, high (95 % interval), unit
        ("money", or "purchases" where no amounts are known), compared ("above", "below" or
        "not clearly").
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    rows = [] if frame.empty else _rows(frame)
    if not rows:
        return nothing(ax, title, speech)
    whole = next((row for row in rows if row.kind == "all"), None)
    parts = [row for row in rows if row.kind != "all"]
    shown = _weightiest(parts)
    said = _said(frame["unit"].iloc[0], speech)
    groups = [(kind, list(group)) for kind, group in groupby(shown, key=lambda row: row.kind)]
    lines = max(len(shown) + HEADING * len(groups), HEADING)
    ax = axes(ax, 1.9 + ROW * lines + 0.2 * (len(shown) < len(parts)))
    end = _end([*shown, *([whole] if whole else [])])
    ax.set_xlim(0, end)
    ax.set_ylim(lines - 0.4, -0.35)
    _whole(ax, whole, said, speech)
    top = 0.0
    for kind, group in groups:
        beside(ax, _heading(kind, speech), top + HEADING - 1, "bold")
        for at, row in enumerate(group):
            _part(ax, row, top + HEADING + at, end, said, speech)
        top += HEADING + len(group)
    _scale(ax, frame, whole, len(shown), len(parts), speech)
    entitle(ax, title, pad=26)
    return ax


def _rows(frame: pd.DataFrame) -> list[_Row]:
    """Return the rows whose value is known, those of one kind together."""
    rows = [
        _Row(
            row["kind"],
            row["name"],
            int(row["customers"]),
            None if pd.isna(row["first"]) else float(row["first"]),
            float(row["value"]),
            None if pd.isna(row["low"]) else (float(row["low"]), float(row["high"])),
            _SIDES[row["compared"]],
        )
        for row in frame.to_dict("records")
        if not pd.isna(row["value"])
    ]
    kinds = list(dict.fromkeys(row.kind for row in rows))
    return sorted(rows, key=lambda row: kinds.index(row.kind))


def _weightiest(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows to draw in their order: the clear ones, then those of most customers."""
    order = sorted(rows, key=lambda row: (row.look == "unclear", -row.customers))
    drawn = {id(row) for row in order[:_MOST_ROWS]}
    return [row for row in rows if id(row) in drawn]


def _said(unit: str, speech: Speech) -> Callable[[float], str]:
    """Return how a value is said in its unit."""
    return (
        speech.short_money if unit == "money" else lambda x: speech.number(x, 1 if x < 100 else 0)
    )


def _end(rows: Sequence[_Row]) -> float:
    """Return where the axis ends, which one wide interval alone does not move."""
    largest = max(max(row.value, row.first or 0.0) for row in rows)
    widest = max(row.ci95[1] if row.ci95 else row.value for row in rows)
    return 1.06 * max(min(widest, _WIDEST * largest), largest) or 1.0


def _whole(ax: Axes, row: _Row | None, said: Callable[[float], str], speech: Speech) -> None:
    """Draw the value of all new customers as a line, and its interval as a band."""
    if row is None:
        return
    name = speech.text("all: {value}", value=said(row.value))
    if row.ci95 is not None:
        ax.axvspan(*row.ci95, facecolor=COLOURS["all"], alpha=0.1, linewidth=0, zorder=0)
        low, high = (said(end) for end in row.ci95)
        name = speech.text(
            "all: {value} ({low} to {high})", value=said(row.value), low=low, high=high
        )
    draw_whole(ax, row.value, name)


def _heading(kind: str, speech: Speech) -> str:
    names = {
        "cohort": speech.text("First bought in"),
        "channel": speech.text("Channel"),
        "product": speech.text("First product"),
    }
    return names[kind]


def _part(
    ax: Axes, row: _Row, height: float, end: float, said: Callable[[float], str], speech: Speech
) -> None:
    beside(ax, _name(row, speech), height)
    if row.first is not None:
        ax.barh(
            height, row.first, height=2 * _BEFORE, facecolor=COLOURS["faint"], linewidth=0, zorder=0
        )
    draw_mark(ax, row.value, row.ci95, height, row.look, end)
    numbers = speech.text(
        "{value}, n = {n}", value=said(row.value), n=speech.short_count(row.customers)
    )
    write_right(ax, numbers, height, row.look)


def _name(row: _Row, speech: Speech) -> str:
    quarter = _QUARTER.fullmatch(row.name) if row.kind == "cohort" else None
    if quarter:
        return speech.text("Q{quarter} {year}", quarter=quarter[2], year=quarter[1])
    return literal(row.name, LONGEST_NAME)


def _scale(
    ax: Axes, frame: pd.DataFrame, whole: _Row | None, shown: int, known: int, speech: Speech
) -> None:
    money = frame["unit"].iloc[0] == "money"
    lines = [
        speech.text("Expected value of a next new customer")
        if money
        else speech.text("Purchases of a next new customer after the first")
    ]
    if whole is not None:
        lines[0] = speech.text("{what} (n = {n})", what=lines[0], n=speech.count(whole.customers))
    if known and money and frame["first"].notna().any():
        lines.append(
            speech.text(
                "(line: 95% interval; pale bar: the first purchase;\n"
                "▲▼: clearly above or below all)"
            )
        )
    elif known:
        lines.append(speech.text("(line: 95% interval; ▲▼: clearly above or below all)"))
    if shown < known:
        lines.append(
            speech.text(
                "{shown} of {n} kinds: the clearest and largest",
                shown=speech.count(shown),
                n=speech.count(known),
            )
        )
    ax.set_xlabel("\n".join(lines))
    ax.set_yticks([])
    if money:
        # between names and numbers is little room
        in_money(ax.xaxis, speech, 4 if len(speech.short_money(ax.get_xlim()[1])) < 7 else 2)
    else:
        in_few(ax.xaxis)
        ax.xaxis.set_major_formatter(lambda x, _: speech.number(x, 0 if x == round(x) else 1))
    grid(ax, "x")
