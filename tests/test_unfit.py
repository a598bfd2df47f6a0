"""Records that are unfit publish counts, the reason and what to mend: no rate, no value, no pin."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from retention_lib import runner
from retention_lib.client import project_root
from retention_lib.results import Verdict
from retention_lib.study import Study
from tests.notebooks.running import regulars, write_client

ROWS = regulars(customers=60, every=20, days=900)


def spoilt(every: int) -> list[tuple[str, str, str]]:
    """Return the rows with a date that cannot be read on each so many."""
    return [(who, "?" if at % every == 0 else day, sum) for at, (who, day, sum) in enumerate(ROWS)]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with a client whose every fifth date cannot be read."""
    lines = ["who,day,sum", *(",".join(row) for row in spoilt(5))]
    masters = project_root() / "notebooks"
    write_client(tmp_path, "shop", "\n".join(lines) + "\n")
    shutil.copytree(masters, tmp_path / "notebooks")
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    yield tmp_path


def test_a_study_of_unfit_records_gives_counts_alone(root: Path, tmp_path: Path) -> None:
    with closing(Study.open("shop", run=str(tmp_path / "stage"))) as study:
        audit, retention, clv = study.audit(), study.retention(), study.clv()
    assert audit.verdict.retention == audit.verdict.clv == "unfit"
    assert audit.reasons == {it: ["unreadable_date"] for it in Verdict.model_fields}
    assert audit.customers == 60 and audit.revenue is not None and audit.retained_rate is None
    rates = [name for name in type(retention).model_fields if name.endswith(("_rate", "_ratio"))]
    assert rates and all(getattr(retention, name) is None for name in rates)
    assert retention.headline is retention.judged is retention.lost is None
    assert clv.total_clv is clv.expected_purchases is clv.model is None
    for section, figure in ((retention, "/retained_rate"), (clv, "/total_clv")):
        assert section.why_not[figure].code == "records_unfit"


@pytest.mark.slow
def test_a_run_of_unfit_records_is_published_without_a_headline_or_a_pin(root: Path) -> None:
    said: list[str] = []
    out = root / "reports"
    published = runner.run("shop", today=date(2026, 1, 1), out=out, on_notice=said.append)
    assert said == [] and not (root / "data/clients/shop/definitions.yaml").exists()
    found = published.results.recommendations
    assert {line.name for line in found.lines if line.value is not None} == {"rows_kept"}
    assert [action.name for action in found.actions] == ["collect_data"]
    assert {claim.verdict for claim in found.claims} == {"cannot be tested"}
    html = published.report.read_text(encoding="utf-8")
    assert "These records cannot carry a retention rate" in html
    assert "Dates that cannot be read." in html and "Mend the records first" in html
    aside = published.folder / "private"
    assert (aside / "set_aside.xlsx").is_file() and (aside / "set_aside.parquet").is_file()
    assert not json.loads((aside / "results.json").read_text())["retention"]["retained_rate"]
