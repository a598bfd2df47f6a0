"""What became of the rows: from those received to purchases and customers, step by step."""

from __future__ import annotations

from textwrap import fill, wrap
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from retention_lib.plots.style import COLOURS, HATCHES, figure, grid, in_counts, in_few, key, note
from retention_lib.speech import Speech, mark

_STEP: Final = 0.37  # inches for each bar
_AROUND: Final = 1.75  # and for title, key and axis
_NAME: Final = 25  # signs of a line of a name
_SIZE: Final = 11.0
_ROOM: Final = 1.22  # of the rows received, right of them for their number
_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "left": {"facecolor": COLOURS["returning"]},
    "aside": {"facecolor": COLOURS["lost"], "hatch": HATCHES["lost"], "edgecolor": "white"},
    "merged": {"facecolor": COLOURS["muted"], "hatch": HATCHES["new"], "edgecolor": "white"},
}
_KINDS: Final = mark({"aside": "set aside", "merged": "merged or taken off"})


def _height(frame: pd.DataFrame) -> float:
    return _AROUND + _STEP * len(frame)


@figure(height=_height)
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw what is left after each step, from the top down, and what falls away at it.

    A bar that falls away ends where the one above it ends, or where what is left begins; so the
    widths add up to what was received.

    Parameters
    ----------
    frame
        Columns name, kind (``"left"``, ``"aside"`` or ``"merged"``), count (of a step, how many
        fall away) and start (where its bar begins: 0 of what is left), one step after the other.
    """
    received = float(frame["count"].iloc[0]) or 1.0
    for height, step in enumerate(frame.to_dict("records")):
        look = _LOOKS[step["kind"]]
        ax.barh(height, step["count"], 0.68, step["start"], linewidth=0, **look)
        _number(ax, height, step, speech)
    _joined(ax, frame)
    ax.set_yticks(range(len(frame)), [_wrapped(name) for name in frame["name"]])
    for name, kind in zip(ax.get_yticklabels(), frame["kind"], strict=True):
        name.set_fontweight("bold" if kind == "left" else "normal")
        name.set_fontsize(_SIZE)
        name.set_linespacing(0.95)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(frame) - 0.5, -0.5)
    ax.set_xlim(0, _ROOM * received)
    in_few(ax.xaxis, 4)
    ax.xaxis.set_major_formatter(in_counts(speech))
    ax.set_xlabel(speech.text("How many rows, orders, purchases, customers"))
    grid(ax, "x")
    kinds = [kind for kind in _KINDS if kind in set(frame["kind"])]
    _key(ax, [Patch(**_LOOKS[kind], label=speech.text(_KINDS[kind])) for kind in kinds])


def _key(ax: Axes, kinds: list[Patch]) -> None:
    """Name the kinds of steps above the bars, from the right: there is room left of the axis."""
    key(ax, kinds)
    legend = ax.get_legend()
    if legend is not None:
        legend.set_loc("lower right")
        legend.set_bbox_to_anchor((1, 1.0))


def _wrapped(name: str) -> str:
    """Break a name into as few lines as it needs, all about as long."""
    lines = len(wrap(name, _NAME))
    widths = range(len(name) // lines, _NAME + 1)
    return fill(name, next(width for width in widths if len(wrap(name, width)) == lines))


def _number(ax: Axes, height: int, step: dict[Any, Any], speech: Speech) -> None:
    """Write a count right of its bar, with a minus where it falls away."""
    left = step["kind"] == "left"
    said = speech.count(step["count"]) if left else speech.signed(-step["count"])
    end = (float(step["start"] + step["count"]), height)
    note(ax, said, end, (5, 0), fontsize=_SIZE, weight="bold" if left else "normal")


def _joined(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw fine lines from where a bar ends to the next one, which goes on from there."""
    ends = (frame["start"] + frame["count"]).where(frame["kind"] == "left", frame["start"])
    for height, end in enumerate(ends.tolist()[:-1]):
        ax.plot([end, end], [height, height + 1], color=COLOURS["all"], linewidth=0.8, zorder=0.5)
