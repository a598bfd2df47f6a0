"""Orders that stand in several files: the later file's version replaces the earlier one's whole."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_lib.client import Client
from retention_lib.errors import Choice, ConfigError, redacted
from retention_lib.sources import Raw

__all__ = ["marked", "place"]

_MOST_UNLIKE = 0.50  # of the shared order numbers; above, they begin anew in each file


def place(raw: Raw, label: ir.StringValue) -> ir.IntegerValue:
    """Return which file of the source it is, by its label, counted from the first."""
    labels = [file.label for file in raw.files]
    found: ir.IntegerValue = ibis.literal(labels, "array<string>").index(label)
    return found


def marked(raw: Raw, client: Client, rows: ibis.Table) -> ibis.Table:
    """Say of each row whether a later file holds its order anew (``is_replaced``).

    Where order numbers begin anew in each file, by ``order_ids: restart`` of the YAML, the file
    becomes part of ``order_id`` instead.

    Raises
    ------
    ConfigError
        If more than half of the order numbers that stand in several files stand there for another
        customer or another day.
    """
    if len(raw.files) < 2:
        return rows.mutate(is_replaced=False)
    if client.order_ids == "restart":
        return rows.mutate(is_replaced=False, order_id=rows.order_id + " (" + rows.source_file + ")")
    shared = _shared(raw, rows).cache()
    count = shared.agg(
        orders=_.count(), customers=_.unlike_customer.sum(), unlike=_.unlike.sum()
    )
    found = count.to_pyarrow().to_pylist()[0]
    if not found["orders"]:
        return rows.mutate(is_replaced=False)
    if client.order_ids is None and found["unlike"] > _MOST_UNLIKE * found["orders"]:
        raise _refused(raw, client, shared, found)
    last = shared.select("order_id", "last_file")
    both = rows.left_join(last, "order_id")
    replaced = (both.source_file != both.last_file).fill_null(False) & ~both.stands_alone
    return both.select(*rows.columns, is_replaced=replaced).view()


def _shared(raw: Raw, rows: ibis.Table) -> ibis.Table:
    """Return the order ids that stand in several files, and how far these agree."""
    held = rows.filter(rows.order_id.notnull(), ~rows.stands_alone)
    each = held.group_by("order_id", "source_file").agg(
        customer=_.customer_id.min(), day=_.day.min()
    )
    placed = each.mutate(place=place(raw, each.source_file)).view()
    return (
        placed.group_by("order_id")
        .agg(
            files=_.count(),
            last_file=_.source_file.argmax(_.place),
            first_file=_.source_file.argmin(_.place),
            unlike_customer=_.customer.nunique() > 1,
            unlike=(_.customer.nunique() > 1) | (_.day.nunique() > 1),
        )
        .filter(_.files > 1)
    )


def _refused(
    raw: Raw, client: Client, shared: ibis.Table, found: dict[str, Any]
) -> ConfigError:
    example = shared.filter(_.unlike).order_by("order_id").limit(1).to_pyarrow().to_pylist()[0]
    restart = Choice("order_ids: restart", "they begin anew: an order is a number of one file")
    replace = Choice(
        "order_ids: shared", "the order is the same: the later file's version replaces the earlier"
    )
    # other customers are other orders; other days alone may be a date that moves
    by_customer = found["customers"] > _MOST_UNLIKE * found["orders"]
    choices = (restart,) if by_customer else (restart, replace)
    what = "another customer" if by_customer else "another customer or another day"
    return ConfigError(
        f"{raw.where}: {found['orders']:,} numbers of column {client.columns.order_id!r} stand in "
        f"several files, {found['unlike']:,} of them with {what}, e.g. "
        f"{redacted(example['order_id'])[:40]!r} in {example['first_file']} and "
        f"{example['last_file']}. If numbers begin anew in each file, write {restart}; if they are "
        f"the same orders, of which the later file's version counts, {replace}.",
        choices=choices,
    )
