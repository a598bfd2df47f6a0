"""The list of customers as files: the list, and the dictionary of its columns beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import ibis

from retention_lib.results import Clv, whole
from retention_lib.speech import Speech
from retention_lib.study import preparation
from retention_lib.words import clv as words

CUSTOMERS: Final = "customers.parquet"
COLUMNS: Final = "customers_columns.csv"


def write(customers: ibis.Table, path: Path) -> None:
    """Write one row per customer, in the order of their ids: whole or not at all.

    The same table gives the same bytes each time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    preparation.write(customers.order_by("customer_id"), path)


def explain(result: Clv, speech: Speech, folder: Path) -> None:
    """Write what each column of the list says: column, meaning, unit; whole or not at all."""
    rows = words.customers_file.rows(result, speech).set_axis(["column", "meaning", "unit"], axis=1)
    with whole(folder / COLUMNS) as half:
        rows.to_csv(half, index=False, encoding="utf-8", lineterminator="\n")
