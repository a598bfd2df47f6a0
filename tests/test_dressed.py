"""Any export is read exactly, or refused with a remedy that works."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_lib.client import parse_client
from retention_lib.sources import connect, read
from retention_lib.transactions import typed
from tests import dressed

settings.register_profile("dressed", deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dressed")
    return folder, connect(folder / "spill")


@st.composite
def exports(draw):
    dress = draw(dressed.dresses())
    return draw(dressed.sales(dress.encoding)), dress


@settings(settings.get_profile("dressed"), max_examples=150)
@given(exports())
def test_a_declared_export_is_read_exactly(desk, export):
    sales, dress = export
    folder, engine = desk
    (folder / "a.csv").write_bytes(dressed.written(sales, dress))
    assert kept(folder, engine, dressed.declared(dress, "a.csv")) == dressed.expected(sales)


def kept(folder: Path, engine, yaml: str) -> Counter[tuple[str, date, int]]:
    (folder / "client.yaml").write_text(yaml, encoding="utf-8")
    client = parse_client(yaml, "shop", folder)
    rows = typed(read(client, engine, folder / "cache"), client)
    rows = rows.filter(rows.reason.isnull()).select("customer_id", "day", "amount").to_pyarrow()
    return Counter(
        (row["customer_id"], row["day"], round(row["amount"] * 100)) for row in rows.to_pylist()
    )
