"""Is one cycle right for all? Sentences on parts of the customers in notebook 02."""

from __future__ import annotations

from retention_lib.results import Cycle, Stratum, StratumPair
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import follow

_KINDS = mark({"order": "Order", "segment": "Segment", "channel": "Channel", "owner": "Owner"})
_ORDERS = mark(
    {
        "1": "after the first order",
        "2": "after the second order",
        "3+": "after the third and later orders",
    }
)
_TITLES = mark(
    {
        "unknown": "The cycle of parts of the customers",
        "fits": "One cycle fits all: no part is clearly quicker or slower",
        "fits_enough": "One cycle fits all well enough: from {shortest:count} to {longest:days}",
        "misjudges": "One size does not fit all: cycles from {shortest:count} to {longest:days}",
    }
)
_VERDICTS = mark(
    {
        "unknown": "No two parts of the customers can be compared: they are too small or unnamed.",
        "fits": "**One cycle fits all** as far as can be seen: the differences may be chance.",
        "fits_enough": "**One cycle fits all** well enough: parts differ by less than a quarter.",
        "misjudges": "**One size does not fit all.** One cycle for everybody gives up slow "
        "customers too early and quick ones too late.",
    }
)


def title(result: Cycle, speech: Speech) -> str:
    """Return the title of the figure of cycles by part of the customers."""
    return speech.text(_TITLES[result.one_cycle.verdict], result.one_cycle)


def alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the figure of cycles by part of the customers."""
    if not result.strata:
        return speech.text("No parts of the customers can be compared, so nothing is drawn.")
    parts = (
        speech.text("{name} {cycle_days:days}", part, name=_name(part, speech))
        for part in result.strata
    )
    return speech.text(
        "Dots with 95% intervals, the cycle of each part of the customers beside that of all: "
        "{parts}.",
        parts=speech.series(parts),
    )


def _name(part: Stratum, speech: Speech) -> str:
    if part.kind == "order":
        return speech.text(_ORDERS[part.name])
    return speech.text("“{name}”", part)


def meaning(result: Cycle, speech: Speech) -> str:
    """Return whether one cycle is right for all, one line for each way to divide the customers."""
    found = result.one_cycle
    verdict = speech.prose(_VERDICTS[found.verdict])
    if not found.pairs:
        return verdict
    key = speech.prose(
        "Half of those who come back are back within these days (95% interval in brackets)."
    )
    small = speech.prose(
        "Small parts are drawn towards the whole, so that chance does not make them look special."
    )
    lines = [_line(result, pair, speech) for pair in found.pairs]
    closing = follow(_who_is_left(result, speech), small)
    return "\n".join([follow(verdict, key), "", *lines, "", closing])


def _line(result: Cycle, pair: StratumPair, speech: Speech) -> str:
    alike = (
        part for part in result.strata if part.kind == pair.kind and part.column == pair.column
    )
    parts = {part.name: part for part in alike}
    one, other = parts[pair.one], parts[pair.other]
    both = speech.prose(
        "- **{kind}**: {first} **{one.cycle_days:days}** ({one.cycle_ci95:range count}), {last} "
        "**{other.cycle_days:days}** ({other.cycle_ci95:range count}).",
        kind=speech.text(_KINDS[pair.kind]),
        one=one,
        other=other,
        first=_name(one, speech),
        last=_name(other, speech),
    )
    return follow(both, speech.prose("Clearly apart." if pair.apart else "No clear difference."))


def _who_is_left(result: Cycle, speech: Speech) -> str:
    rest = {part.name: part.not_back_share for part in result.strata if part.kind == "order"}
    if not {"1", "3+"} <= set(rest):
        return ""
    return speech.prose(
        "After the first order **{first:share 0}** had not come back by the end of the curve, "
        "after the third and later ones **{later:share 0}**; in part that is who is left, since "
        "occasional buyers go first.",
        first=rest["1"],
        later=rest["3+"],
    )
