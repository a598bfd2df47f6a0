"""What each check of the audit finds, and leaves alone: rows counted by hand."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_lib.summaries import checks
from tests.shop import orders

NUMBERS = {"quantity": "float64", "unit_price": "float64", "refunded": "float64", "minute": "int16"}
TRUTHS = ("names_a_fee", "no_purchase", "is_copy", "id_was_decimal")
D1, D2, D3 = "2020-01-01", "2020-01-02", "2020-01-03"


def typed(rows: list[tuple[Any, ...]], **columns: Any) -> ibis.Table:
    """Return typed rows of (customer, ISO day, amount), with a reason where one is given."""
    table = pd.DataFrame(rows, columns=["customer_id", "day", "amount"]).assign(
        **{"reason": None, "id_was_decimal": False} | columns
    )
    table["day"] = pd.to_datetime(table["day"]).dt.date
    known = NUMBERS | {"day": "date", "amount": "float64"} | dict.fromkeys(TRUTHS, "boolean")
    schema = {name: known.get(name, "string") for name in table.columns}
    return ibis.duckdb.connect().create_table("lines", table, schema=schema)


def rows_of(name: str, table: ibis.Table, **known: Any) -> tuple[int, int]:
    """Return how many rows in use a check touches, and of all rows read."""
    found = checks.findings(table, **known).set_index("name")
    if name not in found.index:
        return 0, 0
    listed = checks.touched(table, name, **known)
    if listed is not None:
        assert listed.count().to_pyarrow().as_py() == found.loc[name, "rows"]
    return int(found.loc[name, "rows"]), int(found.loc[name, "rows_read"])


# --- rows read, whatever became of them ---


def test_what_touches_only_rows_set_aside_is_found_all_the_same() -> None:
    rows = [("a", D1, 5.0), (None, D1, 0.0), (None, D2, 0.0)]
    table = typed(rows, reason=[None, "missing_customer_id", "missing_customer_id"])
    assert rows_of("zero_amounts", table) == (0, 2)
    found = checks.findings(table).set_index("name").loc["zero_amounts"]
    assert pd.isna(found["customers"]) and pd.isna(found["money"])


def test_copies_are_counted_among_all_rows() -> None:
    rows = [("a", D1, 5.0), ("a", D1, 5.0), (None, D1, 1.0), (None, D1, 1.0)]
    aside = [None, "duplicate_line", "missing_customer_id", "missing_customer_id"]
    table = typed(rows, reason=aside, is_copy=[False, True, False, True])
    assert rows_of("duplicate_line", table) == (1, 2)


# --- returns ---


def kinds(rows: list[tuple[Any, ...]], **columns: Any) -> dict[str, int]:
    """Return the negative rows by what they are."""
    names = ("returns_matched", "returns_unmatched", "discounts_in_orders")
    table = typed(rows, **columns)
    found = {name: rows_of(name, table)[0] for name in names}
    assert sum(found.values()) == sum(amount < 0 for _, _, amount in rows if amount is not None)
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize(
    ("rows", "matched"),
    [
        ([("a", D1, 5.0), ("a", D2, -5.0)], 1),
        ([("a", D1, 5.0), ("a", D1, -5.0)], 1),  # the same day
        ([("a", D2, 5.0), ("a", D1, -5.0)], 0),  # the purchase comes later
        ([("a", D1, 5.0), ("b", D2, -5.0)], 0),  # another customer's
        ([("a", D1, 5.0), ("a", D2, -4.0)], 0),  # another amount
        ([("a", D1, 5.0), ("a", D2, -5.0), ("a", D3, -5.0)], 1),  # one purchase, two returns
        ([("a", D1, -5.0), ("a", D2, 5.0), ("a", D3, -5.0)], 1),  # the second one
        ([("a", D1, -5.0), ("a", D1, 5.0), ("a", D1, -5.0), ("a", D1, 5.0)], 2),
    ],
)
def test_a_return_finds_an_earlier_purchase_of_its_amount(rows: Any, matched: int) -> None:
    assert kinds(rows).get("returns_matched", 0) == matched


def test_where_lines_say_so_a_return_finds_its_product_and_quantity() -> None:
    rows = [("a", D1, 5.0), ("a", D1, 6.0), ("a", D2, -5.5), ("a", D2, -6.0)]
    lines = {"product": ["tea", "cup", "tea", "tea"], "quantity": [2, 3, -2, -3]}
    assert kinds(rows, **lines) == {"returns_matched": 1, "returns_unmatched": 1}
    # without quantities it is the amount of the product that counts
    del lines["quantity"]
    assert kinds(rows, **lines) == {"returns_unmatched": 2}


def test_matching_is_what_a_stack_gives() -> None:
    """Against a plain loop over random histories: each return takes the latest purchase off."""
    rng = np.random.default_rng(5)
    days = [f"2020-01-{day:02}" for day in range(1, 29)]
    rows = [
        (str(rng.choice(["a", "b"])), str(rng.choice(days)), float(rng.choice([5, 7, -5, -7])))
        for _ in range(400)
    ]
    matched, open_ = 0, {}
    for who, _day, amount in sorted(rows, key=lambda row: (row[1], -row[2])):
        held = open_.setdefault((who, abs(amount)), [])
        if amount > 0:
            held.append(amount)
        elif held:
            held.pop()
            matched += 1
    assert 0 < matched < sum(row[2] < 0 for row in rows)
    assert kinds(rows)["returns_matched"] == matched


def test_a_voucher_is_a_discount_and_a_mirror_is_a_return() -> None:
    rows = [("a", D1, 30.0), ("a", D1, -20.0), ("a", D2, 8.0), ("a", D2, -8.0)]
    orders = {"order_id": ["1", "1", "2", "2"]}
    assert kinds(rows, **orders) == {"returns_matched": 1, "discounts_in_orders": 1}
    assert rows_of("reversed_within_orders", typed(rows, **orders)) == (1, 1)
    with_products = orders | {"product": ["tea", None, "tea", "tea"]}
    assert rows_of("reversed_within_orders", typed(rows, **with_products)) == (0, 0)


def test_what_was_refunded_on_one_line_of_an_order_is_no_voucher() -> None:
    rows = [("a", D1, -20.0), ("a", D1, 20.0), ("a", D2, -10.0), ("a", D2, 15.0)]
    orders = {"order_id": ["1", "1", "2", "2"], "refunded": [30.0, None, None, None]}
    assert kinds(rows, **orders) == {"returns_matched": 1, "discounts_in_orders": 1}


def test_mirrors_in_few_orders_are_no_question() -> None:
    rows = [("a", D1, 8.0), ("a", D1, -8.0), *[(f"c{n}", D1, 9.0) for n in range(100)]]
    orders = ["1", "1", *(str(n) for n in range(2, 102))]
    assert rows_of("reversed_within_orders", typed(rows, order_id=orders)) == (0, 0)


def test_purchases_reversed_the_same_day() -> None:
    rows = [("a", D1, 5.0), ("a", D1, 3.0), ("a", D1, -8.0), ("a", D2, 5.0), ("a", D2, -3.0)]
    assert rows_of("reversed_same_day", typed(rows)) == (2, 2)
    left = checks.without(checks.Records(typed(rows)), "reversed_same_day")
    assert left is not None
    assert sorted(left.amount.to_pyarrow().to_pylist()) == [-3, 3, 5, 5]


@pytest.mark.parametrize("step", ["returns_matched", "returns_unmatched", "discounts_in_orders"])
def test_each_kind_of_negative_amount_can_be_left_out(step: str) -> None:
    rows = [("a", D1, 30.0), ("a", D1, -20.0), ("a", D2, 8.0), ("a", D3, -8.0), ("a", D3, -1.0)]
    gone = {"returns_matched": -8.0, "returns_unmatched": -1.0, "discounts_in_orders": -20.0}
    left = checks.without(checks.Records(typed(rows, order_id=["1", "1", "2", "C2", "C3"])), step)
    assert left is not None
    wanted = sorted(amount for _, _, amount in rows if amount != gone[step])
    assert sorted(left.amount.to_pyarrow().to_pylist()) == wanted


def shop(customers: int, orders: int, seed: int, sigma: float = 0.8) -> list[tuple[Any, ...]]:
    """A clean shop: buyers of gamma rates, lognormal amounts, no two lines alike."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.8, 1.0, customers)
    who = rng.choice(customers, orders, p=rate / rate.sum())
    day = rng.integers(0, 700, orders)
    days = pd.Timestamp("2022-01-01") + pd.to_timedelta(day, unit="D")
    money = np.exp(rng.normal(3, sigma, orders)).round(2) + 0.01
    return [
        (f"c{it}", str(at.date()), float(x)) for it, at, x in zip(who, days, money, strict=True)
    ]


def test_a_large_purchase_and_its_return() -> None:
    rows = [*shop(200, 2000, 1), ("a", D1, 90_000.0), ("a", D2, -90_000.0), ("a", D1, 21.5)]
    assert rows_of("reversed_large", typed([*rows, ("a", D2, -21.5)])) == (1, 1)
    assert checks.findings(typed(rows)).set_index("name").loc["reversed_large", "money"] == 90_000


# --- expenses ---


def test_expenses_in_the_table_of_sales_are_noticed() -> None:
    sold = shop(100, 1000, 2)
    spent = [(who, day, -amount / 7) for who, day, amount in shop(100, 150, 3)]
    assert rows_of("expenses", typed([*sold, *spent])) == (150, 150)
    products = ["tea"] * 1000 + ["travel"] * 150
    assert rows_of("expenses", typed([*sold, *spent], product=products)) == (150, 150)


def test_returns_and_partial_refunds_are_no_expenses() -> None:
    sold = shop(100, 1000, 2)
    back = [(who, "2024-01-01", -amount) for who, _day, amount in sold[:100]]
    part = [(who, "2024-01-01", -amount / 2) for who, _day, amount in sold[100:130]]
    assert rows_of("expenses", typed([*sold, *back, *part])) == (0, 0)
    assert rows_of("expenses", typed([*sold, *part], product=["tea"] * 1030)) == (0, 0)


def test_discounts_that_are_lines_of_their_own_are_no_expenses() -> None:
    rows = [*shop(100, 1000, 2), *[(who, day, -1.0) for who, day, _ in shop(100, 100, 4)]]
    assert rows_of("expenses", typed(rows, product=["tea"] * 1000 + ["Rabatt"] * 100)) == (0, 0)


# --- documents, quantities, prices ---


def test_documents_of_returns_and_quantities_that_are_on_none() -> None:
    rows = [("a", D1, 5.0), ("a", D2, -5.0), ("a", D2, -1.0), ("b", D3, -2.0), ("b", D3, 0.0)]
    table = typed(rows, order_id=["1", "C2", "C3", "C4", "5"], quantity=[1, -1, -1, -1, -9])
    assert rows_of("return_documents", table) == (3, 3)
    assert rows_of("negative_quantities", table) == (1, 1)


@pytest.mark.parametrize(
    ("orders", "amounts"),
    [
        (["R1", "R2", "R3", "R4"], [5.0, -5.0, -1.0, -2.0]),  # sales have the letter too
        (["C1", "C2", "C3", "C4"], [-5.0, -5.0, -1.0, -2.0]),  # there is nothing else
        (["1", "2", "3", "4"], [5.0, -5.0, -1.0, -2.0]),
        (["1", "2", "C3", "C4"], [5.0, 5.0, -1.0, -2.0]),  # too few to tell
    ],
)
def test_letters_that_say_nothing(orders: list[str], amounts: list[float]) -> None:
    table = typed([("a", D1, amount) for amount in amounts], order_id=orders)
    assert rows_of("return_documents", table) == (0, 0)


def test_prices_below_zero_and_free_lines_that_cost_something() -> None:
    rows = [("a", D1, -5.0), ("a", D1, 5.0), ("a", D2, 0.0), ("a", D3, 5.0)]
    table = typed(rows, unit_price=[-5.0, 0.0, 0.0, 5.0])
    assert rows_of("negative_prices", table) == (1, 1)
    assert rows_of("free_but_paid", table) == (1, 1)


def test_amounts_far_above_all_others() -> None:
    rows = shop(200, 2000, 1)
    assert rows_of("extreme_amounts", typed(rows)) == (0, 0)
    assert rows_of("extreme_amounts", typed([*rows, ("a", D1, 1e6), ("a", D1, -1e6)])) == (2, 2)


# --- lines that are no product ---


def test_what_is_no_product_by_its_words() -> None:
    named = ["Amazon fee", "POSTAGE", "opłata manipulacyjna", "Bearbeitungsgebühr", "10% discount"]
    named += ["szállítási díj", "такса доставка", "Versandkosten", "Manual", "DOTCOM POSTAGE"]
    real = [
        "Postage stamp album",
        "Coffee",
        "Discount coupon holder set",
        "SAMPLE BOX",
        "Manual focus lens",
    ]
    rows = [("a", D1, 5.0)] * (len(named) + len(real))
    assert rows_of("fees_and_adjustments", typed(rows, product=named + real)) == (10, 10)
    left = checks.without(checks.Records(typed(rows, product=named + real)), "fees_and_adjustments")
    assert left is not None and set(left["product"].to_pyarrow().to_pylist()) == set(real)


def test_what_is_no_product_among_codes() -> None:
    codes = [f"{n:05}{letter}" for n in range(20_000, 20_400) for letter in ("", "A")]
    codes += ["DCGS0003", "DCGSSBOY", "15056BL"]
    odd = ["POST", "M", "C2", "BANK CHARGES"]
    rows = [("a", D1, 5.0)] * (len(codes) + len(odd))
    table = typed(rows, product=codes + odd)
    assert rows_of("fees_and_adjustments", table) == (4, 4)
    found = checks.touched(table, "fees_and_adjustments")
    assert found is not None and set(found["product"].to_pyarrow().to_pylist()) == set(odd)


def test_names_with_few_digits_are_no_codes() -> None:
    names = ["Tea 100 g", "Tea 250 g", "Mug", "Jar"] * 20
    table = typed([("a", D1, 5.0)] * 80, product=names)
    assert rows_of("fees_and_adjustments", table) == (0, 0)


def test_a_description_that_nobody_mapped_tells_too() -> None:
    table = typed([("a", D1, 5.0), ("a", D2, 5.0)], names_a_fee=[True, None])
    assert rows_of("fees_and_adjustments", table) == (1, 1)


# --- ids ---


def test_placeholders_tests_and_staff() -> None:
    rows = [
        *shop(150, 600, 7),
        ("guest", D1, 5.0),
        ("jan.test@x.pl", D2, 5.0),
        ("contest", D3, 1.0),
    ]
    rows += [("Employee 4", D1, 5.0), ("TEST", D1, 2.0)]
    table = typed(rows)
    assert rows_of("placeholder_ids", table) == (2, 2)
    assert rows_of("placeholder_ids", table, customers=["guest"]) == (1, 1)
    assert rows_of("test_accounts", table) == (1, 1)
    assert rows_of("staff_accounts", table) == (1, 1)


def test_a_word_in_most_ids_is_a_way_to_name_them() -> None:
    rows = [(f"demo-{n}", D1, 5.0) for n in range(50)]
    assert rows_of("test_accounts", typed(rows)) == (0, 0)


def test_zero_is_a_customer_like_others_unless_it_buys_far_more() -> None:
    rows = [(str(n), D1, 5.0) for n in range(50)]
    assert rows_of("placeholder_ids", typed(rows)) == (0, 0)
    assert rows_of("placeholder_ids", typed([*rows, *[("0", D2, 5.0)] * 20])) == (21, 21)


def test_an_account_with_an_implausible_share() -> None:
    rows = shop(200, 2000, 8)
    assert rows_of("dominant_accounts", typed(rows)) == (0, 0)
    many = [*rows, *[("till", day, 5.0) for _, day, _ in rows[:500]]]
    assert rows_of("dominant_accounts", typed(many)) == (500, 500)
    assert rows_of("dominant_accounts", typed(many), customers=["till"]) == (0, 0)
    assert rows_of("dominant_accounts", typed([*rows, ("big", D1, 90_000.0)])) == (1, 1)


def test_one_person_under_several_ids() -> None:
    rows = [(who, D1, 5.0) for who in "abcdef"]
    emails = ["Jan.Kos@gmail.com", "jankos+shop@googlemail.com", "x@y.pl", "x@y.com", None, "-"]
    assert rows_of("shared_emails", typed(rows, email=emails)) == (2, 2)
    ids = [("j.kos@gmail.com", D1, 5.0), ("jkos@gmail.com", D1, 5.0), ("j.kos@x.pl", D1, 5.0)]
    assert rows_of("shared_emails", typed([*ids, ("jkos@x.pl", D1, 1.0)])) == (2, 2)


def test_one_id_of_several_people() -> None:
    rows = [("a", D1, 5.0), ("a", D2, 5.0), ("b", D1, 5.0), ("b", D2, 5.0)]
    emails = ["x@y.pl", "z@y.pl", "b@y.pl", "B@y.pl"]
    assert rows_of("several_emails", typed(rows, email=emails)) == (2, 2)


# --- orders ---


def test_which_grain_was_used() -> None:
    rows = [("a", D1, 5.0), ("a", D1, 6.0), ("b", D1, 9.0), ("b", D1, None), ("c", D1, 1.0)]
    table = typed(
        rows, order_id=["1", "1", "2", "2", "3"], no_purchase=[False, False, False, True, False]
    )
    found = checks.findings(table).set_index("name")
    assert list(found.index) == ["orders_of_one_amount"]  # of lines that are parts nothing is said
    assert found.loc["orders_of_one_amount", ["rows", "money"]].tolist() == [2, 9]


def test_an_order_booked_twice_under_two_numbers() -> None:
    rows = [("a", D1, 5.0), ("a", D1, 6.0)] * 2 + [("a", D1, 4.0), ("a", D1, 7.0)]
    orders = ["1", "1", "2", "2", "3", "3"]
    assert rows_of("orders_booked_twice", typed(rows, order_id=orders)) == (2, 2)
    apart = [("a", D1, 5.0), ("a", D1, 6.0), ("a", D2, 5.0), ("a", D2, 6.0)]
    assert rows_of("orders_booked_twice", typed(apart, order_id=orders[:4])) == (0, 0)


# --- times ---


def times(rng: np.random.Generator, rows: int, middle: float = 14 * 60) -> np.ndarray:
    return np.clip(rng.normal(middle, 180, rows), 400, 1330).astype(int)


def test_times_that_pile_up_at_midnight() -> None:
    rows, rng = shop(200, 4000, 9), np.random.default_rng(9)
    minutes = times(rng, 4000)
    assert rows_of("midnight_times", typed(rows, minute=minutes)) == (0, 0)
    minutes[:200] = 0
    assert rows_of("midnight_times", typed(rows, minute=minutes)) == (200, 200)
    assert rows_of("midnight_times", typed(rows, minute=np.zeros(4000, int))) == (0, 0)


@pytest.mark.parametrize("is_utc", [True, False])
def test_times_in_utc(is_utc: bool) -> None:
    rows, rng = shop(200, 60_000, 10), np.random.default_rng(10)
    local = pd.DatetimeIndex([day for _, day, _ in rows])
    local += pd.to_timedelta(times(rng, 60_000, 15 * 60) % 1440, unit="min")
    local += pd.to_timedelta(rng.integers(0, 180, 60_000), unit="min")
    seen = local.tz_localize("Europe/Warsaw", ambiguous=True, nonexistent="shift_forward")
    seen = (seen.tz_convert("UTC") if is_utc else seen).tz_localize(None)
    moved = [(who, str(at.date()), money) for (who, _, money), at in zip(rows, seen, strict=True)]
    minute = np.asarray(seen.hour * 60 + seen.minute)
    other = int((seen.date != local.date).sum())
    assert other > 0 or not is_utc
    assert rows_of("times_in_utc", typed(moved, minute=minute)) == (other, other)


def test_busy_hours_in_the_dead_of_night() -> None:
    rows, rng = shop(200, 4000, 11), np.random.default_rng(11)
    minutes = times(rng, 4000)
    assert rows_of("times_at_night", typed(rows, minute=minutes)) == (0, 0)
    assert rows_of("times_at_night", typed(rows, minute=(minutes + 660) % 1440)) == (4000, 4000)


# --- no false alarm ---


@pytest.mark.parametrize("seed", range(6))
def test_a_clean_shop_has_nothing_odd(seed: int) -> None:
    """Items of the made-up shop as an export has them: number, customer, day, amount, time."""
    made = orders(seed, customers=100 + 40 * seed)
    items = [(order, cents) for order in made for cents in order.items]
    rows = [(f"{order.customer}", str(order.day), cents / 100) for order, cents in items]
    minutes = times(np.random.default_rng(seed), len(made))
    found = checks.findings(
        typed(
            rows,
            order_id=[f"{order.number}" for order, _ in items],
            email=[order.email for order, _ in items],
            minute=[int(minutes[order.number - 1001]) for order, _ in items],
        )
    )
    assert found["name"].tolist() == []


@pytest.mark.slow
def test_false_alarms_on_clean_shops_are_rare() -> None:
    """Buyers of all kinds of rates, amounts and spreads; full returns are all matched."""
    odd = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        customers = int(np.exp(rng.uniform(np.log(40), np.log(2000))))
        rows = shop(customers, customers * int(rng.integers(2, 10)), seed, rng.uniform(0.3, 1.5))
        back = [
            (who, "2024-01-05", -amount) for who, _day, amount in rows[:: int(rng.integers(20, 90))]
        ]
        names = set(checks.findings(typed([*rows, *back]))["name"])
        odd += bool(names - {"returns_matched"})
    assert odd <= 3  # 5 %
