"""Which line of the YAML lets a column be read: one for all files, or one for those that differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client, Format
from retention_lib.errors import Choice, ConfigError, redacted
from retention_lib.sources import Raw
from retention_lib.transactions.readings import Reading

ENOUGH: Final = 0.98  # a format that fits this share of a column is meant for it
MOST_UNREADABLE: Final = 0.50
_MOST_SHOWN: Final = 40

Settings = Mapping[str, Any]
_Key = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Count:
    """How many values of a column there are, and how many of them cannot be read."""

    present: int
    unreadable: int
    example: str | None

    def said(self, where: str, how: str) -> str:
        """Say how much of what cannot be read."""
        example = redacted(self.example or "")[:_MOST_SHOWN]
        rows = f"{self.unreadable} of {self.present} rows"
        return f"{where} cannot be read {how} in {rows}, e.g. {example!r}"

    def above(self, share: float) -> bool:
        """Whether more than this share cannot be read."""
        return self.unreadable > share * self.present

    @property
    def doubtful(self) -> bool:
        """Whether so many cannot be read that the format is doubted; a few are typing errors."""
        return self.above(1 - ENOUGH)

    def bettered(self, reading: Reading) -> bool:
        """Whether a reading lets nearly all be read, and clearly more than now."""
        enough = reading.missed <= (1 - ENOUGH) * self.present
        return enough and clearly_fewer(reading.missed, self.unreadable)


def clearly_fewer(few: int, many: int) -> bool:
    """Whether a format misses so many fewer cells than another that chance is no reason."""
    return many - few >= max(1, min(few, 3))


def counts(
    plain: ibis.Table, columns: Mapping[str, tuple[ir.Value, ir.Value]]
) -> dict[tuple[str, str], Count]:
    """Count each file's values by what became of them: columns as written, and as read."""
    tallies: dict[str, ir.Value] = {}
    for name, (column, value) in columns.items():
        lost = column.notnull() & value.isnull()
        tallies |= {
            f"present_{name}": column.count(),
            f"unreadable_{name}": lost.sum(),
            f"example_{name}": column.cast(str).max(where=lost),
        }
    rows = plain.group_by("source_file").agg(**tallies).order_by("source_file")
    return {
        (row["source_file"], name): Count(
            row[f"present_{name}"], row[f"unreadable_{name}"] or 0, row[f"example_{name}"]
        )
        for row in rows.to_pyarrow().to_pylist()
        for name in columns
    }


def place(raw: Raw, file: str) -> str:
    """Return a file as messages name it; the whole source where there is but one."""
    return raw.where if len(raw.files) <= 1 else file


def example_of(row: Mapping[str, Any]) -> str:
    """Return a cell as messages quote it, with its line where that is known."""
    text = repr(redacted(row["text"])[:_MOST_SHOWN])
    return f"{text} (line {row['line']})" if row.get("line") else text


def line(files: Iterable[str], settings: Settings) -> str:
    """Return the line of the YAML that says so of all files, or of those that are named."""
    said = ", ".join(f"{key}: {_quoted(value)}" for key, value in settings.items())
    own = [f"{_quoted(file)}: {{{said}}}" for file in files]
    return f"formats: {{{', '.join(own)}}}" if own else f"format: {{{said}}}"


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def line_for(client: Client, files: Sequence[str], every: Sequence[str], settings: Settings) -> str:
    """Return the line for some of all files: of ``format`` where they are all there are."""
    settings = _complete(client.format_of(files[0]), settings)
    return line([] if _same(client, files, every, settings) else files, settings)


def _same(
    client: Client, files: Iterable[str], every: Sequence[str], settings: Iterable[str]
) -> bool:
    """Whether these are all files, and none has a format of its own that says such things."""
    told = (
        getattr(client.format_of(file), key) != getattr(client.format, key)
        for file in every
        for key in settings
    )
    return set(files) == set(every) and not any(told)


def _complete(format_: Format, settings: Settings) -> dict[str, Any]:
    """Take back a mark that was declared and is none of these: the two would not go together."""
    undone = "decimal" in settings and "thousands" not in settings and format_.thousands
    return {**settings, **({"thousands": None} if undone else {})}


@dataclass(frozen=True)
class _Common:
    """Settings that suit several columns, what they miss there, and an example for each."""

    settings: Settings
    missed: int
    means: tuple[str, ...]


def common(lists: Sequence[Sequence[Reading]]) -> list[_Common]:
    """Return the settings that are in all lists, one of those that read all cells alike."""
    where: list[dict[_Key, Reading]] = [
        {_key(own): reading for reading in some for own in reading.all_settings} for some in lists
    ]
    found: dict[tuple[int, ...], _Common] = {}
    for key in where[0] if where else ():
        if all(key in it for it in where):
            read = [it[key] for it in where]
            alike = tuple(id(reading) for reading in read)
            missed = sum(reading.missed for reading in read)
            means = tuple(reading.means for reading in read)
            found.setdefault(alike, _Common(dict(key), missed, means))
    return sorted(found.values(), key=lambda it: it.missed)


def _key(settings: Settings) -> _Key:
    return tuple(settings.items())


def best(lists: Sequence[Sequence[Reading]]) -> list[_Common]:
    """Return those of :func:`common` that miss no clearly larger number than the best."""
    found = common(lists)
    return [it for it in found if not clearly_fewer(found[0].missed, it.missed)]


def refuse_better(
    client: Client,
    found: Mapping[str, Mapping[str, tuple[Count, Sequence[Reading]]]],
    every: Sequence[str],
    said: Callable[[str], str],
) -> None:
    """Stop if a line of the YAML would let nearly all be read, and clearly more than now.

    Parameters
    ----------
    client
        The client, whose YAML says how files are written now.
    found
        By file, then by column: what is read now, and how else it may be read.
    every
        All files there are.
    said
        What is wrong with a file, as the message begins.

    Raises
    ------
    ConfigError
        With a line for each reading that fits.
    """
    suiting = {
        file: [[it for it in some if _suits(count, it)] for count, some in columns.values()]
        for file, columns in found.items()
    }
    suiting = {file: lists for file, lists in suiting.items() if common(lists)}
    if suiting:
        files = _together(suiting)
        _refuse(client, found, files, every, suiting, said(files[0]))


def _suits(count: Count, reading: Reading) -> bool:
    """Whether a reading is good enough for a column: where it can be read now, no worse."""
    if count.doubtful:
        return count.bettered(reading)
    return not clearly_fewer(count.unreadable, reading.missed)


def _together(suiting: Mapping[str, list[list[Reading]]]) -> list[str]:
    """Return the most files that one setting suits."""
    files: dict[_Key, list[str]] = {}
    for file, lists in suiting.items():
        for it in _all_common(lists):
            files.setdefault(it, []).append(file)
    return max(files.values(), key=len)


def _all_common(lists: Sequence[Sequence[Reading]]) -> list[_Key]:
    keys = [[_key(own) for reading in some for own in reading.all_settings] for some in lists]
    return [key for key in keys[0] if all(key in other for other in keys[1:])]


def _refuse(
    client: Client,
    found: Mapping[str, Mapping[str, tuple[Count, Sequence[Reading]]]],
    files: Sequence[str],
    every: Sequence[str],
    suiting: Mapping[str, list[list[Reading]]],
    said: str,
) -> NoReturn:
    ways = best([some for file in files for some in suiting[file]])
    # where nothing can be read yet, the line that helps most of them is that of all
    all_fail = _same(client, found, every, ways[0].settings)
    lines = [line_for(client, every if all_fail else files, every, it.settings) for it in ways]
    choices = [Choice(line, _means(it, ways)) for line, it in zip(lines, ways, strict=True)]
    present = sum(count.present for file in files for count, _ in found[file].values())
    least = ways[0].missed
    rows = f"{present - least} of {present} rows" if least else "all rows"
    if len(choices) > 1:
        listed, meant = " or ".join(map(str, choices)), "; or ".join(it.means for it in choices)
        raise ConfigError(
            f"{said}. Several formats fit {rows}; write {listed}: {meant}.", choices=choices
        )
    raise ConfigError(
        f"{said}. {rows.capitalize()} fit another format; write {choices[0]}.", choices=choices
    )


def _means(way: _Common, ways: Sequence[_Common]) -> str:
    """Return an example that the ways read differently, where there is one."""
    for at, said in enumerate(way.means):
        if len({it.means[at] for it in ways}) == len(ways):
            return said
    return way.means[0]
