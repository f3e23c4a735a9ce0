"""A new password for who forgot theirs, in a way that tells nobody who is known here."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows import password_reset
from allauth.account.internal.userkit import filter_users_by_email

from regulars.core import crypto
from regulars.core.queue.backend import task_named

SEND_RESET = "regulars.accounts.tasks.send_password_reset"


def ask_for_reset(email: str) -> None:
    """Queue the look-up of an address. The same work whether it is known or not, so that neither
    the answer nor its time tells; the address is kept encrypted.
    """
    task_named(SEND_RESET).enqueue(address=crypto.encrypt(email))


def send_reset(email: str) -> bool:
    """Queue the mail with the link for whoever signs in with the address; whether there is one."""
    known = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    if known:
        password_reset.request_password_reset(None, email, known, default_token_generator)
    return bool(known)
