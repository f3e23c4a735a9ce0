"""Tone and promise check of texts that a business is about to send: how a decent person writes.

Word rules come from the language's lexicon; rules about form are here. Nothing is changed or
blocked: every remark has a reason and a better wording, and a person decides.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from regulars.text import normal
from regulars.text.clauses import Span
from regulars.text.lexicon import Lexicon, load

WORD_RULES = (
    "threat",
    "pressure",
    "false_urgency",
    "false_familiarity",
    "hollow_phrase",
    "apology_with_advert",
)
FORM_RULES = (
    "missing_greeting",
    "missing_name",
    "missing_reason",
    "missing_signature",
    "missing_unsubscribe",
    "shouting",
    "exclamation_marks",
)
MOST_EXCLAMATIONS = 2
_CAPITAL = "A-ZÀ-ÖØ-ÞŐŰŠŽА-ЯЁ"
_LOUD = re.compile(
    rf"(?<!\w)(?:[{_CAPITAL}]{{2,}}(?:[ ,!]+[{_CAPITAL}]{{2,}})+|[{_CAPITAL}]{{6,}})(?!\w)"
)


# Written in capitals by everybody.
_ABBREVIATIONS = frozenset(
    (
        *("OTP", "BANK", "PANK", "БАНКА", "ДСК", "ДДС", "SEB", "LHV", "HMRC", "VAT", "TAJ"),
        *("ÁFA", "GDPR", "GMBH", "KFT", "BT", "ZRT", "OOD", "EOOD", "ООД", "ЕООД", "ЕАД"),
        *("OÜ", "AS", "LLC", "LTD", "PLC", "USA", "UK", "EU", "ЕС", "PDF", "SMS", "QR"),
        *("IBAN", "SWIFT", "BIC", "TV", "USB", "DVD", "CD", "PIN", "FAQ", "DHL", "GLS"),
        *("DPD", "UPS", "NHS", "BBC", "НАП", "КЗП"),
    )
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to reconsider. `rule` names it; `span` is empty where something is missing.

    `reason` and `better` (a better wording or what to do instead) are in the text's language, and
    empty where it has no file in `data/tone`.
    """

    rule: str
    span: Span
    reason: str = ""
    better: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A text to check. `is_advert` asks for an unsubscribe link as well.

    `name` is the placeholder or name that addresses the receiver, `signature` who signs.
    """

    text: str
    language: str
    is_advert: bool = False
    name: str = ""
    signature: str = ""


def remarks(message: Message) -> tuple[Remark, ...]:
    """What to reconsider in a message, in the order of the text, missing things first."""
    words = load(message.language)
    found = [*_missing(message, words), *_form(message.text), *_wording(message.text, words)]
    explained = (
        replace(
            remark,
            reason=words.tone_reasons.get(remark.rule, ""),
            better=remark.better or words.tone_better.get(remark.rule, ""),
        )
        for remark in found
    )
    return tuple(sorted(explained, key=lambda remark: (remark.span.start, remark.rule)))


def _missing(message: Message, words: Lexicon) -> Iterator[Remark]:
    folded = normal.folded(message.text)
    first, last = folded[:80], folded[-600:]  # an imprint may follow the signature
    checks: list[tuple[str, Callable[[], bool]]] = [
        ("missing_greeting", lambda: bool(words.greetings.search(first))),
        ("missing_name", lambda: _has(folded, message.name) or "{" in message.text),
        ("missing_reason", lambda: bool(words.reasons.search(folded))),
        (
            "missing_signature",
            lambda: (
                _has(last, message.signature)
                if message.signature
                else bool(words.signoffs.search(last))
            ),
        ),
    ]
    if message.is_advert:
        checks.append(("missing_unsubscribe", lambda: bool(words.unsubscribes.search(folded))))
    yield from (Remark(rule, Span(0, 0)) for rule, is_there in checks if not is_there())


def _has(folded: str, wanted: str) -> bool:
    name = re.escape(normal.folded(wanted))
    return bool(name) and re.search(rf"(?<!\w){name}(?!\w)", folded) is not None


def _form(text: str) -> Iterator[Remark]:
    for run in _LOUD.finditer(text):
        if not set(re.findall(r"\w+", run.group())) <= _ABBREVIATIONS:
            yield Remark("shouting", Span(*run.span()))
    marks = [m.span() for m in re.finditer(r"!+", text)]
    if sum(end - start for start, end in marks) > MOST_EXCLAMATIONS:
        yield Remark("exclamation_marks", Span(marks[0][0], marks[-1][1]))


def _wording(text: str, words: Lexicon) -> Iterator[Remark]:
    for rule in words.tone:
        if match := rule.pattern.search(normal.flat(text)):
            yield Remark(rule.id, Span(*match.span()), better=rule.better)
