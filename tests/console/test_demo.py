from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.db import connection, models
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from regulars.accounts.actions import devices
from regulars.accounts.models import (
    ApiToken,
    Device,
    DeviceScope,
    Invitation,
    PairingCode,
    Staff,
    StaffRole,
    TeamLead,
)
from regulars.business.models import Business, Place
from regulars.business.queries import the_business
from regulars.console import demo, tasks
from regulars.console.demo import coming_and_going, filling, mending
from regulars.core.models import AuditEntry, Job, RateCounter
from regulars.core.queue import worker
from regulars.customers.actions import people
from regulars.customers.imports import batches
from regulars.customers.models import Customer
from regulars.feedback.actions import cases, receiving
from regulars.feedback.models import Case, Source
from regulars.mailing.models import SendingRules
from regulars.rewards.actions import offers, vouchers
from regulars.rewards.queries import Counter
from regulars.surveys.actions import designs
from regulars.surveys.models import AskingRules, Metric
from tests.console.held import held_because
from tests.console.one_of_each import one_of_each

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    """How many rows each table has, but for the audit log and counters of tries."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model not in {AuditEntry, RateCounter} and model._meta.managed
    }


def test_one_click_in_and_one_click_out_leave_nothing(
    business: Business, owner: Staff, owner_client: Client
) -> None:
    designs.make_survey(name="Ours", metric=Metric.NPS, by=owner)
    Place.objects.create(name="Ours")
    before, profile = rows(), Business.objects.values().get()

    owner_client.post("/demo/")
    assert worker.run_due(limit=1) == 1
    assert (the_business().is_demo, Customer.objects.count()) == (True, 400)
    people.add_customer(way="staff", by=owner, given_name="Added while looking around")
    owner_client.post("/demo/end/")

    assert rows() == before
    assert Business.objects.values().get() == profile


# What is made in the demo at one of its places, or for one of its teams.
OF_PLACES: tuple[type[models.Model], ...] = (StaffRole, Invitation, Device, PairingCode, TeamLead)


@pytest.mark.usefixtures("quick")
def test_whatever_was_done_in_it_goes_with_it(business: Business, owner: Staff) -> None:
    """One more row of every kind that goes, each pointing to all that it can point to."""
    token = ApiToken.objects.create(name="Shop", token_hash="t", ending="t", made_by=owner)
    before = rows()
    demo.begin(by=owner)
    kinds = [*coming_and_going.cleared_tables(), *OF_PLACES]
    loaded = rows()

    one_of_each(
        [one for one in kinds if not one._meta.auto_created], {Staff: owner, ApiToken: token}
    )
    more = rows()
    assert [
        one._meta.label
        for one in kinds
        if not one._meta.auto_created and more[one._meta.label] <= loaded[one._meta.label]
    ] == []
    demo.end(by=owner)

    assert rows() == before


def test_a_till_that_was_used_in_it_goes_with_it(business: Business, owner: Staff) -> None:
    before = rows()
    coming_and_going.start()
    guest = people.add_customer(way="staff", by=owner, given_name="Anna")
    there = Place.objects.create(name="Of the demo")
    code = devices.new_pairing_code(name="T", scope=DeviceScope.TILL, place=there, by=owner)
    till, _token = devices.pair(code, network="1")
    Staff.objects.filter(pk=owner.pk).update(pin="set")
    owner.refresh_from_db()
    offer = offers.make_offer(by=owner, name="Cake", gives="item", item="cake")
    given = vouchers.issue(offer, guest, key="1", by=owner)
    vouchers.capture(given.code, at=Counter(there, staff=owner, device=till), key="u")

    demo.end(by=owner)

    assert rows() == before


def test_leaving_sets_company_and_rules_as_they_were(business: Business, owner: Staff) -> None:
    SendingRules.objects.create(pk=1, week_cap=2)
    Business.objects.update(logo="a" * 32, language="hu", public_url="")
    before = Business.objects.values().get(), list(SendingRules.objects.values())
    coming_and_going.start()
    SendingRules.objects.update(week_cap=9)
    AskingRules.objects.create()
    url = "https://mandula.example"
    Business.objects.update(logo="b" * 32, language="et", name="Café", public_url=url)

    demo.end(by=owner)

    # The address is the installation's.
    profile = before[0] | {"public_url": url}
    assert (Business.objects.values().get(), list(SendingRules.objects.values())) == (
        profile,
        before[1],
    )
    assert AskingRules.objects.count() == 0


def test_leaving_takes_uploaded_files_with_it(
    business: Business,
    owner: Staff,
    tmp_path: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with override_settings(DATA=tmp_path):
        batches.begin([b"name\nOurs"], file_name="a.csv", kind="", by=owner)
        coming_and_going.start()
        batches.begin([b"name\nReal Person"], file_name="b.csv", kind="", by=owner)

        with django_capture_on_commit_callbacks(execute=True):
            demo.end(by=owner)

    left = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert left == [b"name\nOurs"]


def test_leaving_takes_work_without_a_key_with_it(business: Business, owner: Staff) -> None:
    tasks.look_for_damage.enqueue()
    kept = list(Job.objects.values_list("pk", flat=True))
    coming_and_going.start()
    tasks.look_for_damage.enqueue()
    assert [one.key for one in Job.objects.all()] == [None, None]

    demo.end(by=owner)

    assert list(Job.objects.values_list("pk", flat=True)) == kept


@pytest.mark.parametrize("language", ["", "fr"])
def test_the_demo_answers_a_guest_of_any_language(
    business: Business, owner: Staff, language: str
) -> None:
    guest = people.add_customer(way="staff", by=owner, given_name="Anna", language=language)
    for number in range(mending.LEFT_OPEN + 1):
        said = receiving.Said(source=Source.PHONE, text=f"Cold {number}!", customer=guest)
        cases.open_case(receiving.receive(said)[0], reason="complaint")

    mended = mending.mend(by=owner, now=timezone.now(), hours=filling.HOURS, zone=filling.ZONE)

    assert list(mended) == []
    assert Case.objects.filter(answered_at__isnull=False).count() == 1


def test_it_is_refused_where_there_are_customers(business: Business, owner: Staff) -> None:
    people.add_customer(way="staff", by=owner, given_name="Anna")

    with pytest.raises(demo.DemoError):
        demo.begin(by=owner)
    assert not the_business().is_demo


def test_leaving_what_is_no_demo_deletes_nothing(business: Business, owner: Staff) -> None:
    people.add_customer(way="staff", by=owner, given_name="Anna")

    with pytest.raises(demo.DemoError):
        demo.end(by=owner)
    assert Customer.objects.count() == 1


def test_control_the_demo_alone_holds_it(business: Business) -> None:
    assert held_because() == "no_server"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first steps of the demo, up to its customers."""
    whole = filling.steps

    def first_steps(*, by: Staff | None) -> Iterator[tuple[int, int]]:
        return islice(whole(by=by), 5)

    monkeypatch.setattr(filling, "steps", first_steps)


@pytest.mark.usefixtures("quick")
def test_what_breaks_while_loading_leaves_nothing(business: Business, owner: Staff) -> None:
    before = rows()

    def broken(done: int, of: int) -> None:
        if done == 4:
            assert Customer.objects.count() == 400
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.begin(by=owner, progress=broken)

    assert rows() == before
    assert not the_business().is_demo


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Each load of the demo writes its customers and then fails; how many each attempt had made."""
    whole, attempts = filling.steps, []

    def first_steps(*, by: Staff | None) -> Iterator[tuple[int, int]]:
        yield from islice(whole(by=by), 4)
        attempts.append(Customer.objects.count())
        raise ZeroDivisionError

    monkeypatch.setattr(filling, "steps", first_steps)
    return attempts


def test_what_breaks_in_the_background_is_tried_again_and_then_leaves_nothing(
    business: Business, owner_client: Client, breaking: list[int]
) -> None:
    designs.make_survey(name="Ours", metric=Metric.NPS, by=None)
    before, profile = rows(), Business.objects.values().get()
    told = "The demo company could not be loaded."
    owner_client.post("/demo/")

    assert worker.run_due(limit=1) == 1
    assert (the_business().is_demo, Customer.objects.count(), demo.has_failed()) == (
        *(True, 400),
        False,
    )
    assert told not in owner_client.get("/").content.decode()
    Job.objects.filter(key__startswith="demo:").update(due_at=timezone.now())
    assert worker.run_due(limit=1) == 1

    assert breaking == [400, 400]
    assert rows() == before
    now = Business.objects.values().get()
    assert list(now["before_demo"]) == ["failed_at"]
    assert now | {"before_demo": {}} == profile
    assert owner_client.get("/demo/progress/").headers["HX-Refresh"] == "true"
    page = owner_client.get("/").content.decode()
    assert told in page
    assert page.index(told) < page.index('action="/demo/"')


def test_a_load_that_works_forgets_that_one_has_failed(
    business: Business, owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Business.objects.update(before_demo={"failed_at": timezone.now().isoformat()})
    assert demo.has_failed()

    with monkeypatch.context() as patch:
        patch.setattr(filling, "steps", lambda *, by: iter([(1, 1)]))
        owner_client.post("/demo/")
        assert worker.run_due(limit=1) == 1
    assert (the_business().is_demo, demo.loading(), demo.has_failed()) == (True, None, False)
    owner_client.post("/demo/end/")

    assert the_business().before_demo == {}


@pytest.mark.usefixtures("quick")
def test_home_shows_how_far_loading_is_and_goes_on_when_it_is_done(
    business: Business, owner_client: Client
) -> None:
    assert owner_client.post("/demo/").headers["Location"] == "/"
    waiting = owner_client.get("/").content.decode()
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in waiting
    assert '<progress value="0" max="1">0%</progress>' in waiting
    (piece,) = re.findall(r'<div class="stack" id="demo-progress"[^>]*>', waiting)
    assert not re.search("role=|aria-live", piece)

    shown = []
    for _done in islice(coming_and_going.pieces(the_load(), by=None), 4):
        shown.append(
            re.findall(r"value=.(\d+).", owner_client.get("/demo/progress/").content.decode())
        )
    assert shown == [["1"], ["2"], ["3"], ["4"]]

    assert worker.run_due(limit=1) == 1
    finished = owner_client.get("/demo/progress/")
    assert (finished.headers["HX-Refresh"], finished.content) == ("true", b"")
    assert "<progress" not in owner_client.get("/").content.decode()


@pytest.mark.usefixtures("quick")
def test_work_that_went_silent_is_told_and_can_begin_again(
    business: Business, owner_client: Client
) -> None:
    before = rows()
    owner_client.post("/demo/")
    later = timezone.now() + coming_and_going.SILENT_FOR * 2
    with time_machine.travel(later):
        assert "Loading does not go on." in owner_client.get("/").content.decode()
        shown = owner_client.get("/demo/progress/").content.decode()
        (silent,) = re.findall(r'hx-get="([^"]+)"', shown)
        again = owner_client.get(silent)
        assert (again.status_code, again.content) == (204, b"")
        owner_client.post("/demo/")
        assert "Loading does not go on." not in owner_client.get("/").content.decode()

    assert Job.objects.filter(key__startswith="demo:").count() == 1
    owner_client.post("/demo/end/")
    assert rows() == before


@pytest.mark.usefixtures("quick")
def test_a_load_that_was_left_before_it_began_writes_nothing(
    business: Business, owner_client: Client
) -> None:
    owner_client.post("/demo/")
    load = the_load()
    owner_client.post("/demo/end/")
    before = rows()

    tasks.load_demo.func(load, None)

    assert rows() == before


def the_load() -> str:
    """The key of the load that runs."""
    return str(the_business().before_demo["load"])


@pytest.mark.usefixtures("quick")
def test_what_a_killed_load_left_is_removed_by_the_next(business: Business, owner: Staff) -> None:
    demo.begin(by=owner)
    whole = rows()
    demo.end(by=owner)
    # Nobody goes on with it, and nothing is tidied: as after a kill.
    left = list(islice(coming_and_going.pieces(coming_and_going.start(), by=owner), 4))
    assert len(left) == 4

    with pytest.raises(demo.DemoError, match="being loaded"):
        demo.begin(by=owner)
    with time_machine.travel(timezone.now() + coming_and_going.SILENT_FOR, tick=True):
        demo.begin(by=owner)

    assert rows() == whole


@pytest.mark.usefixtures("quick")
def test_a_load_that_was_given_up_for_dead_writes_no_more(business: Business, owner: Staff) -> None:
    slow = coming_and_going.pieces(coming_and_going.start(), by=owner)
    next(slow)
    demo.end(by=owner)
    before = rows()

    with pytest.raises(demo.DemoError):
        next(slow)
    assert rows() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_others_can_write_between_its_pieces(business: Business, owner: Staff) -> None:
    told = []

    def committed(done: int, of: int) -> None:
        assert not connection.in_atomic_block
        told.append(done)

    demo.begin(by=owner, progress=committed)
    demo.end(by=owner)

    assert told == [1, 2, 3, 4, 5]
