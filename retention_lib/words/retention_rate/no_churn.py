"""Sentences of notebook 03 on whether a rate is good: read against a base that nobody leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from retention_lib.results import Cycle, Interval, NoChurn, NoChurnModel, Retention
from retention_lib.speech import Speech, mark
from retention_lib.words.certainty import Certainty, of_rate
from retention_lib.words.reasons import because, follow
from retention_lib.words.season import moves_windows

RegardedAs = Literal["below", "above", "unclear"]

_TWICE = math.exp(-2)  # who buys twice on average, at random, buys not at all so often


@dataclass(frozen=True)
class Judged:
    """A rate beside what would be expected of the same customers if nobody had left.

    ``low`` and ``high`` are the ends over all models and the expectation itself; ``established``
    says whether the rate is that of returning customers, or of all; ``regular`` whether the
    expectation is a lower bound.
    """

    rate: float
    ci95: Interval | None
    customers: int
    expected: float
    low: float
    high: float
    established: bool
    regular: bool

    @property
    def certainty(self) -> Certainty:
        """How surely the rate lies outside what would be expected."""
        found = of_rate(self.rate, self.ci95, self.low, self.high)
        # above a lower bound may still be below what it bounds
        return "open" if self.regular and self.rate > self.low else found

    @property
    def side(self) -> RegardedAs:
        """Where the whole 95 % interval lies: below, above, or neither."""
        if self.certainty != "firm":
            return "unclear"
        return "below" if self.rate < self.low else "above"

    @property
    def gap(self) -> int:
        """How many customers more would have come back, to two figures."""
        return rounded((self.expected - self.rate) * self.customers)

    @property
    def gap_range(self) -> tuple[int, int]:
        """The gap from the nearer ends of rate and expectation to the farther ones."""
        low, high = self.ci95 or (self.rate, self.rate)
        near, far = (self.low - high) * self.customers, (self.high - low) * self.customers
        return rounded(near), rounded(far)


def judged(result: Retention, cycle: Cycle | None = None) -> Judged | None:
    """Return the headline rate beside its no-churn expectation; None where either is unknown."""
    base = result.no_churn
    if base is None:
        return None
    if result.returning_rate is not None and base.returning is not None:
        rate, ci95, n = result.returning_rate, result.returning_ci95, result.returning_customers
        return _judged(rate, ci95, n, base.returning, base, True, is_regular(cycle))
    if result.returning_rate is not None or result.retained_rate is None:
        return None
    rate, ci95, n = result.retained_rate, result.retained_ci95, result.start_customers
    return _judged(rate, ci95, n, base.expectation, base, False, is_regular(cycle))


def _judged(
    rate: float,
    ci95: Interval | None,
    customers: int | None,
    expected: float,
    base: NoChurn,
    established: bool,
    regular: bool,
) -> Judged:
    low, high = min(base.lowest, expected), max(base.highest, expected)
    return Judged(rate, ci95, customers or 0, expected, low, high, established, regular)


def is_regular(cycle: Cycle | None) -> bool:
    """Say whether customers buy so regularly that the expectation is only a lower bound."""
    return cycle is not None and cycle.is_regular


def rounded(n: float) -> int:
    """Return a number of customers to two figures, never below 0."""
    return int(float(f"{max(n, 0.0):.2g}"))


def expected_share(base: float, regular: bool, speech: Speech) -> str:
    """Return the expectation in whole per cent as plain text: 86%, or at least 86%."""
    share = speech.share(base, 0)
    return speech.text("at least {share}", share=share) if regular else share


# --- is that good? ------------------------------------------------------------


def no_churn_meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return whether the rate is good: against what would be expected if nobody had left."""
    base, found = result.no_churn, judged(result, cycle)
    if base is None or found is None:
        return because(result, "/no_churn/returning", speech) or because(
            result, "/retained_rate", speech
        )
    answer = follow(_expected(found, speech), _verdict(found, speech))
    why = follow(
        _chance(speech),
        _by_model(base, result, speech),
        _bound(found, speech),
        _season(cycle, speech),
        *(speech.prose("Not used: {why}", why=speech.text(why)) for why in base.left_out.values()),
    )
    return f"{answer}\n\n{why}"


def _season(cycle: Cycle | None, speech: Speech) -> str:
    if cycle is None or not moves_windows(cycle):
        return ""
    return speech.prose(
        "The models know no season, and here sales follow the year: in its best months more would "
        "come back than they expect, in its quiet ones fewer."
    )


def _expected(found: Judged, speech: Speech) -> str:
    if found.established:
        return speech.proses(
            "If nobody had left, **{expected}** of {n} established customer would be expected to "
            "buy again in a window of this length.",
            "If nobody had left, **{expected}** of {n} established customers would be expected to "
            "buy again in a window of this length.",
            found.customers,
            expected=expected_share(found.expected, found.regular, speech),
        )
    return speech.proses(
        "If nobody had left, **{expected}** of {n} customer of the earlier window would be "
        "expected to buy again in a window of this length.",
        "If nobody had left, **{expected}** of {n} customers of the earlier window would be "
        "expected to buy again in a window of this length.",
        found.customers,
        expected=expected_share(found.expected, found.regular, speech),
    )


def _verdict(found: Judged, speech: Speech) -> str:
    rate = speech.estimated_share(found.rate, found.ci95)
    if found.side == "below":
        return follow(
            speech.prose("In fact **{rate}** did, so **customers do leave**.", rate=rate),
            _missed(found, speech),
        )
    if found.side == "above":
        return speech.prose(
            "In fact **{rate}** did, more than that: nothing shows that customers leave, and there "
            "is **nothing to mend by keeping**. Growth has to come from winning customers, or from "
            "selling more to them.",
            rate=rate,
        )
    return speech.prose(
        "In fact **{rate}** did. That **cannot be told from nobody leaving**: do not spend more on "
        "keeping customers on the strength of this rate.",
        rate=rate,
    )


def _missed(found: Judged, speech: Speech) -> str:
    return speech.proses(
        "About **{n}** more would have come back (from {low} to {high}, by the rate's interval and "
        "by model): the most that keeping could win in such a window, and the size to set the cost "
        "of a test against.",
        "About **{n}** more would have come back (from {low} to {high}, by the rate's interval and "
        "by model): the most that keeping could win in such a window, and the size to set the cost "
        "of a test against.",
        found.gap,
        low=speech.count(found.gap_range[0]),
        high=speech.count(found.gap_range[1]),
    )


def _chance(speech: Speech) -> str:
    return speech.prose(
        "Why not 100%? Because loyal customers pause, too: of those who buy at random, twice in "
        "such a window on average, {share} still do not buy in it at all.",
        share=speech.share(_TWICE),
    )


_MODELS: dict[NoChurnModel, str] = {
    "BG/NBD": mark("{share} if they leave after their second or a later purchase (BG/NBD)"),
    "MBG/NBD": mark("{share} if they leave after any purchase, the first included (MBG/NBD)"),
    "NBD": mark("{share} if they never leave (NBD)"),
}


def _by_model(base: NoChurn, result: Retention, speech: Speech) -> str:
    order = sorted(base.by_model, key=lambda name: name != base.model)
    models = "; ".join(
        speech.text(_MODELS[name], share=speech.share(base.by_model[name])) for name in order
    )
    if len(order) < 2:
        return speech.proses(
            "Counted over all {n} customer of the earlier window, that is {models}. Only this "
            "model could be used, so how far another would be from it is not known.",
            "Counted over all {n} customers of the earlier window, that is {models}. Only this "
            "model could be used, so how far another would be from it is not known.",
            result.start_customers or 0,
            models=models,
        )
    return speech.proses(
        "How often customers would buy depends on how they are thought to leave. Over all {n} customer of "
        "the earlier window it is {models}. The first of these fits the records best.",
        "How often customers would buy depends on how they are thought to leave. Over all {n} customers of "
        "the earlier window it is {models}. The first of these fits the records best.",
        result.start_customers or 0,
        models=models,
    )


def _bound(found: Judged, speech: Speech) -> str:
    if not found.regular:
        return ""
    return speech.prose(
        "These customers buy more regularly than chance would have it, so fewer of them pause than "
        "the models think: the expectation is **at least** that high."
    )
