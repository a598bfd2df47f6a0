"""Sentences of notebook 02; the tests of every sentence are in test_words.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_lib import words
from retention_lib.results import (
    Cycle,
    Period,
    Rhythm,
    Stratum,
    Subscriptions,
    Window,
    YearEarlier,
)
from retention_lib.words import Speech, certainty
from tests import made

SPEECH = Speech()
Sentence = tuple[Callable[[Any, Speech], str], Any, str, Any, str]


def cycle(**figures: Any) -> Cycle:
    return made.changed(made.cycle(), **figures)  # type: ignore[no-any-return]


def two_years(**figures: Any) -> Cycle:
    """A history of more than two years, with a season and a year to compare with."""
    return cycle(
        **{
            "history_days": 900,
            "season_strength": 0.62,
            "season_chance": 0.31,
            "year_earlier": YearEarlier(
                window=Period(start=date(1997, 12, 1), end=date(1998, 6, 30)),
                customers=120,
                earlier=Period(start=date(1996, 12, 1), end=date(1997, 6, 30)),
                earlier_customers=100,
                clear=True,
            ),
        }
        | figures
    )


def plain(text: str) -> str:
    return text.replace("**", "").replace("\\", "")


SENTENCES: list[Sentence] = [
    (
        words.cycle_answer,
        made.cycle(),
        "half need at least 65 days|without an upper one|7 months",
        made.no_cycle(),
        made.WHY,
    ),
    (
        words.return_curve_title,
        made.cycle(),
        "need at least 65 days",
        made.no_cycle(),
        "How long customers take",
    ),
    (
        words.return_curve_alt,
        made.cycle(),
        "rises to 49% after 543 days|51% are not back|lapse is marked after 203 days",
        made.no_cycle(),
        "Curve of the share",
    ),
    (
        words.return_curve_meaning,
        made.cycle(),
        (
            "50.7% (95% interval 50.0% to 51.4%)|within 177 days (95% interval 173 to 181 days)|"
            "From 203 days of silence|not settled"
        ),
        made.no_cycle(),
        made.WHY,
    ),
    (
        words.gaps_title,
        made.cycle(),
        "says 34 days, the cycle is at least 65 days",
        made.no_cycle(),
        "Days between",
    ),
    (words.gaps_alt, made.cycle(), "34 days, is marked", made.no_cycle(), "No days between"),
    (
        words.gaps_meaning,
        made.cycle(),
        "is 34 days, the cycle is 65 days|would be 38 days",
        made.no_cycle(),
        made.WHY,
    ),
    (
        words.strata_title,
        made.cycle(),
        "One size does not fit all: cycles from 44 to 91 days",
        made.no_cycle(),
        "The cycle of parts",
    ),
    (
        words.strata_alt,
        made.cycle(),
        "after the first order 82 days; after the second order 60 days|social media 91 days.",
        made.no_cycle(),
        "nothing is drawn",
    ),
    (
        words.strata_meaning,
        made.cycle(),
        (
            "after the first order half of those who come back are back within 82 days (79 to 85 "
            "days), after the third and later orders within 44 days (43 to 46 days)|"
            "from “newsletter” half|“social media” within 91 days|51% had not come back|drawn "
            "towards the whole"
        ),
        made.no_cycle(),
        "No two parts",
    ),
    (
        words.calendar_title,
        made.cycle(),
        "Purchases follow the week: smoothed, 19% above even on its best days",
        made.no_cycle(),
        "Purchases day by day",
    ),
    (
        words.calendar_alt,
        made.cycle(),
        "Monday at the top|546 days|Rhythms found: week.",
        made.no_cycle(),
        "The history has 1 day.",
    ),
    (
        words.rhythm_meaning,
        made.cycle(),
        (
            "is 0.90 (95% interval 0.87 to 0.92; 0.93 before|at random moments|typical wait|"
            "Purchases follow the week: smoothed to a wave, they are 19% above the even flow|"
            "not clear enough to matter: fortnight and month.|look for: quarter and year"
        ),
        made.no_cycle(),
        made.WHY + "|look for: week, fortnight, month, quarter and year (it would",
    ),
    (
        words.season_title,
        two_years(),
        "Sales seem to follow the season, so far",
        made.no_cycle(),
        "Sales over the year",
    ),
    (
        words.season_alt,
        two_years(),
        "strength of the season is 0.62",
        made.no_cycle(),
        "cannot be judged",
    ),
    (
        words.season_meaning,
        two_years(),
        (
            "There is a season: its strength is 0.62|chance alone would reach 0.31|tentative|"
            "Between Dec 1, 1997 and Jun 30, 1998 120 customers bought, between Dec 1, 1996 and "
            "Jun 30, 1997 100.|That is 20% more"
        ),
        made.no_cycle(),
        made.WHY,
    ),
    (
        words.subscriptions_meaning,
        made.cycle(),
        (
            "40 customers (0.2% of all, with 0.4% of all purchases) pay as subscribers do: 30 by "
            "the month and 10 by the quarter.|too few"
        ),
        made.no_cycle(),
        made.WHY,
    ),
    (
        words.window_meaning,
        made.cycle(),
        (
            "7 months (212 days)|546 days holds two windows|Sep 28, 1998|drawn by quarter|After 203 "
            "days (95% interval 189 to 217 days) of silence"
        ),
        made.no_cycle(),
        "Without a window no retention figure",
    ),
    (
        words.lapse_title,
        made.cycle(),
        "Best rule: silent for 203 days; 8% of those called lost came back",
        made.no_cycle(),
        "Rules for calling",
    ),
    (
        words.lapse_alt,
        made.cycle(),
        "silent for 203 days, 83% and 8%; silent for two cycles (130 days), 88% and 10%",
        made.no_cycle(),
        "could be tried",
    ),
    (
        words.lapse_meaning,
        made.cycle(),
        (
            "between Feb 21, 1998 and Jun 30, 1998 showed|of 17,189 customers called lost by it, 8% "
            "came back within two cycles, and it caught 83% of those who stayed away|BG/NBD alone "
            "may not win|caught only 17%"
        ),
        made.no_cycle(),
        made.WHY,
    ),
]


# --- the answer ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"settled": True, "cycle_ci95": None}, "half are back within 65 days."),
        (
            {"settled": True, "cycle_days": 35, "cycle_ci95": (34.0, 37.0)},
            "35 days (95% interval 34 to 37 days).",
        ),
        (
            {"settled": True, "cycle_days": 1, "cycle_ci95": (1.0, 1.0)},
            "1 day (95% interval 1 to 1 day).",
        ),
        ({}, "at least 65 days (95% interval 63 days or more); the figure still grows"),
        ({"bounds_low": None}, "at least 65 days; the figure still grows"),
        (
            {"cycle_upper": 97, "bounds_high": 105.0},
            "at least 65 days and at most 97 days (95% interval 63 to 105 days)",
        ),
        ({"cycle_upper": 97}, "and at most 97 days (95% interval 63 days or more)"),
        ({"cycle_upper": 97, "bounds_low": None}, "and at most 97 days; the figure"),
        ({"cycle_upper": 65, "bounds_high": 67.0}, "within 65 days (95% interval 63 to 67 days)."),
        ({"window": None}, made.WHY),
        ({"window": Window(length=1, unit="quarter", days=91)}, "watched for 1 quarter, about"),
        ({"pinned": made.pinned()}, "7 months, the yardstick kept since Jun 30, 1997, before"),
    ],
)
def test_cycle_answers(figures: dict[str, Any], expected: str) -> None:
    assert expected in plain(words.cycle_answer(cycle(**figures), SPEECH))


def test_a_log_that_begins_mid_life_is_said_in_a_third_sentence() -> None:
    third = (
        "Many customers appear right at the start of the records, as they do where a log begins "
        "after its customers did; the cycle may be off by a quarter or more."
    )
    assert words.cycle_answer(cycle(starts_mid_life=True), SPEECH).endswith(third)
    assert third not in words.cycle_answer(made.cycle(), SPEECH)
    assert third not in words.cycle_answer(
        made.changed(made.no_cycle(), starts_mid_life=True), SPEECH
    )


def test_settled_cycle_and_agreeing_medians() -> None:
    result = cycle(settled=True, naive_median_gap_days=65.0)
    assert "**settled**" in words.return_curve_meaning(result, SPEECH)
    assert words.gaps_title(result, SPEECH) == "Here the usual median and the cycle agree: 65 days"
    longer = made.changed(result, naive_median_gap_days=100.0)
    assert "says 100 days, the cycle is 65 days" in words.gaps_title(longer, SPEECH)


def test_bounds_that_meet_leave_nothing_to_grow() -> None:
    result = cycle(cycle_upper=65, bounds_high=67.0)
    assert words.return_curve_title(result, SPEECH).endswith("are back within 65 days")
    assert words.gaps_title(result, SPEECH).endswith("the cycle is 65 days")
    said = plain(words.return_curve_meaning(result, SPEECH))
    assert "both of its bounds are 65 days" in said and "ettled" not in said
    fresh = words.window_meaning(made.changed(result, pinned=made.pinned()), SPEECH)
    assert "**65 days (95% interval 63 to 67 days)**" in fresh


def test_a_cycle_that_is_not_known_is_not_marked() -> None:
    result = made.changed(made.no_cycle(), naive_median_gap_days=31.0)
    said = words.gaps_alt(result, SPEECH)
    assert said.endswith("31 days, is marked.")


def test_a_curve_without_a_lapse_does_not_speak_of_one() -> None:
    result = cycle(lapse_days=None, lapse_ci95=None)
    assert "lapse" not in words.return_curve_meaning(result, SPEECH)
    assert "lapse" not in words.return_curve_alt(result, SPEECH)


# --- parts --------------------------------------------------------------------


def stratum(kind: Any, name: str, days: int, ends: tuple[float, float]) -> Stratum:
    return Stratum(
        kind=kind,
        name=name,
        customers=90,
        spells=120,
        cycle_days=days,
        cycle_ci95=ends,
        not_back_share=0.3,
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("segment", "in “<b>”"),
        ("channel", "from “<b>”"),
        ("owner", "with “<b>”"),
    ],
)
def test_quickest_and_slowest_part(kind: str, expected: str) -> None:
    apart = [
        stratum(kind, "mid", 50, (45, 55)),
        stratum(kind, "slow", 60, (56, 66)),
        stratum(kind, "<b>", 40, (35, 45)),
    ]
    said = words.strata_meaning(cycle(strata=apart), SPEECH)
    assert "\\<b\\>" in said and expected in plain(said)
    assert "Clearly apart." in said and "One size does not fit all" in said and "mid" not in said


def test_parts_that_lie_apart_by_little_need_no_cycles_of_their_own() -> None:
    few = [stratum("order", "1", 34, (32, 37)), stratum("order", "3+", 31, (31, 31))]
    result = cycle(strata=few)
    said = words.strata_meaning(result, SPEECH)
    assert "**One cycle fits all** well enough" in said and "Clearly apart." in said
    assert words.strata_title(result, SPEECH) == (
        "One cycle fits all well enough: from 31 to 34 days"
    )
    enough = [stratum("order", "1", 40, (38, 42)), stratum("order", "3+", 32, (30, 34))]
    assert "One size does not fit all" in words.strata_meaning(cycle(strata=enough), SPEECH)


def test_intervals_that_touch_make_no_difference() -> None:
    alike = [stratum("order", "1", 50, (45, 55)), stratum("order", "3+", 60, (55, 66))]
    result = cycle(strata=alike)
    said = words.strata_meaning(result, SPEECH)
    assert "No clear difference." in said and "**One cycle fits all**" in said
    assert (
        words.strata_title(result, SPEECH)
        == "One cycle fits all: no part is clearly quicker or slower"
    )


def test_parts_of_one_segment_are_not_compared_with_parts_of_another() -> None:
    parts = [
        stratum("segment", f"{column}: {name}", days, ends).model_copy(update={"column": column})
        for column, name, days, ends in (
            ("age", "young", 50, (45, 55)),
            ("income", "low", 20, (18, 22)),
            ("age", "old", 60, (50, 66)),
            ("income", "high", 90, (80, 99)),
        )
    ]
    said = plain(words.strata_meaning(cycle(strata=parts), SPEECH))
    assert "in “age: young” half of those who come back are back within 50 days" in said
    assert "in “age: old” within 60 days (50 to 66 days). No clear difference." in said
    assert "in “income: high” within 90 days (80 to 99 days). Clearly apart." in said


def test_a_single_part_is_compared_with_nothing() -> None:
    result = cycle(strata=[stratum("channel", "only", 50, (45, 55))])
    assert words.strata_meaning(result, SPEECH).startswith("No two parts")
    assert words.strata_title(result, SPEECH) == "The cycle of parts of the customers"


def test_orders_are_compared_first_with_last_whatever_their_place() -> None:
    orders = [stratum("order", "3+", 70, (65, 75)), stratum("order", "1", 40, (35, 45))]
    said = plain(words.strata_meaning(cycle(strata=orders), SPEECH))
    assert "after the first order half of those who come back are back within 40 days" in said


@pytest.mark.parametrize(
    ("customers", "periods", "reported", "expected"),
    [
        (0, {}, False, "No customer pays as subscribers do"),
        (
            1,
            {"month": 1},
            False,
            "1 customer (5.0% of all, with 9.0% of all purchases) pays as subscribers do: 1 by the month.",
        ),
        (
            443,
            {"quarter": 3, "month": 440},
            True,
            "do: 440 by the month and 3 by the quarter. They are a part of its own",
        ),
    ],
)
def test_subscribers(customers: int, periods: Any, reported: bool, expected: str) -> None:
    found = Subscriptions(
        customers=customers,
        customer_share=0.05,
        occasion_share=0.09,
        periods=periods,
        reported=reported,
    )
    assert expected in plain(words.subscriptions_meaning(cycle(subscriptions=found), SPEECH))


# --- rhythm and season --------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "ends", "gap", "expected"),
    [
        (1.2, (1.1, 1.29), 34.0, "at random moments"),
        (1.4, (1.3, 1.5), 34.0, "with some rhythm"),
        (2.3, (2.0, 2.6), 34.0, "in a real cycle"),
        (1.3, (1.2, 1.4), 34.0, "between chance and some rhythm"),
        (1.9, (1.8, 2.1), 34.0, "between some rhythm and a real cycle"),
        (1.9, (0.9, 3.1), 34.0, "between chance and a real cycle"),
        (2.06, (2.0, 2.1), 3.0, "too coarse"),
        (0.9, (0.8, 1.0), None, "at random moments"),
        (4.84, None, 34.0, "From so few customers"),
        (5_560.0, (12.0, 9e9), 22.0, "a real cycle"),
    ],
)
def test_rhythm_words(k: float, ends: Any, gap: float | None, expected: str) -> None:
    result = cycle(regularity_k=k, regularity_ci95=ends, naive_median_gap_days=gap)
    said = plain(words.rhythm_meaning(result, SPEECH))
    assert expected in said and ("over 10" in said) == (k >= 10)
    kinds = (
        "at random moments",
        "with some rhythm",
        "in a real cycle",
        "coarse",
        "That lies",
        "so few",
    )
    assert sum(kind in said for kind in kinds) == 1


@given(st.floats(0.1, 9), st.floats(0, 5), st.floats(0, 5))
def test_a_rhythm_is_sure_only_where_the_interval_keeps_to_one_word(
    k: float, less: float, more: float
) -> None:
    ends = (k - less, k + more)
    said = words.rhythm_meaning(cycle(regularity_k=k, regularity_ci95=ends), SPEECH)
    crossed = any(ends[0] < threshold <= ends[1] for threshold in (1.3, 2.0))
    assert ("That lies" in said) == crossed


def test_no_rhythm_of_the_calendar() -> None:
    week = Rhythm(period="week", customers=90, z=0.1, p_value=1.0, swing=0.01, found=False)
    result = cycle(rhythm=[week])
    said = words.rhythm_meaning(result, SPEECH)
    assert "follow no period of the calendar clearly enough to matter; looked for: week." in said
    assert "shared by all" not in said
    assert (
        words.calendar_title(result, SPEECH)
        == "Purchases day by day: no clear rhythm of the calendar"
    )
    assert "Rhythms found" not in words.calendar_alt(result, SPEECH)


@pytest.mark.parametrize("period", ["week", "fortnight", "month", "quarter", "year"])
def test_every_rhythm_has_its_words(period: Any) -> None:
    found = Rhythm(period=period, customers=90, z=90.0, p_value=0.0, swing=0.5, found=True)
    result = cycle(rhythm=[found])
    assert f"Purchases follow the **{period}**" in words.rhythm_meaning(result, SPEECH)
    title = words.calendar_title(result, SPEECH)
    assert title.startswith(f"Purchases follow the {period}: ") and "50% above even" in title


@pytest.mark.parametrize(
    ("figures", "title", "expected"),
    [
        ({"history_days": 1_096}, "Sales follow the season", "There is a season"),
        (
            {"season_chance": 0.62},
            "Sales over the year: no clear season",
            "There is no clear season",
        ),
        ({"season_strength": None, "season_chance": None}, "Sales over the year", made.WHY),
    ],
)
def test_seasons(figures: dict[str, Any], title: str, expected: str) -> None:
    result = two_years(**figures)
    assert words.season_title(result, SPEECH) == title
    said = plain(words.season_meaning(result, SPEECH))
    assert expected in said
    assert ("tentative" in said) == ("history_days" not in figures and expected != made.WHY)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(120, 100, "20% more"), (80, 100, "20% fewer"), (100, 100, ""), (5, 0, "")],
)
def test_a_year_earlier(now: int, before: int, expected: str) -> None:
    two = two_years().year_earlier
    assert two is not None
    changed = two.model_copy(update={"customers": now, "earlier_customers": before})
    said = words.season_meaning(two_years(year_earlier=changed), SPEECH)
    assert expected in said and ("than in the same window" in said) == bool(expected)


# --- yardstick ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ("refused", "too short"),
        ("one_window", "not yet how many stay"),
        ("two_windows", "one retention rate"),
        ("trend", "enough for a trend"),
    ],
)
def test_gates(gate: str, expected: str) -> None:
    assert expected in words.window_meaning(cycle(gate=gate), SPEECH)


def test_a_pinned_window_and_the_proposal_of_a_new_one() -> None:
    said = plain(words.window_meaning(cycle(pinned=made.pinned(), lapse_days=120), SPEECH))
    assert said.startswith(
        "The window of this client is 7 months (212 days), from a cycle of 38 days. It has been kept "
        "since Jun 30, 1997, so that reports of different days can be compared. The reason noted "
        "then: “First published run”. A new yardstick is proposed: today's records give a cycle of "
        "at least 65 days (95% interval 63 days or more), and the 38 days it rests on lie outside "
        "that interval. To accept, delete the file definitions.yaml of this client: the next run "
        "writes it anew"
    )
    assert (
        "After 120 days of silence a customer counts as lapsed; this, too, is kept (today's records: 95% interval 189 to 217 days)."
        in said
    )
    settled = cycle(pinned=made.pinned(), settled=True)
    assert "a cycle of **65 days (95% interval 63 to 67 days)**" in words.window_meaning(
        settled, SPEECH
    )


def test_a_pinned_window_that_still_fits() -> None:
    pin = made.pinned().model_copy(update={"rebase": False, "why": "", "lapse_days": 0})
    said = words.window_meaning(cycle(pinned=pin), SPEECH)
    assert (
        "no reason to change it" in said and "proposed" not in said and "reason noted" not in said
    )
    assert "this, too" not in said and "at most one in ten" in said


@pytest.mark.parametrize(
    ("period", "expected"),
    [("week", "by week"), ("half-year", "by half-year"), ("year", "by year"), (None, made.WHY)],
)
def test_the_period_of_charts(period: Any, expected: str) -> None:
    assert expected in words.window_meaning(cycle(chart_period=period), SPEECH)


# --- lapse --------------------------------------------------------------------


def test_no_rule_wins() -> None:
    result = cycle(lapse_rule=None)
    assert (
        words.lapse_title(result, SPEECH) == "No rule calls customers lost without too many errors"
    )
    said = plain(words.lapse_meaning(result, SPEECH))
    assert "No rule passes" in said and "(MBG/NBD), with 6.6% who came back" in said


def test_a_rule_that_could_not_be_tried_is_named_with_its_reason() -> None:
    left_out = {"silence": "The history was too short then."}
    said = plain(words.lapse_meaning(cycle(lapse_left_out=left_out), SPEECH))
    assert said.endswith("Not tried: silence alone. The history was too short then.")


def test_a_model_wins_and_silence_stands_beside_it() -> None:
    said = plain(words.lapse_meaning(cycle(lapse_rule="p_buys"), SPEECH))
    assert (
        "The best rule is less than 10% likely to buy within two cycles (MBG/NBD): of 15,240"
        in said
    )
    assert "“silent for 203 days” called 8% wrongly lost and caught 83%." in said
    assert "goes by silence" not in words.lapse_meaning(made.cycle(), SPEECH)


def test_only_bg_nbd_was_tried() -> None:
    race = [test for test in made.lapse_race() if not test.allowed]
    said = words.lapse_meaning(cycle(lapse_race=race, lapse_rule=None), SPEECH)
    assert "The least wrong" not in said and "BG/NBD alone may not win" in said
    assert made.WHY in said and "No rule passes" not in said


# --- certainty, headline, other chapters --------------------------------------


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
    assert certainty.of_cycle(cycle(**figures)) == expected
    assert certainty.of_cycle(made.no_cycle()) == "open"


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (
            {},
            (
                "95% interval 63 days or more; no upper bound: it still grows the longer customers "
                "are followed"
            ),
        ),
        ({"bounds_low": None}, "no upper bound: it still grows the longer customers are followed"),
        ({"cycle_upper": 65, "bounds_high": 67.0}, "95% interval 63 to 67 days"),
        ({"cycle_upper": 97, "bounds_low": None}, "at most 97 days"),
        ({"settled": True}, "95% interval 63 to 67 days"),
        (
            {"settled": True, "starts_mid_life": True},
            "95% interval 63 to 67 days; may be off by a quarter or more",
        ),
        ({"settled": True, "cycle_ci95": None}, "half of those who come back; no interval"),
    ],
)
def test_range_of_the_cycle_on_the_first_screen(figures: dict[str, Any], expected: str) -> None:
    assert words.headlines(made.results(cycle=cycle(**figures)), SPEECH)[4].range == expected


def test_numbers_follow_the_locale() -> None:
    polish = Speech(language="en", locale="pl", currency="PLN")
    said = words.rhythm_meaning(made.cycle(), polish)
    assert "**0,90** (95% interval 0,87 to 0,92" in said
    assert "between 21 lut 1998 and 30 cze 1998" in words.lapse_meaning(made.cycle(), polish)
    assert "17\xa0189 customers" in words.lapse_meaning(made.cycle(), polish)


@pytest.mark.parametrize(
    ("things", "expected"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists(things: list[str], expected: str) -> None:
    assert SPEECH.listed(things) == expected
