"""Staging and publication: a run is complete, or it is not published.

A run is staged in a hidden folder beside the published runs, under a lock that only one
run of a client can hold, and renamed to its place when it is complete.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
from filelock import FileLock, Timeout

from retention_lib.errors import ConfigError, RetentionError
from retention_lib.results import runs, write_json

RUNS_KEPT: Final = 5

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_DISK: Final = _FULL | {errno.EROFS, errno.EIO}
_NO_SPACE: Final = "No space left on device"

_REPORT: Final = "report.html"
_STAGED, _REPLACED, _NEXT = ".staging-", ".replaced-", ".next-"


@contextmanager
def alone(home: Path, slug: str) -> Iterator[None]:
    """Hold the client's lock, which the system releases should this process die.

    Raises
    ------
    ConfigError
        If the folder cannot be written to.
    RetentionError
        If another run holds the lock, or the disk is full.
    """
    lock = FileLock(home / ".lock", timeout=0)
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise RetentionError(f"Another run of {slug} is at work; wait for it to end.") from None
    except OSError as error:
        raise _unusable(home, error) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def disk_failures_said(home: Path) -> Iterator[None]:
    """Say plainly that the run's folder could not be written to; other errors pass unchanged.

    Raises
    ------
    RetentionError
        If the disk is full or has become read-only.
    """
    try:
        yield
    except OSError as error:
        inside = error.filename is not None and Path(os.fsdecode(error.filename)).is_relative_to(
            home
        )
        if inside or error.errno in _DISK:
            raise RetentionError(_cannot_write(home, error.strerror or str(error))) from error
        raise
    except duckdb.IOException as error:
        if _NO_SPACE in str(error):
            raise RetentionError(_cannot_write(home, _NO_SPACE)) from error
        raise


def _unusable(home: Path, error: OSError) -> RetentionError:
    kind = RetentionError if error.errno in _FULL else ConfigError
    return kind(_cannot_write(home, error.strerror or str(error)))


def _cannot_write(home: Path, reason: str) -> str:
    room = "make room, or " if _NO_SPACE.lower() in reason.lower() else ""
    return f"cannot write to {home}: {reason.lower()}; {room}choose another folder with --out."


@contextmanager
def staged(home: Path) -> Iterator[Path]:
    """Make the folder a run is staged in; whatever happens, none is left behind."""
    stage = home / f"{_STAGED}{os.getpid()}"
    try:
        try:
            _tidy(home)
            for name in ("share", "private/results", "private/notebooks", "work"):
                (stage / name).mkdir(parents=True)
        except OSError as error:
            raise _unusable(home, error) from error
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _tidy(home: Path) -> None:
    """Remove what a run left that died, and put back a run it was about to replace."""
    for old in home.glob(f"{_REPLACED}*"):
        name = old.name.removeprefix(_REPLACED)
        if (home / name).exists():
            shutil.rmtree(old)
        else:
            old.rename(home / name)
    for stale in home.glob(f"{_STAGED}*"):
        shutil.rmtree(stale)
    for half in home.glob(f"{_NEXT}*"):
        half.unlink()


def standing_day(home: Path) -> date | None:
    """Return the day of the client's report; None where none stands, or no record tells its day."""
    if not (home / _REPORT).is_file():
        return None
    try:
        return date.fromisoformat(runs.latest(home)["as_of"])
    except (KeyError, TypeError, ValueError):
        return None


def publish(stage: Path, name: str, *, current: bool = True, enters: bool = False) -> Path:
    """Turn the stage into a published run; what can fail for want of space comes first.

    Parameters
    ----------
    stage : Path
        The folder of a complete run.
    name : str
        The run's own name: its day, and its input's hash.
    current : bool
        Whether its report becomes the client's; else that stays what it was.
    enters : bool
        Whether its forecast is to be entered in the ledger, if its report becomes the client's.

    Returns
    -------
    Path
        The run's folder.
    """
    home, folder = stage.parent, stage.parent / name
    if current:
        waiting = dict.fromkeys([*runs.to_enter(home), *([name] if enters else [])])
        latest = {
            "run": name,
            "report": f"{name}/share/{_REPORT}",
            "as_of": name[:10],
            runs.TO_ENTER: list(waiting),
        }
        shutil.copyfile(stage / "share" / _REPORT, home / f"{_NEXT}{_REPORT}")
        write_json(latest, home / f"{_NEXT}{runs.LATEST}")
    _swap_in(stage, folder)
    if current:
        for file in (_REPORT, runs.LATEST):
            (home / f"{_NEXT}{file}").replace(home / file)
    _forget_old_runs(home, folder)
    return folder


def _swap_in(stage: Path, folder: Path) -> None:
    """Rename the stage to its run; an older run of the same name steps aside until it is there."""
    old = folder.with_name(_REPLACED + folder.name)
    if folder.exists():
        folder.rename(old)
    try:
        stage.rename(folder)
    except BaseException:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _forget_old_runs(home: Path, newest: Path) -> None:
    """Keep the newest run, the client's report's, and the latest of the others."""
    found = [path for path in home.iterdir() if runs.NAME.fullmatch(path.name)]
    spared = {newest.name, runs.latest(home).get("run")}
    others = [path for path in found if path.name not in spared]
    others.sort(key=runs.published, reverse=True)
    for old in others[RUNS_KEPT - (len(found) - len(others)) :]:
        shutil.rmtree(old)
