from __future__ import annotations

import gettext
import inspect
import pkgutil
import re
from collections.abc import Callable
from datetime import date
from importlib import import_module
from types import ModuleType
from typing import Any, get_args

import mistune
import pandas as pd
import pytest

from retention_lib import words
from retention_lib.data_audit.verdict import _CONCERNS
from retention_lib.results import (
    Action,
    Break,
    Check,
    Claim,
    Period,
    Recommendations,
    Verdict,
    why,
)
from retention_lib.speech import Speech, escape
from retention_lib.summaries.checks import CHECKS
from retention_lib.transactions import REASONS
from retention_lib.words import (
    checks,
    cycle_detection,
    data_audit,
    recommendations,
    retention_rate,
)
from retention_lib.words.first_screen.lines import headlines
from tests import made
from tests.gathered import gathered

SPEECH = Speech()
EVIL = "<script>x</script> | *b* [l](http://x.y) `c` $e$ _u_ www.x.y a@b.c &lt;i&gt;"


def plain(text: str) -> str:
    """Return Markdown without its marks, as it is read."""
    return re.sub(r"\\([^\s\w]|_)", r"\1", text.replace("**", ""))


# --- every sentence, with figures and without ---------------------------------

SENTENCES: list[tuple[Callable[[Any, Speech], str], Any, str, Any, str]] = [
    (
        data_audit.answer.meaning,
        made.audit(),
        "a customer value; a retention rate needs care|67,591 purchases (days on",
        made.bare_audit(),
        "neither a retention rate|1 purchase (a day on which a customer bought); the number of customers is 1",
    ),
    (
        data_audit.rows.title,
        made.audit(),
        "69,659 rows received, purchases in them: 67,591",
        made.bare_audit(),
        "1 row received, purchases in it: 1",
    ),
    (
        data_audit.rows.alt,
        made.audit(),
        "Rows in use: 69,659; less Further rows on a day: 2,068; Purchases: 67,591;",
        made.bare_audit(),
        "Rows received: 1; Rows in use: 1;",
    ),
    (
        data_audit.rows.meaning,
        made.audit(),
        "The source holds 69,659 rows. All can be used",
        made.bare_audit(),
        "The source holds 1 row. It can be used",
    ),
    (
        data_audit.rows.caption,
        made.audit(),
        "From the rows received to purchases",
        made.bare_audit(),
        "From the rows received to purchases",
    ),
    (data_audit.checks.caption, made.audit(), "3 things", made.bare_audit(), "Nothing was noticed"),
    (
        data_audit.checks.meaning,
        made.audit(),
        "Exact copies of a line.|closed group",
        made.bare_audit(),
        "nothing that needs a decision",
    ),
    (
        data_audit.history.title,
        made.audit(),
        "Nobody buys for the first time after Mar 25, 1997",
        made.bare_audit(),
        "No date at which the records change, from Jan 1997",
    ),
    (
        data_audit.history.alt,
        made.audit(),
        "from Jan 1997 to Jun 1998",
        made.bare_audit(),
        "Jan 1, 1997",
    ),
    (
        data_audit.history.meaning,
        made.audit(),
        "closed group|Mar 25, 1997",
        made.bare_audit(),
        "New customers kept arriving until Jan 1, 1997",
    ),
    (
        data_audit.verdict.meaning,
        made.audit(),
        (
            "Retention rate: Fit with care, because of: New customers stop|Customer value: Fit."
            "|Forecast: Fit."
        ),
        made.bare_audit(),
        "Retention rate: Unfit.|0 customers of 1",
    ),
    (
        data_audit.verdict.explained,
        made.audit(),
        "New customers stop at a date.",
        made.bare_audit(),
        "",
    ),
    (
        recommendations.answer.meaning,
        made.recommendations(),
        "66% of all revenue|Look after the 4,000 active customers",
        made.no_recommendations(),
        made.WHY + "|do not point to a next step",
    ),
    (
        recommendations.concentration.title,
        made.recommendations(),
        "brought 68% of all spend",
        made.no_recommendations(),
        "Share of spend",
    ),
    (
        recommendations.concentration.alt,
        made.recommendations(),
        "first fifth holds 68%",
        made.no_recommendations(),
        "nothing to draw",
    ),
    (
        recommendations.concentration.meaning,
        made.recommendations(),
        "68.0% of all spend, the ten largest 2.0%, and the largest one 0.6%|5,400 equally large",
        made.no_recommendations(),
        made.WHY,
    ),
    (
        recommendations.states.title,
        made.recommendations(),
        "Lapsed customers: 80% of customers, 52%",
        made.no_recommendations(),
        "by state",
    ),
    (
        recommendations.states.alt,
        made.recommendations(),
        "Active 17%; Slipping 2%; Lapsed 80%",
        made.no_recommendations(),
        "No states",
    ),
    (
        recommendations.states.meaning,
        made.recommendations(),
        "“Active”: $500K expected of 4,000 customers|At risk is the $40K expected of 600 slipping",
        made.no_recommendations(),
        "Customers have no states here",
    ),
    (
        recommendations.states.caption,
        made.recommendations(),
        "by state",
        made.no_recommendations(),
        "by state",
    ),
    (
        recommendations.states.definitions,
        made.recommendations(),
        "Slipping: later than three quarters",
        made.no_recommendations(),
        "Slipping",
    ),
    (
        recommendations.claims.caption,
        made.recommendations(),
        "often said",
        made.no_recommendations(),
        "often said",
    ),
    (
        recommendations.claims.meaning,
        made.recommendations(),
        (
            "3 claims were examined. Hold here: 1; do not hold: 1; cannot be tested with these records: "
            "1.|needs retention by channel"
        ),
        made.no_recommendations(),
        "No claim was examined",
    ),
    (
        recommendations.actions.meaning,
        made.recommendations(),
        "Certainty: open.|Certainty: firm.",
        made.no_recommendations(),
        "do not point to a next step",
    ),
    *(row for rows in gathered("SENTENCES", __name__) for row in rows),
]


def _id(say: Callable[..., Any]) -> str:
    return f"{say.__module__.removeprefix('retention_lib.words.')}.{say.__name__}"


NAMED = [pytest.param(*row, id=_id(row[0])) for row in SENTENCES]
NORMAL = [pytest.param(say, result, id=_id(say)) for say, result, *_ in SENTENCES]


@pytest.mark.parametrize(("say", "normal", "expected", "null", "expected_null"), NAMED)
def test_sentence_with_figures_and_without(
    say: Callable[[Any, Speech], str], normal: Any, expected: str, null: Any, expected_null: str
) -> None:
    for result, parts in ((normal, expected), (null, expected_null)):
        said = plain(say(result, SPEECH))
        for part in parts.split("|"):
            assert part in said


def spoken(module: ModuleType) -> set[Callable[[Any, Speech], str]]:
    """Return the functions of a module, or of a package's, that make a text of a result."""
    if hasattr(module, "__path__"):
        inner = (f"{module.__name__}.{it.name}" for it in pkgutil.iter_modules(module.__path__))
        return {say for name in inner for say in spoken(import_module(name))}
    functions = (it for name, it in vars(module).items() if name[0] != "_" and callable(it))
    return {say for say in functions if inspect.isfunction(say) and _tells_a_result(say)}


def _tells_a_result(say: Callable[..., Any]) -> bool:
    signature = inspect.signature(say)
    first = list(signature.parameters)[:2]
    return signature.return_annotation == "str" and first == ["result", "speech"]


def whole(module: ModuleType) -> set[Callable[[Any, Speech], str]]:
    """Return those that notebooks call; others are parts of them."""
    return {say for say in spoken(module) if say.__name__ in ("title", "alt", "meaning", "caption")}


def test_every_sentence_is_tested() -> None:
    packages = [getattr(words, name) for name in dir(words)]
    told = {say for it in packages if hasattr(it, "__path__") for say in whole(it)}
    tried = {row[0] for row in SENTENCES}
    assert told | spoken(recommendations) | spoken(data_audit) <= tried


@pytest.mark.parametrize(("say", "normal", "expected", "null", "expected_null"), NAMED)
def test_sentence_is_well_formed(
    say: Callable[[Any, Speech], str], normal: Any, expected: str, null: Any, expected_null: str
) -> None:
    for result in (normal, null):
        for line in filter(None, say(result, SPEECH).split("\n")):
            assert not re.search(r"None|nan\b|\{\w*\}|  |\.\.|\s[.,;]", line), line
            if not say.__name__.endswith(("title", "caption", "line")):
                assert line.rstrip(")*")[-1] in ".:?", line


@pytest.mark.parametrize(("say", "result"), NORMAL)
def test_notebooks_never_read_two_sums_of_money_as_a_formula(
    say: Callable[[Any, Speech], str], result: Any
) -> None:
    """JupyterLab takes $…$ within one text node for a formula, escaped or not."""
    for line in say(result, SPEECH).split("\n"):
        nodes = re.split(r"\*\*", line)
        assert all(node.count("$") <= 1 for node in nodes), line


class _Pseudo(gettext.NullTranslations):
    """Marks what went through gettext."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return f"⟦{one if n == 1 else many}⟧"


@pytest.mark.parametrize(("say", "result"), NORMAL)
def test_every_word_can_be_translated(
    say: Callable[[Any, Speech], str], result: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retention_lib.speech.messages.catalogue", lambda language: _Pseudo())
    left = say(result, SPEECH).replace(made.WHY, "")
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", left)) != left:
        left = shorter
    assert not re.search(r"\w", left), left


# --- branches of single sentences ---------------------------------------------


def test_two_verdicts_give_nine_answers() -> None:
    fitnesses = ("fit", "fit with care", "unfit")
    answers = {
        data_audit.answer.meaning(
            made.changed(made.audit(), verdict=Verdict(retention=one, clv=two, forecast=two)),
            SPEECH,
        )
        for one in fitnesses
        for two in fitnesses
    }
    assert len(answers) == 9


@pytest.mark.parametrize(
    ("aside", "expected"),
    [
        (
            {"unreadable_date": 1},
            "1 row of 69,659 (under 0.1%) was set aside, most often because of “Dates that cannot",
        ),
        ({"duplicate_line": 700, "unreadable_date": 1}, "701 rows of 69,659 (1.0%) were set aside"),
        ({"new_reason": 700}, "“New reason”"),
    ],
)
def test_rows_set_aside(aside: dict[str, int], expected: str) -> None:
    kept = 69_659 - sum(aside.values())
    result = made.changed(made.audit(), rows_kept=kept, set_aside=aside)
    assert expected in plain(data_audit.rows.meaning(result, SPEECH))
    table = data_audit.rows.steps(result, SPEECH)
    assert table["count"].tolist()[: len(aside) + 2] == [69_659, *aside.values(), kept]


def test_checks_keep_their_order_and_unknown_ones_are_named() -> None:
    unknown = Check(
        name="guest_accounts",
        rows=1,
        rows_read=1,
        customers=1,
        money=-9e6,
        action="netted",
        rate_without=0.5,
        revenue_without=1e6,
    )
    result = made.changed(made.audit(), checks=[unknown, *made.audit().checks])
    table = data_audit.checks.rows(result, SPEECH)
    assert list(table["What was noticed"])[:2] == ["Guest accounts", "Exact copies of a line"]
    assert table.iloc[0].tolist()[1:] == ["-9,000,000", "1", "1", "1", "netted"]
    assert table.iloc[-1].tolist()[1:] == ["–", "0", "0", "–", "counted"]
    assert "Money (USD)" in table and "Money" in data_audit.checks.rows(result, Speech(currency=""))
    assert "- **Guest accounts.**" in data_audit.checks.meaning(result, SPEECH)


def test_segments_without_amounts() -> None:
    bare = [
        segment.model_copy(
            update={"spend_share": None, "expected_purchases": None, "expected_value": None}
        )
        for segment in made.recommendations().segments
    ]
    result = made.changed(made.recommendations(), segments=bare)
    assert (
        recommendations.states.title(result, SPEECH) == "Lapsed customers are 80% of all customers"
    )
    assert "No value could be given" in recommendations.states.meaning(result, SPEECH)
    assert recommendations.states.rows(result, SPEECH).iloc[0].tolist() == [
        "Active",
        "4,000",
        "17.0%",
        "–",
        "–",
        "–",
    ]


def test_claims_with_figures_stand_in_the_table_and_the_others_below() -> None:
    table = recommendations.claims.rows(made.recommendations(), SPEECH)
    assert table.to_numpy().tolist() == [
        ["40% of revenue comes from repeat buyers.", "66.4%", "66.0% to 66.8%", "holds"],
        ["80% of sales come from 20% of customers.", "68.0%", "–", "does not hold"],
    ]


# --- client's strings are data ------------------------------------------------


def hostile() -> Recommendations:
    claim = Claim(name=EVIL, figure=None, ci95=None, verdict="cannot be tested", needs=EVIL)
    action = Action(name=EVIL, segment=None, customers=2, money=1.0, certainty="open")
    return made.changed(made.recommendations(), claims=[claim], actions=[action])  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "said",
    [
        recommendations.claims.meaning(hostile(), SPEECH),
        recommendations.actions.meaning(hostile(), SPEECH),
        recommendations.answer.meaning(hostile(), SPEECH),
        cycle_detection.answer.meaning(
            made.no_cycle().model_copy(
                update={
                    "why_not": {
                        "/cycle_days": why(
                            "no_rate_of_client", client=EVIL, as_of=date(2024, 5, 31)
                        )
                    }
                }
            ),
            SPEECH,
        ),
        escape(EVIL),
        escape("# " + EVIL),
        escape("- " + EVIL),
        escape("12. " + EVIL),
        escape(EVIL.replace(" ", "\n\n")),
    ],
)
def test_client_strings_are_never_markup(said: str) -> None:
    html = str(mistune.create_markdown(escape=False, plugins=["table", "url"])(said))
    for tag in ("script", "a", "code", "em", "table", "h1", "i"):
        assert f"<{tag}" not in html
    assert "&lt;script&gt;" in html and "$e$" in html and "&amp;lt;" in html


def test_escaped_strings_read_as_they_were() -> None:
    assert plain(escape(EVIL)) == EVIL
    assert escape("0.90") == "0.90" and escape("-9,582.43") == "-9,582.43"


# --- formats ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (0, "none"),
        (0.002, "fewer than 1 in 100"),
        (0.03, "about 1 in 30"),
        (0.1, "about 1 in 10"),
        (0.39, "about 4 in 10"),
        (0.45, "just under half"),
        (0.507, "about half"),
        (0.552, "just over half"),
        (0.66, "about 2 in 3"),
        (0.9, "about 9 in 10"),
        (0.97, "nearly all"),
        (1, "all"),
    ],
)
def test_everyday_shares(x: float, expected: str) -> None:
    assert SPEECH.about_share(x) == expected


def test_everyday_shares_stay_close_to_the_figure() -> None:
    for share in range(1, 96):
        part = re.search(r"about (\d+) in (\d+)", SPEECH.about_share(share / 100))
        if part:
            assert abs(int(part[1]) / int(part[2]) - share / 100) <= 0.05


@pytest.mark.parametrize(
    ("x", "digits", "expected"),
    [
        (0.552, 1, "55.2%"),
        (0.552, 0, "55%"),
        (0.0, 1, "0.0%"),
        (1.0, 1, "100.0%"),
        (0.0004, 1, "under 0.1%"),
        (0.9996, 1, "over 99.9%"),
        (-0.122, 0, "-12%"),
        (1.35, 1, "135.0%"),
        (-0.0001, 0, "0%"),
        (0.005, 0, "under 1%"),
    ],
)
def test_shares(x: float, digits: int, expected: str) -> None:
    assert SPEECH.share(x, digits) == expected


def test_numbers_follow_the_locale_and_words_the_language() -> None:
    speech = Speech(language="en", locale="de", currency="EUR")
    assert speech.share(0.552) == "55,2\xa0%"
    assert speech.money(1_234.4) == "1.234\xa0€"
    assert speech.days(1_000) == "1.000 days"
    assert speech.short_money(25_000) == "25.000\xa0€"
    assert "55,2\xa0%" in retention_rate.rates.meaning(made.retention(), speech)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (812_345.6, "$812K"),
        (6_271_234, "$6.3M"),
        (1_051_000, "$1.1M"),  # not 1.05, and then 1.0
        (62_712_340, "$62.7M"),
        (1_234, "$1,200"),
        (0.4567, "$0.46"),
        (0, "$0"),
        (-1_234, "-$1,200"),
    ],
)
def test_about_money(x: float, expected: str) -> None:
    assert SPEECH.about_money(x) == expected


@pytest.mark.parametrize(
    ("x", "expected"), [(812_345.6, "$812,000"), (34.47, "$34"), (9.404, "$9.40"), (0, "$0")]
)
def test_rounded_money(x: float, expected: str) -> None:
    assert SPEECH.rounded_money(x) == expected


def test_rounded_count() -> None:
    assert [SPEECH.rounded_count(n) for n in (17_012.3, 999_600, 7.2)] == [
        "17,000",
        "1,000,000",
        "7",
    ]


def test_money_without_a_currency_is_a_number() -> None:
    speech = Speech(currency="")
    assert (speech.money(1_234.4), speech.about_money(812_345)) == ("1,234", "812K")


@pytest.mark.parametrize("n", [0, 1, 2])
def test_plurals(n: int) -> None:
    ending = "" if n == 1 else "s"
    assert SPEECH.days(n) == f"{n} day{ending}"
    assert SPEECH.quarters(n) == f"{n} quarter{ending}"


def test_a_value_is_not_read_as_a_template() -> None:
    assert SPEECH.text("a {x}", x="{y}") == "a {y}"


# --- the first screen ---------------------------------------------------------


def test_headlines_of_cdnow() -> None:
    heads = headlines(made.results(), SPEECH)
    assert [(head.label, head.value, head.certainty) for head in heads] == [
        ("Established customers who came back", "Just over half", "likely"),
        ("Customers gained for each one lost", "About 0.6", "open"),
        ("Revenue from repeat purchases", "About 2 in 3", "likely"),
        ("Revenue expected of today's customers in 12 months", "$812K", "likely"),
        ("Time until customers come back", "At least 65 days", "open"),
        ("Trust in the data", "Fit with care", "likely"),
    ]
    assert heads[0].range == (
        "55.2% of 7,405 customers; 95% interval 54.1% to 56.3%; "
        "no surer than the records: fit with care"
    )
    sure = made.changed(made.audit(), verdict=Verdict(retention="fit", clv="fit", forecast="fit"))
    (head, *_) = headlines(made.results(audit=sure), SPEECH)
    assert head.range == "55.2% of 7,405 customers; 95% interval 54.1% to 56.3%"
    assert "3,317 of them have not come back yet" in heads[0].so_what
    assert "no upper bound" in heads[4].range and "7 months" in heads[4].so_what


def test_headlines_without_any_figure_give_their_reasons() -> None:
    heads = headlines(made.nothing_known(), SPEECH)
    assert [head.value for head in heads[:5]] == ["not known"] * 5
    assert all(head.so_what == made.WHY for head in heads[:5])
    assert {head.certainty for head in heads} == {"open"}


def test_headlines_of_a_settled_client_with_margin() -> None:
    results = made.results(
        audit=made.changed(
            made.audit(), verdict=Verdict(retention="fit", clv="fit", forecast="fit")
        ),
        cycle=made.changed(made.cycle(), settled=True, cycle_ci95=(60.0, 70.0)),
        retention=made.changed(
            made.retention(),
            returning_rate=0.4,
            returning_ci95=(0.39, 0.41),
            repeat_revenue_share=0.3,
        ),
        clv=made.changed(made.clv(), basis="margin", total_clv_ci95=(7e5, 9e5)),
    )
    heads = headlines(results, SPEECH)
    assert heads[0].certainty == "firm" and heads[0].so_what.startswith("More leave than stay")
    assert heads[2].so_what.startswith("Most revenue comes from first purchases")
    assert heads[3].label == "Margin expected of today's customers in 12 months"
    assert heads[3].range == (
        "95% interval $700K to $900K; raised by 2%, as earlier forecasts were too low"
    )
    assert heads[3].certainty == "likely"
    assert heads[4].value == "65 days" and heads[4].range == "95% interval 60 to 70 days"
    bounded = made.results(cycle=made.changed(made.cycle(), cycle_upper=97, bounds_high=105.0))
    assert headlines(bounded, SPEECH)[4].range == "at most 97 days; 95% interval 63 to 105 days"


def test_next_steps_of_cdnow() -> None:
    assert recommendations.actions.next_steps(made.results(), SPEECH) == [
        (
            "Look after the 4,000 active customers, the most valuable first; test it first on a "
            "random half. At stake: $500K."
        ),
        (
            "Reach the 18,970 lapsed customers by automatic messages only; leave a random half "
            "alone to see what they change. At stake: $272K."
        ),
        (
            "Write to the 600 slipping customers before they lapse; test it first on a random "
            "half. At stake: $40K."
        ),
        (
            "Complete the records before deciding on more: see the reservations of the data audit "
            "(23,570 customers)."
        ),
    ]
    assert recommendations.actions.next_steps(made.nothing_known(), SPEECH) == [
        "The figures do not point to a next step yet."
    ]


@pytest.mark.parametrize("money", [None, 1_200.0])
@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize(
    "name",
    [
        "second_purchase",
        "win_back_slipping",
        "protect_top",
        "collect_data",
        "keep_lapsed_automatic",
        "birthday_mail",
    ],
)
def test_every_action_has_its_sentence(name: str, n: int, money: float | None) -> None:
    action = Action(name=name, segment=None, customers=n, money=money, certainty="open")
    said = recommendations.actions.line(action, SPEECH)
    assert said.endswith(".") and ("$1,200" in said) == (money is not None)
    assert re.search(
        rf"\b{n}\b[\w -]* customer{'s' if n > 1 else ''}\b|{n} [\w -]*buyer{'s' if n > 1 else ''}\b",
        said,
    )
    assert ("Birthday mail" in said) == (name == "birthday_mail")


def test_state_names() -> None:
    assert words.labels.state_names(SPEECH) == {
        "new": "New",
        "active": "Active",
        "slipping": "Slipping",
        "lapsed": "Lapsed",
    }


def test_say_shows_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("retention_lib.words.display.display", shown.append)
    words.say("**a**")
    assert shown[0]._repr_markdown_() == "**a**"


def test_dates() -> None:
    assert SPEECH.month(date(1998, 6, 30)) == "Jun 1998"
    assert Speech(locale="pl").date(date(1998, 6, 30)) == "30 cze 1998"
    assert (
        SPEECH.period(Period(start=date(1998, 1, 1), end=date(1998, 6, 30)))
        == "Jan 1, 1998 to Jun 30, 1998"
    )


def test_tables_hold_text_only() -> None:
    for frame in (
        data_audit.books.rows(made.audit(), SPEECH),
        data_audit.checks.rows(made.audit(), SPEECH),
        data_audit.effects.rows(made.audit(), SPEECH),
        words.clv.model.rows(made.clv(), SPEECH),
        recommendations.states.rows(made.recommendations(), SPEECH),
    ):
        assert isinstance(frame, pd.DataFrame)
        assert all(isinstance(cell, str) for cell in frame.to_numpy().ravel())


@pytest.mark.parametrize(("say", "normal", "expected", "null", "expected_null"), NAMED)
def test_no_sentence_is_said_twice(
    say: Callable[[Any, Speech], str], normal: Any, expected: str, null: Any, expected_null: str
) -> None:
    for result in (normal, null):
        said = re.split(r"(?<=[a-z]\.)\s(?!Certainty)", say(result, SPEECH))
        assert len(set(said)) == len(said)


def test_headline_when_all_came_back() -> None:
    full = made.changed(made.retention(), returning_rate=1.0, returning_ci95=(0.99, 1.0))
    assert headlines(made.results(retention=full), SPEECH)[0].so_what.startswith("All of")


def test_everything_the_audit_can_name_has_a_name_and_a_meaning() -> None:
    noticed = {entry.name for entry in (*CHECKS, *REASONS)} | {"acquisition_stops"}
    assert noticed == set(checks.CHECKS)
    assert all(len(said) == 2 and all(said) for said in checks.CHECKS.values())


_LOWERING = {
    *(concern.lowers.name for concern in _CONCERNS),
    *get_args(Break.model_fields["kind"].annotation),
}


@pytest.mark.parametrize("concern", sorted(_LOWERING))
def test_whatever_lowers_a_verdict_has_a_name(concern: str) -> None:
    known = {**checks.CHECKS, **checks.CONCERNS}
    assert checks.name(concern, SPEECH) and concern in known


def test_a_cycle_is_no_surer_than_the_records() -> None:
    settled = made.changed(made.cycle(), settled=True, cycle_lower=None, cycle_upper=None)
    fit = made.changed(made.audit(), verdict=Verdict(retention="fit", clv="fit", forecast="fit"))
    assert headlines(made.results(cycle=settled, audit=fit), SPEECH)[4].certainty == "firm"
    head = headlines(made.results(cycle=settled), SPEECH)[4]
    assert head.certainty == "likely"
    assert head.range.endswith("; no surer than the records: fit with care")


def test_a_currency_s_letters_stand_apart_from_its_digits() -> None:
    zloty = Speech("en", "en_GB", "PLN")
    assert zloty.money(1234) == "PLN\N{NO-BREAK SPACE}1,234"
    assert zloty.about_money(280_132) == "PLN\N{NO-BREAK SPACE}280K"
    assert Speech("en", "en", "USD").money(-1234) == "-$1,234"
