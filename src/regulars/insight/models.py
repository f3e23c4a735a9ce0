"""What somebody chose about the weekly mail."""

from __future__ import annotations

from django.db import models

from regulars.accounts.models import Staff
from regulars.core.models import Model
from regulars.core.privacy import Privacy


class MondayMailChoice(Model):
    """Whether somebody wants the Monday mail. Without a row, owners and managers get it."""

    privacy = {"staff": Privacy.NONE, "is_wanted": Privacy.NONE}

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="monday_mail")
    is_wanted = models.BooleanField(default=True)
