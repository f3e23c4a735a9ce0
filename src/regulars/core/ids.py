"""Public identifiers and tokens: 22 characters, 128 bits, never derived from a row's number."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """22 URL-safe characters with 128 random bits."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> str:
    """What is kept of a token in the database: 64 hexadecimal characters of SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
