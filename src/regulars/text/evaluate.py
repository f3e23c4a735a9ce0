"""Measuring the reading on labelled comments: what the command and the product's table show."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regulars.stats import intervals
from regulars.text.language import OWN
from regulars.text.reading import Reader, Reading
from regulars.text.trained import COARSE

COLUMNS = ("language", "text", "topic", "sentiment")
POLES = ("positive", "negative")

_CODE = re.compile(r"[a-z]{2,3}")
_LONG_CODES = {"hun": "hu", "bul": "bg", "est": "et", "kat": "ka", "geo": "ka", "eng": "en"}
"""ISO 639-2 codes of the languages that have word lists."""
_REGION = re.compile(r"[-_].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A comment with what a person said about it; empty where nothing was said."""

    language: str
    text: str
    topic: str
    sentiment: str


def labelled(path: Path, note: Callable[[str], None] = lambda text: None) -> list[Labelled]:
    """Read a CSV file with the columns of `COLUMNS`, in any order.

    Separated by commas, semicolons or tabs, in UTF-8 with or without its mark or in UTF-16 with it,
    as spreadsheets save; texts in quotes may hold line ends. Topics other than the four coarse ones
    and sentiments other than positive and negative count as not labelled; "en-GB" and "eng" count
    as "en"; lines without a text are left out. What is left out or not known is said to `note`.
    Raises `ValueError` where a column is missing or stands twice, a line has no language code, a
    quote is never closed, or the file is no table or holds no comment.
    """
    text = _text(path)
    try:
        _refuse_open_quote(text)
        lines, delimiter = _table(text)
        table = csv.DictReader(lines, delimiter=delimiter)
        _check_columns([(name or "").strip().lower() for name in table.fieldnames or ()])
        cells = ((_cells(row), table.line_num) for row in table)
        found = [(row, line) for row, line in cells if any(map(str.strip, row.values()))]
    except csv.Error as error:
        raise ValueError(f"{path.name} is not a table: {error}") from error
    rows = [_row(row, line) for row, line in found if row["text"].strip()]
    if not rows:
        raise ValueError(f"{path.name} holds no comment")
    for remark in _left_out([row for row, _line in found]):
        note(remark)
    return rows


def _check_columns(names: Sequence[str]) -> None:
    if missing := set(COLUMNS) - set(names):
        raise ValueError(f"columns are missing: {', '.join(sorted(missing))}")
    if twice := [name for name in COLUMNS if names.count(name) > 1]:
        raise ValueError(f"a column stands twice: {', '.join(twice)}")


def _refuse_open_quote(text: str) -> None:
    """Raise `csv.Error` where a quote is never closed: all that follows would be one comment."""
    lines, delimiter = _table(text)
    try:
        for _row in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        if "end of data" in str(error):
            raise csv.Error("a quote is never closed") from error


def _left_out(found: Sequence[dict[str, str]]) -> Iterator[str]:
    """What of the file does not count, in words."""
    empty = sum(not row["text"].strip() for row in found)
    if empty:
        yield f"{empty} lines have no text and are left out"
    for column, known in (("topic", COARSE), ("sentiment", POLES)):
        values = Counter(row[column].strip() for row in found if row[column].strip())
        others = {value: n for value, n in values.items() if value.lower() not in known}
        if others:
            told = ", ".join(f"{value} ({n})" for value, n in sorted(others.items())[:10])
            yield f"{column}: {told} count as not labelled; known are {', '.join(known)}"


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(b"PK\x03\x04"):
        raise ValueError(f"{path.name} is a spreadsheet; save it as CSV UTF-8")
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not in UTF-8; save it as CSV UTF-8") from error


def _table(text: str) -> tuple[io.StringIO, str]:
    """The lines of a table and their delimiter: the commonest of the first line.

    Some spreadsheets name the delimiter in a line of its own, "sep=;". Empty lines and remarks that
    begin with # may stand before the first line.
    """
    lines = io.StringIO(text, newline="")
    if named := re.match(r"(?:[ \t]*(?:#[^\r\n]*)?\r?\n)*(?:sep=.\r?\n)?", text):
        lines.seek(named.end())
    start = lines.tell()
    first = lines.readline()
    lines.seek(start)
    return lines, max(",;\t", key=first.count)


def foreign(rows: Sequence[Labelled]) -> list[str]:
    """Language codes that the reader has no word lists and seed sentences for."""
    return sorted({row.language for row in rows} - set(OWN))


def _cells(row: dict[str | Any, Any]) -> dict[str, str]:
    """Values by column; what stands beyond the last column is left out."""
    named = {name: value for name, value in row.items() if isinstance(name, str)}
    return {name.strip().lower(): value or "" for name, value in named.items()}


def _row(cells: dict[str, str], line: int) -> Labelled:
    topic, sentiment = cells["topic"].strip().lower(), cells["sentiment"].strip().lower()
    code = _REGION.sub("", cells["language"].strip().lower())
    code = _LONG_CODES.get(code, code)
    if not _CODE.fullmatch(code):
        raise ValueError(
            f"line {line}: {cells['language']!r} is not a language code such as {', '.join(OWN)}"
        )
    return Labelled(
        code,
        cells["text"],
        topic if topic in COARSE else "",
        sentiment if sentiment in POLES else "",
    )


def measured(rows: Sequence[Labelled], reader: Reader) -> dict[str, dict[str, Any]]:
    """Accuracy per language of language, topic and sentiment.

    Topic and sentiment are read knowing the language, as a shop with one language does; `language`
    is recognised among all. Each part has `accuracy`, `low`, `high` (Wilson 95 %), `macro_f1`,
    `abstained` (a share), `n` (labelled) and `confusion` ({true: {read: count}}). Accuracy of
    sentiment is among those not abstained.
    """
    found = {}
    for code in sorted({row.language for row in rows}):
        mine = [row for row in rows if row.language == code]
        readings = reader.read_many([row.text for row in mine], languages=[code])
        free = reader.languages_of([row.text for row in mine])
        topic = [(r.topic, g.coarse_topic) for r, g in zip(mine, readings, strict=True) if r.topic]
        felt = [(r.sentiment, _pole(g)) for r, g in zip(mine, readings, strict=True) if r.sentiment]
        found[code] = {
            "topic": _part(topic, COARSE),
            "sentiment": _part(felt, POLES),
            "language": _part([(code, guess) for guess in free], (code,)),
        }
    return found


def _pole(reading: Reading) -> str:
    return reading.feeling.label if reading.feeling.label in POLES else ""


def _part(pairs: Sequence[tuple[str, str]], labels: Iterable[str]) -> dict[str, Any]:
    """Measures of (true, read) pairs; an empty reading is an abstention."""
    told = [(true, read) for true, read in pairs if read]
    right = sum(true == read for true, read in told)
    low, high = wilson(right, len(told))
    confusion: dict[str, Counter[str]] = {}
    for true, read in pairs:
        confusion.setdefault(true, Counter())[read or "abstained"] += 1
    return {
        "accuracy": round(right / len(told), 4) if told else None,
        "low": low,
        "high": high,
        "macro_f1": _macro_f1(told, tuple(labels)),
        "abstained": round(1 - len(told) / len(pairs), 4) if pairs else None,
        "n": len(pairs),
        "confusion": {true: dict(reads) for true, reads in sorted(confusion.items())},
    }


def _macro_f1(pairs: Sequence[tuple[str, str]], labels: Sequence[str]) -> float | None:
    """Mean F1 of the labels that occur; None without pairs."""
    scores = []
    for label in labels:
        hits = sum(true == read == label for true, read in pairs)
        seen = sum(true == label for true, _ in pairs) + sum(read == label for _, read in pairs)
        if seen:
            scores.append(2 * hits / seen)
    return round(sum(scores) / len(scores), 4) if scores else None


def wilson(right: int, of: int) -> tuple[float | None, float | None]:
    """Wilson's 95 % interval of a share, four digits; None, None of nothing."""
    if not of:
        return None, None
    around = intervals.wilson(right, of)
    return round(around.low, 4), round(around.high, 4)
