"""Gamma-Gamma: what will a customer spend per occasion?

Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value: what a customer spends is
gamma (p, nu) each time, and nu differs between customers as gamma (q, v). There how much and how
often are unrelated. Here the scale of a customer with x repeat occasions is v (1 + x) ^ power, and
a power of 0 is Gamma-Gamma itself. It stays unless three things tell another:

- the likelihood ratio at 1 %
- the means of customers alone, whatever the distribution, at 1 % and in the same direction. In
  made-up shops whose spend is lognormal and unrelated, the ratio found a power in up to all of
  them, the means in at most one in a hundred
- the size, by both at least .2. In made-up shops that had less, leaving it out cost single
  customers under a tenth of their accuracy, and nothing of the total
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from retention_lib.models import lifetimes_adapter, own_means
from retention_lib.models.newton import LogLikelihood, Maximum, maximum
from retention_lib.models.purchase_model import START, BoundaryError, FitError, Floats

NAME = "Gamma-Gamma"
PARAMETERS = ("p", "q", "v")
_DIGITS = 6  # of money
TELLING: Final = 6.63  # the 1 % point of chi-squared with one degree of freedom
LEAST_POWER: Final = 0.2
_TWO_SIDED = 1.96


@dataclass(frozen=True)
class SpendModel:
    """A fitted Gamma-Gamma model; ``v`` is in the client's currency.

    ``covariance_log`` is the covariance of the logarithms of p, q and v, and of ``power`` where it
    has an interval: without one it is 0. ``correlation`` is Spearman's. ``fitter`` is the lifetimes
    object, which knows no power: None with one.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    customers: int
    correlation: float
    power: float = 0.0
    power_ci95: tuple[float, float] | None = None
    standard_errors: dict[str, float] = field(default_factory=dict, repr=False)
    covariance_log: Floats | None = field(default=None, repr=False, compare=False)
    fitter: Any = field(default=None, repr=False, compare=False)

    def scale(self, frequency: Any) -> Any:
        """Return the scale of customers with so many repeat occasions, v where power is 0."""
        return self.v * (1 + frequency) ** self.power if self.power else self.v

    def expected_spend(self, frequency: Any, monetary: Any) -> Any:
        """Return expected spend per occasion (eq. 5); arrays and Ibis columns alike.

        ``monetary`` may be anything finite where ``frequency`` is 0.
        """
        spent = self.scale(frequency) + frequency * monetary
        return self.p * spent / (self.p * frequency + self.q - 1)


def fit(counts: pd.DataFrame) -> SpendModel:
    """Fit Gamma-Gamma by maximum likelihood on repeat buyers.

    Parameters
    ----------
    counts
        Columns ``frequency``, ``monetary`` (both positive), ``customers`` (the weight).

    Raises
    ------
    BoundaryError
        If the parameters have no end, as where everybody spends the same each time.
    FitError
        If the search does not converge or the mean spend is not finite (q up to 1).
    """
    x, spend, customers = (
        counts[name].to_numpy(dtype=float) for name in ("frequency", "monetary", "customers")
    )
    size = float(customers.sum())
    if not (size > 0 and (x > 0).all() and (spend > 0).all() and np.isfinite(spend).all()):
        raise FitError("no_spend", model=NAME)
    unit = float(np.average(spend, weights=customers))

    def likelihood(params: Floats) -> LogLikelihood:
        return derivatives(params, x, spend / unit, customers)

    found = _best(likelihood, size, *own_means.power_by_means(x, spend, customers))
    if found.params[1] <= 1:
        raise FitError("no_mean_spend", model=NAME)
    return _model(found, unit, counts)


def _best(
    likelihood: Callable[[Floats], LogLikelihood], size: float, power: float, error: float
) -> Maximum:
    """Return the maximum, with a power where that is told, else without.

    Parameters
    ----------
    power, error
        As the means of customers tell them.
    """
    start = np.full(3, START)
    try:
        plain = maximum(NAME, likelihood, start, size)
    except BoundaryError as bound:  # what no Gamma-Gamma describes, one with a power may
        found = _with_power(start, bound.reached, likelihood, size, power, error)
        if found is None:
            raise
        return found
    known = np.log(plain.params)
    return _with_power(known, plain.value, likelihood, size, power, error) or plain


def _tell(power: float, error: float) -> bool:
    """Return whether the means of customers tell a power that matters."""
    return abs(power) >= max(LEAST_POWER, error * float(np.sqrt(TELLING)))


def _with_power(
    start: Floats,
    least: float,
    likelihood: Callable[[Floats], LogLikelihood],
    size: float,
    power: float,
    error: float,
) -> Maximum | None:
    """Return the maximum with a power, if it tells clearly what the means of customers tell.

    Parameters
    ----------
    start, least
        Logarithms of p, q and v to start from, and the log-likelihood without a power.
    """
    if not _tell(power, error):
        return None
    try:
        found = maximum(NAME, likelihood, np.append(start, 0.0), size)
    except FitError:  # no more is known of it, or it is 0 to the last digit
        return None
    clear = 2 * (found.value - least) > TELLING
    alike = np.log(found.params[3]) * np.sign(power) >= LEAST_POWER
    return found if clear and alike else None


def _model(found: Maximum, unit: float, counts: pd.DataFrame) -> SpendModel:
    p, q, v = (float(value) for value in found.params[:3] * [1, 1, unit])
    customers = float(counts["customers"].sum())
    errors = found.standard_errors[:3] * [1, 1, unit]
    related = len(found.params) > len(PARAMETERS)
    fitter = None if related else lifetimes_adapter.spend_fitter(PARAMETERS, found, unit, counts)
    return SpendModel(
        p=p,
        q=q,
        v=v,
        log_likelihood=found.value - customers * float(np.log(unit)),
        customers=int(customers),
        correlation=correlation(counts),
        standard_errors=dict(zip(PARAMETERS, errors.tolist(), strict=True)),
        covariance_log=found.covariance_log,
        fitter=fitter,
        **(_power(found) if related else {}),
    )


def _power(found: Maximum) -> dict[str, Any]:
    power = float(np.log(found.params[3]))
    half = _TWO_SIDED * float(np.sqrt(found.covariance_log[3, 3]))
    return {"power": power, "power_ci95": (power - half, power + half)}


def derivatives(params: Floats, x: Floats, spend: Floats, customers: Floats) -> LogLikelihood:
    """Return the log-likelihood (equation 1a) of all customers, with derivatives by the parameters.

    Of one it is ln gamma(p x + q) / gamma(p x) gamma(q) + q ln V + (p x - 1) ln m + p x ln x
    - (p x + q) ln (V + x m), m being the mean spend and V = v c ^ ln(1 + x) the customer's scale.

    Parameters
    ----------
    params
        p, q, v and c = exp(power), which is positive as searches want it; without c it is 1.
    """
    number = len(params)
    four = np.append(params, 1.0)[:4]
    whole = LogLikelihood.sum(
        [_by_frequency(four, x, customers), _by_spend(four, x, spend, customers)]
    )
    return LogLikelihood(whole.value, whole.gradient[:number], whole.hessian[:number, :number])


def _by_frequency(params: Floats, x: Floats, customers: Floats) -> LogLikelihood:
    """Return what depends on x alone: ln gamma(p x + q) / (gamma(p x) gamma(q)) + q ln V."""
    from scipy.special import gammaln, polygamma, psi

    p, q, v, c = params
    frequency, which = np.unique(x, return_inverse=True)
    n = np.bincount(which, customers)
    own, both, log = p * frequency, p * frequency + q, np.log1p(frequency)
    log_scale = np.log(v) + log * np.log(c)
    value = n @ (gammaln(both) - gammaln(own) - gammaln(q) + q * log_scale)
    by_p = frequency * (psi(both) - psi(own))
    of_c = n @ log / c
    gradient = [n @ by_p, n @ (psi(both) - psi(q) + log_scale), n.sum() * q / v, q * of_c]
    pp = n @ (frequency**2 * (polygamma(1, both) - polygamma(1, own)))
    pq = n @ (frequency * polygamma(1, both))
    qq = n @ (polygamma(1, both) - polygamma(1, q))
    qv, vv, cc = n.sum() / v, -n.sum() * q / v**2, -q * of_c / c
    hessian = np.array([[pp, pq, 0, 0], [pq, qq, qv, of_c], [0, qv, vv, 0], [0, of_c, 0, cc]])
    return LogLikelihood(float(value), np.array(gradient, dtype=float), hessian)


def _by_spend(params: Floats, x: Floats, spend: Floats, customers: Floats) -> LogLikelihood:
    """Return what is left: p x ln (x m) - ln m - (p x + q) ln (V + x m)."""
    p, q, v, c = params
    log, whole, both = np.log1p(x), x * spend, p * x + q
    by_v = c**log  # the scale's derivatives by v and by c, each by parameter
    scale = v * by_v
    slopes = np.stack([by_v, scale * log / c])
    shared = 1 / (scale + whole)
    value = customers @ (p * x * np.log(whole) - np.log(spend) - both * np.log(scale + whole))
    by_p, by_q = x * np.log(whole * shared), np.log(shared)
    by = np.stack([by_p, by_q, *(-both * shared * slopes)])
    hessian = np.zeros((4, 4))
    hessian[0, 2:] = -(slopes * shared * x) @ customers
    hessian[1, 2:] = -(slopes * shared) @ customers
    hessian += hessian.T
    curved = (slopes * customers * both * shared**2) @ slopes.T
    bent = customers * both * shared
    twice = bent @ (by_v * log / c), bent @ (scale * log * (log - 1) / c**2)
    hessian[2:, 2:] = curved - np.array([[0, twice[0]], [twice[0], twice[1]]])
    return LogLikelihood(float(value), by @ customers, hessian)


def correlation(counts: pd.DataFrame) -> float:
    """Return Spearman's correlation of frequency and spend over repeat buyers; 0 if one is constant.

    Ranks are not moved by how huge one account is.
    """
    weights = counts["customers"].to_numpy(dtype=float)
    ranks = np.stack([_ranks(counts[name], weights) for name in ("frequency", "monetary")])
    table = np.cov(ranks, aweights=weights, ddof=0)
    spread = float(np.sqrt(table[0, 0] * table[1, 1]))
    return float(table[0, 1] / spread) if spread > 0 else 0.0


def _ranks(values: pd.Series, weights: Floats) -> Floats:
    """Return the rank of each value, ties in the middle, each counting as often as its weight.

    Values that differ by what sums in another order differ by are the same.
    """
    _, which = np.unique(np.round(values.to_numpy(dtype=float), _DIGITS), return_inverse=True)
    same = np.bincount(which, weights)
    return np.asarray((np.cumsum(same) - same / 2)[which])
