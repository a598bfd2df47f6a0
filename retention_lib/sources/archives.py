"""What is packed together: each file in a `.zip` or `.tar.gz` is a file of its own.

Names within an archive are words, never paths: no name leads out of the folder it is unpacked to.
"""

from __future__ import annotations

import re
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import IO, Final, NamedTuple

from retention_lib.client import shown
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources.files import in_order, may_hold_sales

__all__ = ["expanded", "is_archive", "unpacked"]

_TARS: Final = (".tar", ".tar.gz", ".tgz")
_MOST_FILES: Final = 10_000
_MOST_BYTES: Final = 1 << 36  # 64 GiB
_MOST_TIMES: Final = 200  # what exports shrink to a hundredth may be, but not to a thousandth
_SMALL: Final = 1 << 26  # below that, nothing is absurd
_CHUNK: Final = 1 << 20
_WORKBOOKS: Final = ("[Content_Types].xml", "mimetype")
_NO_DATA: Final = re.compile(
    r"(^|/)(__MACOSX/|(readme|licen[cs]e|thumbs\.db)[^/]*$)", re.IGNORECASE
)


class Member(NamedTuple):
    """One file in an archive: its name there, its size, and how its bytes are read."""

    name: str
    size: int
    read: Callable[[], IO[bytes] | None]


def is_archive(file: Path) -> bool:
    """Whether a file is an archive of files, and not a workbook, which is packed as a zip, too."""
    name = file.name.lower()
    if name.endswith((*_TARS, ".numbers")):
        return not name.endswith(".numbers")
    with file.open("rb") as stream:
        if stream.read(4) not in (b"PK\3\4", b"PK\5\6"):
            return False
    try:
        with zipfile.ZipFile(file) as packed:
            return not any(name in packed.namelist() for name in _WORKBOOKS)
    except (zipfile.BadZipFile, OSError, ValueError):
        return file.suffix.lower() == ".zip"


def unpacked(file: Path, folder: Path) -> list[tuple[Path, str]]:
    """Unpack an archive's files of data.

    Parameters
    ----------
    file
        A `.zip`, `.tar`, `.tar.gz` or `.tgz`.
    folder
        Where they go, under numbers and the last of their names.

    Returns
    -------
    list
        Each file, and its name in the archive, in the natural order of these names.

    Raises
    ------
    ConfigError
        If it has a password, is damaged, or would grow beyond all measure.
    DataError
        If no file of data is in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _members(file) as members:
        data = [it for it in members if _holds_data(it.name)]
        _refuse_bombs(file, data)
        found = []
        for number, member in enumerate(sorted(data, key=lambda it: in_order(Path(it.name)))):
            target = folder / _safe(member.name, number)
            _copy(file, member, target)
            found.append((target, member.name))
    if not found:
        raise DataError(f"{shown(file)} holds no file of data.")
    return found


def _holds_data(name: str) -> bool:
    """Whether a file is meant, and not what lies beside exports."""
    return may_hold_sales(Path(_last(name))) and not _NO_DATA.search(name)


def _last(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]


def _safe(name: str, number: int) -> str:
    """Return what a file is called when it is unpacked: its last name, of harmless signs."""
    last = re.sub(r"[^\w.() -]+", "_", _last(name)).strip(". ")
    return f"{number + 1}_{last[-100:]}"


def expanded(labelled: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """Return files by their labels, with the files of an archive in its place.

    Parameters
    ----------
    labelled
        The files by their labels.
    folder
        Where archives are unpacked; what is there is deleted.

    Raises
    ------
    ConfigError, DataError
        As :func:`unpacked`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    found: dict[str, Path] = {}
    for number, (label, file) in enumerate(labelled.items()):
        if is_archive(file):
            for path, name in unpacked(file, folder / str(number) / _safe(file.name, 0)):
                whole = f"{label}/{name}"  # an archive may hold a name twice
                names = chain([whole], (f"{whole} ({n})" for n in count(2)))
                found[next(it for it in names if it not in found)] = path
                if is_archive(path):
                    raise ConfigError(f"{shown(file)} holds an archive, {name!r}; unpack that one.")
        else:
            found[label] = file
    return found


@contextmanager
def _members(file: Path) -> Iterator[list[Member]]:
    try:
        if file.name.lower().endswith(_TARS):
            with tarfile.open(file) as packed:
                yield [
                    Member(it.name, it.size, lambda it=it: packed.extractfile(it))  # type: ignore[misc]
                    for it in packed
                    if it.isfile()
                ]
        else:
            with zipfile.ZipFile(file) as zipped:
                yield [_in_zip(file, zipped, it) for it in zipped.infolist() if not it.is_dir()]
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        said = f"{shown(file)} cannot be unpacked: {error}. Pack it or download it again."
        raise ConfigError(said) from None
    except NotImplementedError:
        raise ConfigError(
            f"{shown(file)} is packed in a way that cannot be read; unpack it and name its files."
        ) from None


def _in_zip(file: Path, packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    if info.flag_bits & 1:
        raise ConfigError(
            f"{shown(file)} has a password; unpack it, and name the files that were in it."
        )
    return Member(info.filename, info.file_size, lambda: packed.open(info))


def _refuse_bombs(file: Path, members: list[Member]) -> None:
    whole = sum(member.size for member in members)
    if len(members) > _MOST_FILES or _absurd(file, whole):
        raise ConfigError(
            f"{shown(file)} would unpack to {len(members)} files of {whole >> 20} MiB, which no "
            "export does; unpack it yourself if it is sound, and name the files."
        )


def _absurd(file: Path, size: int) -> bool:
    return size > _MOST_BYTES or size > max(_SMALL, file.stat().st_size * _MOST_TIMES)


def _copy(file: Path, member: Member, target: Path) -> None:
    """Copy a file out of an archive, no more of it than the archive says it holds."""
    stream = member.read()
    if stream is None:
        return
    with stream, target.open("wb") as out:
        left = member.size
        while chunk := stream.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise ConfigError(f"{shown(file)}: {member.name!r} is larger than it says.")
            out.write(chunk)
