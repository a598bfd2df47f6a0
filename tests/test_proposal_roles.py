"""Which column is which: headers of many systems in five languages, over values as they have them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from retention_lib.client.lines import with_line
from retention_lib.proposal.profiles import named_by, profiles
from retention_lib.proposal.roles import Roles, roles
from retention_lib.sources import Raw

ASKED = "?"
ORDERS, CUSTOMERS = 300, 60
COUNTRIES, PRODUCTS = ("PL", "DE", "HU"), tuple(f"Item {letter}" for letter in "ABCDEFGH")


def lines() -> Iterator[dict[str, Any]]:
    """Yield the lines of made-up orders: what each kind of column holds."""
    chance = random.Random(7)
    for number in range(ORDERS):
        who, day = chance.randrange(CUSTOMERS), date(2024, 1, 2) + timedelta(chance.randrange(700))
        prices = [round(chance.uniform(2, 40), 2) for _ in range(chance.choice([1, 1, 2, 3]))]
        pieces = [chance.choice([1, 1, 2, 5]) for _ in prices]
        total = round(sum(p * q for p, q in zip(prices, pieces, strict=True)), 2)
        for line, (price, piece) in enumerate(zip(prices, pieces, strict=True), 1):
            yield {
                "customer": 100 + who,
                "code": f"K{who:05d}",
                "guest": 0 if number % 3 == 0 else 100 + who,
                "mail": f"kunde{who}@example.com",
                "agent_mail": f"agent{who % 3}@shop.example",
                "person": f"Anna Kowalska {who}",
                "phone": f"48601{who:06d}",
                "postcode": f"{10000 + 37 * who}",
                "city": f"City {who % 20}",
                "birth": (date(1980, 1, 1) + timedelta(37 * who)).isoformat(),
                "order": 1000 + number,
                "invoice": f"FV/{number}/2024",
                "line_id": f"{1000 + number}-{line}",
                "line": line,
                "day": day.isoformat(),
                "time": f"{day.isoformat()} 16:34:46 +0100",
                "dotted": day.strftime("%d.%m.%Y"),
                "hungarian": day.strftime("%Y. %m. %d."),
                "slashed": day.strftime("%d/%m/%Y"),
                "epoch": 1_700_000_000 + 86_400 * number,
                "serial": 45_000 + number,
                "later": (day + timedelta(3 + number % 4)).isoformat(),
                "total": f"{total:.2f}",
                "comma": f"{total:.2f}".replace(".", ","),
                "forint": f"{1000 * total:,.0f} Ft".replace(",", "\u00a0"),
                "whole": round(100 * total),
                "net": f"{total / 1.23:.2f}",
                "tax": f"{total - total / 1.23:.2f}",
                "shipping": "4.99" if number % 2 else "0.00",
                "off": "0.00" if number % 5 else "2.00",
                "refunded": "0.00" if number % 9 else f"{total:.2f}",
                "price": f"{price:.2f}",
                "pieces": piece,
                "line_total": f"{price * piece:.2f}",
                "cost": f"{price * piece * 0.6:.2f}",
                "status": "cancelled" if number % 11 == 0 else "completed",
                "sent": "fulfilled" if number % 4 else "",
                "currency": "EUR",
                "product": PRODUCTS[(number + line) % len(PRODUCTS)],
                "sku": f"{85123 + (number + line) % 8}A",
                "country": COUNTRIES[who % 3],
                "source": ("web", "shop")[number % 2],
                "group": ("retail", "wholesale")[who % 2],
                "note": f"note {number}" if number % 20 == 0 else "",
                "empty": "",
            }


LINES = pd.DataFrame(lines())


def found(header: list[tuple[str, str]], given: dict[str, str | None] | None = None) -> Roles:
    """Return what is found for columns that are called so and hold such values."""
    frame = pd.DataFrame({str(at): LINES[kind].astype(str) for at, (_, kind) in enumerate(header)})
    names = {name: str(at) for at, (name, _) in enumerate(header)}
    table = ibis.duckdb.connect().create_table("raw", frame.replace("", None))
    raw = Raw(table, "", (), names, "orders.csv", Path("nowhere"))
    return roles(profiles(raw), given or {}, partial(named_by, raw))


def columns(text: str) -> list[tuple[str, str]]:
    """Return ``Order ID=order; Total=total`` as pairs."""
    pairs = (part.rpartition("=") for part in text.split(";"))
    return [(name.strip(), kind.strip()) for name, _, kind in pairs]


# name: (header, what is right); columns that are not named must not be mapped to what changes figures
SYSTEMS: dict[str, tuple[str, dict[str, str]]] = {
    "plain": (
        "order=order; customer=customer; day=day; total=total",
        {"order_id": "order", "customer_id": "customer", "ordered_at": "day", "amount": "total"},
    ),
    "uci": (
        ("InvoiceNo=order; StockCode=sku; Description=product; Quantity=pieces; InvoiceDate=day; "
        "UnitPrice=price; CustomerID=customer; Country=country"),
        {"order_id": "InvoiceNo", "customer_id": "CustomerID", "ordered_at": "InvoiceDate",
         "quantity": "Quantity", "unit_price": "UnitPrice", "region": "Country"},
    ),
    "shop with everything": (
        ("Order ID=order; Created at=time; Paid at=later; Delivery date=later; Email=mail; "
        "Customer ID=customer; Phone=phone; Postcode=postcode; Birth date=birth; Subtotal=net; "
        "Shipping=shipping; Taxes=tax; Total=total; Currency=currency; Status=status; "
        "Refunded amount=refunded; Note=note"),
        {"order_id": "Order ID", "customer_id": "Customer ID", "ordered_at": "Created at",
         "amount": "Total", "currency": "Currency", "status": "Status", "email": "Email",
         "refunded": "Refunded amount"},
    ),
    "guests": (
        ("order_id=order; order_date=time; status=status; order_total=total; customer_id=guest; "
        "billing_email=mail"),
        {"order_id": "order_id", "customer_id": ASKED, "ordered_at": "order_date",
         "amount": "order_total", "status": "status"},
    ),
    "only e-mail": (
        "Number=order; Date=day; E-mail=mail; Grand total=total",
        {"customer_id": "E-mail", "ordered_at": "Date", "amount": "Grand total"},
    ),
    "two e-mails": (
        "Order number=order; Date=day; Agent e-mail=agent_mail; Customer e-mail=mail; Amount=total",
        {"order_id": "Order number", "customer_id": "Customer e-mail", "ordered_at": "Date",
         "amount": "Amount"},
    ),
    "amount that counts": (
        "Date=day; Customer=customer; Amount=pieces; Price=price",
        {"customer_id": "Customer", "ordered_at": "Date", "amount": ASKED},
    ),
    "net and gross": (
        "Date=day; Customer no.=customer; Net amount=net; Gross amount=total; VAT=tax",
        {"customer_id": "Customer no.", "ordered_at": "Date", "amount": ASKED},
    ),
    "line and order totals": (
        ("Order no=order; Order date=day; Customer code=code; Item=product; Qty=pieces; "
        "Line total=line_total; Order total=total"),
        {"order_id": "Order no", "customer_id": "Customer code", "ordered_at": "Order date",
         "amount": "Order total", "quantity": "Qty", "product": "Item"},
    ),
    "customers beside": (
        ("Sale date=day; Customer name=person; Customer group=group; Customer city=city; "
        "Customer number=customer; Telephone=phone; Value=total"),
        {"customer_id": "Customer number", "ordered_at": "Sale date", "amount": "Value"},
    ),
    "name alone": (
        "Date=day; Customer name=person; Amount=total",
        {"customer_id": ASKED, "ordered_at": "Date", "amount": "Amount"},
    ),
    "delivery alone": (
        "Order=order; Delivery date=later; Customer=customer; Amount=total",
        {"order_id": "Order", "ordered_at": ASKED, "customer_id": "Customer", "amount": "Amount"},
    ),
    "database": (
        ("order_key=order; cust_id=customer; created_on=time; updated_on=later; amt=total; "
        "tax_amt=tax; ship_amt=shipping; qty=pieces"),
        {"order_id": "order_key", "customer_id": "cust_id", "ordered_at": "created_on", "amount": "amt", "quantity": "qty"},
    ),
    "camel": (
        ("OrderID=order; CustomerID=code; OrderDate=day; RequiredDate=later; ShippedDate=later; "
        "Freight=shipping; ShipCountry=country; ProductID=sku; UnitPrice=price; Quantity=pieces; "
        "Discount=off"),
        {"order_id": "OrderID", "customer_id": "CustomerID", "ordered_at": "OrderDate",
         "unit_price": "UnitPrice", "quantity": "Quantity", "product": "ProductID"},
    ),
    "sap": (
        "VBELN=order; KUNNR=code; ERDAT=dotted; MATNR=sku; KWMENG=pieces; NETWR=comma; WAERK=currency",
        {"order_id": "VBELN", "customer_id": "KUNNR", "ordered_at": "ERDAT", "amount": "NETWR",
         "quantity": "KWMENG", "currency": "WAERK", "product": "MATNR"},
    ),
    "epoch": (
        "id=order; user_id=customer; created_at=epoch; amount=total",
        {"order_id": "id", "customer_id": "user_id", "ordered_at": "created_at", "amount": "amount"},
    ),
    "serial": (
        "Date=serial; Client=code; Sales=total",
        {"customer_id": "Client", "ordered_at": "Date", "amount": "Sales"},
    ),
    "cents": (
        "Order date=day; Customer ID=customer; Total=whole",
        {"customer_id": "Customer ID", "ordered_at": "Order date", "amount": "Total"},
    ),
    "cost and margin": (
        "Order date=day; Customer ID=customer; Cost=cost; Revenue=total; Discount=off",
        {"customer_id": "Customer ID", "ordered_at": "Order date", "amount": "Revenue"},
    ),
    "only prices": (
        "Order date=day; Customer ID=customer; Price=price",
        {"customer_id": "Customer ID", "ordered_at": "Order date", "amount": ASKED},
    ),
    "no money": (
        "Order date=day; Customer ID=customer; Product=product",
        {"customer_id": "Customer ID", "ordered_at": "Order date", "product": "Product"},
    ),
    "tax alone is no amount": (
        "Order date=day; Customer ID=customer; Tax=tax",
        {"customer_id": "Customer ID", "ordered_at": "Order date", "amount": ASKED},
    ),
    "fulfilment is no status": (
        "Order=order; Date=day; Customer=customer; Fulfillment Status=sent; Total=total",
        {"order_id": "Order", "ordered_at": "Date", "customer_id": "Customer", "amount": "Total"},
    ),
    # --- Hungarian
    "hu shop": (
        ("Rendelés száma=order; Rendelés dátuma=hungarian; Vevő azonosító=customer; Vevő neve=person; "
        "Végösszeg=forint; Állapot=status; Pénznem=currency"),
        {"order_id": "Rendelés száma", "ordered_at": "Rendelés dátuma", "customer_id": "Vevő azonosító",
         "amount": "Végösszeg", "status": "Állapot", "currency": "Pénznem"},
    ),
    "hu dates": (
        ("Rendelésszám=order; Születési dátum=birth; Dátum=hungarian; Szállítás dátuma=later; "
        "Ügyfélkód=code; Telefon=phone; Irányítószám=postcode; Összeg=forint; ÁFA=tax"),
        {"order_id": "Rendelésszám", "ordered_at": "Dátum", "customer_id": "Ügyfélkód",
         "amount": "Összeg"},
    ),
    "hu lines": (
        ("Számlaszám=order; Kelt=hungarian; Vevőkód=code; Termék=product; Mennyiség=pieces; "
        "Egységár=price"),
        {"order_id": "Számlaszám", "ordered_at": "Kelt", "customer_id": "Vevőkód",
         "quantity": "Mennyiség", "unit_price": "Egységár", "product": "Termék"},
    ),
    "hu net and gross": (
        "Dátum=hungarian; Ügyfél=code; Nettó összeg=net; Bruttó összeg=total",
        {"ordered_at": "Dátum", "customer_id": "Ügyfél", "amount": ASKED},
    ),
    # --- Polish
    "pl shop": (
        ("Nr zamówienia=order; Data zamówienia=dotted; Nr klienta=customer; Produkt=product; "
        "Ilość=pieces; Wartość=comma; Kanał=source; Status=status"),
        {"order_id": "Nr zamówienia", "ordered_at": "Data zamówienia", "customer_id": "Nr klienta",
         "amount": "Wartość", "status": "Status", "quantity": "Ilość", "product": "Produkt"},
    ),
    "pl without accents": (
        "NUMER_ZAMOWIENIA=order; DATA_ZAMOWIENIA=day; ID_KLIENTA=customer; KWOTA=total; WALUTA=currency",
        {"order_id": "NUMER_ZAMOWIENIA", "ordered_at": "DATA_ZAMOWIENIA", "customer_id": "ID_KLIENTA",
         "amount": "KWOTA", "currency": "WALUTA"},
    ),
    "pl dates": (
        ("Numer faktury=invoice; Data urodzenia=birth; Data wystawienia=dotted; Termin płatności=later; "
        "Data płatności=later; Kod klienta=code; Telefon=phone; Kod pocztowy=postcode; "
        "Kwota brutto=comma; VAT=tax; Koszt wysyłki=shipping"),
        {"order_id": "Numer faktury", "ordered_at": "Data wystawienia", "customer_id": "Kod klienta",
         "amount": "Kwota brutto"},
    ),
    "pl net and gross": (
        "Data sprzedaży=dotted; Kontrahent=code; Wartość netto=net; Wartość brutto=comma",
        {"ordered_at": "Data sprzedaży", "customer_id": "Kontrahent", "amount": ASKED},
    ),
    "pl e-mail": (
        "Zamówienie=order; Data złożenia=time; E-mail klienta=mail; Suma=comma; Rabat=off",
        {"order_id": "Zamówienie", "ordered_at": "Data złożenia", "customer_id": "E-mail klienta",
         "amount": "Suma"},
    ),
    # --- Bulgarian
    "bg shop": (
        ("Номер на поръчка=order; Дата на поръчка=dotted; Клиентски номер=customer; Телефон=phone; "
        "Обща сума=comma; Статус=status; Валута=currency"),
        {"order_id": "Номер на поръчка", "ordered_at": "Дата на поръчка",
         "customer_id": "Клиентски номер", "amount": "Обща сума", "status": "Статус",
         "currency": "Валута"},
    ),
    "bg dates": (
        ("Дата на раждане=birth; Дата=dotted; Дата на доставка=later; Код на клиент=code; Сума=comma; "
        "ДДС=tax; Доставка=shipping"),
        {"ordered_at": "Дата", "customer_id": "Код на клиент", "amount": "Сума"},
    ),
    "bg lines": (
        ("Номер на фактура=order; Дата=dotted; Клиент=code; Артикул=product; Количество=pieces; "
        "Единична цена=price"),
        {"order_id": "Номер на фактура", "ordered_at": "Дата", "customer_id": "Клиент",
         "quantity": "Количество", "unit_price": "Единична цена", "product": "Артикул"},
    ),
    # --- German
    "de shop": (
        ("Bestellnummer=order; Bestelldatum=dotted; Kundennummer=customer; Artikel=product; "
        "Menge=pieces; Betrag=comma; Status=status; Währung=currency"),
        {"order_id": "Bestellnummer", "ordered_at": "Bestelldatum", "customer_id": "Kundennummer",
         "amount": "Betrag", "status": "Status", "quantity": "Menge", "currency": "Währung",
         "product": "Artikel"},
    ),
    "de short": (
        "Belegnr.=order; Belegdatum=dotted; Kd-Nr.=code; Gesamtbetrag=comma; MwSt.=tax",
        {"order_id": "Belegnr.", "ordered_at": "Belegdatum", "customer_id": "Kd-Nr.",
         "amount": "Gesamtbetrag"},
    ),
    "de dates": (
        ("Auftragsnummer=order; Geburtsdatum=birth; Lieferdatum=later; Rechnungsdatum=dotted; "
        "Fälligkeitsdatum=later; Kunde=code; Kundengruppe=group; PLZ=postcode; Telefon=phone; "
        "Umsatz=comma; Versandkosten=shipping"),
        {"order_id": "Auftragsnummer", "ordered_at": "Rechnungsdatum", "customer_id": "Kunde",
         "amount": "Umsatz"},
    ),
    "de net and gross": (
        "Datum=dotted; Kundennr.=customer; Nettobetrag=net; Bruttobetrag=comma",
        {"ordered_at": "Datum", "customer_id": "Kundennr.", "amount": ASKED},
    ),
    "de lines": (
        ("Rechnungsnummer=order; Datum=dotted; Kunden-Nr.=customer; Artikelnummer=sku; Anzahl=pieces; "
        "Einzelpreis=comma"),
        {"order_id": "Rechnungsnummer", "ordered_at": "Datum", "customer_id": "Kunden-Nr.",
         "quantity": "Anzahl", "unit_price": "Einzelpreis", "product": "Artikelnummer"},
    ),
    # --- other languages, and names that say nothing
    "french": (
        "Numéro=order; Jour de vente=slashed; Numéro client=code; Montant=comma",
        {"ordered_at": "Jour de vente", "amount": "Montant", "customer_id": "Numéro client"},
    ),
    "french dates": (
        "Commande=order; Livraison=later; Vente=day; Montant=total",
        {"ordered_at": ASKED, "amount": "Montant", "customer_id": ASKED},
    ),
    "letters": (
        "A=customer; B=dotted; C=comma",
        {"customer_id": "A", "ordered_at": "B", "amount": "C"},
    ),
    "two sums": (
        "A=code; B=day; C=total; D=net",
        {"customer_id": "A", "ordered_at": "B", "amount": ASKED},
    ),
    "two days": (
        "A=code; B=day; C=total; D=later",
        {"ordered_at": ASKED, "amount": "C", "customer_id": ASKED},
    ),
    "positions": (
        "1=customer; 2=day; 3=pieces; 4=total",
        {"customer_id": "1", "ordered_at": "2", "amount": "4"},
    ),
    "positions with mail": (
        "1=order; 2=day; 3=mail; 4=phone; 5=total",
        {"customer_id": "3", "ordered_at": "2", "amount": "5"},
    ),
    "positions of single orders": (
        "1=line_id; 2=day; 3=code; 4=sku; 5=total",
        {"customer_id": ASKED, "ordered_at": "2", "amount": "5"},
    ),
    "positions with products": (
        "1=order; 2=day; 3=customer; 4=sku; 5=total",
        {"customer_id": "3", "ordered_at": "2", "amount": "5"},
    ),
}  # fmt: skip
CHANGES_FIGURES = (
    *("customer_id", "ordered_at", "amount", "order_id", "status", "currency", "refunded"),
    *("quantity", "unit_price", "cost"),
)


# a header of each language, and of each way to be misled
SOME = ("plain", "hu shop", "pl shop", "bg shop", "de shop", "epoch", "guests", "sap", "positions")


@pytest.mark.parametrize(
    "name", [it if it in SOME else pytest.param(it, marks=pytest.mark.slow) for it in SYSTEMS]
)
def test_every_column_is_right_or_asked_for(name: str) -> None:
    header, right = SYSTEMS[name]
    told = found(columns(header))
    asked = {question.about for question in told.questions}
    for standard in CHANGES_FIGURES:
        if right.get(standard) == ASKED:
            assert standard in asked, standard
            assert standard not in told.columns
        elif standard in told.columns:
            assert told.columns[standard] == right.get(standard), standard
        elif standard in right:
            assert standard in asked, f"{standard} was neither found nor asked for"
            raise AssertionError(f"{standard} need not be asked for")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SYSTEMS if ASKED in SYSTEMS[name][1].values()])
def test_each_choice_settles_its_question(name: str) -> None:
    header, _right = SYSTEMS[name]
    for question in found(columns(header)).questions:
        assert question.choices or question.about != "amount"
        for choice in question.choices:
            settled = with_line({}, choice.line)["columns"]
            again = found(columns(header), settled)
            assert question.about not in {other.about for other in again.questions}
