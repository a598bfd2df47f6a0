"""What is a next new customer expected to bring: the most that winning one may cost?

A next customer is taken to be like those of the kind so far: the first purchase brings what theirs
brought on average, later ones are as many as a model fitted to the kind's customers expects of
somebody who has just begun, each worth the kind's mean spend per repeat occasion, at the client's
margin, whatever the kind's own. Where the shop is
older than its records, the customers of their first months are no new ones, and tell too much.

Small kinds are not shrunk towards the whole: those with fewer than thirty repeat buyers, or
which no model fits, are left out instead, and the range says how little is known of the others.
Tried on customers drawn from the demo client's channels, shrinking (DerSimonian and Laird 1986)
made the error of expected purchases smaller by a tenth with 60 customers in each, by 3 % with 100,
and not at all with 200 or more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from retention_lib.clv.findings import placed
from retention_lib.clv.valuation import Terms
from retention_lib.models import nbd
from retention_lib.models.purchase_model import MINIMUM_REPEAT_BUYERS, FitError, PurchaseModel
from retention_lib.models.race import MODELS, Setting
from retention_lib.results import NewCustomerValue, Why, why
from retention_lib.summaries.new_customers import NewCustomerTables

Kind = Literal["all", "cohort", "channel", "product"]
Side = Literal["above", "below", "not clearly"]
NOT_CLEARLY: Final = "not clearly"

MOST_SHOWN = 8
_ERROR = 0.05
_STEP = 1e-4  # of a logarithm, for slopes
_LEAST = 1e-9  # in place of a value of nothing, which has no logarithm
NO_AMOUNTS: Final = why("no_amounts_less_returns")


@dataclass(frozen=True)
class NewCustomers:
    """What next new customers bring, or the reason why that cannot be said.

    ``no_money`` is the reason where it can be said in purchases alone.
    """

    kinds: list[NewCustomerValue] | None
    why_not: Why | None = None
    no_money: Why = NO_AMOUNTS


@dataclass(frozen=True)
class Widening:
    """How wrong forecasts of totals were so far, and the t by which ranges are made of it.

    ``below`` and ``above`` are standard deviations of the logarithm of later purchases that earlier
    forecasts were about, ``factor`` Student's t, as in :class:`retention_lib.results.Spread`; the
    defaults are those without any earlier forecast.
    """

    below: float = 0.1
    above: float = 0.1
    factor: float = 2.7764


@dataclass(frozen=True)
class Basis:
    """What next customers are valued by.

    ``order`` names models of buying, the one in use first, then those for where it cannot be
    fitted to a kind (:func:`later_purchases`); ``setting`` is what they go by today. Later purchases
    are multiplied by ``moved``, as those of today's customers are.
    """

    order: Sequence[str]
    terms: Terms
    setting: Setting
    widening: Widening = Widening()
    moved: float = 1.0


@dataclass(frozen=True)
class Later:
    """Later purchases of a next customer: occasions, the same discounted, each with its spread.

    The spreads are standard deviations of the logarithm, from what is not known of the parameters.
    """

    purchases: float
    purchases_sd: float
    discounted: float
    discounted_sd: float

    def times(self, factor: float) -> Later:
        """Return the same with so many times as many purchases."""
        return replace(self, purchases=self.purchases * factor, discounted=self.discounted * factor)


@dataclass(frozen=True)
class Money:
    """What a next customer brings: with the first purchase, and with all later ones.

    ``variance`` is that of their sum, without what all kinds have wrong in common.
    """

    first: float
    later: float
    variance: float

    @property
    def value(self) -> float:
        """Both together."""
        return self.first + self.later


@dataclass(frozen=True)
class Group:
    """Customers of one kind, and what a next one of them is expected to bring."""

    kind: Kind
    name: str
    customers: int
    later: Later
    money: Money | None

    @property
    def figure(self) -> float:
        """What kinds are compared by: the value, or purchases where there are no amounts."""
        return self.later.purchases if self.money is None else self.money.value

    @property
    def own_sd(self) -> float:
        """Standard deviation of the logarithm of the figure, of this kind's own sampling."""
        if self.money is None:
            return self.later.purchases_sd
        return float(np.sqrt(self.money.variance)) / max(self.money.value, _LEAST)


def new_customers(kinds: Iterable[tuple[Kind, NewCustomerTables]], basis: Basis) -> NewCustomers:
    """Return what a next new customer is expected to bring: of all kinds together, and of each.

    A kind is compared with all customers, with so many comparisons allowed for (Bonferroni). The
    common widening is left out of that: what is wrong with the one is wrong with the others. At
    most eight of each sort are returned: those that differ clearly, then the largest.

    Parameters
    ----------
    kinds
        The first one is all customers, as one part. Kinds with under thirty repeat buyers are
        left out, and those with everybody in them.

    Raises
    ------
    FitError
        If no model fits all customers.
    """
    (_, everyone), *others = kinds
    amounts = bool((everyone.sums["first"] + everyone.sums["later"] > 0).all())
    money = amounts and basis.terms.no_margin is None
    (all_sums,) = everyone.sums.to_dict("records")
    whole = _group("all", all_sums, everyone.states, basis, money)
    parts = [
        part
        for kind, newcomers in others
        for part in _in_order(kind, _groups(kind, newcomers, basis, money))
        if part.customers < whole.customers
    ]
    sides = [side(part, whole, len(parts)) for part in parts]
    shown = [(whole, NOT_CLEARLY), *_worth_showing(parts, sides)]
    values = [_result(part, compared, basis.widening) for part, compared in shown]
    return NewCustomers(placed(values), no_money=basis.terms.no_margin or NO_AMOUNTS)


def _groups(kind: Kind, newcomers: NewCustomerTables, basis: Basis, money: bool) -> Iterator[Group]:
    """Yield the parts that a model fits, the largest first."""
    for sums in newcomers.sums.to_dict("records"):
        if sums["repeat_buyers"] >= MINIMUM_REPEAT_BUYERS:
            states = newcomers.states[newcomers.states["part"] == sums["part"]]
            with suppress(FitError):
                yield _group(kind, sums, states, basis, money)


def _group(
    kind: Kind, sums: Mapping[Any, Any], states: pd.DataFrame, basis: Basis, money: bool
) -> Group:
    """Return one part; raise FitError if no model fits it."""
    later = later_purchases(states, basis.order, basis.terms, basis.setting).times(basis.moved)
    brought = money_of(sums, later, basis.terms.margin or 1.0) if money else None
    return Group(kind, str(sums["part"]), int(sums["customers"]), later, brought)


def later_purchases(
    states: pd.DataFrame, order: Sequence[str], terms: Terms, setting: Setting
) -> Later:
    """Return what the first model that fits a kind's customers expects of a next one.

    Where no model in which customers leave fits, nobody seems to leave: NBD is what they become.

    Parameters
    ----------
    states
        frequency, recency_days, T_days, customers.
    order
        Names of models, the first to be tried first.

    Raises
    ------
    FitError
        If no model fits.
    """
    for name in [*order, nbd.Nbd.name]:
        with suppress(FitError):
            return _of_nobody_yet(MODELS[name](states, setting), terms)
    raise FitError("no_model_fits")


def _of_nobody_yet(model: PurchaseModel, terms: Terms) -> Later:
    """Return what a model expects of a customer who begins today: x, t_x and T all 0.

    The spreads are found by the delta method, over the logarithms of the parameters. Draws of
    parameters give the same, but for kinds whose a and b are hardly told apart, which they throw
    far out.
    """
    covariance = model.covariance_log
    if covariance is None or not np.isfinite(covariance).all():
        raise FitError("parameters_unsure", model=model.name)
    purchases, discounted = _expected(model, terms)
    slopes = [
        (np.log(_expected(_moved(model, at, _STEP), terms)) - np.log(_expected(model, terms)))
        / _STEP
        for at in range(len(model.params))
    ]
    sds = np.sqrt(np.einsum("ik,ij,jk->k", slopes, covariance, slopes))
    return Later(purchases, float(sds[0]), discounted, float(sds[1]))


def _moved(model: PurchaseModel, at: int, by: float) -> PurchaseModel:
    """Return the model with one parameter's logarithm moved."""
    name = list(model.params)[at]
    return replace(model, params=model.params | {name: model.params[name] * float(np.exp(by))})


def _expected(model: PurchaseModel, terms: Terms) -> tuple[float, float]:
    purchases = model.expected_purchases(0, 0, 0, terms.months.last)
    discounted = model.discounted_purchases(0, 0, 0, terms.months, terms.rate)
    return float(purchases), float(discounted)


def money_of(sums: Mapping[Any, Any], later: Later, margin: float) -> Money:
    """Return what a next customer brings, and the sampling variance of it.

    The value is F + D M: the mean first purchase, discounted purchases, and the mean spend per
    repeat occasion, a ratio of sums over customers. Its variance is found by the delta method;
    F and M vary together, since who puts much into the first basket does so later.
    """
    n, repeats = float(sums["customers"]), float(sums["repeats"])
    first, spend = max(sums["first"] / n, 0.0), max(sums["later"] / repeats, 0.0)
    scale = n / (n - 1)
    of_first = scale * (sums["first_first"] / n - first**2) / n
    residuals = (
        sums["later_later"] - 2 * spend * sums["repeats_later"] + spend**2 * sums["repeats_repeats"]
    )
    of_spend = scale * residuals / repeats**2
    both = scale * (sums["first_later"] - spend * sums["repeats_first"]) / (n * repeats)
    occasions = later.discounted
    variance = (
        of_first
        + occasions**2 * (of_spend + spend**2 * later.discounted_sd**2)
        + 2 * occasions * both
    )
    return Money(margin * first, margin * occasions * spend, margin**2 * max(variance, 0.0))


def side(part: Group, whole: Group, comparisons: int) -> Side:
    """Return on which side of all customers a kind clearly lies.

    The kind is a part of the whole, so that the two vary together: with a share p of the
    customers, the covariance is p times the kind's variance.
    """
    from scipy.special import ndtri

    share = part.customers / whole.customers
    others = max(whole.own_sd**2 - (share * part.own_sd) ** 2, 0.0)
    spread = np.sqrt(((1 - share) * part.own_sd) ** 2 + others)
    difference = np.log(max(part.figure, _LEAST) / max(whole.figure, _LEAST))
    if abs(difference) <= ndtri(1 - _ERROR / (2 * max(comparisons, 1))) * spread:
        return NOT_CLEARLY
    return "above" if difference > 0 else "below"


def _in_order(kind: Kind, parts: Iterable[Group]) -> list[Group]:
    """Return cohorts from the earliest on, other parts as they come: the largest first."""
    return sorted(parts, key=lambda part: part.name) if kind == "cohort" else list(parts)


def _worth_showing(parts: list[Group], sides: list[Side]) -> list[tuple[Group, Side]]:
    """Return of each sort those that differ clearly, then the largest; in the order given."""
    both = list(zip(parts, sides, strict=True))
    first = sorted(both, key=lambda one: one[1] == NOT_CLEARLY)
    names = {
        kind: [part.name for part, _ in first if part.kind == kind][:MOST_SHOWN]
        for kind in dict.fromkeys(part.kind for part in parts)
    }
    return [one for one in both if one[0].name in names[one[0].kind]]


def _result(part: Group, compared: Side, widening: Widening) -> NewCustomerValue:
    later = part.later
    return NewCustomerValue(
        kind=part.kind,
        name=part.name,
        customers=part.customers,
        purchases=later.purchases,
        purchases_ci95=_range(later.purchases, later.purchases_sd, 1.0, widening),
        compared=compared,
        place=0,
        **_figures(part.money, widening),
    )


def _figures(money: Money | None, widening: Widening) -> dict[str, Any]:
    if money is None:
        return {"first_value": None, "value": None, "value_ci95": None}
    # the first purchase is certain: only later ones can be forecast wrongly
    value = max(money.value, _LEAST)
    own, later = float(np.sqrt(money.variance)) / value, money.later / value
    return {
        "first_value": money.first,
        "value": money.value,
        "value_ci95": _range(money.value, own, later, widening),
    }


def _range(value: float, own: float, part: float, widening: Widening) -> tuple[float, float]:
    """Return the range of a figure, a part of which earlier forecasts were about."""
    low, high = (
        float(np.exp(widening.factor * np.hypot(own, part * side)))
        for side in (widening.below, widening.above)
    )
    return value / low, value * high


def new_customers_table(values: Iterable[NewCustomerValue]) -> pd.DataFrame:
    """Return the values as a frame, in money or, without amounts, in purchases.

    Returns
    -------
    pandas.DataFrame
        kind, name, customers, first, value, low, high, unit ("money" or "purchases"), compared
    """
    columns = ["kind", "name", "customers", "first", "value", "low", "high", "unit", "compared"]
    rows = []
    for one in values:
        if one.value is None or one.value_ci95 is None:
            figures = (0.0, one.purchases, *one.purchases_ci95, "purchases")
        else:
            figures = (one.first_value or 0.0, one.value, *one.value_ci95, "money")
        rows.append((one.kind, one.name, one.customers, *figures, one.compared))
    return pd.DataFrame(rows, columns=columns)
