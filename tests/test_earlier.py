"""The earlier run that today is held against, found among folders as runs leave them."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from retention_lib.results import ChangeName
from retention_lib.study.earlier import latest_before
from tests import made

HASH = "0123456789ab"
OTHER = "ba9876543210"
TODAY = date(1998, 6, 30)


def write(home: Path, day: str, plain: Any = None, hashed: str = HASH, published: int = 0) -> Path:
    """Write a run as it is published; ``plain`` stands in place of CDNOW's results."""
    run = home / f"{day}-{hashed}"
    (run / "private").mkdir(parents=True)
    results = made.results().to_json() | {"as_of": day} if plain is None else plain
    text = results if isinstance(results, str) else json.dumps(results)
    (run / "private" / "results.json").write_text(text, encoding="utf-8")
    manifest = run / "private" / "manifest.json"
    manifest.write_text('{"client": "cdnow"}')
    os.utime(manifest, (1e9 + published, 1e9 + published))
    return run


def stage(home: Path) -> Path:
    return home / ".staging-1"


def test_the_figures_and_the_window_of_a_run(tmp_path: Path) -> None:
    run = write(tmp_path, "1998-03-31")
    earlier = latest_before(stage(tmp_path), TODAY)
    assert earlier is not None
    assert (earlier.run, earlier.as_of) == (run.name, date(1998, 3, 31))
    assert earlier.window == (7, "month")
    assert set(earlier.figures) == set(get_args(ChangeName))
    assert earlier.figures["returning_rate"] == 0.552
    assert earlier.figures["lost_customers"] == 3_317
    assert earlier.figures["customers"] == 23_570
    assert earlier.figures["occasions"] == 67_591
    assert earlier.figures["first_time_rate"] is None


def test_the_latest_day_before_this_one_wins(tmp_path: Path) -> None:
    for day in ("1997-12-31", "1998-03-31", "1998-06-30", "1998-07-01"):
        write(tmp_path, day, published=-int(day[:4]))
    earlier = latest_before(stage(tmp_path), TODAY)
    assert earlier is not None and earlier.as_of == date(1998, 3, 31)


def test_of_one_day_the_run_published_last_wins(tmp_path: Path) -> None:
    write(tmp_path, "1998-03-31", hashed=HASH, published=2)
    write(tmp_path, "1998-03-31", hashed=OTHER, published=1)
    earlier = latest_before(stage(tmp_path), TODAY)
    assert earlier is not None and earlier.run.endswith(HASH)
    os.utime(tmp_path / f"1998-03-31-{OTHER}" / "private" / "manifest.json", (2e9, 2e9))
    earlier = latest_before(stage(tmp_path), TODAY)
    assert earlier is not None and earlier.run.endswith(OTHER)


@pytest.mark.parametrize(
    "broken",
    ["", "{", "[]", "7", "\ud800", {"as_of": "1997-01-01"}, {}],
    ids=["empty", "half", "list", "number", "no text", "other day", "no day"],
)
def test_a_broken_run_is_passed_over_for_the_next_older(broken: Any, tmp_path: Path) -> None:
    older = write(tmp_path, "1997-12-31")
    newer = write(tmp_path, "1998-03-31", "{}" if broken == "\ud800" else broken)
    if broken == "\ud800":
        (newer / "private" / "results.json").write_bytes(b"\xff\xfe{")
    earlier = latest_before(stage(tmp_path), TODAY)
    assert earlier is not None and earlier.run == older.name


@pytest.mark.parametrize("missing", ["results.json", "manifest.json"])
def test_an_incomplete_run_is_passed_over(missing: str, tmp_path: Path) -> None:
    older = write(tmp_path, "1997-12-31")
    (write(tmp_path, "1998-03-31") / "private" / missing).unlink()
    earlier = latest_before(stage(tmp_path), TODAY)
    assert earlier is not None and earlier.run == older.name


def test_an_older_version_lacks_figures(tmp_path: Path) -> None:
    figures = {"retained_rate": 0.5, "returning_rate": True, "quick_ratio": "many"}
    plain = {"as_of": "1998-03-31", "retention": figures, "audit": [], "cycle": {"window": None}}
    write(tmp_path, "1998-03-31", plain)
    earlier = latest_before(stage(tmp_path), TODAY)
    assert earlier is not None and earlier.window is None
    known = {name: figure for name, figure in earlier.figures.items() if figure is not None}
    assert known == {"retained_rate": 0.5}


def test_what_is_no_number_is_no_figure(tmp_path: Path) -> None:
    write(tmp_path, "1998-03-31", '{"as_of": "1998-03-31", "retention": {"retained_rate": NaN}}')
    earlier = latest_before(stage(tmp_path), TODAY)
    assert earlier is not None and earlier.figures["retained_rate"] is None


@pytest.mark.parametrize("window", [{"length": 7, "unit": "year"}, {"unit": "month"}, 7])
def test_a_window_of_another_kind_is_none(window: Any, tmp_path: Path) -> None:
    write(tmp_path, "1998-03-31", {"as_of": "1998-03-31", "cycle": {"window": window}})
    earlier = latest_before(stage(tmp_path), TODAY)
    assert earlier is not None and earlier.window is None


def test_only_folders_named_as_runs_count(tmp_path: Path) -> None:
    run = write(tmp_path, "1998-03-31")
    for name in (f".replaced-{run.name}", "1998-02-31-0123456789ab", f"{run.name}0", "notes"):
        run.rename(tmp_path / name)
        assert latest_before(stage(tmp_path), TODAY) is None
        (tmp_path / name).rename(run)
    assert latest_before(stage(tmp_path), TODAY) is not None


def test_without_a_home_there_is_no_earlier_run(tmp_path: Path) -> None:
    assert latest_before(tmp_path / "reports" / "shop" / "run", TODAY) is None
