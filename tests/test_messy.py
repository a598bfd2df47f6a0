"""The faults planted in the messy client: each one counted, and none of them in a figure."""

import json
import re
from collections import Counter

import pytest
from typer.testing import CliRunner

from retention_lib import transactions
from retention_lib.cli import app
from retention_lib.client import load_client, project_root
from retention_lib.sources import connect, read
from retention_lib.sources.generated import imported
from retention_lib.transactions import unmapped

messy = imported(project_root() / "data" / "messy.py")
TRUTH = messy.truth(7)
PAGE = project_root() / "docs" / "messy.md"


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("messy")
    return read(load_client("messy"), connect(folder / "scratch"), folder / "cache")


@pytest.fixture(scope="module")
def aside(raw):
    """The rows by the reason why they are no sale."""
    typed = transactions.typed(raw, load_client("messy"))
    counts = typed.group_by("reason").agg(rows=typed.count()).to_pyarrow().to_pylist()
    return Counter({row["reason"]: row["rows"] for row in counts})


@pytest.fixture(scope="module")
def audit():
    found = CliRunner().invoke(app, ["check", "messy", "--json"])
    return json.loads(found.stdout)


# --- the generator ---


def test_the_same_seed_makes_the_same_files():
    once, again = (messy.files(7, Counter()) for _ in range(2))
    assert once == again
    assert messy.files(8, Counter()) != once


def test_the_page_lists_every_fault_with_its_count():
    rows = re.findall(
        r"^\| ([^|]+?) \| ([\d,]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {name: int(count.replace(",", "")) for name, count in rows} == dict(TRUTH.planted)


def test_the_page_tells_the_truth():
    text = PAGE.read_text(encoding="utf-8")
    said = re.search(r"\*\*([\d,]+) customers, ([\d,]+) purchases, PLN ([\d,.]+)\*\*", text)
    numbers = [float(number.replace(",", "")) for number in said.groups()]
    assert numbers == [TRUTH.customers, TRUTH.occasions, TRUTH.revenue]


def test_planted_faults_recounted_from_the_files():
    first = messy.files(7, Counter())[messy.FIRST].decode("utf-8-sig").split("\r\n")
    parts = [messy.files(7, Counter())[name].decode("cp1250").split("\r\n") for name in messy.PARTS]
    every = [line for lines in [first, *parts] for line in lines]
    held = {
        "title line": first.index(",".join(messy.COLUMNS)),
        "header repeated": first.count(",".join(messy.COLUMNS)) - 1,
        "total row with a date": sum(",Total," in line for line in first),
        "total row without a date": sum(",Grand total," in line for line in first),
        "total row without a name": sum(line.startswith(";;;;") for line in every),
        "stray quote": sum(line.count('"') == 1 and line.endswith("prosze") for line in first),
        "note over two lines": sum("dwie\nlinie" in line for line in first),
        "line of tabs": sum(line != "" and not line.strip("\t") for line in every),
        "day ahead": sum(re.match(r"P\d", line) is not None for line in every),
        "padded id": sum(bool(re.search("[,;] klient", line)) for line in every),
        "test": sum(bool(re.search("[,;]yes[,;]", line)) for line in every),
        "negative in parentheses": sum(line.count("(") for line in first),
        "currency sign": sum(line.count(" zł;") for line in every),
    }
    planted = {name: TRUTH.planted[name] for name in held}
    assert held == planted


def test_totals_are_of_what_stands_above():
    lines = messy.files(7, Counter())[messy.PARTS[0]].decode("cp1250").split("\r\n")
    cells = [line.split(";") for line in lines[1:] if line.strip()]
    paid = [
        round(float(re.sub("[^0-9,]", "", it[4]).replace(",", ".")), 2) for it in cells if it[4]
    ]
    assert paid[-1] == pytest.approx(sum(paid[:-1]))


# --- what the suite makes of them ---


def test_every_line_of_every_file_is_accounted_for(raw):
    files = {file.file.name: file for file in raw.files}
    assert list(files) == list(messy.EXPORT)  # b_10 comes after b_2
    contents = messy.files(7, Counter())
    for name, file in files.items():
        if name == messy.COPY:
            assert file.same_as == "input/b_10.csv"
            assert file.rows == 0
            continue
        assert file.same_as is None
        assert file.lines == contents[name].count(b"\n")
        assert file.lines == file.above + file.rows + file.continued + file.blank
    assert files[messy.FIRST].above == TRUTH.planted["title line"] + 1
    assert files[messy.FIRST].continued == TRUTH.planted["note over two lines"]
    assert sum(file.blank for file in files.values()) in (0, TRUTH.planted["line of tabs"])


def test_rows_are_set_aside_for_the_reason_planted(raw, aside):
    found = Counter(aside)
    del found[None]
    # a line whose quote never ends is read, or set aside as it stands; it swallows no other
    unread = found["unreadable_line"] - TRUTH.set_aside["unreadable_line"]
    assert unread in (0, TRUTH.planted["stray quote"])
    found["unreadable_line"] -= unread
    found["cancelled"] += unread
    # lines of tabs are counted as blank ones of their file, or as rows of blank cells
    blank = sum(file.blank for file in raw.files)
    assert found.pop("empty_line", 0) + blank == TRUTH.planted["line of tabs"]
    assert found == TRUTH.set_aside


def test_no_row_is_lost(raw, aside):
    assert aside.total() == sum(file.rows for file in raw.files)


def test_tests_that_nobody_mapped_are_named(raw):
    (found,) = unmapped.doubts(raw, load_client("messy"))
    assert (found.code, found.column, found.rows) == ("test", "Is test", TRUTH.planted["test"])


def test_figures_are_true(audit):
    assert audit["customers"] == TRUTH.customers
    assert audit["occasions"] == TRUTH.occasions
    assert audit["revenue"] == pytest.approx(TRUTH.revenue)
    assert audit["last_date"] == TRUTH.last_day.isoformat()


def test_the_verdict_is_not_fit(audit):
    assert audit["verdict"]["retention"] == "fit with care"


def test_the_checks_find_what_is_planted_and_nothing_else(audit):
    orders = messy.simulate(7)
    known = [order for order in orders if order.customer is not None]
    credits = sum(order.kind == "return" for order in known)
    whole = [order for order in known if order.kind != "cancelled" and len(order.products) > 1]
    found = {
        it["name"]: it["rows"] for it in audit["checks"] if it["name"] not in audit["set_aside"]
    }
    assert found == {
        "orders_of_one_amount": sum(len(order.products) for order in whole),
        "returns_unmatched": credits,  # half of a sale, as an amount that no sale has
        "return_documents": credits,
    }
