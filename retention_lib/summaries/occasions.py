"""Purchase occasions: the one large table, materialised once per run.

It has one row per customer and purchase day:

- ``customer_id`` text; ``grp`` int, 0-99, by a hash of the id that is the same on every engine
- ``day`` date; ``value`` float, the day's net amount (null where the client has no amounts)
- ``previous_day``, ``next_day`` date or null; ``first_day`` date
- ``position`` int from 1; ``total`` int, the customer's number of occasions
- ``first_value`` float; ``spend_to_date`` float, cumulative value up to and with this day
- ``refunds`` float, the customer's net value of days without a purchase (at most 0)
- ``channel``, ``owner``, ``region``, ``segment_1``, ``segment_2``, … text or null, only where the
  transactions have them: what the customer's first occasion says, so constant per customer

The state of every customer at any earlier date is the rows with ``day`` up to that date and
``next_day`` after it or null, so a calibration period needs no second aggregation; where the
totals of that date matter too, :func:`as_known` recounts them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
from ibis import _

GROUPS = 100
Days = tuple[date, date]  # the first and the last one of a closed range
CENT = 0.01
_ATTRIBUTES = ("channel", "owner", "region")
_DIGITS = 6  # 16.8 million numbers: even to one in a million, whatever a customer's total


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def md5(text: str) -> str:  # type: ignore[empty-body]
    """Return the engine's own md5, as lower-case hex digits."""


def hash_number(text: Any, digits: int) -> Any:
    """Return the first hex digits of a text's md5 as a number, the same on every engine."""
    signs = [md5(text).substr(place, 1).ascii_str() for place in range(digits)]
    values = [sign - ibis.ifelse(sign >= ord("a"), ord("a") - 10, ord("0")) for sign in signs]
    return sum(value * 16 ** (digits - 1 - place) for place, value in enumerate(values))


def hash_group(customer_id: Any) -> Any:
    """Return the hash group of an id: the first four hex digits of its md5, modulo 100."""
    return (hash_number(customer_id, 4) % GROUPS).cast("int16")


def occasions(transactions: ibis.Table, merge_days: int = 0) -> ibis.Table:
    """Return the annotated purchase occasions of typed, usable transactions.

    Parameters
    ----------
    transactions
        One row per line: ``customer_id`` text, ``day`` date, ``amount`` float or null. Lines with
        ``no_purchase``, if there is such a column, make no occasion by themselves. Where
        there are ``channel``, ``owner``, ``region`` (text) or ``segments`` (struct of texts), a
        customer's is the smallest text among the first purchase day's lines that are no return.
    merge_days
        Purchase days at most this far apart are one occasion, on the first of them.
    """
    attributes = _attributes(transactions)
    return _annotated(_days(transactions, attributes, merge_days), list(attributes))


def bought_days(transactions: ibis.Table, merge_days: int = 0) -> ibis.Table:
    """Return the customer and day of every occasion, and nothing else of it."""
    days = _days(transactions, {}, merge_days)
    return days.filter(days.bought).select("customer_id", "day")


def _days(transactions: ibis.Table, attributes: dict[str, Any], merge_days: int) -> ibis.Table:
    days = purchase_days(transactions, attributes)
    return _merged(days, merge_days, list(attributes)) if merge_days else days


def _attributes(transactions: ibis.Table) -> dict[str, Any]:
    """Return the columns of the lines that say what kind of customer buys, by name."""
    columns = transactions.columns
    found = {name: transactions[name] for name in _ATTRIBUTES if name in columns}
    if "segments" in columns:
        parts = transactions.segments
        found |= {f"segment_{n}": parts[name] for n, name in enumerate(parts.names, start=1)}
    return found


def purchase_days(transactions: ibis.Table, attributes: dict[str, Any]) -> ibis.Table:
    """Return customer, day, net value, whether a purchase of that day stands, and attributes.

    Most days have no return, and their purchases stand; only the others are looked at by line.
    """
    purchase = transactions.amount.isnull() | (transactions.amount >= 0)
    lines, buys = transactions, _.count() > 0
    if "no_purchase" in transactions.columns:
        lines, buys = transactions.filter(~_.no_purchase), (~_.no_purchase).any()
    days = transactions.group_by("customer_id", "day").agg(
        value=_.amount.sum(),
        buys=buys,
        returns=(_.amount < 0).any().fill_null(False),
        **{name: column.min(where=purchase) for name, column in attributes.items()},
    )
    mixed = days.filter(_.returns).select("customer_id", "day")
    stand = _standing(lines.semi_join(mixed, ["customer_id", "day"]))
    joined = days.left_join(stand, ["customer_id", "day"])
    # many lines refunded in one sum leave nothing, though no single line matches
    nothing_left = (_.before_vouchers.abs() < CENT / 2) & ~_.free
    bought = ibis.ifelse(_.returns, _.stands.fill_null(False) & ~nothing_left, _.buys)
    return joined.select("customer_id", "day", "value", *attributes, bought=bought)


def taken_off(lines: ibis.Table) -> ibis.Table:
    """Add what negative lines are to the order that they are part of: two columns of truths.

    - ``is_mirror``: a purchase in that order has its absolute amount and, where products are known,
      its product: it takes that purchase back
    - ``is_voucher``: none has, so it is a discount. An order paid wholly by a voucher is a purchase
      of value 0, not a reversal

    Both are false on returns that are documents of their own, on lines without an order's number, and
    on those from which ``refunded`` was taken.
    """
    if "order_id" not in lines.columns:
        return lines.mutate(is_mirror=ibis.literal(False), is_voucher=ibis.literal(False))
    product = ["product"] if "product" in lines.columns else []
    order = ["customer_id", "day", "order_id"]
    sold = (_.amount > 0).fill_null(False)
    has_sale = sold.any().over(ibis.window(group_by=order))
    alike = ibis.window(group_by=[*order, *product, lines.amount.abs().round(2)])
    below = (lines.amount < 0).fill_null(False) & lines.order_id.notnull()
    if "refunded" in lines.columns:  # such a line is below 0 for what was given back of its order
        below = below & lines.refunded.isnull()
    marked = lines.mutate(_below=below, _sale=has_sale, _alike=sold.any().over(alike))
    return marked.mutate(
        is_mirror=_._below & _._alike, is_voucher=_._below & _._sale & ~_._alike
    ).drop("_below", "_sale", "_alike")


def _standing(lines: ibis.Table) -> ibis.Table:
    """Return, of each customer's day, what purchases are left: any, one that is free, how much."""
    lines = taken_off(lines).filter(~_.is_voucher)
    amount = _.amount.fill_null(0.0)
    product = ["product"] if "product" in lines.columns else []
    balanced = lines.group_by("customer_id", "day", *product, size=amount.abs()).agg(
        stands=ibis.ifelse(amount >= 0, 1, -1).sum() > 0,
        left=amount.sum(),
    )
    return balanced.group_by("customer_id", "day").agg(
        stands=_.stands.any(),
        free=(_.stands & (_.size == 0)).any(),
        before_vouchers=_.left.sum(),
    )


def _merged(days: ibis.Table, merge_days: int, attributes: list[str]) -> ibis.Table:
    """Return days with each chain of near purchases put on its first day, with its attributes."""
    order = ibis.window(group_by=["customer_id", "bought"], order_by="day")
    starts = days.mutate(before=_.day.lag().over(order)).mutate(
        starts=ibis.ifelse(days_between(_.day, _.before) <= merge_days, 0, 1)
    )
    chains = starts.mutate(
        chain=_.starts.sum().over(
            ibis.cumulative_window(group_by=["customer_id", "bought"], order_by="day")
        )
    )
    return (
        chains.group_by("customer_id", "bought", "chain")
        .agg(
            day=_.day.min(),
            value=_.value.sum(),
            **{name: chains[name].min(where=chains.starts == 1) for name in attributes},
        )
        .drop("chain")
    )


def _annotated(days: ibis.Table, attributes: list[str]) -> ibis.Table:
    """Number each customer's occasions in one sort; days without a purchase come last."""
    days = days.mutate(refund=ibis.ifelse(_.bought, 0, 1))
    keys: dict[str, Any] = {"group_by": "customer_id", "order_by": ["refund", "day"]}
    order = ibis.window(**keys)
    whole = ibis.window(**keys, preceding=None, following=None)
    running = ibis.window(**keys, preceding=None, following=0)
    # DuckDB takes five times as long over such a sum of floats in a window that has an order
    own = ibis.window(group_by="customer_id")
    annotated = days.mutate(
        position=(ibis.row_number().over(order) + 1).cast("int32"),
        previous_day=_.day.lag().over(order),
        next_day=ibis.ifelse(_.bought, _.day, ibis.null("date")).lead().over(order),
        first_day=_.day.first().over(whole),
        total=ibis.ifelse(_.bought, 1, 0).sum().over(whole).cast("int32"),
        first_value=_.value.first().over(whole),
        spend_to_date=_.value.sum().over(running),
        refunds=ibis.ifelse(_.bought, 0.0, _.value).sum().over(own),
        **{name: days[name].first(include_null=True).over(whole) for name in attributes},
    )
    return annotated.filter(_.bought).mutate(grp=hash_group(_.customer_id)).drop("bought", "refund")


def days_between(later: Any, earlier: Any) -> Any:
    """Return whole days from one date expression to another."""
    return later.delta(earlier, unit="day")


def days_until(at: date, earlier: Any) -> Any:
    """Return whole days from a date expression to a given day."""
    return -earlier.delta(ibis.date(at), unit="day")


def within(start: date, end: date) -> Any:
    """Return whether an occasion, or a line, lies in a closed range of days."""
    return _.day.between(ibis.date(start), ibis.date(end))


def first_since(start: date) -> Any:
    """Return whether an occasion is its customer's first since a day, if it is not before it."""
    return _.previous_day.isnull() | (_.previous_day < ibis.date(start))


def net_spend() -> Any:
    """Return what a customer spent up to and with an occasion, less all returns."""
    return _.spend_to_date + _.refunds.fill_null(0.0)


def whole_cents(money: Any) -> Any:
    """Return money in cents, rounded; whole numbers add up to the same in any order."""
    return (money / CENT + 0.5).floor()


def standing_at(occasions: ibis.Table, at: date) -> ibis.Table:
    """Return each customer's latest occasion up to and with a day: their state on that day."""
    return occasions.filter(
        _.day <= ibis.date(at), _.next_day.isnull() | (_.next_day > ibis.date(at))
    )


def as_known(occasions: ibis.Table, at: date) -> ibis.Table:
    """Return the occasions as they would have been computed from the rows up to a day.

    ``total`` and ``next_day`` forget what came later. The money fields stay: a return after the
    day is not undone in ``refunds``, nor, with merged days, a later part of an occasion's value.
    """
    known = occasions.filter(_.day <= ibis.date(at))
    later = _.next_day > ibis.date(at)
    return known.mutate(
        total=_.position.max().over(ibis.window(group_by="customer_id")).cast("int32"),
        next_day=ibis.ifelse(later, ibis.null("date"), _.next_day),
    )


def with_draw(occasions: ibis.Table, seed: int) -> ibis.Table:
    """Add ``draw``, a number of the customer's; the occasion it falls on is :func:`drawn`.

    It is a column of its own because DuckDB, within a filter, computes the md5 anew for each digit.
    """
    text = ibis.literal(f"{seed}:") + occasions.customer_id
    return occasions.mutate(draw=hash_number(text, _DIGITS))


def drawn() -> Any:
    """Return whether an occasion is the one drawn for its customer; all have the same chance."""
    return _.draw % _.total == _.position - 1


def sampled(occasions: ibis.Table, seed: int) -> ibis.Table:
    """Return one occasion of each customer, drawn by a hash that is the same on every engine."""
    return with_draw(occasions, seed).filter(drawn()).drop("draw")
