"""What rate of return would be expected of customers if none of them had left?

Even customers who never leave miss a window now and then: of those who buy at random, twice in
it on average, e^-2 = 13.5 % do. A retained rate is to be read against that, not against 100 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import pandas as pd

from retention_lib.models import nbd
from retention_lib.models.beta_geometric import BetaGeometric
from retention_lib.models.bgnbd import BgNbd
from retention_lib.models.clock import EVEN, Clock
from retention_lib.models.mbg import MbgNbd
from retention_lib.models.purchase_model import (
    TRIPLE,
    FitError,
    Floats,
    PurchaseModel,
    enough_repeat_buyers,
    quiet,
    state,
    weeks,
)
from retention_lib.models.units import DAYS_PER_WEEK, Span

LEAST_GAIN = 3.84  # twice the gain in log-likelihood that a test at 5 % asks of one parameter
_LEAST_GAIN_OF_SEASON = 26.22  # at 1 %, of a season's eleven numbers and a change of pace
_NOBODY_LEAVES, _SOME_LEAVE = "leaving_adds_nothing", "leaving_fits_better"


Fitted = tuple[dict[str, PurchaseModel], dict[str, str]]


@dataclass(frozen=True)
class NoChurn:
    """The rate that would be expected if nobody had left.

    ``expectation`` is the mean of the chosen model over the members of the prior window,
    ``returning`` and ``first_time`` over the two populations of these (None without any).
    ``by_model`` holds the mean by each model that is used, ``lowest`` and ``highest`` its ends,
    ``left_out`` why each other is not: ``"leaving_adds_nothing"`` to NBD, or, of NBD itself,
    ``"leaving_fits_better"``. ``season`` says whether it was counted in, ``window_pace`` how many
    times as often as in as many even days customers buy in the window by it.
    """

    model: str
    expectation: float
    returning: float | None
    first_time: float | None
    lowest: float
    highest: float
    by_model: dict[str, float]
    left_out: dict[str, str]
    season: bool = False
    window_pace: float = 1.0


@dataclass(frozen=True)
class Season:
    """The shop's clock, and by how much it changes the log-likelihood of the days of purchases.

    A purchase on a day that runs so many times as fast as an even one is so many times as likely
    as on that: the change is the sum of the logarithms of it over all repeat purchases.
    """

    clock: Clock
    change: float

    @classmethod
    def of(cls, clock: Clock, daily: pd.DataFrame, at: date) -> Self:
        """Return the season of a clock seen from the day ``at``.

        Parameters
        ----------
        daily
            day, repeats (occasions after the first) up to that day.
        """
        ago = (pd.Timestamp(at) - pd.to_datetime(daily["day"])).dt.days.to_numpy()
        pace = DAYS_PER_WEEK * (clock.before(ago + 1) - clock.before(ago))
        return cls(clock, float(daily["repeats"].to_numpy(dtype=float) @ np.log(pace)))


def expectation(
    counts: pd.DataFrame, prior_days: int, window_days: int, season: Season | None = None
) -> NoChurn:
    """Which share of the members of the prior window would buy in the next, had nobody left?

    BG/NBD or MBG/NBD, whichever has the higher log-likelihood, says how often each member buys;
    NBD, where the two are not clearly better (twice the gain is under 3.84).

    Parameters
    ----------
    counts
        All customers known on the last day of the prior window: ``frequency``, ``recency_days``,
        ``T_days``, ``customers``.
    prior_days, window_days
        Lengths of the prior window, whose buyers are its members, and of the window after it.
    season
        As seen from the last day of the prior window. Customers buy by its time, if that makes
        their purchases likelier than chance would.

    Raises
    ------
    FitError
        With fewer than 30 repeat buyers, without members, or where no model can be fitted.
    """
    known = counts.groupby([*TRIPLE], as_index=False)[["customers"]].sum()
    members = _members(known, prior_days)
    recent = members["T_days"].to_numpy() < prior_days
    clock, (models, left_out) = _clock_and_models(known, season)
    days = DAYS_PER_WEEK * float(clock.ahead(Span.days(window_days)))
    members = _by_clock(members, clock)
    chances = {name: chance_to_return(one, members, days) for name, one in models.items()}
    by_model = {name: _mean(members, chance) for name, chance in chances.items()}
    chosen = next(iter(models))
    first_time, returning = (
        _mean(members[who], chances[chosen][who]) if who.any() else None
        for who in (recent, ~recent)
    )
    lowest, highest = min(by_model.values()), max(by_model.values())
    return NoChurn(
        chosen,
        by_model[chosen],
        returning,
        first_time,
        lowest,
        highest,
        by_model,
        left_out,
        clock is not EVEN,
        days / window_days,
    )


def _clock_and_models(known: pd.DataFrame, season: Season | None) -> tuple[Clock, Fitted]:
    """Return the clock that customers buy by, and the models fitted in its time."""
    plain = _fitted(known)
    if season is None:
        return EVEN, plain
    shown = _fitted(_by_clock(known, season.clock))
    even, seasonal = (next(iter(models.values())).log_likelihood for models, _ in (plain, shown))
    if 2 * (seasonal + season.change - even) < _LEAST_GAIN_OF_SEASON:
        return EVEN, plain
    return season.clock, shown


def _by_clock(counts: pd.DataFrame, clock: Clock) -> pd.DataFrame:
    """Return the counts with times as the clock shows them, in days of an even week each.

    So all models, which know of no calendar, are fitted and read by it.
    """
    _, recency, age = weeks(*state(counts), clock)
    return counts.assign(recency_days=DAYS_PER_WEEK * recency, T_days=DAYS_PER_WEEK * age)


def chance_to_return(model: PurchaseModel, counts: pd.DataFrame, days: float) -> Floats:
    """How likely would each customer buy in the next so many days, whether or not he has left?

    Their rate is gamma (r + x, alpha + the time they were customers): until today with P(alive),
    else until their last purchase, since it is then that customers leave.

    Parameters
    ----------
    model
        A fitted NBD, BG/NBD or MBG/NBD.
    counts
        Columns ``frequency``, ``recency_days``, ``T_days``.
    """
    known = state(counts)
    x, t_x, age = weeks(*known)
    alive, r, alpha = model.p_alive(*known), model.params["r"], model.params["alpha"]

    def silent(there: Floats) -> Floats:
        return np.asarray(np.exp(-(r + x) * np.log1p(days / DAYS_PER_WEEK / (alpha + there))))

    return np.asarray(1 - alive * silent(age) - (1 - alive) * silent(t_x))


def _members(counts: pd.DataFrame, prior_days: int) -> pd.DataFrame:
    enough_repeat_buyers(counts)
    members = counts[counts["T_days"] - counts["recency_days"] < prior_days]
    if not members["customers"].sum():
        raise FitError("nobody_in_prior_window")
    return members


def _mean(members: pd.DataFrame, chances: Floats) -> float:
    return float(np.average(chances, weights=members["customers"]))


def _fitted(counts: pd.DataFrame) -> Fitted:
    """Return the models that have a say, the best first, and why each other has none.

    A fit is refused where the purchases do not tell its parameters: because nobody leaves, and
    then it is NBD; or because all leave alike, and then its likelihood has a top at a bound.
    """
    base = nbd.fit(counts)
    leaving: dict[str, PurchaseModel] = {}
    left_out: dict[str, str] = {}
    kinds: tuple[type[BetaGeometric], ...] = (BgNbd, MbgNbd)
    for kind in kinds:
        try:
            leaving[kind.name] = kind.fit(counts)
        except FitError:
            top = _highest(kind, counts, base)
            if _better(top, base):
                leaving[kind.name] = top
            else:
                left_out[kind.name] = _NOBODY_LEAVES
    ranked = dict(sorted(leaving.items(), key=lambda one: -one[1].log_likelihood))
    if any(_better(model, base) for model in ranked.values()):
        return ranked, left_out | {base.name: _SOME_LEAVE}
    return {base.name: base, **ranked}, left_out


def _better(model: PurchaseModel, base: nbd.Nbd) -> bool:
    return 2 * (model.log_likelihood - base.log_likelihood) >= LEAST_GAIN


def _highest(kind: type[BetaGeometric], counts: pd.DataFrame, base: nbd.Nbd) -> BetaGeometric:
    """Return the model at the top of its likelihood, be it at a bound; without standard errors.

    The chance to leave is searched for by the logit of its mean a / (a + b) and by ln (a + b).
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    customers = counts["customers"].to_numpy(dtype=float)
    likelihood = kind.likelihood(state(counts), customers, DAYS_PER_WEEK)

    def params(search: Floats) -> Floats:
        (r, alpha, size), leaves = np.exp(search[[0, 1, 3]]), expit(search[2])
        return np.array([r, alpha, size * leaves, size * (1 - leaves)])

    def loss(search: Floats) -> float:
        return -likelihood(params(search)).value / float(customers.sum())

    start = [np.log(base.params["r"]), np.log(base.params["alpha"]), -2.0, 1.0]
    bounds = [(None, start[0] + 5), (None, None), (-16, 16), (-6, 12)]
    with quiet():
        found = minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13})
    named = dict(zip(("r", "alpha", "a", "b"), params(found.x).tolist(), strict=True))
    return kind(named, {}, float(-found.fun * customers.sum()))
