from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.console import views

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/", views.settings, name="settings"),
]
