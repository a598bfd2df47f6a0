"""What is true of the demo client, computed from its hidden lives and never from its export.

The generator knows each customer's pace and chance to leave, so what a perfect analyst would
expect can be computed without the library: chances, not the outcomes that happened to be drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable
from datetime import date, timedelta
from functools import cache
from statistics import fmean
from typing import Any

from retention_lib.client import load_client, project_root
from retention_lib.sources.generated import imported

demo: Any = imported(project_root() / "data" / "demo.py")
CLIENT = load_client("demo")
SEED = int(CLIENT.source.demo or 0)
END: date = demo.END
DAY = timedelta(1)
CLOCK = demo.Calendar(demo.START, END.replace(year=END.year + 4))
WINDOW = (date(2024, 9, 1), END)  # the four months that the suite arrives at
PRIOR = (date(2024, 5, 1), date(2024, 8, 31))
YEAR_EARLIER = tuple(
    (since.replace(year=2023), to.replace(year=2023)) for since, to in (PRIOR, WINDOW)
)


@cache
def shop() -> Any:
    """Everything that happened in the demo client's shop."""
    return demo.simulate(SEED)


# --- what the export holds ---


def lines(wanted: Callable[[Any], bool]) -> int:
    """Return how many lines of the export belong to such orders, each line counted once."""
    own = (order for customer in shop().customers for order in customer.orders)
    orders = (order for order in [*own, *shop().guests] if order.day <= END)
    return sum(len(order.lines) for order in orders if wanted(order))


def exported_twice(order: Any) -> bool:
    """Whether two yearly files hold an order: those of the last day of all years but the last."""
    return order.day < END and (order.day.month, order.day.day) == (12, 31)


# --- chances ---


def back_between(customer: Any, since: date, to: date) -> float:
    """Return the chance that somebody who is still a customer buys between two days."""
    if customer.pace is None:
        return float(1 - demo.BOX_PAUSE ** ((to - since).days // 30))
    return 1 - math.exp(-customer.pace * (CLOCK.at(to + DAY) - CLOCK.at(since)))


def stays_after_first(customer: Any) -> float:
    """Return the chance to remain a customer after the first purchase."""
    if customer.pace is None:
        return float(1 - customer.leave)
    return float(demo.stay(customer.leave, customer.first, began_with_gift(customer)))


def began_with_gift(customer: Any) -> bool:
    """Whether a gift set was in the first basket."""
    first = next(order for order in customer.orders if order.status == "zrealizowane")
    return any(line.product == demo.GIFT for line in first.lines)


def second_within(customer: Any, days: int) -> float:
    """Return the chance of a second purchase within so many days of the first."""
    last = customer.first + timedelta(days)
    return stays_after_first(customer) * back_between(customer, customer.first + DAY, last)


def expected_back(members: Iterable[Any], window: tuple[date, date]) -> float:
    """Return the share of customers to be expected in a window, given who has left before it."""
    before = window[0] - DAY
    chances = (
        0.0 if customer.left_by(before) else back_between(customer, *window) for customer in members
    )
    return fmean(chances)


def bought_in(period: tuple[date, date]) -> list[Any]:
    """Return the customers of a period."""
    since, to = period
    return [it for it in shop().customers if any(since <= day <= to for day in it.bought)]


def returning(period: tuple[date, date]) -> list[Any]:
    """Return the customers of a period who had bought before it."""
    return [customer for customer in bought_in(period) if customer.first < period[0]]


def first_time(period: tuple[date, date]) -> list[Any]:
    """Return the customers of a period who had not."""
    return [customer for customer in bought_in(period) if customer.first >= period[0]]


def charged(times: int) -> list[Any]:
    """Return the subscribers of the monthly box who had been charged at least so many times."""
    boxes = [it for it in shop().customers if it.pace is None]
    return [it for it in boxes if sum(day <= END for day in set(it.bought)) >= times]


def box_churn() -> float:
    """Return the chance to cancel after a charge, over the charges that tell.

    From a subscriber's fourth charge on, and up to 63 days before the export ends: of later
    charges nobody can know yet whether another follows.
    """
    last = END - timedelta(days=64)
    return fmean(it.leave for it in charged(4) for day in sorted(set(it.bought))[3:] if day <= last)


def began(matches: Callable[[Any], bool], days: int) -> list[Any]:
    """Return the customers of one kind whose first purchase is at least so many days old."""
    return [customer for customer in seen_for(days) if matches(customer)]


def seen_for(days: int) -> list[Any]:
    """Return the customers whose first purchase is at least so many days old."""
    return [it for it in shop().customers if it.first <= END - timedelta(days)]


def cycle_days(tau: int) -> int:
    """Return the days after which half of those are back who come back within ``tau`` days."""
    half = _share_back(tau) / 2
    return next(days for days in range(1, tau) if _share_back(days) >= half)


@cache
def _share_back(days: int) -> float:
    """Return the chance of a second purchase within so many days, averaged over customers."""
    return fmean(
        stays_after_first(it) * (days > 30) if it.pace is None else second_within(it, days)
        for it in shop().customers
    )


# --- what came after the export ---


def still_customers() -> float:
    """Return the share of all customers who had not left when the export ended."""
    return fmean(not customer.left_by(END) for customer in shop().customers)


def customers(only: Container[str] | None) -> list[Any]:
    """Return all customers, or only those of some numbers."""
    return [it for it in shop().customers if only is None or it.number in only]


def purchases_next_year(only: Container[str] | None = None) -> int:
    """Return how many purchases today's customers went on to make in the next twelve months."""
    until = END.replace(year=END.year + 1)
    return sum(END < day <= until for it in customers(only) for day in set(it.bought))


def margin_next_year(only: Container[str] | None = None) -> float:
    """Return what they were worth, at the margin and discount rate of the client's YAML."""
    until = END.replace(year=END.year + 1)
    later = (order for it in customers(only) for order in it.orders if END < order.day <= until)
    return sum(_margin(order, END) for order in later)


def margin_of_a_new_one(matches: Callable[[Any], bool]) -> float:
    """Return what a customer of one kind who came in the last year brought within twelve months.

    The first purchase and all later ones, less what was sent back; each as of the first day.
    """
    own = [it for it in shop().customers if it.first.year == END.year and matches(it)]
    return fmean(sum(_margin(it, one.first) for it in _first_year(one)) for one in own)


def _first_year(customer: Any) -> list[Any]:
    """Return the orders of a customer's first twelve months."""
    return [it for it in customer.orders if _months(it.day - customer.first) <= 12]


def _margin(order: Any, today: date) -> float:
    """Return what an order is worth as of a day: nothing if it was cancelled."""
    if order.status == "anulowane":
        return 0.0
    margin, rate = CLIENT.economics.margin or 1, CLIENT.economics.discount_rate
    worth = (1 + rate) ** (-_months(order.day - today) / 12)
    return float(margin * sum(line.amount for line in order.lines) * worth)


def _months(time: timedelta) -> int:
    """Return in which month ahead a day lies, of 365.25 / 12 days each."""
    return math.ceil(time.days * 12 / 365.25)


# --- the campaign and the spend ---


def campaign_effect() -> float:
    """Return by how much a contact raised the chance to buy within the campaign's days."""
    to = demo.CAMPAIGN_DAY + timedelta(demo.CAMPAIGN_DAYS)
    arms = [customer for customer in shop().customers if customer.arm]
    without = expected_back(arms, (demo.CAMPAIGN_DAY, to))
    return float(demo.CAMPAIGN_EFFECT * (1 - without))


def cost_of_winning() -> float:
    """Return what was spent on winning for each new customer, in PLN."""
    spent = sum(it.amount for it in shop().spend if it.purpose == "winning")
    return float(spent / len(shop().customers))
