from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.surveys.views import asking, designs, held_back, public, sharing

app_name = "surveys"
urlpatterns: list[URLPattern | URLResolver] = [
    path("s/<str:token>/", public.answer, name="answer"),
    path("s/<str:token>/thanks/", public.thanks, name="thanks"),
    path("o/<str:token>/", public.open_answer, name="open_answer"),
    path("o/<str:token>/thanks/", public.thanks, name="open_thanks"),
    path("surveys/", designs.surveys, name="surveys"),
    path("surveys/new/", designs.new, name="new"),
    path("surveys/ready/<str:metric>/", designs.take_ready, name="take_ready"),
    path("surveys/rules/", designs.rules, name="rules"),
    path("surveys/held-back/", held_back.held_back, name="held_back"),
    path("surveys/held-back/deletion/", held_back.delete_all, name="delete_all_held_back"),
    path("surveys/held-back/<str:public_id>/acceptance/", held_back.accept, name="accept"),
    path("surveys/held-back/<str:public_id>/deletion/", held_back.delete, name="delete"),
    path("surveys/runs/<str:public_id>/", asking.run, name="run"),
    path("surveys/runs/<str:public_id>/stop/", asking.stop, name="stop"),
    path("surveys/customers/<str:public_id>/", asking.customer, name="customer"),
    path("surveys/by-hand/<str:invitation_id>/", asking.handed_over, name="handed_over"),
    path("surveys/<str:public_id>/", designs.survey, name="survey"),
    path("surveys/<str:public_id>/change/", designs.change, name="change"),
    path("surveys/<str:public_id>/preview/", designs.preview, name="preview"),
    path("surveys/<str:public_id>/state/", designs.set_open, name="set_open"),
    path("surveys/<str:public_id>/archive/", designs.archive, name="archive"),
    path("surveys/<str:public_id>/qr.svg", sharing.qr, name="qr"),
    path("surveys/<str:public_id>/poster/", sharing.poster, name="poster"),
    path("surveys/<str:public_id>/ask/", asking.ask_list, name="ask"),
    path(
        "surveys/<str:public_id>/ask/<str:customer_id>/", asking.ask_customer, name="ask_customer"
    ),
    path("surveys/<str:public_id>/by-hand/<str:customer_id>/", asking.by_hand, name="by_hand"),
    path("surveys/<str:public_id>/answer/<str:customer_id>/", asking.type_in, name="type_in"),
]
