"""Text in any encoding as the utf-8 that DuckDB reads, checked byte by byte."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from retention_lib.client import shown
from retention_lib.errors import ConfigError, DataError

_CHUNK = 1 << 20
_READ_IN_PLACE = ("utf-8", "ascii")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def as_utf8(file: Path, encoding: str, copy: Path) -> tuple[Path, int]:
    """Check that a file is text in its encoding, and copy it as utf-8 where it is not yet.

    Parameters
    ----------
    file
        The file; one that ends in ``.gz`` is unpacked.
    encoding
        As the client's YAML declares it.
    copy
        Where the copy goes if one is needed.

    Returns
    -------
    tuple
        The file or its copy, and its number of lines.

    Raises
    ------
    ConfigError
        If the file holds bytes that are no text in this encoding.
    DataError
        If the file is empty.
    """
    codec = codecs.lookup(encoding).name.removesuffix("-sig")
    in_place = codec in _READ_IN_PLACE and not _unpacked(file) and not _looks_like_glob(file)
    lines, last = 0, ""
    with nullcontext() if in_place else copy.open("w", encoding="utf-8", newline="") as out:
        for text in _decoded(file, encoding):
            lines += text.count("\n")
            last = text[-1]
            if out is not None:
                out.write(text)
    if not last:
        raise DataError(f"{shown(file)} is empty: it holds no text at all.")
    return (file if in_place else copy), lines + (last != "\n")


def _unpacked(file: Path) -> bool:
    return file.suffix.lower() == ".gz"


def _looks_like_glob(file: Path) -> bool:
    """Whether DuckDB would take this very name for a pattern."""
    return any(mark in str(file) for mark in "*?[")


def _decoded(file: Path, encoding: str) -> Iterator[str]:
    """Yield a file's text piece by piece, without the mark that an encoding may begin with."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position, start = 0, True
    for chunk in _chunks(file):
        if start:
            _check_mark(file, chunk, encoding)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            pending = len(error.object) - len(chunk)
            raise ConfigError(_not_text(file, encoding, position - pending + error.start)) from None
        position += len(chunk)
        text = text.removeprefix("\ufeff") if start else text
        start = start and not text
        if "\0" in text:
            raise ConfigError(_binary(file, encoding))
        if text:
            yield text


def _chunks(file: Path) -> Iterator[bytes]:
    """Yield a file's bytes, unpacked, and an empty piece as the end."""
    try:
        with file.open("rb") as packed, gzip.open(packed) if _unpacked(file) else packed as opened:
            while chunk := opened.read(_CHUNK):
                yield chunk
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ConfigError(f"{shown(file)} cannot be unpacked: {error}.") from None
    except OSError as error:
        raise ConfigError(f"{shown(file)} cannot be read: {error.strerror}.") from None
    yield b""


def _check_mark(file: Path, chunk: bytes, encoding: str) -> None:
    """Refuse a file that names another encoding in its first bytes."""
    found = next((name for mark, name in _MARKS.items() if chunk.startswith(mark)), None)
    codec = codecs.lookup(encoding).name
    if found and not codec.startswith(found):
        raise ConfigError(
            f"{shown(file)} begins with the mark of {found}, but is declared as {encoding}; "
            f"write `format: {{encoding: {found}}}`."
        )


def _not_text(file: Path, encoding: str, position: int) -> str:
    utf8 = codecs.lookup(encoding).name.startswith("utf-8")
    other = "cp1252 (western) or cp1250 (central Europe)" if utf8 else "utf-8"
    remedy = "cp1252" if utf8 else "utf-8"
    return (
        f"{shown(file)} is not text in {encoding}: byte {position + 1} does not fit. Write its "
        f"real encoding, e.g. `format: {{encoding: {remedy}}}`; likely is {other}."
    )


def _binary(file: Path, encoding: str) -> str:
    return (
        f"{shown(file)} holds a NUL character, so it is not text in {encoding}. If a program "
        "saved it as Unicode text, write `format: {encoding: utf-16}`; else export it again as CSV."
    )
