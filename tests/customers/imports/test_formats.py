"""Each known program's export, in small files written in its shape."""

from __future__ import annotations

import json

import pytest

from regulars.business.models import Business
from regulars.customers.imports import columns
from regulars.customers.models import Customer, Purchase
from tests.customers.imports.conftest import load

SHOPIFY = """Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,\
Lineitem price,Billing Name,Refunded Amount,Cancelled at
#1001,mari@example.com,paid,EUR,12.50,2026-03-01 10:00:00 +0200,2,Latte,4.00,Mari Mets,0.00,
#1001,mari@example.com,,,,,1,Cake,4.50,,,
#1002,jaan@example.com,refunded,EUR,5.00,2026-03-02 11:00:00 +0200,1,Tea,5.00,Jaan Tamm,5.00,
#1003,jaan@example.com,paid,EUR,9.00,2026-03-02 12:00:00 +0200,1,Tea,9.00,Jaan Tamm,0.00,\
2026-03-02 12:05:00 +0200
"""
SQUARE = """Date,Time,Category,Item,Qty,Price Point Name,SKU,Net Sales,Transaction ID,Event Type,\
Location,Customer ID,Customer Name
2026-03-01,10:30:00,Coffee,Latte,1.0,Regular,L1,$4.50,T1,Payment,Main,SQ1,Ana Lee
2026-03-01,10:30:00,Food,Bagel,2.0,Regular,B1,$7.00,T1,Payment,Main,SQ1,Ana Lee
2026-03-02,09:00:00,Coffee,Latte,-1.0,Regular,L1,-$4.50,T2,Refund,Main,SQ1,Ana Lee
"""
LOYVERSE = """Date,Receipt number,Receipt type,Category,SKU,Item,Quantity,Net sales,Store,\
Cashier name,Customer name,Customer contacts,Status
13/3/26 14:12,1-1001,Sale,Drinks,10001,Espresso,2.000,5.00,Old Town,Nino,Giorgi,+995555123456,Closed
14/3/26 09:05,1-1002,Refund,Drinks,10001,Espresso,1.000,2.50,Old Town,Nino,Giorgi,\
+995555123456,Closed
15/3/26 09:05,1-1003,Sale,Drinks,10001,Espresso,1.000,2.50,Old Town,Nino,,,Cancelled
"""
WOOCOMMERCE = [
    {
        "id": 7,
        "number": "7",
        "status": "completed",
        "currency": "EUR",
        "date_created": "2026-03-01T10:00:00",
        "total": "20.00",
        "customer_id": 3,
        "billing": {"first_name": "Kati", "last_name": "Kask", "email": "kati@example.com"},
        "line_items": [
            {"name": "Soap", "sku": "S1", "quantity": 2, "total": "12.00"},
            {"name": "Towel", "sku": "T1", "quantity": 1, "total": "8.00"},
        ],
        "refunds": [{"id": 1, "total": "-8.00"}],
    },
    {
        "id": 8,
        "number": "8",
        "status": "failed",
        "currency": "EUR",
        "date_created": "2026-03-01T11:00:00",
        "total": "9.00",
        "customer_id": 0,
        "billing": {"first_name": "", "last_name": "", "email": "x@example.com"},
        "line_items": [{"name": "Soap", "sku": "S1", "quantity": 1, "total": "9.00"}],
        "refunds": [],
    },
]
Sold = list[tuple[str, int, int]]


@pytest.mark.parametrize(
    ("content", "name", "source", "sold", "rejected"),
    [
        (
            SHOPIFY,
            "shopify_orders",
            "shopify",
            [("#1001", 1250, 2), ("#1002", 500, 1), ("#1002-refund", -500, 0)],
            1,
        ),
        (SQUARE, "square_items", "square", [("T1", 1150, 2), ("T2", -450, 1)], 0),
        (LOYVERSE, "loyverse_receipts", "loyverse", [("1-1001", 500, 1), ("1-1002", -250, 1)], 1),
        (
            json.dumps(WOOCOMMERCE),
            "woocommerce_orders",
            "woocommerce",
            [("7", 2000, 2), ("7-refund", -800, 0)],
            1,
        ),
    ],
    ids=["shopify", "square", "loyverse", "woocommerce"],
)
def test_sales(
    shop: Business, content: str, name: str, source: str, sold: Sold, rejected: int
) -> None:
    batch = load(content.encode(), name="export")

    assert (batch.mapping["format"], batch.source, batch.kind) == (name, source, "purchases")
    found = Purchase.objects.in_force().order_by("document")
    assert [(p.document, p.total, p.lines.count()) for p in found] == sold
    assert batch.counts["rejected"] == rejected
    refunds = found.filter(document__endswith="-refund")
    assert all(f"{p.refund_of}" for p in refunds if p.refund_of is not None)
    assert load(content.encode()).counts["staged"].get("purchases") == 0


CUSTOMERS = {
    "shopify_customers": "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,"
    "Total Spent,Total Orders,Note\n'77,Mari,Mets,mari@example.com,yes,+3725551234,10.00,1,hi\n",
    "square_customers": "Reference ID,First Name,Last Name,Email Address,Phone Number,"
    "Company Name,Birthday,Memo,Square Customer ID\n,Mari,Mets,mari@example.com,+3725551234,,"
    "1990-05-17,hi,SQ77\n",
    "woocommerce_customers": json.dumps(
        [
            {
                "id": 77,
                "email": "mari@example.com",
                "first_name": "Mari",
                "last_name": "Mets",
                "is_paying_customer": True,
                "billing": {"phone": "+3725551234"},
            }
        ]
    ),
}


@pytest.mark.parametrize("name", CUSTOMERS)
def test_customers(shop: Business, name: str) -> None:
    batch = load(CUSTOMERS[name].encode())

    assert batch.mapping["format"] == name
    one = Customer.objects.in_force().get()
    assert (one.given_name, one.family_name) == ("Mari", "Mets")
    points = one.contact_points.order_by("channel").values_list("address", flat=True)
    assert list(points) == ["mari@example.com", "+3725551234"]
    assert not one.consents.exists()
    assert one.keys.get().value in {"77", "SQ77"}


# The whole headers as the programs write them in 2026.
HEADERS = {
    "loyverse_receipts": "Date,Receipt number,Receipt type,Category,SKU,Item,Variant,"
    "Modifiers applied,Quantity,Gross sales,Discounts,Net sales,Cost of goods,Gross profit,Taxes,"
    "Dining option,POS,Store,Cashier name,Customer name,Customer contacts,Comment,Status",
    "square_items": "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,"
    "Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Payment ID,Device Name,Notes,Details,"
    "Event Type,Location,Dining Option,Customer ID,Customer Name,Customer Reference ID,Unit,Count,"
    "GTIN,Itemization Type,Commission,Employee",
    "shopify_customers": "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,"
    "Default Address Company,Default Address Address1,Default Address Address2,"
    "Default Address City,Default Address Province Code,Default Address Country Code,"
    "Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,"
    "Total Orders,Note,Tax Exempt,Tags",
    "shopify_orders": "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,"
    "Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,"
    "Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Billing Name,Billing Phone,"
    "Shipping Name,Cancelled at,Payment Method,Refunded Amount,Employee,Location,Id,Phone",
}


@pytest.mark.parametrize("name", HEADERS)
def test_the_whole_header_of_a_program_is_recognised(name: str) -> None:
    header = HEADERS[name].split(",")
    known = next(one for one in columns.FORMATS if one.code == name)

    reading = columns.recognise(header, known.kind)

    assert columns.kind_of(header) == known.kind
    assert reading.format == name
    optional = {"note"} if name == "shopify_orders" else set()
    assert set(reading.columns) >= set(known.columns) - optional


@pytest.mark.parametrize(
    "header",
    [
        "Customer number;Date;Amount;Item",
        "Ügyfélkód;Dátum;Összeg;Termék",
        "Клиентски номер;Дата;Сума;Продукт",
        "Kliendikood;Kuupäev;Summa;Toode",
        "კლიენტის ნომერი;თარიღი;თანხა;პროდუქტი",
    ],
)
def test_headers_in_five_languages(header: str) -> None:
    found = columns.recognise(header.split(";"), "purchases")

    assert found.columns == {"key": 0, "date": 1, "total": 2, "item_name": 3}
