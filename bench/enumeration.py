"""Whether the time of an answer tells who is known here (PF8).

    python bench/enumeration.py [samples]

Signs in with a wrong password and asks for a new password, with a known and with unknown addresses
in turn, and compares the CPU times of the answers by the test of Mann and Whitney (1947). Needs an
empty folder in REGULARS_DATA. The passwords are hashed as in production (argon2).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time

os.environ.setdefault("REGULARS_DATA", tempfile.mkdtemp(prefix="regulars-bench-"))
os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"

import django
from scipy import stats

PATHS = ("/account/login/", "/account/password/reset/")


def answered_in(path: str, address: str) -> float:
    """CPU milliseconds of one request, without the counters of limits that others left."""
    from django.core.cache import cache
    from django.test import Client

    from regulars.core.models import Job, RateCounter

    cache.clear()
    RateCounter.objects.all().delete()
    Job.objects.all().delete()
    client = Client(headers={"host": "localhost"})
    begun = time.process_time()
    client.post(path, {"login": address, "email": address, "password": "not the password"})
    return (time.process_time() - begun) * 1000


def main() -> None:
    """Print a table as docs/results/enumeration.md has it."""
    django.setup()
    from django.core.management import call_command

    from regulars.accounts.models import Staff
    from regulars.business.models import Business

    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    call_command("migrate", verbosity=0)
    Business.objects.create(name="Bench")
    Staff.objects.create_user("anna@example.com", "a long enough password", name="Anna")
    print("| page | samples of each | known, median ms | unknown, median ms | p |")
    print("|---|---|---|---|---|")
    for path in PATHS:
        known: list[float] = []
        unknown: list[float] = []
        for number in range(-10, samples):
            both = [(known, "anna@example.com"), (unknown, f"{number:04}@example.com")]
            # Whoever comes second may find a warmer cache: they take turns.
            for times, address in both if number % 2 else reversed(both):
                took = answered_in(path, address)
                if number >= 0:  # the first ten warm up
                    times.append(took)
        p = stats.mannwhitneyu(known, unknown).pvalue
        middle = [sorted(times)[samples // 2] for times in (known, unknown)]
        print(f"| `{path}` | {samples} | {middle[0]:.1f} | {middle[1]:.1f} | {p:.2f} |")


if __name__ == "__main__":
    main()
