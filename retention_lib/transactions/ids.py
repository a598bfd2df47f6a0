"""Customers' ids: how they are written and compared, and which of them stand for nobody."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_lib import vocabulary
from retention_lib.client import Client, folded
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice, ConfigError, DataError, redacted
from retention_lib.sources import Raw
from retention_lib.transactions import cells

# 4.2E+11 as spreadsheets write it, 4.2E11 as Java does; without a mark, 12E11 may be a code
_DIGITS_LOST: Final = r"^[+-]?(?:[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+|[0-9][.,][0-9]+[eE][0-9]{2})$"
# a spreadsheet keeps fifteen digits of a number, and writes 0 for the rest
_LONG: Final = "^[0-9]{16,}$"
_ROUNDED: Final = "^[0-9]{15}0+$"
_ENOUGH_ROUNDED: Final = 10  # different ids that all end so, by no chance
_ZEROS: Final = "^0+([0-9]+)$"
_BLANKS: Final = r"[\s\x{00a0}\x{2007}\x{2009}\x{202f}\x{3000}\x{feff}]+"
_LEAST_SHARE = 0.01  # of the orders or the money: who has less moves no figure
_BUSY_SHARE = 0.50  # of all days with sales
_LEAST_DAYS = 30  # with sales: over fewer, buying on half of them says nothing
_EXAMPLES = 3


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def nfc_normalize(text: str) -> str:  # type: ignore[empty-body]
    """Put letters together in one way; DuckDB's own."""


def normal(column: ir.Value) -> tuple[ir.StringValue, ir.BooleanValue]:
    """Return ids as they are compared, and whether a spreadsheet had added ``.0`` to them.

    Those that hold an ``@`` are in small letters.
    """
    text, was_decimal = cells.customer_id(column)
    if column.type().is_string():
        text = ibis.ifelse(text.contains("@"), text.lower(), text)
    return text, was_decimal


def check_written(raw: Raw, client: Client, plain: ibis.Table, rows: ibis.Table) -> None:
    """Stop where a spreadsheet has written ids as ``4.2E+11``: their last digits are lost.

    Parameters
    ----------
    raw, client
        The source and the client, for messages.
    plain
        The mapped columns, not typed yet: numbers are no such ids.
    rows
        The same, typed.

    Raises
    ------
    DataError
        Naming the column and an example; no line of the YAML restores the digits.
    """
    names = [name for name in ("customer_id", "order_id") if name in plain.columns]
    texts = [name for name in names if plain[name].type().is_string()]
    if not texts:
        return
    found = {key: value for name in texts for key, value in _lost(rows, name).items()}
    row = rows.agg(**found).to_pyarrow().to_pylist()[0]
    for name in texts:
        where = f"{raw.where}: column {getattr(client.columns, name)!r}"
        if count := row[f"{name} rows"]:
            raise DataError(
                f"{where} holds ids as a spreadsheet shortens long numbers in {count} rows, e.g. "
                f"{row[f'{name} example']!r}: their last digits are lost, {_EXPORT}"
            )
        if row[f"{name} rounded"] == row[f"{name} long"] >= _ENOUGH_ROUNDED:
            raise DataError(
                f"{where}: all {row[f'{name} long']:,} ids of 16 digits and more end in zeros from "
                f"the 16th on, e.g. {row[f'{name} zeros']!r}, as a spreadsheet writes them: their "
                f"last digits are lost, {_EXPORT}"
            )


_EXPORT: Final = (
    "so that several ids have become one. Export the column as text (or from the system itself, "
    "without a spreadsheet between)."
)


def _lost(plain: ibis.Table, name: str) -> dict[str, ir.Value]:
    """Return what tells of ids that have lost digits: written with an exponent, or rounded."""
    text = plain[name]
    short = (text.contains("E") | text.contains("e")) & text.re_search(_DIGITS_LOST)
    is_long = (text.length() > 15) & text.re_search(_LONG)
    rounded = is_long & text.re_search(_ROUNDED)
    return {
        f"{name} rows": short.sum(),
        f"{name} example": text.max(where=short),
        f"{name} long": text.nunique(where=is_long),
        f"{name} rounded": text.nunique(where=rounded),
        f"{name} zeros": text.max(where=rounded),
    }


def joined(rows: ibis.Table, client: Client) -> ibis.Table:
    """Return rows whose ids that differ only as :func:`alike` says are one, where the YAML says so.

    Each such customer goes by the first of the spellings in the order of the alphabet.
    """
    if not client.ids.fold_case:
        return rows
    keyed = rows.mutate(spelled=alike(rows.customer_id)).view()
    several = _spellings(keyed).select("spelled", written="first").cache()
    if not several.count().to_pyarrow().as_py():
        return rows
    both = keyed.left_join(several, "spelled")
    named = ibis.coalesce(both.written, both.customer_id)
    return both.mutate(customer_id=named).select(*rows.columns).view()


def spellings(rows: ibis.Table) -> ibis.Table:
    """Return ids that differ only as :func:`alike` says, which are several customers as it stands.

    Parameters
    ----------
    rows
        Typed rows: customer_id.

    Returns
    -------
    ibis.Table
        One row per group of such ids: ``spelled`` (text, what they have in common), ``first`` and
        ``last`` (text, two of the spellings), ``ids`` (how many), ``rows``.
    """
    return _spellings(rows.mutate(spelled=alike(rows.customer_id)).view())


def _spellings(keyed: ibis.Table) -> ibis.Table:
    each = keyed.filter(_.customer_id.notnull()).group_by("spelled", "customer_id")
    return (
        each.agg(rows=_.count())
        .group_by("spelled")
        .agg(
            first=_.customer_id.min(),
            last=_.customer_id.max(),
            ids=_.customer_id.count(),
            rows=_.rows.sum(),
        )
        .filter(_.ids > 1)
    )


def alike(column: ir.StringValue) -> ir.StringValue:
    """Return what ids have in common that differ only in case, blanks or leading zeros.

    A spreadsheet takes the zeros off (``00042``), so that a customer has one id in each file.
    """
    text = nfc_normalize(column.re_replace(_BLANKS, "")).lower()
    return ibis.ifelse(text.startswith("0"), text.re_replace(_ZEROS, r"\1"), text)


def is_one_of(column: ir.StringValue, words: Iterable[str]) -> ir.BooleanValue:
    """Say of each id whether it is one of these words, compared without case."""
    wanted = sorted({form for word in words for form in _forms(word)})
    if not wanted:
        return ibis.literal(False)
    return nfc_normalize(column).lower().isin(wanted).fill_null(False)


def _forms(word: str) -> tuple[str, str]:
    """Return a word as Python and as the engine compare it; they differ in ``ß`` alone."""
    return folded(word), unicodedata.normalize("NFC", word.strip()).lower()


@dataclass(frozen=True)
class Suspect:
    """An id that may stand for nobody, and how much goes by it."""

    customer_id: str
    placeholder: bool
    rows: int
    orders_share: float
    days_share: float
    money_share: float | None

    @property
    def said(self) -> str:
        """Say what goes by this id."""
        money = "" if self.money_share is None else f" and {self.money_share:.0%} of the money"
        days = f"buys on {self.days_share:.0%} of all days with sales"
        return (
            f"{redacted(self.customer_id)[:40]!r} {days}, with {self.orders_share:.0%} of the "
            f"orders{money} ({self.rows:,} rows)"
        )


def check_nobody(raw: Raw, client: Client, rows: ibis.Table) -> None:
    """Stop where an id that looks like a placeholder, or buys nearly daily, has a share of sales.

    Parameters
    ----------
    raw, client
        The source and the client; ``not_customers`` and ``customers`` of the YAML settle it.
    rows
        The typed rows with their reason.

    Raises
    ------
    ConfigError
        Naming the ids and their share. Placeholders are asked for together, others one by one.
    """
    found = suspects(client, rows)
    if not found:
        return
    asked = [it for it in found if it.placeholder] or found[:1]
    ids = [it.customer_id for it in asked]
    one = len(ids) == 1
    choices = (
        Choice(
            as_line("not_customers", _extended(client.not_customers, ids)),
            f"{'it stands' if one else 'they stand'} for nobody: the sales stay in the revenue "
            "that belongs to no known customer",
        ),
        Choice(
            as_line("customers", _extended(client.customers, ids)),
            "it is one customer" if one else "each of them is one customer",
        ),
    )
    raise ConfigError(
        f"{raw.where}: column {client.columns.customer_id!r}: "
        f"{'; '.join(it.said for it in asked[:_EXAMPLES])}"
        f"{f'; and {len(asked) - _EXAMPLES} more such ids' if len(asked) > _EXAMPLES else ''}. "
        f"{'An id' if one else 'Ids'} like {'this' if one else 'these'} may stand for nobody in "
        f"particular. Write {choices[0]} where sales without a customer are booked so, "
        f"{choices[1]} if {'it is a customer' if one else 'they are customers'}.",
        choices=choices,
    )


def _extended(named: Sequence[str], ids: Sequence[str]) -> list[str]:
    return [*named, *(it for it in ids if it not in named)]


def suspects(client: Client, rows: ibis.Table) -> list[Suspect]:
    """Return the ids that may stand for nobody, those with the most rows first.

    An id is one if it is a placeholder of the vocabulary, or buys on more than half of all days
    with sales (at least 30 of them) while most customers do not; and if it has at least 1 % of the
    orders (of the lines, where they have no order ids) or of the money.
    """
    used = rows.filter(_.reason.isnull())
    total = _one(used.agg(orders=_orders(used), money=_.amount.sum().fill_null(0.0)))
    held = _large(client, used, total)
    if not held:
        return []
    days = _one(used.agg(days=_.day.nunique(where=_is_sale()), customers=_.customer_id.nunique()))
    read = [_share(row, total, days["days"]) for row in held]
    busy = {it.customer_id for it in read if it.days_share > _BUSY_SHARE}
    # where most customers buy daily, that is how this business is
    if days["days"] < _LEAST_DAYS or 2 * len(busy) >= days["customers"]:
        busy = set()
    return [it for it in read if it.placeholder or it.customer_id in busy]


def _large(client: Client, used: ibis.Table, total: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the ids with at least 1 % of the orders or the money, and what goes by each."""
    least = {name: _LEAST_SHARE * total[name] for name in ("orders", "money")}

    def much(orders: Any) -> ir.BooleanValue:
        enough: ir.BooleanValue = orders >= least["orders"]
        return enough | (_.money >= least["money"]) if total["money"] > 0 else enough

    # an order has a line at least: the few ids with so many lines are looked at more closely
    lines = used.group_by("customer_id").agg(rows=_.count(), money=_.amount.sum().fill_null(0.0))
    found = lines.filter(much(_.rows), ~is_one_of(_.customer_id, client.customers))
    few = found.select("customer_id").to_pyarrow()["customer_id"].to_pylist()
    if not few:
        return []
    own = used.filter(used.customer_id.isin(few))
    each = own.group_by("customer_id").agg(
        rows=_.count(),
        orders=_orders(own),
        money=_.amount.sum().fill_null(0.0),
        days=_.day.nunique(where=_is_sale()),
    )
    large = each.mutate(placeholder=is_one_of(_.customer_id, vocabulary.words("nobody")))
    ranked = large.filter(much(_.orders)).order_by(ibis.desc("rows"), "customer_id")
    held: list[dict[str, Any]] = ranked.to_pyarrow().to_pylist()
    return held


def _orders(rows: ibis.Table) -> ir.IntegerScalar:
    """Return how many orders rows are of; a line without an order's number is one by itself."""
    if "order_id" not in rows.columns:
        return rows.count()
    return rows.order_id.nunique() + rows.order_id.isnull().sum()


def _is_sale() -> Any:
    return _.amount.isnull() | (_.amount >= 0)


def _one(aggregates: ibis.Table) -> dict[str, Any]:
    row: dict[str, Any] = aggregates.to_pyarrow().to_pylist()[0]
    return {name: value or 0 for name, value in row.items()}


def _share(row: dict[str, Any], total: dict[str, Any], days: int) -> Suspect:
    return Suspect(
        row["customer_id"],
        row["placeholder"],
        row["rows"],
        row["orders"] / max(total["orders"], 1),
        row["days"] / max(days, 1),
        row["money"] / total["money"] if total["money"] > 0 else None,
    )
