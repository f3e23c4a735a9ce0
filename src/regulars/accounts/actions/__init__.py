"""Every write of this package, one module per noun."""

from regulars.accounts.actions.claiming import new_claim_link
from regulars.accounts.actions.tokens import note_token_use

__all__ = ["new_claim_link", "note_token_use"]
