"""Every cell of every notebook runs, and says why where it has nothing to show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.notebooks.running import AMOUNT, NOTEBOOKS, regulars, run, sales, text, write_client

CLIENTS: dict[str, tuple[str, str]] = {
    "one-customer": (sales([("a", "2024-01-05", "10.00")]), AMOUNT),
    "one-day": (sales([(f"c{n}", "2024-01-05", "10.00") for n in range(50)]), AMOUNT),
    "nobody-returns": (
        sales([(f"c{n}", f"2024-{n % 12 + 1:02}-05", "10.00") for n in range(60)]),
        AMOUNT,
    ),
    "no-amounts": (sales(regulars(60, 20, 400)), ""),
    "short-history": (sales(regulars(60, 20, 50)), AMOUNT),
    "all-zero-and-hostile": (
        sales([(f"<b>{who}|*`$", day, "0.00") for who, day, _ in regulars(60, 20, 400)]),
        AMOUNT,
    ),
}


# the strangest two; the others are with the slow tests
FIRST = {"all-zero-and-hostile", "one-customer"}


@pytest.fixture(
    params=[pytest.param(name, marks=() if name in FIRST else pytest.mark.slow) for name in CLIENTS]
)
def client(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    slug: str = request.param
    write_client(tmp_path, slug, *CLIENTS[slug])
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    return slug


def test_every_cell_runs_and_speaks(client: str, shown: list[Any]) -> None:
    assert all(run(path, client, shown) for path in NOTEBOOKS)
    said = [text(output) for output in shown if hasattr(output, "data")]
    assert all(words.strip() for words in said)
    assert not any("None" in words or "nan" in words.split() for words in said)
    assert all(
        kw["metadata"]["image/png"]["alt"]
        for _, kw in [output for output in shown if isinstance(output, tuple)]
    )


PIN = """\
cycle_days: 60
window: {length: 6, unit: month}
lapse_days: 200
since: 2023-06-30
why: Measured on another export.
"""


@pytest.mark.slow
def test_below_the_gate_one_sentence_says_from_when_on_there_is_a_rate(
    tmp_path: Path, shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty days of history by a yardstick of half a year: refused, and nothing fails."""
    write_client(tmp_path, "young", sales(regulars(60, 20, 50)))
    (tmp_path / "data" / "clients" / "young" / "definitions.yaml").write_text(PIN, "utf-8")
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    stage = tmp_path / "reports" / "young" / ".staging"
    assert all(run(path, "young", shown, str(stage)) for path in NOTEBOOKS)
    refusal = (
        "Too little history: 50 days, where three cycles need 184. There will be enough on "
        "Jun 30, 2023."
    )
    said = [text(it).replace("\\", "") for it in shown if hasattr(it, "data")]
    assert said.count(refusal) >= 5
    saved = json.loads((stage / "private" / "results" / "03.json").read_text("utf-8"))
    assert saved["retained_rate"] is None and saved["start_customers"] is None
