"""Staff: the people who work with Regulars. Customers are not staff and never sign in here."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.business.models import Place
from regulars.core.access import Permission
from regulars.core.ids import new_token
from regulars.core.models import Model
from regulars.core.privacy import Privacy


class Role(models.TextChoices):
    """What somebody is here, at one place or everywhere."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    STAFF = "staff", _("Staff")
    VIEWER = "viewer", _("Viewer")


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.SEE}),
    Role.STAFF: frozenset({Permission.SEE, Permission.SERVE}),
    Role.MANAGER: frozenset({Permission.SEE, Permission.SERVE, Permission.MANAGE}),
    Role.OWNER: frozenset(Permission),
}


class StaffAccounts(BaseUserManager["Staff"]):
    """What django.contrib.auth and allauth ask of a user model."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Staff:
        """A member of staff with a hashed password and no role yet."""
        staff = self.model(email=self.normalize_email(email).lower(), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff


class Staff(AbstractBaseUser):
    """Somebody who works here, known by an e-mail address (or, on a device, by name and PIN)."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "public_id": Privacy.NONE,
        "email": Privacy.CONTACT,
        "name": Privacy.IDENTITY,
        "password": Privacy.SECRET,
        "pin": Privacy.SECRET,
        "language": Privacy.NONE,
        "is_active": Privacy.NONE,
        "last_login": Privacy.BEHAVIOUR,
        "joined_at": Privacy.NONE,
        "session_key": Privacy.SECRET,
    }

    public_id = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=120, default="")
    pin = models.CharField(max_length=160, default="", blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="", blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    session_key = models.CharField(max_length=22, default=new_token, editable=False)

    objects = StaffAccounts()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.email or ""

    def may(self, permission: Permission, *, place: Place | None = None) -> bool:
        """Whether a role of theirs, everywhere or at `place`, has the permission."""
        if not self.is_active:
            return False
        return any(
            permission in PERMISSIONS[Role(held.role)]
            for held in self.roles_held()
            if place is None or held.place_id is None or held.place_id == place.pk
        )

    def roles_held(self) -> list[StaffRole]:
        """The roles, read once per object."""
        if not hasattr(self, "_roles_held"):
            self._roles_held = list(self.roles.all())
        return self._roles_held

    def get_session_auth_hash(self) -> str:
        """Also changes with `session_key`, so that one UPDATE signs somebody out everywhere."""
        return super().get_session_auth_hash() + self.session_key


class StaffRole(Model):
    """A role, at one place or (without a place) everywhere."""

    privacy = {"staff": Privacy.NONE, "role": Privacy.NONE, "place": Privacy.NONE}

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    place = models.ForeignKey(
        Place, on_delete=models.CASCADE, null=True, blank=True, related_name="roles"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "place"], name="one_role_per_place"),
            models.UniqueConstraint(
                fields=["staff"],
                name="one_role_everywhere",
                condition=models.Q(place__isnull=True),
            ),
        ]
