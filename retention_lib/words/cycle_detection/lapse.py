"""Sentences of notebook 02 on the lapse: after how much silence is a customer lost?"""

from __future__ import annotations

from retention_lib.results import Cycle, LapseRule, LapseTest
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_RULES: dict[LapseRule, str] = {
    "silence": mark("silent for {limit}"),
    "two_cycles": mark("silent for two cycles ({limit})"),
    "p_alive_mbg": mark("less than {limit} likely to be a customer still (MBG/NBD)"),
    "p_alive_pareto": mark("less than {limit} likely to be a customer still (Pareto/NBD)"),
    "p_alive_bg": mark("less than {limit} likely to be a customer still (BG/NBD)"),
    "p_buys": mark("less than {limit} likely to buy within two cycles (MBG/NBD)"),
}
_LEFT_OUT: dict[LapseRule, str] = {
    "silence": mark("silence alone"),
    "two_cycles": mark("a silence of two cycles"),
    "p_alive_mbg": mark("the chance to be a customer still (MBG/NBD)"),
    "p_alive_pareto": mark("the chance to be a customer still (Pareto/NBD)"),
    "p_alive_bg": mark("the chance to be a customer still (BG/NBD)"),
    "p_buys": mark("the chance to buy within two cycles (MBG/NBD)"),
}
_IN_DAYS: tuple[LapseRule, ...] = ("silence", "two_cycles")


def rule_name(test: LapseTest, speech: Speech) -> str:
    """Return a rule for calling customers lost as plain text: silent for 201 days."""
    limit = speech.days(test.limit) if test.rule in _IN_DAYS else speech.share(test.limit, 0)
    return speech.text(_RULES[test.rule], limit=limit)


def lapse_title(result: Cycle, speech: Speech) -> str:
    """Return the title of the figure of rules for calling customers lost."""
    if not result.lapse_race:
        return speech.text("Rules for calling a customer lost")
    winner = _of(result, result.lapse_rule)
    if winner is None:
        return speech.text("No rule calls customers lost without too many errors")
    return speech.text(
        "Best rule: {rule}; {false} of those called lost came back",
        rule=rule_name(winner, speech),
        false=speech.share(winner.false_lost, 0),
    )


def _of(result: Cycle, rule: LapseRule | None) -> LapseTest | None:
    return next((test for test in result.lapse_race if test.rule == rule), None)


def lapse_alt(result: Cycle, speech: Speech) -> str:
    """Return the alternative text of the figure of rules for calling customers lost."""
    if not result.lapse_race:
        return speech.text("No rule for calling customers lost could be tried.")
    tests = "; ".join(
        speech.text(
            "{rule}, {caught} and {false}",
            rule=rule_name(test, speech),
            caught=speech.share(test.caught, 0),
            false=speech.share(test.false_lost, 0),
        )
        for test in result.lapse_race
    )
    return speech.text(
        "For each rule the share of customers who stayed away that it caught, and the share of "
        "those it called lost who came back: {tests}.",
        tests=tests,
    )


def lapse_meaning(result: Cycle, speech: Speech) -> str:
    """Return which rule for calling customers lost did best on the past, and what follows."""
    if not result.lapse_race:
        return because(result, "/lapse_rule", speech)
    winner = _of(result, result.lapse_rule)
    found = _nobody_wins(result, speech) if winner is None else _wins(winner, speech)
    return follow(
        _tried(result, speech),
        found,
        _beside(result, winner, speech),
        _bg_nbd(result, speech),
        *(_left_out(rule, why, speech) for rule, why in result.lapse_left_out.items()),
    )


def _tried(result: Cycle, speech: Speech) -> str:
    if result.lapse_tried is None:
        return because(result, "/lapse_tried", speech)
    return speech.prose(
        "Each rule was tried on the past: it called customers lost by what was known then, and the "
        "days between {period} showed who came back.",
        period=speech.between(result.lapse_tried.start, result.lapse_tried.end),
    )


def _wins(winner: LapseTest, speech: Speech) -> str:
    did = speech.proses(
        "The best rule is **{rule}**: of {n} customer called lost by it, **{false}** came back "
        "within two cycles, and it caught **{caught}** of those who stayed away.",
        "The best rule is **{rule}**: of {n} customers called lost by it, **{false}** came back "
        "within two cycles, and it caught **{caught}** of those who stayed away.",
        winner.called,
        rule=rule_name(winner, speech),
        false=speech.share(winner.false_lost, 0),
        caught=speech.share(winner.caught, 0),
    )
    so_what = speech.prose(
        "At least nine in ten of the customers it names will not come back soon of themselves: "
        "spend on them no more than an automatic message costs."
    )
    return follow(did, so_what)


def _nobody_wins(result: Cycle, speech: Speech) -> str:
    allowed = [test for test in result.lapse_race if test.allowed]
    so_what = speech.prose(
        "So nobody can be given up with confidence yet: do not strike silent customers off a list."
    )
    none = speech.prose(
        "**No rule passes**: of the customers each of them called lost, more than one in ten came "
        "back within two cycles."
    )
    if not allowed:
        return follow(because(result, "/lapse_rule", speech), so_what)
    best = min(allowed, key=lambda test: test.false_lost)
    least = speech.prose(
        "The least wrong was **{rule}**, with {false} who came back.",
        rule=rule_name(best, speech),
        false=speech.share(best.false_lost),
    )
    return follow(none, least, so_what)


def _beside(result: Cycle, winner: LapseTest | None, speech: Speech) -> str:
    silence = _of(result, "silence")
    if winner is None or silence is None or winner.rule == "silence":
        return ""
    return speech.prose(
        "The report itself goes by silence alone, which anybody can see in the records: "
        "“{rule}” called {false} wrongly lost and caught {caught}.",
        rule=rule_name(silence, speech),
        false=speech.share(silence.false_lost, 0),
        caught=speech.share(silence.caught, 0),
    )


def _left_out(rule: LapseRule, why: str, speech: Speech) -> str:
    return speech.prose(
        "Not tried: {rule}. {why}", rule=speech.text(_LEFT_OUT[rule]), why=speech.text(why)
    )


def _bg_nbd(result: Cycle, speech: Speech) -> str:
    alone = _of(result, "p_alive_bg")
    if alone is None:
        return ""
    return speech.prose(
        "BG/NBD alone may not win: it "
        "never gives up customers who bought once, and here caught only {caught}.",
        caught=speech.share(alone.caught, 0),
    )
