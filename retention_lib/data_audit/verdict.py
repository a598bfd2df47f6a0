"""Can the records carry a retention rate, a customer value and a forecast? What lowers a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from retention_lib.data_audit.books import control
from retention_lib.data_audit.evidence import Evidence
from retention_lib.data_audit.moved import severity
from retention_lib.models.purchase_model import MINIMUM_REPEAT_BUYERS
from retention_lib.results import Fitness, Gate, Verdict, Why, why
from retention_lib.summaries.checks import CHECKS
from retention_lib.transactions import EVERY_FIGURE, NAMELESS, REASONS

MINIMUM_CUSTOMERS: Final = 30
STOPS: Final = "acquisition_stops"
SHORT: Final = "short_history"
MID_LIFE: Final = "mid_life"
UNASSIGNED: Final = "unassigned"
# above which share of the revenue, or of the rows, that names nobody figures need care, or are none
UNASSIGNED_LIMITS: Final = (0.05, 0.50)
# a forecast is tested by one as long, made from a history as long at least
_HORIZONS: Final = 2
_OWN_REASONS: Final = {SHORT, "few_repeat_buyers", "no_amounts"}
_CHECKS: Final = {check.name: check for check in CHECKS}
_REASONS: Final = {reason.name: reason for reason in REASONS}


@dataclass(frozen=True)
class Lowering:
    """Something that lowers a verdict: its name, what is left of each, the figures it moves."""

    name: str
    touches: Sequence[str]
    retention: Fitness = "fit"
    clv: Fitness = "fit"
    forecast: Fitness = "fit"


def _all(name: str, left: Fitness, touches: Sequence[str] = EVERY_FIGURE) -> Lowering:
    return Lowering(name, touches, left, left, left)


@dataclass(frozen=True)
class _Concern:
    """What lowers a verdict beside rows set aside, checks and breaks."""

    lowers: Lowering
    holds: Callable[[Evidence, Gate], bool]


_OF_REPEATS: Final = ("cycle", "retained_rate", "second_purchase_rate", "clv", "forecast")
_OF_NEW: Final = ("cycle", "second_purchase_rate", "new_customers", "clv", "forecast")
_OF_RATE: Final = {"retained_rate", "second_purchase_rate", "new_customers"}
_CONCERNS: Final = (
    _Concern(
        _all(MID_LIFE, "fit with care", _OF_NEW),
        lambda known, _: known.starts_mid_life,
    ),
    _Concern(
        Lowering("few_customers", ("retained_rate", "cycle"), "unfit"),
        lambda known, _: known.totals["customers"] < MINIMUM_CUSTOMERS,
    ),
    _Concern(
        _all("few_repeat_buyers", "unfit", _OF_REPEATS),
        lambda known, _: not known.totals["repeat_buyers"],
    ),
    _Concern(
        Lowering("few_repeat_buyers", _OF_REPEATS, "fit with care", "unfit", "unfit"),
        lambda known, _: 0 < known.totals["repeat_buyers"] < MINIMUM_REPEAT_BUYERS,
    ),
    _Concern(
        Lowering(SHORT, ("retained_rate", "forecast"), retention="unfit", forecast="unfit"),
        lambda _, gate: gate == "refused",
    ),
    _Concern(
        Lowering("short_for_horizon", ("forecast",), forecast="fit with care"),
        lambda known, gate: (
            gate != "refused" and known.history_days < _HORIZONS * known.horizon_days
        ),
    ),
    _Concern(
        Lowering("no_amounts", ("revenue", "clv"), clv="unfit"),
        lambda known, _: not known.has_money,
    ),
    _Concern(_all("dated_ahead", "fit with care"), lambda known, _: known.ahead is not None),
    _Concern(_all("doubts", "fit with care"), lambda known, _: bool(known.doubts)),
    # money that is missing is purchases that are missing, and the other way round
    _Concern(
        _all("control", "fit with care"),
        lambda known, _: not all(it.meets for it in control(known)),
    ),
    _Concern(_all(UNASSIGNED, "unfit"), lambda known, _: _nobodys(known) > UNASSIGNED_LIMITS[1]),
    _Concern(
        _all(UNASSIGNED, "fit with care"),
        lambda known, _: UNASSIGNED_LIMITS[0] < _nobodys(known) <= UNASSIGNED_LIMITS[1],
    ),
)


def lowered(evidence: Evidence, gate: Gate) -> list[Lowering]:
    """Return all that lowers a verdict, each once by its name.

    Parameters
    ----------
    gate
        How far the history reaches: the result of notebook 02.
    """
    found = (
        *_losses(evidence),
        *_spoiling(evidence),
        *(it.lowers for it in _CONCERNS if it.holds(evidence, gate)),
        *_breaking(evidence),
    )
    return [_joined(it for it in found if it.name == name) for name in _names(found)]


def reasons(found: Iterable[Lowering], question: str) -> dict[str, Fitness]:
    """Return what lowers one verdict, and to what: ``{"few_customers": "unfit"}``."""
    left = {it.name: getattr(it, question) for it in found}
    return {name: fitness for name, fitness in left.items() if fitness != "fit"}


def deciding(lowered: dict[str, Fitness]) -> list[str]:
    """Return what makes a verdict what it is: of one that is unfit, what alone makes it so."""
    return [name for name, left in lowered.items() if left == fitness(lowered)]


def decided(found: Sequence[Lowering]) -> dict[str, Any]:
    """Return verdict, reasons and touches of the audit."""
    by_question = {question: reasons(found, question) for question in Verdict.model_fields}
    names = {question: deciding(of_it) for question, of_it in by_question.items()}
    shown = {name for of_it in names.values() for name in of_it}
    return {
        "verdict": Verdict(**{it: fitness(of_it) for it, of_it in by_question.items()}),
        "reasons": names,
        "touches": {it.name: list(it.touches) for it in found if it.name in shown},
    }


def unfit(evidence: Evidence, gate: Gate, question: str) -> Why | None:
    """Return why a figure is not given for the sake of the records; None where it may be.

    What is too short, or has too few buyers or no amounts, has reasons of its own for that.
    """
    found = reasons(lowered(evidence, gate), question)
    spoilt = {name for name, left in found.items() if left == "unfit"}
    return why("records_unfit") if spoilt - _OWN_REASONS else None


def fitness(lowered: dict[str, Fitness]) -> Fitness:
    """Return the verdict that is left."""
    if "unfit" in lowered.values():
        return "unfit"
    return "fit with care" if lowered else "fit"


def closed_group(evidence: Evidence) -> bool:
    """Say whether new customers stop before the records do, and never come again."""
    return any(it.kind == STOPS and it.end is None for it in evidence.breaks)


def _nobodys(evidence: Evidence) -> float:
    """Return the larger of the shares of revenue and of rows that name no customer."""
    of_rows = evidence.unassigned_rows / max(evidence.rows_in, 1)
    return max(of_rows, evidence.unassigned_share or 0.0)


def _losses(evidence: Evidence) -> Iterator[Lowering]:
    for name, rows in sorted(evidence.set_aside.items()):
        reason = _REASONS.get(name)
        if reason is None or reason.spoils is None or name in NAMELESS:
            continue
        care, unfit = reason.spoils
        if rows / evidence.rows_in > care:
            left: Fitness = "unfit" if rows / evidence.rows_in > unfit else "fit with care"
            yield _all(name, left, reason.touches)


def _spoiling(evidence: Evidence) -> Iterator[Lowering]:
    """Yield the checks that spoil a verdict, where enough of the rows in use are touched."""
    for name, rows in zip(evidence.findings["name"], evidence.findings["rows"], strict=True):
        entry = _CHECKS.get(name)
        if entry and entry.spoils and rows > entry.spoils_from * evidence.kept:
            yield _all(name, entry.spoils, entry.touches)


def _breaking(evidence: Evidence) -> Iterator[Lowering]:
    """Yield what breaks lower: the verdict on each figure that they touch.

    Which figures these are hangs on where a break lies: a rate looks at two windows only, a forecast
    is fitted to all that came before it.
    """
    for found in evidence.breaks:
        left = severity(found, evidence.windows)
        if left != "fit":
            touches = set(found.touches)
            yield Lowering(
                found.kind,
                found.touches,
                left if touches & _OF_RATE else "fit",
                "fit with care" if "clv" in touches else "fit",
                "fit with care" if "forecast" in touches else "fit",
            )


def _names(found: Iterable[Lowering]) -> dict[str, None]:
    return dict.fromkeys(it.name for it in found)


def _joined(found: Iterable[Lowering]) -> Lowering:
    """Return one of a name: the worst that is left, and all the figures moved."""
    same = list(found)
    touches = dict.fromkeys(figure for it in same for figure in it.touches)
    left = {
        question: fitness({str(at): one for at, one in enumerate(_left(same, question))})
        for question in Verdict.model_fields
    }
    return Lowering(same[0].name, tuple(touches), **left)


def _left(same: Iterable[Lowering], question: str) -> Iterator[Fitness]:
    return (left for it in same if (left := getattr(it, question)) != "fit")
