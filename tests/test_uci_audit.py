"""The audit of UCI Online Retail as it was exported, recounted by plain pandas from the raw file."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pandas as pd
import pytest

from retention_lib.client import project_root
from retention_lib.results import Audit
from retention_lib.study import Study

UCI = project_root() / "../shared/data/online_retail_uci.csv.gz"
FEES = [
    *("AMAZONFEE", "B", "BANK CHARGES", "C2", "CRUK", "D", "DOT", "M", "PADS", "POST", "S"),
    "m",
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not UCI.exists(), reason="the shared UCI Online Retail file is not here"),
]


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The file as pandas reads it: all columns text, and number, price, money, day beside them."""
    lines = pd.read_csv(UCI, dtype=str)
    number, price = pd.to_numeric(lines["Quantity"]), pd.to_numeric(lines["UnitPrice"])
    return lines.assign(
        number=number,
        price=price,
        money=number * price,
        day=lines["InvoiceDate"].str[:10],
        copy=lines.duplicated(),
        credit=lines["InvoiceNo"].str.startswith("C"),
    )


@pytest.fixture(scope="module")
def used(raw: pd.DataFrame) -> pd.DataFrame:
    """Lines that name a customer, each once."""
    return raw[raw["CustomerID"].notna() & ~raw["copy"]]


@pytest.fixture(scope="module", params=["with descriptions", "codes alone"])
def study(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Study]:
    root = tmp_path_factory.mktemp("uci")
    folder = root / "data" / "clients" / "uci"
    folder.mkdir(parents=True)
    lines = pd.read_csv(UCI, dtype=str)
    if request.param == "codes alone":
        # each line keeps its own, so that the same lines are copies
        lines = lines.rename(columns={"Description": "Remark"})
    lines.to_csv(folder / "sales.csv", index=False)
    (folder / "client.yaml").write_text(
        "name: UCI\nsource: {file: sales.csv}\ncurrency: GBP\ncolumns: {customer_id: CustomerID, "
        "ordered_at: InvoiceDate, quantity: Quantity, unit_price: UnitPrice, order_id: InvoiceNo, "
        "product: StockCode}\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_ROOT", str(root))
        held = Study.open("uci")
        yield held
        held.close()


@pytest.fixture(scope="module")
def audit(study: Study) -> Audit:
    return study.audit()


def found(audit: Audit, name: str) -> tuple[int, int, int | None, float | None]:
    (check,) = [it for it in audit.checks if it.name == name]
    money = None if check.money is None else round(check.money, 2)
    return check.rows, check.rows_read, check.customers, money


def counted(used: pd.DataFrame, read: pd.DataFrame) -> tuple[int, int, int | None, float | None]:
    money = round(float(used["money"].abs().sum()), 2) if len(used) else None
    return len(used), len(read), used["CustomerID"].nunique() or None, money


def test_lines_without_a_customer(audit: Audit, raw: pd.DataFrame) -> None:
    nameless = raw[raw["CustomerID"].isna()]
    assert len(nameless) == 135_080
    money = round(float(nameless["money"].abs().sum()), 2)
    assert found(audit, "missing_customer_id") == (135_080, 135_080, None, money)
    assert audit.unassigned_revenue == pytest.approx(
        nameless.loc[~nameless["copy"], "money"].sum(), abs=0.01
    )


def test_exact_copies(audit: Audit, raw: pd.DataFrame) -> None:
    copies = raw[raw["copy"]]
    assert len(copies) == 5_268
    assert found(audit, "duplicate_line") == counted(copies.dropna(subset="CustomerID"), copies)


def test_return_documents(audit: Audit, raw: pd.DataFrame, used: pd.DataFrame) -> None:
    assert raw["credit"].sum() == 9_288
    assert found(audit, "return_documents") == counted(used[used["credit"]], raw[raw["credit"]])


def test_returns_that_find_their_purchase(audit: Audit, used: pd.DataFrame) -> None:
    """A stack for each customer, product and quantity, in a plain loop."""
    lines = used[used["money"] != 0].assign(is_return=used["money"] < 0)
    ordered = lines.sort_values(["day", "is_return"], kind="stable")
    stacks: dict[tuple[str, str, int], int] = {}
    matched = []
    for at, who, product, number, back in zip(
        ordered.index,
        ordered["CustomerID"],
        ordered["StockCode"],
        ordered["number"].abs(),
        ordered["is_return"],
        strict=True,
    ):
        key = (who, product, number)
        if not back:
            stacks[key] = stacks.get(key, 0) + 1
        elif stacks.get(key, 0):
            stacks[key] -= 1
            matched.append(at)
    returns = used[used["money"] < 0]
    kept = returns.loc[returns.index.isin(matched)]
    assert 0 < len(kept) < len(returns)
    # which of equal returns is matched is chance, so that money is held against the sum of both
    both = [found(audit, f"returns_{kind}") for kind in ("matched", "unmatched")]
    assert [rows for rows, *_ in both] == [len(kept), len(returns) - len(kept)]
    money = sum(money or 0 for *_, money in both)
    assert money == pytest.approx(returns["money"].abs().sum(), abs=0.01)


def test_negative_quantities_that_are_no_returns(audit: Audit, raw: pd.DataFrame) -> None:
    odd = raw[(raw["number"] < 0) & ~raw["credit"]]
    assert len(odd) == 1_336 and (odd["price"] == 0).all() and odd["CustomerID"].isna().all()
    assert found(audit, "negative_quantities") == (0, 1_336, None, None)


def test_prices_of_zero_and_below(audit: Audit, raw: pd.DataFrame, used: pd.DataFrame) -> None:
    free, below = raw[raw["price"] == 0], raw[raw["price"] < 0]
    assert (len(free), len(below)) == (2_515, 2)
    assert found(audit, "zero_amounts") == counted(used[used["price"] == 0], free)
    assert found(audit, "negative_prices") == (0, 2, None, None)


def test_the_largest_purchase_and_its_return(audit: Audit, used: pd.DataFrame) -> None:
    large = used[used["money"].abs().round(2).isin([168_469.60, 77_183.60])]
    assert sorted(large["money"].round(2)) == [-168_469.6, -77_183.6, 77_183.6, 168_469.6]
    assert found(audit, "reversed_large") == (2, 2, 2, 245_653.20)


def test_lines_that_are_no_product(
    audit: Audit, study: Study, raw: pd.DataFrame, used: pd.DataFrame
) -> None:
    said = raw["Description"].fillna("").str.lower().str.strip()
    is_fee = raw["StockCode"].isin(FEES)
    if "names_a_fee" in study.rows.columns:
        # a product of its own, and notes on lines of the stock without a price
        notes = said.str.contains("adjustment$") | said.isin(["samples", "adjust bad debt"])
        assert (raw.loc[notes & ~is_fee, "price"] == 0).all()
        is_fee |= (said == "next day carriage") | notes
    expected = counted(used[is_fee.loc[used.index]], raw[is_fee])
    assert found(audit, "fees_and_adjustments") == expected


def test_purchases_taken_back_the_same_day(audit: Audit, used: pd.DataFrame) -> None:
    """Days on which as many lines of a product and an amount were taken back as were bought."""
    sign = (used["money"] >= 0).map({True: 1, False: -1})
    size = used["money"].abs().round(2)
    day = ["CustomerID", "day"]
    left = sign.groupby([used["CustomerID"], used["day"], used["StockCode"], size]).sum()
    stands = (left > 0).groupby(level=day).any()
    sums = used.groupby(day)["money"].agg(["sum", "min", "max"])
    free = used[used["money"] == 0].groupby(day).size().reindex(sums.index, fill_value=0) > 0
    nothing = (sums["sum"].abs() < 0.005) & ~free
    gone = sums.index[(sums["min"] < 0) & (~stands.reindex(sums.index) | nothing)]
    bought = used[used["money"] > 0].set_index(day)
    lines = bought[bought.index.isin(gone)].reset_index()
    assert len(lines) > 0
    assert found(audit, "reversed_same_day") == counted(lines, lines)


def test_purchasing_customers_and_why_they_are_not_4338(
    audit: Audit, used: pd.DataFrame, study: Study
) -> None:
    """The published figure counts whoever has a line of a positive quantity and price."""
    published = set(used.loc[(used["number"] > 0) & (used["price"] > 0), "CustomerID"])
    assert len(published) == 4_338
    ours = {f"{it}.0" for it in _customers(study)}
    # whose only line was free is a customer here: an order can be paid by a discount
    free = set(used.loc[used["price"] == 0, "CustomerID"]) - published
    assert ours - published == free
    # and whoever took all back on the day of the purchase is none
    missing = published - ours
    own = used[used["CustomerID"].isin(missing)]
    assert len(missing) > 0
    sign = (own["money"] > 0).map({True: 1, False: -1})
    kind = [own["CustomerID"], own["day"], own["StockCode"], own["money"].abs().round(2)]
    left = (sign.groupby(kind).sum() > 0).groupby(level=[0, 1]).any()
    net = own.groupby(["CustomerID", "day"])["money"].sum().abs() < 0.005
    assert (~left | net).all()
    assert audit.customers == 4_338 + len(free) - len(missing)


def _customers(study: Study) -> set[str]:
    table = study.occasions.filter(study.occasions.position == 1).select("customer_id")
    return set(table.to_pyarrow()["customer_id"].to_pylist())


def test_nothing_else_is_found(audit: Audit) -> None:
    names = {check.name for check in audit.checks}
    assert names == {
        *("missing_customer_id", "duplicate_line", "orders_booked_twice"),
        *("returns_matched", "returns_unmatched", "reversed_same_day", "reversed_large"),
        *("return_documents", "negative_quantities", "zero_amounts", "negative_prices"),
        *("fees_and_adjustments", "decimal_ids"),
    }


def test_an_order_under_two_numbers(audit: Audit, used: pd.DataFrame) -> None:
    lines = used.assign(line=used["StockCode"] + used["Quantity"] + used["UnitPrice"])
    order = lines.groupby(["CustomerID", "day", "InvoiceNo"])["line"].agg(
        lambda it: json.dumps(sorted(it))
    )
    size = lines.groupby(["CustomerID", "day", "InvoiceNo"]).size()
    money = lines.groupby(["CustomerID", "day", "InvoiceNo"])["money"].sum()
    known = pd.DataFrame({"said": order, "n": size, "money": money})
    fitting = known[(known["n"] > 1) & (known["money"] > 0)].reset_index()
    twice = fitting[fitting.duplicated(["CustomerID", "day", "said"])]
    assert found(audit, "orders_booked_twice")[0] == twice["n"].sum() > 0
