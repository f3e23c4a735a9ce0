"""How many answers a second are accepted and committed, and how long each takes.

    python bench/answers.py [--seconds 20]

Writes docs/results/answers.md. The real server (two web processes, as `regulars up` starts them)
takes answers over HTTP from eight clients, each to a personal link of its own, on SQLite and on
PostgreSQL. Afterwards every acknowledged answer is looked for in the database. The clients run on
the same processors as the server.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import socket
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
CLIENTS = 8
# What cannot be an answer (PB9), and how it is refused.
ODD = {
    "1 MB of words": ("comment=" + "a" * 1_000_000, 413),
    "5,000 fields": ("&".join(f"f{n}=1" for n in range(5_000)) + "&score=5", 400),
    "score 1e309": ("submission_id=odd&score=1e309", 422),
    "a NUL and a turned direction": ("submission_id=odd%00&score=5%E2%80%AE", 422),
    "a lone surrogate": ("submission_id=odd&score=%ED%A0%80", 422),
}
EACH = 12  # what the server says of each must fit into the pipe that nobody reads
LINKS = 12_000
PREPARE = f"""
from datetime import timedelta
from django.utils import timezone
from regulars.business.models import Business
from regulars.core.ids import new_token, token_hash
from regulars.customers.models import Customer
from regulars.surveys.actions import designs
from regulars.surveys.models import Invitation, Metric
Business.objects.create(name="Café", currency="EUR", languages=["en"])
survey = designs.make_survey(name="S", metric=Metric.NPS, by=None)
version = survey.versions.get()
people = Customer.objects.bulk_create(
    [Customer(given_name=f"C{{n}}", language="en") for n in range({LINKS})], batch_size=500)
people = list(Customer.objects.order_by("pk"))
tokens = [new_token() for _ in people]
end = timezone.now() + timedelta(days=30)
Invitation.objects.bulk_create(
    [Invitation(survey=survey, version=version, customer=person, channel="email", language="en",
                token_hash=token_hash(token), expires_at=end)
     for person, token in zip(people, tokens)], batch_size=500)
print("\\n".join(tokens))
"""
STORED = 'sorted(m("surveys", "Response").objects.values_list("submission_id", flat=True))'
COUNTED = 'sum(m("surveys", "AnswerCount").objects.values_list("count", flat=True))'


def client(port: int, tokens: list[str], end: float, told: Any) -> None:
    """Answer one link after the other; tell what was acknowledged and how long each took."""
    acknowledged, times, refused = [], [], 0
    for number, token in enumerate(tokens):
        if time.monotonic() >= end:
            break
        body = urlencode(
            {"submission_id": f"{token}-1", "score": number % 11, "comment": "Good coffee."}
        )
        began = time.perf_counter()
        status = _posted(port, f"/s/{token}/", body)
        times.append((time.perf_counter() - began) * 1000)
        if status == 302:
            acknowledged.append(f"{token}-1")
        else:
            refused += 1
    told.put((acknowledged, times, refused))


def _posted(port: int, path: str, body: str) -> int:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall((head + body).encode())
        answer = connection.recv(65_536)
        while connection.recv(65_536):
            pass
    return int(answer.split(b" ", 2)[1])


def busy(pids: list[int]) -> float:
    """Seconds of the processor that these processes have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / ticks
    return total


def measured(engine: str, seconds: float, refusing: dict[str, tuple[float, float]]) -> str:
    """One row of the table; how long refusing takes goes into `refusing`."""
    from tests.faults.stage import stage
    from tests.faults.test_web import children_of, served

    with stage(engine) as installation:
        tokens = installation.run(PREPARE).split()
        with served(installation) as (supervisor, port):
            masters = children_of(supervisor.pid)
            workers = masters + [worker for one in masters for worker in children_of(one)]
            for token in tokens[:40]:  # everything is loaded before the clock runs
                _posted(port, f"/s/{token}/", urlencode({"submission_id": token, "score": 5}))
            rest, before = tokens[40:], busy(workers)
            told: Any = multiprocessing.Queue()
            began = time.monotonic()
            clients = [
                multiprocessing.Process(
                    target=client, args=(port, rest[n::CLIENTS], began + seconds, told)
                )
                for n in range(CLIENTS)
            ]
            for one in clients:
                one.start()
            results = [told.get(timeout=seconds + 120) for _ in clients]
            took = time.monotonic() - began
            used = busy(workers) - before
            for one in clients:
                one.join()
            refusing.update(_refusals(port, rest[-1]))
        stored = set(installation.value(STORED))
        counted = installation.value(COUNTED)
    acknowledged = [submission for result in results for submission in result[0]]
    times = sorted(one for result in results for one in result[1])
    lost = len(set(acknowledged) - stored)
    refused = sum(result[2] for result in results)
    assert counted == len(stored)
    return (
        f"| {engine} | {len(acknowledged):,} | {len(acknowledged) / took:.0f} | {median(times):.0f}"
        f" | {times[int(len(times) * 0.95)]:.0f} | {used * 1000 / max(len(times), 1):.1f} "
        f"| {refused} | {lost} |"
    )


def _refusals(port: int, token: str) -> dict[str, tuple[float, float]]:
    """Median and 95 % of the milliseconds that refusing each odd body takes, one after another."""
    found = {}
    for name, (body, status) in ODD.items():
        times = []
        for _ in range(EACH):
            began = time.perf_counter()
            answer = _posted(port, f"/s/{token}/", body)
            times.append((time.perf_counter() - began) * 1000)
            assert answer == status, (name, answer)
        found[name] = (median(times), sorted(times)[int(EACH * 0.95)])
    return found


def main() -> None:
    """Measure both engines and write down."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    seconds = parser.parse_args().seconds
    refusing: dict[str, dict[str, tuple[float, float]]] = {"sqlite": {}, "postgresql": {}}
    rows = [measured(engine, seconds, refusing[engine]) for engine in refusing]
    odd = "\n".join(
        f"| {name} | {ODD[name][1]} | {middle:.0f} | {slow:.0f} |"
        for name, (middle, slow) in refusing["sqlite"].items()
    )
    text = f"""# Answers accepted and committed

The real server with two web processes; {CLIENTS} clients, one new connection for each answer, each
answer to a personal link of its own, {seconds:.0f} seconds an engine. An answer is acknowledged
after its commit (SQLite writes through to the disk; PostgreSQL with `synchronous_commit`); with it
its histogram, its moment and the work that follows are stored. Milliseconds; “processor” is what
the web processes used for one answer. Made by `python bench/answers.py`.

| engine | acknowledged | a second | median | 95 % | processor | refused | lost |
|---|---|---|---|---|---|---|---|
{rows[0]}
{rows[1]}

## What cannot be an answer is refused

One client, {EACH} times each, on SQLite; milliseconds.

| body | refused with | median | 95 % |
|---|---|---|---|
{odd}

Machine: {platform.machine()}, {os.cpu_count()} processors (the clients run on them too),
{platform.system()}, Python {platform.python_version()}; load average of the last five minutes
{os.getloadavg()[1]:.1f}, where other work ran beside it if that is above 3.
"""
    (ROOT / "docs" / "results" / "answers.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
