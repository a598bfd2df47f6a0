"""What tests of figures share: the words and marks that axes hold, and whether they are readable."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from retention_lib.plots import retention_rate as sections
from retention_lib.results import RatePart, Retention
from retention_lib.retention_rate import flow, growth, parts, rates
from retention_lib.speech import Speech


def paired(*axes: tuple[Any, ...]) -> list[Any]:
    """Return every combination; quick are so many that each value meets each of another axis.

    That holds if no other axis is shorter than the last one.
    """
    shortest = len(axes[-1])
    return [
        pytest.param(
            *(axis[i] for axis, i in zip(axes, at, strict=True)),
            marks=[pytest.mark.slow] if sum(at) % shortest else [],
        )
        for at in product(*(range(len(axis)) for axis in axes))
    ]


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.findobj(Text) if text.get_text()]


def assert_readable(ax: Axes) -> None:
    """Every label lies in the picture, and none covers another."""
    figure = ax.figure
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    shown = [text for text in ax.texts if text.get_text() and text.get_visible()]
    for text in [*shown, ax.xaxis.label, ax.yaxis.label]:
        box = Text.get_window_extent(text)
        assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1, text.get_text()
        assert box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1, text.get_text()
    for one, two in combinations(shown, 2):
        covers = Text.get_window_extent(one).overlaps(Text.get_window_extent(two))
        assert not covers, (one.get_text(), two.get_text())
    assert_ticks_apart(ax)


def assert_ticks_apart(ax: Axes) -> None:
    for axis, low, high in ((ax.xaxis, "x0", "x1"), (ax.yaxis, "y0", "y1")):
        ends = axis.get_view_interval()
        names = [
            tick.label1
            for tick in axis.get_major_ticks()
            if tick.label1.get_text() and min(ends) <= tick.get_loc() <= max(ends)
        ]
        boxes = sorted(
            (name.get_window_extent() for name in names), key=lambda box: box.x0 + box.y0
        )
        for one, two in combinations(boxes, 2):
            first, second = sorted((one, two), key=lambda box: getattr(box, low))
            assert getattr(first, high) <= getattr(second, low) + 1


def marks(ax: Axes, marker: str, colour: str) -> list[tuple[float, float]]:
    return [
        (float(np.ravel(line.get_xdata())[0]), float(np.ravel(line.get_ydata())[0]))
        for line in ax.lines
        if line.get_marker() == marker and line.get_markeredgecolor() == colour
    ]


def unreadable(figure: Figure) -> list[str]:
    """Return what is wrong with a figure's texts: cut off by its edge, or covered by each other."""
    figure.draw_without_rendering()
    shown = [(text, box) for text in figure.findobj(Text) if (box := _box(text, figure))]
    edge = figure.bbox.padded(1)
    cut = [
        f"cut off: {text.get_text()!r}"
        for text, box in shown
        if box.x0 < edge.x0 or box.x1 > edge.x1 or box.y0 < edge.y0 or box.y1 > edge.y1
    ]
    covered = [
        f"overlap: {one.get_text()!r} and {two.get_text()!r}"
        for (one, first), (two, second) in combinations(shown, 2)
        if _overlap(first, second)
    ]
    return cut + covered


def _box(text: Any, figure: Figure) -> Bbox | None:
    """Return where a text is drawn; None where it is not, as the labels of ticks out of view."""
    above = [text, *_parents(text)]
    if not text.get_text().strip() or not all(artist.get_visible() for artist in above):
        return None
    if text not in _drawn(figure):
        return None
    return cast("Bbox", Text.get_window_extent(text))


def _parents(artist: Any) -> list[Any]:
    found = []
    while (artist := getattr(artist, "axes", None)) is not None and artist not in found:
        found.append(artist)
    return found


def _drawn(figure: Figure) -> set[Any]:
    """Return all texts but those of ticks out of view and of axes that are switched off."""
    texts = set(figure.findobj(Text))
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            room = 1e-9 * (high - low)
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                inside = low - room <= tick.get_loc() <= high + room
                for label in (tick.label1, tick.label2):
                    if not (inside and ax.axison and axis.get_visible() and label.get_visible()):
                        texts.discard(label)
            if not ax.axison or not axis.get_visible():
                texts -= {axis.label, axis.get_offset_text()}
    return texts


def _overlap(one: Bbox, two: Bbox) -> bool:
    """Whether two boxes share more than a rim, such as the room below a line's letters."""
    shared = Bbox.intersection(one, two)
    return shared is not None and min(shared.width, shared.height) > 3


# --- figures of notebook 03, from a result --------------------------------------


def draw_rates(result: Retention, speech: Speech, at_least: bool = False, **given: Any) -> Axes:
    return sections.rates.plot(rates.frame(result, at_least), speech, **given)  # type: ignore[no-any-return]


def draw_flow(result: Retention, speech: Speech, **given: Any) -> Axes:
    return sections.flow.plot(flow.frame(result), speech, **given)  # type: ignore[no-any-return]


def draw_growth(result: Retention, speech: Speech, **given: Any) -> Axes:
    return sections.growth.plot(growth.frame(result.growth), speech, **given)  # type: ignore[no-any-return]


def draw_parts(
    shown: list[RatePart], rate: float | None, speech: Speech, second: bool = False, **given: Any
) -> Axes:
    frame = parts.frame(shown, second)
    return sections.parts.plot(frame, speech, rate, second=second, **given)  # type: ignore[no-any-return]


def draw_second_purchase(
    curves: pd.DataFrame, result: Retention, speech: Speech, **given: Any
) -> Axes:
    return sections.second_purchase.plot(curves, speech, result, **given)  # type: ignore[no-any-return]


def draw_cohorts(table: pd.DataFrame, speech: Speech, **given: Any) -> Axes:
    return sections.cohorts.plot(table, speech, **given)  # type: ignore[no-any-return]
