"""Sentences of notebook 03 on whether a rate is good: against what it would be if nobody had left."""

from __future__ import annotations

import math

from retention_lib.results import Cycle, HeadlineRate, Judged, NoChurn, Retention
from retention_lib.speech import Speech, escape, mark
from retention_lib.words.reasons import because, follow, reason
from retention_lib.words.retention_rate.answer import expected_share

_TWICE = math.exp(-2)  # who buys twice on average, at random, buys not at all so often

_EXPECTED = mark(
    {
        True: "If nobody had left, **{share}** of {customers:count} established "
        "customer{customers:|s} would be expected to buy again in a window of this length.",
        False: "If nobody had left, **{share}** of {customers:count} customer{customers:|s} of the "
        "earlier window would be expected to buy again in a window of this length.",
    }
)
_VERDICTS = mark(
    {
        "below": "In fact **{rate:estimate share}** did, so **customers do leave**. About "
        "**{gap:count}** more would have come back (from {gap_range:range count}, by the rate's "
        "interval and by model): the most that keeping could win in such a window, and what the "
        "cost of a test is to be set against.",
        "unclear": "In fact **{rate:estimate share}** did. That **cannot be told from nobody "
        "leaving**: this rate is no reason to spend more on keeping customers.",
    }
)
_MODELS = mark(
    {
        "BG/NBD": "{share:share} if they leave after their second or a later purchase (BG/NBD)",
        "MBG/NBD": "{share:share} if they leave after any purchase, the first included (MBG/NBD)",
        "NBD": "{share:share} if they never leave (NBD)",
    }
)
_EVEN = 0.005  # less is 0% when it is rounded
_SEASONS = mark(
    {
        "busy": "Sales follow the year, and the expectation counts that in: by the season alone "
        "customers buy {off:share 0} more often in this window than in as many even days.",
        "quiet": "Sales follow the year, and the expectation counts that in: by the season alone "
        "customers buy {off:share 0} less often in this window than in as many even days.",
        "even": "Sales follow the year, and the expectation counts that in: this window is as busy "
        "as so many even days.",
    }
)
_BY_MODEL = mark(
    {
        True: "Over all {start_customers:count} customer{start_customers:|s} of the earlier window it "
        "is {models}. No other model could be used, so how far it would differ is not known.",
        False: "How often customers would buy depends on how they leave. Over all "
        "{start_customers:count} customer{start_customers:|s} of the earlier window it is "
        "{models}. The first of these fits the records best.",
    }
)


def meaning(result: Retention, speech: Speech, cycle: Cycle | None = None) -> str:
    """Return whether the rate is good: against what would be expected if nobody had left.

    With the cycle, also what the models miss where sales follow the year.
    """
    base, head, found = result.no_churn, result.headline, result.judged
    if base is None or head is None or found is None:
        return because(result, "/judged", speech)
    why = follow(
        speech.prose(
            "Why not 100%? Because loyal customers pause, too: of those who buy at random, twice "
            "in such a window on average, {share:share} still do not buy in it at all.",
            share=_TWICE,
        ),
        _by_model(base, result, speech),
        speech.prose(
            "These customers buy more regularly than by chance, so fewer of them pause than the "
            "models think: the expectation is **at least** that high."
        )
        if found.regular
        else "",
        _season(base, cycle, speech),
        *(escape(reason(one, speech)) for one in base.left_out.values()),
    )
    return f"{_judged(head, found, speech)}\n\n{why}"


def _judged(head: HeadlineRate, found: Judged, speech: Speech) -> str:
    share = expected_share(found.expected, found.regular, speech)
    return follow(
        speech.prose(_EXPECTED[head.established], head, share=share),
        speech.prose(_VERDICTS[found.side], found, rate=(head.rate, head.ci95)),
    )


def _season(base: NoChurn, cycle: Cycle | None, speech: Speech) -> str:
    """Return, where sales follow the year, what that does to the expectation."""
    if cycle is None or not cycle.season_moves_windows:
        return ""
    if not base.season:
        return speech.prose(
            "Sales follow the year, and that was not known yet when the window began: in its best "
            "months more would come back than expected here, in its quiet ones fewer."
        )
    off = base.window_pace - 1
    side = "even" if abs(off) < _EVEN else "busy" if off > 0 else "quiet"
    return speech.prose(_SEASONS[side], off=abs(off))


def _by_model(base: NoChurn, result: Retention, speech: Speech) -> str:
    order = sorted(base.by_model, key=lambda name: name != base.model)
    models = speech.series(speech.text(_MODELS[name], share=base.by_model[name]) for name in order)
    return speech.prose(_BY_MODEL[len(order) < 2], result, models=models)
