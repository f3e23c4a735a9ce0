"""What the first run sets going: the trade's pack, a place, and the one survey to start with."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from regulars.accounts.models import Staff, TeamLead
from regulars.business import actions as business
from regulars.business import trades
from regulars.business.models import Business, Place, Touchpoint, Trade
from regulars.business.queries import in_any_language, is_as_begun, the_business
from regulars.customers.models import Customer
from regulars.feedback.models import Feedback
from regulars.surveys.actions import designs
from regulars.surveys.models import (
    AskDecision,
    AskRun,
    Invitation,
    Metric,
    Response,
    Survey,
    SurveyVersion,
)

STEPS = 5
FIRST_SURVEY = gettext_noop("After a purchase")


def is_done() -> bool:
    """Whether nothing is left: whoever loads sales from the last screen is done."""
    step = the_business().setup_step
    return step > STEPS or (step == STEPS and Customer.objects.exists())


def begin(*, name: str, trade: str, by: Staff | None) -> None:
    """Store the name and the trade; make the first place and the first survey if there is none.

    The survey asks after a purchase, about the stage that matters most in the trade. Done again,
    it corrects what it has made as long as nobody has used or changed that.
    """
    pack = trades.pack_of(trade)
    with transaction.atomic():
        before = the_business()
        if before.pk is not None:
            _correct_place(before, name=name, trade=trade, by=by)
            if trade != before.trade and _is_as_made(before.trade):
                Survey.objects.all().delete()
                business.take_back_stages()
        business.change_profile(by=by, name=name)
        business.begin_with(trade, by=by)
        if not Place.objects.exists():
            business.save_place(Place(), by=by, name=name, kind=_kind_of_place(trade))
        if not Survey.objects.exists():
            designs.make_survey(
                name=gettext(FIRST_SURVEY),
                metric=Metric(pack.metric),
                trigger=Survey.Trigger.AFTER_PURCHASE,
                delay_hours=pack.delay_hours,
                touchpoint=Touchpoint.objects.filter(slug=pack.asked_about).first(),
                by=by,
            )


def _kind_of_place(trade: str) -> Place.Kind:
    return Place.Kind.WEB if trade == Trade.WEB_SHOP else Place.Kind.COUNTER


def _correct_place(before: Business, *, name: str, trade: str, by: Staff | None) -> None:
    made = {"name": before.name, "kind": _kind_of_place(before.trade)}
    wanted = {"name": name, "kind": _kind_of_place(trade)}
    place = Place.objects.filter(**made).first()
    if place is not None and Place.objects.count() == 1 and made != wanted:
        business.save_place(place, by=by, **wanted)


def _is_as_made(trade: str) -> bool:
    """Whether teams, stages and survey are as they were made for the trade, and unused."""
    used = (Response, Invitation, AskDecision, AskRun, Feedback, TeamLead)
    if any(model._default_manager.exists() for model in used) or not is_as_begun(trade):
        return False
    pack = trades.pack_of(trade)
    made = Survey.objects.filter(
        name__in=in_any_language(gettext_lazy(FIRST_SURVEY)),
        metric=pack.metric,
        trigger=Survey.Trigger.AFTER_PURCHASE,
        delay_hours=pack.delay_hours,
        touchpoint__slug=pack.asked_about,
        is_open=True,
        archived_at=None,
    )
    versions = SurveyVersion.objects.values_list("number", flat=True)
    return made.count() == Survey.objects.count() == 1 and list(versions) == [1]
