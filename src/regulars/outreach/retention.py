"""The words of thanks grow old like every message; that somebody was thanked stays."""

from __future__ import annotations

from regulars.customers.keeping import Kept, Kind, keep
from regulars.outreach.models import Thanks

keep(Kept(Kind.MESSAGES, Thanks, "created_at", "customer", ("subject", "text")))
