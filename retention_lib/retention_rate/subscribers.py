"""Do those who pay like subscribers go on paying? Churn by billing period."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_lib.models import sbg
from retention_lib.models.purchase_model import FitError
from retention_lib.results import Contractual, Interval, Side, Why, why
from retention_lib.retention_rate.shares import share, side_of

PROJECTED = 12


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
    recent = charges[charges["recent"]]
    before = charges[~charges["recent"].astype(bool)]
    figures: dict[str, Any] = {
        "charges": _known(charges),
        "ended": _ended(charges),
        **share("churn", _ended(charges), _known(charges)),
        "recent_charges": _known(recent),
        **share("recent", _ended(recent), _known(recent)),
        "earlier_charges": _known(before),
        **share("earlier", _ended(before), _known(before)),
    }

    def is_earlier(name: str) -> bool:
        return name.startswith("earlier") and bool(_known(charges))

    unknown = {
        name: why("no_earlier_charges" if is_earlier(name) else "no_charges")
        for name, value in figures.items()
        if value is None
    }
    figures["recent_clearly"] = _clearly(figures["recent_ci95"], figures["earlier_ci95"])
    model, reason = _projection(charges)
    return figures | model, unknown | {name: reason for name, it in model.items() if it is None}


def _ended(charges: pd.DataFrame) -> int:
    return int(charges["ended"].sum())


def _known(charges: pd.DataFrame) -> int:
    return int(charges["ended"].sum() + charges["again"].sum())


def _clearly(recent: Interval | None, earlier: Interval | None) -> Side:
    if recent is None or earlier is None:
        return "unclear"
    return side_of(recent, *earlier)


def _projection(charges: pd.DataFrame) -> tuple[dict[str, Any], Why]:
    """Return the shifted beta-geometric of the charges, and else the reason why there is none."""
    try:
        model = sbg.fit_charges(charges)
    except FitError as error:
        return dict.fromkeys(("alpha", "beta", "projection")), why(error.code, **error.facts)
    left = [float(share) for share in model.survival(range(1, PROJECTED + 1))]
    return {"alpha": model.alpha, "beta": model.beta, "projection": left}, why("")
