"""What may a new customer cost?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

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
from retention_lib.plots.style import COLOURS, beside, figure, grid, in_few, in_money, literal
from retention_lib.speech import Speech, mark

_MOST_ROWS: Final = 20
_WIDEST: Final = 2.0  # times the largest value at the axis' end; longer intervals are cut there
_BEFORE: Final = 0.6  # rows: the height of the first purchase's bar
_SIDES: Final[dict[str, Look]] = {"above": "above", "below": "below", "not clearly": "unclear"}
_KINDS: Final = mark(
    {"cohort": "First bought in", "channel": "Channel", "product": "First product"}
)
_QUARTER: Final = re.compile(r"(\d{4})-Q([1-4])")

Said = Callable[[float], str]


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose value is known: all customers, then those of each kind to be drawn.

    They are the clear ones, then those of the most customers.
    """
    known = frame.dropna(subset="value").assign(look=lambda rows: rows["compared"].map(_SIDES))
    kinds = list(dict.fromkeys(["all", *known["kind"]]))
    parts = known[known["kind"] != "all"]
    order = parts.assign(unclear=parts["look"] == "unclear", fewer=-parts["customers"])
    shown = order.sort_values(["unclear", "fewer"], kind="stable").index[:_MOST_ROWS]
    drawn = known.assign(kinds=len(parts))[(known["kind"] == "all") | known.index.isin(shown)]
    return drawn.sort_values("kind", key=lambda kind: kind.map(kinds.index), kind="stable")


def _height(known: pd.DataFrame) -> float:
    hint = _parts(known) < int(known["kinds"].iloc[0])
    return 1.9 + ROW * _rows(known) + 0.2 * hint


def _parts(known: pd.DataFrame) -> int:
    return int((known["kind"] != "all").sum())


def _rows(known: pd.DataFrame) -> float:
    """Return how many rows are drawn, headings with them."""
    headings = known.loc[known["kind"] != "all", "kind"].nunique()
    return max(_parts(known) + HEADING * headings, HEADING)


@figure(height=_height, pad=26, known=_known)
def plot(ax: Axes, known: pd.DataFrame, speech: Speech) -> None:
    """Draw what a next new customer of each kind is expected to bring, beside that of all.

    Filled triangles are clearly above or below all, hollow dots may differ by chance. The pale
    bar is what the first purchase brings. Of more than 20 kinds the clear ones, then those learnt
    from the most customers, are drawn. An interval that reaches beyond the axis ends in an arrow.

    Parameters
    ----------
    known
        Columns kind ("all", "cohort", "channel", "product"), name, customers, first (what the
        first purchase brings, NaN without amounts), value, low, high (95 % interval), unit
        ("money", or "purchases" where no amounts are known), compared ("above", "below" or
        "not clearly").
    """
    money = known["unit"].iloc[0] == "money"
    said = speech.short_money if money else lambda x: speech.number(x, 1 if x < 100 else 0)
    end = _end(known)
    ax.set_xlim(0, end)
    ax.set_ylim(_rows(known) - 0.4, -0.35)
    top = 0.0
    for kind, group in known.groupby("kind", sort=False):
        if kind == "all":
            _whole(ax, group.iloc[0], said, speech)
            continue
        beside(ax, speech.text(_KINDS[str(kind)]), top + HEADING - 1, "bold")
        for at, (_, row) in enumerate(group.iterrows()):
            _part(ax, row, top + HEADING + at, end, said, speech)
        top += HEADING + len(group)
    _scale(ax, known, money, speech)


def _end(known: pd.DataFrame) -> float:
    """Return where the axis ends, which one wide interval alone does not move."""
    largest = known[["value", "first"]].max().max()
    widest = known["high"].fillna(known["value"]).max()
    return 1.06 * max(min(widest, _WIDEST * largest), largest) or 1.0


def _ci95(row: pd.Series) -> tuple[float, float] | None:
    return None if pd.isna(row["low"]) else (row["low"], row["high"])


def _whole(ax: Axes, row: pd.Series, said: Said, speech: Speech) -> None:
    """Draw the value of all new customers as a line, and its interval as a band."""
    if (ci95 := _ci95(row)) is not None:
        ax.axvspan(*ci95, facecolor=COLOURS["all"], alpha=0.1, linewidth=0, zorder=0)
    draw_whole(ax, row["value"], speech.text("all: {value}", value=said(row["value"])))


def _part(ax: Axes, row: pd.Series, height: float, end: float, said: Said, speech: Speech) -> None:
    beside(ax, _name(row, speech), height)
    if not pd.isna(row["first"]):
        pale = COLOURS["faint"]
        ax.barh(height, row["first"], height=_BEFORE, facecolor=pale, linewidth=0, zorder=0)
    draw_mark(ax, row["value"], _ci95(row), height, row["look"], end)
    numbers = speech.text(
        "{value}, n = {n:short_count}", value=said(row["value"]), n=row["customers"]
    )
    write_right(ax, numbers, height, row["look"])


def _name(row: pd.Series, speech: Speech) -> str:
    quarter = _QUARTER.fullmatch(row["name"]) if row["kind"] == "cohort" else None
    if quarter:
        return speech.text("Q{quarter} {year}", quarter=quarter[2], year=quarter[1])
    return literal(row["name"], LONGEST_NAME)


def _scale(ax: Axes, known: pd.DataFrame, money: bool, speech: Speech) -> None:
    shown, of = _parts(known), int(known["kinds"].iloc[0])
    lines = [
        speech.text(
            "Expected value of a next new customer"
            if money
            else "Purchases of a next new customer after the first"
        )
    ]
    for n in known.loc[known["kind"] == "all", "customers"]:
        lines[0] = speech.text("{what} (n = {n:count})", what=lines[0], n=n)
    if of:
        lines.append(
            speech.text(
                "(line: 95% interval; pale bar: the first purchase;\n"
                "▲▼: clearly above or below all)"
                if money and known["first"].notna().any()
                else "(line: 95% interval; ▲▼: clearly above or below all)"
            )
        )
    if shown < of:
        lines.append(
            speech.text(
                "{shown:count} of {n:count} kinds: the clearest and largest", shown=shown, n=of
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
