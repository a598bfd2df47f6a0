"""Any export is read exactly, or refused with a remedy that works."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_lib.client import parse_client
from retention_lib.client.lines import with_line
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import connect, read
from retention_lib.transactions import typed
from tests import dressed, truth
from tests.dressed import Export

Kept = Counter[tuple[str, date, int]]
FOUND: Final = Path(__file__).parent / "found"
# the same exports in every run: `make fuzz` looks for others
settings.register_profile(
    "dressed",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
FEW: Final = settings(settings.get_profile("dressed"), max_examples=12)
# as many as a run of CI has time for, with those of test_dressed_new; `make fuzz` goes on
MANY: Final = settings(settings.get_profile("dressed"), max_examples=450)
SOME: Final = settings(settings.get_profile("dressed"), max_examples=120)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dressed")
    return folder, engine_in(folder)


def engine_in(folder: Path):
    """Open an engine for many small exports: one thread has them done before two have begun."""
    engine = connect(folder / "spill")
    engine.raw_sql("SET threads = 1")
    return engine


@st.composite
def exports(draw):
    dress = draw(dressed.dresses())
    return Export(draw(dressed.sales(dress)), dress)


@FEW
@given(exports())
def test_a_declared_export_is_read_exactly(desk, export):
    assert read_declared(*desk, export) == truth.expected(export.sales)


@FEW
@given(exports())
def test_what_stops_an_undeclared_export_offers_the_line_that_is_true(desk, export):
    assert read_undeclared(*desk, export) == truth.expected(export.sales)


@pytest.mark.slow
@MANY
@given(exports())
def test_many_declared_exports_are_read_exactly(desk, export):
    assert read_declared(*desk, export) == truth.expected(export.sales)


@pytest.mark.slow
@SOME
@given(exports())
def test_what_stops_many_undeclared_exports_offers_the_line_that_is_true(desk, export):
    assert read_undeclared(*desk, export) == truth.expected(export.sales)


@settings(FEW, max_examples=5)
@given(exports(), st.data())
def test_files_in_dresses_of_their_own_are_read_exactly(desk, export, data):
    sales, dress, _ = export
    # amounts of one currency: of several, or of some that carry none, the run has to stop
    other = data.draw(dressed.dresses().filter(lambda it: it.header == dress.header))
    other = replace(other, sign=dress.sign)
    others = data.draw(dressed.sales(other))
    folder, engine = desk
    (folder / "a.csv").write_bytes(dressed.written(sales, dress))
    (folder / "b.csv").write_bytes(dressed.written(_renumbered(others), other))
    own = {"b.csv": {"thousands": None, "date": None, **truth.form_of(other)}}
    said = truth.declared(export, "a.csv") | {"source": {"file": ["a.csv", "b.csv"]}}
    right = truth.expected(sales) + truth.expected(others)
    assert kept(folder, engine, said | {"formats": own}) == right


def _renumbered(sales: tuple[dressed.Sale, ...]) -> tuple[dressed.Sale, ...]:
    return tuple(sale.of_order(f"P{sale.order}") for sale in sales)


@settings(FEW, max_examples=5)
@given(exports(), st.integers(1, 60))
def test_an_export_cut_within_a_line_loses_that_line_at_most(desk, export, cut):
    sales, dress, _ = export
    folder, engine = desk
    # two bytes a character are cut in the middle of one else
    content = dressed.written(sales, dress)[: -2 * cut]
    (folder / "a.csv").write_bytes(content)
    try:
        found = kept(folder, engine, truth.declared(export, "a.csv"))
    except (ConfigError, DataError):
        return
    lost = truth.expected(sales) - found
    lines = dressed.written(sales, dress)[-2 * cut :].count(b"\n") + 1
    assert lost.total() <= lines


@settings(FEW, max_examples=5)
@given(exports(), st.integers(9, 200))
def test_a_packed_export_cut_short_is_refused(desk, export, cut):
    folder, engine = desk
    content = gzip.compress(dressed.written(*export))
    (folder / "a.csv.gz").write_bytes(content[:-cut])
    with pytest.raises((ConfigError, DataError), match=r"unpacked|empty"):
        kept(folder, engine, truth.declared(export, "a.csv.gz"))


@settings(FEW, max_examples=5)
@given(exports())
def test_an_empty_file_among_others_is_no_hindrance(desk, export):
    folder, engine = desk
    (folder / "a.csv").write_bytes(dressed.written(*export))
    (folder / "empty.csv").write_bytes(b"")
    said = truth.declared(export, "a.csv") | {"source": {"file": ["empty.csv", "a.csv"]}}
    assert kept(folder, engine, said) == truth.expected(export.sales)
    with pytest.raises(DataError, match="empty"):
        kept(folder, engine, said | {"source": {"file": "empty.csv"}})


@pytest.mark.parametrize(
    "case", sorted(it.parent for it in FOUND.glob("*/kept.json")), ids=lambda it: it.name
)
def test_what_was_found_stays_right(desk, case, tmp_path):
    (tmp_path / "a.csv").write_bytes((case / "a.csv").read_bytes())
    right = Counter(
        {
            (who, date.fromisoformat(day), cents): times
            for who, day, cents, times in json.loads((case / "kept.json").read_text("utf-8"))
        }
    )
    said = yaml.safe_load((case / "client.yaml").read_text("utf-8"))
    mapped = yaml.safe_load((case / "mapped.yaml").read_text("utf-8"))
    assert kept(tmp_path, desk[1], said) == right
    assert right in _ends(tmp_path, desk[1], mapped)


def _ends(folder: Path, engine, said: dict[str, Any], most: int = 12) -> list[Kept]:
    """Return what is kept at the end of each way through the lines that are offered."""
    try:
        return [kept(folder, engine, said)]
    except DataError:
        return []
    except ConfigError as stop:
        lines = [it.line for it in stop.choices] if most else []
    return [it for line in lines for it in _ends(folder, engine, with_line(said, line), most - 1)]


def read_declared(folder: Path, engine, export: Export) -> Kept:
    """Return what is kept of an export by a YAML that says how it is written."""
    (folder / "a.csv").write_bytes(dressed.written(*export))
    return kept(folder, engine, truth.declared(export, "a.csv"))


def read_undeclared(folder: Path, engine, export: Export) -> Kept:
    """Return what is kept by a YAML that maps columns, and takes over what true lines it is offered."""
    (folder / "a.csv").write_bytes(dressed.written(*export))
    mapped = truth.undeclared(export, "a.csv")
    return truth.followed(partial(kept, folder, engine), mapped, export)


def kept(folder: Path, engine, said: Mapping[str, Any]) -> Kept:
    """Return how often each customer, day and amount in cents is kept by a YAML."""
    text = yaml.safe_dump(dict(said), allow_unicode=True)
    (folder / "client.yaml").write_text(text, encoding="utf-8")
    client = parse_client(text, "shop", folder)
    rows = typed(read(client, engine, folder / "cache"), client)
    rows = rows.filter(rows.reason.isnull()).select("customer_id", "day", "amount").to_pyarrow()
    return Counter(
        (row["customer_id"], row["day"], round(row["amount"] * 100)) for row in rows.to_pylist()
    )
