"""Sentences on which forecast of buying was chosen, and on what a plain rule may be used for."""

from __future__ import annotations

import re
from typing import Any

import pytest

from retention_lib import words
from retention_lib.results import Clv, why
from retention_lib.speech import Speech
from tests import made

FAILED = why("not_converged", model="BG/NBD")

SPEECH = Speech(currency="USD")


def raced(model: str = "BG/NBD", **held: Any) -> Clv:
    base = made.clv().holdout
    assert base is not None
    return made.changed(  # type: ignore[no-any-return]
        made.clv(), model=model, holdout=base.model_copy(update=held)
    )


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (raced(), "**BG/NBD** is used: no other forecast was clearly closer in the test."),
        (
            raced("MBG/NBD", chosen="MBG/NBD", reason="clearly better"),
            "**MBG/NBD** is used: it was clearly closer than BG/NBD in the test.",
        ),
        (
            raced("own", chosen="own", reason="biased"),
            "own pace so far** is used: BG/NBD was more than a quarter off in the test.",
        ),
        (
            raced("MBG/NBD", chosen="Pareto/NBD", reason="clearly better"),
            "**MBG/NBD** is used: Pareto/NBD did best in the test, but could not",
        ),
        (
            made.changed(made.clv(), holdout=None),
            f"is used: no test speaks for another. {made.WHY}",
        ),
        (
            made.changed(made.clv(), model="MBG/NBD", holdout=None, left_out={"BG/NBD": FAILED}),
            f"**MBG/NBD** is used, untested: BG/NBD could not be fitted. {made.WHY} BG/NBD did not",
        ),
    ],
)
def test_the_choice_and_why(result: Clv, said: str) -> None:
    assert said in words.clv.race.meaning(result, SPEECH)


def test_a_rule_that_won_far_off_names_what_failed_and_is_a_rough_guide() -> None:
    said = words.clv.race.meaning(made.rule_clv(), SPEECH)
    assert said.startswith(
        "**As many purchases as in the latest days** is used: BG/NBD could not be fitted, and of the "
        "others this was the closest in the test. "
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
    assert set(words.clv.model.rows(rule, SPEECH)["Model"]) == {"Gamma-Gamma"}
    assert "28% too many" in words.clv.calibration.title(rule, SPEECH)


def test_other_models_are_not_given_the_limits_of_bgnbd() -> None:
    other = raced("MBG/NBD", chosen="MBG/NBD", reason="clearly better")
    said = words.clv.alive.meaning(other, SPEECH)
    assert "MBG/NBD lets customers leave after their first purchase too" in said
    assert "upper limit" not in said
    assert "log-likelihood of MBG/NBD" in words.clv.model.meaning(other, SPEECH)
    assert words.clv.model.rows(other, SPEECH)["Model"].iloc[0] == "MBG/NBD"


def test_the_table_begins_with_the_closest_and_ends_with_what_could_not_be_fitted() -> None:
    table = words.clv.race.rows(made.clv(), SPEECH)
    assert table.iloc[0].tolist() == ["Pareto/NBD", "13,800", "13,959", "-1%", "1.224"]
    assert list(table["Forecast"])[-1] == "The pace of all who came in the same quarter"
    failed = words.clv.race.rows(made.rule_clv(), SPEECH)
    assert list(failed["Forecast"])[-3:] == ["BG/NBD", "MBG/NBD", "Pareto/NBD"]
    assert failed.iloc[-1].tolist()[1:] == ["–"] * 4
    assert words.clv.race.rows(made.no_clv(), SPEECH).empty
    assert not any(re.search("None|nan", cell) for cell in table.to_numpy().ravel())
