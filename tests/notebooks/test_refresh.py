"""Refreshed notebooks: the same bytes every time, nothing volatile, all of them or none."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
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


@pytest.mark.slow
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
    figures = sum("show(" in cell.source for cell in notebook.cells)
    assert first.count(b'"image/png": "') == figures > 0
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


@pytest.mark.slow
def test_the_command_ends_with_a_sentence(folder: Path) -> None:
    command = [sys.executable, "-m", "retention_lib.runner.refresh"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Nothing was refreshed. There are no notebooks in notebooks.\n"
    write(folder / "01_first.ipynb", NUMBERS)
    module.main()
    assert "There are 3 customers." in (folder / "01_first.ipynb").read_text(encoding="utf-8")


def picture(folder: Path, name: str) -> Path:
    """Put a picture into the documentation, to be made anew."""
    path = folder.parent / "docs" / "pictures" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"old")
    return path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.parent.rglob("*") if file.is_file()}


SHOWS = "print('before')\ndisplay({'image/png': 'aGk='}, raw=True)\ndisplay(Markdown('after'))"


def test_a_picture_is_the_first_that_its_cell_shows(folder: Path) -> None:
    write(folder / "01_first.ipynb", SHOWS)
    path = picture(folder, "01-cell-1.png")
    refresh(folder)
    assert path.read_bytes() == b"hi"
    assert list(path.parent.iterdir()) == [path], "no other was made"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("02-title.png", "6 * 7"),
        ("02-cell-1.png", "6 * 7"),
        ("02-cell-1.png", "x = 1"),
        ("02-cell-1.png", "print('no picture')"),
        ("02-cell-1.png", "display({'image/png': 'x'}, raw=True)"),
    ],
)
def test_a_picture_that_no_cell_shows_is_named_before_anything_is_written(
    name: str, source: str, folder: Path
) -> None:
    write(folder / "01_first.ipynb", SHOWS)
    write(folder / "02_second.ipynb", source)
    for path in (picture(folder, "01-cell-1.png"), picture(folder, name)):
        assert path.exists()
    before = everything(folder)
    with pytest.raises(NotebookError, match=rf"^02_second failed .*docs/pictures/{name} is to"):
        refresh(folder)
    assert everything(folder) == before


def test_a_picture_that_is_a_folder_is_named_before_anything_is_written(folder: Path) -> None:
    write(folder / "01_first.ipynb", SHOWS)
    (folder.parent / "docs" / "pictures" / "01-cell-1.png").mkdir(parents=True)
    before = everything(folder)
    with pytest.raises(ConfigError, match=r"docs/pictures/01-cell-1\.png is no file"):
        refresh(folder)
    assert everything(folder) == before


@pytest.mark.parametrize("change", ["write_text('mine')", "unlink()"])
def test_an_edit_that_was_saved_meanwhile_is_not_overwritten(folder: Path, change: str) -> None:
    first = write(folder / "01_first.ipynb", NUMBERS)
    second = write(
        folder / "02_second.ipynb", f"import pathlib\npathlib.Path({str(first)!r}).{change}"
    )
    before = second.read_bytes()
    with pytest.raises(
        NotebookError, match=r"^notebooks/01_first\.ipynb was changed meanwhile; not"
    ):
        refresh(folder)
    assert second.read_bytes() == before
    assert not first.exists() or first.read_text() == "mine"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "said"),
    [(OSError(28, "No space left on device"), "no space left"), (KeyboardInterrupt(), "interr")],
)
def test_what_was_written_before_writing_failed_is_said(
    folder: Path, error: BaseException, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("01_first.ipynb", "02_second.ipynb", "03_third.ipynb"):
        write(folder / name, NUMBERS)
    before = (folder / "02_second.ipynb").read_bytes()
    real = Path.write_bytes

    def full(self: Path, content: bytes) -> int:
        if self.name.startswith("02"):
            raise error
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SystemExit) as caught:
        module.main()
    assert str(caught.value).startswith(f"Cannot write notebooks/02_second.ipynb: {said}")
    assert "; refreshed were notebooks/01_first.ipynb, the others were not." in str(caught.value)
    assert (folder / "02_second.ipynb").read_bytes() == before


NAP = (
    "import os, pathlib, time\npathlib.Path({told!r}).write_text(str(os.getpid()))\ntime.sleep(60)"
)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="POSIX ends processes by signals")
def test_ctrl_c_ends_with_a_sentence_and_the_kernel_with_it(folder: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    path = write(folder / "01_nap.ipynb", NAP.format(told=str(told)))
    before = path.read_bytes()
    command = [sys.executable, "-m", "retention_lib.runner.refresh"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for _ in range(600):
            if told.exists() and told.read_text():
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, "Interrupted; nothing was refreshed.\n")
    assert path.read_bytes() == before
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


@pytest.mark.slow
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


@pytest.mark.slow
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
