"""The most valuable customers lost: by code for the report, by number for the private workbook."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from retention_lib.client import Client
from retention_lib.client.codes import code, salt_of
from retention_lib.study import xlsx
from retention_lib.transactions import leaving_reasons

WORKBOOK = "lost_customers.xlsx"


def with_codes(client: Client, listed: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return the list with a code for each customer, and the reason they gave where one is known.

    Parameters
    ----------
    listed
        As :func:`retention_lib.summaries.lost.most_valuable` gives it.
    as_of
        The day looked from: what was said later is not known yet.

    Returns
    -------
    pandas.DataFrame
        code, the columns of the list, and ``reason`` (the latest) where the client's file of
        reasons has any.
    """
    if listed.empty:
        return listed.assign(code=[])
    salt = salt_of(client)
    coded = listed.assign(code=[code(str(name), salt) for name in listed["customer_id"]])
    said = leaving_reasons.reasons(client)
    if said is not None:
        latest = (
            said[pd.to_datetime(said["date"]) <= pd.Timestamp(as_of)]
            .dropna(subset="reason")
            .sort_values("date")
            .drop_duplicates("customer_id", keep="last")
        )
        coded = coded.merge(latest[["customer_id", "reason"]], how="left", on="customer_id")
    return coded[["code", *(name for name in coded.columns if name != "code")]]


def written(table: pd.DataFrame, private: Path) -> pd.DataFrame:
    """Write the list as a workbook with customers' own numbers; return it without them."""
    private.mkdir(parents=True, exist_ok=True)
    xlsx.write({"lost customers": table}, private / WORKBOOK)
    return table.drop(columns="customer_id")
