"""Figures of notebook 04 on the expected value: who holds it, and what may be lost."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.lorenz import FIFTH, draw_curve, draw_equality, mark_fifth, scale
from retention_lib.plots.style import (
    COLOURS,
    HATCHES,
    SMALL,
    STATE_COLOURS,
    axes,
    entitle,
    grid,
    in_money,
    in_shares,
    key,
    nothing,
    on_white,
    styled,
)
from retention_lib.speech import Speech

_BIN: Final = 0.31  # inches
_LINE: Final = 16  # points of a line of text
_INSIDE: Final = 0.36  # of the axes: a bar that has room for its name
_LOWEST: Final = 3.9  # inches, for the axis' name
_EVEN: Final = 0.35  # what a fifth holds where the curves leave no room under them


@styled
def plot_value_distribution(
    frame: pd.DataFrame, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how many customers are worth how much, and what share of all value they hold.

    Parameters
    ----------
    frame
        Columns low, high (money, limits of expected value per customer; the first bin, next to
        nothing, from 0), customers, value (money, of all of them together).
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    whole = 0 if frame.empty else frame["customers"].sum()
    if not whole:
        return nothing(ax, title, speech)
    ax = axes(ax, max(1.65 + _BIN * len(frame), _LOWEST))
    shares = (frame["customers"] / whole).to_numpy(dtype=float)
    places = np.arange(len(frame))
    colours = [COLOURS["muted"], *[COLOURS["value"]] * (len(frame) - 1)]
    ax.barh(places, shares, height=1.0, color=colours, edgecolor="white", linewidth=1)
    ax.set_xlim(0, 1.2 * shares.max())
    _next_to_nothing(ax, shares[0], speech)
    for at, share in enumerate(shares[1:], start=1):
        _end(ax, share, at, speech.share(share, 0))
    held = _held(ax, frame, speech)
    limits = [*frame["low"], frame["high"].iloc[-1]]
    ax.set_yticks(np.arange(len(limits)) - 0.5, [speech.short_money(limit) for limit in limits])
    ax.set_ylim(-0.5, len(frame) - 0.5)
    ax.set_xlabel(speech.text("Share of customers (n = {n})", n=speech.count(whole)))
    ax.set_ylabel(speech.text("Expected value of a customer"))
    in_shares(ax.xaxis, speech)
    ax.set_xticks([tick for tick in ax.get_xticks() if tick <= 1])
    grid(ax, "x")
    entitle(ax, title, pad=34 if held else None)
    return ax


def _end(ax: Axes, x: float, height: float, said: str) -> None:
    """Write right of a place, as of a bar's end."""
    ax.annotate(
        said,
        (x, height),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL + 0.5,
    )


def _next_to_nothing(ax: Axes, share: float, speech: Speech) -> None:
    """Say the first bin's share and name it, in its bar if that is long, else after the share."""
    said = speech.share(share, 0)
    if share / ax.get_xlim()[1] > _INSIDE:
        _end(ax, share, 0, said)
        _end(ax, 0, 0, speech.text("next to nothing"))
    else:
        _end(ax, share, 0, speech.text("{share}: next to nothing", share=said))


def _held(ax: Axes, frame: pd.DataFrame, speech: Speech) -> bool:
    """Write right of the bars what share of all value each bin holds, and say whether any does."""
    whole = float(frame["value"].sum())
    if not whole > 0:
        return False
    rows = [
        (float(at), speech.share(value / whole, 0), "center")
        for at, (n, value) in enumerate(zip(frame["customers"], frame["value"], strict=True))
        if n
    ]
    heading = (len(frame) - 0.3, speech.text("share of\nvalue"), "bottom")
    for height, said, va in [*rows, heading]:
        ax.annotate(
            said,
            (1, height),
            xycoords=ax.get_yaxis_transform(),
            xytext=(54, 0),
            textcoords="offset points",
            ha="right",
            va=va,
            fontsize=SMALL + 0.5,
            weight="bold",
        )
    return True


@styled
def plot_value_lorenz(
    frame: pd.DataFrame, speech: Speech, *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how much of all expected value the most valuable customers hold, beside spend so far.

    Parameters
    ----------
    frame
        Columns customers_share, value_share, spend_share (fractions), each curve with its own
        largest customers first.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    if frame.empty:
        return nothing(ax, title, speech)
    ax = axes(ax)
    draw_equality(ax, speech)
    ax.plot(
        frame["customers_share"],
        frame["spend_share"],
        color=COLOURS["muted"],
        linewidth=2,
        linestyle=(0, (5, 1)),
    )
    draw_curve(ax, frame, "value_share")
    spent = mark_fifth(ax, frame, "spend_share", COLOURS["muted"])
    _name_fifths(ax, mark_fifth(ax, frame, "value_share", COLOURS["value"]), spent, speech)
    scale(ax, speech.text("Share of the whole"), speech)
    entitle(ax, title)
    return ax


def _name_fifths(ax: Axes, value: float, spent: float, speech: Speech) -> None:
    """Say what the fifth holds of both, in the curves' colours: under them, or over even ones."""
    part = speech.share(FIFTH, 0)
    lines = (
        (speech.text("the top {part} of customers:", part=part), COLOURS["all"]),
        (
            speech.text("{share} of expected value", share=speech.share(value, 0)),
            COLOURS["value"],
        ),
        (speech.text("{share} of spend so far", share=speech.share(spent, 0)), "#666666"),
    )
    even = max(value, spent) < _EVEN
    height = 1.0 if even else max(min(value, spent), 0.3)
    for at, (said, colour) in enumerate(lines):
        on_white(
            ax.annotate(
                said,
                (FIFTH, height),
                xytext=(10, -6 - _LINE * at),
                textcoords="offset points",
                va="top",
                weight="bold",
                color=colour,
            )
        )


@styled
def plot_value_at_risk(
    frame: pd.DataFrame,
    names: dict[str, str],
    speech: Speech,
    *,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw the expected value of each state's customers, the part at risk hatched.

    Parameters
    ----------
    frame
        Columns state, customers, value, at_risk (money; the part of the value that goes if all
        go who may lapse, NaN where unknown). States without customers are left out.
    names
        The name of each state.
    speech
        How words and numbers are said.
    ax
        Where to draw; None makes a figure.
    title
        The figure's message.
    """
    known = frame if frame.empty else frame[(frame["customers"] > 0) & frame["value"].notna()]
    if known.empty:
        return nothing(ax, title, speech)
    ax = axes(ax, 1.75 + 0.62 * len(known))
    states = known["state"].tolist()
    values = known["value"].to_numpy(dtype=float)
    risks = known["at_risk"].to_numpy(dtype=float)
    for at, state in enumerate(states):
        _at_risk(ax, at, values[at], risks[at], STATE_COLOURS[state], speech)
    ax.set_yticks(
        range(len(known)),
        [
            speech.text("{name}\nn = {n}", name=names[state], n=speech.count(n))
            for state, n in zip(states, known["customers"], strict=True)
        ],
    )
    ax.set_ylim(len(known) - 0.45, -0.55)
    ax.set_xlim(0, 1.45 * values.max() or 1)
    ax.set_xlabel(
        speech.text("Expected value (n = {n} customers)", n=speech.count(known["customers"].sum()))
    )
    in_money(ax.xaxis, speech)
    ax.tick_params(axis="y", length=0)
    grid(ax, "x")
    if not np.isnan(risks).all():
        key(ax, _parts(speech))
    entitle(ax, title)
    return ax


def _at_risk(ax: Axes, at: int, value: float, risk: float, colour: str, speech: Speech) -> None:
    """Draw a state's bar: first what is likely to come, then the hatched part at risk."""
    said = speech.short_money(value)
    at_risk = 0.0 if np.isnan(risk) else min(risk, value)
    ax.barh(at, value - at_risk, height=0.6, color=colour, edgecolor=colour, linewidth=1.4)
    ax.barh(
        at,
        at_risk,
        left=value - at_risk,
        height=0.6,
        facecolor="white",
        edgecolor=colour,
        hatch=HATCHES["lost"],
        linewidth=1.4,
    )
    if not np.isnan(risk):
        said = speech.text("{value},\n{risk} at risk", value=said, risk=speech.short_money(risk))
    _end(ax, value, at, said)


def _parts(speech: Speech) -> list[Patch]:
    grey = COLOURS["muted"]
    return [
        Patch(facecolor=grey, edgecolor=grey, label=speech.text("likely to come")),
        Patch(
            facecolor="white",
            edgecolor=grey,
            hatch=HATCHES["lost"],
            label=speech.text("at risk: may lapse"),
        ),
    ]
