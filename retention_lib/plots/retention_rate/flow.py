"""The figure of notebook 03 on who came and who left."""

from __future__ import annotations

from textwrap import fill
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes

from retention_lib.plots.style import COLOURS, HATCHES, figure
from retention_lib.speech import Speech, mark

_LINE: Final = 16  # signs below a bar that do not reach the other one's
_WINDOWS: Final = mark({"prior": "Earlier window", "window": "Later window"})
_PARTS: Final = mark(
    {
        "retained": "{n:count}\nstayed",
        "lost": "{n:count}\ndid not come back",
        "resurrected": "{n:count}\nback after a pause",
        "new": "{n:count}\nfirst-time",
    }
)
_KINDS: Final = {"retained": "returning"}  # whose colour is another's name


@figure()
def plot(ax: Axes, frame: pd.DataFrame, speech: Speech) -> None:
    """Draw who came and who left between two windows.

    The left bar holds the customers of the earlier window, the right one those of the later;
    the band between them is who stayed.

    Parameters
    ----------
    frame
        As :meth:`retention_lib.study.Study.flow` gives it.
    speech
        How words and numbers are said.
    """
    bars = [frame[frame["window"] == window] for window in _WINDOWS]
    whole = max(float(bar["customers"].sum()) for bar in bars) or 1.0
    for x, bar in enumerate(bars):
        _bar(ax, x, bar, whole, speech)
    stayed = frame.loc[frame["part"] == "retained", "customers"].min()
    ax.fill_between([0.16, 0.84], 0, stayed, color=COLOURS["returning"], alpha=0.2, linewidth=0)
    names = [_name(window, bar, speech) for window, bar in zip(_WINDOWS, bars, strict=True)]
    ax.set_xticks([0, 1], names)
    ax.set_xlim(-1.0, 2.0)
    ax.set_ylim(0, whole * 1.03)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="x", length=0)


def _bar(ax: Axes, x: int, bar: pd.DataFrame, whole: float, speech: Speech) -> None:
    tops = bar["customers"].cumsum().to_numpy(dtype=float)
    sizes = bar["customers"].to_numpy(dtype=float)
    for part, size, top in zip(bar["part"], sizes, tops, strict=True):
        kind = _KINDS.get(part, part)
        looks: Any = {"color": COLOURS[kind], "hatch": HATCHES.get(kind, "")}
        ax.bar(x, size, width=0.32, bottom=top - size, edgecolor="white", linewidth=0.8, **looks)
    middles = _apart(list(tops - sizes / 2), gap=0.16 * whole, top=whole)
    for part, n, height in zip(bar["part"], sizes, middles, strict=True):
        side: Any = {"x": x + 0.21, "ha": "left"} if x else {"x": x - 0.21, "ha": "right"}
        said = speech.text(_PARTS[part], n=n)
        ax.text(y=height, s=said, va="center", linespacing=1.05, **side)


def _apart(heights: list[float], gap: float, top: float) -> list[float]:
    """Move labels up, and the whole stack down again, until none covers another."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap) if placed else max(height, 0.5 * gap))
    for at in range(len(placed) - 1, -1, -1):
        ceiling = top - 0.5 * gap if at == len(placed) - 1 else placed[at + 1] - gap
        placed[at] = min(placed[at], ceiling)
    return placed


def _name(window: str, bar: pd.DataFrame, speech: Speech) -> str:
    name = fill(speech.text(_WINDOWS[window]), _LINE)
    if bar["start"].isna().any() or bar.empty:
        return name
    start, end = bar["start"].iloc[0], bar["end"].iloc[0]
    return speech.text("{name}\n{start:date} –\n{end:date}", name=name, start=start, end=end)
