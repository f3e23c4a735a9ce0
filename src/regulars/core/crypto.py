"""Secrets in the database are encrypted with keys that are kept outside of it.

The keys are `settings.SECRETS.field_keys` (Fernet, the newest first): the first encrypts, all of
them decrypt. `reencrypt_everything()` moves every value to the first key, after which the older
ones can be removed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from regulars.core.errors import DomainError

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class UnreadableSecretError(DomainError):
    """A stored secret that none of the installation's keys opens."""

    code = "unreadable_secret"

    def __init__(self) -> None:
        super().__init__(
            _(
                "A stored secret cannot be read: it was written with a key that is missing. "
                "Put the saved secrets file back, or enter the secret again."
            )
        )


def encrypt(text: str) -> str:
    """`text` encrypted with the newest key; empty stays empty."""
    return _fernet().encrypt(text.encode()).decode() if text else ""


def decrypt(stored: str) -> str:
    """The plain text of `stored`. Raises UnreadableSecretError when no key opens it."""
    if not stored:
        return ""
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecretError from error


def rotated(stored: str) -> str:
    """`stored` encrypted anew with the newest key. Raises UnreadableSecretError."""
    if not stored:
        return ""
    try:
        return _fernet().rotate(stored.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecretError from error


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.SECRETS.field_keys])


class EncryptedTextField(_TextField):
    """Text that is plain in Python and encrypted in the database. It cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        """What is stored."""
        return value if value is None else encrypt(str(value))

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        """What Python sees."""
        return value if value is None else decrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Only “is it set” can be asked: two encryptions of one text differ."""
        if lookup_name != "isnull":
            raise TypeError(f"{self.name} is encrypted and cannot be filtered by {lookup_name}")
        return super().get_lookup(lookup_name)


_others: list[Callable[[], int]] = []


def also_reencrypt(function: Callable[[], int]) -> Callable[[], int]:
    """Register what re-encrypts values outside of EncryptedTextField; it returns how many."""
    _others.append(function)
    return function


def reencrypt_everything() -> int:
    """Move every encrypted value to the newest key, in one transaction; how many there were."""
    with transaction.atomic():
        ours = sum(
            _reencrypt(model, field)
            for model in apps.get_models()
            for field in model._meta.get_fields()
            if isinstance(field, EncryptedTextField)
        )
        return ours + sum(function() for function in _others)


def _reencrypt(model: type[models.Model], field: EncryptedTextField) -> int:
    count = 0
    for row in model._base_manager.only("pk", field.attname).iterator(chunk_size=500):
        if getattr(row, field.attname):
            row.save(update_fields=[field.attname])
            count += 1
    return count
