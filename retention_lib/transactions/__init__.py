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
from retention_lib.transactions import (
    cells,
    currencies,
    days_ahead,
    discounts,
    fees,
    format_checks,
    ids,
    not_sales,
    number_checks,
    orders,
    overlaps,
    reasons,
    statuses,
    stray_lines,
    total_rows,
    unmapped,
)
from retention_lib.transactions.reasons import (
    AFTER_AS_OF,
    DATED_AHEAD,
    EVERY_FIGURE,
    NAMELESS,
    REASONS,
    Reason,
)

__all__ = [
    "EVERY_FIGURE",
    "NAMELESS",
    "REASONS",
    "Reason",
    "kept",
    "last_day",
    "set_aside",
    "typed",
    "until",
]

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
_OURS = ("source_file", "unreadable_line", "line_number")
_FOR_REASONS = (
    *("is_header", "is_empty", "no_date", "no_amount", "is_cancelled", "is_replaced"),
    *("is_nobody", "is_total", "is_no_sale"),
    *("is_refunded", "is_part", "stands_alone", "order_total", "gross"),
)
_HALF_A_CENT = 0.005


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

        - ``customer_id``: text, in small letters if it holds an ``@``; ``id_was_decimal``: whether
          it was written as ``17850.0``
        - ``day``: date; ``minute``: int, of the day from 0 to 1439, null where there are no times
        - ``amount``: float, in the client's currency, below 0 for returns, less what was refunded;
          null throughout if the client has none, and on lines whose order has its amount on
          another of its lines. Before refunds in rows with the reason ``refunded``
        - ``refunded``: float, 0 or more, what was taken off the amount; null where nothing was
        - each other mapped column under its standard name: ``quantity``, ``unit_price`` and
          ``cost`` as float, the rest as text
        - ``segments``: struct of texts, if any are mapped
        - ``names_a_fee``: whether a description that nobody mapped says postage, fee, discount or
          the like; only where there is such a column
        - ``source_file``, ``unreadable_line``, ``line_number``: as in the source
        - ``reason``: the name of one of ``REASONS``; null if the row is kept
        - ``also``: the other reasons that would set it aside as well, a blank after each; else null
        - ``source``: struct of the source's own columns

        Where ``order_id`` is mapped, the lines of an order have its customer, day and status, and:

        - ``order_id``: one text per order, so that distinct texts among kept rows are the orders;
          the source's own but where numbers begin anew or stand for several orders
        - ``order_doubt``: what was decided about an order, one of ``orders.DOUBTS``, else null
        - ``is_copy``: whether the line repeats an earlier one to the letter

        Where ``status`` is mapped:

        - ``status_means``: ``sale``, ``return``, ``cancelled``, or null where the YAML says nothing
          of it or the order has none; such rows count as sales

        Where either is:

        - ``no_purchase``: whether the row by itself makes no purchase occasion: its amount stands
          on another line of its order, or it is a return without an amount

    Raises
    ------
    ConfigError
        If dates or numbers can be read in more than one way, or another format fits clearly
        more of them than the declared; if times have a time zone and ``format`` names none; if
        there are amounts in several currencies; if a status that ``cancelled`` names is not
        there but one that differs by a letter is, or ``statuses`` does not name one; if it cannot
        be told which lines are an order, whether an amount is the order's, or what a discount is; if
        an id may stand for nobody. Each has the lines that settle it among its ``choices``.
    DataError
        If more than half of the dates or amounts cannot be read, or ids have lost digits.
    """
    format_checks.check_zones(raw, client)
    plain = _plain(raw, client)
    format_checks.check_dates(raw, client, plain)
    currencies.check_mapped(raw, client, plain)
    unmapped.check_currencies(raw, client)
    number_checks.check_numbers(raw, client, plain)
    discounts.check(raw, client, plain, _product(plain, client))
    meant = statuses.meant(raw, client, plain)
    # from here on no text is parsed any more
    rows = raw.stored(plain.select(**_values(plain, client), **_faults(client, plain)))
    ids.check_written(raw, client, plain, rows)
    rows = total_rows.mark(ids.joined(rows, client), client).view()
    rows = rows.mutate(
        is_nobody=ids.is_one_of(rows.customer_id, client.not_customers),
        stands_alone=rows.unreadable_line.notnull() | rows.is_empty | rows.is_total,
    ).view()
    rows = not_sales.of_orders(orders.united(raw, client, rows), client)
    statuses.check_named(raw, client, rows, meant)
    # a guest's order is nobody's on all of its lines
    rows = rows.mutate(is_nobody=ids.is_one_of(rows.customer_id, client.not_customers)).view()
    rows = _worth(rows, meant).view()
    rows = raw.named(_final(reasons.found(rows, client), client))
    ids.check_nobody(raw, client, rows)
    ahead = days_ahead.mark(rows, client)
    return reasons.found_late(ahead, ahead.is_ahead, DATED_AHEAD, ahead.reason.isnull()).drop(
        "is_ahead"
    )


def until(typed: ibis.Table, as_of: date) -> ibis.Table:
    """Return typed rows looked at from a day: later ones are set aside.

    That comes before the reasons which stand after it in ``REASONS``.
    """
    names = [reason.name for reason in REASONS]
    weaker = names[names.index(AFTER_AS_OF) + 1 :]
    takes = typed.reason.isnull() | typed.reason.isin(weaker)
    # what is dated ahead would be late by its nature: that is no other reason
    is_late = (typed.day > as_of) & ~typed.reason.isin([DATED_AHEAD, AFTER_AS_OF]).fill_null(False)
    return reasons.found_late(typed, is_late, AFTER_AS_OF, takes)


def kept(typed: ibis.Table) -> ibis.Table:
    """Return the rows that can be used: those without a reason to set them aside."""
    return typed.filter(typed.reason.isnull()).drop("reason", "also", "unreadable_line")


def set_aside(typed: ibis.Table) -> ibis.Table:
    """Return the rows that cannot be used: the source's columns, where from, and the reason.

    After the source's own columns there are ``source_file``, ``line_number`` (int, the line of the
    file on which the row begins), ``unreadable_line`` and ``reason``.
    """
    rows = typed.filter(typed.reason.notnull())
    own = {name: rows.source[name] for name in rows.source.names}
    return rows.select(
        **own,
        source_file=rows.source_file,
        line_number=rows.line_number,
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
    mapped["is_no_sale"] = not_sales.marked(raw, client)
    if (named := fees.are_named(raw, client)) is not None:
        mapped["names_a_fee"] = named
    moment = mapped["ordered_at"]
    mapped["ordered_at"] = cells.by_file(table, client, lambda it: cells.local(moment, it.timezone))
    if columns.segments:
        segments = {name: cells.bare(table[raw.names[name]].cast(str)) for name in columns.segments}
        mapped["segments"] = ibis.struct(segments)
    mapped["is_copy"] = (
        _is_copy(raw, [*own, "unreadable_line"]) if columns.order_id else ibis.literal(False)
    )
    mapped["is_header"] = stray_lines.is_header(raw)
    mapped["is_empty"] = stray_lines.is_empty(
        raw, own, [mapped["customer_id"], mapped["ordered_at"]]
    )
    ours = {name: table[name] for name in _OURS}
    source = ibis.struct({column: table[column] for column in own})
    rows = table.select(**mapped, **ours, source=source).view()
    numbers = (name for name in (*number_checks.NUMBERS, "discount") if name in mapped)
    emptied = {name: cells.without_dashes(rows[name]) for name in numbers}
    return rows.mutate(ordered_at=cells.without_zeros(rows.ordered_at), **emptied).view()


def _is_copy(raw: Raw, own: list[str]) -> ir.BooleanValue:
    """Say of each row whether another holds the same in all columns, and is the one that counts.

    The last file's first one does, since the later version of an order is the one that stays.
    """
    table = raw.table
    # rows of as many hashes as rows are all different, which saves sorting them
    hashed = table.select(hashed=ibis.struct({name: table[name] for name in own}).hash())
    count = hashed.agg(rows=hashed.count(), different=hashed.hashed.nunique())
    if len(set(count.to_pyarrow().to_pylist()[0].values())) == 1:
        return ibis.literal(False)
    order: list[ir.Value] = [table.line_number]
    if len(raw.files) > 1:
        order = [overlaps.place(raw, table.source_file).desc(), *order]
    found: ir.BooleanValue = ibis.row_number().over(group_by=own, order_by=order) > 0
    return found


def _values(plain: ibis.Table, client: Client) -> dict[str, ir.Value]:
    """Return what a row is worth: the mapped columns, typed, under their standard names."""
    columns = set(plain.columns)
    numbers = {
        name: number_checks.number(plain, client, name)
        for name in number_checks.NUMBERS
        if name in columns
    }
    if "amount" not in columns:
        product = _product(plain, client)
        if product is None:
            product = ibis.null("float64")
        elif "discount" in columns:
            product = discounts.taken_off(product, plain, client)
        numbers = {"amount": cells.within(product)} | numbers
    if "refunded" in columns:
        # what was given back of it is not known
        unknown = plain.refunded.notnull() & numbers["refunded"].isnull()
        numbers["amount"] = ibis.ifelse(unknown, None, numbers["amount"])
        numbers["refunded"] = numbers["refunded"].abs()
    customer_id, was_decimal = ids.normal(plain.customer_id)
    values = {
        "customer_id": customer_id,
        "id_was_decimal": was_decimal,
        "day": format_checks.day(plain, client),
        "minute": format_checks.minute(plain, client),
        **numbers,
        **{name: plain[name].cast(str) for name in _TEXTS if name in columns},
    }
    if "order_id" in columns:
        values["order_id"] = ids.normal(plain.order_id)[0]
    own = ("segments", "names_a_fee", "is_copy", "is_header", "is_empty", "is_no_sale")
    rest = (*own, *_OURS, "source")
    return values | {name: plain[name] for name in rest if name in columns}


def _product(plain: ibis.Table, client: Client) -> ir.FloatingValue | None:
    """Return quantity × unit price where that is the amount."""
    if "amount" in plain.columns or not {"quantity", "unit_price"} <= set(plain.columns):
        return None
    quantity, price = (number_checks.number(plain, client, it) for it in ("quantity", "unit_price"))
    product: ir.FloatingValue = quantity * price
    return product


def _faults(client: Client, plain: ibis.Table) -> dict[str, ir.Value]:
    """Return whether a row has no date, or no amount (or one of its factors)."""
    parts = ["amount"] if client.columns.amount else ["quantity", "unit_price"]
    absent = [plain[name].isnull() for name in parts if client.has_amounts]
    return {
        "no_date": plain.ordered_at.isnull(),
        "no_amount": ibis.or_(*absent) if absent else ibis.literal(False),
    }


def _worth(rows: ibis.Table, meant: statuses.Meant) -> ibis.Table:
    """Return rows with what a status means and a refund leaves, on all lines of an order alike."""
    given: dict[str, ir.Value] = {}
    is_return, is_cancelled = ibis.literal(False), rows.is_no_sale
    if "status" in rows.columns:
        given["status_means"] = meant.of(rows.status)
        is_return = meant.is_("return", rows.status)
        is_cancelled = is_cancelled | meant.is_("cancelled", rows.status)
    amount = ibis.ifelse(is_return, -rows.amount.abs(), rows.amount)
    if "cost" in rows.columns:
        given["cost"] = ibis.ifelse(is_return, -rows.cost.abs(), rows.cost)
    refunded = ibis.literal(0.0)
    if "refunded" in rows.columns:
        # an order that is a return itself says in its amount what was given back
        is_sale = ~is_return & (ibis.coalesce(rows.order_total, rows.amount) >= 0)
        refunded = ibis.ifelse(is_sale, rows.refunded.fill_null(0.0), 0.0)
        given["refunded"] = refunded.nullif(0.0)
    left = amount - refunded
    is_refunded = (refunded > 0) & (amount > 0) & (left.abs() < _HALF_A_CENT)
    return rows.mutate(
        gross=amount,
        amount=left,
        is_cancelled=is_cancelled,
        is_refunded=is_refunded.fill_null(False),
        **given,
    )


def _final(rows: ibis.Table, client: Client) -> ibis.Table:
    """Return rows with the amount of an order on one line, and without what only reasons need."""
    if (
        client.amount_is == "order"
    ):  # so has one that is replaced, and copies have none of their own
        again = ibis.row_number().over(
            group_by=[rows.source_file, rows.order_id, rows.is_replaced],
            order_by=[rows.amount.isnull(), rows.line_number],
        )
        is_more = ibis.ifelse(rows.is_replaced, again > 0, rows.is_copy)
        rows = rows.mutate(is_part=rows.is_part | is_more).view()
    amount = ibis.ifelse(rows.reason == "refunded", rows.gross, rows.amount)
    given: dict[str, ir.Value] = {"amount": ibis.ifelse(rows.is_part, None, amount)}
    given |= {
        name: ibis.ifelse(rows.is_part, None, rows[name])
        for name in ("refunded", "cost")
        if name in rows.columns and client.columns.order_id
    }
    empty = rows.is_part
    if "status_means" in rows.columns:
        nothing = rows.amount.isnull() | (rows.amount == 0)
        empty = empty | ((rows.status_means == "return").fill_null(False) & nothing)
    if client.columns.order_id or client.columns.status:
        given["no_purchase"] = empty
    unneeded = () if client.columns.order_id else ("is_copy",)
    return rows.mutate(**given).drop(*_FOR_REASONS, *unneeded)
