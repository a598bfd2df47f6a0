"""What is said of two windows that lie in different seasons."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from retention_lib.cycle_detection import season
from retention_lib.results import Cycle, Period, Window
from retention_lib.speech import Speech
from retention_lib.words import retention_rate as words
from retention_lib.words.first_screen.lines import headlines
from retention_lib.words.season import season_caveat
from tests import made

SPEECH = Speech()


def seasonal(now: int | None = 2_725, **figures: Any) -> Cycle:
    window, before = (
        Period(start=date(year, 9, 1), end=date(year, 12, 31)) for year in (2024, 2023)
    )
    earlier = None if now is None else season.compared(window, now, before, 2_649)
    known: dict[str, Any] = {"season_strength": 0.7, "season_chance": 0.5, "year_earlier": earlier}
    found: Cycle = made.changed(made.cycle(), **(known | figures))
    return found


@pytest.mark.parametrize(
    ("cycle", "said"),
    [
        (seasonal(), "about the same (2,725 now, 2,649 then)"),
        (seasonal(3_000), "more customers as well (3,000 now, 2,649 then)"),
        (seasonal(2_000), "fewer customers (2,000 now, 2,649 then)"),
        (seasonal(None), "compare this with another year"),
    ],
)
def test_a_season_is_said_wherever_two_windows_are_held_together(cycle: Cycle, said: str) -> None:
    result = made.rechanged(made.full_retention(), cycle)
    assert said in season_caveat(cycle, SPEECH)
    for sentence in (words.answer.meaning, words.flow.meaning, words.growth.meaning):
        assert said in sentence(result, SPEECH, cycle).replace("\\", "")
        assert "different seasons" not in sentence(result, SPEECH, made.cycle())
    _, flow, *_ = headlines(made.results(retention=result, cycle=cycle), SPEECH)
    assert said in flow.so_what and flow.certainty == "open"


def test_no_season_moves_windows_of_a_year_or_without_a_clear_one() -> None:
    year = seasonal(window=Window(length=4, unit="quarter", days=365))
    weak = seasonal(season_strength=0.4)
    for cycle in (year, weak, made.cycle(), None):
        assert season_caveat(cycle, SPEECH) == ""
        assert made.rechanged(made.full_retention(), cycle).net_flow.certainty == "firm"
