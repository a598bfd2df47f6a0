"""Any export is read exactly, or refused with a remedy that works."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
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
    assert read_declared(*desk, export) == dressed.expected(export[0])


@settings(settings.get_profile("dressed"), max_examples=60)
@given(exports())
def test_what_stops_an_undeclared_export_offers_the_line_that_is_true(desk, export):
    assert read_undeclared(*desk, export) == dressed.expected(export[0])


Export = tuple[tuple[dressed.Sale, ...], dressed.Dress]
Kept = Counter[tuple[str, date, int]]


def read_declared(folder: Path, engine, export: Export) -> Kept:
    """Return what is kept of an export by a YAML that says how it is written."""
    (folder / "a.csv").write_bytes(dressed.written(*export))
    return kept(folder, engine, yaml.safe_load(dressed.declared(export[1], "a.csv")))


def read_undeclared(folder: Path, engine, export: Export) -> Kept:
    """Return what is kept by a YAML that maps columns, and takes over what true lines it is offered."""
    (folder / "a.csv").write_bytes(dressed.written(*export))
    mapped = yaml.safe_load(dressed.undeclared(export[1], "a.csv"))
    return dressed.followed(partial(kept, folder, engine), mapped, *export)


def kept(folder: Path, engine, said: Mapping[str, Any]) -> Kept:
    text = yaml.safe_dump(dict(said), allow_unicode=True)
    (folder / "client.yaml").write_text(text, encoding="utf-8")
    client = parse_client(text, "shop", folder)
    rows = typed(read(client, engine, folder / "cache"), client)
    rows = rows.filter(rows.reason.isnull()).select("customer_id", "day", "amount").to_pyarrow()
    return Counter(
        (row["customer_id"], row["day"], round(row["amount"] * 100)) for row in rows.to_pylist()
    )
