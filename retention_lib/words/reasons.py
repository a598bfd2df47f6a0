"""Why a figure cannot be given, and how whole sentences follow each other."""

from __future__ import annotations

from retention_lib.results import Section
from retention_lib.words.formats import Speech, escape


def why_not(section: Section, pointer: str) -> str:
    """Return the sentence under a pointer, or under the part that holds it, or ""."""
    at = pointer
    while at:
        if at in section.why_not:
            return " ".join(section.why_not[at].split())
        at = at.rpartition("/")[0]
    return ""


def because(section: Section, pointer: str, speech: Speech) -> str:
    """Return as Markdown why a figure cannot be given; "" if it can."""
    return escape(why_not(section, pointer))


def follow(*sentences: str) -> str:
    """Return whole sentences one after the other, without empty and repeated ones."""
    return " ".join(dict.fromkeys(sentence for sentence in sentences if sentence))
