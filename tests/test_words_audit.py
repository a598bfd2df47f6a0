"""What notebook 01 says of files, years, statuses, doubts and control totals; who trusts the screen."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pytest

from retention_lib.results import Audit, Break, Check, ControlTax, Results, Verdict, why
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
    (data_audit.control.caption, SHOP, "books beside what was read (USD)", BARE, "books beside"),
    (
        data_audit.control.meaning,
        SHOP,
        "Of the totals in the client's books, here 3, 2 do not meet what was read.",
        BARE,
        "names no totals of the client's own books",
    ),
    (data_audit.questions.caption, SHOP, "3 questions for the client", BARE, "No question is open"),
    (
        data_audit.questions.meaning,
        SHOP,
        "Send the client questions.xlsx",
        BARE,
        "Nothing in the records needs an answer",
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
    named = made.changed(SHOP, unassigned_revenue=0.0)
    table = data_audit.years.rows(named, SPEECH)
    assert list(table.columns) == ["Year", "Revenue (USD)", "Orders", "Purchases", "Customers"]
    assert table.to_numpy().tolist()[0] == ["1997", "1,920,453.50", "–", "56,098", "23,570"]
    assert table.to_numpy().tolist()[-1] == ["In all", "2,500,315.63", "80", "67,591", "23,570"]
    assert "Revenue" in data_audit.years.rows(named, Speech(currency=""))


def test_years_can_be_laid_beside_the_books_where_sales_name_no_customer() -> None:
    year = SHOP.years[0].model_copy(
        update={"unassigned_revenue": 1_000.0, "orders": 70, "unassigned_orders": 9}
    )
    result = made.changed(SHOP, years=[year], unassigned_share=0.1)
    table = data_audit.years.rows(result, SPEECH)
    assert list(table.columns) == [
        "Year",
        "Revenue (USD)",
        "of customers",
        "without a customer",
        "Orders, all",
        "Purchases",
        "Customers",
    ]
    assert table.to_numpy().tolist() == [
        ["1997", "1,921,453.50", "1,920,453.50", "1,000.00", "79", "56,098", "23,570"],
        ["In all", "2,501,550.19", "2,500,315.63", "1,234.56", "89", "67,591", "23,570"],
    ]
    assert "**10.0%** of all revenue" in data_audit.years.meaning(result, SPEECH)


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
    said = data_audit.checks.meaning(many_checks(14), SPEECH).split("\n")
    assert len(said) == 8 and said[-1] == "2 more, with less money: Fault 12; Fault 13."
    assert len(data_audit.checks.meaning(many_checks(12), SPEECH).split("\n")) == 6


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
        "Lines of zero value",
    ]


def test_what_is_not_known_at_all_has_no_column() -> None:
    no_rate = made.changed(made.audit(), retained_rate=None)
    assert list(data_audit.effects.rows(no_rate, SPEECH)) == ["Without this step", "Revenue (USD)"]
    no_money = made.changed(made.audit(), revenue=None)
    assert list(data_audit.effects.rows(no_money, SPEECH)) == ["Without this step", "Retained rate"]


def test_steps_that_cannot_be_undone_say_why_once() -> None:
    twice = [ASIDE, ASIDE.model_copy(update={"name": "missing_date"})]
    said = data_audit.effects.meaning(made.changed(made.audit(), checks=twice), SPEECH)
    assert said.count("\n") == 0
    assert said.startswith("- **Dates that cannot be read; Rows without a date.** The records do")


# --- the client's books -------------------------------------------------------


def test_the_table_of_totals_has_the_difference_in_money_and_per_cent() -> None:
    table = data_audit.control.rows(SHOP, SPEECH)
    assert list(table.columns)[1:] == [
        "Period",
        "In the books",
        "Read",
        "Difference",
        "Per cent",
        "Meets",
    ]
    assert table.to_numpy().tolist() == [
        ["Revenue", "2024", "1,000.00", "900.00", "−100.00", "−10.0%", "no"],
        ["Customers", "in all", "10", "10", "0", "0.0%", "yes"],
        ["Orders", "2024-03", "7", "–", "–", "–", "no"],
    ]
    assert len(data_audit.control.rows(BARE, SPEECH)) == 0


def test_years_that_the_books_do_not_name_stand_below_their_totals() -> None:
    table = data_audit.books.rows(SHOP, SPEECH)
    assert table.iloc[:3].equals(data_audit.control.rows(SHOP, SPEECH))
    assert table.iloc[3:].to_numpy().tolist() == [
        ["Revenue", "1997", "–", "1,920,453.50", "–", "–", "–"],
        ["Revenue", "1998", "–", "579,862.12", "–", "–", "–"],
    ]
    assert list(data_audit.books.rows(BARE, SPEECH)) == ["Year", "Purchases", "Customers"]


def test_months_that_meet_the_books_are_counted_where_there_are_many() -> None:
    off, met, _ = SHOP.control
    months = [met.model_copy(update={"period": f"2024-{n:02}"}) for n in range(1, 13)]
    more = [it.model_copy(update={"what": "orders"}) for it in months]
    many = made.changed(SHOP, control=[off, *months, *more], years=[])
    table = data_audit.books.rows(many, SPEECH)
    assert table["Period"].tolist() == ["2024"]
    assert table.attrs["notes"] == ["24 more months meet the books."]
    few = made.changed(SHOP, control=[off, *months], years=[])
    assert len(data_audit.books.rows(few, SPEECH)) == 13


@pytest.mark.parametrize(
    ("side", "said"),
    [
        ("books", "in the books is 23% or so above what was read: the books may be with tax"),
        ("records", "that was read is 23% or so above the books: the records may be with tax"),
    ],
)
def test_one_tax_is_named_where_it_may_be_all_that_differs(side: str, said: str) -> None:
    tax = ControlTax.model_validate({"with_tax": side, "rate": 0.23})
    assert said in data_audit.control.meaning(made.changed(SHOP, control_tax=tax), SPEECH)
    assert "tax" not in data_audit.control.meaning(SHOP, SPEECH)


# --- the line on trust, and the banner ----------------------------------------

FITNESSES = ("fit", "fit with care", "unfit")
# of each question: what asks for care alone, and what makes it unfit
CARE = {"retention": "overlapping_files", "clv": "order_amounts_differ", "forecast": "migration"}
SPOILT = {"retention": "short_history", "clv": "no_amounts", "forecast": "few_repeat_buyers"}


def trusted(audit: Audit) -> Headline:
    """Return the line on trust of the first screen."""
    lines = headlines(made.results(audit=audit), SPEECH)
    (line,) = [line for line in lines if line.label == "Trust in the data"]
    return line


def fit(retention: str = "fit", clv: str = "fit", *reasons: str, forecast: str = "fit") -> Audit:
    left = {"retention": retention, "clv": clv, "forecast": forecast}
    names = {name: list(reasons) * (fitness != "fit") for name, fitness in left.items()}
    return made.changed(  # type: ignore[no-any-return]
        made.audit(), verdict=Verdict.model_validate(left), reasons=names
    )


def decided(verdicts: dict[str, str]) -> Audit:
    """Return an audit of such verdicts, each with a reason of its own and one shared for care."""
    names = {
        question: {"fit": [], "fit with care": [CARE[question]], "unfit": [SPOILT[question]]}[left]
        for question, left in verdicts.items()
    }
    return made.changed(  # type: ignore[no-any-return]
        made.audit(), verdict=Verdict.model_validate(verdicts), reasons=names
    )


def told(names: Iterable[str], said: str) -> set[str]:
    """Return which of the reasons a text names."""
    return {name for name in names if checks.name(name, SPEECH) in said}


@pytest.mark.parametrize("left", list(itertools.product(FITNESSES, repeat=3)))
def test_what_asks_for_care_never_stands_under_unfit(left: tuple[str, str, str]) -> None:
    verdicts = dict(zip(("retention", "clv", "forecast"), left, strict=True))
    audit = decided(verdicts)
    every = {*CARE.values(), *SPOILT.values()}
    lines = data_audit.verdict.meaning(audit, SPEECH).splitlines()
    for question, line in zip(verdicts, lines, strict=False):
        expected = {"fit": set(), "fit with care": {CARE[question]}, "unfit": {SPOILT[question]}}
        assert told(every, line) == expected[verdicts[question]]
    shown = {name: verdicts[name] for name in ("retention", "clv")}
    said = trusted(audit).so_what
    unfit = {SPOILT[name] for name, it in shown.items() if it == "unfit"}
    care = {CARE[name] for name, it in shown.items() if it == "fit with care"}
    if shown["retention"] == "unfit":
        assert told(every, said) == unfit  # no figure is left that could be held with care
    else:
        assert told(every, said) == unfit | care
        before, _, after = said.partition("hold with the reservations")
        assert not told(care, before) and not told(unfit, after)
    banner = " ".join(trust.banner(made.results(audit=audit), SPEECH))
    assert not told(care, banner)


def test_nothing_stands_against_the_figures_only_where_nothing_does() -> None:
    line = trusted(fit())
    assert line.value == "Fit" and "Nothing in the records speaks against" in line.so_what
    line = trusted(fit("fit with care", "fit with care", "mid_life"))
    assert "begin when the business was already under way" in line.so_what
    assert (line.value, line.certainty) == ("Fit with care", "likely")
    # a forecast's doubts are of no figure there
    assert trusted(fit(forecast="unfit")).value == "Fit"


def test_the_worse_of_the_two_verdicts_stands_there() -> None:
    assert trusted(fit("fit", "fit with care", "doubts")).value == "Fit with care"
    line = trusted(fit("fit", "unfit", "no_amounts"))
    assert (line.value, line.certainty) == ("Unfit", "open")
    assert "a retention rate, but no customer value. No amounts above zero" in line.so_what
    line = trusted(fit("unfit", "fit", "isolated_dates"))
    assert (line.value, line.certainty) == ("Unfit", "open")
    assert "Mend the records first" in line.so_what and "Dates far from all" in line.so_what


def test_every_doubt_is_named_once_with_what_it_is_about() -> None:
    said = trusted(SHOP).so_what
    for doubt in (
        "Rows dated after the records end",
        "Columns that nobody mapped, but that warn (Waluta and Test?)",
        "Totals that do not meet the client's books (Revenue 2024 −10.0% and Orders 2024-03)",
    ):
        assert said.count(doubt) == 1


def test_unassigned_revenue_is_named_with_its_share() -> None:
    known = {"unassigned_share": 0.1449, "unassigned_rows": 17_415}
    audit = made.changed(fit("fit with care", "fit", "unassigned"), **known)
    assert (
        "Sales that name no customer (14.5% of revenue and 25.0% of rows)" in trusted(audit).so_what
    )
    bare = made.changed(audit, unassigned_share=None)
    assert "name no customer (25.0% of rows)" in data_audit.verdict.meaning(bare, SPEECH)


def test_a_break_is_named_with_its_days() -> None:
    known = {"series": "rows", "before": 10.0, "after": 0.0, "touches": ["retained_rate"]}
    gaps = [
        Break(kind="gap", start=date(1998, 3, 4), end=date(1998, 3, 11), **known),
        Break(kind="gap", start=date(1998, 5, 4), end=date(1998, 5, 4), **known),
    ]
    audit = made.changed(fit("fit with care", "fit", "gap"), breaks=gaps)
    said = "nothing explains (Mar 4, 1998 to Mar 11, 1998 and May 4, 1998)"
    assert said in trusted(audit).so_what


def test_what_stands_behind_a_verdict_says_which_figures_it_moves() -> None:
    said = data_audit.verdict.explained(SHOP, SPEECH)
    ahead, doubts, control = said.splitlines()
    assert ahead.endswith("It moves every figure.")
    assert doubts.endswith("It moves revenue and customer value.")
    assert "It moves" not in control


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


def test_a_few_new_customers_a_day_are_not_called_none() -> None:
    known = {"kind": "acquisition_stops", "series": "new_customers", "start": date(2023, 1, 1)}
    found = Break.model_validate(
        known | {"end": None, "before": 1 / 91, "after": 0.0, "touches": ["clv"]}
    )
    assert "0.01 new customers came each day" in data_audit.breaks.said(found, Speech())
    result = made.changed(made.audit(), breaks=[found])
    assert "0.01 new customers a day" in data_audit.breaks.rows(result, Speech()).iloc[0].tolist()
