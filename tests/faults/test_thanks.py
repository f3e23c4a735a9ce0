"""Two colleagues press “Send” at the same moment: one mail goes out."""

from __future__ import annotations

from tests.faults.stage import Stage
from tests.faults.test_limits import PROCESSES, at_once

PREPARE = """
from regulars.accounts.models import Role, Staff, StaffRole
from regulars.business.models import Business
from regulars.customers.actions import consents, people
from django.utils import timezone
Business.objects.create(name="Mandula", currency="EUR")
anna = people.add_customer(way="staff", by=None, given_name="Anna", language="en",
    addresses=[people.Address("email", "anna@example.com")])
consents.give_consent(anna, channel="email", purpose="appreciation", wording="Yes.",
    evidence="a form", happened_at=timezone.now())
for number in range(6):
    person = Staff.objects.create_user(f"{number}@example.com", "pw", name=f"Staff {number}")
    StaffRole.objects.create(staff=person, role=Role.MANAGER)
"""
DRAFT = """
from regulars.accounts.models import Staff
from regulars.customers.models import Customer
from regulars.outreach import queries
from regulars.outreach.actions import thanking
from regulars.outreach.errors import JustThankedError
anna, me = Customer.objects.get(), Staff.objects.get(email=f"{sys.argv[2]}@example.com")
draft = thanking.Draft(occasion="regular", way="email", language="en", subject="Thank you",
    text="Dear {full_name},\\n\\nthank you.\\n\\nYours sincerely,", signed_name=me.name)
"""
THANK = (
    DRAFT
    + """
try:
    thanking.thank(anna, draft, key=f"page-{sys.argv[2]}", by=me)
    print("thanked")
except JustThankedError as error:
    print(error)
"""
)
# Looks first and writes then, with nothing in between that makes the others wait.
UNPROTECTED = (
    DRAFT
    + """
if queries.just_thanked(anna) is None:
    time.sleep(0.5)
    thanking.thank(anna, draft, key=f"page-{sys.argv[2]}", by=me, again=True)
    print("thanked")
"""
)
MAILS = 'm("mailing", "Message").objects.filter(purpose="appreciation").count()'


def test_colleagues_who_thank_at_once_thank_once(installation: Stage) -> None:
    installation.run(PREPARE)

    said = at_once(installation, THANK)

    assert said.count("thanked") == 1
    kind = [one for one in said if "has thanked this customer" in one]
    assert len(kind) == PROCESSES - 1
    assert installation.value(MAILS) == 1


def test_control_looking_first_and_thanking_then_thanks_several_times(
    installation: Stage,
) -> None:
    installation.run(PREPARE)

    said = at_once(installation, UNPROTECTED)

    assert said.count("thanked") > 1
    assert installation.value(MAILS) > 1
