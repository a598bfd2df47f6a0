"""What a next new customer is worth: where one client's frames come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import ibis

from retention_lib import clv, data_audit
from retention_lib.clv.new_customers import NO_AMOUNTS, Kind
from retention_lib.models.purchase_model import FitError
from retention_lib.results import Why, why
from retention_lib.summaries import counts, new_customers
from retention_lib.summaries.new_customers import Newcomers

_TWO_YEARS = 2 * 365


def worth_of_the_next(
    occasions: ibis.Table,
    kept: ibis.Table,
    as_of: date,
    valuation: clv.Valuation,
    order: Sequence[str],
    terms: clv.Terms,
    widening: clv.Widening | None = None,
    no_money: Why | None = None,
) -> clv.NewCustomers:
    """Return what a next new customer is worth, or why that cannot be said.

    Parameters
    ----------
    kept
        The rows that the occasions were made from.
    valuation
        Whose model is the one in use.
    order
        Models, and rules, for where that one cannot be fitted to a kind of customers.
    widening
        How wrong earlier forecasts were; None: nothing is known of it.
    no_money
        Why nothing can be said in money, whatever the amounts; None if it can.
    """
    totals = counts.totals(occasions)
    reason = _why_not(valuation, totals, as_of)
    if reason:
        return clv.NewCustomers(None, reason)
    ranked = dict.fromkeys([str(valuation.name), *order])
    models = [name for name in ranked if name not in clv.RULES]
    kinds = _kinds(occasions, kept, as_of, (as_of - totals["first_date"]).days < _TWO_YEARS)
    try:
        values = clv.new_customers(
            kinds, models, terms, widening or clv.Widening(), money=no_money is None
        )
    except FitError as error:
        return clv.NewCustomers(None, why(error.code, **error.facts))
    return clv.NewCustomers(values, no_money=no_money or NO_AMOUNTS)


def _why_not(valuation: clv.Valuation, totals: dict[str, Any], as_of: date) -> Why | None:
    if valuation.name is None:
        return valuation.why_not["model"]
    if data_audit.acquisition_stops(totals, as_of):
        return why("nobody_new", latest=totals["last_first_purchase"])
    return why("rule_knows_nobody_new") if valuation.name in clv.RULES else None


def _kinds(
    occasions: ibis.Table, kept: ibis.Table, as_of: date, quarters: bool
) -> Iterator[tuple[Kind, Newcomers]]:
    yield "all", new_customers.everyone(occasions, as_of)
    yield "cohort", new_customers.by_cohort(occasions, as_of, quarters)
    if "channel" in occasions.columns:
        yield "channel", new_customers.by_attribute(occasions, as_of, "channel")
    if "product" in kept.columns:
        yield "product", new_customers.by_first_product(kept, occasions, as_of)
