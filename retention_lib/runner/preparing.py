"""What drafts and own copies are made of: a notebook that looks at a client, written whole."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import shutil
from collections.abc import Iterator
from os.path import lexists
from pathlib import Path
from typing import Any, Final, cast

import papermill
from nbformat import NotebookNode
from nbformat.v4 import new_output

from retention_lib.client import Client, shown
from retention_lib.errors import ConfigError, RetentionError
from retention_lib.results import whole
from retention_lib.runner.execution import INJECTED, is_injected, masters_folder, read, text
from retention_lib.speech import Speech

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)

# What a notebook's editor notes in a cell when it is run, folded or only looked at.
_RUN: Final = frozenset(
    {"papermill", "execution", "ExecuteTime", "collapsed", "scrolled", "trusted"}
)
_LOOKED_AT: Final = _RUN | {"jupyter", "jp-MarkdownHeadingCollapsed", "vscode"}
_PRESET: Final = {"editable": True, "slideshow": {"slide_type": ""}, "tags": []}


def prepared(source: Path, client: Client, *, outputs: bool = False) -> NotebookNode:
    """Return a notebook that looks at this client, without traces of papermill.

    With outputs, the cell of parameters says whose these are, as an output: to run it is to see
    one's own.
    """
    master = read(source)
    declared = papermill.inspect_notebook(master)
    notebook = papermill.execute_notebook(
        master,
        None,
        parameters={"client": client.slug},
        prepare_only=True,
        kernel_name="python3",
        language="python",
        progress_bar=False,
    )
    for key in ("papermill", "retention", "widgets"):  # widgets' states are outputs
        notebook.metadata.pop(key, None)
    injected = next(cell for cell in notebook.cells if is_injected(cell))
    for at, cell in enumerate(notebook.cells):
        _strip(cell, outputs)
        if cell["id"] == INJECTED:  # as in one that was copied
            cell["id"] = f"{INJECTED}-{at}"
    injected["id"] = INJECTED  # papermill's is another one each time
    if any(cell.get("outputs") for cell in notebook.cells):
        injected.outputs = [_whose(declared["client"]["default"].strip("'\""), client)]
    return cast("NotebookNode", notebook)


def _whose(of: str, client: Client) -> NotebookNode:
    """Return an output that says of which client the others are, until the cell is run."""
    said = Speech(client.language, client.locale).prose(
        "The outputs below are of the client **{of}**, for whom this notebook was last run. Run "
        "all cells to see {name}.",
        of=of,
        name=client.name,
    )
    return cast("NotebookNode", new_output("display_data", {"text/markdown": said}))  # type: ignore[no-untyped-call]


def _strip(cell: NotebookNode, outputs: bool) -> None:
    """Take what running it adds out of a cell, its outputs too unless they are kept."""
    if cell.cell_type == "code" and not outputs:
        cell.outputs, cell.execution_count = [], None
    for key in _RUN:
        cell.metadata.pop(key, None)
    if not cell.metadata.get("tags"):
        cell.metadata.pop("tags", None)


def write(notebook: NotebookNode, target: Path, aside: bool = False) -> Path | None:
    """Write a notebook whole or not at all; if asked, set what it replaces aside, return where."""
    content = text(notebook)
    _refuse_master(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target) as half:
            half.write_bytes(content)
            return _set_aside(target, content) if aside and target.is_file() else None
    except OSError as error:
        raise _unwritable(target, error) from error


def _refuse_master(target: Path) -> None:
    """Refuse to write where a link leads to the masters."""
    masters = masters_folder().resolve()
    if target.resolve().is_relative_to(masters):
        link = target if target.is_symlink() else target.parent
        raise ConfigError(
            f"{shown(target)} is a master: a link leads from {shown(link)} to {shown(masters)}, "
            "and masters are not written to; take the link away."
        )


def _set_aside(target: Path, content: bytes) -> Path | None:
    """Keep what a file holds, if it is not this, over no other file; return where."""
    held = target.read_bytes()
    if held == content:
        return None
    aside = next(path for path in _asides(target) if _holds(path, held) or not lexists(path))
    if not lexists(aside):
        with whole(aside) as half:
            shutil.copy2(target, half)
    return aside


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _asides(target: Path) -> Iterator[Path]:
    """Yield the names that end in ``~``, ``~2~``, ``~3~``, …; no run heeds these."""
    for number in itertools.count(1):
        yield target.with_name(f"{target.name}~" if number == 1 else f"{target.name}~{number}~")


def _unwritable(target: Path, error: OSError) -> RetentionError:
    kind = RetentionError if error.errno in _FULL else ConfigError
    reason = (error.strerror or str(error)).lower()
    return kind(
        f"Cannot write {shown(target)}: {reason}; see that {shown(target.parent)} is a folder you "
        "may write to, and that its disk has room."
    )


# --- what an analyst has written ----------------------------------------------


def stamped(draft: NotebookNode) -> NotebookNode:
    """Note in a draft what it is prepared with, to know a change by."""
    draft.metadata["retention"] = {"prepared": digest(draft)}
    return draft


def stamp(draft: NotebookNode) -> str | None:
    """Return the digest of what a draft was prepared with; None where none is noted."""
    noted = draft.metadata.get("retention")
    return noted.get("prepared") if isinstance(noted, dict) else None


def digest(notebook: NotebookNode) -> str:
    """Return a digest of what an analyst writes: each cell's kind, source, attachments, metadata.

    Empty cells do not count, since running the last cell makes JupyterLab add one.
    """
    written = [
        (cell.cell_type, *parts)
        for cell in notebook.cells
        if any(parts := (cell.source.strip() and cell.source, _attached(cell), _marks(cell)))
    ]
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()


def _attached(cell: NotebookNode) -> dict[str, Any]:
    return cast("dict[str, Any]", cell.get("attachments", {}))


def _marks(cell: NotebookNode) -> dict[str, Any]:
    """Return a cell's metadata but for what is noted without the analyst's doing."""
    return {
        key: sorted(value) if key == "tags" else value
        for key, value in cell.metadata.items()
        if key not in _LOOKED_AT and value != _PRESET.get(key)
    }
