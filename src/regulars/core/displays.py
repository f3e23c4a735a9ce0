"""How a measurement is shown: always with its range, how many answered, and a verdict in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Text = str | Promise
Verdict = Literal["up", "down", "same", "early", ""]


@dataclass(frozen=True)
class ShownScore:
    """A score ready for the page; numbers are on the scale's own units (NPS −100…100, 1…5, %).

    `low`/`high` are the interval's ends, `least`/`most` the scale's. `verdict` compares with the
    period before: `up` and `down` only where the difference is real, `early` while there are too
    few answers, "" where there is nothing to compare with. `needed` says when it will be known.
    `rate` says how many of those asked have answered; `method` goes behind “How sure is this?”.
    """

    label: Text
    value: float | None
    low: float
    high: float
    least: float
    most: float
    n: int
    asked: int | None = None
    verdict: Verdict = ""
    needed: Text = ""
    rate: Text = ""
    method: Text = ""
    decimals: int = 0
    unit: str = ""
    facts: list[tuple[Text, str]] = field(default_factory=list)

    @property
    def has_value(self) -> bool:
        """Whether there are answers enough to show a value."""
        return self.value is not None

    @property
    def shown_value(self) -> str:
        """The value as the language writes numbers, with a true minus sign."""
        return self._number(self.value) if self.value is not None else "–"

    @property
    def range_text(self) -> str:
        """“probably 31 to 58”."""
        return _("probably %(low)s to %(high)s") % {
            "low": self._number(self.low),
            "high": self._number(self.high),
        }

    @property
    def shown_least(self) -> str:
        """The scale's lower end."""
        return self._number(self.least, decimals=0)

    @property
    def shown_most(self) -> str:
        """The scale's upper end."""
        return self._number(self.most, decimals=0)

    @property
    def verdict_text(self) -> str:
        """The verdict in words."""
        return {
            "up": _("better than before"),
            "down": _("worse than before"),
            "same": _("about as before"),
            "early": _("not enough answers yet"),
            "": "",
        }[self.verdict]

    @property
    def verdict_tone(self) -> str:
        """The badge's tone."""
        return {"up": "good", "down": "bad", "early": "info"}.get(self.verdict, "")

    @property
    def response_rate(self) -> str:
        """Answers per people asked, in whole per cent; empty where nobody was asked."""
        if not self.asked:
            return ""
        return f"{number_format(round(100 * self.n / self.asked), use_l10n=True)}%"

    @property
    def x_low(self) -> str:
        """The interval's lower end on a line of 200 units."""
        return self._x(self.low)

    @property
    def x_high(self) -> str:
        """The interval's upper end on a line of 200 units."""
        return self._x(self.high)

    @property
    def x_value(self) -> str:
        """The value on a line of 200 units."""
        return self._x(self.value if self.value is not None else self.least)

    def _x(self, value: float) -> str:
        share = (value - self.least) / (self.most - self.least)
        return f"{4 + 192 * min(1.0, max(0.0, share)):.1f}"

    def _number(self, value: float, *, decimals: int | None = None) -> str:
        digits = self.decimals if decimals is None else decimals
        text = number_format(round(value, digits) + 0.0, decimal_pos=digits, use_l10n=True)
        return text.replace("-", "−") + self.unit
