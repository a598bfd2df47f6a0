"""What was varied in an analysis, and variants side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from retention_lib.results import Section, Varied
from retention_lib.speech import Speech, escape, mark

_STEPS = mark(
    {
        "only": "Only {column} {values:listed}",
        "only_who": "Only {n:count} {n:customer|customers}",
        "condition": "Only where {condition}",
        "without": "Without {n:count} {n:customer|customers}",
        "window": "Windows of {step:length}",
        "until": "Until {day:date}",
    }
)


def said(steps: Sequence[Varied], speech: Speech) -> str:
    """Return what was varied in a line of plain text: Only channel web · Until Jun 30, 2024."""
    return " · ".join(_step(step, speech) for step in steps)


def _step(step: Varied, speech: Speech) -> str:
    who = step.code == "only" and "values" not in step.model_fields_set
    return speech.text(_STEPS["only_who" if who else step.code], step, step=step)
