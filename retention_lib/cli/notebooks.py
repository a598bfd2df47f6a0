"""The commands that open, copy and compare a client's notebooks: lab, edit and diff."""

from __future__ import annotations

import hashlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import typer

from retention_lib.cli.common import Debug, from_here
from retention_lib.cli.failures import Terminated, attempt, handled
from retention_lib.client import load_client, shown
from retention_lib.errors import RetentionError

PATIENCE: Final = 15  # seconds JupyterLab gets to end its kernels

Client = Annotated[str, typer.Argument(metavar="CLIENT", help="Folder in data/clients.")]
Notebook = Annotated[str, typer.Argument(metavar="NOTEBOOK", help="Its number or name, as in 03.")]


def lab(
    client: Client,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only print the address.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, metavar="N", help="Else the first free of 8888…"),
    ] = None,
    debug: Debug = False,
) -> None:
    """Open JupyterLab on drafts of a client's notebooks, until Ctrl-C.

    Drafts are for trying things: no report is made of them. A draft that you change and save
    stays as it is; `retention edit CLIENT 03 --draft` lets the client's reports use it.
    """
    raise typer.Exit(attempt(client, partial(_lab, client, not no_browser, port), debug))


def edit(
    client: Client,
    notebook: Notebook,
    draft: Annotated[
        bool, typer.Option("--draft", help="Copy the client's draft instead of the master.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Copy a notebook for one client, to be changed for this client's reports only.

    The copy stands in data/clients/CLIENT/notebooks and takes the master's place in every run
    of the client, until you delete it.
    """
    raise typer.Exit(attempt(client, partial(_edit, client, notebook, draft), debug))


def diff(client: Client, notebook: Notebook, debug: Debug = False) -> None:
    """Show how a client's own copy of a notebook differs from the master."""
    raise typer.Exit(attempt(client, partial(_diff, client, notebook), debug))


# --- lab ------------------------------------------------------------------------------


def _lab(slug: str, browser: bool, port: int | None) -> int:
    from retention_lib.runner.drafts import prepare_drafts  # takes a second; --help should not

    drafts = prepare_drafts(load_client(slug))
    for draft in drafts:
        if draft.kept:
            state = "has been changed" if draft.readable else "cannot be read as a notebook"
            typer.echo(
                f"{slug}: {shown(draft.path)} {state} and is kept as it is; delete it to start "
                "afresh.",
                err=True,
            )
    first = drafts[0].path
    typer.echo(f"{slug}: JupyterLab opens on {shown(first.parent)}; Ctrl-C ends it.", err=True)
    _serve(_command(slug, first, browser, port))
    return 0


def _command(slug: str, first: Path, browser: bool, port: int | None) -> list[str]:
    """Return the command line of a JupyterLab that only this computer reaches.

    Each client has a workspace: else JupyterLab opens the tabs of the one looked at before.
    """
    return [
        *(sys.executable, "-m", "jupyterlab", "--log-level=WARN", "--LabApp.log_level=WARN"),
        f"--ServerApp.root_dir={first.parent}",
        f"--LabApp.default_url=/lab/workspaces/{_workspace(slug, first)}/tree/{quote(first.name)}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.allow_root=True",  # containers have no other user
        *([] if browser else ["--no-browser"]),
        *([f"--port={port}"] if port else []),
    ]


def _workspace(slug: str, draft: Path) -> str:
    """Name what JupyterLab remembers open: of this client in this checkout, and of no other."""
    return f"{slug}-{hashlib.sha256(str(draft.parent).encode()).hexdigest()[:8]}"


def _serve(command: Sequence[str]) -> None:
    """Run JupyterLab until it ends, or Ctrl-C, SIGTERM or a closed terminal ends it.

    It gets a session of its own, so that Ctrl-C reaches it as a plain request to stop, without
    JupyterLab's question whether it is meant, and no input to ask it on.
    """
    with _hangup_heeded():
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"},  # this environment's kernel
            start_new_session=True,
        )
        try:
            code = process.wait()
        except KeyboardInterrupt as interrupt:
            _end(process)
            if isinstance(interrupt, Terminated):
                raise
            return
    if code:
        raise RetentionError(f"JupyterLab ended with code {code}; what it said stands above.")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let JupyterLab end its kernels and itself; a second Ctrl-C ends it at once."""
    try:
        if os.name != "nt":  # where Ctrl-C has reached it already, and terminating is killing
            process.terminate()
        process.wait(PATIENCE)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        process.kill()
        process.wait()


def _hangup_heeded() -> AbstractContextManager[None]:
    """Let a terminal that is closed end the task as Ctrl-C does, unless it is under nohup."""
    number = getattr(signal, "SIGHUP", None)
    if number is None or signal.getsignal(number) != signal.SIG_DFL:
        return nullcontext()
    return handled(number, signal.default_int_handler)


# --- edit and diff --------------------------------------------------------------------


def _edit(slug: str, notebook: str, draft: bool) -> int:
    from retention_lib.runner.own_copies import adopt_draft, copy_master  # as in _lab

    client = load_client(slug)
    if draft:
        adopted = adopt_draft(client, notebook)
        copy = adopted.copy
        if adopted.aside:
            typer.echo(
                f"{slug}: what the copy held before was set aside as {from_here(adopted.aside)}, "
                "which no run heeds.",
                err=True,
            )
    else:
        copy = copy_master(client, notebook)
    path = from_here(copy)
    typer.echo(
        f"{slug}: `jupyter lab {shlex.quote(path)}` opens the copy, `retention diff {slug} "
        f"{copy.name[:2]}` shows what differs from the master, and `retention run {slug}` makes "
        "the report with it.",
        err=True,
    )
    typer.echo(path)
    return 0


def _diff(slug: str, notebook: str) -> int:
    from retention_lib.runner.difference import difference  # as in _lab

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    typer.echo(difference(load_client(slug), notebook, colour=colour), nl=False)
    return 0
