"""Which notebooks a run has, and the execution of one in a fresh kernel of this Python."""

from __future__ import annotations

import json
import textwrap
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import nbformat
import papermill
from ipykernel.kernelspec import make_ipkernel_cmd
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from retention_lib.client import Client, project_root, shown
from retention_lib.errors import ConfigError, NotebookError

PARAMETERS: Final = ("client", "as_of", "run")
INJECTED: Final = "injected-parameters"  # papermill's tag
_KERNEL: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}
_LOUD_EXIT: Final = "from sys import exit; quit = exit"  # IPython's own leave no trace
_MALFORMED: Final = (  # what nbformat ends in, depending on what is wrong where
    *(ValueError, TypeError, KeyError, AttributeError, AssertionError, RecursionError),
    nbformat.ValidationError,
)


class ThisPython(AsyncKernelManager):
    """Starts the kernel of this interpreter, whatever kernels are registered on the machine."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return the specification of ipykernel under the running interpreter."""
        quiet = "--log-level=50"  # its warnings are not for the user
        argv = [*make_ipkernel_cmd(), quiet, f"--IPKernelApp.exec_lines={_LOUD_EXIT}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


def find_notebooks(client: Client) -> list[Path]:
    """Return the notebooks of a run in order; the client's own copy of one wins.

    Raises
    ------
    ConfigError
        If there are none, two share a number, or one is not fit for the parameters of a run.
    """
    if not numbered(masters_folder()):
        raise ConfigError(f"There are no notebooks in {shown(masters_folder())}.")
    found = [path for _, path in sorted(heeded(client).items())]
    refuse_shared_numbers(found)
    for path in found:
        refuse_unfit_parameters(path)
    return found


def masters_folder() -> Path:
    """Return the folder of the masters."""
    return project_root() / "notebooks"


def own_folder(client: Client) -> Path:
    """Return the folder of a client's own notebooks."""
    return client.folder / "notebooks"


def heeded(client: Client) -> dict[str, Path]:
    """Return the notebooks of a client's runs, fit or not: the client's own copy of one wins."""
    return numbered(masters_folder()) | numbered(own_folder(client))


def numbered(folder: Path) -> dict[str, Path]:
    """Return a folder's numbered notebooks, which alone a run heeds, by their file names."""
    return {path.name: path for path in folder.glob("[0-9][0-9]_*.ipynb")}


def refuse_shared_numbers(paths: Iterable[Path]) -> None:
    """Check that no two notebooks have one number, as JupyterLab's copies ``…-Copy1`` would.

    Raises
    ------
    ConfigError
        If two have; the message names both.
    """
    shared = defaultdict[str, list[Path]](list)
    for path in paths:
        shared[path.name[:2]].append(path)
    for number, same in shared.items():
        if len(same) > 1:
            raise ConfigError(
                f"The notebooks {' and '.join(shown(path) for path in same)} share the number "
                f"{number}, and a report has one chapter for each; delete one, or rename it to a "
                "free number, or to a name without one, which no run heeds."
            )


def refuse_unfit_parameters(path: Path) -> None:
    """Check that a notebook has a cell of parameters with all that a run sets, and sets after it.

    Raises
    ------
    ConfigError
        If it has not, or cannot be read.
    """
    notebook = read(path)
    declared = papermill.inspect_notebook(notebook)
    if missing := [name for name in PARAMETERS if name not in declared]:
        raise ConfigError(
            f"The notebook {shown(path)} does not declare {' and '.join(missing)}; add "
            f"`{missing[0]} = None` to its cell tagged `parameters`."
        )
    first = {tag: _first(notebook, tag) for tag in (INJECTED, "parameters")}
    if 0 <= first[INJECTED] <= first["parameters"]:
        raise ConfigError(
            f"The cell tagged `{INJECTED}` does not stand below the cell tagged `parameters` in "
            f"{shown(path)}, so a run's parameters would be lost; move it there, or delete it."
        )


def _first(notebook: nbformat.NotebookNode, tag: str) -> int:
    """Return where the first cell with a tag stands, or -1 if none has it."""
    tags = (cell.metadata.get("tags", []) for cell in notebook.cells)
    return next((at for at, held in enumerate(tags) if tag in held), -1)


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook, valid and without papermill's notes of an earlier run.

    Papermill gets no path, since it takes braces in one for a template.

    Raises
    ------
    ConfigError
        If it cannot be read, or is no valid notebook.
    """
    try:
        return _parsed(path.read_bytes())
    except OSError as error:
        reason, remedy = error.strerror or str(error), "see that it is a file you may read."
    except _MALFORMED as error:
        reason, remedy = _reason(error), "put an intact version in its place, or delete it."
    raise ConfigError(f"The notebook {shown(path)} cannot be read: {reason}; {remedy}")


def _reason(error: Exception) -> str:
    """Return in a line what nbformat found wrong and, where it tells, in which part."""
    where = ".".join(map(str, getattr(error, "relative_path", ())))
    what = str(getattr(error, "message", "") or error) or type(error).__name__
    said = f"{where}: {what}" if where else what
    return textwrap.shorten(said, 200, placeholder=" …").rstrip(".")


def _parsed(content: bytes) -> nbformat.NotebookNode:
    """Return the notebook that a file holds; what nbformat mends, as doubled ids, is mended."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbformat's, of what it mends
        notebook = nbformat.reads(_format_4(content), as_version=4)  # type: ignore[no-untyped-call]
        notebook = nbformat.v4.upgrade(notebook)  # type: ignore[no-untyped-call]
        notebook.metadata["kernelspec"] = dict(_KERNEL)
        nbformat.validate(notebook)
    for part in (notebook, *notebook.cells):
        part.metadata.pop("papermill", None)
    text(notebook)
    return cast("nbformat.NotebookNode", notebook)


def _format_4(content: bytes) -> str:
    """Return the text of a notebook, if it says that it is one of format 4."""
    decoded = content.decode("utf-8")
    plain: Any = json.loads(decoded)
    if not isinstance(plain, dict) or "nbformat" not in plain:
        raise ValueError("it is JSON, but no notebook")
    if plain["nbformat"] != 4:
        raise ValueError(
            f"it is of format {plain['nbformat']!r}, not 4, to which JupyterLab brings an older "
            "one that is opened and saved there"
        )
    return decoded


def text(notebook: nbformat.NotebookNode) -> bytes:
    """Return a valid notebook as its file holds it.

    Raises
    ------
    ValueError
        If it cannot be written, as half of a surrogate pair cannot.
    """
    written: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return f"{written}\n".encode()


def execute(notebook: Path, parameters: Mapping[str, str | None], stage: Path) -> Path:
    """Execute a notebook into the stage's ``private/notebooks``; return where it stands there.

    Raises
    ------
    NotebookError
        If a cell fails or exits, or the kernel dies; the message names notebook, cell and error.
    """
    begun: list[nbformat.NotebookNode] = []
    try:
        executed = papermill.execute_notebook(
            read(notebook),
            None,
            parameters=dict(parameters),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            cwd=stage / "work",
            kernel_manager_class=ThisPython,
            on_cell_start=lambda cell, cell_index: begun.append(cell),
        )
    except PapermillExecutionError as error:
        raise NotebookError(failure(notebook, begun, f"{error.ename}: {error.evalue}")) from error
    except (DeadKernelError, CellTimeoutError, RuntimeError) as error:
        reason = f"its Python process died ({type(error).__name__}), often for want of memory"
        raise NotebookError(failure(notebook, begun, reason)) from error
    _refuse_early_end(notebook, executed, begun)
    target = stage / "private" / "notebooks" / notebook.name
    nbformat.write(executed, target)  # type: ignore[no-untyped-call]
    return target


def _refuse_early_end(
    notebook: Path, executed: nbformat.NotebookNode, begun: Sequence[nbformat.NotebookNode]
) -> None:
    """Fail where a cell left the notebook, which papermill takes for a success."""
    codes = [cell for cell in executed.cells if cell.cell_type == "code"]
    outputs = (output for cell in codes for output in cell.outputs)
    if any(output.output_type == "error" for output in outputs):
        reason = "it left the notebook (SystemExit); take the exit out, all cells have to run"
        raise NotebookError(failure(notebook, begun, reason))


def failure(notebook: Path, begun: Sequence[nbformat.NotebookNode], reason: str) -> str:
    """Say where a notebook failed, counting code cells as its master shows them."""
    where = notebook.stem
    if cells := [cell for cell in begun if is_own_code(cell)]:
        lines = [line for line in cells[-1].source.splitlines() if line.strip()]
        where += f" failed in code cell {len(cells)} (`{next(iter(lines), '')}`)"
    else:
        where += " failed before its first cell"
    return f"{where}: {' '.join(reason.split())}"


def is_own_code(cell: nbformat.NotebookNode) -> bool:
    """Return whether a cell is code that somebody wrote."""
    return bool(cell.cell_type == "code" and not is_injected(cell))


def is_injected(cell: nbformat.NotebookNode) -> bool:
    """Return whether a cell is one that papermill writes a run's parameters to."""
    return INJECTED in cell.metadata.get("tags", [])
