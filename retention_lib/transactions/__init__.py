"""Typed transactions: every row of the source with its day and amount, or the reason why not.

Rows in = rows kept + rows set aside. Nothing is guessed: where a column can be read in two
ways, or not at all, the run stops and names the line of the YAML that settles it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client
from retention_lib.errors import DataError
from retention_lib.sources import Raw
from retention_lib.transactions import cells, format_checks, statuses

REASONS = (
    "unreadable_line",
    "missing_customer_id",
    "missing_date",
    "unreadable_date",
    "missing_amount",
    "unreadable_amount",
    "after_as_of",
    "duplicate_line",
    "cancelled",
    "zero_amount",
)
_TEXTS = (
    "order_id",
    "product",
    "status",
    "email",
    "account",
    "owner",
    "region",
    "channel",
    "effort",
    "currency",
)
_OURS = ("source_file", "unreadable_line")
_FOR_REASONS = ("no_date", "no_amount", "earlier_copies")


def typed(raw: Raw, client: Client, as_of: date | None) -> ibis.Table:
    """Give every row of a source its customer, day and amount, or the reason why it has none.

    Parameters
    ----------
    raw
        The source, from :func:`retention_lib.sources.read`.
    client
        The client; ``columns`` and ``format`` of its YAML say what stands where, and how.
    as_of
        The last day of the history; later rows are set aside. None: no row is too late.

    Returns
    -------
    ibis.Table
        One row per row of the source, in no particular order:

        - ``customer_id``: text; ``id_was_decimal``: whether it was written as ``17850.0``
        - ``day``: date
        - ``amount``: float, in the client's currency; null throughout if the client has none
        - each other mapped column under its standard name: ``quantity``, ``unit_price``,
          ``discount`` and ``cost`` as float, ``ordered_until`` as date, the rest as text
        - ``segments``: struct of texts, if any are mapped
        - ``source_file``, ``unreadable_line``: as in the source
        - ``reason``: one of ``REASONS``; null if the row is kept
        - ``source``: struct of the source's own columns

    Raises
    ------
    ConfigError
        If dates or numbers can be read in more than one way, or another format fits clearly
        more of them than the declared; if times have a time zone and ``format`` names none; if
        there are amounts in several currencies; if a status that ``cancelled`` names is not
        there but one that differs by a letter is.
    DataError
        If more than half of the dates or amounts cannot be read.
    """
    format_checks.check_zones(raw, client)
    plain = _plain(raw, client)
    format_checks.check_dates(raw, client, plain)
    format_checks.check_currency(raw, client, plain)
    for standard in format_checks.NUMBERS:
        if standard in plain.columns:
            format_checks.check_numbers(raw, client, plain, standard)
    values = plain.select(**_values(plain, client), **_gaps(plain, client)).view()
    found = _reasons(values, client, as_of)
    if client.cancelled:
        found["cancelled"] = values.status.isin(statuses.cancelled(raw, client, plain))
    reason = ibis.cases(*((found[name], name) for name in REASONS if name in found))
    return values.mutate(reason=reason).drop(*(set(values.columns) & set(_FOR_REASONS)))


def kept(typed: ibis.Table) -> ibis.Table:
    """Return the rows that can be used: those without a reason to set them aside."""
    return typed.filter(typed.reason.isnull()).drop("reason", "unreadable_line")


def as_known(typed: ibis.Table, at: date) -> ibis.Table:
    """Return the rows as they are typed for an earlier day: later ones are set aside.

    Parameters
    ----------
    typed
        As :func:`typed` gives them for a day that is not before ``at``.
    """
    first = REASONS[: REASONS.index("after_as_of")]  # the reasons that come before
    late = (typed.day > ibis.date(at)) & ~typed.reason.isin(first).fill_null(False)
    return typed.mutate(reason=late.ifelse("after_as_of", typed.reason))


def set_aside(typed: ibis.Table) -> ibis.Table:
    """Return the rows that cannot be used: the source's columns, where from, and the reason."""
    rows = typed.filter(typed.reason.notnull())
    own = {name: rows.source[name] for name in rows.source.names}
    return rows.select(
        **own,
        source_file=rows.source_file,
        unreadable_line=rows.unreadable_line,
        reason=rows.reason,
    )


def last_day(typed: ibis.Table, today: date) -> date:
    """Return the day of the latest purchase that is not after today.

    Raises
    ------
    DataError
        If there is no such purchase.
    """
    rows = typed.mutate(
        reason=ibis.coalesce(
            typed.reason,
            ibis.cases((typed.day > today, "after_today"), (typed.amount < 0, "negative_amount")),
        )
    )
    latest = rows.day.max(where=rows.reason.isnull()).to_pyarrow().as_py()
    if latest is None:
        counts = rows.group_by("reason").agg(rows=rows.count()).order_by("reason").to_pyarrow()
        why = ", ".join(f"{row['reason']}: {row['rows']}" for row in counts.to_pylist())
        raise DataError(
            f"No purchase can be read up to {today}, and every row is set aside ({why}); "
            "check `columns` and `format` in client.yaml."
        )
    assert isinstance(latest, date)
    return latest


def _plain(raw: Raw, client: Client) -> ibis.Table:
    """Return each mapped column under its standard name, text without blanks around it.

    Each step is a view of its own (so are the steps after it), because Ibis would else merge
    them into one and compute every text anew wherever it is used: thirty times slower.
    """
    table, columns = raw.table, client.columns
    own = [column for column in table.columns if column not in _OURS]
    mapped = {
        name: cells.bare(table[raw.names[column]]) for name, column in columns.mapped().items()
    }
    zoned = mapped.keys() & set(format_checks.DATES)
    mapped |= {name: cells.local(mapped[name], client.format.timezone) for name in zoned}
    if columns.segments:
        segments = {name: cells.bare(table[raw.names[name]].cast(str)) for name in columns.segments}
        mapped["segments"] = ibis.struct(segments)
    if columns.order_id:
        copies = ibis.row_number().over(group_by=own, order_by=table.source_file)
        mapped["earlier_copies"] = copies
    ours = {name: table[name] for name in _OURS}
    source = ibis.struct({column: table[column] for column in own})
    return table.select(**mapped, **ours, source=source).view()


def _values(plain: ibis.Table, client: Client) -> dict[str, ir.Value]:
    """Return what a row is worth: the mapped columns, typed, under their standard names."""
    marks, columns = cells.marks_of(client), set(plain.columns)
    numbers = {
        name: cells.number(plain[name], marks) for name in format_checks.NUMBERS if name in columns
    }
    if "amount" not in columns:
        both = {"quantity", "unit_price"} <= columns
        product = numbers["quantity"] * numbers["unit_price"] if both else ibis.null("float64")
        numbers = {"amount": cells.within(product)} | numbers
    customer_id, was_decimal = cells.customer_id(plain.customer_id)
    values = {
        "customer_id": customer_id,
        "id_was_decimal": was_decimal,
        "day": cells.day(plain.ordered_at, client.format.date),
        **numbers,
        **{name: plain[name].cast(str) for name in _TEXTS if name in columns},
    }
    if "ordered_until" in columns:
        values["ordered_until"] = cells.day(plain.ordered_until, client.format.date)
    rest = ("segments", "earlier_copies", *_OURS, "source")
    return values | {name: plain[name] for name in rest if name in columns}


def _gaps(plain: ibis.Table, client: Client) -> dict[str, ir.Value]:
    """Return whether a row has no date, and no amount (or one of its two factors)."""
    parts = ["amount"] if client.columns.amount else ["quantity", "unit_price"]
    amount = (
        [plain[name].isnull() for name in parts] if client.has_amounts else [ibis.literal(False)]
    )
    return {"no_date": plain.ordered_at.isnull(), "no_amount": ibis.or_(*amount)}


def _reasons(values: ibis.Table, client: Client, as_of: date | None) -> dict[str, Any]:
    """Return a condition for each reason to set a row aside that applies to this client."""
    found: dict[str, Any] = {
        "unreadable_line": values.unreadable_line.notnull(),
        "missing_customer_id": values.customer_id.isnull(),
        "missing_date": values.no_date,
        "unreadable_date": values.day.isnull(),
    }
    if client.has_amounts:
        found["missing_amount"] = values.no_amount
        found["unreadable_amount"] = values.amount.isnull()
    if as_of is not None:
        found["after_as_of"] = values.day > as_of
    if client.columns.order_id:
        found["duplicate_line"] = values.earlier_copies > 0
    if client.has_amounts and client.zero_amounts == "set_aside":
        found["zero_amount"] = values.amount == 0
    return found
