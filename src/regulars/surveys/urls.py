from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.surveys.views import public

app_name = "surveys"
urlpatterns: list[URLPattern | URLResolver] = [
    path("s/<str:token>/", public.answer, name="answer"),
    path("s/<str:token>/thanks/", public.thanks, name="thanks"),
    path("o/<str:token>/", public.open_answer, name="open_answer"),
    path("o/<str:token>/thanks/", public.thanks, name="open_thanks"),
]
