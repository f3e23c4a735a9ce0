"""Messages and what stops them: the outbox, unsubscribe links, the suppression list, the rules."""

from __future__ import annotations

from datetime import datetime, time
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.core.models import Model
from regulars.core.privacy import Privacy
from regulars.customers.models import Consent, Customer


class Purpose(models.TextChoices):
    """Why a message is written. Whether it needs a consent follows from it."""

    SIGN_IN = "sign_in", _("signing in")
    ALERT = "alert", _("notice to staff")
    SERVICE = "service", _("reply or confirmation")
    SURVEY = "survey", _("question about a visit")
    APPRECIATION = "appreciation", _("thanks or greeting")
    MARKETING = "marketing", _("offer or news")


CONSENT_NEEDED: dict[Purpose, Consent.Purpose] = {
    Purpose.SURVEY: Consent.Purpose.SURVEYS,
    Purpose.APPRECIATION: Consent.Purpose.APPRECIATION,
    Purpose.MARKETING: Consent.Purpose.MARKETING,
}
PRIORITIES: dict[Purpose, int] = {
    Purpose.SIGN_IN: 90,
    Purpose.ALERT: 70,
    Purpose.SERVICE: 60,
    Purpose.SURVEY: 20,
    Purpose.APPRECIATION: 20,
    Purpose.MARKETING: 0,
}


class Channel(models.TextChoices):
    """How a message leaves."""

    EMAIL = "email", _("by e-mail")
    SMS = "sms", _("by text message")
    HAND = "hand", _("by hand")
    POST = "post", _("by post")


class State(models.TextChoices):
    """Where a message stands.

    `SENDING` is committed before the mail server is given the text, so that a crash after it is
    seen: such a message becomes `UNKNOWN` and is never sent again without a person's word.
    """

    QUEUED = "queued", _("waiting to be sent")
    HELD = "held", _("on hold")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    UNKNOWN = "unknown", _("perhaps sent")
    FAILED = "failed", _("could not be sent")
    SKIPPED = "skipped", _("not sent")
    CANCELLED = "cancelled", _("cancelled")
    DELIVERED = "delivered", _("delivered")
    BOUNCED = "bounced", _("came back")


# Whatever it was, the customer does not have it.
NOT_ARRIVED = (State.FAILED, State.SKIPPED, State.CANCELLED, State.BOUNCED)

# How the pages mark a state.
TONES: dict[str, str] = {
    State.QUEUED: "info",
    State.HELD: "warn",
    State.SENDING: "info",
    State.SENT: "good",
    State.DELIVERED: "good",
    State.UNKNOWN: "warn",
    State.FAILED: "bad",
    State.BOUNCED: "bad",
    State.SKIPPED: "",
    State.CANCELLED: "",
}


class Reason(models.TextChoices):
    """Why a message is not (yet) sent, for a person to read."""

    NONE = "", ""
    NO_SERVER = "no_server", _("no mail server is set up yet")
    NO_PUBLIC_URL = (
        "no_public_url",
        _("no public address is set: its links would work on this computer only"),
    )
    LATE = "late", _("it should have gone out more than two hours ago; please confirm")
    PAUSED = "paused", _("sending is switched off until somebody switches it on")
    BY_PERSON = "by_person", _("somebody put it on hold")
    QUIET_HOURS = "quiet_hours", _("it waits for the end of the quiet hours")
    DAILY_LIMIT = "daily_limit", _("today’s limit of messages is reached; it goes out tomorrow")
    RETRY = "retry", _("the mail server could not take it; it will be tried again")
    NO_ADDRESS = "no_address", _("no e-mail address is known")
    BAD_ADDRESS = "bad_address", _("the e-mail address cannot be right")
    BAD_HEADER = "bad_header", _("a name or the subject holds characters that mail must not have")
    NO_CONSENT = "no_consent", _("there is no consent to this kind of message")
    UNCONFIRMED = "unconfirmed", _("the consent has not been confirmed yet")
    WITHDRAWN = "withdrawn", _("the customer does not want this kind of message")
    UNSUBSCRIBED = "unsubscribed", _("this address has unsubscribed")
    ADDRESS_BOUNCED = "address_bounced", _("mail to this address has come back before")
    COMPLAINED = "complained", _("this address has reported mail as unwanted")
    BLOCKED = "blocked", _("somebody put this address on the list of addresses not written to")
    OPEN_COMPLAINT = "open_complaint", _("a complaint of this customer is open")
    DO_NOT_GREET = "do_not_greet", _("the customer does not want greetings")
    DIED = "died", _("the customer has died")
    SILENCE = "silence", _("the customer asked for silence")
    ERASED = "erased", _("the customer’s data were erased")
    TOO_OFTEN = "too_often", _("the customer was written to often enough lately")
    EXPIRED = "expired", _("it is too old to be of use")
    REFUSED = "refused", _("the mail server refused it")
    GAVE_UP = "gave_up", _("the mail server could not take it after several attempts")
    FAULT = "fault", _("something went wrong on our side; the log says what")
    WORKER_LOST = (
        "worker_lost",
        _("the connection broke at the very moment of handing it over: it may have arrived or not"),
    )


class MessageQuerySet(models.QuerySet["Message"]):
    """Chainable filters."""

    def shown(self) -> MessageQuerySet:
        """Without sign-in mails, which nobody may read here."""
        return self.filter(is_hidden=False)

    def claimable(self, now: datetime) -> MessageQuerySet:
        """Due and held by no worker, the most urgent first."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        return self.filter(free, state=State.QUEUED, due_at__lte=now).order_by(
            "-priority", "due_at", "pk"
        )


class Message(Model):
    """One message to one recipient. The row is the outbox and the record of what was sent.

    `key` makes it unique: one message per campaign and recipient, however often it is queued.
    `attempts` counts claims and tells one claim from the next.
    """

    privacy = {
        "key": Privacy.NONE,
        "channel": Privacy.NONE,
        "purpose": Privacy.NONE,
        "priority": Privacy.NONE,
        "customer": Privacy.NONE,
        "staff_id": Privacy.NONE,
        "sent_by_id": Privacy.NONE,
        "to_address": Privacy.CONTACT,
        "to_name": Privacy.IDENTITY,
        "reply_to": Privacy.CONTACT,
        "language": Privacy.NONE,
        "subject": Privacy.VOICE,
        "html": Privacy.VOICE,
        "text": Privacy.VOICE,
        "message_id": Privacy.NONE,
        "in_reply_to": Privacy.NONE,
        "has_links": Privacy.NONE,
        "is_hidden": Privacy.NONE,
        "state": Privacy.NONE,
        "reason": Privacy.NONE,
        "detail": Privacy.CONTACT,
        "due_at": Privacy.NONE,
        "confirmed_at": Privacy.NONE,
        "attempts": Privacy.NONE,
        "worker": Privacy.NONE,
        "lease_until": Privacy.NONE,
        "consent": Privacy.NONE,
        "sent_at": Privacy.BEHAVIOUR,
        "settled_at": Privacy.BEHAVIOUR,
        "search_key": Privacy.CONTACT,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("purpose", "channel", "state")

    key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    priority = models.SmallIntegerField(default=0)
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, related_name="messages"
    )
    staff_id = models.BigIntegerField(null=True)
    sent_by_id = models.BigIntegerField(null=True)
    to_address = models.CharField(max_length=320, default="")
    to_name = models.CharField(max_length=250, default="")
    reply_to = models.CharField(max_length=320, default="")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="en")
    subject = models.CharField(max_length=300, default="")
    html = models.TextField(default="")
    text = models.TextField(default="")
    message_id = models.CharField(max_length=250, unique=True)
    in_reply_to = models.CharField(max_length=250, default="")
    has_links = models.BooleanField(default=False)
    is_hidden = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=20, choices=Reason.choices, default=Reason.NONE)
    detail = models.CharField(max_length=300, default="")
    due_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=80, default="")
    lease_until = models.DateTimeField(null=True)
    consent = models.ForeignKey(Consent, on_delete=models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    search_key = models.TextField(default="")

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["-priority", "due_at", "id"],
                name="message_queued",
                condition=Q(state="queued"),
            ),
            models.Index(
                fields=["lease_until"], name="message_sending", condition=Q(state="sending")
            ),
            models.Index(fields=["state", "-created_at"], name="message_state"),
            models.Index(fields=["customer", "-sent_at"], name="message_customer"),
            models.Index(fields=["-sent_at"], name="message_sent"),
            models.Index(fields=["-created_at"], name="message_newest"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def needs_consent(self) -> bool:
        """Whether it may only go out on a consent of its channel and purpose."""
        return Purpose(self.purpose) in CONSENT_NEEDED


class Mention(Model):
    """Somebody of whom a message to staff speaks, so that export and erasure find the message.

    `address` is what somebody gave whom nobody knows; `source` is what the message tells of
    ("feedback:…"), by which the customer is noted once they are known.
    """

    privacy = {
        "message": Privacy.BEHAVIOUR,
        "customer": Privacy.NONE,
        "address": Privacy.CONTACT,
        "source": Privacy.NONE,
    }
    speaks_in: ClassVar[str] = "message"

    message = models.ForeignKey(
        Message, verbose_name=_("message"), on_delete=models.CASCADE, related_name="mentions"
    )
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="+")
    address = models.CharField(_("address"), max_length=254, default="")
    source = models.CharField(max_length=60, default="")

    class Meta:
        verbose_name = _("notice to staff")
        verbose_name_plural = _("notices to staff")
        indexes = [models.Index(fields=["source"], name="mention_source")]


class UnsubscribeLink(models.Model):
    """The link of one handed-over message. Kept for ever, also after the customer is erased."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "token_hash": Privacy.NONE,
        "customer": Privacy.NONE,
        "address_hash": Privacy.NONE,
        "channel": Privacy.NONE,
        "purpose": Privacy.NONE,
        "language": Privacy.NONE,
        "created_at": Privacy.NONE,
    }

    token_hash = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")
    address_hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    language = models.CharField(max_length=10, default="en")
    created_at = models.DateTimeField(default=timezone.now)


class Suppression(Model):
    """An address that is not written to, and why. Found by its hash, so it outlives erasure.

    `purpose` empty means every purpose.
    """

    privacy = {
        "address_hash": Privacy.NONE,
        "address": Privacy.CONTACT,
        "kind": Privacy.CONTACT,
        "purpose": Privacy.NONE,
        "detail": Privacy.CONTACT,
        "since": Privacy.CONTACT,
    }

    class Kind(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        BOUNCED = "bounced", _("mail came back")
        COMPLAINED = "complained", _("reported as unwanted")
        BLOCKED = "blocked", _("added by hand")

    address_hash = models.CharField(max_length=64)
    address = models.CharField(max_length=320, default="")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    purpose = models.CharField(max_length=20, choices=Purpose.choices, default="", blank=True)
    detail = models.CharField(max_length=300, default="")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address_hash", "kind", "purpose"], name="suppression_once"
            )
        ]
        indexes = [models.Index(fields=["-since"], name="suppression_newest")]


class ProviderEvent(models.Model):
    """One event of a mail provider that was read, so that a repeated one changes nothing."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "key": Privacy.NONE,
        "kind": Privacy.NONE,
        "message": Privacy.NONE,
        "received_at": Privacy.NONE,
    }

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)


class SendingRules(models.Model):
    """When and how much is sent (one row, number 1), and what the mail server last said."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "quiet_from": Privacy.NONE,
        "quiet_until": Privacy.NONE,
        "week_cap": Privacy.NONE,
        "marketing_gap_days": Privacy.NONE,
        "daily_limit": Privacy.NONE,
        "gradual_since": Privacy.NONE,
        "paused_since": Privacy.NONE,
        "pause_reason": Privacy.NONE,
        "server_error": Privacy.NONE,
        "server_error_at": Privacy.NONE,
    }

    class PauseReason(models.TextChoices):
        NONE = "", ""
        BY_PERSON = "by_person", _("somebody switched sending off")
        RESTORED = "restored", _("this installation was restored from a backup")

    quiet_from = models.TimeField(_("quiet from"), default=time(21))
    quiet_until = models.TimeField(_("quiet until"), default=time(8))
    week_cap = models.PositiveSmallIntegerField(_("messages to one customer in 7 days"), default=3)
    marketing_gap_days = models.PositiveSmallIntegerField(
        _("days between two offers to one customer"), default=7
    )
    daily_limit = models.PositiveIntegerField(_("messages a day at most"), default=2000)
    gradual_since = models.DateField(_("gradual sending since"), null=True, blank=True)
    paused_since = models.DateTimeField(null=True)
    pause_reason = models.CharField(
        max_length=12, choices=PauseReason.choices, default=PauseReason.NONE
    )
    server_error = models.CharField(max_length=300, default="")
    server_error_at = models.DateTimeField(null=True)
