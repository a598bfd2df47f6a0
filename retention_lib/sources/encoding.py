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
from retention_lib.sources.alphabets import amounts, how_well
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
_GZIP = b"\x1f\x8b"
# What exports are written in, where the bytes fit several of them alike: the likelier first.
_COMMON = ("cp1252", "cp1250", "cp1251", "iso8859-2", "cp1253", "cp1254", "cp1257", "iso8859-15")
_RARE = ("cp852", "cp866", "koi8-r", "iso8859-5", "iso8859-7", "iso8859-9", "mac-roman", "cp850")
_FAIR = 0.8  # a share of words that read well
_WIDE = ("utf_16_le", "utf_16_be")
_SAMPLE = 1 << 16
_MOST_SEEN = 1 << 24
_MOST_NAMED = 4
_MOST_WORDS = 5000
_CLEARLY_BETTER = 0.15  # a share of words


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
        If the file is packed without saying so, or no text in this encoding.
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
    _refuse_packed(file, chunk)
    found = next((name for mark, name in _MARKS.items() if chunk.startswith(mark)), None)
    codec = codecs.lookup(encoding).name
    if found and not codec.startswith(found):
        line = choice({"encoding": found}, "")
        raise ConfigError(
            f"{shown(file)} begins with the mark of {found}, but is declared as {encoding}; "
            f"write {line}.",
            choices=[line],
        )


def _refuse_packed(file: Path, chunk: bytes) -> None:
    if chunk.startswith(_GZIP):
        raise ConfigError(
            f"{shown(file)} is packed with gzip; rename it so that it ends in .csv.gz, and name "
            "that file in client.yaml."
        )


def _not_text(
    file: Path, encoding: str, place: str, chunk: bytes, choice: MakeChoice
) -> ConfigError:
    """Say which encodings fit, and how each reads a word on which they differ."""
    said = f"{shown(file)} is not text in {encoding}{place}. Write its real encoding, likely"
    found = likely(_some_of(file) + chunk, encoding)
    choices = [
        choice({"encoding": name}, f"which reads “{word}”" if word else "") for name, word in found
    ]
    return ConfigError(f"{said} {listed(choices)}.", choices=choices)


def likely(sample: bytes, refused: str) -> list[tuple[str, str]]:
    """Return the encodings that bytes may be text in, the likeliest first.

    Each comes with a word that it reads otherwise than another; empty where all read alike. Of
    those that read alike there is one, and one in all where its words read clearly best.
    """
    if b"\0" in sample and (wide := _wide(sample, refused)):
        return [(wide, "")]
    words = _words(sample)
    if not words:
        return [("utf-8", "")]
    if codecs.lookup(refused).name != "utf-8" and _fits(sample, "utf-8"):
        return [("utf-8", max(words, key=len).decode(errors="replace"))]
    fit = _fit(words, _COMMON)
    if max(fit.values(), default=0) < _FAIR:
        fit |= _fit(words, _RARE)
    fit = _with_currencies(sample[:_CHUNK], fit)
    other = (it for it in fit if codecs.lookup(it) != codecs.lookup(refused))
    names = _read_unlike(words, sorted(other, key=lambda it: -fit[it]))[:_MOST_NAMED]
    if len(names) > 1 and fit[names[0]] - fit[names[1]] >= _CLEARLY_BETTER:
        names = names[:1]
    # a word that tells them apart, or two where one does not
    example = max(words, key=lambda it: (_readings(it, names), _letters(it, names[0])))
    both = max((example + b" " + word for word in words), key=lambda it: _readings(it, names))
    example = both if _readings(both, names) > _readings(example, names) else example
    return [(name, example.decode(name, "replace")) for name in names]


def _fit(words: Sequence[bytes], names: Sequence[str]) -> dict[str, float]:
    """Return how well the words read in each encoding that they can be in."""
    text = b"\n".join(words)
    return {
        name: how_well(text.decode(name, "replace").split("\n"))
        for name in names
        if _fits(text, name) or name == "cp1250"
    }


def _with_currencies(sample: bytes, fit: Mapping[str, float]) -> dict[str, float]:
    """Return the encodings in which most amounts carry the sign of a currency; all if none do."""
    found = {name: amounts(sample.decode(name, "replace")) for name in fit}
    most = max(found.values(), default=0)
    return {name: fit[name] for name in fit if found[name] == most}


def _read_unlike(words: Sequence[bytes], names: Sequence[str]) -> list[str]:
    """Return one of those encodings that read all words alike, the first."""
    text = b"\n".join(words)
    read: dict[str, str] = {}
    for name in names:
        read.setdefault(text.decode(name, "replace"), name)
    return list(read.values())


def _letters(word: bytes, name: str) -> int:
    return sum(map(str.isalpha, word.decode(name, "replace")))


def _words(sample: bytes) -> list[bytes]:
    """Return the distinct words that hold more than ASCII."""
    found = dict.fromkeys(re.findall(rb"[^\s,;|<>=&]{0,40}[\x80-\xff][^\s,;|<>=&]{0,40}", sample))
    return list(found)[:_MOST_WORDS]


def _binary(file: Path, encoding: str, chunk: bytes, choice: MakeChoice) -> ConfigError:
    said = f"{shown(file)} holds a NUL character, so it is not text in {encoding}"
    if wide := _wide(chunk, encoding):
        line = choice({"encoding": wide}, "")
        return ConfigError(
            f"{said}. A program saved it as Unicode text: write {line}.", choices=[line]
        )
    return ConfigError(f"{said}. It is no text file, or is damaged; export it again as CSV.")


def _readings(word: bytes, names: Sequence[str]) -> int:
    return len({word.decode(name, "replace") for name in names})


def _wide(sample: bytes, refused: str) -> str | None:
    """Return the encoding of two bytes a character that bytes may be text in."""
    found = from_bytes(sample[:_SAMPLE], cp_isolation=[*_WIDE], enable_fallback=False)
    fit = {name for match in found for name in match.could_be_from_charset}
    other = (name for name in _WIDE if codecs.lookup(name) != codecs.lookup(refused))
    return next((name.replace("_", "-") for name in other if name in fit), None)


def found(file: Path) -> list[tuple[str, str]]:
    """Return the encodings that a file may be in, from some of it, the likeliest first.

    Each comes with a word that it reads otherwise than another; empty where only one fits.

    Raises
    ------
    ConfigError
        If it is packed without saying so.
    """
    sample = _some_of(file)
    _refuse_packed(file, sample)
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
