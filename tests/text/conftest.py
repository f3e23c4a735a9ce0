"""Readers that the tests share: with the bundled model and without any."""

import pytest

from regulars.text.encoder import BundledEncoder, LettersEncoder
from regulars.text.reading import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader(BundledEncoder())


@pytest.fixture(scope="session")
def plain_reader() -> Reader:
    return Reader(LettersEncoder())
