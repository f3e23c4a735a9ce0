"""What the statistics raise when a question makes no sense."""

#: Numbers beyond this make no sense anywhere here, and the squares of larger ones overflow.
LARGEST = 1e100


class StatisticsError(ValueError):
    """The input makes no sense: counts above n, negative, NaN, an empty group, scales mixed.

    Degenerate but sensible input (one answer, all promoters, nobody answered) never raises: it
    gets the honest answer.
    """


class MixedScalesError(StatisticsError):
    """Two scores of different kinds or scales were compared or pooled."""
