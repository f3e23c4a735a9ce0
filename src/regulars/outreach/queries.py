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
from regulars.customers.models import Consent, ContactPoint, Customer, Pause, Segment
from regulars.customers.queries import buying, people
from regulars.mailing import checks
from regulars.mailing import queries as mailing
from regulars.mailing.models import Channel, Message, Purpose, Suppression
from regulars.outreach.models import Doubt, Occasion, Thanks, ThanksQuerySet, Way
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
    """Regulars whom nobody has thanked for half a year, who come most often first.

    What was only prepared, or never went out, thanked nobody.
    """
    since = timezone.now() - HALF_A_YEAR
    on_their_way = Thanks.objects.on_their_way()
    return (
        people.customers_visible_to(staff)
        .filter(standing__segment__in=[Segment.REGULAR, Segment.LAPSING])
        .exclude(pk__in=on_their_way.filter(created_at__gt=since).values("customer"))
        .exclude(Q(pauses__kind__in=_NEVER))
        .annotate(last_thanked=Max("thanks__created_at", filter=Q(thanks__in=on_their_way)))
        .select_related("standing")
        .order_by("-standing__visits", "sort_key")
    )


def last_thanks(customer: Customer) -> Thanks | None:
    """The newest thanks to the same person, also under a merged record, that went out or will."""
    return _to(customer).on_their_way().order_by("-created_at").first()


def just_thanked(customer: Customer) -> Thanks | None:
    """Thanks to the same person within the last day, prepared ones too, if there are any."""
    since = timezone.now() - A_DAY
    return _to(customer).not_in_vain().filter(created_at__gt=since).order_by("-created_at").first()


def _to(customer: Customer) -> ThanksQuerySet:
    return Thanks.objects.filter(customer__in=people.same_person(customer))


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


def obstacle(customer: Customer, way: str, *, with_voucher: bool = False) -> str:
    """Why this customer cannot be thanked this way now, in words; empty when they can.

    For mail it is the verdict that the hand-over would come to at this moment; it is asked again
    then. By hand and by post the customer's own wish and death count, and while a complaint of
    theirs is open nothing goes out with a voucher.
    """
    now = timezone.now()
    paused = mailing.active_pauses(customer, now=now)
    never = [kind for kind in _NEVER if kind in paused]
    if never:
        return str(Pause.Kind(never[0]).label)
    if way != Way.EMAIL:
        complains = with_voucher and Pause.Kind.OPEN_COMPLAINT in paused
        return str(Doubt.OPEN_COMPLAINT.label) if complains else ""
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


def doubts(customer: Customer, way: str) -> list[Doubt]:
    """What whoever thanks by hand or by post must have considered; mail is simply refused."""
    if way == Way.EMAIL:
        return []
    found = []
    if Pause.Kind.OPEN_COMPLAINT in mailing.active_pauses(customer, now=timezone.now()):
        found.append(Doubt.OPEN_COMPLAINT)
    if _has_left(customer):
        found.append(Doubt.WITHDRAWN)
    return found


def _has_left(customer: Customer) -> bool:
    """Whether they withdrew their consent to thanks on any channel, or unsubscribed."""
    purpose = Consent.Purpose.APPRECIATION
    newest = [
        mailing.newest_consent(customer, channel=channel, purpose=purpose)
        for channel in ContactPoint.Channel.values
    ]
    if any(one is not None and not one.given for one in newest):
        return True
    address = mailing.email_address(customer)
    agreed = [one.happened_at for one in newest if one is not None]
    return bool(address) and any(
        entry.kind == Suppression.Kind.UNSUBSCRIBED
        and entry.purpose in {"", Purpose.APPRECIATION}
        and all(entry.since >= at for at in agreed)
        for entry in mailing.suppressions(address)
    )


def what_stops(thanks: Thanks) -> str:
    """Why prepared thanks cannot be handed over now, in words; empty when they can.

    Asked anew at each step: what was confirmed when they were prepared holds, nothing else.
    """
    with_voucher = thanks.voucher is not None and bool(thanks.code)
    stopped = obstacle(thanks.customer, thanks.way, with_voucher=with_voucher)
    if stopped:
        return stopped
    new = [
        one for one in doubts(thanks.customer, thanks.way) if one not in thanks.confirmed.split()
    ]
    return str(new[0].label) if new else ""


def recipient_of(customer: Customer) -> str:
    """The name and the postal address, where they are known, in lines as on an envelope."""
    posts = ContactPoint.objects.filter(
        customer__in=people.same_person(customer), channel=ContactPoint.Channel.POST
    )
    known = posts.order_by("-is_preferred", "-pk").first()
    written = (known.shown_as or known.address) if known is not None else ""
    lines = [part.strip() for line in written.splitlines() for part in line.split(",")]
    return "\n".join(line for line in [customer.full_name, *lines] if line)


def gift_of(offer: Offer, voucher: Voucher | None, code: str, language: str) -> Gift:
    """How the message shows the voucher; without one, an example for the preview."""
    expires = voucher.expires_at if voucher else expiry_of(offer, timezone.now())
    with translation.override(language):
        last = local_day(expires - timedelta(seconds=1), the_business().time_zone)
        until = _("Good until %(day)s.") % {"day": date_format(last, "DATE_FORMAT")}
        notes = [until, *conditions_in_words(offer, language)]
    return Gift(codes.shown(code), gives_in_words(offer, language), " ".join(notes))
