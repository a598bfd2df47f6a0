"""What a record of earlier forecasts can speak for: a plain rule wants three windows, NBD a boundary."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from retention_lib.clv.race import Trial, chosen
from retention_lib.models.purchase_model import BoundaryError, FitError
from retention_lib.models.race import Race, Setting, Standing

DAYS = 180
START = date(2023, 1, 1)


def trial(
    after: int, predicted: dict[str, float], left_out: dict[str, FitError] | None = None
) -> Trial:
    """Return a race so many days after the start, in which 100 purchases came."""
    standings = [
        Standing(name, said, 100, said / 100 - 1, 1.0, 1.0, 1.0, 0.01)
        for name, said in predicted.items()
    ]
    run = Race(standings, {}, left_out or {}, standings[0].name, True, "none better")
    return Trial(pd.DataFrame(), Setting(START + timedelta(days=after)), DAYS, run, None)


def order(*record: Trial) -> list[str]:
    return list(chosen(record[0], [*record]).tested)


def test_a_rule_comes_first_where_three_windows_bear_it_out() -> None:
    said = {"BG/NBD": 120.0, "own": 101.0}
    overlapping = [trial(after, said) for after in (0, 60, 179, 180, 359)]
    assert order(*overlapping) == ["BG/NBD", "own"]
    assert order(*overlapping, trial(360, said)) == ["own", "BG/NBD"]


def test_without_a_model_a_rule_needs_no_windows() -> None:
    assert order(trial(0, {"own": 101.0})) == ["own"]


def test_nbd_stands_where_a_model_ends_at_its_boundary() -> None:
    said = {"MBG/NBD": 120.0, "NBD": 101.0}
    assert order(trial(0, said)) == ["MBG/NBD", "NBD"]
    ended: dict[str, FitError] = {"BG/NBD": BoundaryError("nobody_leaves", model="BG/NBD")}
    assert order(trial(0, said, ended)) == ["NBD", "MBG/NBD"]
    elsewhere: dict[str, FitError] = {"BG/NBD": BoundaryError("run_off", model="BG/NBD")}
    assert order(trial(0, said, elsewhere)) == ["MBG/NBD", "NBD"]


def test_who_may_not_be_first_is_still_tested() -> None:
    found = chosen(
        trial(0, {"BG/NBD": 120.0, "own": 101.0}), [trial(0, {"BG/NBD": 120.0, "own": 101.0})]
    )
    assert dict(found.tested) == {"BG/NBD": DAYS, "own": DAYS}
    assert (found.by, found.reason) == ("record", "none better")
