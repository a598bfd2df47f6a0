"""The demo client: a made-up Polish tea shop whose truth is known, to learn and to test on.

Everything planted is a constant here; ``docs/demo.md`` lists it with what the suite finds. A
customer buys at a pace of their own, faster in autumn, and after each purchase may leave in
silence. The shop's export has the faults of real ones: days exported twice, cancelled orders,
returns, guests without a number. The same seed makes the same files, byte for byte.

``python data/demo.py FOLDER [SEED]`` writes them; ``source: {demo: 7}`` does so by itself.
"""

from __future__ import annotations

import csv
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate, count
from pathlib import Path
from random import Random

# --- the planted truth ---

START, END = date(2022, 1, 1), date(2024, 12, 31)
FOLLOWED_YEARS = 6  # lives go on after the export ends: what forecasts are held against

SEASON = (0.95, 1.00, 0.95, 0.95, 0.90, 0.80, 0.75, 0.80, 1.00, 1.10, 1.35, 1.45)  # by month
PACE_SHAPE, PACE_DAYS = 1.5, 45  # Gamma-mixed pace: mean 1 / PACE_DAYS purchases a day
LEAVE_SPREAD = 3.0  # a + b of the Beta-mixed chance to leave after a purchase
GIFT_STAY = 0.60  # who begins with a gift set stays this much more rarely after it
DECLINE = 0.05  # by how much the chance to stay after a purchase falls each year

BOX_SHARE = 0.055  # of new customers, who take the monthly box and nothing else
BOX_CHURN = (1.2, 13.0)  # Beta-mixed chance to cancel the box after a charge
BOX_PAUSE = 0.03  # of months in which a subscriber skips the box

RETURNED = 0.03  # of lines, sent back whole
CANCELLED = 0.025  # of orders are placed a second time, up to three days before, and cancelled
GUESTS = 0.015  # orders without a customer number, for each order with one

CAMPAIGN, CAMPAIGN_DAY = "Wracaj na herbatę", date(2024, 3, 4)
CAMPAIGN_SILENT = 120  # days of silence that made a repeat buyer eligible; half were left alone
CAMPAIGN_EFFECT = 0.08  # chance that a contact leads to one more order within CAMPAIGN_DAYS
CAMPAIGN_DAYS = 30


@dataclass(frozen=True)
class Channel:
    """Where customers come from: how many, at what cost, and how readily they leave."""

    name: str
    monthly: float  # new customers in a month on average
    cost: float  # of winning one, in PLN
    leave: float  # mean chance to leave after a purchase


CHANNELS = (
    Channel("newsletter", 30, 14, 0.07),
    Channel("polecenie znajomych", 32, 20, 0.09),
    Channel("strona www", 55, 0, 0.13),
    Channel("wyszukiwarka", 68, 78, 0.16),
    Channel("media społecznościowe", 40, 60, 0.27),
)
KEEPING = 1800.0  # PLN a month spent on those who are customers already


@dataclass(frozen=True)
class Product:
    """What the shop sells, in PLN; ``december`` is how much likelier in November and December."""

    name: str
    price: float
    weight: float
    december: float = 1.0


GIFT = Product("Zestaw prezentowy „Święta”", 119.00, 3, 6)
BOX = Product("Skrzynka miesięczna", 79.00, 0)
PRODUCTS = (
    Product("Herbata czarna Assam 100 g", 24.90, 16),
    Product("Herbata zielona Sencha 100 g", 32.50, 13),
    Product("Herbata owocowa Żurawina 100 g", 21.90, 11, 1.4),
    Product("Rumianek z miętą 50 g", 14.50, 7),
    Product("Yerba mate Złota 500 g", 38.00, 8),
    Product("Kawa ziarnista Etiopia 250 g", 44.00, 12),
    Product("Kawa mielona Brazylia 250 g", 36.00, 9),
    Product("Miód gryczany 400 g", 27.00, 6, 1.3),
    Product("Zaparzacz z łyżeczką", 29.00, 4),
    Product("Czajniczek żeliwny 0,8 l", 189.00, 2, 1.5),
    GIFT,
)

# --- what happens ---


@dataclass(frozen=True)
class Line:
    """One line of an order: product and pieces, negative where they come back."""

    product: Product
    quantity: int

    @property
    def amount(self) -> float:
        """Value in PLN."""
        return self.product.price * self.quantity


@dataclass(frozen=True)
class Order:
    """One order of one customer (None: a guest), or what was sent back from it."""

    day: date
    customer: str | None
    channel: str
    lines: tuple[Line, ...]
    status: str = "zrealizowane"


@dataclass
class Customer:
    """One life, with what no shop can see: the pace, the chance to leave, the true end.

    ``pace`` is in purchases per day of an even year (None: the monthly box); ``leave`` the
    chance to leave after a purchase, before decline; ``orders`` go on for years after the
    export ends; ``bought`` are the days of purchases of one's own accord, the last being the
    one after which the customer left, unless ``outlives``.
    """

    number: str
    channel: Channel
    first: date
    pace: float | None
    leave: float
    orders: list[Order] = field(default_factory=list)
    bought: list[date] = field(default_factory=list)
    outlives: bool = False
    arm: str | None = None  # of the campaign: contact or holdout

    def left_by(self, day: date) -> bool:
        """Whether the customer has left for good on a day."""
        return not self.outlives and self.bought[-1] <= day


@dataclass(frozen=True)
class Spend:
    """What was spent on one channel in one month, in PLN."""

    month: date
    channel: str
    purpose: str  # winning or keeping
    amount: float


@dataclass(frozen=True)
class Shop:
    """Everything that happens, seen and unseen."""

    customers: list[Customer]
    guests: list[Order]
    spend: list[Spend]


class Calendar:
    """A clock that runs faster in season: ``at`` reads it, ``day`` tells when it shows a time."""

    def __init__(self, first: date, last: date) -> None:
        self.first = first
        days = (first + timedelta(number) for number in range((last - first).days + 1))
        self._shown = [0.0, *accumulate(SEASON[day.month - 1] for day in days)]

    def at(self, day: date) -> float:
        """Return what the clock shows when a day begins."""
        return self._shown[(day - self.first).days]

    def day(self, shown: float) -> date | None:
        """Return the day on which the clock shows this; None after its last."""
        passed = bisect_right(self._shown, shown) - 1
        return None if passed >= len(self._shown) - 1 else self.first + timedelta(passed)


def simulate(seed: int = 7) -> Shop:
    """Let the shop live from START on; lives are followed for years beyond END."""
    calendar = Calendar(START, END.replace(year=END.year + FOLLOWED_YEARS))
    random = Random(f"{seed}/shop")
    spend = list(_spend(random))
    arrivals = sorted(_arrivals(random), key=lambda arrival: arrival[0])
    customers = [
        _live(Random(f"{seed}/{number}"), f"{number:06d}", day, channel, calendar)
        for number, (day, channel) in enumerate(arrivals, 1)
    ]
    orders = sum(len(_exported(customer.orders)) for customer in customers)
    return Shop(customers, list(_guests(random, round(GUESTS * orders))), spend)


def _months() -> Iterator[date]:
    years = range(START.year, END.year + 1)
    return (date(year, month, 1) for year in years for month in range(1, 13))


def _days_in(month: date) -> int:
    return (month.replace(day=28) + timedelta(4)).replace(day=1).toordinal() - month.toordinal()


def _spend(random: Random) -> Iterator[Spend]:
    """What winning and keeping cost, month by month; more before Christmas."""
    for month in _months():
        yield Spend(month, "newsletter", "keeping", round(KEEPING * random.uniform(0.9, 1.1), 2))
        for channel in CHANNELS:
            if channel.cost:
                planned = channel.cost * channel.monthly * SEASON[month.month - 1]
                amount = round(planned * random.uniform(0.9, 1.1), 2)
                yield Spend(month, channel.name, "winning", amount)


def _arrivals(random: Random) -> Iterator[tuple[date, Channel]]:
    """When new customers come, and from where: by chance, more of them in season."""
    for month in _months():
        days = _days_in(month)
        for channel in CHANNELS:
            daily = channel.monthly * SEASON[month.month - 1] / days
            passed = random.expovariate(daily)
            while passed < days:
                yield month + timedelta(int(passed)), channel
                passed += random.expovariate(daily)


def _live(random: Random, number: str, day: date, channel: Channel, calendar: Calendar) -> Customer:
    """One customer's life from the first purchase on."""
    if random.random() < BOX_SHARE:
        return _subscribe(random, number, day, channel, calendar)
    leave = random.betavariate(channel.leave * LEAVE_SPREAD, (1 - channel.leave) * LEAVE_SPREAD)
    pace = random.gammavariate(PACE_SHAPE, 1 / (PACE_SHAPE * PACE_DAYS))
    customer = Customer(number, channel, day, pace, leave)
    size = random.gammavariate(4, 1 / 4)  # how much this customer puts into a basket
    shown = calendar.at(day) + random.random() * SEASON[day.month - 1]
    bought: date | None = day
    while bought:
        customer.bought.append(bought)
        lines = _basket(random, bought, size)
        customer.orders += _placed(random, bought, customer, lines)
        began_with_gift = len(customer.bought) == 1 and any(line.product == GIFT for line in lines)
        if random.random() >= stay(leave, bought, began_with_gift):
            break
        shown += random.expovariate(pace)
        bought = calendar.day(shown)
    else:
        customer.outlives = True
    _contact(random, customer, size)
    return customer


def stay(leave: float, day: date, began_with_gift: bool) -> float:
    """Return the chance to remain a customer after a purchase on a day."""
    years = (day - START).days / 365.25
    declined = float((1 - DECLINE) ** years)
    return (1 - leave) * declined * (GIFT_STAY if began_with_gift else 1)


def _subscribe(
    random: Random, number: str, day: date, channel: Channel, calendar: Calendar
) -> Customer:
    """A subscriber's life: one box a month on the same day, until it is cancelled."""
    cancel = random.betavariate(*BOX_CHURN)
    customer = Customer(number, channel, day, None, cancel)
    last = END.replace(year=END.year + FOLLOWED_YEARS)
    for month in count():
        years, place = divmod(day.month - 1 + month, 12)
        charged = date(day.year + years, place + 1, min(day.day, 28))
        if charged > last:
            customer.outlives = True
            return customer
        if month and random.random() < BOX_PAUSE:
            continue
        customer.bought.append(charged)
        customer.orders += _placed(random, charged, customer, (Line(BOX, 1),))
        if random.random() < cancel:
            return customer
    raise AssertionError("months do not end")


def _basket(random: Random, day: date, size: float) -> tuple[Line, ...]:
    """What is bought at once: a few different products, one or more of each."""
    festive = day.month >= 11
    weights = [item.weight * (item.december if festive else 1) for item in PRODUCTS]
    kinds = min(1 + int(random.expovariate(1 / (0.5 + 0.6 * size))), 5)
    chosen = dict.fromkeys(random.choices(PRODUCTS, weights, k=kinds))
    return tuple(Line(item, min(1 + int(random.expovariate(1.6 / size)), 9)) for item in chosen)


def _placed(
    random: Random, day: date, customer: Customer, lines: tuple[Line, ...]
) -> Iterator[Order]:
    """An order as the shop's system holds it: at times cancelled before, or sent back later."""
    order = Order(day, customer.number, customer.channel.name, lines)
    if random.random() < CANCELLED:
        before = max(day - timedelta(random.randint(0, 3)), customer.first)
        yield replace(order, day=before, status="anulowane")
    yield order
    back = tuple(Line(line.product, -line.quantity) for line in lines if random.random() < RETURNED)
    if back:
        yield replace(order, day=day + timedelta(random.randint(4, 20)), lines=back, status="zwrot")


def _contact(random: Random, customer: Customer, size: float) -> None:
    """The campaign: half of the silent ones were written to, and some of those ordered once."""
    earlier = [day for day in customer.bought if day < CAMPAIGN_DAY]
    if len(earlier) < 2 or (CAMPAIGN_DAY - earlier[-1]).days < CAMPAIGN_SILENT:
        return
    customer.arm = random.choice(("contact", "holdout"))
    if customer.arm == "contact" and random.random() < CAMPAIGN_EFFECT:
        day = CAMPAIGN_DAY + timedelta(random.randint(1, CAMPAIGN_DAYS))
        customer.orders += _placed(random, day, customer, _basket(random, day, size))


def _guests(random: Random, orders: int) -> Iterator[Order]:
    """Orders of people who left no number behind."""
    for _ in range(orders):
        day = START + timedelta(random.randrange((END - START).days + 1))
        channel = random.choice(CHANNELS).name
        yield Order(day, None, channel, _basket(random, day, 1.0))


# --- what the shop hands out ---

# one file a year; each holds the last day of the year before, too
EXPORT = tuple(f"zamowienia_{year}.csv" for year in range(START.year, END.year + 1))
BESIDE = SPEND, CAMPAIGNS = "spend.csv", "campaigns.csv"
COLUMNS = (
    "Nr zamówienia",
    "Data zamówienia",
    "Nr klienta",
    "Produkt",
    "Ilość",
    "Wartość",
    "Kanał",
    "Status",
)


def generate(folder: Path, seed: int = 7) -> None:
    """Write the shop's export, its marketing spend and its campaign into a folder.

    Parameters
    ----------
    folder
        Where the files named in EXPORT and BESIDE go; those there are replaced.
    seed
        Which of all possible shops.
    """
    shop = simulate(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(_rows(shop))
    for year, name in enumerate(EXPORT, START.year):
        since = date(year - 1, 12, 31)
        own = [row for day, row in rows if since <= day <= date(year, 12, 31)]
        _write(folder / name, COLUMNS, own)
    _write(
        folder / SPEND,
        ("month", "channel", "purpose", "spend"),
        ((_day(it.month), it.channel, it.purpose, _number(it.amount)) for it in shop.spend),
    )
    contacted = [customer for customer in shop.customers if customer.arm]
    _write(
        folder / CAMPAIGNS,
        ("campaign", "date", "customer_id", "arm"),
        ((CAMPAIGN, _day(CAMPAIGN_DAY), it.number, it.arm) for it in contacted),
    )


def _exported(orders: Iterable[Order]) -> list[Order]:
    return [order for order in orders if order.day <= END]


def _rows(shop: Shop) -> Iterator[tuple[date, Sequence[str]]]:
    """Yield each line of the export with its day; orders are numbered as they came in."""
    orders = [order for customer in shop.customers for order in customer.orders]
    known = sorted(_exported([*orders, *shop.guests]), key=lambda order: order.day)
    for number, order in enumerate(known, 1):
        for line in order.lines:
            yield (
                order.day,
                (
                    f"Z{number:06d}",
                    _day(order.day),
                    order.customer or "",
                    line.product.name,
                    str(line.quantity),
                    _number(line.amount),
                    order.channel,
                    order.status,
                ),
            )


def _day(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def _number(amount: float) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a file as spreadsheets on Polish Windows do, complete or not at all."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("w", encoding="cp1250", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)
    draft.replace(path)


if __name__ == "__main__":
    generate(Path(sys.argv[1]), *(int(seed) for seed in sys.argv[2:]))
