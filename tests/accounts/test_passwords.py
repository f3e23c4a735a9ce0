"""PF5: passwords that breaches are full of are refused, without asking anybody elsewhere."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from regulars.accounts import passwords
from regulars.accounts.models import Staff


def refused(password: str, person: Staff | None = None) -> set[str]:
    try:
        validate_password(password, person)
    except ValidationError as error:
        return {one.code for one in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    ["password123", "Passw0rd2026!", "qwertyuiop12", "iloveyou123", "1234567890a", "aaaaaaaaaaaa"],
)
def test_what_crackers_try_first_is_refused(password: str) -> None:
    assert "password_guessable" in refused(password)


@pytest.mark.parametrize("password", ["három kis macska", "зелен чай сутрин", "kolm väikest kassi"])
def test_a_few_words_in_a_row_are_taken(password: str) -> None:
    assert refused(password) == set()


def test_name_and_address_with_digits_are_refused() -> None:
    person = Staff(email="zsuzsanna.kerekes@mandula.example", name="Zsuzsanna Kerekes")

    assert "password_guessable" in refused("Zsuzsanna2026", person)


def test_a_password_of_a_breach_is_refused(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "breached.txt"
    words = ["három kis macska", *(f"word number {n}" for n in range(500))]
    hashes = sorted(hashlib.sha1(one.encode()).hexdigest().upper() for one in words)
    file.write_text("".join(f"{one}:7\r\n" for one in hashes))
    settings.BREACHED_PASSWORDS = file

    assert refused("három kis macska") == {"password_breached"}
    assert refused("három nagy kutya") == set()


def test_the_search_agrees_with_reading_every_line(tmp_path: Path) -> None:
    file = tmp_path / "breached.txt"
    for listed in range(12):
        hashes = sorted(
            hashlib.sha1(str(one).encode()).hexdigest().upper() for one in range(listed)
        )
        file.write_text("".join(f"{one}:{10**n}\n" for n, one in enumerate(hashes)))

        found = [passwords.is_breached(str(wanted), file) for wanted in range(20)]

        assert found == [wanted < listed for wanted in range(20)]


@pytest.mark.django_db
def test_the_form_says_why(colleague: Staff, colleague_client: Client) -> None:
    answer = colleague_client.post(
        "/account/password/change/",
        {
            "oldpassword": "a long enough password",
            "password1": "iloveyou123",
            "password2": "iloveyou123",
        },
    )

    assert "easily guessed" in answer.content.decode()
    colleague.refresh_from_db()
    assert colleague.check_password("a long enough password")
