"""Staff: the people who work with Regulars. Customers are not staff and never sign in here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.business.models import Department, Place
from regulars.core.access import Permission
from regulars.core.ids import new_token, token_hash
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


class TeamLead(Model):
    """Somebody answers for a team: they are told of weak scores and complaints about its stages."""

    privacy = {"staff": Privacy.NONE, "department": Privacy.NONE}

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="leads")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="leads")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "department"], name="leads_a_team_once")
        ]


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


class StaffSession(Model):
    """One sign-in of somebody in one browser, for as long as its session lives."""

    privacy = {"staff": Privacy.NONE, "session": Privacy.SECRET, "browser": Privacy.BEHAVIOUR}

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="sessions")
    session = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=60, default="")


class ClaimLink(models.Model):
    """The one-time link by which the first owner takes the installation. One row at most.

    There is one row, so that making a new link and using the old one wait for each other.
    """

    privacy: ClassVar[dict[str, Privacy]] = {
        "slot": Privacy.NONE,
        "token_hash": Privacy.SECRET,
        "expires_at": Privacy.NONE,
        "used_at": Privacy.NONE,
    }
    LIFETIME: ClassVar[timedelta] = timedelta(days=1)

    slot = models.PositiveSmallIntegerField(unique=True, default=1)
    token_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class SecondFactorRule(models.TextChoices):
    """Who must have a second factor."""

    NOBODY = "nobody", _("Nobody; it is offered")
    OWNERS = "owners", _("Owners")
    MANAGERS = "managers", _("Owners and managers")
    EVERYBODY = "everybody", _("Everybody who signs in")


# What was asked of staff from the beginning.
FOUNDED = datetime(2000, 1, 1, tzinfo=UTC)


class SecurityPolicy(models.Model):
    """What the business asks of its people. One row at most; none means the defaults."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "slot": Privacy.NONE,
        "second_factor": Privacy.NONE,
        "since": Privacy.NONE,
    }

    slot = models.PositiveSmallIntegerField(unique=True, default=1)
    second_factor = models.CharField(
        _("second factor required of"),
        max_length=10,
        choices=SecondFactorRule.choices,
        default=SecondFactorRule.OWNERS,
    )
    since = models.DateTimeField(default=FOUNDED)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters of invitations."""

    def open(self) -> InvitationQuerySet:
        """Neither accepted nor revoked, whether or not they ran out."""
        return self.filter(accepted_at=None, revoked_at=None)

    def usable(self) -> InvitationQuerySet:
        """Open and not yet run out."""
        return self.open().filter(expires_at__gt=timezone.now())


class Invitation(Model):
    """Somebody was asked by mail to join the staff, with a role, at a place or everywhere."""

    privacy = {
        "email": Privacy.CONTACT,
        "role": Privacy.NONE,
        "place": Privacy.NONE,
        "language": Privacy.NONE,
        "token_hash": Privacy.SECRET,
        "invited_by": Privacy.NONE,
        "expires_at": Privacy.NONE,
        "accepted_at": Privacy.NONE,
        "revoked_at": Privacy.NONE,
    }
    LIFETIME: ClassVar[timedelta] = timedelta(days=7)

    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.STAFF)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="invitations")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                name="one_open_invitation",
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
            )
        ]

    @property
    def has_run_out(self) -> bool:
        """Whether its link no longer opens."""
        return self.expires_at <= timezone.now()


class DeviceScope(models.TextChoices):
    """What a paired device may do; one each."""

    TILL = "till", _("Till")
    KIOSK = "kiosk", _("Kiosk for questions")


class DeviceQuerySet(models.QuerySet["Device"]):
    """Filters of devices."""

    def paired(self) -> DeviceQuerySet:
        """Not revoked, at a place in use."""
        return self.filter(revoked_at=None, place__is_active=True)

    def with_token(self, raw: str) -> DeviceQuerySet:
        """The one with this token."""
        return self.filter(token_hash=token_hash(raw))


class Device(Model):
    """A till or kiosk at a place, known by a token in its cookie. It opens no console page."""

    privacy = {
        "name": Privacy.NONE,
        "scope": Privacy.NONE,
        "place": Privacy.NONE,
        "token_hash": Privacy.SECRET,
        "paired_by": Privacy.NONE,
        "last_seen_on": Privacy.NONE,
        "revoked_at": Privacy.NONE,
        "person": Privacy.NONE,
        "person_until": Privacy.NONE,
    }
    SHIFT: ClassVar[timedelta] = timedelta(hours=12)

    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("used as"), max_length=10, choices=DeviceScope.choices)
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="devices")
    token_hash = models.CharField(max_length=64, unique=True)
    paired_by = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="paired_devices")
    last_seen_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    person = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="shifts")
    person_until = models.DateTimeField(null=True)

    objects = DeviceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class PairingCode(models.Model):
    """A short code that pairs one device, once, within minutes."""

    privacy: ClassVar[dict[str, Privacy]] = {
        "code_hash": Privacy.SECRET,
        "name": Privacy.NONE,
        "scope": Privacy.NONE,
        "place": Privacy.NONE,
        "made_by": Privacy.NONE,
        "expires_at": Privacy.NONE,
        "used_at": Privacy.NONE,
    }
    LIFETIME: ClassVar[timedelta] = timedelta(minutes=10)

    code_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    scope = models.CharField(max_length=10, choices=DeviceScope.choices)
    place = models.ForeignKey(Place, on_delete=models.CASCADE)
    made_by = models.ForeignKey(Staff, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Scope(models.TextChoices):
    """What an API token may do."""

    CUSTOMERS_READ = "customers.read", _("read customers")
    CUSTOMERS_WRITE = "customers.write", _("add and change customers and purchases")
    ANSWERS_READ = "answers.read", _("read answers and what customers said")
    ANSWERS_WRITE = "answers.write", _("ask customers and store answers")
    REWARDS_READ = "rewards.read", _("read points, vouchers and gift cards")
    REWARDS_WRITE = "rewards.write", _("give and use points, vouchers and gift cards")
    SCORES_READ = "scores.read", _("read scores")
    MESSAGES_SEND = "messages.send", _("send messages")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Filters of API tokens."""

    def in_force(self) -> ApiTokenQuerySet:
        """Not revoked, made by somebody who still works here."""
        return self.filter(revoked_at=None, made_by__is_active=True)


class ApiToken(Model):
    """A key for a program, with narrow scopes. Shown once; only its hash is kept."""

    privacy = {
        "name": Privacy.NONE,
        "token_hash": Privacy.SECRET,
        "ending": Privacy.NONE,
        "scopes": Privacy.NONE,
        "made_by": Privacy.NONE,
        "last_used_on": Privacy.NONE,
        "revoked_at": Privacy.NONE,
    }
    PREFIX: ClassVar[str] = "rgl_"

    name = models.CharField(_("name"), max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4)
    scopes: models.JSONField[list[str], list[str]] = models.JSONField(_("may"), default=list)
    made_by = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="api_tokens")
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    def allows(self, scope: Scope | str) -> bool:
        """Whether the token was made for `scope`."""
        return str(scope) in self.scopes

    @property
    def scope_labels(self) -> list[str]:
        """What it may do, in words."""
        return [str(Scope(scope).label) for scope in self.scopes]
