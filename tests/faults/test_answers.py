"""PB2, PB11: of answers that come at once, one is stored; asking at once asks once."""

from __future__ import annotations

import pytest

from tests.faults.stage import Stage
from tests.faults.test_limits import at_once

PREPARE = """
from django.utils import timezone
from regulars.business.models import Business
from regulars.customers.actions import consents, people
from regulars.surveys.actions import asking, designs
from regulars.surveys.models import Metric
Business.objects.create(name="Café", currency="EUR", languages=["en"])
survey = designs.make_survey(name="S", metric=Metric.NPS, by=None)
anna = people.add_customer(way="staff", by=None, given_name="Anna",
                           addresses=[people.Address("email", "a@example.com")])
consents.give_consent(anna, channel="email", purpose="surveys", wording="Yes", evidence="form",
                      happened_at=timezone.now())
"""
PERSONAL = f"{PREPARE}\nprint(asking.ask(anna, survey).token)"
OPEN = f"{PREPARE}\nprint(survey.open_token)"
SEND = """
from django.test import Client
body = {"submission_id": %s, "score": "9", "comment": "good"}
print(Client(raise_request_exception=False).post(sys.argv[2], body).status_code)
"""
SAME, OWN = '"tap"', '"tap-" + sys.argv[3]'
UNPROTECTED = """
from regulars.surveys.models import Invitation, Response, Survey, SurveyVersion
survey, version = Survey.objects.get(), SurveyVersion.objects.get()
invitation = Invitation.objects.get()
if invitation.answered_at is None:
    time.sleep(0.3)
    Response.objects.create(submission_id="tap-" + sys.argv[2], survey=survey, version=version,
                            metric="nps", score=9, channel="email")
    Invitation.objects.update(answered_at=invitation.expires_at)
"""
ANSWERS = 'm("surveys", "Response").objects.count()'
COUNTED = 'sum(m("surveys", "AnswerCount").objects.values_list("count", flat=True))'
TOLD = 'm("core", "Moment").objects.filter(kind="survey.answered").count()'


@pytest.mark.parametrize(("prepare", "path"), [(PERSONAL, "s"), (OPEN, "o")])
def test_a_submission_replayed_at_once_is_one_answer(
    installation: Stage, prepare: str, path: str
) -> None:
    token = installation.run(prepare)

    statuses = at_once(installation, SEND % SAME, f"/{path}/{token}/")

    assert set(statuses) == {"302"}
    assert installation.value(f"[{ANSWERS}, {COUNTED}, {TOLD}]") == [1, 1, 1]


def test_a_personal_link_used_twice_at_once_takes_one_answer(installation: Stage) -> None:
    token = installation.run(PERSONAL)

    statuses = at_once(installation, SEND % OWN, f"/s/{token}/")

    assert sorted(statuses) == ["200"] * 5 + ["302"]
    assert installation.value(f"[{ANSWERS}, {COUNTED}, {TOLD}]") == [1, 1, 1]


def test_control_looking_before_storing_takes_several(installation: Stage) -> None:
    installation.run(PERSONAL)

    at_once(installation, UNPROTECTED)

    assert installation.value(ANSWERS) > 1


def test_different_people_at_once_are_all_kept_and_counted(installation: Stage) -> None:
    token = installation.run(OPEN)

    statuses = at_once(installation, SEND % OWN, f"/o/{token}/")

    assert statuses == ["302"] * 6
    assert installation.value(f"[{ANSWERS}, {COUNTED}, {TOLD}]") == [6, 6, 6]


@pytest.mark.parametrize("point", ["answers.after_insert", "answers.after_commit"])
def test_an_answer_is_whole_or_not_there(installation: Stage, point: str) -> None:
    token = installation.run(OPEN)
    send = "import sys\n" + SEND % SAME

    child = installation.start(send, "x", f"/o/{token}/", REGULARS_CRASH_AT=point)
    assert child.wait() == 9
    there = 1 if point == "answers.after_commit" else 0
    assert installation.value(f"[{ANSWERS}, {COUNTED}, {TOLD}]") == [there] * 3

    assert installation.run(send, "x", f"/o/{token}/") == "302"
    assert installation.value(f"[{ANSWERS}, {COUNTED}, {TOLD}]") == [1, 1, 1]


ASK = """
from regulars.customers.models import Customer
from regulars.surveys.actions import asking
from regulars.surveys.models import Survey
print(asking.ask(Customer.objects.get(), Survey.objects.get()).decision.reason)
"""


def test_asking_at_once_asks_once(installation: Stage) -> None:
    installation.run(PREPARE)

    reasons = at_once(installation, ASK)

    assert sorted(reasons) == ["asked"] + ["same_kind_lately"] * 5
    assert installation.value('m("mailing", "Message").objects.count()') == 1


START = """
from regulars.surveys.actions import runs
from regulars.surveys.models import Survey
from regulars.accounts.models import Staff
for n in range(4):
    people.add_customer(way="staff", by=None, given_name=str(n))
owner = Staff.objects.create_user("o@example.com", "x" * 12, name="O")
print(runs.start_run(survey, {}, key="k", by=owner)[0].pk)
"""
BATCH = """
import sys
from regulars.surveys.actions import runs
runs.BATCH = 2
while runs.ask_batch(int(sys.argv[-1])):
    pass
"""
DECIDED = 'list(m("surveys", "AskRun").objects.values_list("asked", "not_asked"))'


def test_a_run_that_died_goes_on_where_it_was(installation: Stage) -> None:
    run = installation.run(PREPARE + START)

    died = installation.start(BATCH, run, REGULARS_CRASH_AT="runs.before_note@2")
    assert died.wait() == 9
    assert installation.value(DECIDED) == [[1, 1]]
    installation.run(BATCH, run)

    assert installation.value(DECIDED) == [[1, 4]]
    assert installation.value('m("surveys", "AskDecision").objects.count()') == 5


def test_two_workers_at_one_run_decide_once_about_everybody(installation: Stage) -> None:
    run = installation.run(PREPARE + START)
    gate_and_batch = BATCH.replace("sys.argv[-1]", "sys.argv[2]")

    at_once(installation, gate_and_batch, run)

    assert installation.value(DECIDED) == [[1, 4]]
    assert installation.value('m("surveys", "AskDecision").objects.count()') == 5
