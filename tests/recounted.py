"""Records recounted by plain pandas, from the files and not by the library."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pandas as pd

from retention_lib.client import load_client
from retention_lib.sources import locate

Window = tuple[str, str]


@cache
def demo_rows() -> pd.DataFrame:
    """Every row of the demo client's export: order, day, customer, product, amount, ..."""
    names = ["order", "day", "customer", "product", "quantity", "amount", "channel", "status"]
    options = {"sep": ";", "decimal": ",", "encoding": "cp1250", "dtype": {"Nr klienta": str}}
    files = [pd.read_csv(file, **options) for file in sorted(locate(load_client("demo")))]
    rows = pd.concat(files, ignore_index=True).set_axis(names, axis=1)
    return rows.assign(day=pd.to_datetime(rows["day"], format="%d.%m.%Y"))


@cache
def demo_lines() -> pd.DataFrame:
    """The rows that can be used: of a customer, not cancelled, and each once."""
    rows = demo_rows().drop_duplicates()
    return rows[rows["customer"].notna() & (rows["status"] != "anulowane")]


def purchase_days(lines: pd.DataFrame) -> pd.DataFrame:
    """Return customer and day of the days on which a purchase stands, in order."""
    amount = lines["amount"]
    sized = lines.assign(size=amount.abs(), sign=np.where(amount >= 0, 1, -1))
    balance = sized.groupby(["customer", "day", "product", "size"], dropna=False)["sign"].sum()
    standing = balance[balance > 0].reset_index()
    by_day = lines.assign(back=amount < 0).groupby(["customer", "day"])
    nothing = by_day["back"].any() & (by_day["amount"].sum().abs() < 0.005)
    free = standing[standing["size"] == 0].groupby(["customer", "day"]).size()
    gone = nothing[nothing].index.difference(free.index)
    days = pd.MultiIndex.from_frame(standing[["customer", "day"]].drop_duplicates())
    return days.difference(gone).to_frame(index=False, name=["customer", "day"])


def group_of(customer: str) -> int:
    return int(hashlib.md5(customer.encode()).hexdigest()[:4], 16) % 100


def flow(lines: pd.DataFrame, prior: Window, window: Window) -> pd.DataFrame:
    """Return what became of the revenue of a window, per hash group, customer by customer."""
    first = purchase_days(lines).groupby("customer")["day"].min()
    before, after = (
        lines[lines["day"].between(*days)].groupby("customer")["amount"].sum().to_dict()
        for days in (prior, window)
    )
    rows = []
    for customer, began in first.items():
        had = max(round(before.get(customer, 0), 2), 0)
        has = max(round(after.get(customer, 0), 2), 0)
        both, is_new = had > 0 and has > 0, began >= pd.Timestamp(window[0])
        rows.append(
            {
                "grp": group_of(str(customer)),
                "before": had,
                "kept": min(had, has),
                "expansion": max(has - had, 0) if both else 0,
                "contraction": max(had - has, 0) if both else 0,
                "lost": 0 if has > 0 else had,
                "new": has if had == 0 and is_new else 0,
                "resurrected": has if had == 0 and not is_new else 0,
            }
        )
    return pd.DataFrame(rows).groupby("grp", as_index=False).sum()


def part_counts(
    days: pd.DataFrame, parts: pd.DataFrame, prior: Window, window: Window, as_of: str, within: int
) -> pd.DataFrame:
    """Return the counts of each part, from sets of customers.

    ``days`` has customer and day of the occasions, ``parts`` customer and part.
    """
    ordered = days.sort_values(["customer", "day"]).groupby("customer")["day"]
    first, second = ordered.nth(0), ordered.nth(1)
    begun = days.loc[first.index].set_index("customer")["day"]
    then = days.loc[second.index].set_index("customer")["day"]
    was, stays = (set(days.loc[days["day"].between(*at), "customer"]) for at in (prior, window))
    watched = set(begun[begun <= pd.Timestamp(as_of) - pd.Timedelta(days=within)].index)
    waited = (then - begun.loc[then.index]).dt.days
    again = watched & set(waited[waited <= within].index)
    members = parts.groupby("part")["customer"].agg(set)
    rows = [
        (part, len(own & was), len(own & was & stays), len(own & watched), len(own & again))
        for part, own in members.items()
    ]
    names = ["part", "start", "retained", "second_customers", "second_again"]
    table = pd.DataFrame(rows, columns=names).sort_values("part", kind="stable")
    table = table[table["start"] >= 5].sort_values("start", ascending=False, kind="stable")
    return table.head(100).reset_index(drop=True)
