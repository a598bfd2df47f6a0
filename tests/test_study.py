"""One client's run: what is prepared, what a later notebook reads, what is refused."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import ibis
import pandas as pd
import pytest

from retention_lib import results
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import Raw
from retention_lib.study import Study, preparation
from tests.made import changed

YAML = """
name: Shop
source: {file: sales.csv}
columns: {customer_id: who, ordered_at: day, amount: paid}
format: {decimal: "."}
currency: EUR
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client of forty customers who come back every ten days, in a project of its own."""
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path))
    folder = tmp_path / "data" / "clients" / "shop"
    folder.mkdir(parents=True)
    (folder / "client.yaml").write_text(YAML, encoding="utf-8")
    days = pd.date_range("2024-01-01", periods=12, freq="10D").strftime("%Y-%m-%d")
    rows = [f"c{n:02},{day},{10 + n}" for n in range(40) for day in days[: 2 + n % 11]]
    (folder / "sales.csv").write_text("\n".join(["who,day,paid", *rows, ""]), encoding="utf-8")
    return folder


def test_a_day_not_given_is_the_latest_purchase(shop: Path) -> None:
    study = Study.open("shop")
    assert study.as_of == date(2024, 4, 20)
    assert study.folder == shop.parents[2] / "drafts" / "shop"
    assert study.audit().rows_in == len((shop / "sales.csv").read_text().splitlines()) - 1


def test_the_day_comes_from_the_notebook_then_the_yaml(shop: Path) -> None:
    text = (shop / "client.yaml").read_text() + "as_of: 2024-03-01\n"
    (shop / "client.yaml").write_text(text, encoding="utf-8")
    later = Study.open("shop")
    assert later.as_of == date(2024, 3, 1)
    assert later.audit().set_aside["after_as_of"] > 0
    assert Study.open("shop", as_of="2024-02-01").as_of == date(2024, 2, 1)


def test_a_day_after_today_is_no_purchase(shop: Path) -> None:
    with (shop / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("c01,2150-01-01,5\n")
    study = Study.open("shop")
    assert study.as_of == date(2024, 4, 20)
    # one row far beyond the records is ahead of them, on whatever day it is looked at
    assert study.audit().set_aside == {"dated_ahead": 1}
    with (shop / "client.yaml").open("a", encoding="utf-8") as file:
        file.write("\nahead: keep\n")
    kept = Study.open("shop")
    assert kept.as_of == date(2024, 4, 20)
    assert kept.audit().set_aside == {"after_as_of": 1}


def test_rows_are_read_and_typed_once_whether_a_day_is_given_or_not(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (shop / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("c01,2024-04-21,-5\nc02,2024-04-21,many\n,2024-04-22,5\nc03,2024-04-23,-1\n")
    written: list[str] = []
    write, stored = preparation.write, Raw.stored

    def once(table: ibis.Table, path: Path) -> None:
        write(table, path)
        written.append(path.name)

    def typed(raw: Raw, rows: ibis.Table) -> ibis.Table:
        table = stored(raw, rows)
        written.append("stored")
        for path in raw.folder.glob("[0-9]*"):  # from here on nobody can read the source again
            path.unlink()
        return table

    monkeypatch.setattr(preparation, "write", once)
    monkeypatch.setattr(Raw, "stored", typed)
    found = [
        Study.open("shop", as_of, str(tmp_path / str(as_of))) for as_of in (None, "2024-04-20")
    ]
    assert written == 2 * [
        "source.parquet",
        "stored",
        "rows.parquet",
        "set_aside.parquet",
        "occasions.parquet",
    ]
    assert not list(tmp_path.rglob("stored*")) and not list(tmp_path.rglob("raw.parquet"))
    for study in found:
        assert study.as_of == date(2024, 4, 20)
        rows = study.rows.filter(study.rows.day > study.as_of).order_by("day", "amount").to_pandas()
        assert rows["reason"].tolist() == [
            *("after_as_of", "unreadable_amount", "missing_customer_id", "after_as_of")
        ]
        aside = study.folder / "private" / "set_aside.parquet"
        assert sorted(pd.read_parquet(aside)["paid"]) == ["-1", "-5", "5", "many"]
    assert found[0].prepared.fingerprint == found[1].prepared.fingerprint
    assert found[0].audit() == found[1].audit()


def test_a_later_notebook_of_a_run_reads_what_an_earlier_one_saved(
    shop: Path, tmp_path: Path
) -> None:
    run = str(tmp_path / "run")
    first = Study.open("shop", run=run)
    changed = first.cycle().model_copy(update={"cycle_days": 99})
    first.save(changed)
    (shop / "sales.csv").unlink()  # the records are read once per run
    assert Study.open("shop", run=run).cycle().cycle_days == 99


def test_a_draft_computes_afresh(shop: Path) -> None:
    study = Study.open("shop")
    study.save(study.cycle().model_copy(update={"cycle_days": 99}))
    assert Study.open("shop").cycle().cycle_days == 10


@pytest.mark.slow
def test_a_draft_reads_the_records_again_only_if_something_changed(shop: Path) -> None:
    work = Study.open("shop").folder / "work"
    (record,) = work.glob("*/prepared.json")
    first = record.stat().st_mtime_ns
    Study.open("shop")
    assert record.stat().st_mtime_ns == first and len(list(work.glob("*/prepared.json"))) == 1
    assert Study.open("shop", as_of="2024-02-01").as_of == date(2024, 2, 1)
    assert Study.open("shop").as_of == date(2024, 4, 20)
    rows = Study.open("shop").audit().rows_in
    with (shop / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("c01,2024-04-25,5\n")
    later = Study.open("shop")
    assert (later.audit().rows_in, later.as_of) == (rows + 1, date(2024, 4, 25))


@pytest.mark.slow
def test_a_draft_that_is_open_keeps_its_records_while_another_looks_from_another_day(
    shop: Path,
) -> None:
    first = Study.open("shop")
    occasions, cycle = first.occasions.count().execute(), first.cycle()
    listed = first.customers.first_day.max().execute()
    other = Study.open("shop", as_of="2024-02-01")
    assert other.customers.first_day.max().execute().date() <= date(2024, 2, 1)
    assert other.occasions.count().execute() < occasions == first.occasions.count().execute()
    assert first.customers.first_day.max().execute() == listed
    assert Study.open("shop").cycle() == cycle
    days = [f"2024-03-{day:02}" for day in range(1, 9)]
    for day in days:
        Study.open("shop", as_of=day).close()
    kept = [path.name for path in (first.folder / "work").glob("*/prepared.json")]
    assert len(kept) <= 5


def test_a_run_is_of_one_client_and_day(shop: Path, tmp_path: Path) -> None:
    run = str(tmp_path / "stage")
    Study.open("shop", as_of="2024-02-01", run=run)
    assert Study.open("shop", run=run).as_of == date(2024, 2, 1)
    assert Study.open("shop", as_of="2024-02-01", run=run).as_of == date(2024, 2, 1)
    with pytest.raises(ConfigError, match="This run is of shop as of 2024-02-01; leave `run` out"):
        Study.open("shop", as_of="2024-03-01", run=run)


@pytest.mark.slow
@pytest.mark.parametrize("record", ["null", '{"as_of": "2024-04-20"}', "\xff"])
def test_a_record_of_another_version_is_prepared_anew(shop: Path, record: str) -> None:
    study = Study.open("shop")
    (file,) = (study.folder / "work").glob("*/prepared.json")
    file.write_text(record, encoding="latin-1")
    assert Study.open("shop").cycle() == study.cycle()
    (file.parent / "occasions.parquet").unlink()
    assert Study.open("shop").cycle() == study.cycle()


SLOW_OPENER = """
import sys, time
from pathlib import Path
from retention_lib.study import Study, preparation

here, prepare = Path(sys.argv[1]), preparation.prepare

def slow(*args):
    with (here / "prepared").open("a") as file:
        file.write("x")
    time.sleep(1)
    return prepare(*args)

preparation.prepare = slow
(here / f"ready{sys.argv[2]}").touch()
while not (here / "go").exists():
    time.sleep(0.01)
print(Study.open("shop").audit().rows_kept)
"""


@pytest.mark.slow
def test_two_processes_that_open_a_draft_at_once_prepare_it_once(
    shop: Path, tmp_path: Path
) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SLOW_OPENER, str(tmp_path), str(n)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(2)
    ]
    while len(list(tmp_path.glob("ready*"))) < 2:
        assert all(process.poll() is None for process in processes)
        time.sleep(0.01)
    (tmp_path / "go").touch()
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert (tmp_path / "prepared").read_text() == "x"
    rows = len((shop / "sales.csv").read_text().splitlines()) - 1
    assert said == [f"{rows}\n"] * 2


@pytest.mark.slow
def test_a_file_of_the_draft_is_replaced_whole_or_not_at_all(shop: Path) -> None:
    study = Study.open("shop")
    study.save(study.cycle())
    assert study.customers.count().execute() == 40
    saved = study.folder / "private" / "results" / "02.json"
    for file in (saved, study.folder / "private" / "customers.parquet"):
        file.with_suffix(".old").hardlink_to(file)  # what a reader has open stays as it was
        before = file.read_bytes()
        again = Study.open("shop")
        again.save(changed(again.cycle(), history_days=1))
        assert again.customers.count().execute() == 40
        assert not file.samefile(file.with_suffix(".old"))
        assert file.with_suffix(".old").read_bytes() == before
    before = saved.read_bytes()
    with pytest.raises(TypeError):
        results.write_json({"cycle_days": 1, "window": object()}, saved)
    with pytest.raises(OSError, match="full"), results.whole(saved) as half:
        half.write_text("{", encoding="utf-8")
        assert saved.read_bytes() == before
        raise OSError("the disk is full")
    assert saved.read_bytes() == before
    assert not list(study.folder.rglob("*.half"))


def test_every_answer_and_frame_of_a_small_client(shop: Path) -> None:
    study = Study.open("shop")
    sections: list[results.Section] = [
        study.audit(),
        study.cycle(),
        study.retention(),
        study.clv(),
        study.recommendations(),
    ]
    assert [section.number for section in sections] == ["01", "02", "03", "04", "05"]
    months = study.history("month")
    assert list(months["complete"]) == [True, True, True, False]
    assert months["new_customers"].sum() == 40
    audit = study.audit()
    assert months["rows"].sum() == audit.rows_kept and months["occasions"].sum() == audit.occasions
    assert months["money"].sum() == pytest.approx(audit.revenue)
    weeks = study.history()
    assert set(weeks["unit"]) == {"week"} and weeks["rows"].sum() == audit.rows_kept
    assert weeks["start"].iloc[0] <= audit.first_date and weeks["end"].iloc[-1] >= study.as_of
    curve = study.return_curve()
    assert curve["share_back"].is_monotonic_increasing
    assert study.gap_histogram()["gap_days"].tolist() == [10]


def test_set_aside_rows_are_written_with_their_reason(shop: Path) -> None:
    with (shop / "sales.csv").open("a", encoding="utf-8") as file:
        file.write(",2024-01-01,5\nc01,2024-13-01,5\n")
    study = Study.open("shop")
    private = study.folder / "private"
    aside = pd.read_parquet(private / "set_aside.parquet")
    assert sorted(path.name for path in private.iterdir()) == ["set_aside.parquet"]
    study.write_set_aside()  # a run does, a draft or a check has no use for it
    assert (private / "set_aside.xlsx").stat().st_size > 1_000
    assert sorted(aside["reason"]) == ["missing_customer_id", "unreadable_date"]
    assert set(aside["day"]) == {"2024-01-01", "2024-13-01"}
    audit = study.audit()
    assert audit.rows_in == audit.rows_kept + 2


@pytest.mark.parametrize("as_of", ["yesterday", "2024-02-30", "01.02.2024"])
def test_a_day_that_is_none_is_refused(shop: Path, as_of: str) -> None:
    with pytest.raises(ConfigError, match="write it as YYYY-MM-DD"):
        Study.open("shop", as_of=as_of)


def test_a_day_before_all_purchases_leaves_nothing(shop: Path) -> None:
    with pytest.raises(
        DataError, match=r"purchase up to 2020-01-01 .* the first dated row is of 2024-01-01"
    ):
        Study.open("shop", as_of="2020-01-01")


def test_returns_only_leave_nothing(shop: Path) -> None:
    (shop / "sales.csv").write_text("who,day,paid\na,2024-01-01,-5\n", encoding="utf-8")
    with pytest.raises(DataError, match="No purchase"):
        Study.open("shop")


def test_a_client_without_amounts_has_everything_but_money(shop: Path) -> None:
    yaml = (shop / "client.yaml").read_text().replace(", amount: paid", "")
    (shop / "client.yaml").write_text(yaml, encoding="utf-8")
    study = Study.open("shop")
    assert study.cycle().cycle_days == 10
    assert study.retention().repeat_revenue_share is None
    assert study.clv().total_clv is None
    assert study.recommendations().concentration is None
    assert study.lorenz().empty and study.value_distribution().empty and study.value_lorenz().empty


def test_parts_of_several_segments_say_which_one_they_are_of(shop: Path) -> None:
    yaml = (shop / "client.yaml").read_text().replace("paid}", "paid, segments: [age, income]}")
    (shop / "client.yaml").write_text(yaml, encoding="utf-8")
    head, *rows = (shop / "sales.csv").read_text().split()
    parts = [
        f"{row},{'old' if row < 'c20' else 'young'},{'low' if row[2] < '4' else 'high'}"
        for row in rows
    ]
    text = "\n".join([f"{head},age,income", *parts, ""])
    (shop / "sales.csv").write_text(text, encoding="utf-8")
    found = [it for it in Study.open("shop").cycle().strata if it.kind == "segment"]
    assert {it.column for it in found} == {"age", "income"}
    assert all(it.name.startswith(f"{it.column}: ") for it in found)
