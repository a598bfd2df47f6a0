"""The files of a source, read one after the other, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ibis.backends.duckdb import Backend

from retention_lib.client import Format, shown
from retention_lib.errors import ConfigError
from retention_lib.sources import files, kinds
from retention_lib.sources.kinds import Rows
from retention_lib.sources.lines import Counted
from retention_lib.sources.names import file_literal
from retention_lib.sources.text import NoRows
from retention_lib.sources.united import same_names

__all__ = ["FileRead", "Part", "read_all"]

Part = tuple[str, Rows]
Check = Callable[[str, Sequence[str]], None]


@dataclass(frozen=True)
class FileRead:
    """What became of a file.

    Attributes
    ----------
    file : Path
        The file.
    label : str
        What ``source_file`` calls it.
    lines : int or None
        How many lines it has: ``above + rows + continued + blank``; None where it has none,
        such as a workbook.
    above : int
        Lines up to the first row: titles, comments, the header.
    rows : int
        Rows, those that cannot be read among them.
    continued : int
        Lines within a quoted field, after the one on which its row begins.
    blank : int
        Lines on which nothing stands.
    same_as : str or None
        The label of an earlier file with the same content, for which it was not read.
    absent : tuple of str
        Columns that other files have and this one lacks: null in its rows.
    """

    file: Path
    label: str
    lines: int | None
    above: int
    rows: int
    continued: int
    blank: int
    same_as: str | None = None
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Reading:
    """How all files of a source are read."""

    labelled: Mapping[str, Path]
    format_of: Callable[[str], Format]
    check: Check
    engine: Backend
    folder: Path

    def read(self, label: str, only: bool = False) -> Rows:
        """Read one file; where it ``only`` is written so, lines of the YAML name it."""
        file = self.labelled[label]
        number = list(self.labelled).index(label)
        return kinds.read(
            kinds.Task(
                file,
                self.format_of(label),
                partial(self.check, shown(file)),
                self.engine,
                self.folder / f"{number}.parquet",
                label if only else None,
            )
        )


def read_all(
    labelled: Mapping[str, Path],
    format_of: Callable[[str], Format],
    check: Check,
    engine: Backend,
    folder: Path,
) -> tuple[list[Part], tuple[FileRead, ...], list[str]]:
    """Read files in their order, but one with the content of an earlier one only once.

    Returns
    -------
    tuple
        The rows of those that have some, what became of each file, and the hash of each.

    Raises
    ------
    ConfigError, DataError
        If one cannot be read, or none has a row.
    """
    reading = _Reading(labelled, format_of, check, engine, folder)
    parts: list[Part] = []
    reads: list[FileRead] = []
    empty: NoRows | None = None
    first: dict[str, str] = {}
    for label, file in labelled.items():
        hash_ = files.content(file)
        counted, rows = None, 0
        if hash_ not in first:
            try:
                part = _settled(reading, label)
                counted, rows = part.counted, _count(engine, part)
                parts.append((label, part))
            except NoRows as error:
                empty, counted = empty or error, error.counted
        reads.append(_accounted(file, label, counted, rows, first.get(hash_)))
        first.setdefault(hash_, label)
    if not parts and empty:
        raise empty
    return _alike(parts), _with_absent(reads, parts), [files.content(f) for f in labelled.values()]


def _settled(reading: _Reading, label: str) -> Rows:
    """Read a file; where it stops, its line of the YAML holds for all files or for it alone."""
    try:
        return reading.read(label)
    except ConfigError as error:
        if not error.choices or _all_stop(reading, label, error):
            raise
    return reading.read(label, only=True)


def _all_stop(reading: _Reading, label: str, error: ConfigError) -> bool:
    """Whether all files of a source need the same line."""
    lines = [choice.line for choice in error.choices]
    for other in reading.labelled:
        if other == label:
            continue
        try:
            reading.read(other)
        except NoRows:
            continue
        except ConfigError as stopped:
            if [choice.line for choice in stopped.choices] == lines:
                continue
        return False
    return True


def _count(engine: Backend, part: Rows) -> int:
    sql = f"SELECT count(*) FROM read_parquet({file_literal(part.path)})"
    row = engine.raw_sql(sql).fetchone()
    return int(row[0]) if row else 0


def _accounted(
    file: Path, label: str, counted: Counted | None, rows: int, same_as: str | None
) -> FileRead:
    """Say what became of a file's lines, each of which has to be somewhere."""
    if counted is None:
        return FileRead(file, label, None, 0, rows, 0, 0, same_as)
    lines, above, continued, blank = counted
    if lines != above + rows + continued + blank:
        raise RuntimeError(
            f"{shown(file)}: {lines} lines became {above} above the rows, {rows} rows, "
            f"{continued} within fields and {blank} blank; this is a fault of the program."
        )
    return FileRead(file, label, lines, above, rows, continued, blank, same_as)


def _alike(parts: Sequence[Part]) -> list[Part]:
    """Call columns whose names differ in case or blanks alone by the name that came first."""
    known: dict[str, str] = {}
    return [(label, replace(part, given=same_names(part.given, known))) for label, part in parts]


def _with_absent(reads: Sequence[FileRead], parts: Sequence[Part]) -> tuple[FileRead, ...]:
    named = {label: part.given for label, part in _alike(parts)}
    every = dict.fromkeys(name for given in named.values() for name in given)
    return tuple(
        replace(it, absent=tuple(name for name in every if name not in named[it.label]))
        if it.label in named
        else it
        for it in reads
    )
