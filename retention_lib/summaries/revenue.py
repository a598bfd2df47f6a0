"""Small weighted tables of what customers spent: the money behind the occasions."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import single, summed
from retention_lib.summaries.occasions import (
    CENT,
    Days,
    net_spend,
    standing_at,
    whole_cents,
    within,
)
from retention_lib.transactions import NAMELESS

_CENTS = 100  # in one unit of the currency


def revenue(occasions: ibis.Table, as_of: date) -> pd.DataFrame:
    """Return occasions and their value by group, split into first and repeat occasions.

    What a customer returned on other days is taken off the value of the last occasion.

    Returns
    -------
    pandas.DataFrame
        per ``grp``: ``value``, ``repeat_value``; ``firsts`` and ``repeats`` (occasions);
        ``year_value`` and ``established_value``: value of the last 365 days, and of it the part
        from customers whose first purchase lies more than 365 days before ``as_of``
    """
    year_ago = ibis.date(as_of) - ibis.interval(days=365)
    repeat, recent = _.position > 1, _.day > year_ago
    refunds = ibis.ifelse(_.next_day.isnull(), _.refunds.fill_null(0.0), 0.0)
    return summed(
        occasions.mutate(value=_.value + refunds).group_by("grp"),
        value=_.value.sum(),
        repeat_value=_.value.sum(where=repeat).fill_null(0.0),
        firsts=(~repeat).sum(),
        repeats=repeat.sum(),
        year_value=_.value.sum(where=recent).fill_null(0.0),
        established_value=_.value.sum(where=recent & (_.first_day < year_ago)).fill_null(0.0),
    )


def spend(occasions: ibis.Table, at: date) -> pd.DataFrame:
    """Return how many customers spent how much in all, net of returns.

    Returns
    -------
    pandas.DataFrame
        spend (rounded to cents), customers
    """
    spent = whole_cents(net_spend()) * CENT
    return summed(standing_at(occasions, at).group_by(spend=spent), customers=_.count())


def windows(kept: ibis.Table, occasions: ibis.Table, prior: Days, window: Days) -> pd.DataFrame:
    """Return what became of the revenue of the prior window, and where the window's came from.

    A customer's revenue of a window is the sum of the amounts booked in it, returns included,
    rounded to cents and at least 0. Customers without revenue in the prior window are new if
    their first occasion is not before the window. All others are resurrected, even those whose
    purchases in the prior window were free or have been returned there.

    Parameters
    ----------
    kept
        The rows that the occasions were made from: customer_id, day, amount (null counts as 0).
    prior, window
        First and last day of each; both days belong to it.

    Returns
    -------
    pandas.DataFrame
        Per ``grp``, in the client's currency; 0 throughout where the records have no amounts:

        - before: revenue of the prior window = kept + contraction + lost
        - kept: the smaller of a customer's two revenues
        - expansion, contraction: what customers with revenue in both windows spent more, or less
        - lost: what those spent who have no revenue in the window
        - new, resurrected: the window's revenue of those who had none in the prior window;
          the revenue of the window = kept + expansion + new + resurrected
    """
    spent = _spent(kept, occasions, prior, window)
    had, has, is_new = _.before > 0, _.after > 0, _.first_day >= ibis.date(window[0])
    more = _.after - _.before
    cents = {
        "before": _.before.sum(),
        "kept": ibis.least(_.before, _.after).sum(),
        "expansion": more.sum(where=had & (more > 0)),
        "contraction": -more.sum(where=has & (more < 0)),
        "lost": _.before.sum(where=~has),
        "new": _.after.sum(where=~had & is_new),
        "resurrected": _.after.sum(where=~had & ~is_new),
    }
    in_currency = {name: total.fill_null(0) * 1.0 / _CENTS for name, total in cents.items()}
    return summed(spent.group_by("grp"), **in_currency)


def _spent(kept: ibis.Table, occasions: ibis.Table, prior: Days, window: Days) -> ibis.Table:
    """Return each customer's grp, first_day and revenue before and after, in whole cents.

    Whole numbers add up to the same in any order, so that parts and wholes agree exactly.
    """
    days = {"before": within(*prior), "after": within(*window)}
    amount = _.amount.fill_null(0.0)
    booked = (
        kept.filter(days["before"] | days["after"])
        .group_by("customer_id")
        .agg(**{name: amount.sum(where=inside) for name, inside in days.items()})
    )
    customers = occasions.filter(_.position == 1).select("customer_id", "grp", "first_day")
    joined = customers.left_join(booked, "customer_id")
    revenues = {name: _cents(joined[name]) for name in days}
    return joined.select("grp", "first_day", **revenues)


def _cents(amount: Any) -> Any:
    """Return an amount in whole cents, at least 0."""
    whole = (amount.fill_null(0.0) * _CENTS + 0.5).floor().cast("int64")
    return ibis.greatest(whole, 0)


def margin(kept: ibis.Table, otherwise: float | None) -> float | None:
    """Return the share of what was sold that is left once its costs are taken off.

    The margin of a line is its amount less its cost, which is negative where it is given back with
    a return.

    Parameters
    ----------
    kept
        The rows that can be used: amount, cost (null where it is not known).
    otherwise
        The share that lines without a cost leave; None: these lines are left out.

    Returns
    -------
    float or None
        Sum of margins / sum of amounts, at most 1 unless costs are negative, below 0 if they
        exceed what was sold; ``otherwise`` where no line has a cost, or those that count come to
        no amount above zero.
    """
    share = ibis.null("float64") if otherwise is None else ibis.literal(otherwise)
    left = ibis.coalesce(_.amount - _.cost, _.amount * share)
    counted = kept.mutate(left=left).filter(_.left.notnull())
    sums = {name: counted[name].sum().fill_null(0.0) for name in ("amount", "left")}
    row = single(counted.agg(**sums, costed=_.cost.count()))
    if row["amount"] <= 0 or not row["costed"]:
        return otherwise
    return round(float(row["left"] / row["amount"]), 9)  # the engine adds up in any order


def unassigned(rows: ibis.Table) -> tuple[float, float]:
    """Return the money of sales that no customer can be given, and that of all others.

    Parameters
    ----------
    rows
        All typed rows: day, amount, reason and, where the client has statuses, status_means; where
        it has order ids, is_copy.

    Returns
    -------
    unassigned, kept : float
        Sums of amounts, returns included, in the client's currency; 0 without amounts.
    """
    return _money(nameless(rows)), _money(rows.filter(_.reason.isnull()))


def nameless(rows: ibis.Table) -> ibis.Table:
    """Return the sales that belong to nobody: without a customer id, or with that of none.

    They are set aside for that reason before most others are looked for. Those that would have
    been set aside all the same are left out here: without a day, later than the last row kept,
    cancelled, or copies of a line.
    """
    last = rows.filter(_.reason.isnull()).day.max().as_scalar()
    found = rows.filter(_.reason.isin(NAMELESS), _.day <= last)
    if "status_means" in rows.columns:
        found = found.filter(_.status_means.fill_null("sale") != "cancelled")
    return found.filter(~_.is_copy) if "is_copy" in rows.columns else found


def _money(rows: ibis.Table) -> float:
    total = single(rows.agg(money=_.amount.sum().fill_null(0.0)))["money"]
    return round(float(total), 2)  # the engine adds up in any order
