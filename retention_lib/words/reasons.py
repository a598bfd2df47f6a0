"""Why a figure cannot be given, and how whole sentences follow each other."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from retention_lib.results import Section, Why
from retention_lib.speech import Speech, escape
from retention_lib.words.labels import model_name


@cache
def reasons() -> dict[str, str]:
    """Return the message of every code of a reason, all notebooks together."""
    names = sorted(file.parent.name for file in Path(__file__).parent.glob("*/reasons.py"))
    modules = (import_module(f"retention_lib.words.{name}.reasons") for name in names)
    return {code: message for module in modules for code, message in module.REASONS.items()}


def reason(found: Why, speech: Speech) -> str:
    """Return a reason as plain text."""
    named = found.__pydantic_extra__ or {}
    model = {"model": model_name(str(named["model"]), speech)} if "model" in named else {}
    return speech.text(reasons()[found.code], found, **model)


def why_not(section: Section, pointer: str, speech: Speech) -> str:
    """Return as plain text why the figure under a pointer, or the part that holds it, is null."""
    at = pointer
    while at:
        if at in section.why_not:
            found: Any = section.why_not[at]
            return reason(found, speech)
        at = at.rpartition("/")[0]
    return ""


def because(section: Section, pointer: str, speech: Speech) -> str:
    """Return as Markdown why a figure cannot be given; "" if it can."""
    return escape(why_not(section, pointer, speech))


def follow(*sentences: str) -> str:
    """Return whole sentences one after the other, without empty and repeated ones."""
    return " ".join(dict.fromkeys(sentence for sentence in sentences if sentence))
