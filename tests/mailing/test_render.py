"""Composing a mail: whatever a customer wrote stands in it."""

from __future__ import annotations

from regulars.mailing.content import Button, Code, Content, Facts, Heading, Paragraph, Quote, Signed
from regulars.mailing.render import Foot, Look, render

ODD = "".join(map(chr, [*range(0x300), 0x2028, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x10FFFF]))


def test_no_character_keeps_a_mail_from_being_composed() -> None:
    def odd(name: str) -> str:
        return f"{ODD}({name})"

    pieces = (
        *(Paragraph(odd("paragraph")), Heading(odd("heading")), Quote(odd("quote"))),
        *(Button(odd("button"), "https://a.example/"), Signed(odd("signed"), odd("title"))),
        *(Code(odd("code"), odd("gives"), odd("note")), Facts(((odd("fact"), odd("value")),))),
    )
    content = Content(subject="Hello", preview=odd("preview"), pieces=pieces)

    rendered = render(content, language="en", look=Look(odd("look")), foot=Foot(why=odd("why")))

    shown = (
        *("paragraph", "heading", "quote", "button", "signed", "title", "code", "gives", "note"),
        *("fact", "value", "look", "why"),
    )
    assert [name for name in shown if f"({name})" not in rendered.html] == []
    assert [name for name in shown if f"({name})" not in rendered.text] == []
    assert not {"\x00", "\x15", "\ud800"} & set(rendered.html + rendered.text)
