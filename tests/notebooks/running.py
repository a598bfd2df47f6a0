"""Notebooks run in this process, without a kernel, on clients made up of a few lines."""

from __future__ import annotations

import ast
import datetime
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from great_tables import GT

from retention_lib import tables

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


def write_client(root: Path, slug: str, text: str, amount: str = AMOUNT) -> None:
    folder = root / "data" / "clients" / slug
    folder.mkdir(parents=True)
    (folder / "client.yaml").write_text(YAML.format(amount=amount), encoding="utf-8")
    (folder / "sales.csv").write_text(text, encoding="utf-8")


def run(path: Path, client: str, shown: list[Any], stage: str | None = None) -> list[Any]:
    """Run a notebook's cells, and return what they showed of it as the fixture collects it."""
    names: dict[str, Any] = {}
    before = len(shown)
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            value = _run_cell(cell, names)
            shown.extend([] if value is None else [value])
            if "parameters" in cell.metadata.get("tags", []):
                names |= {"client": client, "run": stage}
    names["study"].close()
    return shown[before:]


def _run_cell(cell: Any, names: dict[str, Any]) -> Any:
    """Run a cell, and return the value of its last line if that is an expression."""
    *lines, last = ast.parse(cell.source).body
    if not isinstance(last, ast.Expr):
        lines, last = [*lines, last], ast.Expr(ast.Constant(None))
    exec(compile(ast.Module(lines, []), cell.id, "exec"), names)  # noqa: S102
    expression = ast.fix_missing_locations(ast.Expression(last.value))
    return eval(compile(expression, cell.id, "eval"), names)


def text(output: Any) -> str:
    """Return an output's text: a sentence, a table's HTML or a figure's alternative text."""
    if isinstance(output, pd.DataFrame):
        output = tables.show(output)
    if isinstance(output, GT):
        return str(output.as_raw_html())
    return str(output[0]["text/plain"] if isinstance(output, tuple) else output.data)
