"""What a run leaves on record: its results in one file, and where they came from."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from pydantic import ValidationError

from retention_lib.client import Client, Definitions, project_root
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
from retention_lib.study import Prepared

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


def refuse_unsaved(notebook: Path, stage: Path) -> None:
    """Check what a notebook has saved as soon as it has run; one's own notebook may save nothing.

    Raises
    ------
    NotebookError
        If it saved nothing, another notebook's section, or not what its section says.
    """
    for kind in SECTIONS:
        if notebook.name.startswith(kind.number):
            _section(kind, stage, notebook.stem)


def _section(kind: type[Section], stage: Path, notebook: str = "") -> Section:
    notebook = notebook or f"Notebook {kind.number}"
    file = stage / "private" / "results" / f"{kind.number}.json"
    if kind is Outcomes and not file.exists():
        return Outcomes()
    try:
        return kind.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        others = sorted(path.stem for path in file.parent.glob("[0-9][0-9].json"))
        there = f" under its number {kind.number} (there is {', '.join(others)})"
        instead = there if others else ""
        raise NotebookError(f"{notebook} saved no results{instead}; {_mend(kind)}.") from None
    except ValidationError as error:
        raise NotebookError(
            f"{notebook} saved no valid {kind.name}: {_what(error)}; {_mend(kind)}."
        ) from error


def _mend(kind: type[Section]) -> str:
    return f"end it with `study.save(…)` of what `study.{kind.name}()` returns"


def _what(error: ValidationError) -> str:
    """Say in a clause what is wrong first, and how much more is."""
    first, *others = error.errors(include_url=False)
    where = ".".join(str(part) for part in first["loc"])
    reasons = {
        "missing": f"`{where}` is missing",
        "extra_forbidden": f"`{where}` is unknown",
        "json_invalid": "the file is not JSON",
        "value_error": f"{where} {first.get('ctx', {}).get('error', '')}".strip(),
    }
    said = reasons.get(first["type"], f"`{where}` {first['msg'].removeprefix('Input ')}")
    return said + (f", and {len(others)} more" if others else "")


def manifest(
    client: Client,
    prepared: Prepared,
    definitions: Definitions | None,
    parameters: Mapping[str, str | None],
    notebooks: Sequence[Path],
    timings: Mapping[str, float],
) -> dict[str, Any]:
    """Return what the figures depend on: input, yardstick, versions, commit, parameters, timings.

    ``definitions`` are those that were pinned when the run began.
    """
    return {
        "client": client.slug,
        "as_of": prepared.as_of.isoformat(),
        "fingerprint": prepared.fingerprint,
        "files": [{"name": path.name, "sha256": _sha256(path)} for path in prepared.files],
        "definitions": definitions.model_dump(mode="json") if definitions else None,
        "parameters": {**parameters, "run": None},
        "own_notebooks": [it.name for it in notebooks if it.is_relative_to(client.folder)],
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
