"""The cast and the stage of every test: a café with two places, and three people.

`owner` owns it, `colleague` serves customers at the first place, `stranger` has no role at all.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import settings

from regulars.accounts.models import Role, Staff, StaffRole
from regulars.business.models import Business, Place, Trade
from tools import messages

# A slow machine is no fault of the code; what takes how long is measured under bench/.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database-only` leaves out what needs no database; `--page` is for the crawl."""
    parser.addoption("--database-only", action="store_true", help="only tests with a database")
    parser.addoption("--page", help="only this URL name in tests/e2e/test_every_page.py")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues that changed, once for all test processes."""
    if not hasattr(config, "workerinput"):
        messages.compile_all()
    _let_flush_empty_append_only_tables()


def _let_flush_empty_append_only_tables() -> None:
    """Tests with real transactions are cleaned up by deleting all rows, which triggers refuse."""
    from django.core.management.commands import flush
    from django.db import connections

    from regulars.core import triggers

    empty = flush.Command.handle

    def handle(self: flush.Command, **options: Any) -> None:
        triggers.remove(connections[options["database"]])
        empty(self, **options)

    flush.Command.handle = handle  # type: ignore[method-assign]  # post_migrate puts them back


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that use a database, when only those are wanted."""
    if not config.getoption("--database-only"):
        return
    config.hook.pytest_deselected(items=[item for item in items if not _uses_database(item)])
    items[:] = [item for item in items if _uses_database(item)]


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return "db" in fixtures or item.get_closest_marker("django_db") is not None


@pytest.fixture
def business(db: None) -> Business:
    return new_business()


def new_business() -> Business:
    """The café."""
    return Business.objects.create(
        name="Café Mandula", trade=Trade.CAFE, languages=["hu", "en"], currency="HUF"
    )


@pytest.fixture
def place(business: Business) -> Place:
    return Place.objects.create(name="Kossuth tér")


@pytest.fixture
def other_place(business: Business) -> Place:
    return Place.objects.create(name="Fő utca")


def _staff(email: str, name: str) -> Staff:
    return Staff.objects.create_user(email, "a long enough password", name=name, language="en")


@pytest.fixture
def owner(business: Business) -> Staff:
    return new_owner()


def new_owner() -> Staff:
    """Olga, to whom it belongs."""
    person = _staff("owner@example.com", "Olga Owner")
    StaffRole.objects.create(staff=person, role=Role.OWNER)
    return person


@pytest.fixture
def colleague(place: Place) -> Staff:
    person = _staff("colleague@example.com", "Colin Colleague")
    StaffRole.objects.create(staff=person, role=Role.STAFF, place=place)
    return person


@pytest.fixture
def stranger(business: Business) -> Staff:
    return _staff("stranger@example.com", "Stella Stranger")


@pytest.fixture
def owner_client(owner: Staff) -> Client:
    return _client(owner)


@pytest.fixture
def colleague_client(colleague: Staff) -> Client:
    return _client(colleague)


@pytest.fixture
def stranger_client(stranger: Staff) -> Client:
    return _client(stranger)


def _client(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
