"""The messages that feedback and cases send."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars.accounts.models import Staff
from regulars.business.queries import the_business, time_zone
from regulars.core import links
from regulars.feedback.models import Case, Feedback
from regulars.mailing.content import Button, Content, Facts, Paragraph, Quote, Signed

TEMPLATES = ("sorry", "explain", "offer")


def language_of(staff: Staff) -> str:
    """The language in which mail to a member of staff is written."""
    return staff.language or the_business().language


def case_alert(case: Case, *, to: Staff) -> Content:
    """Tell whoever looks after it that something has to be put right, with the way to answer."""
    feedback = case.feedback
    is_urgent = case.reason == Case.Reason.URGENT
    with translation.override(language_of(to)):
        who = feedback.who or _("Somebody who gave no name")
        first = _("A customer is not content. Please answer in time.")
        subject = _("To put right: %(who)s") % {"who": who}
        if is_urgent:
            first = _("This seems to be urgent. Please answer as soon as you can.")
            subject = _("Urgent, to put right: %(who)s") % {"who": who}
        rows = [
            (_("Customer"), who),
            (_("Urgent"), ", ".join(feedback.urgent_labels) if is_urgent else ""),
            (_("Score"), feedback.score_in_words),
            (_("Place"), str(feedback.place or "")),
            (_("Department"), str(feedback.department or "")),
            (_("Answer until"), _local(case)),
        ]
        pieces = (
            Paragraph(first),
            *((Quote(feedback.text),) if feedback.text else ()),
            Facts(tuple((name, value) for name, value in rows if value)),
            Button(_("Look at it and answer"), f"{links.absolute(case.get_absolute_url())}#reply"),
        )
        return Content(subject=subject, pieces=pieces)


def _local(case: Case) -> str:
    return date_format(timezone.localtime(case.due_at, time_zone()), "DATETIME_FORMAT")


def reply(feedback: Feedback, *, text: str, by: Staff, language: str) -> Content:
    """An answer to what a customer said, with their own words below it."""
    with translation.override(language):
        subject = _("Your message to %(business)s") % {"business": the_business().name}
        said = (Paragraph(_("You wrote:")), Quote(feedback.text)) if feedback.text else ()
    return Content(subject=subject, pieces=(Paragraph(text), Signed(by.name), *said))


def passed_on(feedback: Feedback, *, to: Staff, by: Staff) -> Content:
    """Praise for the employee whom it names."""
    with translation.override(language_of(to)):
        return Content(
            subject=_("A customer praised you"),
            pieces=(
                Paragraph(_("%(name)s, a customer wrote about you:") % {"name": to.name}),
                Quote(feedback.text),
                Paragraph(_("Thank you for your work.")),
                Signed(by.name),
                Button(
                    _("Read it"),
                    links.absolute(reverse("feedback:feedback", args=[feedback.public_id])),
                ),
            ),
        )


def ready_text(name: str, feedback: Feedback, *, language: str) -> str:
    """A text to start a reply from, in the customer's language; empty for an unknown name."""
    with translation.override(language):
        texts = {
            "sorry": _(
                "Thank you for telling us. We are sorry that we let you down. "
                "We are looking into what happened and will write to you again."
            ),
            "explain": _(
                "Thank you for telling us. We have looked into what happened: … "
                "We have seen to it that it does not happen again."
            ),
            "offer": _(
                "Thank you for telling us. We are sorry, and we would like to put it right: … "
                "Would that suit you?"
            ),
            "thanks": _(
                "Thank you for your kind words. They have made our day, and we have passed them "
                "on to the team. We look forward to seeing you again."
            ),
        }
        found = texts.get(name, "")
        greeting = _greeting(feedback)
    return f"{greeting}\n\n{found}" if found else ""


def _greeting(feedback: Feedback) -> str:
    who = feedback.who if feedback.customer is None or feedback.customer.full_name else ""
    return _("Dear %(name)s,") % {"name": who} if who else _("Dear customer,")
