"""The till API: look at a voucher, use it, undo it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status
from ninja.decorators import decorate_view

from regulars.accounts.authentication import ApiRequest, needs
from regulars.accounts.models import Scope
from regulars.business.api import place_or_refuse
from regulars.core.api import CHANGES_NOTHING, WHOLE, Problem, caller, idempotent
from regulars.rewards import guessing, queries
from regulars.rewards.actions import vouchers
from regulars.rewards.models import Redemption
from regulars.rewards.queries import Counter

router = Router(tags=["Vouchers"])

Amount = Annotated[int, Field(ge=0, le=10**15), WHOLE]
PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 422, 429), Problem)


class VoucherIn(Schema):
    """A code as it was typed or scanned, and the purchase: `total` in minor units."""

    model_config = {"extra": "forbid"}

    code: Annotated[str, Field(min_length=1, max_length=80)]
    total: Amount | None = None
    currency: Annotated[str, Field(pattern=r"^(|[A-Z]{3})$")] = ""
    place: Annotated[str, Field(max_length=22)] = ""


class UseIn(VoucherIn):
    """A use; `document` is the number of the till's receipt."""

    document: Annotated[str, Field(max_length=120)] = ""


class VoidIn(Schema):
    """Why a use is undone."""

    model_config = {"extra": "forbid"}

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class CheckOut(Schema):
    """What a code gives, or why not: `refusal` is stable, `says` is in the caller's language.

    `gives` is `percent`, `amount` or `item`; `value` is in minor units of `currency`, null where
    it is not known yet.
    """

    usable: bool
    refusal: str = ""
    says: str
    gives: str = ""
    percent: int = 0
    value: int | None = None
    currency: str = ""
    item: str = ""
    expires_at: datetime | None = None


class RedemptionOut(Schema):
    """An entry. `kind` is `capture` or `void`; the value of a void is negative."""

    public_id: str
    kind: str
    value: int | None
    currency: str
    voucher_ending: str
    undoes: str | None
    created_at: datetime


@router.post(
    "/vouchers/validation",
    openapi_extra={CHANGES_NOTHING: True},
    response={200: CheckOut, **PROBLEMS},
    auth=needs(Scope.REWARDS_WRITE),
    summary="Look at a voucher",
)
def validate_voucher(request: ApiRequest, asked: VoucherIn) -> CheckOut:
    """Say what the code gives for this purchase, or why it cannot be used. Uses nothing."""
    check = guessing.checked(
        asked.code,
        who=f"token:{caller(request)}",
        at=Counter(place_or_refuse(asked.place), token=request.auth),
        total=asked.total,
        currency=asked.currency,
    )
    return _shown_check(check)


@router.post(
    "/vouchers/redemptions",
    response={201: RedemptionOut, **PROBLEMS},
    auth=needs(Scope.REWARDS_WRITE),
    summary="Use a voucher",
)
@decorate_view(idempotent, guessing.counted)
def capture_voucher(request: ApiRequest, use: UseIn) -> Status[RedemptionOut]:
    """Use the voucher once; a refusal says why by its `code`."""
    entry = vouchers.capture(
        use.code,
        at=Counter(place_or_refuse(use.place), token=request.auth),
        key=_key(request),
        total=use.total,
        currency=use.currency,
        document=use.document,
    )
    return Status(201, _shown(entry))


@router.post(
    "/vouchers/redemptions/{public_id}/void",
    response={201: RedemptionOut, **PROBLEMS},
    auth=needs(Scope.REWARDS_WRITE),
    summary="Undo the use of a voucher",
)
@decorate_view(idempotent)
def void_redemption(request: ApiRequest, public_id: str, why: VoidIn) -> Status[RedemptionOut]:
    """Undo a use, once, with a reason; the voucher can be used again."""
    use = get_object_or_404(queries.uses(), public_id=public_id)
    at = Counter(use.place, token=request.auth)
    return Status(201, _shown(vouchers.void(use, reason=why.reason, at=at, key=_key(request))))


def _key(request: ApiRequest) -> str:
    return f"token:{request.auth.pk}:{request.headers.get('Idempotency-Key', '')}"


def _shown_check(check: queries.Check) -> CheckOut:
    if check.voucher is None or check.refusal is not None:
        why = check.refusal
        return CheckOut(usable=False, refusal=why.value if why else "", says=check.why)
    offer = check.voucher.offer
    return CheckOut(
        usable=True,
        says=queries.gives_in_words(offer),
        gives=offer.gives,
        percent=offer.percent,
        value=check.worth,
        currency=offer.currency,
        item=offer.item,
        expires_at=check.voucher.expires_at,
    )


def _shown(entry: Redemption) -> RedemptionOut:
    shown: dict[str, Any] = {
        "public_id": entry.public_id,
        "kind": entry.kind,
        "value": entry.value,
        "currency": entry.currency,
        "voucher_ending": entry.voucher.ending,
        "undoes": entry.undoes.public_id if entry.undoes else None,
        "created_at": entry.created_at,
    }
    return RedemptionOut.model_validate(shown)
