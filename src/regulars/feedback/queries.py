"""Feedback and cases as pages and programs read them."""

from __future__ import annotations

from django.db.models import Case as When
from django.db.models import Count, F, IntegerField, Max, Q, QuerySet, TextField, Value
from django.db.models import When as Then
from django.db.models.functions import Cast
from django.utils import timezone

from regulars.accounts.models import Staff
from regulars.accounts.queries import at_places_of, leads_of, staff_who
from regulars.business.models import Place
from regulars.core.access import Permission
from regulars.core.keys import fold, latin, search_key, search_words
from regulars.customers.models import ContactPoint, Customer, Purchase
from regulars.feedback.models import CareLine, Case, CaseNote, Feedback
from regulars.mailing import queries as mailing
from regulars.mailing.mentions import About
from regulars.mailing.queries import email_address
from regulars.surveys.models import Invitation

MOST_LIKELY = 3
PURCHASES_SHOWN = 5


def all_feedback() -> QuerySet[Feedback]:
    """Everything that was said, for programs."""
    return Feedback.objects.select_related("customer", "place", "case")


def all_cases() -> QuerySet[Case]:
    """Every case, for programs."""
    return Case.objects.select_related("feedback")


def case_of(feedback: Feedback) -> Case | None:
    """The case that it opened, if it did."""
    return Case.objects.filter(feedback=feedback).first()


def feedback_visible_to(staff: Staff) -> QuerySet[Feedback]:
    """What was said at the places where `staff` works, and what belongs to no place."""
    rows = Feedback.objects.select_related(
        "customer", "response", "place", "touchpoint", "department", "case", "praise", "known_by"
    ).order_by("-said_at", "-pk")
    return rows.filter(at_places_of(staff, "place"))


def cases_visible_to(staff: Staff) -> QuerySet[Case]:
    """Cases of the feedback that `staff` may see: to be answered first, the most urgent first."""
    rows = Case.objects.select_related(
        "owner", "feedback__customer", "feedback__response", "feedback__place"
    )
    order = When(
        Then(state=Case.State.OPEN, then=Value(0)),
        Then(state=Case.State.ANSWERED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    seen = rows.filter(at_places_of(staff, "feedback__place"))
    return seen.annotate(rank=order).order_by("rank", "due_at", "pk")


def searched(rows: QuerySet[Feedback], words: str) -> QuerySet[Feedback]:
    """Those whose words or name hold every one of `words`, in any of the scripts."""
    return rows.filter(_holding(words, "search_key"))


def searched_cases(rows: QuerySet[Case], words: str) -> QuerySet[Case]:
    """Cases whose feedback holds every one of `words`."""
    return rows.filter(_holding(words, "feedback__search_key"))


def _holding(words: str, field: str) -> Q:
    wanted = Q()
    for word in search_words(words):
        either = Q()
        for key in search_key(word).split("|"):
            either |= Q(**{f"{field}__contains": key})
        wanted &= either
    return wanted


def about(rows: QuerySet[Feedback], topic: str) -> QuerySet[Feedback]:
    """Those that are about a topic."""
    told = rows.annotate(topics_as_text=Cast("topics", TextField()))
    return told.filter(topics_as_text__contains=f'"{topic}"')


def unread(rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
    """Those that nobody has marked as read."""
    return rows.filter(read_at=None)


def overdue(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Those whose customer should have had an answer by now."""
    return rows.filter(state=Case.State.OPEN, due_at__lt=timezone.now())


def state_of(rows: QuerySet[Feedback]) -> str:
    """A short text that differs as soon as a row is added to, leaves or changes in the list."""
    found = rows.order_by().aggregate(
        count=Count("pk"), newest=Max("pk"), changed=Max("changed_at"), told=Max("case__due_at")
    )
    return "|".join(str(found[name]) for name in ("count", "newest", "changed", "told"))


def case_counts(rows: QuerySet[Case], staff: Staff) -> dict[str, int]:
    """How many cases stand in each of the list's tabs."""
    is_open = Q(state__in=[Case.State.OPEN, Case.State.ANSWERED])
    return rows.order_by().aggregate(
        all=Count("pk", filter=is_open),
        mine=Count("pk", filter=is_open & Q(owner=staff)),
        overdue=Count("pk", filter=Q(state=Case.State.OPEN, due_at__lt=timezone.now())),
        closed=Count("pk", filter=Q(state=Case.State.CLOSED)),
    )


def history_of(case: Case) -> QuerySet[CaseNote]:
    """The case's notes, the newest first."""
    return case.notes.select_related("by", "about").order_by("-created_at", "-pk")


def purchases_beside(feedback: Feedback) -> list[Purchase]:
    """The purchase that it is about, if that is known, and the customer's latest ones."""
    if feedback.customer is None:
        return [feedback.purchase] if feedback.purchase else []
    rows = Purchase.objects.in_force().filter(customer=feedback.customer)
    rows = rows.select_related("place").prefetch_related("lines__item")
    first = F("purchased_at").desc()
    latest = list(rows.order_by(first, "-pk")[:PURCHASES_SHOWN])
    named = feedback.purchase
    if named is None or named in latest:
        return latest
    return [named, *latest[: PURCHASES_SHOWN - 1]]


def unanswered_question(case: Case) -> Invitation | None:
    """The question whether it was put right, while the customer can still answer it.

    One whose mail has not arrived was not asked.
    """
    asked = case.invitation
    if asked is None or asked.answered_at is not None or asked.expires_at <= timezone.now():
        return None
    sent = asked.message_id
    return None if sent is not None and mailing.has_not_arrived(sent) else asked


def mention_of(feedback: Feedback) -> About:
    """Of whom a message to staff speaks that tells of this."""
    source = f"feedback:{feedback.public_id}"
    return About(feedback.customer, address=feedback.contact_address, source=source)


def address_of(feedback: Feedback) -> str:
    """The e-mail address to answer to; empty where there is none."""
    if feedback.customer is not None:
        return email_address(feedback.customer) or _email(feedback.contact_address)
    return _email(feedback.contact_address)


def _email(address: str) -> str:
    return address if "@" in address else ""


def phone_of(feedback: Feedback) -> str:
    """The number to call or to send a message to; empty where there is none."""
    if feedback.customer is not None:
        points = feedback.customer.contact_points.filter(channel=ContactPoint.Channel.PHONE)
        point = points.order_by("-is_preferred", "-pk").first()
        if point is not None:
            return point.shown_as or point.address
    given = feedback.contact_address
    return given if given and "@" not in given else ""


def to_alert(feedback: Feedback, *, owner: Staff | None) -> list[Staff]:
    """Who is told about a case: its owner, else whoever manages the place; and who answers for
    the team, where that is known.
    """
    if owner is not None and owner.is_active and owner.email:
        told = [owner]
    else:
        told = [*staff_who(Permission.MANAGE, place=feedback.place).order_by("pk")]
    people = {person.pk: person for person in (*told, *leads_told(feedback)) if person.email}
    return list(people.values())


def leads_told(feedback: Feedback) -> list[Staff]:
    """Who answers for the team that it is about and may look after its place."""
    if feedback.department is None:
        return []
    leads = leads_of(feedback.department)
    return [one for one in leads if one.may(Permission.SERVE, place=feedback.place)]


def may_own(feedback: Feedback) -> QuerySet[Staff]:
    """Who can be given a case: staff who serve at its place."""
    return staff_who(Permission.SERVE, place=feedback.place).order_by("name", "pk")


def employee_named(feedback: Feedback) -> Staff | None:
    """The one employee who served the customer or whom the words name; None when unsure.

    Names are compared without accents and in Latin letters; a given name may carry an ending
    (“Katának”). Two people who fit are nobody.
    """
    staff = list(staff_who(Permission.SEE, place=feedback.place))
    served_by = feedback.purchase.served_by if feedback.purchase else ""
    if served_by:
        served = [one for one in staff if _is_called(one.name, served_by)]
        if len(served) == 1:
            return served[0]
    named = [one for one in staff if _is_mentioned(one.name, feedback.text)]
    return named[0] if len(named) == 1 else None


def _is_called(name: str, written: str) -> bool:
    own, other = latin(name), latin(written)
    return bool(own) and (own == other or other in own.split())


_SHORTEST_NAME = 3
_LONGEST_ENDING = 4


def _is_mentioned(name: str, text: str) -> bool:
    names = [part for part in latin(name).split() if len(part) >= _SHORTEST_NAME]
    for word in _capitalised_words(text):
        for part in names:
            if word.startswith(part) and len(word) - len(part) <= _LONGEST_ENDING:
                return True
    return False


def _capitalised_words(text: str) -> list[str]:
    """Words that may be names, in Latin letters; Georgian has no capitals, so all of its words."""
    words = [word.strip(".,;:!?()„“”\"'…–-") for word in text.split()]
    return [latin(word) for word in words if word and not word[0].islower()] + [
        latin(word) for word in words if "\u10d0" <= word[:1] <= "\u10ff"
    ]


def care_line_by(code: str) -> CareLine | None:
    """The open form with this code."""
    return CareLine.objects.filter(code=code, is_open=True).select_related("place").first()


def care_lines_visible_to(staff: Staff) -> QuerySet[CareLine]:
    """The forms of the places that `staff` works at, and the one without a place."""
    lines = CareLine.objects.select_related("place").order_by("place__name", "pk")
    return lines.filter(at_places_of(staff, "place"))


def places_of(staff: Staff) -> QuerySet[Place]:
    """The places in use at which `staff` has a role."""
    places = Place.objects.filter(is_active=True).order_by("name", "pk")
    held = [role.place_id for role in staff.roles_held()]
    if None in held:
        return places
    return places.filter(pk__in=[number for number in held if number is not None])


def likely_customers(feedback: Feedback) -> list[Customer]:
    """Whoever has the address that was given, or else the very name."""
    given = feedback.contact_address.strip()
    found = list(customers_found(given)[:MOST_LIKELY]) if given else []
    if not found and feedback.contact_name.strip():
        found = list(customers_found(feedback.contact_name)[:MOST_LIKELY])
    return found


def customers_found(words: str) -> QuerySet[Customer]:
    """Customers in force whose name, address or key holds all the words; for choosing one."""
    rows = Customer.objects.in_force().order_by("sort_key", "pk")
    for word in search_words(words):
        rows = rows.filter(Q(search_key__contains=fold(word)) | Q(search_key__contains=latin(word)))
    return rows
