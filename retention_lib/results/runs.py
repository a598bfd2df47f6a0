"""A client's published runs, as they stand in the client's folder of reports."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

LATEST: Final = "latest.json"
NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}")  # the run's day, its input's hash


def latest(home: Path) -> dict[str, Any]:
    """Return what is on record of the client's report; nothing where it cannot be read."""
    try:
        plain = json.loads((home / LATEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return plain if isinstance(plain, dict) else {}


def published(run: Path) -> int:
    """Return when a run was published, in nanoseconds; 0 where nothing tells it."""
    try:
        return (run / "private" / "manifest.json").stat().st_mtime_ns
    except OSError:
        return 0
