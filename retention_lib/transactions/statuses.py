"""Which statuses of the source mean that an order is no sale."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping

import ibis

from retention_lib.client import Client, shown
from retention_lib.errors import ConfigError
from retention_lib.sources import Raw

MOST_STATUSES = 10_000
_SHORTEST_SLIP = 5  # letters of a word that a slip is looked for in


def cancelled(raw: Raw, client: Client, plain: ibis.Table) -> list[str]:
    """Return the statuses, as the source spells them, that ``cancelled`` of the YAML names.

    Case and blanks do not count, nor how a letter with an accent is put together; Python decides,
    since engines do not agree on it. A name that no row holds is no slip in itself: a month may
    pass without a cancellation.

    Raises
    ------
    ConfigError
        If a name is not there but one is that differs by a letter: a slip of the pen would count
        cancelled orders as purchases. Also if the column holds too many values for statuses.
    """
    if not client.cancelled:
        return []
    seen = plain.status.cast(str)
    counts = plain.filter(seen.notnull()).group_by(status=seen).agg(rows=ibis._.count())
    rows = counts.order_by(ibis.desc("rows"), "status").limit(MOST_STATUSES + 1).to_pyarrow()
    if len(rows) > MOST_STATUSES:
        raise ConfigError(
            f"{raw.where}: column {client.columns.status!r} holds more than {MOST_STATUSES:,} "
            "different values, which are no statuses; mend `columns: {status: …}`."
        )
    there = {row["status"]: row["rows"] for row in rows.to_pylist()}
    wanted = {_plainly(name) for name in client.cancelled}
    for name in client.cancelled:
        if _plainly(name) not in map(_plainly, there):
            _refuse_slip(
                name, {it: n for it, n in there.items() if _plainly(it) not in wanted}, raw, client
            )
    return [status for status in there if _plainly(status) in wanted]


def _refuse_slip(name: str, there: Mapping[str, int], raw: Raw, client: Client) -> None:
    for status, rows in there.items():
        if _one_slip(_plainly(name), _plainly(status)):
            raise ConfigError(
                f"{raw.where}: no row of column {client.columns.status!r} holds {name!r}, which "
                f"{shown(client.file)} calls cancelled, but {rows} hold {status!r}; write that if "
                f"it is meant, else take {name!r} out of `cancelled`."
            )


def _plainly(text: str) -> str:
    """Return a text as it compares: without blanks around it, case, or ways to compose letters."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _one_slip(one: str, other: str) -> bool:
    """Say whether two longer words differ by one letter: added, left out or another."""
    if min(len(one), len(other)) < _SHORTEST_SLIP or abs(len(one) - len(other)) > 1:
        return False
    start = len(os.path.commonprefix([one, other]))
    one, other = one[start:], other[start:]
    end = len(os.path.commonprefix([one[::-1], other[::-1]]))
    return max(len(one), len(other)) - end <= 1
