"""What the commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    import pandas as pd

Out = Annotated[
    Path | None,
    typer.Option("--out", file_okay=False, metavar="DIR", help="Folder of the reports."),
]
UNPUBLISHED: Final = "interrupted; nothing was published."


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write it as in 1998-06-30") from None


AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        parser=_day,
        metavar="DATE",
        help="Last day to look at, as in 1998-06-30; else the YAML's, else the latest purchase's.",
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")]


def from_here(path: Path) -> str:
    """Return a path from the working directory on where it lies inside."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def table(title: str, frame: pd.DataFrame) -> Table:
    """Return a frame of finished text as a table of the terminal."""
    shown = Table(title=title, title_justify="left", title_style="bold")
    for number, name in enumerate(frame.columns):
        shown.add_column(escape(name), justify="right" if number else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        shown.add_row(*(escape(str(cell)) for cell in row))
    return shown
