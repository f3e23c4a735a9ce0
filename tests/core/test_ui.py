"""The tags of the design system."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation

from regulars.core.displays import ShownScore
from regulars.core.money import Money
from regulars.core.templatetags import ui
from regulars.core.widgets import Day, Rating

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


def draw(text: str, **context: Any) -> str:
    html = Template("{% load ui %}" + text).render(Context(context))
    return re.sub(r"\s+", " ", html).strip()


class Form(forms.Form):
    name = forms.CharField(help_text="As you say it.")
    born = forms.DateField(required=False, widget=Day)
    score = forms.ChoiceField(
        choices=[(str(one), str(one)) for one in range(3)],
        widget=Rating(ends=("bad", "good")),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    "text",
    [
        "{% button 'Save' colour='red' %}",
        "{% button 'Save' kind='loud' %}",
        "{% badge 'New' tone='pink' %}",
        "{% card heading='x' %}{% endcard %}",
        "{% notice tone='loud' %}{% endnotice %}",
        "{% icon 'plus' size='huge' %}",
    ],
)
def test_what_a_tag_does_not_know_raises(text: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        draw(text)


def test_a_button_is_a_link_where_it_leads_somewhere() -> None:
    assert draw("{% button 'Go' href='/x/' %}") == (
        '<a class="button button--plain" href="/x/"><span>Go</span></a>'
    )


def test_a_bare_button_has_a_name() -> None:
    html = draw("{% button 'Close' icon='cross' bare=True type='button' %}")

    assert 'aria-label="Close"' in html
    assert "<span>" not in html


def test_a_field_ties_label_help_and_error_together() -> None:
    html = draw("{% field form.name %}", form=Form({}))

    assert '<label class="field__label" for="id_name">Name</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_form_has_a_token_and_every_field_once() -> None:
    html = draw("{% form form submit='Send' %}{% endform %}", form=Form(), csrf_token="abc")

    assert 'name="csrfmiddlewaretoken" value="abc"' in html
    assert [html.count(f'id="id_{name}"') for name in ("name", "born", "token")] == [1, 1, 1]
    assert "<span>Send</span>" in html


def test_a_form_with_a_body_shows_that_instead() -> None:
    html = draw("{% form form %}<p>mine</p>{% endform %}", form=Form())

    assert "<p>mine</p>" in html
    assert 'id="id_name"' not in html


@pytest.mark.parametrize("language", ["en", "hu", "bg", "et", "ka"])
def test_a_date_reaches_the_browsers_calendar_in_every_language(language: str) -> None:
    with translation.override(language):
        html = draw("{% field form.born %}", form=Form(initial={"born": dt.date(2026, 3, 1)}))
        back = Form({"name": "x", "score": "1", "born": "2026-03-01"})

        assert 'type="date" name="born" value="2026-03-01"' in html
        assert back.is_valid(), back.errors
        assert back.cleaned_data["born"] == dt.date(2026, 3, 1)


def test_a_rating_is_radio_buttons() -> None:
    html = draw("{% field form.score %}", form=Form(initial={"score": "2"}))

    assert html.count('type="radio"') == 3
    assert html.count("checked") == 1
    assert "<fieldset" in html
    assert "<legend" in html


@pytest.mark.parametrize(
    ("language", "day", "ago"),
    [
        ("en", "22 November 2026", "3 hours ago"),
        ("hu", "2026. november 22.", "3 órával ezelőtt"),
        ("bg", "22 ноември 2026 г.", "преди 3 часа"),
        ("et", "22. november 2026", "3 tunni eest"),
        ("ka", "22 ნოემბერი, 2026", "3 საათის წინ"),
    ],
)
def test_days_and_moments_in_every_language(language: str, day: str, ago: str) -> None:
    with translation.override(language), time_machine.travel(NOW, tick=False):
        assert f">{day}<" in draw("{% day at %}", at=NOW)
        assert f">{ago}<" in draw("{% when at %}", at=NOW - dt.timedelta(hours=3))
        assert f">{day}<" in draw("{% when at %}", at=NOW + dt.timedelta(minutes=5))


def test_no_date_is_a_dash() -> None:
    assert draw("{% day at %}", at=None) == '<span class="muted">–</span>'
    assert draw("{% when at %}", at=None) == '<span class="muted">–</span>'


def test_money_is_written_as_the_language_does() -> None:
    with translation.override("hu"):
        assert draw("{% money price %}", price=Money(3490, "HUF")).replace("\xa0", " ") == (
            '<span class="number nowrap">3 490 Ft</span>'
        )


@pytest.mark.parametrize(
    ("language", "price", "shown"),
    [
        ("en", Money(3490, "HUF"), "HUF\xa03,490"),
        ("en", Money(-3490, "HUF"), "-HUF\xa03,490"),
        ("en", Money(1250, "EUR"), "€12.50"),
    ],
)
def test_a_currency_in_letters_stands_apart(language: str, price: Money, shown: str) -> None:
    with translation.override(language):
        assert str(price) == shown


def test_days_within_sentences_are_in_small_letters_where_the_language_says_so() -> None:
    with translation.override("bg"):
        assert draw("{{ at|day_in_words }}", at=NOW.date()) == draw("{{ at|day_in_words }}", at=NOW)
        assert draw("{{ at|day_in_words }}", at=None) == ""
        assert draw("{{ at|time_in_words }}", at=None) == ""
        assert draw("{{ at|time_in_words }}", at=NOW).startswith(
            draw("{{ at|day_in_words }}", at=NOW) + ", "
        )
        assert draw("{{ at|day_in_words }}", at=NOW).islower()


def test_a_score_says_value_range_answers_verdict() -> None:
    shown = ShownScore("NPS", -12.4, -31.2, 5.8, -100, 100, 40, 160, "same", method="Exact.")

    html = draw("{% score shown %}", shown=shown)

    assert '<span class="score__value">−12</span>' in html
    assert "probably −31 to 6 · 40 answers" in html
    assert "about as before" in html
    assert "25% of the 160 people asked have answered." in html
    assert "Exact." in html


def test_too_few_answers_show_no_value() -> None:
    shown = ShownScore("NPS", None, 0, 0, -100, 100, 3, verdict="early", needed="Three weeks.")

    html = draw("{% score shown %}", shown=shown)

    assert "score__value" not in html
    assert "not enough answers yet" in html
    assert "Three weeks." in html


def test_a_tab_knows_that_it_is_this_page() -> None:
    html = draw(
        "{% tabs label='x' %}{% tab 'A' href='/a/?x=1' %}{% tab 'B' href='/b/' %}{% endtabs %}",
        request=RequestFactory().get("/a/"),
    )

    assert html.count("aria-current") == 1
    assert '<a href="/a/?x=1" aria-current="page">' in html


def test_a_tally_of_seven_has_one_stroke_across() -> None:
    html = draw("{% tally 7 label='7' %}")

    assert html.count("<path") == 7
    assert html.count("across") == 1


def test_what_people_wrote_is_escaped() -> None:
    html = draw(
        "{% person n detail=n href=n %}{% badge n %}{% card title=n %}{% endcard %}{% copy n %}"
        "{% stat n n %}{% button n %}{% icon n label=n %}",
        n='"><script>',
    )

    assert "<script>" not in html


def test_what_is_shared_can_be_sent_without_a_script() -> None:
    """On a page without https no browser shares or copies: the links do."""
    with translation.override("en"):
        shown = ui.share("https://a.example/s?b&c", text="Thanks & “hello”\nAnna")
        words = ui.share("", text="Thanks")

    said = "Thanks%20%26%20%E2%80%9Chello%E2%80%9D%0AAnna%0Ahttps%3A%2F%2Fa.example%2Fs%3Fb%26c"
    for address in ("sms:?&amp;body=", "https://wa.me/?text=", "viber://forward?text="):
        assert f'href="{address}{said}"' in shown
    assert 'data-done="Address copied"' in shown
    assert 'data-done="Words copied"' in words
