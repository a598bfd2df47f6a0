from collections import defaultdict

import pytest

from retention_lib import vocabulary
from retention_lib.client import Columns
from retention_lib.vocabulary import KINDS, LANGUAGES, names, plain, spoken, standards, words

_STATUSES = ("sale", "return", "cancelled", "open")


@pytest.mark.parametrize(
    ("text", "is_written"),
    [
        ("Data zamówienia", "data zamowienia"),
        ("data_zamowienia", "data zamowienia"),
        ("DataZamowienia", "data zamowienia"),
        ("ÖSSZEG", "osszeg"),
        ("Währung", "wahrung"),
        ("CustomerID", "customer id"),
        ("createdAt", "created at"),
        ("KUNNR", "kunnr"),
        ("Kd.-Nr.", "kd nr"),
        ("E-mail:", "e mail"),
        ("partially_refunded", "partially refunded"),
        ("  Łącznie  zł ", "lacznie zl"),
        ("n/a", "n a"),
        ("-1", "-1"),
        ("1", "1"),
        ("№", "no"),
        ("-", ""),
    ],
)
def test_case_accents_and_marks_between_words_do_not_count(text: str, is_written: str) -> None:
    assert plain(text) == is_written


def test_what_is_plain_stays_as_it_is() -> None:
    for word in (*(it for kind in KINDS for it in words(kind)), *names("customer_id")):
        assert plain(word) == word


@pytest.mark.parametrize("kind", [*KINDS, *standards()])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_and_each_column_is_known_in_each_language(kind: str, language: str) -> None:
    assert len(spoken(kind, language)) >= 3
    assert all(spoken(kind, language))


def test_every_column_of_a_client_has_names() -> None:
    assert set(Columns.model_fields) - {"account", "ordered_until", "segments"} <= set(standards())


def test_no_status_has_two_meanings() -> None:
    meanings = defaultdict(set)
    for kind in _STATUSES:
        for word in words(kind):
            meanings[word].add(kind)
    assert {word: kinds for word, kinds in meanings.items() if len(kinds) > 1} == {}


def test_no_name_stands_for_two_columns() -> None:
    standing = defaultdict(set)
    for standard in standards():
        for name in names(standard):
            standing[name].add(standard)
    assert {name: found for name, found in standing.items() if len(found) > 1} == {}


@pytest.mark.parametrize("kind", [*KINDS, *standards()])
def test_no_word_is_listed_twice_in_a_language(kind: str) -> None:
    for language in LANGUAGES:
        listed = spoken(kind, language)
        assert sorted(listed) == sorted(set(listed))


def test_every_word_is_text_to_yaml() -> None:
    """YAML takes `no`, `on` and `null` for something else where nobody put them in quotes."""
    found = vocabulary._read()
    for by_language in (*(found[kind] for kind in KINDS), *found["columns"].values()):
        for listed in by_language.values():
            assert all(isinstance(word, str) for word in listed), listed


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("refunded", "cancelled"),
        ("partially_refunded", "sale"),
        ("Credit Note", "return"),
        ("Gutschrift", "return"),
        ("jóváírás", "return"),
        ("Korekta", "return"),
        ("кредитно известие", "return"),
        ("Storno", "cancelled"),
        ("storniert", "cancelled"),
        ("failed", "cancelled"),
        ("abandoned", "cancelled"),
        ("Closed Lost", "cancelled"),
        ("pending", "open"),
        ("on-hold", "open"),
        ("Oczekuje na płatność", "open"),
        ("Returned", "open"),
        ("Zrealizowane", "sale"),
        ("Teljesítve", "sale"),
        ("Завършена", "sale"),
        ("Bezahlt", "sale"),
    ],
)
def test_statuses_mean_what_the_definitions_say(status: str, meaning: str) -> None:
    assert [kind for kind in _STATUSES if plain(status) in words(kind)] == [meaning]


@pytest.mark.parametrize(
    "placeholder", ["0", "-1", "Guest", "walk-in", "N/A", "null", "Detaliczny"]
)
def test_placeholders_are_nobody(placeholder: str) -> None:
    assert plain(placeholder) in words("nobody")


@pytest.mark.parametrize("word", ["Total", "Razem", "Összesen", "Общо", "Summe", "Grand Total"])
def test_total_rows_are_called_so(word: str) -> None:
    assert plain(word) in words("total")


@pytest.mark.parametrize(
    ("name", "standard"),
    [
        ("CustomerID", "customer_id"),
        ("cust_no", "customer_id"),
        ("KUNNR", "customer_id"),
        ("user_id", "customer_id"),
        ("Customer", "customer_id"),
        ("InvoiceNo", "order_id"),
        ("InvoiceDate", "ordered_at"),
        ("created_at", "ordered_at"),
        ("OrderDate", "ordered_at"),
        ("NETWR", "amount"),
        ("line_total", "amount"),
        ("kwota_brutto", "amount"),
        ("Betrag", "amount"),
        ("сума", "amount"),
        ("osszeg", "amount"),
        ("UnitPrice", "unit_price"),
        ("Quantity", "quantity"),
        ("Paid at", "paid_at"),
        ("Termin płatności", "due_date"),
        ("Geburtsdatum", "birth_date"),
        ("Waluta", "currency"),
        ("Returned Qty", "returned_quantity"),
    ],
)
def test_columns_of_real_exports_are_recognised(name: str, standard: str) -> None:
    assert [it for it in standards() if plain(name) in names(it)] == [standard]


@pytest.mark.parametrize(
    ("standard", "before", "after"),
    [
        ("ordered_at", "order date", "invoice date"),
        ("ordered_at", "created at", "date"),
        ("amount", "grand total", "subtotal"),
        ("amount", "kwota brutto", "kwota netto"),
        ("amount", "order total", "line total"),
        ("customer_id", "customer id", "buyer"),
        ("status", "order status", "item status"),
    ],
)
def test_the_surer_name_comes_first(standard: str, before: str, after: str) -> None:
    listed = names(standard)
    assert listed.index(before) < listed.index(after)
