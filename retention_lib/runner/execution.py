"""Which notebooks a run has, and the execution of one in a fresh kernel of this Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, cast

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
_LOUD_EXIT: Final = "from sys import exit; quit = exit"  # IPython's own leave no trace


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
        If there are none, or one does not declare the parameters of a run.
    """
    masters = numbered(project_root() / "notebooks")
    if not masters:
        raise ConfigError(f"There are no notebooks in {shown(project_root() / 'notebooks')}.")
    own = numbered(client.folder / "notebooks")
    found = [(masters | own)[name] for name in sorted(masters | own)]
    for path in found:
        refuse_missing_parameters(path)
    return found


def numbered(folder: Path) -> dict[str, Path]:
    """Return a folder's numbered notebooks, which alone a run heeds, by their file names."""
    return {path.name: path for path in folder.glob("[0-9][0-9]_*.ipynb")}


def refuse_missing_parameters(path: Path) -> None:
    """Check that a notebook has a cell of parameters with all that a run sets.

    Raises
    ------
    ConfigError
        If it has not, or cannot be read.
    """
    declared = papermill.inspect_notebook(read(path))
    if missing := [name for name in PARAMETERS if name not in declared]:
        raise ConfigError(
            f"The notebook {shown(path)} does not declare {' and '.join(missing)}; add "
            f"`{missing[0]} = None` to its cell tagged `parameters`."
        )


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook; papermill gets no path, since it takes braces in one for a template.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise ConfigError(f"The notebook {shown(path)} cannot be read: {error}") from error
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    return cast("nbformat.NotebookNode", notebook)


def execute(notebook: Path, parameters: Mapping[str, str | None], stage: Path) -> None:
    """Execute a notebook into the stage's ``private/notebooks``.

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
    if cells := [cell for cell in begun if _is_own_code(cell)]:
        lines = [line for line in cells[-1].source.splitlines() if line.strip()]
        where += f" failed in code cell {len(cells)} (`{next(iter(lines), '')}`)"
    else:
        where += " failed before its first cell"
    return f"{where}: {' '.join(reason.split())}"


def _is_own_code(cell: nbformat.NotebookNode) -> bool:
    injected = "injected-parameters" in cell.metadata.get("tags", [])
    return bool(cell.cell_type == "code" and not injected)
