"""What the nightly look compares of rewards."""

from __future__ import annotations

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from regulars.core import soundness
from regulars.rewards.models import Redemption, Voucher


@soundness.check(
    "rewards.uses",
    says=_("The uses of some vouchers do not agree with what the tills wrote down."),
)
def uses() -> list[str]:
    """Each voucher's counter is its captures without those that were undone."""
    captured = Count("redemptions", filter=Q(redemptions__kind=Redemption.Kind.CAPTURE))
    undone = Count("redemptions", filter=Q(redemptions__kind=Redemption.Kind.VOID))
    wrong = (
        Voucher.objects.annotate(net=captured - undone)
        .exclude(net=F("used"))
        .order_by("pk")
        .values_list("public_id", "net", "used")[: soundness.AT_MOST]
    )
    return [f"voucher {number}: {net} uses, counted {used}" for number, net, used in wrong]


@soundness.check(
    "rewards.undoings", says=_("Some undoings at the till do not give back what was taken.")
)
def undoings() -> list[str]:
    """Each undoing names a use of the same voucher and carries its value negated."""
    wrong = (
        Redemption.objects.filter(kind=Redemption.Kind.VOID)
        .exclude(voucher=F("undoes__voucher"))
        .values_list("public_id", flat=True)[: soundness.AT_MOST]
    )
    unequal = (
        Redemption.objects.filter(kind=Redemption.Kind.VOID, value__isnull=False)
        .exclude(value=-F("undoes__value"))
        .values_list("public_id", flat=True)[: soundness.AT_MOST]
    )
    return [f"undoing {one}" for one in sorted({*wrong, *unequal})]
