"""Sentences of notebook 02 on time: the customers' own rhythm, the calendar's, and the season."""

from __future__ import annotations

from retention_lib.results import SOME_RHYTHM, Cycle, Rhythm, RhythmName, YearEarlier
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

SHORT_GAP_DAYS = 7  # under a week between purchases, whole days blur the rhythm
REAL_CYCLE = 2.0
CLOCKWORK = 10.0  # nobody needs to know how much steadier still
TENTATIVE_DAYS = 3 * 365.25

_PERIODS: dict[RhythmName, str] = {
    "week": mark("week"),
    "fortnight": mark("fortnight"),
    "month": mark("month"),
    "quarter": mark("quarter"),
    "year": mark("year"),
}

_FOLLOWED: dict[RhythmName, str] = {
    "week": mark(
        "Purchases follow the **week**: smoothed to a wave, they are {swing} above the even "
        "flow on its best days."
    ),
    "fortnight": mark(
        "Purchases follow the **fortnight**: smoothed to a wave, they are {swing} above the even "
        "flow on its best days."
    ),
    "month": mark(
        "Purchases follow the **month**: smoothed to a wave, they are {swing} above the even "
        "flow on its best days."
    ),
    "quarter": mark(
        "Purchases follow the **quarter**: in its best weeks they are {swing} above the even flow."
    ),
    "year": mark(
        "Purchases follow the **year**: in its best weeks they are {swing} above the even flow."
    ),
}

_TITLES: dict[RhythmName, str] = {
    "week": mark("Purchases follow the week: smoothed, {swing} above even on its best days"),
    "fortnight": mark(
        "Purchases follow the fortnight: smoothed, {swing} above even on its best days"
    ),
    "month": mark("Purchases follow the month: smoothed, {swing} above even on its best days"),
    "quarter": mark("Purchases follow the quarter: {swing} above even in its best weeks"),
    "year": mark("Purchases follow the year: {swing} above even in its best weeks"),
}

_SURE = (
    mark(
        "They buy **at random moments**: the cycle is a typical wait, and no date can be named on "
        "which a customer is due."
    ),
    mark(
        "They buy with **some rhythm**: a customer is likelier to be due after one cycle, but no "
        "day can be named."
    ),
    mark(
        "They buy in **a real cycle**: it is worth reminding a customer when the next purchase is "
        "due."
    ),
)
_UNSURE = {
    (0, 1): mark(
        "That lies **between chance and some rhythm**: take the cycle as a typical wait, and do "
        "not count on a date."
    ),
    (1, 2): mark(
        "That lies **between some rhythm and a real cycle**: try a reminder after one cycle, but "
        "test it first."
    ),
    (0, 2): mark(
        "That lies anywhere **between chance and a real cycle**: there are too few customers to "
        "tell."
    ),
}


def rhythm_meaning(result: Cycle, speech: Speech) -> str:
    """Return whether customers buy in a rhythm, their own or the calendar's."""
    own = because(result, "/regularity_k", speech)
    if result.regularity_k is not None:
        own = follow(_regularity(result, speech), _word(result, speech))
    return "\n\n".join([own, _calendar(result, speech)])


# --- the customers' own rhythm ------------------------------------------------


def _regularity(result: Cycle, speech: Speech) -> str:
    assert result.regularity_k is not None
    k = _k(result.regularity_k, speech)
    if result.regularity_ci95 is None or result.regularity_k >= CLOCKWORK:
        return speech.prose(
            "The regularity of this client's customers is **{k}**, where 1 is chance and higher is "
            "steadier.",
            k=k,
        )
    ends = speech.range(result.regularity_ci95, lambda end: _k(end, speech))
    if result.regularity_k_raw is None:
        return speech.prose(
            "The regularity of this client's customers is **{k}** (95% interval {ends}), where 1 "
            "is chance and higher is steadier.",
            k=k,
            ends=ends,
        )
    return speech.prose(
        "The regularity of this client's customers is **{k}** (95% interval {ends}; {raw} before "
        "the correction for whole days), where 1 is chance and higher is steadier.",
        k=k,
        ends=ends,
        raw=speech.number(result.regularity_k_raw),
    )


def _k(k: float, speech: Speech) -> str:
    if k >= CLOCKWORK:
        return speech.text("over {limit}", limit=speech.count(CLOCKWORK))
    return speech.number(k)


def _word(result: Cycle, speech: Speech) -> str:
    assert result.regularity_k is not None
    gap = result.naive_median_gap_days
    if gap is not None and gap < SHORT_GAP_DAYS:
        return speech.prose(
            "With gaps of less than a week, whole days are too coarse to say whether that is "
            "chance or a rhythm."
        )
    if result.regularity_ci95 is None:
        return speech.prose(
            "From so few customers it cannot be told whether that is chance or a rhythm."
        )
    low, high = result.regularity_ci95
    steps = _step(low), _step(high)
    return speech.prose(_SURE[steps[0]] if steps[0] == steps[1] else _UNSURE[steps])


def _step(k: float) -> int:
    """Return 0 for chance, 1 for some rhythm, 2 for a real cycle."""
    return (k >= SOME_RHYTHM) + (k >= REAL_CYCLE)


# --- the calendar's rhythm ----------------------------------------------------


def _calendar(result: Cycle, speech: Speech) -> str:
    found = [rhythm for rhythm in result.rhythm if rhythm.found]
    return follow(
        *(
            speech.prose(_FOLLOWED[rhythm.period], swing=speech.share(rhythm.swing, 0))
            for rhythm in found
        ),
        _not_found(result.rhythm, speech),
        _not_tested(result.rhythm, speech),
        _use(found, speech),
    )


def _not_found(rhythms: list[Rhythm], speech: Speech) -> str:
    missed = [rhythm.period for rhythm in rhythms if not rhythm.found]
    if not missed:
        return ""
    names = _named(missed, speech)
    if len(missed) == len(rhythms):
        return speech.prose(
            "Purchases follow no period of the calendar clearly enough to matter; looked for: "
            "{names}.",
            names=names,
        )
    return speech.prose(
        "Also looked for, and not clear enough to matter: {names}.",
        names=names,
    )


def _not_tested(rhythms: list[Rhythm], speech: Speech) -> str:
    tested = {rhythm.period for rhythm in rhythms}
    rest = [period for period in _PERIODS if period not in tested]
    if not rest:
        return ""
    return speech.prose(
        "The history is too short to look for: {names} (it would have to hold four of them).",
        names=_named(rest, speech),
    )


def _use(found: list[Rhythm], speech: Speech) -> str:
    if not found:
        return ""
    return speech.prose(
        "That rhythm is shared by all: it tells when to send a message, not when one customer is "
        "due."
    )


def _named(periods: list[RhythmName], speech: Speech) -> str:
    return speech.listed([speech.text(_PERIODS[period]) for period in periods])


def calendar_title(result: Cycle, speech: Speech) -> str:
    """Return the title of the calendar of purchases: the clearest rhythm found."""
    found = [rhythm for rhythm in result.rhythm if rhythm.found]
    if found:
        most = max(found, key=lambda rhythm: rhythm.swing)
        return speech.text(_TITLES[most.period], swing=speech.share(most.swing, 0))
    if result.rhythm:
        return speech.text("Purchases day by day: no clear rhythm of the calendar")
    return speech.text("Purchases day by day")


def calendar_alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the calendar of purchases."""
    drawn = speech.text(
        "Calendar with one square for each day: weeks from left to right, Monday at the top; the "
        "darker, the more purchases. The history has {history}.",
        history=speech.days(result.history_days),
    )
    found = [rhythm.period for rhythm in result.rhythm if rhythm.found]
    if not found:
        return drawn
    seen = speech.text("Rhythms found: {names}.", names=_named(found, speech))
    return follow(drawn, seen)


# --- the season ---------------------------------------------------------------


def season_title(result: Cycle, speech: Speech) -> str:
    """Return the title of the figure of the season."""
    clear = _is_clear(result)
    if clear is None:
        return speech.text("Sales over the year")
    if not clear:
        return speech.text("Sales over the year: no clear season")
    if _is_tentative(result):
        return speech.text("Sales seem to follow the season, so far")
    return speech.text("Sales follow the season")


def _is_clear(result: Cycle) -> bool | None:
    if result.season_strength is None or result.season_chance is None:
        return None
    return result.has_season


def _is_tentative(result: Cycle) -> bool:
    return result.history_days < TENTATIVE_DAYS


def season_alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the figure of the season."""
    if result.season_strength is None:
        return speech.text("The season cannot be judged, so no line is drawn.")
    return speech.text(
        "Line of the sales of each week of the year against those of an even year: above one the "
        "week sells more than the average, below one less. The strength of the season is "
        "{strength}.",
        strength=speech.number(result.season_strength),
    )


def season_meaning(result: Cycle, speech: Speech) -> str:
    """Return whether there is a season, and how the window compares with a year earlier."""
    return follow(_season(result, speech), _a_year_earlier(result, speech))


def _season(result: Cycle, speech: Speech) -> str:
    if result.season_strength is None or result.season_chance is None:
        return because(result, "/season_strength", speech) or because(
            result, "/season_chance", speech
        )
    said = _clear_season if _is_clear(result) else _no_clear_season
    strength, chance = speech.number(result.season_strength), speech.number(result.season_chance)
    return follow(said(strength, chance, speech), _tentative(result, speech))


def _clear_season(strength: str, chance: str, speech: Speech) -> str:
    return speech.prose(
        "There is **a season**: its strength is **{strength}**, where 0 is none and 1 is nothing "
        "but season; chance alone would reach {chance} on such sales. Compare a period with the "
        "same one a year earlier, not with the one before it.",
        strength=strength,
        chance=chance,
    )


def _no_clear_season(strength: str, chance: str, speech: Speech) -> str:
    return speech.prose(
        "There is **no clear season**: its strength is **{strength}**, where 0 is none and 1 is "
        "nothing but season, and chance alone would reach {chance} on such sales. What looks like "
        "a season in the figure is no ground for a plan.",
        strength=strength,
        chance=chance,
    )


def _tentative(result: Cycle, speech: Speech) -> str:
    if not _is_tentative(result):
        return ""
    return speech.prose(
        "This is **tentative**: with less than three years of history, one odd year looks like a "
        "rule."
    )


def _a_year_earlier(result: Cycle, speech: Speech) -> str:
    two = result.year_earlier
    if two is None:
        return because(result, "/year_earlier", speech)
    counted = speech.proses(
        "Between {window} **{n}** customer bought, between {earlier} **{before}**.",
        "Between {window} **{n}** customers bought, between {earlier} **{before}**.",
        two.customers,
        window=speech.between(two.window.start, two.window.end),
        earlier=speech.between(two.earlier.start, two.earlier.end),
        before=speech.count(two.earlier_customers),
    )
    return follow(counted, _change(two, speech))


def _change(two: YearEarlier, speech: Speech) -> str:
    if not two.earlier_customers or two.customers == two.earlier_customers:
        return ""
    change = two.customers / two.earlier_customers - 1
    if not two.clear:
        return speech.prose("A difference as small as that may be chance: **no clear change**.")
    if change > 0:
        return speech.prose(
            "That is **{share} more** than in the same window a year earlier, which no season can "
            "explain.",
            share=speech.share(change, 0),
        )
    return speech.prose(
        "That is **{share} fewer** than in the same window a year earlier, which no season can "
        "explain.",
        share=speech.share(-change, 0),
    )
