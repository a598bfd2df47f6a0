"""Ids that may be nobody, several people, or one person under several of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_lib import vocabulary
from retention_lib.summaries.checks.records import Records, listed, texts
from retention_lib.summaries.counts import frame, single
from retention_lib.transactions import ids

_MOST_ODD = 0.01  # of the customers: more are a way to name them
_FEW = 3
_MANY_LINES = 10  # times the mean, above which a bare number such as 0 stands for several people
_DOTLESS: Final = ("gmail.com", "googlemail.com")
_RANKED = 5  # the customer that the largest are held against
# by what part of all lines, or of all money, and how many times that of the fifth an account rules
_OF_LINES, _TIMES_LINES = 0.05, 5.0
_OF_MONEY, _TIMES_MONEY = 0.25, 10.0
_LEAST_CUSTOMERS = 50


def _ids(records: Records) -> ibis.Table:
    """Return each id, with each of its addresses: lines read, and lines and money in use."""
    in_use = _.reason.isnull()
    each = records.rows.filter(_.customer_id.notnull()).group_by(*_named(records))
    return each.agg(
        read=_.count(),
        lines=_.count(where=in_use),
        money=_.amount.sum(where=in_use).fill_null(0.0),
    ).cache()


def _in_use(records: Records) -> ibis.Table:
    return records.known(_ids).filter(_.lines > 0)


def spelled_apart(records: Records) -> ibis.Table | None:
    """Return rows whose id differs from another only in case, blanks or leading zeros."""
    known = _in_use(records).select("customer_id").distinct()
    alike = known.mutate(spelled=ids.alike(known.customer_id)).cache()
    if single(alike.agg(none=_.customer_id.count() == _.spelled.nunique()))["none"]:
        return None
    several = alike.mutate(ids=_.count().over(group_by="spelled")).filter(_.ids > 1)
    return records.used.semi_join(several, "customer_id")


def placeholders(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its id is what systems write for nobody, such as ``guest``.

    Ids with a large share of sales stopped the run, or ``customers`` confirms them. A bare number
    such as 0 may be a customer's, unless it buys far more than one.
    """
    return _of_ids(records, records.known(_placeholder_ids))


def _placeholder_ids(records: Records) -> list[str]:
    nobody = ids.is_one_of(_.customer_id, vocabulary.words("nobody"))
    confirmed = ids.is_one_of(_.customer_id, records.customers)
    known = records.known(_ids)
    held = known.filter(nobody, ~confirmed).group_by("customer_id").agg(lines=_.read.sum())
    found = frame(held, by=["customer_id"])
    if found.empty:
        return []
    sums = single(known.agg(rows=_.read.sum(), ids=_.customer_id.nunique()))
    many = found["lines"] > _MANY_LINES * sums["rows"] / max(sums["ids"], 1)
    is_number = found["customer_id"].str.fullmatch(r"-?\d+").astype(bool)
    return [str(it) for it in found.loc[many | ~is_number, "customer_id"]]


def tests(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its id, or its e-mail address, is one made to try the shop."""
    return _of_ids(records, records.known(_test_ids))


def staff(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its id, or its e-mail address, is one of the house's own people."""
    return _of_ids(records, records.known(_staff_ids))


def _test_ids(records: Records) -> list[str]:
    return _speaking(records, "test")


def _staff_ids(records: Records) -> list[str]:
    return _speaking(records, "staff")


def _of_ids(records: Records, known: Sequence[str]) -> ir.BooleanValue | None:
    return listed(records.rows.customer_id, known) if known else None


def _speaking(records: Records, kind: str) -> list[str]:
    """Return the ids in which a word of a kind stands, or in whose address before the ``@``."""
    spoken = "|".join(
        re.escape(word).replace(r"\ ", r"[^\pL]") for word in vocabulary.words(kind) if word
    )
    pattern = rf"(^|[^\pL])({spoken})([^\pL]|$)"
    known = records.known(_ids)
    found = known.filter(
        ibis.or_(*(_before_at(known[name]).re_search(pattern) for name in _named(records))),
        ~ids.is_one_of(known.customer_id, [*vocabulary.words("nobody"), *records.customers]),
    )
    odd = texts(found.select("customer_id").distinct().order_by("customer_id"), "customer_id")
    if not odd:
        return []
    customers = single(known.agg(n=_.customer_id.nunique()))["n"]
    return odd if len(odd) <= max(_FEW, _MOST_ODD * customers) else []


def _named(records: Records) -> list[str]:
    return [name for name in ("customer_id", "email") if records.has(name)]


def _before_at(column: ir.StringValue) -> ir.StringValue:
    found: ir.StringValue = column.lower().re_replace("@.*", "").fill_null("")
    return found


def dominant(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether its customer has a share of all sales that no one person has.

    That is 5 % of the lines and five times what the fifth largest has, or 25 % of the money and ten
    times that; of at least 50 customers.
    """
    return _of_ids(records, records.known(_dominant_ids))


def _dominant_ids(records: Records) -> list[str]:
    each = _in_use(records).group_by("customer_id").agg(lines=_.lines.sum(), money=_.money.sum())
    each = each.cache()
    total = single(each.agg(customers=_.count(), lines=_.lines.sum(), money=_.money.sum()))
    if total["customers"] < _LEAST_CUSTOMERS:
        return []
    found: set[str] = set()
    rules = (("lines", _OF_LINES, _TIMES_LINES), ("money", _OF_MONEY, _TIMES_MONEY))
    for name, share, times in rules:
        top = frame(each.order_by(ibis.desc(name), "customer_id").limit(_RANKED))
        rules_over = top[name] > max(times * top[name].iloc[-1], share * total[name])
        found |= set(top.loc[rules_over, "customer_id"])
    return sorted(found - set(records.customers))


def shared_email(records: Records) -> ibis.Table | None:
    """Return rows of ids that have an e-mail address in common with another id.

    Case does not count, nor what follows a ``+``, nor dots in an address of Gmail.
    """
    pairs = _addresses(records)
    if pairs is None:
        return None
    several = pairs.group_by("address").agg(ids=_.customer_id.nunique()).filter(_.ids > 1)
    own = pairs.semi_join(several, "address").select("customer_id").distinct().cache()
    return records.used.semi_join(own, "customer_id") if _any(own) else None


def several_emails(records: Records) -> ibis.Table | None:
    """Return rows of ids that have several e-mail addresses."""
    pairs = _addresses(records) if records.has("email") else None
    if pairs is None:
        return None
    several = pairs.group_by("customer_id").agg(addresses=_.address.nunique())
    own = several.filter(_.addresses > 1).select("customer_id").cache()
    return records.used.semi_join(own, "customer_id") if _any(own) else None


def _addresses(records: Records) -> ibis.Table | None:
    """Return each id with each of its addresses; None where there are no addresses."""
    used = _in_use(records)
    address = used.email if records.has("email") else used.customer_id
    pairs = used.select("customer_id", address=address).filter(_.address.contains("@")).distinct()
    if not _any(pairs):
        return None
    return pairs.select("customer_id", address=one_address(pairs.address)).distinct().cache()


def one_address(column: ir.StringValue) -> ir.StringValue:
    """Return an e-mail address as the mailbox that it reaches."""
    text = column.strip().lower().re_replace(r"\+[^@]*@", "@")
    box, domain = text.re_replace("@.*", ""), text.re_replace(".*@", "")
    dotless = domain.isin(_DOTLESS)
    found: ir.StringValue = ibis.ifelse(
        dotless, box.replace(".", "") + "@gmail.com", box + "@" + domain
    )
    return found


def _any(table: ibis.Table) -> bool:
    row: dict[str, Any] = single(table.limit(1).agg(n=_.count()))
    return bool(row["n"])
