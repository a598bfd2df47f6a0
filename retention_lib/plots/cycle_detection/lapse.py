"""After how much silence is a customer lost? Rules for it, tried on the past, notebook 02."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.rows import write_right
from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    SMALL,
    figure,
    grid,
    in_shares,
    key,
    note,
    on_white,
)
from retention_lib.results import LARGEST_FALSE_LOST, LapseRule, LapseTest
from retention_lib.speech import Speech, mark

_NAME_WIDTH: Final = 22  # signs
_LONG: Final = 0.5  # of a bar that has room for its number
_CAUGHT, _FALSE = -0.2, 0.2  # heights of a rule's bars


_NAMES: Final[dict[LapseRule, str]] = mark(
    {
        "silence": "silent for {limit:days}",
        "two_cycles": "silent for two cycles ({limit:days})",
        "p_alive_bg": "P(alive) below ½, BG/NBD",
        "p_alive_mbg": "P(alive) below ½, MBG/NBD",
        "p_alive_pareto": "P(alive) below ½, Pareto/NBD",
        "p_buys": "less than {limit:share 0} likely to buy, MBG/NBD",
    }
)


@figure(height=lambda tests: 1.75 + 0.58 * len(tests))
def plot(ax: Axes, tests: Sequence[LapseTest], speech: Speech) -> None:
    """Draw how well each rule for calling customers lost did on the past, the best first.

    For each rule the share of those who stayed away that it caught, and of those it called lost
    the share who bought after all, with the limit for that. The name of the best is bold if it
    keeps to the limit; a rule that may not win is grey and hatched.
    """
    tests = sorted(tests, key=lambda test: test.rank)
    for at, test in enumerate(tests):
        _test(ax, at, test, speech)
    names = [textwrap.fill(speech.text(_NAMES[test.rule], test), _NAME_WIDTH) for test in tests]
    ax.set_yticks(range(len(tests)), names)
    for test, name in zip(tests, ax.get_yticklabels(), strict=True):
        name.set_fontweight("bold" if test.rank == 1 and test.passes else "normal")
    _limit(ax, len(tests), speech)
    _scales(ax, len(tests), speech)
    key(ax, _kinds(speech))


def _test(ax: Axes, at: int, test: LapseTest, speech: Speech) -> None:
    _bars(ax, at, test)
    caught = speech.share(test.caught, 0)
    if not test.allowed:
        caught = speech.text("{caught} (may not win)", caught=caught)
    _label(ax, test.caught, at + _CAUGHT, caught, plain=test.allowed)
    _label(ax, test.false_lost, at + _FALSE, speech.share(test.false_lost), plain=False)
    write_right(ax, speech.text("n = {called:count}", test), at, "unclear")


def _bars(ax: Axes, at: int, test: LapseTest) -> None:
    caught = ax.barh(at + _CAUGHT, test.caught, height=0.4, color=COLOURS["returning"])
    wrong = ax.barh(
        at + _FALSE,
        test.false_lost,
        height=0.34,
        color=COLOURS["lost"],
        hatch=HATCHES["lost"],
        edgecolor="white",
        linewidth=0,
    )
    if not test.allowed:
        for bar in (*caught, *wrong):
            bar.set(
                facecolor="white",
                edgecolor=COLOURS["muted"],
                hatch=HATCHES["immature"],
                linewidth=1,
            )


def _label(ax: Axes, x: float, height: float, said: str, *, plain: bool) -> None:
    """Write at a bar's end, inside a long bar (on white if it is hatched), never on the limit."""
    inside = x > _LONG
    text = note(
        ax,
        said,
        (x if inside else max(x, LARGEST_FALSE_LOST), height),
        (-5 if inside else 5, 0),
        fontsize=SMALL,
        color="white" if inside and plain else "black",
        weight="bold" if inside and plain else "normal",
    )
    if inside and not plain:
        on_white(text)


def _kinds(speech: Speech) -> list[Patch]:
    return [
        Patch(facecolor=COLOURS["returning"], label=speech.text("stayed away: caught")),
        Patch(
            facecolor=COLOURS["lost"],
            hatch=HATCHES["lost"],
            edgecolor="white",
            label=speech.text("called lost: came back"),
        ),
    ]


def _limit(ax: Axes, rows: int, speech: Speech) -> None:
    ax.axvline(LARGEST_FALSE_LOST, color=COLOURS["all"], linestyle="--", linewidth=1.4, zorder=3)
    note(
        ax,
        speech.text("at most {limit:share 0} may come back", limit=LARGEST_FALSE_LOST),
        (LARGEST_FALSE_LOST, rows - 0.3),
        (6, 0),
        fontsize=SMALL,
    )


def _scales(ax: Axes, rows: int, speech: Speech) -> None:
    ax.set_xlim(0, 1)
    ax.set_ylim(rows - 0.05, -0.5)
    ax.set_xlabel(speech.text("Share of customers (n: called lost)"))
    in_shares(ax.xaxis, speech)
    ax.tick_params(axis="y", length=0, labelsize=SMALL)
    grid(ax, "x")
