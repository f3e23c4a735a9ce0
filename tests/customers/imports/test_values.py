"""Single cells as shops fill them in."""

from __future__ import annotations

import pytest

from regulars.customers.imports import values


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((word, True) for word in ("yes", "Igen", "да", "JAH", "კი", "დიახ", "1", " x ")),
        *((word, False) for word in ("no", "Nem", "не", "ei", "არა", "0")),
        *((word, None) for word in ("", "perhaps", "?")),
    ],
)
def test_a_tick_is_read_in_five_languages(written: str, meant: bool | None) -> None:
    assert values.yes_or_no(written) is meant
