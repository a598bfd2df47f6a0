"""Which report stands for a client, which runs are kept, and what a run tells of its customers."""

import json
import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from retention_lib import runner
from retention_lib.cli import app
from retention_lib.errors import RetentionError
from retention_lib.results import SECTIONS, Outcomes, why, write_json
from retention_lib.runner import publication
from retention_lib.runner.page import ids_among
from tests.conftest import bought
from tests.made import no_cycle
from tests.made import results as results_made

HASH = "0123456789ab"
TODAY = date(2025, 2, 1)


def stage(home: Path, text: str) -> Path:
    """Return a complete stage."""
    made = home / ".staging-x"
    for folder in ("share", "private", "work"):
        (made / folder).mkdir(parents=True, exist_ok=True)
    (made / "share" / "report.html").write_text(text)
    (made / "private" / "manifest.json").write_text("{}")
    return made


def publish(home: Path, day: str, *, current: bool = True, age: int = 0) -> Path:
    folder = publication.publish(stage(home, day), f"{day}-{HASH}", current=current)
    os.utime(folder / "private" / "manifest.json", (1e9 + age, 1e9 + age))
    return folder


def kept(home: Path) -> set[str]:
    return {path.name[:10] for path in home.iterdir() if path.is_dir()}


# --- publication alone ----------------------------------------------------------------


def test_a_run_apart_leaves_the_report_as_it_was(tmp_path: Path) -> None:
    publish(tmp_path, "2024-12-31")
    folder = publish(tmp_path, "2023-12-31", current=False)
    assert (folder / "share" / "report.html").read_text() == "2023-12-31"
    assert (tmp_path / "report.html").read_text() == "2024-12-31"
    assert json.loads((tmp_path / "latest.json").read_text())["run"] == f"2024-12-31-{HASH}"
    assert publication.standing_day(tmp_path) == date(2024, 12, 31)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"as_of": 7}', '{"as_of": "soon"}'])
def test_no_day_stands_without_a_record(content: str | None, tmp_path: Path) -> None:
    (tmp_path / "report.html").touch()
    if content is not None:
        (tmp_path / "latest.json").write_text(content)
    assert publication.standing_day(tmp_path) is None


def test_no_day_stands_without_a_report(tmp_path: Path) -> None:
    publish(tmp_path, "2024-12-31")
    (tmp_path / "report.html").unlink()
    assert publication.standing_day(tmp_path) is None


def test_looks_back_do_not_push_out_the_standing_run(tmp_path: Path) -> None:
    publish(tmp_path, "2024-12-31")
    for year in range(2015, 2023):
        publish(tmp_path, f"{year}-12-31", current=False, age=year)
    years = {"2024", "2022", "2021", "2020", "2019"}
    assert kept(tmp_path) == {f"{year}-12-31" for year in years}
    assert (tmp_path / json.loads((tmp_path / "latest.json").read_text())["report"]).is_file()


def test_the_newest_run_is_kept_even_if_its_clock_was_wrong(tmp_path: Path) -> None:
    for year in range(2015, 2020):
        publish(tmp_path, f"{year}-12-31", age=year)
    publish(tmp_path, "2010-12-31", current=False)
    assert kept(tmp_path) == {f"{year}-12-31" for year in (2010, 2016, 2017, 2018, 2019)}


# --- a run ----------------------------------------------------------------------------


class World:
    """Runs whose notebooks are made up: only the day and the publication are real."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.home = root, root / "reports" / "shop"
        self.yaml_day = date(2024, 12, 31)
        monkeypatch.setenv("RETENTION_ROOT", str(root))
        monkeypatch.chdir(root)
        monkeypatch.setattr(runner, "load_client", lambda slug: SimpleNamespace(slug=slug))
        monkeypatch.setattr(runner, "find_notebooks", lambda client: [])
        monkeypatch.setattr(runner, "_run", self._run)

    def _run(self, client: Any, notebooks: Any, as_of: date | None, *others: Any) -> Any:
        day = as_of or self.yaml_day
        made = next(part for part in others if isinstance(part, Path))
        results = results_made().model_copy(update={"as_of": day, "cycle": no_cycle()})
        (made / "share" / "report.html").write_text(str(day))
        write_json(results.to_json(), made / "private" / "results.json")
        write_json({"versions": {"retention_lib": "0.9"}}, made / "private" / "manifest.json")
        return results, f"{day}-{HASH}"

    def run(self, as_of: str | None = None) -> tuple[runner.Published, list[str]]:
        said: list[str] = []
        day = date.fromisoformat(as_of) if as_of else None
        return runner.run("shop", as_of=day, today=TODAY, on_notice=said.append), said

    def entered(self, home: Path | None = None) -> list[str]:
        """Return the days of the forecasts in the ledger."""
        file = (home or self.home) / "forecasts.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line)["day"] for line in lines]

    def report(self) -> str:
        return (self.home / "report.html").read_text()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def test_a_look_back_is_published_apart(world: World) -> None:
    world.run()
    published, said = world.run("2023-12-31")
    assert published.report == world.home / f"2023-12-31-{HASH}" / "share" / "report.html"
    assert published.report.read_text() == "2023-12-31" and world.report() == "2024-12-31"
    assert said == ["report.html stays that of 2024-12-31."]


@pytest.mark.parametrize("day", ["2024-12-31", "2025-01-15"])
def test_an_equal_or_later_day_replaces(day: str, world: World) -> None:
    world.run()
    published, said = world.run(day)
    assert published.report == world.home / "report.html"
    assert world.report() == day and said == []


def test_a_look_back_becomes_the_report_where_none_stands(world: World) -> None:
    published, said = world.run("2023-12-31")
    assert published.report == world.home / "report.html"
    assert world.report() == "2023-12-31" and said == []


def test_an_earlier_day_of_the_yaml_replaces(world: World) -> None:
    world.run()
    world.yaml_day = date(2022, 12, 31)
    published, said = world.run()
    assert world.report() == "2022-12-31" and said == []
    assert published.report == world.home / "report.html"


def test_the_command_prints_the_runs_own_report(world: World) -> None:
    world.run()
    done = CliRunner().invoke(app, ["run", "shop", "--as-of", "2023-12-31"])
    assert done.exit_code == 0, done.output
    own = Path("reports", "shop", f"2023-12-31-{HASH}", "share", "report.html")
    assert done.stdout.splitlines() == [str(own)]
    assert done.stderr.splitlines()[-1] == "shop: report.html stays that of 2024-12-31."


# --- the ledger of forecasts ----------------------------------------------------------


def test_each_run_that_becomes_the_report_enters_its_forecast(world: World) -> None:
    world.run()
    assert world.entered() == ["2024-12-31"]
    world.run()
    world.yaml_day = date(2025, 1, 31)
    world.run()
    assert world.entered() == ["2024-12-31", "2024-12-31", "2025-01-31"]


@pytest.mark.parametrize("day", ["2023-12-31", "2024-12-31", "2025-01-15"])
def test_a_day_of_the_command_line_enters_none(day: str, world: World) -> None:
    """Whether or not its report becomes the client's: a look back knows what came."""
    world.run(day)
    assert world.report() == day and world.entered() == []
    world.run()
    world.run(day)
    assert world.entered() == ["2024-12-31"]


def test_pruning_old_runs_leaves_their_forecasts(world: World) -> None:
    days = [date(2024, month, 1) for month in range(1, 9)]
    before = b""
    for day in days:
        world.yaml_day = day
        world.run()
        after = (world.home / "forecasts.jsonl").read_bytes()
        assert after.startswith(before)
        before = after
    assert len(kept(world.home)) == publication.RUNS_KEPT < len(days)
    assert world.entered() == [str(day) for day in days]


def test_each_folder_of_reports_has_a_ledger_of_its_own(world: World, tmp_path: Path) -> None:
    runner.run("shop", today=TODAY, out=tmp_path / "elsewhere")
    world.yaml_day = date(2025, 1, 31)
    world.run()
    assert world.entered(tmp_path / "elsewhere" / "shop") == ["2024-12-31"]
    assert world.entered() == ["2025-01-31"]


def test_a_crash_before_the_ledger_loses_no_forecast(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def died() -> list[str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        entering = iter([list, died])  # at the start of the run, and after its publication
        patch.setattr(runner.ledger, "enter", lambda home: next(entering)())
        world.run()
    assert world.report() == "2024-12-31" and world.entered() == []
    world.yaml_day = date(2025, 1, 31)
    world.run()
    assert world.entered() == ["2024-12-31", "2025-01-31"]


def test_a_ledger_that_cannot_be_written_does_not_stop_a_report(world: World) -> None:
    (world.home / "forecasts.jsonl").mkdir(parents=True)
    published, said = world.run()
    assert published.report.is_file() and world.report() == "2024-12-31"
    assert len(said) == 1 and "could not be entered" in said[0]
    (world.home / "forecasts.jsonl").rmdir()
    assert world.run("2023-12-31")[1] == ["report.html stays that of 2024-12-31."]
    assert world.entered() == ["2024-12-31"]


def test_what_of_the_ledger_was_not_read_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = World._run

    def unread(self: World, *given: Any) -> Any:
        results, name = run(self, *given)
        note = why("ledger_lines_unread", lines=2, first=4)
        ledger = results.clv.ledger.model_copy(update={"notes": [note]})
        clv = results.clv.model_copy(update={"ledger": ledger})
        return results.model_copy(update={"clv": clv}), name

    monkeypatch.setattr(runner, "_run", lambda *given: unread(world, *given))
    (said,) = world.run()[1]
    assert said.startswith("Lines of “forecasts.jsonl” that cannot be read") and "line 4." in said


# --- customers' ids -------------------------------------------------------------------


def test_ids_are_told_apart_in_the_engine() -> None:
    table = bought(anna=["2024-01-01", "2024-02-01"], **{"000643": ["2024-01-05"]})
    assert ids_among(["anna", "000643", "Anna", "643", "it's"], table) == {"anna", "000643"}
    assert ids_among([], table) == set()


MASTERS = {f"{kind.number}_{kind.name}": kind.name for kind in SECTIONS if kind is not Outcomes}
RENAMED = 'study.occasions[["customer_id"]].distinct().head(3).to_pandas().rename(columns={"customer_id": "kdo"})'
OPENS = "from retention_lib.study import Study\nstudy = Study.open(client, as_of, run)"


@pytest.mark.slow
def test_a_run_with_renamed_ids_is_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: data, an own notebook in its kernel, the guard, and nothing published."""
    shop = tmp_path / "data" / "clients" / "shop"
    (shop / "input").mkdir(parents=True)
    (shop / "client.yaml").write_text(
        "name: Shop\nsource: {file: input/sales.csv}\n"
        "columns: {customer_id: klient, ordered_at: day, amount: paid}\n"
    )
    rows = [f"{k:06},2024-{m:02}-{k % 27 + 1:02},10" for k in range(40) for m in (1, 4, 8)]
    (shop / "input" / "sales.csv").write_text("klient,day,paid\n" + "\n".join(rows))
    write(shop / "notebooks" / "07_mine.ipynb", RENAMED)
    for name, question in MASTERS.items():
        write(tmp_path / "notebooks" / f"{name}.ipynb", f"study.save(study.{question}())")
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    with pytest.raises(RetentionError, match=r"07_mine.* shows 3 customer ids in the column 'Kdo'"):
        runner.run("shop", today=TODAY)
    assert not (tmp_path / "reports" / "shop" / "report.html").exists()


def write(path: Path, source: str) -> None:
    """Write a notebook that opens the study and runs one more cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tagged = {"tags": ["parameters"]}
    declared = new_code_cell("client = 'shop'\nas_of = None\nrun = None", metadata=tagged)
    nbformat.write(new_notebook(cells=[declared, *map(new_code_cell, (OPENS, source))]), path)
