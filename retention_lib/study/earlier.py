"""Which earlier run today is held against, and what that run reported.

Its ``results.json`` is read as plain JSON: a run of an older version may lack figures, or have
them under other rules than today's models know.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, get_args

from retention_lib.results import ChangeName, Unit, runs

_OF_AUDIT: Final = ("customers", "occasions")


@dataclass(frozen=True)
class Earlier:
    """What a complete run of an earlier day reported.

    ``run`` is the name of its folder, ``window`` the length and unit it measured by (None if it
    had none), ``figures`` has every figure of :data:`retention_lib.results.ChangeName`, None
    where the run did not give it.
    """

    run: str
    as_of: date
    window: tuple[int, Unit] | None
    figures: dict[ChangeName, float | None]


def latest_before(folder: Path, as_of: date) -> Earlier | None:
    """Which complete run has the latest day before this one?

    Parameters
    ----------
    folder
        A run's own folder; the others of its client stand beside it.
    as_of
        The day that the run must lie before.

    Returns
    -------
    Earlier or None
        Of several runs of one day, the one published last. A run whose ``results.json`` or
        ``manifest.json`` is missing or cannot be read is passed over, and so is one with a varied
        analysis; None if no run is left.
    """
    others = folder.parent.glob("*") if folder.parent.is_dir() else iter(())
    days = ((_day(run), run) for run in others)
    dated = [(day, runs.published(run), run) for day, run in days if day and day < as_of]
    found = (_read(run, day) for day, _, run in sorted(dated, reverse=True))
    return next((earlier for earlier in found if earlier is not None), None)


def _day(run: Path) -> date | None:
    if not runs.NAME.fullmatch(run.name):
        return None
    try:
        return date.fromisoformat(run.name[:10])
    except ValueError:
        return None


def _read(run: Path, day: date) -> Earlier | None:
    results, manifest = (_object(run / "private" / f"{x}.json") for x in ("results", "manifest"))
    if not results or not manifest or results.get("varied"):
        return None
    if results.get("as_of") != day.isoformat():
        return None
    return Earlier(run.name, day, _window(results), _figures(results))


def _object(file: Path) -> dict[str, Any]:
    """Return a file's JSON object; nothing where it is missing, broken or something else."""
    try:
        return _part(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _part(plain: Any) -> dict[str, Any]:
    return plain if isinstance(plain, dict) else {}


def _window(results: dict[str, Any]) -> tuple[int, Unit] | None:
    window = _part(_part(results.get("cycle")).get("window"))
    length = window.get("length")
    unit = next((unit for unit in get_args(Unit) if unit == window.get("unit")), None)
    return (length, unit) if isinstance(length, int) and unit else None


def _figures(results: dict[str, Any]) -> dict[ChangeName, float | None]:
    audit, retention = _part(results.get("audit")), _part(results.get("retention"))
    names: tuple[ChangeName, ...] = get_args(ChangeName)
    return {name: _number((audit if name in _OF_AUDIT else retention).get(name)) for name in names}


def _number(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and math.isfinite(value) else None
