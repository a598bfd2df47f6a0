"""A client's published runs, as they stand in the client's folder of reports."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

LATEST: Final = "latest.json"
TO_ENTER: Final = "forecasts_to_enter"
NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}")  # the run's day, its input's hash


def latest(home: Path) -> dict[str, Any]:
    """Return what is on record of the client's report; nothing where it cannot be read."""
    try:
        plain = json.loads((home / LATEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return plain if isinstance(plain, dict) else {}


def to_enter(home: Path) -> list[str]:
    """Return the runs whose forecasts are still to be entered in the ledger, the first first."""
    names = latest(home).get(TO_ENTER)
    return [name for name in names if _is_run(name)] if isinstance(names, list) else []


def _is_run(name: Any) -> bool:
    return isinstance(name, str) and bool(NAME.fullmatch(name))


def published(run: Path) -> int:
    """Return when a run was published, in nanoseconds; 0 where nothing tells it."""
    try:
        return (run / "private" / "manifest.json").stat().st_mtime_ns
    except OSError:
        return 0
