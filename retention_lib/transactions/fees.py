"""Lines that are no product: postage, fees, discounts, samples and corrections, by what they say."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

import ibis
import ibis.expr.types as ir

from retention_lib.client import Client
from retention_lib.sources import Raw
from retention_lib.vocabulary import LANGUAGES, names, plain, spoken, words

__all__ = ["are_named", "named"]

_NOUN_FIRST: Final = ("pl", "bg")
_MOST_WORDS: Final = 4  # a longer text that ends so is a product's
_MOST_TEXTS: Final = 200_000  # different ones that are looked at: more are notes
_OURS: Final = ("source_file", "unreadable_line", "line_number")


def are_named(raw: Raw, client: Client) -> ir.BooleanValue | None:
    """Say of each row whether a description that nobody mapped calls it a fee; None without one."""
    columns = client.columns
    mapped = {*columns.mapped().values(), *columns.segments, *client.not_sales}
    fitting = [
        raw.names[name]
        for name in raw.names
        if name not in mapped and name not in _OURS and plain(name) in names("product")
    ]
    table = raw.table
    texts = [name for name in fitting if table[name].type().is_string()]
    found = [it for it in (_in(table, name) for name in texts) if it is not None]
    return ibis.or_(*found) if found else None


def _in(table: ibis.Table, name: str) -> ir.BooleanValue | None:
    known = table.select(name).distinct().limit(_MOST_TEXTS + 1).to_pyarrow()[name].to_pylist()
    listed = named(it for it in known if it is not None) if len(known) <= _MOST_TEXTS else []
    if not listed:
        return None
    said: ir.BooleanValue = ibis.literal(listed, "array<string>").contains(table[name])
    return said.fill_null(False)


def named(texts: Iterable[str]) -> list[str]:
    """Return those of some products or descriptions that are postage, a fee, a discount, a sample."""
    return sorted(text for text in texts if _is_fee(text))


def _is_fee(text: str) -> bool:
    bare = " ".join(word for word in plain(text).split() if not word.isdigit())
    if not bare or len(bare) > 60:
        return False
    if bare in _whole():
        return True
    parts = bare.split()
    if len(parts) > _MOST_WORDS:
        return False
    last = any(parts[-1] in nouns or _ends(parts[-1]) for nouns in _last())
    return last or any(parts[0] in nouns for nouns in _first())


@cache
def _whole() -> frozenset[str]:
    # `code` is how databases call the column, not what stands in it
    return frozenset((*words("fee"), *names("shipping"), *words("fee_noun")))


@cache
def _last() -> tuple[frozenset[str], ...]:
    found = (it for it in LANGUAGES if it not in _NOUN_FIRST)
    return tuple(frozenset(spoken("fee_noun", it)) for it in found)


@cache
def _first() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(spoken("fee_noun", it)) for it in _NOUN_FIRST)


def _ends(word: str) -> bool:
    """Say whether a word is a German compound of a fee."""
    return word.endswith(("gebuhr", "gebuhren", "zuschlag", "versandkosten"))
