"""Notebook 04: what is each customer worth?"""

from retention_lib.clv.concentration import distribution, lorenz
from retention_lib.clv.new_customers import (
    NewCustomers,
    Widening,
    new_customers,
    new_customers_table,
)
from retention_lib.clv.outlook import outlook
from retention_lib.clv.past_forecasts import (
    Ahead,
    Past,
    Told,
    days_ahead,
    origins,
    past,
    past_forecasts_table,
    race_days,
    told,
)
from retention_lib.clv.race import Trial, calibration, holdout_days, trial
from retention_lib.clv.ranges import ahead, own_spread
from retention_lib.clv.result import clv
from retention_lib.clv.subscribers import Renewals, charge_margin, renewals
from retention_lib.clv.subscribers import scores as subscriber_scores
from retention_lib.clv.tracking import alive_grid, tracking
from retention_lib.clv.valuation import Terms, Valuation, value
from retention_lib.models.race import RULES, Setting
from retention_lib.models.units import AnnualRate, Span

__all__ = [
    "RULES",
    "Ahead",
    "AnnualRate",
    "NewCustomers",
    "Past",
    "Renewals",
    "Setting",
    "Span",
    "Terms",
    "Told",
    "Trial",
    "Valuation",
    "Widening",
    "ahead",
    "alive_grid",
    "calibration",
    "charge_margin",
    "clv",
    "days_ahead",
    "distribution",
    "holdout_days",
    "lorenz",
    "new_customers",
    "new_customers_table",
    "origins",
    "outlook",
    "own_spread",
    "past",
    "past_forecasts_table",
    "race_days",
    "renewals",
    "subscriber_scores",
    "told",
    "tracking",
    "trial",
    "value",
]
