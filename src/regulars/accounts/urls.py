from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.accounts.views import account, audit, devices, joining, staff, tokens

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("claim/<str:token>/", joining.claim, name="claim"),
    path("invitation/<str:token>/", joining.accept_invitation, name="accept_invitation"),
    path("account/", account.my_account, name="me"),
    path("account/details/", account.my_details, name="my_details"),
    path("account/pin/", account.my_pin, name="my_pin"),
    path("account/sessions/end/", account.end_my_other_sessions, name="end_my_other_sessions"),
    path("account/sessions/<str:session>/end/", account.end_my_session, name="end_my_session"),
    path("account/needed/", account.second_factor_needed, name="second_factor_needed"),
    path("staff/", staff.staff_list, name="staff_list"),
    path("staff/invitations/new/", staff.new_invitation, name="new_invitation"),
    path(
        "staff/invitations/<str:invitation>/sending/",
        staff.resend_invitation,
        name="resend_invitation",
    ),
    path(
        "staff/invitations/<str:invitation>/revocation/",
        staff.revoke_invitation,
        name="revoke_invitation",
    ),
    path("staff/<str:person>/", staff.staff_page, name="staff_page"),
    path("staff/<str:person>/teams/", staff.answer_for, name="answer_for"),
    path("staff/<str:person>/roles/", staff.give_role, name="give_role"),
    path("staff/<str:person>/roles/<str:role>/removal/", staff.take_role, name="take_role"),
    path("staff/<str:person>/deactivation/", staff.deactivate, name="deactivate"),
    path("staff/<str:person>/reactivation/", staff.reactivate, name="reactivate"),
    path(
        "staff/<str:person>/sessions/end/",
        staff.sign_out_everywhere,
        name="sign_out_everywhere",
    ),
    path(
        "staff/<str:person>/second-factor/removal/",
        staff.reset_second_factor,
        name="reset_second_factor",
    ),
    path("settings/security/", staff.security, name="security"),
    path("settings/devices/", devices.device_list, name="device_list"),
    path("settings/devices/codes/", devices.new_pairing_code, name="new_pairing_code"),
    path("settings/devices/<str:device>/revocation/", devices.revoke_device, name="revoke_device"),
    path("settings/tokens/", tokens.token_list, name="token_list"),
    path("settings/tokens/<str:token>/revocation/", tokens.revoke_token, name="revoke_token"),
    path("settings/audit/", audit.audit_log, name="audit_log"),
    path("pair/", devices.pair, name="pair"),
    path("device/", devices.paired, name="paired"),
    path("till/sign-in/", devices.begin_shift, name="begin_shift"),
    path("till/sign-off/", devices.end_shift, name="end_shift"),
]
