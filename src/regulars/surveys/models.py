"""Surveys: what is asked, who was asked and why (or why not), and what they answered."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Place, Touchpoint
from regulars.core.ids import new_token
from regulars.core.models import Model
from regulars.core.privacy import Privacy
from regulars.customers.models import Customer, Purchase
from regulars.mailing.models import Message, Reason, State


class Metric(models.TextChoices):
    """What a survey measures, and on which scale. Answers on two scales are never pooled."""

    NPS = "nps", _("Recommendation (NPS, 0–10)")
    NPS_1_10 = "nps_1_10", _("Recommendation, NPS-style (1–10)")
    CSAT = "csat", _("Satisfaction (1–5, faces)")
    CSAT_STARS = "csat_stars", _("Satisfaction (1–5, stars)")
    CSAT_1_7 = "csat_1_7", _("Satisfaction (1–7)")
    CSAT_1_10 = "csat_1_10", _("Satisfaction (1–10)")
    CES = "ces", _("Ease (1–7)")

    @property
    def alike(self) -> tuple[Metric, ...]:
        """The metrics that ask the same on some scale."""
        for family in (RECOMMENDATION, SATISFACTION):
            if self in family:
                return family
        return (self,)


RECOMMENDATION: tuple[Metric, ...] = (Metric.NPS, Metric.NPS_1_10)
SATISFACTION: tuple[Metric, ...] = (
    Metric.CSAT,
    Metric.CSAT_STARS,
    Metric.CSAT_1_7,
    Metric.CSAT_1_10,
)

SCALES: dict[Metric, tuple[int, int]] = {
    Metric.NPS: (0, 10),
    Metric.NPS_1_10: (1, 10),
    Metric.CSAT: (1, 5),
    Metric.CSAT_STARS: (1, 5),
    Metric.CSAT_1_7: (1, 7),
    Metric.CSAT_1_10: (1, 10),
    Metric.CES: (1, 7),
}

# The highest score that still means something must be put right: of satisfaction and ease what
# lies below the middle of the scale.
WEAK_UP_TO: dict[Metric, int] = {
    Metric.NPS: 6,
    Metric.NPS_1_10: 6,
    Metric.CSAT: 2,
    Metric.CSAT_STARS: 2,
    Metric.CSAT_1_7: 3,
    Metric.CSAT_1_10: 4,
    Metric.CES: 3,
}

# The lowest score that is worth a word of thanks.
DELIGHTED_FROM: dict[Metric, int] = {
    Metric.NPS: 9,
    Metric.NPS_1_10: 9,
    Metric.CSAT: 5,
    Metric.CSAT_STARS: 5,
    Metric.CSAT_1_7: 7,
    Metric.CSAT_1_10: 9,
    Metric.CES: 7,
}

# Days in which the same customer is not asked by the same kind of survey again.
PAUSE_DAYS: dict[Metric, int] = {
    Metric.NPS: 90,
    Metric.NPS_1_10: 90,
    Metric.CSAT: 30,
    Metric.CSAT_STARS: 30,
    Metric.CSAT_1_7: 30,
    Metric.CSAT_1_10: 30,
    Metric.CES: 30,
}


class AskingRules(Model):
    """How often customers may be asked at all (one row)."""

    privacy = {"days_between_asks": Privacy.NONE, "asks_a_year": Privacy.NONE}

    days_between_asks = models.PositiveSmallIntegerField(
        _("days between two questions"), default=14
    )
    asks_a_year = models.PositiveSmallIntegerField(_("questions a year"), default=8)


class Survey(Model):
    """Something that customers are asked: a metric about a stage of their journey."""

    privacy = {
        "name": Privacy.NONE,
        "metric": Privacy.NONE,
        "touchpoint": Privacy.NONE,
        "trigger": Privacy.NONE,
        "delay_hours": Privacy.NONE,
        "asks": Privacy.NONE,
        "pause_days": Privacy.NONE,
        "texts": Privacy.NONE,
        "is_open": Privacy.NONE,
        "open_token": Privacy.NONE,
        "archived_at": Privacy.NONE,
    }

    class Trigger(models.TextChoices):
        BY_HAND = "by_hand", _("when somebody asks")
        AFTER_PURCHASE = "after_purchase", _("after a purchase")
        AFTER_CASE = "after_case", _("after something was put right")

    class Asks(models.TextChoices):
        BUYER = "buyer", _("who paid")
        USERS = "users", _("for whom it was bought")

    name = models.CharField(_("name"), max_length=120)
    metric = models.CharField(_("measures"), max_length=10, choices=Metric.choices)
    touchpoint = models.ForeignKey(
        Touchpoint, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    trigger = models.CharField(
        _("asked"), max_length=16, choices=Trigger.choices, default=Trigger.BY_HAND
    )
    delay_hours = models.PositiveSmallIntegerField(_("hours after the purchase"), default=24)
    asks = models.CharField(
        _("about a purchase, asks"), max_length=5, choices=Asks.choices, default=Asks.BUYER
    )
    pause_days = models.PositiveSmallIntegerField(_("days before asking somebody again"))
    texts: models.JSONField[dict[str, dict[str, str]], dict[str, dict[str, str]]] = (
        models.JSONField(default=dict, blank=True)
    )
    is_open = models.BooleanField(_("answers are taken"), default=True)
    open_token = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def scale(self) -> tuple[int, int]:
        """The lowest and the highest score."""
        return SCALES[Metric(self.metric)]

    @property
    def is_about_mending(self) -> bool:
        """Whether it asks if something was put right: from a case only, and counted apart."""
        return self.trigger == self.Trigger.AFTER_CASE


class SurveyVersion(Model):
    """The wording of a survey as it was asked. Never edited; a change makes a new version."""

    privacy = {
        "survey": Privacy.NONE,
        "number": Privacy.NONE,
        "about": Privacy.NONE,
        "texts": Privacy.NONE,
    }

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    # What the ready question speaks of; see wording.subject_of.
    about = models.CharField(max_length=20, default="", blank=True)
    texts: models.JSONField[dict[str, dict[str, str]], dict[str, dict[str, str]]] = (
        models.JSONField(default=dict)
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "number"], name="version_once")]


class AskChannel(models.TextChoices):
    """The way somebody is asked, or answered."""

    EMAIL = "email", _("by e-mail")
    HAND = "hand", _("by hand")
    OPEN = "open", _("open link or QR code")
    STAFF = "staff", _("typed in by staff")
    API = "api", _("by a program")


# What becomes of a mail that never went out, and of one that did not arrive.
GIVEN_UP = (State.SKIPPED, State.CANCELLED, State.FAILED)
NOT_ARRIVED = (*GIVEN_UP, State.BOUNCED)


class SurveyInvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters of invitations."""

    def not_given_up(self) -> SurveyInvitationQuerySet:
        """Without those whose mail was skipped, cancelled or could not be sent."""
        return self.exclude(_no_answer_and(_mail_is(GIVEN_UP)))

    def on_their_way(self) -> SurveyInvitationQuerySet:
        """Those that reached the customer or still may: neither given up, nor back, nor unsent."""
        return self.exclude(_no_answer_and(_mail_is(NOT_ARRIVED))).exclude(UNSENT)

    def unsent(self) -> SurveyInvitationQuerySet:
        """Links that were made to be handed over and are not recorded as sent.

        The question of a case has no such record: its link counts as sent when it is shown.
        """
        return self.filter(UNSENT)


def _mail_is(states: Collection[State]) -> models.Exists:
    mail = Message.objects.filter(pk=models.OuterRef("message_id"), state__in=states)
    return models.Exists(mail)


def _no_answer_and(condition: models.Exists) -> models.Q:
    return models.Q(condition, answered_at=None)


class Invitation(Model):
    """This customer was asked, about this, by this channel, with this token (its hash is kept)."""

    privacy = {
        "survey": Privacy.NONE,
        "version": Privacy.NONE,
        "customer": Privacy.NONE,
        "purchase": Privacy.NONE,
        "case_id": Privacy.NONE,
        "channel": Privacy.BEHAVIOUR,
        "language": Privacy.NONE,
        "token_hash": Privacy.SECRET,
        "message_id": Privacy.NONE,
        "sent_by": Privacy.NONE,
        "expires_at": Privacy.NONE,
        "answered_at": Privacy.BEHAVIOUR,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("survey", "expires_at")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="invitations")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="invitations")
    purchase = models.ForeignKey(Purchase, on_delete=models.SET_NULL, null=True, related_name="+")
    case_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=10, choices=AskChannel.choices)
    language = models.CharField(max_length=10, default="")
    token_hash = models.CharField(max_length=64, unique=True)
    message_id = models.BigIntegerField(null=True)
    sent_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = SurveyInvitationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-created_at"], name="invitation_customer"),
            models.Index(fields=["survey", "-created_at"], name="invitation_survey"),
        ]

    @property
    def is_unsent(self) -> bool:
        """Whether it is a link to hand over that is not recorded as sent."""
        is_by_hand = self.channel == AskChannel.HAND and self.case_id is None
        return is_by_hand and self.message_id is None and self.answered_at is None


UNSENT = models.Q(channel=AskChannel.HAND, message_id=None, case_id=None, answered_at=None)


class AskReason(models.TextChoices):
    """Why somebody was asked or not asked."""

    ASKED = "asked", _("Asked.")
    OPEN_COMPLAINT = "open_complaint", _("Not asked: a complaint is being put right.")
    SILENCE = "silence", _("Not asked: the customer wants silence.")
    DIED = "died", _("Not asked: the customer has died.")
    GONE = "gone", _("Not asked: this record was merged or erased.")
    NO_ADDRESS = "no_address", _("Not asked: there is no address to write to.")
    BAD_ADDRESS = "bad_address", _("Not asked: mail to this address does not arrive.")
    NO_CONSENT = "no_consent", _("Not asked: the customer has not agreed to questions.")
    WITHDRAWN = "withdrawn", _("Not asked: the customer does not want questions.")
    DO_NOT_GREET = "do_not_greet", _("Not asked by mail: the customer does not want greetings.")
    UNSUBSCRIBED = "unsubscribed", _("Not asked: this address has unsubscribed.")
    BLOCKED = "blocked", _("Not asked: this address is on the list of addresses not written to.")
    ASKED_LATELY = "asked_lately", _("Not asked: asked a short while ago.")
    SAME_KIND_LATELY = "same_kind_lately", _("Not asked: answered or was asked this lately.")
    ENOUGH_THIS_YEAR = "enough_this_year", _("Not asked: asked often enough this year.")
    SURVEY_CLOSED = "survey_closed", _("Not asked: the survey is closed.")
    REFUNDED = "refunded", _("Not asked: the purchase was refunded or cancelled.")


class AskRun(Model):
    """One asking of a filtered list, carried out in batches in the background.

    `position` is the row number of the last customer decided about, so that a run that was
    interrupted goes on where it was.
    """

    privacy = {
        "survey": Privacy.NONE,
        "key": Privacy.NONE,
        "audience": Privacy.NONE,
        "position": Privacy.NONE,
        "total": Privacy.NONE,
        "asked": Privacy.NONE,
        "not_asked": Privacy.NONE,
        "made_by": Privacy.NONE,
        "finished_at": Privacy.NONE,
        "stopped_at": Privacy.NONE,
    }

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="runs")
    key = models.CharField(max_length=64, unique=True)
    audience: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    position = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    not_asked = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    @property
    def decided(self) -> int:
        """How many customers have been decided about."""
        return self.asked + self.not_asked

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done."""
        return self.finished_at is not None or self.stopped_at is not None


class AskDecision(Model):
    """Asked or not asked, and why. Shown on the customer's page.

    `mail_state` and `mail_reason` are those of the message, where `queries.decisions_about` read
    them.
    """

    mail_state: str | None = None
    mail_reason: str | None = None

    privacy = {
        "run": Privacy.NONE,
        "customer": Privacy.NONE,
        "survey": Privacy.NONE,
        "purchase": Privacy.NONE,
        "reason": Privacy.BEHAVIOUR,
        "channel": Privacy.BEHAVIOUR,
        "invitation": Privacy.NONE,
        "decided_by": Privacy.NONE,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("survey",)

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="ask_decisions")
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    purchase = models.ForeignKey(Purchase, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=20, choices=AskReason.choices)
    channel = models.CharField(max_length=10, choices=AskChannel.choices)
    invitation = models.ForeignKey(
        Invitation, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    decided_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    run = models.ForeignKey(AskRun, on_delete=models.SET_NULL, null=True, related_name="decisions")

    class Meta:
        indexes = [models.Index(fields=["customer", "-created_at"], name="ask_decision_customer")]
        constraints = [
            models.UniqueConstraint(fields=["run", "customer"], name="asked_once_in_a_run")
        ]

    @property
    def was_asked(self) -> bool:
        """Whether the customer was asked."""
        return self.reason == AskReason.ASKED

    @property
    def why_not_sent(self) -> str:
        """Why the question has not reached the customer, in words; empty where it has or may."""
        if self.invitation is None or self.invitation.answered_at is not None:
            return ""
        if self.invitation.is_unsent:
            return gettext("the link is not recorded as sent")
        if self.mail_state not in NOT_ARRIVED:
            return ""
        return str(Reason(self.mail_reason or "").label or State(self.mail_state).label)


class Response(Model):
    """One answer, tied to the wording that was seen. Stored only by a person's act."""

    privacy = {
        "submission_id": Privacy.NONE,
        "survey": Privacy.NONE,
        "version": Privacy.NONE,
        "invitation": Privacy.NONE,
        "customer": Privacy.NONE,
        "purchase": Privacy.NONE,
        "place": Privacy.BEHAVIOUR,
        "touchpoint": Privacy.NONE,
        "metric": Privacy.NONE,
        "score": Privacy.VOICE,
        "comment": Privacy.VOICE,
        "may_quote": Privacy.VOICE,
        "language": Privacy.NONE,
        "channel": Privacy.BEHAVIOUR,
        "typed_by": Privacy.NONE,
        "answered_at": Privacy.BEHAVIOUR,
        "is_quarantined": Privacy.NONE,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("survey", "metric", "touchpoint")

    submission_id = models.CharField(max_length=64, unique=True)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="responses")
    version = models.ForeignKey(SurveyVersion, on_delete=models.PROTECT, related_name="+")
    invitation = models.OneToOneField(
        Invitation, on_delete=models.SET_NULL, null=True, related_name="response"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, related_name="responses"
    )
    purchase = models.ForeignKey(Purchase, on_delete=models.SET_NULL, null=True, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.SET_NULL, null=True, related_name="+")
    touchpoint = models.ForeignKey(
        Touchpoint, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    metric = models.CharField(max_length=10, choices=Metric.choices)
    score = models.SmallIntegerField()
    comment = models.TextField(default="", blank=True)
    may_quote = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="")
    channel = models.CharField(max_length=10, choices=AskChannel.choices)
    typed_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now)
    is_quarantined = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["-answered_at"], name="response_time"),
            models.Index(fields=["customer", "-answered_at"], name="response_customer"),
        ]

    @property
    def is_weak(self) -> bool:
        """Whether the score says that something must be put right."""
        return self.score <= WEAK_UP_TO[Metric(self.metric)]


class AnswerCount(models.Model):
    """The histogram of answers per metric, day and slice, kept in the answer's transaction.

    `place_id` and `touchpoint_id` are 0 where there is none, so that a slice is one row.
    """

    privacy: ClassVar[dict[str, Privacy]] = {
        "metric": Privacy.NONE,
        "day": Privacy.NONE,
        "survey_id": Privacy.NONE,
        "place_id": Privacy.NONE,
        "touchpoint_id": Privacy.NONE,
        "score": Privacy.NONE,
        "count": Privacy.NONE,
    }

    metric = models.CharField(max_length=10)
    day = models.DateField()
    survey_id = models.BigIntegerField(default=0)
    place_id = models.BigIntegerField(default=0)
    touchpoint_id = models.BigIntegerField(default=0)
    score = models.SmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "day", "survey_id", "place_id", "touchpoint_id", "score"],
                name="answer_count_slice",
            )
        ]
