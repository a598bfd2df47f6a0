"""Lines that stand more than once, far from all others, or with a price or sign that none has."""

from __future__ import annotations

import math
from typing import Final

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from retention_lib.summaries.checks.records import Records, texts
from retention_lib.summaries.counts import single

# what each line must agree in to be the same line as another
_LINE = ("customer_id", "day", "amount", "order_id", "product", "quantity", "unit_price", "cost")
_YEAR, _FEW = 365, 0.01
_PREFIX: Final = "^([A-Za-z]{1,4})[-/ ]?[0-9]"
_MOST_PREFIXES = 10
_ALL_NEGATIVE = 0.99  # of the lines of documents that are returns
_BEYOND = 2.5  # scales beyond the largest amount to be expected
_LEAST_DOCUMENTS = 3  # lines, that a prefix says anything


def same(rows: ibis.Table) -> list[str]:
    """Return the columns in which a line must agree with another to be the same."""
    return [name for name in _LINE if name in rows.columns]


def once(rows: ibis.Table) -> ibis.Table:
    """Return rows in use with each line once."""
    kind = [name for name in ("no_purchase",) if name in rows.columns]
    return rows.select(*same(rows), *kind).distinct()


def repeated(records: Records) -> ibis.Table | None:
    """Return lines of no order that repeat an earlier one to the letter.

    What stands twice in an order was set aside: what is left are its parts.
    """
    alike = _alike(records)
    if alike is None:
        return None
    number = ibis.row_number().over(group_by=same(alike), order_by=same(alike)[0])
    return alike.mutate(number=number).filter(_.number > 0).drop("number")


def in_several_files(records: Records) -> ibis.Table | None:
    """Return lines of no order that another file holds to the letter.

    Where order numbers are mapped, a later file replaces what stands in an earlier one.
    """
    if records.has("order_id") or not records.has("source_file"):
        return None
    if single(records.used.agg(it=_.source_file.nunique()))["it"] < 2:
        return None
    alike = _alike(records)
    if alike is None:
        return None
    window = ibis.window(group_by=same(alike))
    first, last = (getattr(_.source_file, it)().over(window) for it in ("min", "max"))
    return alike.mutate(first=first, last=last).filter(_.first != _.last).drop("first", "last")


def _alike(records: Records) -> ibis.Table | None:
    """Return the lines of no order that may stand more than once; None if there are none.

    Hashes are sorted instead of rows; of those that meet, the few lines are looked at.
    """
    lines = records.used
    if records.has("order_id"):
        lines = lines.filter(_.order_id.isnull())
    hashed = lines.mutate(hashed=ibis.struct({it: lines[it] for it in same(lines)}).hash())
    again = hashed.group_by("hashed").agg(lines=_.count()).filter(_.lines > 1).cache()
    if not single(again.agg(it=_.count()))["it"]:
        return None
    return hashed.semi_join(again, "hashed").drop("hashed")


def isolated(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its date is so far from all others that it is likely wrong.

    A gap of more than a year with at most one row in a hundred on its far side cuts such
    rows off, at the beginning or at the end.
    """
    days, rows = records.by_day, records.rows
    apart = pd.to_datetime(days["day"]).diff().dt.days > _YEAR
    before = days["rows"].cumsum().shift(fill_value=0)
    few = _FEW * days["rows"].sum()
    first = days["day"][apart & (before <= few)].max()
    last = days["day"][apart & (days["rows"].sum() - before <= few)].min()
    early = rows.day < first if pd.notna(first) else None
    late = rows.day >= last if pd.notna(last) else None
    found = [it for it in (early, late) if it is not None]
    return ibis.or_(*found) if found else None


def is_negative(rows: ibis.Table) -> ir.BooleanValue:
    """Say of each row whether its quantity or its amount is negative."""
    below = rows.amount < 0
    if "quantity" in rows.columns:
        below = below | (rows.quantity < 0)
    return below.fill_null(False)


def return_prefixes(records: Records) -> list[str]:
    """Return what numbers of return documents begin with: letters whose lines are all negative.

    UCI Online Retail's are ``C``. Nothing where all order numbers begin so.
    """
    if not records.has("order_id"):
        return []
    rows = records.rows
    of_returns = rows.filter(is_negative(rows), rows.order_id.notnull())
    said = of_returns.group_by(prefix=of_returns.order_id.re_extract(_PREFIX, 1))
    counted = said.agg(rows=_.count()).filter(_.prefix != "", _.rows >= _LEAST_DOCUMENTS)
    first = counted.order_by(ibis.desc("rows"), "prefix").limit(_MOST_PREFIXES)
    known = texts(first, "prefix")
    if not known:
        return []
    below = is_negative(rows)
    sums = {"orders": rows.order_id.count(), "negative": (below & rows.order_id.notnull()).sum()}
    for at, prefix in enumerate(known):
        begins = _begins(rows, prefix)
        sums |= {f"all_{at}": begins.sum(), f"negative_{at}": (begins & below).sum()}
    row = single(rows.agg(**sums))
    # where all lines are returns, the letters say nothing
    if row["negative"] >= _ALL_NEGATIVE * row["orders"]:
        return []
    return [
        prefix
        for at, prefix in enumerate(known)
        if row[f"negative_{at}"] >= _ALL_NEGATIVE * row[f"all_{at}"]
    ]


def _begins(rows: ibis.Table, prefix: str) -> ir.BooleanValue:
    found: ir.BooleanValue = rows.order_id.startswith(prefix)
    return (found & rows.order_id.re_search(f"^{prefix}[-/ ]?[0-9]")).fill_null(False)


def on_return_documents(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether it stands on a document that takes back, by the document's number."""
    found = [_begins(records.rows, prefix) for prefix in records.known(return_prefixes)]
    return ibis.or_(*found) if found else None


def negative_quantities(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its quantity is negative though it is no return.

    It takes no money back or, where returns have documents of their own, is on none.
    """
    if not records.has("quantity"):
        return None
    rows = records.rows
    documents = on_return_documents(records)
    odd = (rows.amount >= 0).fill_null(False) if documents is None else ~documents
    return (rows.quantity < 0) & odd


def free_but_paid(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its price is 0 though its amount is not."""
    rows = records.rows
    return (rows.unit_price == 0) & (rows.amount != 0) if records.has("unit_price") else None


def negative_prices(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its price is below 0."""
    return records.rows.unit_price < 0 if records.has("unit_price") else None


def far_above(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its amount is far above all usual ones, either way.

    The largest of n amounts of a lognormal shop lies about sqrt(2 ln n) scales above the middle
    one; what lies 2.5 further up is none of them. Of fewer than 300 rows nothing is said: a single
    large buyer among few is no error.
    """
    spread = records.spread
    if spread is None:
        return None
    most = math.exp(spread.at(math.sqrt(2 * math.log(spread.rows)) + _BEYOND))
    return records.rows.amount.abs() > most
