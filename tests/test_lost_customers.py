"""The list of lost customers: what was said after the day looked from is not known yet."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from retention_lib.client import load_client
from retention_lib.study import lost_customers


def test_a_reason_given_after_the_day_looked_from_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = pd.DataFrame(
        {
            "customer_id": ["a", "a"],
            "date": pd.to_datetime(["2020-05-01", "2020-07-01"]),
            "score": [1.0, 1.0],
            "reason": ["early", "late"],
        }
    )
    monkeypatch.setattr(lost_customers.leaving_reasons, "reasons", lambda _client: said)
    listed = pd.DataFrame({"customer_id": ["a"]})
    client = load_client("cdnow")
    told = [
        lost_customers.with_codes(client, listed, date(2020, month, 30))["reason"].item()
        for month in (6, 7)
    ]
    assert told == ["early", "late"]
