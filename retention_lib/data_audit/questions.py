"""What the client is asked: what only they can know, in order of money, and at most ten things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from retention_lib.data_audit.books import control
from retention_lib.data_audit.evidence import Evidence
from retention_lib.data_audit.verdict import MID_LIFE, Lowering
from retention_lib.results import Break, Check, Question
from retention_lib.summaries.checks import CHECKS
from retention_lib.transactions import REASONS

MOST_QUESTIONS: Final = 10
MOST_LISTED: Final = 1_000  # rows of each in the workbook
MOST_OF_A_KIND: Final = 3  # breaks
WORTH_ASKING: Final = 0.001  # of all rows, or of the revenue
_ONE_BREAK: Final = 14  # days within which several series break at once
_DAY: Final = timedelta(days=1)
_ENTRIES: Final = {entry.name: entry for entry in (*REASONS, *CHECKS)}
_ASKED: Final = {name for name, entry in _ENTRIES.items() if entry.asks}
# what the client is asked beside checks and breaks
CONCERNS: Final = ("control", "doubts", MID_LIFE)

Span = tuple[date, date]


def questions(
    evidence: Evidence, lowered: Sequence[Lowering], checks: Sequence[Check]
) -> list[Question]:
    """Return what the client is asked, the most money first; nothing where nothing is odd.

    Parameters
    ----------
    lowered
        What lowers a verdict.
    checks
        What the checks found.
    """
    names = {it.name for it in lowered}
    of_breaks = list(_of_breaks(evidence))
    known = {question.name for question in of_breaks}
    found = [
        *_of_checks(evidence, names, checks),
        *of_breaks,
        *(it for it in _of_concerns(evidence, lowered) if it.name not in known),
    ]
    ranked = sorted(found, key=_rank)[:MOST_QUESTIONS]
    return [it.model_copy(update={"listed": _listed(it, evidence)}) for it in ranked]


def _listed(question: Question, evidence: Evidence) -> int:
    """Return how many rows are listed: none of a check that tells orders, and not their lines."""
    of_rows = question.rows is not None and question.name in _ENTRIES
    return question.listed if not of_rows or evidence.can_list(question.name) else 0


def spans(question: Question, breaks: Sequence[Break], as_of: date) -> list[Span]:
    """Return the days whose rows show a break to the client; none for all other questions."""
    same = (it for it in breaks if (it.kind, it.start) == (question.name, question.start))
    found = next(same, None)
    return [] if found is None else _spans(found, as_of)


def _rank(question: Question) -> tuple[float, int, str, str]:
    money = -1.0 if question.money is None else question.money
    return -money, -(question.rows or 0), question.name, str(question.start)


# --- rows that checks and reasons touch ---------------------------------------


def _of_checks(
    evidence: Evidence, lowered: set[str], checks: Sequence[Check]
) -> Iterator[Question]:
    revenue = float(evidence.periods("all")["revenue"].abs().sum())
    for check in checks:
        much = check.name in _ASKED and _is_much(check, evidence.rows_in, revenue)
        if check.rows and (check.name in lowered or much):
            yield _of_rows(check)


def _is_much(check: Check, rows_in: int, revenue: float) -> bool:
    return check.rows > WORTH_ASKING * rows_in or (check.money or 0) > WORTH_ASKING * revenue


def _of_rows(check: Check) -> Question:
    touches = _ENTRIES[check.name].touches if check.name in _ENTRIES else ()
    return _question(check.name, touches, check.rows, check.money, listed=check.rows)


def _question(
    name: str,
    touches: Sequence[str],
    rows: int | None = None,
    money: float | None = None,
    start: date | None = None,
    listed: int = 0,
) -> Question:
    known = {"name": name, "touches": list(touches), "rows": rows, "start": start}
    summed = None if money is None else round(money, 2)  # the engine adds up in any order
    return Question.model_validate(known | {"money": summed, "listed": min(listed, MOST_LISTED)})


# --- breaks -------------------------------------------------------------------


def _of_breaks(evidence: Evidence) -> Iterator[Question]:
    asked = (it for it in evidence.breaks if it.kind != "closed")  # the same every year
    by_kind: dict[str, list[tuple[Break, float | None]]] = {}
    for found in asked:
        by_kind.setdefault(found.kind, []).append((found, _money(found, evidence)))
    for same in by_kind.values():
        once = sorted(_once(same), key=lambda it: -(it[1] or 0))
        yield from (_of_break(found, money, evidence) for found, money in once[:MOST_OF_A_KIND])


def _once(same: Sequence[tuple[Break, float | None]]) -> list[tuple[Break, float | None]]:
    """Return breaks of a kind, that of most money where several series break at once."""
    ordered = sorted(same, key=lambda it: it[0].start)
    groups = [ordered[:1]]
    for before, after in pairwise(ordered):
        if (after[0].start - before[0].start).days <= _ONE_BREAK and after[0].kind == "level":
            groups[-1].append(after)
        else:
            groups.append([after])
    return [max(group, key=lambda it: it[1] or 0) for group in groups]


def _of_break(found: Break, money: float | None, evidence: Evidence) -> Question:
    days = _spans(found, evidence.as_of)
    rows = sum(min(evidence.rows_between(*span), MOST_LISTED // len(days)) for span in days)
    return _question(found.kind, found.touches, money=money, start=found.start, listed=rows)


def _money(found: Break, evidence: Evidence) -> float | None:
    """Return about how much money hangs on a break: the change of a day's, times its days."""
    if not evidence.has_money or found.before is None or found.after is None:
        return None
    most = max(abs(found.before), abs(found.after))
    if not most or found.kind in ("acquisition_stops", "acquisition_starts", "mid_life"):
        return None
    per_day = float(evidence.periods("all")["revenue"].sum()) / evidence.history_days
    change = abs(found.before - found.after)
    a_day = change if found.series == "money" else change / most * per_day
    last = evidence.as_of if found.kind in ("level", "tax") else found.end or evidence.as_of
    return a_day * ((last - found.start).days + 1)


def _spans(found: Break, as_of: date) -> list[Span]:
    start, end = found.start, found.end or as_of
    if found.kind == "gap":
        return [(start - _DAY, start - _DAY), (end + _DAY, end + _DAY)]
    if found.kind in ("level", "tax"):
        return [(start - 3 * _DAY, start + 2 * _DAY)]
    if found.kind in ("migration", "truncated_start", "truncated_end"):
        return [(start, end)]
    return []


# --- what else lowers a verdict -----------------------------------------------


def _of_concerns(evidence: Evidence, lowered: Sequence[Lowering]) -> Iterator[Question]:
    touches = {it.name: it.touches for it in lowered}
    if "control" in touches:
        yield _of_control(evidence, touches["control"])
    if "doubts" in touches:
        rows = max(doubt.rows for doubt in evidence.doubts)
        yield _question("doubts", touches["doubts"], rows)
    if MID_LIFE in touches:
        yield _question(MID_LIFE, touches[MID_LIFE], start=evidence.totals["first_date"])


def _of_control(evidence: Evidence, touches: Sequence[str]) -> Question:
    totals = control(evidence)
    off = [abs(it.difference or 0) for it in totals if it.what == "revenue" and not it.meets]
    return _question("control", touches, money=max(off, default=None), listed=len(totals))
