"""The audit of clean shops of every size finds nothing, from the export to the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from retention_lib.results import Audit
from retention_lib.study import Study
from tests import clean

SEEDS = range(40)
# what is no fault: lines that were sent back
PLANTED = {"returns_matched", "returns_unmatched"}


@pytest.mark.slow
def test_clean_shops_raise_hardly_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most four of 40 shops: were one in twenty to have an alarm, more come once in 20 tries.

    With one in fifty, which is what was measured, more come less than once in a thousand.
    """
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    alarms = {seed: found for seed in SEEDS if (found := list(alarmed(seed, tmp_path)))}
    assert len(alarms) <= 4, alarms


def alarmed(seed: int, root: Path) -> Iterator[str]:
    """Yield the names of checks and kinds of breaks that a clean shop has."""
    found = audited(seed, root)
    yield from (check.name for check in found.checks if check.name not in PLANTED)
    yield from (it.kind for it in found.breaks)


def audited(seed: int, root: Path) -> Audit:
    folder = root / "data" / "clients" / f"clean-{seed}"
    folder.mkdir(parents=True)
    (folder / "client.yaml").write_text(clean.YAML, encoding="utf-8")
    (folder / "sales.csv").write_text(clean.written(seed), encoding="utf-8")
    with closing(Study.open(folder.name)) as study:
        return study.audit()
