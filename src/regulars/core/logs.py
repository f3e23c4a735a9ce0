"""The log: one line a record, no tokens, no rows of the database, no line breaks smuggled in."""

from __future__ import annotations

import logging
import re

_TOKEN = re.compile(
    r"(?<=/)[A-Za-z0-9_-]{22,}(?=/|\b)"
    r"|(?i:bearer|token|key|authorization)[=: ]+\S+"
)

# PostgreSQL tells the row or the key that it refused, which is somebody's name and address, and
# in its context the values of a statement. A value may hold line breaks, so all is taken up to
# what can only be the next part of a message or of a traceback.
_VALUES = re.compile(
    r"(^[ |]*|\\n)(DETAIL|CONTEXT):.*?"
    r"(?=^(?:HINT|QUERY|LOCATION|DETAIL|CONTEXT):"
    r"|^(?:Traceback \(most recent call last\)|During handling of the above exception"
    r"|The above exception was the direct cause)|\Z)",
    re.MULTILINE | re.DOTALL,
)


def _without_values(text: str) -> str:
    return _VALUES.sub(r"\1\2: [hidden]\n", text)


def masked(text: str) -> str:
    """`text` on one line with tokens, keys, passwords and the values of rows replaced."""
    shown = _without_values(text).rstrip("\n")
    escaped = shown.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
    return _TOKEN.sub("[hidden]", escaped)


class LineFormatter(logging.Formatter):
    """Time, level, logger and message on one line; a traceback keeps its lines, masked."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the library's name
        record.message = masked(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802  # the library's name
        text = super().formatException(ei)  # type: ignore[arg-type]  # as logging passes it
        text = _without_values(text)
        return "\n".join(masked(line) for line in text.splitlines())
