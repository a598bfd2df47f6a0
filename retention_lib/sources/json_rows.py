"""JSON as rows: one object a line, an array of objects, or an object with a list of them inside.

Objects within an object become columns such as ``customer.email``. The list of objects within an
order, its items, becomes one row for each: ``line_items.price`` beside the order's own fields,
which stand on every row, as in a delimited export of order lines.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from retention_lib.client import Format
from retention_lib.errors import Choice, ConfigError, DataError
from retention_lib.sources.cell_values import decimal_text
from retention_lib.sources.names import LINE, NUMBER, safe_names
from retention_lib.sources.sniffed import Sniffed, listed
from retention_lib.sources.sniffed import choice as choice_for_all
from retention_lib.vocabulary import names, plain

__all__ = ["sniff", "write"]

_BATCH: Final = 20_000
_CHUNK: Final = 1 << 20
_SEEN: Final = 200
_DEEPEST: Final = 20
_SPACE: Final = " \t\r\n"
_OF_ITEMS: Final = ("product", "quantity", "unit_price")
Object: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, str | None]


class _Number(str):
    """A number as it is written."""


_DECODER: Final = json.JSONDecoder(
    parse_float=_Number, parse_int=_Number, parse_constant=lambda _: None, strict=False
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
    lists = dict(_lists(whole))
    for number, found in enumerate(_list_named(where, lists, whole, format_, choice), start=1):
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


def _lists(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Yield the outermost lists of objects, and where each stands."""
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _lists(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield path, value


def _list_named(
    where: str,
    lists: Mapping[str, list[Any]],
    whole: Any,
    format_: Format,
    choice: Callable[..., Choice],
) -> list[Any]:
    """Return the list that `format.sheet` names, or the only one; one object may be one row."""
    if format_.sheet and all(name in lists for name in format_.sheet):
        return [item for name in format_.sheet for item in lists[name]]
    if not format_.sheet and len(lists) == 1:
        return next(iter(lists.values()))
    if not lists and isinstance(whole, dict):
        return [whole]
    order = sorted(lists, key=lambda it: -len(lists[it]))
    choices = [choice({"sheet": it}, _described(lists[it])) for it in order]
    if not choices:
        raise ConfigError(f"{where} holds no rows: no list of objects is in it.")
    said = f"{where} holds {len(lists)} lists. Write {listed(choices)}."
    raise ConfigError(said, choices=choices)


def _described(items: Sequence[Any]) -> str:
    keys = dict.fromkeys(key for item in items[:_SEEN] if isinstance(item, dict) for key in item)
    return f"{len(items)} rows of {', '.join(keys)[:80]}"


def flattened(value: Object, format_: Format, items: str | None) -> list[Row]:
    """Return an object as rows: one for each of its items, else one."""
    own: Row = {}
    lists: list[list[Any]] = []
    _flatten(value, "", own, lists, format_, items, 0)
    if not lists or not lists[0]:
        return [own]
    rows = []
    for item in lists[0]:
        of_item: Row = {}
        inner = {items or "": item}
        _flatten(inner, "", of_item, [], format_, None, 0)
        rows.append(own | of_item)
    return rows


def _flatten(
    value: Mapping[str, Any],
    prefix: str,
    into: Row,
    lists: list[list[Any]],
    format_: Format,
    items: str | None,
    depth: int,
) -> None:
    for key, inner in value.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(inner, dict) and inner and depth < _DEEPEST:
            _flatten(inner, name, into, lists, format_, items, depth + 1)
        elif name == items and isinstance(inner, list):
            lists.append(inner)
        else:
            into[name] = _scalar(inner, format_)


def _scalar(value: Any, format_: Format) -> str | None:
    if isinstance(value, _Number):
        return decimal_text(value, format_)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return ", ".join(_scalar(item, format_) or "" for item in value) or None
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else None
    return value or None


def items_of(seen: Sequence[Object]) -> str | None:
    """Return which list within orders holds their items: it has products or quantities.

    Other lists (taxes, discounts, payments) say something of the whole order, which must not
    stand on several rows for them; they stay text.
    """
    known = {word for kind in _OF_ITEMS for word in names(kind)}
    found: dict[str, int] = {}
    for value in seen:
        for path, inner in _lists(value):
            keys = {plain(key) for item in inner if isinstance(item, dict) for key in item}
            found[path] = max(found.get(path, 0), len(keys & known))
    best = max(found, key=lambda it: found[it], default=None)
    return best if best is not None and found[best] > 1 else None


def write(
    where: str,
    text: IO[str],
    format_: Format,
    check: Callable[[Sequence[str]], None],
    target: Path,
    choice: Callable[..., Choice] = choice_for_all,
) -> list[str]:
    """Write a JSON file's rows as Parquet: its columns as text, and the two of ours for lines.

    Numbers keep their text, and a column is there if any object has it. A line, or a part of the
    list, that is no object is an ``unreadable_line``.

    Parameters
    ----------
    where
        The file as messages name it.
    text
        Its text, from the beginning.
    format_
        ``sheet`` names the list that holds the rows, where it has several; ``decimal`` is the mark
        that numbers get.
    check
        Refuses the names of its columns.
    target
        The Parquet file to write.
    choice
        Makes the line of the YAML that mends it.

    Returns
    -------
    list
        The names of its columns.

    Raises
    ------
    ConfigError
        If it is no JSON, or its columns are refused.
    DataError
        If no object is in it.
    """
    found = records(where, text, format_, choice)
    first = list(islice(found, _SEEN))
    items = items_of([it.object for it in first if it.object])
    columns: dict[str, None] = {}
    with TemporaryFile() as spool:
        for batch in _batches(_rows(chain(first, found), format_, items)):
            for row, _, _ in batch:
                columns.update(dict.fromkeys(row))
            pickle.dump(batch, spool)
        if not columns:
            raise DataError(f"{where} holds no objects, so no rows.")
        check(list(columns))
        _to_parquet(spool, list(columns), target)
    return list(columns)


_Written: TypeAlias = tuple[Row, str | None, int]


def _rows(found: Iterable[Record], format_: Format, items: str | None) -> Iterator[_Written]:
    for line, value, text in found:
        if value is None:
            yield {}, text, line
        else:
            yield from ((row, None, line) for row in flattened(value, format_, items))


def _batches(rows: Iterator[_Written]) -> Iterator[list[_Written]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _to_parquet(spool: IO[bytes], names: Sequence[str], target: Path) -> None:
    texts = [*safe_names(names), LINE]
    schema = pa.schema([*((name, pa.string()) for name in texts), (NUMBER, pa.int64())])
    end = spool.tell()
    spool.seek(0)
    with pq.ParquetWriter(target, schema) as out:
        while spool.tell() < end:
            batch: list[_Written] = pickle.load(spool)
            arrays = [
                pa.array([row.get(name) for row, _, _ in batch], pa.string()) for name in names
            ]
            arrays.append(pa.array([line for _, line, _ in batch], pa.string()))
            arrays.append(pa.array([number for _, _, number in batch], pa.int64()))
            out.write_batch(pa.record_batch(arrays, schema=schema))


def sniff(where: str, text: IO[str]) -> Sniffed:
    """Find out which list of a JSON file holds the rows, and which columns they have.

    Raises
    ------
    ConfigError, DataError
        As :func:`write`.
    """
    choices: tuple[Choice, ...] = ()
    written: dict[str, Any] = {}
    try:
        seen = list(islice(records(where, text, Format(), choice_for_all), _SEEN))
    except ConfigError as error:
        if not (choices := error.choices):
            raise
        written = yaml.safe_load(choices[0].line)["format"]
        text.seek(0)
        named = Format(sheet=(written["sheet"],))
        seen = list(islice(records(where, text, named, choice_for_all), _SEEN))
    objects = [it.object for it in seen if it.object]
    if not objects:
        raise DataError(f"{where} holds no objects, so no rows.")
    items = items_of(objects)
    rows = [row for value in objects for row in flattened(value, Format(), items)]
    notes = (f"Each item of {items} is a row, beside its order's own fields.",) if items else ()
    return Sniffed(written, list(dict.fromkeys(key for row in rows for key in row)), choices, notes)
