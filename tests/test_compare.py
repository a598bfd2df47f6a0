"""`retention compare`: two clients or two runs side by side, from runs as they are published."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from retention_lib.cli import app
from retention_lib.results import Results, Window, write_json
from retention_lib.runner.publication import publish
from tests import made

HASH = "0123456789ab"
YAML = """
name: Sklep
source: {file: input/sales.csv}
columns: {customer_id: customer, ordered_at: day}
locale: pl
currency: PLN
"""


def results(client: str, day: str = "2024-12-31", months: int = 4, **change: Any) -> Results:
    window = Window(length=months, unit="month", days=30 * months)
    whole = made.results(
        cycle=made.changed(made.cycle(), window=window), retention=made.full_retention()
    )
    given = {"client": client, "as_of": date.fromisoformat(day)} | change
    return whole.model_copy(update=given)


class World:
    """A project's root in which clients have runs, published as the runner does."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def publish(self, whole: Results, current: bool = True, reports: str = "reports") -> Path:
        stage = self.root / reports / whole.client / ".staging-1"
        for name in ("share", "private"):
            (stage / name).mkdir(parents=True)
        (stage / "share" / "report.html").touch()
        (stage / "private" / "manifest.json").write_text("{}")
        write_json(whole.to_json(), stage / "private" / "results.json")
        return publish(stage, f"{whole.as_of}-{HASH}", current=current)

    def configure(self, client: str, yaml: str = YAML) -> None:
        folder = self.root / "data" / "clients" / client
        folder.mkdir(parents=True)
        (folder / "client.yaml").write_text(yaml)

    def compare(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["compare", *arguments])


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.chdir(tmp_path)
    return World(tmp_path)


def row(done: Result, name: str) -> list[str]:
    """Return the cells of a row of the printed table; an interval stands below its figure."""
    lines = [
        [cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")]
        for line in done.stdout.splitlines()
    ]
    found = [at for at, cells in enumerate(lines) if cells[0].startswith(name)]
    assert len(found) == 1, done.output
    cells, below = lines[found[0]], lines[found[0] + 1]
    if below[0] or len(below) != len(cells):
        return cells
    return [" ".join(filter(None, both)) for both in zip(cells, below, strict=True)]


# --- what is shown --------------------------------------------------------------


def test_two_clients_with_one_window_and_their_difference(world: World) -> None:
    weaker = made.changed(made.full_retention(), returning_rate=0.5, returning_ci95=(0.47, 0.53))
    world.publish(results("one"))
    world.publish(results("other", "2024-09-30", retention=weaker))
    done = world.compare("one", "other")
    assert done.exit_code == 0 and done.stderr == ""
    assert row(done, "Figure") == ["Figure", "one", "other", "Difference"]
    assert row(done, "Day of the report")[1:3] == ["Dec 31, 2024", "Sep 30, 2024"]
    assert row(done, "Window")[1:3] == ["4 months", "4 months"]
    assert row(done, "Established customers")[1:] == [
        "58.9% (56.4% to 61.4%)",
        "50.0% (47.0% to 53.0%)",
        "+8.9 points (+5.0 to +12.8)",
    ]
    assert row(done, "Customers on record")[1:] == ["23,570", "23,570", "0"]
    assert "not ranked" not in done.stdout


def test_different_windows_are_shown_but_not_ranked(world: World) -> None:
    world.publish(results("one", months=7))
    world.publish(results("other"))
    done = world.compare("one", "other")
    assert done.exit_code == 0
    assert row(done, "Figure") == ["Figure", "one", "other"]
    assert row(done, "Window") == ["Window", "7 months", "4 months"]
    assert done.stdout.splitlines()[-1] == ("Rates measured by different windows are not ranked.")


def test_a_client_without_a_rate_is_not_ranked(world: World) -> None:
    world.publish(results("one"))
    bare = {"retention": made.no_retention(), "cycle": made.no_cycle()}
    world.publish(results("new", **bare))
    done = world.compare("one", "new")
    assert done.exit_code == 0 and row(done, "Window") == ["Window", "4 months", "none"]
    assert row(done, "All customers who came back")[2] == "–"
    assert done.stdout.splitlines()[-1] == (
        f"new has no retention rate as of Dec 31, 2024. {made.WHY}"
    )


def test_numbers_are_those_of_the_first_client_and_currencies_are_not_mixed(world: World) -> None:
    world.configure("sklep")
    world.publish(results("sklep", currency="PLN"))
    world.publish(results("other"))
    done = world.compare("sklep", "other")
    assert row(done, "Established customers")[1] == "58,9% (56,4% to 61,4%)"
    assert row(done, "Day of the report")[1] == "31 gru 2024"
    assert "Value expected" not in done.stdout and "one is in PLN, the other in USD" in done.stdout
    same = world.compare("sklep", "sklep")
    assert "zł" in row(same, "Value expected of all customers")[1]
    assert row(world.compare("other", "sklep"), "Established customers")[1].startswith("58.9%")


# --- which runs are meant -------------------------------------------------------


def test_two_runs_of_a_client(world: World) -> None:
    earlier = world.publish(results("one", "2024-09-30"))
    world.publish(results("one"))
    done = world.compare("one", f"one/{earlier.name}")
    assert done.exit_code == 0
    assert row(done, "Figure")[1:3] == ["one 2024-12-31", "one 2024-09-30"]
    assert row(done, "Day of the report")[1:3] == ["Dec 31, 2024", "Sep 30, 2024"]
    assert row(world.compare(str(earlier), "one"), "Day")[1:3] == ["Sep 30, 2024", "Dec 31, 2024"]
    relative = world.compare(str(earlier.relative_to(world.root)), "one/")
    assert row(relative, "Day of the report")[1:3] == ["Sep 30, 2024", "Dec 31, 2024"]


def test_two_runs_of_one_day_are_told_apart_by_their_folders(world: World) -> None:
    run = world.publish(results("one"))
    shutil.copytree(run, run.with_name(f"2024-12-31-{HASH[::-1]}"))
    done = world.compare("one", f"one/2024-12-31-{HASH[::-1]}")
    assert row(done, "Figure")[1:3] == [f"2024-12-31-{HASH}", f"2024-12-31-{HASH[::-1]}"]


def test_a_narrow_terminal_breaks_no_interval(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    world.publish(results("one"))
    assert "(56.4% to 61.4%)" in world.compare("one", "one").stdout


def test_a_client_stands_for_its_current_run_not_for_a_look_back(world: World) -> None:
    world.publish(results("one"))
    world.publish(results("one", "2020-12-31"), current=False)
    assert row(world.compare("one", "one"), "Day of the report")[1] == "Dec 31, 2024"


def test_another_folder_of_reports(world: World) -> None:
    world.publish(results("one"), reports="there")
    assert world.compare("one", "one").exit_code == 2
    assert world.compare("one", "one", "--out", "there").exit_code == 0


# --- what is wrong --------------------------------------------------------------


def wrong(done: Result) -> str:
    assert done.exit_code == 2 and done.stdout == "" and "Traceback" not in done.stderr
    (sentence,) = done.stderr.splitlines()
    return sentence


def test_an_unknown_client_is_told_which_have_reports(world: World) -> None:
    world.publish(results("one"))
    world.publish(results("other"))
    (world.root / "reports" / "empty").mkdir()
    assert wrong(world.compare("one", "oen")) == (
        "compare: There is no report of 'oen'. Clients with reports in reports: one, other."
    )


def test_a_client_without_a_report_is_told_how_to_make_one(world: World) -> None:
    world.configure("sklep")
    assert wrong(world.compare("sklep", "sklep")) == (
        "compare: There is no report of 'sklep'. `retention run sklep` makes one. No client has a "
        "report in reports yet."
    )


def test_an_unknown_run_is_told_which_there_are(world: World) -> None:
    world.publish(results("one"))
    assert wrong(world.compare("one", "one/2020-01-01")) == (
        f"compare: There is no run '2020-01-01' of one; its runs are: one/2024-12-31-{HASH}."
    )


def test_no_current_report(world: World) -> None:
    run = world.publish(results("one"))
    for text in ("{", "[]", "{}", '{"run": 7}', '{"run": "gone"}'):
        (run.parent / "latest.json").write_text(text)
        assert "There is no current report of one; its runs are" in wrong(
            world.compare("one", "one")
        )
    (run.parent / "latest.json").unlink()
    assert "no current report" in wrong(world.compare("one", "one"))


@pytest.mark.parametrize(
    "reference", [f"../2024-12-31-{HASH}", "..", "../reports/one", ".", "", "/", "one/../one"]
)
def test_a_reference_never_leaves_the_reports(reference: str, world: World) -> None:
    run = world.publish(results("one"))
    outside = world.root / run.name
    shutil.copytree(run, outside)
    assert "There is no" in wrong(world.compare("one", reference))


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"why_not": {}, "audit": []}'])
def test_results_of_another_version(text: str, world: World) -> None:
    run = world.publish(results("one"))
    (run / "private" / "results.json").write_text(text)
    sentence = wrong(world.compare("one", "one"))
    assert "cannot be read by this version; run the client again" in sentence
    plain = results("one").to_json()
    del plain["retention"]["lost"]
    (run / "private" / "results.json").write_text(json.dumps(plain))
    assert "cannot be read by this version" in wrong(world.compare("one", "one"))


def test_help_names_the_command() -> None:
    assert "compare" in CliRunner().invoke(app, ["--help"]).stdout
