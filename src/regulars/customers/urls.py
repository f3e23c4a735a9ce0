from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.customers import urls_imports
from regulars.customers.views import (
    contacts,
    customer,
    duplicates,
    joining,
    lists,
    privacy,
    retention,
)

app_name = "customers"
one = "customers/<str:customer>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("join/confirm/<str:token>/", joining.confirm_joining, name="confirm_joining"),
    path("join/<str:code>/", joining.join, name="join"),
    path("join/<str:code>/<str:way>/thanks/", joining.joined, name="joined"),
    *urls_imports.urlpatterns,
    path("customers/", lists.customers, name="customers"),
    path("customers/new/", customer.new, name="new"),
    path("customers/kinds/", lists.kinds, name="kinds"),
    path("customers/duplicates/", duplicates.duplicates, name="duplicates"),
    path("customers/merges/<str:merge>/undoing/", duplicates.unmerge, name="unmerge"),
    path("settings/retention/", retention.rules, name="retention"),
    path("settings/retention/rules/", retention.set_rules, name="set_retention"),
    path("customers/joining/", joining.join_codes, name="join_codes"),
    path("customers/joining/<str:code>/", joining.poster, name="poster"),
    path("customers/joining/<str:code>/qr.svg", joining.join_qr, name="join_qr"),
    path("customers/joining/<str:code>/renewal/", joining.renew_join_code, name="renew_join_code"),
    path(one, customer.customer, name="customer"),
    path(f"{one}edit/", customer.edit, name="edit"),
    path(f"{one}purchases/", customer.purchases, name="purchases"),
    path(f"{one}buyer/", customer.buyer, name="buyer"),
    path(f"{one}addresses/", contacts.addresses, name="addresses"),
    path(f"{one}addresses/<str:point>/removal/", contacts.remove_address, name="remove_address"),
    path(f"{one}addresses/<str:point>/preference/", contacts.prefer_address, name="prefer_address"),
    path(f"{one}consents/", contacts.consents, name="consents"),
    path(
        f"{one}consents/<str:consent>/confirmation/",
        contacts.confirm_consent,
        name="confirm_consent",
    ),
    path(f"{one}pauses/", contacts.pauses, name="pauses"),
    path(f"{one}pauses/<str:pause>/end/", contacts.end_pause, name="end_pause"),
    path(f"{one}personal-data/", privacy.personal_data, name="personal_data"),
    path(f"{one}erasure/", privacy.erasure, name="erasure"),
    path(f"{one}hold/", privacy.place_hold, name="place_hold"),
    path(f"{one}hold/end/", privacy.end_hold, name="end_hold"),
    path(f"{one}same/", duplicates.find_same, name="find_same"),
    path(f"{one}same/<str:other>/", duplicates.compare, name="compare"),
    path(f"{one}same/<str:other>/apart/", duplicates.keep_apart, name="keep_apart"),
]
