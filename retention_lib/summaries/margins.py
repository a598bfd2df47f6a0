"""What is left of each customer's sales once their costs are taken off."""

from __future__ import annotations

from typing import Any, Final

import ibis
from ibis import _

from retention_lib.summaries.counts import single

_HUGE: Final = 0.05  # of all sales
_NOTHING = 1e-9


def by_customer(kept: ibis.Table, otherwise: float | None) -> ibis.Table:
    """Return each customer's own margin, drawn towards that of all customers.

    With n purchase days of margin m in all it is (n m + k M) / (n + k): M is the margin of all sales
    but those to accounts of over a twentieth of them, so that one huge account is not the yardstick
    of all others; k is how many times as much the margin varies from one day to the next of the same
    customer as between customers (Bühlmann and Straub 1970, moments of unequal numbers). Where
    customers do not differ at all, everybody has M.

    Parameters
    ----------
    kept
        The rows that can be used: customer_id, day, amount, cost (null where it is not known).
    otherwise
        The share that lines without a cost leave; None: these lines are left out.

    Returns
    -------
    ibis.Table
        customer_id, margin: a share between 0 (a customer who is served at a loss is worth nothing,
        and need not be served) and 1; without those of whom no margin is known
    """
    own = _own(kept, otherwise)
    found = single(own.agg(**_variation()))
    mean, weight = _credibility(found)
    drawn = ibis.literal(mean)
    if weight is not None:
        drawn = (_.days * _.own + weight * mean) / (_.days + weight)
    return own.select("customer_id", margin=ibis.least(ibis.greatest(drawn, 0.0), 1.0))


def _own(kept: ibis.Table, otherwise: float | None) -> ibis.Table:
    """Return each customer's days with sales, their shares of margin, and the margin in all."""
    share = ibis.null("float64") if otherwise is None else ibis.literal(otherwise)
    left = ibis.coalesce(_.amount - _.cost, _.amount * share)
    lines = kept.mutate(left=left).filter(_.left.notnull())
    days = lines.group_by("customer_id", "day").agg(amount=_.amount.sum(), left=_.left.sum())
    sold = days.filter(_.amount > 0).mutate(share=_between(_.left / _.amount))
    customers = sold.group_by("customer_id").agg(
        amount=_.amount.sum(),
        left=_.left.sum(),
        days=_.count().cast("float64"),
        shares=_.share.sum(),
        squares=(_.share * _.share).sum(),
        own=_between(_.left.sum() / _.amount.sum()),
    )
    whole = customers.amount.sum().over(ibis.window())
    return customers.mutate(ordinary=customers.amount <= _HUGE * whole)


def _between(share: Any) -> Any:
    """Return a share of margin, at most all and at least as much again lost."""
    return ibis.least(ibis.greatest(share, -1.0), 1.0)


def _variation() -> dict[str, Any]:
    """Return the sums that the variation within and between customers is found from."""
    around = _.shares * _.shares / _.days
    return {
        "customers": _.count(),
        "days": _.days.sum(),
        "squared_days": (_.days * _.days).sum(),
        "shares": _.shares.sum(),
        "within": (_.squares - around).sum(),
        "means": around.sum(),
        **{f"all_{name}": _[name].sum() for name in ("amount", "left")},
        **{f"ordinary_{name}": _[name].sum(where=_.ordinary) for name in ("amount", "left")},
    }


def _credibility(found: dict[str, Any]) -> tuple[float, float | None]:
    """Return the margin of all ordinary accounts, and k; None where customers do not differ."""
    customers, days = float(found["customers"]), float(found["days"] or 0.0)
    if not days:
        return 0.0, None
    which = "ordinary" if found["ordinary_amount"] else "all"
    margin = float(found[f"{which}_left"] / found[f"{which}_amount"])
    again, unequal = days - customers, days - float(found["squared_days"]) / days
    if again <= 0 or unequal <= 0:
        return margin, None
    within, mean = max(float(found["within"]), 0.0) / again, float(found["shares"]) / days
    between = (float(found["means"]) - days * mean**2 - (customers - 1) * within) / unequal
    return (margin, within / between) if between > _NOTHING else (margin, None)
