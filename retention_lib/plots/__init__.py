"""Figures: small frames and results in, matplotlib axes out.

Words and numbers come from a :class:`Speech` (``study.speech``), titles and alternative texts
from :mod:`retention_lib.words`. :func:`show` ends every cell that draws.
"""

from retention_lib.plots.clv.alive import plot_alive
from retention_lib.plots.clv.calibration import plot_calibration
from retention_lib.plots.clv.new_customers import plot_new_customers
from retention_lib.plots.clv.past_forecasts import plot_record
from retention_lib.plots.clv.tracking import plot_tracking, plot_tracking_total
from retention_lib.plots.clv.value import (
    plot_value_at_risk,
    plot_value_distribution,
    plot_value_lorenz,
)
from retention_lib.plots.cycle_detection.calendar import plot_sales_calendar, plot_season
from retention_lib.plots.cycle_detection.lapse import plot_lapse_race
from retention_lib.plots.cycle_detection.return_curve import plot_gap_histogram, plot_return_curve
from retention_lib.plots.cycle_detection.strata import plot_strata
from retention_lib.plots.data_audit.history import plot_monthly_sales
from retention_lib.plots.retention_rate.cohorts import plot_cohorts
from retention_lib.plots.retention_rate.growth import plot_growth
from retention_lib.plots.retention_rate.parts import plot_parts
from retention_lib.plots.retention_rate.rates import plot_flow, plot_rates
from retention_lib.plots.retention_rate.second_purchase import plot_second_purchase
from retention_lib.plots.style import COLOURS, png, show
from retention_lib.speech import Speech

__all__ = [
    "COLOURS",
    "Speech",
    "plot_alive",
    "plot_calibration",
    "plot_cohorts",
    "plot_flow",
    "plot_gap_histogram",
    "plot_growth",
    "plot_lapse_race",
    "plot_monthly_sales",
    "plot_new_customers",
    "plot_parts",
    "plot_rates",
    "plot_record",
    "plot_return_curve",
    "plot_sales_calendar",
    "plot_season",
    "plot_second_purchase",
    "plot_strata",
    "plot_tracking",
    "plot_tracking_total",
    "plot_value_at_risk",
    "plot_value_distribution",
    "plot_value_lorenz",
    "png",
    "show",
]
