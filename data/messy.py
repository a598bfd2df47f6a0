"""The messy client: a made-up shop whose exports have every fault that exports have, counted.

It is there to try the suite on, and to learn what it does about each fault. ``docs/messy.md`` lists
what is planted; ``truth(seed)`` counts it, together with what is true of the shop: its customers,
purchases and revenue. The same seed makes the same files, byte for byte.

``python data/messy.py FOLDER [SEED]`` writes them; ``source: {messy: 7}`` does so by itself.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

START, END = date(2023, 1, 2), date(2024, 12, 30)
CUSTOMERS = 300
ORDERS = 2_400
GUESTS, CANCELLED, CREDITED, REFUNDED, LARGE = 0.03, 0.03, 0.02, 0.04, 0.02  # shares of orders
STRAY_QUOTES = 10  # lines with a quote that never ends; they belong to cancelled orders
MULTI_LINE_NOTES = 12
REPEATED_HEADERS = 2
TABS_ONLY = 5
AHEAD = 4  # pre-orders for the spring after the records end
TESTS = 6
PRODUCTS = ("Kubek", "Dzbanek", "Łyżka", "Herbata „Źródło”", "Miska")

FIRST = "a_2023.csv"
PARTS = ("b_1.csv", "b_2.csv", "b_10.csv")  # in this order: 10 comes after 2
COPY = "b_10_copy.csv"
EXPORT = (FIRST, *PARTS, COPY)
BESIDE: tuple[str, ...] = ()
COLUMNS = ("Order", "Date", "Customer", "Product", "Paid", "Refunded", "State", "Is test", "Note")
STATES = {  # how each file calls a sale, a cancelled order and a credit note
    FIRST: {"sale": "completed", "cancelled": "cancelled", "return": "credit note"},
    **{
        name: {"sale": "zrealizowane", "cancelled": "anulowane", "return": "korekta"}
        for name in PARTS
    },
}


@dataclass(frozen=True)
class Order:
    """One order or credit note; amounts in groszy. ``customer`` is None for a guest."""

    number: str
    day: date
    customer: int | None
    products: tuple[str, ...]
    amount: int
    kind: str = "sale"
    refunded: int = 0
    is_test: bool = False
    moved: bool = False  # open in the first of two files that hold it, cancelled in the second


@dataclass
class Truth:
    """What is planted, by kind, and what is true of the shop.

    Attributes
    ----------
    planted : Counter of str
        How many rows, lines or files have each fault.
    set_aside : Counter of str
        How many rows are no sale, by the reason.
    customers, occasions : int
        Who bought, and on how many days in all.
    revenue : float
        Of them, credit notes and refunds taken off.
    last_day : date
        The day of the last purchase.
    """

    planted: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    customers: int = 0
    occasions: int = 0
    revenue: float = 0.0
    last_day: date = END


def simulate(seed: int = 7) -> list[Order]:
    """Return all orders as they are in the end, by day."""
    random = Random(f"{seed}/messy")
    days = sorted(START + timedelta(random.randrange((END - START).days)) for _ in range(ORDERS))
    days[-1] = END
    weights = [random.gammavariate(0.8, 1) for _ in range(CUSTOMERS)]
    orders = [
        _order(random, 10_001 + n, day, random.choices(range(CUSTOMERS), weights)[0])
        for n, day in enumerate(days)
    ]
    orders[-1] = replace(orders[-1], customer=0, kind="sale", moved=False)
    bought = {(order.customer, order.day) for order in orders}
    credits = list(_credits(random, orders, bought))
    return sorted([*orders, *credits], key=lambda order: order.day)


def _order(random: Random, number: int, day: date, customer: int) -> Order:
    chance = random.random()
    large = random.random() < LARGE
    amount = random.randrange(100_000, 250_000) if large else random.randrange(900, 20_000)
    kind = "cancelled" if chance < CANCELLED else "sale"
    order = Order(
        number=str(number),
        day=day,
        customer=None if CANCELLED <= chance < CANCELLED + GUESTS else customer,
        products=tuple(random.sample(PRODUCTS, random.choice([1, 1, 2, 3]))),
        amount=amount,
        kind=kind,
        refunded=amount // 3 if kind == "sale" and random.random() < REFUNDED else 0,
    )
    since, to = (date(2024, 9, 1), date(2024, 10, 31))  # what two files hold
    if kind == "cancelled" and since <= day <= to:
        return replace(order, moved=True)
    return order


def _credits(
    random: Random, orders: Iterable[Order], bought: set[tuple[int | None, date]]
) -> Iterator[Order]:
    """Credit notes: positive amounts that take a sale back in part, on a day without a purchase."""
    for order in orders:
        day = order.day + timedelta(random.randrange(3, 9))
        sold = order.kind == "sale" and order.customer is not None and not order.refunded
        if (
            sold
            and random.random() < CREDITED
            and day < END
            and (order.customer, day) not in bought
        ):
            number, amount = f"K{order.number}", order.amount // 2
            yield Order(number, day, order.customer, order.products[:1], amount, "return")


def truth(seed: int = 7) -> Truth:
    """Count what is planted, and what is true of the shop."""
    found = Truth()
    files(seed, found.planted)
    orders = simulate(seed)
    known = [order for order in orders if order.customer is not None]
    sales = [order for order in known if order.kind == "sale"]
    found.customers = len({order.customer for order in sales})
    found.occasions = len({(order.customer, order.day) for order in sales})
    net = sum(order.amount - order.refunded for order in sales)
    net -= sum(order.amount for order in known if order.kind == "return")
    found.revenue = net / 100
    found.last_day = max(order.day for order in sales)
    found.set_aside = _set_aside(orders, found.planted)
    return found


def _set_aside(orders: Sequence[Order], planted: Counter[str]) -> Counter[str]:
    """Count the rows that are no sale, by what the suite calls the reason."""
    found = Counter[str]()
    for order in orders:
        if order.customer is None or order.kind == "cancelled":
            reason = "no_customer" if order.customer is None else "cancelled"
            found[reason] += len(order.products)
    found["replaced_order"] = planted["line replaced by a later file"]
    found["total_row"] = sum(n for fault, n in planted.items() if fault.startswith("total row"))
    found["dated_ahead"] = planted["day ahead"]
    found["repeated_header"] = planted["header repeated"]
    return found


def generate(folder: Path, seed: int = 7) -> None:
    """Write the exports into a folder; those there are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files(seed, Counter()).items():
        draft = folder / f".{name}.part"
        draft.write_bytes(content)
        draft.replace(folder / name)


def files(seed: int, planted: Counter[str]) -> dict[str, bytes]:
    """Return the files' contents by name, and count into ``planted`` what is wrong with them."""
    orders, random = simulate(seed), Random(f"{seed}/files")
    first = _English(random, planted).written([it for it in orders if it.day.year == 2023])
    parts = [
        [it for it in orders if since <= it.day <= to]
        for since, to in (
            (date(2024, 1, 1), date(2024, 6, 30)),
            (date(2024, 7, 1), date(2024, 10, 31)),
            (date(2024, 9, 1), END),
        )
    ]
    written = [
        _Polish(random, planted, name).written(part)
        for name, part in zip(PARTS, parts, strict=True)
    ]
    planted["file twice"] += 1
    planted["encodings"] += 2
    return {FIRST: first, **dict(zip(PARTS, written, strict=True)), COPY: written[-1]}


class _Export:
    """One file as a system writes it: an order's own cells stand on its first line alone."""

    mark = ","

    def __init__(self, random: Random, planted: Counter[str], name: str) -> None:
        self.random, self.planted, self.name = random, planted, name

    def day(self, day: date) -> str:
        return day.isoformat()

    def money(self, groszy: int) -> str:
        raise NotImplementedError

    def customer(self, order: Order) -> str:
        """Return the customer's e-mail in one of its spellings; 0 for a guest."""
        if order.customer is None:
            return "0"
        plain = f"klient{order.customer:04d}@example.com"
        spelt = self.random.choice([plain, plain, plain.upper(), plain.title(), f" {plain} "])
        self.planted["e-mail spelt otherwise"] += spelt.strip() != plain
        self.planted["padded id"] += spelt != spelt.strip()
        return spelt

    def lines(self, order: Order, note: str = "") -> list[str]:
        """Return an order's lines: what is the order's on the first one only."""
        state = STATES[self.name][order.kind]
        if order.moved and self.name == "b_2.csv":
            state = STATES[self.name]["sale"]
        self.planted["order of several lines"] += len(order.products) > 1
        head = [order.number, self.day(order.day), self.customer(order), order.products[0]]
        paid = self.money(order.amount)
        if order.kind == "return" and self.name == FIRST:
            self.planted["negative in parentheses"] += 1
            paid = f"({paid})"
        head += [paid, self.money(order.refunded), state, "yes" if order.is_test else "no", note]
        rest = [
            [order.number, self.day(day), "", product, *[""] * 5]
            for product, day in self.rest(order)
        ]
        return [self.mark.join(cells) for cells in [head, *rest]]

    def rest(self, order: Order) -> Iterator[tuple[str, date]]:
        """Return an order's other products, and the days on which they were sent."""
        for product in order.products[1:]:
            later = int(order.number.strip("KP")) % 11 == 0
            self.planted["parcel sent later"] += later
            yield product, order.day + timedelta(2 if later else 0)

    def row(self, **cells: str) -> str:
        return self.mark.join(cells.get(name, "") for name in COLUMNS)


class _English(_Export):
    """UTF-8 with a byte-order mark, title lines, ISO dates, 1_234.50, a total below each month."""

    def __init__(self, random: Random, planted: Counter[str]) -> None:
        super().__init__(random, planted, FIRST)

    def money(self, groszy: int) -> str:
        self.planted["underscore between thousands"] += groszy >= 100_000
        return f"{groszy / 100:_.2f}"

    def written(self, orders: Sequence[Order]) -> bytes:
        marked = {order.number for order in orders if order.kind == "cancelled"}
        alone = [it.number for it in orders if it.number in marked and len(it.products) == 1]
        stray = set(alone[:STRAY_QUOTES])
        sold = [order.number for order in orders if order.number not in marked]
        several = set(self.random.sample(sold, MULTI_LINE_NOTES))
        lines = ["Sales report 2023,,,", "Printed 02/01/2024,,,", ",,,", ",".join(COLUMNS)]
        self.planted["title line"] += 3
        for month in range(1, 13):
            own = [order for order in orders if order.day.month == month]
            for order in own:
                note = ""
                if order.number in stray:
                    note = '"szybko, prosze'
                    self.planted["stray quote"] += 1
                elif order.number in several:
                    note = '"dwie\nlinie, ""tak"""'
                    self.planted["note over two lines"] += 1
                lines += self.lines(order, note)
            lines += self._total(own)
        lines += self._grand_total(orders)
        for _ in range(REPEATED_HEADERS):
            lines.append(",".join(COLUMNS))
            self.planted["header repeated"] += 1
        return "\r\n".join(["\ufeff" + lines[0], *lines[1:], ""]).encode("utf-8")

    def _total(self, orders: Sequence[Order]) -> list[str]:
        """Return a total that bears a date, as a sale would."""
        self.planted["total row with a date"] += 1
        total = f"{sum(order.amount for order in orders) / 100:_.2f}"
        last = self.day(orders[-1].day)
        return [self.row(Date=last, Customer="Total", Paid=total, Refunded="0.00")]

    def _grand_total(self, orders: Sequence[Order]) -> list[str]:
        self.planted["total row without a date"] += 1
        total = f"{sum(order.amount for order in orders) / 100:_.2f}"
        return [self.row(Customer="Grand total", Paid=total)]


class _Polish(_Export):
    """cp1250, semicolons, 31.12.2024, 1 234,50 zł; a total without a name at the end."""

    mark = ";"

    def day(self, day: date) -> str:
        return day.strftime("%d.%m.%Y")

    def money(self, groszy: int) -> str:
        self.planted["currency sign"] += 1
        text = f"{groszy / 100:,.2f}".replace(",", " ").replace(".", ",")
        return f"{text} zł"

    def written(self, orders: Sequence[Order]) -> bytes:
        lines = [self.mark.join(COLUMNS)]
        tests = self._tests(orders)
        for order in orders:
            again = self.name == "b_10.csv" and order.day <= date(2024, 10, 31)
            self.planted["order in two files"] += again
            self.planted["status moved"] += again and order.moved
            own = self.lines(replace(order, is_test=order.number in tests))
            self.planted["line replaced by a later file"] += len(own) if again else 0
            lines += own
        if self.name == PARTS[0]:
            self.planted["total row without a name"] += 1
            total = self.money(sum(order.amount for order in orders))
            lines.append(self.row(Paid=total))
            lines += ["\t\t\t"] * TABS_ONLY
            self.planted["line of tabs"] += TABS_ONLY
        if self.name == PARTS[-1]:
            lines += self._ahead()
        return "\r\n".join([*lines, ""]).encode("cp1250")

    def _tests(self, orders: Sequence[Order]) -> set[str]:
        """Mark some cancelled orders as tests, in a column that nobody maps."""
        if self.name != PARTS[0]:
            return set()
        tests = [order.number for order in orders if order.kind == "cancelled"][:TESTS]
        self.planted["test"] += len(tests)
        return set(tests)

    def _ahead(self) -> list[str]:
        """Return pre-orders of customers, on days after the records end."""
        self.planted["day ahead"] += AHEAD
        days = [date(2025, 4, 1) + timedelta(9 * n) for n in range(AHEAD)]
        ahead = [Order(f"P{n}", day, n, ("Kubek",), 4_990) for n, day in enumerate(days)]
        return [line for order in ahead for line in self.lines(order)]


if __name__ == "__main__":
    generate(Path(sys.argv[1]), *(int(seed) for seed in sys.argv[2:]))
