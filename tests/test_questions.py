"""What the client is asked: what is worth it, in which order, how many, and in which words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

import pytest

from retention_lib.client import Control
from retention_lib.data_audit import audit
from retention_lib.data_audit.questions import CONCERNS, MOST_QUESTIONS, spans
from retention_lib.results import Audit, Break, ControlTax, Doubt, Question
from retention_lib.speech import Speech
from retention_lib.summaries.checks import CHECKS
from retention_lib.transactions import REASONS
from retention_lib.words.data_audit import questions as words
from tests import made
from tests.test_data_audit import evidence, without

SPEECH = Speech(currency="EUR")
AS_OF = date(2020, 12, 31)


def asked(
    found: list[tuple[Any, ...]] | None = None,
    rows: dict[str | None, int] | None = None,
    **books: Any,
) -> list[Question]:
    known = evidence(
        rows or {None: 1000},
        found or (),
        books={"rows_between": lambda start, end: 100 * ((end - start).days + 1), **books},
        first_date=date(2019, 1, 1),
    )
    return audit(known, "trend", None, without).questions


def broken(kind: str, start: date, end: date | None = None, **known: Any) -> Break:
    plain = {"kind": kind, "series": "rows", "start": start, "end": end, "touches": ["clv"]}
    return Break.model_validate(plain | {"before": 10.0, "after": 0.0} | known)


# --- what is asked, and in which order ----------------------------------------


def test_nothing_is_asked_where_nothing_is_odd() -> None:
    assert asked() == []
    ordinary = [("returns_matched", 90, 40, 500.0), ("zero_amounts", 9, 9, 0.0)]
    assert asked([*ordinary, ("after_as_of", 50, 9, 700.0)]) == []


def test_few_rows_of_little_money_are_not_worth_a_question() -> None:
    # of 1,000 rows and a revenue of 1,000
    assert asked([("missing_customer_id", 1, None, 1.0)]) == []
    assert [it.name for it in asked([("missing_customer_id", 2, None, 1.0)])] == [
        "missing_customer_id"
    ]
    assert [it.name for it in asked([("missing_customer_id", 1, None, 1.01)])] == [
        "missing_customer_id"
    ]
    # but a single row that spoils a verdict is
    assert [it.name for it in asked([("isolated_dates", 1, 1, 0.1)])] == ["isolated_dates"]


def test_questions_stand_in_the_order_of_money_and_what_has_none_comes_last() -> None:
    doubt = Doubt(code="currency", column="c", rows=9, line=None, values=["€"])
    found = asked(
        [
            ("missing_customer_id", 50, None, 20.0),
            ("isolated_dates", 3, 1, 80.004),
            ("unreadable_line", 7, None, float("nan")),
        ],
        doubts=[doubt],
        starts_mid_life=True,
        control=Control.model_validate({"revenue": {2020: 700.0}}),
    )
    assert [(it.name, it.rows, it.money, it.listed) for it in found] == [
        ("isolated_dates", 3, 80.0, 3),
        ("control", None, 50.0, 1),
        ("missing_customer_id", 50, 20.0, 50),
        ("doubts", 9, None, 0),
        ("unreadable_line", 7, None, 7),
        ("mid_life", None, None, 0),
    ]
    assert found[-1].start == date(2019, 1, 1)
    assert set(found[2].touches) >= {"revenue", "clv"}


def test_at_most_ten_are_asked() -> None:
    every = [(entry.name, 20 + at, 1, float(at)) for at, entry in enumerate((*CHECKS, *REASONS))]
    found = asked(every)
    assert len(found) == MOST_QUESTIONS == 10
    assert [it.money for it in found] == sorted((it.money or 0 for it in found), reverse=True)
    askable = {entry.name for entry in CHECKS if entry.asks or entry.spoils}
    askable |= {entry.name for entry in REASONS if entry.asks}
    most = sorted((money for name, _, _, money in every if name in askable), reverse=True)[:10]
    assert [it.money for it in found] == most


def test_a_check_that_tells_orders_and_not_their_lines_lists_nothing() -> None:
    (found,) = asked([("extreme_amounts", 25, 1, 500.0)], can_list=lambda name: False)
    assert (found.rows, found.listed) == (25, 0)


def test_rows_that_are_not_in_use_are_not_asked_about() -> None:
    assert asked([("isolated_dates", 0, None, 0.0)]) == []


def test_at_most_a_thousand_rows_are_listed() -> None:
    (found,) = asked([("duplicate_lines", 2_500, 1, 5.0)])
    assert (found.rows, found.listed) == (2_500, 1_000)


# --- breaks -------------------------------------------------------------------


def test_a_gap_is_worth_what_such_days_bring_and_shows_the_days_beside_it() -> None:
    gap = broken("gap", date(2020, 3, 4), date(2020, 3, 11))
    (found,) = asked(breaks=[gap])
    a_day = 1000 / 731  # revenue over two years
    assert found.money == pytest.approx(8 * a_day, abs=0.01)
    assert (found.name, found.start, found.rows) == ("gap", date(2020, 3, 4), None)
    assert spans(found, [gap], AS_OF) == [
        (date(2020, 3, 3),) * 2,
        (date(2020, 3, 12),) * 2,
    ]
    assert found.listed == 200
    (many,) = asked(breaks=[gap], rows_between=lambda start, end: 700 if start < gap.start else 1)
    assert many.listed == 501  # each side has its half of the sheet


def test_the_money_of_a_break_is_its_own_where_money_breaks() -> None:
    lost = broken("gap", date(2020, 3, 4), date(2020, 3, 5), series="money", before=70.0)
    assert asked(breaks=[lost])[0].money == 140.0
    half = broken("level", date(2020, 12, 22), series="customers", after=5.0)
    assert asked(breaks=[half])[0].money == pytest.approx(10 * 0.5 * 1000 / 731, abs=0.01)
    unknown = broken("level", date(2020, 12, 22), before=None)
    assert asked(breaks=[unknown])[0].money is None
    assert asked(breaks=[half], has_amounts=False, has_money=False)[0].money is None


def test_one_jump_is_asked_about_once_and_three_of_a_kind_at_most() -> None:
    day = date(2020, 3, 2)
    one = [
        broken("level", day, series="rows", after=9.0),
        broken("level", day + timedelta(days=14), series="money", after=0.0),
        broken("level", day + timedelta(days=40), series="rows", after=9.0),
    ]
    found = asked(breaks=one)
    assert sorted(str(it.start) for it in found) == ["2020-03-16", "2020-04-11"]
    gaps = [broken("gap", day + timedelta(days=30 * n)) for n in range(6)]
    gaps = [
        it.model_copy(update={"end": it.start + timedelta(days=n)}) for n, it in enumerate(gaps)
    ]
    found = asked(breaks=gaps)
    assert [it.start for it in found] == [it.start for it in gaps[:2:-1]]


def test_a_yearly_closure_is_known_and_not_asked_about() -> None:
    assert asked(breaks=[broken("closed", date(2020, 8, 1), date(2020, 8, 31))]) == []


def test_what_a_break_says_is_not_asked_again_as_a_concern() -> None:
    begins = broken("mid_life", date(2019, 1, 1), series="new_customers")
    found = asked(breaks=[begins], starts_mid_life=True)
    assert [(it.name, it.start, it.touches) for it in found] == [
        ("mid_life", date(2019, 1, 1), ["clv"])
    ]
    assert [it.start for it in asked(starts_mid_life=True)] == [date(2019, 1, 1)]


# --- in which words -----------------------------------------------------------

_KINDS = set(get_args(Break.model_fields["kind"].annotation)) - {"closed"}
_ASKABLE = {
    *(entry.name for entry in CHECKS if entry.asks or entry.spoils),
    *(entry.name for entry in REASONS if entry.asks or entry.spoils),
    *_KINDS,
    *CONCERNS,
}


def of(name: str, **known: Any) -> tuple[Question, Audit]:
    start = date(2024, 3, 4) if name in {*_KINDS, *CONCERNS} - {"control", "doubts"} else None
    found = (
        broken(name, date(2024, 3, 4), date(2024, 3, 11), after=20.5) if name in _KINDS else None
    )
    plain = {"name": name, "rows": 3, "money": 5.0, "start": start, "listed": 3, "touches": []}
    result = made.changed(made.shop_audit(), breaks=[found] if found else [], **known)
    return Question.model_validate(plain), result


@pytest.mark.parametrize("name", sorted(_ASKABLE))
def test_whatever_may_be_asked_has_words_that_end_in_a_question(name: str) -> None:
    assert name in words.ASKED
    said = words.asked(*of(name), SPEECH)
    assert "?" in said and "{" not in said and "None" not in said and "look odd" not in said


def test_there_are_words_for_nothing_else() -> None:
    assert set(words.ASKED) == _ASKABLE | {"control_tax", "gap_day", "acquisition_pauses"}


def test_a_shop_owner_can_answer_them() -> None:
    assert words.asked(*of("gap"), SPEECH) == (
        "Between Mar 4, 2024 and Mar 11, 2024 no sale is recorded. Was the shop closed, or is part "
        "of the export missing?"
    )
    question, result = of("gap")
    day = result.breaks[0].model_copy(update={"end": result.breaks[0].start})
    assert words.asked(question, made.changed(result, breaks=[day]), SPEECH).startswith(
        "On Mar 4, 2024 no sale is recorded."
    )
    question, result = of("acquisition_stops")
    assert words.asked(question, result, SPEECH).startswith(
        "From Mar 4, 2024 to Mar 11, 2024 nobody buys for the first time, though known customers do."
    )
    goes_on = result.breaks[0].model_copy(update={"end": None})
    assert words.asked(question, made.changed(result, breaks=[goes_on]), SPEECH).startswith(
        "From Mar 4, 2024 on nobody buys for the first time. Does the export hold only part"
    )
    assert words.asked(*of("level"), SPEECH).startswith(
        "On Mar 4, 2024 sales jump to another level, from about 10.0 to 20.5 (rows a day)."
    )
    assert words.asked(*of("doubts"), SPEECH).startswith(
        "The export has columns that nobody has explained: Waluta and Test?."
    )
    assert "Revenue 2024 −10.0% and Orders 2024-03" in words.asked(*of("control"), SPEECH)
    tax = ControlTax(with_tax="books", rate=0.23)
    assert words.asked(*of("control", control_tax=tax), SPEECH).startswith(
        "Your books and the export differ by 23% or so throughout."
    )


def test_one_row_is_one_row() -> None:
    question, result = of("missing_date")
    one = question.model_copy(update={"rows": 1})
    assert words.asked(one, result, SPEECH).startswith("1 row has no date")
    assert words.asked(question, result, SPEECH).startswith("3 rows have no date")


def test_the_table_of_questions_says_what_each_answer_changes() -> None:
    table = words.rows(made.shop_audit(), SPEECH)
    assert list(table.columns) == [
        "Question",
        "Rows",
        "Money (EUR)",
        "What the answer changes",
        "Sheet",
    ]
    assert table.iloc[:, 1:].to_numpy().tolist() == [
        ["1,200", "1,235", "revenue and customer value", "Question 1"],
        ["–", "100", "revenue", "Question 2"],
        ["90", "–", "–", "–"],
    ]
