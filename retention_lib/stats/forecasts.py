"""Forecasts of a total by their own record: where the centre lies, and how wide the range is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import exp, hypot, sqrt
from typing import NamedTuple

USUAL_ERROR = 0.1  # of the logarithm of a total, where no forecast has been put to the test
USUAL_WEIGHT = 4  # forecasts that this counts for

LEAST_FORECASTS = 3  # of which fewer move nothing
LEAST_DAYS = 182  # that they look ahead: shorter ones gain nothing by being moved
_TAU = 0.1  # how far a shop's forecasts usually lean, in logarithms
_PRIOR_SD = 0.15  # how far the errors of one shop usually lie apart
_PRIOR_WEIGHT = 2  # windows that this counts for


class Moved(NamedTuple):
    """By how much earlier errors move the logarithm of a forecast, and what that is made of.

    ``shift`` = ``mean`` x ``kept``; ``windows`` is how many of the forecasts do not overlap.
    """

    shift: float
    mean: float
    kept: float
    windows: int

    @property
    def factor(self) -> float:
        """By what a total is multiplied."""
        return exp(self.shift)


def centre(errors: Sequence[float], origins: Sequence[date], days: int) -> Moved:
    """Return by how much forecasts that have ended move the next one.

    The mean m of the errors, whose weights halve with every span of ``days`` back, is believed in
    part: shift = m tau^2 / (tau^2 + v / K), tau being .1, v their variance, in which .15^2 counts for
    two windows, and K the number of windows that do not overlap. Under three forecasts, or 182
    days, none of it is.

    Parameters
    ----------
    errors
        Of each forecast ln (actual / predicted).
    origins
        The day on which each was made.
    days
        How far each looked ahead.
    """
    if not errors:
        return Moved(0.0, 0.0, 0.0, 0)
    latest = max(origins)
    weights = [0.5 ** ((latest - origin).days / days) for origin in origins]
    total = sum(weights)
    mean = sum(w * e for w, e in zip(weights, errors, strict=True)) / total
    spread = sum(w * (e - mean) ** 2 for w, e in zip(weights, errors, strict=True)) / total
    windows = windows_apart(origins, days)
    if len(errors) < LEAST_FORECASTS or days < LEAST_DAYS:
        return Moved(0.0, mean, 0.0, windows)
    variance = (_PRIOR_WEIGHT * _PRIOR_SD**2 + windows * spread) / (_PRIOR_WEIGHT + windows)
    kept = _TAU**2 / (_TAU**2 + variance / windows)
    return Moved(mean * kept, mean, kept, windows)


def windows_apart(origins: Sequence[date], days: int) -> int:
    """Return how many spans of so many days that begin on these days do not overlap, at most."""
    found, free = 0, date.min
    for origin in sorted(origins):
        if origin >= free:
            found, free = found + 1, date.fromordinal(origin.toordinal() + days)
    return found


class Widened(NamedTuple):
    """The range of a total with its ingredients, as definitions have them.

    ``below`` and ``above`` are the standard deviations of earlier errors on either side beyond what
    the model allowed for, ``factor`` the quantile of Student's t.
    """

    interval: tuple[float, float]
    below: float
    above: float
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
    total: float,
    own: float,
    errors: Sequence[tuple[float, float]],
    shift: float = 0.0,
    level: float = 0.95,
) -> Widened:
    """Return the range of a moved total, on either side as wide as earlier forecasts were wrong there.

    It is total x exp(-+ t sqrt(s^2 + s_t^2)), t being Student's quantile with 4 + K degrees of
    freedom. Above, s_t^2 = (4 x .1^2 + 2 sum of max(0, d^2 - s^2)) / (4 + K) over the errors d > 0 that the
    shift leaves; below over those with d < 0. Where errors fall on both sides alike, that is the
    range of one width, with the sum over all of them.

    Parameters
    ----------
    total
        As it is told: moved by the shift.
    own
        The model's own standard deviation s of the logarithm of the total.
    errors
        Of each of K earlier forecasts ln (actual / predicted), and the model's own standard
        deviation then.
    shift
        By how much they move the logarithm of the forecast: d is what is left, error - shift.
    """
    from scipy.special import stdtrit

    weight = USUAL_WEIGHT + len(errors)
    left = [(error - shift, spread) for error, spread in errors]
    below = _beyond([(d, spread) for d, spread in left if d < 0], weight)
    above = _beyond([(d, spread) for d, spread in left if d > 0], weight)
    factor = float(stdtrit(weight, (1 + level) / 2))
    low, high = (exp(factor * hypot(own, side)) for side in (below, above))
    return Widened((total / low, total * high), below, above, factor)


def _beyond(errors: Sequence[tuple[float, float]], weight: int) -> float:
    """Return the standard deviation of errors on one side beyond what the model allowed for."""
    beyond = sum(max(0.0, error**2 - spread**2) for error, spread in errors)
    return sqrt((USUAL_WEIGHT * USUAL_ERROR**2 + 2 * beyond) / weight)
