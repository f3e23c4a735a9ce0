"""A real row for every page whose path names one. A new page needs an entry here.

`OWN_ROWS` gives the path's values for a row that the cast of `World` may see as far as their role
goes: staff, manager and viewer work at `world.place`. `FOREIGN_ROWS` gives them for a row of
somebody else or of the other place, which must be a 404 to all but the owner. A page that shows
every row to everybody with its permission is named in `SHARED_ROWS`, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from regulars.accounts import actions as accounts
from regulars.accounts.access import cookie_name
from regulars.accounts.actions import devices, invitations, tokens
from regulars.accounts.models import Device, DeviceScope, Role, Scope, Staff, StaffRole
from regulars.business.models import Business, Department, Place, Signature, Touchpoint
from regulars.core.ids import new_token, token_hash
from regulars.core.models import Job, JobStatus
from regulars.customers.actions import consents, joining, merging, people
from regulars.customers.models import Customer, ImportBatch, JoinRequest
from regulars.feedback.actions import care_lines, cases, receiving
from regulars.feedback.models import Case, Feedback, Source
from regulars.mailing import actions as mailing
from regulars.mailing.content import Rendered
from regulars.mailing.models import Purpose, Suppression, UnsubscribeLink
from regulars.outreach.actions import thanking
from regulars.rewards.actions import offers, vouchers
from regulars.rewards.models import Offer
from regulars.rewards.queries import Counter
from regulars.surveys.actions import answers, asking, designs, runs
from regulars.surveys.models import AskChannel, Metric, Response, Survey

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ROLES = {"viewer": Role.VIEWER, "staff": Role.STAFF, "manager": Role.MANAGER}


@dataclass
class World:
    """One installation with two places and everybody who could knock at its door."""

    business: Business
    place: Place
    other_place: Place
    people: dict[str, Staff]
    clients: dict[str, Client]
    devices: dict[str, Device]

    @property
    def owner(self) -> Staff:
        """Who owns it."""
        return self.people["owner"]


def new_world() -> World:
    """Build it; every client is signed in or paired."""
    business = Business.objects.create(name="Café Mandula", languages=["hu"], currency="HUF")
    place = Place.objects.create(name="Kossuth tér")
    other_place = Place.objects.create(name="Fő utca")
    people = {
        name: Staff.objects.create_user(
            f"{name}@example.com", "a long enough password", name=name, language="en"
        )
        for name in ("stranger", *ROLES, "owner")
    }
    for name, role in ROLES.items():
        StaffRole.objects.create(staff=people[name], role=role, place=place)
    StaffRole.objects.create(staff=people["owner"], role=Role.OWNER)
    clients = {"anonymous": Client()}
    for name, person in people.items():
        clients[name] = Client()
        clients[name].force_login(person, backend=BACKEND)
    world = World(business, place, other_place, people, clients, {})
    for scope in DeviceScope:
        _pair(world, scope)
    _begin_shift(world)
    return world


def _pair(world: World, scope: DeviceScope) -> None:
    owner = world.owner
    code = devices.new_pairing_code(name=str(scope), scope=scope, place=world.place, by=owner)
    world.devices[str(scope)], token = devices.pair(code, network=str(scope))
    world.clients[str(scope)] = Client()
    world.clients[str(scope)].cookies[cookie_name()] = token


def _begin_shift(world: World) -> None:
    person = world.people["staff"]
    person.pin = make_password("7391")
    person.save(update_fields=["pin"])
    devices.begin_shift(world.devices["till"], person=person.public_id, pin="7391")


Values = Mapping[str, str | int]
Example = Callable[[World], Values]


def _invitation(world: World) -> invitations.Sent:
    return invitations.invite(
        f"{new_token()}@example.com",
        role=Role.STAFF,
        place=world.place,
        language="en",
        by=world.owner,
    )


def _new_device(world: World, place: Place) -> Device:
    code = devices.new_pairing_code(name="x", scope=DeviceScope.TILL, place=place, by=world.owner)
    return devices.pair(code, network="test")[0]


def _session(world: World, whose: str) -> str:
    return world.people[whose].sessions.latest("pk").public_id


def _claim(world: World) -> Values:
    return {"token": (accounts.new_claim_link() or f"/claim/{new_token()}/").split("/")[2]}


def _staff_member(world: World) -> Values:
    return {"person": world.people["staff"].public_id}


def _unsubscribe_link(world: World) -> Values:
    token = new_token()
    UnsubscribeLink.objects.create(
        token_hash=token_hash(token), address_hash=token_hash("a"), purpose=Purpose.SURVEY
    )
    return {"token": token}


def _survey(world: World) -> Survey:
    return designs.make_survey(name="Your visit", metric=Metric.CSAT, by=world.owner)


def _customer_to_ask() -> Customer:
    customer = people.add_customer(
        way="staff",
        by=None,
        given_name="Anna",
        family_name="Kovács",
        language="hu",
        addresses=[people.Address("email", f"{new_token()}@example.com")],
    )
    consents.give_consent(
        customer,
        channel="email",
        purpose="surveys",
        wording="Kérdezhetnek.",
        evidence="a form",
        happened_at=timezone.now(),
    )
    return customer


def _asked(world: World) -> Values:
    return {"token": asking.ask(_customer_to_ask(), _survey(world)).token}


def _open_link(world: World) -> Values:
    return {"token": _survey(world).open_token}


def _by_hand(world: World) -> Values:
    asked = asking.ask(_customer_to_ask(), _survey(world), channel=AskChannel.HAND, by=world.owner)
    invitation = asked.decision.invitation
    assert invitation is not None
    return {"invitation_id": invitation.public_id}


def _one_survey(world: World) -> Values:
    return {"public_id": _survey(world).public_id}


def _survey_and_customer(world: World) -> Values:
    return {"public_id": _survey(world).public_id, "customer_id": _customer_to_ask().public_id}


def _ask_run(world: World) -> Values:
    run, _ = runs.start_run(_survey(world), {}, key=new_token(), by=world.owner)
    return {"public_id": run.public_id}


def _held_back(world: World) -> Values:
    return _held_back_at(world, world.place)


def _foreign_held_back(world: World) -> Values:
    return _held_back_at(world, world.other_place)


def _held_back_at(world: World, place: Place) -> Values:
    survey = _survey(world)
    version = answers.current_version(survey)
    given = answers.Answer(submission_id=new_token(), score=1)
    response, _ = answers.submit_open(survey, version, given, place=place, is_quarantined=True)
    return {"public_id": response.public_id}


WORDS_FROM_ELSEWHERE = "The soup over there was cold as the sea"


def say_elsewhere(world: World) -> None:
    """Every customer there is has answered every survey at the other place, with the same words;
    there is one of each at least.
    """
    _survey_and_customer(world)
    surveys = Survey.objects.exclude(trigger=Survey.Trigger.AFTER_CASE)
    given = [
        Response(
            submission_id=new_token(),
            survey=survey,
            version=answers.current_version(survey),
            customer=customer,
            place=world.other_place,
            metric=survey.metric,
            score=1,
            comment=WORDS_FROM_ELSEWHERE,
            is_quarantined=is_junk,
        )
        for survey in surveys
        for customer in Customer.objects.in_force()
        for is_junk in (False, True)
    ]
    told = [
        Feedback(
            source=Source.SURVEY,
            response=one,
            customer=one.customer,
            place=one.place,
            text=one.comment,
            is_weak=True,
        )
        for one in Response.objects.bulk_create(given)
        if not one.is_quarantined
    ]
    due = timezone.now()
    Case.objects.bulk_create(
        Case(feedback=one, reason=Case.Reason.WEAK_SCORE, due_at=due)
        for one in Feedback.objects.bulk_create(told)
    )


def _message(world: World) -> Values:
    message = mailing.queue_rendered(
        Rendered("Hello", "<p>Hello</p>", "Hello"),
        key=new_token(),
        purpose=Purpose.SERVICE,
        to="anna@example.com",
        language="en",
    )
    return {"public_id": message.public_id}


def _suppression(world: World) -> Values:
    entry = Suppression.objects.create(
        address_hash=token_hash(new_token()), kind=Suppression.Kind.UNSUBSCRIBED
    )
    return {"public_id": entry.public_id}


def _customer(world: World) -> Customer:
    customer = people.add_customer(
        way="staff",
        by=None,
        given_name="Anna",
        language="hu",
        addresses=[people.Address("phone", "+3613456789")],
    )
    consents.give_consent(
        customer,
        channel="phone",
        purpose="surveys",
        wording="Kérdezhetnek.",
        evidence="a form",
        confirmed=False,
    )
    consents.pause(customer, kind="silence")
    return customer


def _about_customer(world: World) -> Values:
    return {"customer": _customer(world).public_id}


def _address(world: World) -> Values:
    customer = _customer(world)
    return {"customer": customer.public_id, "point": customer.contact_points.get().public_id}


def _consent(world: World) -> Values:
    customer = _customer(world)
    return {"customer": customer.public_id, "consent": customer.consents.get().public_id}


def _pause(world: World) -> Values:
    customer = _customer(world)
    return {"customer": customer.public_id, "pause": customer.pauses.get().public_id}


def _two_customers(world: World) -> Values:
    return {"customer": _customer(world).public_id, "other": _customer(world).public_id}


def _merge(world: World) -> Values:
    return {"merge": merging.merge(_customer(world), _customer(world), by=world.owner).public_id}


def _join_code(world: World) -> Values:
    return {"code": joining.join_code_of(world.place, by=world.owner).code}


def _joining(world: World) -> Values:
    request = JoinRequest.objects.create(
        customer=_customer(world),
        email="anna@example.com",
        expires_at=timezone.now() + joining.CONFIRM_WITHIN,
    )
    return {"token": joining.new_confirmation_token(request)}


def _offer(world: World) -> Offer:
    return offers.make_offer(by=world.owner, name="Thanks", gives="amount", amount=500)


def _voucher(world: World) -> vouchers.Issued:
    customer = people.add_customer(
        way="staff", by=None, given_name="Anna", family_name="Kovács", language="hu", addresses=[]
    )
    return vouchers.issue(_offer(world), customer, key=new_token(), by=world.owner)


def _use_of_voucher(world: World) -> Values:
    at = Counter(world.place, staff=world.people["staff"], device=world.devices["till"])
    use = vouchers.capture(_voucher(world).code, at=at, key=new_token())
    return {"use": use.public_id}


def _said_at(world: World, place: Place) -> Feedback:
    said = receiving.Said(
        source=Source.COUNTER,
        text="Kata was kind.",
        kind="praise",
        contact_address=f"{new_token()}@example.com",
        place=place,
        typed_by=world.owner,
    )
    return receiving.receive(said)[0]


def _feedback(world: World) -> Values:
    return {"public_id": _said_at(world, world.place).public_id}


def _foreign_feedback(world: World) -> Values:
    return {"public_id": _said_at(world, world.other_place).public_id}


def _case(world: World) -> Values:
    said = _said_at(world, world.place)
    return {"public_id": cases.open_case(said, reason=Case.Reason.BY_STAFF).public_id}


def _foreign_case(world: World) -> Values:
    said = _said_at(world, world.other_place)
    return {"public_id": cases.open_case(said, reason=Case.Reason.BY_STAFF).public_id}


def _care_line(world: World) -> Values:
    return {"code": care_lines.make_care_line(world.place, by=world.owner).code}


FEEDBACK_PAGES = (
    "who",
    "not_them",
    "feedback",
    "mark_read",
    "say_what_it_is",
    "open_case",
    "thank",
    "pass_on",
)
CASE_PAGES = (
    "case", "take_over", "assign", "add_note", "reply", "close", "reopen", "ask_again",
)  # fmt: skip


def _team(_world: World) -> Values:
    slug = new_token().lower()
    return {"team": Department.objects.create(name="Kitchen", slug=slug).public_id}


def _stage(_world: World) -> Values:
    slug = new_token().lower()
    return {"stage": Touchpoint.objects.create(name="Food", slug=slug).public_id}


def _signature(_world: World) -> Values:
    return {"signature": Signature.objects.create(name="Anna").public_id}


def _import(world: World) -> Values:
    batch = ImportBatch.objects.create(
        kind="customers", source="list", file_name="list.csv", made_by=world.owner
    )
    return {"batch": batch.public_id}


def _parked_job(world: World) -> Values:
    return {"job": Job.objects.create(task="x.y", status=JobStatus.PARKED).public_id}


def _new_thanks(world: World) -> Values:
    draft = thanking.Draft("regular", "letter", "hu", "Köszönjük", "Köszönjük!", "Kata")
    bela = people.add_customer(
        way="staff", by=None, given_name="Béla", family_name="Nagy", language="hu", addresses=[]
    )
    by = world.people["staff"]
    return {"thanks": thanking.thank(bela, draft, key=new_token(), by=by).public_id}


def _to_thank(_world: World) -> Values:
    return {"customer": _customer_to_ask().public_id}


OWN_ROWS: dict[str, Example] = {
    **{f"feedback:{page}": _feedback for page in FEEDBACK_PAGES},
    **{f"feedback:{page}": _case for page in CASE_PAGES},
    "feedback:say": _care_line,
    "feedback:said": _care_line,
    "customers:confirm_joining": _joining,
    "customers:join": _join_code,
    "customers:joined": lambda world: {**_join_code(world), "way": "mail"},
    "customers:poster": _join_code,
    "customers:join_qr": _join_code,
    "customers:renew_join_code": _join_code,
    "customers:import": _import,
    "customers:import_progress": _import,
    "customers:read_import": _import,
    "customers:load_import": _import,
    "customers:undo_import": _import,
    "customers:give_up_import": _import,
    "customers:take_up_import": _import,
    "customers:rejected_rows": _import,
    "customers:unmerge": _merge,
    "customers:customer": _about_customer,
    "customers:edit": _about_customer,
    "customers:purchases": _about_customer,
    "customers:buyer": _about_customer,
    "customers:addresses": _about_customer,
    "customers:remove_address": _address,
    "customers:prefer_address": _address,
    "customers:consents": _about_customer,
    "customers:confirm_consent": _consent,
    "customers:pauses": _about_customer,
    "customers:end_pause": _pause,
    "customers:find_same": _about_customer,
    "customers:personal_data": _about_customer,
    "customers:erasure": _about_customer,
    "customers:place_hold": _about_customer,
    "customers:end_hold": _about_customer,
    "customers:compare": _two_customers,
    "customers:keep_apart": _two_customers,
    "account_reset_password_from_key": lambda _: {"uidb36": "1", "key": "set-password"},
    "mfa_edit_webauthn": lambda _: {"pk": 0},
    "mfa_remove_webauthn": lambda _: {"pk": 0},
    "accounts:claim": _claim,
    "accounts:accept_invitation": lambda world: {"token": _invitation(world).link.split("/")[-2]},
    "accounts:end_my_session": lambda world: {"session": _session(world, "manager")},
    "accounts:resend_invitation": lambda world: {
        "invitation": _invitation(world).invitation.public_id
    },
    "accounts:revoke_invitation": lambda world: {
        "invitation": _invitation(world).invitation.public_id
    },
    "accounts:staff_page": _staff_member,
    "accounts:answer_for": _staff_member,
    "accounts:give_role": _staff_member,
    "accounts:take_role": lambda world: {
        "person": world.people["staff"].public_id,
        "role": world.people["staff"].roles.get().public_id,
    },
    "accounts:deactivate": _staff_member,
    "accounts:reactivate": _staff_member,
    "accounts:sign_out_everywhere": _staff_member,
    "accounts:reset_second_factor": _staff_member,
    "accounts:revoke_device": lambda world: {"device": _new_device(world, world.place).public_id},
    "accounts:revoke_token": lambda world: {
        "token": tokens.new_api_token(name="x", scopes=[Scope.SCORES_READ], by=world.owner)[
            0
        ].public_id
    },
    "mailing:unsubscribe": _unsubscribe_link,
    "mailing:preferences": _unsubscribe_link,
    "mailing:message": _message,
    "mailing:preview": _message,
    "mailing:hold": _message,
    "mailing:release": _message,
    "mailing:cancel": _message,
    "mailing:send_again": _message,
    "mailing:it_arrived": _message,
    "mailing:lift": _suppression,
    "surveys:answer": _asked,
    "surveys:thanks": _asked,
    "surveys:open_answer": _open_link,
    "surveys:open_thanks": _open_link,
    "rewards:till_used": _use_of_voucher,
    "rewards:till_undo": _use_of_voucher,
    "rewards:offer": lambda world: {"offer": _offer(world).public_id},
    "rewards:close_offer": lambda world: {"offer": _offer(world).public_id},
    "rewards:cancel_voucher": lambda world: {"voucher": _voucher(world).voucher.public_id},
    "business:change_profile": lambda _: {"part": "look"},
    "business:logo": lambda _: {"name": "0" * 32},
    "business:place": lambda world: {"place": world.place.public_id},
    "business:stage": _stage,
    "business:remove_stage": _stage,
    "business:team": _team,
    "business:remove_team": _team,
    "business:signature": _signature,
    "business:remove_signature": _signature,
    "console:first_run_step": lambda _: {"step": 1},
    "surveys:take_ready": lambda _: {"metric": "nps"},
    "surveys:accept": _held_back,
    "surveys:delete": _held_back,
    "surveys:run": _ask_run,
    "surveys:stop": _ask_run,
    "surveys:customer": lambda _: {"public_id": _customer_to_ask().public_id},
    "surveys:handed_over": _by_hand,
    **dict.fromkeys(
        (
            "surveys:survey",
            "surveys:change",
            "surveys:preview",
            "surveys:set_open",
            "surveys:archive",
            "surveys:qr",
            "surveys:poster",
            "surveys:ask",
        ),
        _one_survey,
    ),
    **dict.fromkeys(
        ("surveys:ask_customer", "surveys:by_hand", "surveys:type_in"), _survey_and_customer
    ),
    "console:retry_job": _parked_job,
    "outreach:thanks": _new_thanks,
    "outreach:thanks_letter": _new_thanks,
    "outreach:thanks_sent": _new_thanks,
    "outreach:take_voucher_back": _new_thanks,
    "outreach:give_thanks": _to_thank,
    "outreach:new_thanks": _to_thank,
    "outreach:preview": _to_thank,
    "outreach:preview_mail": _to_thank,
    "outreach:preview_letter": _to_thank,
    "portal:colour": lambda _: {"colour": "336699"},
}

FOREIGN_ROWS: dict[str, Example] = {
    **{f"feedback:{page}": _foreign_feedback for page in FEEDBACK_PAGES},
    **{f"feedback:{page}": _foreign_case for page in CASE_PAGES},
    "surveys:accept": _foreign_held_back,
    "surveys:delete": _foreign_held_back,
    "accounts:end_my_session": lambda world: {"session": _session(world, "owner")},
    "accounts:revoke_device": lambda world: {
        "device": _new_device(world, world.other_place).public_id
    },
}

_OF_THE_BUSINESS = "customers are the business's, not a place's: whoever may look sees everybody"
_THANKS = "customers and what was said to them are the business's, not a place's"
_OFFERS = "what may be given, and what was, is the business's; managers see all of it"
_OUTBOX = "the outbox is the business's, not a place's; managers see all but sign-in mail"
_PROFILE = "places, stages, teams and signatures belong to the whole business"
_SURVEYS = "surveys and customers are the business's, not a place's"
SHARED_ROWS: dict[str, str] = {
    "business:place": _PROFILE,
    "business:stage": _PROFILE,
    "business:remove_stage": _PROFILE,
    "business:team": _PROFILE,
    "business:remove_team": _PROFILE,
    "business:signature": _PROFILE,
    "business:remove_signature": _PROFILE,
    **dict.fromkeys(
        (
            "surveys:run",
            "surveys:stop",
            "surveys:customer",
            "surveys:handed_over",
            "surveys:survey",
            "surveys:change",
            "surveys:preview",
            "surveys:set_open",
            "surveys:archive",
            "surveys:qr",
            "surveys:poster",
            "surveys:ask",
            "surveys:ask_customer",
            "surveys:by_hand",
            "surveys:type_in",
        ),
        _SURVEYS,
    ),
    "surveys:take_ready": "the ready surveys come with the product",
    "mailing:message": _OUTBOX,
    "mailing:preview": _OUTBOX,
    "mailing:hold": _OUTBOX,
    "mailing:release": _OUTBOX,
    "mailing:cancel": _OUTBOX,
    "mailing:send_again": _OUTBOX,
    "mailing:it_arrived": _OUTBOX,
    "rewards:offer": _OFFERS,
    "rewards:close_offer": _OFFERS,
    "rewards:cancel_voucher": _OFFERS,
    "outreach:thanks": _THANKS,
    "outreach:thanks_letter": _THANKS,
    "outreach:thanks_sent": _THANKS,
    "outreach:take_voucher_back": _THANKS,
    "outreach:give_thanks": _THANKS,
    "outreach:new_thanks": _THANKS,
    "outreach:preview": _THANKS,
    "outreach:preview_mail": _THANKS,
    "outreach:preview_letter": _THANKS,
    "mailing:lift": "who is not written to holds for the whole business",
    "customers:poster": "a poster hangs in the shop",
    "customers:join_qr": "a poster hangs in the shop",
    "customers:renew_join_code": "a manager prints the posters of every place",
    **dict.fromkeys(
        (
            *("customers:import", "customers:import_progress", "customers:read_import"),
            *("customers:load_import", "customers:undo_import", "customers:give_up_import"),
            *("customers:rejected_rows", "customers:take_up_import"),
            *("customers:unmerge", "customers:customer", "customers:edit", "customers:purchases"),
            *("customers:buyer", "customers:addresses", "customers:remove_address"),
            *("customers:prefer_address", "customers:consents", "customers:confirm_consent"),
            *("customers:pauses", "customers:end_pause", "customers:find_same"),
            *("customers:compare", "customers:keep_apart"),
            *("customers:personal_data", "customers:erasure"),
            *("customers:place_hold", "customers:end_hold"),
        ),
        _OF_THE_BUSINESS,
    ),
    "console:retry_job": "background work is the installation's, not a place's",
    "mfa_edit_webauthn": "allauth looks among one's own passkeys; this row is nobody's",
    "mfa_remove_webauthn": "allauth looks among one's own passkeys; this row is nobody's",
}

# What shows words from all places to whoever may open it, with the reason.
ALL_WORDS: dict[str, str] = {
    "customers:personal_data": "who asks for what is stored about them is given all of it",
}
