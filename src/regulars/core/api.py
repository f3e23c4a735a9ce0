"""What every endpoint of the API shares: problems, pages of a list, one effect per key."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser
from pydantic import BeforeValidator

from regulars.core import locks
from regulars.core.errors import DomainError
from regulars.core.faults import crash_point
from regulars.core.models import IdempotencyKey

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
MAX_BODY_BYTES = 1_000_000
PATH = "/api/"


class Problem(Schema):
    """An error as RFC 9457 writes it. `code` is stable, `detail` is in the caller's language."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    errors: list[dict[str, Any]] = []


class Page(Schema, Generic[T]):
    """One page of a list; `next` is the cursor of the following one, or null."""

    items: list[T]
    next: str | None = None


class RefusedError(DomainError):
    """A request that cannot be carried out as it is, with its HTTP status."""

    def __init__(self, text: Any, *, code: str, status: int) -> None:
        super().__init__(text, code=code)
        self.status = status


def problem(status: int, *, code: str, title: str, detail: str = "", **extra: Any) -> HttpResponse:
    """An `application/problem+json` answer."""
    body = Problem(title=title, status=status, code=code, detail=detail, **extra)
    return HttpResponse(
        body.model_dump_json(), status=status, content_type="application/problem+json"
    )


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, which reads problems and no pages."""
    return request.path.startswith(PATH)


def page_of(
    rows: models.QuerySet[M], *, cursor: str | None, limit: int = PAGE_SIZE
) -> tuple[list[M], str | None]:
    """`limit` rows after `cursor` (the public id of the last row seen), oldest first, and the next.

    Rows added meanwhile come later, none is skipped and none comes twice. Raises RefusedError
    (400, `unknown_cursor`) for a cursor that names no row of the list's model.
    """
    ordered = rows.order_by("pk")
    if cursor:
        after = (
            rows.model._default_manager.filter(public_id=cursor)
            .values_list("pk", flat=True)
            .first()
        )
        if after is None:
            raise RefusedError(
                gettext_lazy("This cursor names nothing in this list."),
                code="unknown_cursor",
                status=400,
            )
        ordered = ordered.filter(pk__gt=after)
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return found, getattr(found[-1], "public_id", None) if more else None


def idempotent(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """One effect per `Idempotency-Key` and token: the first of `decorate_view`'s decorators.

    The effect and the answer are kept in one transaction. The same key again gives the same
    answer; with another body 422; while the first is under way 409; without a key 400. An error
    (status 400 and above) has no effect and is not kept, so the request may be sent again.

    The token is looked up and its request counted before that transaction: an error does not
    undo the count, and a token that was revoked is told no answer that was kept.
    """
    operation: Operation = view.__self__  # type: ignore[attr-defined]  # a bound Operation.run

    @wraps(view)
    def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refusal = operation._run_checks(request)
        if refusal is not None:
            return refusal
        key = request.headers.get("Idempotency-Key", "")
        if not (0 < len(key) <= 120 and key.isprintable() and key.isascii()):
            return problem(
                400,
                code="idempotency_key_missing",
                title=_("A key is missing"),
                detail=_("Send an Idempotency-Key of 1 to 120 printable ASCII characters."),
            )
        with transaction.atomic():
            response = _once(request, key, lambda: view(request, *args, **kwargs))
            crash_point("idempotency.before_commit")
        crash_point("idempotency.after_commit")
        return response

    return once


def caller(request: HttpRequest) -> str:
    """Tells one caller from the next by what it presents, not who it is."""
    presented = request.headers.get("Authorization", "")
    return hashlib.sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _once(request: HttpRequest, key: str, run: Callable[[], HttpResponse]) -> HttpResponse:
    scope = f"token:{caller(request)}"
    if not locks.take(f"{scope}|{key}"):
        return problem(
            409,
            code="in_flight",
            title=_("Already under way"),
            detail=_("A request with this key is being carried out. Ask again in a moment."),
        )
    fingerprint = _fingerprint(request)
    known = IdempotencyKey.objects.filter(scope=scope, key=key).first()
    if known is not None:
        return _replay(known, fingerprint)
    crash_point("idempotency.before_effect")
    response = run()
    crash_point("idempotency.after_effect")
    if response.status_code >= 400:
        transaction.set_rollback(True)
        return response
    IdempotencyKey.objects.create(
        scope=scope,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        answer=response.content.decode(),
    )
    return response


def _replay(known: IdempotencyKey, fingerprint: str) -> HttpResponse:
    if known.fingerprint != fingerprint:
        return problem(
            422,
            code="idempotency_key_reused",
            title=_("This key was used for something else"),
            detail=_("Use a new Idempotency-Key for a new request."),
        )
    return HttpResponse(
        known.answer,
        status=known.status or 200,
        content_type="application/json; charset=utf-8",
        headers={"Idempotency-Replayed": "true"},
    )


def _fingerprint(request: HttpRequest) -> str:
    try:
        body = json.dumps(json.loads(request.body or b"null"), sort_keys=True).encode()
    except (ValueError, RecursionError):
        body = request.body
    written = f"{request.method} {request.get_full_path()}\n".encode() + body
    return hashlib.sha256(written).hexdigest()


KEY_HEADER: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "A new one for each new request; the same one to send a request again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 120, "pattern": "^[!-~]+$"},
}


# In the `openapi_extra` of a POST that only asks (its question is too secret for an address).
CHANGES_NOTHING = "x-changes-nothing"
PROBLEM_STATUSES = (400, 401, 403, 404, 405, 409, 413, 422, 429)


class TextParser(Parser):
    """Reads JSON bodies; refuses the character NUL, which PostgreSQL cannot store."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body's content. Raises RefusedError (422) for a text with NUL in it."""
        if _ESCAPED_NUL in request.body and _holds_nul(json.loads(request.body)):
            raise RefusedError(
                _("A text contains a character that cannot be stored (NUL)."),
                code="nul_in_text",
                status=422,
            )
        return super().parse_body(request)


_ESCAPED_NUL = b"\\u0000"


def _holds_nul(content: Any) -> bool:
    if isinstance(content, str):
        return "\0" in content
    if isinstance(content, dict):
        return any(_holds_nul(key) or _holds_nul(value) for key, value in content.items())
    return isinstance(content, list) and any(_holds_nul(one) for one in content)


_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


def _as_written(moment: Any) -> Any:
    """Only what RFC 3339 writes: neither a number of seconds nor a day alone."""
    if isinstance(moment, str) and not _WRITTEN.match(moment):
        raise ValueError("a time is written like 2026-05-01T10:00:00+02:00")
    if isinstance(moment, int | float):
        raise ValueError("a time is a text, not a number")
    return moment


def _as_number(number: Any) -> Any:
    """What JSON Schema calls an integer: 7 and 7.0, but neither "7" nor true."""
    if isinstance(number, str | bool):
        raise ValueError("a whole number is written without quotation marks")
    return number


WHOLE = BeforeValidator(_as_number)  # after the limits, which the description would lose
WrittenMoment = Annotated[datetime, BeforeValidator(_as_written)]
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def moment_or_refuse(moment: datetime) -> datetime:
    """The moment in UTC.

    Raises RefusedError (422) for a time without its offset, and outside of the years 1900 to 8999.
    """
    if moment.tzinfo is None:
        raise RefusedError(
            _("Give the time with its offset, for example 2026-05-01T10:00:00+02:00."),
            code="time_without_offset",
            status=422,
        )
    if not EARLIEST <= moment < LATEST:
        raise RefusedError(
            _("The time is not between the years 1900 and 8999."),
            code="time_out_of_range",
            status=422,
        )
    return moment.astimezone(UTC)


class DescribedAPI(NinjaAPI):
    """An API whose description says what its mechanisms do: keys for POST, problems for errors."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """The description, with the key's header at each POST and the problems everywhere."""
        schema = super().get_openapi_schema(**kwargs)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                _describe(method, operation)
        return schema


def _describe(method: str, operation: dict[str, Any]) -> None:
    if method == "post" and CHANGES_NOTHING not in operation:
        operation.setdefault("parameters", []).append(KEY_HEADER)
    for status in PROBLEM_STATUSES:
        operation["responses"][status] = {
            "description": HTTPStatus(status).phrase,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }


def install_problems(api: NinjaAPI) -> None:
    """Let every error of `api` come as problem+json."""

    @api.exception_handler(DomainError)
    def refused(request: HttpRequest, error: DomainError) -> HttpResponse:
        status = getattr(error, "status", 409)
        return problem(status, code=error.code, title=_("Refused"), detail=str(error))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {"loc": [str(part) for part in one["loc"]], "msg": one["msg"], "type": one["type"]}
            for one in error.errors
        ]
        return problem(422, code="invalid", title=_("Some values cannot be used"), errors=errors)

    @api.exception_handler(AuthenticationError)
    def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        response = problem(401, code="unauthenticated", title=_("A valid token is needed"))
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(AuthorizationError)
    def forbidden(request: HttpRequest, error: AuthorizationError) -> HttpResponse:
        return problem(403, code="forbidden", title=_("This token may not do that"))

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        if isinstance(error.__cause__, DomainError):  # the parser's own refusal
            return refused(request, error.__cause__)
        return problem(error.status_code, code="http_error", title=str(error))

    from django.http import Http404

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, code="not_found", title=_("There is nothing here"))
