"""What a study needs before the first question: the records read once, as Parquet files.

The work folder then holds ``rows.parquet`` (all typed rows with the reason why any was set
aside), ``source.parquet`` (the cells as they were read), ``occasions.parquet`` and, written last, ``prepared.json``, which proves the others.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Self

import ibis
from ibis.backends.duckdb import Backend
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass
from pydantic_core import to_jsonable_python

from retention_lib import sources, summaries, transactions
from retention_lib.client import Client
from retention_lib.errors import ConfigError, DataError
from retention_lib.results import Doubt, FileLines, whole, write_json
from retention_lib.summaries.occasions import occasions
from retention_lib.transactions import unmapped

ROWS = "rows.parquet"
SOURCE = "source.parquet"
OCCASIONS = "occasions.parquet"
RECORD = "prepared.json"
SET_ASIDE = "set_aside.parquet"
_KEPT = 5


@dataclass(frozen=True)
class Prepared:
    """What a run knows of its input: the day it looks from, and what was read.

    ``stamp`` tells what a preparation depends on; None where that cannot be told. ``reads`` says what
    became of the lines of each file, ``doubts`` which columns warn that nobody mapped, ``given``
    what the client calls each column of the rows set aside.
    """

    client: str
    as_of: date
    fingerprint: str
    files: tuple[Path, ...]
    stamp: str | None
    reads: tuple[FileLines, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    given: dict[str, str] = field(default_factory=dict)

    def write(self, work: Path) -> None:
        """Write the record; the last step of a preparation, so that it proves the rest."""
        write_json(to_jsonable_python(self), work / RECORD)

    @classmethod
    def read(cls, work: Path) -> Self | None:
        """Read what :meth:`write` wrote; None where nothing is, or another version prepared it."""
        if not all((work / name).is_file() for name in (ROWS, SOURCE, OCCASIONS, RECORD)):
            return None
        try:
            return TypeAdapter(cls).validate_json((work / RECORD).read_bytes())
        except (OSError, ValueError):
            return None


def day(as_of: str | None) -> date | None:
    """Read a day written as YYYY-MM-DD.

    Raises
    ------
    ConfigError
        If it is written otherwise, or there is no such day.
    """
    try:
        return None if as_of is None else date.fromisoformat(as_of)
    except ValueError:
        raise ConfigError(
            f"as_of {as_of!r} is not a date; write it as YYYY-MM-DD, e.g. 1998-06-30."
        ) from None


def stamp(client: Client, as_of: date | None) -> str | None:
    """Return what a preparation depends on, told by names, sizes and times, without reading.

    The client's YAML and files, the day, and this library's own code; None for a database,
    which does not say when it changed.
    """
    if client.source.table or client.source.query:
        return None
    code = (Path(module.__file__ or "") for module in (sources, transactions, summaries))
    modules = (file for init in code for file in sorted(init.parent.glob("*.py")))
    # without a day given, rows after today are left out
    until = as_of or date.today()
    seen = [str(until), *_seen([client.file, *sources.locate(client), *modules])]
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def _seen(files: Iterable[Path]) -> Iterable[str]:
    for file in files:
        state = file.stat()
        yield f"{file}:{state.st_size}:{state.st_mtime_ns}"


def draft_folder(work: Path, stamp: str | None) -> Path:
    """Return where a draft is prepared: a folder for each preparation, so that none is replaced.

    A notebook that is open goes on reading its own while another looks from another day or finds
    a new export. What cannot be told apart is prepared anew each time.
    """
    return work / (stamp[:16] if stamp else ibis.util.gen_name("live"))


def forget_old(work: Path) -> None:
    """Remove the preparations of a draft but for the latest few."""
    found = [path.parent for path in work.glob(f"*/{RECORD}")]
    for folder in sorted(found, key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def prepare(
    client: Client, engine: Backend, work: Path, private: Path, as_of: date | None
) -> Prepared:
    """Read, type and set aside the records, and build the occasions; all into the work folder.

    The rows set aside are left in ``private`` too, for whoever mends the export.

    Raises
    ------
    ConfigError, DataError
        As reading and typing do; also if not one row is a purchase.
    """
    (work / RECORD).unlink(missing_ok=True)
    raw = sources.read(client, engine, work)
    write(raw.table, work / SOURCE)
    typed = transactions.typed(raw, client)
    # the one look at the clock: a day not given is the latest purchase up to today
    until = as_of or transactions.last_day(typed, date.today())
    typed = transactions.until(typed, until)
    write(typed.drop("source"), work / ROWS)
    private.mkdir(parents=True, exist_ok=True)
    write(transactions.set_aside(typed), private / SET_ASIDE)
    kept = transactions.kept(engine.read_parquet(str(work / ROWS)))
    write(occasions(kept, client.merge_days), work / OCCASIONS)
    if not engine.read_parquet(str(work / OCCASIONS)).count().execute():
        raise DataError(_no_purchase(raw, until, typed))
    doubts = tuple(Doubt(**vars(it)) for it in unmapped.doubts(raw, client))
    shutil.rmtree(work / "raw.parquet", ignore_errors=True)
    prepared = Prepared(
        client.slug,
        until,
        raw.fingerprint,
        tuple(it.file for it in raw.files),
        stamp(client, as_of),
        tuple(map(_lines_of, raw.files)),
        doubts,
        {safe: name for name, safe in raw.names.items()},
    )
    prepared.write(work)
    return prepared


def _lines_of(file: sources.FileRead) -> FileLines:
    counts = {name: getattr(file, name) for name in FileLines.model_fields if name != "name"}
    return FileLines(name=file.label, **counts)


def write(table: ibis.Table, path: Path) -> None:
    """Write a table as Parquet: whole or not at all."""
    with whole(path) as half:
        table.to_parquet(half)


def _no_purchase(raw: sources.Raw, as_of: date, typed: ibis.Table) -> str:
    row = typed.agg(rows=typed.count(), first=typed.day.min()).to_pyarrow().to_pylist()[0]
    late = row["first"] and row["first"] > as_of
    begins = f"the first dated row is of {row['first']}; " if late else ""
    return (
        f"{raw.where}: none of its {row['rows']:,} rows is a purchase up to {as_of} (an amount of 0 "
        f"or more, not reversed the same day); {begins}check the as-of date, and `columns` in "
        "client.yaml."
    )
