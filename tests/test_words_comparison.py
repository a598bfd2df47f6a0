"""Sentences on what has changed; the tests of every sentence are in test_words.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, get_args

import pytest

from retention_lib.comparison.earlier import Past, previous
from retention_lib.results import Change, ChangeName, Previous, Retention
from retention_lib.speech import Speech
from retention_lib.stats.calendar import in_other_season
from retention_lib.words import retention_rate as words
from retention_lib.words.retention_rate.changes import MOST_ROWS
from retention_lib.words.retention_rate.figures import NAMES
from tests import made

SPEECH = Speech()
BRITISH = Speech(locale="en_GB")
POLISH = Speech(locale="pl", currency="PLN")
CI = (-0.1, 0.1)
Sentence = tuple[Callable[[Any, Speech], str], Any, str, Any, str]

SENTENCES: list[Sentence] = [
    (
        words.changes.meaning,
        made.full_retention(),
        (
            "On Sep 30, 2024 the report said that 58.0% of established customers came back."
            "|makes it 57.1% today (revised history: −0.9 points).|moved to 58.9% (new data: +1.8 "
            "points; 95% interval −1.6 to +5.2 points). No clear change.|all customers (+1.7 points), −0.4 points "
            "come from a different mix|+2.1 points from how well"
        ),
        made.no_retention(),
        made.WHY,
    ),
    (
        words.changes.caption,
        made.full_retention(),
        "since the report of Sep 30, 2024",
        made.no_retention(),
        "Today's figures",
    ),
]


def retention(previous: Previous | None, **figures: Any) -> Retention:
    return made.changed(made.full_retention(), previous=previous, **figures)  # type: ignore[no-any-return]


def headline(
    reported: float | None,
    recomputed: float | None,
    now: float | None,
    ci95: tuple[float, float] | None = None,
    same_window: bool = True,
    others: tuple[Change, ...] = (),
) -> Previous:
    """A comparison of the returning rate, and of what else is given."""
    lost_then, lost_now = None in (reported, recomputed), None in (recomputed, now)
    change = Change(
        name="returning_rate",
        reported=reported,
        recomputed=recomputed,
        now=now,
        revision=None if lost_then else recomputed - reported,  # type: ignore[operator]
        news=None if lost_now else now - recomputed,  # type: ignore[operator]
    )
    past = Past("2024-09-30-0123456789ab", date(2024, 9, 30), same_window, {}, {})
    return previous(past, [change, *others], ci95)


def said(previous: Previous | None, speech: Speech = BRITISH, **figures: Any) -> str:
    text = words.changes.meaning(retention(previous, **figures), speech)
    return re.sub(r"\*\*", "", text)


def customers(revision: float) -> Change:
    return Change(
        name="customers",
        reported=100,
        recomputed=100 + revision,
        now=120,
        revision=revision,
        news=20 - revision,
    )


# --- what has changed since the last report? ----------------------------------


def test_revised_history_and_new_data_are_told_apart() -> None:
    assert said(made.previous()) == (
        "On 30 Sept 2024 the report said that 58.0% of established customers came back. Records of "
        "that time have been changed since (orders added or cancelled, customers merged), which "
        "makes it 57.1% today (revised history: −0.9 points). Since then the rate has moved to 58.9% (new data: +1.8 points; 95% "
        "interval −1.6 to +5.2 points). No clear change. Of the change in the rate of all customers "
        "(+1.7 points), −0.4 points come from a different mix of first-time and established "
        "customers, +2.1 points from how well each group is kept."
    )


def test_the_numbers_are_the_clients_own() -> None:
    text = said(made.previous(), POLISH)
    assert "30 wrz 2024" in text and "58,0%" in text and "−0,9 points" in text
    assert "−1,6 to +5,2 points" in text and not re.search(r"\d\.\d", text)


@pytest.mark.parametrize(
    ("ci95", "verdict"),
    [
        ((0.001, 0.035), "A clear rise"),
        ((-0.05, -0.001), "A clear fall"),
        (CI, "No clear change"),
    ],
)
def test_a_change_is_clear_if_its_interval_leaves_out_zero(
    ci95: tuple[float, float], verdict: str
) -> None:
    previous = headline(0.5, 0.5, 0.52, ci95)
    assert verdict in said(previous)


def test_without_an_interval_nothing_is_called_clear() -> None:
    text = said(headline(0.5, 0.5, 0.52))
    assert "moved to 52.0% (new data: +2.0 points)." in text and "clear" not in text


def test_nothing_revised() -> None:
    quiet = headline(0.5, 0.5, 0.52, CI, others=(customers(0),))
    assert "None of that day's figures has been revised since." in said(quiet)
    assert "revised history" not in said(quiet)
    division = headline(0.1 + 0.2, 0.3, 0.52, CI)
    assert "None of that day's figures has been revised since." in said(division)


def test_a_rate_that_stands_though_other_figures_are_revised() -> None:
    text = said(headline(0.5, 0.5, 0.52, CI, others=(customers(-3),)))
    assert "leaves this rate as it was" in text and "None of" not in text
    assert "leaves this rate as it was" in said(headline(0.5, 0.50004, 0.52, CI))


def test_another_window_repeats_no_rate() -> None:
    text = said(made.previous(same_window=False))
    assert text.startswith("The report of 30 Sept 2024 measured by another window, so its rates")
    assert "By today's window and today's records, 57.1% of established customers" in text
    assert "58.0%" not in text and "revised history" not in text and made.WHY not in text
    assert "new data: +1.8 points" in text, "today's records are measured by one window"


def test_each_unknown_figure_gives_its_reason() -> None:
    whys = {
        "reported": headline(None, 0.5, 0.52, CI),
        "recomputed": headline(0.5, None, 0.52),
        "now": headline(0.5, 0.5, None),
    }
    for part, held in whys.items():
        result = retention(held)
        own = {f"/previous/changes/0/{part}": f"Why there is no {part}."}
        result = result.model_copy(update={"why_not": result.why_not | own})
        text = words.changes.meaning(result, BRITISH)
        assert f"Why there is no {part}." in text, part
        assert not re.search(r"None(?! of)|nan|[{}]|  ", text)
    assert "50.0%" in said(whys["recomputed"]) and "Since then" not in said(whys["recomputed"])
    assert "By today's window" in said(whys["reported"])


def test_without_established_customers_the_reason_is_given() -> None:
    bare = headline(0.5, 0.5, 0.5).model_copy(update={"changes": [customers(-1)]})
    result = retention(bare, returning_rate=None, mix_effect=None, rate_effect=None)
    assert words.changes.meaning(result, BRITISH) == made.WHY


def test_one_customer() -> None:
    previous = headline(1.0, 1.0, 0.0, (-1.0, 0.58))
    text = said(previous, mix_effect=0.0, rate_effect=-1.0)
    assert "100.0% of established customers" in text
    assert "moved to 0.0% (new data: −100.0 points; 95% interval −100.0 to +58.0 points)" in text
    assert "(−100.0 points), 0.0 points come from a different mix" in text


# --- the table ----------------------------------------------------------------


def test_rows_by_hand() -> None:
    table = words.changes.rows(made.full_retention(), BRITISH)
    assert len(table) == 10 and len(table.columns) == 6
    assert table.iloc[0].tolist() == [
        "Established customers who came back",
        "58.0%",
        "57.1%",
        "58.9%",
        "−0.9 points",
        "+1.8 points",
    ]
    by_name = table.set_index("Figure")
    assert by_name.loc["Customers who stayed away"].tolist() == [
        "1,121",
        "1,136",
        "984",
        "+15",
        "−152",
    ]
    assert by_name.loc["New customers"].tolist()[3] == "0"
    assert by_name.loc["Customers gained for each one lost"].tolist()[-2:] == ["−0.02", "+0.58"]


def test_no_more_than_ten_rows() -> None:
    changes = [customers(-n) for n in range(MOST_ROWS + 3)]
    previous = made.previous().model_copy(update={"changes": changes})
    assert len(words.changes.rows(retention(previous), SPEECH)) == MOST_ROWS


def test_what_is_unknown_is_a_dash() -> None:
    table = words.changes.rows(retention(made.previous(same_window=False)), SPEECH)
    assert table.iloc[0].tolist()[1:] == ["–", "57.1%", "58.9%", "–", "+1.8 points"]


def test_without_an_earlier_run_the_table_holds_today() -> None:
    table = words.changes.rows(made.retention(), SPEECH)
    assert table.to_numpy().tolist()[:2] == [
        ["Established customers who came back", "55.2%"],
        ["All customers who came back", "55.2%"],
    ]
    assert "–" not in table.to_numpy()
    assert words.changes.rows(made.no_retention(), SPEECH).empty


def test_a_season_between_the_two_days_is_said() -> None:
    result = retention(made.previous().model_copy(update={"other_season": True}))
    assert "different seasons" in words.changes.meaning(result, BRITISH)
    assert "different seasons" not in words.changes.meaning(made.full_retention(), BRITISH)


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        (date(2024, 9, 30), True),
        (date(2024, 12, 1), False),
        (date(2023, 12, 30), False),
        (date(2023, 6, 30), True),
    ],
)
def test_days_over_a_month_apart_in_the_year_lie_in_other_seasons(
    earlier: date, expected: bool
) -> None:
    assert in_other_season(earlier, date(2024, 12, 31)) == expected


# --- single figures -----------------------------------------------------------


def test_every_figure_has_a_name_of_its_own() -> None:
    names = [words.figures.name(name, SPEECH) for name in get_args(ChangeName)]
    assert len(set(names)) == len(names)
    assert set(get_args(ChangeName)) <= set(NAMES)
    assert len(set(NAMES.values())) == len(NAMES)


@pytest.mark.parametrize(
    ("name", "value", "ci95", "expected"),
    [
        ("returning_rate", 0.571, (0.546, 0.596), "57.1% (54.6% to 59.6%)"),
        ("quick_ratio", 1.512, (1.42, 1.61), "1.51 (1.42 to 1.61)"),
        ("lost_customers", 984, None, "984"),
        ("total_clv", 812_345.6, None, "£812,346"),
        ("net_revenue_retention", 1.2, None, "120.0%"),
        ("no_churn_expectation", 0.842, None, "84.2%"),
        ("lost_customers", None, None, "–"),
    ],
)
def test_values(name: str, value: float | None, ci95: Any, expected: str) -> None:
    speech = Speech(locale="en_GB", currency="GBP")
    assert words.figures.value(name, value, speech, ci95) == expected


@pytest.mark.parametrize(
    ("name", "value", "ci95", "expected"),
    [
        ("returning_rate", 0.018, (-0.016, 0.052), "+1.8 points (−1.6 to +5.2)"),
        ("returning_rate", -0.018, None, "−1.8 points"),
        ("quick_ratio", 0.2, (0.1, 0.3), "+0.20 (+0.10 to +0.30)"),
        ("lost_customers", -1_984, None, "−1,984"),
        ("lost_customers", 0, None, "0"),
        ("lost_customers", None, (0.1, 0.2), "–"),
    ],
)
def test_differences(name: str, value: float | None, ci95: Any, expected: str) -> None:
    assert words.figures.difference(name, value, SPEECH, ci95) == expected


@pytest.mark.parametrize(
    ("x", "locale", "expected"),
    [
        (0.0184, "en", "+1.8 points"),
        (-0.0094, "en", "−0.9 points"),
        (-0.0004, "en", "0.0 points"),
        (0.0, "en", "0.0 points"),
        (-0.125, "pl", "−12,5 points"),
        (0.018, "de", "+1,8 points"),
        (12.5, "en", "+1,250.0 points"),
    ],
)
def test_points(x: float, locale: str, expected: str) -> None:
    assert Speech(locale=locale).points(x) == expected
