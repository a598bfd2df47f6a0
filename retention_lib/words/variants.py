"""What was varied in an analysis, and variants side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Final

import pandas as pd

from retention_lib.results import Interval, Results, Section, Varied, Window
from retention_lib.speech import Speech, mark
from retention_lib.words import figures
from retention_lib.words.labels import Labels, label
from retention_lib.words.reasons import follow

_STEPS: Final = mark(
    {
        "only": "Only {column} {values:listed}",
        "only on customers": "Only {n:count} {n:customer|customers}",
        "condition": "Only where {condition}",
        "condition on customers": "Only part of the customers, by {columns:listed}",
        "without": "Without {n:count} {n:customer|customers}",
        "window": "Windows of {step:length}",
        "until": "Until {day:date}",
    }
)
_ONLY: Labels = mark(  # by a column of ours; a client's own column is named as it is
    {
        "channel": "Only channel {values:listed}",
        "owner": "Only owner {values:listed}",
        "region": "Only region {values:listed}",
        "product": "Only product {values:listed}",
        "status": "Only status {values:listed}",
    }
)
_NOTEBOOKS: Labels = mark(
    {
        "audit": "Data audit",
        "cycle": "Purchase cycle",
        "retention": "Retention rate",
        "clv": "Customer value",
        "recommendations": "Recommendations",
        "outcomes": "Outcomes",
    }
)


def said(steps: Sequence[Varied], speech: Speech) -> str:
    """Return what was varied in a line of plain text: Only channel web · Until Jun 30, 2024."""
    return " · ".join(_step(step, speech) for step in steps)


def _step(step: Varied, speech: Speech) -> str:
    held = step.model_fields_set
    hidden = not held & {"values", "condition"} and step.code in ("only", "condition")
    if step.code == "only" and not hidden:
        return speech.text(_ONLY.get((step.model_extra or {})["column"], _STEPS["only"]), step)
    return speech.text(
        _STEPS[f"{step.code} on customers" if hidden else step.code], step, step=step
    )


def answering(answer: Callable[..., str]) -> Callable[..., str]:
    """Let a notebook's answer begin with what was varied, if anything was."""

    @wraps(answer)
    def answered(result: Section, speech: Speech, *args: Any, **kwargs: Any) -> str:
        return follow(meaning(result, speech), answer(result, speech, *args, **kwargs))

    return answered


def meaning(result: Section, speech: Speech) -> str:
    """Return as Markdown what was varied in a result; "" if nothing was."""
    if not result.varied:
        return ""
    return speech.prose(
        "**Varied analysis: {varied}.** It does not speak of all customers by the client's own "
        "measure.",
        varied=said(result.varied, speech),
    )


def banner(results: Results, speech: Speech) -> list[str]:
    """Return as plain text which chapters of a report were varied, and how: one line for each."""
    return [
        speech.text(
            "Varied analysis in the chapter {chapter}: {varied}. Do not hold its figures against "
            "those of other chapters or reports.",
            chapter=label(_NOTEBOOKS, section.name, speech),
            varied=said(section.varied, speech),
        )
        for section in results.varied
    ]


# --- side by side -------------------------------------------------------------


Figure = tuple[float | None, Interval | None]


@dataclass(frozen=True)
class Sides:
    """Variants side by side: the day and the window of each, figures and differences by name.

    A figure comes with its interval, if any; ``differences`` are None where rates are not ranked.
    """

    headers: Sequence[str]
    days: Sequence[date]
    windows: Sequence[Window | None]
    figures: Mapping[str, Sequence[Figure]]
    differences: Mapping[str, Figure] | None


def rows(sides: Sides, speech: Speech) -> pd.DataFrame:
    """Return variants side by side as text: the figure, each variant, and their difference."""
    windows = [speech.length(window) if window else speech.text("none") for window in sides.windows]
    table = {
        speech.text("Figure"): list(sides.headers),
        speech.text("Day of the report"): list(map(speech.date, sides.days)),
        speech.text("Window"): windows,
    }
    for name, found in sides.figures.items():
        table[figures.name(name, speech)] = [
            figures.value(name, value, speech, ci95) for value, ci95 in found
        ]
    if sides.differences is not None:
        last = {
            figures.name(name, speech): figures.difference(name, value, speech, ci95)
            for name, (value, ci95) in sides.differences.items()
        }
        last[speech.text("Figure")] = speech.text("Difference")
        table = {name: [*cells, last.get(name, "")] for name, cells in table.items()}
    headers, *lines = ([name, *cells] for name, cells in table.items())
    frame = pd.DataFrame(lines, columns=pd.Index(headers))
    frame.attrs["caption"] = speech.text("Side by side (in brackets: 95% intervals)")
    return frame


def header(steps: Sequence[Varied], speech: Speech) -> str:
    """Return what heads a variant's column."""
    return said(steps, speech) or speech.text("All")


def apart(names: Sequence[str], speech: Speech) -> str:
    """Return as plain text which figures differ from the first variant's by more than chance."""
    if not names:
        return speech.text("No figure differs from the first column by more than chance.")
    return speech.text(
        "More than chance apart from the first column: {names:listed}.",
        names=[figures.name(name, speech) for name in names],
    )


def no_purchase(steps: Sequence[Varied], speech: Speech) -> str:
    """Return as plain text that a variant has no purchase."""
    return speech.text("No purchase is left: {varied}.", varied=said(steps, speech))


def no_column(name: str, speech: Speech) -> str:
    """Return as plain text that the records do not say what a comparison is to go by."""
    return speech.text(
        "These records have no {name}, so nothing can be told apart by it.", name=name
    )
