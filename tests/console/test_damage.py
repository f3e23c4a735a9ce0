"""PI6: what the nightly look finds is noted, shown and told to every owner, once a day."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from regulars.accounts.models import Staff
from regulars.config.schedule import SCHEDULE
from regulars.console import actions, demo
from regulars.core import soundness, triggers
from regulars.core.models import AuditEntry
from regulars.mailing.models import Message
from regulars.rewards.models import Voucher
from regulars.surveys.models import AnswerCount, Response

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    return [fault.name for fault in soundness.look()]


@pytest.fixture
def filled(owner: Staff) -> None:
    demo.begin(by=owner)


def test_every_check_is_known_and_the_look_is_scheduled() -> None:
    assert soundness.registered() == [
        "core.engine",
        "core.history",
        "rewards.undoings",
        "rewards.uses",
        "surveys.counts",
    ]
    assert "console.damage" in [entry.name for entry in SCHEDULE]


def test_the_demo_company_is_sound(filled: None) -> None:
    assert names() == []


def test_a_count_that_lies_is_found_and_told(
    filled: None, owner: Staff, owner_client: Client
) -> None:
    cell = AnswerCount.objects.filter(count__gt=0).latest("pk")
    AnswerCount.objects.filter(pk=cell.pk).update(count=cell.count + 1)
    before = Message.objects.count()

    found = actions.look_for_damage()
    actions.look_for_damage()  # the same day: no second mail

    assert [fault.name for fault in found] == ["surveys.counts"]
    assert len(found[0].lines) == 1
    assert Message.objects.count() == before + 1
    mail = Message.objects.latest("pk")
    assert (mail.to_address, mail.subject) == (
        owner.email,
        "Regulars found something wrong with its data",
    )
    assert "do not agree with the answers" in mail.text
    page = owner_client.get("/settings/work/").content.decode()
    assert "do not agree with the answers" in page
    assert found[0].lines[0] in page


def test_an_answer_that_went_missing_is_found(filled: None) -> None:
    Response.objects.filter(is_quarantined=False).latest("pk").delete()

    assert names() == ["surveys.counts"]


def test_a_use_that_no_till_wrote_down_is_found(filled: None) -> None:
    voucher = Voucher.objects.filter(used=0).latest("pk")
    Voucher.objects.filter(pk=voucher.pk).update(used=1)

    assert names() == ["rewards.uses"]


def test_a_missing_trigger_is_found() -> None:
    triggers.remove(connection)

    assert names() == ["core.history"]
    assert AuditEntry._meta.db_table in soundness.look()[0].lines


def test_what_is_mended_is_no_longer_shown(filled: None, owner_client: Client) -> None:
    AnswerCount.objects.latest("pk").delete()
    assert actions.look_for_damage()

    AnswerCount.objects.all().delete()
    Response.objects.all().delete()
    actions.look_for_damage()

    page = owner_client.get("/settings/work/").content.decode()
    assert "do not agree" not in page
    assert "The data were last compared with themselves" in page
