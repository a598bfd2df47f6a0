"""How a file is written, as found by looking at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from retention_lib.client.lines import as_line
from retention_lib.errors import Choice

__all__ = ["Sniffed", "choice"]


@dataclass(frozen=True)
class Sniffed:
    """How a file is written.

    Attributes
    ----------
    format : mapping
        What ``format`` of a client's YAML has to say of it, by key; nothing that goes without
        saying. Where readings are open, the likeliest.
    names : list of str
        Its columns: by name, or by position from 1 where it has no header.
    choices : tuple of Choice
        The readings that are open, the likeliest first; none where one reading fits.
    notes : tuple of str
        What else somebody should know, one sentence each.
    """

    format: Mapping[str, Any]
    names: list[str]
    choices: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = field(default=())


def choice(settings: Mapping[str, Any], means: str = "", only: str | None = None) -> Choice:
    """Return the line that says how files are written: all of them, or only one.

    Parameters
    ----------
    settings : mapping
        What ``format`` says, by key.
    means : str
        What is read then.
    only : str or None
        The label of the file that alone is written so.
    """
    shown = {key: "tab" if value == "\t" else value for key, value in settings.items()}
    line = as_line("formats", {only: shown}) if only else as_line("format", shown)
    return Choice(line, means)


def listed(choices: Sequence[Choice]) -> str:
    """Return choices as a message prints them: each line, and what it would mean."""
    return "; or ".join(f"{it}, {it.means}" if it.means else str(it) for it in choices)
