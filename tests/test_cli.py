import errno
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner, Result

from retention_lib import runner, study
from retention_lib.cli import app
from retention_lib.errors import ConfigError, DataError, NotebookError
from retention_lib.results import Audit, Check, PurchaseSteps, Verdict, why
from retention_lib.speech import Speech
from tests import made


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


class Runs:
    """Stands in for ``runner.run``: publishes, or fails as told for each client."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fail: dict[str, BaseException] = {}
        self.calls: list[dict[str, Any]] = []

    def __call__(self, slug: str, **given: Any) -> Any:
        self.calls.append({"slug": slug} | given)
        given["on_progress"]("03_retention_rate")
        if slug in self.fail:
            raise self.fail[slug]
        return SimpleNamespace(report=self.folder / "reports" / slug / "report.html")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    made = Runs(tmp_path)
    monkeypatch.setattr(runner, "run", made)
    monkeypatch.chdir(tmp_path)
    return made


# --- run ------------------------------------------------------------------------------


def test_the_last_line_is_the_reports_path(runs: Runs) -> None:
    done = call("run", "shop")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == str(Path("reports", "shop", "report.html"))
    assert "shop: 03_retention_rate" in done.stderr.splitlines()


def test_a_path_outside_of_here_is_absolute(runs: Runs) -> None:
    runs.folder = Path("/elsewhere")
    assert call("run", "shop").stdout.splitlines()[-1] == str(
        Path("/elsewhere/reports/shop/report.html")
    )


def test_options_reach_the_runner(runs: Runs) -> None:
    call("run", "shop", "--as-of", "1998-06-30", "--out", "there")
    assert runs.calls[0]["as_of"] == date(1998, 6, 30)
    assert runs.calls[0]["out"] == Path("there")
    assert runs.calls[0]["today"] == date.today()


@pytest.mark.parametrize(
    ("error", "code"),
    [(DataError("no rows"), 1), (NotebookError("cell 3"), 1), (ConfigError("no file"), 2)],
)
def test_errors_are_one_sentence_with_their_code(runs: Runs, error: Exception, code: int) -> None:
    runs.fail["shop"] = error
    done = call("run", "shop")
    assert done.exit_code == code
    assert done.stderr.splitlines()[-1] == f"shop: {error}"
    assert "Traceback" not in done.output and done.stdout == ""


def test_an_unexpected_error_says_how_to_see_more(runs: Runs) -> None:
    runs.fail["shop"] = ZeroDivisionError("division\nby zero")
    done = call("run", "shop")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == (
        "shop: Unexpected ZeroDivisionError: division by zero; run again with --debug to see where"
    )
    assert "Traceback" not in done.stderr


def test_debug_shows_where(runs: Runs) -> None:
    runs.fail["shop"] = DataError("no rows")
    done = call("run", "shop", "--debug")
    assert done.exit_code == 1
    assert "Traceback" in done.stderr and done.stderr.splitlines()[-1] == "shop: no rows"


def test_other_clients_go_on_and_the_worst_code_counts(runs: Runs) -> None:
    runs.fail = {"a": DataError("no rows"), "b": ConfigError("no file")}
    done = call("run", "a", "b", "c", "c")
    assert [made["slug"] for made in runs.calls] == ["a", "b", "c"]
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-3:] == [
        "a: failed (code 1)",
        "b: failed (code 2)",
        "c: published",
    ]
    assert done.stdout.splitlines() == [str(Path("reports", "c", "report.html"))]


def test_all_runs_every_client(runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    assert call("run", "--all").exit_code == 2
    for slug in ("one", "two"):
        (tmp_path / "data" / "clients" / slug).mkdir(parents=True)
        (tmp_path / "data" / "clients" / slug / "client.yaml").touch()
    assert call("run", "--all").exit_code == 0
    assert [made["slug"] for made in runs.calls] == ["one", "two"]


def test_an_interrupt_ends_everything(runs: Runs) -> None:
    runs.fail["a"] = KeyboardInterrupt()
    done = call("run", "a", "b")
    assert done.exit_code == 130
    assert len(runs.calls) == 1
    assert done.stderr.splitlines()[-1] == "a: interrupted; nothing was published."


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Query interrupted"),
        duckdb.InterruptException("INTERRUPT Error: Interrupted!"),
        caused(DataError("no rows"), RuntimeError("Query interrupted")),
        caused(ValueError("x"), caused(DataError("y"), KeyboardInterrupt())),
    ],
    ids=["query", "duckdb", "cause", "deep"],
)
def test_an_interrupted_query_ends_everything(runs: Runs, error: Exception) -> None:
    runs.fail["a"] = error
    done = call("run", "a", "b")
    assert done.exit_code == 130
    assert len(runs.calls) == 1
    assert done.stderr.splitlines()[-1] == "a: interrupted; nothing was published."


def test_an_error_of_the_system_names_the_file(runs: Runs) -> None:
    runs.fail["shop"] = OSError(errno.EIO, "Input/output error", "input/sales.csv")
    done = call("run", "shop")
    assert done.exit_code == 1
    assert "cannot read or write input/sales.csv: input/output error;" in done.stderr
    assert "Unexpected" not in done.stderr


@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_no_output_shows_a_password(runs: Runs, debug: list[str]) -> None:
    runs.fail["shop"] = ValueError("no answer from postgresql://me:hunter2@host/shop")
    done = call("run", "shop", *debug)
    assert "postgresql://" in done.stderr and "hunter2" not in done.output


def test_all_names_the_folders_it_leaves_out(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    for name in ("one", "Shop_B"):
        (tmp_path / "data" / "clients" / name).mkdir(parents=True)
        (tmp_path / "data" / "clients" / name / "client.yaml").touch()
    (tmp_path / "data" / "clients" / "Notes").mkdir()
    done = call("run", "--all")
    assert done.exit_code == 0 and [made["slug"] for made in runs.calls] == ["one"]
    (warning,) = [line for line in done.stderr.splitlines() if line.startswith("Warning")]
    assert "data/clients/Shop_B is left out" in warning


NAP = """import os, pathlib, time
pathlib.Path({told!r}).write_text(str(os.getpid()))
time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="POSIX ends processes by signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_kernel_and_leaves_nothing(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    shop, told = tmp_path / "data" / "clients" / "shop", tmp_path / "told"
    (shop / "input").mkdir(parents=True)
    (shop / "client.yaml").write_text(
        "name: Shop\nsource: {file: input/s.csv}\ncolumns: {customer_id: c, ordered_at: d}\n"
    )
    (shop / "input" / "s.csv").write_text("c,d\n1,2024-01-01\n2,2024-01-05\n")
    declared = new_code_cell("client = 'x'\nas_of = None\nrun = None")
    declared.metadata["tags"] = ["parameters"]
    (tmp_path / "notebooks").mkdir()
    cells = [declared, new_code_cell(NAP.format(told=str(told)))]
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "01_nap.ipynb")
    command = [sys.executable, "-m", "retention_lib.cli", "run", "shop", "shop2"]
    with subprocess.Popen(
        command, env=os.environ | {"RETENTION_ROOT": str(tmp_path)}, stderr=subprocess.PIPE
    ) as process:
        kernel = _told(told)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert stderr.decode().splitlines()[-1] == "shop: interrupted; nothing was published."
    home = tmp_path / "reports" / "shop"
    assert {path.name for path in home.iterdir()} <= {".lock"}
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)


def _told(file: Path) -> int:
    """Return what the kernel wrote, when it has."""
    for _ in range(600):
        if file.exists() and (text := file.read_text()):
            return int(text)
        time.sleep(0.1)
    raise AssertionError("the kernel never began")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["run"],
        ["run", "shop", "--all"],
        ["run", "shop", "--as-of", "30.06.1998"],
        ["run", "shop", "--as-of", "1998-02-30"],
        ["run", "shop", "--bogus"],
        ["check"],
        ["nonsense"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_two(runs: Runs, arguments: list[str]) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert runs.calls == [] and "Traceback" not in done.output


def test_an_unknown_client_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    done = call("run", "nosuch")
    assert done.exit_code == 2 and "'nosuch'" in done.stderr


@pytest.mark.parametrize("command", ["run", "check"])
def test_malformed_definitions_end_with_two(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    shop = tmp_path / "data" / "clients" / "shop"
    shop.mkdir(parents=True)
    (shop / "client.yaml").write_text(
        "name: Shop\nsource: {file: input/s.csv}\ncolumns: {customer_id: c, ordered_at: d}\n"
    )
    (shop / "definitions.yaml").write_text("cycle_days: 65\nwindow: {length: 7, unit: moon}\n")
    done = call(command, "shop")
    assert done.exit_code == 2 and done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith(
        "shop: data/clients/shop/definitions.yaml: window.unit is 'moon', but should be 'week', "
        "'month' or 'quarter'; write e.g. `window: {length: 7, unit: month}`."
    )
    assert not (tmp_path / "reports").exists()


def test_the_command_is_there_and_helps_at_once() -> None:
    program = "import sys; from retention_lib.cli import main; sys.argv = ['retention', '--help']\n"
    heavy = "import atexit; atexit.register(lambda: print('pandas' in sys.modules))\n"
    done = subprocess.run(
        [sys.executable, "-c", program + heavy + "main()"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "run" in done.stdout and "check" in done.stdout
    assert done.stdout.splitlines()[-1] == "False", "--help loads no pandas"


# --- check -----------------------------------------------------------------------------


def audit(retention: str = "fit", clv: str = "fit") -> Audit:
    return Audit(
        rows_in=69_659,
        rows_kept=69_650,
        retained_rate=0.552,
        set_aside={"unreadable_date": 9},
        purchase_steps=PurchaseSteps(returns=0, same_order=0, same_day=2_059, undone=0, near=0),
        customers=23_570,
        occasions=67_591,
        repeat_buyers=11_474,
        zero_occasions=80,
        first_date=date(1997, 1, 1),
        last_date=date(1998, 6, 30),
        last_first_purchase=date(1997, 3, 25),
        closed_group=False,
        needed_repeat_buyers=30,
        verdict=Verdict.model_validate({"retention": retention, "clv": clv, "forecast": clv}),
        reasons={"retention": ["short_history"] * (retention != "fit"), "clv": []},
        touches={},
        breaks=[],
        closures=None,
        questions=[],
        checks=[
            Check(
                name="[b]x[/b]",
                rows=255,
                rows_read=255,
                customers=210,
                money=None,
                action="kept",
                rate_without=None,
                revenue_without=None,
            )
        ],
        **made.books(),
        why_not={
            "/ahead": why("none_ahead"),
            "/control_tax": why("no_one_tax"),
            "/closures": why("no_yearly_closure"),
            "/files/0/same_as": why("no_file_alike"),
            "/orders": why("no_order_ids"),
            **{
                f"/years/{at}/{name}": why("no_order_ids")
                for at in (0, 1)
                for name in ("orders", "unassigned_orders")
            },
            "/checks/0/money": why("no_amounts"),
            "/checks/0/rate_without": why("no_rate_yet"),
            "/checks/0/revenue_without": why("no_amounts"),
        },
    )


class Opened:
    """Stands in for a study."""

    as_of = date(1998, 6, 30)
    speech = Speech("en", "en", "USD")

    def __init__(self, found: Audit) -> None:
        self.found, self.closed = found, False

    def audit(self) -> Audit:
        return self.found

    def busiest(self) -> dict[str, Any]:
        return {"customer_id": "[i]K-17[/i]", "days": 41, "orders": 0}

    def close(self) -> None:
        self.closed = True


def checked(monkeypatch: pytest.MonkeyPatch, opened: Opened, *options: str) -> Result:
    folders: list[str] = []

    def open_(client: str, as_of: str | None, run: str) -> Opened:
        folders.append(run)
        return opened

    monkeypatch.setattr(study.Study, "open", open_)
    done = call("check", "shop", "--as-of", "1998-06-30", *options)
    assert opened.closed and not Path(folders[0]).exists(), "nothing is left behind"
    return done


def test_check_prints_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    done = checked(monkeypatch, Opened(audit()))
    assert done.exit_code == 0
    for part in ("69,659", "69,650", "Dates that cannot be read", "23,570", "Jun 30, 1998", "255"):
        assert part in done.stdout
    assert "[b]x[/b]" in done.stdout, "names are never taken for markup"
    assert "[i]K-17[/i]: purchases on 41 days." in done.stdout
    assert "2,500,315.63" in done.stdout, "revenue in all"
    assert "1,920,453.50" in done.stdout, "revenue by year"
    assert "Retention rate: Fit." in done.stdout and "Customer value: Fit." in done.stdout


@pytest.mark.parametrize(
    ("retention", "clv", "code"),
    [("unfit", "unfit", 3), ("fit", "unfit", 0), ("fit with care", "fit", 0)],
)
def test_check_ends_with_three_if_unfit_for_retention(
    retention: str, clv: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = checked(monkeypatch, Opened(audit(retention, clv)))
    assert done.exit_code == code
    assert f"Retention rate: {retention.capitalize()}" in done.stdout


def test_check_prints_what_a_client_with_everything_has(monkeypatch: pytest.MonkeyPatch) -> None:
    done = checked(monkeypatch, Opened(made.shop_audit()))
    assert "\n    columns: {currency: Waluta}\n" in done.stdout, "a line that can be copied"
    for part in ("void", "left out", "b.csv", "120.50", "1,234.56", "do not meet"):
        assert part in done.stdout
    # totals of the books as a table, and the questions with where their rows are
    for part in ("In the books", "−10.0%", "1,200 rows name no customer", "questions.xlsx"):
        assert part in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize("verdict", ["fit", "unfit"])
def test_check_prints_the_result_alone_as_json(
    verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = audit(verdict, "fit")
    done = checked(monkeypatch, Opened(found), "--json")
    assert done.exit_code == (3 if verdict == "unfit" else 0)
    plain = json.loads(done.stdout)
    assert plain["revenue"] == 2_500_315.63 and plain["last_date"] == "1998-06-30"
    assert Audit.model_validate(plain) == found


def test_an_error_leaves_the_json_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened(audit())
    opened.as_of = date(2999, 1, 1)
    done = checked(monkeypatch, opened, "--json")
    assert (done.exit_code, done.stdout) == (2, "") and "lies after today" in done.stderr


def test_check_refuses_a_day_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened(audit())
    opened.as_of = date(2999, 1, 1)
    done = checked(monkeypatch, opened)
    assert done.exit_code == 2 and "lies after today" in done.stderr
