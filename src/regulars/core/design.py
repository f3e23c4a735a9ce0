"""What the living page `/design/` shows: every component in every state, with made-up people."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.core.charts import Chart
from regulars.core.displays import ShownScore
from regulars.core.money import Money
from regulars.core.tables import Column, Filter, Table
from regulars.core.widgets import Day, Rating

NAMES = ("Szabó Őrs", "Иван Петров", "Mari Õunapuu", "ნინო ბერიძე", "Ann Lee", "Kovács Éva")


@dataclass(frozen=True)
class Guest:
    """Somebody made up."""

    pk: int
    name: str
    visits: int
    spent: Money
    last_seen: dt.date
    state: str
    satisfaction: float
    joined: dt.datetime


class Guests(list[Guest]):
    """As much of a queryset as a list of samples needs."""

    def order_by(self, *fields: str) -> Guests:
        """Sorted by the first field; as they are where none is named."""
        if not fields:
            return self
        key = fields[0].removeprefix("-")
        return Guests(
            sorted(self, key=lambda guest: getattr(guest, key), reverse=fields[0].startswith("-"))
        )


def guests() -> Guests:
    """Thirty people."""
    today = timezone.localdate()
    return Guests(
        Guest(
            pk=number,
            name=NAMES[number % len(NAMES)],
            visits=(number * 7) % 23 + 1,
            spent=Money(number * 1370 + 400, "EUR"),
            last_seen=today - dt.timedelta(days=number * 3),
            state=(_("glad"), _("comes less often"), _("new"))[number % 3],
            satisfaction=(62 + number * 5 % 38) / 100,
            joined=timezone.now() - dt.timedelta(days=number * 17, hours=3),
        )
        for number in range(30)
    )


class SampleForm(forms.Form):
    """Every kind of field."""

    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("As you say it."))
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    visits = forms.IntegerField(label=gettext_lazy("Visits"), required=False)
    born = forms.DateField(
        label=gettext_lazy("Birthday"),
        required=False,
        widget=Day,
    )
    place = forms.ChoiceField(
        label=gettext_lazy("Place"), choices=[("a", "Kossuth tér"), ("b", "Fő utca")]
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("How may we write to you?"),
        choices=[("mail", gettext_lazy("by e-mail")), ("text", gettext_lazy("by text message"))],
        widget=forms.RadioSelect,
    )
    likes = forms.MultipleChoiceField(
        label=gettext_lazy("What do you like?"),
        choices=[("coffee", gettext_lazy("coffee")), ("cake", gettext_lazy("cake"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    score = forms.ChoiceField(
        label=gettext_lazy("How likely are you to recommend us?"),
        choices=[(str(number), str(number)) for number in range(11)],
        widget=Rating(ends=(gettext_lazy("not at all"), gettext_lazy("certainly"))),
    )
    mood = forms.ChoiceField(
        label=gettext_lazy("How was it today?"),
        choices=[
            ("1", gettext_lazy("very bad")),
            ("2", gettext_lazy("bad")),
            ("3", gettext_lazy("fair")),
            ("4", gettext_lazy("good")),
            ("5", gettext_lazy("very good")),
        ],
        widget=Rating(look="faces"),
    )
    ease = forms.ChoiceField(
        label=gettext_lazy("Ease"),
        choices=[
            ("1", gettext_lazy("bad")),
            ("2", gettext_lazy("fair")),
            ("3", gettext_lazy("good")),
        ],
        widget=Rating(look="words"),
    )
    stars = forms.ChoiceField(
        label=gettext_lazy("Satisfaction"),
        choices=[(str(number), str(number)) for number in range(1, 6)],
        widget=Rating(look="stars"),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    picture = forms.FileField(label=gettext_lazy("Picture"), required=False)
    agreed = forms.BooleanField(label=gettext_lazy("I agree."), required=False)


class SmallForm(forms.Form):
    """What stands in one line: something before a field, and something after it."""

    name = forms.CharField(label=gettext_lazy("Name"), disabled=True, initial="Szabó Őrs")
    spent = forms.IntegerField(label=gettext_lazy("Spent"), required=False, initial=12)


def samples(request: HttpRequest) -> dict[str, Any]:
    """The context of the living page; `?section=` is a place on it, nothing else changes."""
    now = timezone.now()
    return {
        "now": now,
        "earlier": now - dt.timedelta(hours=3),
        "long_ago": now - dt.timedelta(days=120),
        "form": SampleForm(
            initial={"name": "Szabó Őrs", "score": "9", "channel": "mail", "stars": "4"}
        ),
        "faulty": _faulty(),
        "small_form": SmallForm(),
        "table": guest_table(request.GET),
        "bare_table": Table(
            QueryDict(),
            cast("Any", Guests()),
            name=_("Customers"),
            key="bare",
            columns=[Column("name", gettext_lazy("Name"))],
            empty=_("Nobody here yet"),
            empty_href="#tables",
            empty_action=_("Add a customer"),
        ),
        "searched_table": searched_table(),
        "scores": scores(),
        "charts": charts(),
        "steps": [_("Business"), _("Places"), _("People"), _("Done")],
        "tones": ["", "good", "warn", "bad", "info", "accent"],
        "price": Money(123450, "EUR"),
        "icons": icons(),
    }


def _faulty() -> SampleForm:
    """Errors of fields, and one of the whole form."""
    form = SampleForm(QueryDict("email=nobody"))
    form.add_error(None, _("That cannot be done"))
    return form


def guest_table(query: QueryDict) -> Table[Any]:
    """A list with everything."""
    return Table(
        query,
        cast("Any", guests()),
        name=_("Customers"),
        columns=[
            Column("name", gettext_lazy("Name"), sort="name", link=lambda guest: "#tables"),
            Column("visits", gettext_lazy("Visits"), kind="number", sort="visits"),
            Column("spent", gettext_lazy("Spent"), kind="money", sort="spent"),
            Column("last_seen", gettext_lazy("Last here"), kind="day", sort="last_seen"),
            Column(
                "state",
                gettext_lazy("State"),
                tone=lambda guest: ("good", "warn", "info")[guest.pk % 3],
                optional=True,
            ),
            Column("satisfaction", gettext_lazy("Satisfaction"), kind="percent"),
            Column("joined", gettext_lazy("First visit"), kind="when"),
        ],
        search=lambda rows, words: cast(
            "Any", Guests(one for one in cast("Guests", rows) if words.lower() in one.name.lower())
        ),
        filters=[
            Filter(
                "visits",
                gettext_lazy("Visits"),
                [("few", gettext_lazy("up to five")), ("many", gettext_lazy("more than five"))],
                lambda rows, chosen: cast(
                    "Any",
                    Guests(
                        one
                        for one in cast("Guests", rows)
                        if (one.visits > 5) == (chosen == "many")
                    ),
                ),
            ),
            *(
                Filter(key, label, [("all", gettext_lazy("Yes"))], lambda rows, chosen: rows)
                for key, label in (
                    ("new", gettext_lazy("new")),
                    ("glad", gettext_lazy("glad")),
                )
            ),
        ],
        page_size=8,
    )


def searched_table() -> Table[Any]:
    """A list in which nothing was found."""
    return Table(
        QueryDict("found-q=nobody"),
        cast("Any", guests()),
        name=_("People"),
        key="found",
        columns=[Column("name", gettext_lazy("Name"))],
        search=lambda rows, words: cast("Any", Guests()),
    )


def scores() -> list[ShownScore]:
    """A score of each verdict."""
    label = _("Recommendation score (NPS)")
    method = _("Half of all such ranges are narrower; 95 of 100 contain the true value.")
    return [
        ShownScore(label, 45, 31, 58, -100, 100, 212, 520, "up", method=method),
        ShownScore(_("Satisfaction"), 4.3, 4.1, 4.5, 1, 5, 87, 160, "same", decimals=1),
        ShownScore(_("Ease"), 62.0, 51.0, 72.0, 0, 100, 71, 140, "down", unit="%"),
        ShownScore(
            label, None, 0, 0, -100, 100, 6, 9, "early", needed=_("About three weeks more.")
        ),
    ]


def charts() -> list[Chart]:
    """One of each kind."""
    months = [_("May"), _("June"), _("July"), _("August"), _("September")]
    trend = [
        {"name": month, "value": value, "low": value - 13, "high": value + 12}
        for month, value in zip(months, (31, 34, 41, 38, 45), strict=True)
    ]
    stages = [
        {"name": name, "value": value, "low": value - 0.3, "high": value + 0.2}
        for name, value in ((_("Ordering"), 4.4), (_("Waiting"), 3.6), (_("Paying"), 4.7))
    ]
    columns = [("name", _("Month")), ("value", _("Score")), ("low", _("from")), ("high", _("to"))]
    return [
        Chart(
            "trend",
            _("Recommendation score (NPS)"),
            trend,
            columns,
            summary=_("About as before in four of five months, better in the last."),
        ),
        Chart(
            "intervals", _("Satisfaction by stage"), stages, [("name", _("Stage")), *columns[1:]]
        ),
        Chart("bars", _("What people speak of"), stages, [("name", _("Topic")), columns[1]]),
        Chart("columns", _("Answers a month"), trend, columns[:2]),
    ]


def icons() -> list[str]:
    """The names of all signs."""
    sprite = Path(__file__).parent / "static" / "core" / "icons.svg"
    return re.findall(r'<symbol id="([\w-]+)"', sprite.read_text("utf-8"))
