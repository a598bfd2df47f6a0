"""Which rows a check, or a reason to set rows aside, touches: for whoever looks at them one by one."""

from __future__ import annotations

import ibis
from ibis import _

from retention_lib.summaries.checks.register import CHECKS


def touched(rows: ibis.Table, name: str) -> ibis.Table:
    """Return the rows that a check touches, or that were set aside for a reason; by its name.

    Parameters
    ----------
    rows
        All typed rows with their ``reason``.
    """
    check = next((it for it in CHECKS if it.name == name), None)
    if check is None:
        return rows.filter(_.reason == name)
    used = rows.filter(_.reason.isnull())
    return used.mutate(touched=check.holds(used)).filter(_.touched).drop("touched")
