"""The forecast of the client's report, entered in the ledger of published forecasts.

Publication notes in ``latest.json`` which runs' forecasts are still to be entered, together with
the report itself. So a crash, or a disk that could not be written to, leaves it to the next run.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from retention_lib.client import shown
from retention_lib.models.units import Span
from retention_lib.results import Results, ledger, runs, write_json
from retention_lib.speech import Speech
from retention_lib.words.reasons import reason


def enter(home: Path) -> list[str]:
    """Enter the forecasts that are still to be entered; the caller holds the client's lock.

    Parameters
    ----------
    home : Path
        The client's folder of reports.

    Returns
    -------
    list of str
        A sentence for each forecast that could not be entered. The report stays published either
        way, and the next run tries again for as long as the run is kept.
    """
    said: list[str] = []
    for name in (waiting := runs.to_enter(home)):
        try:
            line = _line(home / name)
            if line is not None:
                ledger.append(home, line)
            waiting = [other for other in waiting if other != name]
            write_json(runs.latest(home) | {runs.TO_ENTER: waiting}, home / runs.LATEST)
        except OSError as error:
            said.append(_not_entered(home, name, (error.strerror or str(error)).lower()))
        except (ArithmeticError, KeyError, TypeError, ValueError):
            said.append(_not_entered(home, name, "the run's results cannot be read"))
    return said


def _not_entered(home: Path, name: str, because: str) -> str:
    return (
        f"The forecast of {name} could not be entered in {shown(home / ledger.FILE)}: {because}. The "
        "next run will try again; see that it is a file that can be written to."
    )


def unread(results: Results) -> list[str]:
    """Return a sentence for all that could not be read of the ledger."""
    notes = results.clv.ledger.notes
    return [reason(note, Speech()) for note in notes if note.code.startswith("ledger_")]


def _line(run: Path) -> dict[str, Any] | None:
    """Return what is entered of a run; None where it has no forecast, or one of a varied study."""
    results, manifest = (
        json.loads((run / "private" / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("results", "manifest")
    )
    clv, audit = results["clv"], results["audit"]
    varied = {step["section"] for step in results["varied"]}
    if clv["expected_purchases"] is None or "clv" in varied:
        return None
    days = int(Span.months(clv["horizon_months"]).in_days)
    day = date.fromisoformat(results["as_of"])
    known = {
        name: None if "audit" in varied else audit[name] for name in ("customers", "occasions")
    }
    return {
        "day": day.isoformat(),
        "days": days,
        "due": (day + timedelta(days=days)).isoformat(),
        "model": clv["model"],
        "purchases": clv["expected_purchases"],
        "purchases_ci95": clv["expected_purchases_ci95"],
        "revenue": clv["expected_revenue"],
        "revenue_ci95": clv["expected_revenue_ci95"],
        "currency": results["currency"],
        "centre_shift": (clv["centre"] or {}).get("shift"),
        **known,
        "later_rows": audit["set_aside"].get("after_as_of", 0),
        "version": manifest["versions"]["retention_lib"],
        "run": run.name,
    }
