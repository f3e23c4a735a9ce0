"""Voucher codes: eleven random letters of Crockford's alphabet and one that checks them.

Eleven letters are 55 bits. The check letter is a sum over GF(32), each place weighed by its own
power of a generator, so one wrong letter and any two letters changed round are always noticed
(the construction of Reed and Solomon, 1960, with one check symbol). The database keeps a keyed
hash and the last four letters.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

# Without I, L, O and U, so nothing can be misread or spell a word (D. Crockford, Base 32, 2002).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_LETTERS = 11
LENGTH = RANDOM_LETTERS + 1
_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)


def new_code() -> str:
    """A code of twelve letters, without dashes."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LETTERS))
    return body + check_letter(body)


def check_letter(body: str) -> str:
    """The letter that belongs behind `body`."""
    total = 0
    for letter in body:
        total = _double(total ^ ALPHABET.index(letter))
    return ALPHABET[total]


def _double(element: int) -> int:
    shifted = element << 1
    return shifted ^ _POLYNOMIAL if shifted & 0b100000 else shifted


def normal(typed: str) -> str:
    """A typed or scanned code: case, spaces and dashes do not matter, O is 0, I and L are 1."""
    letters = typed[:80].upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return "".join(letter for letter in letters if letter.isalnum())


def is_well_formed(code: str) -> bool:
    """Whether a normal code has the right length, letters and check letter."""
    if len(code) != LENGTH or any(letter not in ALPHABET for letter in code):
        return False
    return check_letter(code[:-1]) == code[-1]


def shown(code: str) -> str:
    """The code in groups of four: 7K3M-Q2XN-91TB."""
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def code_hash(code: str) -> str:
    """What the database keeps of a normal code: HMAC-SHA-256 with the installation's key."""
    key = settings.SECRETS.key.encode()
    return hmac.new(key, b"voucher:" + code.encode(), hashlib.sha256).hexdigest()
