"""What stops a run: columns of numbers that cannot be read, or in two ways, or in two currencies.

All columns of a file are judged together, since one system writes them with the same marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice, ConfigError, DataError
from retention_lib.sources import Raw
from retention_lib.transactions import cells, number_forms, readings, typed_cells
from retention_lib.transactions.number_forms import Marks
from retention_lib.transactions.settling import (
    ENOUGH,
    MOST_UNREADABLE,
    Count,
    clearly_fewer,
    line,
    line_for,
    place,
    refuse_better,
)

NUMBERS: Final = ("amount", "quantity", "unit_price", "cost", "refunded")
_AMOUNTS: Final = ("amount", "quantity", "unit_price")
_WHOLE: Final = Marks(",", ".")  # 1.234 is a thousand
_POINT: Final = Marks(".")
_DOUBTFUL = r"^[^0-9.,]*[1-9][0-9]{0,2}\.[0-9]{3}[^0-9.,]*$"
_SETTLED = r"\.(?:[0-9]{1,2}|[0-9]{4,})[^0-9.,]*$|^[^0-9.,]*0*\.[0-9]+[^0-9.,]*$"


def number(plain: ibis.Table, client: Client, standard: str) -> ir.Value:
    """Return the numbers of a column, by the format of each row's file."""
    return cells.by_file(plain, client, lambda it: cells.number(plain[standard], Marks.of(it)))


def check_numbers(raw: Raw, client: Client, plain: ibis.Table) -> None:
    """Stop if a file's numbers cannot be read, may be read in two ways, or are of two currencies.

    Parameters
    ----------
    raw
        The source, for the names that messages give.
    client
        The client; its YAML may declare how numbers are written.
    plain
        The mapped columns under their standard names, not typed yet.

    Raises
    ------
    ConfigError
        If 1.234 may be 1234, or other marks fit at least 98 % of a file's numbers and clearly more
        than the declared; if its columns are written with different marks; if there are signs of
        several currencies, or on some cells only.
    DataError
        If more than half of a file's amounts (or their factors) cannot be read, or no number of
        a column can.
    """
    columns = [name for name in NUMBERS if name in plain.columns]
    if not columns:
        return
    found = _tallied(plain, client, columns)
    _check_marks(raw, client, plain, found)
    _check_signs(raw, client, plain, [it for it in columns if found.dressed(it)])
    for (file, name), count in found.counts.items():
        most = MOST_UNREADABLE if name in _AMOUNTS else 1
        if count.unreadable and (count.above(most) or count.unreadable == count.present):
            said = _said(raw, client, plain, file, name, count)
            raise DataError(
                f"{said}; map a column of numbers to {name}, or none; or mend these cells in the "
                "export."
            )


class _Tally:
    """What a pass over all numbers found, by file and column."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
        self.rows = {row["source_file"]: row for row in rows}
        self.columns = columns
        self.counts = {
            (file, name): Count(
                row[f"{name}_present"], row[f"{name}_unreadable"] or 0, row[f"{name}_example"]
            )
            for file, row in self.rows.items()
            for name in columns
        }

    def total(self, file: str, what: str) -> int:
        """Return how many cells of a file are so, over its columns."""
        return sum(self.rows[file].get(f"{name}_{what}") or 0 for name in self.columns)

    def dressed(self, name: str) -> bool:
        """Whether cells of a column are more than digits and marks."""
        return any(row.get(f"{name}_dressed") for row in self.rows.values())


def _tallied(plain: ibis.Table, client: Client, columns: Sequence[str]) -> _Tally:
    tallies: dict[str, ir.Value] = {}
    for name in columns:
        column = plain[name]
        value = number(plain, client, name)
        lost = column.notnull() & value.isnull()
        tallies |= {
            f"{name}_present": column.count(),
            f"{name}_unreadable": lost.sum(),
            f"{name}_example": column.cast(str).max(where=lost),
        }
        if column.type().is_string():
            tallies |= _of_text(plain, client, name, column)
    rows = plain.group_by("source_file").agg(**tallies).order_by("source_file")
    return _Tally(rows.to_pyarrow().to_pylist(), columns)


def _of_text(
    plain: ibis.Table, client: Client, name: str, text: ir.StringValue
) -> dict[str, ir.Value]:
    """Count cells that are more than digits, and those that tell what a decimal point is."""
    is_plain = cells.by_file(plain, client, lambda it: text.re_search(Marks.of(it).plain))
    found = {f"{name}_dressed": (~is_plain).sum()}
    if all(client.format_of(file).decimal for file in [*client.formats, ""]):
        return found
    doubtful = text.re_search(_DOUBTFUL)
    return found | {
        f"{name}_doubtful": doubtful.sum(),
        f"{name}_settled": text.re_search(_SETTLED).sum(),
        f"{name}_three": text.max(where=doubtful),
    }


# --- marks -----------------------------------------------------------------------


def _check_marks(raw: Raw, client: Client, plain: ibis.Table, found: _Tally) -> None:
    doubted: dict[str, str] = {}
    for (file, name), count in found.counts.items():
        if count.doubtful and plain[name].type().is_string():
            doubted.setdefault(file, name)
    ways = {file: _all_ways(plain, found, file) for file in doubted}

    def said(file: str) -> str:
        name = doubted[file]
        return _said(raw, client, plain, file, name, found.counts[file, name])

    refuse_better(client, ways, list(found.rows), said)
    for file in doubted:
        if client.format_of(file).decimal in (None, "."):
            _refuse_typed(raw, client, plain, found, file, partial(said, file))
    for file, columns in ways.items():
        _refuse_disagreement(raw, client, file, columns)
    for file in found.rows:
        if client.format_of(file).decimal is None:
            _refuse_three_decimals(raw, client, plain, found, file)


def _refuse_typed(
    raw: Raw, client: Client, plain: ibis.Table, found: _Tally, file: str, said: Callable[[], str]
) -> None:
    """Stop if a workbook's numbers are partly texts, written with other marks."""
    rows = plain.filter(plain.source_file == file)
    unread = [
        rows.filter(number(rows, client, name).isnull()).select(text=rows[name].cast(str))
        for name in found.columns
        if plain[name].type().is_string()
    ]
    count = max((found.counts[file, name] for name in found.columns), key=lambda it: it.unreadable)
    texts = ibis.union(*unread) if len(unread) > 1 else unread[0]
    every = list(found.rows)
    typed_cells.refuse(raw, client, file, count, said, texts, readings.numbers, every)


def _all_ways(
    plain: ibis.Table, found: _Tally, file: str
) -> dict[str, tuple[Count, list[readings.Reading]]]:
    """Return how each column of a file is read, and how else it may be."""
    return {
        name: (found.counts[file, name], _ways(plain, file, name))
        for name in found.columns
        if plain[name].type().is_string() and found.counts[file, name].present
    }


def _ways(plain: ibis.Table, file: str, name: str) -> list[readings.Reading]:
    rows = plain.filter(plain.source_file == file)
    return readings.numbers(rows.select(text=rows[name].cast(str)))


def _said(raw: Raw, client: Client, plain: ibis.Table, file: str, name: str, count: Count) -> str:
    where = f"{place(raw, file)}: column {getattr(client.columns, name)!r}"
    marks = Marks.of(client.format_of(file))
    is_text = plain[name].type().is_string()
    return count.said(where, _how(marks) if is_text else "as a number up to 1e12")


def _how(marks: Marks) -> str:
    thousands = f" and {marks.thousands!r} between thousands" if marks.thousands else ""
    return f"as a number with the decimal mark {marks.decimal!r}{thousands}"


def _refuse_three_decimals(
    raw: Raw, client: Client, plain: ibis.Table, found: _Tally, file: str
) -> None:
    """Stop where 1.234 may be a thousand or little more than one."""
    doubtful, settled = found.total(file, "doubtful"), found.total(file, "settled")
    if not doubtful or settled >= (1 - ENOUGH) * doubtful:
        return
    row = found.rows[file]
    name = next(name for name in found.columns if row.get(f"{name}_doubtful"))
    value = row[f"{name}_three"]
    whole, parts = value.replace(".", ""), value.replace(".", ",")
    every = [it for it in found.rows if client.format_of(it).decimal is None]
    files = every if _all_doubtful(found, every) else [file]
    thousand, point = (
        Choice(line_for(client, files, list(found.rows), marks.settings), f"{value} is {it}")
        for marks, it in ((_WHOLE, whole), (_POINT, value))
    )
    where = f"{place(raw, file)}: column {getattr(client.columns, name)!r}: {value!r}"
    rows = f"({row[f'{name}_doubtful']} such rows)"
    if _is_thousand(plain, found, file):
        said = f"{where} {rows} is {whole}, as other cells show. Write {thousand}."
        raise ConfigError(said, choices=[thousand])
    raise ConfigError(
        f"{where} {rows} can be {whole} or {parts}. Write {thousand} for a whole number, "
        f"{point} for three decimals.",
        choices=[thousand, point],
    )


def _is_thousand(plain: ibis.Table, found: _Tally, file: str) -> bool:
    """Whether cells that no decimal point can read, such as 1.234,50, say what the point is."""
    if not sum(found.counts[file, name].unreadable for name in found.columns):
        return False
    missed = {_WHOLE: 0, _POINT: 0}
    for count, ways in _all_ways(plain, found, file).values():
        for marks in missed:
            own = (it.missed for it in ways if marks.settings in it.all_settings)
            missed[marks] += next(own, count.present)
    return clearly_fewer(missed[_WHOLE], missed[_POINT])


def _all_doubtful(found: _Tally, files: Sequence[str]) -> bool:
    """Whether no file tells what a decimal point is, so that one line speaks for all."""
    return all(found.total(file, "settled") == 0 for file in files)


def _refuse_disagreement(
    raw: Raw,
    client: Client,
    file: str,
    columns: Mapping[str, tuple[Count, Sequence[readings.Reading]]],
) -> None:
    """Stop where each column could be read, but by no marks that suit them all."""
    good = {
        name: next((it for it in ways if count.bettered(it)), None)
        for name, (count, ways) in columns.items()
        if count.doubtful
    }
    for name, reading in good.items():
        if reading is not None:
            written = ", ".join(f"{key} {value!r}" for key, value in reading.settings.items())
            raise ConfigError(
                f"{place(raw, file)}: its columns of numbers are written in different ways: "
                f"{getattr(client.columns, name)!r} with {written} ({reading.means}), others not. "
                "One format counts for a file; export all its numbers with the same marks."
            )


# --- signs -----------------------------------------------------------------------


def _check_signs(raw: Raw, client: Client, plain: ibis.Table, columns: Sequence[str]) -> None:
    """Stop where numbers carry the signs of several currencies, or some of them one."""
    text = [name for name in columns if plain[name].type().is_string()]
    found = {name: _signs(plain, client, name) for name in text}
    total: Counter[str] = Counter()
    for signs in found.values():
        total += signs
    named = {number_forms.currency(sign) for sign in total if sign}
    if len(named) > 1:
        listed = ", ".join(f"{it!r} in {n} cells" for it, n in total.most_common() if it)
        names = " and ".join(repr(getattr(client.columns, name)) for name in found)
        raise ConfigError(
            f"{raw.where}: column {names} carries the signs of {len(named)} currencies: {listed}. "
            "Amounts of several currencies cannot be added up; export the rows of one, or convert "
            "all amounts before."
        )
    for name, signs in found.items():
        if named and signs[""] and signs.total() > signs[""] and client.format.sign is None:
            _refuse_some(raw, client, name, signs)


def _refuse_some(raw: Raw, client: Client, name: str, signs: Counter[str]) -> None:
    sign = next(it for it, _ in signs.most_common() if it)
    same = Choice(line([], {"sign": sign}), f"numbers without {sign} are in {sign} as well")
    none = Choice(as_line("columns", {name: None}), "they are not: no amounts, rates only")
    signed = signs.total() - signs[""]
    raise ConfigError(
        f"{raw.where}: column {getattr(client.columns, name)!r} carries {sign!r} in {signed} of "
        f"{signs.total()} rows, so the others may be of another currency. Write {same} if they "
        f"are of the same one. Else export the rows of one currency, or write {none} for a report "
        "without money.",
        choices=[same, none],
    )


def _signs(plain: ibis.Table, client: Client, name: str) -> Counter[str]:
    """Count the signs beside the numbers of a column that are not 0; "" for none."""
    value = number(plain, client, name)
    text = plain[name].cast(str)
    sign = text.re_replace(number_forms.SIGNED, r"\1\2")
    sign = text.re_search(number_forms.SIGNED).ifelse(sign, None)
    rows = plain.select(sign=sign, value=value)
    rows = rows.filter(rows.sign.notnull() & (rows.value.isnull() | (rows.value != 0)))
    counts = rows.group_by("sign").agg(times=ibis._.count()).order_by("sign")
    return Counter({row["sign"]: row["times"] for row in counts.to_pyarrow().to_pylist()})
