"""Rows that are totals of others, and no sales: by their name, or because they are a sum.

An export plain enough costs one look at its names and one at which cells are blank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from retention_lib.client import Client, folded
from retention_lib.transactions import running_sums, total_words
from retention_lib.transactions.running_sums import NAMED, SCALE, Candidates

__all__ = ["mark"]

_KEYS: Final = ("customer_id", "order_id", "product")
_MOST_NAMES: Final = 1_000_000
_MOST_KINDS: Final = 64
_USUAL, _NEARLY_ALWAYS = 0.5, 0.9  # a column that so many rows fill is missed where it is blank
_LARGE_ID: Final = 0.25  # an id whose rows are totals holds half of a file's money
# A kind of rows: which usual cells are blank, plus one for a total's word in a longer name, or for
# one large id.
_MOST_COLUMNS: Final = 40
_WORDED: Final = 1 << _MOST_COLUMNS
_ID: Final = _WORDED


def mark(rows: ibis.Table, client: Client) -> ibis.Table:
    """Say of each row whether it is a total, with and without a date, named or not.

    By name: an id, an order's number or a product that is called a total, or any cell of a row
    without id or date. By sum: see :func:`retention_lib.transactions.running_sums.totals`; only
    rows count that lack what others have, that share an id of which all rows are sums, or whose
    name holds a total's word. Ids that ``customers`` of the YAML confirms are no names of totals.

    Parameters
    ----------
    rows
        Typed rows with ``source_file``, ``line_number`` and ``source``; sums are looked for in
        files alone, since a database has no order of rows.
    client
        The client.

    Returns
    -------
    ibis.Table
        The rows, and ``is_total`` (bool, never null).
    """
    names = _Names.of(rows, client)
    is_total = names.exact(rows)
    is_file = not (client.source.table or client.source.query) and "line_number" in rows.columns
    if is_file and client.has_amounts:
        found = _sums(rows, names)
        if found is not None:
            at = (rows.source_file == found.file_) & (rows.line_number == found.line_)
            joined = rows.left_join(found, at).drop("file_", "line_")
            return joined.mutate(is_total=names.exact(joined) | joined.by_sum.notnull()).drop(
                "by_sum"
            )
    return rows.mutate(is_total=is_total)


@dataclass(frozen=True)
class _Names:
    """The texts that mean a total, as the source spells them.

    ``ids`` (and orders' numbers), ``products``, ``cells`` of rows without id or date; ``doubtful``
    are names that hold a total's word, but may be those of a customer or product.
    """

    ids: tuple[str, ...]
    products: tuple[str, ...]
    cells: tuple[str, ...]
    doubtful: tuple[str, ...]

    @classmethod
    def of(cls, rows: ibis.Table, client: Client) -> _Names:
        """Read them from rows: texts that hold a total's word, decided by Python."""
        confirmed = {folded(name) for name in client.customers}
        there = [name for name in _KEYS if name in rows.columns]
        texts: dict[str, list[str]] = {
            name: _hinted(rows.select(text=rows[name])) for name in there
        }
        texts["cells"] = _hinted(_cells(rows.filter(_nameless(rows))))
        ids = [text for text in texts["customer_id"] if folded(text) not in confirmed]
        exact = [text for text in ids + texts.get("order_id", []) if total_words.is_named(text)]
        products = texts.get("product", [])
        sure = [text for text in products if total_words.is_named(text, numbers=False)]
        cells = [text for text in texts["cells"] if total_words.is_named(text)]
        rest = [text for text in texts["customer_id"] + products if text not in {*exact, *sure}]
        doubtful = [text for text in rest if total_words.begins_or_ends(text)]
        return cls(tuple(exact), tuple(sure), tuple(cells), tuple(doubtful))

    def exact(self, rows: ibis.Table) -> ir.BooleanValue:
        """Say of rows whether their name is a total's."""
        ids = [rows[name] for name in ("customer_id", "order_id") if name in rows.columns]
        found = [column.isin(self.ids) for column in ids if self.ids]
        if self.products:
            found.append(rows.product.isin(self.products))
        if self.cells:
            some = [cell.isin(self.cells) for cell in _texts(rows)]
            found.append(_nameless(rows) & ibis.or_(*(cell.fill_null(False) for cell in some)))
        return _any(found)

    def loose(self, rows: ibis.Table) -> ir.BooleanValue:
        """Say of rows whether a total's word stands in their id or product."""
        columns = [rows[name] for name in ("customer_id", "product") if name in rows.columns]
        return _any([column.isin(self.doubtful) for column in columns if self.doubtful])


def _any(conditions: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    found = [condition.fill_null(False) for condition in conditions]
    return ibis.or_(*found) if found else ibis.literal(False)


def _hinted(texts: ibis.Table) -> list[str]:
    """Return the distinct texts that may be a total's name."""
    bare = total_words.strip_accents(texts.text)
    hinted = texts.filter(bare.re_search(total_words.hint())).distinct()
    return sorted(hinted.limit(_MOST_NAMES).to_pyarrow()["text"].to_pylist())


def _nameless(rows: ibis.Table) -> ir.BooleanValue:
    """Say of rows whether they lack an id or a date, and an order's number."""
    lacks = rows.customer_id.isnull() | rows.day.isnull()
    return lacks & rows.order_id.isnull() if "order_id" in rows.columns else lacks


def _texts(rows: ibis.Table) -> list[ir.StringValue]:
    cells = (rows.source[name] for name in rows.source.names)
    return [cell.cast(str) for cell in cells if cell.type().is_string()]


def _cells(rows: ibis.Table) -> ibis.Table:
    """Return all texts of rows, one a row."""
    texts = _texts(rows)
    if not texts:
        return rows.select(text=ibis.null(str)).limit(0)
    return rows.select(text=ibis.array(texts).unnest())


def _sums(rows: ibis.Table, names: _Names) -> ibis.Table | None:
    """Return the file, line and ``by_sum`` of each row that is a sum of others; None if none is."""
    slim = rows.select(
        "source_file",
        "line_number",
        units=(rows.amount * SCALE).round().cast("int64"),
        named=names.exact(rows),
        worded=names.loose(rows),
        customer_id=rows.customer_id,
        **{f"blank{n}": cell.isnull() for n, cell in enumerate(_usual_cells(rows))},
    ).view()
    usual = _filled(slim)
    heavy = _heavy(slim)
    if not (usual or heavy or names.doubtful):
        return None
    lines = [
        (file, line)
        for file, found, numbers in _by_file(slim, usual, heavy)
        for line in numbers[_of_file(slim, file, found, usual, heavy)].tolist()
    ]
    if not lines:
        return None
    files, numbers = zip(*lines, strict=True)
    table = pa.table({"file_": files, "line_": numbers, "by_sum": [True] * len(lines)})
    return ibis.memtable(table).distinct()


def _usual_cells(rows: ibis.Table) -> list[ir.Value]:
    """Return the cells of which a blank one may tell a total; keys come first."""
    keys = [rows[name] for name in _KEYS if name in rows.columns]
    others = [rows.source[name] for name in rows.source.names]
    return [*keys, *others][:_MOST_COLUMNS]


def _filled(slim: ibis.Table) -> dict[int, float]:
    """Return the share of rows that fill a column, of those most rows fill but not all."""
    blanks = [name for name in slim.columns if name.startswith("blank")]
    row = _row(slim.agg(rows=slim.units.count(), **{n: _blank(slim, n) for n in blanks}))
    shares = {int(n[5:]): 1 - (row[n] or 0) / max(row["rows"], 1) for n in blanks}
    return {n: share for n, share in shares.items() if _USUAL <= share < 1}


def _blank(slim: ibis.Table, name: str) -> ir.IntegerValue:
    return slim[name].sum(where=slim.units.notnull())


def _heavy(slim: ibis.Table) -> list[str]:
    """Return the ids that hold so much of a file's money that their rows may be its totals."""
    own = slim.filter(slim.customer_id.notnull()).group_by("source_file", "customer_id")
    sums = own.agg(gross=slim.units.abs().sum().cast("float64")).view()
    named = slim.filter(slim.customer_id.notnull()).group_by("source_file")
    files = named.agg(all=slim.units.abs().sum().cast("float64")).view()
    both = sums.join(files, sums.source_file == files.source_file)
    large = both.filter(both.all > 0, both.gross >= _LARGE_ID * both.all).select("customer_id")
    return sorted(large.distinct().limit(1000).to_pyarrow()["customer_id"].to_pylist())


def _kind(slim: ibis.Table, usual: Mapping[int, float], heavy: Sequence[str]) -> ir.IntegerValue:
    """Say what a row may be: 0 for an ordinary one, else a kind of :class:`Candidates`."""
    mask: ir.Value = ibis.literal(0, "int64")
    for place, number in enumerate(usual):
        mask = mask + slim[f"blank{number}"].ifelse(1 << place, 0).cast("int64")
    large = [(slim.customer_id == name, n * _ID) for n, name in enumerate(heavy, start=2)]
    apart = ibis.cases((slim.worded, _WORDED), *large, else_=0).cast("int64")
    return slim.named.ifelse(NAMED, mask + apart).cast("int64")


def _by_file(
    slim: ibis.Table, usual: Mapping[int, float], heavy: Sequence[str]
) -> Iterator[tuple[str, Candidates, np.ndarray]]:
    """Yield each file's candidates in its order, with the numbers of their lines."""
    kinds = slim.mutate(kind=_kind(slim, usual, heavy)).view()
    before = ibis.cumulative_window(group_by="source_file", order_by="line_number")
    own = kinds.units.fill_null(0)
    running = kinds.select(
        "source_file",
        "line_number",
        "kind",
        "units",
        before=(own.sum().over(before) - own).cast("int64"),
        gross=(own.abs().sum().over(before) - own.abs()).cast("int64"),
        rows=(ibis.row_number().over(group_by="source_file", order_by="line_number")).cast("int64"),
    ).view()
    some = running.filter((running.kind != 0) & (running.units.fill_null(0) != 0))
    table = some.order_by("source_file", "line_number").to_pyarrow()
    files = table["source_file"].combine_chunks().dictionary_encode()
    codes = files.indices.to_numpy(zero_copy_only=False)
    arrays = {name: table[name].to_numpy() for name in table.column_names if name != "source_file"}
    numbers = arrays.pop("line_number")
    for code, file in enumerate(files.dictionary.to_pylist()):
        where = codes == code
        yield file, Candidates(**{n: it[where] for n, it in arrays.items()}), numbers[where]


def _of_file(
    slim: ibis.Table,
    file: str,
    found: Candidates,
    usual: Mapping[int, float],
    heavy: Sequence[str],
) -> running_sums.Flags:
    """Return which candidates of a file are totals: of the rows above, or else of those below."""
    often = sum(1 << n for n, share in enumerate(usual.values()) if share >= _NEARLY_ALWAYS)
    kinds, counts = np.unique(found.kind[found.kind != NAMED], return_counts=True)
    emptiest = sorted(map(int, kinds), key=lambda kind: (-kind.bit_count(), kind))
    most = {int(kind) for kind in kinds[np.argsort(counts)[::-1][: _MOST_KINDS // 2]]}
    tried = {*emptiest[: _MOST_KINDS // 2], *most}
    fair = (found.kind == NAMED) | np.isin(found.kind, list(tried))
    loose = {kind for kind in tried if kind & often}
    whole = {kind for kind in tried - loose if kind >= 2 * _ID}
    some = found.only(fair)
    hits = running_sums.totals(some, whole=whole, loose=loose)
    if not (hits & (some.kind != NAMED)).any():
        own = slim.filter(slim.source_file == file)
        units = own.units.fill_null(0)
        ends = _row(own.agg(units=units.sum(), gross=units.abs().sum(), rows=own.count()))
        turned = some.upside_down(int(ends["units"]), int(ends["gross"]), int(ends["rows"]))
        hits = running_sums.totals(turned, whole=whole, loose=loose)[::-1]
    where = np.zeros(len(fair), dtype=bool)
    where[np.flatnonzero(fair)] = hits & (some.kind != NAMED)
    return where


def _row(aggregates: ibis.Table) -> dict[str, Any]:
    row: dict[str, Any] = aggregates.to_pyarrow().to_pylist()[0]
    return row
