"""Statements composed once: they mean what the ORM means, on either engine."""

from __future__ import annotations

import gc
import threading
import weakref
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Count, F
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from regulars.accounts.models import Staff
from regulars.business.models import Business, Place
from regulars.core import prepared
from regulars.core.models import Job, Moment, RateCounter
from regulars.customers.models import Customer, Purchase

NOON = datetime(2026, 2, 28, 12, tzinfo=UTC)
NAMELESS: dict[str, Any] = {"key": None, "window": 1, "ends_at": NOON}
OWN = [one for one in apps.get_models() if one.__module__.startswith("regulars.")]


def statements(of: CaptureQueriesContext) -> list[str]:
    return [one["sql"] for one in of.captured_queries]


def as_stored(row: models.Model) -> dict[str, Any]:
    return type(row)._default_manager.filter(pk=row.pk).values().get()


@pytest.mark.django_db
def test_an_insert_stores_what_saving_stores() -> None:
    given = {
        "task": "a.b",
        "arguments": {"words": "Ár „100 %” 'x' \\ გამარჯობა", "list": [1, None, True]},
        "priority": -50,
        "due_at": NOON,
        "lease_until": None,
    }
    saved, inserted = Job(**given, key="saved"), Job(**given, key="inserted")
    saved.save(force_insert=True)
    prepared.insert(inserted)
    first, second = as_stored(saved), as_stored(inserted)
    for own in ("id", "public_id", "key", "created_at"):
        assert first.pop(own) != second.pop(own)
    assert first == second
    assert second["arguments"] == given["arguments"]


@pytest.mark.django_db
def test_a_row_that_was_inserted_can_be_changed_and_saved() -> None:
    row = Moment(kind="k", happened_at=NOON)
    prepared.insert(row)
    row.kind = "later"
    row.save()
    assert Moment.objects.get().kind == "later"


@pytest.mark.django_db
def test_what_is_there_already_is_left_alone() -> None:
    given: dict[str, Any] = {"key": "k", "window": 1, "ends_at": NOON}
    assert prepared.insert_unless_there(RateCounter(**given, count=1))
    second = RateCounter(**given, count=2)
    assert not prepared.insert_unless_there(second)
    assert second.pk is None
    assert list(RateCounter.objects.values_list("count", flat=True)) == [1]
    with pytest.raises(IntegrityError), transaction.atomic():
        prepared.insert(RateCounter(**given, count=3))


@pytest.mark.django_db
def test_only_what_is_there_already_is_passed_over() -> None:
    """Anything else that the database refuses is an error."""
    with pytest.raises(IntegrityError), transaction.atomic():
        prepared.insert_unless_there(RateCounter(**NAMELESS))


@pytest.mark.django_db
def test_a_failure_breaks_the_transaction_as_saving_does() -> None:
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            prepared.insert(RateCounter(**NAMELESS))
        with pytest.raises(transaction.TransactionManagementError):
            Job.objects.count()
        transaction.set_rollback(True)


def composed(model: type[models.Model]) -> bool:
    return model._meta.auto_field is not None and model._meta.proxy_for_model is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model", [one for one in OWN if composed(one)], ids=lambda model: model._meta.label
)
def test_every_field_is_in_the_statement(model: type[models.Model]) -> None:
    """Of each of our tables: as many values as columns, in their order."""
    statement = prepared._composed_insert(model(), connection, is_careful=False)
    columns = [one.column for one in model._meta.local_concrete_fields if not one.primary_key]
    assert [one.column for one in statement.fields] == columns
    assert statement.sql.count("%s") == len(columns)


@pytest.mark.django_db
def test_a_query_reads_rows_and_what_belongs_to_them(business: Business) -> None:
    place = Place.objects.create(name="Kossuth tér")
    buyer = Customer.objects.create(given_name="Anna", birth_year=1990)
    for number in range(3):
        Purchase.objects.create(
            customer=buyer,
            place=place if number else None,
            purchased_at=NOON,
            source="till",
            document=str(number),
            total=1250,
            currency="EUR",
        )
    read = prepared.Select(
        lambda pk: Purchase.objects.filter(pk=pk).select_related("customer", "place"), pk=-1
    )
    for purchase in Purchase.objects.select_related("customer", "place"):
        with CaptureQueriesContext(connection) as asked:
            (found,) = read.rows(pk=purchase.pk)
            assert (found.customer, found.place) == (buyer, purchase.place)
            assert found.customer is not None
            assert found.customer.birth_year == 1990
        assert len(asked) == 1
        assert found.__dict__.keys() == purchase.__dict__.keys()
        assert as_stored(found) == as_stored(purchase)
    assert read.first(pk=0) is None


@pytest.mark.django_db
def test_it_asks_for_what_the_orm_asks_for() -> None:
    read = prepared.Select(lambda key: Job.objects.filter(key=key).order_by("pk")[:1], key="an ex")
    for key in ("first", "sec'ond %s"):
        with CaptureQueriesContext(connection) as ours:
            read.rows(key=key)
        with CaptureQueriesContext(connection) as theirs:
            list(Job.objects.filter(key=key).order_by("pk")[:1])
        assert statements(ours) == statements(theirs)


@pytest.mark.django_db
def test_an_update_changes_what_the_orm_changes() -> None:
    cells = [
        RateCounter.objects.create(key="k", window=window, count=5, ends_at=NOON)
        for window in (1, 2)
    ]
    add = prepared.Update(
        lambda window, by, at: (
            RateCounter.objects.filter(key="k", window=window),
            {"count": F("count") + by, "ends_at": at},
        ),
        window=-1,
        by=-2,
        at=datetime(1, 1, 1, tzinfo=UTC),
    )
    later = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert add.run(window=2, by=3, at=later) == 1
    assert add.run(window=9, by=3, at=later) == 0
    stored = {one.pk: (one.count, one.ends_at) for one in RateCounter.objects.all()}
    assert stored == {cells[0].pk: (5, NOON), cells[1].pk: (8, later)}


@pytest.mark.django_db
def test_days_are_taken(place: Place) -> None:
    born = prepared.Select(
        lambda day: Place.objects.filter(created_at__date=day), day=date(1, 1, 1)
    )
    assert born.rows(day=place.created_at.date()) == [place]


@pytest.mark.django_db
def test_what_cannot_be_composed_once_is_said() -> None:
    with pytest.raises(TypeError, match="once"):
        prepared.Select(lambda key: Job.objects.filter(task="x"), key="example").rows(key="k")
    with pytest.raises(TypeError, match="select_related"):
        prepared.Select(lambda: Job.objects.annotate(n=Count("pk"))).rows()
    with pytest.raises(TypeError, match="select_related"):
        prepared.Select(lambda: Staff.objects.prefetch_related("roles")).rows()


@pytest.mark.django_db
def test_a_row_that_somebody_listens_to_is_not_passed_by() -> None:
    def hear(**kwargs: Any) -> None:
        pass

    post_save.connect(hear, sender=RateCounter)
    try:
        with pytest.raises(TypeError, match="listens"):
            prepared.insert(RateCounter(key="k", window=1, ends_at=NOON))
    finally:
        post_save.disconnect(hear, sender=RateCounter)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # says it was open
@pytest.mark.django_db(transaction=True)
def test_a_thread_that_ends_leaves_no_connection_open() -> None:
    """What was composed for its connection goes with it."""
    read = prepared.Select(lambda key: Job.objects.filter(key=key), key="an example")
    left: list[weakref.ref[Any]] = []

    def work() -> None:
        read.rows(key="k")
        prepared.insert(Moment(kind="k", happened_at=NOON))
        left.append(weakref.ref(transaction.get_connection()))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    threads.clear()
    del one
    gc.collect()

    assert [one() for one in left] == [None, None, None]
    assert Moment.objects.count() == 3
