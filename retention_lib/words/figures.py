"""Single figures that are compared, with an earlier day or another run: their names and values."""

from __future__ import annotations

from typing import Final

from retention_lib.results import Interval
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import UNKNOWN, cell
from retention_lib.words.labels import Labels, label

NAMES: Labels = mark(
    {
        "returning_rate": "Established customers who came back",
        "retained_rate": "All customers who came back",
        "first_time_rate": "First-time buyers who came back",
        "second_purchase_rate": "First purchases that led to a second",
        "no_churn_expectation": "Would come back if nobody had left",
        "quick_ratio": "Customers gained for each one lost",
        "gross_revenue_retention": "Revenue kept",
        "net_revenue_retention": "Revenue kept, with what grew",
        "repeat_revenue_share": "Revenue from repeat purchases",
        "start_customers": "Customers of the earlier window",
        "end_customers": "Customers of the later window",
        "new_customers": "New customers",
        "lost_customers": "Customers who stayed away",
        "retained_customers": "Customers who stayed",
        "resurrected_customers": "Customers back after a pause",
        "customers": "Customers on record",
        "occasions": "Purchases on record",
        "total_clv": "Value expected of all customers",
    }
)
_UNITS: Final = {"quick_ratio": "number", "total_clv": "money"}


def name(figure: str, speech: Speech) -> str:
    """Return the name of a figure."""
    return label(NAMES, figure, speech)


def value(figure: str, x: float | None, speech: Speech, ci95: Interval | None = None) -> str:
    """Return a figure in its unit, with its interval if any: 57.1% (54.6% to 59.6%)."""
    unit = _unit(figure)
    if x is None or ci95 is None:
        return cell(x, unit, speech)
    return _with_interval(speech.said(x, unit), speech.said(ci95, f"range {unit}"), speech)


def difference(figure: str, x: float | None, speech: Speech, ci95: Interval | None = None) -> str:
    """Return by how much a figure differs, with its sign and its interval if any."""
    if x is None:
        return UNKNOWN
    unit = _unit(figure)
    said = speech.points(x) if unit == "share" else _signed(x, unit, speech)
    if ci95 is None:
        return said
    ends = speech.range(ci95, lambda end: _signed(end, unit, speech))
    return _with_interval(said, ends, speech)


def _with_interval(said: str, ends: str, speech: Speech) -> str:
    return speech.text("{figure} ({ends})", figure=said, ends=ends)


def _unit(figure: str) -> str:
    if figure.endswith(("_rate", "_share", "_retention", "_expectation")):
        return "share"
    return _UNITS.get(figure, "count")


def _signed(x: float, unit: str, speech: Speech) -> str:
    """Return a difference with its sign, but without its unit."""
    if unit == "share":
        return speech.signed(100 * x, 1)
    return speech.signed(x, 2 if unit == "number" else 0)
