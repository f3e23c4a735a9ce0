"""Keys for programs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from regulars.accounts.models import ApiToken, Scope, Staff
from regulars.core import audit
from regulars.core.ids import token_hash


def new_api_token(*, name: str, scopes: Iterable[Scope], by: Staff) -> tuple[ApiToken, str]:
    """Make a token; the row, and the token itself, which is shown once and not kept."""
    raw = ApiToken.PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name,
            token_hash=token_hash(raw),
            ending=raw[-4:],
            scopes=sorted(str(scope) for scope in scopes),
            made_by=by,
        )
        audit.note("accounts.make_api_token", by=by, subject=_subject(token), scopes=token.scopes)
    return token, raw


def revoke(token: ApiToken, *, by: Staff) -> None:
    """Stop the token at once."""
    with transaction.atomic():
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        audit.note("accounts.revoke_api_token", by=by, subject=_subject(token))


def note_token_use(token: ApiToken) -> None:
    """Note the day a token was last used; at most one write a day."""
    today = timezone.now().date()
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)


def _subject(token: ApiToken) -> str:
    return f"api_token:{token.public_id}"
