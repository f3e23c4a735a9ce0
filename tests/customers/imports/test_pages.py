"""The way through the pages, from a file to a loaded list and back."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from regulars.core.models import Job, JobStatus
from regulars.core.queue import worker
from regulars.customers.imports import batches, staging
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


SALES = b"document,date,total,name\n1,2026-01-05,5,Anna\n2,2026-01-06,7,Bela\n"


def checked(client: Client, content: bytes = SALES) -> ImportBatch:
    batch = upload(client, content)
    client.post(f"/customers/imports/{batch.public_id}/reading/", answers(batch))
    worker.run_due()
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.CHECKED
    return batch


def try_again_and_again() -> None:
    """Run what waits for another attempt until it is given up."""
    while Job.objects.filter(status=JobStatus.READY).exists():
        Job.objects.filter(status=JobStatus.READY).update(due_at=timezone.now())
        worker.run_due()


def break_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, chunk: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(staging.Stager, "_write", broken)


@pytest.mark.django_db
def test_loading_that_breaks_for_good_ends_and_can_be_taken_up(
    owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = checked(owner_client)
    page = f"/customers/imports/{batch.public_id}/"
    with monkeypatch.context() as patched:
        break_writing(patched)
        owner_client.post(f"{page}loading/")
        worker.run_due()
        waiting = owner_client.get(page).content.decode()
        try_again_and_again()
    assert "This import waits." in waiting
    assert "Throw this file away" in waiting

    batch.refresh_from_db()
    stopped = owner_client.get(page).content.decode()
    assert (batch.state, batch.error) == (ImportBatch.State.FAILED, "stopped")
    assert "Something went wrong while this file was read or loaded." in stopped
    assert "Throw this file away" in stopped
    assert "import-progress" not in stopped

    owner_client.post(f"{page}taking-up/")
    owner_client.post(f"{page}taking-up/")  # the second click changes nothing
    assert Job.objects.filter(task__endswith="take_up_import").count() == 1
    worker.run_due()
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (ImportBatch.State.CHECKED, "")
    owner_client.post(f"{page}loading/")
    worker.run_due()
    assert Purchase.objects.in_force().count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("at", ["look_or_give_up", "check"])
def test_reading_that_breaks_for_good_ends(
    owner_client: Client, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def broken(batch: ImportBatch) -> None:
        raise ZeroDivisionError

    batch = upload(owner_client, SALES) if at == "check" else None
    with monkeypatch.context() as patched:
        patched.setattr(batches, at, broken)
        if batch is None:
            batch = upload(owner_client, SALES)
        else:
            address = f"/customers/imports/{batch.public_id}/reading/"
            owner_client.post(address, answers(batch))
        try_again_and_again()
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (ImportBatch.State.FAILED, "stopped")

    owner_client.post(f"/customers/imports/{batch.public_id}/taking-up/")
    worker.run_due()
    batch.refresh_from_db()
    expected = ImportBatch.State.CHECKED if at == "check" else ImportBatch.State.UPLOADED
    assert batch.state == expected


@pytest.mark.django_db
def test_a_load_that_broke_lets_the_next_of_its_source_go_on(
    owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = checked(owner_client)
    with monkeypatch.context() as patched:
        break_writing(patched)
        owner_client.post(f"/customers/imports/{broken.public_id}/loading/")
        try_again_and_again()

    batch = checked(owner_client, SALES + b"3,2026-01-07,9,Cili\n")
    owner_client.post(f"/customers/imports/{batch.public_id}/loading/")
    worker.run_due()

    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.APPLIED


@pytest.mark.django_db
def test_what_waits_for_another_attempt_can_be_thrown_away(
    owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot()
    batch = checked(owner_client)
    page = f"/customers/imports/{batch.public_id}/"
    break_writing(monkeypatch)
    owner_client.post(f"{page}loading/")

    owner_client.post(f"{page}removal/")  # a worker is about to take it
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.STAGING

    worker.run_due()
    owner_client.post(f"{page}removal/")
    worker.run_due()
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (ImportBatch.State.FAILED, "")
    assert "Try again" not in owner_client.get(page).content.decode()
    assert not Job.objects.exclude(status=JobStatus.DONE).exists()
    assert snapshot() == before


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["reading", "staging"])
def test_work_that_nobody_does_is_found_out(owner_client: Client, state: str) -> None:
    batch = checked(owner_client)
    ImportBatch.objects.update(state=state)
    page = f"/customers/imports/{batch.public_id}/"

    asked = owner_client.get(f"{page}progress/", {"seen": f"{state}-0-runs"})
    assert asked.headers["HX-Refresh"] == "true"
    assert "Try again" in owner_client.get(page).content.decode()
    assert batches.forget_stale() == 0

    with time_machine.travel(timezone.now() + dt.timedelta(days=8)):
        assert batches.forget_stale() == 1
        worker.run_due()
    batch.refresh_from_db()
    assert (batch.state, batch.error) == (ImportBatch.State.FAILED, "forgotten")


@pytest.mark.django_db
def test_what_a_command_loads_right_now_has_not_stopped(owner_client: Client) -> None:
    batch = checked(owner_client)
    ImportBatch.objects.update(state="staging", made_by=None)
    page = f"/customers/imports/{batch.public_id}/"

    assert "import-progress" in owner_client.get(page).content.decode()
    assert owner_client.get(f"{page}progress/", {"seen": "staging-0-"}).status_code == 204


@pytest.mark.django_db
def test_only_stages_and_tenths_are_said_aloud(owner_client: Client) -> None:
    batch = checked(owner_client)
    page = f"/customers/imports/{batch.public_id}/"
    owner_client.post(f"{page}loading/")
    ImportBatch.objects.update(counts={"records": 100}, checkpoint=25)

    def said(seen: str) -> tuple[int, str]:
        answer = owner_client.get(f"{page}progress/", {"seen": seen})
        return answer.status_code, answer.content.decode()

    assert (
        'id="import-said" class="unseen" role="status"' in owner_client.get(page).content.decode()
    )
    assert said("staging-25-runs") == (204, "")
    status, within_a_tenth = said("staging-21-runs")
    assert (status, "import-said" in within_a_tenth) == (200, False)
    assert "role=" not in within_a_tenth
    for seen in ("staging-19-runs", "reading-0-runs"):
        assert "Loading: 20 per cent" in said(seen)[1]


def test_others_do_not_import(colleague_client: Client, stranger_client: Client) -> None:
    for client in (colleague_client, stranger_client):
        assert client.get("/customers/imports/").status_code == 403
        assert client.post("/customers/imports/").status_code == 403
