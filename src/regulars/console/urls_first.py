"""The pages of the first run and of the demo company."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.console.views import demo, first_run

urlpatterns: list[URLPattern | URLResolver] = [
    path("first-run/", first_run.first_run, name="first_run"),
    path("first-run/<int:step>/", first_run.first_run_step, name="first_run_step"),
    path("demo/", demo.begin_demo, name="begin_demo"),
    path("demo/progress/", demo.demo_progress, name="demo_progress"),
    path("demo/end/", demo.end_demo, name="end_demo"),
]
