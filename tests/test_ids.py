import pytest

from retention_lib.errors import ConfigError, DataError
from retention_lib.transactions import ids
from tests.test_orders import CASES, COLUMNS, engine, figures, kept, needs_cases, plain, shop

__all__ = ["engine", "shop"]
PLAIN = "columns: {customer_id: id, ordered_at: day, amount: money}\n"


def table(*names: str) -> str:
    return "id,day,money\n" + "".join(f"{name},2024-03-01,5\n" for name in names)


def customers(rows) -> set[str]:
    return {row["customer_id"] for row in plain(rows)}


@needs_cases
def test_one_person_in_several_spellings(shop):
    where = f"source: {{file: {(CASES / 'email-case').resolve()}/*.csv}}\n"
    columns = "columns: {customer_id: customer, ordered_at: day, amount: total, order_id: order}"
    found = shop.typed({}, where + columns)
    assert figures(found) == {"customers": 400, "occasions": 2837, "revenue": 130_923.29}


def test_ids_with_an_at_are_compared_without_case_and_others_as_they_are(shop):
    rows = shop.typed(table("A@x.com", "a@X.COM ", "\u00a0a@x.com", "K1", "k1", "007", "7"), PLAIN)
    assert customers(rows) == {"a@x.com", "K1", "k1", "007", "7"}


def test_spreadsheet_decimals_and_plain_numbers_are_one_id(shop):
    assert customers(shop.typed(table("17850", "17850.0", "017850"), PLAIN)) == {"17850", "017850"}


def test_spellings_are_counted_and_joined_where_the_yaml_says_so(shop):
    names = ("Café Roma", "cafe\u0301  roma", "CAFÉ ROMA", "Cafe Roma", "K1")
    rows = shop.typed(table(*names), PLAIN)
    found = plain(ids.spellings(rows))
    assert [(it["ids"], it["rows"]) for it in found] == [(3, 3)]
    assert {found[0]["first"], found[0]["last"]} <= set(names)
    rows = shop.typed(table(*names), f"{PLAIN}ids: {{fold_case: true}}")
    assert len(customers(rows)) == 3
    assert customers(rows) < set(names)
    assert plain(ids.spellings(rows)) == []


@pytest.mark.parametrize("lost", ["4.2E+11", "4,2E+11", "4E+11", "4.20012e+15"])
def test_ids_that_lost_digits_stop_the_run(shop, lost):
    with pytest.raises(DataError, match="last digits are lost") as caught:
        shop.typed(table("K1", f'"{lost}"'), PLAIN)
    assert lost in str(caught.value)
    assert "column 'id'" in str(caught.value)


def test_order_numbers_that_lost_digits_stop_the_run(shop):
    text = "id,day,money,order\nK1,2024-03-01,5,4.2E+11\n"
    with pytest.raises(DataError, match="column 'order'"):
        shop.typed(text, f"{COLUMNS}}}")


@pytest.mark.parametrize("sound", ["12E5", "4.2E", "E+11", "a4.2E+11"])
def test_ids_that_only_look_like_it_are_kept(shop, sound):
    assert customers(shop.typed(table(sound), PLAIN)) == {sound}


# --- nobody ------------------------------------------------------------------------


def crowd(*more: str) -> str:
    """Fifty customers, who buy on sixty days in all, and further rows."""
    days = [f"2024-{3 + n // 28:02d}-{1 + n % 28:02d}" for n in range(60)]
    body = [f"K{n % 50},{day},20" for n, day in enumerate(days * 3)]
    return "\n".join(["id,day,money", *body, *more]) + "\n"


def test_placeholders_are_asked_for_together(shop):
    text = crowd(*["guest,2024-03-01,20"] * 3, *["0,2024-03-02,30"] * 2)
    stop = shop.refused(text, PLAIN)
    assert [choice.line for choice in stop.choices] == [
        "not_customers: [guest, '0']",
        "customers: [guest, '0']",
    ]
    rows = shop.typed(text, PLAIN + "not_customers: [GUEST, 0]")
    assert {r["reason"] for r in plain(rows) if r["customer_id"] in ("guest", "0")} == {
        "no_customer"
    }
    assert figures(rows)["revenue"] == 180 * 20
    assert len(customers(kept(shop.typed(text, PLAIN + "customers: [guest, 0]")))) == 52


def test_a_line_keeps_what_is_named_already(shop):
    text = crowd(*["guest,2024-03-01,20"] * 3, *["0,2024-03-02,30"] * 3)
    stop = shop.refused(text, PLAIN + "not_customers: [guest]")
    assert [choice.line for choice in stop.choices] == [
        "not_customers: [guest, '0']",
        "customers: ['0']",
    ]


def test_a_placeholder_that_hardly_buys_is_left_alone(shop):
    assert "test" in customers(shop.typed(crowd("test,2024-03-01,1"), PLAIN))


def daily(name: str, days: int) -> list[str]:
    return [f"{name},2024-{3 + n // 28:02d}-{1 + n % 28:02d},1" for n in range(days)]


def test_an_id_that_buys_nearly_daily_stops_the_run(shop):
    text = crowd(*daily("Till 1", 31), *daily("K-SHOP", 40))
    stop = shop.refused(text, PLAIN)
    assert "'K-SHOP' buys on 67% of all days with sales, with 16% of the orders" in str(stop)
    assert [c.line for c in stop.choices] == ["not_customers: [K-SHOP]", "customers: [K-SHOP]"]
    settled = PLAIN + "customers: [k-shop]\nnot_customers: [till 1]"
    assert "Till 1" not in customers(kept(shop.typed(text, settled)))
    assert len(customers(shop.typed(crowd(*daily("K-SHOP", 30)), PLAIN))) == 51


def test_a_business_whose_customers_all_buy_daily(shop):
    text = "id,day,money\n" + "\n".join(line for n in range(5) for line in daily(f"K{n}", 50))
    assert len(customers(shop.typed(text, PLAIN))) == 5


def test_refused_lines_settle_orders_of_guests_too(shop):
    body = "".join(f"K{n},2024-03-01,5,{n}\n" for n in range(40))
    body += "".join(f"guest,2024-03-02,5,{100 + n}\n" for n in range(4))
    with pytest.raises(ConfigError, match="'guest' .* 9% of the orders"):
        shop.typed(f"id,day,money,order\n{body}", f"{COLUMNS}}}")
