"""The files of a source, read one after the other, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ibis.backends.duckdb import Backend

from retention_lib.client import Format, shown
from retention_lib.errors import ConfigError, DataError
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
        What ``source_file`` calls it: of several sheets, each is called ``input/book.xlsx [May]``.
    lines : int or None
        How many lines it has: ``above + rows + continued + blank``; None where it has none,
        such as Parquet. Those of a workbook are the rows of its sheet.
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
class Files:
    """The files of a source, and how they are read.

    Attributes
    ----------
    labelled : mapping
        The files by their labels, in their order.
    format_of : callable
        How a file is written, by its label.
    check : callable
        Refuses the names of a file's columns.
    mapped : sequence of str
        Names that columns of all files go by where only case or blanks differ.
    format : Format or None
        How files are written of which the YAML says nothing else.
    """

    labelled: Mapping[str, Path]
    format_of: Callable[[str], Format]
    check: Check
    mapped: Sequence[str] = ()
    format: Format | None = None

    def known(self) -> dict[str, str]:
        """Return the names known before any file is read, as :func:`same_names` takes them."""
        known: dict[str, str] = {}
        if len(self.labelled) > 1:
            same_names(self.mapped, known)
        return known

    def read(
        self, label: str, engine: Backend, folder: Path, only: bool = False
    ) -> tuple[Rows, ...]:
        """Read one file; where it ``only`` is written so, lines of the YAML name it."""
        file = self.labelled[label]

        def check(given: Sequence[str]) -> None:
            self.check(shown(file), same_names(given, self.known()))

        number = list(self.labelled).index(label)
        target = folder / f"{number}.parquet"
        format_ = self.format_of(label)
        has_own = self.format is not None and format_ is not self.format
        only_label = label if only or has_own else None
        return kinds.read(
            kinds.Task(
                file,
                format_,
                check,
                engine,
                target,
                only_label,
                lambda part: self.format_of(label + part),
            )
        )


def read_all(
    source: Files, engine: Backend, folder: Path
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
    parts: list[Part] = []
    reads: list[FileRead] = []
    empty: list[NoRows] = []
    first: dict[str, str] = {}
    content = {label: files.content(file) for label, file in source.labelled.items()}
    for label, file in source.labelled.items():
        if same_as := first.get(content[label]):
            reads.append(_accounted(file, label, None, 0, same_as))
            continue
        first[content[label]] = label
        try:
            found = _settled(source, label, engine, folder)
        except NoRows as error:
            empty.append(error)
            reads.append(_accounted(file, label, error.counted, 0))
            continue
        for part in found:
            whole = label + part.part
            parts.append((whole, _readable(part, file)))
            reads.append(_accounted(file, whole, part.counted, _count(engine, part)))
    if not parts:
        raise empty[0]
    alike = _alike(parts, source.known())
    return alike, _with_absent(reads, alike), list(content.values())


def _settled(source: Files, label: str, engine: Backend, folder: Path) -> tuple[Rows, ...]:
    """Read a file; where it stops, its line of the YAML holds for all files or for it alone."""
    try:
        return source.read(label, engine, folder)
    except ConfigError as error:
        if not error.choices or _all_stop(source, label, engine, folder, error):
            raise
    return source.read(label, engine, folder, only=True)


def _all_stop(source: Files, label: str, engine: Backend, folder: Path, error: ConfigError) -> bool:
    """Whether all files of a source need the same line."""
    lines = [choice.line for choice in error.choices]
    for other in source.labelled:
        if other == label:
            continue
        try:
            source.read(other, engine, folder)
        except NoRows:
            continue
        except ConfigError as stopped:
            if [choice.line for choice in stopped.choices] == lines:
                continue
        return False
    return True


def _readable(part: Rows, file: Path) -> Rows:
    """Refuse a file of which no line can be read."""
    if part.unfit is not None:
        raise DataError(
            f"{file.name}: none of its lines has the {len(part.given)} columns of the first line, "
            f"e.g. {part.unfit[:60]!r}; check `format: {{delimiter: …}}`."
        )
    return part


def _count(engine: Backend, part: Rows) -> int:
    sql = f"SELECT count(*) FROM read_parquet({file_literal(part.path)})"
    row = engine.raw_sql(sql).fetchone()
    return int(row[0]) if row else 0


def _accounted(
    file: Path, label: str, counted: Counted | None, rows: int, same_as: str | None = None
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


def _alike(parts: Sequence[Part], known: dict[str, str]) -> list[Part]:
    """Call columns whose names differ in case or blanks alone by the name that came first."""
    return [(label, replace(part, given=same_names(part.given, known))) for label, part in parts]


def _with_absent(reads: Sequence[FileRead], parts: Sequence[Part]) -> tuple[FileRead, ...]:
    named = {label: part.given for label, part in parts}
    every = dict.fromkeys(name for given in named.values() for name in given)
    return tuple(
        replace(it, absent=tuple(name for name in every if name not in named[it.label]))
        if it.label in named
        else it
        for it in reads
    )
