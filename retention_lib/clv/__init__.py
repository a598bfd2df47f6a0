"""Notebook 04: what is each customer worth?"""

from retention_lib.clv.outlook import outlook
from retention_lib.clv.result import clv
from retention_lib.clv.spread import distribution, lorenz
from retention_lib.clv.trial import Trial, calibration, holdout_days, trial
from retention_lib.clv.valuation import Terms, Valuation, value
from retention_lib.models.race import RULES, Setting
from retention_lib.models.units import AnnualRate, Span

__all__ = [
    "RULES",
    "AnnualRate",
    "Setting",
    "Span",
    "Terms",
    "Trial",
    "Valuation",
    "calibration",
    "clv",
    "distribution",
    "holdout_days",
    "lorenz",
    "outlook",
    "trial",
    "value",
]
