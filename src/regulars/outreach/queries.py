"""Whom to thank, for what in particular, and who was thanked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Max, Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.accounts.models import Staff
from regulars.business.queries import the_business
from regulars.core.access import Permission
from regulars.core.clock import local_day
from regulars.customers.models import Customer, Pause, Segment
from regulars.customers.queries import buying, people
from regulars.mailing import checks
from regulars.mailing import queries as mailing
from regulars.mailing.models import Channel, Message, Purpose
from regulars.outreach.models import Occasion, Thanks, Way
from regulars.outreach.wording import Gift
from regulars.rewards import codes
from regulars.rewards.models import Offer, Voucher
from regulars.rewards.queries import conditions_in_words, expiry_of, gives_in_words
from regulars.surveys.models import DELIGHTED_FROM, Metric, Response

HALF_A_YEAR = timedelta(days=182)
A_DAY = timedelta(days=1)
SAMPLE_CODE = "0" * codes.LENGTH
_NEVER = (Pause.Kind.DIED, Pause.Kind.DO_NOT_GREET, Pause.Kind.SILENCE)


def thanks_visible_to(staff: Staff) -> QuerySet[Thanks]:
    """All thanks, the newest first, for whoever may look."""
    rows = Thanks.objects.select_related("customer", "given_by", "message", "voucher__offer")
    return rows.order_by("-created_at") if staff.may(Permission.SEE) else rows.none()


def not_thanked_lately(staff: Staff) -> QuerySet[Customer]:
    """Regulars whom nobody has thanked for half a year, who come most often first."""
    since = timezone.now() - HALF_A_YEAR
    return (
        people.customers_visible_to(staff)
        .filter(standing__segment__in=[Segment.REGULAR, Segment.LAPSING])
        .exclude(thanks__created_at__gt=since)
        .exclude(Q(pauses__kind__in=_NEVER))
        .annotate(last_thanked=Max("thanks__created_at"))
        .select_related("standing")
        .order_by("-standing__visits", "sort_key")
    )


def last_thanks(customer: Customer) -> Thanks | None:
    """The newest thanks to the same person, also under a merged record."""
    return (
        Thanks.objects.filter(customer__in=people.same_person(customer))
        .order_by("-created_at")
        .first()
    )


def just_thanked(customer: Customer) -> Thanks | None:
    """Thanks to the same person within the last day, if there are any."""
    last = last_thanks(customer)
    return last if last is not None and last.created_at > timezone.now() - A_DAY else None


def language_for(customer: Customer) -> str:
    """The customer's language, else the business's."""
    return mailing.language_for(customer)


def occasion_for(customer: Customer) -> Occasion:
    """The occasion to begin with."""
    standing = getattr(customer, "standing", None)
    if _praise(customer) is not None:
        return Occasion.PRAISE
    if standing is not None and standing.visits == 1:
        return Occasion.FIRST_VISIT
    return Occasion.REGULAR


def reasons_for(customer: Customer, language: str) -> list[str]:
    """Sentences, in the customer's language, that say why this very customer is thanked.

    From purchases and answers. Discreet items are in none of them.
    """
    with translation.override(language):
        return list(_reasons(customer))


def _reasons(customer: Customer) -> Iterator[str]:
    standing = getattr(customer, "standing", None)
    visits = standing.visits if standing else 0
    if visits > 1:
        yield ngettext(
            "You have been with us %(count)s time.",
            "You have been with us %(count)s times.",
            visits,
        ) % {"count": visits}
    if standing and standing.first_on and standing.first_on.year < timezone.now().year:
        yield _("You have been coming to us since %(year)s.") % {"year": standing.first_on.year}
    for favourite in buying.favourites(customer, limit=2):
        if favourite.purchases > 1:
            yield _("We know how much you like this: “%(item)s”.") % {"item": favourite.name}
    if _praise(customer) is not None:
        yield _("Your kind words about us made our day.")


def _praise(customer: Customer) -> Response | None:
    newest = customer.responses.filter(is_quarantined=False).order_by("-answered_at").first()
    if newest is None:
        return None
    return newest if newest.score >= DELIGHTED_FROM[Metric(newest.metric)] else None


def obstacle(customer: Customer, way: str) -> str:
    """Why this customer cannot be thanked this way now, in words; empty when they can.

    For mail it is the verdict that the hand-over would come to at this moment; it is asked again
    then. By hand and by post only the customer's own wish and death count.
    """
    paused = [pause for pause in people.pauses_in_force(customer) if pause.kind in _NEVER]
    if paused:
        return str(Pause.Kind(paused[0].kind).label)
    if way != Way.EMAIL:
        return ""
    now = timezone.now()
    message = Message(
        customer=customer,
        channel=Channel.EMAIL,
        purpose=Purpose.APPRECIATION,
        to_address=mailing.email_address(customer),
        created_at=now,
        due_at=now,
    )
    verdict = checks.verdict(message, now=now)
    return str(verdict.reason.label) if isinstance(verdict, checks.Skip) else ""


def gift_of(offer: Offer, voucher: Voucher | None, code: str, language: str) -> Gift:
    """How the message shows the voucher; without one, an example for the preview."""
    expires = voucher.expires_at if voucher else expiry_of(offer, timezone.now())
    with translation.override(language):
        last = local_day(expires - timedelta(seconds=1), the_business().time_zone)
        until = _("Good until %(day)s.") % {"day": date_format(last, "DATE_FORMAT")}
        notes = [until, *conditions_in_words(offer, language)]
    return Gift(codes.shown(code), gives_in_words(offer, language), " ".join(notes))
