"""PB5 and the claim link: a limit means the same for all processes, and an owner is made once."""

from __future__ import annotations

import time

from regulars.core import access
from tests.faults.stage import Stage

PROCESSES = 6
TRIES = 40
LIMIT = 25
AT_ONCE = """
import sys, time
from pathlib import Path
from django.db import connection
connection.ensure_connection()
print("ready", flush=True)
while not Path(sys.argv[1]).exists():
    time.sleep(0.001)
"""
COUNTED = f"""
from regulars.core import limits
print(sum(limits.allow("door", limit={LIMIT}, window_seconds=10**9) for _ in range({TRIES})))
"""
# Reads, looks, writes: what the conditional UPDATE replaces.
UNPROTECTED = f"""
from regulars.core.models import RateCounter
def allow():
    row, _ = RateCounter.objects.get_or_create(key="door", window=0, defaults=dict(ends_at=NOW))
    if row.count >= {LIMIT}:
        return False
    time.sleep(0.002)
    RateCounter.objects.filter(pk=row.pk).update(count=row.count + 1)
    return True
from django.utils import timezone
NOW = timezone.now()
print(sum(allow() for _ in range({TRIES})))
"""
CLAIM = """
from regulars.accounts.actions.claiming import claim_installation
from regulars.accounts.errors import LinkUsedError
try:
    claim_installation(sys.argv[2], name="x", email=f"{sys.argv[3]}@example.com", password="pw")
    print("owner")
except LinkUsedError:
    print("too late")
"""
CLAIM_UNPROTECTED = """
from regulars.accounts import queries
from regulars.accounts.models import Role, Staff, StaffRole
if queries.claim_by(sys.argv[2]) is not None:
    time.sleep(0.3)
    person = Staff.objects.create_user(f"{sys.argv[3]}@example.com", "pw", name="x")
    StaffRole.objects.create(staff=person, role=Role.OWNER)
    print("owner")
else:
    print("too late")
"""
NEW_LINK = """
from regulars.accounts.actions import new_claim_link
print(new_claim_link().split("/")[2])
"""
A_LINK_AND_GUESSES = """
from django.test import Client
browser = Client(raise_request_exception=False)
wrong = [browser.get(f"/u/guess{sys.argv[3]}and{n}andmore/").status_code for n in range(10)]
print(wrong.count(404), wrong.count(429), browser.post(sys.argv[2]).status_code)
"""
NEW_UNSUBSCRIBE_LINK = """
from regulars.business.models import Business
from regulars.core.ids import new_token, token_hash
from regulars.mailing.models import UnsubscribeLink
Business.objects.create(name="Café")
token = new_token()
UnsubscribeLink.objects.create(token_hash=token_hash(token), address_hash="a", channel="email",
    purpose="surveys", language="en")
print(f"/u/{token}/")
"""
OWNERS = 'm("accounts", "StaffRole").objects.filter(role="owner").count()'


def at_once(installation: Stage, code: str, *arguments: object) -> list[str]:
    """What each of the processes printed, all let go at the same moment."""
    gate = installation.folder / "go"
    children = [
        installation.start(AT_ONCE + code, gate, *arguments, number) for number in range(PROCESSES)
    ]
    while not all("ready" in child.printed for child in children):
        assert all(child.process.exitcode is None for child in children), children[0].printed
        time.sleep(0.01)
    gate.touch()
    statuses = [child.wait() for child in children]
    assert statuses == [0] * PROCESSES, "\n".join(child.printed for child in children)
    return [child.printed.partition("ready")[2].strip() for child in children]


def test_a_limit_holds_across_processes(installation: Stage) -> None:
    passed = [int(printed) for printed in at_once(installation, COUNTED)]

    assert sum(passed) == LIMIT


def test_control_reading_and_then_writing_lets_more_through(installation: Stage) -> None:
    passed = [int(printed) for printed in at_once(installation, UNPROTECTED)]

    assert sum(passed) > LIMIT


def test_guessed_links_are_counted_across_processes_and_a_right_one_works(
    installation: Stage,
) -> None:
    path = installation.run(NEW_UNSUBSCRIBE_LINK)

    printed = at_once(installation, A_LINK_AND_GUESSES, path)
    said = [one.splitlines()[-1].split() for one in printed]  # after what was logged

    assert sum(int(found) for found, _, _ in said) == access.GUESSES
    assert sum(int(refused) for _, refused, _ in said) == PROCESSES * 10 - access.GUESSES
    assert [honest for _, _, honest in said] == ["200"] * PROCESSES


def test_of_all_who_hold_the_claim_link_one_becomes_the_owner(installation: Stage) -> None:
    token = installation.run(NEW_LINK)

    said = at_once(installation, CLAIM, token)

    assert sorted(said) == ["owner"] + ["too late"] * (PROCESSES - 1)
    assert installation.value(OWNERS) == 1


def test_control_looking_before_claiming_makes_several_owners(installation: Stage) -> None:
    token = installation.run(NEW_LINK)

    said = at_once(installation, CLAIM_UNPROTECTED, token)

    assert said.count("owner") > 1
