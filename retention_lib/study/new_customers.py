"""What a next new customer is worth: where one client's frames come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import ibis

from retention_lib import data_audit
from retention_lib.clv.new_customers import Basis, Kind, NewCustomers, new_customers
from retention_lib.clv.valuation import Valuation
from retention_lib.models.purchase_model import FitError
from retention_lib.models.race import RULES
from retention_lib.results import Why, why
from retention_lib.summaries import counts, daily
from retention_lib.summaries import new_customers as tables
from retention_lib.summaries.new_customers import NewCustomerTables

_TWO_YEARS = 2 * 365


def worth_of_the_next(
    occasions: ibis.Table, kept: ibis.Table, as_of: date, valuation: Valuation, basis: Basis
) -> NewCustomers:
    """Return what a next new customer is worth, or why that cannot be said.

    Parameters
    ----------
    kept
        The rows that the occasions were made from.
    valuation
        Whose model is the one in use.
    basis
        With the models, and rules, for where that one cannot be fitted to a kind of customers.
    """
    totals = counts.totals(occasions)
    stopped = data_audit.acquisition_stop(
        daily.new_customers(occasions), totals["first_date"], as_of
    )
    reason = _why_not(valuation, totals["last_first_purchase"] if stopped else None)
    if reason:
        return NewCustomers(None, reason)
    ranked = dict.fromkeys([str(valuation.name), *basis.order])
    models = [name for name in ranked if name not in RULES]
    quarters = (as_of - totals["first_date"]).days < _TWO_YEARS
    try:
        return new_customers(_kinds(occasions, kept, as_of, quarters), replace(basis, order=models))
    except FitError as error:
        return NewCustomers(None, why(error.code, **error.facts))


def _why_not(valuation: Valuation, latest: date | None) -> Why | None:
    """Return why it cannot be said; ``latest`` is the last first purchase where none follow."""
    if valuation.name is None:
        return valuation.why_not["model"]
    if latest is not None:
        return why("nobody_new", latest=latest)
    return why("rule_knows_nobody_new") if valuation.name in RULES else None


def _kinds(
    occasions: ibis.Table, kept: ibis.Table, as_of: date, quarters: bool
) -> Iterator[tuple[Kind, NewCustomerTables]]:
    yield "all", tables.everyone(occasions, as_of)
    yield "cohort", tables.by_cohort(occasions, as_of, quarters)
    if "channel" in occasions.columns:
        yield "channel", tables.by_attribute(occasions, as_of, "channel")
    if "product" in kept.columns:
        yield "product", tables.by_first_product(kept, occasions, as_of)
