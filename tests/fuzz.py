"""Exports in any dress, until stopped; what is read wrongly is kept as a case of its own.

``make fuzz`` runs it. A case found is a folder in ``tests/found``: the export, the ``client.yaml``
that declares how it is written, and what must be kept of it; ``tests/test_dressed.py`` reads them all.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from retention_lib.sources import connect
from tests import dressed
from tests.test_dressed import exports, read_declared, read_inferred

FOUND: Final = Path(__file__).parent / "found"
_ROUND: Final = 500  # exports between two lines of progress


def main() -> None:
    """Try exports until somebody presses Ctrl-C."""
    with tempfile.TemporaryDirectory() as scratch:
        engine = connect(Path(scratch) / "spill")
        number = found = 0
        while True:
            number += 1
            found += not _round(number, Path(scratch), engine)
            print(f"{number * _ROUND:,} exports, {found} read wrongly", flush=True)


def _round(number: int, folder: Path, engine: object) -> bool:
    wrong: list[tuple[tuple[dressed.Sale, ...], dressed.Dress]] = []

    @seed(number)
    @settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(exports())
    def tried(export: tuple[tuple[dressed.Sale, ...], dressed.Dress]) -> None:
        try:
            right = dressed.expected(export[0])
            assert read_declared(folder, engine, export) == right
            assert read_inferred(folder, engine, export) == right
        except BaseException:
            wrong.append(export)
            raise

    try:
        tried()
    except Exception as error:  # noqa: BLE001 - any way to fail is what is looked for
        print(f"{keep(*wrong[-1])}: {type(error).__name__}: {str(error)[:300]}", flush=True)
    return not wrong


def keep(sales: tuple[dressed.Sale, ...], dress: dressed.Dress) -> Path:
    """Write an export, how it is declared and what must be kept of it; return the folder."""
    content = dressed.written(sales, dress)
    folder = FOUND / hashlib.sha256(content).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.csv").write_bytes(content)
    (folder / "client.yaml").write_text(dressed.declared(dress, "a.csv"), encoding="utf-8")
    rows = [
        [who, str(day), cents, times]
        for (who, day, cents), times in dressed.expected(sales).items()
    ]
    (folder / "kept.json").write_text(json.dumps(rows, indent=0), encoding="utf-8")
    return folder


def kept_in(folder: Path) -> Counter[tuple[str, date, int]]:
    """Return what must be kept of a case that was found."""
    rows = json.loads((folder / "kept.json").read_text(encoding="utf-8"))
    return Counter(
        {(who, date.fromisoformat(day), cents): times for who, day, cents, times in rows}
    )


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
