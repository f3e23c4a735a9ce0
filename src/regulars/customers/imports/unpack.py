"""Turns an uploaded file into rows, in a process of its own with a limit on its memory.

Run as a program (`unpack.py FILE FOLDER [ENCODING [DELIMITER]]`): a file made to exhaust whoever
reads it exhausts only this process. Knows no Django, so that it starts in a few milliseconds.

Writes `rows.jsonl` (one JSON array a line; the first one is the header) and `info.json`. A cell is
a text; from a spreadsheet also a number, true or false, or {"d": "2026-08-07T14:12:00"}.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import json
import re
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

MAX_FILE = 100_000_000
MAX_UNPACKED = 50_000_000
MAX_RATIO = 100
MAX_ENTRIES = 1_000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 500
MAX_CELL = 20_000
MEMORY = 1_000_000_000
SECONDS = 300

CODE_PAGES = ("cp1250", "cp1251", "cp1252", "cp1257")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = ";\t,|"
SPACES = "spaces"

Row = list[Any]


class RefusedError(Exception):
    """A file that is not read; the argument is the code of the reason."""


class InDoubtError(Exception):
    """The file can be read in several encodings: [(encoding, sample words)]."""


# --- Spreadsheets ------------------------------------------------------------------------------


def guard_archive(path: Path) -> None:
    """Refuse an archive that would unpack to too much, from its directory alone.

    Raises RefusedError with `bomb` or `unreadable`. Unpacks nothing.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise RefusedError("unreadable") from error
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    steepest = max((e.file_size / max(e.compress_size, 1) for e in entries), default=0)
    if len(entries) > MAX_ENTRIES or total > MAX_UNPACKED:
        raise RefusedError("bomb")
    if total > MAX_RATIO * max(packed, 1) or (steepest > MAX_RATIO and total > 1_000_000):
        raise RefusedError("bomb")


def refuse_entities(path: Path) -> None:
    """Refuse XML that declares a document type: no spreadsheet needs one, attacks do."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.lower().endswith((".xml", ".rels")):
                continue
            with archive.open(entry) as part:
                start = part.read(4096)
            text = start.replace(b"\x00", b"").upper()  # UTF-16 hides it behind zeros
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise RefusedError("entities")


def spreadsheet_rows(path: Path) -> Iterator[Row]:
    """The rows of the first sheet that has any."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    guard_archive(path)
    refuse_entities(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_width > MAX_COLUMNS:
                raise RefusedError("too_wide")
            if sheet.total_height:
                yield from ([_cell(value) for value in row] for row in sheet.iter_rows())
                return
    except PasswordError as error:
        raise RefusedError("encrypted") from error
    except CalamineError as error:
        raise RefusedError("unreadable") from error


def _cell(value: object) -> Any:
    if isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dt.datetime) and value.time() != dt.time():
        return {"d": value.isoformat()}
    if isinstance(value, dt.date):  # a day that is formatted as one, or midnight
        return {"d": value.strftime("%Y-%m-%d")}
    return str(value)


# --- Formulas ----------------------------------------------------------------------------------

_STARTS_FORMULA = frozenset("=+-@\t\r\n\x00")


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet program would run as a formula.

    Such cells begin, also after spaces or in full width, with = + - @, a tab or a return. What
    looks as if it had been treated already gets another one, so that `plain` gives back the same.
    """
    return f"'{cell}" if _is_formula(cell) or plain(cell) != cell else cell


def plain(cell: str) -> str:
    """The cell as it was before `harmless`."""
    rest = cell.lstrip("'")
    return cell[1:] if len(rest) < len(cell) and _is_formula(rest) else cell


def _is_formula(cell: str) -> bool:
    if cell[:1] in _STARTS_FORMULA and cell:
        return True
    start = unicodedata.normalize("NFKC", cell.lstrip())[:1]
    return bool(start) and start in _STARTS_FORMULA


# --- Text --------------------------------------------------------------------------------------


def encoding_of(path: Path) -> str:
    """The encoding, where the bytes tell it. Raises InDoubtError where they do not."""
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in BOMS:
        if start.startswith(mark):
            return encoding
    if start.count(0) > len(start) // 4:
        return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    if _is_utf8(path):
        return "utf-8"
    return _code_page(path)


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _code_page(path: Path) -> str:
    """The code page, if all that could be meant read the file's bytes alike."""
    readings: dict[str, str] = {}
    used = _high_bytes(path)
    for page in CODE_PAGES:
        try:
            letters = used.decode(page)
        except UnicodeDecodeError:
            continue
        readings.setdefault(letters, page)
    if not readings:
        raise RefusedError("unreadable")
    if len(readings) == 1:
        return next(iter(readings.values()))
    lines = _telling_lines(path)
    raise InDoubtError(
        [(page, [line.decode(page) for line in lines]) for page in readings.values()]
    )


def _high_bytes(path: Path) -> bytes:
    used: set[int] = set()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            used.update(set(piece) - set(range(128)))
    return bytes(sorted(used))


def _telling_lines(path: Path) -> list[bytes]:
    """Up to six words that sound different in each encoding."""
    words: list[bytes] = []
    with path.open("rb") as file:
        for line in file:
            for word in re.findall(rb"[^\s,;|\"\t]*[\x80-\xff][^,;|\"\t\r\n]*", line):
                if word not in words:
                    words.append(word[:60])
            if len(words) >= 6:
                break
    return words[:6]


def delimiter_of(lines: list[str]) -> str:
    """What separates the cells: the sign that gives most columns, the same in most lines."""
    best, most = ",", 1
    for sign in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=sign) if row)
        except csv.Error:
            continue
        width, lines_so = widths.most_common(1)[0] if widths else (1, 0)
        if width > most and lines_so >= 0.6 * sum(widths.values()):
            best, most = sign, width
    if most > 1:
        return best
    spaced = {len(line.split()) for line in lines if line.strip()}
    return SPACES if len(spaced) == 1 and spaced != {1} else best


def text_rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    """The rows of a text file; empty lines are left out."""
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding, newline="") as file:
        lines: Iterable[str] = (line.replace("\x00", "") for line in file)
        if delimiter == SPACES:
            yield from (line.split() for line in lines if line.strip())
            return
        try:
            for row in csv.reader(lines, delimiter=delimiter):
                if any(row) and not (len(row) <= 2 and row[0].lower().startswith("sep=")):
                    yield [plain(cell) for cell in row]
        except csv.Error as error:
            raise RefusedError("broken_quotes") from error
        except UnicodeError as error:
            raise RefusedError("unreadable") from error


def _first_lines(path: Path, encoding: str) -> list[str]:
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        text = file.read(65_536)
    lines = text.splitlines(keepends=True)
    return lines[:200] if len(lines) <= 200 else lines[:199]


# --- JSON as WooCommerce's API answers ---------------------------------------------------------


def json_rows(path: Path) -> Iterator[Row]:
    """A list of objects as rows: nested names joined by dots, one row for each line of an order."""
    try:
        things = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise RefusedError("unreadable") from error
    if isinstance(things, dict):
        things = next((value for value in things.values() if isinstance(value, list)), [things])
    if not all(isinstance(thing, dict) for thing in things):
        raise RefusedError("unreadable")
    flat = [row for thing in things for row in _flattened(thing)]
    header = list(dict.fromkeys(name for row in flat for name in row))
    yield header
    yield from ([row.get(name, "") for name in header] for row in flat)


def _flattened(thing: dict[str, Any]) -> Iterator[dict[str, Any]]:
    plain = dict(_plain(thing, ""))
    refunds = [refund for refund in thing.get("refunds") or [] if isinstance(refund, dict)]
    plain["refunds.total"] = "+".join(str(refund.get("total", "")) for refund in refunds)
    lines = [line for line in thing.get("line_items") or [] if isinstance(line, dict)]
    for line in lines or [{}]:
        yield plain | dict(_plain(line, "line_items."))


def _plain(thing: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in thing.items():
        if isinstance(value, dict) and not prefix.count("."):
            yield from _plain(value, f"{prefix}{name}.")
        elif value is None or isinstance(value, (str, int, float, bool)):
            yield f"{prefix}{name}", "" if value is None else str(value)


# --- All together ------------------------------------------------------------------------------


def unpack(path: Path, folder: Path, encoding: str = "", delimiter: str = "") -> dict[str, Any]:
    """Write the rows; what there is to know about the file."""
    if path.stat().st_size > MAX_FILE:
        raise RefusedError("too_big")
    with path.open("rb") as file:
        start = file.read(512)
    info: dict[str, Any] = {"kind": "text", "encoding": encoding, "delimiter": delimiter}
    if start.startswith(b"PK\x03\x04"):
        info |= {"kind": "spreadsheet"}
        rows = spreadsheet_rows(path)
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedError("old_or_encrypted")
    elif start.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"[", b"{"}:
        info |= {"kind": "json"}
        rows = json_rows(path)
    else:
        info["encoding"] = encoding or encoding_of(path)
        lines = _first_lines(path, info["encoding"])
        info["delimiter"] = delimiter or delimiter_of(lines)
        rows = text_rows(path, info["encoding"], info["delimiter"])
    return info | _write(rows, folder / "rows.jsonl")


def _write(rows: Iterator[Row], target: Path) -> dict[str, Any]:
    first: list[Row] = []
    for row in rows:
        first.append(row)
        if len(first) == 20:
            break
    first = _from_header(first)
    if not first:
        raise RefusedError("empty")
    has_header = is_header(first[0])
    header = [str(_text(cell)).strip() for cell in first[0]] if has_header else []
    width = max(len(row) for row in first)
    if width > MAX_COLUMNS:
        raise RefusedError("too_wide")
    header += [f"#{number + 1}" for number in range(len(header), width)]
    count = 0
    with target.open("w", encoding="utf-8") as file:
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        file.write(encode(header) + "\n")
        for row in _chained(first[1:] if has_header else first, rows):
            count += 1
            if count > MAX_ROWS:
                raise RefusedError("too_many_rows")
            file.write(encode(row) + "\n")
    sample = first[1:9] if has_header else first[:8]
    return {"header": header, "has_header": has_header, "rows": count, "sample": sample}


def _chained(first: list[Row], rest: Iterator[Row]) -> Iterator[Row]:
    for row in (*first, *rest):
        if any(cell not in ("", None) for cell in row):
            yield row


def _from_header(rows: list[Row]) -> list[Row]:
    """Without the titles that some programs write above the table."""
    filled = [sum(cell not in ("", None) for cell in row) for row in rows]
    enough = max(filled, default=0) / 2
    start = next((number for number, count in enumerate(filled) if count >= max(enough, 1)), None)
    return [] if start is None else rows[start:]


def is_header(row: Row) -> bool:
    """Whether a row names columns: words, none of them twice, no figures, dates or addresses."""
    names = [_text(cell).strip().casefold() for cell in row]
    words = [name for name in names if name]
    figures = [n for n in words if re.fullmatch(r"[-+\d.,:/ €$₾%]+", n) or "@" in n]
    typed = any(not isinstance(cell, str) for cell in row if cell not in ("", None))
    return bool(words) and len(set(words)) == len(words) and not figures and not typed


def _text(cell: Any) -> str:
    return cell["d"] if isinstance(cell, dict) else str(cell if cell is not None else "")


def main() -> int:
    """The program: limits itself, unpacks, writes info.json."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        info = unpack(path, folder, *sys.argv[3:5])
    except RefusedError as refused:
        info = {"error": str(refused)}
    except InDoubtError as doubt:
        info = {"readings": doubt.args[0]}
    except MemoryError:
        info = {"error": "too_big"}
    (folder / "info.json").write_text(json.dumps(info, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
