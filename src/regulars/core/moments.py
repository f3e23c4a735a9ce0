"""Moments: what happened to a customer, written in the transaction of the change itself.

A package declares its kinds in its `moments.py` as subclasses of `Payload`, and what it does
about the kinds of lower packages in its `reactions.py`. `record()` inserts the moment and one job
per registered reaction; the worker runs each reaction in its own transaction, at least once, and
unique per (moment, reaction).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from regulars.core import prepared, queue
from regulars.core.models import Moment
from regulars.core.reacting import react


class Payload(BaseModel):
    """The typed content of one kind of moment: row numbers and facts, never names or addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.kind:
            return
        known = KINDS.setdefault(cls.kind, cls)
        if known is not cls:
            raise TypeError(f"Two kinds of moments are called {cls.kind}: {known} and {cls}")


KINDS: dict[str, type[Payload]] = {}

P = TypeVar("P", bound=Payload)


class Actor(Protocol):
    """Whoever did it: a member of staff."""

    pk: Any


@dataclass(frozen=True)
class Reaction:
    """What a package does about a kind of moment."""

    name: str
    kind: str
    run: Callable[[Moment, Any], None]
    priority: int


REACTIONS: dict[str, Reaction] = {}
_by_kind: dict[str, list[Reaction]] = defaultdict(list)


def reaction(
    to: type[P], *, priority: int = 0
) -> Callable[[Callable[[Moment, P], None]], Callable[[Moment, P], None]]:
    """Register a function `(moment, payload)` to run after each moment of the kind `to`.

    It runs in a transaction of its own together with the note that it ran, so its writes happen
    exactly once; what leaves the database (mail, HTTP) is queued there as a row, never done.
    """

    def register(function: Callable[[Moment, P], None]) -> Callable[[Moment, P], None]:
        package = function.__module__.split(".")[1]
        name = f"{package}.{function.__name__}"
        registered = Reaction(name, to.kind, function, priority)
        if REACTIONS.setdefault(name, registered) is not registered:
            raise TypeError(f"Two reactions are called {name}")
        _by_kind[to.kind].append(registered)
        return function

    return register


def record(
    payload: Payload,
    *,
    customer_id: int | None = None,
    happened_at: datetime | None = None,
    by: Actor | None = None,
) -> Moment:
    """Write a moment and queue its reactions. Must be called inside `transaction.atomic()`.

    `happened_at` defaults to now. Raises RuntimeError outside a transaction, because then a crash
    could keep the change and lose the moment.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{payload.kind} was recorded outside the transaction of its change")
    moment = Moment(
        kind=payload.kind,
        customer_id=customer_id,
        staff_id=None if by is None else by.pk,
        happened_at=happened_at or timezone.now(),
        payload=payload.model_dump(mode="json"),
    )
    prepared.insert(moment)
    queue.add_new(
        queue.draft(
            react.using(priority=registered.priority),
            {"moment_id": moment.pk, "reaction": registered.name},
            key=f"moment:{moment.pk}:{registered.name}",
        )
        for registered in _by_kind[payload.kind]
    )
    return moment


def payload_of(moment: Moment) -> Payload:
    """The typed payload of a stored moment."""
    return KINDS[moment.kind].model_validate(moment.payload)
