"""How files are written, and which of them belong together."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ibis.backends.duckdb import Backend

from retention_lib import sources
from retention_lib.client import recipes
from retention_lib.client.lines import as_line, with_line
from retention_lib.errors import Choice, ConfigError, RetentionError
from retention_lib.proposal.names import Sure, match
from retention_lib.proposal.places import Places, pattern
from retention_lib.sources import Sniffed
from retention_lib.sources.sniffed import choice

__all__ = ["Written", "look"]

# what goes without saying in `format`, where another file says something else
_PLAIN: Final = {"encoding": "utf-8", "delimiter": ",", "skip_lines": 0, "header": True}


@dataclass
class Written:
    """How the files are written that are read.

    Attributes
    ----------
    format, formats : dict
        As in a client's YAML.
    files : list of str
        The files that are read, by their names in the client's folder.
    names : list of str
        The columns of the largest.
    questions : list of tuple
        What is open: a message, and the choices.
    notes : list of str
        What somebody should know.
    """

    format: dict[str, Any] = field(default_factory=dict)
    formats: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    questions: list[tuple[str, tuple[Choice, ...]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look(places: Places, folder: Path, fixed: Mapping[str, Any], engine: Backend) -> Written:
    """Find out how files are written, and leave out those that are no sales.

    Parameters
    ----------
    places
        The files.
    folder
        Where they lie as in the client's folder.
    fixed
        What the user has said.
    engine
        A DuckDB connection.

    Raises
    ------
    ConfigError, DataError
        If none can be read, or one that was named itself.
    """
    found = Written(notes=[f"{name} holds no data and is left out." for name in places.left])
    seen, sizes = _sniffed(found, places, folder, engine)
    groups = _groups(seen, sizes)
    sales = [group for group in groups if _holds_sales(seen[group[0]].names)]
    # a list of customers has a day for each of them, too, but neither money nor orders
    sales = [group for group in sales if _holds_money(seen[group[0]].names)] or sales
    chosen = (sales or groups)[0]
    if len(sales) != 1 and len(groups) > 1 and "file" not in fixed.get("source", {}):
        _ask(found, sales or groups, seen)
    for group in groups:
        if group is not chosen:
            found.notes += [
                f"{Path(name).name} has other columns and is left out." for name in group
            ]
    found.files = _whole([name for name in seen if name in chosen], seen, places)
    _formats(found, chosen, seen, fixed)
    return found


def _sniffed(
    found: Written, places: Places, folder: Path, engine: Backend
) -> tuple[dict[str, Sniffed], dict[str, int]]:
    """Return how each file is written, those of archives one by one, and its size."""
    seen: dict[str, Sniffed] = {}
    sizes: dict[str, int] = {}
    named = {name for file, name in places.files.items() if file in places.named}
    whole = {name: folder / name for name in places.files.values()}
    with tempfile.TemporaryDirectory(prefix="retention-", ignore_cleanup_errors=True) as place:
        for name, file in sources.expanded(whole, Path(place) / "unpacked").items():
            try:
                seen[name] = sources.sniff(file, engine)
            except RetentionError as error:
                if name in named or len(places.files) == 1:
                    raise
                found.notes.append(f"{Path(name).name} cannot be read and is left out: {error}")
            sizes[name] = file.stat().st_size
    return seen, sizes


def _whole(chosen: Sequence[str], seen: Mapping[str, Sniffed], places: Places) -> list[str]:
    """Return the files that hold what was chosen; an archive is read with all that it holds."""
    files: list[str] = []
    for name in places.files.values():
        held = [it for it in seen if it == name or it.startswith(f"{name}/")]
        others = [it for it in held if it not in chosen]
        if others and len(others) < len(held):
            raise ConfigError(
                f"{Path(name).name} holds other files beside the sales, such as "
                f"{Path(others[0]).name}; unpack it, and name the files of sales."
            )
        files += [name] if held and not others else []
    return files


def _groups(seen: Mapping[str, Sniffed], sizes: Mapping[str, int]) -> list[list[str]]:
    """Return the files by their columns: the largest group first, its largest file first.

    A file that has all columns of another that the sales are read by belongs to it.
    """
    groups: list[list[str]] = []
    for name in sorted(seen, key=lambda it: -sizes[it]):
        fits = (group for group in groups if _alike(seen[group[0]].names, seen[name].names))
        group = next(fits, None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return sorted(groups, key=lambda group: -sum(sizes[name] for name in group))


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether columns that tell sales are called the same in two files."""
    if [it.casefold() for it in one] == [it.casefold() for it in other]:
        return True
    said = {name for name in one if _tells(name)}
    return bool(said) and said == {name for name in other if _tells(name)}


def _tells(name: str) -> bool:
    standards = ("customer_id", "email", "ordered_at", "amount", "unit_price", "order_id")
    return any(match(it, name) for it in standards)


def _holds_sales(names: Sequence[str]) -> bool:
    """Whether names of columns are those of sales: a day and a customer."""
    if recipes.matching(names):
        return True
    day, who = (
        any((it := match(kind, name)) and it.sure >= Sure.NEAR for name in names for kind in kinds)
        for kinds in (("ordered_at",), ("customer_id", "email"))
    )
    return day and who


def _holds_money(names: Sequence[str]) -> bool:
    """Whether names of columns are those of amounts, prices or orders."""
    kinds = ("amount", "unit_price", "order_id")
    found = (match(kind, name) for name in names for kind in kinds)
    return any(it and it.sure >= Sure.NEAR for it in found)


def _ask(found: Written, groups: Sequence[Sequence[str]], seen: Mapping[str, Sniffed]) -> None:
    choices = tuple(
        Choice(
            as_line("source", {"file": pattern(sorted(group))}),
            f"columns {', '.join(seen[group[0]].names[:6])}",
        )
        for group in groups
    )
    found.questions.append(
        ("The files have different columns; which of them hold the sales?", choices)
    )


def _formats(
    found: Written, chosen: Sequence[str], seen: Mapping[str, Sniffed], fixed: Mapping[str, Any]
) -> None:
    """Note how the largest file is written, and where others differ; what is open is asked."""
    first = seen[chosen[0]]
    found.names = list(first.names)
    asked = not fixed.get("format")
    found.format = _settled(first) if asked else dict(first.format)
    for name in chosen:
        sniffed = seen[name]
        found.notes += [f"{Path(name).name}: {note}" for note in sniffed.notes]
        plain = {key: _PLAIN[key] for key in first.format if key in _PLAIN}
        whole = replace(sniffed, format=plain | dict(sniffed.format))
        own = _settled(whole) if asked else whole.format
        own = {k: v for k, v in own.items() if found.format.get(k) != v}
        if own and name != chosen[0]:
            found.formats[name] = own
        if asked and _is_open(sniffed):
            _ask_form(found, name, sniffed, None if name == chosen[0] else first)


def _is_open(sniffed: Sniffed) -> bool:
    return len(sniffed.choices) > 1


def _forms(sniffed: Sniffed) -> list[dict[str, Any]]:
    """Return what `format` would say by each of the readings that are open."""
    return [with_line({}, it.line)["format"] for it in sniffed.choices]


def _settled(sniffed: Sniffed) -> dict[str, Any]:
    """Return what `format` has to say of a file, without what is asked."""
    asked = {key for form in _forms(sniffed) for key in form} if _is_open(sniffed) else set()
    return {key: value for key, value in sniffed.format.items() if key not in asked}


def _ask_form(found: Written, name: str, sniffed: Sniffed, first: Sniffed | None) -> None:
    """Ask how a file is to be read: one with the readings of the largest is read as that one is."""
    choices = sniffed.choices
    if first is not None:
        if _forms(first) == _forms(sniffed):
            return
        choices = tuple(
            choice(form, it.means, name)
            for form, it in zip(_forms(sniffed), sniffed.choices, strict=True)
        )
    found.questions.append((f"{Path(name).name} can be read in several ways.", choices))
