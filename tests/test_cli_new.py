"""`retention new` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from retention_lib.cli import app
from tests.test_proposal import written


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, without clients and recipes."""
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path / "project"))
    (tmp_path / "project" / "data" / "clients").mkdir(parents=True)
    return tmp_path / "project"


def new(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["new", "shop", *map(str, arguments)])


def test_yes_writes_the_client_and_says_what_comes_next(tmp_path: Path, root: Path) -> None:
    done = new("--from", written(tmp_path / "sales.csv"), "--yes")
    assert done.exit_code == 0
    assert (root / "data" / "clients" / "shop" / "client.yaml").is_file()
    assert "purchases: " in done.stdout and "Customer" in done.stdout
    assert "retention check shop" in done.stderr


def test_without_a_terminal_and_yes_nothing_is_written(tmp_path: Path, root: Path) -> None:
    done = new("--from", written(tmp_path / "sales.csv"))
    assert done.exit_code == 2
    assert "--yes" in done.stderr
    assert not list((root / "data" / "clients").iterdir())


def test_what_is_open_is_listed_and_a_listed_argument_settles_it(
    tmp_path: Path, root: Path
) -> None:
    file = written(tmp_path / "sales.csv", header="A,B,Delivery date,C")
    done = new("--from", file, "--yes")
    assert done.exit_code == 2
    assert '--set "columns.ordered_at=Delivery date"' in done.stderr
    assert not list((root / "data" / "clients").iterdir())
    again = new("--from", file, "--yes", "--set", "columns.ordered_at=Delivery date")
    assert again.exit_code == 0


def test_json_is_all_that_stands_on_stdout(tmp_path: Path) -> None:
    done = new("--from", written(tmp_path / "sales.csv"), "--yes", "--json")
    said = json.loads(done.stdout)
    assert said["settings"]["columns"]["amount"] == "Total"
    assert said["audit"]["rows_in"] == 200
    assert said["choices"] == []


def test_open_choices_are_json_too(tmp_path: Path) -> None:
    file = written(tmp_path / "sales.csv", header="A,B,Delivery date,C")
    done = new("--from", file, "--json")
    assert done.exit_code == 2
    choices = json.loads(done.stdout)["choices"]
    assert choices[0]["set"] == '--set "columns.ordered_at=Delivery date"'


def test_an_unknown_setting_names_the_nearest(tmp_path: Path) -> None:
    done = new("--from", written(tmp_path / "sales.csv"), "--set", "colums.amount=x")
    assert done.exit_code == 2
    assert "do you mean columns?" in done.stderr
