"""Every package's pages and the API, composed."""

from django.urls import include, path

from regulars.config.api import declared_urls

urlpatterns = [
    # The links that customers answer by come first: no other address is asked for as often.
    path("", include("regulars.surveys.urls")),
    path("", include("regulars.core.urls")),
    path("account/", include("regulars.accounts.sign_in")),
    path("", include("regulars.accounts.urls")),
    path("", include("regulars.business.urls")),
    path("", include("regulars.customers.urls")),
    path("", include("regulars.mailing.urls")),
    path("", include("regulars.feedback.urls")),
    path("", include("regulars.rewards.urls")),
    path("", include("regulars.insight.urls")),
    path("", include("regulars.outreach.urls")),
    path("", include("regulars.portal.urls")),
    path("", include("regulars.console.urls")),
    path("api/v1/", declared_urls()),
]

handler400 = "regulars.core.failures.bad_request"
handler403 = "regulars.core.failures.forbidden"
handler404 = "regulars.core.failures.not_found"
handler500 = "regulars.core.failures.server_error"
