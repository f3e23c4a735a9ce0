from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from regulars.business.views import lists, logo, profile

app_name = "business"
urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/business/", profile.profile, name="profile"),
    path("settings/business/hours/", profile.change_hours, name="change_hours"),
    re_path(
        r"^settings/business/(?P<part>trade|region|look|reach)/$",
        profile.change_profile,
        name="change_profile",
    ),
    path("logo/<str:name>.png", logo.logo, name="logo"),
    path("settings/places/", lists.places, name="places"),
    path("settings/places/new/", lists.new_place, name="new_place"),
    path("settings/places/<str:place>/", lists.place, name="place"),
    path("settings/stages/", lists.stages, name="stages"),
    path("settings/stages/new/", lists.new_stage, name="new_stage"),
    path("settings/stages/<str:stage>/", lists.stage, name="stage"),
    path("settings/stages/<str:stage>/removal/", lists.remove_stage, name="remove_stage"),
    path("settings/teams/new/", lists.new_team, name="new_team"),
    path("settings/teams/<str:team>/", lists.team, name="team"),
    path("settings/teams/<str:team>/removal/", lists.remove_team, name="remove_team"),
    path("settings/signatures/", lists.signatures, name="signatures"),
    path("settings/signatures/new/", lists.new_signature, name="new_signature"),
    path("settings/signatures/<str:signature>/", lists.signature, name="signature"),
    path(
        "settings/signatures/<str:signature>/removal/",
        lists.remove_signature,
        name="remove_signature",
    ),
]
