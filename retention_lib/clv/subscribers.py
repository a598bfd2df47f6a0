"""What subscribers are worth: as many charges as renewals let them pay, whatever others buy.

Once in a billing period a subscriber is charged, unless the period is left out, which happens
with the same chance each time. After a charge the subscriber may end: the chance is that of the
shifted beta-geometric at so many charges (:mod:`retention_lib.models.sbg`), which is theirs whose
charges so far are as many. It shows when the next charge is due and does not come.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats as distributions

from retention_lib.clv.next_purchases import LEAST_ALIVE
from retention_lib.clv.valuation import Terms
from retention_lib.models import sbg
from retention_lib.models.purchase_model import FitError
from retention_lib.models.units import DAYS_PER_MONTH, AnnualRate, Span
from retention_lib.results import SubscriberValue
from retention_lib.stats import Floats
from retention_lib.summaries.subscriptions import due_days, period_days

_TAIL = 0.05  # of each side of a range


@dataclass(frozen=True)
class Renewals:
    """How the subscribers of one billing period go on.

    ``days`` from charge to charge if none is left out, ``paused`` the chance that one is;
    ``once`` are the fewest and the most days of silence after which the next charge comes, ``twice``
    those after which it does if one is left out: whoever is silent for longer has ended. ``hazard``
    gives the chance to end after the n-th charge.
    """

    days: float
    paused: float
    once: tuple[int, int]
    twice: tuple[int, int]
    hazard: Callable[[Floats], Floats]


def renewals(
    charges: pd.DataFrame, pauses: pd.DataFrame, early: pd.DataFrame | None = None
) -> dict[str, Renewals]:
    """Return how subscribers go on, for each billing period of which that is known.

    Parameters
    ----------
    charges, pauses
        As :mod:`retention_lib.summaries.subscriptions` gives them.
    early
        Second and third charges, as
        :func:`retention_lib.summaries.young_subscribers.early_charges` gives them.

    Returns
    -------
    dict
        By billing period. Where the shifted beta-geometric cannot be fitted, all charges end
        alike; where it is not known yet of any charge whether another followed, there is none.
    """
    known = charges.groupby("period")
    # without a renewal there is no gap
    gaps = pauses.set_index("period").reindex(list(known.groups), fill_value=0).to_dict("index")
    first = pd.DataFrame(columns=["period", "charge", "again", "ended"]) if early is None else early
    return {
        str(name): _renewals(str(name), own, gaps[name], first[first["period"] == name])
        for name, own in known
    }


def _renewals(
    period: str, charges: pd.DataFrame, pauses: dict[Hashable, Any], early: pd.DataFrame
) -> Renewals:
    """Return them of one billing period."""
    gaps, days, paused = (float(pauses[name]) for name in ("gaps", "days", "paused"))
    # a gap in which a charge was left out lasts two billing periods
    each = days / (gaps + paused) if gaps else period_days(period)
    # half a gap more of each kind: a few gaps must not rule one out
    left_out = (paused + 0.5) / (gaps + 1)
    spans = due_days(period, 1), due_days(period, 2)
    return Renewals(each, left_out, *spans, _from_the_second(early, _hazard(charges)))


def _from_the_second(
    early: pd.DataFrame, later: Callable[[Floats], Floats]
) -> Callable[[Floats], Floats]:
    """Return the hazard with that of second and third charges, each as a plain share."""
    # half a charge more of each kind: a few charges must not rule one out
    shares = {
        float(row["charge"]): (row["ended"] + 0.5) / (row["ended"] + row["again"] + 1)
        for row in early.to_dict("records")
    }

    def hazard(charge: Floats) -> Floats:
        number = np.asarray(charge, dtype=float)
        found = later(np.maximum(number, sbg.FIRST_CHARGE))
        for early_one, share in shares.items():
            found = np.where(number == early_one, share, found)
        return np.asarray(found)

    return hazard


def _hazard(charges: pd.DataFrame) -> Callable[[Floats], Floats]:
    try:
        model = sbg.fit_charges(charges)
    except FitError:
        ended, again = float(charges["ended"].sum()), float(charges["again"].sum())
        return lambda charge: np.full(np.shape(charge), ended / (ended + again))
    return lambda charge: sbg.hazard(model.alpha, model.beta, charge - sbg.FIRST_CHARGE + 1)


def p_subscribed(own: Renewals, charges: ArrayLike, silent_days: ArrayLike) -> Floats:
    """Return the chance that one is still subscribed: 1 as long as the next charge may be due.

    After one missed charge, Bayes' rule gives the chance that it was only left out (``paused``);
    after two, nobody is subscribed.
    """
    silent = np.asarray(silent_days, dtype=float)
    ended = own.hazard(np.asarray(charges, dtype=float))
    still = (1 - ended) * own.paused
    missed = np.divide(still, ended + still, out=np.ones_like(still), where=ended + still > 0)
    return np.where(silent <= own.once[1], 1.0, np.where(silent <= own.twice[1], missed, 0.0))


@dataclass(frozen=True)
class Charges:
    """The charges to come of several subscribers, a row each.

    ``at_least`` holds the chances of 1, 2, ... charges or more, ``discounted`` the expected
    number with each discounted to today.
    """

    at_least: Floats
    discounted: Floats

    @property
    def expected(self) -> Floats:
        """The expected number of charges."""
        return np.asarray(self.at_least.sum(axis=1))

    @property
    def variance(self) -> Floats:
        """The variance of the number of charges."""
        odd = 2 * np.arange(1, self.at_least.shape[1] + 1) - 1
        return np.asarray(self.at_least @ odd - self.expected**2)

    def quantile(self, share: float) -> NDArray[np.int64]:
        """Return the fewest charges that are exceeded with a chance of at most 1 - ``share``."""
        # chances are sums, so that one of exactly 1 - share may come out a little above it
        return np.asarray((self.at_least > 1 - share + 1e-12).sum(axis=1))


def charges_ahead(
    own: Renewals, charges: ArrayLike, silent_days: ArrayLike, ahead: Span, rate: AnnualRate
) -> Charges:
    """Return the charges within a time ahead of subscribers in these states.

    The k-th charge comes if one renews k times, and in the i-th billing period ahead if i - k of
    those before it were left out: a negative binomial, apart from the renewals.

    Parameters
    ----------
    charges, silent_days
        Charges so far, and days since the latest.
    ahead
        How far to look; what falls due in a month is discounted from the end of that month.
    """
    done, silent = (np.asarray(it, dtype=float)[:, None] for it in (charges, silent_days))
    late = silent > own.once[1]
    slots = np.arange(1.0, int(ahead.in_days / own.days) + 3)
    due = np.maximum((slots + late) * own.days - silent, 0.0)
    within = np.where(due <= ahead.in_days, 1.0, 0.0)
    # k charges in i periods, the last of them one: rows i, columns k
    falls = distributions.nbinom.pmf(slots[:, None] - slots, slots, 1 - own.paused)
    renewed = 1 - own.hazard(done + slots - 1)
    # who is subscribed though a charge is late has renewed already
    renewed[:, :1] = np.where(late, p_subscribed(own, done, silent), renewed[:, :1])
    left = np.cumprod(renewed, axis=1)
    months = np.maximum(np.ceil(due / DAYS_PER_MONTH), 1)
    worth = within * rate.worth(Span.months(months))
    return Charges(left * (within @ falls), np.sum(left * (worth @ falls), axis=1))


def next_days(
    own: Renewals, charges: Floats, silent_days: Floats, longest: int
) -> dict[str, Floats]:
    """Return in how many days the next charge comes, of subscribers who still are.

    Half of the next charges have come after ``next_purchase``; none comes before
    ``next_purchase_from`` by the tolerance of the billing period, nor do more than one in ten come
    after ``next_purchase_to``, periods left out counted. Missing later than ``longest``, and of
    those who have more likely ended than not.
    """
    late = silent_days > own.once[1]
    half, most = (_periods(own, share) for share in (0.5, 0.9))
    dues = {
        "next_purchase": np.where(late, 2, half) * own.days,
        "next_purchase_from": np.where(late, own.twice[0], own.once[0]),
        "next_purchase_to": np.where(late | (most > 1), own.twice[1], own.once[1]),
    }
    still = p_subscribed(own, charges, silent_days) >= LEAST_ALIVE
    ahead = {name: np.maximum(np.floor(due + 0.5) - silent_days, 1.0) for name, due in dues.items()}
    return {name: np.where(still & (days <= longest), days, np.nan) for name, days in ahead.items()}


def _periods(own: Renewals, share: float) -> int:
    """Return after how many billing periods, one or two, this share of the next charges has come."""
    return 1 if 1 - own.paused >= share else 2


def scores(
    states: pd.DataFrame, known: dict[str, Renewals], terms: Terms, silence: Span | None = None
) -> pd.DataFrame:
    """Return, once per distinct state of subscribers, what they are expected to do.

    Parameters
    ----------
    states
        As :func:`retention_lib.summaries.subscribers.states` gives them.
    known
        As :func:`renewals` gives them; other billing periods have no scores.
    silence
        How long nothing may come before customers count as lapsed; None: nobody can.

    Returns
    -------
    pandas.DataFrame
        The states with

        - p_alive: chance of still being subscribed
        - expected_purchases: charges within the horizon
        - discounted_purchases: the same, each month discounted to today
        - purchases_low, purchases_high: range that holds at least 90 % of the numbers of charges
        - worth_low, worth_high: the same, since each charge is worth the same
        - variance: of the number of charges
        - next_purchase, next_purchase_from, next_purchase_to: days until the next charge is due, as
          :func:`next_days` gives them
        - lapse_chance: chance of no charge within ``silence``; only where it is given
    """
    parts = [
        _scored(states[states["period"] == period], own, terms, silence)
        for period, own in known.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else states.iloc[:0]


def _scored(
    states: pd.DataFrame, own: Renewals, terms: Terms, silence: Span | None
) -> pd.DataFrame:
    state = states["charges"].to_numpy(dtype=float), states["silent_days"].to_numpy(dtype=float)
    coming = charges_ahead(own, *state, terms.months.last, terms.rate)
    low, high = coming.quantile(_TAIL), coming.quantile(1 - _TAIL)
    scored = states.assign(
        p_alive=p_subscribed(own, *state),
        expected_purchases=coming.expected,
        discounted_purchases=coming.discounted,
        purchases_low=low,
        purchases_high=high,
        worth_low=low,
        worth_high=high,
        variance=coming.variance,
        **next_days(own, *state, int(terms.months.last.in_days)),
    )
    if silence is None:
        return scored
    soon = charges_ahead(own, *state, silence, terms.rate)
    return scored.assign(lapse_chance=1 - soon.at_least[:, 0])


# --- all of them ---


def charge_margin(scored: pd.DataFrame, terms: Terms) -> float | None:
    """Return the share of a charge that counts as value; None where customers have no value."""
    if scored.empty or terms.no_margin or not (scored["charge"] > 0).any():
        return None
    return terms.margin or 1.0


@dataclass(frozen=True)
class Total:
    """What all subscribers are expected to do or are worth, and its standard deviation."""

    expected: float = 0.0
    deviation: float = 0.0


def purchases(scored: pd.DataFrame) -> Total:
    """Return the charges of all subscribers within the horizon."""
    if scored.empty:
        return Total()
    customers = scored["customers"].to_numpy(dtype=float)
    expected, variance = (
        float(scored[name].to_numpy(dtype=float) @ customers)
        for name in ("expected_purchases", "variance")
    )
    return Total(expected, float(np.sqrt(variance)))


def value(scored: pd.DataFrame, margin: float) -> Total:
    """Return what the charges of all subscribers are worth, each at the customer's own charge.

    Parameters
    ----------
    margin
        Share of a charge that counts as value.
    """
    return _brought(scored, margin, "discounted_purchases")


def revenue(scored: pd.DataFrame) -> Total:
    """Return what the charges of all subscribers bring, not discounted, whatever they cost."""
    return _brought(scored, 1.0, "expected_purchases")


def _brought(scored: pd.DataFrame, margin: float, counted: str) -> Total:
    if scored.empty:
        return Total()
    charge, squared, variance, expected, discounted = (
        scored[name].to_numpy(dtype=float)
        for name in ("charge", "squared", "variance", "expected_purchases", counted)
    )
    # all charges of a customer count as discounted alike
    discount = np.divide(discounted, expected, out=np.zeros_like(expected), where=expected > 0)
    deviation = np.sqrt(np.nansum(squared * variance * discount**2))
    return Total(margin * float(np.nansum(charge * discounted)), margin * float(deviation))


def by_period(scored: pd.DataFrame, margin: float | None) -> list[SubscriberValue]:
    """Return what the subscribers of each billing period are worth who have not ended.

    Parameters
    ----------
    margin
        Share of a charge that counts as value; None where customers have no value.
    """
    return [
        SubscriberValue.model_validate(
            {
                "period": period,
                "customers": int(own.loc[own["p_alive"] > 0, "customers"].sum()),
                "expected_purchases": purchases(own).expected,
                "value": None if margin is None else value(own, margin).expected,
            }
        )
        for period, own in scored.groupby("period")
    ]
