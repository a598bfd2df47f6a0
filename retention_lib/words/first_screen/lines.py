"""The first screen: six figures, each with its range, its change, its meaning and its certainty."""

from __future__ import annotations

from dataclasses import dataclass

from retention_lib.results import Certainty, Clv, Line, Results
from retention_lib.speech import Speech, mark
from retention_lib.words.first_screen import trust
from retention_lib.words.labels import FITNESS, label
from retention_lib.words.published import record
from retention_lib.words.reasons import follow, why_not
from retention_lib.words.season import season_caveat


@dataclass(frozen=True)
class Headline:
    """One figure of the first screen: plain text throughout.

    Attributes
    ----------
    label
        What it is.
    value
        The figure, rounded to be read.
    range
        Its interval or bounds, and what it was counted over.
    so_what
        What it means for a decision.
    certainty
        Firm, likely or open: a code, which the page translates.
    change
        How it has moved since an earlier report, under the same definition; "" where not known.
    """

    label: str
    value: str
    range: str
    so_what: str
    certainty: Certainty
    change: str = ""


def headlines(results: Results, speech: Speech) -> list[Headline]:
    """Return the figures of the first screen, the most decisive first."""
    return [
        Headline(
            label=_name(line, results, speech),
            value=_value(at, line, results, speech),
            range=speech.series(_range(line, results, speech)),
            so_what=_meaning(at, line, results, speech),
            certainty=line.certainty,
            change=_change(line, speech),
        )
        for at, line in enumerate(results.recommendations.lines)
    ]


_NAMES = mark(
    {
        "returning_rate": "Established customers who came back",
        "retained_rate": "Customers who came back",
        "quick_ratio": "Customers gained for each one lost",
        "repeat_revenue_share": "Revenue from repeat purchases",
        "cycle_days": "Time until customers come back",
        "rows_kept": "Trust in the data",
    }
)
_VALUE_NAMES = mark(
    {
        "revenue": "Revenue expected of today's customers in {horizon_months:count} "
        "month{horizon_months:|s}",
        "margin": "Margin expected of today's customers in {horizon_months:count} "
        "month{horizon_months:|s}",
    }
)


def _name(line: Line, results: Results, speech: Speech) -> str:
    if line.name == "total_clv":
        return speech.text(_VALUE_NAMES[results.clv.basis], results.clv)
    return speech.text(_NAMES[line.name])


# --- the figure and its range -------------------------------------------------

_KINDS = {"total_clv": "about_money", "cycle_days": "days"}
_INTERVAL_KINDS = {"returning_rate": "share", "retained_rate": "share", "quick_ratio": "number"}


def _value(at: int, line: Line, results: Results, speech: Speech) -> str:
    if line.value is None:
        return speech.text("not given" if _withheld(at, results) else "not known")
    if line.name == "rows_kept":
        return label(FITNESS, results.audit.fitness, speech)
    if line.name == "quick_ratio":
        return speech.text("About {value:number 1}", line)
    if line.name == "cycle_days" and results.cycle.grows:
        return speech.text("At least {value:days}", line)
    said = speech.said(line.value, _KINDS.get(line.name, "about_share"))
    return said[:1].upper() + said[1:]


def _withheld(at: int, results: Results) -> bool:
    """Return whether a figure is not given since the records are unfit for it."""
    found = results.recommendations.why_not.get(f"/lines/{at}/value")
    return found is not None and found.code == "records_unfit"


def _range(line: Line, results: Results, speech: Speech) -> list[str]:
    """Return what a figure was counted over, its interval and bounds: a clause each."""
    if line.value is None:
        return []
    clauses = [_counted(line, results, speech), _interval(line, results, speech)]
    if line.name == "total_clv":
        clauses += _moved_and_short(results.clv, speech)
    if line.name == "cycle_days":
        clauses += _bounds(results, speech)
    if line.capped:
        verdict = results.audit.verdict
        fitness = verdict.clv if line.name == "total_clv" else verdict.retention
        records = label(FITNESS, fitness, speech).lower()
        clauses.append(speech.text("no surer than the records: {records}", records=records))
    return [clause for clause in clauses if clause]


_MOVED = mark(
    {
        "too high": "lowered by {by:share 0}, as earlier forecasts were too high",
        "too low": "raised by {by:share 0}, as earlier forecasts were too low",
    }
)


def _moved_and_short(clv: Clv, speech: Speech) -> list[str]:
    """Return by how much earlier forecasts moved the value, and that it looks less far than wanted."""
    centre, clauses = clv.centre, []
    if centre is not None and centre.side != "even":
        clauses.append(speech.text(_MOVED[centre.side], centre))
    if clv.outlasts_test:
        said = speech.text("not {wanted_months:months}: nothing longer could be tested", clv)
        clauses.append(said)
    return clauses


_COUNTED = mark(
    {
        "returning_rate": "{value:share} of {returning_customers:count} "
        "customer{returning_customers:|s}",
        "retained_rate": "{value:share} of {start_customers:count} customer{start_customers:|s}",
        "quick_ratio": "{value:number}, from {gained:count} gained and {lost_customers:count} lost",
        "repeat_revenue_share": "{value:share} of all revenue recorded",
        "rows_kept": "{value:count} of {rows_in:count} row{rows_in:|s} used",
    }
)


def _counted(line: Line, results: Results, speech: Speech) -> str:
    retention, cycle = results.retention, results.cycle
    if line.name in _COUNTED:
        return speech.text(
            _COUNTED[line.name],
            retention,
            value=line.value,
            gained=(retention.new_customers or 0) + (retention.resurrected_customers or 0),
            rows_in=results.audit.rows_in,
        )
    if line.name != "cycle_days":
        return ""
    if not cycle.grows:
        return "" if line.range else speech.text("half of those who come back")
    return "" if cycle.cycle_upper is None else speech.text("at most {cycle_upper:days}", cycle)


def _interval(line: Line, results: Results, speech: Speech) -> str:
    kind = (_INTERVAL_KINDS | _KINDS).get(line.name)
    if kind is None or (line.name == "cycle_days" and results.cycle.grows and not line.range):
        return ""
    if not line.range:
        return speech.text("no interval")
    if len(line.range) == 1:
        return speech.text("95% interval {low} or more", low=speech.said(line.range[0], kind))
    return speech.text("95% interval {ends}", ends=speech.said(line.range, f"range {kind}"))


def _bounds(results: Results, speech: Speech) -> list[str]:
    cycle, bounds = results.cycle, []
    if cycle.grows and cycle.cycle_upper is None:
        bounds.append(
            speech.text("no upper bound: it still grows the longer customers are followed")
        )
    if cycle.starts_mid_life:
        bounds.append(speech.text("may be off by a quarter or more"))
    return bounds


# --- what it means for a decision ---------------------------------------------

_EXPECTED = mark(
    {
        "expected": "If nobody left, it would be {expected:share 0}.",
        "at_least": "If nobody left, it would be at least {at_least:share 0}.",
    }
)
_MEANINGS = mark(
    {
        # the rate beside what would be expected if nobody left
        "all_back": "All of them came back: there is nobody to win back yet.",
        "short": "About {gap:count} fewer came back, so keeping customers deserves a test.",
        "some_leave": "Probably some leave, so test keeping on a small scale.",
        "not_told_apart": "The two cannot be told apart: no case yet for spending more on keeping.",
        # the rate beside one half
        "too_few": "Too few to tell whether more stay than leave: hold off on large changes.",
        "more_stay": "More stay than leave; {away:count} of them {away:has|have} not come back "
        "yet.",
        "more_leave": "More leave than stay: keeping customers deserves a test before more is "
        "spent on winning new ones.",
        # customers gained for each one lost
        "nobody_bought": "Nobody bought in the later window: look first whether records are "
        "missing.",
        "nobody_gained": "Nobody new came and nobody came back: this says nothing about winning "
        "customers.",
        "nobody_new": "Nobody new came, only customers after a pause: this says nothing about "
        "winning customers.",
        "growth_unclear": "Whether the base grows or shrinks cannot be told: plan with neither.",
        "grows": "More come than leave: the base grows as long as new customers keep coming.",
        "shrinks": ("More leave than come: the base shrinks until more are kept, or more are won."),
        # revenue from repeat purchases
        "mostly_repeat": "Most revenue comes after the first purchase: losing buyers costs more "
        "than it shows.",
        "mostly_first": "Most revenue comes from first purchases: the second purchase is where "
        "there is room.",
        # the value to come
        "far_off": "A rough guide, not a budget: in the test the total was more than a quarter "
        "off.",
        "no_range": "A rough guide, not a budget: how far off it may be is not known.",
        "too_high_before": "Of {forecasts:count} earlier forecasts {too_high:count} were too "
        "high: plan with the lower end, and spend well below it on keeping them.",
        "lower_end": "Plan with the lower end, and spend well below it on keeping them.",
        # the cycle
        "wait": "Judge a customer, or a campaign, only after {window:length}.",
    }
)


def _meaning(at: int, line: Line, results: Results, speech: Speech) -> str:
    if line.name == "rows_kept":
        return trust.meaning(line, results, speech)
    said = _said(at, line, results, speech)
    # what came is no measure where it is counted in unfit records
    scored = line.name == "total_clv" and not _withheld(at, results)
    return follow(said, record(results.clv, speech) if scored else "")


def _said(at: int, line: Line, results: Results, speech: Speech) -> str:
    found = line.finding
    if found.code == "unknown":
        return why_not(results.recommendations, f"/lines/{at}/value", speech)
    if found.code == "no_window":
        return why_not(results.cycle, "/window", speech)
    if found.code == "seasons":
        return season_caveat(results.cycle, speech)
    expected = [speech.text(_EXPECTED[fact], found) for fact in _EXPECTED if hasattr(found, fact)]
    return follow(*expected, speech.text(_MEANINGS[found.code], found, window=results.cycle.window))


# --- since the earlier report -------------------------------------------------

_CHANGES = mark(
    {
        "not_comparable": "not comparable with {since:date}",
        "no_clear_change": "no clear change since {since:date}",
        "moved": "{moved} since {since:date}",
        "another_season": "{moved} since {since:date}, another season",
    }
)


def _change(line: Line, speech: Speech) -> str:
    """Return in a clause how a figure has moved; "" where nothing is to be compared."""
    if line.change.code not in _CHANGES:
        return ""
    by = getattr(line.change, "by", 0.0)
    moved = speech.signed(by, 2) if line.name == "quick_ratio" else speech.points(by)
    return speech.text(_CHANGES[line.change.code], line.change, moved=moved)
