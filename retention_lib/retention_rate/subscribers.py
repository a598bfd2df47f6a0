"""Do those who pay like subscribers go on paying? Churn by billing period."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib.models import sbg
from retention_lib.models.purchase_model import FitError
from retention_lib.results import Contractual, Why, why
from retention_lib.retention_rate.shares import share
from retention_lib.stats.certainty import side_of

PROJECTED = 12
_COUNTED = {"churn": "charges", "recent": "recent_charges", "earlier": "earlier_charges"}


def contractual(
    charges: pd.DataFrame, subscribers: pd.DataFrame
) -> tuple[list[Contractual], dict[str, Why]]:
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
        A reason for each null in it, under its JSON pointer within the list.
    """
    found: list[Contractual] = []
    reasons: dict[str, Why] = {}
    for at, row in enumerate(subscribers.to_dict("records")):
        figures, unknown = _figures(charges[charges["period"] == row["period"]])
        found.append(Contractual.model_validate(row | figures))
        reasons |= {f"/{at}/{name}": reason for name, reason in unknown.items()}
    return found, reasons


def _figures(charges: pd.DataFrame) -> tuple[dict[str, Any], dict[str, Why]]:
    """Return the figures of one billing period, and a reason for each that is null."""
    is_recent = charges["recent"].astype(bool)
    known = {"churn": charges, "recent": charges[is_recent], "earlier": charges[~is_recent]}
    counts = {name: of[["ended", "again"]].sum() for name, of in known.items()}
    figures: dict[str, Any] = {
        "ended": int(counts["churn"]["ended"]),
        **{_COUNTED[name]: int(of.sum()) for name, of in counts.items()},
    }
    for name, of in counts.items():
        figures |= share(name, int(of["ended"]), int(of.sum()))
    no_earlier = "no_earlier_charges" if figures["charges"] else "no_charges"
    unknown = {
        name: why(no_earlier if name.startswith("earlier") else "no_charges")
        for name, value in figures.items()
        if value is None
    }
    recent, earlier = figures["recent_ci95"], figures["earlier_ci95"]
    figures["recent_clearly"] = side_of(recent, *earlier) if earlier else "unclear"
    model, reason = _projection(charges)
    return figures | model, unknown | {name: reason for name, it in model.items() if it is None}


def _projection(charges: pd.DataFrame) -> tuple[dict[str, Any], Why]:
    """Return the shifted beta-geometric of the charges, and else the reason why there is none."""
    try:
        model = sbg.fit_charges(charges)
    except FitError as error:
        return dict.fromkeys(("alpha", "beta", "projection")), why(error.code, **error.facts)
    left = [float(share) for share in model.survival(range(1, PROJECTED + 1))]
    return {"alpha": model.alpha, "beta": model.beta, "projection": left}, why("")
