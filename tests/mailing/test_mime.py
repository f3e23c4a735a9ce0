"""PC6 and PC8: what stands in the raw bytes of a message."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.mailing import mime
from regulars.mailing.mime import Envelope, HeaderError

AT = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
HOST_OF_60 = "a-shop-with-a-very-long-name-in-a-very-long-street.example.ge"
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
}
HOSTILE = st.text(
    alphabet=st.sampled_from("ab,;:<>@\"'()\\\r\n\x00\u2028\u2029\x85\x0b\x0c=?éүქ\ud800 ")
    | st.characters(),
    max_size=80,
) | st.sampled_from(
    [
        "Anna\r\nBcc: victim@example.com",
        "Anna\nBcc: victim@example.com",
        "=?utf-8?q?Anna=0D=0ABcc=3A_victim=40example.com?=",
        "=?utf-8?b?QW5uYQ0KQmNjOiB2aWN0aW1AZXhhbXBsZS5jb20=?=",
        "Anna\u2028Bcc: victim@example.com",
        "Anna\x00",
        "=??Q?=0D0",
        '" <victim@example.com>, "',
    ]
)


def envelope(**fields: object) -> Envelope:
    standing: dict[str, object] = {
        "sender": "hello@mandula.example",
        "sender_name": "Café Mandula",
        "to": "anna@example.com",
        "to_name": "Anna Őri",
        "subject": "Thank you",
        "message_id": "<abc@mandula.example>",
        "date": AT,
        "reply_to": "olga@mandula.example",
        "unsubscribe": "https://mandula.example/u/0123456789abcdefghijkl/",
    }
    return Envelope(**(standing | fields))  # type: ignore[arg-type]  # as given


def head(raw: bytes) -> list[bytes]:
    return raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")


def test_the_unsubscribe_headers_are_plain_in_the_raw_bytes() -> None:
    url = f"https://{HOST_OF_60}/u/0123456789abcdefghijkl/"
    assert len(HOST_OF_60) >= 60

    raw = mime.as_bytes(envelope(unsubscribe=url), text="Hi", html="<p>Hi</p>")

    lines = head(raw)
    assert f"List-Unsubscribe: <{url}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


def test_control_the_modern_policy_breaks_the_same_header() -> None:
    from email.message import EmailMessage

    mail = EmailMessage(policy=policy.SMTP)
    mail["List-Unsubscribe"] = f"<https://{HOST_OF_60}/u/0123456789abcdefghijkl/>"

    assert b"=?utf-8?" in mail.as_bytes()


def test_every_line_is_seven_bit_and_short() -> None:
    raw = mime.as_bytes(envelope(subject="Köszönjük, Őri Ágnes! " * 9), text="é" * 5000, html="ქ")

    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_texts_survive_the_journey() -> None:
    raw = mime.as_bytes(envelope(subject="ქართული"), text="გმადლობთ\n.\n.x\n", html="<p>ő</p>")

    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Subject"] == "ქართული"
    assert mail["To"].addresses[0].display_name == "Anna Őri"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == "გმადლობთ\n.\n.x\n"
    assert html.get_content().strip() == "<p>ő</p>"


WORDS = st.lists(
    st.sampled_from(
        [
            *("Az", "Önök", "hete:", "Jobb,", "mint", "korábban:", "Könnyűség.", "Café"),
            *("თქვენი", "შეკვეთა", "Един", "въпрос", "–", "Teile", "Mandula"),
        ]
    ),
    min_size=1,
    max_size=25,
)


@given(words=WORDS, name=WORDS)
def test_no_space_between_words_is_lost(words: list[str], name: list[str]) -> None:
    subject, named = " ".join(words), " ".join(name)

    raw = mime.as_bytes(
        envelope(subject=subject, to_name=named, sender_name=named), text="Hi", html=""
    )

    mail = message_from_bytes(raw, policy=policy.compat32)
    assert decoded(mail["Subject"]) == subject
    assert decoded(parseaddr(mail["To"])[0]) == named
    assert decoded(parseaddr(mail["From"])[0]) == named
    lines = head(raw)
    assert max(len(line) for line in lines) <= 78
    assert max((len(line) for line in lines if b"=?" in line), default=0) <= 76


def decoded(words: str) -> str:
    """As RFC 2047 reads them. (The parser of `policy.default` splits words at folds.)"""
    return str(make_header(decode_header(words)))


def test_control_the_standard_policy_loses_one() -> None:
    from email.message import EmailMessage

    subject = "Az Önök hete: Jobb, mint korábban: Könnyűség."
    mail = EmailMessage(policy=policy.SMTP.clone(max_line_length=76))
    mail["Subject"] = subject

    assert message_from_bytes(mail.as_bytes(), policy=policy.default)["Subject"] != subject


@given(name=HOSTILE, subject=HOSTILE, sender_name=HOSTILE, to=HOSTILE, reply_to=HOSTILE)
def test_no_field_can_smuggle_a_header_or_a_recipient(
    name: str, subject: str, sender_name: str, to: str, reply_to: str
) -> None:
    """Each hostile field alone and all together: refused as a whole, or harmless."""
    tries: list[dict[str, object]] = [
        {"to_name": name, "subject": subject, "sender_name": sender_name},
        {"to": to},
        {"to": f"anna@example.com{to}"},
        {"reply_to": reply_to or "x@example.com"},
        {"sender": to},
    ]
    for fields in tries:
        try:
            raw = mime.as_bytes(envelope(**fields), text="Hi", html="")
        except HeaderError:
            continue
        mail = message_from_bytes(raw, policy=policy.default)
        assert {key for key in mail if key != "Content-Transfer-Encoding"} == HEADERS
        assert len(mail.keys()) == len(set(mail.keys()))
        assert len(mail["To"].addresses) == 1
        assert len(mail["From"].addresses) == 1
        assert len(mail["Reply-To"].addresses) == 1


@pytest.mark.parametrize(
    "url", ["https://x.example/ü", "https://x.example/\r\nBcc: a@b.example", "https://" + "x" * 990]
)
def test_an_unsubscribe_address_that_is_not_plain_is_refused(url: str) -> None:
    with pytest.raises(HeaderError):
        mime.as_bytes(envelope(unsubscribe=url), text="Hi", html="")


def test_a_domain_in_other_letters_goes_out_in_ascii() -> None:
    assert mime.wire_address("anna@кафе.example") == "anna@xn--80akn5b.example"
