"""Several currencies stop the run, since no one adds them up; the client says which rows count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

import ibis

from retention_lib.client import Client, folded
from retention_lib.client.lines import as_line
from retention_lib.errors import Choice, ConfigError
from retention_lib.sources import Raw

__all__ = ["check_mapped", "refuse"]

_MOST: Final = 5  # currencies that are listed, and offered as the one that counts
_MOST_CODES: Final = 1_000


def check_mapped(raw: Raw, client: Client, plain: ibis.Table) -> None:
    """Stop if the column that is mapped as the currency holds several.

    Parameters
    ----------
    raw, client
        The source and the client.
    plain
        The mapped columns under their standard names, not typed yet, and ``is_no_sale``.

    Raises
    ------
    ConfigError
        As :func:`refuse`.
    """
    if not (client.columns.currency and client.has_amounts) or client.currencies:
        return
    code = plain.currency.cast(str)
    rows = plain.filter(code.notnull(), ~plain.is_no_sale).group_by(code=code)
    found = rows.agg(rows=ibis._.count()).limit(_MOST_CODES).to_pyarrow().to_pylist()
    refuse(raw, client, client.columns.currency, {row["code"]: row["rows"] for row in found})


def refuse(raw: Raw, client: Client, column: str, counts: Mapping[str, int]) -> None:
    """Stop if a column holds several currencies, as far as ``not_sales`` leaves any of them out.

    Case does not count.

    Raises
    ------
    ConfigError
        Naming the currencies and how many rows each has. Its choices: rows of one of them count
        alone, or all amounts are in one currency whatever the column says.
    """
    left_out = {folded(word) for word in client.not_sales.get(column, ())}
    spelt = {code: counts[code] for code in sorted(counts) if folded(code) not in left_out}
    rows_of: Counter[str] = Counter()
    for code, rows in spelt.items():
        rows_of[folded(code)] += rows
    if len(rows_of) < 2:
        return
    shown = {folded(code): code[:20] for code in reversed(spelt)}
    most = sorted(rows_of, key=lambda it: (-rows_of[it], it))
    listed = ", ".join(f"{shown[it]!r} in {rows_of[it]} rows" for it in most[:_MOST])
    choices = (
        *(_only(client, column, it, spelt) for it in most[:_MOST]),
        Choice("currencies: converted", "all amounts are in one currency, whatever it says"),
    )
    raise ConfigError(
        f"{raw.where}: column {column!r} holds {len(most)} currencies: {listed}"
        f"{', …' if len(most) > _MOST else ''}. Amounts of several currencies cannot be added up; "
        "export the rows of one, or convert all amounts before. To count the rows of one alone, "
        f"write e.g. {choices[0]}; if all amounts are in one currency whatever this column says, "
        f"write {choices[-1]}.",
        choices=choices,
    )


def _only(client: Client, column: str, code: str, spelt: Mapping[str, int]) -> Choice:
    others = {folded(it): it for it in spelt if folded(it) != code}
    words = [*client.not_sales.get(column, ()), *others.values()]
    name = next(it for it in spelt if folded(it) == code)
    return Choice(as_line("not_sales", {column: words}), f"only rows in {name[:20]} count")
