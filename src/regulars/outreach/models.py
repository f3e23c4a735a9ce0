"""Thanks that were given to customers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.core.crypto import EncryptedTextField
from regulars.core.models import Model
from regulars.core.privacy import Privacy
from regulars.customers.models import Customer
from regulars.mailing.models import Message
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


class Thanks(Model):
    """One thank-you, as it was written, and how it went out.

    `text` has no placeholder left. `code` is the voucher's, encrypted, for printing a letter.
    `sent_at` is set once: when the mail was queued, or when somebody said that it is on its way.
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
    }

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

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-created_at"], name="thanks_customer"),
            models.Index(fields=["-created_at"], name="thanks_newest"),
        ]
        verbose_name_plural = "thanks"
