from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from great_tables import GT

from retention_lib import tables, words
from retention_lib.speech import Speech
from retention_lib.words.recommendations import claims, states
from tests import made
from tests.test_words_retention import lost as made_lost

SPEECH = Speech()
EVIL = "<script>alert(1)</script> & <b>x</b>"

TABLES = [
    (tables.rows, words.data_audit.rows.rows(made.audit(), SPEECH), "table-rows", 1),
    (tables.checks, words.data_audit.checks.rows(made.audit(), SPEECH), "table-checks", 2),
    (tables.parameters, words.clv.model.rows(made.clv(), SPEECH), "table-parameters", 2),
    (tables.race, words.clv.race.rows(made.clv(), SPEECH), "table-race", 1),
    (tables.rolling, words.clv.rolling.rows(made.clv(), SPEECH), "table-rolling", 1),
    (tables.columns, words.clv.customers_file.rows(made.clv(), SPEECH), "table-columns", 3),
    (tables.segments, states.rows(made.recommendations(), SPEECH), "table-segments", 1),
    (
        tables.changes,
        words.retention_rate.changes.rows(made.full_retention(), SPEECH),
        "table-changes",
        1,
    ),
    (tables.lost, words.retention_rate.lost.rows(made_lost(), SPEECH), "table-lost", 5),
    (tables.claims, claims.rows(made.recommendations(), SPEECH), "table-claims", 2),
]
NAMED = [pytest.param(*row, id=row[2]) for row in TABLES]


def read(table: GT) -> BeautifulSoup:
    return BeautifulSoup(table.as_raw_html(), "html.parser")


def classes(cell: Tag) -> list[str]:
    return list(cell["class"])


@pytest.mark.parametrize(("show", "frame", "name", "words_columns"), NAMED)
def test_table_holds_caption_headers_cells_and_a_fixed_id(
    show: Callable[[pd.DataFrame, str], GT], frame: pd.DataFrame, name: str, words_columns: int
) -> None:
    page = read(show(frame, "A caption"))
    assert page.select_one(f"#{name}") is not None
    caption = page.select_one(".gt_title")
    assert caption is not None and caption.get_text() == "A caption"
    assert [cell.get_text() for cell in page.select("th")] == list(frame.columns)
    cells = [[cell.get_text() for cell in row.select("td")] for row in page.select("tbody tr")]
    assert cells == frame.to_numpy().tolist()


@pytest.mark.parametrize(("show", "frame", "name", "words_columns"), NAMED)
def test_figures_stand_to_the_right_and_words_to_the_left(
    show: Callable[[pd.DataFrame, str], GT], frame: pd.DataFrame, name: str, words_columns: int
) -> None:
    page = read(show(frame, "A caption"))
    for row in page.select("tbody tr"):
        sides = ["left" if "gt_left" in classes(cell) else "right" for cell in row.select("td")]
        assert sides.count("left") == words_columns and sides[0] == "left"


@pytest.mark.parametrize(("show", "frame", "name", "words_columns"), NAMED)
def test_table_is_the_same_on_every_run(
    show: Callable[[pd.DataFrame, str], GT], frame: pd.DataFrame, name: str, words_columns: int
) -> None:
    assert show(frame, "x").as_raw_html() == show(frame.copy(), "x").as_raw_html()


@pytest.mark.parametrize(("show", "frame", "name", "words_columns"), NAMED)
def test_table_without_rows_is_shown(
    show: Callable[[pd.DataFrame, str], GT], frame: pd.DataFrame, name: str, words_columns: int
) -> None:
    shown = show(frame.iloc[:0], "Nothing here")
    if name in ("table-changes", "table-lost", "table-race", "table-rolling"):
        assert shown is None  # the sentence below says why
        return
    page = read(shown)
    assert "Nothing here" in page.get_text() and not page.select("tbody td")


def test_client_strings_are_text() -> None:
    frame = pd.DataFrame({EVIL: [EVIL], "n": ["1"]})
    html = tables.segments(frame, EVIL).as_raw_html()
    page = BeautifulSoup(html, "html.parser")
    assert page.find("script") is None and page.find("b") is None
    assert page.get_text().count("<b>x</b>") == 3


def test_figures_of_one_column_have_equal_precision() -> None:
    estimates = words.clv.model.rows(made.clv(), SPEECH)["Estimate"]
    assert {len(cell.split(".")[1]) for cell in estimates} == {4}
