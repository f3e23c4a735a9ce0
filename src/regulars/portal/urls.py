from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.portal import views

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("colour/<str:colour>.css", views.colour, name="colour"),
]
