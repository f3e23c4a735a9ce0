from __future__ import annotations

from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.db import connection, models
from pytest_django import Settings

from regulars.accounts.models import Staff
from regulars.core import crypto

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def use_keys(settings: Settings, *keys: str) -> None:
    settings.SECRETS = replace(settings.SECRETS, field_keys=keys)


def test_text_comes_back(settings: Settings) -> None:
    use_keys(settings, NEW)

    stored = crypto.encrypt("Őri titok")

    assert "titok" not in stored
    assert crypto.decrypt(stored) == "Őri titok"
    assert crypto.encrypt("") == crypto.decrypt("") == ""


def test_old_keys_open_and_new_ones_write(settings: Settings) -> None:
    use_keys(settings, OLD)
    stored = crypto.encrypt("secret")
    use_keys(settings, NEW, OLD)

    moved = crypto.rotated(stored)

    assert crypto.decrypt(stored) == "secret"
    use_keys(settings, NEW)
    assert crypto.decrypt(moved) == "secret"


def test_a_missing_key_is_said_and_never_an_empty_text(settings: Settings) -> None:
    use_keys(settings, OLD)
    stored = crypto.encrypt("secret")
    use_keys(settings, NEW)

    with pytest.raises(crypto.UnreadableSecretError):
        crypto.decrypt(stored)
    with pytest.raises(crypto.UnreadableSecretError):
        crypto.rotated(stored)


def test_a_field_is_plain_in_python_and_not_in_the_database(settings: Settings) -> None:
    use_keys(settings, NEW)
    field: models.TextField[str, str] = crypto.EncryptedTextField()

    stored = field.get_prep_value("smtp://user:pass@host")

    assert "pass" not in stored
    assert field.from_db_value(stored, None, connection) == "smtp://user:pass@host"  # type: ignore[attr-defined]  # ours
    with pytest.raises(TypeError):
        field.get_lookup("exact")


@pytest.mark.django_db
def test_rotation_moves_second_factors_to_the_new_key(settings: Settings, owner: Staff) -> None:
    use_keys(settings, OLD)
    TOTP.activate(owner, "JBSWY3DPEHPK3PXP")
    before = Authenticator.objects.get().data["secret"]
    use_keys(settings, NEW, OLD)

    assert crypto.reencrypt_everything() == 1

    use_keys(settings, NEW)
    after = Authenticator.objects.get().data["secret"]
    assert "JBSWY3DPEHPK3PXP" not in before + after
    assert crypto.decrypt(after) == "JBSWY3DPEHPK3PXP"
