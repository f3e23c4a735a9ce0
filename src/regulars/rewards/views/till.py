"""The till: a code, what it gives or why not, use, undo."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from regulars.accounts.access import DeviceRequest, by_device
from regulars.accounts.actions import devices
from regulars.accounts.models import DeviceScope, Staff
from regulars.accounts.queries import people_for
from regulars.business.queries import the_business
from regulars.core.access import Permission
from regulars.core.errors import DomainError
from regulars.core.ids import new_token
from regulars.rewards import guessing, queries
from regulars.rewards.actions import vouchers
from regulars.rewards.errors import NeedsManagerError, Refusal, VoucherRefusedError
from regulars.rewards.forms import CodeForm, UndoForm
from regulars.rewards.models import Redemption, Voucher
from regulars.rewards.queries import Counter

LATEST = 5


@by_device(DeviceScope.TILL, person=True)
@require_safe
def till(request: DeviceRequest) -> HttpResponse:
    """Type or scan a code."""
    return _code_page(request, CodeForm(currency=the_business().currency))


def _code_page(
    request: DeviceRequest,
    form: CodeForm,
    *,
    refusal: str = "",
    refused: Voucher | None = None,
    status: int = 200,
) -> HttpResponse:
    conditions = queries.conditions_in_words(refused.offer) if refused else []
    page = {
        "form": form,
        "refusal": refusal,
        "conditions": [one for one in conditions if one not in refusal],
        "device": request.device,
        "person": request.person,
        "currency": the_business().currency,
        "latest": queries.redemptions_at(request.device).order_by("-created_at", "-pk")[:LATEST],
    }
    return render(request, "rewards/till.html", page, status=status)


@by_device(DeviceScope.TILL, person=True)
@require_POST
def till_check(request: DeviceRequest) -> HttpResponse:
    """Say what the code gives or exactly why not; uses nothing."""
    currency = the_business().currency
    form = CodeForm(request.POST, currency=currency)
    if not form.is_valid():
        return _code_page(request, form, status=422)
    check = guessing.checked(
        form.cleaned_data["code"],
        who=_who(request),
        at=_counter(request),
        total=form.cleaned_data["total"],
        currency=currency,
    )
    if check.voucher is None or check.refusal is not None:
        return _code_page(request, form, refusal=check.why, refused=check.voucher, status=422)
    page = {
        "form": form,
        "device": request.device,
        "voucher": check.voucher,
        "gives": queries.gives_in_words(check.voucher.offer),
        "conditions": queries.conditions_in_words(check.voucher.offer),
        "worth": check.worth,
        "total": form.cleaned_data["total"],
        "currency": currency,
        "key": new_token(),
    }
    return render(request, "rewards/till_check.html", page)


@by_device(DeviceScope.TILL, person=True)
@require_POST
def till_use(request: DeviceRequest) -> HttpResponse:
    """Use the voucher; the same form sent twice uses it once."""
    currency = the_business().currency
    form = CodeForm(request.POST, currency=currency)
    key = request.POST.get("key", "")[:40]
    if not form.is_valid() or not key:
        return _code_page(request, form, status=422)
    who = _who(request)
    if not guessing.may_try(who):
        return _code_page(request, form, refusal=str(Refusal.TOO_MANY_TRIES.label), status=422)
    try:
        use = vouchers.capture(
            form.cleaned_data["code"],
            at=_counter(request),
            key=f"device:{request.device.pk}:{key}",
            total=form.cleaned_data["total"],
            currency=currency,
        )
    except DomainError as error:
        if isinstance(error, VoucherRefusedError) and error.refusal == Refusal.UNKNOWN_CODE:
            guessing.note_wrong(who)
        return _code_page(request, form, refusal=str(error), status=422)
    return redirect("rewards:till_used", use.public_id)


@by_device(DeviceScope.TILL, person=True)
@require_safe
def till_used(request: DeviceRequest, use: str) -> HttpResponse:
    """What was used, and the way to undo it."""
    return _used_page(request, _use(request, use), UndoForm(managers=_managers(request)))


@by_device(DeviceScope.TILL, person=True)
@sensitive_post_parameters("pin")
@require_POST
def till_undo(request: DeviceRequest, use: str) -> HttpResponse:
    """Undo the use, with a reason, and a manager's PIN where it is needed."""
    found = _use(request, use)
    form = UndoForm(request.POST, managers=_managers(request))
    if not form.is_valid():
        return _used_page(request, found, form, status=422)
    try:
        vouchers.void(
            found,
            reason=form.cleaned_data["reason"],
            at=_counter(request),
            key=f"device:{request.device.pk}:undo:{found.pk}",
            approved_by=_approver(request, form),
        )
    except DomainError as error:
        form.add_error("manager" if isinstance(error, NeedsManagerError) else None, str(error))
        return _used_page(request, found, form, needs_manager=True, status=422)
    return redirect("rewards:till_used", found.public_id)


def _used_page(
    request: DeviceRequest,
    use: Redemption,
    form: UndoForm,
    *,
    needs_manager: bool = False,
    status: int = 200,
) -> HttpResponse:
    page = {
        "use": use,
        "gives": queries.gives_in_words(use.voucher.offer),
        "undone": getattr(use, "undone_by", None),
        "form": form,
        "needs_manager": needs_manager,
    }
    return render(request, "rewards/till_used.html", page, status=status)


def _use(request: DeviceRequest, public_id: str) -> Redemption:
    return get_object_or_404(queries.redemptions_at(request.device), public_id=public_id)


def _managers(request: DeviceRequest) -> list[Staff]:
    device = request.device
    return [one for one in people_for(device) if one.may(Permission.MANAGE, place=device.place)]


def _approver(request: DeviceRequest, form: UndoForm) -> Staff | None:
    manager, pin = form.cleaned_data["manager"], form.cleaned_data["pin"]
    if not (manager and pin):
        return None
    return devices.prove_person(request.device, person=manager, pin=pin)


def _counter(request: DeviceRequest) -> Counter:
    return Counter(request.device.place, staff=request.person, device=request.device)


def _who(request: DeviceRequest) -> str:
    return f"device:{request.device.pk}"
