"""The log: one line a record, no tokens, no line breaks smuggled in by what people typed."""

from __future__ import annotations

import logging
import re

_TOKEN = re.compile(
    r"(?<=/)[A-Za-z0-9_-]{22,}(?=/|\b)"
    r"|(?i:bearer|token|key|authorization)[=: ]+\S+"
)


def masked(text: str) -> str:
    """`text` on one line with tokens, keys and passwords replaced."""
    escaped = text.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
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
        return "\n".join(masked(line) for line in text.splitlines())
