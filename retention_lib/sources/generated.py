"""Made-up clients' exports, made by ``data/demo.py`` and its like where they are not there yet."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from filelock import FileLock

from retention_lib.client import Client, project_root, shown
from retention_lib.errors import ConfigError

_RECORD = ".made-by"


def files(client: Client, name: str, seed: int) -> tuple[Path, ...]:
    """Return the export's files in ``input/``, made anew if the generator or the seed changed.

    Raises
    ------
    ConfigError
        If the generator is missing or fails, or a file that it did not make stands in its way.
    """
    generator = project_root() / "data" / f"{name}.py"
    if not generator.is_file():
        raise ConfigError(
            f"{shown(client.file)}: `source: {{{name}: {seed}}}` needs the generator "
            f"{shown(generator)}, which is missing."
        )
    folder = client.folder / "input"
    stamp = hashlib.sha256(generator.read_bytes() + str(seed).encode()).hexdigest()
    made = imported(generator)
    targets = [folder / file for file in (*made.EXPORT, *made.BESIDE)]
    if not _stands(folder, targets, stamp):
        folder.mkdir(exist_ok=True)
        with FileLock(folder / ".lock"):  # notebooks and runs may ask for it at the same time
            if not _stands(folder, targets, stamp):
                _generate(made, generator, folder, targets, seed)
                _note(folder, targets, stamp)
    return tuple(folder / file for file in made.EXPORT)


def imported(generator: Path) -> ModuleType:
    """Import the generator from its file, which belongs to no package.

    Raises
    ------
    ConfigError
        If it cannot be imported.
    """
    spec = importlib.util.spec_from_file_location(f"retention_{generator.stem}", generator)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look their names up
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever the generator does is its own fault
        raise _failed(generator, error) from error
    return module


def _generate(
    made: ModuleType, generator: Path, folder: Path, targets: Sequence[Path], seed: int
) -> None:
    known = _recorded(folder).get("files", {})
    for file in targets:
        if file.exists() and known.get(file.name) != _hash(file):
            raise ConfigError(
                f"{shown(file)} would be replaced by what {shown(generator)} makes, but was not made by "
                "it or was changed since; move it away, or read it with "
                "`source: {file: …}`."
            )
    try:
        made.generate(folder, seed)
    except (Exception, SystemExit) as error:
        raise _failed(generator, error) from error


def _failed(generator: Path, error: BaseException) -> ConfigError:
    reason = " ".join(str(error).split())
    return ConfigError(f"{shown(generator)} failed with {type(error).__name__}: {reason}.")


def _note(folder: Path, targets: Sequence[Path], stamp: str) -> None:
    record = {"by": stamp, "files": {file.name: _hash(file) for file in targets}}
    (folder / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")


def _stands(folder: Path, targets: Sequence[Path], stamp: str) -> bool:
    """Whether everything is there, and was made by this generator from this seed."""
    return _recorded(folder).get("by") == stamp and all(file.is_file() for file in targets)


def _recorded(folder: Path) -> dict[str, Any]:
    try:
        record = json.loads((folder / _RECORD).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
