"""The committed notebooks' outputs, made anew: ``python -m retention_lib.runner.refresh``.

Each notebook of the project is executed with the parameters it holds, in a fresh kernel of this
Python, and written back with its outputs and nothing that differs from one run to the next. All
are executed before the first is written.
"""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from retention_lib.client import project_root, shown
from retention_lib.errors import ConfigError, NotebookError, RetentionError
from retention_lib.results import whole
from retention_lib.runner.execution import ThisPython, failure, numbered, read

METADATA: Final = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_ADDRESS: Final = re.compile(r"<[^<>]+ at 0x[0-9a-f]+>", re.IGNORECASE)


def main() -> None:
    """Refresh the project's notebooks; end with code 1 and a sentence where that fails."""
    try:
        refresh(project_root() / "notebooks")
    except (RetentionError, OSError) as error:
        sys.exit(f"Nothing was refreshed. {error}")


def refresh(folder: Path) -> None:
    """Execute a folder's numbered notebooks and write them back with their outputs.

    The documentation's copies of their figures are written with them.

    Raises
    ------
    ConfigError
        If there are no notebooks, or one cannot be read.
    NotebookError
        If a cell fails, writes to stderr (as warnings do), or shows an object by its address in
        memory; the message names notebook and cell, and no notebook is changed.
    """
    paths = sorted(numbered(folder).values())
    if not paths:
        raise ConfigError(f"There are no notebooks in {shown(folder)}.")
    notebooks = [_executed(path) for path in paths]
    for path, notebook in zip(paths, notebooks, strict=True):
        with whole(path) as half:
            half.write_text(_text(notebook), encoding="utf-8", newline="\n")
        for picture, content in pictures(notebook, path, folder.parent / "docs" / "pictures"):
            picture.write_bytes(content)


def pictures(
    notebook: nbformat.NotebookNode, path: Path, folder: Path
) -> Iterator[tuple[Path, bytes]]:
    """Yield the documentation's copies of a notebook's figures, with what belongs in them.

    A copy is named after the notebook's number and the cell, as in ``02-return-curve.png``; only
    those that are there already are made anew.
    """
    for cell in notebook.cells:
        file = folder / f"{path.name[:2]}-{cell.id}.png"
        if file.exists():
            shown = [output.data["image/png"] for output in cell.outputs]
            yield file, b64decode(shown[0])


def _text(notebook: nbformat.NotebookNode) -> str:
    return f"{nbformat.writes(notebook)}\n"  # type: ignore[no-untyped-call]


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
        client.execute()
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
    if found := next(_addresses(_texts(output)), None):
        return f"its output holds {found}, which differs from run to run"
    return None


def _addresses(texts: Iterable[str]) -> Iterator[str]:
    return (found[0] for text in texts for found in _ADDRESS.finditer(text))


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
