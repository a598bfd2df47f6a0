"""What a value of a YAML may be: text, names, columns, days."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

WHITESPACE = "whitespace"
GENERATED = ("demo", "messy")  # sources made by a generator of the same name in data/
COUNTED_DATES = ("unix", "unix_ms", "excel")  # dates as a number since a day


def text_of_number(value: Any) -> Any:
    """Let a whole number stand for text: a column's position, a generator's seed."""
    return str(value) if type(value) is int else value


def tuple_of_list(value: Any) -> Any:
    """Let a YAML list stand for a tuple, which cannot change."""
    return tuple(value) if isinstance(value, list) else value


def tuple_of_one_or_list(value: Any) -> Any:
    """Let one value stand for a list of one."""
    return tuple_of_list([value] if isinstance(value, str | int) else value)


def no_truth(value: Any) -> Any:
    """Refuse what YAML takes for yes or no where a word is meant."""
    if isinstance(value, bool):
        said = "is yes or no to YAML; put the word in quotes, as in `cancelled: ['no']`"
        raise ValueError(said)  # noqa: TRY004 - what pydantic takes for a refusal
    return value


def folded(text: str) -> str:
    """Return a text as it compares: without blanks around it, case, or ways to compose letters."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def date_of_text(value: Any) -> Any:
    """Let a date in quotes be a date; YAML itself reads it without quotes."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        reason = "is not a date"
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            reason = "is no date: there is no such day"
        raise ValueError(f"{reason}; write it as in 1998-06-30") from None


def looks_like_url(value: Any) -> bool:
    """Whether a value is text that begins as a URL does, with two slashes or one."""
    return isinstance(value, str) and bool(
        re.match(r"\s*[a-z][a-z0-9+.-]+:/", value, re.IGNORECASE)
    )


def no_url(value: Any) -> Any:
    """Refuse a URL, which may hold a password, where a name is meant."""
    if looks_like_url(value):
        raise ValueError(
            "looks like a URL; a URL belongs into `connection`, as in "
            "`source: {table: …, connection: 'postgresql://${DB_USER}:${DB_PASSWORD}@host/shop'}`"
        )
    return value


Column = Annotated[
    str, BeforeValidator(no_url), BeforeValidator(text_of_number), Field(min_length=1)
]
Seed = Annotated[
    str, BeforeValidator(no_url), BeforeValidator(text_of_number), Field(pattern=r"^[0-9]{1,18}$")
]
Text = Annotated[str, Field(min_length=1)]
Status = Annotated[
    str,
    BeforeValidator(no_truth),
    BeforeValidator(text_of_number),
    Field(min_length=1, pattern=r"\S"),
]
Words = Annotated[tuple[Status, ...], BeforeValidator(tuple_of_one_or_list)]
Place = Annotated[str, BeforeValidator(no_url), Field(min_length=1)]
BillingPeriod = Literal["week", "month", "quarter", "year"]


class Part(BaseModel):
    """Strict and immutable: a key or a type that is not expected is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
