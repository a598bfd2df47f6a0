"""The cohort figure of notebook 03."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from retention_lib.plots.retention_rate.growth import period_name
from retention_lib.plots.style import COLOURS, HATCHES, figure, in_shares, key, note, nothing
from retention_lib.speech import Speech, mark

_MOST_NUMBERS = 18  # columns whose cells are wide enough for a number
_MOST_NAMES = 26  # rows whose names fit one under the other
_AXES = mark(
    {
        "week": "Weeks since the first purchase",
        "month": "Months since the first purchase",
        "quarter": "Quarters since the first purchase",
        "half-year": "Half-years since the first purchase",
        "year": "Years since the first purchase",
    }
)


def _later(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["period"] > 0]


def _height(frame: pd.DataFrame) -> float:
    later = _later(frame)
    known = later["rate"].notna().any()
    return float(np.clip(1.7 + 0.27 * later["cohort"].nunique(), 2.3, 8.0)) if known else 2.0


@figure(height=_height)
def plot(
    ax: Axes, frame: pd.DataFrame, speech: Speech, *, means: pd.DataFrame | None = None
) -> None:
    """Draw the share of each cohort that bought in each period after its first.

    Cells that cannot be judged yet are blank and hatched; periods still to come are left out. A
    row at the bottom holds the means over all cohorts.

    Parameters
    ----------
    frame
        Columns cohort (Timestamp), unit ("week", "month", "quarter", "half-year" or "year"),
        size, period (0, 1, ...), rate (fraction, missing where immature), mature (bool).
    speech
        How words and numbers are said.
    means
        Columns period, rate (weighted by size over mature cohorts), size (customers behind it);
        None draws no such row.
    """
    later = _later(frame)
    if later["rate"].isna().all():
        nothing(ax, "", speech)
        return
    table = later.pivot_table(index="cohort", columns="period", values="rate", dropna=False)
    sizes = frame.groupby("cohort")["size"].first().reindex(table.index)
    _cells(ax, table, speech)
    _hatch(ax, later, table, speech)
    _names(ax, table, sizes, frame["unit"].iloc[0], speech)
    known = _known(means, table)
    if known is not None:
        _means(ax, table, known, speech)


def _known(means: pd.DataFrame | None, table: pd.DataFrame) -> pd.DataFrame | None:
    """Return the means of the periods drawn, by column; None if there are none."""
    if means is None or means.empty:
        return None
    known = means.set_index("period").reindex(table.columns)
    return None if known["rate"].isna().all() else known


def _cells(ax: Axes, table: pd.DataFrame, speech: Speech) -> None:
    import seaborn as sns  # a second of every kernel's start, needed by this figure only

    values = table.to_numpy(dtype=float)
    highest = max(float(np.nanmax(values)), 0.05)
    numbered = values.shape[1] <= _MOST_NUMBERS
    sns.heatmap(
        values,
        ax=ax,
        cmap="Blues",
        vmin=0,
        vmax=highest,
        annot=100 * values if numbered else None,
        fmt=".0f",
        annot_kws={"fontsize": 9.5},
        linewidths=1 if values.size < 400 else 0.3,
        xticklabels=False,
        yticklabels=False,
        cbar=not numbered,
        cbar_kws={"shrink": 0.8, "pad": 0.02, "aspect": 30},
    )
    for number in ax.texts:  # seaborn writes white on middle blues, where black reads better
        number.set_color(_ink(float(number.get_text()) / 100, highest))
    if bar := ax.collections[0].colorbar:
        in_shares(bar.ax.yaxis, speech)


def _ink(rate: float, highest: float) -> str:
    return "white" if rate > 0.65 * highest else "black"


def _means(ax: Axes, table: pd.DataFrame, means: pd.DataFrame, speech: Speech) -> None:
    """Draw the means over all cohorts under the table, a little apart from it."""
    mesh = ax.collections[0]
    _, highest = mesh.get_clim()
    row = max(1.0, len(table) / _MOST_NAMES)
    top = len(table) + 0.35 * row
    for column, rate in enumerate(means["rate"].to_numpy(dtype=float)):
        if np.isnan(rate):
            continue
        looks: Any = {"facecolor": mesh.to_rgba(rate), "edgecolor": "white", "linewidth": 0.6}
        ax.add_patch(Rectangle((column, top), 1, row, **looks))
        if table.shape[1] <= _MOST_NUMBERS:
            bold: Any = {"fontsize": 9.5, "weight": "bold", "color": _ink(rate, highest or 1.0)}
            at = column + 0.5, top + row / 2
            ax.text(*at, f"{100 * rate:.0f}", ha="center", va="center", **bold)
    ax.set_ylim(top + row, 0)
    note(
        ax,
        speech.text("all, n = {n:count}", n=means["size"].max()),
        (0, top + row / 2),
        (-3.5, 0),
        xycoords=ax.get_yaxis_transform(),
        fontsize=11,
        weight="bold",
        annotation_clip=False,
    )


def _hatch(ax: Axes, later: pd.DataFrame, table: pd.DataFrame, speech: Speech) -> None:
    immature = later[later["rate"].isna()]
    if immature.empty:
        return
    rows = table.index.get_indexer(pd.DatetimeIndex(immature["cohort"]))
    columns = table.columns.get_indexer(pd.Index(immature["period"]))
    looks: Any = {
        "facecolor": "white",
        "hatch": HATCHES["immature"],
        "edgecolor": COLOURS["muted"],
        "linewidth": 0,
    }
    for row, column in zip(rows, columns, strict=True):
        ax.add_patch(Rectangle((float(column), float(row)), 1, 1, **looks))
    key(ax, [Patch(**looks, label=speech.text("cannot be judged yet"))])


def _names(ax: Axes, table: pd.DataFrame, sizes: pd.Series, unit: str, speech: Speech) -> None:
    at = list(range(0, len(table), -(-len(table) // _MOST_NAMES)))
    names = [
        speech.text(
            "{period}, n = {n:count}",
            period=period_name(table.index[row].date(), unit, speech),
            n=sizes.iloc[row],
        )
        for row in at
    ]
    ax.set_yticks([row + 0.5 for row in at], names, rotation=0)
    numbered = table.shape[1] <= _MOST_NUMBERS
    columns = list(range(0, table.shape[1], 1 if numbered else -(-table.shape[1] // 12)))
    periods = [speech.count(int(table.columns[column])) for column in columns]
    ax.set_xticks([column + 0.5 for column in columns], periods)
    axis = speech.text(_AXES[unit])
    if numbered:
        axis = speech.text("{periods} (cells: % who bought)", periods=axis)
    ax.set_xlabel(axis)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
