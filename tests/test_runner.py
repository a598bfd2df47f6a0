import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import nbformat
import pytest
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from retention_lib import results, runner
from retention_lib.client import load_client, load_definitions
from retention_lib.errors import ConfigError, DataError, NotebookError, RetentionError
from retention_lib.results import Results, Section
from retention_lib.runner import execution, publication, record, yardstick
from retention_lib.study import Prepared
from tests.made import clv, cycle, no_clv, no_cycle, no_retention

TODAY = date(2024, 6, 1)
AS_OF = date(2024, 5, 31)
FINGERPRINT = "0123456789abcdef" * 4
NAME = "2024-05-31-0123456789ab"
WHY = "The records do not give this figure."
REASON = {"code": "not_in_these_records"}
LISTS = ("checks", "breaks", "questions", "years", "statuses", "files", "doubts", "control")
YAML = """
name: Shop & <b>Co</b>
source: {file: input/sales.csv}
columns: {customer_id: customer, ordered_at: day}
"""


def blank(kind: type[Section], **given: Any) -> dict[str, Any]:
    """Return a valid section as plain JSON: what is not given is null, with a reason."""
    fields = set(kind.model_fields) - {"why_not", "varied"} - set(given)
    plain = dict.fromkeys(fields) | given
    return plain | {"why_not": dict.fromkeys(results.null_pointers(plain), REASON)}


def sections() -> dict[str, dict[str, Any]]:
    """Return the five sections of a client with hardly any history."""
    audit = blank(
        results.Audit,
        rows_in=3,
        rows_kept=2,
        set_aside={"after_as_of": 1},
        customers=2,
        occasions=2,
        repeat_buyers=0,
        zero_occasions=0,
        first_date="2024-05-01",
        last_date="2024-05-31",
        last_first_purchase="2024-05-31",
        verdict={"retention": "unfit", "clv": "unfit", "forecast": "unfit"},
        reasons={"retention": ["short_history"], "clv": ["short_history"]},
        touches={},
        unassigned_rows=0,
        purchase_steps=dict.fromkeys(results.PurchaseSteps.model_fields, 0),
        **{name: [] for name in LISTS},
        closed_group=False,
        needed_repeat_buyers=30,
    )
    advice = blank(results.Recommendations, claims=[], segments=[], actions=[], lines=[])
    return {
        "01": audit,
        "02": no_cycle().model_dump(mode="json"),
        "03": no_retention().model_dump(mode="json"),
        "04": no_clv().model_dump(mode="json"),
        "05": advice,
    }


def notebook(path: Path, *sources: str) -> Path:
    """Write a notebook that declares a run's parameters and then runs these cells."""
    tagged = {"tags": ["parameters"]}
    declared = new_code_cell("client = 'x'\nas_of = None\nrun = None", metadata=tagged)
    cells = [new_markdown_cell("# A chapter"), declared, *map(new_code_cell, sources)]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)
    return path


SAVES = """import json, os, pathlib
folder = pathlib.Path(run) / "private" / "results"
(folder / "seen.json").write_text(json.dumps([client, as_of, os.getcwd()]))
for number, plain in json.loads({sections!r}).items():
    (folder / f"{{number}}.json").write_text(json.dumps(plain))
"""


def measured(retention: str = "fit") -> dict[str, dict[str, Any]]:
    """Return the sections of a client with a cycle and a window."""
    audit = sections()["01"] | {
        "verdict": {"retention": retention, "clv": "unfit", "forecast": "unfit"}
    }
    return {"01": audit, "02": cycle().model_dump(mode="json")}


@dataclass
class World:
    """A project's root in a temporary folder, with one client and a study that needs no data."""

    root: Path
    monkeypatch: pytest.MonkeyPatch
    opened: list[dict[str, Any]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.root / "reports" / "shop"

    def notebook(self, *sources: str, name: str = "01_data_audit.ipynb") -> Path:
        return notebook(self.root / "notebooks" / name, *sources)

    def saving_notebook(self, **change: dict[str, Any]) -> Path:
        plain = sections() | change
        return self.notebook(SAVES.format(sections=json.dumps(plain)))

    @property
    def definitions(self) -> Path:
        return self.root / "data/clients/shop/definitions.yaml"

    def measured_run(self, **change: Any) -> tuple[runner.Published, list[str]]:
        """Run with a notebook that finds a cycle and a window; return what is noticed, too."""
        self.saving_notebook(**measured())
        said: list[str] = []
        return self.run(on_notice=said.append, **change), said

    def open(self, client: str, as_of: str | None = None, run: str | None = None) -> Any:
        self.opened.append({"client": client, "as_of": as_of, "run": run})
        sales = self.root / "data/clients/shop/input/sales.csv"
        day = date.fromisoformat(as_of) if as_of else AS_OF
        prepared = Prepared("shop", day, FINGERPRINT, (sales,), stamp=None)
        return SimpleNamespace(
            as_of=day, prepared=prepared, write_set_aside=lambda: None, close=lambda: None
        )

    def run(self, **change: Any) -> runner.Published:
        return runner.run("shop", **({"today": TODAY} | change))

    def hidden(self) -> list[str]:
        """Return what is left over beside the lock."""
        return [path.name for path in self.home.glob(".*") if path.name != ".lock"]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path / "pro {ject}", monkeypatch)
    client = made.root / "data" / "clients" / "shop"
    (client / "input").mkdir(parents=True)
    (client / "client.yaml").write_text(YAML)
    (client / "input" / "sales.csv").write_text("customer,day\n")
    monkeypatch.setenv("RETENTION_ROOT", str(made.root))
    monkeypatch.setattr(runner, "Study", SimpleNamespace(open=made.open))
    return made


# --- a run that succeeds ---------------------------------------------------------


def test_a_complete_run_is_published(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = world.root / "elsewhere"
    kernel = elsewhere / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text('{"argv": ["/no/such/python"], "display_name": "x", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(elsewhere))
    monkeypatch.chdir(elsewhere)
    world.saving_notebook()
    begun: list[str] = []

    published = world.run(on_progress=begun.append)

    assert begun == ["01_data_audit"]
    assert published.report == world.home / "report.html"
    assert published.folder == world.home / NAME
    assert published.results.retention.retained_rate is None
    files = {str(path.relative_to(published.folder)) for path in published.folder.rglob("*.*")}
    assert {
        "share/report.html",
        "private/results.json",
        "private/manifest.json",
        "private/notebooks/01_data_audit.ipynb",
    } <= files
    assert not (published.folder / "work").exists() and world.hidden() == []
    assert json.loads((world.home / "latest.json").read_text())["run"] == NAME

    client, as_of, cwd = json.loads((published.folder / "private/results/seen.json").read_text())
    assert (client, as_of) == ("shop", "2024-05-31")
    assert Path(cwd).name == "work"

    html = published.report.read_text(encoding="utf-8")
    assert html == (published.folder / "share" / "report.html").read_text(encoding="utf-8")
    assert "<h1>Shop &amp; &lt;b&gt;Co&lt;/b&gt;</h1>" in html
    assert f'role="note">{WHY}' in html and "1 line is dated after" in html

    plain = json.loads((published.folder / "private" / "results.json").read_text())
    assert Results.from_json(plain) == published.results
    manifest = json.loads((published.folder / "private" / "manifest.json").read_text())
    assert manifest["fingerprint"] == FINGERPRINT
    assert manifest["files"][0]["name"] == "sales.csv" and len(manifest["files"][0]["sha256"]) == 64
    assert manifest["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert manifest["git"] is None
    assert 0 < manifest["notebook_seconds"]["01_data_audit"] < manifest["seconds"]


def test_the_clients_own_notebook_wins_and_is_named(world: World) -> None:
    world.notebook("raise SystemError('the master must not run')")
    own = world.root / "data/clients/shop/notebooks/01_data_audit.ipynb"
    notebook(own, SAVES.format(sections=json.dumps(sections())))
    html = world.run().report.read_text(encoding="utf-8")
    assert "own copies" in html and "01_data_audit.ipynb." in html


def test_out_and_as_of_are_heeded(world: World, tmp_path: Path) -> None:
    world.saving_notebook()
    published = world.run(out=tmp_path / "out", as_of=date(2024, 5, 1))
    assert published.report == tmp_path / "out" / "shop" / "report.html"
    assert world.opened[0]["as_of"] == "2024-05-01"


def test_the_forecast_of_the_merged_results_is_entered(world: World, tmp_path: Path) -> None:
    value = clv()
    world.saving_notebook(**{"04": value.model_dump(mode="json")})
    published = world.run(out=tmp_path / "out")
    text = (tmp_path / "out" / "shop" / "forecasts.jsonl").read_text(encoding="utf-8")
    (entry,) = map(json.loads, text.splitlines())
    assert (entry["day"], entry["due"], entry["days"]) == ("2024-05-31", "2025-05-31", 365)
    assert entry["purchases"] == value.expected_purchases == 17_000.4
    assert (entry["revenue"], entry["customers"], entry["later_rows"]) == (850_400.0, 2, 1)
    manifest = json.loads((published.folder / "private" / "manifest.json").read_text())
    assert entry["version"] == manifest["versions"]["retention_lib"]
    assert entry["run"] == published.folder.name and not world.home.exists()


# --- the yardstick ---------------------------------------------------------------


def recorded(published: runner.Published) -> Any:
    """Return the definitions that a run's manifest says were in force."""
    manifest = json.loads((published.folder / "private" / "manifest.json").read_text())
    return manifest["definitions"]


def test_the_first_published_run_pins_and_later_ones_keep(world: World) -> None:
    published, said = world.measured_run()
    found = load_definitions(load_client("shop"))
    assert found is not None and found.model_dump(mode="json") == {
        "cycle_days": 65,
        "window": {"length": 7, "unit": "month"},
        "lapse_days": 203,
        "since": "2024-05-31",
        "why": "First published run.",
    }
    file = "data/clients/shop/definitions.yaml"
    assert said == [f"The yardstick is pinned in {file}: later reports go by it."]
    assert recorded(published) is None, "it was measured by no pin"

    first = world.definitions.read_bytes()
    published, said = world.measured_run(as_of=date(2024, 6, 1))
    assert world.definitions.read_bytes() == first and said == []
    assert recorded(published) == found.model_dump(mode="json")

    world.definitions.unlink()
    _, said = world.measured_run(as_of=date(2024, 6, 1))
    again = load_definitions(load_client("shop"))
    assert again == found.model_copy(update={"since": date(2024, 6, 1)}) and len(said) == 1


def test_what_an_analyst_has_changed_is_kept(world: World) -> None:
    world.measured_run()
    text = world.definitions.read_text().replace("cycle_days: 65", "cycle_days: 60")
    world.definitions.write_text(text)
    published, said = world.measured_run()
    assert world.definitions.read_text() == text and said == []
    assert recorded(published)["cycle_days"] == 60


def test_a_look_back_pins_nothing(world: World) -> None:
    world.measured_run()
    world.definitions.unlink()
    _, said = world.measured_run(as_of=date(2024, 5, 1))
    assert said == ["report.html stays that of 2024-05-31."]
    assert not world.definitions.exists()


def test_a_run_without_a_window_pins_nothing(world: World) -> None:
    world.saving_notebook()
    said: list[str] = []
    world.run(on_notice=said.append)
    assert said == [] and not world.definitions.exists()


def test_records_that_are_unfit_pin_nothing(world: World) -> None:
    world.saving_notebook(**measured("unfit"))
    said: list[str] = []
    published = world.run(on_notice=said.append)
    assert said == [] and not world.definitions.exists()
    html = published.report.read_text(encoding="utf-8")
    assert "These records cannot carry a retention rate" in html


def test_a_run_that_is_not_published_pins_nothing(good: World) -> None:
    good.saving_notebook(**measured())
    good.notebook("1 / 0", name="06_mine.ipynb")
    with pytest.raises(NotebookError):
        good.run()
    assert not good.definitions.exists() and untouched(good)


@pytest.mark.slow
@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_run_that_cannot_be_pinned_stays_published(number: int, world: World) -> None:
    def fail(*_: Any) -> None:
        raise OSError(number, os.strerror(number), str(world.definitions))

    world.monkeypatch.setattr(yardstick, "write_definitions", fail)
    published, said = world.measured_run()
    assert published.report == world.home / "report.html" and published.report.is_file()
    (sentence,) = said
    reason = os.strerror(number).lower()
    assert f"could not be pinned in data/clients/shop/definitions.yaml: {reason}." in sentence


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere, and so may Windows"
)
def test_a_folder_that_may_only_be_read_is_said(world: World) -> None:
    world.definitions.parent.chmod(0o555)
    try:
        published, said = world.measured_run()
    finally:
        world.definitions.parent.chmod(0o755)
    assert published.report.is_file() and "could not be pinned" in said[0]
    assert not list(world.definitions.parent.glob("definitions*"))


def test_malformed_definitions_stop_a_run_before_it_begins(good: World) -> None:
    good.notebook()
    good.definitions.write_text("cycle_days: soon\n")
    with pytest.raises(ConfigError, match=r"definitions\.yaml: cycle_days is 'soon'"):
        good.run()
    assert good.opened == [] and untouched(good)


# --- a run that fails ------------------------------------------------------------


@pytest.fixture
def good(world: World) -> World:
    """A world with a good report of an earlier run."""
    (world.home / NAME / "private").mkdir(parents=True)
    (world.home / NAME / "private" / "manifest.json").write_text("{}")
    (world.home / "report.html").write_text("good")
    return world


def untouched(world: World) -> bool:
    kept = (world.home / NAME / "private" / "manifest.json").read_text() == "{}"
    return kept and (world.home / "report.html").read_text() == "good" and world.hidden() == []


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (
            "\nvalue = 1 / 0",
            r"01_data_audit failed .*cell 3 \(`value = 1 / 0`\): ZeroDivisionError",
        ),
        ("import os; os._exit(9)", r"01_data_audit failed .*cell 3 .*Python process died"),
        ("import sys; sys.exit('stop')", r"cell 3 .*SystemExit: stop"),
        ("import sys; sys.exit()", r"01_data_audit failed .*cell 3 .*SystemExit"),
        ("raise SystemExit(0)", r"01_data_audit failed .*cell 3 .*SystemExit"),
        ("x = 1", r"01_data_audit saved no results; end it with `study\.save"),
        (
            "open(run + '/private/results/02.json', 'w').write('{}')",
            r"01_data_audit saved no results under its number 01 \(there is 02\)",
        ),
        (
            "open(run + '/private/results/01.json', 'w').write('{}')",
            r"01_data_audit saved no valid audit: `\w+` is missing, and \d+ more; end it with",
        ),
        (
            "open(run + '/private/results/01.json', 'w').write('{')",
            "01_data_audit saved no valid audit: the file is not JSON;",
        ),
    ],
    ids=[
        "error",
        "dead kernel",
        "exit with words",
        "exit",
        "SystemExit",
        "no results",
        "wrong number",
        "bad results",
        "no JSON",
    ],
)
def test_a_failing_notebook_leaves_the_last_report(cell: str, message: str, good: World) -> None:
    good.notebook("ok = True", cell)
    with pytest.raises(NotebookError, match=message):
        good.run()
    assert untouched(good)


@pytest.mark.parametrize("leave", ["import sys\nsys.exit()", "exit()", "quit()", "exit(0)"])
def test_an_exit_publishes_nothing(leave: str, good: World) -> None:
    """The results are all saved before the exit: only the exit can stop the report."""
    saving = SAVES.format(sections=json.dumps(sections()))
    good.notebook(saving, leave, "undone = True")
    with pytest.raises(NotebookError, match="SystemExit"):
        good.run()
    assert untouched(good)


def test_a_notebook_is_judged_before_the_next_one_runs(good: World) -> None:
    good.notebook("x = 1")
    good.notebook("raise ValueError('too late')", name="02_cycle_detection.ipynb")
    begun: list[str] = []
    with pytest.raises(NotebookError, match="01_data_audit saved no results"):
        good.run(on_progress=begun.append)
    assert begun == ["01_data_audit"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rows_in": "many"}, "`rows_in` should be a valid integer"),
        ({"surplus": 1}, "`surplus` is unknown"),
        (
            {"verdict": {"retention": "no", "clv": "fit", "forecast": "fit"}},
            r"`verdict\.retention` should be 'fit'",
        ),
        (
            {"why_not": sections()["01"]["why_not"] | {"/rows_in": REASON}},
            "why_not names figures that are not null",
        ),
    ],
)
def test_what_is_wrong_with_a_section_is_one_sentence(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    file = tmp_path / "private" / "results" / "01.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(sections()["01"] | change))
    with pytest.raises(NotebookError, match=f"^01_mine saved no valid audit: {said}") as caught:
        record.refuse_unsaved(Path("01_mine.ipynb"), tmp_path)
    assert "http" not in str(caught.value) and "\n" not in str(caught.value)


def test_a_clients_ids_are_not_published(good: World) -> None:
    good.saving_notebook()
    table = "from IPython.display import HTML\nHTML('<table><tr><th>Customer</th></tr></table>')"
    notebook(good.root / "data/clients/shop/notebooks/07_mine.ipynb", table)
    with pytest.raises(RetentionError, match=r"07_mine\.ipynb.*'Customer'.*not-in-report"):
        good.run()
    assert untouched(good)


@pytest.mark.skipif(os.name == "nt", reason="a device of POSIX")
@pytest.mark.parametrize("out", ["/dev/null", "/proc/x", "{tmp_path}/file"])
def test_a_folder_that_cannot_be_written_is_usage(out: str, world: World, tmp_path: Path) -> None:
    world.notebook()
    (tmp_path / "file").touch()
    folder = Path(out.format(tmp_path=tmp_path))
    with pytest.raises(ConfigError, match=rf"cannot write to {folder}/shop: .*another .* --out"):
        world.run(out=folder)
    assert world.opened == [], "the data were not read"


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.EROFS, ConfigError), (errno.EACCES, ConfigError), (errno.ENOSPC, RetentionError)],
)
def test_a_lock_that_cannot_be_made_is_said(
    number: int, error: type[RetentionError], good: World
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    good.notebook()
    good.monkeypatch.setattr(publication.FileLock, "acquire", fail)
    with pytest.raises(error, match=os.strerror(number).lower()) as caught:
        good.run()
    assert caught.value.exit_code == error.exit_code
    assert good.opened == [] and untouched(good)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        duckdb.IOException("IO Error: Could not write file: No space left on device"),
    ],
)
def test_a_disk_that_fills_up_fails_the_run(error: Exception, good: World) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    good.notebook()
    good.monkeypatch.setattr(runner, "execute", fail)
    with pytest.raises(RetentionError, match=r"cannot write .*no space left .*--out") as caught:
        good.run()
    assert caught.value.exit_code == 1
    assert str(good.home) in str(caught.value) and untouched(good)


def test_an_error_of_reading_is_not_taken_for_one_of_writing(good: World) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/elsewhere/sales.csv")

    good.notebook()
    good.monkeypatch.setattr(runner, "execute", fail)
    with pytest.raises(PermissionError):
        good.run()
    assert untouched(good)


@pytest.mark.slow
def test_a_figure_without_words_is_not_published(good: World) -> None:
    good.saving_notebook()
    bare = (
        "from IPython.display import display\n"
        "display({'image/png': 'aGk=', 'text/plain': 'figure'}, raw=True)"
    )
    good.notebook(bare, name="02_cycle_detection.ipynb")
    with pytest.raises(RetentionError, match=r"code cell 3 of 02_cycle_detection\.ipynb"):
        good.run()
    assert untouched(good)


@pytest.mark.parametrize("error", [DataError("no rows"), KeyboardInterrupt(), MemoryError()])
def test_whatever_happens_nothing_is_left_behind(error: BaseException, good: World) -> None:
    def fail(**_: Any) -> None:
        raise error

    good.notebook()
    good.monkeypatch.setattr(runner, "Study", SimpleNamespace(open=lambda *a, **k: fail()))
    with pytest.raises(type(error)):
        good.run()
    assert untouched(good)


def test_a_day_to_come_is_refused(good: World) -> None:
    good.notebook()
    with pytest.raises(ConfigError, match="lies after today"):
        good.run(today=date(2024, 5, 30))
    assert untouched(good)


def test_a_notebook_must_declare_the_parameters(world: World) -> None:
    path = world.root / "notebooks" / "01_data_audit.ipynb"
    path.parent.mkdir()
    declared = new_code_cell("client = 'x'\nrun = None", metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[declared]), path)
    with pytest.raises(ConfigError, match="does not declare as_of"):
        world.run()
    assert not world.home.exists()


def test_no_notebooks_is_an_error(world: World) -> None:
    with pytest.raises(ConfigError, match="no notebooks"):
        world.run()


def test_a_broken_notebook_is_named(world: World) -> None:
    world.notebook().write_text("{")
    with pytest.raises(ConfigError, match=r"notebooks/01_data_audit\.ipynb cannot be read"):
        world.run()


def test_notebooks_come_in_order_and_own_ones_are_added(world: World) -> None:
    for name in ("02_b.ipynb", "01_a.ipynb", "notes.ipynb"):
        world.notebook(name=name)
    notebook(world.root / "data/clients/shop/notebooks/07_mine.ipynb")
    found = execution.find_notebooks(load_client("shop"))
    assert [path.name for path in found] == ["01_a.ipynb", "02_b.ipynb", "07_mine.ipynb"]


def test_two_notebooks_of_one_number_are_refused(world: World) -> None:
    world.notebook(name="03_b.ipynb")
    own = notebook(world.root / "data/clients/shop/notebooks/03_b.ipynb")
    assert execution.find_notebooks(load_client("shop")) == [own], "a copy is no second one"
    notebook(own.with_name("03_b-Copy1.ipynb"))
    with pytest.raises(ConfigError) as caught:
        world.run()
    folder = "data/clients/shop/notebooks"
    assert str(caught.value).startswith(
        f"The notebooks {folder}/03_b-Copy1.ipynb and {folder}/03_b.ipynb share the number 03, "
    )
    assert "delete one, or rename it" in str(caught.value) and not world.home.exists()


# --- lock, staging, publication ------------------------------------------------------


def test_one_run_of_a_client_at_a_time(good: World) -> None:
    good.notebook()
    with (
        FileLock(good.home / ".lock"),
        pytest.raises(RetentionError, match="Another run of shop"),
    ):
        good.run()
    assert good.opened == []


def test_a_run_that_died_blocks_nobody_and_is_tidied_up(tmp_path: Path) -> None:
    dies = (
        "import os, runpy, sys; from pathlib import Path\n"
        "loaded = runpy.run_path(sys.argv[1]); home = Path(sys.argv[2])\n"
        "with loaded['alone'](home, 'shop'), loaded['staged'](home): os._exit(7)\n"
    )
    home = tmp_path / "shop"
    command = [sys.executable, "-c", dies, publication.__file__, str(home)]
    done = subprocess.run(command, check=False)
    assert done.returncode == 7 and list(home.glob(".staging-*"))
    with publication.alone(home, "shop"), publication.staged(home) as stage:
        assert list(home.glob(".staging-*")) == [stage]


def test_a_run_that_died_while_replacing_is_put_back(tmp_path: Path) -> None:
    (tmp_path / f".replaced-{NAME}" / "share").mkdir(parents=True)
    (tmp_path / ".next-report.html").write_text("half")
    with publication.staged(tmp_path):
        assert (tmp_path / NAME / "share").is_dir()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def stage(home: Path, text: str) -> Path:
    """Return a complete stage."""
    made = home / ".staging-x"
    for folder in ("share", "private"):
        (made / folder).mkdir(parents=True)
    (made / "share" / "report.html").write_text(text)
    (made / "private" / "manifest.json").write_text("{}")
    return made


def test_the_same_input_replaces_its_run(tmp_path: Path) -> None:
    for text in ("old", "new"):
        folder = publication.publish(stage(tmp_path, text), NAME)
    assert (folder / "share" / "report.html").read_text() == "new"
    assert (tmp_path / "report.html").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, "latest.json", "report.html"]


def test_a_swap_that_fails_keeps_the_older_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication.publish(stage(tmp_path, "old"), NAME)
    rename: Callable[[Path, Path], Path] = Path.rename

    def full(self: Path, target: Path) -> Path:
        if self.name.startswith(".staging-"):
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="disk full"):
        publication.publish(stage(tmp_path, "new"), NAME)
    assert (tmp_path / NAME / "share" / "report.html").read_text() == "old"
    assert (tmp_path / "report.html").read_text() == "old"


def test_the_last_five_runs_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    names = [f"20{year}-05-31-0123456789ab" for year in (30, 21, 22, 23, 24, 25)]
    for age, name in enumerate(names):
        folder = publication.publish(stage(tmp_path, name), name)
        os.utime(folder / "private" / "manifest.json", (1e9 + age, 1e9 + age))
    kept = {path.name for path in tmp_path.iterdir() if re.match(r"\d{4}", path.name)}
    assert kept == set(names[1:]) and (tmp_path / "notes").is_dir()


# --- record -------------------------------------------------------------------------


def test_the_commit_and_its_changes_are_recorded(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *identity, *arguments], check=True)

    assert record.git_state(tmp_path) is None
    git("init", "-q")
    assert record.git_state(tmp_path) is None, "a checkout without a commit has none to name"
    git("commit", "-q", "--allow-empty", "-m", "first")
    clean = record.git_state(tmp_path)
    assert clean is not None and len(clean["commit"]) == 40 and clean["dirty"] is False
    (tmp_path / "new.py").touch()
    assert record.git_state(tmp_path) == clean | {"dirty": True}
