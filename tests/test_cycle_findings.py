"""What the figures of the cycle are found to say: how sure, how regular, one cycle for all?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib.cycle_detection import season
from retention_lib.cycle_detection.strata import one_cycle
from retention_lib.results import Cycle, Period, Rhythm, Stratum, Window
from tests import made


def cycle(**figures: Any) -> Cycle:
    return made.changed(made.cycle(), **figures)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, "open"),
        ({"settled": True, "cycle_ci95": None}, "likely"),
        ({"settled": True}, "firm"),
        ({"settled": True, "starts_mid_life": True}, "likely"),
        ({"settled": True, "cycle_ci95": (49.0, 81.0)}, "firm"),
        ({"settled": True, "cycle_ci95": (45.0, 85.0)}, "likely"),
        ({"settled": True, "cycle_ci95": (30.0, 200.0)}, "open"),
        ({"cycle_upper": 65, "bounds_high": 67.0}, "firm"),
        ({"cycle_upper": 65}, "open"),
        ({"cycle_upper": 65, "bounds_low": None}, "likely"),
    ],
)
def test_certainty_of_a_cycle(figures: dict[str, Any], expected: str) -> None:
    assert cycle(**figures).certainty == expected
    assert cycle(**figures, cycle_days=None).certainty == "open"


@pytest.mark.parametrize(
    ("k", "ends", "gap", "expected"),
    [
        (None, None, None, "unknown"),
        (1.2, (1.1, 1.29), 34.0, "at_random"),
        (1.4, (1.3, 1.5), 34.0, "some_rhythm"),
        (2.3, (2.0, 2.6), 34.0, "real_cycle"),
        (1.3, (1.2, 1.4), 34.0, "at_random_or_some_rhythm"),
        (1.9, (1.8, 2.1), 34.0, "some_rhythm_or_real_cycle"),
        (1.9, (0.9, 3.1), 34.0, "at_random_or_real_cycle"),
        (2.06, (2.0, 2.1), 3.0, "too_coarse"),
        (4.84, None, 34.0, "too_few"),
    ],
)
def test_regularity_by_the_interval_of_k(k: Any, ends: Any, gap: Any, expected: str) -> None:
    found = cycle(regularity_k=k, regularity_ci95=ends, naive_median_gap_days=gap)
    assert found.regularity == expected
    assert found.is_regular == (k is not None and k >= 1.3)


@given(st.floats(0.1, 9), st.floats(0, 5), st.floats(0, 5))
def test_a_rhythm_is_sure_only_where_the_interval_keeps_to_one_word(
    k: float, less: float, more: float
) -> None:
    ends = (k - less, k + more)
    found = cycle(regularity_k=k, regularity_ci95=ends).regularity
    crossed = any(ends[0] < threshold <= ends[1] for threshold in (1.3, 2.0))
    assert ("_or_" in found) == crossed


def test_the_strongest_rhythm_comes_first() -> None:
    swings = {"week": (0.2, True), "month": (0.4, True), "quarter": (0.9, False)}
    rhythm = [
        Rhythm(period=name, customers=9, z=9.0, p_value=0.0, swing=swing, found=found)  # type: ignore[arg-type]
        for name, (swing, found) in swings.items()
    ]
    found = cycle(rhythm=rhythm)
    assert found.rhythms_found == ["month", "week"]
    assert found.rhythms_untested == ["fortnight", "year"]


def part(name: str, days: int, ends: tuple[float, float], **figures: Any) -> Stratum:
    made_up = {"kind": "channel", "customers": 90, "spells": 120, "not_back_share": 0.3}
    return Stratum(name=name, cycle_days=days, cycle_ci95=ends, **(made_up | figures))


@pytest.mark.parametrize(
    ("one", "other", "verdict", "days"),
    [
        (part("a", 50, (45, 55)), part("b", 60, (55, 66)), "fits", (0, 0)),  # ends that touch
        (part("a", 34, (32, 37)), part("b", 31, (31, 31)), "fits_enough", (31, 34)),
        (part("a", 40, (38, 42)), part("b", 32, (30, 34)), "misjudges", (32, 40)),
        (part("a", 40, (20, 90)), part("b", 20, (10, 34)), "fits", (0, 0)),
    ],
)
def test_whether_one_cycle_fits(
    one: Stratum, other: Stratum, verdict: str, days: tuple[int, int]
) -> None:
    found = one_cycle([one, other])
    assert (found.verdict, (found.shortest, found.longest)) == (verdict, days)
    (pair,) = found.pairs
    assert pair.apart == (verdict != "fits") and pair.matters == (verdict == "misjudges")
    quick, slow = sorted((one, other), key=lambda of: of.cycle_days)
    assert (pair.one, pair.other) == (quick.name, slow.name)


def test_only_parts_that_matter_give_the_ends() -> None:
    small = [part("a", 100, (99, 101)), part("b", 110, (109, 111))]
    large = [
        part("1", 50, (49, 51), kind="order"),
        part("3+", 20, (19, 21), kind="order"),
    ]
    found = one_cycle([*small, *large])
    assert (found.shortest, found.longest) == (20, 50)
    assert [(pair.kind, pair.one, pair.other) for pair in found.pairs] == [
        ("order", "1", "3+"),
        ("channel", "a", "b"),
    ]
    assert one_cycle([]).verdict == one_cycle(small[:1]).verdict == "unknown"


@pytest.mark.parametrize(
    ("now", "before", "comparison", "change"),
    [
        (1_200, 1_000, "more", 0.2),
        (800, 1_000, "fewer", 0.2),
        (120, 100, "alike", 0.2),
        (100, 100, "alike", 0.0),
        (5, 0, "more", 0.0),
    ],
)
def test_two_windows_differ_by_more_than_chance(
    now: int, before: int, comparison: str, change: float
) -> None:
    window, earlier = (
        Period(start=date(year, 9, 1), end=date(year, 12, 31)) for year in (2024, 2023)
    )
    found = season.compared(window, now, earlier, before)
    assert found.comparison == comparison and found.change == pytest.approx(change)
    assert found.clear == (comparison != "alike")


def test_a_clear_season_moves_windows_shorter_than_a_year() -> None:
    clear = {"season_strength": 0.7, "season_chance": 0.5}
    year = Window(length=4, unit="quarter", days=365)
    assert cycle(**clear).season_moves_windows
    assert not cycle(**clear, window=year).season_moves_windows
    assert not cycle(season_strength=0.4, season_chance=0.5).season_moves_windows
    assert cycle(history_days=1_095).season_tentative
    assert not cycle(history_days=1_096).season_tentative
