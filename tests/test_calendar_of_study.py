"""What a study says of the calendar: a frame for each figure, and the result it stands in."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from retention_lib.results import Clv
from retention_lib.study import Study
from tests import made


def asked(result: Clv) -> Any:
    """A study of which only its answer is known."""
    return SimpleNamespace(clv=lambda: result, varied=False)


def test_months_are_those_of_the_result() -> None:
    frame = Study.months(asked(made.clv()))
    assert frame["month"].tolist() == list(range(1, 13))
    december = frame.set_index("month").loc[12]
    assert december["factor"] == 1.45 and december["compared"] == "above"
    assert (december["low"], december["high"]) == pytest.approx((0.97 * 1.45, 1.03 * 1.45))
    assert frame.set_index("month").loc[7, "compared"] == "below"
    assert frame.set_index("month").loc[2, "compared"] == "not clearly"
    assert not frame["tentative"].any()


def test_months_of_a_young_client_are_tentative_and_of_a_new_one_unknown() -> None:
    young = made.clocks().model_copy(update={"season_is": "tentative"})
    assert Study.months(asked(made.changed(made.clv(), clocks=young)))["tentative"].all()
    new = made.clocks().model_copy(update={"season": [], "season_is": "unknown"})
    assert Study.months(asked(made.changed(made.clv(), clocks=new))).empty
    assert Study.months(asked(made.no_clv())).empty


@pytest.mark.slow
def test_a_year_and_a_half_have_a_tentative_season_and_no_trend(tmp_path: Path) -> None:
    study = Study.open("cdnow-sample", run=str(tmp_path / "run"))
    clocks = study.clv().clocks
    assert clocks is not None and clocks.season_is == "tentative" and len(clocks.season) == 12
    assert clocks.stay is None and clocks.pace is None
    assert study.months()["tentative"].all() and len(study.months()) == 12
    assert study.stay_by_month().empty
