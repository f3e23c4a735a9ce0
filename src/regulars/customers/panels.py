"""What other packages put on a customer's page: panels, suggestions, and their kinds of moments.

A package above this one writes `customer_page.py`, which is found at the start:

    @panel("surveys/panel.html", order=40)
    def answers(customer: Customer, staff: Staff) -> dict[str, object] | None: ...

    @suggestion
    def call_back(customer: Customer, staff: Staff) -> Iterable[Suggestion]: ...

    @teller(SurveyAnswered, icon="survey")
    def answered(payload: SurveyAnswered) -> str: ...

A panel's function returns what its template needs, or None where there is nothing to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.template.loader import get_template

from regulars.accounts.models import Staff
from regulars.core.moments import Payload
from regulars.customers.models import Customer

PanelContext = Callable[[Customer, Staff], Mapping[str, Any] | None]
Suggest = Callable[[Customer, Staff], Iterable["Suggestion"]]
P = TypeVar("P", bound=Payload)


@dataclass(frozen=True)
class Panel:
    """A box on the page. `order`: the lowest stands first (this package: 10, 20 … 90)."""

    name: str
    template: str
    order: int
    context: PanelContext


@dataclass(frozen=True)
class Suggestion:
    """Something to do next, as a sentence with a link. The most urgent stands first."""

    text: str
    href: str = ""
    icon: str = "right"
    urgency: int = 0


@dataclass(frozen=True)
class Teller:
    """How one kind of moment is told in the customer's history."""

    icon: str
    text: Callable[[Any], str]
    tone: str


PANELS: dict[str, Panel] = {}
SUGGESTIONS: list[Suggest] = []
TELLERS: dict[str, Teller] = {}


def panel(template: str, *, order: int) -> Callable[[PanelContext], PanelContext]:
    """Register a panel under the name of its function."""

    def register(context: PanelContext) -> PanelContext:
        name = f"{context.__module__}.{context.__qualname__}"
        PANELS[name] = Panel(name, template, order, context)
        return context

    return register


def suggestion(function: Suggest) -> Suggest:
    """Register a function that knows what could be done next for a customer."""
    if function not in SUGGESTIONS:
        SUGGESTIONS.append(function)
    return function


def teller(
    kind: type[P], *, icon: str, tone: str = ""
) -> Callable[[Callable[[P], str]], Callable[[P], str]]:
    """Register the sentence by which a kind of moment is told. Kinds without one are not shown."""

    def register(text: Callable[[P], str]) -> Callable[[P], str]:
        TELLERS[kind.kind] = Teller(icon, text, tone)
        return text

    return register


def panels_for(customer: Customer, staff: Staff) -> list[str]:
    """The rendered panels that have something to show, in their order."""
    shown = []
    for one in sorted(PANELS.values(), key=lambda panel: (panel.order, panel.name)):
        context = one.context(customer, staff)
        if context is not None:
            filled = {"customer": customer, "staff": staff, **context}
            shown.append(get_template(one.template).render(filled))
    return shown


def suggestions_for(customer: Customer, staff: Staff) -> list[Suggestion]:
    """What could be done next, the most urgent first."""
    found = [one for suggest in SUGGESTIONS for one in suggest(customer, staff)]
    return sorted(found, key=lambda one: -one.urgency)
