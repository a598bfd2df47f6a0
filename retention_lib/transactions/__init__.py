"""Typed transactions: every row of the source with its day and amount, or the reason why not.

Rows in = rows kept + rows set aside. Nothing is guessed: where a column can be read in two
ways, or not at all, the run stops and names the line of the YAML that settles it.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client
from retention_lib.errors import DataError
from retention_lib.sources import Raw
from retention_lib.transactions import cells, format_checks, number_checks, statuses
from retention_lib.transactions.reasons import AFTER_AS_OF, REASONS, Reason

__all__ = ["REASONS", "Reason", "kept", "last_day", "set_aside", "typed", "until"]

_TEXTS = (
    "order_id",
    "product",
    "status",
    "email",
    "owner",
    "region",
    "channel",
    "effort",
    "currency",
)
_OURS = ("source_file", "unreadable_line")
_FOR_REASONS = ("no_date", "no_amount", "is_copy", "is_cancelled")


def typed(raw: Raw, client: Client) -> ibis.Table:
    """Give every row of a source its customer, day and amount, or the reason why it has none.

    Parameters
    ----------
    raw
        The source, from :func:`retention_lib.sources.read`.
    client
        The client; ``columns`` and ``format`` of its YAML say what stands where, and how.

    Returns
    -------
    ibis.Table
        One row per row of the source, in no particular order; no row is too late yet, see
        :func:`until`:

        - ``customer_id``: text; ``id_was_decimal``: whether it was written as ``17850.0``
        - ``day``: date
        - ``amount``: float, in the client's currency; null throughout if the client has none
        - each other mapped column under its standard name: ``quantity``, ``unit_price`` and
          ``cost`` as float, the rest as text
        - ``segments``: struct of texts, if any are mapped
        - ``source_file``, ``unreadable_line``: as in the source
        - ``reason``: the name of one of ``REASONS``; null if the row is kept
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
    number_checks.check_numbers(raw, client, plain)
    values = plain.select(**_values(plain, client), **_faults(raw, client, plain)).view()
    found = ((reason.holds(values, client), reason.name) for reason in REASONS)
    return values.mutate(reason=ibis.cases(*found)).drop(*_FOR_REASONS)


def until(typed: ibis.Table, as_of: date) -> ibis.Table:
    """Return typed rows looked at from a day: later ones are set aside.

    That comes before the reasons which stand after it in ``REASONS``.
    """
    names = [reason.name for reason in REASONS]
    weaker = names[names.index(AFTER_AS_OF) + 1 :]
    late = (typed.day > as_of) & (typed.reason.isnull() | typed.reason.isin(weaker))
    return typed.mutate(reason=ibis.ifelse(late, AFTER_AS_OF, typed.reason))


def kept(typed: ibis.Table) -> ibis.Table:
    """Return the rows that can be used: those without a reason to set them aside."""
    return typed.filter(typed.reason.isnull()).drop("reason", "unreadable_line")


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
    own = [column for column in table.columns if column not in (*_OURS, "line_number")]
    mapped = {
        name: cells.bare(table[raw.names[column]]) for name, column in columns.mapped().items()
    }
    moments = cells.local(mapped["ordered_at"], client.format.timezone)
    mapped["ordered_at"] = cells.without_zeros(moments)
    numbers = (name for name in number_checks.NUMBERS if name in mapped)
    mapped |= {name: cells.without_dashes(mapped[name]) for name in numbers}
    if columns.segments:
        segments = {name: cells.bare(table[raw.names[name]].cast(str)) for name in columns.segments}
        mapped["segments"] = ibis.struct(segments)
    # the window is taken here, once: a copy's number is all that is left of it
    copies = ibis.row_number().over(group_by=own, order_by=table.source_file)
    mapped["is_copy"] = copies > 0 if columns.order_id else ibis.literal(False)
    ours = {name: table[name] for name in _OURS}
    source = ibis.struct({column: table[column] for column in own})
    return table.select(**mapped, **ours, source=source).view()


def _values(plain: ibis.Table, client: Client) -> dict[str, ir.Value]:
    """Return what a row is worth: the mapped columns, typed, under their standard names."""
    columns = set(plain.columns)
    numbers = {
        name: number_checks.number(plain, client, name)
        for name in number_checks.NUMBERS
        if name in columns
    }
    if "amount" not in columns:
        both = {"quantity", "unit_price"} <= columns
        product = numbers["quantity"] * numbers["unit_price"] if both else ibis.null("float64")
        numbers = {"amount": cells.within(product)} | numbers
    customer_id, was_decimal = cells.customer_id(plain.customer_id)
    values = {
        "customer_id": customer_id,
        "id_was_decimal": was_decimal,
        "day": format_checks.day(plain, client),
        **numbers,
        **{name: plain[name].cast(str) for name in _TEXTS if name in columns},
    }
    rest = ("segments", "is_copy", *_OURS, "source")
    return values | {name: plain[name] for name in rest if name in columns}


def _faults(raw: Raw, client: Client, plain: ibis.Table) -> dict[str, ir.Value]:
    """Return whether a row has no date, no amount (or one of its factors), or was cancelled."""
    parts = ["amount"] if client.columns.amount else ["quantity", "unit_price"]
    absent = [plain[name].isnull() for name in parts if client.has_amounts]
    cancelled = statuses.cancelled(raw, client, plain)
    return {
        "no_date": plain.ordered_at.isnull(),
        "no_amount": ibis.or_(*absent) if absent else ibis.literal(False),
        "is_cancelled": plain.status.cast(str).isin(cancelled)
        if cancelled
        else ibis.literal(False),
    }
