"""The business: its profile, places, departments and the stages of the customer's journey."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from regulars.core.models import Model
from regulars.core.privacy import Privacy


class Trade(models.TextChoices):
    """What somebody runs; it sets the words, stages and rhythm to start with."""

    CAFE = "cafe", _("Café or restaurant")
    SALON = "salon", _("Salon or barber")
    WEB_SHOP = "web_shop", _("Web shop")
    SHOP = "shop", _("Shop")
    CLINIC = "clinic", _("Clinic or practice")
    WORKSHOP = "workshop", _("Workshop or repair")
    HOTEL = "hotel", _("Hotel or guesthouse")
    OTHER = "other", _("Something else")


HOUSE_COLOUR = "#7d2552"  # where the owner has chosen none


class Business(Model):
    """The one business of this installation (one row, made by the first run)."""

    privacy = {
        "name": Privacy.NONE,
        "trade": Privacy.NONE,
        "language": Privacy.NONE,
        "languages": Privacy.NONE,
        "currency": Privacy.NONE,
        "time_zone": Privacy.NONE,
        "country": Privacy.NONE,
        "opening_hours": Privacy.NONE,
        "visit_rhythm_days": Privacy.NONE,
        "public_url": Privacy.NONE,
        "mail_from": Privacy.NONE,
        "smtp_url": Privacy.SECRET,
        "postal_address": Privacy.NONE,
        "colour": Privacy.NONE,
        "logo": Privacy.NONE,
        "setup_step": Privacy.NONE,
        "is_demo": Privacy.NONE,
        "before_demo": Privacy.NONE,
    }

    name = models.CharField(_("name"), max_length=120, default="")
    trade = models.CharField(
        _("what you run"), max_length=20, choices=Trade.choices, default=Trade.OTHER
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    languages: models.JSONField[list[str], list[str]] = models.JSONField(
        _("customers' languages"), default=list
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Budapest")
    country = models.CharField(_("country"), max_length=2, default="HU")
    opening_hours: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("opening hours"), default=dict
    )
    visit_rhythm_days = models.PositiveSmallIntegerField(_("days between visits"), default=30)
    public_url = models.CharField(_("public address"), max_length=200, default="")
    mail_from = models.EmailField(_("sender of mail"), default="")
    smtp_url = models.TextField(_("mail server"), default="")
    postal_address = models.CharField(_("postal address"), max_length=240, default="")
    colour = models.CharField(_("colour"), max_length=7, default="")
    logo = models.CharField(_("logo"), max_length=120, default="")
    setup_step = models.PositiveSmallIntegerField(default=0)
    is_demo = models.BooleanField(default=False)
    before_demo: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)


class Place(Model):
    """A shop, branch or web shop of the business."""

    privacy = {
        "name": Privacy.NONE,
        "kind": Privacy.NONE,
        "address": Privacy.NONE,
        "is_active": Privacy.NONE,
    }

    class Kind(models.TextChoices):
        COUNTER = "counter", _("Shop or counter")
        WEB = "web", _("Web shop")

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.COUNTER)
    address = models.CharField(_("address"), max_length=240, default="", blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    def __str__(self) -> str:
        return self.name


class Department(Model):
    """A team that answers for some stages of the customer's journey."""

    privacy = {"name": Privacy.NONE, "slug": Privacy.NONE}

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=40, unique=True)

    def __str__(self) -> str:
        return self.name


class Touchpoint(Model):
    """A stage of the customer's journey that a department answers for."""

    privacy = {
        "name": Privacy.NONE,
        "slug": Privacy.NONE,
        "department": Privacy.NONE,
        "position": Privacy.NONE,
    }

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=40, unique=True)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="touchpoints", null=True
    )
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Signature(Model):
    """The person who signs letters and messages: a name with a title."""

    privacy = {"name": Privacy.NONE, "title": Privacy.NONE, "is_default": Privacy.NONE}

    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("title"), max_length=120, default="", blank=True)
    is_default = models.BooleanField(_("signs by default"), default=False)
