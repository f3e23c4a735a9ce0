"""The installation's generated secrets: a file of its own, readable by its owner only."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from regulars.config import variables

FILE_NAME = "secrets.json"


@dataclass(frozen=True)
class Secrets:
    """What signs (`key`) and what encrypts (`field_keys`, Fernet, the newest first)."""

    key: str
    field_keys: tuple[str, ...]


def load_secrets(folder: Path, *, database: Path | None) -> Secrets:
    """The secrets from the environment, else from `folder`, made there at the first start.

    Raises ConfigurationError when the file is gone although `database` exists: new secrets would
    make every signed link and every encrypted value unreadable without a word.
    """
    key = variables.SECRET_KEY.read()
    field_keys = variables.FIELD_KEYS.read()
    if key and field_keys:
        return Secrets(key, tuple(part.strip() for part in field_keys.split(",")))
    path = folder / FILE_NAME
    if not path.exists():
        if database is not None and database.exists() and database.stat().st_size:
            raise variables.ConfigurationError(
                f"{path} is missing, but the database {database} exists. Put the saved secrets "
                "file back (`regulars secrets export` wrote it), or set REGULARS_SECRET_KEY and "
                "REGULARS_FIELD_KEYS."
            )
        _write_new(path)
    kept = json.loads(path.read_text())
    return Secrets(key or kept["key"], tuple(kept["field_keys"]))


def _write_new(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = {"key": secrets.token_urlsafe(48), "field_keys": [Fernet.generate_key().decode()]}
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails when another process was first; then its secrets count
    except FileExistsError:
        pass
    finally:
        draft.unlink()
