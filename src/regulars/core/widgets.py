"""Form widgets of our own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from django import forms
from django.utils.functional import Promise

Look = Literal["numbers", "words", "faces", "stars"]


class Day(forms.DateInput):
    """A date, by the browser's own calendar (which wants it as YYYY-MM-DD in every language)."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class Minute(forms.DateTimeInput):
    """A date with a time, in the time zone that is active."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class TimeOfDay(forms.TimeInput):
    """A time of the day."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class Rating(forms.RadioSelect):
    """A scale of radio buttons in a row: 0 to 10, words, faces or stars.

    `ends` are the words under the first and the last choice. Works without JavaScript and by
    keyboard, since it is radio buttons.
    """

    template_name = "ui/rating.html"
    option_template_name = "ui/rating.html"

    def __init__(
        self, *, look: Look = "numbers", ends: Sequence[str | Promise] = (), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.look = look
        self.ends = ends

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The radio buttons with the scale's look and ends."""
        context = super().get_context(name, value, attrs)
        choices = [
            option
            for _group, options, _index in context["widget"]["optgroups"]
            for option in options
        ]
        return {**context, "look": self.look, "ends": self.ends, "choices": choices}
