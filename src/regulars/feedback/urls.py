from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.feedback.views import care_line, cases, inbox, knowing

app_name = "feedback"
urlpatterns: list[URLPattern | URLResolver] = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/stream/", inbox.stream, name="stream"),
    path("inbox/new/", inbox.add, name="add"),
    path("inbox/forms/", care_line.care_line, name="care_line"),
    path("inbox/forms/new/", care_line.make_care_line, name="make_care_line"),
    path("say/<str:code>/", care_line.say, name="say"),
    path("say/<str:code>/thanks/", care_line.said, name="said"),
    path("inbox/<str:public_id>/", inbox.feedback, name="feedback"),
    path("inbox/<str:public_id>/read/", inbox.mark_read, name="mark_read"),
    path("inbox/<str:public_id>/kind/", inbox.say_what_it_is, name="say_what_it_is"),
    path("inbox/<str:public_id>/customer/", knowing.who, name="who"),
    path("inbox/<str:public_id>/customer/removal/", knowing.not_them, name="not_them"),
    path("inbox/<str:public_id>/case/", inbox.open_case, name="open_case"),
    path("inbox/<str:public_id>/thanks/", inbox.thank, name="thank"),
    path("inbox/<str:public_id>/pass-on/", inbox.pass_on, name="pass_on"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<str:public_id>/", cases.case, name="case"),
    path("cases/<str:public_id>/mine/", cases.take_over, name="take_over"),
    path("cases/<str:public_id>/owner/", cases.assign, name="assign"),
    path("cases/<str:public_id>/notes/", cases.add_note, name="add_note"),
    path("cases/<str:public_id>/replies/", cases.reply, name="reply"),
    path("cases/<str:public_id>/closure/", cases.close, name="close"),
    path("cases/<str:public_id>/reopening/", cases.reopen, name="reopen"),
    path("cases/<str:public_id>/question/", cases.ask_again, name="ask_again"),
]
