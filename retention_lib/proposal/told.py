"""What else a client's YAML is to say, told by what the columns hold: statuses and the currency."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import ibis

from retention_lib import vocabulary
from retention_lib.client import folded
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice
from retention_lib.proposal.profiles import Profile
from retention_lib.sources import Raw
from retention_lib.transactions import cells

__all__ = ["counted", "currency", "locale", "statuses", "unplaced"]

_MOST: Final = 1_000
_MEANINGS: Final = ("sale", "return", "cancelled")
_SAID: Final = {
    "sale": "a sale",
    "return": "money given back",
    "cancelled": "no sale: set aside",
}
# signs that one currency alone has
_CODES: Final = {
    "€": "EUR", "£": "GBP", "ft": "HUF", "zł": "PLN", "zl": "PLN", "лв": "BGN", "kč": "CZK",
    "us$": "USD",
}  # fmt: skip
_LOCALES: Final = {"HUF": "hu", "PLN": "pl", "BGN": "bg", "CZK": "cs", "GBP": "en_GB"}
_CODE: Final = re.compile(r"\b[A-Z]{3}\b")


def counted(raw: Raw, column: str) -> dict[str, int]:
    """Return the values of a column with their rows, the most frequent first; 1,000 at most."""
    text = cells.bare(raw.table[raw.names[column]]).cast(str)
    table = raw.table.select(value=text)
    counts = table.filter(table.value.notnull()).group_by("value").agg(rows=ibis._.count())
    found = counts.order_by(ibis.desc("rows"), "value").limit(_MOST).to_pyarrow().to_pylist()
    return {row["value"]: row["rows"] for row in found}


def statuses(
    seen: Mapping[str, int], known: Mapping[str, Sequence[str]], open_: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Return what the statuses that are there mean: as known, else by what words mean.

    Parameters
    ----------
    seen
        The statuses with their rows.
    known
        Those that somebody or a recipe has placed already, by meaning; they stay.
    open_
        Those that mean something else in this system than the word says, or nobody knows what.
    """
    found = {meaning: list(known.get(meaning, ())) for meaning in _MEANINGS}
    placed = {folded(word) for words in found.values() for word in words}
    placed |= {folded(word) for word in open_}
    for status in seen:
        meanings = [it for it in _MEANINGS if vocabulary.plain(status) in vocabulary.words(it)]
        if len(meanings) == 1 and folded(status) not in placed:
            found[meanings[0]].append(status)
    return {meaning: words for meaning, words in found.items() if words}


def unplaced(
    seen: Mapping[str, int], placed: Mapping[str, Sequence[str]]
) -> tuple[str, list[Choice]] | None:
    """Return the question what a status means that nobody has placed; None if there is none."""
    known = {folded(word) for words in placed.values() for word in words}
    left = {status: rows for status, rows in seen.items() if folded(status) not in known}
    if not left:
        return None
    status, rows = next(iter(left.items()))
    others = ", ".join(f"{it!r} in {count:,}" for it, count in list(left.items())[1:6])
    message = f"What does the status {status!r} mean, in {rows:,} rows?" + (
        f" Also open: {others}." if others else ""
    )
    choices = [
        Choice(
            as_line("statuses", {meaning: [*placed.get(meaning, ()), status]}),
            f"{status!r} is {_SAID[meaning]}",
        )
        for meaning in _MEANINGS
    ]
    if not known:
        choices.append(
            Choice(as_line("columns", {"status": None}), "the column says nothing of it")
        )
    return message, choices


def currency(raw: Raw, column: str | None, sign: str | None, amount: Profile | None) -> str | None:
    """Return the currency's code if one is seen: in its column, or as a sign or code of amounts."""
    if column is not None:
        codes = list(counted(raw, column))
        code = codes[0].strip().upper() if len(codes) == 1 else ""
        return code if re.fullmatch("[A-Z]{3}", code) else None
    texts = [sign or "", *(amount.samples if amount else ())]
    found = {code for text in texts for code in _codes(text)}
    return found.pop() if len(found) == 1 else None


def _codes(text: str) -> set[str]:
    bare = re.sub(r"[\d\s.,'’_()+−-]", " ", text).casefold().split()
    return {_CODES[it] for it in bare if it in _CODES} | set(_CODE.findall(text))


def locale(code: str | None) -> str | None:
    """Return the locale of a currency that one country alone has."""
    return _LOCALES.get(code or "")
