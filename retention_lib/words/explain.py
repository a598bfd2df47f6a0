"""How a figure of the results comes about: each step in words, and its number as it is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import pandas as pd

from retention_lib.results import Period, Section, Why, Window
from retention_lib.results.derivation import Step, arithmetic, kind_of, operand, pattern_of
from retention_lib.results.derivation.customer import INTERVALS, operand_kind
from retention_lib.speech import Speech, mark
from retention_lib.words import definitions, variants
from retention_lib.words.cells import UNKNOWN, table
from retention_lib.words.clv import customers_file
from retention_lib.words.reasons import reason

Held = list[Any] | dict[str, Any]  # what holds figures: an object, or a list

HEADERS: Final = mark(("Figure", "Number", "How it is found", "What it is"))
_LISTED: Final = mark(("Figure", "Number", "What it is"))
_YES, _NO, _NONE, _BLANK = mark(("yes", "no", "none", "blank"))
_OCCASIONS = mark("Purchases up to the day of the report; several on one day are one purchase.")
_CUSTOMERS: Final = "customers/"  # what the patterns of a customer's numbers begin with
_DIGITS: Final = {"share": "share 1", "number": "number 2", "range share": "range share 1"}


def caption(figure: str, client: str, day: date, speech: Speech) -> str:
    """Return as plain text which figure of whom is explained."""
    return speech.text(
        "How {figure} of {client} comes about, as of {day:date}",
        figure=figure,
        client=client,
        day=day,
    )


def customer_caption(customer: str, client: str, day: date, speech: Speech) -> str:
    """Return as plain text whose numbers are explained."""
    return speech.text(
        "How the numbers of customer {customer} of {client} come about, as of {day:date}",
        customer=printable(customer),
        client=client,
        day=day,
    )


def list_caption(holder: str, client: str, day: date, speech: Speech) -> str:
    """Return as plain text what a list of figures holds."""
    return speech.text(
        "The figures of {holder} of {client}, as of {day:date}",
        holder=holder,
        client=client,
        day=day,
    )


def unknown(step: Step, speech: Speech) -> str:
    """Return as plain text why the figure explained cannot be given; "" if it can."""
    if step.value is not None or step.why is None:
        return ""
    return speech.text(
        "{figure} cannot be given: {why}", figure=step.figure, why=reason(step.why, speech)
    )


def varied(section: Section, speech: Speech) -> str:
    """Return as plain text what was varied in a section that a chain leads through; "" if nothing."""
    if not section.varied:
        return ""
    return speech.text("Varied analysis: {varied}.", varied=variants.said(section.varied, speech))


# --- tables -----------------------------------------------------------------


def rows(steps: Sequence[Step], speech: Speech) -> pd.DataFrame:
    """Return the steps of a chain as text: figure, number, how it is found, what it is."""
    lines = [
        (printable(step.figure), number(step, speech), how(step, speech), _is(step, speech))
        for step in steps
    ]
    return table(lines, HEADERS, speech)


def listed(figures: Mapping[str, Step | Held], speech: Speech) -> pd.DataFrame:
    """Return figures by name as text: each with its number, or how many figures it holds."""
    lines = [
        (
            printable(name),
            number(one, speech) if isinstance(one, Step) else _held(one, speech),
            _is(one, speech) if isinstance(one, Step) else "",
        )
        for name, one in figures.items()
    ]
    return table(lines, _LISTED, speech)


def _held(one: Held, speech: Speech) -> str:
    """Return how many figures something holds, and what it is of, as far as a text in it says so."""
    n = len(one)
    if isinstance(one, list):
        return speech.text("{n:count} {n:entry|entries}", n=n)
    name = next((printable(held) for held in one.values() if isinstance(held, str) and held), "")
    if not name:
        return speech.text("{n:count} {n:figure|figures}", n=n)
    return speech.text("{n:count} {n:figure|figures} of {name}", n=n, name=name)


def _is(step: Step, speech: Speech) -> str:
    """Return what a figure is in one line."""
    if not step.pattern.startswith(_CUSTOMERS):
        return definitions.said(step.pattern, speech)
    if step.figure == "occasions":
        return speech.text(_OCCASIONS)
    return customers_file.says(step.figure, speech)


def how(step: Step, speech: Speech) -> str:
    """Return the arithmetic with the numbers in it, why there is no number, or what it is from."""
    if step.why is not None:
        return reason(step.why, speech)
    if step.formula:
        if same := _same(step):
            return speech.text("the same as {figure}", figure=printable(same))
        return f"= {arithmetic.filled(step.formula, step.numbers, _operand(step, speech))}"
    if not step.inputs:
        return speech.text("given")
    return speech.text("from {inputs:listed}", inputs=step.inputs)


def _same(step: Step) -> str:
    """Return the figure that a step repeats; "" where it is computed."""
    held = [one for terms in (step.operands or {}).values() for one in terms]
    alone = len(held) == 1 and step.formula == f"{{{next(iter(step.operands or {}))}}}"
    return held[0][0] if alone and not step.formula.startswith("{#") else ""


def _operand(step: Step, speech: Speech) -> Callable[[str, Any], str]:
    customer = step.pattern.startswith(_CUSTOMERS)

    def said(name: str, value: Any) -> str:
        if name.startswith("#"):
            return speech.count(value)
        if customer:
            return said_as(value, operand_kind(name), speech)
        pointer = (step.operands or {})[name][0][0]
        return said_as(value, kind_of(pattern_of(pointer) or operand(name)), speech)

    return said


# --- numbers ----------------------------------------------------------------


def number(step: Step, speech: Speech) -> str:
    """Return a step's number as it is said, with its interval if it has one."""
    said = said_as(step.value, step.kind, speech)
    if step.interval is None or step.value is None or None in step.interval:
        return said
    if step.pattern.startswith(_CUSTOMERS):
        kind = INTERVALS[step.figure].kind
        ends = said_as(step.interval, f"range {kind}", speech)
        return speech.text("{figure} (90% interval {ends})", figure=said, ends=ends)
    ends = said_as(step.interval, f"range {step.kind}", speech)
    return speech.text("{figure} (95% interval {ends})", figure=said, ends=ends)


def said_as(value: Any, kind: str, speech: Speech) -> str:
    """Return a plain JSON value as its kind is said; a dash where it is null."""
    if value is None:
        return UNKNOWN
    if kind in _WAYS:
        return _WAYS[kind](value, speech)
    if kind == "days" and value != round(value):
        return speech.text("{n:number 1} days", n=value)
    return speech.said(value, _DIGITS.get(kind, kind))


def printable(text: Any) -> str:
    """Return a text without signs that a terminal or a page would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in str(text))


def _flag(value: Any, speech: Speech) -> str:
    return speech.text(_YES if value else _NO)


def _any(value: Any, speech: Speech) -> str:
    """Return a number whose unit is not told: whole, or with four decimals."""
    return speech.number(value, 0 if value == round(value) else 4)


def _date(value: Any, speech: Speech) -> str:
    return speech.date(date.fromisoformat(value))


def _series(said: Sequence[str], speech: Speech) -> str:
    return speech.series(said) if said else speech.text(_NONE)


def _texts(value: Any, speech: Speech) -> str:
    return _series([printable(one) or speech.text(_BLANK) for one in value], speech)


def _counts(value: Any, speech: Speech) -> str:
    return _series([f"{printable(name)} {speech.count(n)}" for name, n in value.items()], speech)


def _numbers(value: Any, speech: Speech) -> str:
    said = [f"{printable(name)} {speech.number(n, 4)}" for name, n in value.items()]
    return _series(said, speech)


def _files(value: Any, speech: Speech) -> str:
    return _series([_file(one, speech) for one in value], speech)


def _file(one: Mapping[str, Any], speech: Speech) -> str:
    name = printable(one["name"])
    if one["lines"] is None:
        return speech.text("{name}: {rows:count} row{rows:|s}", name=name, rows=one["rows"])
    return speech.text(
        "{name}: {lines:count} lines, of which {rows:count} {rows:is a row|are rows}",
        name=name,
        lines=one["lines"],
        rows=one["rows"],
    )


def _period(value: Any, speech: Speech) -> str:
    return speech.period(Period.model_validate({end: value[end] for end in ("start", "end")}))


def _length(value: Any, speech: Speech) -> str:
    window = Window.model_validate(value)
    return speech.text("{window:length} ({days:days})", window=window, days=window.days)


def _finding(value: Any, speech: Speech) -> str:
    """Return a reason in words; of another finding its code, and what goes with it."""
    try:
        return reason(Why.model_validate(value), speech)
    except (KeyError, AttributeError):
        facts = [f"{name} {fact}" for name, fact in value.items() if name != "code"]
        return printable(f"{value['code']} ({', '.join(facts)})" if facts else value["code"])


_WAYS: Final[Mapping[str, Callable[[Any, Speech], str]]] = {
    "flag": _flag,
    "date": _date,
    "text": lambda value, speech: printable(value) or speech.text(_BLANK),
    "plain": lambda value, speech: printable(value),
    "texts": _texts,
    "counts": _counts,
    "numbers": _numbers,
    "files": _files,
    "period": _period,
    "length": _length,
    "finding": _finding,
    "points": lambda value, speech: speech.points(value),
    "range points": lambda value, speech: speech.points_range(value),
    "list share": lambda value, speech: _series([speech.share(one) for one in value], speech),
    "list any": lambda value, speech: _series([_any(one, speech) for one in value], speech),
    "any": _any,
}
