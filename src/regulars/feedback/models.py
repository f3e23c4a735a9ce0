"""What customers say, from any source, and what is done about it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.accounts.models import Staff
from regulars.business.models import Department, Place, Touchpoint
from regulars.core.ids import new_token
from regulars.core.models import Model
from regulars.core.privacy import Privacy
from regulars.customers.models import Customer, Purchase
from regulars.surveys.models import SCALES, Invitation, Metric, Response


class Source(models.TextChoices):
    """Where something was said."""

    SURVEY = "survey", _("survey")
    COUNTER = "counter", _("in person")
    PHONE = "phone", _("by phone")
    EMAIL = "email", _("by e-mail")
    WEB_FORM = "web_form", _("form on the web")
    API = "api", _("from a program")


class Kind(models.TextChoices):
    """What somebody wants to say with it."""

    COMPLAINT = "complaint", _("complaint")
    SUGGESTION = "suggestion", _("suggestion")
    QUESTION = "question", _("question")
    PRAISE = "praise", _("praise")
    REMARK = "remark", _("remark")


class Feeling(models.TextChoices):
    """How the customer feels."""

    POSITIVE = "positive", _("pleased")
    NEUTRAL = "neutral", _("neither pleased nor annoyed")
    MIXED = "mixed", _("partly pleased")
    NEGATIVE = "negative", _("annoyed")
    UNCLEAR = "unclear", _("feeling unclear")


class Topic(models.TextChoices):
    """What it is about (the slugs of text.seeds.TOPICS)."""

    DELIVERY = "delivery", _("delivery")
    PRICE = "price", _("price")
    STAFF = "staff", _("staff")
    QUALITY = "quality", _("quality")
    CHOICE = "choice", _("choice")
    WAITING = "waiting", _("waiting time")
    WEBSITE = "website", _("website")
    PAYMENT = "payment", _("payment")
    PLACE = "place", _("premises")
    COMPLAINT_HANDLING = "complaint_handling", _("handling of complaints")
    RETURNS = "returns", _("returns")
    ATMOSPHERE = "atmosphere", _("atmosphere")
    COMMUNICATION = "communication", _("communication")
    LOYALTY = "loyalty", _("loyalty")


class Urgency(models.TextChoices):
    """Why somebody should look at it today (the kinds of text.needs.URGENT_KINDS)."""

    SAFETY = "safety", _("safety or health")
    DISCRIMINATION = "discrimination", _("discrimination")
    LEGAL = "legal", _("legal steps")
    MONEY_LOST = "money_lost", _("lost money")
    LEAVING = "leaving", _("wants to leave")


class Feedback(Model):
    """One thing that somebody said, from any source.

    `kind`, `feeling`, `topics` and `urgent` are guesses of the program while the matching
    `…_is_guess` says so; a person's word replaces them. `submission_id` makes it unique. `known_at`
    is set where a member of staff said which customer it was.
    """

    privacy = {
        "submission_id": Privacy.NONE,
        "source": Privacy.NONE,
        "customer": Privacy.NONE,
        "response": Privacy.NONE,
        "purchase": Privacy.NONE,
        "contact_name": Privacy.IDENTITY,
        "contact_address": Privacy.CONTACT,
        "text": Privacy.VOICE,
        "language": Privacy.NONE,
        "kind": Privacy.NONE,
        "kind_is_guess": Privacy.NONE,
        "feeling": Privacy.NONE,
        "feeling_is_guess": Privacy.NONE,
        "topics": Privacy.VOICE,
        "urgent": Privacy.VOICE,
        "wishes": Privacy.VOICE,
        "names_praised": Privacy.VOICE,
        "is_weak": Privacy.VOICE,
        "may_quote": Privacy.VOICE,
        "place": Privacy.BEHAVIOUR,
        "touchpoint": Privacy.NONE,
        "department": Privacy.NONE,
        "typed_by": Privacy.NONE,
        "said_at": Privacy.BEHAVIOUR,
        "understood_at": Privacy.NONE,
        "read_at": Privacy.NONE,
        "read_by": Privacy.NONE,
        "changed_at": Privacy.NONE,
        "search_key": Privacy.VOICE,
        "known_by": Privacy.NONE,
        "known_at": Privacy.NONE,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("source", "kind", "feeling", "touchpoint")

    submission_id = models.CharField(max_length=64, unique=True, default=new_token)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="feedback"
    )
    response = models.OneToOneField(
        Response, on_delete=models.SET_NULL, null=True, related_name="feedback"
    )
    purchase = models.ForeignKey(Purchase, on_delete=models.SET_NULL, null=True, related_name="+")
    contact_name = models.CharField(max_length=120, default="", blank=True)
    contact_address = models.CharField(max_length=254, default="", blank=True)
    text = models.TextField(default="", blank=True)
    language = models.CharField(max_length=10, default="", blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.REMARK)
    kind_is_guess = models.BooleanField(default=True)
    feeling = models.CharField(
        _("feeling"), max_length=10, choices=Feeling.choices, default=Feeling.UNCLEAR
    )
    feeling_is_guess = models.BooleanField(default=True)
    topics: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    urgent: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    wishes: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    names_praised: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    is_weak = models.BooleanField(default=False)
    may_quote = models.BooleanField(default=False)
    place = models.ForeignKey(
        Place, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    touchpoint = models.ForeignKey(
        Touchpoint, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    typed_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    said_at = models.DateTimeField(default=timezone.now)
    understood_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    search_key = models.TextField(default="")
    known_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    known_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-said_at"], name="feedback_time"),
            models.Index(fields=["-changed_at"], name="feedback_changed"),
            models.Index(fields=["customer", "-said_at"], name="feedback_customer"),
            models.Index(
                fields=["-said_at"], name="feedback_unread", condition=Q(read_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]

    def get_absolute_url(self) -> str:
        """The page of this feedback in the console."""
        return reverse("feedback:feedback", args=[self.public_id])

    @property
    def who(self) -> str:
        """The customer's name, or the name that was given."""
        return str(self.customer) if self.customer else self.contact_name

    @property
    def topic_labels(self) -> list[str]:
        """The topics in words."""
        return [str(Topic(slug).label) for slug in self.topics if slug in Topic.values]

    @property
    def urgent_labels(self) -> list[str]:
        """Why it is urgent, in words."""
        return [str(Urgency(slug).label) for slug in self.urgent if slug in Urgency.values]

    @property
    def score_in_words(self) -> str:
        """“3 / 10” on one line for what came with a score, else an empty text."""
        if self.response is None:
            return ""
        highest = SCALES[Metric(self.response.metric)][1]
        return f"{self.response.score}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{highest}"


class Case(Model):
    """A feedback that needs putting right: who does it, until when, and what was done."""

    privacy = {
        "feedback": Privacy.NONE,
        "reason": Privacy.NONE,
        "owner": Privacy.NONE,
        "state": Privacy.NONE,
        "opened_at": Privacy.NONE,
        "due_at": Privacy.NONE,
        "answered_at": Privacy.NONE,
        "closed_at": Privacy.NONE,
        "what_was_done": Privacy.VOICE,
        "outcome": Privacy.NONE,
        "invitation": Privacy.NONE,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("reason", "state", "closed_at")

    PAUSE_PREFIX = "case:"

    class Reason(models.TextChoices):
        WEAK_SCORE = "weak_score", _("a weak score")
        COMPLAINT = "complaint", _("a complaint")
        URGENT = "urgent", _("an urgent matter")
        BY_STAFF = "by_staff", _("somebody here found it necessary")

    class State(models.TextChoices):
        OPEN = "open", _("to be answered")
        ANSWERED = "answered", _("answered, not closed")
        CLOSED = "closed", _("closed")

    class Outcome(models.TextChoices):
        UNKNOWN = "", _("not asked yet")
        ASKED = "asked", _("the customer was asked")
        PUT_RIGHT = "put_right", _("the customer says it was put right")
        PARTLY = "partly", _("the customer says it was put right in part")
        NOT_PUT_RIGHT = "not_put_right", _("the customer says it was not put right")

    feedback = models.OneToOneField(Feedback, on_delete=models.CASCADE, related_name="case")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    owner = models.ForeignKey(
        Staff, on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    what_was_done = models.TextField(_("what was done"), default="", blank=True)
    outcome = models.CharField(
        max_length=14, choices=Outcome.choices, default=Outcome.UNKNOWN, blank=True
    )
    invitation = models.ForeignKey(
        Invitation, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="case_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="closed_cases_have_a_time",
            )
        ]

    def __str__(self) -> str:
        return str(self.feedback)

    def get_absolute_url(self) -> str:
        """The case's page in the console."""
        return reverse("feedback:case", args=[self.public_id])

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to do."""
        return self.state == self.State.CLOSED

    @property
    def is_overdue(self) -> bool:
        """Whether the customer should have had an answer by now."""
        return self.state == self.State.OPEN and self.due_at < timezone.now()

    @property
    def pause_key(self) -> str:
        """The key of the customer's pause while this is open."""
        return f"{self.PAUSE_PREFIX}{self.pk}"


class CaseNote(Model):
    """One line of a case's history: a note, a reply to the customer, or what happened to it."""

    privacy = {
        "case": Privacy.NONE,
        "kind": Privacy.NONE,
        "event": Privacy.NONE,
        "text": Privacy.VOICE,
        "by": Privacy.NONE,
        "about": Privacy.NONE,
        "message_id": Privacy.NONE,
        "submission_id": Privacy.NONE,
    }
    explained_by: ClassVar[tuple[str, ...]] = ("kind", "event")

    class Kind(models.TextChoices):
        NOTE = "note", _("note")
        REPLY = "reply", _("reply")
        SYSTEM = "system", _("event")

    class Event(models.TextChoices):
        NONE = "", ""
        OPENED = "opened", _("Opened")
        TAKEN = "taken", _("Taken over")
        ASSIGNED = "assigned", _("Given to somebody")
        EMAILED = "emailed", _("Answered by e-mail")
        SENT_BY_HAND = "sent_by_hand", _("Answered by hand")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Opened again")
        ASKED = "asked", _("The customer was asked whether it was put right")
        NOT_ASKED = "not_asked", _("The customer was not asked")
        URGENT = "urgent", _("Found to be urgent")
        PUT_RIGHT = "put_right", _("The customer says it was put right")
        PARTLY = "partly", _("The customer says it was put right in part")
        NOT_PUT_RIGHT = "not_put_right", _("The customer says it was not put right")
        KNOWN = "known", _("The customer was recognised")
        MISTAKEN = "mistaken", _("It was somebody else after all")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    event = models.CharField(max_length=14, choices=Event.choices, default=Event.NONE, blank=True)
    text = models.TextField(default="", blank=True)
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    about = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    message_id = models.BigIntegerField(null=True)
    submission_id = models.CharField(max_length=64, unique=True, default=new_token)

    class Meta:
        indexes = [models.Index(fields=["case", "-created_at"], name="case_note_time")]


class Praise(Model):
    """A feedback that deserves thanks, and the employee whom it is about."""

    privacy = {
        "feedback": Privacy.NONE,
        "employee": Privacy.NONE,
        "thanked_at": Privacy.NONE,
        "thanked_by": Privacy.NONE,
        "message_id": Privacy.NONE,
        "passed_on_at": Privacy.NONE,
        "passed_on_by": Privacy.NONE,
    }

    feedback = models.OneToOneField(Feedback, on_delete=models.CASCADE, related_name="praise")
    employee = models.ForeignKey(
        Staff, on_delete=models.SET_NULL, null=True, blank=True, related_name="praise"
    )
    thanked_at = models.DateTimeField(null=True)
    thanked_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    message_id = models.BigIntegerField(null=True)
    passed_on_at = models.DateTimeField(null=True)
    passed_on_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")


class CareLine(Model):
    """The address of a public form for complaints and suggestions, one for each place."""

    privacy = {"place": Privacy.NONE, "code": Privacy.NONE, "is_open": Privacy.NONE}

    place = models.OneToOneField(
        Place, on_delete=models.CASCADE, null=True, blank=True, related_name="care_line"
    )
    code = models.CharField(max_length=22, unique=True, default=new_token)
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), name="one_care_line_without_place", condition=Q(place__isnull=True)
            )
        ]
