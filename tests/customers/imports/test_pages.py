"""The way through the pages, from a file to a loaded list and back."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from regulars.core.queue import worker
from regulars.customers.models import Consent, Customer, ImportBatch, Purchase
from tests.customers.imports.conftest import snapshot

LIST = (
    "Név,E-mail,Hírlevél\n"
    "Kovács Anna,anna@example.com,igen\n"
    "Nagy Béla,bela@example.com,nem\n"
    "x,rossz,\n"
)


def upload(client: Client, content: bytes, name: str = "list.csv") -> ImportBatch:
    file = SimpleUploadedFile(name, content)
    answer = client.post("/customers/imports/", {"file": file, "kind": "", "source": ""})
    assert answer.status_code == 302, answer.content.decode()
    worker.run_due()
    return ImportBatch.objects.latest("pk")


def answers(batch: ImportBatch, **more: str) -> dict[str, object]:
    columns = {f"column_{field}": str(n) for field, n in batch.mapping["columns"].items()}
    return {**columns, "how": "unknown", "wording": "", **more}


def batch_counts(batch: ImportBatch) -> object:
    batch.refresh_from_db()
    return batch.counts["asking"]


@pytest.mark.django_db
def test_from_a_file_to_a_list_and_back(owner_client: Client) -> None:
    before = snapshot()
    batch = upload(owner_client, LIST.encode())
    page = f"/customers/imports/{batch.public_id}/"
    assert "May these people be asked?" in owner_client.get(page).content.decode()

    told = answers(batch, how="agreed", wording="Kérjük, kérdezhessük meg.", purposes="surveys")
    owner_client.post(f"{page}reading/", told)
    worker.run_due()
    preview = owner_client.get(page).content.decode()

    assert "1 person may be asked how satisfied they are." in preview
    assert batch_counts(batch) == {"may": 1, "may_not": {"said_no": 1}}
    assert "they said no" in preview
    assert "This is not an e-mail address." in preview
    assert not Customer.objects.exists()
    rows = b"".join(owner_client.get(f"{page}rejected.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # streams
    assert rows.splitlines()[1] == "x,rossz,,3,E-mail: This is not an e-mail address."

    owner_client.post(f"{page}loading/")
    assert not Customer.objects.in_force().exists()
    worker.run_due()

    assert list(Customer.objects.in_force().values_list("given_name", flat=True)) == [
        "Kovács",
        "Nagy",
    ]
    consents = Consent.objects.values_list("customer__given_name", "purpose", "given", "wording")
    assert sorted(consents) == [
        ("Kovács", "surveys", True, "Kérjük, kérdezhessük meg."),
        *(("Nagy", purpose, False, "") for purpose in ("appreciation", "marketing", "surveys")),
    ]
    owner_client.post(f"{page}undoing/")
    assert not Customer.objects.in_force().exists()
    worker.run_due()
    assert snapshot() == before


@pytest.mark.django_db
def test_two_readings_stand_side_by_side(owner_client: Client) -> None:
    batch = upload(owner_client, b"receipt;date;amount\n1;7/8/25;1.000\n2;8/9/25;2.000\n")
    page = f"/customers/imports/{batch.public_id}/"

    asked = owner_client.get(page).content.decode()

    assert "7/8/25 = 7 August 2025" in asked
    assert "7/8/25 = 8 July 2025" in asked or "7/8/25 = July 8, 2025" in asked
    assert "1.000 = 1,000" in asked or "1.000 = 1000" in asked
    owner_client.post(f"{page}reading/", answers(batch, order="dmy", decimal=","))
    worker.run_due()
    owner_client.post(f"{page}loading/")
    worker.run_due()
    bought = Purchase.objects.in_force().order_by("pk").values_list("purchased_at__date", "total")
    assert [(str(day), total) for day, total in bought] == [
        ("2025-08-07", 1000),
        ("2025-09-08", 2000),
    ]


@pytest.mark.django_db
def test_an_encoding_in_doubt_is_asked_for(owner_client: Client) -> None:
    batch = upload(owner_client, "Név;E-mail\nŐri Ödön;o@example.com\n".encode("cp1250"))
    page = f"/customers/imports/{batch.public_id}/"

    assert "Őri Ödön" in owner_client.get(page).content.decode()
    owner_client.post(f"{page}reading/", {"encoding": "cp1250"})
    worker.run_due()
    batch.refresh_from_db()
    owner_client.post(f"{page}reading/", answers(batch))
    worker.run_due()
    owner_client.post(f"{page}loading/")
    worker.run_due()

    assert list(Customer.objects.values_list("given_name", "family_name")) == [("Őri", "Ödön")]


@pytest.mark.django_db
def test_a_yes_needs_its_text(owner_client: Client) -> None:
    batch = upload(owner_client, LIST.encode())

    answer = owner_client.post(
        f"/customers/imports/{batch.public_id}/reading/", answers(batch, how="agreed")
    )

    assert answer.status_code == 422
    assert "Copy the text here that they saw." in answer.content.decode()


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_says_so(owner_client: Client) -> None:
    batch = upload(owner_client, b"\xd0\xcf\x11\xe0old excel", "old.xls")

    answer = owner_client.get(f"/customers/imports/{batch.public_id}/")

    assert batch.state == ImportBatch.State.FAILED
    assert "Save it as .xlsx or .csv." in answer.content.decode()


def test_others_do_not_import(colleague_client: Client, stranger_client: Client) -> None:
    for client in (colleague_client, stranger_client):
        assert client.get("/customers/imports/").status_code == 403
        assert client.post("/customers/imports/").status_code == 403
