import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_lib.client import parse_client
from retention_lib.client.lines import with_line
from retention_lib.errors import ConfigError, DataError
from retention_lib.sources import connect, read
from retention_lib.transactions import kept, typed


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


class Shop:
    """Files of made sales, and what their client's YAML says."""

    def __init__(self, folder: Path, engine):
        self.folder, self.engine = folder, engine
        self.says = {
            "name": "Shop",
            "source": {"file": "*.*"},
            "columns": {"customer_id": "id", "ordered_at": "day", "amount": "money"},
            "format": {"delimiter": ";"},
        }

    def file(self, name, days=(), money=(), **more):
        count = max(len(days), len(money))
        columns = {
            "day": days or ["2025-12-29"] * count,
            "money": money or ["5"] * count,
            **more,
        }
        rows = (
            f"{n + 1};" + ";".join(f'"{it[n]}"' for it in columns.values()) for n in range(count)
        )
        text = "\n".join([f"id;{';'.join(columns)}", *rows])
        folder = self.folder / "input"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        self.says["source"] = {"file": "input/*.*"}
        self.says["columns"] |= {name: name for name in more}
        return self

    def typed(self):
        text = yaml.safe_dump(self.says, allow_unicode=True)
        (self.folder / "client.yaml").write_text(text, encoding="utf-8")
        client = parse_client(text, "shop", self.folder)
        return typed(read(client, self.engine, self.folder / "cache"), client)

    def stop(self):
        with pytest.raises(ConfigError) as caught:
            self.typed()
        assert all(str(it) in str(caught.value) for it in caught.value.choices)
        return caught.value

    def settled(self, *chosen):
        """Apply the lines that stops name, the chosen one of each; return the lines and the rows."""
        lines, wanted = [], list(chosen)
        for _ in range(8):
            try:
                return lines, self.rows()
            except ConfigError as error:
                assert error.choices, str(error)
                at = wanted.pop(0) if len(error.choices) > 1 else 0
                lines.append(error.choices[at].line)
                self.says = with_line(self.says, lines[-1])
        raise AssertionError(f"no end of remedies: {lines}")

    def rows(self):
        found = kept(self.typed()).order_by("source_file", ibis_int("customer_id"))
        return found.select("source_file", "day", "amount").to_pyarrow().to_pylist()


def ibis_int(name):
    return lambda table: table[name].cast("int64")


@pytest.fixture
def shop(tmp_path, engine):
    return Shop(tmp_path, engine)


# --- dates -----------------------------------------------------------------------

BOTH = ["12.01.2017", "01.02.2017", "05.04.2017"]


@pytest.mark.parametrize(("at", "order"), [(0, (1, 2)), (1, (2, 1))])
def test_either_order_may_be_chosen(shop, at, order):
    lines, rows = shop.file("a.csv", BOTH).settled(at)
    assert len(lines) == 1
    assert rows[1]["day"] == date(2017, order[1], order[0])


def test_one_cell_settles_the_order_for_all_files(shop):
    shop.file("a.csv", BOTH).file("b.csv", ["13.04.2017", "02.01.2017"])
    (choice,) = shop.stop().choices
    assert choice.line == 'format: {date: "%d.%m.%Y"}'
    assert shop.settled()[1][1]["day"] == date(2017, 2, 1)


def test_a_second_file_in_another_order_gets_its_own_line(shop):
    march = [f"{d:02}/03/2024" for d in range(1, 29)]
    april = [f"04/{d:02}/2024" for d in range(1, 29)]
    shop.file("orders_1.csv", march).file("orders_2.csv", april)
    shop.says["format"]["date"] = "%d/%m/%Y"
    stop = shop.stop()
    assert "input/orders_2.csv: column 'day' cannot be read as %d/%m/%Y in 16 of 28" in str(stop)
    assert [it.line for it in stop.choices] == [
        'formats: {"input/orders_2.csv": {date: "%m/%d/%Y"}}'
    ]
    lines, rows = shop.settled()
    assert len(lines) == 1
    assert {row["day"].month for row in rows[:28]} == {3}
    assert [row["day"] for row in rows[28:]] == [date(2024, 4, d) for d in range(1, 29)]


def test_files_in_two_orders_are_both_settled_when_nothing_is_declared(shop):
    shop.file("a.csv", ["25/03/2024", "01/03/2024"]).file("b.csv", ["03/26/2024", "03/02/2024"])
    shop.file("c.csv", ["27/03/2024", "03/03/2024"])
    lines, rows = shop.settled()
    assert lines == [
        'format: {date: "%d/%m/%Y"}',
        'formats: {"input/b.csv": {date: "%m/%d/%Y"}}',
    ]
    assert sorted(row["day"].day for row in rows) == [1, 2, 3, 25, 26, 27]
    assert {row["day"].month for row in rows} == {3}


def test_a_file_of_iso_dates_among_others(shop):
    shop.file("a.csv", ["25.03.2024"] * 3).file("b.csv", ["2024-03-02", "2024-03-02 10:00"])
    shop.says["format"]["date"] = "%d.%m.%Y"
    lines, rows = shop.settled()
    assert lines == ['formats: {"input/b.csv": {date: null}}']
    assert [row["day"].day for row in rows] == [25, 25, 25, 2, 2]


def test_many_files_in_one_form_need_one_line(shop):
    for month in range(1, 13):
        shop.file(f"{month:02}.csv", [f"2024. {month:02}. {d:02}." for d in range(1, 28)])
    lines, rows = shop.settled()
    assert lines == ['format: {date: "%Y. %m. %d."}']
    assert len({row["day"] for row in rows}) == 12 * 27


def test_two_orders_in_one_file_stop_the_run_and_name_rows(shop):
    days = ["03/05/2021"] * 400 + ["13/05/2021"] * 3
    shop.file("a.csv", days).says["format"]["date"] = "%m/%d/%Y"
    stop = shop.stop()
    assert "mixes two orders of day and month: 3 of 403 rows fit %d/%m/%Y alone" in str(stop)
    assert "'13/05/2021'" in str(stop)
    assert stop.choices == ()


def test_two_slips_are_set_aside(shop):
    days = ["03/05/2021"] * 400 + ["13/05/2021"] * 2
    shop.file("a.csv", days).says["format"]["date"] = "%m/%d/%Y"
    assert len(shop.rows()) == 400


def test_a_file_that_no_format_reads_stops_the_run(shop):
    shop.file("a.csv", ["2024-03-02"] * 90).file("b.csv", ["soon", "later", "2024-03-02"])
    with pytest.raises(DataError, match=r"input/b.csv: column 'day' .* in 2 of 3 rows"):
        shop.typed()


def test_zeros_are_no_date(shop):
    shop.file("a.csv", ["20251229"] * 3 + ["00000000"]).says["format"]["date"] = "%Y%m%d"
    found = shop.typed().filter(lambda rows: rows.reason.notnull()).to_pyarrow().to_pylist()
    assert [row["reason"] for row in found] == ["missing_date"]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([20251229, 20240101], 'format: {date: "%Y%m%d"}'),
        ([1767009780, 1767009781], 'format: {date: "unix"}'),
        ([1767009780000, 1767009781000], 'format: {date: "unix_ms"}'),
        ([46020.0, 46020.5], 'format: {date: "excel"}'),
    ],
)
def test_columns_of_numbers_may_be_dates(shop, values, line):
    (shop.folder / "input").mkdir()
    table = pa.table({"id": ["a", "b"], "day": values, "money": [1.0, 2.0]})
    pq.write_table(table, shop.folder / "input" / "a.parquet")
    shop.says["source"] = {"file": "input/a.parquet"}
    assert [it.line for it in shop.stop().choices] == [line]
    shop.says = with_line(shop.says, line)
    days = kept(shop.typed()).day.max().to_pyarrow().as_py()
    assert days == date(2025, 12, 29)


def test_utc_is_one_answer_to_whose_day_counts(shop):
    (shop.folder / "input").mkdir()
    moments = pa.array([0, 10**15], pa.timestamp("us", tz="UTC"))
    table = pa.table({"id": ["a", "b"], "day": moments, "money": [1.0, 2.0]})
    pq.write_table(table, shop.folder / "input" / "a.parquet")
    shop.says["source"] = {"file": "input/a.parquet"}
    (choice,) = shop.stop().choices
    assert (choice.line, choice.means) == (
        "format: {timezone: UTC}",
        "days are counted in UTC",
    )
    shop.says = with_line(shop.says, choice.line)
    assert kept(shop.typed()).day.max().to_pyarrow().as_py() == date(2001, 9, 9)


# --- numbers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "at", "read"),
    [
        (["1.234", "2.500", "7"], 0, [1234, 2500, 7]),
        (["1.234", "2.500", "7"], 1, [1.234, 2.5, 7]),
        (["1,234", "7"], 0, [1.234, 7]),
        (["1,234", "7"], 1, [1234, 7]),
        (["€1.234", "€7"], 0, [1234, 7]),
    ],
)
def test_a_mark_before_three_digits_is_asked_about(shop, values, at, read):
    lines, rows = shop.file("a.csv", money=values).settled(at)
    assert len(lines) == 1
    assert [row["amount"] for row in rows] == read


@pytest.mark.parametrize(
    ("values", "read"),
    [
        (["1.234,50", "1.234"], [1234.5, 1234]),
        (["1.234,50"] + ["1.234"] * 99, [1234.5] + [1234] * 99),
        (["1_234", "12"], [1234, 12]),
        (["9 996 Ft", "12 Ft"], [9996, 12]),
        (["-€1,50", "€ 1.234,50"], [-1.5, 1234.5]),
        (["1'234.50", "2.50"], [1234.5, 2.5]),
    ],
)
def test_marks_that_one_line_settles(shop, values, read):
    lines, rows = shop.file("a.csv", money=values).settled()
    assert len(lines) == 1
    assert [row["amount"] for row in rows] == read


def test_a_sign_on_every_cell_needs_no_line(shop):
    shop.file("a.csv", money=["$1.50", "($2.00)", "0", "", "-", "$3"])
    assert [row["amount"] for row in shop.rows()] == [1.5, -2, 0, 3]


def test_a_sign_on_some_cells_is_asked_about(shop):
    shop.file("a.csv", money=["€1.50"] * 3 + ["2.50"])
    choice = shop.stop().choices[0]
    assert choice.line == 'format: {sign: "€"}'
    assert choice.means == "numbers without € are in € as well"
    assert [row["amount"] for row in shop.settled(0)[1]] == [1.5, 1.5, 1.5, 2.5]


@pytest.mark.parametrize(
    "files",
    [[["€1.50", "$1.50"]], [["€1.50"], ["$1.50"]], [["1.50 EUR"] * 500 + ["1.50 USD"]]],
)
def test_signs_of_two_currencies_stop_the_run(shop, files):
    for at, money in enumerate(files):
        shop.file(f"{at}.csv", money=money)
    stop = shop.stop()
    assert "signs of 2 currencies" in str(stop)
    assert stop.choices == ()


def test_a_currency_may_be_spelled_in_several_ways(shop):
    shop.file("a.csv", money=["€1.50", "1.50 EUR", "1.50 Euro", "zł"])
    assert [row["amount"] for row in shop.rows()] == [1.5, 1.5, 1.5]


def test_files_may_be_written_with_other_marks(shop):
    shop.file("a.csv", money=["1.50", "1,234.50"]).file("b.csv", money=["2,50", "1.234,50"])
    shop.says["format"] |= {"decimal": ".", "thousands": ","}
    lines, rows = shop.settled()
    assert lines == ['formats: {"input/b.csv": {decimal: ",", thousands: "."}}']
    assert [row["amount"] for row in rows] == [1.5, 1234.5, 2.5, 1234.5]


def test_a_mark_declared_before_is_taken_back(shop):
    shop.file("a.csv", money=["1,50", "2,50"])
    shop.says["format"] |= {"decimal": ".", "thousands": ","}
    lines, rows = shop.settled()
    assert lines == ['format: {decimal: ",", thousands: null}']
    assert [row["amount"] for row in rows] == [1.5, 2.5]


def test_columns_of_a_file_that_disagree_stop_the_run(shop):
    shop.file("a.csv", money=["1,50", "2,50"], cost=["1.25", "2.75"])
    stop = shop.stop()
    assert "columns of numbers are written in different ways: 'money' with decimal ','" in str(stop)
    assert stop.choices == ()


def test_another_column_settles_what_three_digits_are(shop):
    shop.file("a.csv", money=["12.50", "3.75"], quantity=["1.000", "2.000"])
    found = kept(shop.typed()).quantity.max().to_pyarrow().as_py()
    assert found == 2


def test_a_refunded_column_is_a_number(shop):
    shop.file("a.csv", money=["12,50", "3,75"], refunded=["1,50", "0"])
    assert shop.settled()[0] == ['format: {decimal: ","}']
    assert kept(shop.typed()).refunded.max().to_pyarrow().as_py() == 1.5


# --- properties ------------------------------------------------------------------


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    first=st.dates(date(2015, 1, 1), date(2024, 1, 1)),
    gaps=st.lists(st.integers(0, 40), min_size=2, max_size=20),
    forms=st.lists(
        st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%Y. %m. %d.", "%d.%m.%y"]),
        min_size=1,
        max_size=3,
    ),
    data=st.data(),
)
def test_remedies_lead_to_the_end_and_nothing_is_read_wrongly_in_silence(
    first, gaps, forms, data, tmp_path_factory, engine
):
    shop = Shop(tmp_path_factory.mktemp("shop"), engine)
    known = [first + timedelta(days=sum(gaps[:n])) for n in range(len(gaps))]
    for at, form in enumerate(forms):
        # an amount of its own, since a copy of a file is read once
        shop.file(f"{at}.csv", [it.strftime(form) for it in known], [f"{at + 5}"] * len(known))
    asked = False
    for _ in range(10):
        try:
            rows = shop.rows()
            break
        except ConfigError as error:
            choices = error.choices
            assert choices, str(error)
            asked |= len(choices) > 1
            chosen = data.draw(st.sampled_from(choices))
            shop.says = with_line(shop.says, chosen.line)
    else:
        raise AssertionError("no end of remedies")
    clear = any(it.day > 12 for it in known)
    if clear and not asked:
        assert [row["day"] for row in rows] == known * len(forms)
    assert re.search(r"csv", rows[0]["source_file"])


def test_files_of_moments_may_be_of_shops_in_different_zones(shop):
    moment = pa.array([datetime(2020, 1, 1, 23, 30)], pa.timestamp("us", tz="UTC"))
    (shop.folder / "input").mkdir()
    for name in ("a", "b"):
        table = pa.table({"id": [name], "day": moment, "money": [1.0]})
        pq.write_table(table, shop.folder / "input" / f"{name}.parquet")
    shop.says |= {"source": {"file": "input/*.parquet"}, "format": {}}
    shop.says["formats"] = {"input/a.parquet": {"timezone": "Europe/Warsaw"}}
    with pytest.raises(ConfigError, match="input/b.parquet: column 'day'") as caught:
        shop.typed()
    (choice,) = caught.value.choices
    shop.says = with_line(shop.says, choice.line)
    rows = shop.typed().select("customer_id", "day").to_pyarrow().to_pylist()
    assert {row["customer_id"]: row["day"] for row in rows} == {
        "a": date(2020, 1, 2),
        "b": date(2020, 1, 1),
    }
