"""From an export to its client.yaml, as `retention new` goes."""

from __future__ import annotations

import gc
import random
import shlex
import sqlite3
import zipfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from retention_lib import proposal
from retention_lib.client import parse_client
from retention_lib.errors import Choice, ConfigError
from retention_lib.proposal import OpenError, Proposed, arguments, assigned
from retention_lib.proposal.commented import as_yaml
from retention_lib.proposal.places import pattern
from retention_lib.proposal.settling import Settler
from retention_lib.proposal.told import currency, statuses, unplaced


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, without clients and recipes."""
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path / "project"))
    (tmp_path / "project" / "data" / "clients").mkdir(parents=True)
    return tmp_path / "project"


def nobody(message: str, choices: Sequence[Choice]) -> Choice | None:
    return None


def propose(*given: Path | str, **fixed: Any) -> Proposed:
    return proposal.propose("shop", [str(it) for it in given], fixed, nobody)


def sales(orders: int = 200, customers: int = 25) -> list[tuple[int, int, date, float]]:
    """Return orders: their number, customer, day and amount."""
    chance = random.Random(3)
    days = sorted(date(2023, 1, 2) + timedelta(chance.randrange(720)) for _ in range(orders))
    return [
        (1000 + number, 100 + chance.randrange(customers), day, round(chance.uniform(5, 90), 2))
        for number, day in enumerate(days)
    ]


def written(
    file: Path, header: str = "Order,Customer,Date,Total", date_format: str = "%Y-%m-%d"
) -> Path:
    """Write a file of sales."""
    rows = [f"{n},{who},{day.strftime(date_format)},{paid:.2f}" for n, who, day, paid in sales()]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


# --- the whole way --------------------------------------------------------------------


def test_an_export_becomes_a_client(tmp_path: Path, root: Path) -> None:
    found = propose(written(tmp_path / "sales.csv"))
    assert found.columns == {
        "order_id": "Order",
        "customer_id": "Customer",
        "ordered_at": "Date",
        "amount": "Total",
    }
    file = proposal.write(found)
    assert file == root / "data" / "clients" / "shop" / "client.yaml"
    assert (file.parent / "input" / "sales.csv").read_bytes() == (
        tmp_path / "sales.csv"
    ).read_bytes()
    client = parse_client(file.read_text(encoding="utf-8"), "shop", file.parent)
    assert client.source.file == ("input/sales.csv",)
    assert client.as_of is None


def test_what_was_read_can_be_compared_with_the_source(tmp_path: Path) -> None:
    audit = propose(written(tmp_path / "sales.csv")).audit
    rows = sales()
    assert audit is not None
    assert (audit.rows_in, audit.rows_kept) == (200, 200)
    assert audit.customers == len({who for _, who, _, _ in rows})
    assert audit.occasions == len({(who, day) for _, who, day, _ in rows})
    assert (str(audit.first_date), str(audit.last_date)) == (str(rows[0][2]), str(rows[-1][2]))


def test_dates_with_one_reading_are_read_by_it(tmp_path: Path) -> None:
    found = propose(written(tmp_path / "sales.csv", date_format="%d/%m/%Y"))
    assert found.settings["format"]["date"] == "%d/%m/%Y"
    assert found.audit is not None and str(found.audit.last_date) == str(sales()[-1][2])


def test_dates_with_two_readings_are_asked_for(tmp_path: Path) -> None:
    days = [f"0{n % 9 + 1}/0{n % 7 + 1}/2024" for n in range(60)]
    rows = [f"{n},{n % 7 + 1},{day},{n}.50" for n, day in enumerate(days)]
    file = tmp_path / "sales.csv"
    file.write_text("Order,Customer,Date,Total\n" + "\n".join(rows), encoding="utf-8")
    with pytest.raises(OpenError, match="/") as stop:
        propose(file)
    said = {arguments(choice) for choice in stop.value.choices}
    assert said == {"--set format.date=%d/%m/%Y", "--set format.date=%m/%d/%Y"}
    found = propose(file, format={"date": "%m/%d/%Y"})
    assert found.settings["format"]["date"] == "%m/%d/%Y"


def test_a_choice_is_taken_from_whoever_answers(tmp_path: Path) -> None:
    file = written(tmp_path / "sales.csv", header="Order,Customer,Livraison,Total")
    text = file.read_text(encoding="utf-8").splitlines()
    text = [f"{line},{'Vente' if n == 0 else sales()[n - 1][2]}" for n, line in enumerate(text)]
    file.write_text("\n".join(text), encoding="utf-8")
    asked: list[str] = []

    def second(message: str, choices: Sequence[Choice]) -> Choice:
        asked.append(message)
        return choices[1]

    found = proposal.propose("shop", [str(file)], {}, second)
    assert found.columns["ordered_at"] == "Vente"
    assert len(asked) == 1


def test_a_stop_leaves_nothing_behind(tmp_path: Path, root: Path) -> None:
    file = written(tmp_path / "sales.csv", header="A,B,Delivery date,C")
    with pytest.raises(OpenError):
        propose(file)
    assert not list((root / "data" / "clients").iterdir())


def test_what_the_user_sets_is_never_changed(tmp_path: Path) -> None:
    found = propose(written(tmp_path / "sales.csv"), columns={"customer_id": "Order"}, name="Mine")
    assert found.columns["customer_id"] == "Order"
    assert found.settings["name"] == "Mine"


def test_a_client_that_is_there_is_not_overwritten(tmp_path: Path, root: Path) -> None:
    yaml_ = root / "data" / "clients" / "shop" / "client.yaml"
    yaml_.parent.mkdir()
    yaml_.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"shop/client\.yaml is there already.*delete it"):
        propose(written(tmp_path / "sales.csv"))
    assert yaml_.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("slug", ["My shop", "", "../up", "Ä"])
def test_a_name_is_checked_first(slug: str) -> None:
    with pytest.raises(ConfigError, match="small letters"):
        proposal.propose(slug, ["missing.csv"], {}, nobody)


# --- files ----------------------------------------------------------------------------


def test_a_folder_leaves_out_what_is_no_export(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    written(folder / "orders_1.csv")
    (folder / "README.txt").write_text("How to read this.\n\nBy opening it.\n", encoding="utf-8")
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n")
    (folder / "products.csv").write_text("sku,title\n1,Tea\n2,Cup\n", encoding="utf-8")
    found = propose(folder)
    assert found.settings["source"] == {"file": "input/orders_1.csv"}
    said = " ".join(found.notes)
    assert all(name in said for name in ("README.txt", "logo.png", "products.csv"))
    proposal.write(found)
    assert [it.name for it in (found.folder / "input").iterdir()] == ["orders_1.csv"]


def test_files_that_other_columns_hold_sales_in_are_asked_for(tmp_path: Path) -> None:
    written(tmp_path / "a.csv")
    written(tmp_path / "b.csv", header="Nr zamówienia,Nr klienta,Data zamówienia,Wartość")
    with pytest.raises(OpenError, match="different columns") as stop:
        propose(tmp_path / "a.csv", tmp_path / "b.csv")
    assert len(stop.value.choices) == 2


def test_a_list_of_customers_beside_the_orders_is_left_out_with_a_note(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    written(folder / "orders.csv")
    (folder / ".orders.csv.swp").write_text("A,B\n1,2\n", encoding="utf-8")
    people = [f"{100 + n},Ann {n},a{n}@example.org,2022-01-{n % 28 + 1:02d}" for n in range(2000)]
    head = "Customer ID,Name,Email,Created at"
    (folder / "customers.csv").write_text("\n".join([head, *people]), encoding="utf-8")
    found = propose(folder)
    assert found.settings["source"] == {"file": "input/orders.csv"}
    assert any("customers.csv" in note and "left out" in note for note in found.notes)


def test_a_column_that_check_would_warn_of_is_taken_in(tmp_path: Path) -> None:
    rows = [
        f"{n},{who},{day},{paid:.2f},{'credit note' if n % 9 == 0 else 'invoice'},{n % 2}.00"
        for n, who, day, paid in sales()
    ]
    file = tmp_path / "sales.csv"
    head = "Order,Customer,Date,Total,Document type,Refund"
    file.write_text("\n".join([head, *rows]), encoding="utf-8")
    found = propose(file)
    assert found.columns["status"] == "Document type"
    assert found.columns["refunded"] == "Refund"
    assert found.settings["statuses"] == {"sale": ["invoice"], "return": ["credit note"]}
    assert found.audit is not None
    assert not [it for it in found.audit.doubts if it.line is not None]
    back = sum(paid for n, _, _, paid in sales() if n % 9 == 0)
    sold = sum(paid - n % 2 for n, _, _, paid in sales() if n % 9)
    assert found.audit.revenue == pytest.approx(sold - back, abs=0.005)


def test_an_unknown_kind_of_document_beside_credit_notes_is_asked_for(tmp_path: Path) -> None:
    kinds = ("invoice", "credit note", "Zettel")
    rows = [f"{n},{who},{day},{paid:.2f},{kinds[n % 3]}" for n, who, day, paid in sales()]
    file = tmp_path / "sales.csv"
    file.write_text("\n".join(["Order,Customer,Date,Total,Type", *rows]), encoding="utf-8")
    with pytest.raises(OpenError, match="'Zettel'") as stop:
        propose(file)
    lines = [yaml.safe_load(it.line)["statuses"] for it in stop.value.choices]
    assert {"return": ["credit note", "Zettel"]} in lines


def test_a_flag_of_tests_leaves_them_out(tmp_path: Path) -> None:
    rows = [f"{n},{who},{day},{paid:.2f},{n % 10 == 0}" for n, who, day, paid in sales()]
    file = tmp_path / "sales.csv"
    file.write_text("\n".join(["Order,Customer,Date,Total,Test order", *rows]), encoding="utf-8")
    found = propose(file)
    assert found.settings["not_sales"] == {"Test order": ["True"]}
    assert found.audit is not None and found.audit.rows_kept == 180


@pytest.mark.parametrize("form", ["EUR {}", "PLN {}", "lei {}"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_an_amount_behind_its_currency_is_no_day(tmp_path: Path, form: str, decimal: str) -> None:
    rows = [
        f"{n};{who};{day};{form.format(f'{20 + n % 9}{decimal}{10 + n % 12}')}"
        for n, who, day, _ in sales()
    ]
    file = tmp_path / "sales.csv"
    file.write_text("\n".join(["Order;Customer;Date;Total", *rows]), encoding="utf-8")
    assert propose(file).columns["amount"] == "Total"


@pytest.mark.parametrize("ends", [("", ",,,"), (",,,", "")])
def test_delimiters_at_the_ends_of_lines_leave_the_header_one(
    tmp_path: Path, ends: tuple[str, str]
) -> None:
    rows = [f"{n},{who},{day},{paid:.2f}{ends[1]}" for n, who, day, paid in sales()]
    file = tmp_path / "sales.csv"
    file.write_text("\n".join([f"Order,Customer,Date,Total{ends[0]}", *rows]), encoding="utf-8")
    found = propose(file)
    assert found.columns["ordered_at"] == "Date"
    assert found.audit is not None and found.audit.rows_kept == 200


def test_the_likeliest_of_several_encodings_can_be_chosen_once_for_all_files(
    tmp_path: Path,
) -> None:
    rows = [f"{n},{who},{day},{paid:.2f},déjà livré à la société" for n, who, day, paid in sales()]
    for name, half in (("a.csv", rows[:100]), ("b.csv", rows[100:])):
        text = "\n".join(["Order,Customer,Date,Total,Note", *half])
        (tmp_path / name).write_text(text, encoding="cp1252")
    asked: list[str] = []

    def first(message: str, choices: Sequence[Choice]) -> Choice:
        asked.append(message)
        return choices[0]

    found = proposal.propose("shop", [str(tmp_path)], {}, first)
    assert len(asked) == 1 and "several ways" in asked[0]
    assert found.settings["format"]["encoding"] == "cp1252"
    assert "formats" not in found.settings
    assert found.audit is not None and found.audit.rows_kept == 200


def test_tables_of_a_stopped_proposal_do_not_speak_to_a_closed_engine(tmp_path: Path) -> None:
    rows = [f"{n},{'guest' if n % 3 else who},{day},{paid:.2f}" for n, who, day, paid in sales()]
    file = tmp_path / "sales.csv"
    file.write_text("\n".join(["Order,Customer,Date,Total", *rows]), encoding="utf-8")
    with pytest.raises(OpenError, match="guest") as stop:
        propose(file)
    del stop
    gc.collect()  # a finalizer that fails is an error here


def test_files_of_one_name_get_a_number(tmp_path: Path) -> None:
    one, other = written(tmp_path / "1" / "x.csv"), written(tmp_path / "2" / "x.csv")
    other.write_text(other.read_text(encoding="utf-8") + "7777,101,2024-12-30,1.00\n", "utf-8")
    found = propose(one, other)
    proposal.write(found)
    assert sorted(it.name for it in (found.folder / "input").iterdir()) == ["x-2.csv", "x.csv"]


def test_the_same_file_named_twice_is_one(tmp_path: Path) -> None:
    file = written(tmp_path / "x.csv")
    assert propose(file, tmp_path, str(tmp_path / "*.csv")).settings["source"] == {
        "file": "input/x.csv"
    }


def test_a_linked_file_stays_where_it_lies(tmp_path: Path) -> None:
    file = written(tmp_path / "x.csv")
    found = proposal.propose("shop", [str(file)], {}, nobody, link=True)
    proposal.write(found)
    assert found.settings["source"] == {"file": file.as_posix()}
    assert not (found.folder / "input").exists()


def test_a_file_in_the_clients_folder_is_not_copied(root: Path) -> None:
    file = written(root / "data" / "clients" / "shop" / "input" / "x.csv")
    found = propose(file)
    proposal.write(found)
    assert found.settings["source"] == {"file": "input/x.csv"}
    assert [it.name for it in file.parent.iterdir()] == ["x.csv"]


def test_files_may_be_written_in_several_ways(tmp_path: Path) -> None:
    written(tmp_path / "a_2023.csv")
    other = written(tmp_path / "a_2024.csv")
    text = other.read_text(encoding="utf-8").replace(",", ";").replace("Total", "Total")
    rows = [f"{9000 + n};101;2024-12-30;{n}.25" for n in range(3)]
    other.write_text("\n".join([text.splitlines()[0], *rows]), encoding="utf-8")
    found = propose(tmp_path / "a_2023.csv", tmp_path / "a_2024.csv")
    assert found.settings["formats"] == {"input/a_2024.csv": {"delimiter": ";"}}
    assert found.audit is not None and found.audit.rows_kept == 203


@pytest.mark.parametrize(
    ("names", "right"),
    [
        (["input/a.csv"], "input/a.csv"),
        (["input/orders_1.csv", "input/orders_2.csv"], "input/orders*.csv"),
        (["input/1.csv", "input/2.csv"], ["input/1.csv", "input/2.csv"]),
        (["input/a.csv", "/far/a.csv"], ["input/a.csv", "/far/a.csv"]),
    ],
)
def test_several_files_are_named_by_a_glob_where_one_fits(names: list[str], right: Any) -> None:
    assert pattern(names) == right


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no .*none\.csv"):
        propose(tmp_path / "none.csv")


def test_a_database_is_read_by_its_tables(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE orders (id, customer_id, order_date, total REAL)")
        rows = [(n, who, str(day), paid) for n, who, day, paid in sales()]
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
    connection.close()
    found = propose(file)
    assert found.settings["source"]["connection"] == "sqlite:///input/shop.sqlite"
    assert found.audit is not None and found.audit.rows_kept == 200
    proposal.write(found)
    assert (found.folder / "input" / "shop.sqlite").is_file()


def test_what_a_recipe_calls_open_is_asked_for_whatever_its_word_means() -> None:
    seen = {"Paid": 3, "Credit note": 2}
    assert "Credit note" in statuses(seen, {})["return"]
    placed = statuses(seen, {}, ["credit note"])
    assert placed == {"sale": ["Paid"]}
    assert unplaced(seen, placed) is not None


# --- statuses and the currency --------------------------------------------------------


def test_known_statuses_are_placed_and_unknown_ones_asked_for() -> None:
    seen = {"completed": 90, "Storniert": 5, "zurückgelegt": 3}
    placed = statuses(seen, {})
    assert placed == {"sale": ["completed"], "cancelled": ["Storniert"]}
    question = unplaced(seen, placed)
    assert question is not None
    message, choices = question
    assert "'zurückgelegt'" in message and "3 rows" in message
    assert yaml.safe_load(choices[0].line) == {"statuses": {"sale": ["completed", "zurückgelegt"]}}


def test_a_status_that_somebody_placed_stays() -> None:
    seen = {"completed": 90, "void": 5}
    placed = statuses(seen, {"sale": ["void", "completed"]})
    assert placed == {"sale": ["void", "completed"]}
    assert unplaced(seen, placed) is None


@pytest.mark.parametrize(
    ("sign", "code"), [("€", "EUR"), ("Ft", "HUF"), ("zł", "PLN"), ("$", None), ("kr", None)]
)
def test_a_currency_is_told_by_a_sign_that_is_its_own(sign: str, code: str | None) -> None:
    assert currency(None, None, sign, None) == code  # type: ignore[arg-type]


# --- settling -------------------------------------------------------------------------


def test_one_line_is_applied_and_it_is_tried_again() -> None:
    tried: list[dict[str, Any]] = []

    def attempt(settings: Any) -> None:
        tried.append(dict(settings))
        if "format" not in settings:
            raise ConfigError("stop", choices=[Choice('format: {decimal: ","}')])

    settler = Settler({}, nobody)
    settler.until_it_runs(attempt)
    assert tried == [{}, {"format": {"decimal": ","}}]


def test_a_line_that_changes_nothing_ends_it() -> None:
    def attempt(settings: Any) -> None:
        raise ConfigError("stop", choices=[Choice("ahead: keep")])

    settler = Settler({"ahead": "set_aside"}, nobody)
    with pytest.raises(OpenError, match="stop"):
        settler.until_it_runs(attempt)
    assert settler.settings == {"ahead": "set_aside"}


def test_a_stop_without_lines_is_passed_on() -> None:
    def attempt(settings: Any) -> None:
        raise ConfigError("mend the export")

    with pytest.raises(ConfigError, match="mend the export") as stop:
        Settler({}, nobody).until_it_runs(attempt)
    assert not isinstance(stop.value, OpenError)


# --- --set ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("format.date=%d.%m.%Y", {"format": {"date": "%d.%m.%Y"}}),
        ("format.date=%d.%m.%Y %H:%M", {"format": {"date": "%d.%m.%Y %H:%M"}}),
        ("format.delimiter=;", {"format": {"delimiter": ";"}}),
        ("format.decimal=,", {"format": {"decimal": ","}}),
        ("format.thousands= ", {"format": {"thousands": " "}}),
        ("format.header=false", {"format": {"header": False}}),
        ("format.skip_lines=3", {"format": {"skip_lines": 3}}),
        ("columns.amount=Total: EUR", {"columns": {"amount": "Total: EUR"}}),
        ("columns.amount=null", {"columns": {"amount": None}}),
        ("columns.customer_id=3", {"columns": {"customer_id": 3}}),
        ("name=2024", {"name": "2024"}),
        ("name=a=b", {"name": "a=b"}),
        ("statuses.return=[credit note]", {"statuses": {"return": ["credit note"]}}),
        ('not_customers=["0", guest]', {"not_customers": ["0", "guest"]}),
        (
            'formats={"input/b.csv": {date: "%d.%m.%Y"}}',
            {"formats": {"input/b.csv": {"date": "%d.%m.%Y"}}},
        ),
        ("merge_days=2", {"merge_days": 2}),
    ],
)
def test_a_value_is_set_as_it_is_meant(text: str, right: dict[str, Any]) -> None:
    assert assigned([text]) == right


def test_several_are_set_together() -> None:
    assert assigned(["format.date=%d/%m/%Y", "format.decimal=,"]) == {
        "format": {"date": "%d/%m/%Y", "decimal": ","}
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colums.amount=Total", "columns"),
        ("columns.amonut=Total", "amount"),
        ("slug=x", "slug"),
        ("name.first=x", "name"),
        ("name", "has no value"),
    ],
)
def test_an_unknown_key_names_the_nearest(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        assigned([text])


@pytest.mark.parametrize(
    "line",
    [
        'format: {decimal: ",", thousands: "."}',
        'format: {date: "%d.%m.%Y"}',
        'columns: {amount: "Total: EUR", quantity: null}',
        'columns: {customer_id: "1"}',
        'formats: {"input/b*.csv": {date: "%d/%m/%Y"}}',
        'not_customers: ["0", "its"]',
        "statuses: {return: [credit note], sale: [paid]}",
        "ids: {fold_case: true}",
        "order_ids: restart",
        'format: {sign: "$"}',
        'columns: {amount: "Total (€)", product: "A & B | C"}',
        "columns: {amount: 'say \"so\"!'}",
    ],
)
def test_a_choice_says_the_same_on_the_command_line(line: str) -> None:
    words = shlex.split(arguments(Choice(line)))
    assert words[::2] == ["--set"] * (len(words) // 2)
    assert assigned(words[1::2]) == yaml.safe_load(line)


def test_a_choice_stands_in_double_quotes_which_all_shells_take() -> None:
    assert arguments(Choice("columns: {amount: Total sum}")) == '--set "columns.amount=Total sum"'
    assert arguments(Choice("format: {date: '%d/%m/%Y'}")) == "--set format.date=%d/%m/%Y"
    assert assigned(["'format.sign=$'"]) == {"format": {"sign": "$"}}  # as cmd.exe hands it over


# --- the YAML -------------------------------------------------------------------------


def test_the_yaml_says_what_the_settings_say() -> None:
    settings: dict[str, Any] = {
        "columns": {"customer_id": "Kunde #1: Nr", "ordered_at": "'Tag'", "amount": "- Summe\t"},
        "name": "Café: “A & B” # 1",
        "source": {"file": ["input/a b.csv", "input/#c.csv"]},
        "format": {"date": "%d.%m.%Y", "decimal": ",", "thousands": " "},
        "statuses": {"sale": ["paid", "no"], "cancelled": ["null"]},
        "not_customers": ["0", "-1"],
        "currency": "EUR",
    }
    text = as_yaml("shop", settings, {"amount": "a\nb: c"}, ["one\ntwo"])
    assert yaml.safe_load(text) == settings
    assert text.index("name:") < text.index("columns:") < text.index("currency:")
    assert "# a b: c" in text and "# - one two" in text


# --- archives ---


def zipped(file: Path, **texts: str) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in texts.items():
            archive.writestr(f"export/{name}.csv", text)
    return file


def test_the_files_of_an_archive_are_looked_at_one_by_one(tmp_path: Path) -> None:
    comma = [f"{n},{who},{day},{paid:.2f}" for n, who, day, paid in sales()]
    half = len(comma) // 2
    first = "\n".join(["Order,Customer,Date,Total", *comma[:half]])
    second = "\n".join(["Order,Customer,Date,Total", *comma[half:]]).replace(",", ";")
    found = propose(zipped(tmp_path / "all.zip", a=first, b=second))
    assert found.settings["source"] == {"file": "input/all.zip"}
    assert found.audit is not None and found.audit.rows_kept == len(comma)
    assert found.audit.revenue == pytest.approx(sum(paid for *_, paid in sales()), abs=0.005)


def test_an_archive_that_holds_other_files_beside_the_sales_is_not_read(tmp_path: Path) -> None:
    rows = [f"{n},{who},{day},{paid:.2f}" for n, who, day, paid in sales()]
    orders = "\n".join(["Order,Customer,Date,Total", *rows])
    products = "Sku,Title\nA,Tea\nB,Pot\n"
    with pytest.raises(ConfigError, match=r"all.zip holds other files .* products.csv; unpack it"):
        propose(zipped(tmp_path / "all.zip", orders=orders, products=products))
