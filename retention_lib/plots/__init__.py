"""Figures: small frames and results in, matplotlib axes out.

Words and numbers come from a :class:`Speech` (``study.speech``), titles and alternative texts
from :mod:`retention_lib.words`. :func:`show` ends every cell that draws.
"""

from retention_lib.plots.data_audit.history import plot_monthly_sales
from retention_lib.plots.recommendations.concentration import plot_lorenz, plot_segments
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
    "plot_cohorts",
    "plot_flow",
    "plot_growth",
    "plot_lorenz",
    "plot_monthly_sales",
    "plot_parts",
    "plot_rates",
    "png",
    "show",
]
