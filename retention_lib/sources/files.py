"""Which files a client's YAML means."""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from retention_lib.client import Client, nearest, shown
from retention_lib.errors import ConfigError
from retention_lib.sources import generated
from retention_lib.sources.encoding import unpacked

# what lies beside exports in a folder
_NO_DATA = frozenset(
    [
        ".bak",
        ".bmp",
        ".db-journal",
        ".doc",
        ".docx",
        ".eml",
        ".gif",
        ".ini",
        ".ipynb",
        ".jpeg",
        ".jpg",
        ".lnk",
        ".lock",
        ".log",
        ".md",
        ".msg",
        ".part",
        ".pdf",
        ".png",
        ".ppt",
        ".pptx",
        ".py",
        ".r",
        ".rtf",
        ".sql",
        ".svg",
        ".tmp",
        ".url",
        ".webp",
        ".yaml",
        ".yml",
    ]
)


def locate(client: Client) -> tuple[Path, ...]:
    """Find the files of a source: those named, in a folder, or that a glob matches.

    They come in the natural order of their names, ``orders_2`` before ``orders_10``.

    Raises
    ------
    ConfigError
        If nothing is there, or the generator of a made-up client is missing.
    """
    if client.source.generated:
        return generated.files(client, *client.source.generated)
    if client.source.package is not None:
        return (_in_package(client, client.source.package),)
    named = (_in_folder(client, given) for given in client.source.file or ())
    beside = {client.folder / client.reasons} if client.reasons else set()
    files = dict.fromkeys(file for found in named for file in found)
    return tuple(sorted((file for file in files if file not in beside), key=in_order))


def in_order(file: Path) -> tuple[object, ...]:
    """Return what files are sorted by: their paths, numbers in them by what they are worth."""
    parts = re.split(r"(\d+)", file.as_posix())
    return tuple((int(part), part) if n % 2 else part.casefold() for n, part in enumerate(parts))


def label(client: Client, file: Path) -> str:
    """Return a file's name as ``source_file`` holds it: from the client's folder on."""
    inside = file.is_relative_to(client.folder)
    return file.relative_to(client.folder).as_posix() if inside else file.name


def _in_package(client: Client, given: str) -> Path:
    """Find a package's file without importing the package, which may fail or be slow."""
    package, _, rest = given.partition("/")
    spec = find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            f"{shown(client.file)}: there is no package {package!r} to read {given!r} from; "
            f"install it, e.g. `pip install {package}`."
        )
    root = Path(next(iter(spec.submodule_search_locations))).resolve()
    file = (root / rest).resolve()
    if not rest or not file.is_relative_to(root):
        raise ConfigError(f"{shown(client.file)}: {given!r} does not lie inside {package!r}.")
    if not file.is_file():
        raise ConfigError(
            f"{shown(client.file)}: the package {package!r} has no file {rest!r}."
            f"{_instead(file, prefix=file.parent.relative_to(root.parent))}"
        )
    return file


def _in_folder(client: Client, given: str) -> tuple[Path, ...]:
    file = client.folder / given
    if file.is_file():
        return (file,)
    if file.is_dir():
        return _of_folder(client, file)
    if not any(mark in given for mark in "*?["):
        raise ConfigError(
            f"{shown(file)}, named in {shown(client.file)}, is missing."
            f"{_instead(file, prefix=Path(given).parent)}"
        )
    found = tuple(path for path in _matching(client, given) if path.is_file())
    if not found:
        raise ConfigError(f"No file matches {shown(file)}, named in {shown(client.file)}.")
    return found


def _of_folder(client: Client, folder: Path) -> tuple[Path, ...]:
    there = [file for file in folder.iterdir() if file.is_file()]
    found = tuple(file for file in there if _may_hold_sales(file))
    if not found:
        others = ", ".join(sorted(file.name for file in there)[:3])
        raise ConfigError(
            f"{shown(folder)}, named in {shown(client.file)}, is a folder without a file of data"
            f"{f', but with {others}' if others else ''}; put the export there."
        )
    return found


def _may_hold_sales(file: Path) -> bool:
    """Whether a file of a folder is meant: not a hidden one, a program's lock, or a document."""
    name = file.name.casefold()
    return not name.startswith((".", "~$")) and file.suffix.casefold() not in _NO_DATA


def content(file: Path) -> str:
    """Return the SHA-256 (hex) of a file's content, unpacked where it ends in ``.gz``.

    Raises
    ------
    ConfigError
        If it cannot be read or unpacked.
    """
    digest = hashlib.sha256()
    for chunk in unpacked(file):
        digest.update(chunk)
    return digest.hexdigest()


def _matching(client: Client, given: str) -> Iterator[Path]:
    """Yield what matches a glob from the client's folder on, but no hidden or lock files."""
    found = glob.iglob(given, root_dir=client.folder, recursive=True)  # noqa: PTH207 - or absolute
    return (client.folder / name for name in found if not Path(name).name.startswith("~$"))


def _instead(missing: Path, prefix: Path) -> str:
    """Suggest the files most like a missing one, from the same folder."""
    if not missing.parent.is_dir():
        return f" Its folder {shown(missing.parent)} is missing too."
    there = sorted(path.name for path in missing.parent.iterdir() if path.is_file())
    like = nearest(missing.name, there, 3)
    return (
        f" Do you mean {' or '.join((prefix / name).as_posix() for name in like)}?" if like else ""
    )
