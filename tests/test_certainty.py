"""How sure a figure is by its interval."""

from __future__ import annotations

import pytest

from retention_lib.stats.certainty import at_most, of_rate, within


@pytest.mark.parametrize(
    ("rate", "ci95", "expected"),
    [
        (0.40, (0.35, 0.45), "firm"),
        (0.60, (0.55, 0.65), "firm"),
        (0.46, (0.41, 0.51), "likely"),  # 80 %: .43 to .49
        (0.46, (0.39, 0.53), "open"),  # 80 %: .41 to .506
        (0.40, None, "open"),
        (None, (0.35, 0.45), "open"),
    ],
)
def test_a_rate_clears_its_threshold(
    rate: float | None, ci95: tuple[float, float] | None, expected: str
) -> None:
    assert of_rate(rate, ci95) == expected


def test_a_rate_clears_a_range_only_on_either_side_of_it() -> None:
    assert of_rate(0.40, (0.35, 0.45), 0.5, 0.6) == "firm"
    assert of_rate(0.55, (0.54, 0.56), 0.5, 0.6) == "open"
    assert of_rate(0.66, (0.61, 0.71), 0.5, 0.6) == "firm"
    assert of_rate(0.64, (0.59, 0.69), 0.5, 0.6) == "likely"


def test_a_figure_is_right_within_what_is_allowed() -> None:
    assert within(0.25, 0.25) == "firm"
    assert within(0.38, 0.25) == "likely"  # 80 %: .248
    assert within(0.39, 0.25) == "open"  # 80 %: .255


def test_the_less_sure_of_two_counts() -> None:
    assert at_most("firm", "likely") == "likely"
    assert at_most("open", "likely") == "open"
    assert at_most("firm", "firm") == "firm"
