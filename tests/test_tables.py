from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from great_tables import GT
from IPython.core.interactiveshell import InteractiveShell

from retention_lib import tables, words
from retention_lib.errors import ConfigError
from retention_lib.speech import Speech
from retention_lib.words.recommendations import claims, states
from tests import made
from tests.test_words_retention import lost as made_lost

SPEECH = Speech()
EVIL = "<script>alert(1)</script> & <b>x</b>"

TABLES = [
    (tables.books, words.data_audit.books.rows(made.audit(), SPEECH), "table-books", 1),
    (tables.effects, words.data_audit.effects.rows(made.audit(), SPEECH), "table-effects", 1),
    (tables.checks, words.data_audit.checks.rows(made.audit(), SPEECH), "table-checks", 2),
    (tables.parameters, words.clv.model.rows(made.clv(), SPEECH), "table-parameters", 2),
    (tables.race, words.clv.race.rows(made.clv(), SPEECH), "table-race", 1),
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
    if name in ("table-changes", "table-lost", "table-race"):
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


# --- any frame -------------------------------------------------------------------------------

POLISH = Speech("en", "pl", "PLN")


def cells(table: GT) -> list[list[str]]:
    page = read(table)
    return [[cell.get_text() for cell in row.select("td")] for row in page.select("tbody tr")]


def test_numbers_are_written_by_their_kind_and_place() -> None:
    frame = pd.DataFrame(
        {
            "channel": ["web", "=1+1"],
            "customers": [12_345, 7],
            "revenue": [474434.9, 12.5],
            "share": [0.5567, float("nan")],
            "mean_gap": [1234.56, 3.2],
            "k": [1.234, 2.0],
            "first_day": pd.to_datetime(["2024-03-01", None]),
            "year": [2024, 2023],
            "loyal": [True, False],
        }
    )
    table = tables.show(frame, "Channels", POLISH)
    assert [[cell.replace("\xa0", " ") for cell in row] for row in cells(table)] == [
        ["web", "12 345", "474 435 zł", "55,7%", "1 235", "1,23", "1 mar 2024", "2024", "yes"],
        ["=1+1", "7", "12 zł", "–", "3", "2,00", "–", "2023", "no"],
    ]
    page = read(table)
    assert [head.get_text() for head in page.select("th")][3:5] == ["Share", "Mean gap"]
    first = page.select("tbody tr")[0].select("td")
    assert ["gt_left" in classes(cell) for cell in first] == [True] + 8 * [False]


def test_an_index_that_says_something_becomes_columns_and_a_numbering_goes() -> None:
    frame = pd.DataFrame({"via": ["web", "shop", "web"], "paid": [1.0, 2.0, 4.0]})
    grouped = frame.groupby("via")["paid"].agg(["sum", "count"])
    assert cells(tables.show(grouped, speech=POLISH))[0][0] == "shop"
    assert len(cells(tables.show(frame[frame["via"] == "web"]))[0]) == 2
    assert cells(tables.show(frame["paid"]))[2] == ["4"]


def test_a_long_frame_is_cut_and_the_rest_is_said() -> None:
    long = pd.DataFrame({"n": range(40)})
    assert len(cells(tables.show(long))) == tables.MOST_ROWS
    assert "28 more rows are not shown." in read(tables.show(long)).get_text()
    assert "29 more rows" in repr(tables.show(pd.DataFrame({"n": range(41)})))
    assert len(cells(tables.show(long.head(tables.MOST_ROWS + 2)))) == tables.MOST_ROWS + 2
    assert len(cells(tables.show(long, most=None))) == 40


def test_a_varied_frame_says_so_and_notes_stand_below() -> None:
    frame = pd.DataFrame({"a": ["x"]})
    frame.attrs |= {"caption": EVIL, "varied": "Only channel web", "notes": [EVIL]}
    page = read(tables.show(frame))
    assert page.select_one(".gt_subtitle").get_text() == "Only channel web"  # type: ignore[union-attr]
    assert page.select_one(".gt_title").get_text() == EVIL and not page.select("script")  # type: ignore[union-attr]
    assert page.select_one(".gt_sourcenote").get_text() == EVIL  # type: ignore[union-attr]


def test_kinds_may_be_given() -> None:
    frame = pd.DataFrame({"x": [0.25], "y": [3.5]})
    assert cells(tables.show(frame, kinds={"x": "share 0", "y": "money"}, speech=POLISH)) == [
        ["25%", "3,50\xa0zł"]
    ]


def test_a_bare_frame_in_a_session_is_shown_in_the_house_style() -> None:
    shell = InteractiveShell()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "get_ipython", lambda: shell)
        patch.setitem(tables._defaults, "speech", Speech())
        tables.dress(POLISH)
        data, _ = shell.display_formatter.format(pd.DataFrame({"revenue": [474434.9]}))
    assert "474\xa0435\xa0zł" in data["text/html"] and "gt_table" in data["text/html"]
    assert "474\xa0435\xa0zł" in data["text/plain"]


def test_frames_of_any_kind_are_shown() -> None:
    odd = pd.DataFrame(
        {
            "rate": [0.5, float("inf")],
            "month": pd.period_range("2024-01", periods=2, freq="M"),
            "order_id": [10**18, 1234567],
            "z": [1 + 2j, 0j],
        },
        index=pd.Index([3, 4], name="rate"),
    )
    said = repr(tables.show(odd))
    for part in ("Rate (2)", "50.0%", "∞", "2024-01", "1000000000000000000", "1234567"):
        assert part in said
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert repr(tables.show(twice)).split() == ["A", "A", "(2)", "1", "2"]
    assert "0.00002" in repr(tables.show(pd.DataFrame({"a": [0.00002]})))


def test_what_is_no_frame_is_said_to_be_none() -> None:
    with pytest.raises(ConfigError, match="not a list"):
        tables.show([1, 2])  # type: ignore[arg-type]
