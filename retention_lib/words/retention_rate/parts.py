"""Sentences of notebook 03 on parts of the customers: who keeps better, and who worse?

``second`` asks for the share who bought a second time, instead of those who came back.
"""

from __future__ import annotations

from retention_lib.results import PartKind, Retention, StandsOut
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_KINDS: dict[PartKind, str] = mark(
    {
        "segment": "Segment",
        "channel": "Channel",
        "owner": "Owner",
        "product": "First product",
    }
)
_COLUMNS: dict[PartKind, str] = {
    "segment": "segments: […]",
    "channel": "channel: …",
    "owner": "owner: …",
    "product": "product: …",
}
_TITLES = mark(
    {  # is one better, is one worse
        (True, True): "Clearly better than the others: {best}; clearly worse: {worst}",
        (True, False): "Clearly better than the others: {best}",
        (False, True): "Clearly worse than the others: {worst}",
        (False, False): "No part of the customers does clearly better or worse",
    }
)
_ALTS = mark(
    {
        False: "Dots with 95% intervals, the share of customers who came back, part by part; filled "
        "where it is clearly unlike that of all others: {parts}.",
        True: "Dots with 95% intervals, the share of first-time buyers who bought a second time, part "
        "by part; filled where it is clearly unlike that of all others: {parts}.",
    }
)
_LINES = mark(
    {
        (
            "retained",
            "above",
        ): "- {kind} “{name}”: **{rate:estimate share}** came back, clearly more "
        "than of all others.",
        (
            "retained",
            "below",
        ): "- {kind} “{name}”: **{rate:estimate share}** came back, clearly fewer "
        "than of all others.",
        ("second", "above"): "- {kind} “{name}”: **{rate:estimate share}** bought a second time, "
        "clearly more than of all others.",
        ("second", "below"): "- {kind} “{name}”: **{rate:estimate share}** bought a second time, "
        "clearly fewer than of all others.",
    }
)
_COMPARED = mark(
    {
        True: "In {parts_compared:count} comparison{parts_compared:|s} of a part with all other "
        "customers the following is clear, by a test that allows for so many. A part that keeps "
        "better need not be the cause: test before money is moved.",
        False: "**Nothing is clear** in {parts_compared:count} comparison{parts_compared:|s} of a "
        "part with all other customers: what differs may be chance. Treat them alike.",
    }
)
_NOT_COMPARED = mark(
    "Not compared, because the records name no part that is large enough: {kinds:listed}."
)
_NAME_THEM = mark("Where the source has such columns, name them in client.yaml: {line}.")
_LONGEST = 60  # signs of a name read out


def _short(name: str) -> str:
    """Return a part's name in one line, cut where it is very long."""
    line = " ".join(name.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _clear(result: Retention, second: bool) -> list[StandsOut]:
    return [one for one in result.stands_out if one.of == ("second" if second else "retained")]


def _shares(result: Retention, second: bool) -> list[tuple[str, float]]:
    rates = (
        (part.name, part.second_rate if second else part.retained_rate) for part in result.parts
    )
    return [(_short(name), rate) for name, rate in rates if rate is not None]


def title(result: Retention, speech: Speech, second: bool = False) -> str:
    """Return the title of the figure of rates by part."""
    if not _shares(result, second):
        return speech.text("Parts of the customers, side by side")
    sides = {one.side: _short(one.name) for one in reversed(_clear(result, second))}
    best, worst = sides.get("above"), sides.get("below")
    return speech.text(_TITLES[best is not None, worst is not None], best=best, worst=worst)


def alt(result: Retention, speech: Speech, second: bool = False) -> str:
    """Return the alternative text of the figure of rates by part."""
    shares = _shares(result, second)
    if not shares:
        return speech.text("No parts of the customers can be compared, so nothing is drawn.")
    parts = speech.series(
        speech.text("{name} {rate:share 0}", name=name, rate=rate) for name, rate in shares
    )
    return speech.text(_ALTS[second], parts=parts)


def meaning(result: Retention, speech: Speech, second: bool = False) -> str:
    """Return which parts do clearly better or worse, a line for each, and what is not known."""
    if result.second_purchase_customers is None:  # too little history for any rate
        return because(result, "/second_purchase_rate", speech)
    held = {part.kind for part in result.parts}
    missing = [kind for kind in _KINDS if kind not in held]
    if not _shares(result, second):
        return follow(
            because(result, "/retained_rate", speech)
            or speech.prose(
                "No parts of the customers can be compared: the records name none that is large enough."
            ),
            _columns(missing, speech),
        )
    lines = [_line(one, speech) for one in _clear(result, second)]
    compared = speech.prose(_COMPARED[bool(lines)], result)
    listed = "\n" + "\n".join(lines) + "\n" if lines else ""
    return "\n".join(filter(None, [compared, listed, _unknown(missing, speech)]))


def _line(one: StandsOut, speech: Speech) -> str:
    return speech.prose(
        _LINES[one.of, one.side],
        kind=speech.text(_KINDS[one.kind]),
        name=_short(one.name),
        rate=(one.rate, one.ci95),
    )


def _unknown(missing: list[PartKind], speech: Speech) -> str:
    """Say which kinds of parts the records do not name, and how they would."""
    if not missing:
        return ""
    kinds = [speech.text(_KINDS[kind]).lower() for kind in missing]
    return follow(speech.prose(_NOT_COMPARED, kinds=kinds), _columns(missing, speech))


def _columns(missing: list[PartKind], speech: Speech) -> str:
    line = "columns: {" + ", ".join(_COLUMNS[kind] for kind in missing) + "}"
    return speech.prose(_NAME_THEM, line=line) if missing else ""
