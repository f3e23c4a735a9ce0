"""Fills in the forms of a page as somebody in a hurry would, for tests that send all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

TEXTS = {"email": "anna@example.com", "number": "1", "date": "2026-11-02", "time": "09:00"}
# Fields of free text in which only some texts make sense.
BY_NAME = {
    "address": "anna@example.com",
    "amount": "500",
    "email": "anna@example.com",
    "min_total": "500",
    "phone": "+3613456789",
    "who": "Kovács",
}


@dataclass
class Form:
    """A form's method, address and fields with something in each."""

    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


def forms_of(html: str, path: str) -> list[Form]:
    """Every form of the page that was at `path`."""
    reader = _Reader(path)
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.path, has.get("action", "")) or self.path
            self._form = Form(has.get("method", "get").lower(), action)
            self.forms.append(self._form)
        elif self._form is None or not has.get("name"):
            self._option(tag, has)
        elif tag == "input":
            self._input(self._form, has)
        elif tag == "select":
            self._select = has["name"]
        elif tag == "textarea":
            self._form.fields[has["name"]] = ["Some words"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""

    def _option(self, tag: str, has: dict[str, str]) -> None:
        if tag == "option" and self._select and self._form is not None:
            chosen = self._form.fields.get(self._select)
            if has.get("value") and (chosen is None or "selected" in has):
                self._form.fields[self._select] = [has["value"]]

    @staticmethod
    def _input(form: Form, has: dict[str, str]) -> None:
        name, kind = has["name"], has.get("type", "text")
        if kind in {"submit", "button", "file", "image", "reset"}:
            return
        if kind in {"checkbox", "radio"}:
            if "checked" in has or name not in form.fields:
                form.fields[name] = [has.get("value", "on")]
            return
        plausible = has.get("min") or BY_NAME.get(name) or TEXTS.get(kind, "Words")
        form.fields[name] = [has.get("value") or plausible]
