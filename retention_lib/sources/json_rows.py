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
from typing import IO, Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from retention_lib.client import Format
from retention_lib.errors import Choice, ConfigError, DataError
from retention_lib.sources.cell_values import decimal_text
from retention_lib.sources.json_records import DEEPEST, SEEN, Number, Object, Record, lists, records
from retention_lib.sources.lines import Counted
from retention_lib.sources.names import LINE, NUMBER, safe_names
from retention_lib.sources.sniffed import Sniffed
from retention_lib.sources.sniffed import choice as choice_for_all
from retention_lib.sources.text import NoRows
from retention_lib.vocabulary import names, plain

__all__ = ["sniff", "write"]

_BATCH: Final = 20_000
_OF_ANYTHING: Final = {"name", "title", "description", "code"}  # said of taxes and discounts, too
Row: TypeAlias = dict[str, str | None]


def flattened(value: Object, format_: Format, items: str | None) -> list[Row]:
    """Return an object as rows: one for each of its items, else one."""
    own: Row = {}
    found: list[list[Any]] = []
    _flatten(value, "", own, found, format_, items, 0)
    if not found or not found[0]:
        return [own]
    rows = []
    for item in found[0]:
        of_item: Row = {}
        inner = {items or "": item}
        _flatten(inner, "", of_item, [], format_, None, 0)
        rows.append(own | of_item)
    return rows


def _flatten(
    value: Mapping[str, Any],
    prefix: str,
    into: Row,
    found: list[list[Any]],
    format_: Format,
    items: str | None,
    depth: int,
) -> None:
    for key, inner in value.items():
        name = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(inner, dict) and inner and depth < DEEPEST:
            _flatten(inner, name, into, found, format_, items, depth + 1)
        elif name == items and isinstance(inner, list):
            found.append(inner)
        else:
            into[name] = _scalar(inner, format_)


def _scalar(value: Any, format_: Format) -> str | None:
    if isinstance(value, Number):
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
    found: dict[str, int] = {}
    for value in seen:
        for path, inner in lists(value):
            keys = {plain(key) for item in inner if isinstance(item, dict) for key in item}
            found[path] = max(found.get(path, 0), _like_items(keys - _OF_ANYTHING))
    best = max(found, key=lambda it: found[it], default=None)
    return best if best is not None and found[best] > 1 else None


def _like_items(keys: set[str]) -> int:
    """Return how much a list's keys sound like those of items: of what, how many, at which price."""
    weights = {"quantity": 2, "product": 1, "unit_price": 1}
    return sum(weight for kind, weight in weights.items() if keys & {*names(kind)})


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
    first = list(islice(found, SEEN))
    items = items_of([it.object for it in first if it.object])
    columns: dict[str, None] = {}
    with TemporaryFile() as spool:
        for batch in _batches(_rows(chain(first, found), format_, items)):
            for row, _, _ in batch:
                columns.update(dict.fromkeys(row))
            pickle.dump(batch, spool)
        if not columns:
            raise NoRows(f"{where} holds no objects, so no rows.", Counted(0, 0, 0, 0))
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
        seen = list(islice(records(where, text, Format(), choice_for_all), SEEN))
    except ConfigError as error:
        if not (choices := error.choices):
            raise
        written = yaml.safe_load(choices[0].line)["format"]
        text.seek(0)
        named = Format(sheet=(written["sheet"],))
        seen = list(islice(records(where, text, named, choice_for_all), SEEN))
    objects = [it.object for it in seen if it.object]
    if not objects:
        raise DataError(f"{where} holds no objects, so no rows.")
    items = items_of(objects)
    rows = [row for value in objects for row in flattened(value, Format(), items)]
    notes = (f"Each item of {items} is a row, beside its order's own fields.",) if items else ()
    return Sniffed(written, list(dict.fromkeys(key for row in rows for key in row)), choices, notes)
