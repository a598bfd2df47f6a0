"""Sentences of notebook 02 on parts of the customers: is one cycle right for all, do some subscribe?"""

from __future__ import annotations

from retention_lib.results import Cycle, Stratum, StratumKind, Subscriptions
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_KINDS: tuple[StratumKind, ...] = ("order", "segment", "channel", "owner")

_ENOUGH = 1.25  # a window of three cycles bears a quarter more or less
_ORDERS = {
    "1": mark("after the first order"),
    "2": mark("after the second order"),
    "3+": mark("after the third and later orders"),
}

_APART: dict[StratumKind, str] = {
    "order": mark(
        "- **Order number**: {one} half of those who come back are back within **{days}** ({ends}), "
        "{other} within **{more}** ({wide}). Clearly apart."
    ),
    "segment": mark(
        "- **Segment**: in “{one}” half of those who come back are back within **{days}** ({ends}), "
        "in “{other}” within **{more}** ({wide}). Clearly apart."
    ),
    "channel": mark(
        "- **Channel**: from “{one}” half of those who come back are back within **{days}** "
        "({ends}), from “{other}” within **{more}** ({wide}). Clearly apart."
    ),
    "owner": mark(
        "- **Owner**: with “{one}” half of those who come back are back within **{days}** ({ends}), "
        "with “{other}” within **{more}** ({wide}). Clearly apart."
    ),
}

_ALIKE: dict[StratumKind, str] = {
    "order": mark(
        "- **Order number**: {one} half of those who come back are back within **{days}** ({ends}), "
        "{other} within **{more}** ({wide}). No clear difference."
    ),
    "segment": mark(
        "- **Segment**: in “{one}” half of those who come back are back within **{days}** ({ends}), "
        "in “{other}” within **{more}** ({wide}). No clear difference."
    ),
    "channel": mark(
        "- **Channel**: from “{one}” half of those who come back are back within **{days}** "
        "({ends}), from “{other}” within **{more}** ({wide}). No clear difference."
    ),
    "owner": mark(
        "- **Owner**: with “{one}” half of those who come back are back within **{days}** ({ends}), "
        "with “{other}” within **{more}** ({wide}). No clear difference."
    ),
}


# --- is one cycle right for all? ----------------------------------------------


def strata_title(result: Cycle, speech: Speech) -> str:
    """Return the title of the figure of cycles by part of the customers."""
    pairs = _pairs(result)
    if not pairs:
        return speech.text("The cycle of parts of the customers")
    apart = [pair for pair in pairs if _are_apart(*pair)]
    if not apart:
        return speech.text("One cycle fits all: no part is clearly quicker or slower")
    matter = [pair for pair in apart if _matter(*pair)]
    days = [stratum.cycle_days for pair in matter or apart for stratum in pair]
    ends = {"low": speech.count(min(days)), "high": speech.days(max(days))}
    if not matter:
        return speech.text("One cycle fits all well enough: from {low} to {high}", **ends)
    return speech.text("One size does not fit all: cycles from {low} to {high}", **ends)


def strata_alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the figure of cycles by part of the customers."""
    if not result.strata:
        return speech.text("No parts of the customers can be compared, so nothing is drawn.")
    parts = "; ".join(
        speech.text(
            "{name} {days}", name=_name(stratum, speech), days=speech.days(stratum.cycle_days)
        )
        for stratum in result.strata
    )
    return speech.text(
        "Dots with 95% intervals, the cycle of each part of the customers beside that of all: "
        "{parts}.",
        parts=parts,
    )


def _name(stratum: Stratum, speech: Speech) -> str:
    if stratum.kind == "order" and stratum.name in _ORDERS:
        return speech.text(_ORDERS[stratum.name])
    return stratum.name


def strata_meaning(result: Cycle, speech: Speech) -> str:
    """Return whether one cycle is right for all, one line for each way to divide the customers."""
    pairs = _pairs(result)
    if not pairs:
        return speech.prose(
            "No two parts of the customers could be compared: too few have come back in each of "
            "them, or the records name no parts."
        )
    lines = [_line(*pair, speech) for pair in pairs]
    closing = follow(_who_is_left(result, speech), _small_parts(speech))
    return "\n".join([_verdict(pairs, speech), "", *lines, "", closing])


def _pairs(result: Cycle) -> list[tuple[Stratum, Stratum]]:
    """Return for each way to divide the customers into two parts or more the pair to compare.

    Order numbers are compared first with last, all others quickest with slowest; a part of one
    segment is never compared with a part of another.
    """
    pairs = []
    divisions = dict.fromkeys((stratum.kind, stratum.column) for stratum in result.strata)
    for division in sorted(divisions, key=lambda pair: _KINDS.index(pair[0])):
        parts = [part for part in result.strata if (part.kind, part.column) == division]
        if len(parts) > 1:
            parts.sort(key=lambda part: part.name if part.kind == "order" else part.cycle_days)
            pairs.append((parts[0], parts[-1]))
    return pairs


def _are_apart(one: Stratum, other: Stratum) -> bool:
    return one.cycle_ci95[1] < other.cycle_ci95[0] or other.cycle_ci95[1] < one.cycle_ci95[0]


def _matter(one: Stratum, other: Stratum) -> bool:
    """Say whether two parts that lie apart differ by enough to be judged by cycles of their own."""
    quick, slow = sorted((one.cycle_days, other.cycle_days))
    return _are_apart(one, other) and slow >= _ENOUGH * quick


def _verdict(pairs: list[tuple[Stratum, Stratum]], speech: Speech) -> str:
    apart = [pair for pair in pairs if _are_apart(*pair)]
    if apart and not any(_matter(*pair) for pair in apart):
        return speech.prose(
            "**One cycle fits all** well enough: where parts differ clearly, it is by less than a "
            "quarter. In brackets stand the 95% intervals."
        )
    if apart:
        return speech.prose(
            "**One size does not fit all.** Whoever judges everybody by one cycle gives up slow "
            "customers too early and quick ones too late. In brackets stand the 95% intervals."
        )
    return speech.prose(
        "**One cycle fits all** as far as can be seen: the differences may be chance. In brackets "
        "stand the 95% intervals."
    )


def _line(one: Stratum, other: Stratum, speech: Speech) -> str:
    templates = _APART if _are_apart(one, other) else _ALIKE
    return speech.prose(
        templates[one.kind],
        one=_name(one, speech),
        days=speech.days(one.cycle_days),
        ends=speech.days_range(one.cycle_ci95),
        other=_name(other, speech),
        more=speech.days(other.cycle_days),
        wide=speech.days_range(other.cycle_ci95),
    )


def _who_is_left(result: Cycle, speech: Speech) -> str:
    orders = {stratum.name: stratum for stratum in result.strata if stratum.kind == "order"}
    if not {"1", "3+"} <= set(orders):
        return ""
    return speech.prose(
        "After the first order **{first}** had not come back by the end of the curve, after the "
        "third and later ones **{later}**; in part that is who is left, since occasional buyers go "
        "first.",
        first=speech.share(orders["1"].not_back_share, 0),
        later=speech.share(orders["3+"].not_back_share, 0),
    )


def _small_parts(speech: Speech) -> str:
    return speech.prose(
        "Parts with few customers are drawn towards the whole, so that chance does not make them "
        "look special."
    )


# --- do some pay like subscribers? --------------------------------------------

_BILLING = {
    "week": (mark("{n} by the week"), mark("{n} by the week")),
    "month": (mark("{n} by the month"), mark("{n} by the month")),
    "quarter": (mark("{n} by the quarter"), mark("{n} by the quarter")),
    "year": (mark("{n} by the year"), mark("{n} by the year")),
}


def subscriptions_meaning(result: Cycle, speech: Speech) -> str:
    """Return whether some customers pay as subscribers do."""
    found = result.subscriptions
    if found is None:
        return because(result, "/subscriptions", speech)
    if not found.customers:
        return speech.prose(
            "No customer pays as subscribers do: at even distances, and mostly the same amount. "
            "All are judged as free to come and go."
        )
    return follow(_counted(found, speech), _own_part(found, speech))


def _counted(found: Subscriptions, speech: Speech) -> str:
    return speech.proses(
        "**{n}** customer ({share} of all, with {occasions} of all purchases) pays as subscribers "
        "do: {periods}.",
        "**{n}** customers ({share} of all, with {occasions} of all purchases) pay as subscribers "
        "do: {periods}.",
        found.customers,
        share=speech.share(found.customer_share),
        occasions=speech.share(found.occasion_share),
        periods=_by_period(found, speech),
    )


def _by_period(found: Subscriptions, speech: Speech) -> str:
    counts = [(_BILLING[period], found.periods.get(period, 0)) for period in _BILLING]  # type: ignore[call-overload]
    return speech.listed([speech.texts(*forms, n) for forms, n in counts if n])


def _own_part(found: Subscriptions, speech: Speech) -> str:
    if not found.reported:
        return speech.prose(
            "Those are too few to speak of a part of its own (at least 20, and one in a hundred, "
            "are needed); they are counted with all the others."
        )
    return speech.prose(
        "They are **a part of its own**: one missed payment says about a subscriber what only long "
        "silence says about others. Watch them payment by payment, and read the cycle above as "
        "that of a mix."
    )
