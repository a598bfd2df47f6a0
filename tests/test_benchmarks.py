"""The benchmarks run, compare equal figures, and plant what they say. Speed is never tested."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks import __main__, audit, chart, models, simulated, summary
from benchmarks.timing import Row, raced
from retention_lib.client import project_root
from retention_lib.models import bgnbd

ROWS = [
    "customer_summary",
    "bgnbd_fit",
    "bgnbd_fit_distinct",
    "clv_12_months",
    "clocks_fit",
    "audit",
]
KEYS = {"name", "ours", "theirs", "ratio", "target", "difference", "allowed", "met"}


def test_customers_are_possible_and_the_same_each_time() -> None:
    made = simulated.customers(20_000, seed=1)
    once = made["frequency"] == 0
    assert (made.loc[once, "recency_days"] == 0).all()
    # each repeat purchase has a day of its own, after the first and up to today
    assert (made["recency_days"] >= made["frequency"]).all()
    assert (made["recency_days"] <= made["T_days"]).all()
    assert (made["monetary"] > 0).all()
    assert made.equals(simulated.customers(20_000, seed=1))


def test_their_parameters_are_found_but_for_what_whole_days_hide() -> None:
    found = bgnbd.fit(simulated.customers(100_000, seed=2).assign(customers=1))
    assert found.params == pytest.approx(simulated.TRUTH, rel=0.12)


def test_a_history_has_every_purchase_on_its_day() -> None:
    made, daily = simulated.history(5_000, seed=8)
    assert daily["repeats"].sum() == made["frequency"].sum() > 0
    assert daily["first_purchases"].sum() == 5_000
    assert daily["day"].max() == pd.Timestamp(simulated.LAST_DAY)
    first = made["T_days"].value_counts()
    assert daily["first_purchases"].iloc[400] == first.get(400, 0)


def test_purchases_are_rows_of_the_same_world() -> None:
    made = simulated.purchases(20_000, seed=3)
    assert len(made) == 20_000 and made.equals(simulated.purchases(20_000, seed=3))
    assert made["day"].is_monotonic_increasing
    assert made["day"].max() == pd.Timestamp(simulated.LAST_DAY)
    assert made["day"].min() >= made["day"].max() - pd.Timedelta(days=simulated.LONGEST_DAYS)
    assert made.duplicated(["customer_id", "day"]).any()  # two purchases, one occasion
    assert (made["amount"] > 0).all()
    # as often once only as the customers that are made without rows
    days = made.groupby("customer_id")["day"].nunique()
    once = (simulated.customers(20_000, seed=4)["frequency"] == 0).mean()
    assert (days == 1).mean() == pytest.approx(once, abs=0.02)


def test_both_ways_from_purchases_give_each_customer_the_same(tmp_path: Path) -> None:
    file = tmp_path / "purchases.parquet"
    made = simulated.purchases(5_000, seed=5)
    made.to_parquet(file)
    ours, theirs = summary.by_engine(file), summary.by_lifetimes(file)
    assert len(ours) == made["customer_id"].nunique()
    days = made.groupby("customer_id")["day"].nunique()
    assert ours["frequency"].sum() == (days - 1).sum() > 0
    assert summary.difference(ours, theirs) < 1e-12
    for figure in summary.FIGURES:
        wrong = ours.copy()
        wrong.loc[wrong["frequency"].idxmax(), figure] *= 2
        assert summary.difference(wrong, theirs) > 0.1
    assert summary.difference(ours.iloc[1:], theirs) == np.inf


def test_both_ways_to_the_audits_counts_give_the_same(tmp_path: Path) -> None:
    made = audit.Files.made(tmp_path, 20_000)
    ours, theirs = audit.ours(made), audit.theirs(made)
    assert {"returns_unmatched", "discounts_in_orders", "missing_customer_id"} <= set(ours["name"])
    assert audit.difference(ours, theirs) < 1e-12
    for name in theirs.loc[theirs["rows"] > 0, "name"]:
        wrong = ours.copy()
        wrong.loc[wrong["name"] == name, "rows"] *= 2
        assert audit.difference(wrong, theirs) > 0.1
    assert audit.difference(ours.iloc[1:], theirs) == np.inf


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Return what writes some rows, and reads them by name."""
    unchanged = SimpleNamespace(simplefilter=lambda *_: None)  # warnings stay errors
    monkeypatch.setattr(__main__, "warnings", unchanged)

    def written(*arguments: str) -> dict[str, Any]:
        out, picture = tmp_path / "benchmarks.json", tmp_path / "benchmarks.png"
        paths = ["--out", str(out), "--picture", str(picture)]
        monkeypatch.setattr(sys, "argv", ["benchmarks", "--pairs", "1", *paths, *arguments])
        __main__.main()
        assert picture.read_bytes().startswith(b"\x89PNG")
        return {row["name"]: row for row in json.loads(out.read_text())}

    return written


@pytest.mark.slow
def test_every_row_compares_the_same_figures(
    run: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = run("--customers", "3000", "--purchases", "3000", "--rows", "3000", "--only", *ROWS)
    assert list(rows) == ROWS
    for row in rows.values():
        assert set(row) == KEYS
        assert row["difference"] <= 1e-6
        assert row["ratio"] == pytest.approx(row["theirs"] / row["ours"])
    assert "times as fast" in capsys.readouterr().out


def test_an_unknown_row_is_refused_by_its_name(
    run: Callable[..., dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run("--only", "bgnbd", "bgnbd_fit")
    assert "no such row: bgnbd; there are customer_summary, bgnbd_fit," in capsys.readouterr().err


def test_a_likelihood_of_others_parameters_is_counted_as_ours() -> None:
    customers = simulated.customers(2_000, seed=6)
    ours = bgnbd.fit(customers.assign(customers=1))
    found = models.log_likelihood(ours.params, customers)
    assert found == pytest.approx(ours.log_likelihood, rel=1e-12)
    away = {key: value * 1.2 for key, value in ours.params.items()}
    assert models.log_likelihood(away, customers) < found - 1


@pytest.mark.filterwarnings("ignore")
def test_pymc_finds_the_same_likelihood() -> None:
    pytest.importorskip("pymc_marketing", exc_type=ImportError)
    customers = simulated.customers(2_000, seed=7)
    row = models.fit_by_pymc("it", customers.assign(customers=1), customers, pairs=1)
    assert 0 < row.difference <= row.allowed


MADE = [
    {"name": "bgnbd_fit", "ratio": 88.2, "target": 50, "met": True},
    {"name": "customer_summary", "ratio": 2.44, "target": 3, "met": False},
    {"name": "of_tomorrow", "ratio": 70.4, "target": 20, "met": False},
]


def test_the_chart_shows_each_ratio_beside_what_is_wanted() -> None:
    ax = chart.plot_benchmarks(MADE)
    assert ax.get_xscale() == "log"
    lengths = [line for line in ax.lines if line.get_linewidth() == 4]
    assert [list(line.get_xdata()) for line in lengths] == [[1, 88.2], [1, 2.44], [1, 70.4]]
    assert [line.get_ydata()[0] for line in lengths] == [0, -1, -2]  # the first on top
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    hollow = [line.get_markerfacecolor() == "white" for line in dots]
    assert hollow == [False, True, True]
    marks = [line.get_xdata() for line in ax.lines if line.get_linewidth() == 2.5]
    assert [list(mark) for mark in marks] == [[50, 50], [3, 3], [20, 20]]
    written = [text.get_text().strip() for text in ax.texts]
    assert written[::2] == [
        chart.LABELS["bgnbd_fit"],
        chart.LABELS["customer_summary"],
        "of_tomorrow",
    ]
    assert written[1::2] == [
        "88× (wanted: 50)",
        "2.4× (wanted: 3)",
        "70× (wanted: 20), other figures",
    ]


def test_nothing_of_the_chart_is_cut_off() -> None:
    slow = {"name": "clv_12_months", "ratio": 0.4, "target": 20, "met": False}
    ax = chart.plot_benchmarks([*MADE, slow])
    ax.figure.canvas.draw()
    edge = ax.figure.bbox
    for text in ax.texts:
        box = text.get_window_extent()
        assert edge.x0 <= box.x0 and box.x1 <= edge.x1 and edge.y0 <= box.y0, text.get_text()
    low, high = ax.get_xlim()
    assert low < 0.4 and high > 88.2


def test_every_committed_row_has_a_name_in_words_and_a_picture() -> None:
    root = project_root()
    rows = json.loads((root / "benchmarks.json").read_text())
    assert {row["name"] for row in rows} <= set(chart.LABELS)
    assert all(set(row) == KEYS for row in rows)
    with (
        Image.open(root / chart.PICTURE) as committed,
        Image.open(BytesIO(chart.png(rows))) as drawn,
    ):
        assert committed.size == drawn.size, "make bench"  # as high as the rows are many


def test_a_fast_wrong_figure_does_not_count() -> None:
    row = raced("it", lambda: 1.0, lambda: 2.0, lambda a, b: b - a, target=0, allowed=0.1, pairs=2)
    assert row.difference == 1 and not row.met
    assert not Row("it", 1, 10, 10, 20, 0, 0).met
    assert Row("it", 1, 30, 30, 20, 0, 0).met
    assert np.isfinite(row.ratio)
