"""Which numbers stand behind the model?"""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Clv
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import cell, table
from retention_lib.words.clv.race import forecast_name
from retention_lib.words.labels import PARAMETERS, label
from retention_lib.words.reasons import because, follow

_HEADERS = mark(("Model", "Parameter", "Estimate", "Standard error"))


def rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return the fitted parameters, as a table shows them."""
    spend = result.gamma_gamma
    fitted = [
        (forecast_name(result.model, speech), name, value, (result.standard_errors or {}).get(name))
        for name, value in (result.params or {}).items()
    ]
    fitted += [
        ("Gamma-Gamma", name, getattr(spend, name), error)
        for name, error in (spend.standard_errors if spend else {}).items()
    ]
    lines = [
        (model, label(PARAMETERS, name, speech), *(cell(x, "number 4", speech) for x in figures))
        for model, name, *figures in fitted
    ]
    return table(lines, _HEADERS, speech)


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
        _spend(result, speech),
    )


def _spend(result: Clv, speech: Speech) -> str:
    """Return how spend was modelled, and whether it goes with how often customers buy."""
    spend = result.gamma_gamma
    if spend is None:
        reason = because(result, "/gamma_gamma", speech)
        if result.expected_revenue is None:
            return reason
        return follow(
            reason,
            speech.prose(
                "Instead, a purchase is expected to bring what the customer's own purchases brought "
                "so far, drawn a little towards the mean of all customers."
            ),
        )
    fitted = speech.prose(
        "Gamma-Gamma was fitted on {customers:count} repeat buyer{customers:|s}. How much they spend "
        "and how often they buy correlate by **{correlation:number}**.",
        spend,
    )
    if spend.power_ci95 is None:
        return follow(
            fitted, speech.prose("That is too little to rely on, so the model leaves it out.")
        )
    change = 2**spend.power - 1
    return follow(
        fitted,
        speech.prose(_RELATED["up" if change > 0 else "down"], change=abs(change)),
    )


_RELATED = mark(
    {
        "up": "The model allows for that: with every doubling of the purchases, what is spent on each "
        "goes up by {change:share 0}.",
        "down": "The model allows for that: with every doubling of the purchases, what is spent on each "
        "goes down by {change:share 0}.",
    }
)
