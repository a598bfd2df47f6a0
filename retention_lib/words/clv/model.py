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
        because(result, "/gamma_gamma", speech)
        or speech.prose(
            "Gamma-Gamma was fitted on {customers:count} repeat buyer{customers:|s}; spend and "
            "frequency correlate by **{correlation:number}**, and it may be used while that is "
            "between −0.3 and 0.3.",
            result.gamma_gamma,
        ),
    )
