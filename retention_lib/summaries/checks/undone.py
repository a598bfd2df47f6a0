"""What the retained rate and the revenue would be had a step of the audit not been taken.

A step changes nothing but the days of the customers it touches. Only these are counted anew, with
the step and without it; what differs is added to the whole, which is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import ibis
import pandas as pd
from ibis import _

from retention_lib.summaries.checks.records import Records
from retention_lib.summaries.checks.register import CHECKS, Check
from retention_lib.summaries.counts import frame, single
from retention_lib.summaries.occasions import Days, bought_days, within
from retention_lib.summaries.revenue import nameless
from retention_lib.transactions import NAMELESS, REASONS
from retention_lib.transactions.reasons import despite

NOTHING_DONE: Final = "nothing_done"
_CHECKS: Final = {check.name: check for check in CHECKS}
_REASONS: Final = {reason.name: reason for reason in REASONS}
# what occasions are made from, and whether an id would be written otherwise
_COUNTED: Final = (
    *("customer_id", "day", "amount", "order_id", "product", "no_purchase"),
    "id_was_decimal",
)


def without(records: Records, step: str) -> ibis.Table | None:
    """Return the rows in use had the step of a check, or of a reason, not been taken.

    None where that cannot be told. Of all rows: :func:`differences` looks at those alone that change.
    """
    if not_told(step)[0] is not None:
        return None
    used = records.typed.filter(_.reason.isnull())
    if step in _REASONS:
        return used.union(_put_back(records.typed, [step]))
    return _undone(used, _touched(records, _CHECKS[step], used.columns), _CHECKS[step])


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
    records: Records,
    occasions: ibis.Table,
    steps: Sequence[str],
    windows: tuple[Days, Days] | None,
    merge_days: int = 0,
) -> pd.DataFrame:
    """Return by how much rate and revenue differ without each step.

    Parameters
    ----------
    records, occasions
        All typed rows with their reason, and the occasions of those in use.
    steps
        Names of checks and reasons.
    windows
        First and last day of the prior window and of the window; None: only money is counted.
    merge_days
        As the occasions were made.

    Returns
    -------
    pandas.DataFrame
        index: the steps; start, retained: customers with an occasion in the prior window, and in
        both, more than there are; revenue: money in use more than there is. Missing where
        :func:`not_told` has a code.
    """
    found = pd.DataFrame(index=list(steps), columns=["start", "retained", "revenue"], dtype=float)
    for step, money in _money_aside(records.typed, steps).items():
        found.loc[step, "revenue"] = money
    told = [step for step in steps if not_told(step)[0] is None]
    if not told:
        return found
    parts = _Parts.of(records, told, ["customer_id"] if merge_days else ["customer_id", "day"])
    changed = [step for step in told if step in _CHECKS]
    if changed:
        found.update(_by_step(ibis.union(*(_money_changed(parts, step) for step in changed))))
    if windows:
        moved = ibis.union(*(_moved(parts, step, windows, merge_days) for step in told)).cache()
        found.loc[told, ["start", "retained"]] = 0
        found.update(_by_step(_members(moved, occasions, windows)))
    return found


def _by_step(table: ibis.Table) -> pd.DataFrame:
    return frame(table, by=["step"]).set_index("step").astype(float)


def _money_aside(rows: ibis.Table, steps: Sequence[str]) -> dict[str, float]:
    """Return the money that would be in the books without each reason to set rows aside."""
    told = [step for step in steps if step in _REASONS and not_told(step)[1] is None]
    sums = {
        step: rows.amount.sum(
            where=(rows.reason == step) & despite(rows, _REASONS[step].money_despite)
        )
        for step in told
        if step not in NAMELESS
    }
    found = single(rows.agg(**sums)) if sums else {}
    if set(told) & set(NAMELESS):
        # the same rows as are said elsewhere to be of unknown customers
        nobody = frame(nameless(rows).group_by("reason").agg(money=_.amount.sum()))
        found |= dict(zip(nobody["reason"], nobody["money"].fillna(0.0), strict=True))
    return {step: float(found.get(step) or 0) for step in told}


def _put_back(rows: ibis.Table, reasons: Sequence[str]) -> ibis.Table:
    """Return the rows that reasons set aside, and nothing else would have."""
    return rows.filter(rows.reason.isin(reasons), despite(rows, ()))


def _touched(records: Records, check: Check, columns: Sequence[str]) -> ibis.Table:
    """Return the rows in use that a check touches."""
    found = records.known(check.among) if check.among else None
    if found is not None:
        return found.select(*columns)
    holds = check.holds(records) if check.holds else None
    held = ibis.literal(False) if holds is None else holds.fill_null(False)
    return records.rows.filter(held, _.reason.isnull()).select(*columns)


def _undone(used: ibis.Table, touched: ibis.Table, check: Check) -> ibis.Table:
    if check.undone == "left out":
        return used.difference(touched, distinct=False)
    assert check.undone is not None
    return check.undone(used)


@dataclass(frozen=True)
class _Parts:
    """The rows of a few customers, or of some of their days, that steps may change.

    Attributes
    ----------
    used
        All rows in use of what any step touches.
    touched
        The rows that each step sets aside (and nothing else would have), or touches.
    key
        What is touched as a whole: customers, or their days.
    """

    used: ibis.Table
    touched: dict[str, ibis.Table]
    key: list[str]

    @classmethod
    def of(cls, records: Records, steps: Sequence[str], key: list[str]) -> Self:
        """Look for them: a few passes over all rows, whatever the number of steps."""
        columns = [name for name in _COUNTED if records.has(name)]
        reasons = [step for step in steps if step in _REASONS]
        aside = _put_back(records.typed, reasons).select("reason", *columns).cache()
        touched = {step: aside.filter(aside.reason == step).drop("reason") for step in reasons}
        for step in set(steps) - set(reasons):
            touched[step] = _touched(records, _CHECKS[step], columns).cache()
        units = ibis.union(*(it.select(*key) for it in touched.values()), distinct=True)
        return cls(records.used.select(*columns).semi_join(units, key).cache(), touched, key)

    def both(self, step: str) -> tuple[ibis.Table, ibis.Table]:
        """Return the rows of what a step touches, as they are used and without that step."""
        touched = self.touched[step]
        now = self.used.semi_join(touched, self.key)
        if step in _REASONS:
            return now, now.union(touched)
        return now, _undone(now, touched, _CHECKS[step])


def _money_changed(parts: _Parts, step: str) -> ibis.Table:
    """Return how much more money there is without the step of a check: one row."""
    now, then = (it.select("amount") for it in parts.both(step))
    each = now.mutate(amount=-_.amount).union(then)
    return each.agg(revenue=_.amount.sum().fill_null(0.0)).mutate(step=ibis.literal(step))


def _moved(parts: _Parts, step: str, windows: tuple[Days, Days], merge_days: int) -> ibis.Table:
    """Return the customers who have more or fewer occasions in a window without a step.

    Returns
    -------
    ibis.Table
        step, customer_id, prior, window: how many more
    """
    now, then = (bought_days(it, merge_days) for it in parts.both(step))
    each = now.mutate(more=ibis.literal(-1)).union(then.mutate(more=ibis.literal(1)))
    days = each.group_by("customer_id").agg(
        prior=_.more.sum(where=within(*windows[0])).fill_null(0),
        window=_.more.sum(where=within(*windows[1])).fill_null(0),
    )
    moved = days.filter((_.prior != 0) | (_.window != 0))
    return moved.select("customer_id", "prior", "window", step=ibis.literal(step))


def _members(moved: ibis.Table, occasions: ibis.Table, windows: tuple[Days, Days]) -> ibis.Table:
    """Return how many more customers have an occasion in the prior window, and in both."""
    prior, window = (within(*days) for days in windows)
    seen = occasions.filter(prior | window).semi_join(moved, "customer_id")
    known = seen.group_by("customer_id").agg(before=prior.sum(), after=window.sum())
    both = moved.left_join(known, "customer_id")
    both = both.mutate(before=both.before.fill_null(0), after=both.after.fill_null(0)).view()
    was, is_ = both.before > 0, both.before + both.prior > 0
    was_both, is_both = was & (both.after > 0), is_ & (both.after + both.window > 0)
    return both.group_by("step").agg(
        start=is_.sum() - was.sum(), retained=is_both.sum() - was_both.sum()
    )
