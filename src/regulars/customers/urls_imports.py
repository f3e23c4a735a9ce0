"""The pages of files: taking customers and purchases in, and out again."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.customers.views import imports

one = "customers/imports/<str:batch>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/imports/", imports.imports, name="imports"),
    path(one, imports.import_, name="import"),
    path(f"{one}progress/", imports.progress, name="import_progress"),
    path(f"{one}reading/", imports.read_import, name="read_import"),
    path(f"{one}loading/", imports.load_import, name="load_import"),
    path(f"{one}undoing/", imports.undo_import, name="undo_import"),
    path(f"{one}taking-up/", imports.take_up_import, name="take_up_import"),
    path(f"{one}removal/", imports.give_up_import, name="give_up_import"),
    path(f"{one}rejected.csv", imports.rejected, name="rejected_rows"),
    path("customers/export/", imports.export, name="export"),
]
