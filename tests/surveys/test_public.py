"""The page that customers answer on: a person's act stores, a GET never does (PB2, PB6, PB11)."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import timezone

from regulars import core
from regulars.accounts.models import Staff
from regulars.business.models import Business, Place
from regulars.core import assets
from regulars.core.models import Moment
from regulars.customers.models import Customer
from regulars.feedback.actions import care_lines
from regulars.feedback.models import CareLine
from regulars.mailing.models import Message
from regulars.surveys.actions import answers, asking, designs
from regulars.surveys.models import AnswerCount, Invitation, Metric, Response, Survey
from regulars.surveys.views import public
from regulars.surveys.wording import ready_wording


@pytest.fixture
def token(anna: Customer, nps: Survey) -> str:
    asked = asking.ask(anna, nps)
    assert asked.decision.reason == "asked"
    return asked.token


def post(token: str, **fields: str) -> int:
    data = {"submission_id": "s-1", "score": "9", "comment": "Finom a kávé"} | fields
    return Client().post(f"/s/{token}/", data).status_code


def test_the_mail_holds_every_score_as_a_link(token: str) -> None:
    html = Message.objects.get().html

    assert [f"/s/{token}/?score={n}" in html for n in range(11)] == [True] * 11


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_every_link_stores_nothing(token: str, method: str) -> None:
    statuses = {getattr(Client(), method)(f"/s/{token}/?score={n}").status_code for n in range(11)}

    assert statuses == {200}
    assert (Response.objects.count(), AnswerCount.objects.count()) == (0, 0)


def test_the_link_chooses_the_score(token: str) -> None:
    page = Client().get(f"/s/{token}/?score=7").content.decode()

    assert 'value="7" id="id_score_7" checked' in page
    assert page.count(" checked") == 1


def test_an_answer_is_stored_counted_and_told(token: str, anna: Customer) -> None:
    status = post(token)

    assert status == 302
    response = Response.objects.get()
    assert (response.score, response.comment, response.customer) == (9, "Finom a kávé", anna)
    assert list(AnswerCount.objects.values_list("metric", "score", "count")) == [("nps", 9, 1)]
    assert Moment.objects.filter(kind="survey.answered", customer_id=anna.pk).count() == 1


def test_the_same_submission_again_is_one_answer(token: str) -> None:
    statuses = [post(token) for _ in range(3)]

    assert statuses == [302, 302, 302]
    assert Response.objects.count() == 1
    assert list(AnswerCount.objects.values_list("count", flat=True)) == [1]


def test_a_second_answer_to_a_personal_link_is_refused(token: str) -> None:
    post(token)
    again = Client().post(f"/s/{token}/", {"submission_id": "s-2", "score": "0"})

    assert again.status_code == 200
    assert "Már válaszolt" in again.content.decode() or "already answered" in again.content.decode()
    assert list(Response.objects.values_list("score", flat=True)) == [9]


@pytest.mark.parametrize("score", ["11", "-1", "", "9.5", "９x", "1e309"])
def test_a_score_off_the_scale_is_refused(token: str, score: str) -> None:
    assert post(token, score=score) == 422
    assert Response.objects.count() == 0


def test_an_unknown_link_is_not_found(business: object) -> None:
    assert Client().get("/s/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404


def test_an_open_link_takes_answers_of_anybody(nps: Survey) -> None:
    path = f"/o/{nps.open_token}/"

    first = Client().post(path, {"submission_id": "a", "score": "3"})
    second = Client().post(path, {"submission_id": "b", "score": "10"})

    assert (first.status_code, second.status_code) == (302, 302)
    assert sorted(Response.objects.values_list("score", "customer")) == [(3, None), (10, None)]


def test_the_first_page_is_small(token: str, client: Client) -> None:
    page = client.get(f"/s/{token}/")

    assert len(page.content) < 30_000


def open_post(survey: Survey, number: int, **fields: str) -> int:
    data = {"submission_id": f"s-{number}", "score": "9"} | fields
    return Client().post(f"/o/{survey.open_token}/", data).status_code


NASTY = {
    "nul": "a\x00b",
    "right to left": "\u202egnp.exe\u2069",
    "emoji": "👩‍🍳" * 50,
    "georgian": "ძალიან კარგი",
}


@pytest.mark.parametrize("path", ["personal", "open"])
@pytest.mark.parametrize("comment", NASTY.values(), ids=NASTY)
def test_odd_characters_never_break_the_page(
    token: str, nps: Survey, path: str, comment: str
) -> None:
    address = f"/s/{token}/" if path == "personal" else f"/o/{nps.open_token}/"
    status = (
        Client().post(address, {"submission_id": "x", "score": "9", "comment": comment}).status_code
    )

    stored = [row.comment for row in Response.objects.all()]
    assert (status, stored) in [(422, []), (302, [comment.strip("\u202e").replace("\u2069", "")])]


@pytest.mark.parametrize("path", ["/o/x/", "/o/%ED%A0%80/", "/o/%E2%80%AE/"])
def test_odd_links_are_not_found(business: object, path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize("score", ["9" * 5000, "1e309", "-0", "٩"])
def test_an_odd_score_in_a_link_chooses_nothing(token: str, score: str) -> None:
    page = Client().get(f"/s/{token}/?score={score}")

    assert page.status_code == 200
    assert " checked" not in page.content.decode()


def test_a_lone_surrogate_is_replaced(token: str) -> None:
    body = b"submission_id=x&score=9&comment=%ED%A0%80hello"
    answer = Client().post(f"/s/{token}/", body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 302
    assert Response.objects.get().comment.endswith("hello")


@pytest.mark.parametrize("length", ["64001", "1000000000000", "many", "-1"])
@pytest.mark.parametrize("path", ["personal", "open"])
def test_a_body_too_large_is_refused_before_it_is_read(token: str, path: str, length: str) -> None:
    view = public.answer if path == "personal" else public.open_answer
    request = RequestFactory().post("/", b"", content_type="text/plain", CONTENT_LENGTH=length)
    request._stream = Unreadable()

    assert view(request, token=token).status_code == 413


class Unreadable:
    """A body that fails the test as soon as somebody reads it."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")


def test_a_text_of_a_megabyte_is_refused(nps: Survey) -> None:
    assert open_post(nps, 1, comment="x" * 1_000_000) == 413
    assert Response.objects.count() == 0


def test_ten_thousand_fields_are_refused(nps: Survey) -> None:
    data = "&".join(f"f{n}=1" for n in range(9_000))
    answer = Client().post(
        f"/o/{nps.open_token}/", data, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code in (400, 413)


def test_the_answer_belongs_to_the_wording_that_was_seen(nps: Survey, owner: Staff) -> None:
    before = answers.current_version(nps)
    designs.change_survey(nps, by=owner, texts={"en": {"question": "Would you come again?"}})

    assert open_post(nps, 1, version=str(before.number)) == 302
    assert open_post(nps, 2, version=str(before.number + 1)) == 302
    assert open_post(nps, 3) == 302

    numbers = Response.objects.order_by("submission_id").values_list("version__number", flat=True)
    assert list(numbers) == [1, 2, 2]


def test_the_page_names_the_wording_it_shows(nps: Survey, owner: Staff) -> None:
    designs.change_survey(nps, by=owner, texts={"en": {"question": "Would you come again?"}})
    page = Client().get(f"/o/{nps.open_token}/").content.decode()

    assert "Would you come again?" in page
    assert 'name="version" value="2"' in page


@pytest.mark.parametrize("version", ["3", "x", "-1", "9" * 50, "٣"])
def test_a_wording_that_the_survey_never_had_is_refused(nps: Survey, version: str) -> None:
    assert open_post(nps, 1, version=version) == 422
    assert Response.objects.count() == 0


def test_a_version_of_another_survey_is_refused(nps: Survey, csat: Survey, owner: Staff) -> None:
    designs.change_survey(csat, by=owner, texts={"en": {"question": "Was it good?"}})

    assert open_post(nps, 1, version="2") == 422


def test_an_invited_answer_keeps_the_wording_of_the_mail(token: str, nps: Survey) -> None:
    designs.change_survey(nps, by=None, texts={"hu": {"question": "Más kérdés?"}})

    assert "Más kérdés?" not in Client().get(f"/s/{token}/").content.decode()
    assert post(token, version="2") == 302
    assert Response.objects.get().version.number == 1


def test_a_flood_is_held_back_and_then_refused(
    nps: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "HELD_BACK_ABOVE", 3)
    monkeypatch.setattr(public, "REFUSED_ABOVE", 5)

    statuses = [open_post(nps, n) for n in range(7)]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").post(
        f"/o/{nps.open_token}/", {"submission_id": "honest", "score": "2"}
    )

    assert statuses == [302] * 5 + [429] * 2
    assert elsewhere.status_code == 302
    assert Response.objects.filter(is_quarantined=True).count() == 2
    assert sum(AnswerCount.objects.values_list("count", flat=True)) == 4
    assert Moment.objects.filter(kind="survey.answered").count() == 4


def test_one_link_takes_only_so_many_answers_an_hour(
    nps: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "REFUSED_ABOVE_IN_ALL", 4)

    statuses = [
        Client(REMOTE_ADDR=f"192.0.2.{n}")
        .post(f"/o/{nps.open_token}/", {"submission_id": f"{n}", "score": "1"})
        .status_code
        for n in range(6)
    ]

    assert statuses == [302] * 4 + [429] * 2


def test_a_forged_address_changes_nothing(nps: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "REFUSED_ABOVE", 2)
    statuses = [
        Client(headers={"X-Forwarded-For": f"198.51.100.{n}"})
        .post(f"/o/{nps.open_token}/", {"submission_id": f"{n}", "score": "1"})
        .status_code
        for n in range(4)
    ]

    assert statuses == [302, 302, 429, 429]


def test_an_answer_held_back_counts_once_it_is_accepted(
    nps: Survey, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "HELD_BACK_ABOVE", 0)
    open_post(nps, 1)
    held = Response.objects.get()

    accepted = [answers.accept_held_back(held, by=owner) for _ in range(2)]

    assert accepted == [True, False]
    assert list(AnswerCount.objects.values_list("score", "count")) == [(9, 1)]
    assert Moment.objects.filter(kind="survey.answered").count() == 1


def test_deleting_junk_leaves_what_counts(
    nps: Survey, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "HELD_BACK_ABOVE", 1)
    for number in range(3):
        open_post(nps, number)

    deleted = answers.delete_held_back(Response.objects.all(), by=owner)

    assert deleted == 2
    assert Response.objects.count() == 1


def test_a_closed_survey_says_so(nps: Survey, owner: Staff) -> None:
    designs.change_survey(nps, by=owner, is_open=False)

    assert b"This survey is over" in Client().get(f"/o/{nps.open_token}/").content
    assert open_post(nps, 1) == 422
    assert Response.objects.count() == 0


@pytest.mark.parametrize("language", ["en", "hu", "bg", "et", "ka"])
@pytest.mark.parametrize("metric", [Metric.NPS, Metric.CSAT, Metric.CES])
def test_without_a_name_the_question_is_still_a_sentence(language: str, metric: Metric) -> None:
    question = ready_wording(metric, language=language, business="").question

    assert not question.startswith(("„", ":", " "))
    assert "  " not in question
    assert "“" not in question


@pytest.mark.parametrize("language", ["en", "hu", "bg", "et", "ka"])
def test_the_page_speaks_the_language_chosen(nps: Survey, language: str) -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(f"/o/{nps.open_token}/").content.decode()
    wording = ready_wording(Metric.NPS, language=language, business="Café Mandula")

    assert f'<html lang="{language}"' in page
    assert wording.question in page
    assert wording.low in page


def test_all_that_a_phone_loads_is_under_30_kilobytes(
    token: str, tmp_path: Path, business: Business
) -> None:
    assets.build_sheets_and_scripts(tmp_path)
    page = Client().get(f"/s/{token}/").content
    files = [tmp_path / "regulars" / name for name in ("portal.css", "portal.js")]
    static = Path(core.__file__).parent / "static" / "core"
    files += [static / "icon.svg", static / "icons.svg"]

    over_the_wire = sum(len(gzip.compress(part)) for part in [page, *map(Path.read_bytes, files)])

    assert over_the_wire <= 30_000


def run_out(*, hours: int) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(hours=hours))


@pytest.mark.parametrize("has_form", [True, False])
def test_a_link_that_ran_out_says_so_before_anybody_types(
    token: str, owner: Staff, has_form: bool
) -> None:
    """In the customer's language, and with another way to say it where there is one."""
    form = care_lines.make_care_line(None, by=owner) if has_form else None
    run_out(hours=1)

    page = Client().get(f"/s/{token}/?score=9")

    html = page.content.decode()
    assert (page.status_code, Client().head(f"/s/{token}/").status_code) == (200, 200)
    assert "A válaszadás ideje lejárt" in html
    assert "<textarea" not in html
    assert (form is not None and f'href="/say/{form.code}/"' in html) == has_form
    assert ("szóljon nekünk" in html) == (not has_form)


def test_the_form_of_no_single_place_comes_first(token: str, place: Place, owner: Staff) -> None:
    for one in (place, None):
        care_lines.make_care_line(one, by=owner)
    CareLine.objects.filter(place=None).update(code="general")
    run_out(hours=1)

    assert "/say/general/" in Client().get(f"/s/{token}/").content.decode()


def test_words_typed_before_the_link_ran_out_are_stored(token: str) -> None:
    run_out(hours=23)

    assert post(token) == 302
    assert Response.objects.get().comment == "Finom a kávé"


def test_words_that_come_too_late_stay_on_the_page(token: str, owner: Staff) -> None:
    form = care_lines.make_care_line(None, by=owner)
    run_out(hours=25)

    page = Client().post(
        f"/s/{token}/", {"submission_id": "s-1", "score": "9", "comment": "Finom a kávé"}
    )

    html = page.content.decode()
    assert (page.status_code, Response.objects.count()) == (422, 0)
    assert ("Finom a kávé" in html, f'href="/say/{form.code}/"' in html) == (True, True)


def test_who_answered_in_time_is_thanked_also_later(token: str) -> None:
    post(token)
    run_out(hours=25)

    assert "Már válaszolt" in Client().get(f"/s/{token}/").content.decode()
