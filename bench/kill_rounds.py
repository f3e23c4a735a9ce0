"""PC1 at length: campaigns whose workers are killed, round after round, on both engines.

    python -m bench.kill_rounds [--rounds 100] [--recipients 2000] [--kills 10] [--write]

Each round is a fresh installation, a campaign through a real SMTP server that records what it
accepted, and two workers killed at named points (between claim, DATA, answer and commit) and at
random moments. `--write` keeps the figures in docs/results/kill-rounds.md. The seed of a round is
its engine and number.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.stage import stage
from tests.faults.test_mailing import Round, kill_round
from tests.mailing.sink import running_sink

PAGE = Path(__file__).resolve().parent.parent / "docs" / "results" / "kill-rounds.md"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--recipients", type=int, default=2000)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--minutes", type=float, default=600, help="per engine")
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    found: dict[str, list[Round]] = {"sqlite": [], "postgresql": []}
    for engine, done in found.items():
        for number, one in enumerate(rounds(engine, chosen)):
            print(f"{engine} {number}: {one}", flush=True)
            done.append(one)
            if chosen.write:  # what was done is kept, whatever ends the next round
                lines = [line(name, rows) for name, rows in found.items() if rows]
                PAGE.write_text(page(lines, chosen), "utf-8")


def rounds(engine: str, chosen: argparse.Namespace) -> Iterator[Round]:
    until = time.monotonic() + chosen.minutes * 60
    for number in range(chosen.rounds):
        if time.monotonic() > until:
            break
        with (
            stage(engine) as made,
            tempfile.TemporaryDirectory() as folder,
            running_sink(Path(folder) / "sink") as sink,
        ):
            yield kill_round(
                made, sink, number=number, recipients=chosen.recipients, kills=chosen.kills
            )


def line(engine: str, done: list[Round]) -> str:
    sums = [
        sum(getattr(one, name) for one in done)
        for name in ("recipients", "killed", "sent", "unknown", "twice", "lost")
    ]
    right = sum(one.is_right for one in done)
    return f"| {engine} | {len(done)} | {right} | " + " | ".join(str(one) for one in sums) + " |"


def page(lines: list[str], chosen: argparse.Namespace) -> str:
    table = "\n".join(lines)
    return f"""# Campaigns whose workers are killed (PC1)

`python -m bench.kill_rounds --rounds {chosen.rounds} --recipients {chosen.recipients} --kills \
{chosen.kills} --minutes {chosen.minutes:g} --write`, {dt.datetime.now(dt.UTC).date()}, 2 cores that
were busy with other work.

| engine | rounds | as promised | recipients | workers killed | sent | unknown | twice | lost |
|---|---|---|---|---|---|---|---|---|
{table}

As promised: nobody got a message twice, nobody is missing without a trace, and there are at most as
many messages of which nobody knows whether they left as workers were killed. Those are shown to
people and never repeated by themselves.
"""


if __name__ == "__main__":
    main()
