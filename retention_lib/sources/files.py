"""Which files a client's YAML means."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from retention_lib.client import Client, nearest, shown
from retention_lib.errors import ConfigError
from retention_lib.sources import generated


def locate(client: Client) -> tuple[Path, ...]:
    """Find the files of a source: one, or in order of their names all that a glob matches.

    Raises
    ------
    ConfigError
        If nothing is there, what is there is a folder, or the generator of a made-up client is
        missing.
    """
    if client.source.generated:
        return generated.files(client, *client.source.generated)
    if client.source.package is not None:
        return (_in_package(client, client.source.package),)
    named = (_in_folder(client, given) for given in client.source.file or ())
    return tuple(dict.fromkeys(file for found in named for file in found))


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
        raise ConfigError(
            f"{shown(file)} is a folder; write e.g. `source: {{file: {given.rstrip('/')}/*.csv}}`."
        )
    if not any(mark in given for mark in "*?["):
        raise ConfigError(
            f"{shown(file)}, named in {shown(client.file)}, is missing."
            f"{_instead(file, prefix=Path(given).parent)}"
        )
    found = tuple(sorted(path for path in _matching(client, given) if path.is_file()))
    if not found:
        raise ConfigError(f"No file matches {shown(file)}, named in {shown(client.file)}.")
    return found


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
