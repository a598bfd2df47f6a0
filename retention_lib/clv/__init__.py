"""Notebook 04: what is each customer worth?"""

from retention_lib.clv.new_customers import (
    NewCustomers,
    Widening,
    new_customers,
    new_customers_table,
)
from retention_lib.clv.result import clv
from retention_lib.clv.trial import Trial, calibration, holdout_days, trial
from retention_lib.clv.valuation import Terms, Valuation, value
from retention_lib.models.race import RULES, Setting
from retention_lib.models.units import AnnualRate, Span

__all__ = [
    "RULES",
    "AnnualRate",
    "NewCustomers",
    "Setting",
    "Span",
    "Terms",
    "Trial",
    "Valuation",
    "Widening",
    "calibration",
    "clv",
    "holdout_days",
    "new_customers",
    "new_customers_table",
    "trial",
    "value",
]
