"""An export of the made-up shop in the shape of each system that a recipe knows: right figures.

Each system's own ways are in it: several lines an order, cancelled, refunded and test orders,
guests, fees. Where only the client can say what something means, the stop is asserted, its line
applied, and the figures are right then.
"""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from retention_lib import proposal
from retention_lib.client.recipes import known_recipes
from retention_lib.errors import ConfigError
from tests import shop

MADE: Final = shop.orders(seed=7, customers=60, days=500)
_RECIPES: Final = known_recipes()
Row = dict[str, object]


def money(cents: int) -> str:
    return f"{cents / 100:.2f}"


def comma(cents: int) -> str:
    return f"{cents / 100:,.2f}".translate(str.maketrans(",.", ".,"))


def dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}${abs(cents) / 100:,.2f}"


def what(order: shop.Order) -> str:
    """Return what becomes of an order: most are sales, some are none, or given back in part."""
    return {5: "cancelled", 12: "refunded", 19: "part", 26: "guest", 33: "test"}.get(
        order.number % 41, "sale"
    )


def given_back(order: shop.Order) -> int:
    """Return what was refunded of an order that is one in part."""
    return order.cents // 4


def sold(*kinds: str) -> list[shop.Order]:
    """Return the orders that are sales, with those of further kinds."""
    return [order for order in MADE if what(order) in ("sale", *kinds)]


@dataclass(frozen=True)
class Export:
    """How a system writes the shop's orders.

    Attributes
    ----------
    recipe : str
        The recipe that it is recognised by.
    rows : callable
        Gives the cells of an order by column, several rows where the system writes several.
    kinds : tuple of str
        The kinds of orders that are in it besides sales.
    counted : tuple of str
        Those of them that are sales and belong to somebody.
    refunds : bool
        Whether what was refunded in part shows.
    stops : tuple of str
        What each status is that the client has to place, in the order in which the run asks.
    mark, encoding, name : str
        How the file is written and called.
    example : int
        Which of the recipe's headers it has.
    cents : int
        How many of the shop's cents are one in its currency.
    """

    recipe: str
    rows: Callable[[shop.Order], Iterator[Row]]
    kinds: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    refunds: bool = False
    stops: tuple[str, ...] = ()
    mark: str = ","
    encoding: str = "utf-8"
    name: str = "export.csv"
    example: int = 0
    cents: int = 100

    def written(self, folder: Path) -> Path:
        """Write the export."""
        header = list(_RECIPES[self.recipe].examples[self.example])
        file = folder / self.name
        with file.open("w", encoding=self.encoding, newline="") as out:
            lines = csv.writer(out, delimiter=self.mark)
            lines.writerow(header)
            for order in sold(*self.kinds):
                for row in self.rows(order):
                    assert row.keys() <= set(header), row.keys() - set(header)
                    lines.writerow([row.get(column, "") for column in header])
        return file

    @property
    def right(self) -> dict[str, Any]:
        """What the audit must say."""
        orders = sold(*self.counted)
        back = sum(given_back(o) for o in orders if what(o) == "part") if self.refunds else 0
        found = shop.right(orders, back)
        return found | {"revenue": float(str(found["revenue"])) * 100 / self.cents}


def by_kind(order: shop.Order, **said: str) -> str:
    """Return what a system says of the kind of an order: ``sale`` where nothing else."""
    return said.get(what(order), said["sale"])


def mail(order: shop.Order) -> str:
    return "" if what(order) == "guest" else order.email


def guest_id(order: shop.Order) -> int:
    return 0 if what(order) == "guest" else order.customer


# --- shops ----------------------------------------------------------------------------


def shopify(o: shop.Order) -> Iterator[Row]:
    status = by_kind(
        o, sale="paid", cancelled="voided", refunded="refunded", part="partially_refunded"
    )
    back = {"refunded": o.cents, "part": given_back(o)}.get(what(o), 0)
    for place, cents in enumerate(o.items):
        of_order: Row = {
            "Financial Status": status, "Fulfillment Status": "fulfilled", "Currency": "EUR",
            "Accepts Marketing": "no", "Subtotal": money(o.cents), "Shipping": "0.00",
            "Taxes": "0.00", "Total": money(o.cents), "Discount Amount": "0.00",
            "Refunded Amount": money(back), "Id": 5_000_000_000 + o.number,
            "Cancelled at": f"{o.day} 12:00:00 +0100" if what(o) == "test" else "",
            "Payment Method": "shopify_payments", "Source": "web", "Shipping Country": "DE",
        }  # fmt: skip
        yield {
            "Name": f"#{o.number}", "Email": o.email, "Created at": f"{o.day} 10:00:00 +0100",
            "Lineitem quantity": 1, "Lineitem name": f"Thing {place}",
            "Lineitem price": money(cents), "Lineitem sku": f"T-{place}", "Vendor": "The shop",
            **(of_order if not place else {}),
        }  # fmt: skip


def woocommerce(o: shop.Order) -> Iterator[Row]:
    status = by_kind(o, sale="completed", cancelled="cancelled", refunded="refunded")
    back = {"refunded": o.cents, "part": given_back(o)}.get(what(o), 0)
    for place, cents in enumerate(o.items):
        yield {
            "order_id": o.number, "order_number": o.number, "order_date": f"{o.day} 10:00:00",
            "status": status, "shipping_total": "0.00", "tax_total": "0.00",
            "order_total": money(o.cents), "refunded_total": money(back), "order_currency": "EUR",
            "payment_method": "stripe", "customer_id": guest_id(o), "billing_email": mail(o),
            "billing_first_name": "Ann", "billing_last_name": f"Last{o.customer}",
            "item_name": f"Thing {place}", "item_sku": f"T-{place}", "item_quantity": 1,
            "item_total": money(cents),
        }  # fmt: skip


def magento(o: shop.Order) -> Iterator[Row]:
    status = by_kind(o, sale="complete", cancelled="canceled", refunded="closed")
    back = {"refunded": o.cents, "part": given_back(o)}.get(what(o), 0)
    yield {
        "ID": f"{o.number:09d}", "Purchase Point": "Main Website Main Website Store English",
        "Purchase Date": f"{o.day:%b} {o.day.day}, {o.day.year} 10:00:00 AM",
        "Bill-to Name": f"Ann Last{o.customer}", "Ship-to Name": f"Ann Last{o.customer}",
        "Grand Total (Base)": dollars(o.cents), "Grand Total (Purchased)": dollars(o.cents),
        "Status": status, "Customer Email": o.email, "Customer Group": "General",
        "Subtotal": dollars(o.cents), "Shipping and Handling": "$0.00",
        "Customer Name": f"Ann Last{o.customer}", "Payment Method": "checkmo",
        "Total Refunded": dollars(back),
    }  # fmt: skip


def magento_1(o: shop.Order) -> Iterator[Row]:
    yield {
        "Order #": o.number + 100_000_000, "Purchased From (Store)": "Main Website",
        "Purchased On": f"{o.day:%b} {o.day.day}, {o.day.year} 3:04:05 PM",
        "Bill to Name": f"Ann Last{o.customer}", "Ship to Name": "Bob", "G.T. (Base)": dollars(o.cents),
        "G.T. (Purchased)": dollars(o.cents),
        "Status": by_kind(o, sale="Complete", cancelled="Canceled", refunded="Closed"),
    }  # fmt: skip


def prestashop(o: shop.Order) -> Iterator[Row]:
    yield {
        "ID": o.number, "Reference": f"REF{o.number:06d}", "New client": o.customer % 2,
        "Delivery": "Poland", "Customer": f"A. Last{o.customer:03d}", "Total": f"€{o.cents / 100:,.2f}",
        "Payment": "Bank transfer", "Date": f"{o.day} 10:00:00",
        "Status": by_kind(o, sale="Delivered", cancelled="Canceled", refunded="Refunded"),
    }  # fmt: skip


def prestashop_sql(o: shop.Order) -> Iterator[Row]:
    yield {
        "id_order": o.number, "reference": f"REF{o.number:06d}", "id_customer": o.customer,
        "email": o.email, "total_paid_tax_incl": f"{o.cents / 100:.6f}",
        "osname": by_kind(o, sale="Dostarczone", cancelled="Anulowane"), "date_add": f"{o.day} 10:00:00",
    }  # fmt: skip


def shoper(o: shop.Order) -> Iterator[Row]:
    yield {
        "Numer zamówienia": o.number,
        "Data zamówienia": f"{o.day} 10:00:00",
        "Status zamówienia": by_kind(o, sale="zrealizowane", cancelled="anulowane", part="zwrócone"),
        "Imię i nazwisko": f"Anna Nowak{o.customer}", "E-mail": o.email,
        "Suma zamówienia": f"{o.cents / 100:.2f}".replace(".", ","), "Waluta": "PLN",
    }  # fmt: skip


def shoprenter(o: shop.Order) -> Iterator[Row]:
    yield {
        "Rendelés azonosító": o.number, "Vásárló": f"Kovács {o.customer}", "E-mail": o.email,
        "Rendelés állapota": by_kind(o, sale="Teljesítve", cancelled="Törölve"),
        "Rendelés dátuma": f"{o.day:%Y. %m. %d.} 10:00", "Végösszeg": f"{o.cents:,} Ft".replace(",", " "),
        "Pénznem": "HUF",
    }  # fmt: skip


def unas(o: shop.Order) -> Iterator[Row]:
    yield {
        "Megrendelés azonosító": f"{o.number}-{o.customer}", "Megrendelés dátuma": f"{o.day:%Y.%m.%d.} 10:00:00",
        "Státusz": by_kind(o, sale="Lezárva", cancelled="Stornózva"), "Vevő neve": f"Kovács {o.customer}",
        "E-mail": o.email, "Fizetési mód": "Utánvét", "Szállítási mód": "Futár",
        "Bruttó összesen": o.cents, "Pénznem": "HUF",
    }  # fmt: skip


def opencart(o: shop.Order) -> Iterator[Row]:
    yield {
        "order_id": o.number, "invoice_no": 0, "store_name": "My Store", "customer_id": guest_id(o),
        "firstname": "Ann", "lastname": f"Last{o.customer}", "email": o.email, "telephone": "123",
        "payment_country": "Poland", "total": f"{o.cents / 100:.4f}",
        "order_status_id": by_kind(o, sale="5", cancelled="7", refunded="11", test="0"),
        "currency_code": "USD" if o.number % 3 else "EUR", "currency_value": "1.00000000",
        "date_added": f"{o.day} 10:00:00", "date_modified": f"{o.day} 11:00:00",
    }  # fmt: skip


def shopware(o: shop.Order) -> Iterator[Row]:
    for place, cents in enumerate(o.items):
        yield {
            "orderId": o.number - 900, "orderDetailId": o.number * 10 + place, "articleId": place + 1,
            "number": 20_000 + o.number, "customerId": o.customer, "paymentId": 5, "cleared": 12,
            "status": by_kind(o, sale="2", cancelled="4", refunded="-1"),
            "invoiceAmount": f"{o.cents / 100}", "invoiceAmountNet": f"{o.cents / 119:.2f}",
            "invoiceShipping": "0", "orderTime": f"{o.day} 10:00:00", "currency": "EUR",
            "email": o.email, "articleNumber": f"SW{place}", "articleName": f"Thing {place}",
            "price": f"{cents / 100}", "quantity": 1,
        }  # fmt: skip


def bigcommerce(o: shop.Order) -> Iterator[Row]:
    back = {"refunded": o.cents, "part": given_back(o)}.get(what(o), 0)
    yield {
        "Order ID": o.number, "Customer ID": guest_id(o), "Customer Name": "Ann", "Customer Phone": "1",
        "Customer Email": mail(o), "Order Date": f"{o.day:%d/%m/%Y}", "Tax Total": "0.00",
        "Order Status": by_kind(
            o, sale="Completed", cancelled="Cancelled", refunded="Refunded", part="Partially Refunded",
            test="Incomplete",
        ),
        "Subtotal (inc tax)": money(o.cents), "Subtotal (ex tax)": money(o.cents * 4 // 5),
        "Shipping Cost (inc tax)": "0.00", "Order Total (inc tax)": money(o.cents),
        "Order Total (ex tax)": money(o.cents * 4 // 5), "Payment Method": "Card",
        "Refund Amount": money(back), "Order Currency Code": "GBP",
    }  # fmt: skip


def etsy(o: shop.Order) -> Iterator[Row]:
    yield {
        "Sale Date": f"{o.day:%m/%d/%y}", "Order ID": 2_000_000_000 + o.number,
        "Buyer User ID": "" if what(o) == "guest" else f"buyer{o.customer}", "Full Name": f"Ann Last{o.customer}",
        "Number of Items": len(o.items), "Payment Method": "online_cc", "Ship Country": "Germany",
        "Date Shipped": f"{o.day:%m/%d/%y}", "Currency": "EUR", "Order Value": money(o.cents),
        "Discount Amount": "0", "Shipping Discount": "0", "Shipping": "0", "Sales Tax": "0",
        "Order Total": money(o.cents), "Card Processing Fees": "0.5", "Order Net": money(o.cents - 50),
        "Buyer": f"Ann ({o.customer})", "Order Type": "online", "Payment Type": "online_cc",
    }  # fmt: skip


# --- payments -------------------------------------------------------------------------


def stripe(o: shop.Order) -> Iterator[Row]:
    back = {"refunded": o.cents, "part": given_back(o)}.get(what(o), 0)
    common: Row = {
        "Amount": money(o.cents), "Currency": "eur", "Captured": "true", "Converted Currency": "eur",
        "Converted Amount": money(o.cents), "Description": f"Order {o.number}",
        "Mode": "Test" if what(o) == "test" else "Live", "Customer Email": mail(o),
        "Customer ID": "" if what(o) == "guest" else f"cus_{o.customer:08d}",
        "Created date (UTC)": f"{o.day} 10:00:00",
    }  # fmt: skip
    if o.number % 10 == 3:  # a card that was declined before
        yield common | {
            "id": f"ch_{o.number}x", "Status": "Failed", "Amount Refunded": "0.00",
            "Converted Amount Refunded": "0.00", "Decline Reason": "insufficient_funds",
        }  # fmt: skip
    yield common | {
        "id": f"ch_{o.number}", "Status": by_kind(o, sale="Paid", refunded="Refunded", cancelled="Failed"),
        "Amount Refunded": money(back), "Converted Amount Refunded": money(back), "Fee": "0.50",
    }  # fmt: skip


def paypal(o: shop.Order) -> Iterator[Row]:
    us = "shop@example.com"
    common: Row = {
        "Date": f"{o.day:%d/%m/%Y}", "Time": "10:00:00", "TimeZone": "CET", "Currency": "EUR",
        "Name": f"Ann Last{o.customer}", "Status": "Completed", "Country": "Germany",
    }  # fmt: skip
    status = by_kind(o, sale="Completed", cancelled="Denied", test="Pending")
    payment = "Express Checkout Payment" if o.number % 2 else "Website Payment"
    yield common | {
        "Type": payment, "Status": status, "Gross": money(o.cents), "Fee": "-0.35",
        "Net": money(o.cents - 35), "From Email Address": o.email, "To Email Address": us,
        "Transaction ID": f"TX{o.number}", "Balance Impact": "Credit", "Quantity": 1,
    }  # fmt: skip
    if what(o) in ("part", "refunded"):
        cents = given_back(o) if what(o) == "part" else o.cents
        yield common | {
            "Type": "Payment Refund", "Gross": money(-cents), "Fee": "0.00", "Net": money(-cents),
            "From Email Address": us, "To Email Address": o.email, "Transaction ID": f"RF{o.number}",
            "Reference Txn ID": f"TX{o.number}", "Balance Impact": "Debit",
        }  # fmt: skip
    if o.number % 25 == 0:
        yield common | {
            "Type": "General Withdrawal", "Gross": "-500.00", "Fee": "0.00", "Net": "-500.00",
            "From Email Address": us, "Transaction ID": f"WD{o.number}", "Balance Impact": "Debit",
        }  # fmt: skip


def square(o: shop.Order) -> Iterator[Row]:
    common: Row = {
        "Time Zone": "Eastern Time (US & Canada)", "Discounts": "$0.00", "Service Charges": "$0.00",
        "Gift Card Sales": "$0.00", "Tax": "$0.00", "Tip": "$0.00", "Partial Refunds": "$0.00",
        "Source": "Point of Sale", "Cash": "$0.00", "Fees": "-$0.30", "Location": "Main Street",
        "Customer ID": "" if what(o) == "guest" else f"SQ{o.customer:06d}",
        "Customer Name": "" if what(o) == "guest" else f"Ann Last{o.customer}",
    }  # fmt: skip
    days = [(o.cents, "Payment", "T")]
    if what(o) in ("part", "refunded"):
        days.append((-(given_back(o) if what(o) == "part" else o.cents), "Refund", "R"))
    for cents, event, letter in days:
        yield common | {
            "Date": f"{o.day:%m/%d/%y}", "Time": "10:00:00", "Gross Sales": dollars(cents),
            "Net Sales": dollars(cents), "Total Collected": dollars(cents), "Card": dollars(cents),
            "Net Total": dollars(cents - 30), "Transaction ID": f"{letter}{o.number}",
            "Payment ID": f"P{letter}{o.number}", "Event Type": event, "Description": "Thing",
        }  # fmt: skip


def square_items(o: shop.Order) -> Iterator[Row]:
    lines = [(1, cents, "Payment", "T") for cents in o.items]
    if what(o) == "part":
        lines.append((-1, -given_back(o), "Refund", "R"))
    for place, (quantity, cents, event, letter) in enumerate(lines):
        yield {
            "Date": f"{o.day:%m/%d/%y}", "Time": "10:00:00", "Time Zone": "Eastern Time (US & Canada)",
            "Category": "Things", "Item": f"Thing {place}", "Qty": quantity, "SKU": f"T-{place}",
            "Gross Sales": dollars(cents), "Discounts": "$0.00", "Net Sales": dollars(cents),
            "Tax": "$0.00", "Transaction ID": f"{letter}{o.number}", "Payment ID": f"P{o.number}",
            "Event Type": event, "Location": "Main Street",
            "Customer ID": "" if what(o) == "guest" else f"SQ{o.customer:06d}",
            "Customer Name": "" if what(o) == "guest" else f"Ann Last{o.customer}",
        }  # fmt: skip


# --- Amazon, sales teams, SAP, by hand ------------------------------------------------


def amazon_all(o: shop.Order) -> Iterator[Row]:
    for place, cents in enumerate(o.items):
        yield {
            "amazon-order-id": f"302-{o.number:07d}-0000001", "purchase-date": f"{o.day}T10:00:00+00:00",
            "last-updated-date": f"{o.day}T12:00:00+00:00", "order-status": by_kind(o, sale="Shipped", cancelled="Cancelled"),
            "fulfillment-channel": "Amazon", "sales-channel": "Amazon.de", "sku": f"T-{place}",
            "asin": f"B00{place}", "item-status": "Shipped", "quantity": 1, "currency": "EUR",
            "item-price": money(cents), "ship-city": "Berlin", "ship-postal-code": f"{10000 + o.customer}",
            "ship-country": "DE", "product-name": f"Thing {place}",
        }  # fmt: skip


def amazon_orders(o: shop.Order) -> Iterator[Row]:
    for place, cents in enumerate(o.items):
        yield {
            "order-id": f"302-{o.number:07d}-0000001", "order-item-id": f"{o.number}{place}",
            "purchase-date": f"{o.day}T10:00:00+00:00", "payments-date": f"{o.day}T10:30:00+00:00",
            "buyer-email": f"b{o.customer}@marketplace.amazon.de", "buyer-name": "Ann", "sku": f"T-{place}",
            "product-name": f"Thing {place}", "quantity-purchased": 1, "currency": "EUR",
            "item-price": money(cents), "item-tax": "0.00", "shipping-price": "0.00",
            "recipient-name": "Ann", "ship-country": "DE",
        }  # fmt: skip


def amazon_shipments(o: shop.Order) -> Iterator[Row]:
    for place, cents in enumerate(o.items):
        yield {
            "amazon-order-id": f"302-{o.number:07d}-0000001", "shipment-id": f"S{o.number}{place}",
            "shipment-item-id": f"I{o.number}{place}", "amazon-order-item-id": f"{o.number}{place}",
            "purchase-date": f"{o.day}T10:00:00+00:00", "payments-date": f"{o.day}T10:30:00+00:00",
            "shipment-date": f"{o.day.fromordinal(o.day.toordinal() + 2 + place)}T10:00:00+00:00",
            "reporting-date": f"{o.day.fromordinal(o.day.toordinal() + 3)}T10:00:00+00:00",
            "buyer-email": f"b{o.customer}@marketplace.amazon.de", "buyer-name": "Ann",
            "sku": f"T-{place}", "product-name": f"Thing {place}", "quantity-shipped": 1,
            "currency": "EUR", "item-price": money(cents), "item-tax": "0.00", "ship-country": "DE",
            "sales-channel": "amazon.de",
        }  # fmt: skip


def salesforce(o: shop.Order) -> Iterator[Row]:
    yield {
        "Opportunity Owner": f"Owner {o.customer % 4}", "Account Name": f"Account {o.customer:03d}",
        "Opportunity Name": f"Deal {o.number}", "Fiscal Period": f"Q1-{o.day.year}",
        "Stage": by_kind(o, sale="Closed Won", cancelled="Closed Lost", refunded="Negotiation/Review"),
        "Amount": f"EUR {o.cents / 100:,.2f}", "Probability (%)": "100%", "Age": 20,
        "Close Date": f"{o.day.month}/{o.day.day}/{o.day.year}",
        "Created Date": f"{o.day.month}/{o.day.day}/{o.day.year}", "Lead Source": "Web", "Type": "New",
    }  # fmt: skip


def salesforce_api(o: shop.Order) -> Iterator[Row]:
    yield {
        "Id": f"006{o.number:012d}AAA", "AccountId": f"001{o.customer:012d}AAA", "Name": f"Deal {o.number}",
        "StageName": by_kind(o, sale="Closed Won", cancelled="Closed Lost"),
        "Amount": f"{o.cents / 100}", "CloseDate": o.day, "OwnerId": f"005{o.customer % 4:012d}AAA",
        "IsWon": by_kind(o, sale="true", cancelled="false"), "CurrencyIsoCode": "EUR",
    }  # fmt: skip


def sap_tables(o: shop.Order) -> Iterator[Row]:
    common: Row = {
        "MANDT": 100, "ERDAT": f"{o.day:%Y%m%d}", "ERZET": "100000", "ERNAM": "SMITH",
        "AUDAT": f"{o.day:%Y%m%d}", "AUART": "TA", "WAERK": "EUR", "VKORG": 1000, "VTWEG": 10,
        "SPART": "00", "KUNNR": f"{o.customer:010d}",
    }  # fmt: skip
    kind = by_kind(o, sale="C", cancelled="B")
    yield common | {"VBELN": f"{o.number:010d}", "VBTYP": kind, "NETWR": money(o.cents)}
    if what(o) == "part":
        back = {
            "VBELN": f"{60_000_000 + o.number:010d}",
            "VBTYP": "H",
            "NETWR": money(given_back(o)),
        }
        yield common | back


def sap_lists(o: shop.Order) -> Iterator[Row]:
    for place, cents in enumerate(o.items):
        yield {
            "Verkaufsbeleg": o.number, "Belegdatum": f"{o.day:%d.%m.%Y}", "Auftraggeber": 10_000 + o.customer,
            "Material": f"MAT-{place}", "Auftragsmenge": "1,000", "Nettowert": comma(cents), "Währg": "EUR",
        }  # fmt: skip
    if what(o) == "part":
        yield {
            "Verkaufsbeleg": 60_000 + o.number, "Belegdatum": f"{o.day:%d.%m.%Y}",
            "Auftraggeber": 10_000 + o.customer, "Material": "MAT-0", "Auftragsmenge": "1,000-",
            "Nettowert": f"{comma(given_back(o))}-", "Währg": "EUR",
        }  # fmt: skip


def by_hand(o: shop.Order) -> Iterator[Row]:
    yield {"Vevő": f"Kovács {o.customer}", "Dátum": f"{o.day:%Y.%m.%d}", "Összeg": f"{o.cents} Ft"}


NONE: Final = ("cancelled", "refunded")
EXPORTS: Final = (
    Export("shopify", shopify, (*NONE, "part", "test"), ("part",), refunds=True),
    Export("woocommerce", woocommerce, (*NONE, "part", "guest"), ("part",), refunds=True),
    Export("magento", magento, (*NONE, "part"), ("part",), refunds=True),
    Export("magento", magento_1, NONE, example=1),
    Export("prestashop", prestashop, NONE, mark=";"),
    Export("prestashop", prestashop_sql, ("cancelled",), mark=";", example=1),
    Export(
        "shoper",
        shoper,
        ("cancelled", "part"),
        mark=";",
        encoding="utf-8-sig",
        example=1,
        stops=("cancelled",),
    ),
    Export(
        "shoprenter", shoprenter, ("cancelled",), mark=";", encoding="cp1250", example=1, cents=1
    ),
    Export("unas", unas, ("cancelled",), mark=";", encoding="utf-8-sig", cents=1),
    Export("opencart", opencart, (*NONE, "test")),
    Export("shopware5", shopware, NONE, mark=";"),
    Export("bigcommerce", bigcommerce, (*NONE, "part", "guest", "test"), ("part",), refunds=True),
    Export("etsy", etsy, ("guest",)),
    Export("stripe", stripe, (*NONE, "part", "test", "guest"), ("part",), refunds=True),
    Export("paypal", paypal, ("cancelled", "part", "test"), ("part",), refunds=True),
    Export("square-transactions", square, ("refunded", "part", "guest"), ("part",), refunds=True),
    Export("square-items", square_items, ("part", "guest"), ("part",), refunds=True),
    Export("amazon-orders", amazon_orders, mark="\t", name="orders.txt"),
    Export("amazon-shipments", amazon_shipments, mark="\t", name="shipments.txt"),
    Export("salesforce", salesforce, NONE),
    Export("salesforce", salesforce_api, ("cancelled",), example=1),
    Export("sap-tables", sap_tables, ("cancelled", "part"), ("part",), refunds=True, mark=";"),
    Export("sap-lists", sap_lists, ("part",), ("part",), refunds=True, mark=";"),
    Export("excel-sheet", by_hand, mark=";", example=1, cents=1),
)


NOBODY: Final = Export(
    "amazon-all-orders", amazon_all, ("cancelled",), mark="\t", name="orders.txt"
)


def propose(file: Path, *said: str) -> proposal.Proposed:
    return proposal.propose(
        "shop", [str(file)], proposal.assigned(list(said)), lambda message, choices: None
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for exports, beside one for clients."""
    monkeypatch.setenv("RETENTION_ROOT", str(tmp_path / "root"))
    (tmp_path / "root" / "data" / "clients").mkdir(parents=True)
    (tmp_path / "exports").mkdir()
    return tmp_path / "exports"


def test_every_recipe_has_an_export() -> None:
    assert {export.recipe for export in EXPORTS} | {NOBODY.recipe} == set(_RECIPES)


@pytest.mark.slow
@pytest.mark.parametrize("export", EXPORTS, ids=lambda it: it.rows.__name__)
def test_an_export_gives_the_right_figures(export: Export, place: Path) -> None:
    file = export.written(place)
    said: list[str] = []
    for meaning in export.stops:
        with pytest.raises(proposal.OpenError, match="What does the status") as stop:
            propose(file, *said)
        line = next(it for it in stop.value.choices if f"{meaning}:" in it.line.split("[")[-2])
        said += shlex.split(proposal.arguments(line))[1:]
    found = propose(file, *said)
    assert f"Recognised as {_RECIPES[export.recipe].system}." in found.notes
    assert found.audit is not None
    for name, value in export.right.items():
        read = getattr(found.audit, name)
        if isinstance(value, float):
            assert read == pytest.approx(value, abs=0.005), name
        else:
            assert str(read) == str(value), name


@pytest.mark.slow
def test_a_report_that_does_not_say_who_bought_stops(place: Path) -> None:
    with pytest.raises(ConfigError, match="none of its columns says who bought") as stop:
        propose(NOBODY.written(place))
    assert "Amazon Fulfilled Shipments" in str(stop.value)
    assert stop.value.choices == ()
