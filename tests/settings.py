"""Regulars' own settings, in a data folder that only this test run uses."""

import os
import tempfile

_folder = os.environ.setdefault("REGULARS_TEST_DATA", tempfile.mkdtemp(prefix="regulars-test-"))
os.environ["REGULARS_DATA"] = _folder
os.environ.setdefault("REGULARS_LOG_LEVEL", "CRITICAL")
if os.environ.get("REGULARS_TEST_ENGINE") == "postgresql":
    from tests.postgresql import server_url

    os.environ["REGULARS_DATABASE_URL"] = server_url()
else:
    os.environ.pop("REGULARS_DATABASE_URL", None)

from regulars.config.settings import *  # noqa: F403, E402

# Argon2 is slow on purpose; tests sign in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
