"""PC1, PC2, PC3: workers are killed between every two steps of a hand-over to a real SMTP server.

No recipient twice, none without a trace, at most one `unknown` per killed worker. The controls
take a protection away and must show what it protects from.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.stage import Child, Stage
from tests.mailing.sink import Sink, running_sink

SERVER = """
import sys
from django.conf import settings
settings.SMTP_URL, settings.MAIL_FROM = sys.argv[1], "hello@mandula.example"
from regulars.mailing import delivery
"""
WORK = SERVER + "while delivery.deliver(seconds=60).more: pass\n"
# The same, but after four messages it lets the other worker have the rest until a file appears.
WORK_BESIDE = (
    SERVER
    + """
import time
from pathlib import Path
taken, claim = [], delivery.claim_next
def claim_next(worker):
    taken.append(worker)
    while len(taken) > 4 and not Path(sys.argv[2]).exists(): time.sleep(0.01)
    return claim(worker)
delivery.claim_next = claim_next
while delivery.deliver(seconds=60).more: pass
"""
)
SEED = """
import sys
from datetime import time
from django.db import transaction
from django.utils import timezone
from regulars.business.models import Business
from regulars.customers.models import Consent, ContactPoint, Customer
from regulars.mailing.models import SendingRules
with transaction.atomic():
    Business.objects.create(name="Mandula", public_url="https://mandula.example")
    SendingRules.objects.create(pk=1, quiet_from=time(0), quiet_until=time(0), daily_limit=0)
    for number in range(int(sys.argv[1])):
        address = f"guest{number}@example.com"
        guest = Customer.objects.create(language="en")
        ContactPoint.objects.create(customer=guest, channel="email", address=address)
        Consent.objects.create(customer=guest, channel="email", purpose="marketing",
            basis="consent", given=True, happened_at=timezone.now())
"""
START = """
from django.db import transaction
from regulars.customers.models import Customer
from regulars.mailing import actions
from regulars.mailing.content import Content, Paragraph
from regulars.mailing.models import Purpose
for guest in Customer.objects.order_by("pk"):
    with transaction.atomic():
        actions.queue_message(Content("News", (Paragraph("Hello"),)), customer=guest,
            key=f"campaign:1:{guest.pk}", purpose=Purpose.MARKETING)
"""
LAPSE = """
from datetime import timedelta
from django.utils import timezone
from regulars.mailing.models import Message
Message.objects.exclude(lease_until=None).update(lease_until=timezone.now() - timedelta(seconds=1))
"""
STATES = 'list(m("mailing", "Message").objects.values_list("to_address", "state"))'
POINTS = [
    "mailing.before_claim",
    "mailing.after_claim",
    "mailing.before_data",
    "mailing.after_data",
    "mailing.before_commit",
]
AMBIGUOUS = {"mailing.after_data", "mailing.before_commit"}


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with running_sink(tmp_path / "sink") as sink:
        yield sink


def campaign(installation: Stage, recipients: int) -> None:
    # Each message is a transaction on a disk that others use too.
    installation.run(SEED + START, recipients, seconds=120 + recipients)


def worker(installation: Stage, sink: Sink, **variables: str) -> Child:
    return installation.start(WORK, sink.url, **variables)


def finish(installation: Stage, sink: Sink) -> Counter[str]:
    """After the leases have run out, one worker does what is left; how many are in each state."""
    installation.run(LAPSE)
    last = worker(installation, sink)
    assert last.wait(3600) == 0, last.printed
    return Counter(state for _, state in installation.value(STATES))


def duplicates(sink: Sink) -> dict[str, int]:
    return {address: n for address, n in Counter(sink.recipients).items() if n > 1}


def lost(installation: Stage, sink: Sink) -> set[str]:
    """Recipients who got nothing and whose row says nothing of it."""
    rows: list[Any] = installation.value(STATES)
    return {a for a, state in rows if state not in {"unknown", "queued"}} - set(sink.recipients)


@pytest.mark.parametrize("at", POINTS)
def test_a_kill_between_two_steps(installation: Stage, sink: Sink, at: str) -> None:
    campaign(installation, 12)

    is_dead = installation.folder / "dead"
    killed = worker(installation, sink, REGULARS_CRASH_AT=f"{at}@4")
    other = installation.start(WORK_BESIDE, sink.url, is_dead)

    assert killed.wait() == 9
    is_dead.touch()
    assert other.wait() == 0
    expected = {"sent": 11, "unknown": 1} if at in AMBIGUOUS else {"sent": 12}
    assert finish(installation, sink) == expected
    assert duplicates(sink) == {}
    assert lost(installation, sink) == set()


def test_an_unknown_message_is_resolved_by_its_delivery_event(
    installation: Stage, sink: Sink
) -> None:
    campaign(installation, 3)
    assert worker(installation, sink, REGULARS_CRASH_AT="mailing.before_commit@2").wait() == 9
    assert finish(installation, sink) == {"sent": 2, "unknown": 1}
    message_id = installation.value(
        'm("mailing", "Message").objects.get(state="unknown").message_id'
    )
    event = (
        "import sys\nfrom regulars.mailing import actions, bounces\n"
        "event = bounces.Event(bounces.Kind.DELIVERED, key='e1', message_id=sys.argv[1])\n"
        "print(actions.bounce(event))"
    )

    answers = [installation.run(event, message_id) for _ in range(2)]

    assert answers == ["True", "False"]
    assert finish(installation, sink) == {"sent": 2, "delivered": 1}
    assert duplicates(sink) == {}


def test_control_sending_the_unknown_again_by_itself_writes_twice(
    installation: Stage, sink: Sink
) -> None:
    campaign(installation, 3)
    assert worker(installation, sink, REGULARS_CRASH_AT="mailing.before_commit@2").wait() == 9
    careless = SERVER + (
        "from regulars.mailing.models import Message\n"
        "Message.objects.filter(state='sending').update(state='queued', lease_until=None)\n"
        "delivery.deliver()"
    )

    installation.run(careless, sink.url)

    assert list(duplicates(sink).values()) == [2]


def test_control_a_claim_without_its_condition_writes_twice(
    installation: Stage, sink: Sink
) -> None:
    campaign(installation, 4)
    careless = SERVER + (
        "import time\n"
        "from pathlib import Path\n"
        "from django.utils import timezone\n"
        "from regulars.mailing.models import Message\n"
        "folder, number = Path(sys.argv[2]), sys.argv[3]\n"
        "waiting = list(Message.objects.claimable(timezone.now()))\n"
        "(folder / f'ready{number}').touch()\n"
        "while not all((folder / f'ready{n}').exists() for n in (0, 1)): time.sleep(0.01)\n"
        "rows = Message.objects\n"
        "delivery._held = lambda claim, state='': rows.filter(pk=claim.message.pk)\n"
        "def careless(worker):\n"
        "    if not waiting: return None\n"
        "    return delivery.Claim(waiting.pop(), worker, 1)\n"
        "delivery.claim_next = careless\n"
        "delivery.deliver(seconds=60)"
    )

    both = [installation.start(careless, sink.url, sink.folder, number) for number in range(2)]

    assert [process.wait() for process in both] == [0, 0]
    assert duplicates(sink) != {}


def test_a_campaign_started_twice_at_once_writes_once(installation: Stage, sink: Sink) -> None:
    installation.run(SEED, 20)

    starts = [installation.start(START) for _ in range(2)]

    assert [start.wait() for start in starts] == [0, 0]
    assert finish(installation, sink) == {"sent": 20}
    assert len(sink.accepted) == 20


@dataclass(frozen=True)
class Round:
    """What came of one campaign under fire."""

    recipients: int
    killed: int
    sent: int
    unknown: int
    twice: int
    lost: int

    @property
    def is_right(self) -> bool:
        """Nobody twice, nobody forgotten, at most one unknown for each killed worker."""
        everybody = self.sent + self.unknown == self.recipients
        return everybody and self.twice == self.lost == 0 and self.unknown <= self.killed


def kill_round(
    installation: Stage, sink: Sink, *, number: int, recipients: int, kills: int
) -> Round:
    """A campaign whose two workers are killed `kills` times, at named points and at random."""
    campaign(installation, recipients)
    chance = random.Random(f"{installation.engine}:{number}")
    killed = 0
    for _ in range(kills):
        at = f"{chance.choice(POINTS)}@{chance.randint(1, 40)}"
        pair = [worker(installation, sink, REGULARS_CRASH_AT=at), worker(installation, sink)]
        chance.choice(pair).process.join(chance.uniform(0.05, 0.6))
        for child in pair:
            child.process.kill()
        killed += sum(child.wait() != 0 for child in pair)
        installation.run(LAPSE)
    states = finish(installation, sink)
    return Round(
        recipients,
        killed,
        states["sent"],
        states["unknown"],
        len(duplicates(sink)),
        len(lost(installation, sink)),
    )


@pytest.mark.longer
def test_kills_at_random_in_a_large_campaign(installation: Stage, sink: Sink) -> None:
    """Many more rounds with 2,000 recipients: bench/kill_rounds.py, docs/results/kill-rounds.md."""
    outcome = kill_round(installation, sink, number=0, recipients=100, kills=4)

    assert outcome.is_right, outcome
    assert outcome.killed > 0
