"""The installation's generated secrets: a file of its own, readable by its owner only."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from itertools import chain, count
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
    field_keys = tuple(k.strip() for k in variables.FIELD_KEYS.read().split(",") if k.strip())
    if key and field_keys:
        return Secrets(key, field_keys)
    path = folder / FILE_NAME
    if not path.exists():
        if database is not None and database.exists() and database.stat().st_size:
            raise variables.ConfigurationError(
                f"{path} is missing, but the database {database} exists. Put the saved secrets "
                "file back (`regulars secrets export` wrote it), or set REGULARS_SECRET_KEY and "
                "REGULARS_FIELD_KEYS."
            )
        write(path, Secrets(secrets.token_urlsafe(48), (Fernet.generate_key().decode(),)))
    kept = parse(path.read_text())
    return Secrets(key or kept.key, field_keys or kept.field_keys)


def parse(text: str) -> Secrets:
    """The secrets from the content of a file. Raises ValueError when they are not all there."""
    content = json.loads(text)
    try:
        key, field_keys = content["key"], tuple(content["field_keys"])
    except (KeyError, TypeError) as error:
        raise ValueError("not a file of secrets") from error
    for field_key in field_keys:
        Fernet(field_key)
    if not (isinstance(key, str) and key and field_keys):
        raise ValueError("not a file of secrets")
    return Secrets(key, field_keys)


def write(path: Path, content: Secrets) -> None:
    """Write the file, whole or not at all. One that is there already stays, and counts."""
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def replace(path: Path, content: Secrets) -> None:
    """Write over the file, whole or not at all."""
    _draft(path, content).replace(path)


def set_aside(path: Path, content: Secrets) -> Path:
    """Keep a copy beside `path`, in a file that was not there before; that file."""
    endings = chain([""], (f"-{number}" for number in count(2)))
    targets = (path.with_name(f"{path.name}.before-import{ending}") for ending in endings)
    target = next(target for target in targets if not target.exists())
    write(target, content)
    return target


def _draft(path: Path, content: Secrets) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"key": content.key, "field_keys": list(content.field_keys)}, file)
        file.flush()
        os.fsync(file.fileno())
    return draft


def fingerprint(content: Secrets) -> str:
    """Tells whether two installations share their keys, without telling the keys."""
    joined = "\0".join([content.key, *content.field_keys])
    return hashlib.sha256(b"regulars" + joined.encode()).hexdigest()[:16]
