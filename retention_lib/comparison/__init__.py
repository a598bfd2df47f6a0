"""What has changed: today against an earlier run, and two runs side by side."""

from retention_lib.comparison.earlier import (
    ORDER,
    WHOLE_HISTORY,
    Figures,
    Past,
    compared,
    effects,
    figures,
)
from retention_lib.comparison.side_by_side import (
    Comparison,
    Row,
    Side,
    difference_interval,
    side_by_side,
)

__all__ = [
    "ORDER",
    "WHOLE_HISTORY",
    "Comparison",
    "Figures",
    "Past",
    "Row",
    "Side",
    "compared",
    "difference_interval",
    "effects",
    "figures",
    "side_by_side",
]
