"""Sentences of notebook 04: what the customers are worth, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from math import exp
from typing import Any

import mistune
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from retention_lib import words
from retention_lib.clv.findings import past_forecasts, placed
from retention_lib.results import (
    Centre,
    Clocks,
    Clv,
    MonthFactor,
    NewCustomerValue,
    NextPurchases,
    PastForecast,
    PriceDrift,
    Spread,
    Trend,
    why,
)
from retention_lib.speech import Speech
from retention_lib.words.first_screen.lines import Headline, headlines
from retention_lib.words.reasons import reason
from tests import made

SPEECH = Speech()
POLISH = Speech(locale="pl", currency="PLN")
EVIL = "<script>x</script> | *b* [l](http://x.y) `c` $e$ _u_ www.x.y a@b.c &lt;i&gt; {n}"
Sentence = tuple[Callable[[Any, Speech], str], Any, str, Any, str]
CLV, NONE, RULE, SUBSCRIBED = made.clv(), made.no_clv(), made.rule_clv(), made.subscribed()


def plain(text: str) -> str:
    """Return Markdown without its marks, as it is read."""
    return re.sub(r"\\([^\s\w]|_)", r"\1", text.replace("**", ""))


def clv(**figures: Any) -> Clv:
    return made.changed(CLV, **figures)  # type: ignore[no-any-return]


def no_amounts() -> Clv:
    """A client with subscribers and new customers whose records carry no amounts."""
    bare = [
        kind.model_copy(update={"first_value": None, "value": None, "value_ci95": None})
        for kind in made.new_customers()
    ]
    money = (
        *("total_clv", "total_clv_ci95", "total_clv_own_ci95", "top20_share", "median_clv"),
        *("mean_clv", "expected_revenue", "expected_revenue_ci95", "price_drift"),
    )
    return made.changed(  # type: ignore[no-any-return]
        SUBSCRIBED,
        **dict.fromkeys((*money, "value_at_risk", "gamma_gamma")),
        states=[s.model_copy(update={"value": None, "at_risk": None}) for s in CLV.states],
        subscribers=[s.model_copy(update={"value": None}) for s in SUBSCRIBED.subscribers],
        new_customer_value=bare,
    )


def recorded(
    *off: float, days: int = 365, within: float = 0.35, own: float = 0.05, apart: int = 365
) -> Clv:
    """A client whose earlier forecasts of 1,000 purchases were off by the given shares."""
    forecasts = [
        PastForecast(
            origin=(origin := date(1990, 1, 1) + timedelta(days=apart * at)),
            end=origin + timedelta(days=days),
            customers=500,
            predicted=1_000.0,
            moved=1_000.0,
            alike=True,
            actual=round(1_000 * (1 + share)),
            own_ci95=(1_000 * (1 - own), 1_000 * (1 + own)),
            ci95=(1_000 * (1 - within), 1_000 * (1 + within)),
        )
        for at, share in enumerate(off)
    ]
    inside = sum(forecast.inside for forecast in forecasts)
    return clv(
        past_forecasts=past_forecasts(days, forecasts, {}),
        coverage=inside / len(forecasts) if forecasts else None,
    )


def moved(mean: float, kept: float = 0.4, forecasts: int = 5) -> Centre:
    """By how much earlier forecasts move today's."""
    shift = mean * kept
    return Centre(
        shift=shift, factor=exp(shift), mean=mean, kept=kept, forecasts=forecasts, windows=2
    )


def young(**figures: Any) -> Clocks:
    """The calendar of a client of under two years."""
    known = {
        "season_is": "tentative",
        "pace": None,
        "stay": None,
        "stay_then": 0.8,
        "stay_now": 0.8,
    }
    return made.clocks().model_copy(update=known | figures)


def scored(bias: float | None, **figures: Any) -> Clv:
    held = CLV.holdout
    assert held is not None
    score = held.models[0].model_copy(update={"bias": bias})
    return clv(holdout=held.model_copy(update={"models": [score]}), **figures)


def left_out() -> Clv:
    assert CLV.past_forecasts is not None
    left = {"1997-03-31": why("nothing_expected")}
    return clv(past_forecasts=CLV.past_forecasts.model_copy(update={"left_out": left}))


SENTENCES: list[Sentence] = [
    (
        words.clv.answer.meaning,
        CLV,
        (
            "Within 12 months|$812K of revenue (not profit)|95% interval goes from $628K to $1.1M.|"
            "customer equity|2 of 2 earlier forecasts that could be checked came out within"
        ),
        NONE,
        made.WHY,
    ),
    (
        words.clv.race.meaning,
        CLV,
        "BG/NBD is used: no other model's totals came clearly closer, over 365 days from 1 earlier",
        NONE,
        made.WHY,
    ),
    (
        words.clv.race.caption,
        CLV,
        "Forecasts of 214 days, 1 time between Jun 1, 1997 and Dec 31, 1997, the closest first",
        NONE,
        "in the tests",
    ),
    (
        words.clv.calibration.title,
        CLV,
        "predicted 11% too few",
        NONE,
        "Purchases predicted and purchases made",
    ),
    (
        words.clv.calibration.alt,
        CLV,
        "made (13,959 in all) and predicted (12,400 in all)",
        NONE,
        "nothing to draw",
    ),
    (
        words.clv.calibration.meaning,
        CLV,
        "Purchases predicted: 12,400; made: 13,959.|rank",
        NONE,
        made.WHY,
    ),
    (words.clv.tracking.title, CLV, "Week by week: 11% too few", NONE, "week by week"),
    (words.clv.tracking.alt, CLV, "from Dec 1, 1997 on were kept", NONE, "nothing to draw"),
    (
        words.clv.tracking.meaning,
        CLV,
        (
            "Only the weeks from Dec 1, 1997 on are a test|of which it knows nothing: plan single|"
            "predicts 12,400 purchases from Dec 1, 1997 to Jun 30, 1998; customers made 13,959.|11% too low"
        ),
        NONE,
        made.WHY,
    ),
    (words.clv.past_forecasts.title, CLV, "Within their range: 2 of 2", NONE, "Earlier forecasts"),
    (
        words.clv.past_forecasts.alt,
        CLV,
        "2 earlier days, from Jun 30, 1997 to Sep 30, 1997|2 within the wider range, 0 within its own",
        NONE,
        "nothing to draw",
    ),
    (
        words.clv.past_forecasts.meaning,
        left_out(),
        (
            "as of 2 earlier days, for the 273 days|in 2 of 2, within the forecast's own in "
            "0 of 2|So few cannot show|As first made, 1 of 2 were too high, 1 too low. At most they "
            "were 7% too high, and 12% too low.|Earlier forecasts came out 5% too low, so this one is "
            "raised by 2%.|40% of their error is taken over: the rest may be chance, since "
            "these 3 forecasts overlap and count as 2.|"
            "On 1 earlier day no forecast could be made (Mar 31, 1997). Nobody is expected to buy again."
        ),
        NONE,
        made.WHY,
    ),
    (
        words.clv.expectation.meaning,
        SUBSCRIBED,
        (
            "buy 17,000 times. The 95% interval goes from 13,200 to 21,900.|They bring $850,000 of "
            "revenue. The 95% interval goes from $660,000 to $1,100,000.|discounted at 10% a year, that "
            "is worth $812,000 of revenue: their customer equity, $34 for each customer|"
            "from $628,000 to $1,050,000.|paid 3% more for an order each year, so past amounts|"
            "came out 5% too low, so this one is raised by 2%|own range, from $780,000 to $846,000, is "
            "too narrow|about 11%, learnt from 2 earlier forecasts and from what is usual; it reaches "
            "further down than up|Of these purchases, 2,010 "
            "come from 212 subscribers|They are worth $50,100 (6% of the sum)."
        ),
        NONE,
        made.WHY,
    ),
    (
        words.clv.value_distribution.title,
        CLV,
        "less than $9.40 each",
        NONE,
        "How many customers",
    ),
    (words.clv.value_distribution.alt, CLV, "below $9.40", NONE, "nothing to draw"),
    (
        words.clv.value_distribution.meaning,
        CLV,
        "less than $9.40 within 12 months; the mean is $34, because a few|spending $9.40 or more",
        NONE,
        made.WHY,
    ),
    (words.clv.value_lorenz.title, CLV, "holds 71%", NONE, "spread over customers"),
    (words.clv.value_lorenz.alt, CLV, "first fifth holds 71%", NONE, "nothing to draw"),
    (words.clv.value_lorenz.meaning, CLV, "71%|those who bring little", NONE, made.WHY),
    (
        words.clv.at_risk.title,
        CLV,
        "$301K at risk, 65% of it with 18,970 lapsed customers",
        NONE,
        "at risk",
    ),
    (
        words.clv.at_risk.alt,
        CLV,
        "Lapsed 72%; Active 18%; Slipping 40%.",
        NONE,
        "nothing to draw",
    ),
    (
        words.clv.at_risk.meaning,
        CLV,
        (
            "$301K of the expected value, 37% of it, is at stake:|"
            "next 203 days|Most of it, 65%, lies with 18,970 lapsed customers|with 600 slipping "
            "customers: $27|not what a campaign would win"
        ),
        NONE,
        made.WHY,
    ),
    (words.clv.alive.title, CLV, "81% on average", NONE, "chance of still being"),
    (words.clv.alive.alt, CLV, "never bought again it stays at 100%", NONE, "nothing to draw"),
    (
        words.clv.alive.meaning,
        CLV,
        "81%|surely still a customer|MBG/NBD, which lets them leave as well, gives 45%",
        NONE,
        made.WHY,
    ),
    (words.clv.new_customers.title, SUBSCRIBED, "brings $82 of revenue", NONE, "next new customer"),
    (
        words.clv.new_customers.alt,
        SUBSCRIBED,
        "above all: channel “newsletter”.|below all: customers of 2024; channel “social media”;",
        NONE,
        "nothing to draw",
    ),
    (
        words.clv.new_customers.meaning,
        SUBSCRIBED,
        (
            "bring $82 within 12 months; $18 of it|95% interval goes from $66 to $102.|"
            "That is revenue: the most that winning one may cost is the profit in that sum.|Of 5 parts that could be compared with all, 4|"
            "Clearly more, channel “newsletter”: $118, between $94 and $148, learnt from 900 "
            "customers.|Clearly less, customers of 2024: $71|seen for a short time only"
        ),
        NONE,
        made.WHY,
    ),
    (words.clv.months.title, CLV, "December brings 1.45 times", NONE, "What a month is worth"),
    (
        words.clv.months.alt,
        CLV,
        "January 0.95; February 1.00; March 0.95;|November 1.35; December 1.45.",
        NONE,
        "nothing to draw",
    ),
    (
        words.clv.months.meaning,
        CLV,
        (
            "most often in December, 1.45 times as often as in an even month, and least often in "
            "July, 0.75 times|takes all months alike"
        ),
        NONE,
        made.WHY,
    ),
    (words.clv.stay.title, CLV, "fell from 86% to 74%", NONE, "The chance to stay after"),
    (words.clv.stay.alt, CLV, "from 86% when the records begin to 74%", NONE, "nothing to draw"),
    (
        words.clv.stay.meaning,
        CLV,
        (
            "stayed on after 86% of purchases; today it is 74%. That is 5% less a year (95% interval "
            "-6% to -4%). Customers leave sooner|mean over all records|has not clearly changed"
        ),
        NONE,
        made.WHY,
    ),
    (
        words.clv.next_purchases.meaning,
        CLV,
        "9,300 customers had such a day, and 31% of them|29% had. The days came true as often as",
        NONE,
        made.WHY,
    ),
    (words.clv.model.caption, CLV, "weeks", NONE, "weeks"),
    (
        words.clv.model.meaning,
        CLV,
        "-9,582.43|946 repeat buyers; those who buy more often spend more on a purchase (rank correlation 0.11)",
        NONE,
        made.WHY,
    ),
    (
        words.clv.customers_file.caption,
        CLV,
        "The 25 columns of customers.parquet",
        NONE,
        "The 25 columns",
    ),
    (
        words.clv.customers_file.meaning,
        CLV,
        "`customers.parquet`|`customers_columns.csv` beside it",
        NONE,
        made.WHY,
    ),
]
TOLD = [
    pytest.param(say, result, id=f"{say.__module__.rpartition('.')[2]}-{say.__name__}-{name}")
    for say, *_ in SENTENCES
    for name, result in {
        "rule": RULE,
        "subscribed": SUBSCRIBED,
        "no_amounts": no_amounts(),
        "no_record": clv(past_forecasts=None, coverage=None, rolling=[], spread=None),
        "no_test": clv(holdout=None, rolling=[], past_forecasts=None, coverage=None),
        "not_in_test": clv(model="own"),
        "nobody_bought": scored(None),
        "none": NONE,
        "margin": made.changed(SUBSCRIBED, basis="margin", expected_purchases_ci95=None),
        "nothing_at_risk": clv(
            value_at_risk=0.0,
            states=[s.model_copy(update={"at_risk": 0.0}) for s in CLV.states],
        ),
        "rule_won_before": made.changed(RULE, rolling=[RULE.holdout, made.earlier_race()]),
        "short": clv(horizon_months=9),
        "on_clocks": clv(model="MBG/NBD on two clocks"),
        "nobody_leaves": clv(model="NBD", mean_p_alive=1.0),
        "no_calendar": clv(clocks=None, centre=None, price_drift=None, next_purchases=None),
        "young_calendar": clv(clocks=young()),
        "unmoved": clv(centre=moved(0.0)),
        "plain": clv(total_clv_ci95=None, expected_purchases_ci95=None, states=[]),
    }.items()
]


# --- every sentence, whatever is known ----------------------------------------


@pytest.mark.parametrize("speech", [SPEECH, POLISH], ids=["en", "pl"])
@pytest.mark.parametrize(("say", "result"), TOLD)
def test_sentence_is_whole(say: Callable[[Any, Speech], str], result: Clv, speech: Speech) -> None:
    said = say(result, speech)
    assert said
    for line in filter(None, said.split("\n")):
        assert not re.search(r"None|nan\b|\{\w*\}|  |\.\.|\s[.,;]", line), line
        assert all(node.count("$") <= 1 for node in line.split("**")), line
        if not say.__name__.endswith(("title", "caption")):
            assert line.rstrip(")*")[-1] in ".:", line
    said_once = re.split(r"(?<=[a-z]\.)\s", said)
    assert len(set(said_once)) == len(said_once)


@pytest.mark.parametrize(("say", "result"), TOLD)
def test_no_sentence_speaks_of_a_model_where_a_rule_is_used(
    say: Callable[[Any, Speech], str], result: Clv
) -> None:
    if result.model in ("own", "cohort", "last window") and result.mean_p_alive is None:
        assert not re.search(r"\b[Tt]he model (predicted|foresaw|gives)", say(result, SPEECH))


def test_numbers_follow_the_locale() -> None:
    said = plain(words.clv.expectation.meaning(SUBSCRIBED, POLISH))
    assert "812\xa0000\xa0zł" in said and "17\xa0000 times" in said
    assert "2\xa0010 come from" in said and "10% a year" in said
    assert "31 mar 1997" in words.clv.past_forecasts.meaning(SUBSCRIBED, POLISH)
    assert "PLN (revenue)" in set(words.clv.customers_file.rows(SUBSCRIBED, POLISH)["Unit"])


def test_names_of_channels_and_products_are_never_markup() -> None:
    kinds: tuple[Any, ...] = ("cohort", "channel", "product")
    whole, *_ = made.new_customers()
    parts = [
        whole.model_copy(update={"kind": kind, "name": EVIL, "compared": compared})
        for kind in kinds
        for compared in ("above", "below")
    ]
    result = clv(new_customer_value=[whole, *parts])
    html = str(mistune.html(words.clv.new_customers.meaning(result, SPEECH)))
    page = BeautifulSoup(html, "html.parser")
    assert {tag.name for tag in page.find_all(True)} <= {"p", "ul", "li", "strong"}
    assert page.get_text().count("<script>x</script> | *b* [l](http://x.y) `c` $e$ _u_") == 6
    assert words.clv.new_customers.alt(result, SPEECH).count(EVIL) == 6


# --- the answer, and its range ------------------------------------------------


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (
            [0.1] * 2 + [-0.1] * 3 + [0.5],
            "5 of 6 earlier forecasts that could be checked came out within their range.",
        ),
        (
            [0.1, -0.1],
            "2 of 2 earlier forecasts that could be checked came out within their range.",
        ),
        ([0.1], "1 of 1 earlier forecast that could be checked came out within its range."),
        (
            [0.5],
            "0 of 1 earlier forecast that could be checked came out within its range.",
        ),
        ([0.5, -0.5], "0 of 2 earlier forecasts that could be checked came out within"),
    ],
)
def test_the_answer_says_how_earlier_forecasts_came_out(off: list[float], said: str) -> None:
    assert said in plain(words.clv.answer.meaning(recorded(*off), SPEECH))


@pytest.mark.parametrize(
    ("bias", "said"),
    [
        (-0.112, "the forecast was 11% too low."),
        (0.2, "the forecast was 20% too high."),
        (0.001, "the forecast was right within 1%."),
        (None, "Nobody bought in the days kept for a test"),
    ],
)
def test_without_earlier_forecasts_the_answer_turns_to_the_test(
    bias: float | None, said: str
) -> None:
    result = scored(bias, past_forecasts=None, coverage=None)
    assert said in plain(words.clv.answer.meaning(result, SPEECH))


def test_value_in_margin_and_without_amounts() -> None:
    margin = clv(basis="margin", total_clv_ci95=(700_000.0, 900_000.0))
    said = plain(words.clv.answer.meaning(margin, SPEECH))
    assert "$812K of margin" in said and "from $700K to $900K" in said
    said = plain(words.clv.expectation.meaning(margin, SPEECH))
    assert "worth $812,000 of margin" in said and "from $700,000 to $900,000" in said
    bare = no_amounts()
    said = plain(words.clv.answer.meaning(bare, SPEECH))
    assert (
        "buy 17,000 times. The 95% interval goes from 13,200 to 21,900." in said and "$" not in said
    )
    said = plain(words.clv.expectation.meaning(bare, SPEECH))
    assert "own range, from 16,500 to 17,500, is too narrow" in said and "$" not in said
    assert "Of these purchases, 2,010 come from 212 subscribers" in said and made.WHY in said
    month = clv(horizon_months=1)
    assert "Within 1 month, today's" in words.clv.answer.meaning(month, SPEECH)


def test_without_a_range_none_is_claimed() -> None:
    result = clv(
        total_clv_ci95=None,
        total_clv_own_ci95=None,
        expected_purchases_ci95=None,
        expected_revenue_ci95=None,
        spread=None,
    )
    for said in (
        words.clv.answer.meaning(result, SPEECH),
        words.clv.expectation.meaning(result, SPEECH),
    ):
        assert "interval" not in said and "$812" in plain(said)


def test_the_wider_range_is_explained_without_earlier_forecasts_too() -> None:
    spread = Spread(
        purchases=0.01, value=0.02, below=0.1, above=0.1, error=0.105, forecasts=0, factor=2.8
    )
    said = plain(words.clv.expectation.meaning(clv(spread=spread), SPEECH))
    assert "an error of about 10%, as is usual; no earlier forecast could be checked" in said


def test_subscribers_are_told_of_only_where_there_are_any() -> None:
    assert "subscribers" in words.clv.expectation.meaning(SUBSCRIBED, SPEECH)
    assert "subscribers" not in words.clv.expectation.meaning(CLV, SPEECH)


# --- earlier forecasts --------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "said"),
    [
        ([-0.1, -0.2], "As first made, all were too high, by 11% to 25%."),
        ([0.1, 0.2, 0.1], "As first made, all were too low, by 9% to 17%."),
        ([-0.1], "As first made, it was too high, by 11%."),
        ([0.0], "As first made, 0 of 1 were too high, 0 too low."),
        ([-0.1, 0.0, -0.2, -0.2], "As first made, 3 of 4 were too high, 0 too low."),
        ([-0.3, -0.2, -0.1, 0.1], "At most they were 43% too high, and 9% too low."),
    ],
)
def test_errors_are_those_of_forecasts_as_first_made(off: list[float], said: str) -> None:
    assert said in plain(words.clv.past_forecasts.meaning(recorded(*off), SPEECH))


@pytest.mark.parametrize(
    ("centre", "said"),
    [
        (
            moved(-0.11333),
            "came out 12% too high, so this one is lowered by 4%.",
        ),  # e^.11333, e^-.0453
        (moved(0.1), "came out 10% too low, so this one is raised by 4%."),
        (moved(0.0, forecasts=3), ""),
        (moved(-0.01), ""),  # by what rounds to nothing
    ],
)
def test_the_centre_and_its_reason_stand_wherever_the_total_does(centre: Centre, said: str) -> None:
    result = clv(centre=centre)
    for say in (words.clv.answer, words.clv.expectation, words.clv.past_forecasts):
        told = plain(say.meaning(result, SPEECH))
        assert said in told and ("this one is" in told) == bool(said)
    line = head(result).range
    assert ("lowered by 4%, as earlier forecasts were too high" in line) == ("lowered" in said)
    assert ("raised by 4%, as earlier forecasts were too low" in line) == ("raised" in said)


@pytest.mark.parametrize(
    ("centre", "said"),
    [
        (
            moved(0.1, forecasts=3),
            "40% of their error is taken over: the rest may be chance, since these 3",
        ),
        (moved(0.1, kept=0.0, forecasts=2), "Too few were made as today's is to move it."),
        (moved(0.1, kept=0.0, forecasts=5), "Over so short a time, moving forecasts"),
        (moved(0.001), "comes to nothing, so it is not moved"),
        (None, made.WHY),
    ],
)
def test_the_record_says_why_so_much_of_the_error_is_taken_over(
    centre: Centre | None, said: str
) -> None:
    assert said in plain(words.clv.past_forecasts.meaning(clv(centre=centre), SPEECH))


def test_what_is_left_of_a_lean_is_carried_over_to_today() -> None:
    off = [-0.12, -0.2, -0.3, -0.15, -0.25]
    for say in (words.clv.answer, words.clv.past_forecasts):
        still = made.changed(recorded(*off), centre=moved(-0.2))
        assert "Moved by as much, most of them would still" in plain(say.meaning(still, SPEECH))
        unmoved = made.changed(recorded(*off), centre=moved(-0.2, kept=0.0))
        assert "Most of them were too high: plan" in plain(say.meaning(unmoved, SPEECH))
        healed = made.changed(recorded(*off), centre=moved(-0.24, kept=1.0))
        assert "too high: plan" not in plain(say.meaning(healed, SPEECH))
    low = made.changed(recorded(0.1, 0.1, 0.1, 0.1), centre=moved(0.1))
    assert "more likely too low than too high" in words.clv.answer.meaning(low, SPEECH)


def test_forecasts_made_of_less_are_said_to_move_nothing() -> None:
    past = CLV.past_forecasts
    assert past is not None
    one, other = past.forecasts
    unlike = past.model_copy(update={"forecasts": [one.model_copy(update={"alike": False}), other]})
    said = plain(words.clv.past_forecasts.meaning(clv(past_forecasts=unlike), SPEECH))
    assert "1 of them was made when the history was too short" in said
    assert "it is shown, and moves nothing." in said
    assert "too short" not in words.clv.past_forecasts.meaning(CLV, SPEECH)


def test_a_value_that_looks_less_far_than_wanted_says_so_wherever_it_is_introduced() -> None:
    short = made.changed(SUBSCRIBED, horizon_months=9)
    said = "The value looks 9 months ahead, not 12: nothing longer could be tested."
    for say in (
        words.clv.answer,
        words.clv.expectation,
        words.clv.customers_file,
        words.clv.new_customers,
    ):
        assert said in plain(say.meaning(short, SPEECH))
        assert "looks" not in say.meaning(SUBSCRIBED, SPEECH)
    assert "not 12 months: nothing longer could be tested" in head(short).range
    assert "in 9 months" in head(short).label
    assert "nothing longer" not in head(CLV).range
    unpaid = made.changed(no_amounts(), horizon_months=1)
    assert "looks 1 month ahead, not 12" in plain(words.clv.answer.meaning(unpaid, SPEECH))


@pytest.mark.parametrize(
    ("below", "above", "said"),
    [
        (0.12, 0.1, "further down than up"),
        (0.1, 0.12, "further up than down"),
        (0.11, 0.1, "from what is usual."),
    ],
)
def test_a_range_that_is_longer_on_one_side_says_on_which(
    below: float, above: float, said: str
) -> None:
    assert CLV.spread is not None
    spread = CLV.spread.model_copy(update={"below": below, "above": above})
    told = plain(words.clv.expectation.meaning(clv(spread=spread), SPEECH))
    assert said in told and told.count("further") == said.count("further")


def test_a_range_that_did_not_hold_is_not_to_be_planned_with() -> None:
    assert "has proved wide enough" in words.clv.past_forecasts.meaning(
        recorded(0.1, -0.1, 0.2), SPEECH
    )
    said = words.clv.past_forecasts.meaning(recorded(0.1, -0.5, 0.2), SPEECH)
    assert "was too narrow" in said and "has proved wide enough" not in said
    assert "So few cannot show" in words.clv.past_forecasts.meaning(recorded(0.1, -0.1), SPEECH)


def test_forecasts_as_far_ahead_as_the_value_say_so() -> None:
    said = words.clv.past_forecasts.meaning(recorded(0.1, -0.1, days=365), SPEECH)
    assert "as far ahead as the value does" in said and "overlap, so" not in said
    assert "The last one is that of today." in words.clv.past_forecasts.alt(
        recorded(0.1, days=365), SPEECH
    )
    short = recorded(0.1, -0.1, days=200)
    assert "as far ahead" not in words.clv.past_forecasts.meaning(short, SPEECH)
    assert "that of today" not in words.clv.past_forecasts.alt(short, SPEECH)
    close = made.changed(recorded(0.1, -0.1, apart=180), centre=moved(0.0))
    assert "overlap, so" in words.clv.past_forecasts.meaning(close, SPEECH)
    moving = words.clv.past_forecasts.meaning(recorded(0.1, -0.1, apart=180), SPEECH)
    assert "overlap and count as 2" in moving and "overlap, so" not in moving
    assert "may be chance in 3 forecasts." in said


def test_a_record_without_a_single_forecast_gives_the_reasons() -> None:
    left = dict.fromkeys(("1997-03-31", "1996-03-31"), why("not_converged", model="*BG*"))
    result = clv(past_forecasts=past_forecasts(365, [], left), coverage=None)
    said = words.clv.past_forecasts.meaning(result, SPEECH)
    assert said.startswith(made.WHY) and said.count("\\*BG\\* did not converge") == 1
    assert "On 2 earlier days no forecast could be made (Mar 31, 1996; Mar 31, 1997)." in said


# --- races and tests ----------------------------------------------------------


@pytest.mark.parametrize(
    ("bias", "title", "meaning"),
    [
        (-0.112, "11% too few", "rank customers; of a total"),
        (0.05, "5% too many", "That is close"),
        (0.001, "as many purchases as were made", "That is close"),
        (-0.3, "30% too few", "too far off"),
        (None, "Purchases predicted", "Nobody bought"),
    ],
)
def test_bias(bias: float | None, title: str, meaning: str) -> None:
    result = scored(bias)
    assert title in words.clv.calibration.title(result, SPEECH)
    assert meaning in words.clv.calibration.meaning(result, SPEECH)


@pytest.mark.parametrize(
    ("bias", "week", "meaning"),
    [
        (-0.112, "11% too few", "That is 11% too low: a gap that opens at once"),
        (0.112, "11% too many", "That is 11% too high: a gap that opens at once"),
        (0.05, "5% too many", "That is 5% off: weeks too high and weeks too low nearly"),
        (0.0, "as many predicted as made", "customers made 13,959."),
        (None, "predicted and made", "customers made 13,959."),
    ],
)
def test_tracking(bias: float | None, week: str, meaning: str) -> None:
    result = scored(bias)
    assert week in words.clv.tracking.title(result, SPEECH)
    assert meaning in plain(words.clv.tracking.meaning(result, SPEECH))
    assert "None" not in words.clv.tracking.meaning(result, SPEECH)


def test_the_weeks_are_judged_by_what_the_forecast_knows_of_the_calendar() -> None:
    on_clocks = made.changed(scored(-0.112), model="MBG/NBD on two clocks")
    held = on_clocks.holdout
    score = held.models[0].model_copy(update={"name": "MBG/NBD on two clocks"})
    on_clocks = made.changed(on_clocks, holdout=held.model_copy(update={"models": [score]}))
    said = plain(words.clv.tracking.meaning(on_clocks, SPEECH))
    assert "a season that the days before had not shown" in said and "knows nothing" not in said
    assert "Look whether it stays" in said
    assert "of which it knows nothing" in words.clv.tracking.meaning(scored(-0.112), SPEECH)


def test_the_line_of_a_rule_begins_with_the_test() -> None:
    for say in (words.clv.tracking.alt, words.clv.tracking.meaning):
        assert "a plain rule says nothing of the days before" in say(RULE, SPEECH)
        assert "a plain rule says nothing" not in say(CLV, SPEECH)


def test_tests_that_disagree_are_reconciled_in_a_sentence() -> None:
    high = recorded(-0.1, -0.2, -0.2)  # over 365 days; the test, over 212, is 11 % too low
    said = plain(words.clv.calibration.meaning(high, SPEECH))
    assert (
        "Over 365 days earlier forecasts were too high, this one over 212 days is too low:" in said
    )
    held = scored(0.2).holdout
    assert held is not None
    much = [held.models[0].model_copy(update={"predicted": 1.2 * 13_959})]
    low = made.changed(recorded(0.1, 0.2, 0.2), holdout=held.model_copy(update={"models": much}))
    said = plain(words.clv.calibration.meaning(low, SPEECH))
    assert (
        "Over 365 days earlier forecasts were too low, this one over 212 days is too high:" in said
    )
    agreed = recorded(0.1, 0.2, 0.2)
    assert "earlier forecasts" not in words.clv.calibration.meaning(agreed, SPEECH)


def test_a_forecast_that_took_no_part_in_the_test_is_said_to_have_not() -> None:
    held = CLV.holdout
    assert held is not None
    others = [score for score in held.models if score.name != "BG/NBD"]
    result = clv(holdout=held.model_copy(update={"models": others}))
    assert words.clv.calibration.meaning(result, SPEECH) == made.WHY
    assert result.why_not["/tested"] == made.REASON
    assert "took no part" in reason(why("not_in_test"), SPEECH)
    assert "rough guide" not in words.clv.answer.meaning(result, SPEECH)


# --- the calendar --------------------------------------------------------------


def factors(*clear: float, others: float = 1.0) -> Clocks:
    """A year in which the first months have the given factors, and the rest another."""
    season = [
        MonthFactor(
            month=month,
            factor=factor,
            ci95=(factor - 0.05, factor + 0.05),
        )
        for month, factor in enumerate([*clear, *[others] * (12 - len(clear))], start=1)
    ]
    return made.clocks().model_copy(update={"season": season})


@pytest.mark.parametrize(
    ("clocks", "title", "meaning"),
    [
        (factors(1.3, 0.8), "January brings 1.30 times", "and least often in February, 0.80 times"),
        (factors(1.3), "January brings 1.30 times", "no month lies clearly below one"),
        (factors(0.8), "January brings 0.80 times", "no month lies clearly above one"),
        (factors(1.02), "No month clearly differs", "a twelfth of the year is the best plan"),
        (young(), "December brings 1.45", "This is tentative"),
        (young(season=[], season_is="unknown"), "What a month", "from one full year of records"),
    ],
)
def test_what_a_month_is_worth(clocks: Clocks, title: str, meaning: str) -> None:
    result = clv(clocks=clocks)
    assert words.clv.months.title(result, SPEECH).startswith(title)
    assert meaning in plain(words.clv.months.meaning(result, SPEECH))


def test_the_season_says_whether_the_forecast_counts_with_it() -> None:
    on_clocks = clv(model="MBG/NBD on two clocks")
    assert "The forecast counts with that." in words.clv.months.meaning(on_clocks, SPEECH)
    assert "takes all months alike" in words.clv.months.meaning(CLV, SPEECH)
    even = clv(clocks=factors(1.0))
    assert "forecast" not in words.clv.months.meaning(even, SPEECH)
    assert "tentative" not in words.clv.months.meaning(CLV, SPEECH)
    assert words.clv.months.title(CLV, POLISH).startswith("grudzień brings 1,45 times")


def trend(per_year: float, present: bool = True) -> Trend:
    return Trend(per_year=per_year, ci95=(per_year - 0.01, per_year + 0.01), present=present)


@pytest.mark.parametrize(
    ("stay", "title", "said"),
    [
        (trend(-0.05), "fell from 86% to 74%", "Customers leave sooner than they did"),
        (trend(0.05), "rose from 86% to 74%", "Customers stay longer than they did"),
        (trend(-0.01, False), "No clear change", "after about 74% of purchases. That has not"),
    ],
)
def test_how_the_chance_to_stay_has_moved(stay: Trend, title: str, said: str) -> None:
    result = clv(clocks=made.clocks().model_copy(update={"stay": stay}))
    assert title in words.clv.stay.title(result, SPEECH)
    told = plain(words.clv.stay.meaning(result, SPEECH))
    assert said in told and ("a year (95%" in told) == stay.present


def test_a_pace_that_moves_is_told_with_its_interval() -> None:
    for pace, said in (
        (trend(0.1), "buy more often: 10% more"),
        (trend(-0.1), "buy less often: 10%"),
    ):
        result = clv(clocks=made.clocks().model_copy(update={"pace": pace}))
        assert said in plain(words.clv.stay.meaning(result, SPEECH))
    assert words.clv.stay.meaning(clv(clocks=young()), SPEECH) == made.WHY


def test_the_value_counts_with_todays_chance_where_the_forecast_knows_it() -> None:
    on_clocks = clv(model="MBG/NBD on two clocks")
    assert "counts on today's chance" in words.clv.stay.meaning(on_clocks, SPEECH)
    assert "counts on today's" not in words.clv.stay.meaning(CLV, SPEECH)


# --- next purchases ------------------------------------------------------------


@pytest.mark.parametrize(
    ("customers", "actual", "said"),
    [
        (9_300, 0.27, "as often as they should"),
        (9_300, 0.25, "Fewer had bought than should: the days come too early"),
        (9_300, 0.37, "More had bought than should: the days come late"),
        (60, 0.2, "as often as they should"),  # 2 sqrt(.31 x .69 / 60) = .12
    ],
)
def test_how_often_expected_days_came_true(customers: int, actual: float, said: str) -> None:
    told = NextPurchases(customers=customers, expected=0.31, actual=actual)
    said_of = plain(words.clv.next_purchases.meaning(clv(next_purchases=told), SPEECH))
    assert said in said_of
    without = words.clv.next_purchases.meaning(clv(next_purchases=None), SPEECH)
    assert made.WHY in without and "next\\_purchase" not in without


# --- spend ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("power", "ci95", "said"),
    [
        (0.04, (0.01, 0.07), "those who buy more often spend more on a purchase"),
        (-0.04, (-0.07, -0.01), "those who buy more often spend less on a purchase"),
        (0.0, None, "depends little, if at all, on how often they buy"),
    ],
)
def test_how_spend_goes_with_frequency(
    power: float, ci95: tuple[float, float] | None, said: str
) -> None:
    assert CLV.gamma_gamma is not None
    spend = CLV.gamma_gamma.model_copy(update={"power": power, "power_ci95": ci95})
    result = clv(gamma_gamma=spend)
    assert said in plain(words.clv.model.meaning(result, SPEECH))
    table = words.clv.model.rows(result, SPEECH)
    assert table.iloc[:, 1].str.contains("growth with the number").any() == (ci95 is not None)


def test_prices_are_told_where_past_amounts_were_brought_to_todays() -> None:
    for drift, said in ((0.03, "paid 3% more for an order"), (-0.02, "paid 2% less for an order")):
        used = PriceDrift(per_year=drift, ci95=(drift - 0.01, drift + 0.01), used=True)
        assert said in plain(words.clv.expectation.meaning(clv(price_drift=used), SPEECH))
        unused = used.model_copy(update={"used": False})
        assert "for an order" not in words.clv.expectation.meaning(clv(price_drift=unused), SPEECH)


def test_the_table_of_parameters_ends_with_the_calendar_and_prices() -> None:
    table = words.clv.model.rows(CLV, SPEECH)
    assert list(dict.fromkeys(table["Model"])) == ["BG/NBD", "Calendar", "Gamma-Gamma", "Prices"]
    rows = {row[1]: row[2:] for row in table.to_numpy().tolist()}
    assert rows["chance to stay after a purchase, change a year"] == [
        "-0.0500",
        "-0.0600 to -0.0400",
    ]
    assert rows["value of an order, change a year within customers"] == [
        "0.0300",
        "0.0100 to 0.0500",
    ]


# --- where the value lies -----------------------------------------------------


def test_value_that_is_spread_widely_is_said_so() -> None:
    assert "spread widely" in words.clv.value_lorenz.meaning(clv(top20_share=0.3), SPEECH)
    alike = words.clv.value_distribution.meaning(clv(median_clv=33.0), SPEECH)
    assert "customers differ little" in alike


def test_a_median_of_nothing_is_no_sum_of_money() -> None:
    result = clv(median_clv=0.0)
    for say in (words.clv.value_distribution.title, words.clv.value_distribution.meaning):
        assert "next to nothing" in say(result, SPEECH) and "$" not in say(result, SPEECH)
    assert "lie in the first" in words.clv.value_distribution.alt(result, SPEECH)


def test_what_is_at_risk_is_laid_with_the_state_that_holds_most() -> None:
    at_risk = {"new": 0.0, "active": 90_000.0, "slipping": 120_000.0, "lapsed": 91_200.0}
    states = [s.model_copy(update={"at_risk": at_risk[s.state]}) for s in CLV.states]
    said = plain(words.clv.at_risk.meaning(clv(states=states), SPEECH))
    assert "The largest part, 40%, lies with 600 slipping customers." in said
    assert "For each of them, too, most is at stake: $200." in said
    assert "lies with" not in words.clv.at_risk.meaning(clv(states=[]), SPEECH)
    one = words.clv.at_risk.title(
        clv(states=[states[2].model_copy(update={"customers": 1})]), SPEECH
    )
    assert one == "$301K at risk, 40% of it with 1 slipping customer"


def test_other_models_do_not_keep_one_time_buyers_for_ever() -> None:
    assert "stays at" not in words.clv.alive.alt(clv(model="MBG/NBD"), SPEECH)


# --- new customers ------------------------------------------------------------


def test_in_margin_the_value_is_what_winning_may_cost() -> None:
    said = plain(words.clv.new_customers.meaning(made.changed(SUBSCRIBED, basis="margin"), SPEECH))
    assert "That is margin, so it is the most that winning one may cost" in said
    assert "Multiply" not in said


def test_without_amounts_new_customers_are_told_in_purchases() -> None:
    said = plain(words.clv.new_customers.meaning(no_amounts(), SPEECH))
    assert (
        "buy 4.1 more times within 12 months of the first purchase. The 95% interval goes from 3.4 to 5.1."
        in said
    )
    assert "“newsletter”: 5.9 more purchases, between 4.9 and 7.4" in said
    assert "$" not in said and "cannot be said without amounts" in said and made.WHY in said
    assert "buys 4.1 more times" in words.clv.new_customers.title(no_amounts(), SPEECH)


def test_few_purchases_are_not_rounded_to_none() -> None:
    whole = made.new_customers()[0].model_copy(
        update={
            "value": None,
            "value_ci95": None,
            "purchases": 0.04,
            "purchases_ci95": (0.02, 0.07),
        }
    )
    said = plain(words.clv.new_customers.meaning(clv(new_customer_value=[whole]), SPEECH))
    assert "buy 0.04 more times" in said and "from 0.02 to 0.07." in said


def of_kinds(*parts: tuple[Any, str, float, Any]) -> Clv:
    whole, *_ = made.new_customers()
    kinds = [
        NewCustomerValue.model_validate(
            whole.model_dump() | {"kind": k, "name": n, "value": v, "compared": c}
        )
        for k, n, v, c in parts
    ]
    return clv(new_customer_value=placed([whole, *kinds]))


def test_where_nothing_stands_apart_nothing_is_to_be_changed() -> None:
    alike = of_kinds(("channel", "a", 80.0, "not clearly"), ("channel", "b", 84.0, "not clearly"))
    said = words.clv.new_customers.meaning(alike, SPEECH)
    assert "Of 2 parts that could be compared with all, none clearly differs" in said
    assert "- " not in said and "may cost more where" not in said and "short time" not in said
    assert "No parts" in words.clv.new_customers.meaning(of_kinds(), SPEECH)


def test_of_many_parts_the_furthest_are_told() -> None:
    above = [("product", f"p{n}", 100.0 + n, "above") for n in range(5)]
    below = [("product", f"p{n + 5}", 50.0 - n, "below") for n in range(5)]
    said = words.clv.new_customers.meaning(of_kinds(*above, *below), SPEECH)
    assert re.findall(r"“(p\d)”", said) == ["p4", "p3", "p2", "p9", "p8", "p7"]
    assert "4 more differ in the figure." in said


# --- the list of customers ----------------------------------------------------

FILE = (
    "customer_id first_day last_day frequency recency_days T_days silent_days spend monetary state "
    "p_alive expected_purchases purchases_low purchases_high next_purchase next_purchase_from "
    "next_purchase_to expected_value expected_revenue clv clv_low clv_high lapse_chance "
    "value_at_risk subscription"
)


def test_every_column_of_the_list_is_explained() -> None:
    assert list(words.clv.customers_file.COLUMNS) == FILE.split()
    table = words.clv.customers_file.rows(SUBSCRIBED, SPEECH)
    assert list(table["Column"]) == list(words.clv.customers_file.COLUMNS)
    assert all(isinstance(cell, str) and cell for cell in table.to_numpy().ravel())
    units = table.set_index("Column")["Unit"]
    assert (units["spend"], units["clv"], units["T_days"]) == ("USD", "USD (revenue)", "days")
    margin = words.clv.customers_file.rows(clv(basis="margin"), Speech(currency="")).set_index(
        "Column"
    )
    assert margin["Unit"]["clv"] == "money (margin)"


def empty(result: Clv) -> set[str]:
    table = words.clv.customers_file.rows(result, SPEECH).set_index("Column")["What it says"]
    return {str(name) for name, says in table.items() if "Empty in this list." in says}


def test_columns_that_are_empty_are_said_to_be() -> None:
    assert empty(SUBSCRIBED) == set()
    assert empty(RULE) == {"p_alive", "subscription"}
    money = {"expected_value", "clv", "clv_low", "clv_high", "value_at_risk"}
    assert empty(no_amounts()) == money | {"expected_revenue"}
    assert {"p_alive", "expected_purchases"} | money < empty(NONE)


def test_parameters_without_a_model_of_spend() -> None:
    result = clv(gamma_gamma=None)
    assert made.WHY in words.clv.model.meaning(result, SPEECH)
    estimates = list(words.clv.model.rows(result, SPEECH)["Estimate"])
    assert estimates[:4] == ["0.2426", "4.4136", "0.7929", "2.4259"]
    assert words.clv.model.rows(NONE, SPEECH).empty


# --- the first screen ---------------------------------------------------------


def head(result: Clv) -> Headline:
    return headlines(made.results(clv=result), SPEECH)[3]


def test_the_headline_gives_the_range_and_what_to_plan_with() -> None:
    assert head(clv(centre=None)).range == "95% interval $628K to $1.1M"
    assert head(CLV).so_what.startswith("Plan with the lower end,")
    assert (
        "Of 4 earlier forecasts 4 were too high" in head(recorded(-0.1, -0.2, -0.1, -0.1)).so_what
    )
    assert "Of 4 earlier forecasts 3 were too high" in head(recorded(-0.1, 0.2, -0.1, -0.1)).so_what
    assert head(recorded(-0.1, 0.2, 0.1, -0.1)).so_what.startswith("Plan with")
    mostly = plain(words.clv.past_forecasts.meaning(recorded(0.1, 0.2, -0.1, 0.1), SPEECH))
    assert "As first made, 3 of 4 were too low, 1 too high." in mostly
    assert head(clv(total_clv_ci95=None, centre=None)).range == "no interval"
    assert "how far off" in head(clv(total_clv_ci95=None)).so_what
    assert "more than a quarter off" in head(RULE).so_what and head(RULE).certainty == "open"


def ranged(factor: float, *off: float, bias: float = -0.1) -> Clv:
    """A client whose total reaches the factor either side, with earlier forecasts off by shares."""
    held = scored(bias).holdout
    return made.changed(  # type: ignore[no-any-return]
        recorded(*off), total_clv=100.0, total_clv_ci95=(100 / factor, 100 * factor), holdout=held
    )


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (ranged(1.33, 0.1, 0.1, 0.1), "firm"),
        (ranged(1.35, 0.1, 0.1, 0.1), "likely"),  # 1.35 ** .654 is 1.22
        (ranged(1.33, 0.1, 0.1), "likely"),  # too few to have proved itself
        (ranged(1.33, 0.1, 0.1, 0.5), "likely"),  # held in two of three only
        (ranged(1.56, 0.1, 0.1, 0.1), "likely"),  # 1.56 ** .654 is 1.338
        (ranged(1.57, 0.1, 0.1, 0.1), "open"),  # 1.57 ** .654 is 1.343
        (ranged(1.33, 0.1, 0.1, 0.1, bias=0.26), "open"),
        (made.changed(ranged(1.33, 0.1, 0.1, 0.1), holdout=None), "firm"),
        (made.changed(ranged(1.35, 0.1, 0.1, 0.1), holdout=None), "open"),
        (clv(total_clv_ci95=None), "open"),
        (NONE, "open"),
        (CLV, "likely"),
    ],
)
def test_certainty_of_a_value(result: Clv, expected: str) -> None:
    assert result.certainty == expected


@given(st.floats(1.001, 3), st.floats(1.001, 3))
def test_a_narrower_range_is_never_less_sure(one: float, other: float) -> None:
    order = ("open", "likely", "firm")
    narrow, wide = sorted((one, other))
    found = [ranged(factor, 0.1, 0.1, 0.1).certainty for factor in (narrow, wide)]
    assert order.index(found[0]) >= order.index(found[1])


# --- odd clients --------------------------------------------------------------


def test_without_a_range_there_is_no_half_of_it_to_plan_with() -> None:
    none = {"spread": None, "expected_purchases_ci95": None, "total_clv_ci95": None}
    for off in (-0.2, 0.2):
        result = made.changed(recorded(*[off] * 5, days=365), **none)
        for said in (
            words.clv.answer.meaning(result, SPEECH),
            words.clv.past_forecasts.meaning(result, SPEECH),
        ):
            assert "half of" not in said
        assert "all were too" in plain(words.clv.past_forecasts.meaning(result, SPEECH))
        assert "that of today" not in words.clv.past_forecasts.alt(result, SPEECH)


def test_nobody_in_the_test_is_not_called_a_quarter_off() -> None:
    result = scored(None)
    assert "Nobody bought in the days kept" in words.clv.answer.meaning(result, SPEECH)
    assert "more than a quarter off" not in words.clv.race.meaning(result, SPEECH)
    gone = scored(None, expected_purchases=0.0)
    assert "rough guide" not in words.clv.race.meaning(gone, SPEECH)


def test_a_range_missed_at_its_upper_end_warns_of_no_lower_one() -> None:
    above = words.clv.past_forecasts.meaning(recorded(0.5, 0.6, 0.7), SPEECH)
    assert "more came than its upper end" in above and "lower end" not in above
    both = words.clv.past_forecasts.meaning(recorded(0.5, -0.6, 0.7), SPEECH)
    assert "less may come than its lower end" in both


def test_without_a_discount_none_is_claimed() -> None:
    said = words.clv.expectation.meaning(clv(discount_rate=0.0), SPEECH)
    assert "discounted at 0% a year" in said


def test_all_that_is_at_risk_may_lie_with_one_state() -> None:
    (active,) = (state for state in CLV.states if state.state == "active")
    said = words.clv.at_risk.meaning(clv(states=[active], value_at_risk=active.at_risk), SPEECH)
    assert "All of it lies with" in said and "100%" not in said


def test_subscribers_are_told_of_where_nothing_is_known_of_others() -> None:
    result = made.changed(NONE, subscribers=SUBSCRIBED.subscribers)
    for said in (
        words.clv.answer.meaning(result, SPEECH),
        words.clv.expectation.meaning(result, SPEECH),
    ):
        assert made.WHY in plain(said) and "212 are expected to be charged" in said
        assert "**2,010** times" in said and "They are worth $50,100." in plain(said)
    unpaid = [one.model_copy(update={"value": None}) for one in SUBSCRIBED.subscribers]
    said = words.clv.answer.meaning(made.changed(NONE, subscribers=unpaid), SPEECH)
    assert "**2,010** times within 12 months." in said
