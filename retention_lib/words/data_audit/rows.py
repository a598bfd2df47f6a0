"""What became of the rows: set aside, used, merged into purchases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from retention_lib.results import Audit
from retention_lib.speech import Speech, mark
from retention_lib.words.cells import table
from retention_lib.words.checks import name
from retention_lib.words.data_audit.set_aside import MOST_ROWS
from retention_lib.words.reasons import follow

_MOST_REASONS: Final = 6  # that the figure names one by one
_LEFT: Final = mark(
    {
        "received": "Rows received",
        "kept": "Rows in use",
        "orders": "Orders",
        "orders_and_rows": "Orders, and rows of none",
        "purchases": "Purchases",
        "customers": "Customers",
    }
)
_STEPS: Final = mark(
    {
        "returns": "Returns and deductions",
        "same_order": "Further rows of an order",
        "undone": "Days given back in full",
        "near": "Days merged by choice",
        "again": "Purchases after the first",
    }
)
_SAME_DAY: Final = mark(
    {True: "Further orders on a day", False: "Further rows on a day"}  # are there orders
)
_MORE: Final = mark("{n:count} other reasons")
_LESS: Final = mark("less {name}")
_HEADERS: Final = mark(("What became of the rows", "Number"))


def steps(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return what is left of the rows after each step, and what falls away at it.

    Returns
    -------
    pandas.DataFrame
        - name
        - kind: ``"left"`` of what is left, ``"aside"`` or ``"merged"`` of what falls away
        - count
        - start: where its bar begins, 0 of what is left
    """
    lines = [line for line in _steps(result, speech) if line[2] or line[1] == "left"]
    drawn = pd.DataFrame(lines, columns=["name", "kind", "count"])
    gone = drawn["count"].where(drawn["kind"] != "left", 0).cumsum()
    start = (result.rows_in - gone).where(drawn["kind"] != "left", 0)
    return drawn.assign(start=start)


def rows(result: Audit, speech: Speech) -> pd.DataFrame:
    """Return the same steps, each reason by itself, as a table shows them."""
    every = _steps(result, speech, most=len(result.set_aside))
    lines = [
        (said if kind == "left" else speech.text(_LESS, name=said), speech.count(count))
        for said, kind, count in every
        if count or kind == "left"
    ]
    return table(lines, _HEADERS, speech)


def caption(result: Audit, speech: Speech) -> str:
    """Return the caption of the table of what became of the rows."""
    return speech.text("From the rows received to purchases and customers")


def _steps(
    result: Audit, speech: Speech, most: int = _MOST_REASONS
) -> Iterator[tuple[str, str, int]]:
    """Yield the steps in their order: name, kind, count; some may be of nothing."""
    falls = result.purchase_steps
    left = {code: speech.text(message) for code, message in _LEFT.items()}
    step = {code: speech.text(message) for code, message in _STEPS.items()}
    yield left["received"], "left", result.rows_in
    yield from ((said, "aside", count) for said, count in _reasons(result, speech, most))
    yield left["kept"], "left", result.rows_kept
    yield step["returns"], "merged", falls.returns
    yield step["same_order"], "merged", falls.same_order
    if result.orders is not None:
        found = result.rows_kept - falls.returns - falls.same_order
        code = "orders" if found == result.orders else "orders_and_rows"
        yield left[code], "left", found
    yield speech.text(_SAME_DAY[result.orders is not None]), "merged", falls.same_day
    yield step["undone"], "merged", falls.undone
    yield step["near"], "merged", falls.near
    yield left["purchases"], "left", result.occasions
    yield step["again"], "merged", result.occasions - result.customers
    yield left["customers"], "left", result.customers


def _reasons(result: Audit, speech: Speech, most: int) -> list[tuple[str, int]]:
    """Return the reasons to set rows aside, the commonest first, the rest as one."""
    ranked = [(name(reason, speech), rows) for reason, rows in result.set_aside.items()]
    if len(ranked) <= most:
        return ranked
    rest = ranked[most - 1 :]
    said = speech.text(_MORE, n=len(rest))
    return [*ranked[: most - 1], (said, sum(rows for _, rows in rest))]


def title(result: Audit, speech: Speech) -> str:
    """Return the title of the figure of what became of the rows."""
    return speech.text(
        "{rows_in:count} row{rows_in:|s} received, purchases in {rows_in:it|them}: "
        "{occasions:count}",
        result,
    )


def alt(result: Audit, speech: Speech) -> str:
    """Return the alternative text of the figure, which names each step with its number."""
    said = [
        speech.text("{name}: {n:count}" if kind == "left" else "less {name}: {n:count}", **facts)
        for kind, facts in (
            (row.kind, {"name": row.name, "n": row.count})
            for row in steps(result, speech).itertuples(index=False, name="Step")
        )
    ]
    return speech.text("Bars from top to bottom. {steps}.", steps=speech.series(said))


def meaning(result: Audit, speech: Speech) -> str:
    """Return how many rows were set aside, why most of them, and where each is listed."""
    return follow(_aside(result, speech), _merged(result, speech))


def _merged(result: Audit, speech: Speech) -> str:
    return speech.prose(
        "All that a customer buys on one day counts as one purchase; what was given back the same "
        "day counts as none. That leaves **{occasions:count}** purchase{occasions:|s}.",
        result,
    )


def _aside(result: Audit, speech: Speech) -> str:
    if not result.set_aside:
        return speech.prose(
            "The source holds **{rows_in:count}** row{rows_in:|s}. {rows_in:It|All} can be used; "
            "none was set aside.",
            result,
        )
    aside = result.rows_in - result.rows_kept
    return speech.prose(
        "**{aside:count}** row{aside:|s} of {rows_in:count} ({part:share}) {aside:was|were} set "
        "aside, most often because of “{reason}”. set\\_aside.xlsx shows each with its file, line "
        "and reason."
        if aside <= MOST_ROWS
        else "**{aside:count}** row{aside:|s} of {rows_in:count} ({part:share}) {aside:was|were} set "
        "aside, most often because of “{reason}”. set\\_aside.xlsx shows the first "
        "{shown:count} with file, line and reason; set\\_aside.parquet holds all.",
        result,
        aside=aside,
        part=aside / result.rows_in,
        shown=MOST_ROWS,
        reason=name(next(iter(result.set_aside)), speech),
    )
