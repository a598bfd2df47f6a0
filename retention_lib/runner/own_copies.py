"""A client's own copies of notebooks, each of which takes its master's place in the client's runs.

They stand in ``data/clients/<client>/notebooks``. Masters are only read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from retention_lib.client import Client, shown
from retention_lib.errors import ConfigError
from retention_lib.runner import execution
from retention_lib.runner.drafts import drafts_folder
from retention_lib.runner.execution import masters_folder, numbered, own_folder, read
from retention_lib.runner.preparing import digest, prepared, stamp, write

_LITTLE: Final = re.compile(r"""(# Parameters\s+)?(client = (["'])[^"'\n]*\3)?""")


@dataclass(frozen=True)
class Adopted:
    """A client's own copy made of a draft, and where what it replaces was set aside, if it was."""

    copy: Path
    aside: Path | None


def copy_master(client: Client, notebook: str) -> Path:
    """Copy a master to the client's own notebooks, to be changed there.

    Parameters
    ----------
    client : Client
        Whose copy it will be: the copy's parameters name the client.
    notebook : str
        The notebook's number or name, as in ``"3"``, ``"03"`` or ``"03_retention_rate"``.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    ConfigError
        If there is no such notebook, it is not fit for a run's parameters, the client has a copy
        of it already, or the copy cannot be written.
    RetentionError
        If the disk is full.
    """
    masters, own = numbered(masters_folder()), numbered(own_folder(client))
    name = named(notebook, masters | own)
    if name in own:
        raise ConfigError(
            f"The client's own copy stands already: {shown(own[name])}; change that, delete it to "
            "begin again from the master, or give --draft to put the draft in its place."
        )
    execution.refuse_unfit_parameters(masters[name])
    copy = own_folder(client) / name
    write(prepared(masters[name], client), copy)
    return copy


def adopt_draft(client: Client, notebook: str) -> Adopted:
    """Make the analyst's draft the client's own copy of a notebook.

    What an older copy held is kept beside it, under a name that ends in ``~``, ``~2~``, … and that
    no run heeds.

    Parameters
    ----------
    client : Client
        Whose draft it is.
    notebook : str
        As for :func:`copy_master`.

    Returns
    -------
    Adopted
        The copy, and where what it replaces was set aside.

    Raises
    ------
    ConfigError
        If there is no such notebook, no draft of it, the draft does not differ from what runs
        use already, is not fit for a run's parameters or holds something among those, its number is another's, or the copy cannot be written.
    RetentionError
        If the disk is full.
    """
    drafts, runs = numbered(drafts_folder(client)), execution.heeded(client)
    name = named(notebook, runs | drafts)
    if name not in drafts:
        raise ConfigError(
            f"There is no draft {shown(drafts_folder(client) / name)}; `retention lab "
            f"{client.slug}` makes it: change and save it there, then give this command again."
        )
    execution.refuse_shared_numbers((runs | {name: drafts[name]}).values())
    execution.refuse_unfit_parameters(drafts[name])
    _refuse_loss(drafts[name])
    if name in runs:
        _refuse_unchanged(drafts[name], runs[name], client)
    copy = own_folder(client) / name
    return Adopted(copy, write(prepared(drafts[name], client), copy, aside=True))


def _refuse_loss(draft: Path) -> None:
    """Refuse a draft whose injected cell, which is to be replaced, holds what nobody injected."""
    for cell in filter(execution.is_injected, read(draft).cells):
        if not _LITTLE.fullmatch(cell.source.strip()):
            raise ConfigError(
                f"The cell tagged `{execution.INJECTED}` in {shown(draft)} holds more than the client, and "
                "every run replaces it; move what you have written to a cell of its own, display "
                "literals to the cell tagged `parameters`, and leave only `client = …` there."
            )
        return  # papermill replaces the first alone


def _refuse_unchanged(draft: Path, used: Path, client: Client) -> None:
    """Refuse a draft that changes nothing: its copy would only miss what the master learns.

    The master may have learnt something since the draft was prepared.
    """
    found = read(draft)
    if digest(prepared(draft, client)) == digest(prepared(used, client)):
        same = f"{shown(used)}, which runs use already"
    elif digest(found) == stamp(found):
        same = "what it was prepared with"
    else:
        return
    raise ConfigError(f"{shown(draft)} does not differ from {same}; change and save it first.")


def named(given: str, known: Iterable[str]) -> str:
    """Return the one file name that is meant by a notebook's number, stem or name.

    Raises
    ------
    ConfigError
        If it is meant by none, or several.
    """
    stem = given.removesuffix(".ipynb")
    exact = [name for name in known if name == f"{stem}.ipynb"]
    found = exact or [name for name in known if name[:2] == f"{stem:0>2}"]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"{given!r} may be {_listed(found)}; give the whole name.")
    raise ConfigError(f"There is no notebook {given!r}; there are {_listed(known)}.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(name.removesuffix(".ipynb") for name in names)) or "none"
