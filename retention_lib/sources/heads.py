"""The head of a text file: the names of its columns, and the line in which they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retention_lib.client import WHITESPACE, Format, shown
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources.lines import cut

__all__ = ["DELIMITERS", "Check", "Head", "MakeChoice", "declared_mark", "head", "settled"]

DELIMITERS = (";", ",", "\t", "|", WHITESPACE)
HEADER_WITHIN = 50  # lines
_MOST_LISTED = 8
_NAMES = {";": "';'", ",": "','", "\t": "tab", "|": "'|'"}

Check = Callable[[Sequence[str]], None]
MakeChoice = Callable[[Mapping[str, Any], str], Choice]


@dataclass(frozen=True)
class Head:
    """A file's names; how many lines stand above its first row; lines from there on."""

    names: list[str]
    above: int
    below: Sequence[str]


def head(lines: Sequence[str], format_: Format) -> Head:
    """Read a file's first lines as a format says that they are written.

    Names are those of the first record that is not blank; without a header, positions from 1.
    """
    delimiter = format_.delimiter or ","
    above = min(format_.skip_lines, len(lines))
    above += any(map(declared_mark, lines[above : above + 1]))
    if format_.header:
        names, used = _first_record(lines[above:], delimiter)
        return Head(names, above + used, lines[above + used :])
    below = lines[above:]
    width = _usual_width([line for line in below if line.strip()], delimiter)
    return Head([str(n + 1) for n in range(width)], above, below)


def _usual_width(lines: Sequence[str], delimiter: str) -> int:
    """Return the number of fields of most lines; those that cannot be cut count for nothing."""
    parted = [fields for line in lines if (fields := cut(line, delimiter).fields) is not None]
    widths = Counter(map(len, parted or [line.split(delimiter) for line in lines]))
    return widths.most_common(1)[0][0] if widths else 0


def declared_mark(line: str) -> str | None:
    """Return the delimiter that a line such as `sep=;`, which Excel writes first, declares."""
    found = re.fullmatch(r'\ufeff?"?sep=(.)\s*"?[;,\s]*', line, re.IGNORECASE)
    return found[1] if found else None


def _first_record(lines: Sequence[str], delimiter: str) -> tuple[list[str], int]:
    """Return the fields of the first record that is not blank, and the number of lines up to it."""
    text = ""
    for used, line in enumerate(lines, start=1):
        text += line.removeprefix("\ufeff")
        fields, open_at, _ = cut(text, delimiter)
        if fields is None and open_at is None:  # quotes that are no quotes
            fields = text.rstrip("\r\n").split(delimiter)
        if fields is not None and any(map(str.strip, fields)):
            return [name.strip() for name in fields], used
        text = "" if fields is not None else text
    return [], 0


def settled(
    error: ConfigError,
    file: Path,
    lines: Sequence[str],
    format_: Format,
    check: Check,
    choice: MakeChoice,
) -> ConfigError:
    """Return what stops a file: with the line of the YAML that lets its names pass, if one does.

    Parameters
    ----------
    error
        What stops it now.
    file, lines
        The file, and its first lines.
    format_
        How it is said to be written.
    check
        Refuses the names of its columns.
    choice
        Makes a line of the YAML of what ``format`` should say of the file.
    """
    for settings, found in _other_heads(lines, format_):
        try:
            check(found.names)
        except ConfigError:
            continue
        listed = ", ".join(map(repr, found.names[:_MOST_LISTED]))
        line = choice(settings, f"its columns are {listed}")
        if line.line in [it.line for it in error.choices]:
            return error
        where = f"in line {found.above}" if "header" not in settings else "nowhere"
        said = f"{shown(file)} has the names of its columns {where}"
        if not format_.header:
            said = f"{shown(file)} has columns called by position"
        return ConfigError(f"{said}: {listed}. Write {line}.", choices=[line])
    return error


def _other_heads(lines: Sequence[str], format_: Format) -> Iterator[tuple[dict[str, Any], Head]]:
    """Yield each other head that a file may have, and what ``format`` would say of it."""
    now = {"delimiter": format_.delimiter or ",", "skip_lines": format_.skip_lines}
    if format_.header:
        found = head(lines, format_.model_copy(update={"header": False}))
        yield {"header": False}, found
    for delimiter in dict.fromkeys((now["delimiter"], *DELIMITERS)):
        for skipped in range(min(HEADER_WITHIN, len(lines))):
            said = {"delimiter": delimiter, "skip_lines": skipped}
            found = head(lines[: 2 * HEADER_WITHIN], format_.model_copy(update=said))
            if len(found.names) > 1:
                yield {key: it for key, it in said.items() if it != now[key]}, found


def one_column(file: Path, first: str, delimiter: str, choice: MakeChoice) -> ConfigError:
    """Say which delimiter would part the first line, if a file has one column only."""
    counts = {mark: first.count(mark) for mark in DELIMITERS if mark != WHITESPACE}
    counts[WHITESPACE] = len(first.split()) - 1
    fit = next((mark for mark in counts if counts[mark] and mark != delimiter), None)
    lines = [choice({"delimiter": fit}, "")] if fit else []
    remedy = "".join(f" Write {line}." for line in lines)
    said = f"has one column only with the delimiter {_NAMES.get(delimiter, repr(delimiter))}"
    return ConfigError(
        f"{shown(file)} {said}; its first line is {first[:60]!r}.{remedy}", choices=lines
    )
