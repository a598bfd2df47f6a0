"""Exports in any dress, until stopped; what is read wrongly is kept as a case of its own.

``make fuzz`` runs it. A case found is a folder in ``tests/found``: the export, ``client.yaml`` that
declares how it is written, ``mapped.yaml`` that does not, and what must be kept of it;
``tests/test_dressed.py`` reads them all.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests import dressed, truth
from tests.dressed import Export
from tests.test_dressed import FOUND, engine_in, exports, read_declared, read_undeclared

_ROUND: Final = 50  # exports between two lines of progress


def main() -> None:
    """Try exports until somebody presses Ctrl-C."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        engine = engine_in(Path(scratch))
        tried = found = 0
        while True:
            found += not _round(random.randrange(2**32), Path(scratch), engine)
            tried += _ROUND
            print(f"{tried:,} exports, {found} read wrongly", flush=True)


def _round(number: int, folder: Path, engine: Any) -> bool:
    """Try some exports; keep the smallest that is read wrongly, and say whether none was."""
    wrong: list[Export] = []

    @seed(number)
    @settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(exports())
    def attempt(export: Export) -> None:
        try:
            right = truth.expected(export.sales)
            assert read_declared(folder, engine, export) == right
            assert read_undeclared(folder, engine, export) == right
        except Exception:
            wrong.append(export)
            raise

    try:
        attempt()
    except KeyboardInterrupt:
        if wrong:
            print(f"\nkept {keep(wrong[-1])}", flush=True)
        raise
    except Exception as error:  # noqa: BLE001 - any way to fail is what is looked for
        print(f"kept {keep(wrong[-1])}: {type(error).__name__}: {str(error)[:300]}", flush=True)
    return not wrong


def keep(export: Export) -> Path:
    """Write an export, how it is declared and what must be kept of it; return the folder."""
    content = dressed.written(*export)
    folder = FOUND / hashlib.sha256(content).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").write_bytes(content)
    for name, said in (("client", truth.declared), ("mapped", truth.undeclared)):
        text = yaml.safe_dump(said(export, "a.csv"), allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    rows = [
        [who, str(day), cents, times]
        for (who, day, cents), times in truth.expected(export.sales).items()
    ]
    (folder / "kept.json").write_text(json.dumps(rows, indent=0), encoding="utf-8")
    return folder


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
