"""Columns that nobody mapped but that warn: refunds, returns, tests, statuses, currencies.

They are found by their names and by their values. A doubt carries the line of the YAML that settles
it; several currencies stop the run, since no line can add them up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import babel
import ibis
import ibis.expr.types as ir

from retention_lib.client import Client, folded
from retention_lib.client.lines import as_line
from retention_lib.sources import Raw
from retention_lib.transactions import cells, currencies, flags
from retention_lib.vocabulary import names, plain, words

__all__ = ["Doubt", "check_currencies", "doubts"]

_OURS: Final = ("source_file", "unreadable_line", "line_number")
_SAMPLE: Final = 20_000
_MOST_VALUES: Final = 60  # of a column that says what kind of row it is
_MOST_STATUSES: Final = 12  # that one line can well list
_NOT: Final = frozenset(
    [
        "no",
        "not",
        "non",
        "without",
        "nie",
        "bez",
        "nem",
        "nincs",
        "не",
        "без",
        "nicht",
        "kein",
        "keine",
        "ohne",
    ]
)
_NEGATIVE: Final = "^\\D*[-\u2212(]|-$"
_FEW_NOTES: Final = 0.3  # of the rows: more are no exceptions
_LIVE: Final = ("livemode", "live mode")
_CODES: Final = frozenset(babel.Locale("en").currencies)
_SIGNS: Final = {"€", "$", "£", "zł", "ft", "лв", "kč", "lei", "kr", "¥"}
_COMMON: Final = frozenset(
    [
        "EUR",
        "USD",
        "GBP",
        "PLN",
        "HUF",
        "BGN",
        "CHF",
        "CZK",
        "RON",
        "SEK",
        "DKK",
        "NOK",
        "UAH",
        "RSD",
        "TRY",
        "CAD",
        "AUD",
        "JPY",
        "CNY",
        "INR",
    ]
)


@dataclass(frozen=True)
class Doubt:
    """A column that nobody mapped, but that warns.

    Attributes
    ----------
    code : str
        Of what: ``refunds``, ``returned_quantity``, ``credit_notes``, ``test``, ``status``.
    column : str
        The source's column.
    rows : int
        How many rows warn.
    line : str, optional
        What to write in the YAML; None where no line settles it.
    values : tuple of str
        Some of the values that warn, the commonest first.
    """

    code: str
    column: str
    rows: int
    line: str | None
    values: tuple[str, ...]


def check_currencies(raw: Raw, client: Client) -> None:
    """Stop if a column that nobody mapped holds several currencies.

    Raises
    ------
    ConfigError
        Naming the column, the currencies and how many rows each has.
    """
    if client.columns.currency or not client.has_amounts or client.currencies:
        return
    for name, counts in _few_values(raw, client):
        if len(counts) > 1 and _are_currencies(name, counts):
            currencies.refuse(raw, client, name, counts)


def doubts(raw: Raw, client: Client) -> tuple[Doubt, ...]:
    """Return what the columns that nobody mapped warn of.

    Parameters
    ----------
    raw
        The source, from :func:`retention_lib.sources.read`.
    client
        The client; ``columns`` of its YAML say what is mapped.
    """
    few = {
        name: counts for name, counts in _few_values(raw, client) if name not in client.not_sales
    }
    said = [
        doubt
        for name, counts in few.items()
        for doubt in (
            _test(name, counts, client),
            _statuses(raw, client, name, counts),
            _doubt("status", name, counts, flags.no_sales(name, counts), client),
        )
        if doubt
    ]
    found = [*_refunds(raw, client), *said, *_credit_notes(raw, client)]
    return (*found, *_cancelled(raw, client, {doubt.column for doubt in found}))


def _free(raw: Raw, client: Client) -> dict[str, str]:
    """Return the table's column for each of the source's that nobody mapped."""
    taken = {*client.columns.mapped().values(), *client.columns.segments}
    own = set(raw.table.columns) - set(_OURS)
    return {name: safe for name, safe in raw.names.items() if name not in taken and safe in own}


def _few_values(raw: Raw, client: Client) -> Iterator[tuple[str, Counter[str]]]:
    """Yield columns of few different values, and how many rows have each.

    A sample tells which to count, so that a wide file costs little.
    """
    free = _free(raw, client)
    if not free:
        return
    sample = raw.table.select(*free.values()).limit(_SAMPLE).to_pyarrow()
    for name, safe in free.items():
        if len(sample[safe].unique()) <= _MOST_VALUES:
            text = cells.bare(raw.table[safe]).cast(str)
            counts = raw.table.select(text=text).filter(ibis._.text.notnull()).group_by("text")
            table = counts.agg(rows=ibis._.count()).order_by(ibis.desc("rows"), "text")
            rows = table.limit(_MOST_VALUES + 1).to_pyarrow().to_pylist()
            if 0 < len(rows) <= _MOST_VALUES:
                yield name, Counter({row["text"]: row["rows"] for row in rows})


def _are_currencies(name: str, counts: Mapping[str, int]) -> bool:
    """Whether all values are codes or signs of currencies, and not by chance sizes or places."""
    codes = {value.upper() for value in counts}
    if not all(code in _CODES or code.lower().rstrip(".") in _SIGNS for code in codes):
        return False
    return _is_called(name, "currency") or all(
        code in _COMMON or code.lower() in _SIGNS for code in codes
    )


def _is_called(name: str, standard: str) -> bool:
    return plain(name) in names(standard)


def _refunds(raw: Raw, client: Client) -> list[Doubt]:
    """Return columns of money given back, or of goods that came back, that hold any."""
    kinds = {
        name: "refunds" if _is_called(name, "refunded") else "returned_quantity"
        for name in _free(raw, client)
        if _is_called(name, "refunded") or _is_called(name, "returned_quantity")
    }
    if client.columns.refunded or not client.has_amounts:
        kinds = {name: code for name, code in kinds.items() if code != "refunds"}
    found = []
    for name, code in kinds.items():
        text = cells.bare(raw.table[raw.names[name]])
        there = _other_than_zero(text)
        row = _row(raw.table.agg(rows=there.sum(), most=text.cast(str).max(where=there)))
        if row["rows"]:
            line = as_line("columns", {"refunded": name}) if code == "refunds" else None
            found.append(Doubt(code, name, row["rows"], line, (row["most"],)))
    return found


def _other_than_zero(text: ir.Value) -> ir.BooleanValue:
    """Say of cells whether they hold a number other than 0, however it is written."""
    if text.type().is_numeric():
        return (text != 0).fill_null(False)
    written = text.cast(str)
    return (written.re_search("[1-9]") & ~written.re_search(r"\d{4}-\d\d")).fill_null(False)


def _cancelled(raw: Raw, client: Client, known: set[str]) -> Iterator[Doubt]:
    """Yield columns that say of some rows when, why or how far they were cancelled."""
    for name in _free(raw, client):
        if name in known or not flags.tells_of_cancelled(name):
            continue
        text = cells.bare(raw.table[raw.names[name]]).cast(str)
        there = (text.re_search("[1-9]") | text.re_search(r"\pL")).fill_null(False)
        there = there & ~text.lower().isin(words("no"))
        row = _row(
            raw.table.agg(rows=there.sum(), all=raw.table.count(), most=text.max(where=there))
        )
        if 0 < (row["rows"] or 0) < row["all"]:
            yield Doubt("status", name, row["rows"], None, (row["most"],))


def _credit_notes(raw: Raw, client: Client) -> Iterator[Doubt]:
    """Yield the column of order numbers if some begin as credit notes do, and count as sales."""
    name, own = client.columns.order_id, client.columns.amount or client.columns.quantity
    if name is None or own is None or (client.statuses and client.statuses.returned):
        return
    text = cells.bare(raw.table[raw.names[name]]).cast(str)
    amount = cells.bare(raw.table[raw.names[own]]).cast(str)
    sold = amount.notnull() & ~amount.re_search(_NEGATIVE).fill_null(False)
    rows = raw.table.select(begins=text.re_extract(r"^[^0-9]*", 0), sold=sold, text=text)
    each = rows.filter(rows.text.notnull()).group_by("begins")
    counts = each.agg(rows=ibis._.count(), sold=ibis._.sold.sum(), most=ibis._.text.max())
    found = counts.order_by(ibis.desc("rows"), "begins").limit(_MOST_VALUES).to_pyarrow()
    ways = found.to_pylist()
    notes = [it for it in ways if flags.begins_a_credit_note(it["begins"]) and it["sold"]]
    few = sum(it["rows"] for it in notes) < _FEW_NOTES * sum(it["rows"] for it in ways)
    if notes and few:
        values = tuple(it["most"] for it in notes[:5])
        yield Doubt("credit_notes", name, sum(it["sold"] for it in notes), None, values)


def _test(name: str, counts: Counter[str], client: Client) -> Doubt | None:
    """Return a column that says of some rows that they are tests."""
    if not _is_called(name, "test_flag"):
        return None
    is_test = flags.is_no if plain(name) in _LIVE else flags.is_yes
    marked = [value for value in counts if is_test(value)]
    return _doubt("test", name, counts, {value: "cancelled" for value in marked}, client)


def _statuses(raw: Raw, client: Client, name: str, counts: Counter[str]) -> Doubt | None:
    """Return a column of which some values mean returns, or orders that came to nothing."""
    if len(counts) < 2 and not (_is_called(name, "status") or _is_called(name, "type")):
        return None
    means = {value: kind for value in counts if (kind := _meaning(value))}
    back = [value for value, kind in means.items() if kind == "return"]
    if back and not _counts_as_sale(raw, client, name, back):
        means = {value: kind for value, kind in means.items() if kind != "return"}
    code = "credit_notes" if "return" in means.values() else "status"
    return _doubt(code, name, counts, means, client)


def _meaning(value: str) -> str | None:
    """Return what a status means where it is no sale: a return, or cancelled."""
    said = plain(value)
    if len(said) > 40 or _NOT & set(said.split()):
        return None
    for kind in ("cancelled", "return"):
        if said in words(kind):
            return kind
    return None


def _counts_as_sale(raw: Raw, client: Client, name: str, values: Sequence[str]) -> bool:
    """Whether rows of such values have amounts that are not negative yet."""
    columns = client.columns
    own = columns.amount or columns.quantity
    if own is None:
        return True
    text = cells.bare(raw.table[raw.names[own]])
    negative = text.cast(str).re_search(_NEGATIVE).fill_null(False)
    status = cells.bare(raw.table[raw.names[name]]).cast(str).isin(values).fill_null(False)
    above = ~negative & text.notnull() & status
    return bool(_row(raw.table.agg(rows=above.sum()))["rows"])


def _doubt(
    code: str, name: str, counts: Counter[str], means: Mapping[str, str], client: Client
) -> Doubt | None:
    """Return a doubt about the values that mean no sale; its line reads all others as sales."""
    if not means:
        return None
    line = as_line("not_sales", {name: list(means)}) if "return" not in means.values() else None
    if client.columns.status is None and code != "test":
        line = as_line("columns", {"status": name})
        if len(counts) <= _MOST_STATUSES:
            kinds: dict[str, list[str]] = {"sale": [], "return": [], "cancelled": []}
            for value in {folded(value): value for value in counts}.values():
                kinds[means.get(value, "sale")].append(value)
            stated = {kind: own for kind, own in kinds.items() if own}
            line = f"{{{line}, {as_line('statuses', stated)}}}"
    warned = [value for value, _ in counts.most_common() if value in means]
    return Doubt(code, name, sum(counts[value] for value in warned), line, tuple(warned[:5]))


def _row(aggregates: ibis.Table) -> dict[str, Any]:
    row: dict[str, Any] = aggregates.to_pyarrow().to_pylist()[0]
    return row
