from datetime import date, datetime

import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_lib.sources import connect
from retention_lib.transactions import cells, date_forms, readings
from retention_lib.transactions.number_forms import Marks


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return connect(tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def texts(engine):
    def table(*values):
        rows = ibis.memtable({"text": list(values)}, schema={"text": "string"})
        return engine.create_table("texts", rows, temp=True, overwrite=True)

    return table


def days(engine, values, format_, zone=None):
    """What the engine reads, which must be what Python reads where no zone moves it."""
    table = ibis.memtable({"at": range(len(values)), "text": values})
    found = table.order_by("at").select(day=date_forms.written(table.text, format_, zone))
    read = [row["day"] for row in engine.to_pyarrow(found).to_pylist()]
    if zone is None:
        assert read == [date_forms.read(value, format_) for value in values]
    return read


def amounts(engine, values, marks):
    table = ibis.memtable({"at": range(len(values)), "text": values})
    found = table.order_by("at").select(number=cells.number(table.text, marks))
    read = [row["number"] for row in engine.to_pyarrow(found).to_pylist()]
    assert read == [marks.read(value) for value in values]
    return read


# --- dates ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "format_"),
    [
        ("2025-12-29 14:03:00 +0100", "%Y-%m-%d %H:%M:%S %z"),
        ("2025-12-29T14:03:00.123+01:00", "%Y-%m-%dT%H:%M:%S.%f%z"),
        ("2025-12-29T14:03:00Z", "%Y-%m-%dT%H:%M:%S%z"),
        ("2025-12-29 14:03:00 UTC", "%Y-%m-%d %H:%M:%S %z"),
        ("2025-12-29 14:03 CET", "%Y-%m-%d %H:%M %z"),
        ("2025. 12. 29.", "%Y. %m. %d."),
        ("2025. 12. 29. 14:03", "%Y. %m. %d. %H:%M"),
        ("2025.12.29.", "%Y.%m.%d."),
        ("29.12.2025 г.", "%d.%m.%Y г."),
        ("29.12.2025 г. 14:03", "%d.%m.%Y г. %H:%M"),
        ("29 12 2025", "%d %m %Y"),
        ("12/29/2025 2:03 PM", "%m/%d/%Y %I:%M %p"),
        ("29/12/2025 2:03:00 p.m.", "%d/%m/%Y %I:%M:%S %p"),
        ("29/12/2025 2:03\u202fPM", "%d/%m/%Y %I:%M %p"),
        ("2025.12.29. du. 2:03", "%Y.%m.%d. %p %I:%M"),
        ("29-Dec-2025", "%d-%b-%Y"),
        ("29-Dec-25", "%d-%b-%y"),
        ("Dec 29, 2025", "%b %d, %Y"),
        ("29. Dezember 2025", "%d. %B %Y"),
        ("29 grudnia 2025", "%d %B %Y"),
        ("29 gru 2025", "%d %b %Y"),
        ("2025. december 29.", "%Y. %B %d."),
        ("29 декември 2025 г.", "%d %B %Y г."),
        ("Mon, 29 Dec 2025 14:03:00 +0100", "%a, %d %b %Y %H:%M:%S %z"),
        ("20251229", "%Y%m%d"),
        ("20251229140300", "%Y%m%d%H%M%S"),
        ("1767009780", "unix"),
        ("1767009780000", "unix_ms"),
        ("46020", "excel"),
        ("46020.5", "excel"),
    ],
)
def test_a_day_that_one_format_reads(engine, texts, value, format_):
    found = readings.dates(texts(value, value, None))
    assert [dict(it.settings) for it in found] == [{"date": format_}]
    assert (found[0].missed, found[0].present) == (0, 2)
    assert found[0].means == f"{value} is 29 December 2025"
    assert days(engine, [value, "x"], format_) == [date(2025, 12, 29), None]


def test_an_order_of_day_and_month_that_nothing_settles(texts):
    found = readings.dates(texts("12.01.2017", "01.02.2017", "05.04.2017"))
    assert [(it.settings["date"], it.missed, it.means) for it in found] == [
        ("%d.%m.%Y", 0, "01.02.2017 is 1 February 2017"),
        ("%m.%d.%Y", 0, "01.02.2017 is 2 January 2017"),
    ]


def test_one_cell_settles_the_order(texts):
    found = readings.dates(texts(*["05/04/2017"] * 500, "04/13/2017"))
    assert [(it.settings["date"], it.missed) for it in found] == [("%m/%d/%Y", 0), ("%d/%m/%Y", 1)]


def test_a_cell_outside_the_sample_is_counted(texts):
    many = [f"{d:02}.{m:02}.{y}" for y in range(1990, 2020) for m in range(1, 13) for d in (1, 12)]
    found = readings.dates(texts(*many, "13.01.2017"))
    assert [(it.settings["date"], it.missed) for it in found] == [("%d.%m.%Y", 0), ("%m.%d.%Y", 1)]


def test_iso_is_read_with_and_without_a_time(texts):
    found = readings.dates(texts("2025-12-29", "2025-12-29 10:00"))
    assert (found[0].settings["date"], found[0].missed) == (None, 0)


def test_two_digit_years_are_few(texts):
    many = [f"{d:02}.{m:02}.{y}" for y in (24, 25) for m in range(1, 13) for d in range(1, 29)]
    assert readings.dates(texts(*many))[0].settings == {"date": "%d.%m.%y"}
    assert {it.settings["date"] for it in readings.dates(texts(*many)) if not it.missed} == {
        "%d.%m.%y"
    }
    few = {it.settings["date"] for it in readings.dates(texts("10.11.12"))}
    assert few == {"%d.%m.%y", "%m.%d.%y", "%y.%m.%d"}


def test_readings_alike_are_one(texts):
    (found,) = readings.dates(texts("29 May 2025", "1 maja 2024"))
    assert found.settings == {"date": "%d %B %Y"}
    assert found.alike == ({"date": "%d %b %Y"},)


@pytest.mark.parametrize("values", [(), (None,), ("x", "y"), ("12.50", "3"), ("2025-13-45",)])
def test_what_no_format_reads_has_no_reading(texts, values):
    assert [it for it in readings.dates(texts(*values)) if it.missed < it.present] == []


def test_a_zone_says_whose_day_counts(engine):
    moments = ["2025-12-29 23:30:00 +0000", "2025-12-29 23:30:00Z", "2025-12-30 00:30:00 +05:30"]
    how = "%Y-%m-%d %H:%M:%S %z"
    assert days(engine, moments, how, "Europe/Warsaw") == [
        date(2025, 12, 30),
        date(2025, 12, 30),
        date(2025, 12, 29),
    ]
    assert days(engine, moments, how) == [date(2025, 12, d) for d in (29, 29, 30)]
    late = str(int(datetime.fromisoformat("2025-12-29T23:30:00+00:00").timestamp()))
    assert days(engine, [late], "unix", "Europe/Warsaw") == [date(2025, 12, 30)]
    assert days(engine, [late + "000"], "unix_ms", "America/New_York") == [date(2025, 12, 29)]


def test_days_that_are_none(engine):
    bad = ["31.02.2017", "1.2.17", "1.2.2017 10:00", "infinity", "2017-01-01", "01.01.1970", ""]
    assert days(engine, bad, "%d.%m.%Y") == [None] * len(bad)
    assert days(engine, ["1", "120", "99999999999", "1e9"], "unix") == [None] * 4
    assert days(engine, ["3 Maaz 2020", "3 12 2020"], "%d %b %Y") == [None, None]


def test_months_of_five_languages_are_told_apart():
    named = date_forms.months()
    third = {"march", "március", "marzec", "marca", "märz", "mar", "márc", "mrz", "март"}
    assert {named[it] for it in third} == {3}
    assert {named[it] for it in ("jul", "lipca", "lip", "юли", "július", "juli")} == {7}
    assert (named["maj"], named["mai"], named["май"], named["május"]) == (5, 5, 5, 5)


_FORMS = {
    "iso": "{d:%Y-%m-%d}",
    "padded": "{d:%d.%m.%Y}",
    "us": "{d:%m/%d/%Y}",
    "plain": "{d.day}/{d.month}/{d.year} 7:05",
    "hungarian": "{d:%Y. %m. %d.}",
    "bulgarian": "{d:%d.%m.%Y} г.",
    "word": "{d.day} {d:%B} {d.year}",
    "rfc": "{d:%a, %d %b %Y} 10:11:12 +0100",
    "noon": "{d:%m-%d-%Y} 01:05 PM",
    "digits": "{d:%Y%m%d}",
}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    known=st.lists(st.dates(date(1990, 1, 1), date(2060, 1, 1)), min_size=1, max_size=12),
    form=st.sampled_from(sorted(_FORMS)),
)
def test_any_date_in_any_form_is_read_or_asked_about(known, form, texts, engine):
    values = [_FORMS[form].format(d=day) for day in known]
    found = [it for it in readings.dates(texts(*values)) if it.missed == 0]
    read = [days(engine, values, it.settings["date"]) for it in found]
    assert known in read
    if len(found) > 1:  # only where all days fit both orders
        assert all(day.day <= 12 for day in known) and form not in (
            "iso",
            "word",
            "rfc",
            "hungarian",
        )


# --- numbers -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number", "marks"),
    [
        ("1234.5", 1234.5, {"decimal": "."}),
        ("1.234,50", 1234.5, {"decimal": ",", "thousands": "."}),
        ("1\u202f234,50", 1234.5, {"decimal": ",", "thousands": " "}),
        ("1\u00a0234,50", 1234.5, {"decimal": ",", "thousands": " "}),
        ("1'234.50", 1234.5, {"decimal": ".", "thousands": "'"}),
        ("1’234.50", 1234.5, {"decimal": ".", "thousands": "'"}),
        ("1_234.50", 1234.5, {"decimal": ".", "thousands": "_"}),
        ("12,34,567.00", 1234567.0, {"decimal": ".", "thousands": ","}),
        ("(1.50)", -1.5, {"decimal": "."}),
        ("1.50-", -1.5, {"decimal": "."}),
        ("\u22121.50", -1.5, {"decimal": "."}),
        ("- 1.50", -1.5, {"decimal": "."}),
        ("-€1.50", -1.5, {"decimal": "."}),
        ("€-1.50", -1.5, {"decimal": "."}),
        ("(€1.50)", -1.5, {"decimal": "."}),
        ("€(1.50)", -1.5, {"decimal": "."}),
        ("1.50 EUR-", -1.5, {"decimal": "."}),
        ("9 996 Ft", 9996, {"decimal": ".", "thousands": " "}),
        ("€ 1.234,50", 1234.5, {"decimal": ",", "thousands": "."}),
        ("USD 12.00", 12, {"decimal": "."}),
        ("12,00 zł", 12, {"decimal": ","}),
        ("12,50 лв.", 12.5, {"decimal": ","}),
        ("1,234.50 EUR", 1234.5, {"decimal": ".", "thousands": ","}),
        ("5.5 quux", 5.5, {"decimal": ".", "sign": "quux"}),
    ],
)
def test_a_number_that_one_format_reads(engine, texts, value, number, marks):
    found = readings.numbers(texts(value, value, None))
    assert dict(found[0].settings) == marks
    assert (found[0].missed, found[0].present) == (0, 2)
    assert amounts(engine, [value], Marks(**marks)) == [number]
    assert all(it.missed for it in found[1:])


@pytest.mark.parametrize("value", ["1.234", "1,234", "€1.234", "(1,234)", "-12.500"])
def test_a_mark_before_three_digits_has_two_readings(texts, value):
    found = [it for it in readings.numbers(texts(value)) if not it.missed]
    assert len(found) == 2
    assert len({it.means for it in found}) == 2


def test_another_cell_settles_what_a_mark_is(texts):
    clear = [it for it in readings.numbers(texts("1.234", "1.234,50")) if not it.missed]
    assert [dict(it.settings) for it in clear] == [{"decimal": ",", "thousands": "."}]


def test_what_is_no_number(engine):
    bad = [
        "5 kg",
        "5 %",
        "(-5)",
        "-5-",
        "1e3",
        "1.2E+3",
        "1.",
        "1.2.3",
        "05.04.2017",
        "NaN",
        "\x1f5",
    ]
    assert amounts(engine, bad, Marks(".")) == [None] * len(bad)
    assert amounts(engine, ["5 EUR", "5 €", "5 euro", "5 USD"], Marks(".", None, "€")) == [
        *(5, 5, 5),
        None,
    ]


_NEGATIVE = ("{}", "-{}", "{}-", "({})", "\u2212{}", "- {}")
_SIGN = ("{}", "€{}", "{} Ft", "PLN {}", "{} лв.")


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cents=st.lists(st.integers(0, 10**9), min_size=1, max_size=8),
    marks=st.sampled_from([(".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", "'")]),
    negative=st.sampled_from(_NEGATIVE),
    sign=st.sampled_from(_SIGN),
)
def test_any_amount_is_read_exactly(cents, marks, negative, sign, texts, engine):
    decimal, thousands = marks

    def spelled(number):
        whole = f"{number // 100:,}".replace(",", thousands)
        return negative.format(sign.format(f"{whole}{decimal}{number % 100:02}"))

    values = [spelled(number) for number in cents]
    known = [(1 if negative == "{}" else -1) * number / 100 for number in cents]
    best = [it for it in readings.numbers(texts(*values)) if it.missed == 0]
    assert len(best) == 1
    assert amounts(engine, values, Marks(**best[0].settings)) == pytest.approx(known)
