"""Sentences into a notebook."""

from __future__ import annotations

from IPython.display import Markdown, display


def say(text: str) -> None:
    """Show Markdown as a cell's output."""
    display(Markdown(text))  # type: ignore[no-untyped-call]
