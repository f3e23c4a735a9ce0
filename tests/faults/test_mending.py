"""Colleagues ask at the same moment whether it was put right: the customer is asked once."""

from __future__ import annotations

from tests.faults.stage import Stage
from tests.faults.test_limits import PROCESSES, at_once

PREPARE = """
from django.utils import timezone
from regulars.accounts.models import Role, Staff, StaffRole
from regulars.business.models import Business
from regulars.customers.actions import consents, people
from regulars.feedback.actions import receiving
from regulars.feedback.models import Kind, Source
Business.objects.create(name="Mandula", currency="EUR")
anna = people.add_customer(way="staff", by=None, given_name="Anna", language="en",
    addresses=[people.Address("email", "anna@example.com")])
consents.give_consent(anna, channel="email", purpose="surveys", wording="Yes.",
    evidence="a form", happened_at=timezone.now())
person = Staff.objects.create_user("me@example.com", "pw", name="Me")
StaffRole.objects.create(staff=person, role=Role.OWNER)
receiving.receive(receiving.Said(source=Source.PHONE, text="Cold.", kind=Kind.COMPLAINT,
    customer=anna))
"""
ASK = """
from regulars.accounts.models import Staff
from regulars.feedback.actions import cases
from regulars.feedback.models import Case
case, me = Case.objects.get(), Staff.objects.get()
try:
    cases.ask_again(case, channel="email", by=me)
    print("asked")
except cases.CaseError as error:
    print(error.code)
"""
# Judges by the case as it was when the page was opened, and waits for nobody.
UNPROTECTED = """
from regulars.feedback.actions import cases
cases._locked = lambda case: case
""" + ASK.replace("try:", "time.sleep(0.5)\ntry:")
MAILS = 'm("mailing", "Message").objects.filter(purpose="survey").count()'


def test_colleagues_who_ask_at_once_ask_once(installation: Stage) -> None:
    installation.run(PREPARE)

    said = at_once(installation, ASK)

    assert sorted(said) == ["asked", *["asked_already"] * (PROCESSES - 1)]
    assert installation.value(MAILS) == 1


def test_control_judging_by_what_the_page_showed_asks_several_times(installation: Stage) -> None:
    installation.run(PREPARE)

    said = at_once(installation, UNPROTECTED)

    assert said.count("asked") > 1
    assert installation.value(MAILS) > 1
