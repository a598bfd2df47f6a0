import errno
import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from typer.testing import CliRunner, Result

from retention_lib.cli import app
from retention_lib.cli import notebooks as commands
from retention_lib.client import Client, load_client
from retention_lib.errors import ConfigError, RetentionError
from retention_lib.runner import drafts, execution, own_copies
from retention_lib.runner.difference import difference

DECLARED = "client = 'x'\nas_of = None\nrun = None"
SPACED = "02_with {braces} and spaces.ipynb"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's root with two masters, the first with outputs, and one client."""
    made = tmp_path / "pro {ject}"
    shop = made / "data" / "clients" / "shop"
    shop.mkdir(parents=True)
    (shop / "client.yaml").write_text(
        "name: Shop\nsource: {file: input/s.csv}\ncolumns: {customer_id: c, ordered_at: d}\n"
    )
    (made / "notebooks").mkdir()
    for name in ("01_data_audit.ipynb", SPACED):
        nbformat.write(notebook(), made / "notebooks" / name)
    monkeypatch.setenv("RETENTION_ROOT", str(made))
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def shop(root: Path) -> Client:
    return load_client("shop")


def notebook(*more: str) -> NotebookNode:
    """A notebook that has been run by someone with a kernel of another name."""
    output = new_output("stream", text="x\n")
    shows = new_code_cell("print(client)", outputs=[output], execution_count=7, id="shows")
    declared = new_code_cell(DECLARED, metadata={"tags": ["parameters"]}, id="parameters")
    title = new_markdown_cell("# A chapter", id="title")
    rest = [new_code_cell(source, id=f"more{i}") for i, source in enumerate(more)]
    kernel = {"name": "conda-x", "display_name": "x", "language": "python"}
    return new_notebook(cells=[title, declared, shows, *rest], metadata={"kernelspec": kernel})


def change(path: Path, source: str = "print('mine')") -> None:
    """Do as an analyst does: add a cell and save."""
    opened = nbformat.read(path, 4)
    opened.cells.append(new_code_cell(source))
    nbformat.write(opened, path)


def executed(path: Path) -> None:
    """Do as an analyst does: run all cells, which also adds an empty one, and save."""
    opened = nbformat.read(path, 4)
    for cell in opened.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = 1, [new_output("stream", text="ran")]
    opened.cells.append(new_code_cell(""))
    opened.metadata.kernelspec.display_name = "Python 3 (ipykernel)"
    nbformat.write(opened, path)


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, 4).cells]


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Stand in for JupyterLab's process: gather the command lines it is called with."""
    calls: list[Any] = []
    monkeypatch.setattr(commands, "_serve", calls.append)
    return calls


# --- drafts ---------------------------------------------------------------------------


def test_drafts_look_at_the_client_and_say_whose_outputs_they_hold(
    root: Path, shop: Client
) -> None:
    before = held(root / "notebooks")
    made = drafts.prepare_drafts(shop)
    assert made == [
        drafts.Draft(root / "drafts" / "shop" / name, kept=False)
        for name in ("01_data_audit.ipynb", SPACED)
    ]
    for draft in made:
        opened = nbformat.read(draft.path, 4)
        nbformat.validate(opened)
        assert [cell.source for cell in opened.cells] == [
            "# A chapter",
            DECLARED,
            '# Parameters\nclient = "shop"\n',
            "print(client)",
        ]
        codes = [cell for cell in opened.cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in codes] == [None, None, 7]
        assert codes[0].outputs == [] and codes[2].outputs[0].text == "x\n"
        said = codes[1].outputs[0].data["text/markdown"]
        assert "of the client **x**" in said and said.endswith("to see Shop.")
        assert opened.metadata.kernelspec.name == "python3"
        assert "papermill" not in draft.path.read_text(), "the master's path is nobody's business"
    assert held(root / "notebooks") == before
    assert not (root / "data/clients/shop/notebooks").exists()


def test_the_clients_own_copy_is_drafted_instead_of_the_master(root: Path, shop: Client) -> None:
    own = own_copies.copy_master(shop, "1")
    change(own)
    before = held(own.parent)
    draft = drafts.prepare_drafts(shop)[0]
    assert sources(draft.path)[-1] == "print('mine')"
    assert sources(draft.path).count('# Parameters\nclient = "shop"\n') == 1
    assert held(own.parent) == before


def test_a_changed_draft_survives_lab_and_an_unchanged_one_follows_its_master(
    root: Path, shop: Client
) -> None:
    first, second = (draft.path for draft in drafts.prepare_drafts(shop))
    change(first)
    before = first.read_bytes()
    for name in ("01_data_audit.ipynb", SPACED):
        change(root / "notebooks" / name, "print('a better master')")
    for _ in range(2):
        assert [draft.kept for draft in drafts.prepare_drafts(shop)] == [True, False]
        assert first.read_bytes() == before
        assert sources(second)[-1] == "print('a better master')"
    first.unlink()
    assert not drafts.prepare_drafts(shop)[0].kept
    assert sources(first)[-1] == "print('a better master')"


def test_a_draft_that_was_merely_run_keeps_its_outputs_till_its_master_changes(
    root: Path, shop: Client
) -> None:
    path = drafts.prepare_drafts(shop)[0].path
    executed(path)
    before = path.read_bytes()
    assert not drafts.prepare_drafts(shop)[0].kept
    assert path.read_bytes() == before
    change(root / "notebooks" / path.name, "print('a better master')")
    assert not drafts.prepare_drafts(shop)[0].kept
    assert sources(path)[-1] == "print('a better master')" and b"ran" not in path.read_bytes()


def tag(path: Path) -> None:
    opened = nbformat.read(path, 4)
    opened.cells[-1].metadata["tags"] = ["not-in-report"]
    nbformat.write(opened, path)


def unstamp(path: Path) -> None:
    opened = nbformat.read(path, 4)
    opened.metadata["retention"] = "something else"
    opened.cells[0].source = "# Mine"
    nbformat.write(opened, path)


def kind(path: Path) -> None:
    opened = nbformat.read(path, 4)
    opened.cells[0] = new_code_cell(opened.cells[0].source)
    nbformat.write(opened, path)


def tear(path: Path) -> None:
    path.write_text("{")


def attach(path: Path) -> None:
    opened = nbformat.read(path, 4)
    opened.cells[0]["attachments"] = {"a.png": {"image/png": "aGk="}}
    nbformat.write(opened, path)


def slide(path: Path) -> None:
    opened = nbformat.read(path, 4)
    opened.cells[0].metadata["slideshow"] = {"slide_type": "skip"}
    nbformat.write(opened, path)


@pytest.mark.parametrize("edit", [change, tag, unstamp, kind, tear, attach, slide])
def test_what_may_be_the_analysts_is_never_overwritten(
    edit: Callable[[Path], None], root: Path, shop: Client
) -> None:
    path = drafts.prepare_drafts(shop)[0].path
    edit(path)
    before = path.read_bytes()
    for _ in range(2):
        assert drafts.prepare_drafts(shop)[0].kept and path.read_bytes() == before
        change(root / "notebooks" / path.name, "print('a better master')")


def test_what_jupyterlab_notes_by_itself_is_no_change(root: Path, shop: Client) -> None:
    path = drafts.prepare_drafts(shop)[0].path
    opened = nbformat.read(path, 4)
    opened.cells[0].metadata |= {"jp-MarkdownHeadingCollapsed": True, "editable": True, "tags": []}
    opened.cells[1].metadata |= {"trusted": True, "slideshow": {"slide_type": ""}}
    opened.cells[3].metadata |= {
        "ExecuteTime": {"end_time": "x"},
        "execution": {"iopub.execute_input": "x"},
        "collapsed": True,
        "scrolled": "auto",
        "jupyter": {"outputs_hidden": True},
    }
    nbformat.write(opened, path)
    executed(path)
    assert not drafts.prepare_drafts(shop)[0].kept
    change(root / "notebooks" / path.name, "print('a better master')")
    assert not drafts.prepare_drafts(shop)[0].kept
    assert sources(path)[-1] == "print('a better master')"


def test_a_change_taken_back_or_adopted_is_none(root: Path, shop: Client) -> None:
    path = drafts.prepare_drafts(shop)[0].path
    before = path.read_bytes()
    change(path)
    path.write_bytes(before)
    assert not drafts.prepare_drafts(shop)[0].kept
    change(path)
    executed(path)
    own = own_copies.adopt_draft(shop, "01").copy
    assert not drafts.prepare_drafts(shop)[0].kept
    assert b"ran" in path.read_bytes(), "its outputs are those of the own copy's sources"
    change(own, "print('later')")
    assert not drafts.prepare_drafts(shop)[0].kept
    assert sources(path)[-1] == "print('later')"


def test_lab_tells_which_drafts_it_keeps(root: Path, served: list[Any]) -> None:
    assert call("lab", "shop").stderr.splitlines() == [
        "shop: JupyterLab opens on drafts/shop; Ctrl-C ends it."
    ]
    change(root / "drafts" / "shop" / SPACED)
    done = call("lab", "shop", "--no-browser")
    assert done.exit_code == 0 and len(served) == 2
    assert done.stderr.splitlines()[0] == (
        f"shop: drafts/shop/{SPACED} has been changed and is kept as it is; delete it to start "
        "afresh."
    )


def altered(**change: Any) -> str:
    """A notebook's JSON with something changed in its last cell."""
    plain = json.loads(nbformat.writes(notebook()))
    plain["cells"][-1] |= change
    return json.dumps(plain)


def malformed(**change: Any) -> str:
    """A notebook's JSON with something changed at its top."""
    return json.dumps(json.loads(nbformat.writes(notebook())) | change)


def without(part: str) -> str:
    plain = json.loads(nbformat.writes(notebook()))
    del plain["cells"][-1][part]
    return json.dumps(plain)


CORRUPT = {
    "not JSON": "{",
    "a list": "[]",
    "a string": '"x"',
    "null": "null",
    "a number": "3",
    "an object": "{}",
    "no cells": '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    "cells null": malformed(cells=None),
    "cells an object": malformed(cells={}),
    "a cell that is none": malformed(cells=["x"]),
    "metadata a list": malformed(metadata=[]),
    "language_info no object": malformed(metadata={"language_info": 3}),
    "a minor format that is none": malformed(nbformat_minor=None),
    "of format 1": malformed(nbformat=1),
    "of format 2": malformed(nbformat=2, worksheets=[]),
    "of format 3": malformed(nbformat=3, worksheets=[]),
    "of a format to come": malformed(nbformat=5),
    "no source": without("source"),
    "no outputs": without("outputs"),
    "no kind": without("cell_type"),
    "a kind that is none": altered(cell_type=3),
    "a source that is none": altered(source=[1]),
    "outputs null": altered(outputs=None),
    "a cell's metadata null": altered(metadata=None),
    "tags null": altered(metadata={"tags": None}),
    "tags that are none": altered(metadata={"tags": [1, None]}),
    "half a surrogate pair": altered(source="\ud800"),
    "nested": "[" * 20_000 + "]" * 20_000,
    "nested inside": malformed(x=0).replace('"x": 0', f'"x": {"[" * 20_000}{"]" * 20_000}'),
}


@pytest.mark.parametrize("text", CORRUPT.values(), ids=CORRUPT.keys())
def test_a_notebook_that_is_none_is_named_and_a_draft_is_kept(
    text: str, root: Path, served: list[Any]
) -> None:
    call("lab", "shop")
    draft = root / "drafts" / "shop" / "01_data_audit.ipynb"
    draft.write_text(text)
    done = call("lab", "shop")
    assert done.exit_code == 0 and len(served) == 2 and draft.read_text() == text
    assert done.stderr.splitlines()[0] == (
        "shop: drafts/shop/01_data_audit.ipynb cannot be read as a notebook and is kept as it is; "
        "delete it to start afresh."
    )
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("shop: The notebook drafts/shop/01_data_audit.ipynb cannot be ")
    assert not (root / "data/clients/shop/notebooks").exists()
    (root / "notebooks" / draft.name).write_text(text)
    done = call("lab", "shop")
    assert done.exit_code == 2 and len(done.stderr) < 400
    assert done.stderr.startswith("shop: The notebook notebooks/01_data_audit.ipynb cannot be read")


def test_what_is_wrong_with_a_notebook_is_said_and_where(root: Path, shop: Client) -> None:
    path = root / "notebooks" / "01_data_audit.ipynb"
    path.write_text(altered(metadata={"tags": None}))
    with pytest.raises(ConfigError, match=r"cells\.2\.metadata\.tags: None is not .* an intact"):
        execution.read(path)
    path.write_text(malformed(nbformat=3))
    with pytest.raises(ConfigError, match="it is of format 3, not 4, to which JupyterLab"):
        execution.read(path)
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory; see that it is a file"):
        execution.read(root / "notebooks")


def test_what_is_easily_mended_in_a_notebook_is_mended(root: Path, shop: Client) -> None:
    path = root / "notebooks" / "01_data_audit.ipynb"
    for text in (altered(id="title"), without("id"), malformed(nbformat_minor=4)):
        plain = json.loads(text)
        plain["metadata"]["papermill"] = plain["cells"][0]["metadata"]["papermill"] = 3
        path.write_text(json.dumps(plain))
        read = execution.read(path)
        nbformat.validate(read)
        assert len({cell.id for cell in read.cells}) == 3
        assert not drafts.prepare_drafts(shop)[0].kept


def test_lab_names_an_unknown_client(root: Path, served: list[Any]) -> None:
    done = call("lab", "shoop")
    assert done.exit_code == 2 and served == []
    assert done.stderr == (
        "shoop: There is no client 'shoop': data/clients/shoop/client.yaml is missing. "
        "Known clients: shop.\n"
    )


def test_drafts_that_cannot_be_written_are_told_plainly(root: Path, served: list[Any]) -> None:
    (root / "drafts").write_text("a file")
    done = call("lab", "shop")
    assert done.exit_code == 2 and served == []
    assert done.stderr.startswith("shop: Cannot write drafts/shop/01_data_audit.ipynb: ")
    assert "see that drafts/shop is a folder you may write to" in done.stderr


@pytest.mark.parametrize("command", [["edit", "shop", "1"], ["edit", "shop", "1", "--draft"]])
def test_a_disk_that_fills_up_fails_and_leaves_what_there_was(
    command: list[str], root: Path, shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts.prepare_drafts(shop)
    own = root / "data/clients/shop/notebooks"
    if "--draft" in command:
        own_copies.copy_master(shop, "1")
        change(root / "drafts" / "shop" / "01_data_audit.ipynb")
    before = held(own) if own.exists() else {}

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    done = call(*command)
    assert done.exit_code == RetentionError.exit_code
    assert "no space left on device" in done.stderr and done.stdout == ""
    assert held(own) == before


# --- edit -----------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["01", "1", "01_data_audit", "01_data_audit.ipynb"])
def test_edit_copies_the_master_for_the_client(given: str, root: Path) -> None:
    before = held(root / "notebooks")
    done = call("edit", "shop", given)
    assert done.exit_code == 0, done.stderr
    own = root / "data/clients/shop/notebooks/01_data_audit.ipynb"
    assert done.stdout == f"{own.relative_to(root)}\n"
    for next_step in ("jupyter lab data", "retention diff shop 01", "retention run shop"):
        assert next_step in done.stderr
    opened = nbformat.read(own, 4)
    nbformat.validate(opened)
    assert opened.cells[3].outputs == [] and opened.cells[3].execution_count is None
    assert set(opened.metadata) == {"kernelspec"}
    assert [cell.metadata for cell in opened.cells] == [
        {},
        {"tags": ["parameters"]},
        {"tags": ["injected-parameters"]},
        {},
    ]
    assert held(root / "notebooks") == before
    assert execution.find_notebooks(load_client("shop"))[0] == own


def test_a_copy_looks_at_its_client_when_it_is_opened_by_itself(
    shop: Client, tmp_path: Path
) -> None:
    copy = nbformat.read(own_copies.copy_master(shop, SPACED), 4)
    program = [cell.source for cell in copy.cells if cell.cell_type == "code"]
    (tmp_path / "copy.py").write_text("\n".join(program))
    seen = runpy.run_path(str(tmp_path / "copy.py"))
    assert (seen["client"], seen["as_of"], seen["run"]) == ("shop", None, None)


def test_a_run_uses_the_copy_with_its_own_parameters_and_no_draft(
    root: Path, shop: Client, tmp_path: Path
) -> None:
    own = own_copies.copy_master(shop, "02")
    change(own, "print(client, as_of, run)")
    draft = drafts.prepare_drafts(shop)[1].path
    change(draft, "raise SystemError('a draft must not run')")
    written = draft.read_bytes(), own.read_bytes()
    found = execution.find_notebooks(shop)
    assert found == [root / "notebooks" / "01_data_audit.ipynb", own]
    for folder in ("work", "private/notebooks"):
        (tmp_path / "stage" / folder).mkdir(parents=True)
    parameters = {"client": "shop", "as_of": "2024-05-31", "run": "there"}
    execution.execute(own, parameters, tmp_path / "stage")
    ran = nbformat.read(tmp_path / "stage" / "private" / "notebooks" / own.name, 4)
    assert ran.cells[-1].outputs[0].text == "shop 2024-05-31 there\n"
    tags = [cell.metadata.get("tags") for cell in ran.cells]
    assert tags.count(["injected-parameters"]) == 1
    assert (draft.read_bytes(), own.read_bytes()) == written


@pytest.mark.parametrize("command", ["edit", "diff"])
@pytest.mark.parametrize("given", ["9", "03", "", "_", "01_data", "../01_data_audit"])
def test_a_wrong_number_names_the_notebooks_there_are(given: str, command: str, root: Path) -> None:
    done = call(command, "shop", given)
    assert done.exit_code == 2 and done.stdout == ""
    assert f"There is no notebook {given!r}; there are 01_data_audit, 02_with" in done.stderr


def test_a_number_of_two_notebooks_wants_a_name(root: Path, shop: Client) -> None:
    nbformat.write(notebook(), root / "notebooks" / "01_other.ipynb")
    with pytest.raises(ConfigError, match="'1' may be 01_data_audit, 01_other; give the whole"):
        own_copies.copy_master(shop, "1")
    assert own_copies.copy_master(shop, "01_other").name == "01_other.ipynb"


def test_without_any_notebook_none_is_named(root: Path, shop: Client) -> None:
    for path in (root / "notebooks").iterdir():
        path.unlink()
    with pytest.raises(ConfigError, match="there are none"):
        own_copies.copy_master(shop, "1")


def test_a_second_edit_is_refused(root: Path, shop: Client) -> None:
    own = own_copies.copy_master(shop, "1")
    change(own)
    before = held(own.parent)
    done = call("edit", "shop", "01")
    assert done.exit_code == 2 and done.stdout == ""
    assert str(own.relative_to(root)) in done.stderr and "delete it" in done.stderr
    assert held(own.parent) == before


def test_edit_refuses_a_master_that_no_run_could_use(root: Path, shop: Client) -> None:
    nbformat.write(new_notebook(), root / "notebooks" / "03_bare.ipynb")
    with pytest.raises(ConfigError, match=r"notebooks/03_bare\.ipynb does not declare client"):
        own_copies.copy_master(shop, "3")
    assert not (root / "data/clients/shop/notebooks").exists()


# --- edit --draft ---------------------------------------------------------------------


def test_a_draft_becomes_the_copy_and_the_old_copy_is_kept(root: Path, shop: Client) -> None:
    own = own_copies.copy_master(shop, "1")
    old = own.read_bytes()
    draft = drafts.prepare_drafts(shop)[0].path
    change(draft)
    executed(draft)
    before = draft.read_bytes()
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 0 and done.stdout == f"{own.relative_to(root)}\n"
    assert "retention run shop" in done.stderr
    assert sources(own)[4] == "print('mine')" and b"ran" not in own.read_bytes()
    assert "retention" not in nbformat.read(own, 4).metadata
    assert own.with_name("01_data_audit.ipynb~").read_bytes() == old
    again = call("edit", "shop", "1", "--draft")
    assert again.exit_code == 2 and "does not differ from data/clients/shop" in again.stderr
    assert draft.read_bytes() == before
    assert sorted(held(own.parent)) == ["01_data_audit.ipynb", "01_data_audit.ipynb~"]
    assert execution.find_notebooks(shop) == [own, root / "notebooks" / SPACED]


def test_an_unchanged_draft_does_not_become_a_copy(shop: Client) -> None:
    executed(drafts.prepare_drafts(shop)[0].path)
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 2 and "does not differ from notebooks/01_data_audit" in done.stderr
    assert not execution.own_folder(shop).exists()


def test_an_untouched_draft_of_an_older_master_does_not_become_a_copy(
    root: Path, shop: Client
) -> None:
    drafts.prepare_drafts(shop)
    change(root / "notebooks" / "01_data_audit.ipynb")
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 2 and "what it was prepared with" in done.stderr
    assert not execution.own_folder(shop).exists()


def test_what_is_set_aside_is_never_overwritten(root: Path, shop: Client) -> None:
    own = own_copies.copy_master(shop, "1")
    draft = drafts.prepare_drafts(shop)[0].path
    written, said = [], []
    for number in range(4):
        change(own, f"print('by hand {number % 3}')")  # the last is nothing new
        if number == 3:
            own.write_bytes(written[0])
        written.append(own.read_bytes())
        change(draft, f"print('tried {number}')")
        said.append(call("edit", "shop", "1", "--draft").stderr.splitlines()[0])
    folder = own.parent.relative_to(root)
    names = [f"{own.name}{end}" for end in ("~", "~2~", "~3~", "~")]
    assert said == [
        f"shop: what the copy held before was set aside as {folder / name}, which no run heeds."
        for name in names
    ]
    assert held(own.parent) == dict(zip(names[:3], written, strict=False)) | {
        own.name: own.read_bytes()
    }
    assert execution.find_notebooks(shop) == [own, root / "notebooks" / SPACED]
    assert "set aside" not in call("edit", "shop", "1", "--draft").stderr, "nothing was replaced"


def test_masters_are_not_written_through_a_link(root: Path, shop: Client) -> None:
    change(drafts.prepare_drafts(shop)[0].path)
    own = root / "data/clients/shop/notebooks"
    own.symlink_to(root / "notebooks")
    before = held(root / "notebooks")
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 2 and "a link leads from data/clients/shop/notebooks" in done.stderr
    own.unlink()
    own.mkdir()
    (own / "01_data_audit.ipynb").symlink_to(root / "notebooks" / "01_data_audit.ipynb")
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 2 and "notebooks/01_data_audit.ipynb to notebooks, " in done.stderr
    assert held(root / "notebooks") == before


def test_drafts_are_not_written_to_the_masters(root: Path, shop: Client) -> None:
    own = root / "data/clients/shop/notebooks"
    own.mkdir()
    nbformat.write(notebook(), own / "07_mine.ipynb")
    (root / "drafts").mkdir()
    (root / "drafts" / "shop").symlink_to(root / "notebooks")
    before = held(root / "notebooks")
    with pytest.raises(ConfigError, match="a link leads from drafts/shop to notebooks"):
        drafts.prepare_drafts(shop)
    assert held(root / "notebooks") == before


def test_a_copy_that_jupyterlab_made_is_not_adopted_beside_its_notebook(
    root: Path, shop: Client
) -> None:
    path = drafts.prepare_drafts(shop)[0].path
    copy = path.with_name("01_data_audit-Copy1.ipynb")
    copy.write_bytes(path.read_bytes())
    with pytest.raises(ConfigError, match=r"01_data_audit\.ipynb and drafts/.*-Copy1.* number 01"):
        own_copies.adopt_draft(shop, "01_data_audit-Copy1")
    assert not (root / "data/clients/shop/notebooks").exists()
    copy.rename(path.with_name("07_mine.ipynb"))
    assert own_copies.adopt_draft(shop, "7").copy.name == "07_mine.ipynb"


def inject(path: Path, source: str) -> None:
    """Do as an analyst does: write into the cell that papermill has made."""
    opened = nbformat.read(path, 4)
    opened.cells[2].source = source
    nbformat.write(opened, path)


@pytest.mark.parametrize(
    "source",
    [
        '# Parameters\nclient = "shop"\nyears = 3\n',
        '# Why this client\nclient = "shop"',
        'client = "shop"; years = 3',
        'as_of = "2024-05-31"',
    ],
)
def test_what_a_run_would_replace_is_not_adopted_and_diff_shows_it(
    source: str, root: Path, shop: Client
) -> None:
    own = own_copies.copy_master(shop, "1")
    before = held(own.parent)
    draft = drafts.prepare_drafts(shop)[0].path
    inject(draft, source)
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 2 and held(own.parent) == before
    assert "in drafts/shop/01_data_audit.ipynb holds more than the client" in done.stderr
    assert "cell of its own, display literals to the cell tagged `parameters`" in done.stderr
    inject(own, source)
    lines = difference(shop, "1").splitlines()
    assert "+  code cell:" in lines and f"+      {source.splitlines()[-1]}" in lines


@pytest.mark.parametrize("source", ['client = "shop"', "# Parameters\nclient = 'other'\n", ""])
def test_a_cell_of_the_client_alone_is_replaced(source: str, shop: Client) -> None:
    draft = drafts.prepare_drafts(shop)[0].path
    change(draft)
    inject(draft, source)
    assert sources(own_copies.adopt_draft(shop, "1").copy)[2] == '# Parameters\nclient = "shop"\n'


def test_parameters_below_a_runs_are_refused_as_a_run_would(shop: Client) -> None:
    own = own_copies.copy_master(shop, "1")
    before = own.read_bytes()
    draft = drafts.prepare_drafts(shop)[0].path
    opened = nbformat.read(draft, 4)
    opened.cells.insert(0, opened.cells.pop(2))
    nbformat.write(opened, draft)
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 2 and own.read_bytes() == before
    assert "does not stand below the cell tagged `parameters` in drafts/shop/01" in done.stderr
    own.write_bytes(draft.read_bytes())
    with pytest.raises(ConfigError, match="does not stand below .* in data/clients/shop/notebooks"):
        execution.find_notebooks(shop)


def test_a_draft_becomes_the_first_copy(root: Path, shop: Client) -> None:
    change(drafts.prepare_drafts(shop)[1].path)
    own = own_copies.adopt_draft(shop, "02").copy
    assert own == shop.folder / "notebooks" / SPACED and sources(own)[-1] == "print('mine')"
    assert list(held(own.parent)) == [SPACED]


def test_a_notebook_that_is_a_draft_only_may_become_the_clients(root: Path, shop: Client) -> None:
    drafts.prepare_drafts(shop)
    nbformat.write(notebook("print('new')"), root / "drafts" / "shop" / "07_mine.ipynb")
    own = own_copies.adopt_draft(shop, "7").copy
    assert execution.find_notebooks(shop)[-1] == own
    with pytest.raises(ConfigError, match=r"07_mine\.ipynb is shop's alone: there is no master"):
        difference(shop, "7")


def test_without_a_draft_there_is_a_remedy(root: Path) -> None:
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 2 and done.stdout == ""
    assert "no draft drafts/shop/01_data_audit.ipynb; `retention lab shop` makes it" in done.stderr


def test_a_draft_without_parameters_is_refused_as_a_run_would(root: Path, shop: Client) -> None:
    own = own_copies.copy_master(shop, "1")
    before = held(own.parent)
    draft = drafts.prepare_drafts(shop)[0].path
    opened = nbformat.read(draft, 4)
    del opened.cells[1]
    nbformat.write(opened, draft)
    done = call("edit", "shop", "1", "--draft")
    assert done.exit_code == 2 and held(own.parent) == before
    with pytest.raises(ConfigError) as at_the_run:
        own.write_bytes(draft.read_bytes())
        execution.find_notebooks(shop)
    said = str(at_the_run.value).replace("data/clients/shop/notebooks", "drafts/shop")
    assert done.stderr == f"shop: {said}\n" and "does not declare client" in said


def test_a_doubled_parameters_cell_does_no_harm(shop: Client) -> None:
    draft = drafts.prepare_drafts(shop)[0].path
    opened = nbformat.read(draft, 4)
    opened.cells.insert(3, NotebookNode(opened.cells[2] | {"id": "pasted"}))
    nbformat.write(opened, draft)
    nbformat.validate(nbformat.read(own_copies.adopt_draft(shop, "1").copy, 4))


# --- diff -----------------------------------------------------------------------------


def test_diff_shows_sources_and_nothing_else(root: Path, shop: Client) -> None:
    own = own_copies.copy_master(shop, "2")
    opened = nbformat.read(own, 4)
    opened.cells[3].source = "print(client)\nprint('mine')"
    opened.cells[3].outputs = [new_output("stream", text="ran")]
    opened.cells[0].metadata["tags"] = ["x"]
    opened.cells.append(new_markdown_cell("An **own** section"))
    nbformat.write(opened, own)
    before = held(own.parent), held(root / "notebooks")
    done = call("diff", "shop", "02")
    assert done.exit_code == 0 and done.stderr == ""
    assert done.stdout.splitlines() == [
        f"--- notebooks/{SPACED}",
        f"+++ data/clients/shop/notebooks/{SPACED}",
        "## modified /cells/2/source:",
        "@@ -1 +1,2 @@",
        "   print(client)",
        "+  print('mine')",
        "## inserted before /cells/3:",
        "+  markdown cell:",
        "+    source:",
        "+      An **own** section",
    ]
    assert (held(own.parent), held(root / "notebooks")) == before


def test_diff_says_so_if_nothing_differs(root: Path, shop: Client) -> None:
    own = own_copies.copy_master(shop, "1")
    executed(own)
    opened = nbformat.read(own, 4)
    opened.cells.pop()
    opened.cells[-1]["id"] = "pasted"
    nbformat.write(opened, own)
    done = call("diff", "shop", "1")
    assert done.exit_code == 0 and done.stdout == (
        "data/clients/shop/notebooks/01_data_audit.ipynb does not differ from "
        "notebooks/01_data_audit.ipynb.\n"
    )


def test_diff_pairs_cells_whose_ids_are_all_others(shop: Client) -> None:
    own = own_copies.copy_master(shop, "1")
    opened = nbformat.read(own, 4)
    for number, cell in enumerate(opened.cells):
        cell["id"] = f"other{number}"
    nbformat.write(opened, own)
    assert "does not differ" in difference(shop, "1")
    change(own)
    assert difference(shop, "1").count("##") == 1


def test_diff_shows_a_cell_of_another_kind(shop: Client) -> None:
    own = own_copies.copy_master(shop, "1")
    opened = nbformat.read(own, 4)
    opened.cells[3] = new_markdown_cell(opened.cells[3].source, id=opened.cells[3].id)
    nbformat.write(opened, own)
    lines = difference(shop, "1").splitlines()
    assert "-  code cell:" in lines and "+  markdown cell:" in lines


def test_diff_sends_a_terminal_nothing_to_obey(shop: Client) -> None:
    signs = "\x00\x07\x1b[2J\r\x7f\x9b\u202e\u2066\u200f\u2028"
    change(own_copies.copy_master(shop, "1"), f"a = '{signs}'\n\tb = 'é 👩\u200d💻'")
    said = difference(shop, "1")
    assert not any(sign in said for sign in signs if sign not in "[2J")
    shown = "a = '<U+0000><U+0007><U+001B>[2J<U+000D><U+007F><U+009B><U+202E><U+2066><U+200F>"
    assert f"{shown}<U+2028>'" in said
    assert "\tb = 'é 👩\u200d💻'" in said


def test_diff_without_a_copy_names_edit(root: Path) -> None:
    done = call("diff", "shop", "1")
    assert done.exit_code == 2 and done.stdout == ""
    assert "`retention edit shop 01` makes a copy" in done.stderr


def test_diff_is_coloured_on_a_terminal_only(shop: Client) -> None:
    change(own_copies.copy_master(shop, "1"))
    coloured = difference(shop, "1", colour=True)
    assert "\x1b[3" in coloured
    plain = call("diff", "shop", "1").stdout
    assert "\x1b" not in plain and plain == difference(shop, "1")


@pytest.mark.parametrize("command", ["lab shop", "edit shop 1", "diff shop 1"])
def test_an_interrupted_command_says_no_more(
    command: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "load_client", interrupt)
    done = call(*command.split())
    assert done.exit_code == 130 and done.stderr == "shop: interrupted.\n"


@pytest.mark.parametrize("command", [["lab"], ["edit"], ["edit", "shop"], ["diff", "shop"]])
def test_wrong_usage_ends_with_two(command: list[str], root: Path) -> None:
    assert call(*command).exit_code == 2


# --- JupyterLab -----------------------------------------------------------------------


def test_jupyterlab_opens_the_first_draft_in_a_browser(root: Path, served: list[Any]) -> None:
    call("lab", "shop")
    call("lab", "shop", "--no-browser", "--port", "8999")
    assert served[0][:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={root / 'drafts' / 'shop'}" in served[0]
    workspace = commands._workspace("shop", root / "drafts" / "shop" / "01_data_audit.ipynb")
    assert workspace.startswith("shop-")
    assert f"--LabApp.default_url=/lab/workspaces/{workspace}/tree/01_data_audit.ipynb" in served[0]
    assert "--ServerApp.ip=127.0.0.1" in served[0]
    assert not any("browser" in option or "port" in option for option in served[0])
    assert served[1] == [*served[0], "--no-browser", "--port=8999"]
    (root / "notebooks" / "01_data_audit.ipynb").unlink()
    call("lab", "shop")
    quoted = f"/lab/workspaces/{workspace}/tree/02_with%20%7Bbraces%7D%20and%20spaces.ipynb"
    assert f"--LabApp.default_url={quoted}" in served[2]


@contextmanager
def started(command: list[str], **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process, and see that it is gone at the end."""
    env = os.environ | environment
    with subprocess.Popen(
        [sys.executable, *command], env=env, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


STAND_IN = """import json, os, pathlib, signal, sys, time
{begin}
told = pathlib.Path({told!r})
plain = [os.getpid(), os.environ["JUPYTER_PREFER_ENV_PATH"], sys.stdin.read()]
told.with_suffix(".half").write_text(json.dumps(plain))
told.with_suffix(".half").rename(told)
{end}
"""
LAB = """import sys
from retention_lib.cli import main, notebooks
notebooks._lab = lambda *given: notebooks._serve([sys.executable, "-c", {stand_in!r}]) or 0
sys.argv = ["retention", "lab", "shop"]
main()
"""


def serves(told: Path, end: str, begin: str = "") -> list[str]:
    """Return a program that serves a stand-in for JupyterLab, which tells how it was called."""
    stand_in = STAND_IN.format(begin=begin, told=str(told), end=end)
    return ["-c", LAB.format(stand_in=stand_in)]


def awaited(ask: Callable[[], Any], what: str) -> Any:
    for _ in range(600):
        if (answer := ask()) is not None:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{what} never came")


@pytest.mark.parametrize(
    ("end", "code", "last"),
    [
        ("", 0, []),
        ("sys.exit(3)", 1, ["shop: JupyterLab ended with code 3; what it said stands above."]),
    ],
)
def test_lab_ends_as_jupyterlab_does(end: str, code: int, last: list[str], tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    with started(serves(told, end)) as process:
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr.splitlines()) == (code, last)
    assert json.loads(told.read_text())[1:] == ["1", ""], "this environment's kernel, no input"


@pytest.mark.skipif(os.name == "nt", reason="POSIX ends processes by signals")
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 0), ("SIGINT", 0)])
def test_a_signal_ends_jupyterlab_too(name: str, code: int, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    with started(serves(told, "time.sleep(60)")) as process:
        awaited(lambda: told.exists() or None, "JupyterLab")
        process.send_signal(getattr(signal, name))
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == code and "Traceback" not in stderr
    with pytest.raises(ProcessLookupError):
        os.kill(json.loads(told.read_text())[0], 0)


@pytest.mark.skipif(os.name == "nt", reason="POSIX ends processes by signals")
def test_a_second_ctrl_c_ends_a_jupyterlab_that_will_not(tmp_path: Path) -> None:
    told, asked = tmp_path / "told.json", tmp_path / "asked"
    stubborn = f"signal.signal(signal.SIGTERM, lambda *_: pathlib.Path({str(asked)!r}).touch())"
    with started(serves(told, "time.sleep(60)", stubborn)) as process:
        awaited(lambda: told.exists() or None, "JupyterLab")
        process.send_signal(signal.SIGINT)
        awaited(lambda: asked.exists() or None, "the request to end")
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)
    assert process.returncode == 0 and "Traceback" not in stderr
    with pytest.raises(ProcessLookupError):
        os.kill(json.loads(told.read_text())[0], 0)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="POSIX ends processes by signals")
def test_the_real_jupyterlab_answers_and_ctrl_c_ends_it(root: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "RUNTIME")}

    def answer() -> Any:
        try:
            with urlopen(f"http://127.0.0.1:{port}/api", timeout=5) as response:
                return json.load(response)
        except (URLError, OSError):
            return None

    command = ["-m", "retention_lib.cli", "lab", "shop", "--no-browser", "--port", str(port)]
    with started(command, **folders) as process:
        assert "version" in awaited(answer, "JupyterLab's answer")
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert "Traceback" not in stderr
    address = rf"http://127\.0\.0\.1:{port}/lab/workspaces/shop-\w+/tree/01_data_audit\.ipynb"
    assert re.search(address, stderr)
    assert answer() is None, "nothing listens any more"
