"""Notebook 04: what is each customer worth?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from retention_lib import stats
from retention_lib.models import bgnbd, gamma_gamma
from retention_lib.models.bgnbd import BgNbd, FitError
from retention_lib.models.gamma_gamma import SpendModel
from retention_lib.results import Clv, GammaGamma, Holdout, Score
from retention_lib.stats import Floats

DAYS_PER_MONTH = 365.25 / 12
MINIMUM_REPEAT_BUYERS = 30
LARGEST_CORRELATION = 0.3
TRIPLE = ["frequency", "recency_days", "T_days"]


@dataclass(frozen=True)
class Terms:
    """What value is counted in: annual discount rate, months ahead, margin (None: revenue)."""

    discount_rate: float
    horizon_months: int
    margin: float | None

    @property
    def months(self) -> range:
        """The months ahead, from 1."""
        return range(1, self.horizon_months + 1)

    def discount(self, month: int) -> float:
        """Return today's worth of one unit of money at the end of a month ahead."""
        return float((1 + self.discount_rate) ** (-month / 12))


@dataclass(frozen=True)
class Valuation:
    """The fitted models, each None where it could not be fitted; ``why_not`` says why.

    ``mean_spend`` is the plain mean per repeat occasion, used where Gamma-Gamma may not be.
    """

    purchases: BgNbd | None
    scores: pd.DataFrame | None
    spend: SpendModel | None
    mean_spend: float | None
    why_not: dict[str, str] = field(default_factory=dict)

    @property
    def spend_per_occasion(self) -> Callable[[Any, Any], Any] | None:
        """Expected spend as a function of (frequency, monetary); None without amounts."""
        if self.spend is not None:
            return self.spend.expected_spend
        mean = self.mean_spend
        return None if mean is None else lambda frequency, monetary: mean


def value(counts: pd.DataFrame, spend: pd.DataFrame, terms: Terms) -> Valuation:
    """Fit the models of buying and of spend, and score every distinct customer.

    Parameters
    ----------
    counts, spend
        As :func:`retention_lib.summaries.frequency_recency` and ``spend_per_occasion`` give them.
    """
    why_not: dict[str, str] = {}
    purchases, scored = _attempt(
        "model", why_not, partial(_fit_and_score, terms=terms), _fittable(counts)
    ) or (None, None)
    model = _attempt("gamma_gamma", why_not, gamma_gamma.fit, _spenders(spend))
    if model is not None and abs(model.correlation) >= LARGEST_CORRELATION:
        model = None
        why_not["gamma_gamma"] = (
            "How much repeat buyers spend depends on how often they buy, which Gamma-Gamma does "
            "not allow; every customer is given the mean spend instead."
        )
    occasions = float((spend["frequency"] * spend["customers"]).sum())
    spent = float((spend["frequency"] * spend["customers"] * spend["monetary"]).sum())
    mean = spent / occasions if occasions else None
    return Valuation(purchases, scored, model, mean, why_not)


def _fit_and_score(triples: pd.DataFrame, terms: Terms) -> tuple[BgNbd, pd.DataFrame]:
    purchases = bgnbd.fit(triples)
    return purchases, scores(purchases, triples, terms)


def _attempt(name: str, why_not: dict[str, str], fit: Any, counts: pd.DataFrame | str) -> Any:
    """Return the fitted model, or None with the reason noted."""
    if isinstance(counts, str):
        why_not[name] = counts
        return None
    try:
        return fit(counts)
    except FitError as error:
        why_not[name] = str(error)
        return None


def _fittable(counts: pd.DataFrame) -> pd.DataFrame | str:
    """Return distinct triples with their customers, or why no model may be fitted."""
    repeat = int(counts.loc[counts["frequency"] > 0, "customers"].sum())
    if repeat < MINIMUM_REPEAT_BUYERS:
        return f"Customers who bought more than once: {repeat}; a model needs at least 30."
    return _distinct(counts)


def _distinct(counts: pd.DataFrame) -> pd.DataFrame:
    """Return distinct triples with their customers, whatever they did later."""
    return counts.groupby(TRIPLE, as_index=False).agg(customers=("customers", "sum"))


def _spenders(spend: pd.DataFrame) -> pd.DataFrame | str:
    repeat = int(spend["customers"].sum())
    if repeat < MINIMUM_REPEAT_BUYERS:
        return f"Repeat buyers with a positive spend: {repeat}; a model needs at least 30."
    return spend


def scores(purchases: BgNbd, triples: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Return, once per distinct triple, what its customers are expected to do.

    Returns
    -------
    pandas.DataFrame
        - frequency, recency_days, T_days, customers
        - p_alive: chance of ever buying again
        - expected_purchases: occasions within the horizon
        - discounted_purchases: the same, each month discounted to today

    Raises
    ------
    FitError
        If the model gives no finite expectation for some customers.
    """
    state = _state(triples)
    ends = [month * DAYS_PER_MONTH for month in terms.months]
    discounts = [terms.discount(month) for month in terms.months]
    return triples.assign(
        p_alive=purchases.p_alive(*state),
        expected_purchases=purchases.expected_purchases(*state, ends[-1]),
        discounted_purchases=purchases.discounted_purchases(*state, ends, discounts),
    )


def _state(counts: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    frequency, recency, age = (counts[name].to_numpy(dtype=float) for name in TRIPLE)
    return frequency, recency, age


def holdout_days(window_days: int | None, history_days: int) -> int:
    """Return the length of the holdout: one window, at most half of the history."""
    half = history_days // 2
    return half if window_days is None else min(window_days, half)


@dataclass(frozen=True)
class Trial:
    """A holdout and the forecast behind it; without one, the reason."""

    holdout: Holdout | None
    forecast: pd.DataFrame | None
    why_not: str | None


def trial(counts: pd.DataFrame, at: date, as_of: date) -> Trial:
    """Return how well a model fitted up to a day forecast what came after it, or why not.

    Parameters
    ----------
    counts
        As :func:`retention_lib.summaries.frequency_recency` gives them for the day ``at``.
    """
    triples = _fittable(counts)
    if isinstance(triples, str):
        return Trial(None, None, f"Before the holdout: {triples[0].lower()}{triples[1:]}")
    try:
        forecast = predictions(bgnbd.fit(triples), counts, (as_of - at).days)
    except FitError as error:
        return Trial(None, None, f"Before the holdout: {error}")
    held = Holdout(
        start=at + timedelta(days=1),
        end=as_of,
        customers=int(counts["customers"].sum()),
        models=[_score("BG/NBD", forecast)],
    )
    return Trial(held, forecast, None)


def predictions(purchases: BgNbd, counts: pd.DataFrame, days: int) -> pd.DataFrame:
    """Return counts with the expected occasions of the following days (column ``predicted``)."""
    state = _state(counts)
    return counts.assign(predicted=purchases.expected_purchases(*state, days))


def _score(name: str, forecast: pd.DataFrame) -> Score:
    weights = forecast["customers"].to_numpy(dtype=float)
    actual = forecast["later"].to_numpy(dtype=float)
    predicted = forecast["predicted"].to_numpy(dtype=float)
    total, happened = float(predicted @ weights), float(actual @ weights)
    return Score(
        name=name,
        predicted=total,
        actual=round(happened),
        bias=total / happened - 1 if happened else None,
        rmse=float(np.sqrt(np.average((predicted - actual) ** 2, weights=weights))),
        mae=float(np.average(np.abs(predicted - actual), weights=weights)),
        deviance=stats.poisson_deviance(actual, predicted, weights),
    )


def calibration(forecast: pd.DataFrame, last: int = 7) -> pd.DataFrame:
    """Return mean actual and predicted occasions of the holdout by earlier frequency.

    Returns
    -------
    pandas.DataFrame
        frequency (from ``last`` on taken together), label, customers, actual, predicted
    """
    weighted = pd.DataFrame(
        {
            "frequency": forecast["frequency"].clip(upper=last),
            "customers": forecast["customers"],
            "actual": forecast["later"] * forecast["customers"],
            "predicted": forecast["predicted"] * forecast["customers"],
        }
    )
    table = weighted.groupby("frequency", as_index=False).sum()
    labels = [f"{n}+" if n == last else str(n) for n in table["frequency"]]
    return pd.DataFrame(
        {
            "frequency": table["frequency"],
            "label": labels,
            "customers": table["customers"],
            "actual": table["actual"] / table["customers"],
            "predicted": table["predicted"] / table["customers"],
        }
    )


def clv(
    valuation: Valuation,
    terms: Terms,
    worth: pd.DataFrame,
    tried: Trial,
) -> Clv:
    """Return the result of the notebook.

    Parameters
    ----------
    worth
        Columns ``clv``, ``customers``: how many customers are worth how much.
    tried
        As :func:`trial` gives it.
    """
    model, spend = valuation.purchases, valuation.spend
    figures: dict[str, Any] = {
        "model": None if model is None else "BG/NBD",
        "params": None if model is None else model.params,
        "standard_errors": None if model is None else model.standard_errors,
        "log_likelihood": None if model is None else model.log_likelihood,
        "gamma_gamma": None if spend is None else _gamma_gamma(spend),
        "holdout": tried.holdout,
        "total_clv_ci95": None,
        "coverage": None,
        "new_customer_value": None,
        **_expected(valuation.scores),
        **_money(worth),
    }
    return Clv(
        time_unit="week",
        basis="revenue" if terms.margin is None else "margin",
        discount_rate=terms.discount_rate,
        horizon_months=terms.horizon_months,
        **figures,
        why_not=_why_not(figures, valuation, tried.why_not),
    )


def _gamma_gamma(spend: SpendModel) -> GammaGamma:
    return GammaGamma(**{name: getattr(spend, name) for name in GammaGamma.model_fields})


def _expected(scored: pd.DataFrame | None) -> dict[str, Any]:
    if scored is None:
        return {"expected_purchases": None, "mean_p_alive": None}
    return {
        "expected_purchases": _total(scored, "expected_purchases"),
        "mean_p_alive": float(np.average(scored["p_alive"], weights=scored["customers"])),
    }


def _total(table: pd.DataFrame, name: str) -> float:
    return float(
        np.dot(table[name].to_numpy(dtype=float), table["customers"].to_numpy(dtype=float))
    )


def _money(worth: pd.DataFrame) -> dict[str, Any]:
    total = _total(worth, "clv")
    if total <= 0:
        return {"total_clv": None, "top20_share": None}
    top = 0.2 * float(worth["customers"].sum())
    return {
        "total_clv": total,
        "top20_share": stats.share_of_largest(worth["clv"], worth["customers"], top),
    }


def _why_not(
    figures: dict[str, Any], valuation: Valuation, no_holdout: str | None
) -> dict[str, str]:
    model = valuation.why_not.get("model", "")
    money = model or "The records carry no amounts above zero."
    sentences = dict.fromkeys(
        (
            "model",
            "params",
            "standard_errors",
            "log_likelihood",
            "expected_purchases",
            "mean_p_alive",
        ),
        model,
    ) | {
        "gamma_gamma": valuation.why_not.get("gamma_gamma", money),
        "holdout": no_holdout or model,
        "total_clv": money,
        "top20_share": money,
        "total_clv_ci95": "The interval of the total is not computed by this version.",
        "coverage": "The record of earlier forecasts is not kept by this version.",
        "new_customer_value": "The value of a next new customer is not computed by this version.",
    }
    why_not = {f"/{name}": sentences[name] for name, value in figures.items() if value is None}
    return why_not | _bias_why_not(figures["holdout"])


def _bias_why_not(held: Holdout | None) -> dict[str, str]:
    if held is None:
        return {}
    return {
        f"/holdout/models/{at}/bias": "Nobody bought in the holdout, so the error has no base."
        for at, model in enumerate(held.models)
        if model.bias is None
    }
