"""What was taken off quantity × unit price: a sum of money, per cent, or a share, by the YAML."""

from __future__ import annotations

from typing import Any, Final

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources import Raw
from retention_lib.transactions import cells
from retention_lib.transactions.number_forms import Marks
from retention_lib.vocabulary import names, plain

__all__ = ["check", "taken_off"]

_ENOUGH: Final = 0.98  # of the lines with a discount
_CENT: Final = 0.01
_PERCENT: Final = r"[\s\x{00a0}\x{202f}]*%$"


def taken_off(product: ir.FloatingValue, rows: ibis.Table, client: Client) -> ir.FloatingValue:
    """Return quantity × unit price less the discount; null where that cannot be read.

    Parameters
    ----------
    product
        Quantity × unit price of each row, below 0 for returns.
    rows
        The mapped columns, not typed yet: ``discount``, and ``source_file``.
    client
        The client; ``discount_is`` of its YAML says what a discount is.
    """
    off = _number(rows, client, rows.discount).fill_null(0.0).abs()
    unread = rows.discount.notnull() & _number(rows, client, rows.discount).isnull()
    left = _left(product, off, client.discount_is or "money")
    return ibis.ifelse(unread, None, left)


def _left(product: ir.FloatingValue, off: ir.FloatingValue, kind: str) -> ir.FloatingValue:
    if kind == "money":
        return ibis.ifelse(product < 0, product + off, product - off)
    return product * (1 - (off / 100 if kind == "percent" else off))


def _number(rows: ibis.Table, client: Client, column: ir.Value) -> ir.Value:
    bare = column.re_replace(_PERCENT, "") if column.type().is_string() else column
    return cells.by_file(rows, client, lambda it: cells.number(bare, Marks.of(it)))


def check(raw: Raw, client: Client, plain_: ibis.Table, product: ir.FloatingValue | None) -> None:
    """Stop where amounts are quantity × price beside a discount of which nothing is said.

    Parameters
    ----------
    raw, client
        The source and the client.
    plain_
        The mapped columns, not typed yet.
    product
        Quantity × unit price of each row of ``plain_``; None where the YAML names an amount.

    Raises
    ------
    ConfigError
        With one line for each way to read it: as money, per cent, or a share, and one for prices
        that are after it.
    """
    name = client.columns.discount or _unmapped(raw, client)
    if product is None or name is None or (client.columns.discount and client.discount_is):
        return
    safe = raw.names[name]
    cell = plain_.discount if client.columns.discount else cells.bare(plain_.source[safe])
    found = _seen(plain_, client, cell, product)
    if not found["rows"]:
        return
    choices = [
        Choice(_line({"columns": {"discount": name}, "discount_is": kind}), means)
        for kind, means in _ways(found)
    ]
    also = {"segments": [*client.columns.segments, name], "discount": None}
    choices.append(Choice(as_line("columns", also), "prices are what is left after it"))
    listed = ", ".join(f"{choice} ({choice.means})" for choice in choices)
    raise ConfigError(
        f"{raw.where}: column {name!r} holds discounts in {found['rows']:,} rows, e.g. "
        f"{found['example']!r}, and amounts are {client.columns.quantity!r} × "
        f"{client.columns.unit_price!r}, {found['sum']:,.2f} in all before any discount. Write "
        f"{listed}.",
        choices=choices,
    )


def _line(settings: dict[str, Any]) -> str:
    return f"{{{', '.join(as_line(key, value) for key, value in settings.items())}}}"


def _unmapped(raw: Raw, client: Client) -> str | None:
    """Return the surest column of discounts that nobody mapped."""
    taken = {*client.columns.mapped().values(), *client.columns.segments}
    known = {name: rank for rank, name in enumerate(names("discount"))}
    named = [it for it in raw.names if it not in taken and plain(it) in known]
    return min(named, key=lambda it: known[plain(it)], default=None)


def _seen(
    rows: ibis.Table, client: Client, cell: ir.Value, product: ir.FloatingValue
) -> dict[str, Any]:
    """Return in how many rows something is taken off, and how large it is."""
    off = _number(rows, client, cell).abs()
    there = (off > 0).fill_null(False)
    percent = cell.cast(str).re_search("%$")
    sums = {
        "rows": there.sum().fill_null(0),
        "example": cell.cast(str).max(where=there),
        "percent": (percent & there).sum().fill_null(0),
        "most": off.max(),
        "within": (there & (off <= product.abs() + _CENT)).sum().fill_null(0),
        "sum": product.sum(),
    }
    row: dict[str, Any] = rows.agg(**sums).to_pyarrow().to_pylist()[0]
    return row


def _ways(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what the discounts can be, by their size."""
    if found["percent"]:
        return [("percent", "per cent of the line")]
    ways = []
    if found["within"] >= _ENOUGH * found["rows"]:
        ways.append(("money", "a sum of money off the line"))
    if found["most"] <= 1:
        ways.append(("share", "a share of the line, 0.25 a quarter"))
    elif found["most"] <= 100:
        ways.append(("percent", "per cent of the line"))
    return ways
