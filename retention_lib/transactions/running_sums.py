"""Which rows of a file are the sums of those around them, from sums that run along the file.

Only the rows that may be totals are looked at, whatever the number of rows between them: what
stands between two is the difference of the running sums at them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["NAMED", "SCALE", "Candidates", "totals"]

NAMED: Final = -1  # the kind of a row whose name says that it is a total
SCALE: Final = 10_000  # amounts are whole ten-thousandths here, so that sums are exact
_HALF_A_CENT: Final = SCALE // 200
_SURE_ROWS: Final = 30  # so many rows have one row's amount for a sum by no chance
_ROWS: Final = 5  # so many make one total of its kind credible
_NEARLY_ALL: Final = 0.9
_FEW: Final = 3  # fewer rows of a kind may be sums by chance where returns leave little of them
_NEVER: Final = 2**62

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Candidates:
    """The rows of one file that may be totals, in its order.

    Attributes
    ----------
    units : array of int
        Their amounts in units of 1 / ``SCALE``.
    before : array of int
        The sum of all rows above each.
    gross : array of int
        The same of absolute amounts.
    rows : array of int
        How many rows stand above each.
    kind : array of int
        Rows of one kind have the same cells blank; ``NAMED`` are totals in any case.
    """

    units: Ints
    before: Ints
    gross: Ints
    rows: Ints
    kind: Ints

    def only(self, where: Flags) -> Self:
        """Return some of them."""
        arrays = ("units", "before", "gross", "rows", "kind")
        return replace(self, **{name: getattr(self, name)[where] for name in arrays})

    def upside_down(self, units: int, gross: int, rows: int) -> Self:
        """Return them from the file's end on, given the sums and the number of all its rows."""
        return replace(
            self,
            units=self.units[::-1],
            before=(units - self.before - self.units)[::-1],
            gross=(gross - self.gross - np.abs(self.units))[::-1],
            rows=(rows - 1 - self.rows)[::-1],
            kind=self.kind[::-1],
        )


def totals(found: Candidates, *, whole: set[int], loose: set[int]) -> Flags:
    """Return which candidates are totals.

    A row is one where its amount is the sum of the rows since the last one, of all rows so far, or
    of the totals right above it. A kind is believed if nearly all of its rows are. Of the others a
    row is only believed if the sum is of so many rows that chance is no reason.

    Parameters
    ----------
    found
        The candidates of one file.
    whole
        Kinds of which all rows have to be totals, or none is: a customer's rows.
    loose
        Kinds of which single rows may be totals: rows without what nearly all others have.
    """
    values, counts = np.unique(found.kind[found.kind != NAMED], return_counts=True)
    kinds = [int(kind) for kind in values]
    few = {int(kind) for kind in values[counts < _FEW]}
    believed: set[int] = set()
    for kind in kinds:
        some = found.only((found.kind == kind) | (found.kind == NAMED))
        run = _Run(some, np.ones_like(some.units), doubted=few)
        believed |= _believed(some, run, {kind}, whole)
    others = set(kinds) - whole - believed
    if others:
        some = found.only(~np.isin(found.kind, list(whole - believed)))
        least = np.where(np.isin(some.kind, list(others)), _ROWS, 1)
        believed |= _believed(some, _Run(some, least, doubted=few), others, whole)
    least = np.where(np.isin(found.kind, list(loose)), _SURE_ROWS, _NEVER)
    least = np.where(np.isin(found.kind, [*believed, NAMED]), 1, least)
    return _Run(found, least, doubted=set(kinds) - believed).is_total


def _believed(found: Candidates, run: _Run, kinds: set[int], whole: set[int]) -> set[int]:
    """Return the kinds of which nearly all rows came out as totals, and not of a row or two."""
    believed = set()
    for kind in kinds:
        own = found.kind == kind
        hit, covered = run.is_total[own], run.covered[own]
        if hit.sum() < (1 if kind in whole else _NEARLY_ALL) * own.sum():
            continue
        if kind in whole:
            # a month may be of few rows: three long sums among them are no chance
            long = (covered >= _ROWS).sum() >= min(own.sum(), _FEW)
            enough = long and (own.sum() > 1 or covered.max() >= _SURE_ROWS)
        else:
            alone = own.sum() == 1 and len(kinds) > 1
            least = _SURE_ROWS if alone else _ROWS
            enough = covered.max() >= least or (covered[hit] >= 2).sum() >= 3
        if enough:
            believed.add(kind)
    return believed


class _Run:
    """One walk along a file: which candidates are totals, and how many rows each sums up.

    ``least`` is how many rows a sum must be of to count. Rows of kinds that are doubted must outweigh
    what they sum up, returns and all.
    """

    def __init__(self, found: Candidates, least: Ints, doubted: set[int] | None = None) -> None:
        self._found, self._least = found, least
        self._doubted = np.isin(found.kind, list(doubted or ()))
        self._named = found.kind == NAMED
        self.is_total = np.zeros(len(found.units), dtype=bool)
        self.covered = np.zeros(len(found.units), dtype=np.int64)
        # what stood above when the last total was passed, and what all totals so far add up to
        self._sum = self._gross = self._rows = 0
        self._totals = self._of_totals = 0
        self._open: list[tuple[int, int]] = []  # totals not summed up yet: amount, rows
        at = self._next(0)
        while at is not None:
            self._accept(at)
            at = self._next(at + 1)

    def _next(self, start: int) -> int | None:
        """Return the next candidate that is a total: looked for in ever longer stretches."""
        if start < len(self.is_total) and self._sums_totals(start):
            return start
        length = 64
        while start < len(self.is_total):
            part = slice(start, start + length)
            hits = np.flatnonzero(self._since(part) | self._so_far(part) | self._named[part])
            if len(hits):
                return start + int(hits[0])
            start, length = start + length, 2 * length
        return None

    def _since(self, part: slice) -> Flags:
        """Whether amounts are the sum of the rows since the last total."""
        found = self._found
        rows = found.rows[part] - self._rows
        gross = found.gross[part] - self._gross
        return self._equal(part, found.before[part] - self._sum, rows, gross)

    def _so_far(self, part: slice) -> Flags:
        """Whether amounts are the sum of all rows so far that are no totals."""
        found = self._found
        rows = found.rows[part] - self._of_totals
        gross = found.gross[part] - abs(self._totals)
        return self._equal(part, found.before[part] - self._totals, rows, gross)

    def _equal(self, part: slice, sums: Ints, rows: Ints, gross: Ints) -> Flags:
        units = self._found.units[part]
        outweighs = ~self._doubted[part] | (2 * np.abs(units) >= gross)
        near = np.abs(units - sums) <= _HALF_A_CENT
        equal: Flags = near & (rows >= self._least[part]) & (units != 0) & outweighs
        return equal

    def _sums_totals(self, at: int) -> int:
        """Return how many of the totals right above a row are what it sums up; 0 if none."""
        if self._found.rows[at] != self._rows or self._least[at] >= _SURE_ROWS:
            return 0
        units, seen = int(self._found.units[at]), 0
        for many, (amount, _) in enumerate(reversed(self._open[-400:]), start=1):
            seen += amount
            if abs(seen - units) <= _HALF_A_CENT:
                return many
        return 0

    def _accept(self, at: int) -> None:
        found, one = self._found, slice(at, at + 1)
        units = int(found.units[at])
        merged = self._sums_totals(at)
        if merged:
            rows = sum(rows for _, rows in self._open[-merged:])
            del self._open[-merged:]
        elif self._since(one)[0] or not self._so_far(one)[0]:
            rows = int(found.rows[at]) - self._rows
        else:
            rows = int(found.rows[at]) - self._of_totals
            self._open.clear()
        self._open.append((units, rows))
        self.is_total[at], self.covered[at] = True, rows
        self._totals, self._of_totals = self._totals + units, self._of_totals + 1
        self._sum = int(found.before[at]) + units
        self._gross = int(found.gross[at]) + abs(units)
        self._rows = int(found.rows[at]) + 1
