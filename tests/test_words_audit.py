"""What notebook 01 says of files, years, statuses, doubts and control totals; who trusts the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from retention_lib.results import Audit, Check, Results, Verdict, why
from retention_lib.speech import Speech
from retention_lib.words import checks, data_audit
from retention_lib.words.first_screen import trust
from retention_lib.words.first_screen.lines import Headline, headlines
from tests import made

SPEECH = Speech()
SHOP, BARE = made.shop_audit(), made.bare_audit()
ASIDE = Check(
    name="unreadable_date",
    rows=3,
    rows_read=3,
    customers=None,
    money=9.0,
    action="set aside",
    rate_without=None,
    revenue_without=None,
)
Sentence = tuple[Callable[[Any, Speech], str], Any, str, Any, str]

SENTENCES: list[Sentence] = [
    (data_audit.files.caption, SHOP, "lines of each file", BARE, "lines of each file"),
    (
        data_audit.files.meaning,
        SHOP,
        "100 lines of text were read, and all are accounted for|b.csv holds the same as a.csv",
        BARE,
        "come from a database",
    ),
    (data_audit.years.caption, SHOP, "year by year", BARE, "year by year"),
    (data_audit.books.caption, made.audit(), "year by year", BARE, "year by year"),
    (
        data_audit.books.meaning,
        made.audit(),
        "names no totals of the client's own books|Nothing was given back to customers",
        BARE,
        "The records do not give this figure",
    ),
    (data_audit.effects.caption, SHOP, "would be without a step", BARE, "would be without a step"),
    (
        data_audit.effects.meaning,
        made.audit(),
        "Every step that was taken can be undone",
        made.changed(BARE, checks=[ASIDE], retained_rate=None),
        "- The records do not give this figure|Dates that cannot be read. The records do not give",
    ),
    (
        data_audit.years.meaning,
        SHOP,
        "$120.50 was given back|Sales of $1,234.56 name no customer",
        BARE,
        "The records do not give this figure",
    ),
    (data_audit.statuses.caption, SHOP, "how they were counted", BARE, "how they were counted"),
    (
        data_audit.statuses.meaning,
        SHOP,
        "does not say what 1 status means|Waluta: it holds currencies",
        BARE,
        "No column of the records says what became of an order|No column that nobody mapped warns",
    ),
    (
        data_audit.doubts.meaning,
        SHOP,
        (
            "Waluta: it holds currencies|(90 rows, such as EUR and PLN)|columns: {currency: Waluta}"
            "|Test?: some rows look like tests"
        ),
        BARE,
        "No column that nobody mapped warns",
    ),
    (
        data_audit.control.meaning,
        SHOP,
        (
            "Revenue, 2024: 900.00 read, 1,000.00 in the books; −100.00 (10.0%), which do not meet"
            "|Customers, in all: 10 read, 10 in the books; they meet"
            "|Orders, 2024-03: 7 in the books, and nothing in the records"
        ),
        BARE,
        "names no totals of the client's own books",
    ),
]


def test_files_table_accounts_for_every_line() -> None:
    table = data_audit.files.rows(SHOP, SPEECH)
    assert table.to_numpy().tolist() == [
        ["a.csv", "100", "3", "90", "4", "3"],
        ["b.csv", "–", "–", "–", "–", "–"],
        ["In all", "100", "3", "90", "4", "3"],
    ]


def test_many_files_are_named_up_to_a_dozen_and_add_up() -> None:
    many = [SHOP.files[0].model_copy(update={"name": f"{n}.csv"}) for n in range(30)]
    table = data_audit.files.rows(made.changed(SHOP, files=many), SPEECH)
    assert table["File"].tolist() == [*(f"{n}.csv" for n in range(9)), "21 more files", "In all"]
    assert table["Rows"].tolist()[-3:] == ["90", "1,890", "2,700"]
    book = SHOP.files[0].model_copy(update={"lines": None})
    table = data_audit.files.rows(made.changed(SHOP, files=[*many[:2], book]), SPEECH)
    assert table.iloc[-1].tolist() == ["In all", "–", "9", "270", "12", "9"]


def test_years_table_ends_in_all() -> None:
    table = data_audit.years.rows(SHOP, SPEECH)
    money = ["Revenue (USD)", "No customer (USD)"]
    assert list(table.columns) == ["Year", *money, "Orders", "Purchases", "Customers"]
    lines = table.to_numpy().tolist()
    assert lines[0] == ["1997", "1,920,453.50", "0.00", "–", "56,098", "23,570"]
    assert lines[-1] == ["In all", "2,500,315.63", "1,234.56", "80", "67,591", "23,570"]
    assert "Revenue" in data_audit.years.rows(SHOP, Speech(currency=""))


def test_statuses_table_says_how_each_was_counted() -> None:
    assert data_audit.statuses.rows(SHOP, SPEECH).to_numpy().tolist() == [
        ["paid", "sale", "70", "900.00"],
        ["(blank)", "sale", "10", "90.00"],
        ["void", "left out", "6", "60.00"],
        ["on hold", "sale, since nothing says otherwise", "4", "–"],
    ]


def test_files_without_lines_were_read_row_by_row() -> None:
    book = SHOP.files[1].model_copy(update={"rows": 9, "same_as": None})
    assert "1 file was read, row by row" in re.sub(
        r"\*", "", data_audit.files.meaning(made.changed(SHOP, files=[book]), SPEECH)
    )


def test_the_busiest_customer_is_said_for_who_checks() -> None:
    busiest = {"customer_id": "K-17", "days": 41, "orders": 1}
    assert data_audit.busiest.said(busiest, SPEECH).endswith("K-17: 1 order on 41 days.")


def many_checks(number: int) -> Audit:
    checks = [
        ASIDE.model_copy(
            update={
                "name": f"fault_{n}",
                "money": 1000.0 - n,
                "rate_without": 0.5,
                "revenue_without": 2_500_315.63 + n,
            }
        )
        for n in range(number)
    ]
    return made.changed(made.audit(), checks=checks)  # type: ignore[no-any-return]


def test_a_dozen_checks_stand_in_the_table_and_the_rest_is_named() -> None:
    table = data_audit.checks.rows(many_checks(14), SPEECH)
    assert len(table) == 12
    assert table.attrs["notes"] == ["2 more, with less money: Fault 12; Fault 13."]
    assert "notes" not in data_audit.checks.rows(many_checks(12), SPEECH).attrs
    assert data_audit.checks.meaning(many_checks(14), SPEECH).count("\n") == 5


def test_steps_stand_under_what_was_used_those_first_that_move_most() -> None:
    table = data_audit.effects.rows(many_checks(13), SPEECH)
    assert table.iloc[0].tolist() == ["As used", "55.2%", "2,500,316"]
    assert table.iloc[1].tolist() == ["Fault 12", "50.0%", "2,500,328"]
    assert len(table) == 12
    assert table.attrs["notes"] == ["2 more change less: Fault 1; Fault 0."]
    made_up = data_audit.effects.rows(made.audit(), SPEECH)
    assert made_up["Without this step"].tolist() == [
        "As used",
        "Exact copies of a line",
        "Purchases of zero value",
    ]


def test_steps_that_cannot_be_undone_say_why_once() -> None:
    twice = [ASIDE, ASIDE.model_copy(update={"name": "missing_date"})]
    said = data_audit.effects.meaning(made.changed(made.audit(), checks=twice), SPEECH)
    assert said.count("\n") == 0
    assert said.startswith("- **Dates that cannot be read; Rows without a date.** The records do")


# --- the line on trust, and the banner ----------------------------------------


def trusted(audit: Audit, **cycle: Any) -> Headline:
    """Return the line on trust of the first screen."""
    known = made.changed(made.cycle(), **cycle)
    (line,) = [
        line
        for line in headlines(made.results(audit=audit, cycle=known), SPEECH)
        if line.label == "Trust in the data"
    ]
    return line


def fit(retention: str = "fit", clv: str = "fit", *reasons: str) -> Audit:
    verdict = Verdict.model_validate({"retention": retention, "clv": clv})
    return made.changed(  # type: ignore[no-any-return]
        made.audit(),
        verdict=verdict,
        reasons={"retention": list(reasons), "clv": list(reasons)},
        spoilt={"retention": list(reasons) * (retention == "unfit"), "clv": []},
    )


def test_nothing_stands_against_the_figures_only_where_nothing_does() -> None:
    line = trusted(fit())
    assert line.value == "Fit" and "Nothing in the records speaks against" in line.so_what
    line = trusted(fit(), starts_mid_life=True)
    assert "begin when the business was already under way" in line.so_what
    assert line.certainty == "likely"


def test_the_worse_of_the_two_verdicts_stands_there() -> None:
    assert trusted(fit("fit", "fit with care", "doubts")).value == "Fit with care"
    line = trusted(fit("fit", "unfit", "no_amounts"))
    assert (line.value, line.certainty) == ("Unfit", "open")
    assert "a retention rate, but no customer value. No amounts above zero" in line.so_what
    line = trusted(fit("unfit", "fit", "isolated_dates"))
    assert (line.value, line.certainty) == ("Unfit", "open")
    assert "Mend the records first" in line.so_what and "Dates far from all" in line.so_what


def test_every_doubt_is_named_once() -> None:
    said = trusted(SHOP, starts_mid_life=True).so_what
    for doubt in (
        "Rows dated after the records end",
        "Columns that nobody mapped, but that warn: Waluta and Test?",
        "Totals that do not meet the client's books",
        "already under way",
    ):
        assert said.count(doubt) == 1


def withhold(results: Results, lines: int) -> None:
    """Say of figures that are null that the records cannot carry them."""
    reasons = {f"/lines/{at}/value": why("records_unfit") for at in range(lines)}
    results.recommendations.why_not.update(reasons)


def test_no_figure_stands_on_records_that_are_unfit() -> None:
    unfit = made.results(audit=fit("unfit", "unfit", "isolated_dates"))
    withhold(unfit, 5)
    *figures, trust_line = headlines(unfit, SPEECH)
    assert {line.value for line in figures} == {"not given"}
    assert "69,659 of 69,659 rows used" in trust_line.range
    value = made.results(audit=fit("fit with care", "unfit", "isolated_dates"))
    withhold(value, 5)
    known = {line.label: line.value for line in headlines(value, SPEECH)}
    money = [value for label, value in known.items() if "expected of today's" in label]
    assert money == ["not given"] and list(known.values()).count("not given") == 1


def test_the_banner_says_what_is_unfit_and_how_to_mend_it() -> None:
    first, *rest = trust.banner(made.results(audit=fit("unfit", "fit", "isolated_dates")), SPEECH)
    assert "cannot carry a retention rate" in first
    assert (
        rest == ["Dates far from all others. " + checks.explained("isolated_dates", SPEECH)]
        and "Correct or remove them" in rest[0]
    )


def test_the_banner_names_rows_ahead() -> None:
    (said,) = trust.banner(made.results(audit=SHOP), SPEECH)
    assert "6 rows are dated Mar 1, 2026 to May 1, 2026" in said
    assert "end on Dec 29, 2025" in said and "ahead: keep" in said
    assert trust.banner(made.results(audit=fit()), SPEECH) == []


@pytest.mark.parametrize("name", ["few_customers", "doubts", "control", "no_amounts"])
def test_what_lowers_a_verdict_says_what_to_do(name: str) -> None:
    assert checks.explained(name, SPEECH).endswith(".")
    assert checks.explained("no_such_thing", SPEECH) == ""
