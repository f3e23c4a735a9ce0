"""PD1: each registered task, killed anywhere, ends as if it had not been killed.

The examples are in `registered.py`; tests/house fails for a task without one. Killed means
`os._exit`: at the start, after the first, a middle and the last statement that writes (the first,
where all of them commit together), and when the function has returned but nobody has noted it.
Compared are all rows of all tables, the files, and the mail that a real SMTP server took.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import registered
from tests.faults.stage import Child, Snapshot, Stage, snapshot, stage
from tests.mailing.sink import Sink, running_sink

CODE = "import sys\nfrom tests.faults import chores, registered\n"
MAIL = "if sys.argv[3]: registered.serve_mail(sys.argv[3])\n"
WORK = f"{CODE}{MAIL}registered.work(sys.argv[1], sys.argv[2])"
FINISH = f"{CODE}{MAIL}registered.finish()"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def snapshot_of_all(request: pytest.FixtureRequest) -> Iterator[Snapshot]:
    with stage(request.param) as made:
        made.run(f"{CODE}registered.prepare()")
        yield snapshot(made)


@pytest.fixture
def prepared(snapshot_of_all: Snapshot) -> Stage:
    """An installation with everything that the examples need."""
    snapshot_of_all.restore()
    return snapshot_of_all.installation


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with running_sink(tmp_path_factory.mktemp("sink")) as sink:
        yield sink


def start(installation: Stage, name: str, place: str, mail: str) -> Child:
    return installation.start(WORK, name, place, mail)


def finished(installation: Stage, name: str, mail: str) -> dict[str, list[str]]:
    state: dict[str, list[str]] = json.loads(installation.run(FINISH, name, "", mail))
    state.pop(registered.TELLS_OF_ATTEMPTS.get(name, ""), None)
    return state


def places(name: str, writes: int) -> list[str]:
    """Where to kill a task that writes so often; one that commits once needs fewer places."""
    between = {min(1, writes)} - {0}
    if not registered.is_in_transaction(name):
        between |= {(writes + 1) // 2, writes} - {0}
    return ["start", *map(str, sorted(between)), "end"]


def differences(found: dict[str, list[str]], expected: dict[str, list[str]]) -> dict[str, Any]:
    """Per table what is too much and what is missing."""
    return {
        table: {
            "more": list((Counter(found[table]) - Counter(rows)).elements()),
            "less": list((Counter(rows) - Counter(found[table])).elements()),
        }
        for table, rows in expected.items()
        if found[table] != rows
    }


def comparison(prepared: Stage, name: str, mail: str = "") -> dict[str, dict[str, Any]]:
    """How the state after each kill differs from that after an uninterrupted run."""
    waiting = queued(prepared, name)
    writes = json.loads(prepared.run(WORK, name, "", mail))
    expected = finished(prepared, name, mail)
    found = {}
    for place in places(name, writes):
        waiting.restore()
        child = start(prepared, name, place, mail)
        assert child.wait() == 9, child.printed
        found[place] = differences(finished(prepared, name, mail), expected)
    assert all('"status": "done"' in job for job in expected["core.Job"] if name in job)
    return found


def queued(installation: Stage, name: str) -> Snapshot:
    """The installation as it is with the task's job waiting."""
    installation.run(f"{CODE}registered.queue(sys.argv[1])", name)
    return snapshot(installation)


@pytest.mark.longer
@pytest.mark.parametrize("name", sorted(set(registered.EXAMPLES) - {registered.DELIVER}))
def test_a_killed_task_ends_as_if_it_had_not_been(prepared: Stage, name: str) -> None:
    found = comparison(prepared, name)

    assert {place: differs for place, differs in found.items() if differs} == {}


@pytest.mark.longer
def test_mail_killed_in_delivery_goes_once_or_is_reported(prepared: Stage, sink: Sink) -> None:
    """What was handed over when it died is shown as unknown, and never sent again by itself."""
    everybody = ["guest0@example.com", "guest1@example.com", "guest2@example.com"]
    ended = []
    waiting = queued(prepared, registered.DELIVER)
    _empty(sink)
    writes = json.loads(prepared.run(WORK, registered.DELIVER, "", sink.url))
    assert sorted(sink.recipients) == everybody
    for place in ["start", *map(str, range(1, min(writes, 5) + 1)), "end"]:
        _empty(sink)
        waiting.restore()
        killed = start(prepared, registered.DELIVER, place, sink.url)
        assert killed.wait() == 9, killed.printed
        state = finished(prepared, registered.DELIVER, sink.url)
        messages = [json.loads(row) for row in state["mailing.Message"]]
        told = Counter(one["state"] for one in messages)
        ended.append(told["unknown"])
        taken = Counter(sink.recipients)
        assert told["sent"] + told["unknown"] == 3
        assert max(taken.values()) == 1
        assert {one["to_address"] for one in messages if one["state"] == "sent"} <= set(taken)
    assert max(ended) == 1


def _empty(sink: Sink) -> None:
    Path(sink.folder / "accepted.jsonl").unlink(missing_ok=True)


@pytest.mark.longer
def test_control_a_task_that_writes_by_itself_is_found_out(prepared: Stage) -> None:
    found = comparison(prepared, registered.CONTROL)

    assert not found["start"]
    (more,) = found["end"]["core.AuditEntry"]["more"]
    assert json.loads(more)["action"] == "test.mark"
