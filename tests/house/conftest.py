from __future__ import annotations

import pytest

from tests.house.examples import World, new_world


@pytest.fixture
def world(db: None) -> World:
    return new_world()
