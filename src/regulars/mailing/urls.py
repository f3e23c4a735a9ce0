from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.mailing import views

app_name = "mailing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("u/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("u/<str:token>/preferences/", views.preferences, name="preferences"),
]
