from __future__ import annotations

from django.urls import URLPattern, URLResolver

from regulars.customers import urls_imports

app_name = "customers"
urlpatterns: list[URLPattern | URLResolver] = [
    *urls_imports.urlpatterns,
]
