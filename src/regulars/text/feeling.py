"""How the customer feels: their own score where there is one, else a guess that may abstain."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from regulars.text import features, learning
from regulars.text.clauses import Clause, Span
from regulars.text.trained import Trained

Label = Literal["positive", "negative", "neutral", "mixed", "unclear"]

GLAD, SAD = 0.7, 0.45
"""Scores from the first on are positive, up to the second negative, between them neutral."""
MARGIN = 1.0
"""Log-odds between positive and negative that a guess needs; below it the text stays unclear."""
MARGINS = {"hu": 0.9, "bg": 1.1, "ka": 0.7}
"""Languages that need another margin, so that each leaves about as many texts unclear."""
CLAUSE_MARGIN = 0.8
APART = 2.5
"""Log-odds that clauses without "but" between them need, one each way, to make a comment mixed."""
TURNED = 3.0
"""Log-odds that a turn of phrase counts."""
NEUTRAL = 0.6


@dataclass(frozen=True, slots=True)
class ClauseFeeling:
    """The guess for one clause."""

    span: Span
    label: Label
    balance: float


@dataclass(frozen=True, slots=True)
class Feeling:
    """`balance` goes from -1 (bad) to 1 (good); `is_guess` is false only for the own score."""

    label: Label
    balance: float
    is_guess: bool
    clauses: tuple[ClauseFeeling, ...] = ()


def of_score(score: float) -> Feeling:
    """The feeling that a customer's own score states, as a share of its scale (0 worst, 1 best).

    Raises `ValueError` outside 0 to 1.
    """
    if not 0 <= score <= 1:
        raise ValueError(f"a score is a share of its scale, 0 to 1: {score}")
    label: Label = "positive" if score >= GLAD else "negative" if score <= SAD else "neutral"
    return Feeling(label, round(2 * score - 1, 3), is_guess=False)


def guess(
    trained: Trained, clauses: Sequence[Clause], rows: Sequence[features.Row], language: str
) -> Feeling:
    """The guessed feeling; `rows` are the features of the whole comment and of each clause.

    A turn of phrase that says the opposite of its words ("no complaints") outweighs the classifier.
    Mixed where clauses clearly disagree, unclear where the margin is too small, where negated words
    of praise or complaint contradict the guess, or where praise looks ironic.
    """
    neutral = learning.chances(trained.feeling.scores(rows)[:, 2])
    turns = [_turn(row) for row in rows]
    margins = [
        turn * TURNED if turn else float(margin)
        for turn, margin in zip(turns, trained.gladness(rows), strict=True)
    ]
    per_clause = tuple(
        ClauseFeeling(clause.span, _label(margin, CLAUSE_MARGIN, chance), _balance(margin))
        for clause, margin, chance in zip(clauses, margins[1:], neutral[1:], strict=False)
    )
    least = MARGINS.get(language, MARGIN)
    whole, label = margins[0], _label(margins[0], least, float(neutral[0]))
    if turns[0]:
        label = "positive" if turns[0] > 0 else "negative"
    elif _is_turned_round(rows[0], whole) or (label == "positive" and _is_ironic(rows[0])):
        label = "unclear"
    if _disagree(clauses, margins[1:], turns):
        label = "mixed"
    return Feeling(label, _balance(whole), is_guess=True, clauses=per_clause)


def _turn(row: features.Row) -> int:
    """1 or -1 where turns of phrase say good or bad; 0 for none, or for both."""
    good, bad = (features.sign(row, name) > 0 for name in ("good_turn", "bad_turn"))
    return int(good) - int(bad)


def _is_ironic(row: features.Row) -> bool:
    return features.sign(row, "irony") > 0


def _disagree(clauses: Sequence[Clause], margins: Sequence[float], turns: Sequence[int]) -> bool:
    """Whether some clauses are clearly glad and others clearly sad.

    Not where a turn of phrase spans them ("I feared it would be late, but it was not").
    """
    if turns[0] and not any(turns[1:]):
        return False
    contrast = any(clause.after_contrast for clause in clauses)
    least = CLAUSE_MARGIN if contrast else APART
    return bool(margins) and min(margins) <= -least and max(margins) >= least


def _is_turned_round(row: features.Row, margin: float) -> bool:
    """Whether negation turns the words of feeling round and so contradicts the guess."""
    turned = features.sign(row, "negated_praise") + features.sign(row, "negated_complaint")
    return turned > 0 and features.sign(row, "balance") * margin < 0


def _label(margin: float, least: float, neutral: float) -> Label:
    if neutral > NEUTRAL:
        return "neutral"
    if abs(margin) < least:
        return "unclear"
    return "positive" if margin > 0 else "negative"


def _balance(margin: float) -> float:
    return round(math.tanh(margin / 2), 3)


def of_marks(text: str) -> Feeling:
    """The guess for a text without words: what its emoji say, else unclear."""
    from regulars.text.signs import marks

    glad, sad = marks(text)
    if glad == sad:
        return Feeling("unclear", 0.0, is_guess=True)
    label: Label = "positive" if glad > sad else "negative"
    return Feeling(label, round((glad - sad) / (glad + sad), 3), is_guess=True)
