"""The committed notebooks' outputs, made anew: ``python -m retention_lib.runner.refresh``.

Each notebook of the project is executed with the parameters it holds, in a fresh kernel of this
Python, and written back with its outputs and nothing that differs from one run to the next. All
are executed before the first is written.
"""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from retention_lib.client import project_root, shown
from retention_lib.errors import ConfigError, NotebookError, RetentionError
from retention_lib.results import whole
from retention_lib.runner import execution
from retention_lib.runner.execution import ThisPython, failure, read, text

METADATA: Final = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_INTERRUPTED: Final = 130
_ADDRESS: Final = re.compile(r"<[^<>]+ at 0x[0-9a-f]+>", re.IGNORECASE)


class Unfinished(NotebookError):
    """Something came between; the message says what was refreshed and what was not."""


def main() -> None:
    """Refresh the project's notebooks; where that fails, end with a sentence and code 1, or 130."""
    try:
        refresh(project_root() / "notebooks")
    except KeyboardInterrupt:
        print("Interrupted; nothing was refreshed.", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    except Unfinished as error:
        sys.exit(str(error))
    except (RetentionError, OSError) as error:
        sys.exit(f"Nothing was refreshed. {error}")


def refresh(folder: Path) -> None:
    """Execute a folder's numbered notebooks and write them back with their outputs.

    The documentation's copies of their figures are written with them.

    Raises
    ------
    ConfigError
        If there are no notebooks, two share a number, one cannot be read, or the copy of a figure
        is no file.
    NotebookError
        If a cell fails, writes to stderr (as warnings do), shows an object by its address in
        memory, or lacks the figure that is copied; the message names notebook and cell. Also if a
        notebook was changed meanwhile. No file is changed.
    Unfinished
        If only some of the files could be written; the message names them.
    """
    paths = sorted(execution.numbered(folder).values())
    if not paths:
        raise ConfigError(f"There are no notebooks in {shown(folder)}.")
    execution.refuse_shared_numbers(paths)
    before: dict[Path, bytes] = {}
    after: dict[Path, bytes] = {}
    for path in paths:
        before[path] = path.read_bytes()
        notebook = _executed(path)
        try:
            after[path] = text(notebook)
        except ValueError as error:
            raise NotebookError(failure(path, notebook.cells, f"{error}")) from error
        after |= pictures(notebook, path, folder.parent / "docs" / "pictures")
    _refuse_changed(before)
    _write(after)


def _refuse_changed(before: Mapping[Path, bytes]) -> None:
    """Refuse to write over what somebody has saved since these files were read."""
    for path, content in before.items():
        if not path.is_file() or path.read_bytes() != content:
            raise Unfinished(
                f"{shown(path)} was changed meanwhile; nothing was refreshed. Run `make refresh` "
                "again."
            )


def _write(files: Mapping[Path, bytes]) -> None:
    """Write files, each whole; if one cannot be, say which were."""
    written: list[str] = []
    try:
        for path, content in files.items():
            with whole(path) as half:
                half.write_bytes(content)
            written.append(shown(path))
    except (OSError, KeyboardInterrupt) as error:
        reason = getattr(error, "strerror", None) or str(error) or "interrupted"
        raise Unfinished(
            f"Cannot write {shown(path)}: {reason.lower()}; refreshed were "
            f"{', '.join(written) or 'none'}, the others were not. Run `make refresh` again."
        ) from error


def pictures(notebook: nbformat.NotebookNode, path: Path, folder: Path) -> dict[Path, bytes]:
    """Return the documentation's copies of a notebook's figures, with what belongs in them.

    A copy is named after the notebook's number and the cell, as in ``02-return-curve.png``; only
    those that are there already are made anew.

    Raises
    ------
    ConfigError
        If a copy is there, but no file.
    NotebookError
        If its cell shows no picture; the message names notebook and cell.
    """
    made: dict[Path, bytes] = {}
    for at, cell in enumerate(notebook.cells):
        file = folder / f"{path.name[:2]}-{cell.id}.png"
        if not file.exists():
            continue
        if not file.is_file():
            raise ConfigError(f"{shown(file)} is no file, but a figure's copy belongs there.")
        try:
            made[file] = _picture(cell)
        except ValueError as error:
            reason = f"{error}, but {shown(file)} is to show it; delete that or mend the cell"
            raise NotebookError(failure(path, notebook.cells[: at + 1], reason)) from error
    return made


def _picture(cell: nbformat.NotebookNode) -> bytes:
    """Return the first picture among a cell's outputs."""
    bundles = (output.get("data", {}) for output in cell.get("outputs", ()))
    if found := next((data["image/png"] for data in bundles if "image/png" in data), None):
        return b64decode(found)
    raise ValueError(f"cell `{cell.id}` shows no picture")


def _executed(path: Path) -> nbformat.NotebookNode:
    """Return a notebook with the outputs of a run from top to bottom, its sources as they are."""
    notebook, begun = read(path), list[nbformat.NotebookNode]()
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        kernel_manager_class=ThisPython,
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        force_raise_errors=True,
        coalesce_streams=True,
        on_cell_start=lambda cell, cell_index: begun.append(cell),
    )
    try:
        with client.setup_kernel():  # .execute() would swallow Ctrl-C
            for at, cell in enumerate(notebook.cells):
                client.execute_cell(cell, at, execution_count=client.code_cells_executed + 1)
    except CellExecutionError as error:
        raise NotebookError(failure(path, begun, f"{error.ename}: {error.evalue}")) from error
    except (DeadKernelError, RuntimeError) as error:
        reason = f"its Python process died ({type(error).__name__})"
        raise NotebookError(failure(path, begun, reason)) from error
    _refuse_unfit(path, notebook.cells)
    return _settled(notebook)


def _refuse_unfit(path: Path, cells: Sequence[nbformat.NotebookNode]) -> None:
    """Fail at the first cell whose output is not for a reader, or differs from run to run."""
    for at, cell in enumerate(cells):
        for output in cell.get("outputs", ()):
            if reason := _unfit(output):
                raise NotebookError(failure(path, cells[: at + 1], reason))


def _unfit(output: nbformat.NotebookNode) -> str | None:
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}; all cells have to run"
    if output.get("name") == "stderr":
        return f"it wrote to stderr, as warnings do: {output.text}"
    if found := next(filter(None, map(_ADDRESS.search, _texts(output))), None):
        return f"its output holds {found[0]}, which differs from run to run"
    return None


def _texts(output: nbformat.NotebookNode) -> list[str]:
    """Return what an output holds but for its pictures."""
    data = output.get("data", {"text/plain": output.get("text")})
    return [text for kind, text in data.items() if not kind.startswith("image/png")]


def _settled(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leave nothing of the run but the outputs: of a cell's metadata only the tags stay."""
    notebook.metadata = nbformat.from_dict(METADATA)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})  # type: ignore[no-untyped-call]
    return notebook


if __name__ == "__main__":
    main()
