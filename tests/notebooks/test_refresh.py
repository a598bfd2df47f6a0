"""Refreshed notebooks: the same bytes every time, nothing volatile, all of them or none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from retention_lib.errors import ConfigError, NotebookError
from retention_lib.runner import refresh as module
from retention_lib.runner.refresh import refresh
from tests.notebooks.running import FOLDER as MASTERS
from tests.notebooks.running import regulars, sales, write_client

IMPORTS = "from IPython.display import Markdown, display"
NUMBERS = 'print("Two lines")\ndisplay(Markdown("There are 3 customers."))'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebooks of a project of its own."""
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    (tmp_path / "notebooks").mkdir()
    return tmp_path / "notebooks"


def write(path: Path, *sources: str) -> Path:
    """Write a notebook as somebody may have left it, with what a refresh has to remove."""
    litter = {"execution": {"iopub.execute_input": "2024-01-01"}, "papermill": {"duration": 1.5}}
    old = [nbformat.v4.new_output("stream", name="stderr", text="an old warning")]  # type: ignore[no-untyped-call]
    cells = [new_markdown_cell("# Title", id="title", metadata={"collapsed": True})]  # type: ignore[no-untyped-call]
    for at, source in enumerate((IMPORTS, *sources)):
        marks = {"tags": ["outcome"]} | litter
        cells.append(
            new_code_cell(  # type: ignore[no-untyped-call]
                source, id=f"cell-{at}", metadata=marks, outputs=old, execution_count=70 - at
            )
        )
    about = {"papermill": {"version": "2"}, "language_info": {"name": "python", "version": "3.9"}}
    notebook = new_notebook(cells=cells, metadata=about)  # type: ignore[no-untyped-call]
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    return path


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def nbval(folder: Path) -> subprocess.CompletedProcess[str]:
    """Compare a folder's notebooks with what they show now, as ``make test`` does."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", folder]
    return subprocess.run(
        [*command, "--nbval", "--nbval-current-env", "-Werror", folder],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_outputs_are_stored_and_nothing_else_of_the_run(folder: Path) -> None:
    path = write(folder / "01_first.ipynb", NUMBERS, "6 * 7")
    before = read(path)
    refresh(folder)
    after = read(path)
    assert [(cell.id, cell.source) for cell in after.cells] == [
        (cell.id, cell.source) for cell in before.cells
    ]
    assert after.metadata == module.METADATA
    title, *codes = after.cells
    assert title.metadata == {}
    assert [cell.metadata for cell in codes] == [{"tags": ["outcome"]}] * 3
    assert [cell.execution_count for cell in codes] == [1, 2, 3]
    imports, said, product = (cell.outputs for cell in codes)
    assert imports == []
    assert [output.output_type for output in said] == ["stream", "display_data"]
    assert said[0].text == "Two lines\n"
    assert said[1].data["text/markdown"] == "There are 3 customers."
    assert [output.data for output in product] == [{"text/plain": "42"}]


def test_a_notebook_of_the_suite_is_the_same_to_the_byte_each_time(
    folder: Path, tmp_path: Path
) -> None:
    write_client(tmp_path, "shop", sales(regulars(40, 25, 400)))
    notebook = read(MASTERS / "02_cycle_detection.ipynb")
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    cell.source = 'client = "shop"\nas_of = None\nrun = None'
    path = folder / "02_cycle_detection.ipynb"
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    refresh(folder)
    first = path.read_bytes()
    assert first.count(b'"image/png": "') == 2
    refresh(folder)
    assert path.read_bytes() == first
    assert [file.name for file in folder.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("\n1 / 0", r"code cell 2 \(`1 / 0`\): ZeroDivisionError"),
        (
            "import warnings\nwarnings.warn('old')",
            r"code cell 2 \(`import warnings`\).*stderr.*old",
        ),
        ("import sys\nsys.exit()", r"code cell 2 .*SystemExit"),
        ("object()", r"code cell 2 \(`object\(\)`\).*<object at 0x\w+>"),
        ("print(display)", r"code cell 2 .*<function display at 0x\w+>"),
        ("import os\nos._exit(1)", r"code cell 2 .*process died"),
    ],
)
def test_what_is_not_for_a_reader_is_refused_and_nothing_is_written(
    folder: Path, source: str, said: str
) -> None:
    paths = [write(folder / "01_good.ipynb", NUMBERS), write(folder / "02_bad.ipynb", source)]
    before = [path.read_bytes() for path in paths]
    with pytest.raises(NotebookError, match=rf"^02_bad failed in {said}"):
        refresh(folder)
    assert [path.read_bytes() for path in paths] == before


def test_no_notebooks_are_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match="There are no notebooks in notebooks"):
        refresh(folder)


def test_the_command_ends_with_a_sentence(folder: Path) -> None:
    command = [sys.executable, "-m", "retention_lib.runner.refresh"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Nothing was refreshed. There are no notebooks in notebooks.\n"
    write(folder / "01_first.ipynb", NUMBERS)
    module.main()
    assert "There are 3 customers." in (folder / "01_first.ipynb").read_text(encoding="utf-8")


def test_nbval_agrees_with_what_was_refreshed_and_sees_a_changed_number(folder: Path) -> None:
    path = write(folder / "01_first.ipynb", NUMBERS)
    refresh(folder)
    agreed = nbval(folder)
    assert agreed.returncode == 0, agreed.stdout
    notebook = read(path)
    notebook.cells[2].outputs[1].data["text/markdown"] = "There are 4 customers."
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    seen = nbval(folder)
    assert seen.returncode == 1
    assert "mismatch 'text/markdown'" in seen.stdout


def test_a_changed_constant_of_the_demo_s_generator_is_seen(folder: Path, tmp_path: Path) -> None:
    """The committed outputs are those of this very generator: one guest in a thousand shows."""
    root, demo = MASTERS.parent, tmp_path / "data" / "demo.py"
    client = "data/clients/demo/client.yaml"
    (tmp_path / client).parent.mkdir(parents=True)
    shutil.copy(root / client, tmp_path / client)
    shutil.copy(MASTERS / "01_data_audit.ipynb", folder)
    source = (root / "data" / "demo.py").read_text(encoding="utf-8")
    changed = source.replace("GUESTS = 0.015", "GUESTS = 0.016")
    assert changed != source
    demo.write_text(changed, encoding="utf-8")
    seen = nbval(folder)
    assert seen.returncode == 1
    assert "mismatch 'text/html'" in seen.stdout and "mismatch 'text/markdown'" in seen.stdout
