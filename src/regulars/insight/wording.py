"""Scores in words: what the page says first, and what stands behind “How sure is this?”."""

from __future__ import annotations

from typing import Final, Literal

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from regulars.core.charts import Chart
from regulars.core.displays import ShownScore
from regulars.insight.queries.breakdown import Part
from regulars.insight.queries.scores import Point, Reading
from regulars.stats.comparisons import Verdict
from regulars.stats.measures import Unit
from regulars.stats.scores import Score
from regulars.surveys.models import SCALES, Metric

NAMES: Final[dict[Metric, Promise]] = {
    Metric.NPS: gettext_lazy("Recommendation (NPS)"),
    Metric.NPS_1_10: gettext_lazy("Recommendation (1–10)"),
    Metric.CSAT: gettext_lazy("Satisfaction"),
    Metric.CSAT_STARS: gettext_lazy("Satisfaction (stars)"),
    Metric.CSAT_1_7: gettext_lazy("Satisfaction (1–7)"),
    Metric.CSAT_1_10: gettext_lazy("Satisfaction (1–10)"),
    Metric.CES: gettext_lazy("Ease"),
}

METHODS: Final[dict[Metric, Promise]] = {
    Metric.NPS: gettext_lazy(
        "Of a hundred who answered, those who gave 9 or 10 less those who gave 0 to 6."
    ),
    Metric.NPS_1_10: gettext_lazy(
        "Of a hundred who answered, those who gave 9 or 10 less those who gave 1 to 6. "
        "It cannot be compared with a score of 0 to 10."
    ),
    Metric.CSAT: gettext_lazy("How many of a hundred who answered gave 4 or 5 of 5."),
    Metric.CSAT_STARS: gettext_lazy(
        "How many of a hundred who answered gave 4 or 5 of 5 stars. "
        "It is kept apart from what was answered with faces."
    ),
    Metric.CSAT_1_7: gettext_lazy(
        "How many of a hundred who answered gave 6 or 7 of 7. "
        "It cannot be compared with satisfaction on another scale."
    ),
    Metric.CSAT_1_10: gettext_lazy(
        "How many of a hundred who answered gave 9 or 10 of 10. "
        "It cannot be compared with satisfaction on another scale."
    ),
    Metric.CES: gettext_lazy("How many of a hundred who answered found it easy: 5, 6 or 7 of 7."),
}

_SHOWN: Final[dict[Verdict, Literal["up", "down", "same", "early"]]] = {
    Verdict.HIGHER: "up",
    Verdict.LOWER: "down",
    Verdict.NO_REAL_CHANGE: "same",
    Verdict.NOT_ENOUGH_ANSWERS: "early",
}


def shown(reading: Reading) -> ShownScore:
    """A reading ready for the page: points for recommendation, per cent for the others."""
    score = reading.score
    least, most = (scaled(score, bound) for bound in score.measure.bounds)
    return ShownScore(
        label=NAMES[reading.metric],
        value=None if score.value is None else scaled(score, score.value),
        low=scaled(score, score.low),
        high=scaled(score, score.high),
        least=least,
        most=most,
        n=score.n,
        unit=unit(score),
        verdict=verdict(reading),
        needed=needed(reading),
        rate=rate_text(reading),
        method=f"{METHODS[reading.metric]} {range_explained()}",
        facts=facts(reading),
    )


def plain(part: Part) -> ShownScore:
    """A part's score without a comparison in time."""
    score = part.score
    least, most = (scaled(score, bound) for bound in score.measure.bounds)
    return ShownScore(
        label=part.name,
        value=None if score.value is None else scaled(score, score.value),
        low=scaled(score, score.low),
        high=scaled(score, score.high),
        least=least,
        most=most,
        n=score.n,
        unit=unit(score),
    )


def verdict(reading: Reading) -> Literal["up", "down", "same", "early", ""]:
    """Against the period before; empty where either has no answers."""
    if reading.is_empty or reading.before.n == 0:
        return ""
    return _SHOWN[reading.comparison.verdict]


def needed(reading: Reading) -> str:
    """What is missing to know more; empty where nothing is."""
    if reading.is_empty:
        return _("Nobody has answered in this time.")
    if reading.before.n == 0:
        return _("There are no earlier answers to compare with.")
    more = reading.comparison.more_needed
    if more is None:
        return ""
    return ngettext(
        "About %(count)s more answer would tell whether anything has changed.",
        "About %(count)s more answers would tell whether anything has changed.",
        more,
    ) % {"count": number(more)}


def rate_text(reading: Reading) -> str:
    """“41% of the 520 people asked answered (probably 37% to 45%)”; empty where nobody was."""
    rate = reading.rate
    if rate is None or rate.value is None:
        return ""
    return _("%(rate)s%% of %(asked)s asked have answered") % {
        "rate": number(100 * rate.value),
        "asked": number(reading.asked),
    }


def range_explained() -> str:
    """What “probably” means."""
    return _(
        "“Probably” means: with 95 in 100 such ranges, what all customers would say lies inside. "
        "It tells nothing about those who did not answer."
    )


def facts(reading: Reading) -> list[tuple[str | Promise, str]]:
    """What the statistics have to say, for whoever opens it."""
    found: list[tuple[str | Promise, str]] = []
    if reading.rate is not None:
        low, high = number(100 * reading.rate.low), number(100 * reading.rate.high)
        found.append((_("Response rate (RR1)"), between(f"{low}%", f"{high}%")))
    if reading.before.value is not None:
        found.append((_("Before"), value_and_range(reading.before)))
        found.append((_("Answers before"), number(reading.before.n)))
        found.append((_("Difference"), difference_range(reading)))
    return found


def difference_range(reading: Reading) -> str:
    """The interval of the change."""
    comparison, mark = reading.comparison, unit(reading.score)
    low, high = (
        signed(scaled(reading.score, end)) + mark for end in (comparison.low, comparison.high)
    )
    return between(low, high)


def value_and_range(score: Score) -> str:
    """“45 (probably 31 to 58)”."""
    if score.value is None:
        return "–"
    mark = unit(score)
    value, low, high = (
        number(scaled(score, one)) + mark for one in (score.value, score.low, score.high)
    )
    return f"{value} ({between(low, high)})"


def between(low: str, high: str) -> str:
    """“probably 31 to 58”."""
    return _("probably %(low)s to %(high)s") % {"low": low, "high": high}


def scaled(score: Score, value: float) -> float:
    """A value in the units of the page: shares become per cent."""
    return 100 * value if score.measure.unit is Unit.SHARE else value


def unit(score: Score) -> str:
    """What stands behind the number."""
    return "%" if score.measure.unit is Unit.SHARE else ""


def number(value: float) -> str:
    """A whole number as the language writes it."""
    text = number_format(round(value) + 0, use_l10n=True, force_grouping=True)
    return text.replace("-", "−")


def signed(value: float) -> str:
    """The same with a plus where it is positive."""
    return ("+" if round(value) > 0 else "") + number(value)


def trend_chart(metric: Metric, points: list[Point]) -> Chart:
    """A metric over time with the band of its intervals."""
    return Chart(
        "trend",
        NAMES[metric],
        [row(point.span.name, point.score) for point in points],
        columns(pgettext("period", "From")),
        summary=_("The band shows where the score probably lies; where it is wide, few answered."),
    )


def columns(first: str) -> list[tuple[str, str]]:
    """The columns of the table behind a chart of scores."""
    return [
        ("name", first),
        ("value", _("Score")),
        ("low", _("Probably at least")),
        ("high", _("Probably at most")),
        ("n", _("Answers")),
    ]


def row(name: str, score: Score) -> dict[str, str | float | int | None]:
    """A score as a row of a chart; a gap where nobody answered."""
    if score.value is None:
        return {"name": name, "value": None, "low": None, "high": None, "n": 0}
    value, low, high = (
        round(scaled(score, one), 1) for one in (score.value, score.low, score.high)
    )
    return {"name": name, "value": value, "low": low, "high": high, "n": score.n}


def distribution_chart(reading: Reading) -> Chart:
    """How often each score was given."""
    low, high = SCALES[reading.metric]
    rows = [
        {"name": str(grade), "value": reading.histogram.get(grade, 0)}
        for grade in range(low, high + 1)
    ]
    return Chart(
        "columns",
        _("Which scores were given"),
        rows,
        [("name", _("Score given")), ("value", _("Answers"))],
    )


def all_in_a_sentence(readings: list[Reading]) -> str:
    """What an owner wants to know first."""
    told = [(one, verdict(one)) for one in readings if not one.is_empty]
    if not told:
        return _("Nobody has answered in this time.")
    better = [str(NAMES[one.metric]) for one, said in told if said == "up"]
    worse = [str(NAMES[one.metric]) for one, said in told if said == "down"]
    if better and worse:
        return _("Better than before: %(better)s. Worse than before: %(worse)s.") % {
            "better": ", ".join(better),
            "worse": ", ".join(worse),
        }
    if worse:
        return _("Worse than before: %(names)s.") % {"names": ", ".join(worse)}
    if better:
        return _("Better than before: %(names)s.") % {"names": ", ".join(better)}
    if any(said == "same" for _one, said in told):
        return _("About as before.")
    return _("There are too few answers to say whether anything has changed.")


def difference(part: Part) -> str:
    """How a part differs from all others, in one sentence without a rank."""
    comparison = part.comparison
    if comparison is None or comparison.difference is None:
        return ""
    ends = sorted(abs(scaled(part.score, end)) for end in (comparison.low, comparison.high))
    if comparison.low * comparison.high < 0:
        ends[0] = 0.0
    text = (
        _("%(name)s: %(metric)s is higher than elsewhere, probably by %(low)s to %(high)s points.")
        if comparison.difference > 0
        else _(
            "%(name)s: %(metric)s is lower than elsewhere, probably by %(low)s to %(high)s points."
        )
    )
    return text % {
        "name": part.name,
        "metric": NAMES[part.metric],
        "low": number(ends[0]),
        "high": number(ends[1]),
    }


def against_others(part: Part) -> str:
    """A part beside all others: only what is certain after looking at many is called different."""
    comparison = part.comparison
    if comparison is None or comparison.difference is None:
        return _("nothing to compare with")
    if part.stands_out:
        return (
            _("higher than the others") if comparison.difference > 0 else _("lower than the others")
        )
    if comparison.verdict is Verdict.NO_REAL_CHANGE:
        return _("about as the others")
    return _("not enough answers to tell")
