"""Every cell of every notebook runs, and says why where it has nothing to show."""

from __future__ import annotations

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


@pytest.fixture(params=CLIENTS)
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
