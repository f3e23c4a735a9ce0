"""What happens to a customer with vouchers."""

from __future__ import annotations

from typing import ClassVar

from regulars.core.moments import Payload


class VoucherIssued(Payload):
    """A customer was given a voucher."""

    kind: ClassVar[str] = "voucher.issued"

    voucher_id: int
    offer_id: int


class VoucherRedeemed(Payload):
    """A voucher was used. `value` in minor units of `currency`; None for something free."""

    kind: ClassVar[str] = "voucher.redeemed"

    voucher_id: int
    redemption_id: int
    value: int | None
    currency: str


class VoucherVoided(Payload):
    """The use of a voucher was undone."""

    kind: ClassVar[str] = "voucher.voided"

    voucher_id: int
    redemption_id: int
    undoes_id: int


class VoucherCancelled(Payload):
    """A voucher was taken back."""

    kind: ClassVar[str] = "voucher.cancelled"

    voucher_id: int
