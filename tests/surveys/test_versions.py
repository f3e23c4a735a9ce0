"""PB10: whatever is edited, closed and answered in which order, an answer keeps what was seen."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from regulars.business.models import Business
from regulars.core import limits
from regulars.surveys import queries
from regulars.surveys.actions import answers, designs
from regulars.surveys.models import AnswerCount, Metric, Response, Survey


class Editing(RuleBasedStateMachine):
    """A survey that is edited and closed while people have its page open."""

    pages = Bundle("pages")

    def __init__(self) -> None:
        super().__init__()
        Business.objects.get_or_create(name="Café", currency="EUR", languages=["en"])
        self.survey: Survey = designs.make_survey(name="S", metric=Metric.NPS, by=None)
        self.wordings = {1: ""}
        self.sent = 0
        self.expected: dict[str, tuple[int, int]] = {}

    @rule(words=st.sampled_from(["How was it?", "Would you tell a friend?", "And now?"]))
    def edit(self, words: str) -> None:
        designs.change_survey(self.survey, texts={"en": {"question": words}}, by=None)
        number = answers.current_version(self.survey).number
        self.wordings.setdefault(number, words)

    @rule(is_open=st.booleans())
    def open_or_close(self, is_open: bool) -> None:
        Survey.objects.filter(pk=self.survey.pk).update(is_open=is_open)
        self.survey.refresh_from_db()

    @rule(target=pages)
    def look(self) -> int:
        """Somebody opens the page and sees this wording."""
        return answers.current_version(self.survey).number

    @rule(page=pages, score=st.integers(min_value=0, max_value=10), again=st.booleans())
    def answer(self, page: int, score: int, again: bool) -> None:
        self.sent += not (again and self.expected)
        submission = f"{self.survey.pk}-{self.sent}"
        sent = {"submission_id": submission, "score": score, "version": page}
        status = Client().post(f"/o/{self.survey.open_token}/", sent).status_code
        if self.survey.is_open:
            assert status == 302
            self.expected.setdefault(submission, (page, score))
        elif submission not in self.expected:
            assert status == 422

    @invariant()
    def every_answer_belongs_to_what_was_seen(self) -> None:
        rows = Response.objects.filter(survey=self.survey)
        stored = rows.values_list("submission_id", "version__number", "score")
        assert {one: (version, score) for one, version, score in stored} == self.expected
        cells = AnswerCount.objects.filter(survey_id=self.survey.pk)
        assert sum(cells.values_list("count", flat=True)) == len(self.expected)

    @invariant()
    def no_wording_that_was_seen_changed(self) -> None:
        for version in self.survey.versions.all():
            asked = version.texts.get("en", {}).get("question", "")
            assert asked == self.wordings[version.number]


@pytest.mark.django_db
def test_answers_keep_the_wording_that_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "allow", lambda *args, **more: True)

    run_state_machine_as_test(
        Editing,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_control_answers_to_the_newest_wording_are_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The fault that the machine is to find: every answer is given to the wording of today."""
    monkeypatch.setattr(limits, "allow", lambda *args, **more: True)
    newest = lambda survey, number: answers.current_version(survey)  # noqa: E731  # one line of fault
    monkeypatch.setattr(queries, "version_numbered", newest)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Editing,
            settings=settings(
                max_examples=50,
                stateful_step_count=15,
                deadline=None,
                print_blob=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
