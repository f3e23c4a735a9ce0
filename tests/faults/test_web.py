"""PB1, and what `regulars up` promises: nothing acknowledged is lost, nothing is left behind."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from regulars.config import processes
from regulars.core import access
from tests.faults.stage import Stage

MAKE_SURVEY = """
from regulars.business.models import Business
from regulars.surveys.actions import designs
from regulars.surveys.models import Metric
Business.objects.create(name="Café", currency="EUR")
print(designs.make_survey(name="NPS", metric=Metric.NPS, by=None).open_token)
"""
SERVE = """
import sys
from regulars.config import supervisor
port, web_workers, queue_workers = (int(argument) for argument in sys.argv[1:])
kept = supervisor.Supervisor(
    children=supervisor.children(host="127.0.0.1", port=port, web_workers=web_workers,
                                 queue_workers=queue_workers),
    say=lambda text: None)
kept.run(once_ready=lambda: print("ready", flush=True),
         health_url=f"http://127.0.0.1:{port}/healthz")
"""
STORED = 'list(m("surveys", "Response").objects.values_list("submission_id", flat=True))'
# What the scores are made from, and the answers that belong in it: junk is held back from them.
COUNTED = 'sum(m("surveys", "AnswerCount").objects.values_list("count", flat=True))'
TO_COUNT = 'm("surveys", "Response").objects.filter(is_quarantined=False).count()'


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], bool], *, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def workers_of(supervisor: int) -> list[int]:
    return [worker for master in children_of(supervisor) for worker in children_of(master)]


def one_of(find: Callable[[int], list[int]], supervisor: int, chance: random.Random) -> int:
    """One of the processes, as soon as there is any: one that was killed is replaced soon."""
    deadline = time.monotonic() + 60
    while not (found := find(supervisor)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return chance.choice(found)


@contextmanager
def served(
    installation: Stage, *, web_workers: int = 2, queue_workers: int = 0, **variables: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The supervised processes of an installation."""
    port = free_port()
    process = installation.python(
        SERVE, str(port), str(web_workers), str(queue_workers), **variables
    )
    try:
        assert process.stdout is not None
        until_ready = iter(process.stdout.readline, "")
        assert "ready" in (line.strip() for line in until_ready)
        yield process, port
    finally:
        process.terminate()
        process.wait(30)


def post(port: int, path: str, submission: str, *, source: str = "127.0.0.1") -> bool:
    """Whether the answer was acknowledged."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=30, source_address=(source, 0)
    )
    try:
        connection.request(
            "POST",
            path,
            urlencode({"submission_id": submission, "score": "8", "comment": "finom"}),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        return connection.getresponse().status == 302
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def attack(
    installation: Stage, *, kills: int, seed: int, clients: int = 4
) -> tuple[list[str], list[str]]:
    """Post from some clients while web processes are killed; acknowledged and stored answers.

    The next kill comes at a random moment after the server has answered again. The clients are in
    many networks, since one alone may not answer as often.
    """
    path = f"/o/{installation.run(MAKE_SURVEY)}/"
    acknowledged: list[str] = []
    stopping = threading.Event()
    chance = random.Random(seed)

    def client(name: int) -> None:
        number = 0
        while not stopping.is_set():
            number += 1
            submission = f"{name}-{number}"
            while not stopping.is_set():  # a client that got no answer sends the same again
                if post(port, path, submission, source=f"127.{name + 1}.{number % 250}.1"):
                    acknowledged.append(submission)
                    break
                time.sleep(0.05)

    with served(installation) as (supervisor, port):
        threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
        for thread in threads:
            thread.start()
        try:
            for round_ in range(kills):
                enough = len(acknowledged) + 5
                assert eventually(lambda enough=enough: len(acknowledged) >= enough, seconds=120)
                time.sleep(chance.uniform(0, 0.2))
                # each third time the master, which takes its workers with it
                processes_of = workers_of if round_ % 3 else children_of
                os.kill(one_of(processes_of, supervisor.pid, chance), signal.SIGKILL)
        finally:
            stopping.set()
            for thread in threads:
                thread.join(60)
    return acknowledged, installation.value(STORED)


def test_every_acknowledged_answer_is_stored_once(installation: Stage) -> None:
    acknowledged, stored = attack(installation, kills=6, seed=1)

    assert len(acknowledged) >= 30
    assert set(acknowledged) - set(stored) == set()
    assert len(stored) == len(set(stored))
    assert installation.value(COUNTED) == installation.value(TO_COUNT)


@pytest.mark.by_hand
@pytest.mark.parametrize("seed", range(3))
def test_every_acknowledged_answer_is_stored_once_for_longer(
    installation: Stage, seed: int
) -> None:
    acknowledged, stored = attack(installation, kills=50, seed=seed, clients=8)

    assert len(acknowledged) >= 250
    assert set(acknowledged) - set(stored) == set()
    assert len(stored) == len(set(stored))
    assert installation.value(COUNTED) == installation.value(TO_COUNT)


def test_control_an_answer_acknowledged_before_its_commit_is_lost(installation: Stage) -> None:
    """Without the commit before the answer, a kill loses what was thanked for."""
    careless = """
import os
from django.db import transaction
from regulars.surveys.models import Survey
from regulars.surveys.actions import answers
survey = Survey.objects.get()
with transaction.atomic():
    answers.submit_open(survey, answers.current_version(survey), answers.Answer("a", 9))
    print("thanked", flush=True)
    os._exit(9)
"""
    installation.run(MAKE_SURVEY)

    child = installation.start(careless)

    assert child.wait() == 9
    assert child.printed.strip() == "thanked"
    assert installation.value(STORED) == []


def test_a_killed_supervisor_leaves_no_process(installation: Stage) -> None:
    port = free_port()
    supervisor = installation.python(SERVE, str(port), "2", "0")
    assert supervisor.stdout is not None
    assert supervisor.stdout.readline().strip() == "ready"
    masters = children_of(supervisor.pid)
    started = masters + [worker for master in masters for worker in children_of(master)]
    assert len(started) == 3

    supervisor.kill()
    supervisor.wait()

    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))
    assert processes.is_port_free("127.0.0.1", port)


def test_a_killed_web_master_leaves_no_worker_beside_the_next(installation: Stage) -> None:
    with served(installation) as (supervisor, port):
        (master,) = children_of(supervisor.pid)
        workers = children_of(master)

        os.kill(master, signal.SIGKILL)

        assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
        assert eventually(lambda: bool(children_of(supervisor.pid)))
        assert port


# --- PI9: stopping drains ----------------------------------------------------------------------

JOBS = 60
QUEUE = f"""
import sys
from tests.faults.chores import mark_slowly
for number in range({JOBS}): mark_slowly.enqueue(str(number), float(sys.argv[1]))
"""
WORK = "from tests.faults import chores\nfrom regulars.core.queue import worker\nworker.run_due()"
MARKS = 'list(m("core", "AuditEntry").objects.filter(action="test.mark").values_list("subject"))'
JOB_STATES = 'sorted({one[0] for one in m("core", "Job").objects.values_list("status")})'


def stopped_under_load(
    installation: Stage, number: signal.Signals, *, job_seconds: float
) -> Counter[str]:
    """What came of each request while the server was told to end: answered, refused or failed.

    Refused is a connection that nobody took, so nothing was begun; failed is one that was taken
    and got no answer.
    """
    path = f"/o/{installation.run(MAKE_SURVEY)}/"
    installation.run(QUEUE, job_seconds)
    ended, outcomes = threading.Event(), Counter[str]()

    def client(name: int) -> None:
        attempt = 0
        while not ended.is_set():
            attempt += 1
            outcomes[outcome(port, path, f"{name}-{attempt}")] += 1

    with served(installation, queue_workers=1) as (supervisor, port):
        clients = [threading.Thread(target=client, args=(n,)) for n in range(4)]
        for thread in clients:
            thread.start()
        assert eventually(lambda: outcomes["answered"] >= 20, seconds=120)
        assert eventually(lambda: "running" in installation.value(JOB_STATES), seconds=120)
        pids = [supervisor.pid]
        if number == signal.SIGKILL:
            pids += [*children_of(supervisor.pid), *workers_of(supervisor.pid)]
        for pid in pids:
            os.kill(pid, number)
        supervisor.wait(60)
        ended.set()
        for thread in clients:
            thread.join(60)
    return outcomes


def outcome(port: int, path: str, submission: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = urlencode({"submission_id": submission, "score": "8"})
    try:
        connection.connect()
    except OSError:
        time.sleep(0.05)
        return "refused"
    try:
        connection.request(
            "POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        return "answered" if connection.getresponse().status in {302, 429} else "failed"
    except (OSError, http.client.HTTPException):
        return "failed"
    finally:
        connection.close()


@pytest.mark.longer
def test_stopping_under_load_fails_no_request_and_loses_no_job(installation: Stage) -> None:
    outcomes = stopped_under_load(installation, signal.SIGTERM, job_seconds=0.3)

    assert outcomes["failed"] == 0, outcomes
    assert outcomes["answered"] >= 20
    # The job that ran was finished and noted; nobody has to wait for its lease.
    assert "running" not in installation.value(JOB_STATES)
    installation.run(WORK)
    assert sorted(installation.value(MARKS)) == sorted([[str(n)] for n in range(JOBS)])


@pytest.mark.longer
def test_control_a_kill_leaves_a_job_that_nobody_finished(installation: Stage) -> None:
    stopped_under_load(installation, signal.SIGKILL, job_seconds=60)

    assert "running" in installation.value(JOB_STATES)


# --- PB5: limits over HTTP ---------------------------------------------------------------------


def guesses(installation: Stage, header: Callable[[int], str], **variables: str) -> Counter[int]:
    """What 400 requests for links that do not exist are answered, 16 at a time, 4 workers."""
    answers = Counter[int]()

    def ask(port: int, number: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            forged = {"X-Forwarded-For": header(number)}
            connection.request("GET", f"/u/{number:022}/", headers=forged)
            return connection.getresponse().status
        finally:
            connection.close()

    with (
        served(installation, web_workers=4, **variables) as (_supervisor, port),
        ThreadPoolExecutor(16) as pool,
    ):
        answers.update(pool.map(lambda number: ask(port, number), range(400)))
    return answers


def forged(number: int) -> str:
    return f"203.0.{number // 200}.{number % 200 + 1}"


BEHIND = {
    "0": forged,
    "1": lambda number: f"{forged(number)}, 198.51.100.7",
    "2": lambda number: f"{forged(number)}, 198.51.100.7, 10.0.0.1",
}


@pytest.mark.longer
@pytest.mark.parametrize("proxies", ["0", "1", "2"])
def test_a_limit_holds_across_web_workers_whatever_is_forged(
    installation: Stage, proxies: str
) -> None:
    answers = guesses(installation, BEHIND[proxies], REGULARS_TRUSTED_PROXIES=proxies)

    assert answers == {404: access.GUESSES, 429: 400 - access.GUESSES}


@pytest.mark.longer
def test_control_a_proxy_that_is_not_there_lets_forged_addresses_through(
    installation: Stage,
) -> None:
    answers = guesses(installation, forged, REGULARS_TRUSTED_PROXIES="1")

    assert answers == {404: 400}


def test_a_port_in_use_is_said(installation: Stage) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        process = installation.command("up", "--port", str(port))
        out, _err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert f"Port {port} is in use" in out
    assert f"--port {port + 1}" in out


def test_debug_is_refused_on_an_address_that_others_reach(installation: Stage) -> None:
    """Also where the address is an option of the command and not a variable."""
    port = str(free_port())
    process = installation.command("up", "--host", "0.0.0.0", "--port", port, REGULARS_DEBUG="yes")
    out, _err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "Refused: REGULARS_DEBUG is on" in out
