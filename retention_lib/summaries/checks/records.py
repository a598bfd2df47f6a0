"""One client's rows as the checks look at them: what several checks go by is computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import frame, single

Found = TypeVar("Found")
_NO_RECORDS: Final = ("repeated_header", "empty_line", "total_row")  # whatever stands in them
_STEPS = 20  # of a logarithmic scale, between an amount and one 2.7 times as large
_LEAST_SCALE = 0.5
_UPPER: Final = ((0.9, 1.2816, 300), (0.99, 2.3263, 300), (0.999, 3.0902, 3000))


@dataclass(frozen=True)
class Spread:
    """How far amounts above zero usually lie from the middle one, upwards, in logarithms.

    ``scale`` is that of the normal curve which reaches as high as their upper quantiles do. It is
    0.5 at least, so that a shop of a single price has a spread.
    """

    middle: float
    scale: float
    rows: int

    def at(self, scales: float) -> float:
        """Return the logarithm of the amount so many scales above the middle."""
        return self.middle + scales * self.scale


@dataclass(frozen=True)
class Records:
    """All typed rows, and what the client says that checks go by.

    Attributes
    ----------
    typed
        All typed rows with their ``reason``.
    unused
        Columns of them that change no figure.
    customers
        Ids that the client confirms as customers.
    zone
        The name of the client's time zone, if it says so.
    """

    typed: ibis.Table
    unused: Sequence[str] = ()
    customers: Sequence[str] = ()
    zone: str | None = None
    _found: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def has(self, *names: str) -> bool:
        """Say whether the rows have all of these columns."""
        return set(names) <= set(self.typed.columns)

    @cached_property
    def rows(self) -> ibis.Table:
        """The rows that checks look at: but for those that are no record of a sale."""
        held = self.typed.reason.isnull() | self.typed.reason.notin(_NO_RECORDS)
        return self.typed.filter(held)

    @cached_property
    def used(self) -> ibis.Table:
        """The rows in use."""
        return self.rows.filter(_.reason.isnull())

    @cached_property
    def count(self) -> int:
        """How many rows are in use."""
        return int(single(self.used.agg(it=_.count()))["it"])

    @cached_property
    def returns(self) -> int:
        """How many rows in use have a negative amount."""
        return int(single(self.used.agg(it=(_.amount < 0).sum().fill_null(0)))["it"])

    def known(self, find: Callable[[Records], Found]) -> Found:
        """Return what a function finds of these records; it is asked once."""
        if find not in self._found:
            self._found[find] = find(self)
        found: Found = self._found[find]
        return found

    @cached_property
    def by_day(self) -> pd.DataFrame:
        """The rows in use by day: day, rows."""
        return frame(self.used.group_by("day").agg(rows=_.count()), by=["day"])

    @cached_property
    def spread(self) -> Spread | None:
        """How far amounts usually lie from the middle one; None of fewer than 300."""
        above = self.used.filter(_.amount > 0)
        step = (_.amount.ln() * _STEPS).floor().cast("int64")
        table = frame(above.group_by(step=step).agg(rows=_.count()), by=["step"])
        total = int(table["rows"].sum())
        if total < _UPPER[0][2]:
            return None
        below = table["rows"].cumsum()

        def at(share: float) -> float:
            return float((table["step"][below >= share * total].iloc[0] + 0.5) / _STEPS)

        scales = [(at(share) - at(0.5)) / z for share, z, least in _UPPER if total >= least]
        return Spread(at(0.5), max(_LEAST_SCALE, *scales), total)


def listed(column: ir.StringValue, words: Sequence[str]) -> ir.BooleanValue:
    """Say of each text whether it is one of many."""
    # an `IN` of so many words is a join to the engine
    found: ir.BooleanValue = ibis.literal(list(words), "array<string>").contains(column)
    return found.fill_null(False)


def texts(table: ibis.Table, name: str) -> list[Any]:
    """Return a small column as a list."""
    found: list[Any] = table.select(name).to_pyarrow()[name].to_pylist()
    return found
