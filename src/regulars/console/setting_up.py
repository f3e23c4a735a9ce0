"""What the first run sets going: the trade's pack, a place, and the one survey to start with."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.business import actions as business
from regulars.business import trades
from regulars.business.models import Place, Touchpoint, Trade
from regulars.business.queries import the_business
from regulars.customers.models import Customer
from regulars.surveys.actions import designs
from regulars.surveys.models import Metric, Survey

STEPS = 5


def is_done() -> bool:
    """Whether nothing is left: whoever loads sales from the last screen is done."""
    step = the_business().setup_step
    return step > STEPS or (step == STEPS and Customer.objects.exists())


def begin(*, name: str, trade: str, by: Staff | None) -> None:
    """Store the name and the trade; make the first place and the first survey if there is none.

    The survey asks after a purchase, about the stage that matters most in the trade.
    """
    pack = trades.pack_of(trade)
    with transaction.atomic():
        business.change_profile(by=by, name=name)
        business.begin_with(trade, by=by)
        if not Place.objects.exists():
            kind = Place.Kind.WEB if trade == Trade.WEB_SHOP else Place.Kind.COUNTER
            business.save_place(Place(), by=by, name=name, kind=kind)
        if not Survey.objects.exists():
            designs.make_survey(
                name=_("After a purchase"),
                metric=Metric(pack.metric),
                trigger=Survey.Trigger.AFTER_PURCHASE,
                delay_hours=pack.delay_hours,
                touchpoint=Touchpoint.objects.filter(slug=pack.asked_about).first(),
                by=by,
            )
