"""Text in any encoding as the utf-8 that DuckDB reads, checked byte by byte."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from charset_normalizer import from_bytes

from retention_lib.client import shown
from retention_lib.errors import ConfigError, DataError

_CHUNK = 1 << 20
_READ_IN_PLACE = ("utf-8", "ascii")
# The mark of UTF-32 begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NO_TEXT = {
    b"PK": "is a workbook or a zip archive; save the workbook's sheet as text (CSV UTF-8), or "
    "unpack the archive, and name that file",
    b"\xd0\xcf\x11\xe0": "is a workbook; save its sheet as text (CSV UTF-8) and name that file",
    b"\x1f\x8b": "is packed with gzip; rename it so that it ends in .csv.gz, and name that file",
    b"PAR1": "is Parquet; rename it so that it ends in .parquet, and name that file",
}
# What exports are written in, where the bytes fit several of them alike: the likelier first.
_COMMON = ("utf_8", "cp1252", "cp1250", "cp1251", "iso8859_2", "cp1253", "cp1254", "cp1257")
_WIDE = ("utf_16_le", "utf_16_be")
_SAMPLE = 1 << 16
_MOST_NAMED = 4


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
        If the file is a workbook, an archive or Parquet, or no text in this encoding.
    DataError
        If the file is empty.
    """
    codec = codecs.lookup(encoding).name.removesuffix("-sig")
    in_place = codec in _READ_IN_PLACE and not _unpacked(file)
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


def _decoded(file: Path, encoding: str) -> Iterator[str]:
    """Yield a file's text piece by piece, without the mark that an encoding may begin with."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position, start = 0, True
    for chunk in _chunks(file):
        if start:
            _check_mark(file, chunk, encoding)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            place = ""
            if isinstance(error, UnicodeDecodeError):
                pending = len(error.object) - len(chunk)
                place = f": byte {position - pending + error.start + 1} does not fit"
            raise ConfigError(_not_text(file, encoding, place, chunk)) from None
        position += len(chunk)
        text = text.removeprefix("\ufeff") if start else text
        start = start and not text
        if "\0" in text:
            raise ConfigError(_binary(file, encoding, chunk))
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
    """Refuse a file whose first bytes say that it is no text, or in another encoding."""
    if kind := next((what for mark, what in _NO_TEXT.items() if _begins(chunk, mark)), None):
        raise ConfigError(f"{shown(file)} {kind} in client.yaml.")
    found = next((name for mark, name in _MARKS.items() if chunk.startswith(mark)), None)
    codec = codecs.lookup(encoding).name
    if found and not codec.startswith(found):
        raise ConfigError(
            f"{shown(file)} begins with the mark of {found}, but is declared as {encoding}; "
            f"write {_line(found)}."
        )


def _begins(chunk: bytes, mark: bytes) -> bool:
    """Whether a file is of a kind; two letters alone may begin a text, too."""
    return chunk.startswith(mark) and (mark != b"PK" or chunk[2:4] in (b"\3\4", b"\5\6"))


def _not_text(file: Path, encoding: str, place: str, chunk: bytes) -> str:
    """Say which encodings fit, and how each reads a word on which they differ."""
    said = f"{shown(file)} is not text in {encoding}{place}. Write its real encoding, likely"
    if b"\0" in chunk and (wide := _likely(chunk[:_SAMPLE], _WIDE, encoding)):
        return f"{said} {_line(wide[0])}."
    telling = _telling(chunk)
    words = [
        word for word in re.findall(rb"[A-Za-z\x80-\xff]{1,40}", telling) if not word.isascii()
    ]
    if not words:
        return f"{said} {_line('utf-8')}."
    names = _likely(telling, _COMMON, encoding)
    if not names:
        return f"{said} {_line('cp1250')}."
    # a word that tells them apart, or two where one does not
    example = max(words, key=lambda it: _readings(it, names))
    both = max((example + b" " + word for word in words), key=lambda it: _readings(it, names))
    example = both if _readings(both, names) > _readings(example, names) else example
    read = (f"{_line(name)}, which reads “{example.decode(name, 'replace')}”" for name in names)
    return f"{said} {'; or '.join(read)}."


def _binary(file: Path, encoding: str, chunk: bytes) -> str:
    said = f"{shown(file)} holds a NUL character, so it is not text in {encoding}"
    if wide := _likely(chunk[:_SAMPLE], _WIDE, encoding):
        return f"{said}. A program saved it as Unicode text: write {_line(wide[0])}."
    return f"{said}. It is no text file, or is damaged; export it again as CSV."


def _line(encoding: str) -> str:
    return f"`format: {{encoding: {encoding}}}`"


def _readings(word: bytes, names: Sequence[str]) -> int:
    return len({word.decode(name, "replace") for name in names})


def _telling(chunk: bytes) -> bytes:
    """Return the lines that hold more than ASCII; the outer ones of a long text may be cut off."""
    lines = chunk.split(b"\n")
    whole = lines[1:-1] if len(chunk) >= _CHUNK else lines
    return b"\n".join(line for line in whole if not line.isascii())[:_SAMPLE]


def _likely(sample: bytes, known: Sequence[str], refused: str) -> list[str]:
    """Return the encodings that a text may be in, the likeliest first; one of those that read alike."""
    found = from_bytes(sample, cp_isolation=[*known], enable_fallback=False)
    names = {
        next(name for name in known if name in match.could_be_from_charset): match
        for match in found
    }
    order = sorted(
        names,
        key=lambda it: (round(names[it].chaos, 1), -round(names[it].coherence, 1), known.index(it)),
    )
    other = (name for name in order if codecs.lookup(name) != codecs.lookup(refused))
    return [name.replace("_", "-") for name in other][:_MOST_NAMED]
