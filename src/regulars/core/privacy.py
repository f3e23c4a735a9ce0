"""The privacy class of every model field; export, erasure and retention are driven by it."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Privacy(TextChoices):
    """What a field says about a person. `NONE` says nothing about anybody."""

    NONE = "none", _("nothing personal")
    IDENTITY = "identity", _("who somebody is")
    CONTACT = "contact", _("how to reach somebody")
    BEHAVIOUR = "behaviour", _("what somebody did")
    VOICE = "voice", _("what somebody said")
    MONEY = "money", _("what somebody paid or is owed")
    SECRET = "secret", _("a secret that opens something")
