from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.core import views

app_name = "core"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("language/", views.language, name="language"),
    path("theme/", views.theme, name="theme"),
    path("design/", views.design_page, name="design"),
]
