"""What the demo's café and web shop sell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Good:
    """An item, its price in whole forints and whether it is discreet."""

    code: str
    name: str
    category: str
    price: int
    is_discreet: bool = False


COUNTER: Final = (
    Good("espresso", "Espresso", "Coffee", 690),
    Good("flat-white", "Flat white", "Coffee", 1_190),
    Good("cappuccino", "Cappuccino", "Coffee", 990),
    Good("filter", "Filter coffee", "Coffee", 890),
    Good("croissant", "Croissant", "Bakery", 790),
    Good("pogacsa", "Pogácsa", "Bakery", 450),
    Good("almond-cake", "Almond cake", "Cakes", 1_590),
    Good("dobos", "Dobos torte", "Cakes", 1_690),
    Good("breakfast", "Breakfast for one", "Kitchen", 3_490),
    Good("lemonade", "Elderflower lemonade", "Cold drinks", 1_090),
)
WEB: Final = (
    Good("beans-250", "House blend, 250 g", "Beans", 3_900),
    Good("beans-1000", "House blend, 1 kg", "Beans", 12_900),
    Good("gift-box", "Gift box with cake", "Gifts", 8_900),
    Good("cup", "Mandula cup", "Gifts", 4_500),
    Good("pregnancy-tea", "Pregnancy tea", "Tea", 2_900, is_discreet=True),
)
STAFF: Final = ("Zsófi", "Petar", "Nino", "Mart")
