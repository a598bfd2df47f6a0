"""What was varied in an analysis, and variants side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final

from retention_lib.results import Results, Section, Varied
from retention_lib.speech import Speech, mark
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
    return speech.text(_STEPS[f"{step.code} on customers" if hidden else step.code], step, step=step)


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
