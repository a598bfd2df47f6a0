"""The demo client's report a quarter later: new data apart from a past that was revised."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from retention_lib.client import project_root
from retention_lib.results import Retention
from retention_lib.study import Study
from retention_lib.words import retention_rate as words

RUN = "2024-09-30-0123456789ab"


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Study, Retention]]:
    """The study of 31 December beside the run of 30 September, and what that run said.

    In between, every tenth order of July and August was cancelled.
    """
    root, home = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("reports")
    source = project_root() / "data"
    shutil.copytree(source / "clients" / "demo", root / "data" / "clients" / "demo")
    shutil.copy(source / "demo.py", root / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_ROOT", str(root))
        then = published(home / RUN)
        cancel(root / "data" / "clients" / "demo" / "input" / "zamowienia_2024.csv")
        study = Study.open("demo", run=str(home / ".staging-1"))
        yield study, then
        study.close()


def published(run: Path) -> Retention:
    """Leave what a complete run leaves, as far as it is looked up later."""
    study = Study.open("demo", as_of="2024-09-30", run=str(run))
    sections = {"audit": study.audit(), "cycle": study.cycle(), "retention": study.retention()}
    plain: dict[str, Any] = {name: section.figures() for name, section in sections.items()}
    known = {"client": "demo", "as_of": "2024-09-30"} | plain
    (run / "private" / "results.json").write_text(json.dumps(known), encoding="utf-8")
    (run / "private" / "manifest.json").write_text(json.dumps({"client": "demo"}), "utf-8")
    study.close()
    return study.retention()


def cancel(file: Path) -> None:
    """Cancel orders of July and August whose number ends in 7."""
    lines = file.read_bytes().decode("cp1250").split("\r\n")
    of_summer = (".07.2024;", ".08.2024;")
    changed = [
        line.rsplit(";", 1)[0] + ";anulowane"
        if any(day in line for day in of_summer) and line.split(";")[0].endswith("7")
        else line
        for line in lines
    ]
    assert changed != lines
    file.write_bytes("\r\n".join(changed).encode("cp1250"))


@pytest.mark.slow
def test_every_change_is_split_into_revision_and_news(later: tuple[Study, Retention]) -> None:
    study, then = later
    found = study.retention()
    assert found.previous is not None and found.previous.run == RUN
    assert found.previous.as_of == date(2024, 9, 30) and found.previous.same_window
    changes = {change.name: change for change in found.previous.changes}
    for name in ("returning_rate", "retained_rate", "end_customers", "lost_customers"):
        change = changes[name]
        assert change.reported == getattr(then, name) and change.now == getattr(found, name)
        assert change.revision == pytest.approx((change.recomputed or 0) - (change.reported or 0))
        assert change.news == pytest.approx((change.now or 0) - (change.recomputed or 0))
    assert (changes["end_customers"].revision or 0) < 0 < (changes["lost_customers"].revision or 0)
    assert (changes["returning_rate"].revision or 0) < 0 < (changes["returning_rate"].news or 0)
    news = changes["retained_rate"].news
    assert (found.mix_effect or 0) + (found.rate_effect or 0) == pytest.approx(news)


def test_a_manager_is_told_in_words(later: tuple[Study, Retention]) -> None:
    study, then = later
    result, speech = study.retention(), study.speech
    said = words.changes.meaning(result, speech).replace("**", "")
    assert said.startswith(
        f"On 30 Sept 2024 the report said that {speech.share(then.returning_rate or 0)} of "
        "established customers came back."
    )
    for part in ("(revised history: −", "Since then", "(new data: +", "different seasons"):
        assert part in said
    rows = words.changes.rows(result, speech)
    assert len(rows) == 10 and rows.iloc[0, 4].startswith("−") and rows.iloc[0, 5].startswith("+")
    assert result.previous is not None and result.previous.other_season
