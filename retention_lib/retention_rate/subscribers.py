"""Do those who pay as subscribers do go on paying? Churn by billing period."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib import stats
from retention_lib.models import sbg
from retention_lib.models.purchase_model import FitError
from retention_lib.results import Contractual, why

PROJECTED = 12
NO_CHARGES = "It is not known yet of any charge whether another followed."


def contractual(
    charges: pd.DataFrame, subscribers: pd.DataFrame
) -> tuple[list[Contractual], dict[str, str]]:
    """Return the churn of each billing period, and why a figure of it is not known.

    Parameters
    ----------
    charges
        As :func:`retention_lib.summaries.subscriptions.charges` gives them.
    subscribers
        Columns period, customers, active.

    Returns
    -------
    list
        One result for each billing period.
    dict
        A sentence for each null in it, under its JSON pointer within the list.
    """
    found: list[Contractual] = []
    why: dict[str, str] = {}
    for at, row in enumerate(subscribers.to_dict("records")):
        figures, reasons = _figures(charges[charges["period"] == row["period"]])
        found.append(Contractual.model_validate(row | figures))
        why |= {f"/{at}/{name}": reason for name, reason in reasons.items()}
    return found, why


def _figures(charges: pd.DataFrame) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the figures of one billing period, and a sentence for each that is null."""
    recent = charges[charges["recent"]]
    ended = int(charges["ended"].sum())
    figures: dict[str, Any] = {
        "charges": _known(charges),
        "ended": ended,
        **_rate("churn", ended, _known(charges)),
        "recent_charges": _known(recent),
        **_rate("recent", int(recent["ended"].sum()), _known(recent)),
    }
    reasons = {name: NO_CHARGES for name, value in figures.items() if value is None}
    model, why = _projection(charges)
    return figures | model, reasons | {name: why for name, it in model.items() if it is None}


def _known(charges: pd.DataFrame) -> int:
    return int(charges["ended"].sum() + charges["again"].sum())


def _rate(name: str, ended: int, known: int) -> dict[str, Any]:
    if not known:
        return {f"{name}_rate": None, f"{name}_ci95": None}
    return {f"{name}_rate": ended / known, f"{name}_ci95": stats.wilson(ended, known)}


def _projection(charges: pd.DataFrame) -> tuple[dict[str, Any], Any]:
    """Return the shifted beta-geometric of the charges, and else the reason why there is none."""
    try:
        model = sbg.fit_charges(charges)
    except FitError as error:
        return dict.fromkeys(("alpha", "beta", "projection")), why(error.code, **error.facts)
    left = [float(share) for share in model.survival(range(1, PROJECTED + 1))]
    return {"alpha": model.alpha, "beta": model.beta, "projection": left}, ""
