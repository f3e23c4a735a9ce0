from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.console import urls_first
from regulars.console.views import home, search, settings, work

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("settings/work/", work.work, name="work"),
    path("settings/work/<str:job>/retry/", work.retry, name="retry_job"),
    path("settings/", settings.settings, name="settings"),
    *urls_first.urlpatterns,
]
