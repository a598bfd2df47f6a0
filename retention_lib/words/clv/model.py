"""Which numbers stand behind the model?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from retention_lib.results import Clv, PriceDrift, Trend
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.clv.race import forecast_name
from retention_lib.words.labels import PARAMETERS, label
from retention_lib.words.reasons import because, follow

_HEADERS = mark(("Model", "Parameter", "Estimate", "Standard error, or 95% interval"))
_CALENDAR, _PRICES = mark(("Calendar", "Prices"))
_RATES: Final = mark(
    {
        "pace": "pace of those who stay, change a year",
        "stay": "chance to stay after a purchase, change a year",
        "prices": "value of an order, change a year within customers",
        "power": "spend per purchase: growth with the number of purchases (β)",
    }
)

Row = tuple[str, str, str, str]


def rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return what was fitted: of buying, of the calendar, of spend, of prices."""
    lines = [*_buying(result, speech), *_calendar(result, speech), *_spend(result, speech)]
    return table(lines, _HEADERS, speech)


def _buying(result: Clv, speech: Speech) -> Iterator[Row]:
    name, errors = forecast_name(result.model, speech), result.standard_errors or {}
    for parameter, value in (result.params or {}).items():
        yield _fitted(name, parameter, value, errors.get(parameter), speech)


def _calendar(result: Clv, speech: Speech) -> Iterator[Row]:
    clocks = result.clocks
    for name, trend in (("pace", clocks.pace), ("stay", clocks.stay)) if clocks else ():
        if trend is not None:
            yield _a_year(_CALENDAR, name, trend, speech)


def _spend(result: Clv, speech: Speech) -> Iterator[Row]:
    spend, drift = result.gamma_gamma, result.price_drift
    if spend is not None:
        for parameter, error in spend.standard_errors.items():
            if parameter != "power":
                yield _fitted("Gamma-Gamma", parameter, getattr(spend, parameter), error, speech)
        if spend.power_ci95 is not None:
            yield (
                "Gamma-Gamma",
                speech.text(_RATES["power"]),
                speech.number(spend.power, 4),
                speech.said(spend.power_ci95, "range number 4"),
            )
    if drift is not None:
        yield _a_year(_PRICES, "prices", drift, speech)


def _fitted(model: str, parameter: str, value: float, error: Any, speech: Speech) -> Row:
    name = label(PARAMETERS, parameter, speech)
    return model, name, speech.number(value, 4), cell(error, "number 4", speech)


def _a_year(of: str, name: str, change: Trend | PriceDrift, speech: Speech) -> Row:
    ends = speech.said(change.ci95, "range number 4")
    return speech.text(of), speech.text(_RATES[name]), speech.number(change.per_year, 4), ends


def caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table."""
    return speech.text("Fitted parameters, time in weeks")


def meaning(result: Clv, speech: Speech) -> str:
    """Return how well the models fit, in the figures a specialist asks for."""
    if result.model is None:
        return because(result, "/log_likelihood", speech)
    return follow(
        because(result, "/log_likelihood", speech)
        or speech.prose(
            "The log-likelihood of {model} is **{log_likelihood:number}**.",
            result,
            model=forecast_name(result.model, speech),
        ),
        _related(result, speech),
    )


_RELATIONS: Final = mark(
    {
        "none": "Gamma-Gamma was fitted on {customers:count} repeat buyer{customers:|s}; how much "
        "they spend on a purchase depends little, if at all, on how often they buy (rank correlation "
        "**{correlation:number}**), so the model leaves that out.",
        "more": "Gamma-Gamma was fitted on {customers:count} repeat buyer{customers:|s}; those who "
        "buy more often spend **more** on a purchase (rank correlation **{correlation:number}**), "
        "and the model counts with that.",
        "less": "Gamma-Gamma was fitted on {customers:count} repeat buyer{customers:|s}; those who "
        "buy more often spend **less** on a purchase (rank correlation **{correlation:number}**), "
        "and the model counts with that.",
    }
)


def _related(result: Clv, speech: Speech) -> str:
    """Return how spend goes with frequency, and that the model knows it; or what stands in for it."""
    spend = result.gamma_gamma
    if spend is not None:
        way = "none" if spend.power_ci95 is None else "more" if spend.power > 0 else "less"
        return speech.prose(_RELATIONS[way], spend)
    reason = because(result, "/gamma_gamma", speech)
    if result.expected_revenue is None:
        return reason
    return follow(
        reason,
        speech.prose(
            "Instead, a purchase is expected to bring what the customer's own purchases brought so "
            "far, drawn a little towards the mean of all customers."
        ),
    )
