"""What a page reads once is read again by whoever writes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from regulars.core import reading

calls: list[int] = []


@reading.once_a_page
def number() -> int:
    calls.append(1)
    return len(calls)


def answered(method: str) -> list[int]:
    request = HttpRequest()
    request.method = method
    seen: list[int] = []

    def respond(request: HttpRequest) -> HttpResponseBase:
        seen.extend([number(), number()])
        return HttpResponse()

    reading.middleware(respond)(request)
    return seen


def test_a_page_asks_once_and_the_next_page_anew() -> None:
    calls.clear()

    assert answered("GET") == [1, 1]
    assert answered("HEAD") == [2, 2]


def test_a_write_and_background_work_ask_each_time() -> None:
    calls.clear()

    assert answered("POST") == [1, 2]
    assert [number(), number()] == [3, 4]
