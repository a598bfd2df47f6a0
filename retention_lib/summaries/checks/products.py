"""Lines that are no product: by what their product or description says, and by how it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from retention_lib.summaries.checks.records import Records, listed
from retention_lib.summaries.counts import frame
from retention_lib.transactions.fees import named

_MOST: Final = 200_000  # different products that are looked at one by one
_CODED = 0.95  # of rows whose product is a code of digits, that others are odd
_MOST_ODD = 0.02  # of rows, and of codes, that are odd: more are a kind of their own
_FAMILY = 4  # signs that codes of one family begin with


def fees(records: Records) -> list[str]:
    """Return the products that are none: postage, fees, discounts, samples, corrections."""
    if not records.has("product"):
        return []
    known = records.rows.filter(_.product.notnull()).group_by("product").agg(rows=_.count())
    table = frame(known.limit(_MOST + 1), by=["product"])
    if len(table) > _MOST:
        return []
    rows = dict(zip(table["product"], table["rows"].astype(int), strict=True))
    return sorted({*named(rows), *_odd_codes(Counter(rows))})


def _odd_codes(rows: Counter[str]) -> list[str]:
    """Return what stands among codes of digits and is none: no digit in it, or far shorter.

    Codes that begin as a family of codes does are products (``DCGSSBOY`` beside ``DCGS0003``).
    """
    codes = {code for code in rows if " " not in code and any(it.isdigit() for it in code)}
    total = rows.total()
    if not codes or sum(rows[code] for code in codes) < _CODED * total:
        return []
    families = {code[:_FAMILY].upper() for code in codes if len(code) >= _FAMILY}
    usual = _median_length(rows, codes)
    odd = [
        code
        for code in rows
        if (code not in codes or 2 * len(code) < usual)
        and (len(code) < _FAMILY or code[:_FAMILY].upper() not in families)
    ]
    few = sum(rows[code] for code in odd) <= _MOST_ODD * total
    return odd if few and len(odd) <= max(10, _MOST_ODD * len(rows)) else []


def _median_length(rows: Counter[str], codes: set[str]) -> int:
    lengths = pd.Series({code: rows[code] for code in codes}).groupby(len).sum().cumsum()
    return int(lengths.index[lengths >= lengths.iloc[-1] / 2][0])


def is_fee(rows: ibis.Table, known: Sequence[str]) -> ir.BooleanValue:
    """Say of each row whether it is one of products that are none, or its description says so."""
    found: list[ir.BooleanValue] = []
    if known:
        found.append(listed(rows.product, known))
    if "names_a_fee" in rows.columns:
        found.append(rows.names_a_fee.fill_null(False))
    return ibis.or_(*found) if found else ibis.literal(False)


def are_fees(records: Records) -> ir.BooleanValue | None:
    """Say of each row whether it is postage, a fee, a discount, a sample or a correction."""
    known = records.known(fees)
    return is_fee(records.rows, known) if known or records.has("names_a_fee") else None
