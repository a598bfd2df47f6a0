"""One client's pinned definitions: the yardstick that must not move between reports.

They stand in ``definitions.yaml`` beside ``client.yaml``. The first published run writes them;
every later one goes by them.
"""

from __future__ import annotations

from datetime import date
from os.path import lexists
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BeforeValidator, Field, field_validator

from retention_lib.client.mistakes import Form
from retention_lib.client.reading import checked, read
from retention_lib.client.schema import Client
from retention_lib.client.values import Part, date_of_text

__all__ = ["Definitions", "Unit", "Window", "as_yaml", "definitions_file", "load_definitions"]

Unit = Literal["week", "month", "quarter"]
# Windows are counted back from the day of a run: the bounds keep that within the calendar.
Days = Annotated[int, Field(ge=1, le=36_500)]
Length = Annotated[int, Field(ge=1, le=1_000)]

_HEADER: Final = """\
# The yardstick of this client's reports, pinned by the first one that was published.
# It must not move between reports: rates that are measured differently cannot be compared.
# To accept a new yardstick that a report proposes, delete this file: the next run writes it anew.
# Or change the lines below yourself, and say why in `why`, and who you are; `since` is the day.
"""
BY_A_RUN: Final = "First published run."  # why, where nobody has set the yardstick by hand
_EVERY_LINE: Final = 1_000_000  # longer than any line: a value is not broken into several


class Window(Part):
    """The window of retention: so many whole weeks, months or quarters."""

    length: Length
    unit: Unit


class Definitions(Part):
    """What is pinned: the cycle, the window and the lapse, since which day, and why.

    ``cycle_days`` and ``lapse_days`` are days; ``lapse_days`` is None where none was known. ``why``
    becomes one line.
    """

    cycle_days: Days
    window: Window
    lapse_days: Days | None
    since: Annotated[date, BeforeValidator(date_of_text)]
    why: str

    @property
    def by_hand(self) -> bool:
        """Whether somebody set the yardstick, and says so in ``why``."""
        return self.why != BY_A_RUN

    @field_validator("why")
    @classmethod
    def _one_line(cls, value: str) -> str:
        line = " ".join(value.split())
        if not line:
            raise ValueError("says nothing; write e.g. `why: The shop now sells subscriptions.`")
        return line


_FORM: Final = Form(
    Definitions,
    {
        "cycle_days": "`cycle_days: 65`",
        "window": "`window: {length: 7, unit: month}`",
        "window.length": "`window: {length: 7, unit: month}`",
        "window.unit": "`window: {length: 7, unit: month}`",
        "lapse_days": "`lapse_days: 203`, or `lapse_days: null` where none is known",
        "since": "`since: 2024-12-31`",
        "why": "`why: The shop now sells subscriptions.`",
    },
)


def definitions_file(client: Client) -> Path:
    """Return where a client's definitions stand once they are pinned."""
    return client.folder / "definitions.yaml"


def load_definitions(client: Client) -> Definitions | None:
    """Return a client's pinned definitions; None where none are pinned yet.

    Raises
    ------
    ConfigError
        If the file cannot be read, or says something unknown or out of range.
    """
    file = definitions_file(client)
    # a link that leads nowhere is a pin that was lost, not one that was never made
    return checked(read(file), file, _FORM) if lexists(file) else None


def as_yaml(definitions: Definitions) -> str:
    """Return the text of a ``definitions.yaml``, with what a reader should know of it on top."""
    return _HEADER + yaml.safe_dump(
        definitions.model_dump(),
        default_flow_style=None,
        sort_keys=False,
        allow_unicode=True,
        width=_EVERY_LINE,
    )
