"""The demo client's export, made by ``data/demo.py`` where it is not there yet."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from filelock import FileLock

from retention_lib.client import Client, project_root, shown
from retention_lib.errors import ConfigError

_STAMP = ".made-by"


def files(client: Client, seed: int) -> tuple[Path, ...]:
    """Return the export's files in ``input/``, made anew if the generator or the seed changed.

    Raises
    ------
    ConfigError
        If the generator is missing.
    """
    generator = project_root() / "data" / "demo.py"
    if not generator.is_file():
        raise ConfigError(
            f"{shown(client.file)}: `source: {{demo: {seed}}}` needs the generator "
            f"{shown(generator)}, which is missing."
        )
    demo, folder = imported(generator), client.folder / "input"
    stamp = hashlib.sha256(generator.read_bytes() + str(seed).encode()).hexdigest()
    folder.mkdir(exist_ok=True)
    with FileLock(folder / ".lock"):  # notebooks and runs may ask for it at the same time
        if not _stands(folder, demo, stamp):
            demo.generate(folder, seed)
            (folder / _STAMP).write_text(stamp, encoding="utf-8")
    return tuple(folder / name for name in demo.EXPORT)


def imported(generator: Path) -> ModuleType:
    """Import the generator from its file, which belongs to no package."""
    spec = importlib.util.spec_from_file_location("retention_demo", generator)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look their names up
    spec.loader.exec_module(module)
    return module


def _stands(folder: Path, demo: ModuleType, stamp: str) -> bool:
    """Whether everything is there, and was made by this generator from this seed."""
    made = folder / _STAMP
    there = all((folder / name).is_file() for name in (*demo.EXPORT, *demo.BESIDE))
    return there and made.is_file() and made.read_text(encoding="utf-8") == stamp
