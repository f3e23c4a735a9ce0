"""Thanks that were given to customers."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.core.crypto import EncryptedTextField
from regulars.core.models import Model
from regulars.core.privacy import Privacy
from regulars.customers.models import Customer
from regulars.mailing.models import Message, State
from regulars.rewards.models import Voucher


class Occasion(models.TextChoices):
    """What somebody is thanked for; each has a ready text in every language."""

    REGULAR = "regular", _("for coming again and again")
    FIRST_VISIT = "first_visit", _("for the first visit")
    AFTER_COMPLAINT = "after_complaint", _("for telling us what was wrong")
    PRAISE = "praise", _("for kind words")
    ANNIVERSARY = "anniversary", _("for years with us")


class Way(models.TextChoices):
    """How the thanks reach the customer."""

    EMAIL = "email", _("by e-mail")
    HAND = "hand", _("by my own phone")
    LETTER = "letter", _("as a printed letter")


class Doubt(models.TextChoices):
    """What speaks against thanking somebody by hand or by post, unless somebody means it."""

    OPEN_COMPLAINT = "open_complaint", _("a complaint of this customer is open")
    WITHDRAWN = "withdrawn", _("the customer does not want this kind of message")


# The states of a mail that went out, as far as anybody can tell, and of one that waits.
WENT_OUT = (State.SENDING, State.SENT, State.UNKNOWN, State.DELIVERED)
WAITING = (State.QUEUED, State.HELD)


class ThanksQuerySet(models.QuerySet["Thanks"]):
    """Filters of thanks."""

    def that_went_out(self) -> ThanksQuerySet:
        """Those that the customer got, as far as anybody can tell."""
        return self.filter(Q(message__state__in=WENT_OUT) | Q(message=None, sent_at__isnull=False))

    def on_their_way(self) -> ThanksQuerySet:
        """Those that went out, and mails that wait to go."""
        return self.filter(
            Q(message__state__in=(*WENT_OUT, *WAITING)) | Q(message=None, sent_at__isnull=False)
        )

    def not_in_vain(self) -> ThanksQuerySet:
        """All but mails that never went out or came back: also what is only prepared."""
        return self.filter(Q(message=None) | Q(message__state__in=(*WENT_OUT, *WAITING)))


class Thanks(Model):
    """One thank-you, as it was written, and how it went out.

    `text` has no placeholder left. `code` is the voucher's, encrypted, for printing and sharing;
    it is forgotten once the thanks are sent. `sent_at` is set once: when the mail was handed over,
    or when somebody said that it is on its way. `confirmed` names what speaks against the thanks
    (`Doubt`) and was overruled by whoever prepared them.
    """

    privacy = {
        "customer": Privacy.NONE,
        "occasion": Privacy.BEHAVIOUR,
        "way": Privacy.NONE,
        "language": Privacy.NONE,
        "subject": Privacy.VOICE,
        "text": Privacy.VOICE,
        "signed_name": Privacy.NONE,
        "signed_title": Privacy.NONE,
        "code": Privacy.SECRET,
        "voucher": Privacy.NONE,
        "message": Privacy.NONE,
        "given_by": Privacy.NONE,
        "key": Privacy.NONE,
        "sent_at": Privacy.BEHAVIOUR,
        "confirmed": Privacy.BEHAVIOUR,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("way", "voucher", "signed_name", "signed_title")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="thanks")
    occasion = models.CharField(max_length=20, choices=Occasion.choices)
    way = models.CharField(max_length=10, choices=Way.choices)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    signed_name = models.CharField(max_length=120)
    signed_title = models.CharField(max_length=120, default="", blank=True)
    code = EncryptedTextField(default="", blank=True)
    voucher = models.OneToOneField(
        Voucher, on_delete=models.SET_NULL, null=True, related_name="thanks"
    )
    message = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, related_name="thanks"
    )
    given_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80, unique=True)
    sent_at = models.DateTimeField(null=True)
    confirmed = models.CharField(max_length=80, default="", blank=True)

    objects = ThanksQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-created_at"], name="thanks_customer"),
            models.Index(fields=["-created_at"], name="thanks_newest"),
        ]
        verbose_name_plural = "thanks"

    @property
    def went_out(self) -> bool:
        """Whether the customer got it, as far as anybody can tell."""
        if self.message is None:
            return self.sent_at is not None
        return self.message.state in WENT_OUT

    @property
    def is_in_vain(self) -> bool:
        """Whether its mail never went out or came back."""
        return self.message is not None and self.message.state not in (*WENT_OUT, *WAITING)

    @property
    def has_a_voucher_to_take_back(self) -> bool:
        """Whether a voucher was made for it that the customer never got."""
        waits = self.message is not None and self.message.state in WAITING
        unused = self.voucher is not None and not self.voucher.used
        gone = self.voucher is not None and self.voucher.cancelled_at is not None
        return unused and not gone and not waits and not self.went_out
