"""How the dates, numbers and lines of an export are written."""

from __future__ import annotations

import codecs
import re
import zoneinfo
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from retention_lib.client.values import COUNTED_DATES, WHITESPACE, Part, Text, tuple_of_one_or_list

__all__ = ["Format"]


def _plain_blank(value: Any) -> Any:
    """Let any blank that keeps a number on one line stand for a blank: cells are read alike."""
    return " " if isinstance(value, str) and value.isspace() else value


Thousands = Annotated[Literal[".", ",", " ", "'", "’", "_"], BeforeValidator(_plain_blank)]


_TAB = {"\\t": "\t", "tab": "\t"}


class Format(Part):
    """How dates, numbers and lines are written. Absent date: ISO; absent delimiter: a comma.

    ``date`` is a format of strptime, or one of ``unix`` (seconds), ``unix_ms`` and ``excel`` (days
    since 1899-12-30). ``timezone`` is whose day counts where moments are given by their time zone
    or as seconds since 1970. ``sign`` is a currency's, where not every cell carries it.
    ``skip_lines`` stand above the header, ``sheet`` names those of a workbook that are read.
    """

    date: Text | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Thousands | None = None
    sign: Text | None = None
    timezone: Text | None = None
    skip_lines: Annotated[int, Field(ge=0, le=1000)] = 0
    sheet: Annotated[tuple[Text, ...], BeforeValidator(tuple_of_one_or_list)] = ()
    encoding: Text = "utf-8"
    delimiter: Text | None = None
    header: bool = True

    @field_validator("date")
    @classmethod
    def _whole_day(cls, value: str | None) -> str | None:
        if value in COUNTED_DATES:
            return value
        letters = set(re.findall(r"%-?([A-Za-z])", value or ""))
        if unknown := sorted(letters - set("YymbBdjHIMSfpaAzZ")):
            raise ValueError(f"has %{unknown[0]}, which stands for nothing in a date")
        if re.search("%[zZ].", value or ""):
            raise ValueError("has a time zone that is not at the end")
        parts = ("Yy", "mbBj", "dj")
        if value is not None and not all(letters & set(part) for part in parts):
            raise ValueError('needs a day, a month and a year; write e.g. `date: "%d.%m.%Y"`')
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            zoneinfo.ZoneInfo(value or "UTC")
        except (LookupError, ValueError, OSError):
            raise ValueError("is not a time zone; write e.g. `timezone: Europe/Warsaw`") from None
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            known = codecs.lookup(value)
        except (LookupError, ValueError):
            known = None
        if known is None or not getattr(known, "_is_text_encoding", True):
            raise ValueError("is not an encoding Python knows; try utf-8, cp1250, cp1252 or utf-16")
        return value

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        value = _TAB.get(value or "", value)
        if value not in (None, WHITESPACE) and (len(value) != 1 or value in '"\r\n\0'):
            raise ValueError(
                "should be one character, as in `delimiter: ';'`, "
                "or `whitespace` where columns are parted by any number of blanks"
            )
        return value

    def over(self, base: Format) -> Format:
        """Return another format with what this one says in its place."""
        return type(self).model_validate(base.given() | self.given())

    def given(self) -> dict[str, Any]:
        """Return what was given, by key."""
        return {name: getattr(self, name) for name in self.model_fields_set}

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.thousands is not None and self.decimal is None:
            other = "," if self.thousands == "." else "."
            raise ValueError(f"gives thousands without decimal; add `decimal: '{other}'`")
        if self.thousands is not None and self.thousands == self.decimal:
            raise ValueError("gives the same mark for decimal and thousands")
        return self
