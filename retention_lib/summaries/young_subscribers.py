"""Subscribers told by their second charge: its day fits, and its amount is what subscribers pay.

A customer is known for a subscriber by three gaps of one billing period. Where others are known so,
their commonest charge tells a new one sooner: who has paid just that once or twice more, each time a
billing period after the last. Without amounts, buyers at random would be taken for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.counts import single, summed
from retention_lib.summaries.occasions import days_between, days_until, whole_cents
from retention_lib.summaries.subscriptions import due_days, subscribers

MOST_CHARGES: Final = 3  # from the fourth on a customer can be known without the amount
# of those who paid the amount again on days that fit, at most one in ten may be there by chance,
# as those on as many days before and after show
_LEAST_OF_CHANCE: Final = 10
_COLUMNS: Final = ("customer_id", "period", "charges")


def with_young(occasions: ibis.Table, periods: Sequence[str]) -> ibis.Table:
    """Return the subscribers, those of two and three charges with them.

    Returns
    -------
    ibis.Table
        customer_id, period, charges
    """
    known = subscribers(occasions, periods).select(*_COLUMNS)
    parts = [
        _paid_again(occasions, price)
        .filter(_.shortest >= fewest, _.longest <= most)
        .select("customer_id", "charges", period=ibis.literal(period))
        .select(*_COLUMNS)
        for period, price in prices(occasions, periods).items()
        for fewest, most in [due_days(period, 1)]
    ]
    return ibis.union(known, *parts) if parts else known


def prices(occasions: ibis.Table, periods: Sequence[str]) -> dict[str, int]:
    """Return what subscribers pay, in cents, of each billing period by which it tells them.

    It is their commonest charge, and does not tell them where others pay it as well: where many
    have on other days.
    """
    own = occasions.inner_join(subscribers(occasions, periods), "customer_id")
    paid = own.filter(_.value > 0).group_by("period", cents=whole_cents(_.value).cast("int64"))
    charges = summed(paid, charges=_.count()).sort_values("charges", kind="stable")
    commonest = charges.groupby("period")["cents"].last()
    return {
        str(period): int(cents)
        for period, cents in commonest.items()
        if _tells(occasions, str(period), int(cents))
    }


def _tells(occasions: ibis.Table, period: str, price: int) -> bool:
    fewest, most = due_days(period, 1)
    width = most - fewest + 1
    gap = _.longest
    counted = _paid_again(occasions, price).filter(_.charges == 2)
    found = single(
        counted.agg(
            fits=gap.between(fewest, most).sum(),
            others=gap.between(fewest - width, most + width).sum(),
        )
    )
    fits, others = int(found["fits"] or 0), int(found["others"] or 0)
    return fits > 0 and _LEAST_OF_CHANCE * (others - fits) <= 2 * fits


def _paid_again(occasions: ibis.Table, price: int) -> ibis.Table:
    """Return customers of two or three charges, all of a price: shortest and longest gap, charges."""
    few = occasions.filter(_.total.between(2, MOST_CHARGES))
    gap = days_between(_.day, _.previous_day)
    each = few.group_by("customer_id").agg(
        shortest=gap.min(),
        longest=gap.max(),
        charges=_.total.max(),
        same=_pays(price).sum(),
    )
    return each.filter(_.same == _.charges).drop("same")


def _pays(price: int) -> Any:
    return ibis.ifelse(whole_cents(_.value) == price, 1, 0)


def early_charges(occasions: ibis.Table, as_of: date, periods: Sequence[str]) -> pd.DataFrame:
    """Return how many second and third charges were followed by another.

    They count from the charge on by which a customer could be told, whatever came later: so they
    are not those who stayed alone, as all before the fourth of known subscribers are.

    Parameters
    ----------
    occasions
        The occasions as known on ``as_of``.

    Returns
    -------
    pandas.DataFrame
        period, charge (2 or 3), again, ended: as of
        :func:`retention_lib.summaries.subscriptions.charges`
    """
    parts = [
        _followed(occasions, as_of, period, price)
        for period, price in prices(occasions, periods).items()
    ]
    empty = pd.DataFrame(columns=["period", "charge", "again", "ended"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _followed(occasions: ibis.Table, as_of: date, period: str, price: int) -> pd.DataFrame:
    once, (_fewest, longest) = due_days(period, 1), due_days(period, 2)
    on_time = (_.position == 1) | days_between(_.day, _.previous_day).between(*once)
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="day")
    first = occasions.filter(_.position <= MOST_CHARGES)
    fits = ibis.ifelse(on_time & (whole_cents(_.value) == price), 1, 0)
    told = first.mutate(fits=fits.sum().over(so_far)).filter(
        _.position > 1, _.fits == _.position, days_until(as_of, _.day) > longest
    )
    again = _.next_day.notnull() & (days_between(_.next_day, _.day) <= longest)
    counted = summed(
        told.group_by(charge=_.position),
        again=ibis.ifelse(again, 1, 0).sum(),
        ended=ibis.ifelse(again, 0, 1).sum(),
    )
    return counted.assign(period=period)
