"""Where the project stands, and how messages write its paths."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["clients_folder", "project_root", "shown"]


def project_root() -> Path:
    """Return the project's root: ``RETENTION_ROOT`` if set, else this package's checkout."""
    given = os.environ.get("RETENTION_ROOT")
    return Path(given).resolve() if given else Path(__file__).resolve().parents[2]


def clients_folder() -> Path:
    """Return the folder that holds the clients."""
    return project_root() / "data" / "clients"


def shown(path: Path) -> str:
    """Return a path as messages write it: from the project's root where it lies inside."""
    root = project_root()
    inside = path.is_relative_to(root)
    return (path.relative_to(root) if inside else path).as_posix()
