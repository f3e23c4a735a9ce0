"""The CDNOW log through `django-import-export`, for comparison; run by `bench/import_cdnow.py`.

    python bench/import_rival.py FILE FOLDER

Its fastest documented way: one resource for customers and one for purchases, `use_bulk`, batches of
1,000, `skip_diff`, no instance lookups for purchases. It keeps no documents, no lines, no undo, no
checkpoints and no rejected rows, so the comparison favours it. Prints seconds, processor seconds,
rows and the most memory in MB, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any


def set_up(folder: Path) -> Any:
    """Django with two models of the same shape, on SQLite with the same safety as ours."""
    import django
    from django.conf import settings

    safe = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    settings.configure(
        INSTALLED_APPS=["import_export"],
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": folder / "rival.sqlite3",
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": safe},
            }
        },
    )
    django.setup()
    from django.db import connection, models

    class Customer(models.Model):
        key = models.CharField(max_length=40, unique=True)

        class Meta:
            app_label = "rival"

    class Purchase(models.Model):
        customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
        document = models.CharField(max_length=40, unique=True)
        bought_on = models.DateField()
        total = models.BigIntegerField()

        class Meta:
            app_label = "rival"

    with connection.schema_editor() as editor:
        editor.create_model(Customer)
        editor.create_model(Purchase)
    return Customer, Purchase


def resources(customer: Any, purchase: Any) -> tuple[type[Any], type[Any]]:
    """How its documentation says that much data goes in."""
    from import_export import fields, resources, widgets

    class Fast:
        use_bulk = True
        batch_size = 1_000
        skip_diff = True
        force_init_instance = True
        use_transactions = True

    class Customers(resources.ModelResource):
        class Meta(Fast):
            model = customer
            import_id_fields = ("key",)
            fields = ("key",)

    class KnownCustomer(widgets.Widget):
        """Looked up in memory, since its own widget asks the database for each row."""

        def __init__(self) -> None:
            super().__init__()
            self.known = {one.key: one for one in customer.objects.all()}

        def clean(self, value: Any, row: Any = None, **_: Any) -> Any:
            return self.known[value]

    class Purchases(resources.ModelResource):
        customer = fields.Field(attribute="customer", column_name="customer")

        def __init__(self, **more: Any) -> None:
            super().__init__(**more)
            self.fields["customer"].widget = KnownCustomer()

        class Meta(Fast):
            model = purchase
            import_id_fields = ("document",)
            fields = ("customer", "document", "bought_on", "total")

    return Customers, Purchases


def main() -> None:
    """Load the file and print what it took."""
    file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    began, busy = time.monotonic(), time.process_time()
    customer, purchase = set_up(folder)
    import tablib

    customers, purchases = resources(customer, purchase)
    rows = [line.split() for line in file.read_text("ascii").splitlines()[1:]]
    people = tablib.Dataset(*[(key,) for key in dict.fromkeys(r[0] for r in rows)], headers=["key"])
    customers().import_data(people, raise_errors=True)
    sales = tablib.Dataset(
        *[
            (key, f"{number}", f"{day[:4]}-{day[4:6]}-{day[6:]}", round(float(amount) * 100))
            for number, (key, day, _count, amount) in enumerate(rows)
        ],
        headers=["customer", "document", "bought_on", "total"],
    )
    purchases().import_data(sales, raise_errors=True)
    loaded = purchase.objects.count()
    assert loaded == len(rows)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([time.monotonic() - began, time.process_time() - busy, loaded, memory]))


if __name__ == "__main__":
    main()
