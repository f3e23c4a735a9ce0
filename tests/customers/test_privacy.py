"""PH1 and PH2: everything about a person is handed out, and nothing of it survives erasure.

A canary is planted in every personal field of every model; the models are read from the registry,
so one that is added tomorrow is tested tomorrow.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, models
from django.test import Client, override_settings
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.business.models import Business, Place
from regulars.core.crypto import EncryptedTextField
from regulars.core.models import AuditEntry, IdempotencyKey, Job, Moment
from regulars.core.privacy import Privacy
from regulars.customers.actions import erasing, merging
from regulars.customers.imports import batches
from regulars.customers.models import ContactPoint, Customer, Erasure, ImportRejection, Purchase
from regulars.customers.queries import personal
from regulars.feedback.actions import cases, knowing, praise, receiving
from regulars.feedback.models import Feedback, Source
from regulars.insight import actions as insight
from regulars.mailing import actions as mailing
from regulars.mailing import checks
from regulars.mailing.models import Mention, Message, Purpose, Reason, Suppression
from regulars.rewards.actions import offers, vouchers
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import Metric
from tests.customers.conftest import Buy, new

numbers = count(1)
EMAIL = "canary.address@example.com"


# Values that a CHECK asks for; everything else is made up from the fields.
FIXED: dict[str, dict[str, Any]] = {
    "rewards.Offer": {"gives": "percent", "percent": 10},
    "rewards.Voucher": {"used": 0, "uses_allowed": 1},
    "feedback.Case": {"state": "open", "closed_at": None},
    "rewards.Redemption": {"kind": "capture", "undoes_id": None},
}


class Planter:
    """Fills one row of every model that leads to a customer, each personal text its own canary."""

    def __init__(self, customer: Customer) -> None:
        self.rows: dict[type[models.Model], models.Model] = {Customer: customer}
        self.planted: dict[str, tuple[str, Privacy]] = {}

    def plant_everywhere(self) -> None:
        waiting = [model for model in personal.classified_models() if self._leads_to_person(model)]
        while waiting:
            ready = [model for model in waiting if self._parents(model) <= set(self.rows)]
            assert ready, f"no way to make {waiting}"
            for model in ready:
                self.rows[model] = self._row(model)
                waiting.remove(model)
        self._fill(self.rows[Customer])

    def _leads_to_person(self, model: type[models.Model]) -> bool:
        if model is Customer or model._meta.app_label in {"business", "accounts"}:
            return False
        targets = {field.related_model for field in model._meta.concrete_fields}
        by_number = any(field.name == "customer_id" for field in model._meta.concrete_fields)
        return (
            Customer in targets
            or (by_number and model is not Erasure)
            or any(
                isinstance(target, type)
                and target is not model
                and issubclass(target, models.Model)
                and self._leads_to_person(target)
                for target in targets
                if target is not None
            )
        )

    def _parents(self, model: type[models.Model]) -> set[Any]:
        return {
            field.related_model
            for field in model._meta.concrete_fields
            if field.related_model not in {None, model}
            and self._leads_to_person(field.related_model)
        }

    def _row(self, model: type[models.Model]) -> models.Model:
        row = model()
        for field in model._meta.concrete_fields:
            if field.primary_key or field.name in {"public_id", "created_at"}:
                continue
            setattr(row, field.attname, self._value(model, field))
        for name, value in FIXED.get(model._meta.label, {}).items():
            self.planted.pop(str(getattr(row, name)), None)
            setattr(row, name, value)
        row.save(force_insert=True)
        return row

    def _value(self, model: type[models.Model], field: models.Field[Any, Any]) -> Any:
        target = field.related_model
        if target is not None:
            if target in self.rows:
                return self._other(model, field) or self.rows[target].pk
            is_actor = target is Staff
            return self._any(target) if is_actor or not field.null else None
        if field.name == "customer_id":
            return self.rows[Customer].pk
        its = personal.classes_of(model)[field.name]
        if isinstance(field, models.JSONField):
            return (
                {"word": self._canary(model, field, its)}
                if its != Privacy.NONE
                else (field.get_default())
            )
        if isinstance(field, models.CharField | models.TextField):
            if its != Privacy.NONE:
                return self._canary(model, field, its)
            return f"x{next(numbers)}" if field.unique else field.get_default()
        return _plain(field)

    def _other(self, model: type[models.Model], field: models.Field[Any, Any]) -> int | None:
        if model._meta.object_name == "KeptApart" and field.name == "second":
            return new("Other").pk
        return None

    def _any(self, target: type[models.Model]) -> int:
        if target not in self.rows:
            self.rows[target] = self._row(target)
        return int(self.rows[target].pk)

    def _canary(self, model: type[models.Model], field: Any, its: Privacy) -> str:
        word = f"q{next(numbers):06d}z"
        assert field.max_length is None or field.max_length >= len(word), field
        is_readable = not isinstance(field, EncryptedTextField)  # stored as nobody can read it
        if is_readable and model._meta.app_label not in {"business", "accounts"}:
            self.planted[word] = (f"{model._meta.label}.{field.name}", its)
        return word

    def _fill(self, customer: models.Model) -> None:
        for field in personal.fields_of(Customer, personal.PERSONAL):
            if isinstance(field, models.JSONField):
                setattr(
                    customer, field.name, {"word": self._canary(Customer, field, Privacy.VOICE)}
                )
            elif isinstance(field, models.CharField | models.TextField):
                setattr(customer, field.name, self._canary(Customer, field, Privacy.IDENTITY))
        customer.save()


def _plain(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.DateField):
        return dt.date(2026, 5, 1)
    if isinstance(field, models.TimeField):
        return dt.time(9)
    if isinstance(field, models.BooleanField):
        return False
    return field.get_default() if field.has_default() else (None if field.null else 1)


@pytest.fixture
def planted(business: Business, tmp_path: Path) -> Any:
    with override_settings(DATA=tmp_path):
        customer = new("Canary", email=EMAIL, phone="+36301234567")
        planter = Planter(customer)
        planter.plant_everywhere()
        yield planter


def dump() -> bytes:
    """Every value of every table, as the engine stores it."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        parts = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            parts += [repr(row) for row in cursor.fetchall()]
    return "\n".join(parts).encode()


def test_the_canaries_reach_every_package_with_personal_models(planted: Planter) -> None:
    packages = {label.partition(".")[0] for label, _its in planted.planted.values()}

    assert packages >= {"customers", "core", "mailing", "surveys"}
    assert len(planted.planted) > 40


def test_everything_about_a_person_is_handed_out(planted: Planter) -> None:
    customer = Customer.objects.get(pk=planted.rows[Customer].pk)
    text = json.dumps(personal.everything_about(customer), default=str)
    expected = {
        word: where for word, (where, its) in planted.planted.items() if its in personal.PERSONAL
    }

    assert {where for word, where in expected.items() if word not in text} == set()
    assert EMAIL in text


def test_what_is_handed_out_can_be_understood(
    business: Business, place: Place, owner: Staff, buy: Buy, tmp_path: Path
) -> None:
    """Not only what is personal by itself: an amount has a currency, a voucher what it gives."""
    with override_settings(DATA=tmp_path):
        customer = new("Anna", email=EMAIL)
        bought = buy(customer, 3, total=1500, items=("latte",), place=place)
        offer = offers.make_offer(by=owner, name="A coffee", gives="percent", percent=10)
        given = vouchers.issue(offer, customer, key="1", by=owner).voucher
        survey = designs.make_survey(name="After a visit", metric=Metric.NPS, by=owner)
        version = answers.current_version(survey)
        answers.submit_open(survey, version, answers.Answer("a1", 9, "Fine"), customer=customer)
        handed = personal.everything_about(customer)

    ((purchase,), (line,)) = handed["customers.Purchase"], handed["customers.PurchaseLine"]
    ((voucher,), (answer,)) = handed["rewards.Voucher"], handed["surveys.Response"]
    assert [purchase[name] for name in ("document", "place", "total", "currency")] == [
        *(bought.document, "Kossuth tér", 1500, "HUF")
    ]
    assert [line[name] for name in ("item", "amount", "purchase__document")] == [
        *(str(bought.lines.get().item), bought.lines.get().amount, bought.document)
    ]
    assert [voucher[name] for name in ("ending", "used", "uses_allowed", "expires_at")] == [
        *(given.ending, 0, 1, given.expires_at.isoformat())
    ]
    assert [voucher[f"offer__{name}"] for name in ("name", "gives", "percent")] == [
        *("A coffee", "percent", 10)
    ]
    assert [answer[name] for name in ("survey", "metric", "score", "comment")] == [
        *("After a visit", Metric.NPS, 9, "Fine")
    ]


def test_what_is_handed_out_to_read_says_amounts_and_choices_in_words(
    told: Customer, buy: Buy
) -> None:
    buy(told, 3, total=1500)
    mailing.record_sent_by_hand(
        "Thank you", key="h", purpose=Purpose.SERVICE, customer=told, by=Staff.objects.first()
    )

    sections = {one.label: one for one in personal.sections_about(told)}

    assert "HUF\N{NO-BREAK SPACE}1,500" in sections["customers.Purchase"].rows[0]
    said = sections["mailing.Message"]
    purpose = said.fields.index("purpose")
    assert {row[purpose] for row in said.rows} == {"notice to staff", "reply or confirmation"}
    assert {len(row) for row in said.rows} == {len(said.fields)}


def test_every_amount_that_is_handed_out_has_a_currency(planted: Planter) -> None:
    customer = Customer.objects.get(pk=planted.rows[Customer].pk)
    handed = personal.everything_about(customer)

    bare = {
        label
        for label, records in handed.items()
        for name in records[0]
        if name.rpartition("__")[2] in {"total", "amount", "value", "min_total"}
        and isinstance(records[0][name], int)
        and not any(other.endswith("currency") for other in records[0])
    }
    assert bare == set()


def test_control_a_model_without_classes_would_be_missed(
    planted: Planter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ContactPoint, "privacy", {})
    customer = Customer.objects.get(pk=planted.rows[Customer].pk)

    assert EMAIL not in json.dumps(personal.everything_about(customer), default=str)


def test_nothing_that_speaks_of_the_person_survives_erasure(planted: Planter) -> None:
    customer = Customer.objects.get(pk=planted.rows[Customer].pk)
    before = dump()
    speaking = {
        word: where for word, (where, its) in planted.planted.items() if its in personal.SPEAKING
    }
    assert {where for word, where in speaking.items() if word.encode() not in before} == set()

    erasing.erase(customer, by=None)

    after = dump()
    assert {where for word, where in speaking.items() if word.encode() in after} == set()
    assert EMAIL.encode() not in after
    assert b"36301234567" not in after


def test_what_the_person_did_is_gone_or_belongs_to_nobody(planted: Planter) -> None:
    customer = Customer.objects.get(pk=planted.rows[Customer].pk)

    erasing.erase(customer, by=None)

    linked = [
        rows.model._meta.label
        for rows in personal.rows_about(Customer.objects.get(pk=customer.pk))
        if rows.model not in {Customer, Moment, Erasure}
    ]
    assert linked == []
    assert set(Moment.objects.filter(customer_id=customer.pk).values_list("kind", flat=True)) == {
        "customer.erased"
    }


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_in_the_bytes_of_the_database_file(tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the file is SQLite's; the other tests read PostgreSQL's tables")
    Business.objects.create(name="Café Mandula", currency="HUF")
    with override_settings(DATA=tmp_path):
        customer = new("Canaryname", "Longfamilyname", email=EMAIL, note="A canary note.")
        copy = tmp_path / "before.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        assert b"Longfamilyname" in copy.read_bytes()

        erasing.erase(customer, by=None)

        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(tmp_path / "after.sqlite3")])
    content = (tmp_path / "after.sqlite3").read_bytes()
    words = (b"Longfamilyname", b"longfamilyname", b"canary.address", b"canary note")
    assert [word for word in words if word in content] == []


def test_money_stays_and_knows_nobody(business: Business, buy: Buy, tmp_path: Path) -> None:
    customer = new("Anna", email=EMAIL)
    for days in (400, 30, 2):
        buy(customer, days, total=1500, items=("latte",))
    before = list(Purchase.objects.order_by("pk").values_list("document", "total", "currency"))

    with override_settings(DATA=tmp_path):
        erasing.erase(customer, by=None)

    rows = Purchase.objects.order_by("pk")
    assert list(rows.values_list("document", "total", "currency")) == before
    assert set(rows.values_list("customer", flat=True)) == {None}


def test_merged_records_go_too(business: Business, tmp_path: Path) -> None:
    one, other = new("Anna", email=EMAIL), new("Ancsa", email="ancsa@example.com")
    merging.merge(one, other, by=None)

    with override_settings(DATA=tmp_path):
        erasing.erase(one, by=None)

    assert list(Customer.objects.values_list("given_name", "search_key")) == [("", ""), ("", "")]
    assert not ContactPoint.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_imports_that_wait_forget_too(business: Business, tmp_path: Path) -> None:
    table = (
        "name,email,phone,birthday\nAnna,canary.address@EXAMPLE.com,,1990-05-05\n"
        "Bea,,06 30 123 4567,1990-05-05\nCecil,cecil@example.com,,nonsense\n"
    )
    with override_settings(DATA=tmp_path):
        waiting = batches.begin([table.encode()], file_name="a.csv", kind="", by=None)
        batches.check(batches.look(waiting))
        other = batches.begin([b"name,email\nD,d@example.com"], file_name="b.csv", kind="", by=None)
        batches.look(other)
        rejected = ImportRejection(batch=other, number=1, reason="bad_date")
        rejected.cells = ["Anna", "Canary.Address@example.com"]
        rejected.save()
        customer = new("Anna", email=EMAIL, phone="+36301234567")
        assert b"canary.address" in files_in(tmp_path)

        erasing.erase(customer, by=None)

        left = files_in(tmp_path)

    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.state, waiting.error) == ("failed", "erased")
    assert (other.state, ImportRejection.objects.filter(batch=other).count()) == ("uploaded", 0)
    assert b"canary.address" not in left.lower()
    assert b"d@example.com" in left
    assert EMAIL.encode() not in dump().lower()


def files_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_no_log_speaks_of_the_person(
    business: Business, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Everything that is logged, of every level, while somebody comes, is looked at and goes."""
    caplog.set_level(logging.DEBUG)
    with override_settings(DATA=tmp_path):
        customer = new("Canaryname", "Longfamilyname", email=EMAIL, phone="+36301234567")
        Client().get(customer.get_absolute_url(), {"q": "Longfamilyname"})
        erasing.erase(customer, by=None)

    ours = [one for one in caplog.records if not one.name.startswith("django.db")]
    said = "\n".join(logging.Formatter().format(one) for one in ours).lower()
    words = ("canaryname", "longfamilyname", "canary.address", "36301234567")
    assert [word for word in words if word in said] == []


def test_mechanisms_forget_too(business: Business, tmp_path: Path) -> None:
    customer = new("Anna", email=EMAIL)
    Job.objects.create(task="x", arguments={"to": EMAIL}, status="done", error=f"to {EMAIL}")
    Job.objects.create(task="x", arguments={"to": EMAIL}, status="ready")
    IdempotencyKey.objects.create(scope="s", key="k", fingerprint="f", answer=customer.public_id)
    Suppression.objects.create(address_hash="h", address=EMAIL, kind="bounced")

    with override_settings(DATA=tmp_path):
        erasing.erase(customer, by=None)

    assert EMAIL.encode() not in dump()
    assert list(IdempotencyKey.objects.values_list("answer", flat=True)) == ["{}"]
    assert list(Suppression.objects.values_list("address_hash", "address")) == [("h", "")]


@pytest.mark.parametrize(
    "typed",
    [
        "Canary.Address@Example.com",
        " canary.address@EXAMPLE.com ",
        "Anna <canary.address@example.com>",
        "06 30 123 4567",
        "+36 (30) 123-4567",
    ],
)
def test_who_wrote_without_being_known_is_found_however_they_typed_their_address(
    business: Business, owner: Staff, tmp_path: Path, typed: str
) -> None:
    customer = new("Anna", email=EMAIL, phone="+36301234567")
    said = {"source": Source.WEB_FORM, "text": "Qword is cold.", "contact_name": "Qname"}
    with override_settings(DATA=tmp_path):
        receiving.receive(receiving.Said(**said, contact_address="joe.canary.address@example.com"))
        mine, _new = receiving.receive(receiving.Said(**said, contact_address=typed))
        case = cases.open_case(mine, reason="complaint")
        cases.add_note(case, "Qword again", by=owner)
        handed = personal.everything_about(customer)
        assert [one["text"] for one in handed["feedback.Feedback"]] == ["Qword is cold."]
        assert "Qword again" in [one["text"] for one in handed["feedback.CaseNote"]]

        erasing.erase(customer, by=None)

    left = Feedback.objects.order_by("pk").values_list("contact_name", "contact_address", "text")
    other = ("Qname", "joe.canary.address@example.com", "Qword is cold.")
    assert list(left) == [other, ("", "", "")]
    assert b"Qword again" not in dump()


def told_to_staff(customer: Customer, colleague: Staff, owner: Staff, word: str) -> None:
    """A complaint and praise by the customer, told to staff by the mails there are."""
    said = {"source": Source.PHONE, "customer": customer}
    complaint, _new = receiving.receive(receiving.Said(**said, text=f"Cold {word}!"))
    assigned = cases.open_case(complaint, reason="complaint")
    cases.assign(assigned, to=colleague, by=owner)
    lovely, _new = receiving.receive(receiving.Said(**said, text=f"Lovely {word}."))
    praise.pass_on(lovely, to=colleague, by=owner)


@pytest.fixture
def told(business: Business, place: Place, owner: Staff, colleague: Staff, tmp_path: Path) -> Any:
    """Anna, of whom staff were told: by a case's alert, its giving away, praise, the Monday mail.

    Of Béla they were told the same, by mails of his own and by the same Monday mail.
    """
    with override_settings(DATA=tmp_path), time_machine.travel("2026-11-20 12:00Z", tick=False):
        anna = new("Qanna", email=EMAIL, birth_month=11, birth_day=25)
        bela = new("Qbela", email="bela@example.com", birth_month=11, birth_day=26)
        told_to_staff(anna, colleague, owner, "Qsoup")
        told_to_staff(bela, colleague, owner, "Qcake")
    with override_settings(DATA=tmp_path), time_machine.travel("2026-11-23 12:00Z", tick=False):
        insight.send_monday_mails()
        yield anna


def notices_with(word: str) -> int:
    """How many messages to staff hold the word somewhere."""
    messages = Message.objects.filter(customer=None)
    return sum(word in f"{one.subject} {one.text} {one.html}" for one in messages)


def test_what_was_written_to_staff_about_somebody_is_forgotten_too(told: Customer) -> None:
    assert [notices_with(word) for word in ("Qanna", "Qsoup", "Qbela", "Qcake")] == [3, 4, 3, 4]

    erasing.erase(told, by=None)

    assert [notices_with(word) for word in ("Qanna", "Qsoup", "Qbela", "Qcake")] == [0, 0, 2, 3]
    left = dump().lower()
    assert [word for word in (b"qanna", b"qsoup") if word in left] == []


def test_control_what_mentions_nobody_would_be_left(told: Customer) -> None:
    Mention.objects.all().delete()

    erasing.erase(told, by=None)

    assert notices_with("Qsoup") == 4


def test_a_notice_that_waits_goes_out_no_more(told: Customer) -> None:
    waiting = list(Message.objects.filter(text__contains="Qsoup"))
    assert {checks.verdict(one, now=timezone.now()) for one in waiting} == {checks.Go()}

    erasing.erase(told, by=None)

    for one in waiting:
        one.refresh_from_db()
    said = {checks.verdict(one, now=timezone.now()) for one in waiting}
    assert said == {checks.Skip(Reason.ERASED)}


def test_what_was_written_to_staff_is_handed_out_without_what_it_says_of_others(
    told: Customer,
) -> None:
    handed = personal.everything_about(told)

    texts = [one["text"] for one in handed["mailing.Message"]]
    assert ["Qsoup" in text for text in texts] == [True, True, True]
    assert {one["message"] for one in handed["mailing.Mention"]} == {
        *("To put right: Qanna", "A customer praised you"),
        Message.objects.get(key__startswith="monday:").subject,
    }
    everything = json.dumps(handed, default=str)
    others = ("Qbela", "Qcake", "owner@example.com", "colleague@example.com")
    assert [word for word in others if word in everything] == []


def test_what_is_written_to_staff_follows_who_it_is(
    business: Business, place: Place, owner: Staff, tmp_path: Path
) -> None:
    """Whoever is recognised later, and whoever turns out to be somebody known already."""
    with override_settings(DATA=tmp_path):
        anna, ancsa = new("Anna", email=EMAIL), new("Ancsa", email="ancsa@example.com")
        said, _new = receiving.receive(receiving.Said(source=Source.PHONE, text="Cold Qsoup!"))
        cases.open_case(said, reason="complaint")
        knowing.join_customer(said, ancsa, by=owner)
        merging.merge(anna, ancsa, by=owner)

        erasing.erase(anna, by=None)

    assert (notices_with("Qsoup"), Message.objects.count()) == (0, 1)


def test_another_customer_with_the_same_address_keeps_it(
    business: Business, tmp_path: Path
) -> None:
    mother, child = new("Anna", email=EMAIL), new("Béla", email=EMAIL)

    with override_settings(DATA=tmp_path):
        erasing.erase(mother, by=None)

    child.refresh_from_db()
    assert (child.given_name, child.contact_points.get().address) == ("Béla", EMAIL)


@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_forgets_the_person_again(tmp_path: Path) -> None:
    Business.objects.create(name="Café Mandula")
    with override_settings(DATA=tmp_path):
        customer = new("Anna", email=EMAIL)
        erasing.erase(customer, by=None)
        # The backup was made before: the person is known, the erasure is not.
        Erasure.objects.all().delete()
        Customer.objects.filter(pk=customer.pk).update(given_name="Anna", erased_at=None)

        assert erasing.replay_erasures() == 1
        assert erasing.replay_erasures() == 0

        lines = erasing.journal_file().read_text("utf-8").splitlines()
    assert [json.loads(line)["subject"] for line in lines] == [customer.public_id]
    assert Customer.objects.get(pk=customer.pk).given_name == ""


@pytest.mark.django_db(transaction=True)
def test_a_line_that_a_crash_cut_off_is_written_again(tmp_path: Path) -> None:
    Business.objects.create(name="Café Mandula")
    with override_settings(DATA=tmp_path):
        people = [new("Anna"), new("Béla")]
        for customer in people:
            erasing.erase(customer, by=None)
        whole = erasing.journal_file().read_bytes()
        erasing.journal_file().write_bytes(whole[:-20])

        assert erasing.write_journal() == 1
        assert erasing.write_journal() == 0
        assert erasing.journalled() == {customer.public_id for customer in people}
        assert erasing.journal_file().read_bytes().endswith(b"\n")


def test_the_pages(
    anna: Customer, owner_client: Client, colleague_client: Client, tmp_path: Path
) -> None:
    page = f"{anna.get_absolute_url()}personal-data/"
    shown = owner_client.get(page)
    saved = owner_client.post(page, {"format": "json"})
    readable = owner_client.post(page, {"format": "html"})

    assert "anna@example.com" in shown.content.decode()
    assert json.loads(saved.content)["records"]["customers.Customer"][0]["given_name"] == "Anna"
    assert "attachment" in readable.headers["Content-Disposition"]
    assert AuditEntry.objects.filter(action="customers.hand_out").count() == 2
    assert colleague_client.get(page).status_code == 403

    erasure = f"{anna.get_absolute_url()}erasure/"
    assert owner_client.post(erasure).status_code == 422
    with override_settings(DATA=tmp_path):
        assert owner_client.post(erasure, {"sure": "yes"}).status_code == 302
    assert owner_client.get(anna.get_absolute_url()).status_code == 410
