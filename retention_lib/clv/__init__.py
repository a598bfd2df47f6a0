"""Notebook 04: what is each customer worth?"""

from retention_lib.clv.result import clv
from retention_lib.clv.trial import Trial, calibration, holdout_days, trial
from retention_lib.clv.valuation import DAYS_PER_MONTH, Terms, Valuation, value
from retention_lib.models.race import RULES, Setting

__all__ = [
    "DAYS_PER_MONTH",
    "RULES",
    "Setting",
    "Terms",
    "Trial",
    "Valuation",
    "calibration",
    "clv",
    "holdout_days",
    "trial",
    "value",
]
