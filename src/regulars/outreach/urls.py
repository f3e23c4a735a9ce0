from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.outreach import views

app_name = "outreach"
urlpatterns: list[URLPattern | URLResolver] = [
    path("thanks/", views.home, name="home"),
    path("thanks/<str:thanks>/", views.thanks, name="thanks"),
    path("thanks/<str:thanks>/letter/", views.thanks_letter, name="thanks_letter"),
    path("thanks/<str:thanks>/sending/", views.thanks_sent, name="thanks_sent"),
    path(
        "thanks/<str:thanks>/voucher/cancellation/",
        views.take_voucher_back,
        name="take_voucher_back",
    ),
    path("customers/<str:customer>/thanks/", views.give_thanks, name="give_thanks"),
    path("customers/<str:customer>/thanks/new/", views.new_thanks, name="new_thanks"),
    path("customers/<str:customer>/thanks/preview/", views.preview, name="preview"),
    path("customers/<str:customer>/thanks/preview/mail/", views.preview_mail, name="preview_mail"),
    path(
        "customers/<str:customer>/thanks/preview/letter/",
        views.preview_letter,
        name="preview_letter",
    ),
]
