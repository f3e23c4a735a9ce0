from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.mailing import placeholders
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.placeholders import UnknownPlaceholderError, check, fill
from regulars.mailing.render import Foot, Look, render

ALLOWED = {"given_name", "business"}
ATTACKS = [
    "{{ given_name }}",
    "{{given_name}}",
    "{% load x %}",
    "{0.__class__}",
    "{given_name.__class__}",
    "{given_name!r}",
    "{given_name:>99999999}",
    "{given_name[0]}",
    "${7*7}",
    "#{7*7}",
    "{",
    "}",
    "{}",
    "{ given_name}",
    "{Given_Name}",
    "{password}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_not_on_the_list_is_refused_at_save(attack: str) -> None:
    with pytest.raises(UnknownPlaceholderError):
        check(f"Dear guest, {attack}", ALLOWED)


@pytest.mark.parametrize("plain", ["<%= 7*7 %>", "100 % off", "$given_name", "a\nb", ""])
def test_text_without_braces_is_only_text(plain: str) -> None:
    check(plain, ALLOWED)

    assert fill(plain, {}) == plain


def test_a_known_placeholder_is_replaced() -> None:
    text = "Dear {given_name}, thank you! {business}"
    check(text, ALLOWED)

    filled = fill(text, {"given_name": "Anna", "business": "M"})

    assert filled == "Dear Anna, thank you! M"


@given(st.sampled_from(ATTACKS) | st.text(), st.text())
def test_a_value_stands_literally_and_is_not_looked_at_again(value: str, other: str) -> None:
    values = {"given_name": value, "business": other}

    assert fill("<{given_name}|{business}>", values) == f"<{value}|{other}>"


@given(st.text(max_size=60))
def test_a_checked_text_can_always_be_filled(text: str) -> None:
    try:
        check(text, ALLOWED)
    except UnknownPlaceholderError:
        return

    filled = fill(text, {"given_name": "A", "business": "B"})

    assert not {"{", "}"} & set(filled)


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "&amp;"])
def test_a_value_is_escaped_in_html_and_plain_in_text(value: str) -> None:
    content = Content("Hi", (Paragraph(fill("Dear {given_name}", {"given_name": value})),))

    rendered = render(content, language="en", look=Look("M"), foot=Foot())

    assert value not in rendered.html.replace("&amp;amp;", "")
    assert "<script" not in rendered.html
    assert "<img" not in rendered.html
    assert f"Dear {value}" in rendered.text


def test_a_text_beyond_all_measure_is_refused() -> None:
    with pytest.raises(placeholders.TextTooLongError):
        check("a" * 20_001, ALLOWED)
