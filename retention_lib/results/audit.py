"""The section of notebook 01: whether the records can be trusted."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from retention_lib.results.base import Fitness, Model, Section


class Verdict(Model):
    """Whether the records can carry a retention rate, and a customer value."""

    retention: Fitness
    clv: Fitness


class Check(Model):
    """One audit check: what it touches, what was done, what it changes.

    ``rate_without`` is the retained rate under the same window had the step not been taken.
    """

    name: str
    rows: int
    customers: int | None
    money: float | None
    action: Literal["kept", "set aside", "netted", "counted"]
    rate_without: float | None


class Audit(Section):
    """Can the records be trusted?

    ``set_aside`` counts rows by reason, the commonest first. ``reasons`` names the checks behind a
    verdict below fit. ``closed_group``: nobody buys for the first time any more, towards the end.
    ``needed_repeat_buyers``: how many customers must have bought twice for a model.
    """

    number: ClassVar[str] = "01"
    name: ClassVar[str] = "audit"

    rows_in: int
    rows_kept: int
    set_aside: dict[str, int]
    customers: int
    occasions: int
    repeat_buyers: int
    zero_occasions: int
    first_date: date
    last_date: date
    last_first_purchase: date
    closed_group: bool
    needed_repeat_buyers: int
    verdict: Verdict
    reasons: dict[str, list[str]]
    retained_rate: float | None
    checks: list[Check]

    @model_validator(mode="after")
    def _rows_add_up(self) -> Self:
        if self.rows_in != self.rows_kept + sum(self.set_aside.values()):
            raise ValueError("rows_in is not rows_kept plus the rows set aside")
        return self
