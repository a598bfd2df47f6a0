"""Sentences of notebook 01: whether the records can be trusted."""

from __future__ import annotations

import pandas as pd

from retention_lib.results import Audit, Check
from retention_lib.speech import Speech, mark
from retention_lib.words.labels import (
    CHECKS,
    FITNESS,
    MEANINGS,
    REASONS,
    STEPS,
    label,
)
from retention_lib.words.reasons import follow
from retention_lib.words.variants import answering

_VERDICTS = {
    ("fit", "fit"): mark("The records can carry a retention rate and a customer value."),
    ("fit", "fit with care"): mark(
        "The records can carry a retention rate; a customer value needs care."
    ),
    ("fit", "unfit"): mark("The records can carry a retention rate, but no customer value."),
    ("fit with care", "fit"): mark(
        "The records can carry a customer value; a retention rate needs care."
    ),
    ("fit with care", "fit with care"): mark(
        "The records can carry a retention rate and a customer value, both with care."
    ),
    ("fit with care", "unfit"): mark(
        "The records can carry a retention rate with care, but no customer value."
    ),
    ("unfit", "fit"): mark("The records can carry a customer value, but no retention rate."),
    ("unfit", "fit with care"): mark(
        "The records can carry a customer value with care, but no retention rate."
    ),
    ("unfit", "unfit"): mark(
        "The records can carry neither a retention rate nor a customer value."
    ),
}


@answering
def audit_answer(result: Audit, speech: Speech) -> str:
    """Return the answer of notebook 01 in two sentences."""
    verdict = _VERDICTS[result.verdict.retention, result.verdict.clv]
    return follow(speech.prose(verdict), _counted(result, speech))


def _counted(result: Audit, speech: Speech) -> str:
    return speech.proses(
        "From {start} to {end} they hold **{n}** purchase (a day on which a customer bought); "
        "the number of customers is **{customers}**.",
        "From {start} to {end} they hold **{n}** purchases (days on which a customer bought); "
        "the number of customers is **{customers}**.",
        result.occasions,
        start=speech.date(result.first_date),
        end=speech.date(result.last_date),
        customers=speech.count(result.customers),
    )


# --- how many rows can be used? -----------------------------------------------


def row_counts(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the rows used and set aside, as a table shows them."""
    counts = [(speech.text("Used"), result.rows_kept)]
    aside = sorted(result.set_aside.items(), key=lambda item: (-item[1], item[0]))
    counts += [(label(REASONS, reason, speech), rows) for reason, rows in aside]
    counts.append((speech.text("All rows of the source"), result.rows_in))
    shown = [
        (name, speech.count(rows), _part(rows, result.rows_in, speech)) for name, rows in counts
    ]
    headers = [
        speech.text("What became of them"),
        speech.text("Rows"),
        speech.text("Share of rows"),
    ]
    return pd.DataFrame(shown, columns=headers)


def _part(rows: int, total: int, speech: Speech) -> str:
    return speech.share(rows / total) if total else "–"


def rows_caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of rows."""
    return speech.text("Rows of the source, used and set aside")


def rows_meaning(result: Audit, speech: Speech) -> str:
    """Return what the counted rows mean."""
    aside = sum(result.set_aside.values())
    if not aside:
        return speech.proses(
            "The one row of the source can be used.",
            "All **{n}** rows of the source can be used; none was set aside.",
            result.rows_in,
        )
    commonest = max(result.set_aside, key=lambda reason: (result.set_aside[reason], reason))
    return speech.proses(
        "**{n}** row of {total} ({part}) was set aside: “{reason}”. Every row set aside is kept, "
        "with its reason, in set\\_aside.parquet.",
        "**{n}** rows of {total} ({part}) were set aside, most often because of “{reason}”. "
        "Every row set aside is kept, with its reason, in set\\_aside.parquet.",
        aside,
        total=speech.count(result.rows_in),
        part=speech.share(aside / result.rows_in),
        reason=label(REASONS, commonest, speech),
    )


# --- what was noticed? --------------------------------------------------------


def check_rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return what the audit noticed, as a table shows it, the costliest first."""
    money = _money_header(speech)
    headers = [
        speech.text("What was noticed"),
        speech.text("Rows"),
        speech.text("Customers"),
        money,
        speech.text("What was done"),
        speech.text("Retained rate without this step"),
    ]
    checks = sorted(result.checks, key=lambda check: -abs(check.money or 0))
    return pd.DataFrame([_check_row(check, speech) for check in checks], columns=headers)


def _money_header(speech: Speech) -> str:
    if not speech.currency:
        return speech.text("Money")
    return speech.text("Money ({currency})", currency=speech.currency)


def _check_row(check: Check, speech: Speech) -> tuple[str, ...]:
    return (
        check_name(check.name, speech),
        speech.count(check.rows),
        "–" if check.customers is None else speech.count(check.customers),
        "–" if check.money is None else speech.count(check.money),
        label(STEPS, check.action, speech),
        "–" if check.rate_without is None else speech.share(check.rate_without),
    )


def checks_caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of checks."""
    if not result.checks:
        return speech.text("Nothing was noticed")
    if result.retained_rate is None:
        return speech.texts(
            "{n} thing the audit noticed", "{n} things the audit noticed", len(result.checks)
        )
    return speech.texts(
        "{n} thing the audit noticed (retained rate of all customers, as used: {rate})",
        "{n} things the audit noticed (retained rate of all customers, as used: {rate})",
        len(result.checks),
        rate=speech.share(result.retained_rate),
    )


def check_name(name: str, speech: Speech) -> str:
    """Return the readable name of a check, or of what stands behind a verdict."""
    return label(CHECKS, name, speech)


def checks_meaning(result: Audit, speech: Speech) -> str:
    """Return what each thing noticed means, one line each."""
    if not result.checks:
        return speech.prose("The audit noticed nothing that needs a decision.")
    lines = [_check_line(check, speech) for check in result.checks]
    return "\n".join(lines)


def _check_line(check: Check, speech: Speech) -> str:
    name = check_name(check.name, speech)
    if check.name not in MEANINGS:
        return speech.prose("- **{name}.**", name=name)
    meaning = speech.text(MEANINGS[check.name])
    return speech.prose("- **{name}.** {meaning}", name=name, meaning=meaning)


# --- is the history complete? -------------------------------------------------


def _acquisition_stops(result: Audit) -> bool:
    return any(check.name == "acquisition_stops" for check in result.checks)


def monthly_sales_title(result: Audit, speech: Speech) -> str:
    """Return the title of the figure of sales per month."""
    if _acquisition_stops(result):
        return speech.text(
            "Nobody buys for the first time after {day}",
            day=speech.date(result.last_first_purchase),
        )
    return speech.text(
        "Customers who bought, month by month, to {end}", end=speech.date(result.last_date)
    )


def monthly_sales_alt(result: Audit, speech: Speech) -> str:
    """Return the alternative text of the figure of sales per month."""
    return speech.text(
        "Bars of customers who bought in each month from {start} to {end}, first-time and "
        "returning ones apart; months that are not complete are hatched. The last first "
        "purchase was on {last}.",
        start=speech.month(result.first_date),
        end=speech.month(result.last_date),
        last=speech.date(result.last_first_purchase),
    )


def monthly_sales_meaning(result: Audit, speech: Speech) -> str:
    """Return what the figure of sales per month means."""
    if _acquisition_stops(result):
        return speech.prose(
            "The source holds a closed group: everybody in it bought first on or before "
            "**{day}**. What is said about keeping customers rests on them alone, and nothing "
            "can be said about customers won since.",
            day=speech.date(result.last_first_purchase),
        )
    return speech.prose(
        "New customers kept arriving until **{day}**, and the records end on **{end}**.",
        day=speech.date(result.last_first_purchase),
        end=speech.date(result.last_date),
    )


# --- the verdict --------------------------------------------------------------


def verdict_meaning(result: Audit, speech: Speech) -> str:
    """Return both verdicts with the checks behind them, one line each."""
    lines = [
        _verdict_line(
            mark("- **Retention rate: {fitness}.**"),
            mark("- **Retention rate: {fitness}**, because of: {reasons}."),
            result.verdict.retention,
            result.reasons.get("retention", []),
            speech,
        ),
        _verdict_line(
            mark("- **Customer value: {fitness}.**"),
            mark("- **Customer value: {fitness}**, because of: {reasons}."),
            result.verdict.clv,
            result.reasons.get("clv", []),
            speech,
        ),
        _repeat_buyers(result, speech),
    ]
    return "\n".join(lines)


def _verdict_line(
    alone: str, explained: str, fitness: str, reasons: list[str], speech: Speech
) -> str:
    named = label(FITNESS, fitness, speech)
    if not reasons:
        return speech.prose(alone, fitness=named)
    names = "; ".join(check_name(reason, speech) for reason in reasons)
    return speech.prose(explained, fitness=named, reasons=names)


def _repeat_buyers(result: Audit, speech: Speech) -> str:
    return speech.proses(
        "- **{n}** customer of {customers} bought more than once; a model of future purchases "
        "needs at least 30 such customers.",
        "- **{n}** customers of {customers} bought more than once; a model of future purchases "
        "needs at least 30 such customers.",
        result.repeat_buyers,
        customers=speech.count(result.customers),
    )
