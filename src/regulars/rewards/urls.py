from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.rewards.views import offers, till

app_name = "rewards"
urlpatterns: list[URLPattern | URLResolver] = [
    path("till/", till.till, name="till"),
    path("till/check/", till.till_check, name="till_check"),
    path("till/uses/", till.till_use, name="till_use"),
    path("till/uses/<str:use>/", till.till_used, name="till_used"),
    path("till/uses/<str:use>/undoing/", till.till_undo, name="till_undo"),
    path("offers/", offers.offer_list, name="offers"),
    path("offers/new/", offers.new_offer, name="new_offer"),
    path("offers/<str:offer>/", offers.offer, name="offer"),
    path("offers/<str:offer>/closure/", offers.close_offer, name="close_offer"),
    path("vouchers/uses/", offers.redemption_list, name="redemptions"),
    path("vouchers/<str:voucher>/cancellation/", offers.cancel_voucher, name="cancel_voucher"),
    path("settings/vouchers/", offers.limits, name="limits"),
]
