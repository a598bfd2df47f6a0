"""`retention explain`: figures of published runs, and of records that have no report yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from retention_lib.cli import app
from tests import made
from tests.test_compare import YAML, World, results
from tests.test_explain import EVIL, listed

LINES = """customer;day;sum
K-1;2024-01-02;10,00
K-1;2024-02-02;20,00
K-2;2024-03-01;30,00
"""


class Explained(World):
    def explain(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["explain", *arguments])


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Explained:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return Explained(tmp_path)


def test_the_current_report_is_explained(world: Explained) -> None:
    world.configure("sklep")
    world.publish(results("sklep", currency="PLN"))
    done = world.explain("sklep", "retention/retained_rate")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "How retention/retained_rate of sklep comes about, as of 31 gru 2024"
    assert lines[2].startswith("audit/files:")
    assert lines[-3].startswith("retention/retained_rate:  55,7% (95% interval 53,6% to 57,7%)")
    assert lines[-2].strip() == "= 1\xa0237 / 2\xa0221"
    assert world.explain("sklep", "retained_rate").stdout == done.stdout


def test_json_has_the_numbers_as_they_are(world: Explained) -> None:
    world.publish(results("sklep"))
    done = world.explain("sklep", "retained_rate", "--json")
    assert done.exit_code == 0 and done.stdout.isascii()
    found = json.loads(done.stdout)
    assert (found["client"], found["as_of"]) == ("sklep", "2024-12-31")
    last = found["steps"][-1]
    assert (last["figure"], last["value"]) == ("retention/retained_rate", 0.557)
    assert last["interval"] == [0.536, 0.577] and last["formula"] == "= 1,237 / 2,221"
    assert last["inputs"] == ["retention/start_customers", "retention/retained_customers"]


def test_a_run_is_named_or_its_folder_given(world: Explained) -> None:
    run = world.publish(results("sklep", "2024-06-30"), current=False)
    world.publish(results("sklep"))
    world.publish(results("other"))
    for name in (run.name, f"sklep/{run.name}", str(run)):
        done = world.explain("sklep", "as_of", "--run", name)
        assert done.exit_code == 0 and "Jun 30, 2024" in done.stdout, done.output
    done = world.explain("sklep", "as_of", "--run", "other/2024-12-31-0123456789ab")
    assert done.exit_code == 2 and "is a run of other, not of sklep" in done.stderr
    done = world.explain("sklep", "as_of", "--run", "2020-01-01-0123456789ab")
    assert done.exit_code == 2 and f"sklep/{run.name}" in done.stderr


def test_a_customer_is_found_in_the_runs_list(world: Explained) -> None:
    run = world.publish(results("sklep"))
    missing = world.explain("sklep", "--customer", "K-17")
    assert missing.exit_code == 2 and "customers.parquet is missing" in missing.stderr
    listed(customer_id=[EVIL, "Ann@Shop.com", "00042"]).to_parquet(
        run / "private" / "customers.parquet"
    )
    done = world.explain("sklep", "--customer", "ANN@shop.com")
    assert done.exit_code == 0, done.output
    assert "clv:  $95.00 (90% interval $0.00 to $250.00)" in done.stdout
    evil = world.explain("sklep", "--customer", EVIL)
    assert evil.exit_code == 0 and "\x1b" not in evil.stdout
    nobody = world.explain("sklep", "--customer", "K-19")
    assert nobody.exit_code == 2 and nobody.stdout == ""
    assert "No customer has the id 'K-19'" in nobody.stderr and "00042" not in nobody.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["retained_rat"], "nearest: retention/retained_rate"),
        ([], "Name a figure, a section (audit, cycle"),
        (["clv", "--customer", "1"], "Name a figure, a section (audit, cycle"),
    ],
)
def test_what_is_not_understood_is_said(world: Explained, arguments: list[str], said: str) -> None:
    world.publish(results("sklep"))
    done = world.explain("sklep", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.output


def test_a_null_ends_in_its_reason(world: Explained) -> None:
    world.publish(made.nothing_known().model_copy(update={"client": "sklep"}))
    done = world.explain("sklep", "retention/retained_rate")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == f"retention/retained_rate cannot be given: {made.WHY}"


def test_without_a_report_the_records_are_counted(world: Explained) -> None:
    written = 'format: {delimiter: ";", decimal: ",", date: "%Y-%m-%d"}'
    world.configure("sklep", f"{YAML.replace('day}', 'day, amount: sum}')}{written}\n")
    folder = world.root / "data" / "clients" / "sklep" / "input"
    folder.mkdir()
    (folder / "sales.csv").write_text(LINES)
    done = world.explain("sklep", "audit/occasions")
    assert done.exit_code == 0, done.output
    assert "audit/occasions:  3\n" in done.stdout and "sales.csv: 4 lines" in done.stdout
    assert "computed from the records, as of 2024-03-01" in done.stderr
    world.publish(results("sklep"))
    assert "67\xa0591" in world.explain("sklep", "audit/occasions").stdout
    fresh = world.explain("sklep", "audit/occasions", "--fresh")
    assert "audit/occasions:  3\n" in fresh.stdout
    nobody = world.explain("nobody", "audit/occasions")
    assert nobody.exit_code == 2 and "nobody" in nobody.stderr
    assert not (world.root / "drafts").exists()
