"""The benchmarks run, compare equal figures, and plant what they say. Speed is never tested."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__, simulated
from benchmarks.timing import Row, raced
from retention_lib.models import bgnbd


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


def test_every_row_compares_the_same_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "benchmarks.json"
    arguments = ["--customers", "3000", "--pairs", "1", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    monkeypatch.setattr("warnings.simplefilter", lambda *_, **__: None)
    __main__.main()
    rows = {row["name"]: row for row in json.loads(out.read_text())}
    assert {"bgnbd_fit", "bgnbd_fit_distinct", "clv_12_months"} <= set(rows)
    for row in rows.values():
        assert {"name", "ours", "theirs", "ratio", "target", "met"} <= set(row)
        assert row["difference"] <= 1e-6
        assert row["ratio"] == pytest.approx(row["theirs"] / row["ours"])
    assert "times faster" in capsys.readouterr().out


def test_a_fast_wrong_figure_does_not_count() -> None:
    row = raced("it", lambda: 1.0, lambda: 2.0, lambda a, b: b - a, target=0, allowed=0.1, pairs=2)
    assert row.difference == 1 and not row.met
    assert not Row("it", 1, 10, 10, 20, 0, 0).met
    assert Row("it", 1, 30, 30, 20, 0, 0).met
    assert np.isfinite(row.ratio)
