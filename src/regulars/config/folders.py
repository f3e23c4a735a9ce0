"""The data folder, or a sentence that says why there is none."""

from __future__ import annotations

import os
from pathlib import Path

from regulars.config import variables


def data_folder(inside: str = "") -> Path:
    """The data folder, or a folder in it, made where it is missing.

    Raises ConfigurationError when this user cannot write there.
    """
    data = variables.DATA.read()
    folder = data / inside
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
        reason = "this user may not"
    except OSError as error:
        reason = error.strerror or str(error)
    raise variables.ConfigurationError(
        f"Nothing can be written to {folder} ({reason}). Change its owner, or choose another "
        f"folder with {variables.DATA.name}."
    )
