"""PI6: a byte that flips in the database file is noticed, and so is a row that went missing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults.stage import Stage, stage

FILL = """
from regulars.core import audit
from django.db import transaction
with transaction.atomic():
    for n in range(400):
        audit.note("tests.filling", by=None, n=n, words="x" * 300)
"""
LOOK = """
import json
from regulars.core import soundness
print(json.dumps([fault.name for fault in soundness.look_and_note()]))
"""


def test_control_a_sound_installation_has_no_fault(installation: Stage) -> None:
    installation.run(FILL)

    assert installation.run(LOOK) == "[]"
    assert installation.value('m("core", "InstallationState").objects.get().faults') == {}


def test_flipped_bytes_are_found() -> None:
    with stage("sqlite") as installation:
        installation.run(FILL)
        file = Path(urlsplit(installation.url).path)
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (size,) = database.execute("PRAGMA page_size").fetchone()
            (root,) = database.execute(
                "SELECT rootpage FROM sqlite_master WHERE name = 'core_auditentry'"
            ).fetchone()
        content = bytearray(file.read_bytes())
        start = (root - 1) * size
        content[start + 3 : start + 5] = b"\xff\xff"  # how many cells the page has
        file.write_bytes(content)

        assert installation.run(LOOK) == '["core.engine"]'


def test_a_reference_to_nothing_is_found() -> None:
    with stage("sqlite") as installation:
        installation.run(
            "from regulars.business.models import Place, Department\n"
            "place = Place.objects.create(name='Counter')\n"
            "from regulars.accounts.models import Staff, StaffRole\n"
            "person = Staff.objects.create_user('a@example.com', 'x' * 12, name='A')\n"
            "StaffRole.objects.create(staff=person, role='staff', place=place)\n"
        )
        with closing(sqlite3.connect(urlsplit(installation.url).path)) as database:
            database.execute("DELETE FROM business_place")
            database.commit()

        assert installation.run(LOOK) == '["core.engine"]'


@pytest.mark.longer
def test_postgresql_looks_at_its_indexes_where_it_can() -> None:
    with stage("postgresql") as installation:
        installation.run(FILL)
        offered = installation.run(
            "from django.db import connection\n"
            "with connection.cursor() as cursor:\n"
            "    cursor.execute(\"SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'\")\n"
            "    there = cursor.fetchone() is not None\n"
            "    if there: cursor.execute('CREATE EXTENSION amcheck')\n"
            "print(there)"
        )
        if offered != "True":
            pytest.skip("this PostgreSQL was built without amcheck")

        assert installation.run(LOOK) == "[]"
