from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.console import urls_first
from regulars.console.views import home, settings

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("settings/", settings.settings, name="settings"),
    *urls_first.urlpatterns,
]
