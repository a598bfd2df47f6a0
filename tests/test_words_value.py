"""Sentences of notebook 04: what the customers are worth, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import mistune
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from retention_lib import words
from retention_lib.clv.findings import past_forecasts, placed
from retention_lib.results import Clv, Holdout, NewCustomerValue, PastForecast, Spread, why
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
    money = ("total_clv", "total_clv_ci95", "total_clv_own_ci95", "top20_share", "median_clv")
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
        "BG/NBD is used: no other forecast was clearly closer",
        NONE,
        made.WHY,
    ),
    (words.clv.race.caption, CLV, "Dec 1, 1997 to Jun 30, 1998", NONE, "in the test"),
    (
        words.clv.rolling.caption,
        CLV,
        "in 2 tests between Jun 1, 1997 and Jun 30, 1998",
        NONE,
        "earlier tests",
    ),
    (
        words.clv.rolling.meaning,
        CLV,
        "another forecast would have been chosen then (Pareto/NBD)|a quarter off in 2 of 2 tests",
        NONE,
        made.WHY,
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
        "Only the weeks from Dec 1, 1997 on are a test|11% too low",
        NONE,
        made.WHY,
    ),
    (words.clv.tracking_total.title, CLV, "adds 11% too few", NONE, "added up"),
    (
        words.clv.tracking_total.alt,
        CLV,
        "13,959 were made and 12,400 predicted",
        NONE,
        "nothing to draw",
    ),
    (
        words.clv.tracking_total.meaning,
        CLV,
        "the forecast adds 12,400 purchases, customers made 13,959.",
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
            "0 of 2|So few cannot show|1 of 2 were too high, 1 too low|3% more came than predicted, "
            "at most 7% less and 14% more|overlap|looks 12 months ahead, further than these 273 "
            "days|On 1 earlier day no forecast could be made (Mar 31, 1997). Nobody is expected to buy again."
        ),
        NONE,
        made.WHY,
    ),
    (
        words.clv.expectation.meaning,
        SUBSCRIBED,
        (
            "buy 17,000 times. The 95% interval goes from 13,200 to 21,900.|worth $812,000 of revenue|"
            "from $628,000 to $1,050,000.|"
            "10% a year: their customer equity|own range, from $780,000 to $846,000, is too "
            "narrow|about 10%, learnt from 2 earlier forecasts|Of these purchases, 2,010 "
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
    (words.clv.model.caption, CLV, "weeks", NONE, "weeks"),
    (
        words.clv.model.meaning,
        CLV,
        "-9,582.43|946 repeat buyers|by 0.11",
        NONE,
        made.WHY,
    ),
    (
        words.clv.customers_file.caption,
        CLV,
        "The 21 columns of customers.parquet",
        NONE,
        "The 21 columns",
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
    assert "own range, from 16,500 to 17,500, is too narrow" in said
    assert "Of these purchases, 2,010 come from 212 subscribers" in said and made.WHY in said
    month = clv(horizon_months=1)
    assert "Within 1 month, today's" in words.clv.answer.meaning(month, SPEECH)


def test_without_a_range_none_is_claimed() -> None:
    result = clv(total_clv_ci95=None, total_clv_own_ci95=None, expected_purchases_ci95=None)
    for said in (
        words.clv.answer.meaning(result, SPEECH),
        words.clv.expectation.meaning(result, SPEECH),
    ):
        assert "interval" not in said and "$812" in plain(said)


def test_the_wider_range_is_explained_without_earlier_forecasts_too() -> None:
    spread = Spread(purchases=0.01, value=0.02, record=0.1, error=0.105, forecasts=0, factor=2.8)
    said = plain(words.clv.expectation.meaning(clv(spread=spread), SPEECH))
    assert "an error of about 10%, as is usual; no earlier forecast could be checked" in said


def test_subscribers_are_told_of_only_where_there_are_any() -> None:
    assert "subscribers" in words.clv.expectation.meaning(SUBSCRIBED, SPEECH)
    assert "subscribers" not in words.clv.expectation.meaning(CLV, SPEECH)


# --- earlier forecasts --------------------------------------------------------


def test_a_constant_lean_is_said_and_carried_over_to_today() -> None:
    high = recorded(-0.12, -0.2, -0.3, -0.15, -0.25)
    said = plain(words.clv.past_forecasts.meaning(high, SPEECH))
    assert "All were too high: 12% to 30% less came than predicted. Expect" in said
    assert "plan with the lower half" in words.clv.answer.meaning(high, SPEECH)
    low = recorded(0.1, 0.1, 0.1, 0.1)
    said = plain(words.clv.past_forecasts.meaning(low, SPEECH))
    assert "All were too low: 10% more came than predicted. Expect" in said
    assert "too low" in words.clv.answer.meaning(low, SPEECH)


@pytest.mark.parametrize(
    ("off", "said"),
    [
        ([-0.1, -0.2], "All were too high: 10% to 20% less came than predicted. So few may be"),
        ([0.1, 0.2, 0.1], "All were too low: 10% to 20% more came than predicted. So few may be"),
        ([-0.1], "It was too high: 10% less came than predicted. So few may be chance."),
        ([0.0], "0 of 1 were too high, 0 too low: today's forecast may err either way."),
        ([-0.1, 0.0, -0.2, -0.2], "3 of 4 were too high, 0 too low"),
        ([-0.3, -0.2, -0.1, 0.1], "On average 14% less came than predicted, at most 30% less and"),
    ],
)
def test_a_few_errors_are_not_taken_for_a_lean(off: list[float], said: str) -> None:
    result = recorded(*off)
    assert said in plain(words.clv.past_forecasts.meaning(result, SPEECH))
    assert "Expect the same" not in words.clv.past_forecasts.meaning(result, SPEECH)
    assert "All of them were" not in words.clv.answer.meaning(result, SPEECH)


def test_a_range_that_did_not_hold_is_not_to_be_planned_with() -> None:
    assert "has proved wide enough" in words.clv.past_forecasts.meaning(
        recorded(0.1, -0.1, 0.2), SPEECH
    )
    said = words.clv.past_forecasts.meaning(recorded(0.1, -0.5, 0.2), SPEECH)
    assert "was too narrow" in said and "has proved wide enough" not in said
    assert "So few cannot show" in words.clv.past_forecasts.meaning(recorded(0.1, -0.1), SPEECH)


def test_forecasts_as_far_ahead_as_the_value_say_so() -> None:
    said = words.clv.past_forecasts.meaning(recorded(0.1, -0.1, days=365), SPEECH)
    assert "as far ahead as the value does" in said and "overlap" not in said
    assert "The last one is that of today." in words.clv.past_forecasts.alt(
        recorded(0.1, days=365), SPEECH
    )
    short = recorded(0.1, -0.1, days=200)
    assert "further than these 200 days" in words.clv.past_forecasts.meaning(short, SPEECH)
    assert "that of today" not in words.clv.past_forecasts.alt(short, SPEECH)
    assert "overlap" in words.clv.past_forecasts.meaning(recorded(0.1, -0.1, apart=180), SPEECH)


def test_a_record_without_a_single_forecast_gives_the_reasons() -> None:
    left = dict.fromkeys(("1997-03-31", "1996-03-31"), why("not_converged", model="*BG*"))
    result = clv(past_forecasts=past_forecasts(365, [], left), coverage=None)
    said = words.clv.past_forecasts.meaning(result, SPEECH)
    assert said.startswith(made.WHY) and said.count("\\*BG\\* did not converge") == 1
    assert "On 2 earlier days no forecast could be made (Mar 31, 1996; Mar 31, 1997)." in said


# --- races and tests ----------------------------------------------------------


def test_the_table_of_races_begins_with_the_one_that_was_closest_most_often() -> None:
    table = words.clv.rolling.rows(CLV, SPEECH)
    assert table.iloc[0].tolist() == ["Pareto/NBD", "2 of 2", "1.247", "-7%", "-1%"]
    assert table.iloc[-1].tolist()[1] == "0 of 1"
    assert words.clv.rolling.rows(clv(rolling=[]), SPEECH).empty
    assert words.clv.rolling.rows(NONE, SPEECH).empty
    failed = words.clv.rolling.rows(made.changed(RULE, rolling=[RULE.holdout]), SPEECH)
    assert list(failed.iloc[:, 0])[-3:] == ["BG/NBD", "MBG/NBD", "Pareto/NBD"]
    assert set(failed.iloc[-3:, 1:].to_numpy().ravel()) == {"–"}
    assert all(isinstance(cell, str) for cell in failed.to_numpy().ravel())


def chosen(*names: Any) -> list[Holdout]:
    return [made.earlier_race().model_copy(update={"chosen": name}) for name in names]


@pytest.mark.parametrize(
    ("races", "said"),
    [
        (
            chosen("BG/NBD"),
            "run on 1 earlier day as well, and the same",
        ),
        (
            chosen("BG/NBD", "BG/NBD"),
            "run on 2 earlier days as well, and the same",
        ),
        (chosen("BG/NBD", "Pareto/NBD", "own"), "would have been chosen on 1 of 3"),
        (chosen("Pareto/NBD", "own"), "(Pareto/NBD; Every customer's own pace so far)"),
        ([], "The history is too short"),
    ],
)
def test_would_it_have_been_chosen_before(races: list[Holdout], said: str) -> None:
    assert said in plain(words.clv.rolling.meaning(clv(rolling=races), SPEECH))


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
    ("bias", "week", "total", "meaning"),
    [
        (-0.112, "11% too few", "adds 11% too few", "11% too low"),
        (0.112, "11% too many", "adds 11% too many", "11% too high"),
        (0.05, "5% too many", "adds 5% too many", "5% off"),
        (
            0.0,
            "as many predicted as made",
            "adds as many as were made",
            "predicted as many purchases as were made",
        ),
    ],
)
def test_tracking(bias: float, week: str, total: str, meaning: str) -> None:
    result = scored(bias)
    assert week in words.clv.tracking.title(result, SPEECH)
    assert total in words.clv.tracking_total.title(result, SPEECH)
    assert meaning in words.clv.tracking.meaning(result, SPEECH)


def test_the_line_of_a_rule_begins_with_the_test() -> None:
    for say in (words.clv.tracking.alt, words.clv.tracking.meaning, words.clv.tracking_total.alt):
        assert "a plain rule says nothing of the days before" in say(RULE, SPEECH)
        assert "a plain rule says nothing" not in say(CLV, SPEECH)


def test_a_forecast_that_took_no_part_in_the_test_is_said_to_have_not() -> None:
    held = CLV.holdout
    assert held is not None
    others = [score for score in held.models if score.name != "BG/NBD"]
    result = clv(holdout=held.model_copy(update={"models": others}))
    assert words.clv.calibration.meaning(result, SPEECH) == made.WHY
    assert result.why_not["/tested"] == made.REASON
    assert "took no part" in reason(why("not_in_test"), SPEECH)
    assert "rough guide" not in words.clv.answer.meaning(result, SPEECH)


def test_a_test_shorter_than_the_forecast_is_said_to_be() -> None:
    held = CLV.holdout
    assert held is not None
    said = words.clv.calibration.meaning(CLV, SPEECH)
    assert "The longest test looks 273 days ahead, the value 12 months: how well" in said
    year = clv(holdout=held.model_copy(update={"start": date(1997, 6, 30)}))
    covered = recorded(0.1, days=365)
    for result in (year, covered):
        assert "has not been tested" not in words.clv.calibration.meaning(result, SPEECH)


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
    "next_purchase_to expected_value clv clv_low clv_high lapse_chance value_at_risk subscription"
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
    assert empty(no_amounts()) == money
    assert {"p_alive", "expected_purchases"} | money < empty(NONE)


def test_parameters_without_a_model_of_spend() -> None:
    result = clv(gamma_gamma=None)
    assert made.WHY in words.clv.model.meaning(result, SPEECH)
    estimates = list(words.clv.model.rows(result, SPEECH)["Estimate"])
    assert estimates == ["0.2426", "4.4136", "0.7929", "2.4259"]
    assert words.clv.model.rows(NONE, SPEECH).empty


# --- the first screen ---------------------------------------------------------


def head(result: Clv) -> Headline:
    return headlines(made.results(clv=result), SPEECH)[3]


def test_the_headline_gives_the_range_and_what_to_plan_with() -> None:
    assert head(CLV).range == "95% interval $628K to $1.1M; tested over 273 days only"
    assert head(CLV).so_what.startswith("Plan with the lower end,")
    assert head(recorded(0.1, -0.1)).range == "95% interval $628K to $1.1M"
    assert (
        "Of 4 earlier forecasts 4 were too high" in head(recorded(-0.1, -0.2, -0.1, -0.1)).so_what
    )
    assert "Of 4 earlier forecasts 3 were too high" in head(recorded(-0.1, 0.2, -0.1, -0.1)).so_what
    assert head(recorded(-0.1, 0.2, 0.1, -0.1)).so_what.startswith("Plan with")
    mostly = plain(words.clv.past_forecasts.meaning(recorded(0.1, 0.2, -0.1, 0.1), SPEECH))
    assert "3 of 4 were too low, 1 too high: today's forecast is more likely too low" in mostly
    answer = plain(words.clv.answer.meaning(recorded(-0.1, 0.2, -0.1, -0.1), SPEECH))
    assert "3 of the 4 were too high" in answer
    assert head(clv(total_clv_ci95=None)).range == "no interval"
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
        assert "All were too" in plain(words.clv.past_forecasts.meaning(result, SPEECH))
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
