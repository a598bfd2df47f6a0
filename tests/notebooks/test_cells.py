"""Every cell of every notebook runs, and says why where it has nothing to show."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from retention_lib.plots import style
from retention_lib.words import display

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

YAML = """\
name: "<script>x</script> | *b*"
source: {{file: sales.csv}}
columns: {{customer_id: who, ordered_at: day{amount}}}
currency: USD
"""
AMOUNT = ", amount: sum"


def sales(rows: list[tuple[str, str, str]]) -> str:
    return "\n".join(["who,day,sum", *(",".join(row) for row in rows)]) + "\n"


def regulars(customers: int, every: int, days: int) -> list[tuple[str, str, str]]:
    """Customers who buy every so many days, each a little off the others."""
    start = datetime.date(2023, 1, 1)
    return [
        (f"c{who}", str(start + datetime.timedelta(day)), f"{10 + who % 7}.50")
        for who in range(customers)
        for day in range(who % every, days, every + who % 5)
    ]


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


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    outputs: list[Any] = []
    monkeypatch.setattr(style, "DPI", 40)  # quicker, and pictures are tested elsewhere
    monkeypatch.setattr(style, "display", lambda data, **kw: outputs.append((data, kw)))
    monkeypatch.setattr(display, "display", outputs.append)
    return outputs


@pytest.fixture(params=CLIENTS)
def client(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    text, amount = CLIENTS[request.param]
    folder = tmp_path / "data" / "clients" / request.param
    folder.mkdir(parents=True)
    (folder / "client.yaml").write_text(YAML.format(amount=amount), encoding="utf-8")
    (folder / "sales.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    yield request.param


def run(path: Path, client: str) -> None:
    names: dict[str, Any] = {}
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, cell.id, "exec"), names)  # noqa: S102
            if "parameters" in cell.metadata.get("tags", []):
                names["client"] = client
    names["study"].close()


def test_every_cell_runs_and_speaks(client: str, shown: list[Any]) -> None:
    for path in NOTEBOOKS:
        before = len(shown)
        run(path, client)
        assert len(shown) > before
    said = [output.data for output in shown if not isinstance(output, tuple)]
    assert all(text.strip() for text in said)
    assert not any("None" in text or "nan" in text.split() for text in said)
    assert all(
        kw["metadata"]["image/png"]["alt"]
        for _, kw in [output for output in shown if isinstance(output, tuple)]
    )
