"""MBG/NBD: customers may leave after every visit, the first included.

Batislam, Denizel & Filiztekin (2007), International Journal of Research in Marketing 24(3).
"""

from regulars.stats.buying.geometric import BetaGeometric
from regulars.stats.purchases import Histories


def fit(histories: Histories) -> BetaGeometric:
    """Maximum likelihood; parameters r, α, a, b with time in weeks.

    Raises StatisticsError without a repeat buyer and NoMaximumError when the likelihood has no
    maximum inside the parameter space.
    """
    return BetaGeometric.fitted(histories, chances_at_start=1)
