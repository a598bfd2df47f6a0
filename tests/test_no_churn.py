"""The no-churn expectation: worked numbers, real logs, buyers whose rates and lives are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as stats_of
from scipy.special import betaln

from retention_lib import stats
from retention_lib.models import bgnbd, mbg, nbd, no_churn, purchase_model, two_clocks
from retention_lib.models.beta_geometric import BetaGeometric
from retention_lib.models.purchase_model import FitError, PurchaseModel
from retention_lib.results import Period, Why, why
from retention_lib.retention_rate import no_churn as question
from retention_lib.summaries import counts
from tests import made
from tests.conftest import occasions_of

WEEK = 7
# Fader, Hardie and Lee (2005), table 2
PARAMS = {"r": 0.2425945, "alpha": 4.413603, "a": 0.792922, "b": 2.425906}


def with_leaving(name: str, params: dict[str, float]) -> PurchaseModel:
    with purchase_model.quiet():
        from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter

    model, fitter = {
        "BG/NBD": (bgnbd.BgNbd, BetaGeoFitter()),
        "MBG/NBD": (mbg.MbgNbd, ModifiedBetaGeoFitter()),
    }[name]
    fitter.params_ = pd.Series(params)
    return model(params, {}, 0.0, fitter)


def states(rows: list[tuple[int, float, float]]) -> pd.DataFrame:
    """Customers of x, t_x and T, times in weeks."""
    table = pd.DataFrame(rows, columns=["frequency", "recency_days", "T_days"])
    return table.assign(
        recency_days=table["recency_days"] * WEEK, T_days=table["T_days"] * WEEK, customers=1
    )


# --- worked numbers ---


def test_one_customer_as_defined() -> None:
    model = with_leaving("BG/NBD", PARAMS)
    customer = states([(2, 30.43, 38.86)])
    alive = model.p_alive(*(customer[name] for name in ("frequency", "recency_days", "T_days")))
    r, alpha = PARAMS["r"], PARAMS["alpha"]
    brackets = [((alpha + seen) / (alpha + seen + 39)) ** (r + 2) for seen in (38.86, 30.43)]
    assert alive[0] == pytest.approx(0.7266, abs=5e-5)
    assert brackets == pytest.approx([0.2367, 0.1856], abs=5e-5)
    assert no_churn.chance_to_return(model, customer, 39 * WEEK)[0] == pytest.approx(
        0.7773, abs=5e-5
    )


def test_poisson_buyers_of_two_per_window_are_expected_at_865() -> None:
    model = nbd.Nbd({"r": 1e6, "alpha": 1e6 / 2 * 26}, {}, 0.0)  # 2 in 26 weeks
    chance = no_churn.chance_to_return(model, states([(0, 0, 40), (9, 50, 60)]), 26 * WEEK)
    assert chance == pytest.approx(0.865, abs=5e-4)


# --- what the formula means: the chance by the customer's own rate, whether or not he has left ---

STATES = [(0, 0.0, 30.0), (2, 30.43, 38.86), (7, 10.0, 38.0), (150, 38.5, 39.0), (90, 20.0, 22.0)]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD"])
def test_it_is_the_chance_by_his_own_rate_whether_or_not_he_has_left(
    name: str, state: tuple[int, float, float]
) -> None:
    """Integrated over every rate and every chance to leave, each as likely as the purchases say."""
    x, t_x, age = state
    ahead, turns = 20.0, x + (name == "MBG/NBD")
    r, alpha, a, b = PARAMS.values()
    y = np.linspace(-120, 8, 40_000)
    rate = np.exp(y)
    weight = stats_of.gamma(r, scale=1 / alpha).pdf(rate) * rate

    def over_rate(values: Any) -> float:
        return float(np.trapezoid(values * weight, y))

    buys = -np.expm1(-rate * ahead)
    here, gone = (np.exp(x * y - rate * seen) for seen in (age, t_x))
    stays = np.exp(betaln(a, b + turns) - betaln(a, b))
    leaves = np.exp(betaln(a + 1, b + turns - 1) - betaln(a, b)) if turns else 0.0
    total = stays * over_rate(here) + leaves * over_rate(gone)
    expected = (stays * over_rate(here * buys) + leaves * over_rate(gone * buys)) / total
    found = no_churn.chance_to_return(with_leaving(name, PARAMS), states([state]), 20 * WEEK)
    assert found[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD"])
def test_customers_of_two_thousand_purchases_have_a_chance(name: str) -> None:
    rows = [(x, t_x, 150.0) for x in (131, 132, 500, 2000) for t_x in (10.0, 100.0, 150.0)]
    for model in (with_leaving(name, PARAMS), nbd.Nbd(PARAMS, {}, 0.0)):
        for days in (1, 21, 3650):
            chance = no_churn.chance_to_return(model, states(rows), days)
            assert np.isfinite(chance).all() and (chance > 0).all() and (chance <= 1).all()
    assert no_churn.chance_to_return(model, states(rows[-1:]), 21)[0] == pytest.approx(1)


@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD"])
def test_likelihood_with_leaving_is_that_of_lifetimes(sample: ibis.Table, name: str) -> None:
    known = counts.frequency_recency(sample, date(1997, 9, 30))
    state = purchase_model.weeks(known["frequency"], known["recency_days"], known["T_days"])
    weights, params = known["customers"].to_numpy(), np.array(list(PARAMS.values()))
    model = with_leaving(name, PARAMS)
    assert isinstance(model, BetaGeometric)
    with purchase_model.quiet():
        theirs = model.fitter._negative_log_likelihood(np.log(params), *state, weights, 0.0)
    own = model.likelihood(purchase_model.state(known), weights, WEEK)(params).value
    assert own == pytest.approx(-theirs * weights.sum())
    if name == "BG/NBD":
        assert own == pytest.approx(-9582.4292, abs=1e-2)


# --- real logs ---


@pytest.fixture(scope="module")
def cdnow_expected(cdnow: ibis.Table) -> no_churn.NoChurn:
    return no_churn.expectation(counts.frequency_recency(cdnow, date(1997, 11, 30)), 214, 212)


def test_cdnow_from_december_to_june(cdnow_expected: no_churn.NoChurn) -> None:
    assert cdnow_expected.model == "MBG/NBD"
    assert cdnow_expected.expectation == pytest.approx(0.782, abs=5e-4)
    assert cdnow_expected.by_model == pytest.approx({"MBG/NBD": 0.782, "BG/NBD": 0.748}, abs=5e-4)
    assert (round(cdnow_expected.lowest, 2), round(cdnow_expected.highest, 2)) == (0.75, 0.78)
    assert cdnow_expected.first_time is None  # nobody joined after March 1997
    assert cdnow_expected.returning == cdnow_expected.expectation
    assert set(cdnow_expected.left_out) == {"NBD"}


def test_cdnow_recounted_customer_by_customer(
    cdnow_days: pd.DataFrame, cdnow_expected: no_churn.NoChurn, cdnow: ibis.Table
) -> None:
    end = pd.Timestamp("1997-11-30")
    each = (
        cdnow_days[cdnow_days["day"] <= end].groupby("customer")["day"].agg(["min", "max", "count"])
    )
    each = each[each["max"] >= "1997-05-01"]
    assert len(each) == 7405
    params = mbg.fit(counts.frequency_recency(cdnow, end.date())).params
    r, alpha, a, b = params.values()
    x = each["count"] - 1
    t_x, age = (each["max"] - each["min"]).dt.days / 7, (end - each["min"]).dt.days / 7
    odds = a / (b + x) * ((alpha + age) / (alpha + t_x)) ** (r + x)  # of having left
    alive, ahead = 1 / (1 + odds), 212 / 7
    here = ((alpha + age) / (alpha + age + ahead)) ** (r + x)
    gone = ((alpha + t_x) / (alpha + t_x + ahead)) ** (r + x)
    expected = (1 - alive * here - (1 - alive) * gone).mean()
    assert cdnow_expected.expectation == pytest.approx(expected, rel=1e-9)


def test_complete_journey_of_three_weeks(complete_journey_days: pd.DataFrame) -> None:
    known = counts.frequency_recency(occasions_of(complete_journey_days), date(2017, 12, 10))
    found = no_churn.expectation(known, 21, 21)
    assert found.expectation == pytest.approx(0.868, abs=5e-4)
    assert 0.865 < found.lowest <= found.expectation <= found.highest < 0.87


# --- planted buyers ---

PRIOR, WINDOW = 182, 182


@dataclass(frozen=True)
class Planted:
    """What is known of the customers, and what they would do and do in the window."""

    known: pd.DataFrame
    would: float  # members' mean chance to buy in the window, whether or not they have left
    still: float  # the same of those who are still there, 0 for the others
    retained: float
    members: int
    first_time: float  # as ``would``, of first-time members


def planted(
    customers: int, seed: int, r: float | None, leaving: str = "", betas: Any = (0.8, 2.4)
) -> Planted:
    """Customers of .15 purchases a week on average, who may leave after each purchase.

    ``r``: of the gamma distribution of their rates, None for one common rate. ``leaving``: the
    model by which they leave. Times are not rounded to days.
    """
    generator = np.random.default_rng(seed)
    rate = np.full(customers, 0.15) if r is None else generator.gamma(r, 0.15 / r, customers)
    age = generator.uniform(1, 104, customers)
    last = np.full(customers, np.inf)  # the number of the repeat purchase after which he leaves
    if leaving:
        last = generator.geometric(generator.beta(*betas, customers)).astype(float)
        last -= leaving == "MBG/NBD"
    ahead = WINDOW / WEEK
    bought = generator.poisson(rate * (age + ahead))
    who = np.repeat(np.arange(customers), bought)
    when = generator.uniform(0, (age + ahead)[who])
    order = np.lexsort((when, who))
    when, number = when[order], np.arange(len(who)) - (np.cumsum(bought) - bought)[who] + 1
    kept = number <= last[who]
    before = kept & (when <= age[who])
    x = np.bincount(who[before], minlength=customers)
    t_x = np.zeros(customers)
    np.maximum.at(t_x, who[before], when[before])
    back = np.bincount(who[kept & ~before], minlength=customers) > 0
    known = states(list(zip(x, t_x, age, strict=True)))
    members = (known["T_days"] - known["recency_days"] < PRIOR).to_numpy()
    first = members & (known["T_days"] < PRIOR).to_numpy()
    would = -np.expm1(-rate * ahead)
    return Planted(
        known=known,
        would=float(would[members].mean()),
        still=float((would * (x < last))[members].mean()),
        retained=float(back[members].mean()),
        members=int(members.sum()),
        first_time=float(would[first].mean()),
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("r", [None, 1.0, 0.5])
def test_buyers_who_never_leave_come_back_as_expected(r: float | None, seed: int) -> None:
    truth = planted(6000, seed, r)
    found = no_churn.expectation(truth.known, PRIOR, WINDOW)
    p = found.expectation
    assert abs(truth.retained - p) <= 3 * np.sqrt(p * (1 - p) / truth.members)
    assert p == pytest.approx(truth.would, abs=0.01)
    assert found.first_time == pytest.approx(truth.first_time, abs=0.03)
    assert found.lowest <= p <= found.highest
    assert set(found.by_model) | set(found.left_out) == {"BG/NBD", "MBG/NBD", "NBD"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD"])
def test_buyers_who_leave_are_expected_as_if_they_had_not(name: str, seed: int) -> None:
    truth = planted(12_000, seed, 0.8, name)
    found = no_churn.expectation(truth.known, PRIOR, WINDOW)
    assert found.model == name
    assert found.expectation == pytest.approx(truth.would, abs=0.02)
    assert found.first_time == pytest.approx(truth.first_time, abs=0.03)
    # who has left already counts too: the chance of those still there alone is, with customers
    # who leave at a purchase only, nothing but the rate of those who came back
    assert truth.still < truth.would - 0.1
    assert truth.retained == pytest.approx(truth.still, abs=0.02)
    assert "NBD" not in found.by_model and found.left_out["NBD"] == "leaving_fits_better"


def test_both_populations_make_the_whole() -> None:
    truth = planted(3000, 5, 1.0, "BG/NBD")
    found = no_churn.expectation(truth.known, PRIOR, WINDOW)
    members = truth.known[truth.known["T_days"] - truth.known["recency_days"] < PRIOR]
    share = (members["T_days"] < PRIOR).mean()
    assert found.first_time is not None and found.returning is not None
    mean = share * found.first_time + (1 - share) * found.returning
    assert found.expectation == pytest.approx(mean)


def test_members_and_populations_are_cut_at_the_windows_first_day() -> None:
    """182 days before the last day of the prior window is the last day before it."""
    crowd = states([(3, 15.0, 60.0), (2, 50.0, 90.0)] * 100 + [(0, 0.0, 70.0)] * 50)
    crowd = crowd[crowd["T_days"] - crowd["recency_days"] >= PRIOR]  # no members among them
    assert crowd["customers"].sum() >= 100
    edges = {
        "silent since before it": (1, 1, PRIOR + 1),  # frequency, recency_days, T_days
        "bought last on its first day": (1, 1, PRIOR),
        "bought first on its first day": (0, 0, PRIOR - 1),
    }
    found = []
    for state in edges.values():
        one = pd.DataFrame([state], columns=["frequency", "recency_days", "T_days"])
        known = pd.concat([crowd, one.assign(customers=1)])
        try:
            found.append(no_churn.expectation(known, PRIOR, WINDOW))
        except FitError as error:
            assert "nobody_in_prior_window" in str(error)
    established, first_time = found
    assert established.first_time is None and established.returning == established.expectation
    assert first_time.returning is None and first_time.first_time == first_time.expectation


def test_rows_may_be_counted_together_or_apart() -> None:
    each = planted(1500, 6, 1.0, "BG/NBD").known.round()
    triple = ["frequency", "recency_days", "T_days"]
    together = each.groupby(triple)[["customers"]].sum().reset_index().assign(later=3)
    one, other = (no_churn.expectation(known, PRIOR, WINDOW) for known in (each, together))
    assert one == other


@pytest.mark.parametrize("leaving", ["", "BG/NBD"])
def test_a_few_who_buy_all_the_time_do_no_harm(leaving: str) -> None:
    truth = planted(3000, 8, 0.5, leaving)
    busy = states([(2000, t_x, 300.0) for t_x in (120.0, 290.0, 300.0)])
    found = no_churn.expectation(pd.concat([truth.known, busy]), PRIOR, WINDOW)
    assert found.expectation == pytest.approx(truth.would, abs=0.03)


# --- fits that are refused ---


def test_a_refused_fit_where_nobody_leaves_is_nbd() -> None:
    found = no_churn.expectation(planted(4000, 3, None).known, PRIOR, WINDOW)
    assert found.model == "NBD"
    assert set(found.left_out.values()) == {"leaving_adds_nothing"}
    assert found.by_model[found.model] == found.expectation


def refusing(monkeypatch: pytest.MonkeyPatch, *modules: Any) -> None:
    def refuse(_: pd.DataFrame) -> None:
        raise FitError("It did not converge.")

    for module in modules:
        monkeypatch.setattr(module, "fit", refuse)


@pytest.mark.slow
@pytest.mark.parametrize("refused", [(bgnbd,), (mbg,), (bgnbd, mbg)])
@pytest.mark.parametrize("name", ["BG/NBD", "MBG/NBD"])
def test_a_refused_fit_of_customers_who_do_leave_is_found_all_the_same(
    name: str, refused: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = planted(2000, 7, 0.8, name).known
    proper = no_churn.expectation(known, PRIOR, WINDOW)
    refusing(monkeypatch, *refused)
    found = no_churn.expectation(known, PRIOR, WINDOW)
    assert (found.model, found.left_out) == (name, proper.left_out)
    assert found.by_model == pytest.approx(proper.by_model, abs=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 4, 6])
def test_customers_who_all_leave_with_one_chance_are_expected_all_the_same(seed: int) -> None:
    """Fits are refused here, since a and b are anything large."""
    truth = planted(6000, seed, 0.8, "BG/NBD", betas=(2e5, 8e5))
    found = no_churn.expectation(truth.known, PRIOR, WINDOW)
    assert found.model == "BG/NBD"
    assert found.expectation == pytest.approx(truth.would, abs=0.02)


def test_few_repeat_buyers_are_refused() -> None:
    known = states([(0, 0.0, 40.0)] * 500 + [(1, 10.0, 40.0)] * 29)
    with pytest.raises(FitError, match="too_few_repeat_buyers 29 30"):
        no_churn.expectation(known, PRIOR, WINDOW)


def test_a_prior_window_without_buyers_is_refused() -> None:
    known = states([(0, 0.0, 90.0)] * 50 + [(1, 10.0, 90.0)] * 50)
    with pytest.raises(FitError, match="nobody_in_prior_window"):
        no_churn.expectation(known, PRIOR, WINDOW)


# --- a season ---

SEASON = np.array([0.8, 0.85, 0.95, 0.9, 0.85, 0.8, 0.75, 0.8, 1.0, 1.2, 1.45, 1.65])


@dataclass(frozen=True)
class Seasonal:
    """Buyers by the season, of whom some leave at each purchase; ``would``: had nobody left."""

    known: pd.DataFrame
    daily: pd.DataFrame
    periods: tuple[Period, Period]
    would: float


def seasonal(
    seed: int, begins: str, season: np.ndarray = SEASON, customers: int = 6_000
) -> Seasonal:
    """Customers who come from a day on; windows of four months, the later one from September on."""
    generator = np.random.default_rng(seed)
    days = pd.date_range(begins, "2024-12-31")
    shown = np.concatenate([[0.0], np.cumsum(season[days.month - 1] / season.mean())])
    start = int((pd.Timestamp("2024-09-01") - days[0]).days)
    first = generator.uniform(0, shown[start], customers)
    rate = generator.gamma(1.2, 1 / 60, customers)
    leaves = generator.beta(0.8, 3.0, (customers, 1))
    stays = np.logical_and.accumulate(generator.random((customers, 60)) >= leaves, axis=1)
    after = generator.exponential(1 / rate[:, None], (customers, 60)).cumsum(axis=1)
    times = np.concatenate(
        [first[:, None], np.where(stays, first[:, None] + after, np.inf)], axis=1
    )
    at = np.where(times < shown[start], np.searchsorted(shown, times, side="right") - 1, -1)
    known, daily = _known(at, start, days)
    last = at.max(axis=1)
    members = last >= int((pd.Timestamp("2024-05-01") - days[0]).days)
    would = -np.expm1(-rate * (shown[-1] - shown[start]))
    spans = ((date(2024, 5, 1), date(2024, 8, 31)), (date(2024, 9, 1), date(2024, 12, 31)))
    prior, window = (Period(start=one, end=other) for one, other in spans)
    return Seasonal(known, daily, (prior, window), float(would[members].mean()))


def _known(at: np.ndarray, start: int, days: pd.DatetimeIndex) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the customers' states on the eve of the window, and what was bought each day."""
    who, _ = np.nonzero(at >= 0)
    bought = pd.DataFrame({"who": who, "day": at[at >= 0]}).drop_duplicates()
    first = bought.groupby("who")["day"].transform("min") == bought["day"]
    own = bought.groupby("who")["day"].agg(["min", "max", "size"])
    known = pd.DataFrame(
        {
            "frequency": own["size"] - 1,
            "recency_days": own["max"] - own["min"],
            "T_days": start - 1 - own["min"],
            "customers": 1,
        }
    )
    counted = bought.assign(first=first).groupby("day")["first"].agg(["sum", "size"])
    daily = pd.DataFrame(
        {
            "day": days[counted.index],
            "first_purchases": counted["sum"].to_numpy(),
            "repeats": (counted["size"] - counted["sum"]).to_numpy(),
        }
    )
    return known, daily


def expected(world: Seasonal, daily: pd.DataFrame | None = None) -> Any:
    told = world.daily if daily is None else daily
    found = question.expectation(lambda: world.known, lambda: told, world.periods)
    assert not isinstance(found, Why), found
    return found


@pytest.mark.slow
@pytest.mark.parametrize("begins", ["2022-01-01", "2023-03-01"])
def test_the_season_is_counted_in(begins: str) -> None:
    """September to December sell a third more than an even year."""
    for seed in range(3):
        world = seasonal(seed, begins)
        found, plain = expected(world), expected(world, world.daily.iloc[:0])
        assert found.season and not plain.season and plain.window_pace == pytest.approx(1)
        assert found.window_pace == pytest.approx(1.32, abs=0.08)
        assert found.expectation == pytest.approx(world.would, abs=0.025)
        assert plain.expectation < world.would - 0.03


@pytest.mark.slow
def test_where_there_is_no_season_none_is_made_up() -> None:
    for seed in range(3):
        world = seasonal(seed, "2022-01-01", np.ones(12))
        found, plain = expected(world), expected(world, world.daily.iloc[:0])
        assert not found.season and found == plain
        assert found.expectation == pytest.approx(world.would, abs=0.03)


@pytest.mark.slow
def test_the_gain_by_a_season_is_that_of_the_model_with_one() -> None:
    """Where the chance to stay has no trend, MBG/NBD in the clock's time is MBG/NBD on two clocks."""
    world = seasonal(1, "2022-01-01", np.ones(12))
    (prior, _), known = world.periods, purchase_model.distinct(world.known)
    whole = two_clocks.fit(known, prior.end, world.daily)
    assert whole.parts == ("season", "pace", "stay") and whole.effects.leaving == 0
    season = no_churn.Season.of(whole.clock, world.daily, prior.end)
    shown = mbg.fit(no_churn._by_clock(known, season.clock))
    assert shown.log_likelihood + season.change == pytest.approx(whole.log_likelihood, abs=0.01)


def test_under_a_year_no_season_is_known() -> None:
    world = seasonal(1, "2023-10-01", customers=1_500)
    found = expected(world)
    assert not found.season and found.window_pace == pytest.approx(1)


# --- whether it can be used ---


def rated(**figures: Any) -> Any:
    """The made-up rates: of 2,221 customers 55.7 % came back, expected were 84.2 %."""
    return made.rechanged(made.full_retention(), **figures)


def changed(**figures: Any) -> Any:
    return made.full_retention().no_churn.model_copy(update=figures)


def test_a_rate_above_the_expectation_shows_it_cannot_be_right() -> None:
    """Of 1,502, .861 may be off by 2 root(.861 x .139 / 1,502) = .0178: up to .878 it is chance."""
    assert question.unusable(rated(returning_rate=0.878, returning_ci95=(0.86, 0.89))) is None
    above = rated(returning_rate=0.880, returning_ci95=(0.862, 0.896))
    assert question.unusable(above) == why(
        "above_expectation", rate=0.880, expected=0.861, customers=1_502
    )
    assert above.judged is None


def test_first_time_buyers_and_all_together_are_held_against_theirs() -> None:
    assert question.unusable(rated(first_time_rate=0.85)) == why(
        "above_expectation", rate=0.85, expected=0.803, customers=719
    )
    assert question.unusable(rated(retained_rate=0.9)) == why(
        "above_expectation", rate=0.9, expected=0.842, customers=2_221
    )


def test_models_far_apart_are_not_to_be_believed() -> None:
    near = changed(lowest=0.65, highest=0.85)
    assert question.unusable(rated(no_churn=near)) is None
    far = rated(no_churn=changed(lowest=0.64, highest=0.85))
    assert question.unusable(far) == why("models_disagree", lowest=0.64, highest=0.85)
    assert far.judged is None
    assert question.unusable(rated(no_churn=None)) is None


@given(st.floats(0.3, 0.99), st.integers(20, 100_000), st.floats(0, 1))
def test_no_verdict_stands_on_an_expectation_that_customers_exceed(
    level: float, customers: int, rate: float
) -> None:
    result = rated(
        no_churn=changed(
            returning=level, expectation=level, first_time=level, lowest=level, highest=level
        ),
        retained_rate=0.0,
        first_time_rate=0.0,
        returning_customers=customers,
        returning_rate=rate,
        returning_ci95=stats.wilson(round(rate * customers), customers),
    )
    if result.judged is None:
        assert rate > level
    elif rate >= level:
        assert (result.judged.side, result.judged.certainty) == ("unclear", "open")
