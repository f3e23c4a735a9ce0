"""The design system's tags: `{% load ui %}`. `docs/develop/design-system.md` shows each in use.

A tag takes named arguments only where its name does not say the meaning; an unknown one raises
TemplateSyntaxError. The looks are in `core/templates/ui/*.html` and `core/static/core/css`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from babel.dates import format_date, format_timedelta
from django import forms, template
from django.conf import settings
from django.core.paginator import Page
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regulars.core.money import Money, format_money

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

    from regulars.core.charts import Chart
    from regulars.core.displays import ShownScore
    from regulars.core.tables import Cell, Table

register = template.Library()

TONES: Final = ("", "good", "warn", "bad", "info", "accent")
BUTTON_KINDS: Final = ("primary", "plain", "quiet", "danger")
LANGUAGE_NAMES: Final = {
    "en": "English",
    "hu": "Magyar",
    "bg": "Български",
    "et": "Eesti",
    "ka": "ქართული",
}


def _one_of(value: str, allowed: Sequence[str], what: str) -> str:
    if value not in allowed:
        message = f"{what} is “{value}”, but it may be: {', '.join(allowed)}"
        raise template.TemplateSyntaxError(message)
    return value


def _rendered(name: str, context: Mapping[str, Any]) -> SafeString:
    return SafeString(get_template(f"ui/{name}.html").render(dict(context)))


# --- Signs -------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, *, label: str = "", size: str = "") -> SafeString:
    """A sign from `core/static/core/icons.svg`; with `label` it is read aloud."""
    return format_html(
        '<svg class="icon{}"{}><use href="{}#{}"></use></svg>',
        f" icon--{_one_of(size, ('large',), 'size')}" if size else "",
        format_html(' role="img" aria-label="{}"', label)
        if label
        else format_html(' aria-{}="true"', "hidden"),
        static("core/icons.svg"),
        name,
    )


@register.simple_tag
def badge(text: str, *, tone: str = "", icon: str = "") -> SafeString:
    """A word about a state. Never colour alone: the word says it."""
    return _rendered("badge", {"text": text, "tone": _one_of(tone, TONES, "tone"), "icon": icon})


@register.simple_tag
def tally(count: int, *, label: str = "") -> SafeString:
    """Up to fifteen visits as tally strokes; beyond that, the number says it better."""
    strokes = min(count, 15)
    marks = [
        {"x": 5 + (index % 5) * 6 + (index // 5) * 36, "across": index % 5 == 4}
        for index in range(strokes)
    ]
    groups = -(-strokes // 5)
    return _rendered("tally", {"marks": marks, "width": max(1, groups) * 36 - 2, "label": label})


@register.simple_tag
def money(amount: int | Money, currency: str = "") -> SafeString:
    """An amount in minor units, or a Money, as the language writes it."""
    text = str(amount) if isinstance(amount, Money) else format_money(amount, currency)
    return format_html('<span class="number nowrap">{}</span>', text)


@register.simple_tag
def day(value: dt.date | dt.datetime | None) -> SafeString:
    """A date in words of the language; a dash where there is none."""
    if value is None:
        return format_html('<span class="muted">{}</span>', "–")
    local = timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    return format_html(
        '<time class="nowrap" datetime="{}">{}</time>',
        local.isoformat(),
        _date_in_words(local),
    )


@register.simple_tag
def when(value: dt.datetime | None) -> SafeString:
    """A moment: how long ago within a week, else the date; the full time on hovering."""
    if value is None:
        return format_html('<span class="muted">{}</span>', "–")
    local = timezone.localtime(value)
    full = time_in_words(value)
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="minutes"),
        full,
        _in_words(local),
    )


@register.filter
def day_in_words(value: dt.date | dt.datetime | None) -> str:
    """A date within a sentence or a list; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date()
    return _date_in_words(value)


@register.filter
def time_in_words(value: dt.datetime | None) -> str:
    """A date and the time of day within a sentence or a list; empty where there is none."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    between = " " if _locale() == "hu" else ", "  # a Hungarian date ends in a full stop
    return f"{_date_in_words(local.date())}{between}{local:%H:%M}"


def _in_words(local: dt.datetime) -> str:
    age = timezone.now() - local
    if not dt.timedelta(0) <= age < dt.timedelta(days=7):
        return _date_in_words(local.date())
    if age < dt.timedelta(minutes=1):
        return _("just now")
    return format_timedelta(-age, add_direction=True, threshold=1, locale=_locale())


def _date_in_words(date: dt.date) -> str:
    """The date with the month's name; by CLDR, since Django's Bulgarian months are capitalised."""
    return format_date(date, "long", locale=_locale())


def _locale() -> str:
    language = (get_language() or "en").replace("-", "_")
    return "en_GB" if language == "en" else language


# --- What one presses and fills in -------------------------------------------------------------


@register.simple_tag
def button(
    text: str,
    *,
    href: str = "",
    kind: str = "",
    icon: str = "",
    size: str = "",
    type: str = "submit",  # noqa: A002  # the attribute's own name
    name: str = "",
    value: str = "",
    form: str = "",
    id: str = "",  # noqa: A002  # the attribute's own name
    opens: str = "",
    closes: str = "",
    bare: bool = False,
    disabled: bool = False,
    download: bool = False,
) -> SafeString:
    """A button, or with `href` a link that looks like one.

    `kind` is primary (one a page), plain, quiet or danger; a submitting button is primary unless
    said otherwise. `opens`/`closes` name a dialog's id. `bare` shows the icon alone, `text` is
    then its name for screen readers. `id` keeps the focus on it when a part of the page is
    exchanged.
    """
    kind = kind or ("primary" if type == "submit" and not (href or opens or closes) else "plain")
    return _rendered(
        "button",
        {
            "text": text,
            "href": href,
            "kind": _one_of(kind, BUTTON_KINDS, "kind"),
            "icon": icon,
            "size": _one_of(size, ("", "small"), "size"),
            "type": "button" if opens or closes else type,
            "name": name,
            "value": value,
            "form": form,
            "id": id,
            "target": opens or closes,
            "command": "show-modal" if opens else "close",
            "bare": bare,
            "disabled": disabled,
            "download": download,
        },
    )


@register.simple_tag
def field(
    bound: BoundField,
    *,
    prefix: str = "",
    suffix: str = "",
    help: str = "",  # noqa: A002  # the field's own word
) -> SafeString:
    """One field of a form with its label, help and errors, tied together for screen readers."""
    widget = bound.field.widget
    if bound.is_hidden:
        return bound.as_widget()
    kind = "row"
    if isinstance(widget, forms.CheckboxInput):
        kind = "tick"
    elif bound.use_fieldset:
        kind = "group"
    return _rendered(
        "field",
        {
            "field": bound,
            "kind": kind,
            "prefix": prefix,
            "suffix": suffix,
            "help": help or bound.help_text,
            "control": bound.as_widget(),
        },
    )


@register.simple_block_tag(takes_context=True)
def form(
    context: template.Context,
    content: SafeString,
    bound: forms.BaseForm,
    *,
    submit: str = "",
    cancel: str = "",
    action: str = "",
    method: str = "post",
    inline: bool = False,
    plain: bool = False,
    id: str = "",  # noqa: A002  # the attribute's own name
) -> SafeString:
    """A whole form: token, errors, fields, buttons. A body replaces the list of fields.

    `submit` is the button's text, `cancel` the address to leave to; `plain` where another button
    is the page's main one.
    """
    return _rendered(
        "form",
        {
            "form": bound,
            "body": content if content.strip() else "",
            "submit": submit or _("Save"),
            "cancel": cancel,
            "action": action,
            "method": _one_of(method, ("post", "get"), "method"),
            "inline": inline,
            "kind": "plain" if plain else "primary",
            "id": id,
            "csrf_token": context.get("csrf_token", ""),
        },
    )


@register.simple_tag
def rating(bound: BoundField) -> SafeString:
    """A question answered on a scale (`core.widgets.Rating`), as radio buttons."""
    return field(bound)


@register.simple_tag
def rating_face(index: int, count: int) -> SafeString:
    """The face for the choice at `index` of `count`, from sad to glad."""
    return icon(f"face-{1 + round(4 * index / max(1, count - 1))}", size="large")


@register.simple_tag
def copy(text: str, *, label: str = "") -> SafeString:
    """A text to take along, with a button that copies it."""
    return _rendered("copy", {"text": text, "label": label or _("Copy")})


@register.simple_tag
def share(url: str, *, title: str = "", text: str = "", label: str = "") -> SafeString:
    """Share by the device's own sheet; where there is none, the address, or the words, are copied.

    The links beside it open a text message, WhatsApp or Viber with the words, without a script.
    """
    words = quote("\n".join(part for part in (text, url) if part), safe="")
    return _rendered(
        "share",
        {
            "url": url,
            "title": title,
            "text": text,
            "label": label or _("Share"),
            "done": _("Address copied") if url else _("Words copied"),
            "links": [
                (_("Text message"), f"sms:?&body={words}"),
                ("WhatsApp", f"https://wa.me/?text={words}"),
                ("Viber", f"viber://forward?text={words}"),
            ],
        },
    )


# --- Boxes -------------------------------------------------------------------------------------


@register.simple_block_tag
def card(
    content: SafeString, *, title: str = "", icon: str = "", href: str = "", tone: str = ""
) -> SafeString:
    """A box with one matter in it; with `href` its title leads there."""
    return _rendered(
        "card",
        {
            "body": content,
            "title": title,
            "icon": icon,
            "href": href,
            "tone": _one_of(tone, ("", "accent", "warn", "plain"), "tone"),
        },
    )


@register.simple_block_tag
def nothing(content: SafeString, *, title: str, icon: str = "") -> SafeString:
    """What stands where a list is empty: what will be here, and what to do."""
    return _rendered("nothing", {"body": content, "title": title, "icon": icon})


@register.simple_block_tag
def notice(content: SafeString, *, tone: str = "info", title: str = "") -> SafeString:
    """Something to know before going on."""
    icons = {"good": "good", "warn": "warn", "bad": "warn", "info": "info"}
    _one_of(tone, tuple(icons), "tone")
    return _rendered("notice", {"body": content, "tone": tone, "title": title, "icon": icons[tone]})


@register.simple_block_tag
def dialog(
    content: SafeString,
    *,
    id: str,  # noqa: A002  # the attribute's own name
    title: str,
) -> SafeString:
    """A native dialog, opened by `{% button … opens=id %}`."""
    return _rendered("dialog", {"body": content, "id": id, "title": title})


@register.simple_block_tag
def menu(
    content: SafeString,
    *,
    label: str,
    icon: str = "more",
    text: bool = False,
    start: bool = False,
    up: bool = False,
) -> SafeString:
    """A button with links and buttons below it; `text` shows the label beside the icon."""
    return _rendered(
        "menu",
        {"body": content, "label": label, "icon": icon, "text": text, "start": start, "up": up},
    )


# --- Ways --------------------------------------------------------------------------------------


@register.simple_block_tag
def tabs(content: SafeString, *, label: str, look: str = "") -> SafeString:
    """A row of `{% tab %}`s: links between pages of one thing; `look` segments for a setting."""
    _one_of(look, ("", "segments"), "look")
    return _rendered("tabs", {"body": content, "label": label, "look": look})


@register.simple_tag(takes_context=True)
def tab(
    context: template.Context,
    text: str,
    *,
    href: str,
    count: int | None = None,
    current: bool | None = None,
) -> SafeString:
    """One tab; current when its address is this page's, unless said otherwise."""
    here = context["request"].path if current is None and "request" in context else ""
    return _rendered(
        "tab",
        {
            "text": text,
            "href": href,
            "count": count,
            "current": here == href.partition("?")[0] if current is None else current,
        },
    )


@register.simple_tag
def steps(labels: Sequence[str], *, current: int, links: Sequence[str] = ()) -> SafeString:
    """Where one is in a way of several pages; `current` counts from 1.

    `links` lead back to what is done, one for each label.
    """
    states = [
        (label, "done" if number < current else "current" if number == current else "ahead", link)
        for number, (label, link) in enumerate(zip_longest(labels, links, fillvalue=""), start=1)
    ]
    return _rendered("steps", {"steps": states, "current": current, "count": len(labels)})


@register.simple_tag
def progress(value: int, *, of: int, label: str, detail: str = "") -> SafeString:
    """How much of a known whole is done."""
    return _rendered(
        "progress", {"value": value, "of": of, "label": label, "detail": detail or f"{value}/{of}"}
    )


@register.simple_block_tag
def timeline(content: SafeString, *, label: str) -> SafeString:
    """What happened, the newest first: a list of `{% entry %}`s."""
    return _rendered("timeline", {"body": content, "label": label})


@register.simple_block_tag
def entry(
    content: SafeString,
    *,
    title: str,
    at: dt.datetime,
    icon: str = "clock",
    tone: str = "",
    href: str = "",
) -> SafeString:
    """One thing that happened."""
    return _rendered(
        "entry",
        {
            "body": content if content.strip() else "",
            "title": title,
            "at": at,
            "icon": icon,
            "tone": _one_of(tone, TONES, "tone"),
            "href": href,
        },
    )


@register.simple_tag(takes_context=True)
def pagination(context: template.Context, page: Page[Any], *, key: str = "page") -> SafeString:
    """Newer and older pages of a list, keeping what else the address says."""
    query = context["request"].GET.copy()

    def address(number: int) -> str:
        query[key] = str(number)
        return f"?{query.urlencode()}"

    return _rendered(
        "pagination",
        {
            "page": page,
            "before": address(page.previous_page_number()) if page.has_previous() else "",
            "after": address(page.next_page_number()) if page.has_next() else "",
        },
    )


@register.simple_tag
def languages() -> list[tuple[str, str]]:
    """(code, own name) of every language of the interface."""
    return [(code, LANGUAGE_NAMES[code]) for code, _name in settings.LANGUAGES]


# --- People, figures, lists --------------------------------------------------------------------


@register.simple_tag
def person(name: str, *, detail: str = "", href: str = "") -> SafeString:
    """A person by name, without a picture."""
    return _rendered("person", {"name": name, "detail": detail, "href": href})


_FIGURE = 12  # letters that fit in the large type of a figure


@register.simple_tag
def stat(label: str, value: object, *, detail: str = "", href: str = "") -> SafeString:
    """A figure that needs no interval: a count, a sum. For measurements use `score`."""
    shown = {"label": label, "value": value, "detail": detail, "href": href}
    return _rendered("stat", {**shown, "is_long": len(str(value)) > _FIGURE})


@register.simple_tag
def score(shown: ShownScore) -> SafeString:
    """A measurement with its range, its verdict in words and how sure it is."""
    return _rendered("score", {"score": shown})


@register.simple_tag
def chart(drawn: Chart) -> SafeString:
    """A chart with its title, a sentence that says it, and the same data as a table."""
    return _rendered("chart", {"chart": drawn})


@register.simple_tag(takes_context=True)
def table(context: template.Context, shown: Table[Any]) -> SafeString:
    """A list with search, filters, sorting, columns and pages (`core.tables.Table`)."""
    return SafeString(
        get_template("ui/table.html").render({"table": shown}, context.get("request"))
    )


@register.simple_tag(takes_context=True)
def cell(context: template.Context, shown: Cell) -> SafeString | str:
    """What stands in one cell."""
    return shown.render(context.get("request"))


@register.simple_tag
def skeleton(*, lines: int = 3) -> SafeString:
    """The shape of a text that is on its way."""
    return _rendered("skeleton", {"lines": range(lines)})
