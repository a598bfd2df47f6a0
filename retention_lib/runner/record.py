"""What a run leaves on record: its results in one file, and where they came from."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from pydantic import ValidationError

from retention_lib.client import Client, project_root
from retention_lib.errors import NotebookError, RetentionError
from retention_lib.results import (
    SCHEMA_VERSION,
    SECTIONS,
    Outcomes,
    Results,
    Section,
    schema,
    write_json,
)

LIBRARIES: Final = (
    "retention_lib",
    "duckdb",
    "ibis-framework",
    "lifetimes",
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "scipy",
    "statsmodels",
)


@dataclass(frozen=True)
class Prepared:
    """What opening the study settled before the first notebook."""

    as_of: date
    fingerprint: str
    files: tuple[Path, ...]


def merge(client: Client, as_of: date, stage: Path) -> Results:
    """Join the notebooks' results into ``private/results.json``.

    Raises
    ------
    NotebookError
        If a notebook saved nothing, or not what its section says.
    RetentionError
        If the whole breaks the JSON Schema.
    """
    sections: dict[str, Section] = {kind.name: _section(kind, stage) for kind in SECTIONS}
    results = Results(
        client=client.slug,
        as_of=as_of,
        currency=client.currency,
        schema_version=SCHEMA_VERSION,
        **sections,  # type: ignore[arg-type]
    )
    plain = results.to_json()
    if errors := list(Draft202012Validator(schema()).iter_errors(plain)):
        raise RetentionError(f"results.json breaks its schema at {errors[0].json_path}.")
    write_json(plain, stage / "private" / "results.json")
    return results


def _section(kind: type[Section], stage: Path) -> Section:
    file = stage / "private" / "results" / f"{kind.number}.json"
    if kind is Outcomes and not file.exists():
        return Outcomes()
    try:
        return kind.model_validate_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotebookError(
            f"Notebook {kind.number} saved no results; end it with `study.save(…)`."
        ) from None
    except ValidationError as error:
        raise NotebookError(
            f"What notebook {kind.number} saved is not a valid {kind.name}: "
            f"{' '.join(str(error).split())}"
        ) from error


def manifest(
    client: Client,
    prepared: Prepared,
    parameters: Mapping[str, str | None],
    notebooks: Sequence[Path],
    timings: Mapping[str, float],
) -> dict[str, Any]:
    """Return what the figures depend on: input, versions, commit, parameters and timings."""
    own = [path.name for path in notebooks if path.is_relative_to(client.folder)]
    return {
        "client": client.slug,
        "as_of": prepared.as_of.isoformat(),
        "fingerprint": prepared.fingerprint,
        "files": [{"name": path.name, "sha256": _sha256(path)} for path in prepared.files],
        "parameters": {**parameters, "run": None},
        "own_notebooks": own,
        "versions": {"python": platform.python_version()}
        | {library: version(library) for library in LIBRARIES},
        "git": git_state(project_root()),
        "notebook_seconds": dict(timings),
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_state(root: Path) -> dict[str, Any] | None:
    """Return the checkout's commit and whether it has changes; None outside of a checkout."""
    if not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return {"commit": commit, "dirty": bool(_git(root, "status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, check=True, timeout=30, text=True)
    return done.stdout.strip()
