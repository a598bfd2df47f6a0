"""The figure of notebook 02 on the rules for calling customers lost, tried on the past."""

from __future__ import annotations

import textwrap
from typing import Final

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    SMALL,
    axes,
    entitle,
    grid,
    in_shares,
    key,
    nothing,
    on_white,
    styled,
)
from retention_lib.results import LARGEST_FALSE_LOST, Cycle, LapseTest
from retention_lib.speech import Speech

_NAME_WIDTH: Final = 22  # signs
_LONG: Final = 0.5  # of a bar that has room for its number
_CAUGHT, _FALSE = -0.2, 0.2  # heights of a rule's bars


@styled
def plot_lapse_race(
    result: Cycle, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how well each rule for calling customers lost did on the past, the best first.

    For each rule the share of those who stayed away that it caught, and of those it called lost
    the share who bought after all, with the limit for that. The winner's name is bold; a rule
    that may not win is grey and hatched.

    Parameters
    ----------
    result
        The rules' tests and the winner.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if not result.lapse_race:
        return nothing(ax, title, speech)
    tests = _best_first(result)
    ax = axes(ax, 1.75 + 0.58 * len(tests))
    for at, test in enumerate(tests):
        _test(ax, at, test, speech)
    ax.set_yticks(range(len(tests)), [_name(test, speech) for test in tests])
    for test, name in zip(tests, ax.get_yticklabels(), strict=True):
        name.set_fontweight("bold" if test.rule == result.lapse_rule else "normal")
    _limit(ax, len(tests), speech)
    _scales(ax, len(tests), speech)
    key(ax, _kinds(speech))
    entitle(ax, title)
    return ax


def _best_first(result: Cycle) -> list[LapseTest]:
    """Return the winner, then those who keep to the limit, then the others, then who may not win."""
    return sorted(
        result.lapse_race,
        key=lambda test: (
            test.rule != result.lapse_rule,
            not test.allowed,
            test.false_lost > LARGEST_FALSE_LOST,
            -test.caught,
        ),
    )


def _name(test: LapseTest, speech: Speech) -> str:
    limit = speech.days(test.limit)
    names = {
        "silence": speech.text("silent for {days}", days=limit),
        "two_cycles": speech.text("silent for two cycles ({days})", days=limit),
        "p_alive_bg": speech.text("P(alive) below ½, BG/NBD"),
        "p_alive_mbg": speech.text("P(alive) below ½, MBG/NBD"),
        "p_alive_pareto": speech.text("P(alive) below ½, Pareto/NBD"),
        "p_buys": speech.text(
            "less than {chance} likely to buy, MBG/NBD", chance=speech.share(test.limit, 0)
        ),
    }
    return textwrap.fill(names[test.rule], _NAME_WIDTH)


def _test(ax: Axes, at: int, test: LapseTest, speech: Speech) -> None:
    _bars(ax, at, test)
    caught = speech.share(test.caught, 0)
    wrong = speech.share(test.false_lost)
    if not test.allowed:
        caught = speech.text("{share} (may not win)", share=caught)
    _label(ax, test.caught, at + _CAUGHT, caught, plain=test.allowed)
    _label(ax, test.false_lost, at + _FALSE, wrong, plain=False)
    ax.annotate(
        speech.text("n = {n}", n=speech.count(test.called)),
        (1, at),
        xycoords=ax.get_yaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        color="#666666",
    )


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
    text = ax.annotate(
        said,
        (x if inside else max(x, LARGEST_FALSE_LOST), height),
        xytext=(-5 if inside else 5, 0),
        textcoords="offset points",
        ha="right" if inside else "left",
        va="center",
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
    ax.annotate(
        speech.text("at most {share} may come back", share=speech.share(LARGEST_FALSE_LOST, 0)),
        (LARGEST_FALSE_LOST, rows - 0.3),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
    )


def _scales(ax: Axes, rows: int, speech: Speech) -> None:
    ax.set_xlim(0, 1)
    ax.set_ylim(rows - 0.05, -0.5)
    ax.set_xlabel(speech.text("Share of customers (n: called lost)"))
    in_shares(ax.xaxis, speech)
    ax.tick_params(axis="y", length=0, labelsize=SMALL)
    grid(ax, "x")
