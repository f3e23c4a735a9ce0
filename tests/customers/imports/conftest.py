from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection

from regulars.business.models import Business
from regulars.customers.imports import batches
from regulars.customers.imports.columns import Reading
from regulars.customers.models import ImportBatch

# What an import may leave behind when it was undone: that it happened.
LEFT = {"customers_importbatch", "customers_importmapping", "customers_importrejection"}
Load = Callable[..., ImportBatch]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django_settings, "DATA", tmp_path)


@pytest.fixture
def shop(db: None) -> Business:
    """A shop in Estonia with euros."""
    return Business.objects.create(
        name="Pood", currency="EUR", country="EE", language="et", time_zone="Europe/Tallinn"
    )


def check(
    content: bytes, *, kind: str = "", name: str = "list.csv", **asked: object
) -> ImportBatch:
    """Upload, look and check, without loading."""
    reading = Reading(**asked)  # type: ignore[arg-type]  # tests name the fields
    batch = batches.begin([content], file_name=name, kind=kind, source=reading.source, by=None)
    batches.look(batch, asked=reading)
    return batches.check(batch)


def load(content: bytes, **options: object) -> ImportBatch:
    """Upload, check and load."""
    return batches.load(check(content, **options))  # type: ignore[arg-type]  # as check


def cdnow() -> Path:
    """The CDNOW log inside the installed package `lifetimes`, which is not imported."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"


def snapshot() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of customers, but for the notes that imports happened."""
    tables = [model._meta.db_table for model in apps.get_app_config("customers").get_models()]
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(tables) - LEFT):
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            found[table] = [tuple(map(str, row)) for row in cursor.fetchall()]
    return found


@pytest.fixture
def unchanged() -> Iterator[None]:
    """The tables of customers are the same afterwards."""
    before = snapshot()
    yield
    assert snapshot() == before
