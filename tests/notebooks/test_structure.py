"""The form of the notebooks: what a reader may count on in each of them."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

import nbformat
import pytest

from retention_lib import plots, tables, words
from retention_lib.results import SECTIONS, Outcomes
from retention_lib.runner import refresh

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
KINDS = {"descriptive", "diagnostic", "predictive", "prescriptive", "outcome"}
MOST_LINES = 8
WRONG = "**What would make it wrong.**"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Any:
    return nbformat.read(request.param, as_version=4)  # type: ignore[no-untyped-call]


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", []))


def sections(notebook: Any) -> list[list[Any]]:
    """Return the cells of each section, from its heading on; smaller questions are sections, too."""
    found: list[list[Any]] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith(("## ", "### ")):
            found.append([])
        if found:
            found[-1].append(cell)
    return found


def test_there_are_notebooks_in_sequence() -> None:
    built = [kind.number for kind in SECTIONS if kind is not Outcomes]
    assert [path.stem[:2] for path in NOTEBOOKS] == built


def test_valid_with_unique_stable_ids_and_the_plain_kernel(notebook: Any) -> None:
    nbformat.validate(notebook)  # type: ignore[no-untyped-call]
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]+", name) for name in ids), "ids are words"
    assert notebook.metadata.kernelspec.name == "python3"
    assert not {"papermill"} & set(notebook.metadata)


def test_opens_with_title_question_parameters_imports_result_and_answer(notebook: Any) -> None:
    cells = notebook.cells
    assert re.match(r"# [^\n]+$", cells[0].source)
    assert re.match(r"\*\*[^*]+\?\*\* ", cells[1].source)
    assert tags(cells[2]) == {"parameters"}
    assert re.match(r"(from|import) ", cells[3].source)
    assert re.search(r"^result = study\.\w+\(\)$", cells[4].source, re.MULTILINE)
    assert cells[5].source.startswith("## ") and re.match(
        r"say\(words\.(\w+_)?answer[.(]", cells[6].source
    )


def test_parameters_are_client_as_of_run_and_display_literals(notebook: Any) -> None:
    (cell,) = [cell for cell in code(notebook) if "parameters" in tags(cell)]
    statements = ast.parse(cell.source).body
    names = [statement.targets[0].id for statement in statements]  # type: ignore[attr-defined]
    assert names[:3] == ["client", "as_of", "run"]
    values = [ast.literal_eval(statement.value) for statement in statements]  # type: ignore[attr-defined]
    assert values[1:3] == [None, None]
    assert all(isinstance(value, str | int | float | bool | list | None) for value in values)
    assert all("  # " in line for line in cell.source.splitlines())


def test_imports_stand_in_one_cell_and_are_used(notebook: Any) -> None:
    importing = [
        cell for cell in code(notebook) if re.search(r"^(from|import) ", cell.source, re.MULTILINE)
    ]
    assert len(importing) == 1
    names = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(importing[0].source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    rest = "\n".join(cell.source for cell in code(notebook) if cell is not importing[0])
    assert all(re.search(rf"\b{name}\b", rest) for name in names)


def test_cells_are_short_and_hold_no_logic(notebook: Any) -> None:
    refused = (
        ast.FunctionDef,
        ast.ClassDef,
        ast.Lambda,
        ast.For,
        ast.While,
        ast.If,
        ast.Try,
        ast.With,
        ast.ListComp,
        ast.DictComp,
        ast.GeneratorExp,
        ast.SetComp,
        ast.BinOp,
    )
    for cell in code(notebook):
        if "parameters" in tags(cell):
            continue
        assert len(cell.source.splitlines()) <= MOST_LINES
        assert all(len(line) <= 100 for line in cell.source.splitlines())
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, refused)]


def test_every_plot_cell_ends_in_show_with_its_text(notebook: Any) -> None:
    for cell in code(notebook):
        calls = re.findall(r"plots\.(?:\w+\.plot|plot_\w+)", cell.source)
        if calls:
            last = ast.parse(cell.source).body[-1]
            assert isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)
            assert ast.unparse(last.value.func) == "show" and len(last.value.args) == 2
            assert re.fullmatch(r"words\.(\w+_|\w+\.)alt\(.*\)", ast.unparse(last.value.args[1]))
            assert len(calls) == 1
        else:
            assert "show(" not in cell.source


def test_names_that_are_used_exist(notebook: Any) -> None:
    libraries: dict[str, Any] = {"words": words, "plots": plots, "tables": tables}
    source = "\n".join(cell.source for cell in code(notebook))
    for tree in re.findall(r"from retention_lib\.(\w+) import (\w+) as \1", source):
        libraries[tree[0]] = import_module(f"retention_lib.{tree[0]}.{tree[1]}")
    for module, name in re.findall(r"\b(words|plots|tables)\.(\w+(?:\.\w+)?)\(", source):
        assert callable(attrgetter(name)(libraries[module]))
        assert module == "tables" or "." in name or name in libraries[module].__all__


def test_headings_are_questions(notebook: Any) -> None:
    headings = [
        line
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("#")
    ]
    assert headings[0].startswith("# ")
    assert headings[1].startswith("## ")
    assert all(line.startswith(("## ", "### ")) and line.endswith("?") for line in headings[1:])


def test_sections_ask_explain_show_and_doubt(notebook: Any) -> None:
    first, *inner = sections(notebook)
    *inner, limits, save = inner
    assert len(first) == 2 and len(inner) >= 4
    for heading, output, *rest in inner:
        assert heading.source.count("\n\n") == 1 and heading.source.rstrip().endswith((".", ")"))
        kinds = tags(output) - {"not-in-report"}
        assert output.cell_type == "code" and len(kinds) == 1 and kinds <= KINDS
        *meanings, wrong = rest
        assert len(meanings) <= 1 and wrong.source.startswith(WRONG)
        for meaning in meanings:
            also = r"(, (study\.cycle\(\)|second=True|[a-z]+))?"
            assert re.fullmatch(rf"say\(words\.[\w.]+\(result, speech{also}\)\)", meaning.source)
    assert "not tell" in limits[0].source and len(limits) == 1
    assert save[-1].source == "study.save(result)" and save[-1] is notebook.cells[-1]


def test_markdown_holds_no_finding(notebook: Any) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", "", cell.source)
            assert not re.search(r"\d", text), text
            assert not re.search(r"[$€£%]", text), text


def test_links_lead_to_published_methods(notebook: Any) -> None:
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for url in re.findall(r"\]\(([^)]*)\)", prose):
        assert re.match(r"https?://(doi\.org|www\.brucehardie\.com)/", url)


# --- what is committed as output ----------------------------------------------------------

MIMES = {
    "say": "text/markdown",
    "show": "image/png",
    "tables": "text/html",
    "study.compare": "text/html",
}
LEAST_ALT = 40


def shows(cell: Any) -> str | None:
    """Return what kind of output a cell's last line makes; None if it makes none."""
    last = ast.parse(cell.source).body[-1]
    call = ast.unparse(last.value.func) if is_call(last) else ""  # type: ignore[attr-defined]
    return MIMES.get(call, MIMES.get(call.split(".")[0]))


def is_call(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in code(notebook) for output in cell.outputs]


def test_ran_once_from_top_to_bottom(notebook: Any) -> None:
    counts = [cell.execution_count for cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "make refresh"


def test_cells_that_show_something_hold_it_and_the_others_nothing(notebook: Any) -> None:
    assert sum(shows(cell) is not None for cell in code(notebook)) >= 5
    for cell in code(notebook):
        kind = shows(cell)
        assert len(cell.outputs) == (kind is not None), f"{cell.id}: make refresh"
        assert all(kind in output.data for output in cell.outputs)


def test_every_picture_has_a_real_alternative_text(notebook: Any) -> None:
    pictures = [output for output in outputs(notebook) if "image/png" in output.data]
    assert pictures
    for picture in pictures:
        alt = picture.metadata["image/png"]["alt"]
        assert alt == picture.data["text/plain"]
        assert len(alt) >= LEAST_ALT and len(alt.split()) > 1
        assert not re.search(r"\.(png|svg|jpe?g|ipynb)\b", alt)


def test_outputs_are_shown_on_purpose_and_the_same_on_every_run(notebook: Any) -> None:
    for output in outputs(notebook):
        assert output.output_type in {"display_data", "execute_result"}  # no stderr, no error
        words = "\n".join(text for kind, text in output.data.items() if kind != "image/png")
        assert not re.search(r"<[^<>]+ at 0x[0-9a-fA-F]+>", words)
        assert str(FOLDER.parent) not in words


def test_output_holds_no_heading_of_its_own(notebook: Any) -> None:
    for output in outputs(notebook):
        assert not re.search(r"^(#|=+$|-+$)", output.data.get("text/markdown", ""), re.MULTILINE)
        assert not re.search(r"<h[1-6]", output.data.get("text/html", ""))


def test_nothing_is_committed_beside_sources_tags_and_outputs(notebook: Any) -> None:
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)


def test_the_documentation_shows_the_same_pictures(notebook: Any, request: Any) -> None:
    path = request.node.callspec.params["notebook"]
    folder = FOLDER.parent / "docs" / "pictures"
    copies = refresh.pictures(notebook, path, folder)
    assert [file.name for file in copies] == sorted(
        (file.name for file in folder.glob(f"{path.name[:2]}-*.png")),
        key=[f"{path.name[:2]}-{cell.id}.png" for cell in notebook.cells].index,
    )
    assert copies and all(file.read_bytes() == content for file, content in copies.items()), (
        "make refresh"
    )
