"""Sentences on which forecast of buying was chosen, and on what a plain rule may be used for."""

from __future__ import annotations

import re
from typing import Any

import pytest

from retention_lib import words
from retention_lib.results import Choice, Clv, why
from retention_lib.speech import Speech
from tests import made

FAILED = why("not_converged", model="BG/NBD")

SPEECH = Speech(currency="USD")


def raced(model: str = "BG/NBD", by: str = "record", **figures: Any) -> Clv:
    """A client on whom a forecast came first in three tests of a year, or else in the holdout."""
    known = {"by": by, "races": 3, "days": 365, "chosen": model, "reason": "none better"}
    choice = Choice.model_validate(known | figures)
    return made.changed(made.clv(), model=model, choice=choice)  # type: ignore[no-any-return]


OVER = "over 365 days from 3 earlier days on."
UNTESTED = "and nothing longer could be tested."


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (raced(), f"**BG/NBD** is used: no other model's totals came clearly closer, {OVER}"),
        (
            raced("MBG/NBD", reason="clearly better"),
            f"**MBG/NBD** is used: its totals came clearly closer than BG/NBD's, {OVER}",
        ),
        (
            raced("own", reason="clearly better"),
            f"own pace so far** is used: its totals came at least a fifth closer than any model's, {OVER}",
        ),
        (
            raced("NBD", reason="left out"),
            (
                "**NBD** is used: BG/NBD could not be fitted on most of 3 earlier days, and of the "
                "others this came closest over 365 days. "
            ),
        ),
        (
            raced("MBG/NBD on two clocks", reason="calendar"),
            "**MBG/NBD on two clocks** is used: the calendar clearly shows in the purchases, and no",
        ),
        (raced(races=1), "over 365 days from 1 earlier day on."),
        (
            raced(by="holdout"),
            f"**BG/NBD** is used: no other forecast was clearly closer in the test, {UNTESTED}",
        ),
        (
            raced("MBG/NBD", by="holdout", reason="clearly better"),
            f"**MBG/NBD** is used: it was clearly closer than BG/NBD in the test, {UNTESTED}",
        ),
        (
            raced("own", by="holdout", reason="biased"),
            f"own pace so far** is used: BG/NBD was more than a quarter off in the test, {UNTESTED}",
        ),
        (
            raced("MBG/NBD", chosen="Pareto/NBD", reason="clearly better"),
            "**MBG/NBD** is used: Pareto/NBD did best in the tests, but could not",
        ),
        (made.changed(made.clv(), choice=None), made.WHY),
    ],
)
def test_the_choice_and_why(result: Clv, said: str) -> None:
    assert said in words.clv.race.meaning(result, SPEECH)


def test_a_rule_that_won_far_off_names_what_failed_and_is_a_rough_guide() -> None:
    said = words.clv.race.meaning(made.rule_clv(), SPEECH)
    assert said.startswith(
        "**As many purchases as in the latest days** is used: BG/NBD could not be fitted on most of "
        "1 earlier day, and of the others this came closest over 365 days. "
    )
    assert all(f"{name} becomes NBD" in said for name in ("BG/NBD", "MBG/NBD", "Pareto/NBD"))
    assert "counts on everybody staying" in said and "**a rough guide**" in said
    assert "**a rough guide**" in words.clv.answer.meaning(made.rule_clv(), SPEECH)
    assert "rough guide" not in words.clv.race.meaning(raced(), SPEECH)
    assert "rough guide" not in words.clv.answer.meaning(raced(), SPEECH)
    assert "everybody staying" in words.clv.expectation.meaning(made.rule_clv(), SPEECH)
    assert "everybody staying" not in words.clv.expectation.meaning(raced(), SPEECH)


def test_a_rule_has_neither_chance_nor_parameters() -> None:
    rule = made.rule_clv()
    assert words.clv.alive.meaning(rule, SPEECH) == made.WHY
    assert made.WHY in words.clv.model.meaning(rule, SPEECH)
    assert "Gamma-Gamma was fitted" in words.clv.model.meaning(rule, SPEECH)
    assert set(words.clv.model.rows(rule, SPEECH)["Model"]) == {"Calendar", "Gamma-Gamma", "Prices"}
    assert "28% too many" in words.clv.calibration.title(rule, SPEECH)


def test_other_models_are_not_given_the_limits_of_bgnbd() -> None:
    other = raced("MBG/NBD", reason="clearly better")
    said = words.clv.alive.meaning(other, SPEECH)
    assert "MBG/NBD lets customers leave after their first purchase too" in said
    assert "upper limit" not in said
    assert "log-likelihood of MBG/NBD" in words.clv.model.meaning(other, SPEECH)
    assert words.clv.model.rows(other, SPEECH)["Model"].iloc[0] == "MBG/NBD"


def test_what_counts_on_nobody_leaving_says_so() -> None:
    nobody = made.changed(raced("NBD"), mean_p_alive=1.0)
    assert "counts on nobody leaving" in words.clv.race.meaning(nobody, SPEECH)
    assert "counts on nobody leaving" in words.clv.expectation.meaning(nobody, SPEECH)
    said = words.clv.alive.meaning(nobody, SPEECH)
    assert "Do not read that as a chance" in said and "100%" not in said
    assert "100%" not in words.clv.alive.title(nobody, SPEECH)


def test_how_often_the_total_was_near_is_told_of_several_tests() -> None:
    assert "at most a quarter off in" not in words.clv.race.meaning(made.clv(), SPEECH)
    race = made.earlier_race()
    four = made.changed(made.clv(), rolling=[race] * 4)
    assert "at most a quarter off in **4 of 4**" in words.clv.race.meaning(four, SPEECH)


def test_the_table_begins_with_the_closest_and_ends_with_what_could_not_be_fitted() -> None:
    table = words.clv.race.rows(made.clv(), SPEECH)
    # 14,500 for 15,020 and so on: ln 15,020 / 14,500 = .0352
    assert table.iloc[0].tolist()[1:] == ["1 of 1", "0.035", "-3%", "-3%", "1.900"]
    assert list(table["Times closest"])[1:] == ["0 of 1"] * 3
    failed = words.clv.race.rows(made.changed(made.rule_clv(), rolling=[]), SPEECH)
    assert list(failed["Forecast"])[-3:] == ["BG/NBD", "MBG/NBD", "Pareto/NBD"]
    assert failed.iloc[-1].tolist()[1:] == ["–"] * 5
    assert words.clv.race.rows(made.no_clv(), SPEECH).empty
    assert not any(re.search("None|nan", cell) for cell in table.to_numpy().ravel())


def test_without_a_longer_test_the_table_is_that_of_the_holdout() -> None:
    one = made.changed(made.clv(), rolling=[])
    table = words.clv.race.rows(one, SPEECH)
    assert table.iloc[0].tolist() == ["Pareto/NBD", "1 of 1", "0.011", "-1%", "-1%", "1.224"]
    assert list(table["Forecast"])[-1] == "The pace of all who came in the same quarter"
    assert "Dec 1, 1997 to Jun 30, 1998" in words.clv.race.caption(one, SPEECH)
