import pytest

from retention_lib.transactions import statuses
from tests.test_orders import COLUMNS, engine, figures, lines, plain, shop

__all__ = ["engine", "shop"]
WITH = "columns: {customer_id: id, ordered_at: day, amount: money, status: state}\n"


def table(*rows: tuple[float, str]) -> str:
    body = (f"K{n},2024-03-01,{money},{state}\n" for n, (money, state) in enumerate(rows))
    return "id,day,money,state\n" + "".join(body)


def test_a_return_counts_as_negative_whatever_its_sign(shop):
    text = table((50, "paid"), (20, "Credit Note"), (-7, "credit note "), (9, "void"), (0, "paid"))
    text += "K0,2024-03-01,0,Credit note\nK9,2024-03-01,0,credit note\n"
    said = "statuses: {sale: PAID, return: [credit note], cancelled: void}"
    rows = shop.typed(text, WITH + said)
    assert lines(rows, "amount", "status_means", "reason")[:5] == [
        (50.0, "sale", None),
        (-20.0, "return", None),
        (-7.0, "return", None),
        (9.0, "cancelled", "cancelled"),
        (0.0, "sale", None),
    ]
    # neither a return nor a credit note of nothing is a purchase
    assert figures(rows) == {"customers": 2, "occasions": 2, "revenue": 23.0}


def test_a_return_of_quantity_and_price_is_negative_and_its_cost_too(shop):
    text = "id,day,n,p,c,state\nK1,2024-03-01,2,5,4,sold\nK2,2024-03-01,2,5,4,back\n"
    columns = (
        "columns: {customer_id: id, ordered_at: day, quantity: n, unit_price: p, cost: c, "
        "status: state}\nstatuses: {sale: sold, return: back}"
    )
    assert lines(shop.typed(text, columns), "amount", "cost") == [(10.0, 4.0), (-10.0, -4.0)]


def test_a_return_without_amounts_is_no_purchase(shop):
    text = "id,day,state\nK1,2024-03-01,sold\nK2,2024-03-01,back\n"
    columns = "columns: {customer_id: id, ordered_at: day, status: state}\n"
    rows = shop.typed(text, columns + "statuses: {sale: sold, return: back}")
    assert figures(rows) == {"customers": 1, "occasions": 1, "revenue": None}


def test_refunds_are_not_taken_off_returns_twice(shop):
    text = "id,day,money,state,back\nK1,2024-03-01,20,credit note,20\nK1,2024-03-01,-5,paid,5\n"
    said = "statuses: {sale: paid, return: credit note}"
    columns = WITH.replace("}", ", refunded: back}")
    assert figures(shop.typed(text, columns + said))["revenue"] == -25.0


def test_a_row_without_a_status_is_a_sale_that_nothing_is_said_of(shop):
    rows = shop.typed(table((5, "paid"), (6, "")), WITH + "statuses: {sale: paid}")
    assert lines(rows, "status_means", "reason") == [("sale", None), (None, None)]
    assert figures(rows)["revenue"] == 11.0


def test_without_statuses_nothing_is_said(shop):
    assert lines(shop.typed(table((5, "void")), WITH), "status_means", "reason") == [(None, None)]
    rows = shop.typed(table((5, "void"), (6, "paid"), (7, "")), WITH + "cancelled: [void]")
    assert lines(rows, "status_means", "reason") == [
        ("cancelled", "cancelled"),
        ("sale", None),
        (None, None),
    ]


def test_a_status_that_is_not_named_stops_with_all_of_them(shop):
    text = table((5, "paid"), (6, "Shipped"), (6, "shipped"), (7, "voided"))
    stop = shop.refused(text, WITH + "statuses: {sale: paid}")
    assert "'paid' (1 rows, 5.00)" in str(stop)
    assert "'voided' (1 rows, 7.00)" in str(stop)
    assert [choice.line for choice in stop.choices] == [
        "statuses: {sale: [paid, Shipped], cancelled: [voided]}"
    ]
    rows = shop.typed(text, f"{WITH}{stop.choices[0].line}")
    assert figures(rows)["revenue"] == 17.0


def test_words_of_more_than_one_reading_are_asked_one_after_another(shop):
    text = table((5, "paid"), (6, "zzz-first"), (6, "zzz-first"), (7, "zzz-second"), (8, "voided"))
    stop = shop.refused(text, WITH + "statuses: {}")
    assert [choice.line for choice in stop.choices] == [
        "statuses: {sale: [paid, zzz-first], cancelled: [voided]}",
        "statuses: {sale: [paid], return: [zzz-first], cancelled: [voided]}",
        "statuses: {sale: [paid], cancelled: [voided, zzz-first]}",
    ]
    stop = shop.refused(text, WITH + stop.choices[2].line)
    assert len(stop.choices) == 3
    assert figures(shop.typed(text, WITH + stop.choices[0].line))["revenue"] == 12.0


def test_what_the_vocabulary_knows():
    counts = {"wc-completed": 9, "Paid": 5, "paid": 4, "VOIDED": 3, "credit_note": 2, "zzz": 1}
    found = statuses.proposed(counts | {" ": 7})
    assert found.known == {
        "sale": ["wc-completed", "Paid"],
        "return": ["credit_note"],
        "cancelled": ["VOIDED"],
    }
    assert found.unknown == ("zzz",)
    said = "statuses: {sale: [wc-completed, Paid], return: [credit_note], cancelled: [VOIDED]}"
    assert found.line == said


@pytest.mark.parametrize("word", ["pending", "on-hold", "awaiting_payment", "wc-pending"])
def test_words_without_one_reading_stay_open(word):
    assert statuses.proposed({word: 1}).unknown == (word,)


def test_lines_of_an_order_may_have_statuses_of_their_own(shop):
    text = (
        "id,day,money,order,state\nK1,2024-03-01,10,1,sold\nK1,2024-03-01,4,1,back\n"
        "K1,2024-03-01,5,1,\nK1,2024-03-02,7,2,void\nK1,2024-03-02,8,2,\n"
    )
    said = "statuses: {sale: sold, return: back, cancelled: void}"
    rows = shop.typed(text, f"{COLUMNS}, status: state}}\n{said}")
    assert [row["reason"] for row in plain(rows)].count("cancelled") == 2
    assert figures(rows) == {"customers": 1, "occasions": 1, "revenue": 11.0}
