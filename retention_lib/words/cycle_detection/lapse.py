"""After how much silence is a customer lost? Sentences on the rules for it in notebook 02."""

from __future__ import annotations

from retention_lib.results import Cycle, LapseRule, LapseTest
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow, reason

_RULES: dict[LapseRule, str] = mark(
    {
        "silence": "silence",
        "two_cycles": "two cycles of silence",
        "p_alive_mbg": "the chance to be still a customer (MBG/NBD)",
        "p_alive_pareto": "the chance to be still a customer (Pareto/NBD)",
        "p_alive_bg": "the chance to be still a customer (BG/NBD)",
        "p_buys": "the chance to buy within two cycles (MBG/NBD)",
    }
)
_IN_DAYS: tuple[LapseRule, ...] = ("silence", "two_cycles")


def rule_name(test: LapseTest, speech: Speech) -> str:
    """Return a rule for calling customers lost as plain text: silence, over 201 days."""
    return speech.text(
        "{name}, over {limit:days}" if test.rule in _IN_DAYS else "{name}, under {limit:share 0}",
        test,
        name=speech.text(_RULES[test.rule]),
    )


def title(result: Cycle, speech: Speech) -> str:
    """Return the title of the figure of rules for calling customers lost."""
    if not result.lapse_race:
        return speech.text("Rules for calling a customer lost")
    winner = _of(result, result.lapse_rule)
    if winner is None:
        return speech.text("No rule calls customers lost without too many errors")
    return speech.text(
        "Best rule: {name}; {false_lost:share 0} of those called lost came back",
        winner,
        name=rule_name(winner, speech),
    )


def _of(result: Cycle, rule: LapseRule | None) -> LapseTest | None:
    return next((test for test in result.lapse_race if test.rule == rule), None)


def alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the figure of rules for calling customers lost."""
    if not result.lapse_race:
        return speech.text("No rule for calling customers lost could be tried.")
    tests = (
        speech.text(
            "{name} ({caught:share 0} and {false_lost:share 0})", test, name=rule_name(test, speech)
        )
        for test in result.lapse_race
    )
    return speech.text(
        "For each rule the share of customers who stayed away that it caught, and the share of "
        "those it called lost who came back: {tests}.",
        tests=speech.series(tests),
    )


def meaning(result: Cycle, speech: Speech) -> str:
    """Return which rule for calling customers lost did best on the past, and what follows."""
    if not result.lapse_race:
        return because(result, "/lapse_rule", speech)
    winner = _of(result, result.lapse_rule)
    return follow(
        speech.prose(
            "Each rule was tried on the past: it called customers lost by what was known then, "
            "and the days from {lapse_tried:period} showed who came back.",
            result,
        ),
        _nobody_wins(result, speech) if winner is None else _wins(winner, speech),
        _beside(result, winner, speech),
        _bg_nbd(result, speech),
        *_left_out(result, speech),
    )


def _wins(winner: LapseTest, speech: Speech) -> str:
    return speech.prose(
        "The best rule is **{name}**: of {called:count} customer{called:|s} it called lost, "
        "**{false_lost:share 0}** came back within two cycles, and it caught **{caught:share 0}** "
        "of those who stayed away. At least nine in ten of the customers it names will not come "
        "back soon by themselves: spend no more on them than an automatic message costs.",
        winner,
        name=rule_name(winner, speech),
    )


def _nobody_wins(result: Cycle, speech: Speech) -> str:
    so_what = speech.prose(
        "So nobody can be given up with confidence yet: do not strike silent customers off a list."
    )
    least = min(result.lapse_race, key=lambda test: test.rank)
    if not least.allowed:
        return follow(because(result, "/lapse_rule", speech), so_what)
    none = speech.prose(
        "**No rule passes**: of the customers each of them called lost, more than one in ten came "
        "back within two cycles. The least wrong was **{name}**, with {false_lost:share} who came "
        "back.",
        least,
        name=rule_name(least, speech),
    )
    return follow(none, so_what)


def _beside(result: Cycle, winner: LapseTest | None, speech: Speech) -> str:
    silence = _of(result, "silence")
    if winner is None or silence is None or winner.rule == "silence":
        return ""
    return speech.prose(
        "The report itself goes by silence alone, which anybody can see in the records: “{name}” "
        "called {false_lost:share 0} wrongly lost and caught {caught:share 0}.",
        silence,
        name=rule_name(silence, speech),
    )


def _left_out(result: Cycle, speech: Speech) -> list[str]:
    return [
        speech.prose(
            "Not tried: {name}. {why}", name=speech.text(_RULES[rule]), why=reason(why, speech)
        )
        for rule, why in result.lapse_left_out.items()
    ]


def _bg_nbd(result: Cycle, speech: Speech) -> str:
    alone = _of(result, "p_alive_bg")
    if alone is None:
        return ""
    return speech.prose(
        "BG/NBD alone may not win: it never gives up customers who bought once, and here caught "
        "only {caught:share 0}.",
        alone,
    )
