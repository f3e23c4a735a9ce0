"""What the columns of a file mean: known programs' exports, and headers in five languages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from regulars.core.keys import fold
from regulars.customers.models import ImportBatch

Kind = ImportBatch.Kind

PERSON = ("key", "name", "given_name", "family_name", "company", "email", "phone")
CUSTOMER_FIELDS = (*PERSON, "language", "birthday", "note", "place", "agreed", "agreed_phone")
SALE = ("document", "date", "time", "total", "currency", "place", "served_by")
LINE = ("item_code", "item_name", "category", "quantity", "line_amount", "line_price")
PURCHASE_FIELDS = (*PERSON, *SALE, *LINE, "refund_of", "refunded", "receipt_type", "status")
FIELDS: Mapping[str, tuple[str, ...]] = {
    Kind.CUSTOMERS: CUSTOMER_FIELDS,
    Kind.PURCHASES: PURCHASE_FIELDS,
}

# Each field's headers, folded (lower case, no accents), in en, hu, bg, et, ka.
SYNONYMS: Mapping[str, str] = {
    "key": "key|customer id|customer_id|customer key|customer number|customer no|client id"
    "|card number"
    "|loyalty number|customer|member id|ugyfelkod|ugyfelszam|vevokod|vevo azonosito|torzsszam"
    "|kartyaszam|клиентски номер|номер на клиент|клиент id|код на клиент|клиент №|номер на карта"
    "|kliendikood|kliendi number|kliendi id|kliendinumber|kaardi number"
    "|კლიენტის ნომერი|მომხმარებლის ნომერი|კლიენტის id|ბარათის ნომერი",
    "name": "name|full name|customer name|client name|nev|teljes nev|vevo neve|ugyfel neve|vevo"
    "|ugyfel|име и фамилия|имена|клиент|име на клиента|nimi|taisnimi|kliendi nimi|klient"
    "|სახელი და გვარი|სახელი გვარი|კლიენტი|მომხმარებელი",
    "given_name": "given name|given_name|first name|firstname|keresztnev|utonev|име|собствено име"
    "|eesnimi|სახელი",
    "family_name": "family name|family_name|last name|lastname|surname|vezeteknev|csaladnev|фамилия"
    "|perekonnanimi|perenimi|გვარი",
    "company": "company|company name|organisation|organization|ceg|cegnev|фирма|компания|ettevote"
    "|firma|კომპანია|ორგანიზაცია",
    "email": "email|e-mail|customer email|email address|e-mail address|mail|emailcim|e-mail cim"
    "|email cim|имейл"
    "|имейл адрес|ел. поща|е-поща|e-post|epost|meil|e-posti aadress|ელ. ფოსტა|ელფოსტა|ელ-ფოსტა"
    "|იმეილი",
    "phone": "phone|phone number|telephone|mobile|mobile phone|tel|telefon|telefonszam|mobil"
    "|mobilszam|телефон|телефонен номер|мобилен|gsm|telefoninumber|mobiil|ტელეფონი|ტელეფონის ნომერი"
    "|მობილური",
    "language": "language|nyelv|език|keel|ენა",
    "birthday": "birthday|birth date|date of birth|birthdate|dob|szuletesnap|szuletesi datum"
    "|szuletesi ido|рожден ден|дата на раждане|sunnipaev|sunniaeg|sunnikuupaev|დაბადების დღე"
    "|დაბადების თარიღი",
    "note": "note|notes|comment|memo|megjegyzes|бележка|забележка|коментар|markus|markused"
    "|შენიშვნა|კომენტარი",
    "agreed": "newsletter|marketing|consent|accepts marketing|email consent|agreed|hirlevel"
    "|hozzajarulas|съгласие|бюлетин|nousolek|uudiskiri|თანხმობა|სიახლეები",
    "agreed_phone": "sms consent|accepts sms marketing|accepts sms|agreed_phone",
    "document": "document|document number|receipt|receipt number|receipt no|order|order number"
    "|order id|order no|invoice|invoice number|transaction|transaction id|bizonylatszam|bizonylat"
    "|szamlaszam|nyugtaszam|rendelesszam|rendeles|документ|номер на документ|бележка №"
    "|номер на бележка|поръчка|номер на поръчка|фактура|kviitung|kviitungi number|arve|arve number"
    "|tellimus|tellimuse number|tsekk|ქვითარი|ქვითრის ნომერი|შეკვეთა|შეკვეთის ნომერი|ინვოისი",
    "date": "date|date and time|purchase date|order date|day|created at|purchased_at|datum|kelt"
    "|vasarlas datuma|vasarlas napja|idopont|дата|дата на покупка|дата и час|kuupaev|ostukuupaev"
    "|ostu kuupaev|თარიღი|შესყიდვის თარიღი",
    "time": "time|ido|ora|час|време|kellaaeg|aeg|დრო|საათი",
    "total": "total|amount|sum|grand total|order total|dollar_value|dollar value|value|price paid"
    "|osszeg|vegosszeg|brutto|fizetett|ertek|сума|обща сума|общо|стойност|summa|kokku|jami"
    "|ჯამი|თანხა|სულ",
    "currency": "currency|penznem|deviza|валута|valuuta|ვალუტა",
    "place": "place|location|store|shop|branch|uzlet|bolt|hely|telephely|магазин|обект|място"
    "|pood|kauplus|koht|მაღაზია|ადგილი|ფილიალი",
    "served_by": "served by|served_by|employee|cashier|cashier name|staff|eladó|elado|penztaros"
    "|kiszolgalta|felszolgalo|служител|касиер|продавач|teenindaja|kassapidaja|myyja|müüja|muuja"
    "|თანამშრომელი|მოლარე",
    "item_code": "item code|item_code|sku|product code|cikkszam|termekkod|код на артикул|код"
    "|артикулен номер|tootekood|artikkel|პროდუქტის კოდი|კოდი",
    "item_name": "item|item name|item_name|product|product name|description|termek|termeknev|tetel"
    "|megnevezes|артикул|продукт|стока|наименование|toode|tootenimi|toote nimi|nimetus"
    "|პროდუქტი|დასახელება|ნივთი",
    "category": "category|kategoria|termekcsoport|категория|kategooria|კატეგორია",
    "quantity": "quantity|qty|pieces|mennyiseg|db|darab|количество|брой|kogus|tk|რაოდენობა",
    "line_amount": "line amount|line_amount|line total|net sales|tetel osszege|sor osszege"
    "|сума на ред|rea summa|სტრიქონის თანხა",
    "line_price": "price|unit price|ar|egysegar|цена|ед. цена|hind|uhikuhind|ფასი",
    "refund_of": "refund of|refund_of|original receipt|eredeti bizonylat|връщане по|algne kviitung"
    "|დაბრუნება",
    "receipt_type": "receipt type|type|tipus|тип|вид|tuup|ტიპი",
    "status": "status|allapot|statusz|статус|olek|staatus|სტატუსი",
}


@dataclass(frozen=True)
class Format:
    """One program's export: the headers that give it away and what they mean.

    `columns` gives each field's headers, the first one that is there counts. `order` and `decimal`
    are told where the program writes them the same everywhere; left empty, the file is looked at.
    """

    code: str
    name: str
    kind: str
    source: str
    gives_away: frozenset[str]
    columns: Mapping[str, Sequence[str]]
    order: str = ""
    decimal: str = ""


FORMATS: tuple[Format, ...] = (
    Format(
        code="shopify_orders",
        name="Shopify: orders",
        kind=Kind.PURCHASES,
        source="shopify",
        gives_away=frozenset({"Name", "Financial Status", "Lineitem name", "Created at"}),
        columns={
            "document": ["Name"],
            "email": ["Email"],
            "phone": ["Phone", "Billing Phone"],
            "name": ["Billing Name", "Shipping Name"],
            "date": ["Created at"],
            "total": ["Total"],
            "currency": ["Currency"],
            "place": ["Location"],
            "served_by": ["Employee"],
            "item_code": ["Lineitem sku"],
            "item_name": ["Lineitem name"],
            "quantity": ["Lineitem quantity"],
            "line_price": ["Lineitem price"],
            "refunded": ["Refunded Amount"],
            "status": ["Cancelled at"],
        },
        order="ymd",
        decimal=".",
    ),
    Format(
        code="shopify_customers",
        name="Shopify: customers",
        kind=Kind.CUSTOMERS,
        source="shopify",
        gives_away=frozenset({"First Name", "Last Name", "Email", "Total Spent", "Total Orders"}),
        columns={
            "key": ["Customer ID"],
            "given_name": ["First Name"],
            "family_name": ["Last Name"],
            "company": ["Default Address Company", "Company"],
            "email": ["Email"],
            "phone": ["Phone", "Default Address Phone"],
            "note": ["Note"],
            "agreed": ["Accepts Email Marketing", "Accepts Marketing"],
            "agreed_phone": ["Accepts SMS Marketing"],
        },
        order="ymd",
        decimal=".",
    ),
    Format(
        code="square_items",
        name="Square: items detail",
        kind=Kind.PURCHASES,
        source="square",
        gives_away=frozenset({"Transaction ID", "Price Point Name", "Net Sales", "Event Type"}),
        columns={
            "document": ["Transaction ID"],
            "date": ["Date"],
            "time": ["Time"],
            "key": ["Customer ID"],
            "name": ["Customer Name"],
            "place": ["Location"],
            "served_by": ["Employee"],
            "item_code": ["SKU"],
            "item_name": ["Item"],
            "category": ["Category"],
            "quantity": ["Qty"],
            "line_amount": ["Net Sales"],
            "receipt_type": ["Event Type"],
        },
    ),
    Format(
        code="square_customers",
        name="Square: customers",
        kind=Kind.CUSTOMERS,
        source="square",
        gives_away=frozenset({"Square Customer ID", "First Name", "Email Address"}),
        columns={
            "key": ["Square Customer ID"],
            "given_name": ["First Name"],
            "family_name": ["Last Name", "Surname"],
            "company": ["Company Name"],
            "email": ["Email Address"],
            "phone": ["Phone Number"],
            "birthday": ["Birthday"],
            "note": ["Memo"],
            "agreed": ["Email Subscription Status"],
        },
    ),
    Format(
        code="loyverse_receipts",
        name="Loyverse: receipts by item",
        kind=Kind.PURCHASES,
        source="loyverse",
        gives_away=frozenset({"Receipt number", "Receipt type", "Net sales", "Cashier name"}),
        columns={
            "document": ["Receipt number"],
            "date": ["Date"],
            "name": ["Customer name"],
            "place": ["Store"],
            "served_by": ["Cashier name"],
            "item_code": ["SKU"],
            "item_name": ["Item", "Item name"],
            "category": ["Category"],
            "quantity": ["Quantity"],
            "line_amount": ["Net sales"],
            "receipt_type": ["Receipt type"],
            "status": ["Status"],
            "email": ["Customer contacts"],
        },
    ),
    Format(
        code="woocommerce_orders",
        name="WooCommerce: orders",
        kind=Kind.PURCHASES,
        source="woocommerce",
        gives_away=frozenset({"id", "status", "total", "billing.email", "line_items.name"}),
        columns={
            "document": ["number", "id"],
            "date": ["date_created"],
            "key": ["customer_id"],
            "given_name": ["billing.first_name"],
            "family_name": ["billing.last_name"],
            "company": ["billing.company"],
            "email": ["billing.email"],
            "phone": ["billing.phone"],
            "total": ["total"],
            "currency": ["currency"],
            "item_code": ["line_items.sku", "line_items.product_id"],
            "item_name": ["line_items.name"],
            "quantity": ["line_items.quantity"],
            "line_amount": ["line_items.total"],
            "refunded": ["refunds.total"],
            "status": ["status"],
        },
        order="ymd",
        decimal=".",
    ),
    Format(
        code="woocommerce_customers",
        name="WooCommerce: customers",
        kind=Kind.CUSTOMERS,
        source="woocommerce",
        gives_away=frozenset({"id", "email", "first_name", "is_paying_customer"}),
        columns={
            "key": ["id"],
            "given_name": ["first_name"],
            "family_name": ["last_name"],
            "company": ["billing.company"],
            "email": ["email"],
            "phone": ["billing.phone"],
        },
        order="ymd",
        decimal=".",
    ),
)


@dataclass(frozen=True)
class Reading:
    """How a file is to be read. `columns` maps a field to the number of its column, from 0.

    `order` (of dates) and `decimal` are empty while they are not known. `currency` counts where
    no column tells it. `total_of` says whether the amount beside a document's number is the
    “line”'s or the “document”'s. `places` says what names that are no place mean (see `places`).
    """

    format: str = ""
    source: str = ""
    columns: dict[str, int] = field(default_factory=dict)
    order: str = ""
    decimal: str = ""
    currency: str = ""
    encoding: str = ""
    delimiter: str = ""
    total_of: str = ""
    places: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the batch's row."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Reading:
        """The reading that a batch's row holds."""
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        return cls(**known)

    def with_(self, **changes: Any) -> Reading:
        """The same with some parts settled."""
        return replace(self, **changes)


def recognise(header: Sequence[str], kind: str) -> Reading:
    """What the columns seem to be, by the program's export or by their names.

    An export of the other kind is recognised by `kind_of`; here its columns go by their names.
    """
    known = format_of(header)
    if known is not None and known.kind == kind:
        return _by_format(header, known)
    return Reading(columns=_by_names(header, kind))


def format_of(header: Sequence[str]) -> Format | None:
    """The known export with these headers."""
    names = set(header)
    return next((known for known in FORMATS if known.gives_away <= names), None)


def kind_of(header: Sequence[str]) -> str:
    """Customers or purchases: what a date and an amount tell."""
    known = format_of(header)
    if known is not None:
        return known.kind
    columns = _by_names(header, Kind.PURCHASES)
    is_sales = "date" in columns and bool({"total", "line_amount", "line_price"} & set(columns))
    return Kind.PURCHASES if is_sales else Kind.CUSTOMERS


def signature(header: Sequence[str]) -> str:
    """By which a file with the same columns is known again."""
    names = json.dumps([fold(name) for name in header], ensure_ascii=False)
    return hashlib.sha256(names.encode()).hexdigest()


def _by_format(header: Sequence[str], known: Format) -> Reading:
    columns: dict[str, int] = {}
    for meaning, names in known.columns.items():
        found = next((name for name in names if name in header), None)
        if found is not None:
            columns[meaning] = list(header).index(found)
    return Reading(
        format=known.code,
        source=known.source,
        columns=columns,
        order=known.order,
        decimal=known.decimal,
    )


def _by_names(header: Sequence[str], kind: str) -> dict[str, int]:
    folded = [fold(name).replace("_", " ") for name in header]
    columns: dict[str, int] = {}
    for meaning in FIELDS[kind]:
        names = [fold(name).replace("_", " ") for name in SYNONYMS.get(meaning, "").split("|")]
        for name in names:
            if name and name in folded and folded.index(name) not in columns.values():
                columns[meaning] = folded.index(name)
                break
    if "name" in columns and "family_name" in columns and "given_name" not in columns:
        columns["given_name"] = columns.pop("name")  # “Име, Фамилия”
    return columns
