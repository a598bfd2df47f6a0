"""A ``client.yaml`` with a comment beside each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import yaml

from retention_lib.client.lines import as_line

__all__ = ["as_yaml"]

_TOP: Final = """\
# Written by `retention new`, which looked at the export and told what is below; change what is wrong.
# `retention check {slug}` says what is read by it.
"""
_WHY: Final = {
    "name": "as reports show it",
    "source": "where the sales are, from this folder on",
    "columns": "our names on the left, the export's on the right",
    "format": "how dates, numbers and lines are written",
    "formats": "where single files are written otherwise",
    "statuses": "what orders are: sales, returns, or cancelled ones, which are set aside",
    "cancelled": "orders of these statuses are set aside",
    "not_sales": "values of other columns that say a row is no sale",
    "currencies": "amounts are in one currency, whatever a column says",
    "amount_is": "whether an amount is that of its line, or its order's, which counts once",
    "discount_is": "what a discount is, which is taken off quantity × unit price",
    "order_ids": "numbers of orders begin anew in each file",
    "not_customers": "ids that stand for nobody; what they bought has no customer",
    "customers": "ids that are real customers, though they buy remarkably often",
    "ids": "how ids of customers are compared",
    "ahead": "what becomes of rows that are dated after the records end",
    "control": "totals of the client's books, to be compared with what is read",
    "currency": "of all amounts",
    "language": "of the words of reports",
    "locale": "of their numbers and dates",
}
_INSIDE: Final = {
    "date": "e.g. %d.%m.%Y is 31.12.2024",
    "decimal": "the mark before decimals",
    "thousands": "the mark between thousands",
    "sign": "the currency's sign that stands beside numbers",
    "timezone": "whose day counts",
    "skip_lines": "lines above the header",
    "sheet": "of the workbook",
    "encoding": "how letters are stored",
    "delimiter": "what stands between columns",
    "header": "columns are called by their position, from 1",
    "sale": "count as purchases",
    "return": "lower what was spent",
    "cancelled": "are set aside",
}
_ORDER: Final = (*_WHY, "economics")
_BLOCKS: Final = ("columns", "format", "statuses")


def as_yaml(
    slug: str,
    settings: Mapping[str, Any],
    beside: Mapping[str, str],
    doubts: Sequence[str],
) -> str:
    """Return the text of a ``client.yaml``.

    Parameters
    ----------
    slug
        The client's.
    settings
        What the YAML says, by key.
    beside
        Comments on single columns, by the suite's names.
    doubts
        What nobody could tell, one sentence each; they stand as comments at the end.
    """
    keys = sorted(settings, key=lambda key: _ORDER.index(key) if key in _ORDER else len(_ORDER))
    parts = [_TOP.format(slug=_plain(slug))]
    for key in keys:
        if settings[key] not in (None, {}, []):
            parts.append("\n".join(_part(key, settings[key], beside)) + "\n")
    if doubts:
        lines = [f"# - {_plain(doubt)}" for doubt in doubts]
        parts.append(
            "\n".join(["# What to look at, since it cannot be told for sure:", *lines]) + "\n"
        )
    return "\n".join(parts)


def _part(key: str, value: Any, beside: Mapping[str, str]) -> Iterator[str]:
    why = _WHY.get(key)
    if key not in _BLOCKS or not isinstance(value, Mapping):
        yield from ([f"# {why}"] if why else [])
        yield _line(key, value)
        return
    yield f"{key}:" + (f"  # {why}" if why else "")
    for inner, said in value.items():
        if said is None:
            continue
        comment = beside.get(inner) if key == "columns" else _INSIDE.get(inner)
        yield f"  {_line(inner, said)}" + (f"  # {_plain(comment)}" if comment else "")


def _line(key: str, value: Any) -> str:
    """Return one line of YAML, read back to be sure."""
    line = as_line(key, value)
    assert yaml.safe_load(line) == {key: value}
    return line


def _plain(text: str) -> str:
    """Return a text as one line that no comment ends in."""
    return " ".join(text.split())
