"""Where an export lies, and where a client's files are to lie."""

from __future__ import annotations

import fnmatch
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from retention_lib.client.values import looks_like_url
from retention_lib.errors import ConfigError
from retention_lib.sources.databases import is_database
from retention_lib.sources.files import in_order, may_hold_sales

__all__ = ["Places", "expanded", "pattern", "placed", "staged"]


@dataclass(frozen=True)
class Places:
    """What ``--from`` names.

    Attributes
    ----------
    files : dict
        For each file the name it gets in the client's folder, ``input/orders.csv``; its own path
        where it stays where it is.
    left : list of str
        Files of a folder that hold no data.
    database : str or None
        A database's URL.
    named : frozenset of Path
        The files that were named themselves, not by a folder or a glob.
    """

    files: dict[Path, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    database: str | None = None
    named: frozenset[Path] = frozenset()


def expanded(given: Sequence[str], folder: Path, link: bool) -> Places:
    """Find the files that ``--from`` names.

    Parameters
    ----------
    given
        Files, folders, globs, or the URL of a database.
    folder
        The client's folder. What lies inside it already stays.
    link
        Whether all files stay where they are.

    Raises
    ------
    ConfigError
        If nothing is there, or a database stands beside other things.
    """
    urls = [one for one in given if looks_like_url(one) and "://" in one]
    if urls:
        if len(given) > 1:
            raise ConfigError("A database stands alone: give one --from with its URL.")
        return Places(database=urls[0])
    files: dict[Path, None] = {}
    left: list[str] = []
    named: set[Path] = set()
    for one in given:
        there, others = _there(one)
        files |= dict.fromkeys(path.absolute() for path in there)
        left += others
        named |= {path.absolute() for path in there if path == Path(one)}
    ordered = sorted(_once(files), key=in_order)
    if any(is_database(file) for file in ordered) and len(ordered) > 1:
        raise ConfigError(
            "A database stands alone: give one --from with its file, without other files."
        )
    return Places(_named(ordered, folder, link), left, None, frozenset(named))


def _there(given: str) -> tuple[list[Path], list[str]]:
    path = Path(given).expanduser()
    if path.is_file():
        return [path], []
    if path.is_dir():
        inside = [file for file in path.iterdir() if file.is_file()]
        found = [file for file in inside if may_hold_sales(file)]
        if not found:
            raise ConfigError(f"{given} is a folder without a file of data.")
        return found, [file.name for file in inside if file not in found]
    found = [Path(one) for one in glob.glob(str(path), recursive=True) if Path(one).is_file()]  # noqa: PTH207 - may be absolute
    if not found:
        raise ConfigError(
            f"There is no {given}: name a file, a folder, a glob or a database's URL."
        )
    return found, []


def _once(files: Mapping[Path, None]) -> list[Path]:
    """Return each file once, however often and by whatever way it is named."""
    seen = {path.resolve(): path for path in reversed(list(files))}
    return list(seen.values())


def _named(files: Sequence[Path], folder: Path, link: bool) -> dict[Path, str]:
    """Return the name of each file in the client's folder; a name that is taken gets a number."""
    found: dict[Path, str] = {}
    for file in files:
        if file.resolve().is_relative_to(folder.resolve()):
            found[file] = file.resolve().relative_to(folder.resolve()).as_posix()
            continue
        if link:
            found[file] = file.as_posix()
            continue
        stem, dot, rest = file.name.partition(".")
        number, name = 1, f"input/{file.name}"
        while name in found.values() or _stands(folder / name):
            number += 1
            name = f"input/{stem}-{number}{dot}{rest}"
        found[file] = name
    return found


def _stands(file: Path) -> bool:
    return os.path.lexists(file)


@contextmanager
def staged(places: Places) -> Iterator[Path]:
    """Give a folder in which the files lie as they will in the client's, by links to them."""
    with tempfile.TemporaryDirectory(prefix="retention-", ignore_cleanup_errors=True) as place:
        folder = Path(place).resolve() / "client"
        folder.mkdir()
        for file, name in places.files.items():
            if not Path(name).is_absolute():
                _link(file.resolve(), folder / name)
        yield folder


def _link(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.symlink_to(file)
    except OSError:  # Windows asks for a right to do so
        shutil.copyfile(file, target)


def pattern(names: Sequence[str]) -> str | list[str]:
    """Return what ``source.file`` says of files: a name, a glob that fits them alone, or a list."""
    if len(names) == 1:
        return names[0]
    start = os.path.commonprefix(list(names))
    end = os.path.commonprefix([name[::-1] for name in names])[::-1]
    start = start.rstrip("0123456789-_. ")
    end = Path(end).suffix or end
    found = f"{glob.escape(start)}*{glob.escape(end)}"
    whole = not start.endswith("/") and all(fnmatch.fnmatchcase(name, found) for name in names)
    return found if whole and start and len({Path(it).parent for it in names}) == 1 else list(names)


@contextmanager
def placed(places: Places, keep: Sequence[str], folder: Path) -> Iterator[None]:
    """Copy files into a client's folder; take them away again if what comes after fails.

    ``keep`` names those that are read.
    """
    made = [it for it in (folder, folder / "input") if not it.exists()]
    copied: list[Path] = []
    try:
        for file, name in places.files.items():
            target = folder / name
            if name not in keep or Path(name).is_absolute() or target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            copied.append(target)
            shutil.copyfile(file, target)
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for target in copied:
            target.unlink(missing_ok=True)
        for it in reversed(made):
            if it.is_dir() and not any(it.iterdir()):
                it.rmdir()
        raise
