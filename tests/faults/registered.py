"""Something to do for each registered task, and what an installation holds afterwards.

Runs in the processes of a `Stage`: `prepare` once for all, `queue` for one task, `work` to be
killed, `finish` to end and tell the state.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import regulars
from regulars.core import moments
from regulars.core.queue import LeaseTask

REACT = "regulars.core.reacting.react"
DELIVER = "regulars.mailing.tasks.deliver_due"
CONTROL = "tests.faults.chores.mark_unprotected"
# The log of actions tells also of an attempt that was killed in one of its later transactions.
TELLS_OF_ATTEMPTS = {"regulars.console.tasks.load_demo": "core.AuditEntry"}
WRITES = ("INSERT", "UPDATE", "DELETE")


def names() -> set[str]:
    """Every task of the product; instead of the one that runs reactions, each reaction."""
    found = {task.module_path for task in tasks()}
    reactions = {name for name, one in moments.REACTIONS.items() if not _is_of_tests(one)}
    return (found - {REACT}) | reactions


def tasks() -> Iterator[LeaseTask[Any, Any]]:
    """Every task that a module of the product holds."""
    for module in pkgutil.walk_packages(regulars.__path__, "regulars."):
        if module.name.endswith("__main__") or ".migrations" in module.name:
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, LeaseTask):
                yield value


def is_in_transaction(name: str) -> bool:
    """Whether the task's writes commit together with the note that it is done."""
    if name in moments.REACTIONS:
        return True
    from regulars.core.queue.backend import task_named

    return task_named(name).in_transaction


def _is_of_tests(reaction: moments.Reaction) -> bool:
    return reaction.run.__module__.startswith("tests.")


# --- What there is to do -----------------------------------------------------------------------


def prepare() -> None:
    """A café with customers, purchases, a survey and people who run it."""
    from django.utils import timezone

    from regulars.accounts.models import Role, Staff, StaffRole
    from regulars.business.models import Business, Place
    from regulars.customers.actions import consents, people, purchases
    from regulars.mailing.models import SendingRules
    from regulars.surveys.actions import designs
    from regulars.surveys.models import Metric, Survey

    Business.objects.create(
        name="Mandula", public_url="https://mandula.example", currency="EUR", languages=["en"]
    )
    SendingRules.objects.create(pk=1, quiet_from=time(0), quiet_until=time(0), daily_limit=0)
    place = Place.objects.create(name="Corner")
    olga = Staff.objects.create_user("olga@mandula.example", "words and more words", name="Olga")
    StaffRole.objects.create(staff=olga, role=Role.OWNER)
    maria = Staff.objects.create_user("maria@mandula.example", "words and more words", name="Maria")
    StaffRole.objects.create(staff=maria, role=Role.MANAGER, place=place)
    designs.make_survey(
        name="NPS", metric=Metric.NPS, trigger=Survey.Trigger.AFTER_PURCHASE, by=olga
    )
    now = timezone.now()
    for number in range(5):
        guest = people.add_customer(
            way="staff",
            by=olga,
            given_name=f"Guest {number}",
            home_place=place,
            addresses=[people.Address("email", f"guest{number}@example.com")],
        )
        for purpose in ("surveys", "marketing"):
            consents.give_consent(
                guest, channel="email", purpose=purpose, wording="Yes", evidence="form"
            )
        purchases.record_purchase(
            purchases.NewPurchase(
                source="till",
                document=f"R{number}",
                purchased_at=now - timedelta(days=2 + number / 4),
                total=1000 + number,
                currency="EUR",
                customer=guest,
                place=place,
                lines=[purchases.NewLine(code="LAT", name="Latte", amount=1000 + number)],
            ),
            by=olga,
        )


def _no_jobs() -> None:
    from regulars.core.models import Job

    Job.objects.all().delete()


def _enqueue(path: str, **arguments: Any) -> None:
    from regulars.core.queue.backend import task_named

    _no_jobs()
    task_named(path).enqueue(**arguments)


def _first_reaction(name: str) -> None:
    """Leave only the job of one reaction."""
    from regulars.core.models import Job

    mine = [j.pk for j in Job.objects.all() if j.arguments["kwargs"].get("reaction") == name]
    Job.objects.exclude(pk__in=mine[-1:]).delete()


def _olga() -> Any:
    from regulars.accounts.models import Staff

    return Staff.objects.get(name="Olga")


def _survey() -> Any:
    from regulars.surveys.models import Survey

    return Survey.objects.get()


def _forgotten_sessions() -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from regulars.accounts.models import StaffSession
    from regulars.core import limits
    from regulars.core.models import RateCounter

    past = timezone.now() - timedelta(days=2)
    for number in range(3):
        Session.objects.create(session_key=f"ended{number}", session_data="", expire_date=past)
        StaffSession.objects.create(staff=_olga(), session=f"ended{number}")
    limits.allow("a", limit=3, window_seconds=60)
    RateCounter.objects.update(ends_at=past)
    _enqueue("regulars.accounts.tasks.forget_what_ended")


def _a_forgotten_password() -> None:
    from regulars.core import crypto

    address = crypto.encrypt("olga@mandula.example")
    _enqueue("regulars.accounts.tasks.send_password_reset", address=address)


def _a_full_house() -> None:
    from django.utils import timezone

    from regulars.core.models import IdempotencyKey, Job, RateCounter, SchedulePeriod

    long_ago = timezone.now() - timedelta(days=500)
    RateCounter.objects.create(key="k", window=1, ends_at=long_ago)
    SchedulePeriod.objects.create(task="t", period="p", started_at=long_ago)
    IdempotencyKey.objects.create(scope="s", key="k", fingerprint="f", created_at=long_ago)
    _enqueue("regulars.core.tasks.keep_house")
    Job.objects.create(task="old", arguments={}, status="done", finished_at=long_ago, key="x")


def _a_count_that_lies() -> None:
    from regulars.surveys.actions import answers
    from regulars.surveys.models import AnswerCount

    survey = _survey()
    answers.submit_open(survey, answers.current_version(survey), answers.Answer("s1", 9))
    AnswerCount.objects.update(count=7)
    _enqueue("regulars.console.tasks.look_for_damage")


def _a_demo_to_load() -> None:
    from regulars.console import demo, tasks
    from regulars.console.demo import coming_and_going

    _no_jobs()
    coming_and_going.may_begin = lambda: True  # although there are customers
    demo.begin_later(tasks.load_demo, by=_olga())


def _a_night_without_a_backup() -> None:
    _enqueue("regulars.config.backup.tasks.back_up")


def _standings_out_of_date() -> None:
    from regulars.customers.models import Standing

    Standing.objects.filter(customer__given_name="Guest 0").delete()
    Standing.objects.update(visits=9, spent=1)
    _enqueue("regulars.customers.tasks.refresh_standings")


def _an_erasure_without_its_line() -> None:
    from regulars.customers.actions import erasing
    from regulars.customers.models import Customer

    for number in range(2):
        erasing.erase(Customer.objects.get(given_name=f"Guest {number}"), by=_olga())
    erasing.journal_file().unlink()
    _enqueue("regulars.customers.tasks.keep_erasure_journal")


def _import(until: str) -> Any:
    from regulars.customers.imports import batches

    lines = ["receipt,date,customer number,amount,item"]
    lines += [f"{n},2025-03-{n % 28 + 1:02},{n % 40},{n}.50,Item {n % 9}" for n in range(300)]
    lines += ["x,never,1,two,Item"]
    batch = batches.begin(
        ["\n".join(lines).encode()], file_name="a.csv", kind="purchases", source="shop", by=None
    )
    for step in (batches.look, batches.check, batches.load):
        if step.__name__ == until:
            break
        step(batch)
    _no_jobs()
    return batch


def _an_import_to_look_at() -> None:
    from regulars.customers.imports import batches

    batches.ask_for_look(_import("look"))


def _an_import_to_check() -> None:
    from regulars.customers.imports import batches

    batches.ask_for_check(_import("check"))


def _an_import_to_load() -> None:
    from regulars.customers.imports import batches

    batches.ask_for_load(_import("load"))


def _an_import_to_take_up() -> None:
    from regulars.customers.imports import batches
    from regulars.customers.models import ImportBatch

    batch = _import("load")
    ImportBatch.objects.filter(pk=batch.pk).update(state=ImportBatch.State.STAGING)
    batches.stop(batch)
    batches.ask_to_take_up(batch)


def _an_import_to_sweep() -> None:
    from regulars.customers.imports import batches

    batches.ask_for_undo(_import("nothing"), by=None)


def _an_import_that_waits() -> None:
    from django.utils import timezone

    from regulars.customers.models import ImportBatch, ImportRejection

    long_ago = timezone.now() - timedelta(days=30)
    for _ in range(2):
        _import("load")
    ImportBatch.objects.update(created_at=long_ago)
    ImportRejection.objects.update(created_at=long_ago)
    _enqueue("regulars.customers.tasks.forget_stale_imports")


def _much_that_is_old() -> None:
    from django.utils import timezone

    from regulars.customers.actions import retaining
    from regulars.customers.models import Customer, Purchase, RetentionRule
    from regulars.mailing.models import Message

    long_ago = timezone.now() - timedelta(days=3000)
    _messages()
    Message.objects.update(created_at=long_ago, state="sent", settled_at=long_ago)
    Purchase.objects.update(purchased_at=long_ago)
    Customer.objects.update(created_at=long_ago)
    retaining.set_rules(dict.fromkeys(RetentionRule.Kind, 12), by=_olga())
    _enqueue("regulars.customers.tasks.let_go_of_the_old")


def _something_said() -> None:
    from regulars.customers.models import Customer
    from regulars.feedback.actions import receiving
    from regulars.feedback.models import Feedback, Source

    receiving.receive(
        receiving.Said(
            source=Source.PHONE,
            text="The coffee was cold and the waiter was rude. Never again!",
            customer=Customer.objects.get(given_name="Guest 1"),
            language="en",
        )
    )
    _enqueue("regulars.feedback.tasks.read_feedback", feedback_id=Feedback.objects.get().pk)


def _messages() -> None:
    from regulars.customers.models import Customer
    from regulars.mailing import actions
    from regulars.mailing.content import Content, Paragraph
    from regulars.mailing.models import Purpose

    for guest in Customer.objects.order_by("pk")[:3]:
        actions.queue_message(
            Content("News", (Paragraph("Hello"),)),
            customer=guest,
            key=f"news:{guest.pk}",
            purpose=Purpose.MARKETING,
        )
    _enqueue(DELIVER)


def _a_list_to_ask() -> None:
    from regulars.core.models import Job
    from regulars.surveys.actions import runs

    _no_jobs()
    runs.start_run(_survey(), {}, key="once", by=_olga())
    assert Job.objects.count() == 1


def _a_purchase_to_ask_about() -> None:
    from regulars.customers.models import Purchase

    purchase = Purchase.objects.get(document="R2")
    path = "regulars.surveys.tasks.ask_about_purchase"
    _enqueue(path, purchase_id=purchase.pk, survey_id=_survey().pk)


def _a_weak_answer() -> None:
    from regulars.surveys.actions import answers

    survey, answer = _survey(), answers.Answer("s1", 2, comment="Cold coffee, rude waiter.")
    answers.submit_open(survey, answers.current_version(survey), answer)
    _first_reaction("feedback.listen_to_answer")


def _a_purchase_of_now() -> None:
    _first_reaction("surveys.ask_later_about_purchase")


def _somebody_who_joins() -> None:
    from regulars.customers.actions import joining

    code = joining.join_code_of(None, by=_olga())
    given = joining.Joining("Nora New", "nora@example.com", "", "en", purposes=("marketing",))
    joining.join(code, given, network="192.0.2.1")
    _first_reaction("mailing.ask_to_confirm")


def _thanks_whose_mail_is_out() -> None:
    from django.db import transaction

    from regulars.customers.actions import consents
    from regulars.customers.models import Customer
    from regulars.mailing.models import Message
    from regulars.mailing.moments import MessageSent
    from regulars.outreach.actions import thanking

    guest = Customer.objects.get(given_name="Guest 1")
    consents.give_consent(
        guest, channel="email", purpose="appreciation", wording="Yes", evidence="form"
    )
    draft = thanking.Draft("regular", "email", "en", "Thank you", "Thank you.", "Olga")
    thanks = thanking.thank(guest, draft, key="k", by=_olga())
    Message.objects.filter(thanks=thanks).update(state="sent")
    with transaction.atomic():
        moments.record(
            MessageSent(message_id=thanks.message_id, purpose="appreciation", channel="email"),
            customer_id=guest.pk,
        )
    _first_reaction("outreach.note_thanks")


EXAMPLES: dict[str, Callable[[], None]] = {
    "regulars.accounts.tasks.forget_what_ended": _forgotten_sessions,
    "regulars.accounts.tasks.send_password_reset": _a_forgotten_password,
    "regulars.console.tasks.load_demo": _a_demo_to_load,
    "regulars.config.backup.tasks.back_up": _a_night_without_a_backup,
    "regulars.console.tasks.look_for_damage": _a_count_that_lies,
    "regulars.core.tasks.keep_house": _a_full_house,
    "regulars.customers.tasks.check_import": _an_import_to_check,
    "regulars.customers.tasks.forget_stale_imports": _an_import_that_waits,
    "regulars.customers.tasks.keep_erasure_journal": _an_erasure_without_its_line,
    "regulars.customers.tasks.let_go_of_the_old": _much_that_is_old,
    "regulars.customers.tasks.load_import": _an_import_to_load,
    "regulars.customers.tasks.look_at_import": _an_import_to_look_at,
    "regulars.customers.tasks.refresh_standings": _standings_out_of_date,
    "regulars.customers.tasks.sweep_import": _an_import_to_sweep,
    "regulars.customers.tasks.take_up_import": _an_import_to_take_up,
    "regulars.feedback.tasks.read_feedback": _something_said,
    "regulars.insight.tasks.write_monday_mails": lambda: _enqueue(
        "regulars.insight.tasks.write_monday_mails"
    ),
    DELIVER: _messages,
    "regulars.surveys.tasks.ask_about_purchase": _a_purchase_to_ask_about,
    "regulars.surveys.tasks.carry_on_asking": _a_list_to_ask,
    "feedback.listen_to_answer": _a_weak_answer,
    "mailing.ask_to_confirm": _somebody_who_joins,
    "outreach.note_thanks": _thanks_whose_mail_is_out,
    "surveys.ask_later_about_purchase": _a_purchase_of_now,
}


def queue(name: str) -> None:
    """Have the task's job wait, and keep which rows there are before it runs."""
    from django.conf import settings

    if name == CONTROL:
        _enqueue(CONTROL, mark="a")
    else:
        EXAMPLES[name]()
    _known_file(settings.DATA).write_text(json.dumps(_last_rows()))


# --- Running it, being killed, ending ----------------------------------------------------------


def work(name: str, place: str) -> None:
    """Run what is due. `place` is where to die: start, end, or after that many writes.

    Without a place it prints how many statements of the task write something.
    """
    from regulars.core.queue import worker

    _smaller()
    original, written = worker._call, 0

    def call(claim: worker.Claim) -> None:
        nonlocal written
        if not _is_of(claim, name):
            original(claim)
            return
        if place == "start":
            os._exit(9)
        with _counting(int(place) if place.isdecimal() else 0) as counted:
            original(claim)
        written = written or counted.writes
        if place:  # at the end, also where this run had fewer statements than the counted one
            os._exit(9)

    worker._call = call
    worker.run_due()
    sys.stdout.write(json.dumps(written))


def _smaller() -> None:
    """Lists of two, and a demo company without a past: its times would be those of the run."""
    from regulars.console.demo import filling
    from regulars.surveys.actions import runs

    runs.BATCH, filling.CUSTOMERS, whole = 2, 20, filling.steps
    filling.steps = lambda *, by: islice(whole(by=by), 4)


def finish() -> None:
    """What happens after a kill once leases have run out; prints the state it ends in."""
    from django.conf import settings
    from django.utils import timezone

    from regulars.core.models import Job
    from regulars.core.queue import worker
    from regulars.mailing.models import Message

    _smaller()
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(status="running").update(lease_until=past)
    Message.objects.exclude(lease_until=None).update(lease_until=past)
    worker.run_due()
    sys.stdout.write(json.dumps(state(Path(settings.DATA))))


def serve_mail(url: str) -> None:
    """Have an SMTP server."""
    from django.conf import settings

    settings.SMTP_URL, settings.MAIL_FROM = url, "hello@mandula.example"


def _is_of(claim: Any, name: str) -> bool:
    kwargs = claim.job.arguments["kwargs"]
    return name in {claim.job.task, kwargs.get("reaction")}


class _Counting:
    """Dies after the n-th statement that writes (0: never)."""

    def __init__(self, last: int) -> None:
        self.last, self.writes = last, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.lstrip().upper().startswith(WRITES):
            self.writes += 1
            if self.writes == self.last:
                os._exit(9)
        return result


class _counting(AbstractContextManager[_Counting]):  # noqa: N801  # used like a function
    def __init__(self, last: int) -> None:
        from django.db import connection

        self._counted = _Counting(last)
        self._wrapped = connection.execute_wrapper(self._counted)

    def __enter__(self) -> _Counting:
        self._wrapped.__enter__()
        return self._counted

    def __exit__(self, *error: Any) -> None:
        self._wrapped.__exit__(*error)


# --- What an installation holds ----------------------------------------------------------------

_IS_OWN_FILE = re.compile(r"db\.sqlite3.*|output-\d+|known\.json")
# Tokens and hashes are random, times differ; neither is the same in two runs.
_RANDOM = re.compile(r"[A-Za-z0-9_-]{20,}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+Z]*")
_NUMBERED = re.compile(r"\b([a-z._-]+):\d+")  # survey:12, moment:7:package.reaction
# Numbers of rows that core and mailing keep as plain numbers.
_NUMBERS = {
    "customer_id": "customers.Customer",
    "message_id": "mailing.Message",
    "staff_id": "accounts.Staff",
    "made_id": "customers.Item",
    "subject_id": "customers.Customer",
}
# Without a mail server a message is queued until somebody looks, then held.
_WAITING = {"queued", "held", "no_server", ""}
_SKIPPED = {
    "core.Job": {"public_id", "arguments", "attempts", "worker", "error", "due_at", "priority"},
    # Long addresses with random tokens break lines of the text at other places.
    "mailing.Message": {"worker", "attempts", "message_id", "detail", "html", "text"},
}


def state(folder: Path) -> dict[str, list[str]]:
    """Every row of every table and every file, without what differs between any two runs.

    Rows that were there before keep their numbers; newer ones are all “new”, because sequences
    have gaps. Times after the start are “later”. Jobs of mail delivery are left out, since there
    is one for each second.
    """
    from django.apps import apps

    known = json.loads(_known_file(folder).read_text())
    start = datetime.fromisoformat(known["start"])
    found = {
        model._meta.label: sorted(
            json.dumps(_row(row, known, start), sort_keys=True, default=str)
            for row in model._default_manager.all()
            if not (model._meta.label == "core.Job" and row.task == DELIVER)
        )
        for model in apps.get_models()
    }
    # Work that changes nothing when it is done again may be queued again.
    return found | {"core.Job": sorted(set(found["core.Job"])), "files": _files(folder)}


def _row(row: Any, known: dict[str, Any], start: datetime) -> dict[str, Any]:
    label = row._meta.label
    return {
        field.attname: _value(row, field, known, start)
        for field in row._meta.concrete_fields
        if field.attname not in _SKIPPED.get(label, ())
    }


def _value(row: Any, field: Any, known: dict[str, Any], start: datetime) -> Any:
    value = getattr(row, field.attname)
    if isinstance(value, datetime):
        return value.isoformat() if value < start else "later"
    if isinstance(value, int) and not isinstance(value, bool):
        table = row._meta.label if field.primary_key else _NUMBERS.get(field.attname, "")
        if field.is_relation:
            table = field.related_model._meta.label
        return "new" if table and value > known[table] else value
    if field.attname in {"state", "reason"} and value in _WAITING:
        return "waiting"
    if isinstance(value, str):
        return _settled(value)
    if isinstance(value, dict | list):
        return _settled(json.dumps(_without_numbers(value, known), sort_keys=True, default=str))
    return value


def _without_numbers(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {
            key: "number"
            if key.endswith("_id") and isinstance(one, int)
            else _without_numbers(one, known)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_without_numbers(one, known) for one in value]
    return value


def _settled(text: str) -> str:
    masked = _RANDOM.sub("*", _TIME.sub("later", text))
    return _NUMBERED.sub(r"\1:n", masked)


def _files(folder: Path) -> list[str]:
    return sorted(
        f"{_settled(str(path.relative_to(folder)))} {_content(path)}"
        for path in folder.rglob("*")
        if path.is_file() and not _IS_OWN_FILE.fullmatch(path.name)
    )


def _content(path: Path) -> str:
    """What a file holds; of a backup, which is never the same twice, how many tables."""
    from regulars.config.backup import archive, making

    if path.match(f"{making.BY_HAND}-*.tar.gz"):
        return f"{len(archive.read_manifest(path).rows)} tables"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _last_rows() -> dict[str, Any]:
    from django.apps import apps
    from django.db.models import Max

    last: dict[str, Any] = {"start": datetime.now(UTC).isoformat()}
    for model in apps.get_models():
        highest = model._default_manager.aggregate(last=Max("pk"))["last"]
        last[model._meta.label] = highest if isinstance(highest, int) else 0
    return last


def _known_file(folder: Any) -> Path:
    return Path(folder) / "known.json"
