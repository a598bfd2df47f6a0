"""The range of a forecast of a total: as the model has it, and as earlier forecasts bear it out."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt
from typing import NamedTuple

USUAL_ERROR = 0.1  # of the logarithm of a total, where no forecast has been put to the test
USUAL_WEIGHT = 4  # forecasts that this counts for


class Widened(NamedTuple):
    """The range of a total with its ingredients, as definitions have them.

    ``record`` is the standard deviation s_t of earlier errors beyond what the model allowed for,
    ``factor`` the quantile of Student's t.
    """

    interval: tuple[float, float]
    record: float
    factor: float


def own_interval(total: float, own: float, level: float = 0.95) -> tuple[float, float]:
    """Return the range of a total if the model is right: total x exp(-+ 1.96 s).

    Parameters
    ----------
    own
        The standard deviation s of the logarithm of the total.
    """
    from scipy.special import ndtri

    far = exp(float(ndtri((1 + level) / 2)) * own)
    return total / far, total * far


def widened(
    total: float, own: float, errors: Sequence[tuple[float, float]], level: float = 0.95
) -> Widened:
    """Return the range of a total, as wide as earlier forecasts were wrong.

    It is total x exp(-+ t sqrt(s^2 + s_t^2)), t being Student's quantile with 4 + K degrees of
    freedom and s_t^2 = (4 x .1^2 + sum of max(0, e^2 - s^2)) / (4 + K).

    Parameters
    ----------
    own
        The model's own standard deviation s of the logarithm of the total.
    errors
        Of each of K earlier forecasts ln(actual / predicted), and the model's own standard
        deviation then.
    """
    from scipy.special import stdtrit

    weight = USUAL_WEIGHT + len(errors)
    beyond = sum(max(0.0, error**2 - spread**2) for error, spread in errors)
    record = sqrt((USUAL_WEIGHT * USUAL_ERROR**2 + beyond) / weight)
    factor = float(stdtrit(weight, (1 + level) / 2))
    far = exp(factor * sqrt(own**2 + record**2))
    return Widened((total / far, total * far), record, factor)
