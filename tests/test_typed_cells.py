"""Cells of a workbook that were typed as text, beside real dates and real numbers."""

from datetime import date, datetime, timedelta

import pytest
import xlsxwriter
import yaml

from retention_lib.client import parse_client
from retention_lib.client.lines import with_line
from retention_lib.errors import ConfigError
from retention_lib.sources import connect, read
from retention_lib.transactions import typed

YAML = {
    "name": "Shop",
    "source": {"file": "a.xlsx"},
    "columns": {"customer_id": "id", "ordered_at": "day", "amount": "money"},
}
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(60)]
CENTS = [123_456 + 789 * n for n in range(60)]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


@pytest.fixture
def sales(tmp_path, engine):
    """Return day and amount of a workbook's rows, each cell as it is given."""

    def found(days, amounts, *lines):
        form = {"default_date_format": "dd.mm.yyyy"}
        with xlsxwriter.Workbook(tmp_path / "a.xlsx", form) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["id", "day", "money"])
            for row, cells in enumerate(zip(days, amounts, strict=True), start=1):
                for column, cell in enumerate((f"K{row}", *cells)):
                    of_kind = sheet.write_string if isinstance(cell, str) else sheet.write
                    of_kind(row, column, cell)
        settings = YAML
        for line in lines:
            settings = with_line(settings, line)
        text = yaml.safe_dump(settings)
        (tmp_path / "client.yaml").write_text(text)
        client = parse_client(text, "shop", tmp_path)
        rows = typed(read(client, engine, tmp_path / "cache"), client).order_by("line_number")
        return rows.select("day", "amount").to_pyarrow().to_pydict()

    return found


def real(day):
    return datetime(day.year, day.month, day.day)


def polish(cents):
    return f"{cents / 100:,.2f}".replace(",", " ").replace(".", ",")


RIGHT = {"day": DAYS, "amount": [cents / 100 for cents in CENTS]}


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%m/%d/%Y", "%Y. %m. %d.", "%d %B %Y"])
@pytest.mark.parametrize("every", [2, 3, 10])
def test_typed_dates_say_how_they_are_written(sales, form, every):
    days = [real(day) if n % every else day.strftime(form) for n, day in enumerate(DAYS)]
    amounts = [cents / 100 for cents in CENTS]
    with pytest.raises(ConfigError, match="were typed as text, among cells that are real") as stop:
        sales(days, amounts)
    (choice,) = stop.value.choices
    assert sales(days, amounts, choice.line) == RIGHT


def test_typed_dates_that_can_be_read_in_two_ways_are_asked_for(sales):
    days = [day.strftime("%d.%m.%Y") if day.day <= 12 else real(day) for day in DAYS]
    amounts = [cents / 100 for cents in CENTS]
    with pytest.raises(ConfigError, match="were typed as text") as stop:
        sales(days, amounts)
    assert [choice.line for choice in stop.value.choices] == [
        'format: {date: "%d.%m.%Y"}',
        'format: {date: "%m.%d.%Y"}',
    ]
    assert sales(days, amounts, stop.value.choices[0].line) == RIGHT


@pytest.mark.parametrize("every", [2, 3, 10])
def test_typed_numbers_say_which_marks_they_have(sales, every):
    days = [real(day) for day in DAYS]
    amounts = [cents / 100 if n % every else polish(cents) for n, cents in enumerate(CENTS)]
    with pytest.raises(ConfigError, match="were typed as text") as stop:
        sales(days, amounts)
    (choice,) = stop.value.choices
    assert sales(days, amounts, choice.line) == RIGHT


def test_a_few_slips_among_real_cells_are_slips(sales):
    days = [real(day) for day in DAYS]
    amounts = [*(cents / 100 for cents in CENTS[:-1]), "about 5"]
    assert sales(days, amounts)["amount"] == [*RIGHT["amount"][:-1], None]
