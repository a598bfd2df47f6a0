"""Text in any encoding as the utf-8 that DuckDB reads, checked byte by byte."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes

from retention_lib.client import shown
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources.sniffed import listed

MakeChoice = Callable[[Mapping[str, Any], str], Choice]

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
_MOST_SEEN = 1 << 24
_MOST_NAMED = 4


@dataclass(frozen=True)
class Scanned:
    """A text file as utf-8, looked through.

    ``plain`` is the file or its copy, ``lines`` how many it has, ended by LF, CR LF or CR;
    ``plainly`` whether they all end alike, with LF or CR LF, and no mark of Unicode stands inside.
    """

    plain: Path
    lines: int
    plainly: bool


def as_utf8(file: Path, encoding: str, copy: Path, choice: MakeChoice) -> Scanned:
    """Check that a file is text in its encoding, and copy it as utf-8 where it is not yet.

    Parameters
    ----------
    file
        The file; one that ends in ``.gz`` is unpacked.
    encoding
        As the client's YAML declares it.
    copy
        Where the copy goes if one is needed.
    choice
        Makes a line of the YAML of what ``format`` should say of the file.

    Raises
    ------
    ConfigError
        If the file is a workbook, an archive or Parquet, or no text in this encoding.
    """
    codec = codecs.lookup(encoding).name.removesuffix("-sig")
    in_place = codec in _READ_IN_PLACE and not _unpacked(file)
    ends = _LineEnds()
    with nullcontext() if in_place else copy.open("w", encoding="utf-8", newline="") as out:
        for text in _decoded(file, encoding, choice):
            ends.add(text)
            if out is not None:
                out.write(text)
    return Scanned(file if in_place else copy, ends.lines, ends.alike)


class _LineEnds:
    """Counts the lines of a text that comes piece by piece."""

    def __init__(self) -> None:
        self._feeds = self._returns = self._both = 0
        self._last = ""
        self._marked = False

    def add(self, text: str) -> None:
        self._feeds += text.count("\n")
        if "\r" in text:
            self._returns += text.count("\r")
            self._both += text.count("\r\n")
        self._both += self._last == "\r" and text[0] == "\n"
        self._marked = self._marked or "\ufeff" in text
        self._last = text[-1]

    @property
    def lines(self) -> int:
        """The number of lines; the last need not be ended."""
        ended = self._feeds + self._returns - self._both
        return ended + (self._last not in ("", "\n", "\r"))

    @property
    def alike(self) -> bool:
        """Whether all lines end in one way that needs no care."""
        lone = self._returns > self._both or (self._returns and self._feeds > self._both)
        return not (lone or self._marked)


def _unpacked(file: Path) -> bool:
    return file.suffix.lower() == ".gz"


def _decoded(file: Path, encoding: str, choice: MakeChoice) -> Iterator[str]:
    """Yield a file's text piece by piece, without the mark that an encoding may begin with."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position, start = 0, True
    for chunk in unpacked(file):
        if start:
            _check_mark(file, chunk, encoding, choice)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            place = ""
            if isinstance(error, UnicodeDecodeError):
                pending = len(error.object) - len(chunk)
                place = f": byte {position - pending + error.start + 1} does not fit"
            raise _not_text(file, encoding, place, chunk, choice) from None
        position += len(chunk)
        text = text.removeprefix("\ufeff") if start else text
        start = start and not text
        if "\0" in text:
            raise _binary(file, encoding, chunk, choice)
        if text:
            yield text


def unpacked(file: Path) -> Iterator[bytes]:
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


def _check_mark(file: Path, chunk: bytes, encoding: str, choice: MakeChoice) -> None:
    """Refuse a file whose first bytes say that it is no text, or in another encoding."""
    if kind := next((what for mark, what in _NO_TEXT.items() if _begins(chunk, mark)), None):
        raise ConfigError(f"{shown(file)} {kind} in client.yaml.")
    found = next((name for mark, name in _MARKS.items() if chunk.startswith(mark)), None)
    codec = codecs.lookup(encoding).name
    if found and not codec.startswith(found):
        line = choice({"encoding": found}, "")
        raise ConfigError(
            f"{shown(file)} begins with the mark of {found}, but is declared as {encoding}; "
            f"write {line}.",
            choices=[line],
        )


def _begins(chunk: bytes, mark: bytes) -> bool:
    """Whether a file is of a kind; two letters alone may begin a text, too."""
    return chunk.startswith(mark) and (mark != b"PK" or chunk[2:4] in (b"\3\4", b"\5\6"))


def _not_text(
    file: Path, encoding: str, place: str, chunk: bytes, choice: MakeChoice
) -> ConfigError:
    """Say which encodings fit, and how each reads a word on which they differ."""
    said = f"{shown(file)} is not text in {encoding}{place}. Write its real encoding, likely"
    found = likely(chunk, encoding)
    choices = [
        choice({"encoding": name}, f"which reads “{word}”" if word else "") for name, word in found
    ]
    return ConfigError(f"{said} {listed(choices)}.", choices=choices)


def likely(chunk: bytes, refused: str) -> list[tuple[str, str]]:
    """Return the encodings that bytes may be text in, the likeliest first.

    Each comes with a word that it reads otherwise than another; empty where all read alike.
    """
    if b"\0" in chunk and (wide := _likely(chunk[:_SAMPLE], _WIDE, refused)):
        return [(wide[0], "")]
    telling = _telling(chunk)
    words = [
        word for word in re.findall(rb"[A-Za-z\x80-\xff]{1,40}", telling) if not word.isascii()
    ]
    if not words:
        return [("utf-8", "")]
    names = _likely(telling, _COMMON, refused) or ["cp1250"]
    # a word that tells them apart, or two where one does not
    example = max(words, key=lambda it: _readings(it, names))
    both = max((example + b" " + word for word in words), key=lambda it: _readings(it, names))
    example = both if _readings(both, names) > _readings(example, names) else example
    return [(name, example.decode(name, "replace")) for name in names]


def _binary(file: Path, encoding: str, chunk: bytes, choice: MakeChoice) -> ConfigError:
    said = f"{shown(file)} holds a NUL character, so it is not text in {encoding}"
    if wide := _likely(chunk[:_SAMPLE], _WIDE, encoding):
        line = choice({"encoding": wide[0]}, "")
        return ConfigError(
            f"{said}. A program saved it as Unicode text: write {line}.", choices=[line]
        )
    return ConfigError(f"{said}. It is no text file, or is damaged; export it again as CSV.")


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


def found(file: Path) -> list[tuple[str, str]]:
    """Return the encodings that a file may be in, from some of it, the likeliest first.

    Each comes with a word that it reads otherwise than another; empty where only one fits.

    Raises
    ------
    ConfigError
        If it is a workbook, an archive or Parquet.
    """
    sample = _some_of(file)
    if kind := next((what for mark, what in _NO_TEXT.items() if _begins(sample, mark)), None):
        raise ConfigError(f"{shown(file)} {kind} in client.yaml.")
    if mark := next((name for mark, name in _MARKS.items() if sample.startswith(mark)), None):
        return [(mark, "")]
    if b"\0" not in sample and _fits(sample, "utf-8"):
        return [("utf-8", "")]
    return likely(sample, "utf-8")


def _fits(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeError:
        return False
    return True


def _some_of(file: Path) -> bytes:
    """Return a file's bytes, or whole lines from its begin, its middle and its end."""
    size = file.stat().st_size
    if _unpacked(file) or size <= _MOST_SEEN:
        return b"".join(islice(unpacked(file), _MOST_SEEN // _CHUNK))
    with file.open("rb") as opened:
        pieces = []
        for at in (0, size // 2, size - _MOST_SEEN // 4):
            opened.seek(at)
            pieces.append(opened.read(_MOST_SEEN // 4))
    whole = [pieces[0], *(piece.partition(b"\n")[2] for piece in pieces[1:])]
    return b"\n".join(piece.rpartition(b"\n")[0] for piece in whole)


def beginning(file: Path, encoding: str) -> str:
    """Return the text of a file's first lines."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    text = decoder.decode(next(unpacked(file))).removeprefix("\ufeff")
    if len(text) < _CHUNK // 4:
        return text
    return text.rpartition("\n")[0] or text
