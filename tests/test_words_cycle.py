"""Sentences of notebook 02; the tests of every sentence are in test_words.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from retention_lib.cycle_detection import season
from retention_lib.cycle_detection.lapse import ranked
from retention_lib.results import (
    Cycle,
    Period,
    Rhythm,
    Stratum,
    Subscriptions,
    Window,
    YearEarlier,
    why,
)
from retention_lib.speech import Speech
from retention_lib.words import cycle_detection as cycle_words
from retention_lib.words.first_screen.lines import headlines
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
            "year_earlier": year_earlier(1_200, 1_000),
        }
        | figures
    )


def year_earlier(now: int, before: int) -> YearEarlier:
    window = Period(start=date(1997, 12, 1), end=date(1998, 6, 30))
    earlier = Period(start=date(1996, 12, 1), end=date(1997, 6, 30))
    return season.compared(window, now, earlier, before)


def plain(text: str) -> str:
    return text.replace("**", "").replace("\\", "")


SENTENCES: list[Sentence] = [
    (
        cycle_words.answer.meaning,
        made.cycle(),
        "half need at least 65 days|without an upper one|7 months",
        made.no_cycle(),
        made.WHY,
    ),
    (
        cycle_words.return_curve.title,
        made.cycle(),
        "need at least 65 days",
        made.no_cycle(),
        "How long customers take",
    ),
    (
        cycle_words.return_curve.alt,
        made.cycle(),
        "rises to 49% after 543 days|51% are not back|lapse is marked after 203 days",
        made.no_cycle(),
        "Curve of the share",
    ),
    (
        cycle_words.return_curve.meaning,
        made.cycle(),
        (
            "50.7% (95% interval 50.0% to 51.4%)|within 177 days (95% interval 173 to 181 days)|"
            "After 203 days of silence|not settled"
        ),
        made.no_cycle(),
        made.WHY,
    ),
    (
        cycle_words.gaps.title,
        made.cycle(),
        "says 34 days, the cycle is at least 65 days",
        made.no_cycle(),
        "Days between",
    ),
    (cycle_words.gaps.alt, made.cycle(), "34 days, is marked", made.no_cycle(), "No days between"),
    (
        cycle_words.gaps.meaning,
        made.cycle(),
        "is 34 days, the cycle is 65 days|would be 38 days",
        made.no_cycle(),
        made.WHY,
    ),
    (
        cycle_words.strata.title,
        made.cycle(),
        "One size does not fit all: cycles from 44 to 91 days",
        made.no_cycle(),
        "The cycle of parts",
    ),
    (
        cycle_words.strata.alt,
        made.cycle(),
        "after the first order 82 days; after the second order 60 days|“social media” 91 days.",
        made.no_cycle(),
        "nothing is drawn",
    ),
    (
        cycle_words.strata.meaning,
        made.cycle(),
        (
            "Order: after the first order 82 days (79 to 85), after the third and later orders 44 "
            "days (43 to 46). Clearly apart.|Channel: “newsletter” 52 days (50 to 55), “social "
            "media” 91 days (84 to 97). Clearly apart.|51% had not come back|drawn towards the whole"
        ),
        made.no_cycle(),
        "No two parts of the customers can be compared",
    ),
    (
        cycle_words.calendar.title,
        made.cycle(),
        "Purchases follow the calendar: week, 19% above even at best",
        made.no_cycle(),
        "Purchases day by day",
    ),
    (
        cycle_words.calendar.alt,
        made.cycle(),
        "Monday at the top|546 days|Rhythms found: week.",
        made.no_cycle(),
        "The history has 1 day.",
    ),
    (
        cycle_words.calendar.meaning,
        made.cycle(),
        (
            "is 0.90 (95% interval 0.87 to 0.92)|Before the correction for whole days it is 0.93.|"
            "at random moments|typical wait|above the even flow by: week 19%.|"
            "not clear enough to matter: fortnight and month.|look for: quarter and year"
        ),
        made.no_cycle(),
        made.WHY + "|look for: week, fortnight, month, quarter and year (it would",
    ),
    (
        cycle_words.season.title,
        two_years(),
        "Sales seem to follow the season, so far",
        made.no_cycle(),
        "Sales over the year",
    ),
    (
        cycle_words.season.alt,
        two_years(),
        "strength of the season is 0.62",
        made.no_cycle(),
        "cannot be judged",
    ),
    (
        cycle_words.season.meaning,
        two_years(),
        (
            "There is a season|Its strength is 0.62|chance alone would reach 0.31|tentative|"
            "Customers who bought: 1,200 from Dec 1, 1997 to Jun 30, 1998, 1,000 from Dec 1, 1996 "
            "to Jun 30, 1997.|That is 20% more than a year earlier"
        ),
        made.no_cycle(),
        made.WHY,
    ),
    (
        cycle_words.subscriptions.meaning,
        made.cycle(),
        (
            "40 customers (0.2% of all, with 0.4% of all purchases) pay as subscribers do, by "
            "billing period: month 30 and quarter 10.|too few"
        ),
        made.no_cycle(),
        "No customer pays",
    ),
    (
        cycle_words.window.meaning,
        made.cycle(),
        (
            "7 months (212 days)|546 days. It holds two windows|Sep 28, 1998|charts: quarter, the|After 203 "
            "days (95% interval 189 to 217 days) of silence"
        ),
        made.no_cycle(),
        "Without a window no retention figure",
    ),
    (
        cycle_words.lapse.title,
        made.cycle(),
        "Best rule: silence, over 203 days; 8% of those called lost came back",
        made.no_cycle(),
        "Rules for calling",
    ),
    (
        cycle_words.lapse.alt,
        made.cycle(),
        "silence, over 203 days (83% and 8%); two cycles of silence, over 130 days (88% and 10%)",
        made.no_cycle(),
        "could be tried",
    ),
    (
        cycle_words.lapse.meaning,
        made.cycle(),
        (
            "from Feb 21, 1998 to Jun 30, 1998 showed|of 17,189 customers it called lost, 8% "
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
        (
            {"window": Window(length=1, unit="quarter", days=91)},
            "Watch a customer for 1 quarter, about",
        ),
        ({"pinned": made.pinned()}, "7 months, the yardstick kept since Jun 30, 1997, before"),
    ],
)
def test_cycle_answers(figures: dict[str, Any], expected: str) -> None:
    assert expected in plain(cycle_words.answer.meaning(cycle(**figures), SPEECH))


def test_a_log_that_begins_mid_life_is_said_in_a_third_sentence() -> None:
    third = (
        "Many customers appear right at the start of the records, as they do where a log begins "
        "after its customers did; the cycle may be off by a quarter or more."
    )
    assert cycle_words.answer.meaning(cycle(starts_mid_life=True), SPEECH).endswith(third)
    assert third not in cycle_words.answer.meaning(made.cycle(), SPEECH)
    assert third not in cycle_words.answer.meaning(
        made.changed(made.no_cycle(), starts_mid_life=True), SPEECH
    )


def test_settled_cycle_and_agreeing_medians() -> None:
    result = cycle(settled=True, naive_median_gap_days=65.0)
    assert "**settled**" in cycle_words.return_curve.meaning(result, SPEECH)
    assert (
        cycle_words.gaps.title(result, SPEECH)
        == "Here the usual median and the cycle agree: 65 days"
    )
    longer = made.changed(result, naive_median_gap_days=100.0)
    assert "says 100 days, the cycle is 65 days" in cycle_words.gaps.title(longer, SPEECH)


def test_bounds_that_meet_leave_nothing_to_grow() -> None:
    result = cycle(cycle_upper=65, bounds_high=67.0)
    assert cycle_words.return_curve.title(result, SPEECH).endswith("are back within 65 days")
    assert cycle_words.gaps.title(result, SPEECH).endswith("the cycle is 65 days")
    said = plain(cycle_words.return_curve.meaning(result, SPEECH))
    assert "both of its bounds are 65 days" in said and "ettled" not in said
    fresh = cycle_words.window.meaning(made.changed(result, pinned=made.pinned()), SPEECH)
    assert "**65 days (95% interval 63 to 67 days)**" in fresh


def test_a_cycle_that_is_not_known_is_not_marked() -> None:
    result = made.changed(made.no_cycle(), naive_median_gap_days=31.0)
    said = cycle_words.gaps.alt(result, SPEECH)
    assert said.endswith("31 days, is marked.")


def test_a_curve_without_a_lapse_does_not_speak_of_one() -> None:
    result = cycle(lapse_days=None, lapse_ci95=None)
    assert "lapse" not in cycle_words.return_curve.meaning(result, SPEECH)
    assert "lapse" not in cycle_words.return_curve.alt(result, SPEECH)


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
        ("segment", "Segment: “<b>” 40 days"),
        ("channel", "Channel: “<b>” 40 days"),
        ("owner", "Owner: “<b>” 40 days"),
    ],
)
def test_quickest_and_slowest_part(kind: str, expected: str) -> None:
    apart = [
        stratum(kind, "mid", 50, (45, 55)),
        stratum(kind, "slow", 60, (56, 66)),
        stratum(kind, "<b>", 40, (35, 45)),
    ]
    said = cycle_words.strata.meaning(cycle(strata=apart), SPEECH)
    assert "\\<b\\>" in said and expected in plain(said)
    assert "Clearly apart." in said and "One size does not fit all" in said and "mid" not in said


def test_parts_that_lie_apart_by_little_need_no_cycles_of_their_own() -> None:
    few = [stratum("order", "1", 34, (32, 37)), stratum("order", "3+", 31, (31, 31))]
    result = cycle(strata=few)
    said = cycle_words.strata.meaning(result, SPEECH)
    assert "**One cycle fits all** well enough" in said and "Clearly apart." in said
    assert cycle_words.strata.title(result, SPEECH) == (
        "One cycle fits all well enough: from 31 to 34 days"
    )
    enough = [stratum("order", "1", 40, (38, 42)), stratum("order", "3+", 32, (30, 34))]
    assert "One size does not fit all" in cycle_words.strata.meaning(cycle(strata=enough), SPEECH)


def test_intervals_that_touch_make_no_difference() -> None:
    alike = [stratum("order", "1", 50, (45, 55)), stratum("order", "3+", 60, (55, 66))]
    result = cycle(strata=alike)
    said = cycle_words.strata.meaning(result, SPEECH)
    assert "No clear difference." in said and "**One cycle fits all**" in said
    assert (
        cycle_words.strata.title(result, SPEECH)
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
    said = plain(cycle_words.strata.meaning(cycle(strata=parts), SPEECH))
    assert "“age: young” 50 days (45 to 55), “age: old” 60 days (50 to 66). No clear" in said
    assert "“income: low” 20 days (18 to 22), “income: high” 90 days (80 to 99). Clearly" in said


def test_a_single_part_is_compared_with_nothing() -> None:
    result = cycle(strata=[stratum("channel", "only", 50, (45, 55))])
    assert cycle_words.strata.meaning(result, SPEECH).startswith("No two parts")
    assert cycle_words.strata.title(result, SPEECH) == "The cycle of parts of the customers"


def test_orders_are_compared_first_with_last_whatever_their_place() -> None:
    orders = [stratum("order", "3+", 70, (65, 75)), stratum("order", "1", 40, (35, 45))]
    said = plain(cycle_words.strata.meaning(cycle(strata=orders), SPEECH))
    assert "Order: after the first order 40 days (35 to 45), after the third" in said


@pytest.mark.parametrize(
    ("customers", "periods", "reported", "expected"),
    [
        (0, {}, False, "No customer pays as subscribers do"),
        (
            1,
            {"month": 1},
            False,
            "1 customer (5.0% of all, with 9.0% of all purchases) pays as subscribers do, by billing period: month 1.",
        ),
        (
            443,
            {"quarter": 3, "month": 440},
            True,
            "do, by billing period: month 440 and quarter 3. They are a part of their own",
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
    assert expected in plain(cycle_words.subscriptions.meaning(cycle(subscriptions=found), SPEECH))


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
        (2.06, (2.0, 2.1), 3.0, "too short to tell"),
        (0.9, (0.8, 1.0), None, "at random moments"),
        (4.84, None, 34.0, "From so few customers"),
        (5_560.0, (12.0, 9e9), 22.0, "a real cycle"),
    ],
)
def test_rhythm_words(k: float, ends: Any, gap: float | None, expected: str) -> None:
    result = cycle(regularity_k=k, regularity_ci95=ends, naive_median_gap_days=gap)
    said = plain(cycle_words.calendar.meaning(result, SPEECH))
    assert expected in said and ("over 10" in said) == (k >= 10)
    kinds = (
        "at random moments",
        "with some rhythm",
        "in a real cycle",
        "too short to tell",
        "That lies",
        "so few",
    )
    assert sum(kind in said for kind in kinds) == 1


def test_no_rhythm_of_the_calendar() -> None:
    week = Rhythm(period="week", customers=90, z=0.1, p_value=1.0, swing=0.01, found=False)
    result = cycle(rhythm=[week])
    said = cycle_words.calendar.meaning(result, SPEECH)
    assert "Looked for, and not clear enough to matter: week." in said
    assert "follow the calendar" not in said
    assert (
        cycle_words.calendar.title(result, SPEECH)
        == "Purchases day by day: no clear rhythm of the calendar"
    )
    assert "Rhythms found" not in cycle_words.calendar.alt(result, SPEECH)


@pytest.mark.parametrize("period", ["week", "fortnight", "month", "quarter", "year"])
def test_every_rhythm_has_its_words(period: Any) -> None:
    found = Rhythm(period=period, customers=90, z=90.0, p_value=0.0, swing=0.5, found=True)
    result = cycle(rhythm=[found])
    said = cycle_words.calendar.meaning(result, SPEECH)
    assert f"above the even flow by: **{period} 50%**. All customers share that rhythm" in said
    title = cycle_words.calendar.title(result, SPEECH)
    assert title == f"Purchases follow the calendar: {period}, 50% above even at best"


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
    assert cycle_words.season.title(result, SPEECH) == title
    said = plain(cycle_words.season.meaning(result, SPEECH))
    assert expected in said
    assert ("tentative" in said) == ("history_days" not in figures and expected != made.WHY)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (1_200, 1_000, "That is **20% more** than a year earlier"),
        (800, 1_000, "That is **20% fewer** than a year earlier"),
        (120, 100, "**no clear change**"),
        (100, 100, ""),
        (5, 0, ""),
    ],
)
def test_a_year_earlier(now: int, before: int, expected: str) -> None:
    two = year_earlier(now, before)
    said = cycle_words.season.meaning(two_years(year_earlier=two), SPEECH)
    assert expected in said
    assert ("year earlier, in the same" in said) == ("That is" in expected)
    assert expected or said.endswith("1997.")


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
    assert expected in cycle_words.window.meaning(cycle(gate=gate), SPEECH)


def test_a_pinned_window_and_the_proposal_of_a_new_one() -> None:
    said = plain(cycle_words.window.meaning(cycle(pinned=made.pinned(), lapse_days=120), SPEECH))
    assert said.startswith(
        "The window of this client is 7 months (212 days), from a cycle of 38 days. It has been kept "
        "since Jun 30, 1997, so that reports of different days can be compared. The reason noted "
        "then: “First published run”. Today's records give a cycle of at least 65 days (95% interval "
        "63 days or more). A new yardstick is proposed, since the 38 days it rests on lie outside "
        "that interval. To accept, delete this client's file definitions.yaml: the next run writes "
        "it anew"
    )
    assert (
        "After 120 days of silence a customer counts as lapsed; this, too, is kept (today's records: 95% interval 189 to 217 days)."
        in said
    )
    settled = cycle(pinned=made.pinned(), settled=True)
    assert "a cycle of **65 days (95% interval 63 to 67 days)**" in cycle_words.window.meaning(
        settled, SPEECH
    )


def test_a_pinned_window_that_still_fits() -> None:
    pin = made.pinned().model_copy(update={"rebase": False, "why": "", "lapse_days": 0})
    said = cycle_words.window.meaning(cycle(pinned=pin), SPEECH)
    assert (
        "no reason to change it" in said and "proposed" not in said and "reason noted" not in said
    )
    assert "this, too" not in said and "at most one in ten" in said


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("week", ": **week**"),
        ("half-year", ": **half-year**"),
        ("year", ": **year**"),
        (None, made.WHY),
    ],
)
def test_the_period_of_charts(period: Any, expected: str) -> None:
    assert expected in cycle_words.window.meaning(cycle(chart_period=period), SPEECH)


# --- lapse --------------------------------------------------------------------


def test_no_rule_wins() -> None:
    twice = [
        test.model_copy(update={"false_lost": 2 * test.false_lost, "passes": False})
        for test in made.lapse_race()
    ]
    result = cycle(lapse_race=ranked(twice), lapse_rule=None)
    assert (
        cycle_words.lapse.title(result, SPEECH)
        == "No rule calls customers lost without too many errors"
    )
    said = plain(cycle_words.lapse.meaning(result, SPEECH))
    assert "No rule passes" in said and "(MBG/NBD), under 10%, with 13.3% who came back" in said


def test_a_rule_that_could_not_be_tried_is_named_with_its_reason() -> None:
    left_out = {"silence": why("lapse_unseen_then")}
    said = plain(cycle_words.lapse.meaning(cycle(lapse_left_out=left_out), SPEECH))
    assert said.endswith(
        "Not tried: silence. Too few customers could be followed then to find the silence."
    )


def test_a_model_wins_and_silence_stands_beside_it() -> None:
    said = plain(cycle_words.lapse.meaning(cycle(lapse_rule="p_buys"), SPEECH))
    assert (
        "The best rule is the chance to buy within two cycles (MBG/NBD), under 10%: of 15,240"
        in said
    )
    assert "“silence, over 203 days” called 8% wrongly lost and caught 83%." in said
    assert "goes by silence" not in cycle_words.lapse.meaning(made.cycle(), SPEECH)


def test_only_bg_nbd_was_tried() -> None:
    race = [test for test in made.lapse_race() if not test.allowed]
    said = cycle_words.lapse.meaning(cycle(lapse_race=race, lapse_rule=None), SPEECH)
    assert "The least wrong" not in said and "BG/NBD alone may not win" in said
    assert made.WHY in said and "No rule passes" not in said


# --- certainty, headline, other chapters --------------------------------------


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
    line = headlines(made.results(cycle=cycle(**figures)), SPEECH)[4]
    assert line.range.removesuffix("; no surer than the records: fit with care") == expected


def test_numbers_follow_the_locale() -> None:
    polish = Speech(language="en", locale="pl", currency="PLN")
    said = cycle_words.calendar.meaning(made.cycle(), polish)
    assert "**0,90 (95% interval 0,87 to 0,92)**" in said
    assert "from 21 lut 1998 to 30 cze 1998" in cycle_words.lapse.meaning(made.cycle(), polish)
    assert "17\xa0189 customers" in cycle_words.lapse.meaning(made.cycle(), polish)


@pytest.mark.parametrize(
    ("things", "expected"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists(things: list[str], expected: str) -> None:
    assert SPEECH.listed(things) == expected
