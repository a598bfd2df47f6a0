"""A notebook says the same alone, after the others, in a run, and from any working directory."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from retention_lib.client import project_root
from tests.notebooks.running import NOTEBOOKS, regulars, run, sales, text, write_client


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one client of a few hundred purchases."""
    root = tmp_path / "project"
    write_client(root, "shop", sales(regulars(40, 25, 400)))
    monkeypatch.setenv("RETENTION_ROOT", str(root))
    return root


def said(shown: list[Any], stage: str | None = None, keep: bool = True) -> dict[str, list[str]]:
    """Run all notebooks, and return what each said; without ``keep``, each in a draft of its own.

    What was published is left out: of that a draft says that it does not look.
    """
    texts = {}
    for path in NOTEBOOKS:
        if not keep:
            shutil.rmtree(project_root() / "drafts", ignore_errors=True)
        every = [text(output) for output in run(path, "shop", shown, stage)]
        texts[path.stem] = [one for one in every if "ublished" not in one]
    return texts


@pytest.mark.slow
@pytest.mark.parametrize("stage", [None, "stage"], ids=["in a draft", "in a run"])
def test_alone_and_in_sequence_from_elsewhere(
    stage: str | None,
    root: Path,
    tmp_path: Path,
    shown: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = said(shown, keep=False)
    assert all(len(texts) >= 5 for texts in alone.values())
    shutil.rmtree(root / "drafts")
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    assert said(shown, stage and str(tmp_path / stage)) == alone
    assert not list(elsewhere.iterdir())
    assert {file.name for file in root.iterdir()} <= {"data", "drafts"}
