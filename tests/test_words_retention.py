from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import retention_lib
from retention_lib.results import Cycle, NoChurn, Retention, Verdict, why
from retention_lib.retention_rate import cohorts, second_purchase
from retention_lib.retention_rate.growth import accounted
from retention_lib.retention_rate.no_churn import rounded
from retention_lib.speech import Speech
from retention_lib.stats import certainty
from retention_lib.words import retention_rate as words
from retention_lib.words.first_screen.lines import Headline, headlines
from tests import made

SPEECH = Speech()
Sentence = tuple[Callable[[Any, Speech], str], Any, str, Any, str]
FULL, NONE = made.full_retention(), made.no_retention()


def plain(text: str) -> str:
    """Return Markdown without its marks, as it is read."""
    return re.sub(r"\\([^\s\w]|_)", r"\1", text.replace("**", ""))


def full(of: Cycle | None = None, **figures: Any) -> Retention:
    return made.rechanged(FULL, of, **figures)


def regular(k: float = 1.3) -> Cycle:
    return made.changed(made.cycle(), regularity_k=k, gate="trend")  # type: ignore[no-any-return]


def base(**figures: Any) -> NoChurn:
    assert FULL.no_churn is not None
    return FULL.no_churn.model_copy(update=figures)


def nobody() -> Retention:
    """A client whose prior window is empty."""
    counts = ("start", "retained", "lost", "resurrected", "returning", "first_time")
    zero = {f"{name}_customers": 0 for name in counts}
    rates = {
        name: None
        for name in Retention.model_fields
        if name.endswith(("_rate", "_ci95", "_ratio", "_retention", "_effect"))
    }
    return full(
        **(rates | zero | {"new_customers": 5, "end_customers": 5}),
        no_churn=None,
        no_churn_expectation=None,
        revenue=None,
        lost=None,
    )


def cohorts_title(result: Retention, speech: Speech) -> str:
    return words.cohorts.title(speech)


def cohorts_alt(result: Retention, speech: Speech) -> str:
    return words.cohorts.alt(speech)


SENTENCES: list[Sentence] = [
    (
        words.answer.meaning,
        FULL,
        (
            "Of 1,502 established customers, about 6 in 10 came back (58.9%, 95% interval 56.4% to "
            "61.4%). If nobody had left, 86% would be expected: customers do leave, and keeping them "
            "deserves a test. 984 customers stayed away, while 1,063 bought for the first time "
            "and 425 came back after a pause. The base grew by 504."
        ),
        NONE,
        made.WHY,
    ),
    (
        words.rates.title,
        FULL,
        "Established customers who came back: about 6 in 10; if nobody had left: 86%",
        NONE,
        "Share of customers who came back",
    ),
    (
        words.rates.alt,
        FULL,
        "55.7% (95% interval 53.6% to 57.7%) of customers|formula's 74.8%|established customers it is 58.9%|nobody had left, 84%",
        NONE,
        "No rate can be drawn",
    ),
    (
        words.rates.meaning,
        FULL,
        (
            "2,221 customers bought between May 1, 2024 and Aug 31, 2024|Of established customers 58.9% "
            "(95% interval 56.4% to 61.4%) came back, of first-time buyers 49.0%|gives 74.8%: it also "
            "counts 425 older|If nobody had left, 84% of all would"
        ),
        NONE,
        made.WHY,
    ),
    (
        words.no_churn.meaning,
        FULL,
        (
            "86% of 1,502 established customers would be expected|58.9% (95% interval 56.4% to 61.4%) "
            "did, so customers do leave|About 410 more would have come back (from 260 to 450|13.5%|"
            "2,221 customers of the earlier window it is 84.2% if they leave after any purchase"
        ),
        NONE,
        made.WHY,
    ),
    (words.flow.title, FULL, "2,221 in the earlier", NONE, "Customers who came, stayed and left"),
    (words.flow.alt, FULL, "1,237 who stayed and 984 who did not", NONE, "No comings and goings"),
    (words.flow.meaning, FULL, "504 more customers bought", NONE, made.WHY),
    (
        words.growth.title,
        FULL,
        "Since Apr 2024 more customers have been lost than gained",
        NONE,
        "Customers gained and lost, period by period",
    ),
    (
        words.growth.alt,
        FULL,
        "Bars for 8 periods|310 were new, 230 came back after a pause and 630 were lost",
        NONE,
        "No customers gained and lost",
    ),
    (
        words.growth.meaning,
        FULL,
        (
            "1.51 (95% interval 1.42 to 1.61) were gained, new ones and those back after a "
            "pause. More come than leave|Since Apr 1, 2024, in 3 periods running, more customers have been lost (2,020 in all) than gained "
            "(1,760)|Where figure and windows disagree, go by the windows"
        ),
        NONE,
        made.WHY,
    ),
    (cohorts_title, FULL, "buy again", NONE, "buy again"),
    (cohorts_alt, FULL, "Hatched cells", NONE, "Hatched cells"),
    (words.cohorts.meaning, FULL, "who is left", NONE, "who is left"),
    (
        words.second_purchase.title,
        FULL,
        "A second purchase within 122 days: about 6 in 10",
        NONE,
        "How many first-time buyers",
    ),
    (words.second_purchase.alt, FULL, "After 122 days it is 62%", NONE, "by days since"),
    (
        words.second_purchase.meaning,
        FULL,
        "Of 7,053 customers|about 6 in 10|62.3%, 95% interval 61.2% to 63.5%",
        NONE,
        made.WHY,
    ),
    (
        words.revenue.meaning,
        FULL,
        (
            "44% stayed; 16% went|40% because customers did not|27% from customers who spent more, "
            "31% from new ones and 15%|44.0% (95% interval 42.0% to 46.0%)|71.0% (95% interval 67.0% "
            "to 76.0%)|They bring less than before|1.30 times revenue lost. Revenue grew.|79.0% of the "
            "revenue of known customers|1.6% of all revenue belongs to no known customer"
        ),
        NONE,
        made.WHY,
    ),
    (
        words.parts.title,
        FULL,
        "Clearly better than the others: newsletter; clearly worse: Zestaw prezentowy",
        NONE,
        "side by side",
    ),
    (words.parts.alt, FULL, "newsletter 63%; strona www 55%", NONE, "nothing is drawn"),
    (
        words.parts.meaning,
        FULL,
        (
            "In 12 comparisons|a test that allows for so many|Channel “newsletter”: 63.1% (95% interval "
            "58.4% to 67.7%) came back, clearly more|“media społecznościowe”: 45.1%|segment and "
            "owner|client.yaml: columns: {segments: […], owner: …}"
        ),
        NONE,
        "The records do not give this figure",
    ),
    (
        words.subscribers.meaning,
        FULL,
        (
            "By the month: 328 customers paid like subscribers, 140 still active.|Of 2,100 "
            "charges from the fourth on, 7.1% (95% interval 6.1% to 8.3%) were the last|6.8% (95% "
            "interval 5.3% to 8.6%), before that 7.4%. That is no clear change|about 50 would still pay 12 "
            "charges later"
        ),
        NONE,
        "Too few customers pay like subscribers",
    ),
    (
        words.lost.meaning,
        FULL,
        "The most valuable customers lost had spent $4,200 in the earlier window: 10 customers in all|10.5% of what all lost",
        NONE,
        made.WHY,
    ),
    (words.lost.caption, FULL, "The most valuable customers lost", NONE, "The most valuable"),
]
EMPTY = [pytest.param(row[0], id=row[0].__name__) for row in SENTENCES]


@pytest.mark.parametrize("say", EMPTY)
@pytest.mark.parametrize("result", [nobody(), made.retention()], ids=["nobody", "cdnow"])
def test_no_result_leaves_a_section_without_a_word(
    say: Callable[[Any, Speech], str], result: Retention
) -> None:
    said = say(result, SPEECH)
    assert said and not re.search(r"None|nan\b|  |\.\.", said)
    assert said.rstrip(")*")[-1] in ".:" or say.__name__.endswith(("title", "caption"))


# --- the answer ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"lost_customers": 1_488}, "The base stayed as large as it was"),
        ({"lost_customers": 1_500}, "The base shrank by 12"),
        ({"lost_customers": 1}, "1 customer stayed away, while"),
        ({"lost_customers": 0}, "0 customers stayed away, while 1,063 bought"),
        (
            {"lost_customers": 0, "new_customers": 0, "resurrected_customers": 0},
            "0 customers stayed away, 0 came back after a pause and nobody bought for the first",
        ),
        ({"new_customers": 0}, "nobody bought for the first time: a closed group"),
        ({"no_churn": None, "no_churn_expectation": None}, "came back (58.9%, 95% interval 56.4%"),
        ({"returning_ci95": (0.56, 0.79)}, "the two cannot be told apart"),
        ({"returning_ci95": (0.56, 0.7899)}, "customers do leave"),
        ({"returning_rate": 0.87, "returning_ci95": (0.85, 0.89)}, "the two cannot be told apart"),
        ({"returning_rate": 1.0, "returning_ci95": (0.99, 1.0)}, "all came back (100.0%"),
        ({"returning_rate": 0.0, "returning_ci95": (0.0, 0.3)}, "none came back (0.0%"),
        ({"returning_customers": 1}, "Of 1 established customer,"),
        (
            {"returning_rate": None, "returning_ci95": None, "returning_customers": 0},
            (
                "Of 2,221 customers of the earlier window, just over half came back (55.7%, 95% "
                "interval 53.6% to 57.7%). If nobody had left, 84% would be expected"
            ),
        ),
    ],
)
def test_answers(figures: dict[str, Any], expected: str) -> None:
    said = plain(words.answer.meaning(full(**figures), SPEECH))
    assert expected in said
    if "no_churn" in figures:
        assert "expected" not in said


def test_the_answer_is_four_short_sentences() -> None:
    said = plain(words.answer.meaning(FULL, SPEECH))
    assert len(re.findall(r"\.(?=\s|$)", said)) == 4


@given(st.integers(0, 2_000), st.integers(1, 2_000), st.integers(0, 2_000))
def test_the_base_grows_exactly_when_more_come_than_go(old: int, new: int, lost: int) -> None:
    result = full(resurrected_customers=old, new_customers=new, lost_customers=lost)
    said = plain(words.answer.meaning(result, SPEECH))
    assert ("grew" in said, "shrank" in said) == (new + old > lost, new + old < lost)


def test_regular_buyers_make_the_expectation_a_lower_bound() -> None:
    steady = full(regular())
    assert "at least 86%" in words.answer.meaning(steady, SPEECH)
    assert "at least 84%" in words.rates.meaning(FULL, SPEECH, regular())
    assert "at least" not in words.answer.meaning(full(regular(1.29)), SPEECH)
    said = plain(words.no_churn.meaning(steady, SPEECH, regular()))
    assert "at least 86%" in said and "the expectation is at least that high" in said
    high = full(regular(), returning_rate=0.87, returning_ci95=(0.85, 0.89))
    assert "cannot be told" in words.answer.meaning(high, SPEECH)
    assert "cannot be told" in words.no_churn.meaning(high, SPEECH)


# --- rates --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (
            {"first_time_rate": 0.2, "first_time_ci95": (0.15, 0.25)},
            (
                "Of established customers 55.2% (95% interval 54.1% to 56.3%) came back, of first-time "
                "buyers 20.0% (95% interval 15.0% to 25.0%)"
            ),
        ),
        ({"returning_rate": None, "first_time_rate": 0.2}, "All of them were buying for the first"),
        ({"returning_rate": None}, made.WHY),
        ({"resurrected_customers": 0}, "at the start, gives 80.9%."),
        ({"resurrected_customers": 1}, "1 older customer who came back after a pause"),
        ({"no_churn_expectation": 0.782}, "If nobody had left, 78% of all would be expected"),
        ({"start_customers": 1}, "1 customer bought between"),
    ],
)
def test_rates(figures: dict[str, Any], expected: str) -> None:
    result = made.rechanged(made.retention(), **figures)
    assert expected in plain(words.rates.meaning(result, SPEECH))


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, "Customers who came back: just over half; if nobody had left: 84%"),
        ({"no_churn": None}, "Customers who came back: just over half"),
    ],
)
def test_titles_without_established_customers(figures: dict[str, Any], expected: str) -> None:
    assert words.rates.title(full(returning_rate=None, **figures), SPEECH) == expected


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        (3_318, "1 more customer bought"),
        (3_317, "As many customers bought"),
        (3_316, "1 fewer customer bought"),
        (3_412, "95 more customers bought"),
    ],
)
def test_growing_and_shrinking(back: int, expected: str) -> None:
    result = made.rechanged(made.retention(), resurrected_customers=back)
    assert expected in plain(words.flow.meaning(result, SPEECH))


# --- is that good? ------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "ends", "side"),
    [
        (0.6, (0.5, 0.7), "below"),
        (0.7, (0.6, 0.79), "unclear"),
        (0.82, (0.8, 0.84), "unclear"),
        (0.855, (0.851, 0.86), "unclear"),
        (0.875, (0.8611, 0.89), "unclear"),
    ],
)
def test_sides_of_the_range(rate: float, ends: Any, side: str) -> None:
    """The range reaches from the lowest model, .79, to the established customers' own .861.

    It is no ceiling: a rate that is not below it says nothing.
    """
    found = full(returning_rate=rate, returning_ci95=ends).judged
    assert found is not None and found.side == side


def test_a_rate_without_an_interval_is_not_judged() -> None:
    bare = full(returning_rate=0.5, returning_ci95=None)
    assert bare.judged is None and bare.headline is None


def test_the_gap_in_customers() -> None:
    """(.861 - .589) 1,502 = 408.5; (.79 - .614) 1,502 = 264.4; (.861 - .564) 1,502 = 446.1."""
    found = FULL.judged
    assert found is not None and (found.gap, found.gap_range) == (410, (260, 450))


@given(st.floats(0, 0.7), st.floats(0.001, 0.05), st.floats(0.8, 0.99), st.integers(1, 10**6))
def test_the_gap_lies_in_its_range(rate: float, off: float, expected: float, n: int) -> None:
    result = full(
        returning_rate=rate,
        returning_ci95=(max(rate - off, 0.0), rate + off),
        returning_customers=n,
        no_churn=base(returning=expected),
    )
    found = result.judged
    assert found is not None and found.side == "below"
    assert found.gap_range[0] <= found.gap <= found.gap_range[1]


@pytest.mark.parametrize(
    ("n", "shown"), [(-3.0, 0), (0.4, 0), (7.9, 7), (408.5, 410), (12_345.0, 12_000)]
)
def test_rounded_customers(n: float, shown: int) -> None:
    assert rounded(n) == shown


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (
            {"no_churn": base(by_model={"MBG/NBD": 0.842}, lowest=0.842, highest=0.842)},
            "No other model could be used",
        ),
        (
            {"no_churn": base(left_out={"NBD": why("leaving_fits_better", model="NBD")})},
            "NBD is not used: it lets nobody leave",
        ),
        ({"returning_rate": 0.7, "returning_ci95": (0.6, 0.8)}, "cannot be told from nobody"),
        ({"returning_rate": 0.95, "returning_ci95": (0.94, 0.96)}, made.WHY),
        ({"no_churn": base(lowest=0.6, highest=0.85)}, made.WHY),
        ({"returning_customers": 1}, "of 1 established customer would"),
        ({"returning_rate": None}, "84% of 2,221 customers of the earlier window would"),
        ({"returning_rate": None, "start_customers": 1}, "84% of 1 customer of the earlier"),
        ({"no_churn": base(returning=None)}, made.WHY),
        ({"retained_rate": None, "returning_rate": None}, made.WHY),
        ({"no_churn": None}, made.WHY),
    ],
)
def test_is_that_good(figures: dict[str, Any], expected: str) -> None:
    assert expected in plain(words.no_churn.meaning(full(**figures), SPEECH))


def test_the_best_model_is_named_first() -> None:
    said = words.no_churn.meaning(full(no_churn=base(model="NBD")), SPEECH)
    assert said.index("(NBD)") < min(said.index("(MBG/NBD)"), said.index("(BG/NBD)"))


# --- growth -------------------------------------------------------------------


def grown(*rows: tuple[int, int, int | None]) -> Retention:
    """A client with quarters of (new, back, lost)."""
    nine = made.growth()
    periods = [
        period.model_copy(update={"new": new, "resurrected": back, "lost": lost})
        for period, (new, back, lost) in zip(nine.periods, rows, strict=False)
    ]
    return full(growth=accounted("quarter", periods))


@pytest.mark.parametrize(
    ("result", "title", "expected"),
    [
        (
            grown((9, 0, None), (5, 1, 4)),
            "In the latest period more customers were gained than lost",
            "6 customers were gained, 4 lost",
        ),
        (
            grown((9, 0, None), (3, 1, 4)),
            "In the latest period as many customers were gained as lost",
            "no more leave than come",
        ),
        (
            grown((9, 0, None), (2, 1, 4)),
            "Since Jan 2023 more customers have been lost than gained",
            "lost (4) than gained (3); one period alone may be the season",
        ),
        (
            grown((9, 0, None)),
            "Customers gained and lost, period by period",
            "There is only one full period",
        ),
        (grown(), "Customers gained and lost, period by period", "There is no full period yet"),
    ],
)
def test_growth(result: Retention, title: str, expected: str) -> None:
    assert words.growth.title(result, SPEECH) == title
    assert expected in plain(words.growth.meaning(result, SPEECH))


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"quick_ratio": 0.9, "quick_ratio_ci95": (0.8, 0.99)}, "More leave than come"),
        ({"quick_ratio": 0.9, "quick_ratio_ci95": (0.8, 1.0)}, "cannot be told"),
        ({"quick_ratio_ci95": None}, "back after a pause. Whether"),
        ({"quick_ratio": None, "quick_ratio_ci95": None}, made.WHY),
        ({"new_customers": 0}, "these customers are a closed group"),
    ],
)
def test_quick_ratios(figures: dict[str, Any], expected: str) -> None:
    said = plain(words.growth.meaning(full(**figures), SPEECH))
    assert expected in said and "More come" not in said


@pytest.mark.parametrize("unit", ["week", "month", "quarter", "half-year", "year"])
def test_every_period_has_its_warning(unit: Any) -> None:
    result = full(growth=made.growth(unit))
    assert "skips a period of the figure counts as lost in it" in words.growth.meaning(
        result, SPEECH
    )


# --- cohorts ------------------------------------------------------------------


def means(*rows: tuple[int, float, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["period", "rate", "size"])


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (
            means((0, 1.0, 9_000), (2, 0.31, 4_000), (1, 0.42, 7_000), (3, np.nan, 0)),
            (
                "Over all groups, 42.0% of 7,000 customers bought in period 1 after that of the first "
                "purchase. In period 2 it was 31.0% of 4,000 customers: only older groups"
            ),
        ),
        (means((0, 1.0, 1), (1, 0.0, 1)), "0.0% of 1 customer bought in period 1 after that"),
        (means((0, 1.0, 9)), "No group can be judged yet"),
        (means(), "No group can be judged yet"),
    ],
)
def test_means_of_cohorts(frame: pd.DataFrame, expected: str) -> None:
    known = frame[frame["rate"].notna() & (frame["size"] > 0)]
    result = full(cohorts=cohorts.later_means(known))
    said = plain(words.cohorts.meaning(result, SPEECH))
    assert expected in said and said.endswith("occasional buyers are the first to go.")
    if len(frame) < 3:
        assert "In period 2" not in said


# --- second purchases ---------------------------------------------------------


def curves(last: int = 400, size: int = 1_000, **tops: float) -> pd.DataFrame:
    """Curves that reach their share at once; as many as are not back are still watched."""
    day = np.arange(1, last + 1)
    made_ = [
        pd.DataFrame(
            {
                "group": name.strip("y"),
                "day": day,
                "share_back": top,
                "at_risk": round(size * (1 - top)),
            }
        )
        for name, top in ({"all": 0.62} | tops).items()
    ]
    return pd.concat(made_, ignore_index=True)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (
            curves(y2021=0.7, y2022=0.65, y2023=0.6),
            "Of those who first bought in 2021, 70% (95% interval 67% to 73%) were back by then, of those of 2023 60% (95% interval 57% to 63%). Later years do clearly worse",
        ),
        (curves(y2021=0.6, y2023=0.7), "do clearly better"),
        (curves(y2021=0.62, y2023=0.6), "no clear change over the years"),
        (curves(size=100, y2021=0.65, y2023=0.6), "no clear change over the years"),
    ],
)
def test_second_purchases_by_year(frame: pd.DataFrame, expected: str) -> None:
    said = plain(words.second_purchase.meaning(of_years(frame), SPEECH))
    assert expected in said
    assert "2021 " in words.second_purchase.alt(of_years(frame), SPEECH)
    shuffled = frame.sample(frac=1, random_state=1)
    assert of_years(shuffled) == of_years(frame)


def of_years(frame: pd.DataFrame, **figures: Any) -> Retention:
    """A client with such curves, and a window of 122 days."""
    return full(second_purchase_years=second_purchase.by_year(frame, 122), **figures)


@pytest.mark.parametrize(
    "frame",
    [
        curves().iloc[:0],
        curves(),
        curves(y2023=0.6),
        curves(last=121, y2021=0.7, y2023=0.6),
        curves(size=70, y2021=0.7, y2023=0.6),
    ],
)
def test_years_that_cannot_be_compared_are_not(frame: Any) -> None:
    said = words.second_purchase.meaning(of_years(frame), SPEECH)
    assert said == words.second_purchase.meaning(FULL, SPEECH)


def test_all_buy_a_second_time() -> None:
    frame = curves(y2021=1.0, y2023=1.0)
    result = of_years(frame, second_purchase_rate=1.0, second_purchase_ci95=(0.9, 1.0))
    said = plain(words.second_purchase.meaning(result, SPEECH))
    assert "all bought a second time in it (100.0%" in said and "The others" not in said


# --- revenue ------------------------------------------------------------------


def flow(**figures: Any) -> Any:
    assert FULL.revenue is not None
    return FULL.revenue.model_copy(update=figures)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"revenue": flow(same_customers="above")}, "bring more than before"),
        ({"revenue": flow(same_customers="unclear")}, "more or less than before cannot be told"),
        ({"net_revenue_ci95": None}, "is 71.0%, growth of the same customers included"),
        ({"revenue": flow(change=-1.0)}, "1.30 times revenue lost. Revenue fell."),
        ({"revenue": flow(change=0.0)}, "1.30 times revenue lost. Revenue stayed the same."),
        ({"revenue_quick_ratio": None}, made.WHY),
        ({"unassigned_revenue_share": 0.0}, "No revenue is without a customer"),
        ({"unassigned_revenue_share": None}, made.WHY),
        ({"revenue": None, "gross_revenue_retention": None}, made.WHY),
    ],
)
def test_revenue(figures: dict[str, Any], expected: str) -> None:
    assert expected in plain(words.revenue.meaning(full(**figures), SPEECH))


# --- parts --------------------------------------------------------------------


def test_nothing_clear_is_said_so() -> None:
    alike = [
        part.model_copy(update={"clearly": "unclear", "second_clearly": "unclear"})
        for part in made.parts()
    ]
    said = plain(words.parts.meaning(full(parts=alike), SPEECH))
    assert said.startswith("Nothing is clear in 12 comparisons") and "- " not in said
    for second in (False, True):
        title = words.parts.title(full(parts=alike), SPEECH, second)
        assert title == "No part of the customers does clearly better or worse"


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        ("above", "Clearly better than the others: newsletter"),
        ("below", "Clearly worse than the others: newsletter"),
    ],
)
def test_a_single_clear_part(side: Any, expected: str) -> None:
    one = made.parts()[0].model_copy(update={"clearly": side, "second_rate": None})
    result = full(parts=[one], parts_compared=1)
    assert words.parts.title(result, SPEECH) == expected
    assert "In 1 comparison of" in words.parts.meaning(result, SPEECH)
    assert words.parts.alt(result, SPEECH, second=True).startswith("No parts")


def test_second_purchases_by_part() -> None:
    assert words.parts.title(FULL, SPEECH, second=True) == (
        "Clearly better than the others: Herbata czarna; clearly worse: Zestaw prezentowy"
    )
    assert "bought a second time" in words.parts.alt(FULL, SPEECH, second=True)
    said = words.parts.meaning(FULL, SPEECH, second=True)
    assert "64.0% (95% interval 62.0% to 66.0%)** bought a second time, clearly more" in said
    assert "came back" not in said


def test_names_of_parts_are_no_markup() -> None:
    evil = made.parts()[0].model_copy(update={"name": "<script>*x* [y](z)"})
    said = words.parts.meaning(full(parts=[evil]), SPEECH)
    assert "\\<script\\>\\*x\\* \\[y\\](z)" in said


def test_every_kind_is_known() -> None:
    kinds: list[Any] = ["segment", "channel", "owner", "product"]
    every = [made.parts()[0].model_copy(update={"kind": kind}) for kind in kinds]
    said = words.parts.meaning(full(parts=every), SPEECH)
    assert "client.yaml" not in said and "- First product" in said and "- Segment" in said


# --- subscribers --------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"period": "week"}, "By the week"),
        ({"period": "quarter"}, "By the quarter"),
        ({"period": "year", "customers": 1, "active": 1}, "By the year: 1 customer paid like"),
        ({"recent_clearly": "below"}, "Clearly fewer stop now"),
        ({"recent_clearly": "above"}, "Clearly more stop now"),
        ({"charges": 1, "ended": 0, "recent_charges": 0}, "Of 1 charge from the fourth on"),
    ],
)
def test_subscribers(figures: dict[str, Any], expected: str) -> None:
    one = made.full_retention().contractual[0].model_copy(update=figures)
    assert expected in plain(words.subscribers.meaning(full(contractual=[one]), SPEECH))


def test_subscribers_of_whom_little_is_known() -> None:
    names = (
        "churn_rate",
        "churn_ci95",
        "recent_rate",
        "recent_ci95",
        "alpha",
        "beta",
        "projection",
    )
    one = made.full_retention().contractual[0].model_copy(update=dict.fromkeys(names))
    said = words.subscribers.meaning(full(contractual=[one]), SPEECH)
    assert made.WHY in said and "In the last year" not in said and "Of 100" not in said


# --- lost customers -----------------------------------------------------------


def lost(**change: Any) -> pd.DataFrame:
    """Two lost customers, of whom the second came only in the prior window."""
    frame = pd.DataFrame(
        {
            "code": ["k3f9", "<b>x</b>"],
            "prior_spend": [1_234.5, np.nan],
            "spend": [9_876.0, 50.0],
            "first_day": pd.to_datetime(["2022-01-05", "2024-08-01"]),
            "last_day": pd.to_datetime(["2024-07-03", "2024-08-01"]),
            "occasions": [11, 1],
            "before_3": pd.array([5, pd.NA], dtype="Int64"),
            "before_2": pd.array([4, 0], dtype="Int64"),
            "before_1": pd.array([0, 0], dtype="Int64"),
            "prior": pd.array([2, 1], dtype="Int64"),
            "silent_days": [181, 152],
            "channel": ["newsletter", None],
            "owner": ["Anna", " "],
            "products": ["tea; cup; …", np.nan],
            "effort": ["called", ""],
            "reason": ["too dear", None],
        }
    )
    return frame.assign(**change)


def test_rows_of_lost_customers() -> None:
    table = words.lost.rows(lost(), SPEECH)
    assert table.to_numpy().tolist() == [
        ["k3f9", "1,234", "5 → 4 → 0 → 2 → 0", "Jul 3, 2024"]
        + ["Anna", "tea; cup; …", "called", "too dear"],
        ["<b>x</b>", "–", "0 → 0 → 1 → 0", "Aug 1, 2024"] + ["–"] * 4,
    ]
    long = words.lost.rows(lost(products=["a tea of many words " * 5, None]), SPEECH)
    assert len(long.iloc[0, 5]) <= 48 and long.iloc[0, 5].endswith(" …")
    assert table.columns[1] == "Spent in the earlier window (USD)"
    assert words.lost.rows(lost(), Speech(currency="")).columns[1] == "Spent in the earlier window"


@pytest.mark.parametrize("name", ["owner", "products", "effort", "reason"])
def test_columns_that_the_client_has_not_are_left_out(name: str) -> None:
    whole = words.lost.rows(lost(), SPEECH)
    table = words.lost.rows(lost().drop(columns=name), SPEECH)
    assert len(table.columns) == len(whole.columns) - 1
    assert set(table.columns) < set(whole.columns)


def test_nobody_lost_is_a_table_without_rows() -> None:
    assert words.lost.rows(lost().iloc[:0], SPEECH).shape == (0, 8)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"customers": 1}, "had spent $4,200 in the earlier window: 1 customer in all"),
        ({"share": None}, made.WHY),
    ],
)
def test_lost(figures: dict[str, Any], expected: str) -> None:
    assert FULL.lost is not None
    result = full(lost=FULL.lost.model_copy(update=figures))
    assert expected in plain(words.lost.meaning(result, SPEECH))


# --- the first screen ---------------------------------------------------------


def lines(result: Retention, cycle: Cycle | None = None) -> list[Headline]:
    sure = made.changed(made.audit(), verdict=Verdict(retention="fit", clv="fit", forecast="fit"))
    results = made.results(audit=sure, retention=result, cycle=cycle or made.cycle())
    return headlines(results, SPEECH)


def test_first_lines_of_a_client_of_whom_all_is_known() -> None:
    rate, flow, repeat, *_ = lines(FULL)
    assert rate == Headline(
        "Established customers who came back",
        "About 6 in 10",
        "58.9% of 1,502 customers; 95% interval 56.4% to 61.4%",
        "If nobody left, it would be 86%. About 410 fewer came back, so keeping customers deserves "
        "a test.",
        "firm",
        "no clear change since Sep 30, 2024",
    )
    assert flow == Headline(
        "Customers gained for each one lost",
        "About 1.5",
        "1.51, from 1,488 gained and 984 lost; 95% interval 1.42 to 1.61",
        "More come than leave: the base grows as long as new customers keep coming.",
        "firm",
        "+0.58 since Sep 30, 2024",
    )
    assert repeat.change == ""


@pytest.mark.parametrize(
    ("rate", "ends", "k", "word", "so_what"),
    [
        (
            0.78,
            (0.77, 0.789),
            0.9,
            "firm",
            "If nobody left, it would be 86%. About 120 fewer",
        ),
        (0.75, (0.7, 0.8), 0.9, "likely", "If nobody left, it would be 86%. Probably some leave"),
        (
            0.75,
            (0.65, 0.85),
            0.9,
            "open",
            "If nobody left, it would be 86%. The two cannot be told apart",
        ),
        (
            0.82,
            (0.81, 0.83),
            0.9,
            "open",
            "If nobody left, it would be 86%. The two cannot be told apart",
        ),
        (
            0.87,
            (0.85, 0.89),
            0.9,
            "open",
            "If nobody left, it would be 86%. The two cannot be told",
        ),
        (0.9, (0.87, 0.93), 0.9, "firm", "More stay than leave"),  # above it: not usable
        (0.87, (0.85, 0.89), 1.3, "open", "If nobody left, it would be at least 86%. The two"),
        (0.78, (0.77, 0.789), 1.3, "firm", "If nobody left, it would be at least 86%. About"),
        (1.0, (0.99, 1.0), 0.9, "firm", "All of them came back"),
    ],
)
def test_the_rate_is_judged_against_nobody_leaving(
    rate: float, ends: Any, k: float, word: str, so_what: str
) -> None:
    head, *_ = lines(full(regular(k), returning_rate=rate, returning_ci95=ends))
    assert head.certainty == word and head.so_what.startswith(so_what)


@pytest.mark.parametrize(
    ("rate", "ends", "so_what"),
    [
        (0.589, (0.564, 0.614), "More stay than leave; 617 of them have not"),
        (0.4, (0.37, 0.43), "More leave than stay"),
        (0.5, (0.4, 0.6), "Too few to tell whether more stay than leave"),
    ],
)
def test_without_an_expectation_one_half_is_the_threshold(
    rate: float, ends: Any, so_what: str
) -> None:
    head, *_ = lines(full(returning_rate=rate, returning_ci95=ends, no_churn=None))
    assert head.so_what.startswith(so_what)


@pytest.mark.parametrize(
    ("figures", "word", "so_what"),
    [
        (
            {"quick_ratio": 0.8, "quick_ratio_ci95": (0.7, 0.9), "lost_customers": 1_860},
            "firm",
            "More leave than come",
        ),
        ({"quick_ratio": 1.02, "quick_ratio_ci95": (0.9, 1.2)}, "open", "Whether the base grows"),
        ({"quick_ratio": 1.1, "quick_ratio_ci95": (0.97, 1.24)}, "likely", "More come than leave"),
        ({"quick_ratio_ci95": None}, "open", "Whether the base grows"),
        ({"new_customers": 0}, "open", "Nobody new came"),
        ({"quick_ratio": None}, "open", made.WHY),
    ],
)
def test_net_flow(figures: dict[str, Any], word: str, so_what: str) -> None:
    head = lines(full(**figures))[1]
    assert head.certainty == word and head.so_what.startswith(so_what)


@pytest.mark.parametrize(
    ("ends", "news", "expected"),
    [
        ((0.002, 0.034), 0.018, "+1.8 points since Sep 30, 2024"),
        ((-0.05, -0.01), -0.03, "−3.0 points since Sep 30, 2024"),
        ((-0.016, 0.052), 0.018, "no clear change since Sep 30, 2024"),
        (None, 0.018, "+1.8 points since Sep 30, 2024"),
        (None, None, "not comparable with Sep 30, 2024"),
    ],
)
def test_change_of_the_rate(ends: Any, news: float | None, expected: str) -> None:
    before = made.previous()
    moved = before.changes[0].model_copy(update={"news": news})
    low, high = ends or (0.0, 0.0)
    side = "above" if low > 0 else "below" if high < 0 else "unclear"
    update = {
        "changes": [moved],
        "returning_difference_ci95": ends,
        "returning_clearly": side,
    }
    head, flow, *_ = lines(full(previous=before.model_copy(update=update)))
    assert head.change == expected and flow.change == ""


def test_without_an_earlier_report_nothing_has_changed() -> None:
    assert {head.change for head in lines(full(previous=None))} == {""}


@pytest.mark.parametrize(
    ("rate", "ends", "expected"),
    [
        (0.7, (0.6, 0.79), "likely"),
        (0.7, (0.6, 0.7899), "firm"),
        (0.82, (0.81, 0.83), "open"),
        (0.9, (0.85, 0.93), "likely"),
        (0.9, (0.8501, 0.93), "firm"),
    ],
)
def test_certainty_against_a_range(rate: float, ends: Any, expected: str) -> None:
    assert certainty.of_rate(rate, ends, 0.79, 0.85) == expected


def test_dates_of_lost_customers_may_be_plain() -> None:
    frame = lost(first_day=[date(2022, 1, 5)] * 2, last_day=[date(2024, 7, 3)] * 2)
    assert list(words.lost.rows(frame, SPEECH)["Last purchase"]) == ["Jul 3, 2024"] * 2


def test_too_little_history_is_not_put_down_to_missing_columns() -> None:
    for second in (False, True):
        said = words.parts.meaning(NONE, SPEECH, second)
        assert "client.yaml" not in said and said


def test_a_part_of_a_long_name_is_read_out_in_one_line() -> None:
    (first, *others) = FULL.parts
    named = first.model_copy(update={"name": "two\r\nlines " + "o" * 300})
    said = words.parts.alt(full(parts=[named, *others]), SPEECH)
    assert "two lines ooo" in said and "o" * 61 not in said


def test_lost_customers_without_amounts_are_not_called_the_most_valuable() -> None:
    assert FULL.lost is not None
    free = full(lost=FULL.lost.model_copy(update={"spend": 0.0, "share": None}))
    assert "how often" in words.lost.caption(free, SPEECH)


def test_columns_that_say_nothing_of_anybody_are_left_out() -> None:
    table = words.lost.rows(lost().assign(products=None), SPEECH)
    assert "Last bought" not in table.columns


def test_nobody_in_either_window_is_said_as_such() -> None:
    gone = {"new_customers": 0, "resurrected_customers": 0, "end_customers": 0}
    said = words.flow.meaning(full(start_customers=0, lost_customers=0, **gone), SPEECH)
    assert "Nobody bought in either window" in said
    answer = words.answer.meaning(full(**gone), SPEECH)
    assert "nobody at all" in answer and "closed group" not in answer
    assert "closed group" not in words.growth.meaning(full(**gone), SPEECH)


def test_records_without_parts_are_told_how_to_name_them() -> None:
    said = plain(words.parts.meaning(full(parts=[]), SPEECH))
    assert said.startswith("No parts of the customers can be compared")
    assert "columns: {segments: […], channel: …, owner: …, product: …}" in said


def of_two_windows(**figures: Any) -> Retention:
    """CDNOW by a history that holds two windows but not three."""
    days = {"history_days": figures.pop("history_days", 546), "gate": "two_windows"}
    return made.rechanged(made.retention(), made.changed(made.cycle(), **days), **figures)


def test_two_windows_are_a_short_memory() -> None:
    for say in (words.answer.meaning, words.flow.alt):
        assert "at least 1,906" in say(of_two_windows(), SPEECH)
        assert "at least" not in say(made.retention(), SPEECH)
    assert "**a lower bound**" in words.flow.meaning(of_two_windows(), SPEECH)
    assert "lower bound" not in words.flow.meaning(made.retention(), SPEECH)


@pytest.mark.parametrize(("days", "nobody"), [(426, True), (427, False)])
def test_with_two_windows_exactly_nobody_can_come_back_after_a_pause(
    days: int, nobody: bool
) -> None:
    result = of_two_windows(resurrected_customers=0, history_days=days)
    said = words.flow.meaning(result, SPEECH)
    assert ("nobody can be seen to come back" in said) == nobody == ("overstated" in said)


def test_every_reason_of_notebook_03_has_its_sentence_and_every_sentence_is_given() -> None:
    library = Path(retention_lib.__file__).parent
    sources = [*library.glob("retention_rate/*.py"), *library.glob("comparison/*.py")]
    sources += [library / "models" / name for name in ("no_churn.py", "sbg.py")]
    sources.append(library / "study" / "questions.py")
    given = {
        code for source in sources for code in re.findall(r'"([a-z]+(?:_[a-z]+)*)"', _read(source))
    }
    assert set(words.reasons.REASONS) <= given
    codes = set(re.findall(r'why\(\s*"(\w+)"', "".join(map(_read, sources))))
    codes -= {"published_unvaried", "draft_unpublished"}  # of notebook 04, in study/questions.py
    assert codes <= set(words.reasons.REASONS)


def _read(source: Path) -> str:
    return source.read_text(encoding="utf-8")
