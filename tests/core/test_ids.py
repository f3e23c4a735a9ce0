"""Public identifiers are long, safe in addresses, and nobody guesses the next."""

from __future__ import annotations

import base64
import re

from regulars.core import ids


def test_tokens_are_128_bits_in_22_safe_characters() -> None:
    made = {ids.new_token() for _ in range(2_000)}

    assert len(made) == 2_000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in made)
    assert {len(base64.urlsafe_b64decode(token + "==")) for token in made} == {16}
    assert {"-", "_"} < set("".join(made))  # all 64 characters occur


def test_every_bit_is_drawn() -> None:
    """Of 2,000 tokens each of the 128 bits is set in about half (six standard deviations)."""
    drawn = [
        int.from_bytes(base64.urlsafe_b64decode(ids.new_token() + "=="), "big")
        for _ in range(2_000)
    ]
    for bit in range(128):
        assert 866 < sum(number >> bit & 1 for number in drawn) < 1_134
