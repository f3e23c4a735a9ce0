"""BG/NBD: customers may leave after every repeat visit.

Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science 24(2).
"""

from regulars.stats.buying.geometric import BetaGeometric
from regulars.stats.purchases import Histories


def fit(histories: Histories) -> BetaGeometric:
    """Maximum likelihood; parameters r, α, a, b with time in weeks.

    Raises StatisticsError without a repeat buyer and NoMaximumError when the likelihood has no
    maximum inside the parameter space.
    """
    return BetaGeometric.fitted(histories, chances_at_start=0)
