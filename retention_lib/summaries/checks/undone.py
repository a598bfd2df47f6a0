"""What the retained rate and the revenue would be had a step of the audit not been taken.

A step changes nothing but the days of the customers it touches. Only these are counted anew, with
the step and without it; what differs is added to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.checks.register import CHECKS, Check
from retention_lib.summaries.counts import single
from retention_lib.summaries.occasions import Days, purchase_days, within
from retention_lib.summaries.revenue import nameless
from retention_lib.transactions import NAMELESS, REASONS, Reason
from retention_lib.transactions.reasons import despite

NOTHING: Final = "nothing"  # the step without which rows are as they are used
NOTHING_DONE: Final = "nothing_done"
_CHECKS: Final = {check.name: check for check in CHECKS}
_REASONS: Final = {reason.name: reason for reason in REASONS}
# what occasions are made from
_COUNTED: Final = ("customer_id", "day", "amount", "no_purchase", "product")


def without(rows: ibis.Table, step: str) -> ibis.Table | None:
    """Return the rows in use had the step of a check, or of a reason, not been taken.

    None where that cannot be told. Without the step "nothing" they are those that are used.
    """
    used = rows.filter(_.reason.isnull())
    if step == NOTHING:
        return used
    if step in _REASONS:
        reason = _REASONS[step]
        return None if reason.no_rate else used.union(_put_back(rows, reason))
    undone = _CHECKS[step].undone if step in _CHECKS else None
    return undone(used) if undone else None


def not_told(step: str) -> tuple[str | None, str | None]:
    """Return the codes of why rate and revenue without a step cannot be told; None where they can.

    What is only counted, and so is no step, has nothing to undo.
    """
    if step in _REASONS:
        return _REASONS[step].no_rate, _REASONS[step].no_revenue
    check = _CHECKS.get(step)
    if check is None:
        return NOTHING_DONE, NOTHING_DONE
    code = None if check.undone else check.not_undone
    return code, code


def differences(
    rows: ibis.Table, steps: Iterable[str], windows: tuple[Days, Days] | None, merge_days: int = 0
) -> pd.DataFrame:
    """Return by how much rate and revenue differ without each step.

    Parameters
    ----------
    rows
        All typed rows with their reason.
    steps
        Names of checks and reasons.
    windows
        First and last day of the prior window and of the window; None: only money is counted.
    merge_days
        As :func:`retention_lib.summaries.occasions.occasions` takes it.

    Returns
    -------
    pandas.DataFrame
        index: the steps; start, retained: customers with an occasion in the prior window, and in
        both, more than there are; revenue: money in use more than there is. Missing where
        :func:`not_told` has a code.
    """
    return pd.DataFrame(
        {step: _difference(rows, step, windows, merge_days) for step in steps},
        index=["start", "retained", "revenue"],
    ).T.astype(float)


def _difference(
    rows: ibis.Table, step: str, windows: tuple[Days, Days] | None, merge_days: int
) -> dict[str, float]:
    """Return the three differences of one step, as far as they can be told."""
    no_rate, no_revenue = not_told(step)
    used = rows.filter(_.reason.isnull())
    found: dict[str, float] = {}
    if step in _REASONS:
        reason = _REASONS[step]
        put_back = _put_back(rows, reason)
        now = used.semi_join(put_back, "customer_id")
        then = now.union(put_back)
        if no_revenue is None:
            found |= _one(_money(_money_of(rows, reason)))
    elif no_rate is None:
        now, then = _touched(used, _CHECKS[step])
        found |= _less(_money(then), _money(now))
    if no_rate is None and windows is not None:
        found |= _less(*(_members(it, windows, merge_days) for it in (then, now)))
    return found


def _less(one: ibis.Table, other: ibis.Table) -> dict[str, float]:
    """Return by how much the figures of one row exceed another's."""
    return _one(one.cross_join(other).select(**{n: one[n] - other[n] for n in one.columns}))


def _one(table: ibis.Table) -> dict[str, float]:
    return {name: float(value) for name, value in single(table).items()}


def _put_back(rows: ibis.Table, reason: Reason) -> ibis.Table:
    """Return what was set aside for one reason, and would have been for no other."""
    return rows.filter(rows.reason == reason.name, despite(rows, ()))


def _money_of(rows: ibis.Table, reason: Reason) -> ibis.Table:
    """Return the rows whose money would be in the books without a reason to set them aside."""
    if reason.name in NAMELESS:  # the same rows as are said to be of unknown customers
        return nameless(rows).filter(_.reason == reason.name)
    return rows.filter(rows.reason == reason.name, despite(rows, reason.money_despite))


def _touched(used: ibis.Table, check: Check) -> tuple[ibis.Table, ibis.Table]:
    """Return the rows of the customers that a check touches, as they are and without its step."""
    assert check.undone is not None
    now = used.semi_join(used.filter(check.holds(used)), "customer_id")
    return now, check.undone(now)


def _money(rows: ibis.Table) -> ibis.Table:
    return rows.agg(revenue=_.amount.sum().fill_null(0.0))


def _members(rows: ibis.Table, windows: tuple[Days, Days], merge_days: int) -> ibis.Table:
    """Return how many customers have an occasion in the prior window, and in both."""
    prior, window = windows
    # days before a window matter only where they may be merged with its own
    seen = _.day <= ibis.date(window[1]) if merge_days else within(prior[0], window[1])
    counted = rows.select(*(name for name in _COUNTED if name in rows.columns)).filter(seen)
    bought = purchase_days(counted, merge_days).group_by("customer_id")
    each = bought.agg(before=within(*prior).any(), after=within(*window).any())
    return each.agg(
        start=_.before.sum().fill_null(0), retained=(_.before & _.after).sum().fill_null(0)
    )
