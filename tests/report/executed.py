"""Executed notebooks made in code: what the report's tests render."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import great_tables
import matplotlib.pyplot as plt
import nbformat
import pandas as pd
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from retention_lib.report import Page


@dataclass(frozen=True)
class Headline:
    """Stands in for that of the first screen: the report reads its six attributes only."""

    label: str
    value: str
    range: str
    so_what: str
    certainty: str
    change: str = ""


def png(title: str = "Return curve", size: tuple[float, float] = (7, 4)) -> str:
    """Return a small line chart as base64."""
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    axes.plot(range(0, 550, 50), [1 - 0.5 * (1 - 0.985**day) for day in range(0, 550, 50)])
    axes.set(title=title, xlabel="days since the last purchase", ylabel="share not yet back")
    axes.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=200)
    plt.close(figure)
    return base64.b64encode(buffer.getvalue()).decode()


def picture(alt: str | None, data: str | None = None) -> Any:
    """Return a figure's output as ``show(figure, alt)`` leaves it."""
    metadata = {} if alt is None else {"image/png": {"alt": alt}}
    return new_output(
        "display_data",
        {"image/png": data or png(), "text/plain": "<Figure size 1400x800>"},
        metadata=metadata,
    )


def says(text: str) -> Any:
    """Return a computed sentence's output."""
    return new_output(
        "display_data", {"text/markdown": text, "text/plain": "<IPython.core.display.Markdown>"}
    )


def html(source: str) -> Any:
    """Return an HTML output."""
    return new_output("execute_result", {"text/html": source, "text/plain": "GT(…)"})


def table() -> Any:
    """Return a table as great_tables writes it."""
    frame = pd.DataFrame(
        {
            "State": ["new", "active", "slipping", "lapsed", "<b>bold</b>"],
            "Customers": [0, 5994, 3120, 14456, 12],
            "Share of customers": ["0 %", "25.4 %", "13.2 %", "61.3 %", "0.1 %"],
            "Share of spend": ["0 %", "58.1 %", "17.9 %", "24.0 %", "0.0 %"],
            "Expected value": ["$0", "$231,000", "$41,200", "$18,900", "$3"],
        }
    )
    made = (
        great_tables.GT(frame, rowname_col="State", id="segments")
        .tab_header("Who the customers are now", "Customers to 30 June 1998; money in US dollars")
        .fmt_number("Customers", decimals=0)
        .tab_source_note("Value: expected margin of the next 12 months.")
    )
    return html(made.as_raw_html())


def notebook(*cells: Any) -> nbformat.NotebookNode:
    """Return a notebook of these cells."""
    return new_notebook(cells=list(cells))


def prose(text: str) -> Any:
    """Return a Markdown cell."""
    return new_markdown_cell(text)


def code(*outputs: Any, source: str = "plot = secret_source()") -> Any:
    """Return an executed code cell."""
    return new_code_cell(source, outputs=list(outputs), execution_count=1)


def write(folder: Path, name: str, *cells: Any) -> Path:
    """Write a notebook of these cells and return its path."""
    path = folder / name
    nbformat.write(notebook(*cells), path)  # type: ignore[no-untyped-call]
    return path


def suite(folder: Path) -> list[Path]:
    """Write five notebooks that look like a real run's."""
    names = {
        "01_data_audit.ipynb": "Can the records be trusted?",
        "02_cycle_detection.ipynb": "How often do customers really buy?",
        "03_retention_rate.ipynb": "Do customers come back?",
        "04_clv.ipynb": "What is each customer worth?",
        "05_recommendations.ipynb": "Where should the next effort go?",
    }
    return [write(folder, name, *_chapter(name, title)) for name, title in names.items()]


def _chapter(name: str, title: str) -> list[Any]:
    return [
        prose(f"# {title}"),
        prose("A sales export is a by-product of running a shop. This chapter says what it holds."),
        code(source='client = "cdnow"'),
        code(says("About **6 in 10** buyers of the earlier window came back (range 54 to 56 %).")),
        prose(
            "## How long do customers stay away?\n\nThe curve falls fast and then flattens: most "
            "of those who come back do so early. The method, by "
            "[Wang and Chang](https://example.org/wang-chang), counts each customer once."
        ),
        code(picture("Curve: half of those who return are back within 65 days.")),
        prose(
            "Read it from the left.\n\n- Steep part: habit.\n- Flat part: chance.\n\n"
            "See [the value chapter](04_clv.ipynb)."
        ),
        prose("## Which customers bring the money?"),
        code(
            table(),
            new_output("stream", text="A warning nobody should read", name="stderr"),
            new_output("execute_result", {"text/plain": "<Axes: repr>"}),
        ),
        prose(f"## What is special about chapter {int(name[:2])}?"),
        prose("## What are the limits?\n\nNew customers cannot be judged: acquisition stopped."),
    ]


def page(**change: Any) -> Page:
    """Return a first screen and footer, all fields filled."""
    fields: dict[str, Any] = {
        "title": "CDNOW",
        "subtitle": "Customers and their purchases up to 30 June 1998",
        "banner": [BANNER],
        "headlines": HEADLINES,
        "actions": ACTIONS,
        "provenance": PROVENANCE,
        "language": "en",
        "own_notebooks": [],
    }
    return Page(**(fields | change))


BANNER = (
    "Nobody bought for the first time after 25 March 1997, so figures on new customers "
    "cannot be judged."
)
HEADLINES = [
    Headline(
        "Returning buyers who came back",
        "55 %",
        "54 to 56 %, December 1997 to June 1998",
        "Nearly half of an established base is lost every seven months.",
        "firm",
        "no clear change since 31 March 1998",
    ),
    Headline(
        "Customers gained for each one lost",
        "About 0.6",
        "0.58, from 1,906 gained and 3,317 lost; 95% interval 0.54 to 0.61",
        "More go than come: the base shrinks until more are kept, or more are won.",
        "firm",
        "-0.12 since 31 March 1998",
    ),
    Headline(
        "Expected with no churn at all",
        "78 %",
        "75 to 78 %, depending on the model",
        "About one in four losses is ordinary waiting, not leaving.",
        "likely",
    ),
    Headline(
        "Typical time between purchases",
        "65 days",
        "64 to 67 days; not settled, no upper bound",
        "A customer silent for 203 days is unlikely to return unasked.",
        "likely",
    ),
    Headline(
        "Value of today's customers",
        "$1.9 million",
        "$1.5 to 2.4 million of revenue in 12 months",
        "The upper limit for what keeping them may cost.",
        "likely",
    ),
    Headline(
        "Spend from the top fifth",
        "66 %",
        "of all spend; 65 to 67 %",
        "Personal care of 4,700 customers covers two thirds of the business.",
        "open",
    ),
]
ACTIONS = [
    "Test a second-purchase e-mail on 3,120 slipping customers before they pass 203 days.",
    "Keep spend on lapsed customers low: at most one in ten returns within two cycles.",
    "Call the 200 most valuable active customers; measure against a held-out group.",
]
PROVENANCE = [
    ("Figures as of", "1998-06-30"),
    ("Input", "CDNOW_master.txt, SHA-256 3f9a5c2e7b10"),
    ("Software", "retention_lib 0.1.0, Python 3.12.4, pandas 3.1.1, lifetimes 0.11.3"),
    ("Commit", "4f0c2ab91d7e (clean)"),
]
