"""A variant of a study: what it keeps, what it says of itself, and that it equals a full run."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from retention_lib.client import clients_folder
from retention_lib.study import Study

YAML = """\
name: Shop
source: {{file: sales.csv}}
columns: {{order_id: number, customer_id: who, ordered_at: day, amount: paid, product: what,
  channel: via, status: state, cost: paid_for, segments: [kind]}}
cancelled: [void]
currency: EUR
{more}
"""
PIN = (
    "cycle_days: 40\nwindow: {{length: {}, unit: {}}}\nlapse_days: 150\nsince: 2024-01-01\nwhy: x\n"
)
SECTIONS = ("audit", "cycle", "retention", "clv", "recommendations")


def export() -> pd.DataFrame:
    """Return two and a half years of an untidy shop, all of it text."""
    draw = np.random.default_rng(12)
    rows = []
    for who in range(90):
        pace, day = draw.gamma(3, 14), draw.integers(0, 400)
        while day < 910 and draw.random() > 0.04:
            paid = round(float(draw.gamma(2, 20)), 2)
            what, via = draw.choice(["tea", "cup"]), draw.choice(["web", "shop"], p=[0.7, 0.3])
            date = datetime.date(2022, 1, 1) + datetime.timedelta(int(day))
            state = draw.choice(["paid", "void"], p=[0.95, 0.05])
            kind = "gold" if who % 3 == 0 else "plain"
            rows.append([f"c{who}", str(date), paid, what, via, state, round(paid / 2, 2), kind])
            day += 1 + draw.exponential(pace)
    table = pd.DataFrame(
        rows, columns=["who", "day", "paid", "what", "via", "state", "paid_for", "kind"]
    )
    table.insert(0, "number", range(len(table)))
    table.loc[3, "who"], table.loc[5, "day"], table.loc[7, "paid"] = None, "soon", -12.5
    return pd.concat([table, table.iloc[[10, 11, 20]]]).astype("str").replace("None", "")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A project of its own, with the untidy shop in it."""
    root = tmp_path_factory.mktemp("variants")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_ROOT", str(root))
        write("shop", export())
        yield root


@pytest.fixture(scope="module")
def shop(place: Path) -> Any:
    study = Study.open("shop", as_of="2024-06-15", run=str(place / "run"))
    yield study
    study.close()


def write(slug: str, table: pd.DataFrame, more: str = "", pin: str | None = None) -> None:
    folder = clients_folder() / slug
    folder.mkdir(parents=True)
    (folder / "client.yaml").write_text(YAML.format(more=more), encoding="utf-8")
    table.to_csv(folder / "sales.csv", index=False)
    if pin:
        (folder / "definitions.yaml").write_text(pin, encoding="utf-8")


def full(slug: str, place: Path, as_of: str = "2024-06-15") -> Study:
    return Study.open(slug, as_of=as_of, run=str(place / f"run-{slug}"))


# --- a variant equals a full run on the filtered export ---------------------------------


def figures(study: Study) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in SECTIONS:
        section = getattr(study, name)()
        dumped = section.model_dump(mode="json", exclude={"varied"})
        found[name] = dumped
    # a variant is held against no earlier report, and says so
    for name in ("previous", "mix_effect", "rate_effect"):
        found["retention"]["why_not"].pop(f"/{name}", None)
    return found


def assert_same(one: Any, other: Any, at: str = "") -> None:
    """Assert that two results agree: money is summed in whatever order the engine reads rows."""
    assert type(one) is type(other), at
    if isinstance(one, dict):
        assert sorted(one) == sorted(other), at
        for key in one:
            assert_same(one[key], other[key], f"{at}/{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), at
        for n, (left, right) in enumerate(zip(one, other, strict=True)):
            assert_same(left, right, f"{at}/{n}")
    elif isinstance(one, float):
        assert math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12), at
    else:
        assert one == other, at


def customers(study: Study) -> pd.DataFrame:
    return study.customers.order_by("customer_id").to_pandas()


def assert_equal(variant: Study, run: Study) -> None:
    assert_same(figures(variant), figures(run))
    pd.testing.assert_frame_equal(customers(variant), customers(run), rtol=1e-9)
    run.close()


def test_the_rows_of_one_channel_give_what_a_run_on_them_gives(shop: Study, place: Path) -> None:
    table = export()
    write("web", table[table["via"] == "web"])
    variant = shop.where(channel="web")
    assert variant.audit().rows_in == (table["via"] == "web").sum() < shop.audit().rows_in
    assert_equal(variant, full("web", place))


def test_the_rows_of_small_customers_give_what_a_run_on_them_gives(
    shop: Study, place: Path
) -> None:
    table = export()
    bought = table.drop_duplicates("number")[
        lambda t: (t["state"] != "void") & (t["day"] != "soon")
    ]
    known = bought[bought["day"] <= "2024-06-15"]
    spend = known.assign(paid=known["paid"].astype(float)).groupby("who")["paid"].sum()
    small = spend[spend < 300].drop("", errors="ignore").index
    write("small", table[table["who"].isin(small)])
    assert_equal(shop.where(lambda t: t.spend < 300), full("small", place))


def test_leaving_out_customers_and_an_earlier_day_give_what_a_run_gives(
    shop: Study, place: Path
) -> None:
    table = export()
    gone = ["c4", "c8", "c15"]
    write("fewer", table[~table["who"].isin(gone)])
    variant = shop.without(gone).until("2024-03-31")
    assert variant.audit().set_aside["after_as_of"] > 0
    assert_equal(variant, full("fewer", place, "2024-03-31"))


def test_another_window_gives_what_a_run_pinned_to_it_gives(place: Path) -> None:
    write("pinned", export(), pin=PIN.format(5, "month"))
    write("quarters", export(), pin=PIN.format(2, "quarter"))
    study = full("pinned", place)
    assert_equal(study.with_window(2, "quarter"), full("quarters", place))
    assert study.with_window(unit="quarter").cycle().window.length == 2  # type: ignore[union-attr]
    study.close()


def test_without_a_pin_a_window_keeps_the_fresh_cycle(shop: Study) -> None:
    variant, cycle = shop.with_window(9, "month"), shop.cycle()
    window = variant.cycle().window
    assert window is not None and (window.length, window.unit) == (9, "month")
    assert variant.cycle().cycle_days == cycle.cycle_days
    assert variant.cycle().lapse_days == cycle.lapse_days
