"""How long pages take with a million customers and a million answers.

    python bench/pages.py [--keep FOLDER]

Writes docs/results/pages.md. The data are made by SQL: a chain of shops with names from a list,
an address for each customer, what their purchases come to, and three years of answers with their
histograms. Each page is then asked for through the whole application, without a network.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 11
CUSTOMERS = ANSWERS = 1_000_000
GIVEN = ("anna", "peeter", "ivan", "nino", "bela", "maria", "georgi", "eszter", "kalle", "tamar")
FAMILY = ("kovacs", "tamm", "petrov", "beridze", "nagy", "saar", "ivanova", "kask", "dimitrova")
KINDS = ("regular", "occasional", "lost", "lapsing", "lost", "first_timer")

PAGES = {
    "home": "/",
    "scores": "/results/",
    "customers": "/customers/",
    "customers, page 40": "/customers/?page=40",
    "customers by last visit": "/customers/?sort=-last_seen",
    "customers by money spent": "/customers/?sort=-spent",
    "search: a common name": "/customers/?q=kovacs",
    "search: two words": "/customers/?q=anna+kovacs",
    "search: one of a million": "/customers/?q=c777777%40example",
    "search: nobody": "/customers/?q=qqqzzz",
    "search: two letters": "/customers/?q=qz",
    "filter: regulars": "/customers/?segment=regular",
    "filter: language": "/customers/?language=ka",
    "filter: birthday in May": "/customers/?birthday=5",
    "filter: agreed to questions": "/customers/?consent=surveys",
    "filter: nobody can be reached": "/customers/?address=none",
    "filter and search": "/customers/?segment=lapsing&q=tamm",
}

# A number from 1 on for each row to be made.
MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "


def fill(cursor: Any) -> None:
    """The shop's customers, addresses, consents, kept facts and answers."""
    many = MANY.format(count=CUSTOMERS)
    token = "printf('%022d', i)"
    given, family = _pick("i", GIVEN), _pick("i * 31 + 5", FAMILY)
    moment = "datetime('now', '-' || (i % 1000) || ' days')"
    cursor.execute(
        f"""{many} INSERT INTO customers_customer (public_id, created_at, kind, given_name,
        family_name, company, language, birth_year, birth_month, birth_day, preferences, note,
        source, search_key, sort_key, is_demo) SELECT {token}, {moment}, 'person', {given},
        {family}, '', {_pick("i * 17 + 3", ("en", "hu", "bg", "et", "ka"))}, 1950 + i % 60,
        1 + i % 12, 1 + i % 28, '{{}}', '', 'till', {given} || '|' || {family} || '|' || {given}
        || ' ' || {family} || '|c' || i || '@example.com', {family} || ' ' || {given}, 0 FROM n"""
    )
    cursor.execute(
        f"""{many} INSERT INTO customers_contactpoint (public_id, created_at, customer_id, channel,
        address, shown_as, state, is_preferred) SELECT {token}, {moment}, i, 'email',
        'c' || i || '@example.com', '', 'unknown', 1 FROM n"""
    )
    cursor.execute(
        f"""{many} INSERT INTO customers_consent (public_id, created_at, customer_id, channel,
        purpose, basis, given, confirmed, wording, language, evidence, happened_at)
        SELECT {token}, {moment}, i, 'email', 'surveys', 'consent', i % 3 > 0, 1, 'Yes', '', 'form',
        {moment} FROM n"""
    )
    cursor.execute(
        f"""{many} INSERT INTO customers_standing (public_id, created_at, customer_id, segment,
        visits, visits_in_window, first_on, last_on, typical_gap, spent) SELECT {token}, {moment},
        i, {_pick("i * 13 + 1", KINDS)},
        1 + i % 40, i % 9, date('now', '-900 days'), date('now', '-' || (i % 700) || ' days'),
        20.0, (i % 977) * 100 FROM n"""
    )
    fill_answers(cursor)
    cursor.execute("ANALYZE")


def fill_answers(cursor: Any) -> None:
    """Answers of three years to three surveys, at four places, and their histogram."""
    from django.utils import timezone

    from regulars.business.models import Place
    from regulars.surveys.actions import designs
    from regulars.surveys.models import Metric

    kinds = (Metric.NPS, Metric.CSAT, Metric.CES)
    surveys = [designs.make_survey(name=str(kind.label), metric=kind, by=None) for kind in kinds]
    places = [Place.objects.create(name=f"Place {n}").pk for n in range(1, 5)]
    today = timezone.now().date().isoformat()
    for number, survey in enumerate(surveys):
        version = survey.versions.get().pk
        low, high = survey.scale
        score = f"{low} + (i * 7919 / 13) % {high - low + 1}"
        cursor.execute(
            f"""{MANY.format(count=ANSWERS // 3)} INSERT INTO surveys_response (public_id,
            created_at, submission_id, survey_id, version_id, customer_id, place_id, metric, score,
            comment, may_quote, language, channel, answered_at, is_quarantined)
            SELECT printf('%d-%020d', {number}, i), datetime('{today}', '-' || (i % 1095) ||
            ' days'), printf('{number}-%d', i), {survey.pk}, {version}, 1 + i % {CUSTOMERS},
            {_pick("i / 2", tuple(map(str, places)))}, '{survey.metric}', {score},
            CASE WHEN i % 5 = 0 THEN 'Kind people, good coffee.' ELSE '' END, 0, 'en', 'email',
            datetime('{today}', '-' || (i % 1095) || ' days'), 0 FROM n"""
        )
    cursor.execute(
        """INSERT INTO surveys_answercount (metric, day, survey_id, place_id, touchpoint_id, score,
        count) SELECT metric, date(answered_at), survey_id, place_id, coalesce(touchpoint_id, 0),
        score, count(*) FROM surveys_response GROUP BY 1, 2, 3, 4, 5, 6"""
    )


def _pick(number: str, words: tuple[str, ...]) -> str:
    """One of the words, as if by lot."""
    cases = " ".join(f"WHEN {n} THEN '{word}'" for n, word in enumerate(words))
    return f"CASE ((({number}) * 2654435761) >> 9) % {len(words)} {cases} END"


def measured(client: Any, address: str) -> tuple[float, float, float, int]:
    """Median and 95 % of the milliseconds, the processor's median, and the queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    walls, busy = [], []
    for _ in range(ROUNDS):
        began, cpu = time.perf_counter(), time.process_time()
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        walls.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - cpu) * 1000)
    with CaptureQueriesContext(connection) as seen:
        client.get(address)
    return median(walls), sorted(walls)[int(ROUNDS * 0.95)], median(busy), len(seen)


def prepared(folder: Path) -> Any:
    """The application on the data in `folder`, made when they are not there; a signed-in client."""
    os.environ |= {
        "REGULARS_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "regulars.config.settings",
        "REGULARS_LOG_LEVEL": "ERROR",
    }
    os.environ.pop("REGULARS_DATABASE_URL", None)
    fresh = not (folder / "regulars.sqlite3").exists()
    if fresh:
        subprocess.run([sys.executable, "-m", "regulars", "migrate"], check=True)
    import django

    django.setup()
    from django.db import connection, transaction
    from django.test import Client

    from regulars.accounts.models import Role, Staff, StaffRole
    from regulars.business.models import Business

    if fresh:
        Business.objects.create(name="Chain", currency="EUR", languages=["en"], setup_step=99)
        owner = Staff.objects.create_user("owner@example.com", "not a secret 1", name="Owner")
        StaffRole.objects.create(staff=owner, role=Role.OWNER)
        with transaction.atomic(), connection.cursor() as cursor:
            fill(cursor)
    client = Client(headers={"host": "localhost"})
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(Staff.objects.get(email="owner@example.com"), backend=backend)
    return client


def lines(client: Any) -> Iterator[str]:
    """A row of the table for each page."""
    for name, address in PAGES.items():
        middle, slow, busy, queries = measured(client, address)
        yield f"| {name} | `{address}` | {middle:.0f} | {slow:.0f} | {busy:.0f} | {queries} |"
        print(name, round(middle), round(slow), round(busy), queries, flush=True)


def main() -> None:
    """Build, measure and write down."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path)
    kept = parser.parse_args().keep
    with tempfile.TemporaryDirectory() as folder:
        place = kept or Path(folder)
        place.mkdir(exist_ok=True, parents=True)
        client = prepared(place)
        table = "\n".join(lines(client))
        size = (place / "regulars.sqlite3").stat().st_size / 1e6
    text = f"""# Pages with a million customers and a million answers

Each page {ROUNDS} times through the whole application (no network), on SQLite with
{CUSTOMERS:,} customers, as many addresses, consents and kept facts, and {ANSWERS:,} answers;
{size:,.0f} MB. Milliseconds. Made by `python bench/pages.py`.

| page | address | median | 95 % | processor | queries |
|---|---|---|---|---|---|
{table}

Machine: {platform.machine()}, {os.cpu_count()} processors, {platform.system()}, Python
{platform.python_version()}; load average of the last five minutes {os.getloadavg()[1]:.1f} (other
work ran beside it where that is above 1, and the processor's time is what counts).
"""
    (ROOT / "docs" / "results" / "pages.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
