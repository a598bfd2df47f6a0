"""The objects of a JSON file, one by one, and the lines on which they begin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Final, NamedTuple, TypeAlias

from retention_lib.client import Format
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources.sniffed import listed

__all__ = ["DEEPEST", "SEEN", "Number", "Object", "Record", "lists", "records"]

SEEN: Final = 200
DEEPEST: Final = 20
_CHUNK: Final = 1 << 20
_SPACE: Final = " \t\r\n"
Object: TypeAlias = dict[str, Any]


class Number(str):
    """A number as it is written."""


_DECODER: Final = json.JSONDecoder(
    parse_float=Number, parse_int=Number, parse_constant=lambda _: None, strict=False
)


class Record(NamedTuple):
    """What begins at a line: an object, or the text of what is none."""

    line: int
    object: Object | None
    text: str = ""


def records(
    where: str, text: IO[str], format_: Format, choice: Callable[..., Choice]
) -> Iterator[Record]:
    """Yield the objects of a file in their order.

    Raises
    ------
    ConfigError
        If it is no JSON, or an object with several lists of objects or with none: the message
        has a line for each.
    """
    start = text.read(_CHUNK)
    text.seek(0)
    if not start.strip(_SPACE + "\ufeff"):
        return iter(())
    first, _, rest = start.lstrip("\ufeff" + _SPACE).partition("\n")
    if first.startswith("["):
        return _array(where, text)
    if _parsed(first) is not None and rest.strip():
        return _lines(text)
    if where.lower().removesuffix(".gz").endswith(("l", ".ndjson")) and rest.strip():
        return _lines(text)
    return _inside(where, text, format_, choice)


def _parsed(line: str) -> Object | None:
    try:
        found, end = _DECODER.raw_decode(line.lstrip("\ufeff" + _SPACE))
    except (ValueError, RecursionError):
        return None
    left = line.lstrip("\ufeff" + _SPACE)[end:].strip(_SPACE + ",")
    return found if isinstance(found, dict) and not left else None


def _lines(text: IO[str]) -> Iterator[Record]:
    for number, line in enumerate(text, start=1):
        if line.strip(_SPACE + "\ufeff"):
            found = _parsed(line)
            yield Record(number, found, "" if found is not None else line.rstrip("\r\n"))


class _Text:
    """A text that is decoded piece by piece, and knows its line."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._at = 0
        self.rest = ""
        self.line = 1

    def peek(self) -> str:
        """Return the next sign that is no blank; nothing at the end."""
        while True:
            while self._at < len(self.rest) and self.rest[self._at] in _SPACE + "\ufeff":
                self.line += self.rest[self._at] == "\n"
                self._at += 1
            if self._at < len(self.rest) or not self._more():
                return self.rest[self._at : self._at + 1]

    def step(self) -> None:
        self._at += 1

    def value(self) -> Any:
        """Decode the next value; ValueError if there is none."""
        while True:
            try:
                found, end = _DECODER.raw_decode(self.rest, self._at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self._more():
                    raise ValueError("it is no JSON") from error
                continue
            self.line += self.rest.count("\n", self._at, end)
            self._at = end
            return found

    def _more(self) -> bool:
        """Read as much again as is not decoded yet, so that a long value takes few attempts."""
        self.rest = self.rest[self._at :]
        self._at = 0
        more = self._text.read(max(_CHUNK, len(self.rest)))
        self.rest += more
        return bool(more)


def _array(where: str, text: IO[str]) -> Iterator[Record]:
    stream = _Text(text)
    stream.peek()
    stream.step()
    while (sign := stream.peek()) != "]":
        if sign == ",":
            stream.step()
            continue
        line = stream.line
        try:
            found = stream.value()
        except ValueError:
            raise ConfigError(
                f"{where} is no sound JSON from line {line} on; it may have been cut off. "
                "Export it again."
            ) from None
        if isinstance(found, dict):
            yield Record(line, found)
        else:
            yield Record(line, None, json.dumps(found, ensure_ascii=False)[:1000])


def _inside(
    where: str, text: IO[str], format_: Format, choice: Callable[..., Choice]
) -> Iterator[Record]:
    """Yield the objects of the list inside the one object that the file is."""
    stream = _Text(text)
    stream.peek()
    try:
        whole = stream.value()
    except ValueError:
        raise ConfigError(f"{where} is no sound JSON; export it again.") from None
    if stream.peek() and isinstance(whole, dict):
        yield Record(1, whole)
        yield from _following(where, stream)
        return
    inside = dict(lists(whole))
    for number, found in enumerate(_list_named(where, inside, whole, format_, choice), start=1):
        yield Record(number, found if isinstance(found, dict) else None, json.dumps(found)[:1000])


def _following(where: str, stream: _Text) -> Iterator[Record]:
    """Yield objects that follow one another without a comma, each over several lines."""
    while sign := stream.peek():
        if sign == ",":
            stream.step()
            continue
        line = stream.line
        try:
            found = stream.value()
        except ValueError:
            raise ConfigError(f"{where} is no sound JSON from line {line} on.") from None
        yield Record(line, found if isinstance(found, dict) else None, str(found)[:1000])


def lists(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Yield the outermost lists of objects, and where each stands."""
    if isinstance(value, dict) and depth < DEEPEST:
        for key, inner in value.items():
            yield from lists(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield path, value


def _list_named(
    where: str,
    found: Mapping[str, list[Any]],
    whole: Any,
    format_: Format,
    choice: Callable[..., Choice],
) -> list[Any]:
    """Return the list that `format.sheet` names, or the only one; one object may be one row."""
    if format_.sheet and all(name in found for name in format_.sheet):
        return [item for name in format_.sheet for item in found[name]]
    if not format_.sheet and len(found) == 1:
        return next(iter(found.values()))
    if not found and isinstance(whole, dict):
        return [whole]
    order = sorted(found, key=lambda it: -len(found[it]))
    choices = [choice({"sheet": it}, _described(found[it])) for it in order]
    if not choices:
        raise ConfigError(f"{where} holds no rows: no list of objects is in it.")
    said = f"{where} holds {len(found)} lists. Write {listed(choices)}."
    raise ConfigError(said, choices=choices)


def _described(items: Sequence[Any]) -> str:
    keys = dict.fromkeys(key for item in items[:SEEN] if isinstance(item, dict) for key in item)
    return f"{len(items)} rows of {', '.join(keys)[:80]}"
