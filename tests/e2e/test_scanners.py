"""PB6: what scans mail opens every link of it in a browser, and nothing at all has changed.

Each kind of mail is written, sent through a real SMTP server and read back; each of its links is
opened with JavaScript and nobody who touches anything: the public ones by a stranger, all of them
also by the signed-in owner.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import override_settings
from django.urls import Resolver404, resolve
from django.utils import timezone

from regulars.accounts.actions import invitations, resets
from regulars.accounts.models import Role, Staff, StaffSession
from regulars.business.models import Business
from regulars.console import actions as console
from regulars.core.ids import new_token
from regulars.core.models import RateCounter
from regulars.core.queue import worker
from regulars.customers.actions import consents, joining, people
from regulars.customers.models import Customer
from regulars.feedback.actions import cases, praise, receiving
from regulars.feedback.models import Source
from regulars.insight import actions as insight
from regulars.mailing import actions as mailing
from regulars.mailing import delivery
from regulars.mailing.models import SendingRules
from regulars.outreach.actions import thanking
from regulars.rewards.actions import offers
from regulars.surveys.actions import answers, asking, designs
from regulars.surveys.models import AnswerCount, Metric, Response
from tests.e2e.conftest import PHONE, SignedInPage
from tests.e2e.shop import Post
from tests.mailing.sink import Sink, running_sink

pytestmark = pytest.mark.longer

PUBLIC = "https://thanks.example.com"
# Whoever follows a colleague's link to a new password is not signed in as themselves any more.
SIGN_OUT = {"account_reset_password_from_key"}
# Where one is and how often somebody knocked is kept on a read.
KEPT_ON_READS = {Session, StaffSession, RateCounter}


@pytest.fixture
def post(tmp_path: Path, transactional_db: None, business: Business) -> Iterator[Post]:
    """Everybody's mailbox."""
    SendingRules.objects.create(pk=1, quiet_from=time(0), quiet_until=time(0), week_cap=0)
    Business.objects.update(public_url=PUBLIC)
    with running_sink(tmp_path / "mail") as sink, sending_through(sink):
        yield Post(sink)


def sending_through(sink: Sink) -> override_settings:
    ours = "regulars.mailing.backend.OutboxBackend"  # pytest-django has another
    return override_settings(
        SMTP_URL=sink.url, MAIL_FROM="hello@mandula.example", EMAIL_BACKEND=ours
    )


def guest(name: str) -> Customer:
    """Somebody who agreed to everything."""
    made = people.add_customer(
        way="staff",
        by=None,
        given_name=name,
        addresses=[people.Address("email", f"{name.lower()}@example.com")],
    )
    for purpose in ("surveys", "appreciation", "marketing"):
        consents.give_consent(
            made, channel="email", purpose=purpose, wording="Yes.", evidence="a form"
        )
    return made


def write_all_kinds(owner: Staff, colleague: Staff) -> None:
    """Every mail that the product writes, each in a state in which its links still do something."""
    survey = designs.make_survey(name="S", metric=Metric.NPS, by=owner)
    asking.ask(guest("Asked"), survey)

    said = receiving.Said(source=Source.WEB_FORM, text="Cold soup.", customer=guest("Cross"))
    case = cases.open_case(receiving.receive(said)[0], reason="complaint")
    cases.alert_team(case)
    cases.reply_by_email(case, "We are sorry.", by=owner, submission_id="r")
    cases.close(case, what_was_done="New soup.", by=owner)
    cases.ask_again(case, channel="email", by=owner)

    glad = receiving.Said(source=Source.WEB_FORM, text="So kind!", customer=guest("Glad"))
    praised = praise.note_praise(receiving.receive(glad)[0]).feedback
    praise.thank(praised, "Thank you!", language="en", by=owner)
    praise.pass_on(praised, to=colleague, by=owner)

    offer = offers.make_offer(by=owner, name="Coffee", gives="item", item="a coffee")
    draft = thanking.Draft("regular", "email", "en", "Thanks", "Thank you!", "Olga", offer=offer)
    thanking.thank(guest("Loyal"), draft, key="t", by=owner)

    code = joining.join_code_of(None, by=owner)
    joiner = joining.Joining("Nora New", "nora@example.com", "", "en", purposes=("marketing",))
    joining.join(code, joiner, network="192.0.2.1")

    given = answers.Answer(new_token(), 9, "Lovely")
    answers.submit_open(survey, answers.current_version(survey), given)
    worker.run_due()
    insight.send_monday_mails()
    invitations.invite("new@example.com", role=Role.STAFF, place=None, language="en", by=owner)
    resets.send_reset(str(colleague.email))
    mailing.send_test_mail(to="test@example.com", by=owner)
    counted = AnswerCount.objects.get(score=9)
    AnswerCount.objects.filter(pk=counted.pk).update(count=7)
    console.look_for_damage()
    AnswerCount.objects.filter(pk=counted.pk).update(count=counted.count)
    while delivery.deliver().sent:
        pass


def links(post: Post) -> dict[str, set[str]]:
    """The addresses in both bodies of every mail, by the name of the page that they open."""
    found: dict[str, set[str]] = {}
    for one in post.sink.accepted:
        bodies = [part for kind in ("html", "plain") if (part := one.mail.get_body((kind,)))]
        text = "\n".join(str(body.get_content()) for body in bodies).replace("&amp;", "&")
        told = [*re.findall(rf"{PUBLIC}(/[^\s\"<>]*)", text)]
        told += re.findall(rf"<{PUBLIC}(/[^>]*)>", str(one.mail["List-Unsubscribe"]))
        for path in told:
            found.setdefault(page_of(path), set()).add(path)
    return found


def page_of(path: str) -> str:
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return path


def everything() -> dict[str, list[Any]]:
    """Every row of every table, but for what reads keep."""
    return {
        model._meta.label: sorted(map(str, model._default_manager.values_list()))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model not in KEPT_ON_READS
    }


def test_opening_every_link_of_every_mail_changes_nothing(
    post: Post,
    owner: Staff,
    colleague: Staff,
    new_page: SignedInPage,
    signed_in_page: SignedInPage,
) -> None:
    write_all_kinds(owner, colleague)
    found = links(post)
    stranger, signed_in = new_page(size=PHONE), signed_in_page("owner", size=PHONE)
    before = everything()

    opened: Counter[tuple[str, int]] = Counter()
    for name, paths in found.items():
        for path in sorted(paths):
            for visitor in (stranger,) if name in SIGN_OUT else (stranger, signed_in):
                response = visitor.goto(path)  # until it is loaded and its scripts have run
                assert response is not None
                opened[name, response.status] += 1

    assert {status for _name, status in opened} == {200}, opened
    assert len(post.sink.accepted) == 13
    assert set(found) == {
        *("surveys:answer", "mailing:unsubscribe", "mailing:preferences"),
        *("customers:confirm_joining", "accounts:accept_invitation"),
        *("account_reset_password_from_key", "feedback:case", "feedback:feedback"),
        *("insight:results", "insight:monday_mail", "console:work"),
    }
    assert {name: len(found[name]) for name in ("surveys:answer", "mailing:unsubscribe")} == {
        "surveys:answer": 11 + 5,
        "mailing:unsubscribe": 3,
    }
    after = everything()
    changed = {table: set(after[table]) ^ set(before[table]) for table in before}
    assert {table: rows for table, rows in changed.items() if rows} == {}


def test_control_a_person_who_presses_is_seen(post: Post, new_page: SignedInPage) -> None:
    asking.ask(guest("Asked"), designs.make_survey(name="S", metric=Metric.NPS, by=None))
    delivery.deliver()
    (path,) = (one for one in links(post)["surveys:answer"] if "score=9" in one)
    before = everything()

    page = new_page(size=PHONE)
    page.goto(path)
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_role("heading", name="Thank you").wait_for()

    after = everything()
    assert "surveys.Response" in {table for table in before if after[table] != before[table]}
    assert [one.score for one in Response.objects.all()] == [9]
    assert timezone.now() > Response.objects.get().answered_at
