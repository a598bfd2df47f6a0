"""Sentences of notebook 03 on parts of the customers: who keeps better, and who worse?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from retention_lib.results import Interval, PartKind, RatePart, Retention
from retention_lib.results.retention import Side
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_KINDS: dict[PartKind, str] = {
    "segment": mark("Segment"),
    "channel": mark("Channel"),
    "owner": mark("Owner"),
    "product": mark("First product"),
}
_COLUMNS: dict[PartKind, str] = {
    "segment": "segments: […]",
    "channel": "channel: …",
    "owner": "owner: …",
    "product": "product: …",
}


class _Compared(NamedTuple):
    """One part's rate, and on which side of all others' it lies."""

    part: RatePart
    rate: float
    ci95: Interval | None
    side: Side


_LONGEST = 60  # signs of a name read out


def _short(part: RatePart) -> str:
    """Return a part's name in one line, cut where it is very long."""
    line = " ".join(part.name.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _came_back(part: RatePart) -> _Compared | None:
    if part.retained_rate is None:
        return None
    return _Compared(part, part.retained_rate, part.retained_ci95, part.clearly)


def _bought_again(part: RatePart) -> _Compared | None:
    if part.second_rate is None:
        return None
    return _Compared(part, part.second_rate, part.second_ci95, part.second_clearly)


def _compared(result: Retention, rate: Callable[[RatePart], _Compared | None]) -> list[_Compared]:
    return [found for found in map(rate, result.parts) if found is not None]


def _clear(compared: list[_Compared], side: Side) -> list[_Compared]:
    """Return what is clearly on one side, the farthest first."""
    found = [one for one in compared if one.side == side]
    return sorted(found, key=lambda one: one.rate, reverse=side == "above")


# --- who keeps better? --------------------------------------------------------


def parts_title(result: Retention, speech: Speech, second: bool = False) -> str:
    """Return the title of the figure of rates by part.

    ``second``: of second purchases, instead of customers who came back.
    """
    compared = _compared(result, _bought_again if second else _came_back)
    if not compared:
        return speech.text("Parts of the customers, side by side")
    best, worst = _clear(compared, "above"), _clear(compared, "below")
    if best and worst:
        return speech.text(
            "Clearly better than the others: {best}; clearly worse: {worst}",
            best=_short(best[0].part),
            worst=_short(worst[0].part),
        )
    if best:
        return speech.text("Clearly better than the others: {best}", best=_short(best[0].part))
    if worst:
        return speech.text("Clearly worse than the others: {worst}", worst=_short(worst[0].part))
    return speech.text("No part of the customers does clearly better or worse")


def parts_alt(result: Retention, speech: Speech, second: bool = False) -> str:
    """Return the alternative text of the figure of rates by part.

    For ``second`` see :func:`parts_title`.
    """
    compared = _compared(result, _bought_again if second else _came_back)
    if not compared:
        return speech.text("No parts of the customers can be compared, so nothing is drawn.")
    parts = "; ".join(
        speech.text("{name} {rate}", name=_short(one.part), rate=speech.share(one.rate, 0))
        for one in compared
    )
    if second:
        return speech.text(
            "Dots with 95% intervals, the share of first-time buyers who bought a second time, "
            "part by part; filled where it is clearly unlike that of all others: {parts}.",
            parts=parts,
        )
    return speech.text(
        "Dots with 95% intervals, the share of customers who came back, part by part; filled where "
        "it is clearly unlike that of all others: {parts}.",
        parts=parts,
    )


def parts_meaning(result: Retention, speech: Speech, second: bool = False) -> str:
    """Return which parts do clearly better or worse, a line for each, and what is not known.

    For ``second`` see :func:`parts_title`.
    """
    compared = _compared(result, _bought_again if second else _came_back)
    if result.second_purchase_customers is None:  # too little history for any rate
        return because(result, "/second_purchase_rate", speech)
    if not compared:
        return follow(_none(result, second, speech), _columns(_missing(result), speech))
    lines = _lines(compared, _AGAIN if second else _KEPT, speech)
    listed = "\n" + "\n".join(lines) + "\n" if lines else ""
    parts = [_verdict(len(lines), result.parts_compared, speech), listed, _unknown(result, speech)]
    return "\n".join(filter(None, parts))


def _none(result: Retention, second: bool, speech: Speech) -> str:
    if result.parts and not second:
        return because(result, "/retained_rate", speech)
    return speech.prose(
        "No parts of the customers can be compared: the records name none that is large enough."
    )


def _verdict(clear: int, comparisons: int, speech: Speech) -> str:
    if not clear:
        return speech.proses(
            "**Nothing is clear** in {n} comparison of a part with all other customers: what "
            "differs may be chance. Treat them alike.",
            "**Nothing is clear** in {n} comparisons of a part with all other customers: what "
            "differs may be chance. Treat them alike.",
            comparisons,
        )
    return speech.proses(
        "In {n} comparison of a part with all other customers the following is clear. A part "
        "that keeps better need not be the cause: test before money is moved.",
        "In {n} comparisons of a part with all other customers the following is clear, though so "
        "many were made. A part that keeps better need not be the cause: test before money is "
        "moved.",
        comparisons,
    )


_KEPT: dict[Side, str] = {
    "above": mark("- {kind} “{name}”: **{rate}** came back, clearly more than of all others."),
    "below": mark("- {kind} “{name}”: **{rate}** came back, clearly fewer than of all others."),
}
_AGAIN: dict[Side, str] = {
    "above": mark(
        "- {kind} “{name}”: **{rate}** bought a second time, clearly more than of all others."
    ),
    "below": mark(
        "- {kind} “{name}”: **{rate}** bought a second time, clearly fewer than of all others."
    ),
}


def _lines(compared: list[_Compared], templates: dict[Side, str], speech: Speech) -> list[str]:
    clear = [
        one
        for kind in _KINDS
        for side in templates
        for one in _clear([it for it in compared if it.part.kind == kind], side)
    ]
    return [
        speech.prose(
            templates[one.side],
            kind=speech.text(_KINDS[one.part.kind]),
            name=_short(one.part),
            rate=speech.estimated_share(one.rate, one.ci95),
        )
        for one in clear
    ]


def _missing(result: Retention) -> list[PartKind]:
    held = {part.kind for part in result.parts}
    return [kind for kind in _KINDS if kind not in held]


def _unknown(result: Retention, speech: Speech) -> str:
    """Say which kinds of parts the records do not name, and how they would."""
    missing = _missing(result)
    if not missing:
        return ""
    kinds = speech.listed([speech.text(_KINDS[kind]).lower() for kind in missing])
    return follow(
        speech.prose(
            "Not compared, because the records name no part that is large enough: {kinds}.",
            kinds=kinds,
        ),
        _columns(missing, speech),
    )


def _columns(missing: list[PartKind], speech: Speech) -> str:
    if not missing:
        return ""
    return speech.prose(
        "Where the source has such columns, name them in client.yaml: {line}.",
        line="columns: {" + ", ".join(_COLUMNS[kind] for kind in missing) + "}",
    )
