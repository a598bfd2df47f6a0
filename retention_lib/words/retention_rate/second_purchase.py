"""Sentences of notebook 03 on whether the first purchase leads to a second."""

from __future__ import annotations

from retention_lib.results import Retention
from retention_lib.speech import Speech, mark
from retention_lib.words.reasons import because, follow

_YEARS = mark(
    {
        "below": "Later years do **clearly worse**: look at what changed in how customers are won.",
        "above": "Later years do **clearly better**.",
        "unclear": "That is **no clear change** over the years.",
    }
)


def title(result: Retention, speech: Speech) -> str:
    """Return the title of the curve of second purchases."""
    if result.second_purchase_rate is None or result.window is None:
        return speech.text("How many first-time buyers buy a second time")
    return speech.text(
        "A second purchase within {n:days}: {second_purchase_rate:about_share} first-time buyers",
        result,
        n=_window_days(result),
    )


def _window_days(result: Retention) -> int:
    assert result.window is not None
    return result.window.days


def alt(result: Retention, speech: Speech) -> str:
    """Return the alternative text of the curve of second purchases."""
    said = [
        speech.text(
            "Curve of the share of first-time buyers who have bought a second time, by days since "
            "the first purchase."
        )
    ]
    if result.second_purchase_rate is not None and result.window is not None:
        days = _window_days(result)
        said.append(
            speech.text("After {n:days} it is {second_purchase_rate:share 0}.", result, n=days)
        )
    if result.second_purchase_years:
        years = speech.series(
            speech.text("{year} {rate:share 0}", year) for year in result.second_purchase_years
        )
        said.append(speech.text("By the year of the first purchase: {years}.", years=years))
    return follow(*said)


def meaning(result: Retention, speech: Speech) -> str:
    """Return how many first purchases lead to a second, and whether later years do worse."""
    return because(result, "/second_purchase_rate", speech) or follow(
        speech.prose(
            "Of {second_purchase_customers:count} customer{second_purchase_customers:|s} who "
            "could be watched for a whole window after their first purchase, "
            "**{second_purchase_rate:about_share}** bought a second time in it "
            "({second_purchase_rate:share}, 95% interval {second_purchase_ci95:range share}).",
            result,
        ),
        speech.prose(
            "The others did not: a message soon after the first purchase can be tested on "
            "customers like them."
        )
        if result.second_purchase_rate != 1
        else "",
        _years(result, speech),
    )


def _years(result: Retention, speech: Speech) -> str:
    if len(result.second_purchase_years) < 2:
        return ""
    first, *_, last = result.second_purchase_years
    compared = speech.prose(
        "Of those who first bought in {first}, {early:estimate share 0} were back by then, of "
        "those of {last} {late:estimate share 0}.",
        first=first.year,
        early=(first.rate, first.ci95),
        last=last.year,
        late=(last.rate, last.ci95),
    )
    return follow(compared, speech.prose(_YEARS[result.second_purchase_clearly]))
