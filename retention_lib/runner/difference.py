"""How a client's own copy of a notebook differs from its master."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from nbdime import diff_notebooks  # type: ignore[import-untyped]
from nbdime.prettyprint import PrettyPrintConfig, pretty_print_diff  # type: ignore[import-untyped]
from papermill.translators import translate_parameters

from retention_lib.client import Client, shown
from retention_lib.errors import ConfigError
from retention_lib.runner.execution import is_injected, masters_folder, numbered, own_folder, read
from retention_lib.runner.own_copies import named

# Control signs but for tab and newline, breaks of lines that are none here, and what turns the
# direction of writing.
_OBEYED: Final = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]"
)


def difference(client: Client, notebook: str, *, colour: bool = False) -> str:
    """Say how the client's own copy of a notebook differs from its master, in sources only.

    Parameters
    ----------
    client : Client
        Whose copy it is.
    notebook : str
        As for :func:`copy_master`.
    colour : bool
        Whether the lines are coloured for a terminal.

    Returns
    -------
    str
        nbdime's lines under both paths, or one sentence if nothing differs.

    Raises
    ------
    ConfigError
        If there is no such notebook, no own copy or no master of it, or one cannot be read.
    """
    master, own = _pair(client, notebook)
    before, after = _sources(master, client), _sources(own, client)
    lines = io.StringIO()
    config = PrettyPrintConfig(
        out=lines,
        include=SimpleNamespace(id=False, details=False),
        use_git=False,
        use_diff=False,
        use_color=colour,
    )
    pretty_print_diff(before, diff_notebooks(before, after), "", config)
    if not lines.getvalue():
        return f"{shown(own)} does not differ from {shown(master)}.\n"
    return f"--- {shown(master)}\n+++ {shown(own)}\n{lines.getvalue().rstrip()}\n"


def _pair(client: Client, notebook: str) -> tuple[Path, Path]:
    """Return a master and the client's own copy of it."""
    masters, own = numbered(masters_folder()), numbered(own_folder(client))
    name = named(notebook, masters | own)
    if name not in own:
        raise ConfigError(
            f"There is no own copy {shown(own_folder(client) / name)}: runs use the master. "
            f"`retention edit {client.slug} {name[:2]}` makes a copy to change."
        )
    if name not in masters:
        raise ConfigError(
            f"{shown(own[name])} is {client.slug}'s alone: there is no master "
            f"{shown(masters_folder() / name)} to compare it with."
        )
    return masters[name], own[name]


def _sources(path: Path, client: Client) -> dict[str, Any]:
    """Return a notebook of its cells' sources alone, without parameters as a run injects them.

    The ids are for nbdime to pair the cells by, never those of different kinds.
    """
    injected = translate_parameters("python3", "python", {"client": client.slug}).strip()
    cells = [
        {
            "id": f"{cell.cell_type}-{cell.get('id')}",
            "cell_type": cell.cell_type,
            "source": _escaped(cell.source),
            "metadata": {},
            "outputs": [],
        }
        for cell in read(path).cells
        if not (is_injected(cell) and cell.source.strip() == injected)
    ]
    return {"cells": cells}


def _escaped(source: str) -> str:
    """Return a source with signs that a terminal would obey written out, as in ``<U+001B>``."""
    return _OBEYED.sub(lambda sign: f"<U+{ord(sign[0]):04X}>", source)
