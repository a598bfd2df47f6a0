"""How figures come about: each is explained, its chain leads to the rows, its arithmetic is right."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

import ibis
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from retention_lib.errors import ConfigError, RetentionError
from retention_lib.report.ids import refuse_columns
from retention_lib.results import SECTIONS, Results, Status, Varied, why
from retention_lib.results.derivation import (
    Answers,
    arithmetic,
    chain,
    customer,
    holders,
    kind_of,
    leaves,
    named_rules,
    operand,
    rule_of,
)
from retention_lib.speech import Speech
from retention_lib.study import Study
from retention_lib.study import explain as explaining
from retention_lib.study.explain import Asked
from retention_lib.words import definitions
from retention_lib.words import explain as words
from tests import made

SPEECH = Speech()
EVIL = "<script>x</script> \x1b[31m*b*"
FILES = "audit/files"


def full() -> Results:
    """Return results that know as much as those of a client can."""
    return made.results(
        audit=made.shop_audit(),
        cycle=made.changed(made.cycle(), pinned=made.pinned()),
        retention=made.full_retention(),
        clv=made.subscribed(),
    )


def asked(results: Results, customers: pd.DataFrame | None = None, **speech: str) -> Asked:
    return Asked(
        results.client,
        results.as_of,
        Speech(**speech),
        partial(getattr, results),
        lambda: ibis.memtable(customers),
    )


def listed(**changed: Any) -> pd.DataFrame:
    """Return customers as ``customers.parquet`` has them, of whom the first is one-time."""
    one = {
        "customer_id": ["K-17", "Ann@Shop.com", "00042"],
        "first_day": [date(1997, 1, 3), date(1997, 2, 1), date(1997, 3, 1)],
        "last_day": [date(1997, 1, 3), date(1998, 6, 1), date(1998, 3, 1)],
        "frequency": [0, 4, 9],
        "recency_days": [0, 485, 365],
        "T_days": [543, 514, 486],
        "silent_days": [543, 29, 121],
        "spend": [12.0, 200.0, 300.0],
        "monetary": [None, 41.5, 30.0],
        "state": ["lapsed", "active", "active"],
        "p_alive": [1.0, 0.9, 0.8],
        "expected_purchases": [0.2, 2.5, 3.0],
        "purchases_low": [0, 0, 1],
        "purchases_high": [1, 6, 5],
        "next_purchase": [None, date(1998, 8, 20), date(1998, 7, 3)],
        "next_purchase_from": [None, date(1998, 7, 9), date(1998, 7, 1)],
        "next_purchase_to": [None, None, date(1998, 8, 4)],
        "expected_value": [36.0, 40.0, 30.0],
        "expected_revenue": [7.2, 100.0, 90.0],
        "clv": [6.0, 95.0, 80.0],
        "clv_low": [0.0, 0.0, 20.0],
        "clv_high": [40.0, 250.0, 140.0],
        "lapse_chance": [0.9, 0.3, 0.2],
        "value_at_risk": [5.4, 28.5, 16.0],
        "subscription": [None, None, "month"],
    }
    return pd.DataFrame(one | changed)


def explained(name: str, results: Results | None = None) -> explaining.Explanation:
    return explaining.figure(name, asked(results or full()))


def values(found: explaining.Explanation) -> dict[str, Any]:
    return {step["figure"]: step["value"] for step in found.plain["steps"]}


# --- every figure ---------------------------------------------------------------


def test_every_figure_is_defined_in_one_line() -> None:
    """A new field of the results needs its line, or nobody can be told what it is."""
    bare = [at for at in leaves() if not definitions.known(at)]
    assert not bare, (
        f"No definition of {', '.join(bare)}: add a line to DEFINITIONS of "
        "retention_lib/words/definitions/<section>.py, under the name within the section."
    )
    idle = [
        f"{section}/{name}"
        for section, lines in definitions.DEFINITIONS.items()
        for name in lines
        if f"{section}/{name}" not in {*leaves(), *holders()}
    ]
    assert not idle, f"These definitions are of no field any more; remove them: {idle}"


def test_a_definition_is_one_sentence_without_a_placeholder() -> None:
    said = {at: definitions.said(at, SPEECH) for at in leaves()}
    wrong = {at: text for at, text in said.items() if not re.fullmatch(r"[^{}\n]{8,190}\.", text)}
    assert not wrong


def test_every_figure_has_a_unit() -> None:
    bare = [at for at in leaves() if not kind_of(at)]
    assert not bare, (
        f"Nothing tells the unit of {', '.join(bare)}: name it in `kinds` of "
        "retention_lib/results/derivation/<section>.py, or give its rule a `kind`."
    )


def test_every_rule_is_of_a_figure_and_reads_others_that_there_are() -> None:
    known = {*leaves(), *holders()}
    idle = [at for at in named_rules() if at not in known]
    assert not idle, f"These rules are of no field any more; remove them: {idle}"
    for at in named_rules():
        section = at.partition("/")[0]
        rule = rule_of(at)
        same = rule.same_as
        names = [
            *(rule.inputs or "").replace("?", "").split(),
            *map(operand, rule.operands),
            *filter(None, [rule.interval]),
            *((same[0], *same[1].values()) if same else ()),
        ]
        for name in names:
            full_name = (
                name[1:]
                if name.startswith("/")
                else f"{at.rpartition('/')[0]}/{name[2:]}"
                if name.startswith("./")
                else f"{section}/{name}"
            )
            assert full_name in known, f"{at} reads {name}, which is no figure"


def every(results: Results) -> Iterator[str]:
    answers = asked(results).answers
    for pattern in leaves():
        yield from answers.matching(pattern)


@pytest.mark.parametrize("results", [full(), made.results(), made.nothing_known()])
def test_every_chain_ends_at_the_figure_and_begins_at_the_files_or_is_given(
    results: Results,
) -> None:
    answers = asked(results).answers
    for at in every(results):
        steps = chain(at, answers)
        assert steps[-1].figure == at and steps[-1].value == answers.value(at)
        assert steps[0].figure == FILES or not steps[-1].inputs, (
            f"{at} does not lead to the files: give its rule `inputs` in "
            "retention_lib/results/derivation/, or `given()` if it comes from the configuration"
        )
        before: set[str] = set()
        for step in steps:
            assert before >= set(step.inputs), f"{step.figure} stands before what it is from"
            before.add(step.figure)


@pytest.mark.parametrize("results", [full(), made.results(), made.nothing_known()])
def test_a_null_ends_in_its_reason(results: Results) -> None:
    nulls = [at for at in every(results) if asked(results).answers.value(at) is None]
    assert nulls
    for at in nulls:
        found = explaining.figure(at, asked(results))
        assert found.plain["steps"][-1]["why_not"] == made.WHY, at
        assert found.notes == (f"{at} cannot be given: {made.WHY}",)


def test_what_holds_a_null_gives_the_reason_too() -> None:
    reasons = made.retention().why_not | {"/no_churn": why("no_amounts")}
    results = made.results(retention=made.retention().model_copy(update={"why_not": reasons}))
    found = explaining.figure("retention/no_churn/expectation", asked(results))
    assert found.plain["steps"][-1]["why_not"] == SPEECH.text(
        words.reason(why("no_amounts"), SPEECH)
    )


def test_every_number_is_said() -> None:
    """No kind of value is left that cannot be said, in any locale."""
    for locale in ("en", "pl"):
        of = asked(full(), locale=locale, currency="PLN")
        for at in every(full()):
            frame = explaining.figure(at, of).frame
            assert frame.map(lambda cell: isinstance(cell, str)).all(axis=None)
            assert (frame.iloc[:, 0] != "").all() and (frame.iloc[:, 1] != "").all(), at


# --- one chain ------------------------------------------------------------------


def test_the_retained_rate_is_led_to_from_top_to_bottom() -> None:
    found = explained("retention/retained_rate", made.results())
    order = [step["figure"] for step in found.plain["steps"]]
    wanted = [
        *(FILES, "audit/rows_in", "audit/set_aside", "audit/rows_kept", "audit/occasions"),
        *("audit/customers", "cycle/cycle_days", "cycle/window", "retention/window"),
        *("retention/prior", "retention/start_customers", "retention/retained_customers"),
        "retention/retained_rate",
    ]
    assert [at for at in order if at in wanted] == wanted
    last = found.frame.iloc[-1].tolist()
    assert last[1:3] == ["55.2% (95% interval 54.1% to 56.3%)", "= 4,088 / 7,405"]
    assert last[3].startswith("R / S: of the prior window's customers")
    assert found.caption == "How retention/retained_rate of cdnow comes about, as of Jun 30, 1998"


def test_numbers_are_in_the_clients_locale() -> None:
    of = asked(made.results(), locale="pl", currency="PLN")
    frame = explaining.figure("retention/retained_rate", of).frame
    assert frame.iloc[-1, 2] == "= 4\xa0088 / 7\xa0405"
    assert frame.iloc[-1, 1].startswith("55,2%")
    assert explaining.figure("audit/revenue", of).frame.iloc[-1, 1] == "2\xa0500\xa0315,63\xa0zł"


def test_orders_are_a_step_where_there_are_any() -> None:
    assert "audit/orders" in values(explained("audit/customers"))
    assert "audit/orders" not in values(explained("audit/customers", made.results()))


def test_a_figure_that_repeats_another_says_which() -> None:
    first = explained("recommendations/lines/0/value", made.results())
    assert first.plain["steps"][-1]["formula"] == "the same as retention/returning_rate"
    assert first.frame.iloc[-1, 1] == "55.2%"
    kept = next(
        n for n, it in enumerate(made.results().recommendations.lines) if it.name == "rows_kept"
    )
    rows = explained(f"recommendations/lines/{kept}/value", made.results())
    assert rows.frame.iloc[-1, 1] == "69,659"  # as a count, since it repeats one


def test_a_list_names_what_it_holds() -> None:
    found = explained("audit/statuses")
    assert found.frame.iloc[0].tolist() == ["audit/statuses/0", "4 figures of paid", ""]
    assert found.plain[0] == {"figure": "audit/statuses/0", "holds": 4}
    section = explained("retention")
    held = {entry["figure"] for entry in section.plain}
    assert held == {f"retention/{name}" for name in full().retention.figures()}
    assert explained("outcomes").plain == []


def test_a_varied_analysis_is_called_one() -> None:
    step = Varied.model_validate({"code": "only", "column": "channel", "values": ["web"]})
    varied = made.retention().model_copy(update={"varied": (step,)})
    found = explained("retention/retained_rate", made.results(retention=varied))
    assert found.notes == ("Varied analysis: Only channel web.",)
    assert not explained("retention/retained_rate").notes


# --- names ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("retained_rate", "retention/retained_rate"),  # not the audit's copy
        ("/retention/retained_rate", "retention/retained_rate"),
        ("repeat_revenue_share", "retention/repeat_revenue_share"),
        ("Total_CLV", "clv/total_clv"),
        ("customers", "audit/customers"),  # not those of a part
        ("no_churn/expectation", "retention/no_churn/expectation"),
        ("retention/no_churn/by_model/MBG~1NBD", "retention/no_churn/by_model/MBG~1NBD"),
        ("cycle/window", "cycle/window"),
    ],
)
def test_a_name_is_understood(given: str, meant: str) -> None:
    assert explaining.resolved(given, asked(full()).answers) == meant


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("retained_rat", r"no figure 'retained_rat'; nearest: retention/retained_rate"),
        ("retention/retaind_rate", "nearest: retention/retained_rate"),
        ("qqqq", r"no figure 'qqqq'; A section alone lists its figures: audit, cycle"),
        ("certainty", "the name of 2 figures: cycle/certainty, clv/certainty"),
        ("audit/checks/99/rows", r"no '99' in audit/checks; it has 3, from 0 on"),
        ("audit/checks/x/rows", r"no 'x' in audit/checks"),
        ("audit/set_aside/nothing", r"no 'nothing' in audit/set_aside; it is empty"),
        ("retention/no_churn/by_model/OLS", r"it has: MBG/NBD, NBD, BG/NBD"),
        (" ", "Name a figure, or a section: audit"),
        ("\x1b[31m", "no figure '\\\\x1b"),
    ],
)
def test_an_unknown_name_stops_and_names_the_nearest(given: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        explained(given)


# --- arithmetic -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "numbers", "gives", "shown"),
    [
        ("({e} − {n}) / {s}", {"e": [5], "n": [2], "s": [4]}, 0.75, "(5 − 2) / 4"),
        ("{r} / {s}", {"r": [2], "s": [0]}, None, "2 / 0"),
        ("{in} − {out/*}", {"in": [9], "out/*": [1, 2]}, 6, "9 − (1 + 2)"),
        ("{in} − {out/*}", {"in": [9], "out/*": []}, 9, "9 − 0"),
        ("{out/*}", {"out/*": [1, 2, 3, 4, 5, 6, 7]}, 28, "1 + 2 + 3 + 4 + … + 7"),
        ("min({of/*,})", {"of/*,": [0.5, 0.2]}, 0.2, "min(0.5, 0.2)"),
        ("max({of/*,})", {"of/*,": [0.5]}, 0.5, "max(0.5)"),
        ("1 / {h} ^ 2", {"h": [0.5]}, 4, "1 / 0.5 ^ 2"),
        ("{b} − {a} + 1", {"a": ["1998-06-01"], "b": ["1998-06-30"]}, 30, "1998-06-30 − 1998-06-01 + 1"),
    ],
)  # fmt: skip
def test_arithmetic(formula: str, numbers: dict[str, Any], gives: float, shown: str) -> None:
    assert arithmetic.computed(formula, numbers) == (
        None if gives is None else pytest.approx(gives)
    )
    assert arithmetic.filled(formula, numbers, lambda name, value: str(value)) == shown


def test_there_is_no_least_of_nothing() -> None:
    none_used = made.full_retention().no_churn.model_copy(update={"by_model": {}})
    retention = made.full_retention().model_copy(update={"no_churn": none_used})
    (*_, last) = chain(
        "retention/no_churn/lowest", asked(made.results(retention=retention)).answers
    )
    assert last.value == 0.79 and not last.formula


def test_no_formula_runs_code() -> None:
    with pytest.raises((ValueError, KeyError)):
        arithmetic.computed("__import__('os')", {})


def test_a_formula_stands_only_where_all_of_it_is_known() -> None:
    known = made.shop_audit().model_dump()["control"]
    assert known[2]["read"] is None
    (*_, last) = chain("audit/control/2/difference", asked(full()).answers)
    assert not last.formula and last.why is not None
    (*_, first) = chain("audit/control/0/difference", asked(full()).answers)
    assert first.computed == first.value == -100


def wrong(answers: Answers, most: float = 1e-9) -> tuple[list[str], set[str]]:
    """Return the figures whose formula gives another number, and the patterns that were tried."""
    found, tried = [], set()
    for pattern in leaves():
        for at in answers.matching(pattern):
            step = chain(at, answers)[-1]
            if step.formula:
                tried.add(pattern)
                gives = step.computed
                assert gives is not None
                if abs(gives - float(step.value)) > most * max(1, abs(gives)):
                    found.append(f"{at}: {step.value}, by its formula {gives}")
    return found, tried


@pytest.mark.slow
@pytest.mark.parametrize("of", ["cdnow_study", "demo"])
def test_every_formula_gives_its_figure(of: str, request: pytest.FixtureRequest) -> None:
    study: Study = request.getfixturevalue(of)
    study.explain("outcomes")
    found, tried = wrong(study.asked.answers)
    assert not found
    assert {
        *("audit/rows_in", "audit/rows_kept", "cycle/history_days", "retention/formula_rate"),
        *("retention/retained_rate", "retention/quick_ratio", "retention/lost_customers"),
        *("retention/net_revenue_retention", "clv/mean_clv", "clv/value_at_risk"),
    } <= tried


@pytest.mark.slow
@pytest.mark.parametrize(
    ("of", "by_model"),
    # in margin, and by two clocks, whose days no formula of a line holds
    [("cdnow_study", {"p_alive", "expected_value"}), ("demo", set())],
)
def test_a_customers_formulas_give_the_numbers_of_the_list(
    of: str, by_model: set[str], request: pytest.FixtureRequest
) -> None:
    study: Study = request.getfixturevalue(of)
    table = study.customers.to_pandas()
    kinds = [table, table[table.subscription.notna()], table[table.frequency > 0]]
    ids = {it for part in kinds for it in part.customer_id.iloc[:: max(1, len(part) // 15)]}
    tried: set[str] = set()
    for who in sorted(ids):
        row = table[table.customer_id == who].iloc[0]
        found = study.explain(customer=who)
        known = values(found)
        for name in set(customer.RULES) & set(row.index) & set(known):
            value = row[name]
            if isinstance(value, pd.Timestamp):
                value = value.date().isoformat()
            assert known[name] is None if pd.isna(value) else known[name] == value, name
        assert known["occasions"] == row.frequency + 1
        for step in customer.steps(explaining._row(who, study.customers), study.asked.answers):
            if step.formula and step.pattern.startswith("customers/"):
                tried.add(step.figure)
                days = isinstance(step.value, str)
                assert days or step.computed == pytest.approx(step.value, rel=1e-6, abs=1e-9), (
                    who,
                    step.figure,
                )
    assert {"frequency", "recency_days", "T_days", "silent_days", "value_at_risk"} <= tried
    assert by_model <= tried


# --- one customer -----------------------------------------------------------------


def test_one_customers_numbers_are_those_of_the_list() -> None:
    table = listed()
    found = explaining.one_customer("00042", asked(made.results(), table))
    known, row = values(found), table.iloc[2]
    for name in ("frequency", "T_days", "spend", "monetary", "p_alive", "clv", "subscription"):
        assert known[name] == row[name], name
    assert known["first_day"] == "1997-03-01" and known["occasions"] == 10
    cells = {line[0]: line[1:] for line in found.frame.itertuples(index=False)}
    assert cells["clv"][0] == "$80.00 (90% interval $20.00 to $140.00)"
    assert cells["expected_purchases"][0] == "3.00 (90% interval 1 to 5)"
    assert cells["value_at_risk"][1] == "= $80.00 × 20.0%"
    assert cells["T_days"][1] == "= Jun 30, 1998 − Mar 1, 1997"
    assert cells["expected_value"][1] == "= $300.00 / 10"  # a subscriber's: by the charge


def test_a_one_time_buyer_has_no_mean_of_repeat_purchases() -> None:
    found = explaining.one_customer("K-17", asked(made.results(), listed()))
    cells = {line[0]: line[1:] for line in found.frame.itertuples(index=False)}
    assert cells["monetary"][0] == "–" and "subscription" not in cells
    assert cells["occasions"][0] == "1"


def test_an_id_with_an_at_is_compared_without_case_and_no_other_is() -> None:
    of = asked(made.results(), listed())
    assert explaining.one_customer(" ann@shop.COM ", of).customer == "Ann@Shop.com"
    with pytest.raises(ConfigError, match="No customer has the id 'k-17'"):
        explaining.one_customer("k-17", of)


def test_an_id_that_is_not_there_is_told_how_ids_look_but_no_other_id() -> None:
    table = listed(customer_id=["K-17", "K-18", "00042"])
    with pytest.raises(ConfigError) as error:
        explaining.one_customer("K-19", asked(made.results(), table))
    said = str(error.value)
    assert (
        "written as in customers.parquet" in said and "2 of the 3 ids there look like a-99" in said
    )
    assert not any(other in said for other in table.customer_id)


def test_no_report_shows_a_customer() -> None:
    found = explaining.one_customer("K-17", asked(made.results(), listed()))
    with pytest.raises(RetentionError, match="customers' ids do not belong in a report"):
        refuse_columns(found._repr_html_(), ["customer_id"], "05")
    refuse_columns(explained("retention/retained_rate")._repr_html_(), ["customer_id"], "05")


def test_without_a_value_a_customers_numbers_end_in_the_reason() -> None:
    money = ("p_alive", "expected_purchases", "expected_value", "clv", "value_at_risk")
    spent = ("spend", "monetary")
    table = listed(**dict.fromkeys((*money, *spent, "lapse_chance", "state")), subscription=None)
    table = table.astype(dict.fromkeys((*money, *spent), "float64"))
    found = explaining.one_customer("00042", asked(made.nothing_known(), table))
    ends = {step["figure"]: step["why_not"] for step in found.plain["steps"]}
    assert {ends[name] for name in (*money, *spent, "lapse_chance", "state")} == {made.WHY}


# --- where it is shown --------------------------------------------------------------


def test_a_clients_words_are_text() -> None:
    status = Status(status=EVIL, means="sale", rows=70, money=900.0)
    results = made.results(audit=made.changed(made.shop_audit(), statuses=[status]))
    found = explained("audit/statuses/0/status", results)
    page = BeautifulSoup(found._repr_html_(), "html.parser")
    assert page.find("script") is None and "<script>x</script>" in page.get_text()
    assert "\x1b" not in repr(found)
    table = listed(customer_id=[EVIL, "b", "c"])
    one = explaining.one_customer(EVIL, asked(results, table))
    page = BeautifulSoup(one._repr_html_(), "html.parser")
    assert page.find("script") is None and "<script>x</script>" in page.get_text()
    assert "\x1b" not in repr(one) and "\x1b" not in one.caption


def test_it_prints_as_text_and_shows_as_one_table() -> None:
    found = explained("retention/retained_rate", made.results())
    text = repr(found)
    assert text.startswith(found.caption)
    assert "retention/start_customers:  7,405\n" in text
    assert max(map(len, text.splitlines())) <= 100
    page = BeautifulSoup(found._repr_html_(), "html.parser")
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in page.select("tbody tr")]
    assert rows[-1] == found.frame.iloc[-1].tolist() and len(rows) == len(found.frame)
    assert json.loads(json.dumps(found.plain))["steps"][-1]["value"] == 0.552


@pytest.mark.slow
def test_a_study_explains_what_it_answers(cdnow_study: Study) -> None:
    found = cdnow_study.explain("retention/retained_rate")
    assert values(found)["retention/retained_rate"] == cdnow_study.retention().retained_rate
    assert cdnow_study.explain("retained_rate").frame.equals(found.frame)
    assert {it["figure"] for it in cdnow_study.explain("clv").plain} >= {"clv/total_clv"}
    for section in SECTIONS:
        assert cdnow_study.asked.section(section.name).name == section.name


@pytest.mark.slow
def test_a_variant_says_that_it_is_one(cdnow_study: Study) -> None:
    found = cdnow_study.until("1997-12-31").explain("audit/rows_kept")
    assert found.notes == ("Varied analysis: Until Dec 31, 1997.",)
    assert os.linesep not in found.caption
