"""Today against an earlier run, and two runs side by side."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from retention_lib import stats
from retention_lib.comparison import earlier as comparison
from retention_lib.comparison.earlier import ORDER, Past, compared
from retention_lib.comparison.side_by_side import Row, difference_interval, side_by_side
from retention_lib.results import ChangeName, Results, Retention, Why, Window, null_pointers, why
from retention_lib.speech import Speech
from retention_lib.words import reasons as words
from tests import made

AS_OF = date(2024, 9, 30)
RUN = "2024-09-30-0123456789ab"
CI95 = (-0.016, 0.052)
Figures = dict[ChangeName, float | None]


def today(**change: Any) -> Retention:
    """Notebook 03's answer before it is compared."""
    alone = {"previous": None, "mix_effect": None, "rate_effect": None}
    return made.changed(made.full_retention(), **(alone | change))  # type: ignore[no-any-return]


def shifted(by: float, **change: float | None) -> Figures:
    """All of today's figures, each lower by so much."""
    now = comparison.figures(today(), 8_116, 30_000)
    return {name: None if x is None else x - by for name, x in now.items()} | change  # type: ignore[return-value]


def held(
    result: Retention | None = None,
    reported: Figures | None = None,
    recomputed: Figures | None = None,
    same_window: bool = True,
    effects: tuple[float, float] | None = None,
    ci95: tuple[float, float] | None = None,
) -> Retention:
    result = result or today()
    past = Past(RUN, AS_OF, same_window, reported or shifted(0.03), recomputed or shifted(0.02))
    return compared(result, comparison.figures(result, 8_116, 30_000), past, effects, ci95)


def changes(result: Retention) -> dict[str, Any]:
    assert result.previous is not None
    return {change.name: change for change in result.previous.changes}


# --- today against an earlier run ---------------------------------------------


def test_every_figure_has_its_place() -> None:
    assert sorted(ORDER) == sorted(get_args(ChangeName))
    assert set(comparison.figures(today(), 1, 2)) == set(ORDER)
    assert comparison.figures(today(), 1, 2)["occasions"] == 2
    assert list(ORDER[:4]) == [
        "returning_rate",
        "retained_rate",
        "first_time_rate",
        "second_purchase_rate",
    ]


def test_revision_and_news_by_hand() -> None:
    reported = shifted(0.03, returning_rate=0.580, lost_customers=1_121)
    recomputed = shifted(0.02, returning_rate=0.571, retained_rate=0.540, lost_customers=1_136)
    result = held(None, reported, recomputed, effects=(-0.004, 0.021), ci95=CI95)
    assert result.previous is not None
    assert [change.name for change in result.previous.changes] == list(ORDER)
    change = changes(result)["returning_rate"]
    assert (change.reported, change.recomputed, change.now) == (0.580, 0.571, 0.589)
    assert change.revision == pytest.approx(-0.009)
    assert change.news == pytest.approx(0.018)
    lost = changes(result)["lost_customers"]
    assert (lost.revision, lost.news) == (15, 984 - 1_136)
    assert (result.mix_effect, result.rate_effect) == (-0.004, 0.021)
    assert (result.previous.run, result.previous.as_of) == (RUN, AS_OF)
    assert result.previous.returning_difference_ci95 == CI95
    assert result.previous.returning_clearly == "unclear" and result.previous.revised
    assert not {at for at in result.why_not if at.startswith(("/previous", "/mix", "/rate"))}


def test_cdnow_gains_much_by_its_mix_and_little_by_its_rates() -> None:
    """Definitions 5: from 31.7 % to 55.2 %, while returning buyers go from 50.8 % to 55.2 %."""
    result = made.retention()
    recomputed = comparison.figures(result, 23_570, 60_000) | {
        "retained_rate": 0.317,
        "returning_rate": 0.508,
    }
    first_time = (0.317 - 0.155 * 0.508) / 0.845  # 84.5 % of them; none later
    mix = 0.845 * ((0.508 + 0.552) / 2 - first_time)
    rate = (0.155 + 1) / 2 * (0.552 - 0.508)
    past = Past("1998-03-31-0123456789ab", date(1998, 3, 31), True, recomputed, recomputed)
    now = comparison.figures(result, 23_570, 67_591)
    result = compared(result, now, past, (mix, rate), None)
    assert changes(result)["retained_rate"].news == pytest.approx(0.235)
    assert changes(result)["returning_rate"].news == pytest.approx(0.044)
    assert changes(result)["returning_rate"].revision == 0
    assert (result.mix_effect, result.rate_effect) == pytest.approx((0.2096, 0.0254), abs=1e-4)
    assert "/mix_effect" not in result.why_not and "/previous" not in result.why_not


def test_everything_else_stays_what_it_was() -> None:
    result, before = held(), today()
    for name in set(Retention.model_fields) - {"why_not", "previous", "mix_effect", "rate_effect"}:
        assert getattr(result, name) == getattr(before, name), name


def test_a_second_comparison_replaces_the_first() -> None:
    first = held(reported=shifted(0.03, returning_rate=None))
    assert held(first) == held(today())


def test_another_window_repeats_only_what_no_window_measures() -> None:
    result = held(same_window=False)
    told = {name for name, change in changes(result).items() if change.reported is not None}
    assert told == {"customers", "occasions", "repeat_revenue_share"}
    rate = changes(result)["returning_rate"]
    assert rate.revision is None and rate.news == pytest.approx(0.02)
    at = list(ORDER).index("returning_rate")
    for part in ("reported", "revision"):
        reason = why("reported_by_another_window", as_of=AS_OF)
        assert result.why_not[f"/previous/changes/{at}/{part}"] == reason


def test_each_null_says_what_is_missing() -> None:
    result = held(
        today(returning_rate=None, returning_ci95=None),
        shifted(0.03, returning_rate=0.58, quick_ratio=None),
        shifted(0.02, returning_rate=None),
    )
    at, ratio = list(ORDER).index("returning_rate"), list(ORDER).index("quick_ratio")
    said = {key.removeprefix("/previous/changes/"): found for key, found in result.why_not.items()}
    assert said[f"{at}/now"] == made.REASON
    assert said[f"{at}/news"] == said[f"{at}/revision"] == said[f"{at}/recomputed"]
    assert said[f"{at}/recomputed"] == why("not_recomputed", as_of=AS_OF)
    assert said[f"{ratio}/reported"] == why("not_reported", as_of=AS_OF)
    assert said[f"{ratio}/revision"] == said[f"{ratio}/reported"]
    assert f"{ratio}/news" not in said
    assert result.why_not["/previous/returning_difference_ci95"] == made.REASON


def test_what_nobody_knows_is_left_out() -> None:
    unknown: dict[str, Any] = {"first_time_rate": None}
    result = held(today(first_time_rate=None), shifted(0.03, **unknown), shifted(0.02, **unknown))
    assert "first_time_rate" not in changes(result)
    kept = held(today(first_time_rate=None), shifted(0.03), shifted(0.02, **unknown))
    assert changes(kept)["first_time_rate"].reported is not None
    other = held(
        today(first_time_rate=None), shifted(0.03), shifted(0.02, **unknown), same_window=False
    )
    assert "first_time_rate" not in changes(other)


def test_without_any_rate_customers_are_still_compared() -> None:
    none: Figures = dict.fromkeys(ORDER) | {"customers": 90, "occasions": 100}  # type: ignore[operator]
    past = Past(RUN, AS_OF, True, none, none)
    result = made.no_retention()
    result = compared(result, comparison.figures(result, 100, 120), past, None, None)
    assert list(changes(result)) == ["customers", "occasions"]
    assert changes(result)["customers"].news == 10
    for at in ("/mix_effect", "/rate_effect", "/previous/returning_difference_ci95"):
        assert result.why_not[at] == made.REASON


def test_effects_that_do_not_add_up_are_refused() -> None:
    assert held(effects=(0.005, 0.015)).mix_effect == 0.005
    with pytest.raises(ValueError, match="do not add up"):
        held(effects=(0.005, 0.02))
    with pytest.raises(ValueError, match="do not add up"):
        held(recomputed=shifted(0.02, retained_rate=None), effects=(0.0, 0.0))


_MAYBE = st.none() | st.floats(-1e6, 1e6)
_FIGURES = st.fixed_dictionaries(dict.fromkeys(ORDER, _MAYBE))


@given(_FIGURES, _FIGURES, _FIGURES, st.booleans())
def test_every_null_has_its_sentence_and_parts_add_up(
    now: Figures, reported: Figures, recomputed: Figures, same_window: bool
) -> None:
    past = Past(RUN, AS_OF, same_window, reported, recomputed)
    result = compared(made.no_retention(), now, past, None, None)
    assert set(null_pointers(result.figures())) == set(result.why_not)
    for change in changes(result).values():
        if change.news is not None and change.revision is not None:
            whole = change.revision + change.news
            assert whole == pytest.approx(change.now - change.reported, abs=1e-6)


# --- two runs side by side ----------------------------------------------------


def results(client: str = "shop", unit: Any = "month", length: int = 7, **rates: Any) -> Results:
    window = Window(length=length, unit=unit, days=212)
    whole = made.results(
        cycle=made.changed(made.cycle(), window=window),
        retention=made.changed(made.full_retention(), **rates),
    )
    return whole.model_copy(update={"client": client})


def rows(one: Results, other: Results) -> dict[str, Row]:
    return {row.name: row for row in side_by_side(one, other).rows}


def test_newcombe_by_the_published_example() -> None:
    one, other = 45 / 150, 60 / 150
    ends = difference_interval(one, stats.wilson(45, 150), other, stats.wilson(60, 150))
    assert ends == pytest.approx((-0.205, 0.008), abs=5e-4)


@given(st.integers(0, 80), st.integers(1, 80), st.integers(0, 80), st.integers(1, 80))
def test_newcombe_agrees_with_statsmodels(part: int, n: int, other: int, m: int) -> None:
    part, other = min(part, n), min(other, m)
    ends = difference_interval(part / n, stats.wilson(part, n), other / m, stats.wilson(other, m))
    published = confint_proportions_2indep(part, n, other, m, compare="diff", method="newcomb")
    assert ends == pytest.approx(published, abs=1e-9)


def test_no_interval_without_two() -> None:
    assert difference_interval(0.5, None, 0.4, (0.3, 0.5)) is None
    assert difference_interval(0.5, (0.4, 0.6), 0.4, None) is None


def test_two_clients_with_one_window_are_ranked() -> None:
    one, other = results("one"), results("other", returning_rate=0.5, returning_ci95=(0.47, 0.53))
    held = side_by_side(one, other)
    assert held.rankable and held.why_not_rankable == held.why_no_value == ()
    row = rows(one, other)["returning_rate"]
    assert (row.a, row.b, row.b_ci95) == (0.589, 0.5, (0.47, 0.53))
    assert row.difference == pytest.approx(0.089)
    assert row.difference_ci95 is not None
    assert row.difference_ci95[0] == pytest.approx(0.089 - (0.025**2 + 0.03**2) ** 0.5)
    counted = rows(one, other)["start_customers"]
    assert (counted.difference, counted.difference_ci95) == (0, None)


def test_different_windows_are_not_ranked() -> None:
    one, other = results(), results(length=1, unit="week", returning_rate=0.5)
    held = side_by_side(one, other)
    assert not held.rankable
    assert held.why_not_rankable == (why("different_windows"),)
    assert all(row.difference is None and row.difference_ci95 is None for row in held.rows)
    assert rows(one, other)["returning_rate"].b == 0.5, "both are still shown"


def test_a_quarter_is_three_months() -> None:
    assert side_by_side(results(length=6), results(length=2, unit="quarter")).rankable
    assert not side_by_side(results(length=6), results(length=6, unit="quarter")).rankable


@pytest.mark.parametrize("turned", [False, True])
def test_without_a_rate_nothing_is_ranked(turned: bool) -> None:
    pair = [results("one"), made.results(retention=made.no_retention(), cycle=made.no_cycle())]
    if turned:
        pair.reverse()
    held = side_by_side(*pair)
    unknown = why("no_rate_of_client", client="cdnow", as_of=date(1998, 6, 30))
    assert held.why_not_rankable == (unknown, made.REASON)
    row = rows(*pair)["retained_rate"]
    assert (row.b if turned else row.a) == 0.557 and (row.a if turned else row.b) is None


def test_a_rate_that_one_lacks_has_no_difference() -> None:
    one, other = results(), results(first_time_rate=None, first_time_ci95=None)
    assert side_by_side(one, other).rankable
    row = rows(one, other)["first_time_rate"]
    assert row.a is not None and row.b is row.difference is row.difference_ci95 is None


def test_figures_that_neither_has_are_left_out() -> None:
    bare = made.results(retention=made.no_retention(), cycle=made.no_cycle(), clv=made.no_clv())
    assert list(rows(bare, bare)) == ["customers"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"currency": "PLN"}, why("different_currencies", a="USD", b="PLN")),
        (
            {"clv": made.changed(made.clv(), basis="margin")},
            why("revenue_and_margin", a="revenue", b="margin"),
        ),
        (
            {"clv": made.changed(made.clv(), horizon_months=24)},
            why("different_horizons", a=12, b=24),
        ),
        (
            {"clv": made.changed(made.clv(), discount_rate=0.125)},
            why("different_discounts", a=0.1, b=0.125),
        ),
    ],
)
def test_values_on_other_terms_are_left_out(change: dict[str, Any], reason: Why) -> None:
    other = results().model_copy(update=change)
    held = side_by_side(results(), other)
    assert held.why_no_value == (reason,)
    assert words.reason(reason, Speech()).startswith("Customer values are not compared: ")
    assert "total_clv" not in {row.name for row in held.rows}
    assert "total_clv" in rows(results(), results())


def test_values_that_neither_has_need_no_word() -> None:
    bare = results().model_copy(update={"clv": made.no_clv()})
    other = bare.model_copy(update={"currency": "PLN"})
    assert side_by_side(bare, other).why_no_value == ()
    assert "total_clv" not in rows(bare, other)


def test_the_other_way_round_the_difference_turns() -> None:
    one, other = results(), results(returning_rate=0.5, returning_ci95=(0.47, 0.53))
    there, back = rows(one, other)["returning_rate"], rows(other, one)["returning_rate"]
    assert there.difference_ci95 is not None and back.difference_ci95 is not None
    assert there.difference_ci95 == pytest.approx([-end for end in reversed(back.difference_ci95)])
