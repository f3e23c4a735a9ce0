"""PB9: whatever is sent to a public question, the server answers below 500 and stores sense."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.core import limits
from regulars.surveys.models import Response, Survey

pytestmark = pytest.mark.django_db

ANY_TEXT = st.text(st.characters(codec=None), max_size=80)
NUMBERS = st.sampled_from(
    ["1e309", "-1", "11", "9" * 400, "NaN", "0x9", "９", "7.0", " 7", "7", "", "٣", "\x007"]
)
FIELDS = st.sampled_from(["submission_id", "score", "comment", "version", "may_quote", "x", ""])


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "allow", lambda *args, **more: True)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(sent=st.lists(st.tuples(FIELDS, st.one_of(ANY_TEXT, NUMBERS)), max_size=8))
def test_no_form_breaks_the_page(nps: Survey, sent: list[tuple[str, str]]) -> None:
    body = urlencode(sent, errors="surrogatepass")

    answer = Client().post(
        f"/o/{nps.open_token}/", body, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code in {302, 422}
    scores = set(Response.objects.values_list("score", flat=True))
    assert scores <= set(range(11))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/json",
            "text/plain; charset=utf-16",
            "application/x-www-form-urlencoded; charset=nothing",
            "",
        ]
    ),
)
def test_no_bytes_break_the_page(nps: Survey, body: bytes, kind: str) -> None:
    answer = Client().generic("POST", f"/o/{nps.open_token}/", body, content_type=kind)

    assert 200 <= answer.status_code < 500
    assert not Response.objects.exists()


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=FIELDS, value=ANY_TEXT)
def test_no_address_breaks_the_page(nps: Survey, name: str, value: str) -> None:
    query = urlencode({name: value}, errors="surrogatepass")

    status = Client().get(f"/o/{nps.open_token}/?{query}").status_code

    assert status == (400 if "\x00" in value else 200)
