"""No customer is named in a report: the ids that a notebook of one's own shows are found."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import executed as made
import great_tables
import pandas as pd
import pytest

from retention_lib.errors import RetentionError
from retention_lib.report import render

IDS = {"000643", "C-17", "20240001", "Anna", "Anna Lis", "a@b.example", "1234", "041", "000812"}
MINE = "07_mine.ipynb"


class Register:
    """Stands in for the engine: says which texts are ids, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []

    def __call__(self, texts: Collection[str]) -> Collection[str]:
        self.asked.append(set(texts))
        return IDS & set(texts)


@pytest.fixture
def register() -> Register:
    return Register()


def shown(folder: Path, register: Register, *cells: Any, own: str = MINE) -> str:
    """Return the report of a notebook with these cells."""
    path = made.write(folder, MINE, made.prose("# T"), *cells)
    return render([path], made.page(own_notebooks=[own], known_ids=register))


def table(values: list[Any], name: str = "kdo", **other: Any) -> Any:
    frame = pd.DataFrame({name: values, "spend": range(len(values))} | other)
    return made.code(made.html(frame._repr_html_()))


@pytest.mark.parametrize("found", ["000643", "C-17", 20240001, 20240001.0, "Anna", "a@b.example"])
def test_ids_under_any_name_are_refused(found: Any, tmp_path: Path, register: Register) -> None:
    with pytest.raises(RetentionError) as failed:
        shown(tmp_path, register, table([found, "none"]))
    said = str(failed.value)
    assert said.startswith("07_mine.ipynb shows 1 customer id in the column 'kdo', and")
    assert "`not-in-report`" in said and "leave the column out" in said
    assert not any(name in said for name in IDS)


FRAME = pd.DataFrame({"kdo": ["000643", "C-17"], "city": ["Brno", "Plzeň"], "spend": [7, 9]})
FORMS = {
    "index": (FRAME.set_index("kdo").to_html(), "the column 'kdo'"),
    "index of two": (FRAME.set_index(["city", "kdo"]).to_html(), "the column 'kdo'"),
    "pivot": (FRAME[["kdo"]].set_index("kdo").T.to_html(), "a column's header"),
    "great_tables": (great_tables.GT(FRAME).as_raw_html(), "the column 'kdo'"),
    "no header": ("<table><tr><td>000643<tr><td>C-17</table>", "a column's header"),
    "transposed": (FRAME.T.to_html(), "the column '0' and the column '1'"),
    "nameless": (FRAME.rename(columns={"kdo": ""}).to_html(), "a column without a header"),
    "list": ("<div>000643</div><div>C-17</div>", "a text"),
}


@pytest.mark.parametrize("form", FORMS)
def test_ids_in_any_table_are_counted(form: str, tmp_path: Path, register: Register) -> None:
    html, place = FORMS[form]
    with pytest.raises(RetentionError, match=f"shows 2 customer ids in {place}, and"):
        shown(tmp_path, register, made.code(made.html(html)))


@pytest.mark.parametrize(
    "text",
    [
        "The best customer is **000643**.",
        "Ask (C-17), please",
        "ids:000643,000812",
        "Write to a@b.example.",
        "Nobody buys like Anna Lis, who came twice",
        "- Anna\n- somebody",
        "`C-17`",
    ],
)
def test_ids_in_computed_sentences_are_refused(
    text: str, tmp_path: Path, register: Register
) -> None:
    with pytest.raises(RetentionError, match=r"07_mine\.ipynb shows \d customer ids? in a text"):
        shown(tmp_path, register, made.code(made.says(text)))


def test_ids_in_a_figures_words_and_a_tables_caption_are_refused(
    tmp_path: Path, register: Register
) -> None:
    titled = great_tables.GT(FRAME[["spend"]]).tab_header("Spend of customer C-17").as_raw_html()
    for output in (made.picture("Purchases of customer 000643."), made.html(titled)):
        with pytest.raises(RetentionError, match="shows 1 customer id in a text"):
            shown(tmp_path, register, made.code(output))


def test_counts_amounts_and_ordinary_prose_are_not_asked_for(
    tmp_path: Path, register: Register
) -> None:
    cells = [
        made.prose("Anna and 000643 stand in Markdown, which somebody wrote on purpose."),
        made.code(made.says("Anna is said once; 1234 of $12,041 and 12\u202f041 are figures.")),
        made.code(source="000643 stands in the code"),
        table([1234, 12.5, 99999], other=["12,041", "1 041", "041 %"]),
        made.code(made.new_output("execute_result", {"text/plain": "000643"})),
    ]
    assert "<table" in shown(tmp_path, register, *cells)
    (asked,) = register.asked
    assert not asked & (IDS | {"12,041", "12.5", "99999"})


def test_a_cell_that_is_left_out_may_show_ids(tmp_path: Path, register: Register) -> None:
    cell = table(["000643"])
    cell.metadata["tags"] = ["not-in-report"]
    assert "000643" not in shown(tmp_path, register, cell)
    assert register.asked == []


def test_the_engine_is_asked_once_and_for_own_notebooks_only(
    tmp_path: Path, register: Register
) -> None:
    shown(tmp_path, register, table(["000643"]), own="01_other.ipynb")
    assert register.asked == []
    names = ["06_a.ipynb", MINE]
    paths = [made.write(tmp_path, name, made.prose("# T"), table([name])) for name in names]
    render(paths, made.page(own_notebooks=names, known_ids=register))
    assert len(register.asked) == 1 and set(names) <= register.asked[0]


def test_the_notebook_with_the_ids_is_named(tmp_path: Path, register: Register) -> None:
    held = {"06_a.ipynb": "X-1", MINE: "C-17"}
    paths = [
        made.write(tmp_path, name, made.prose("# T"), table([text])) for name, text in held.items()
    ]
    with pytest.raises(RetentionError, match=r"^07_mine\.ipynb shows 1 "):
        render(paths, made.page(own_notebooks=list(held), known_ids=register))


def test_a_span_beyond_reason_costs_nothing(tmp_path: Path, register: Register) -> None:
    wide = "<table><tr><th colspan='999999999'>x</th></tr><tr><td>000643</td></tr></table>"
    with pytest.raises(RetentionError, match="'x'"):
        shown(tmp_path, register, made.code(made.html(wide)))


def test_a_tables_first_row_is_its_header_only_where_it_has_no_other(
    tmp_path: Path, register: Register
) -> None:
    listed = pd.DataFrame({"column": ["customer_id", "spend"], "unit": ["text", "EUR"]})
    assert "customer_id" in shown(tmp_path, register, made.code(made.html(listed.to_html())))
    bare = "<table><tr><td>customer_id</td></tr><tr><td>1</td></tr></table>"
    with pytest.raises(RetentionError, match="has the column 'customer_id'"):
        shown(tmp_path, register, made.code(made.html(bare)))
