"""Customers: who they are, how to reach them, what they agreed to. Everything stands on this."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Place
from regulars.core.models import Model
from regulars.core.privacy import Privacy

# Languages in which the family name is said first.
FAMILY_NAME_FIRST = frozenset({"hu"})


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Filters of customers."""

    def in_force(self) -> CustomerQuerySet:
        """Neither merged into another, nor erased, nor of an import that is not applied."""
        return self.filter(merged_into=None, erased_at=None).applied()

    def applied(self) -> CustomerQuerySet:
        """Without those that an import has prepared and not applied, or undone."""
        applied = ImportBatch.objects.filter(state=ImportBatch.State.APPLIED).values("pk")
        return self.filter(models.Q(batch_id=None) | models.Q(batch_id__in=applied))


class Customer(Model):
    """A person or a company that buys here. Everything known may be missing, even the name."""

    privacy = {
        "kind": Privacy.IDENTITY,
        "given_name": Privacy.IDENTITY,
        "family_name": Privacy.IDENTITY,
        "company": Privacy.IDENTITY,
        "language": Privacy.IDENTITY,
        "birth_year": Privacy.IDENTITY,
        "birth_month": Privacy.IDENTITY,
        "birth_day": Privacy.IDENTITY,
        "preferences": Privacy.BEHAVIOUR,
        "note": Privacy.VOICE,
        "home_place": Privacy.BEHAVIOUR,
        "buyer": Privacy.IDENTITY,
        "source": Privacy.NONE,
        "merged_into": Privacy.NONE,
        "erased_at": Privacy.NONE,
        "search_key": Privacy.IDENTITY,
        "sort_key": Privacy.IDENTITY,
        "batch_id": Privacy.NONE,
        "is_demo": Privacy.NONE,
    }
    search_index = "search_key"

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        COMPANY = "company", _("Company")

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON)
    given_name = models.CharField(_("given name"), max_length=120, default="", blank=True)
    family_name = models.CharField(_("family name"), max_length=120, default="", blank=True)
    company = models.CharField(_("company"), max_length=200, default="", blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="", blank=True
    )
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_month = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_day = models.PositiveSmallIntegerField(null=True, blank=True)
    preferences: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    note = models.TextField(_("note"), default="", blank=True)
    home_place = models.ForeignKey(
        Place, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    buyer = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="users"
    )
    source = models.CharField(max_length=40, default="", blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="merged"
    )
    erased_at = models.DateTimeField(null=True)
    search_key = models.TextField(default="", db_index=False)
    sort_key = models.CharField(max_length=260, default="", db_index=True)
    batch_id = models.BigIntegerField(null=True, db_index=True)
    is_demo = models.BooleanField(default=False)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["birth_month", "birth_day", "sort_key"], name="customer_birthday")
        ]

    def __str__(self) -> str:
        return self.full_name or str(_("Customer without a name"))

    @property
    def full_name(self) -> str:
        """The name in the order of the customer's language; empty where none is known."""
        if self.kind == self.Kind.COMPANY and self.company:
            return self.company
        parts = [self.given_name, self.family_name]
        if self.language in FAMILY_NAME_FIRST:
            parts.reverse()
        return " ".join(part for part in parts if part) or self.company

    @property
    def is_gone(self) -> bool:
        """Whether the record was merged into another one or erased."""
        return self.merged_into_id is not None or self.erased_at is not None

    def get_absolute_url(self) -> str:
        """The customer's page in the console."""
        return reverse("customers:customer", args=[self.public_id])


class ContactPoint(Model):
    """An address on a channel: an e-mail address or a phone number, normalised, and its state."""

    privacy = {
        "customer": Privacy.NONE,
        "channel": Privacy.CONTACT,
        "address": Privacy.CONTACT,
        "shown_as": Privacy.CONTACT,
        "state": Privacy.CONTACT,
        "confirmed_at": Privacy.CONTACT,
        "is_preferred": Privacy.CONTACT,
    }

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        POST = "post", _("Post")

    class State(models.TextChoices):
        UNKNOWN = "unknown", _("not tried yet")
        WORKS = "works", _("works")
        BOUNCED = "bounced", _("does not arrive")
        COMPLAINED = "complained", _("reported as unwanted")

    customer = models.ForeignKey(  # the constraint's index finds it
        Customer, on_delete=models.CASCADE, related_name="contact_points", db_index=False
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=320, db_index=True)
    shown_as = models.CharField(max_length=320, default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNKNOWN)
    confirmed_at = models.DateTimeField(null=True)
    is_preferred = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "channel", "address"], name="contact_point_once"
            )
        ]


class CustomerKey(Model):
    """A key by which a source knows a customer: till id, shop id, card number."""

    privacy = {"customer": Privacy.NONE, "source": Privacy.IDENTITY, "value": Privacy.IDENTITY}

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="keys")
    source = models.CharField(max_length=40)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "value"], name="customer_key_once")
        ]


class Consent(Model):
    """What a customer agreed to or refused: channel, purpose, basis, wording, when and how.

    Appended to, never edited: the newest record of a (customer, channel, purpose) counts.
    """

    privacy = {
        "customer": Privacy.NONE,
        "channel": Privacy.CONTACT,
        "purpose": Privacy.CONTACT,
        "basis": Privacy.CONTACT,
        "given": Privacy.CONTACT,
        "confirmed": Privacy.CONTACT,
        "wording": Privacy.CONTACT,
        "language": Privacy.NONE,
        "evidence": Privacy.CONTACT,
        "recorded_by": Privacy.NONE,
        "happened_at": Privacy.CONTACT,
    }

    class Purpose(models.TextChoices):
        MARKETING = "marketing", _("offers and news")
        SURVEYS = "surveys", _("questions about your visit")
        APPRECIATION = "appreciation", _("thanks and greetings")

    class Basis(models.TextChoices):
        CONSENT = "consent", _("consent")
        SOFT_OPT_IN = "soft_opt_in", _("bought here and was told how to say no")
        CONTRACT = "contract", _("about a purchase")
        WITHDRAWN = "withdrawn", _("withdrawn")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=10, choices=ContactPoint.Channel.choices)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    basis = models.CharField(max_length=20, choices=Basis.choices)
    given = models.BooleanField()
    confirmed = models.BooleanField(default=True)
    wording = models.TextField(default="")
    language = models.CharField(max_length=10, default="")
    evidence = models.CharField(max_length=300, default="")
    recorded_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    happened_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["customer", "channel", "purpose", "-happened_at"], name="consent_newest"
            )
        ]


class Pause(Model):
    """A reason not to write to a customer, for a while or for good."""

    privacy = {
        "customer": Privacy.NONE,
        "kind": Privacy.BEHAVIOUR,
        "reason": Privacy.BEHAVIOUR,
        "since": Privacy.BEHAVIOUR,
        "until": Privacy.BEHAVIOUR,
        "key": Privacy.NONE,
    }

    class Kind(models.TextChoices):
        OPEN_COMPLAINT = "open_complaint", _("a complaint is open")
        DO_NOT_GREET = "do_not_greet", _("does not want greetings")
        DIED = "died", _("has died")
        SILENCE = "silence", _("asked for silence")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="pauses")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    reason = models.CharField(max_length=200, default="")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    key = models.CharField(max_length=80, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "key"], name="pause_once")
        ]


class Item(Model):
    """Something that is sold. Discreet items never appear in messages, favourites or at a till."""

    privacy = {
        "source": Privacy.NONE,
        "code": Privacy.NONE,
        "name": Privacy.NONE,
        "category": Privacy.NONE,
        "is_discreet": Privacy.NONE,
        "search_key": Privacy.NONE,
    }

    source = models.CharField(max_length=40, default="")
    code = models.CharField(max_length=120)
    name = models.CharField(_("name"), max_length=240)
    category = models.CharField(_("category"), max_length=120, default="", blank=True)
    is_discreet = models.BooleanField(_("discreet"), default=False)
    search_key = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "code"], name="item_once")]

    def __str__(self) -> str:
        return self.name


class ImportBatch(Model):
    """One import of customers or purchases. Readers ignore what is not applied.

    Rows are staged in short transactions; one UPDATE of `state` applies or undoes all of them.
    """

    privacy = {
        "kind": Privacy.NONE,
        "source": Privacy.NONE,
        "file_name": Privacy.NONE,
        "mapping": Privacy.NONE,
        "provenance": Privacy.NONE,
        "state": Privacy.NONE,
        "is_history": Privacy.NONE,
        "counts": Privacy.NONE,
        "checkpoint": Privacy.NONE,
        "error": Privacy.NONE,
        "made_by": Privacy.NONE,
        "applied_at": Privacy.NONE,
        "undone_at": Privacy.NONE,
    }

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("Customers")
        PURCHASES = "purchases", _("Purchases")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        READING = "reading", _("being read")
        CHECKED = "checked", _("checked")
        STAGING = "staging", _("being loaded")
        APPLIED = "applied", _("loaded")
        UNDONE = "undone", _("undone")
        FAILED = "failed", _("failed")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    source = models.CharField(max_length=40, default="")
    file_name = models.CharField(max_length=200, default="")
    mapping: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    provenance: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    is_history = models.BooleanField(default=True)
    counts: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    checkpoint = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=40, default="")
    made_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)


class ImportRejection(Model):
    """One row of a file that was not loaded, and why. Kept until the batch is forgotten."""

    privacy = {
        "batch": Privacy.NONE,
        "number": Privacy.NONE,
        "cells": Privacy.IDENTITY,
        "reason": Privacy.NONE,
        "column": Privacy.NONE,
    }

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rejections")
    number = models.PositiveIntegerField()
    cells: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    reason = models.CharField(max_length=40)
    column = models.CharField(max_length=120, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="import_rejection_once")
        ]


class ImportChange(Model):
    """What an import adds to, or changes on, something that was there before it.

    New customers and purchases carry their batch; this is for the rest. `made_id` is the row that
    was made, once it is done; `before` and `after` hold the values of changed fields.
    """

    privacy = {
        "batch": Privacy.NONE,
        "kind": Privacy.NONE,
        "customer": Privacy.NONE,
        "made_id": Privacy.NONE,
        "before": Privacy.IDENTITY,
        "after": Privacy.IDENTITY,
        "is_done": Privacy.NONE,
    }

    class Kind(models.TextChoices):
        FIELDS = "fields", _("details")
        ADDRESS = "address", _("address")
        KEY = "key", _("number")
        CONSENT = "consent", _("consent")
        ITEM = "item", _("item")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="+")
    made_id = models.BigIntegerField(null=True)
    before: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    after: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    is_done = models.BooleanField(default=False)


class ImportMapping(Model):
    """How files with the same columns were read last time."""

    privacy = {
        "kind": Privacy.NONE,
        "signature": Privacy.NONE,
        "reading": Privacy.NONE,
        "used_at": Privacy.NONE,
    }

    kind = models.CharField(max_length=12, choices=ImportBatch.Kind.choices)
    signature = models.CharField(max_length=64)
    reading: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "signature"], name="import_mapping_once")
        ]


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    """Filters of purchases."""

    def in_force(self) -> PurchaseQuerySet:
        """Neither cancelled nor part of an import that is not (or no longer) applied."""
        return self.filter(cancelled_at=None).filter(
            models.Q(batch=None) | models.Q(batch__state=ImportBatch.State.APPLIED)
        )


class Purchase(Model):
    """One sale or refund, known by (source, document). Amounts are minor units of `currency`.

    A refund is a purchase with a negative total that may name the one it refunds: by its document
    (null where it names none), which may arrive later than the refund, and then as `refund_of`.
    `is_history` marks what was more than three days old when it arrived: nobody is written to
    because of it.
    """

    privacy = {
        "customer": Privacy.NONE,
        "source": Privacy.NONE,
        "document": Privacy.BEHAVIOUR,
        "place": Privacy.BEHAVIOUR,
        "purchased_at": Privacy.BEHAVIOUR,
        "total": Privacy.MONEY,
        "currency": Privacy.NONE,
        "served_by": Privacy.BEHAVIOUR,
        "refund_of": Privacy.NONE,
        "refund_of_document": Privacy.BEHAVIOUR,
        "cancelled_at": Privacy.BEHAVIOUR,
        "is_history": Privacy.NONE,
        "batch": Privacy.NONE,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("currency", "source")

    customer = models.ForeignKey(  # the index with the time finds it
        Customer, on_delete=models.SET_NULL, null=True, related_name="purchases", db_index=False
    )
    source = models.CharField(max_length=40)
    document = models.CharField(max_length=120)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, related_name="+")
    purchased_at = models.DateTimeField()
    total = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    served_by = models.CharField(max_length=120, default="")
    refund_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="refunds"
    )
    refund_of_document = models.CharField(  # noqa: DJ001 - null keeps sales out of the index
        max_length=120, null=True
    )
    cancelled_at = models.DateTimeField(null=True)
    is_history = models.BooleanField(default=False)
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.CASCADE, null=True, related_name="purchases"
    )

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "document"], name="purchase_once")]
        indexes = [
            models.Index(fields=["customer", "-purchased_at"], name="purchase_customer"),
            models.Index(  # refunds whose sale has not arrived
                fields=["source", "refund_of_document"],
                name="purchase_refund_waits",
                condition=models.Q(refund_of=None, refund_of_document__isnull=False),
            ),
        ]


class PurchaseLine(Model):
    """One item of a purchase. `quantity` in thousandths, `amount` in minor units, both signed."""

    privacy = {
        "purchase": Privacy.NONE,
        "number": Privacy.NONE,
        "item": Privacy.BEHAVIOUR,
        "quantity": Privacy.BEHAVIOUR,
        "amount": Privacy.MONEY,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("purchase__document", "purchase__currency")

    purchase = models.ForeignKey(  # the constraint's index finds it
        Purchase, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    quantity = models.BigIntegerField(default=1000)
    amount = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase", "number"], name="purchase_line_once")
        ]


class Segment(models.TextChoices):
    """Kinds of customers by their purchases (the same values as stats.rfm.Segment)."""

    REGULAR = "regular", _("Regular")
    FIRST_TIMER = "first_timer", _("First-timer")
    OCCASIONAL = "occasional", _("Occasional")
    LAPSING = "lapsing", _("Comes less often")
    LOST = "lost", _("Lost")


class Standing(Model):
    """What the purchases of a customer come to, kept beside them so that lists stay fast.

    Brought up to date with each purchase and, since days pass, each night. `spent` is in minor
    units of the business's currency; purchases in other currencies count as visits only.
    """

    privacy = {
        "customer": Privacy.NONE,
        "segment": Privacy.BEHAVIOUR,
        "visits": Privacy.BEHAVIOUR,
        "visits_in_window": Privacy.BEHAVIOUR,
        "first_on": Privacy.BEHAVIOUR,
        "last_on": Privacy.BEHAVIOUR,
        "typical_gap": Privacy.BEHAVIOUR,
        "spent": Privacy.MONEY,
    }

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="standing")
    segment = models.CharField(max_length=12, choices=Segment.choices, default="")
    visits = models.PositiveIntegerField(default=0)
    visits_in_window = models.PositiveIntegerField(default=0)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    typical_gap = models.FloatField(default=0)
    spent = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["segment", "-last_on"], name="standing_segment"),
            models.Index(fields=["-last_on"], name="standing_last"),
            models.Index(fields=["-spent"], name="standing_spent"),
            models.Index(fields=["-visits"], name="standing_visits"),
        ]


class Merge(Model):
    """Two records that were found to be one person, and what moved, so that it can move back.

    `moved` holds row numbers by model field, `filled` the names of fields that the survivor had
    empty, `widened` the ends of pauses as they were before.
    """

    privacy = {
        "survivor": Privacy.NONE,
        "merged": Privacy.NONE,
        "merged_by": Privacy.NONE,
        "moved": Privacy.NONE,
        "filled": Privacy.NONE,
        "widened": Privacy.NONE,
        "undone_at": Privacy.NONE,
    }

    survivor = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    merged = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges")
    merged_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    moved: models.JSONField[dict[str, list[int]], dict[str, list[int]]] = models.JSONField(
        default=dict
    )
    filled: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    widened: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merged"],
                name="merged_once",
                condition=models.Q(undone_at__isnull=True),
            )
        ]


class KeptApart(Model):
    """Two records that look alike and are two people: not proposed again."""

    privacy = {"first": Privacy.NONE, "second": Privacy.NONE, "said_by": Privacy.NONE}

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="kept_apart_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="kept_apart_in_order"
            ),
        ]


class JoinCode(Model):
    """The code of a place's QR by which people join; a new one makes the old poster useless."""

    privacy = {"place": Privacy.NONE, "code": Privacy.NONE, "is_open": Privacy.NONE}

    place = models.ForeignKey(Place, on_delete=models.CASCADE, null=True, related_name="+")
    code = models.CharField(max_length=12, unique=True)
    is_open = models.BooleanField(_("people may join"), default=True)


class JoinRequest(Model):
    """Somebody joined and has yet to confirm the e-mail address. Their consents wait here.

    Nothing about an address that is already known changes before its owner confirms.
    """

    privacy = {
        "customer": Privacy.NONE,
        "join_code": Privacy.NONE,
        "email": Privacy.CONTACT,
        "purposes": Privacy.CONTACT,
        "wordings": Privacy.NONE,
        "language": Privacy.NONE,
        "token_hash": Privacy.SECRET,
        "expires_at": Privacy.NONE,
        "confirmed_at": Privacy.CONTACT,
    }

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="join_requests")
    join_code = models.ForeignKey(JoinCode, on_delete=models.SET_NULL, null=True, related_name="+")
    email = models.CharField(max_length=320)
    purposes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    wordings: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    language = models.CharField(max_length=10, default="en")
    token_hash = models.CharField(max_length=64, default="", db_index=True)
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)


class Erasure(Model):
    """That a customer was erased: kept, and written to a file beside the database too.

    A restored backup knows the person again; the file says that they must go again.
    """

    privacy = {"customer_id": Privacy.NONE, "subject": Privacy.NONE, "erased_by": Privacy.NONE}

    customer_id = models.BigIntegerField()
    subject = models.CharField(max_length=22, unique=True)
    erased_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")


class RetentionRule(Model):
    """How long one kind of data is kept. No row: until somebody is erased by hand."""

    privacy = {"kind": Privacy.NONE, "months": Privacy.NONE, "set_by": Privacy.NONE}

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("Customers who are never seen again")
        WORDS = "words", _("What customers said")
        MESSAGES = "messages", _("What was written to them")
        PURCHASES = "purchases", _("Who bought what")
        HISTORY = "history", _("The history on a customer’s page")

    kind = models.CharField(max_length=12, choices=Kind.choices, unique=True)
    months = models.PositiveSmallIntegerField()
    set_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")


class RetentionRun(Model):
    """What one night's work on one kind of data came to."""

    privacy = {
        "kind": Privacy.NONE,
        "day": Privacy.NONE,
        "done": Privacy.NONE,
        "held": Privacy.NONE,
    }

    kind = models.CharField(max_length=12, choices=RetentionRule.Kind.choices)
    day = models.DateField()
    done = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="retention_once_a_day")]


class LegalHold(Model):
    """While it lasts, nothing about the customer is deleted: a dispute, a court, a claim."""

    privacy = {
        "customer": Privacy.NONE,
        "reason": Privacy.BEHAVIOUR,
        "placed_by": Privacy.NONE,
        "ended_at": Privacy.NONE,
        "ended_by": Privacy.NONE,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("ended_at",)

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="holds")
    reason = models.CharField(max_length=300)
    placed_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                name="one_hold_at_a_time",
                condition=models.Q(ended_at__isnull=True),
            )
        ]
