from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.stage import Stage, stage


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A fresh real installation, once on each engine."""
    with stage(request.param) as made:
        yield made
