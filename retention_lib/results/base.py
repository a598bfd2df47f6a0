"""What every section of the results obeys: strict models, and a reason for every null."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Interval = tuple[float, float]
Fitness = Literal["fit", "fit with care", "unfit"]
Gate = Literal["refused", "one_window", "two_windows", "trend"]
Unit = Literal["week", "month", "quarter"]
ChartPeriod = Literal["week", "month", "quarter", "half-year", "year"]
ClaimVerdict = Literal["holds", "does not hold", "cannot be tested"]
State = Literal["new", "active", "slipping", "lapsed"]
Certainty = Literal["firm", "likely", "open"]

_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def _as_day(value: Any) -> Any:
    """Return an ISO day as a date, as it was before it was written as JSON."""
    iso = isinstance(value, str) and _ISO.fullmatch(value)
    return date.fromisoformat(value) if iso else value


Reasoned = Annotated[int | float | date | str, BeforeValidator(_as_day)]


class Model(BaseModel):
    """Strict and immutable: no unknown field, no NaN, no infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Finding(Model):
    """What a question found: a code, and the numbers, days and names that go with it.

    :mod:`retention_lib.words` says it, by the message of that code.
    """

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)
    __pydantic_extra__: dict[str, Reasoned] = Field(init=False)

    code: str


class Why(Finding):
    """Why a figure cannot be given."""


def finding(code: str, **facts: float | date | str) -> Finding:
    """Return what was found: ``finding("short", gap=410, expected=0.86)``."""
    return Finding.model_validate({"code": code, **facts})


def why(code: str, **facts: float | date | str) -> Why:
    """Return why a figure cannot be given: ``why("too_few_back", back=12, needed=30)``."""
    return Why.model_validate({"code": code, **facts})


class Varied(Model):
    """One way in which an analysis was varied: a code, and the values that go with it.

    :mod:`retention_lib.words.variants` says it, by the message of that code.
    """

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)
    __pydantic_extra__: dict[str, Reasoned | list[str]] = Field(init=False)

    code: Literal["only", "condition", "without", "window", "until"]


class Period(Model):
    """A closed range of days."""

    start: date
    end: date


class Section(Model):
    """One notebook's result: every null has its reason, and nothing else has one.

    ``varied`` says what the analysis left out or measured otherwise; empty for the client's own.
    """

    number: ClassVar[str]
    name: ClassVar[str]
    why_not: dict[str, Why] = Field(default_factory=dict)
    varied: tuple[Varied, ...] = ()

    @model_validator(mode="after")
    def _every_null_has_its_reason(self) -> Self:
        nulls = set(null_pointers(self.figures()))
        if missing := nulls - set(self.why_not):
            raise ValueError(f"no why_not sentence for {sorted(missing)}")
        if idle := set(self.why_not) - nulls:
            raise ValueError(f"why_not names figures that are not null: {sorted(idle)}")
        return self

    def figures(self) -> dict[str, Any]:
        """Return the section without ``why_not`` and ``varied``, as plain JSON values."""
        return self.model_dump(mode="json", exclude={"why_not", "varied"})


def null_pointers(value: Any, pointer: str = "") -> Iterator[str]:
    """Yield the JSON pointer of every null in plain JSON values."""
    if value is None:
        yield pointer
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from null_pointers(item, f"{pointer}/{_escape(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from null_pointers(item, f"{pointer}/{index}")


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
