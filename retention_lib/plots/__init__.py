"""Figures: small frames and results in, matplotlib axes out.

Words and numbers come from a :class:`Speech` (``study.speech``), titles and alternative texts
from :mod:`retention_lib.words`. :func:`show` ends every cell that draws.
"""

from retention_lib.plots.data_audit.history import plot_monthly_sales
from retention_lib.plots.style import COLOURS, png, show
from retention_lib.speech import Speech

__all__ = [
    "COLOURS",
    "Speech",
    "plot_monthly_sales",
    "png",
    "show",
]
