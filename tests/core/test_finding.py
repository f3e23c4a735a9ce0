"""Searching by the index finds what looking at every row would find."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core import finding
from regulars.customers.actions import people as actions
from regulars.customers.models import Customer
from regulars.customers.queries import people

pytestmark = pytest.mark.django_db
ON_SQLITE = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL plans by itself whether to use its index"
)


def new(name: str, **fields: str) -> Customer:
    return actions.add_customer(way="staff", by=None, given_name=name, **fields)


def found(words: str) -> list[str]:
    rows = people.matching(people.customers(), words)
    return sorted(rows.values_list("given_name", flat=True))


@ON_SQLITE
def test_three_letters_and_more_are_looked_up() -> None:
    new("Ágnes"), new("Agnieszka"), new("Иван")

    with CaptureQueriesContext(connection) as seen:
        assert found("agne") == ["Ágnes"]
        assert found("gni") == ["Agnieszka"]
        assert found("ivan") == ["Иван"]

    looked_up = [one["sql"] for one in seen.captured_queries if "MATCH" in one["sql"]]
    assert [sql.startswith("SELECT count") for sql in looked_up] == [True, False] * 3


def test_short_words_and_long_ones_go_together() -> None:
    new("Anna", family_name="Bo"), new("Anna", family_name="Ba"), new("Hanna", family_name="Bo")

    assert found("anna bo") == ["Anna", "Hanna"]
    assert found("bo") == ["Anna", "Hanna"]
    assert found("anna ba") == ["Anna"]


def test_a_name_that_changed_is_found_by_the_new_one() -> None:
    anna = new("Anna")

    anna.given_name = "Bella"
    anna.save(update_fields=["given_name"])
    actions.refresh_keys(anna)

    assert found("anna") == []
    assert found("bella") == ["Bella"]


def test_nobody_who_is_deleted_is_found() -> None:
    anna = new("Anna")

    anna.delete()
    new("Zoe")

    assert found("anna") == []


@ON_SQLITE
def test_what_is_too_common_is_looked_for_in_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        new(f"Anna{number}")
    monkeypatch.setattr(finding, "FEW", 3)

    with CaptureQueriesContext(connection) as seen:
        assert len(found("anna")) == 12

    assert "MATCH" not in seen.captured_queries[-1]["sql"]
    assert found("anna11") == ["Anna11"]


@ON_SQLITE
def test_a_trigger_that_was_lost_comes_back_with_what_it_missed() -> None:
    with connection.cursor() as cursor:
        cursor.execute('DROP TRIGGER "customers_customer_found_insert"')
        cursor.execute('DROP TRIGGER "customers_customer_found_update"')
    new("Anna")
    assert found("anna") == []  # control: without the trigger the index misses her

    finding.install(connection)

    assert found("anna") == ["Anna"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(alphabet="anbáи\"'%_*|\\ .@-", max_size=9))
def test_the_index_and_every_row_agree(words: str) -> None:
    if not Customer.objects.exists():
        for name in ("Anna", "Bán", "a\"n'b", "an%b_a", "наи", "b.a@n-b"):
            new(name)

    by_index = found(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "_looked_up", lambda rows, words: None)
        by_rows = found(words)

    assert by_index == by_rows
