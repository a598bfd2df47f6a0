"""Sentences of notebook 04 on the numbers behind the models."""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Clv
from retention_lib.speech import Speech
from retention_lib.words.clv.race import forecast_name
from retention_lib.words.labels import PARAMETERS, label
from retention_lib.words.reasons import because, follow


def parameter_rows(result: Clv, speech: Speech) -> pd.DataFrame:
    """Return the fitted parameters, as a table shows them."""
    errors = result.standard_errors or {}
    rows = [
        (
            forecast_name(result.model, speech),
            label(PARAMETERS, name, speech),
            speech.number(value, 4),
            speech.number(errors[name], 4) if name in errors else "–",
        )
        for name, value in (result.params or {}).items()
    ]
    spend = result.gamma_gamma
    if spend is not None:
        rows += [
            (
                "Gamma-Gamma",
                label(PARAMETERS, name, speech),
                speech.number(getattr(spend, name), 4),
                speech.number(error, 4),
            )
            for name, error in spend.standard_errors.items()
        ]
    headers = [
        speech.text("Model"),
        speech.text("Parameter"),
        speech.text("Estimate"),
        speech.text("Standard error"),
    ]
    return pd.DataFrame(rows, columns=headers)


def parameters_caption(result: Clv, speech: Speech) -> str:
    """Return the caption of the table of parameters."""
    return speech.text("Fitted parameters, time in weeks")


def parameters_meaning(result: Clv, speech: Speech) -> str:
    """Return how well the models fit, in the figures a specialist asks for."""
    if result.log_likelihood is None:
        likelihood = because(result, "/log_likelihood", speech)
    else:
        likelihood = speech.prose(
            "The log-likelihood of {model} is **{value}**.",
            model=forecast_name(result.model, speech),
            value=speech.number(result.log_likelihood),
        )
    if result.model is None:
        return likelihood
    if result.gamma_gamma is None:
        return follow(likelihood, because(result, "/gamma_gamma", speech))
    spend = speech.proses(
        "Gamma-Gamma was fitted on {n} repeat buyer; spend and frequency correlate by "
        "**{correlation}**, and it may be used while that is between −0.3 and 0.3.",
        "Gamma-Gamma was fitted on {n} repeat buyers; spend and frequency correlate by "
        "**{correlation}**, and it may be used while that is between −0.3 and 0.3.",
        result.gamma_gamma.customers,
        correlation=speech.number(result.gamma_gamma.correlation),
    )
    return follow(likelihood, spend)
