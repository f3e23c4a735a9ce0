from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.insight import views

app_name = "insight"
urlpatterns: list[URLPattern | URLResolver] = [
    path("results/", views.results, name="results"),
    path("results/scores.csv", views.scores_csv, name="scores_csv"),
    path("account/monday-mail/", views.monday_mail, name="monday_mail"),
]
