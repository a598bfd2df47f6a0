"""`retention new` on the command line."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from retention_lib.cli import app
from tests.test_proposal import written

COMMAND = import_module("retention_lib.cli.new")  # of the package's names, `new` is the function


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
    # 25 small numbers may be pieces, too, and A is an order: nobody is taken for a customer unasked
    day = ("--set", "columns.ordered_at=Delivery date")
    again = new("--from", file, "--yes", *day)
    assert again.exit_code == 2
    assert "--set columns.customer_id=B" in again.stderr
    assert new("--from", file, "--yes", *day, "--set", "columns.customer_id=B").exit_code == 0


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


def two_readings(file: Path) -> Path:
    """Write sales whose days can be read in two ways, with statuses nobody knows."""
    rows = [
        f"{1000 + n},C{n % 17},A{n % 5},0{n % 9 + 1}/0{n % 7 + 1}/2024,{n}.50,{'qux' if n % 8 else 'zap'}"
        for n in range(120)
    ]
    head = "Order no,Customer no,Customer code,Date,Total,Status"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    return file


def test_a_dialogue_asks_one_thing_at_a_time_and_writes_what_was_answered(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(COMMAND, "_answers", lambda: True)
    file = two_readings(tmp_path / "sales.csv")
    answers = ["x", "7", "1", "3", "1", "y"]  # two slips; then a sale, cancelled, the date
    done = CliRunner().invoke(
        app, ["new", "shop", "--from", str(file)], input="\n".join(answers) + "\n"
    )
    assert done.exit_code == 0, done.output
    said = yaml.safe_load((root / "data" / "clients" / "shop" / "client.yaml").read_text("utf-8"))
    assert said["statuses"] == {"sale": ["qux"], "cancelled": ["zap"]}
    assert said["columns"]["customer_id"] == "Customer no"
    assert "'Customer code' would fit, too" in " ".join(done.output.split())
    assert said["format"]["date"] in ("%d/%m/%Y", "%m/%d/%Y")
    assert done.output.count("Which one?") == 5


@pytest.mark.parametrize("answer", ["q\n", ""])
def test_whoever_stops_a_dialogue_writes_nothing(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(COMMAND, "_answers", lambda: True)
    file = two_readings(tmp_path / "sales.csv")
    done = CliRunner().invoke(app, ["new", "shop", "--from", str(file)], input=answer)
    assert done.exit_code == 2
    assert "Nothing was written" in done.output and "--set" in done.output
    assert not list((root / "data" / "clients").iterdir())


def test_an_unknown_setting_names_the_nearest(tmp_path: Path) -> None:
    done = new("--from", written(tmp_path / "sales.csv"), "--set", "colums.amount=x")
    assert done.exit_code == 2
    assert "do you mean columns?" in done.stderr
