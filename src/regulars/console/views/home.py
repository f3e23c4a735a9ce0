"""The page that an owner opens every morning."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regulars.accounts.models import Staff
from regulars.console import demo, navigation, today
from regulars.console import home as gathered
from regulars.core import access
from regulars.core.access import Permission
from regulars.insight import choices
from regulars.insight.queries import scores


@access.staff(Permission.SEE)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """How it is going, what was said, what to do today; before the first answer the way there."""
    staff = cast("Staff", request.user)
    loading = demo.loading()
    if loading is not None:
        return render(request, "console/demo_loading.html", {"loading": loading})
    choice = choices.choice(request.GET, staff)
    todo = today.todo(choice.where, staff)
    if not scores.has_answers():
        steps = gathered.first_steps()
        following = next((step for step in steps if not step.is_done), None)
        return render(
            request,
            "console/welcome.html",
            {
                "first_steps": steps,
                "next_step": following,
                "todo": todo,
                "may_try_demo": staff.may(Permission.OWN) and demo.may_begin(),
                "has_demo_failed": demo.has_failed(),
            },
        )
    context = {
        "choice": choice,
        "home": gathered.home(choice.period, choice.where, staff),
        "todo": todo,
        "results_url": navigation.first_url("insight:results"),
        "inbox_url": navigation.first_url("feedback:inbox"),
    }
    return render(request, "console/home.html", context)
