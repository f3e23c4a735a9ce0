"""Lists as the address asks for them."""

from __future__ import annotations

import pytest
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory

from regulars.business.models import Place
from regulars.core import tables
from regulars.core.tables import Column, Filter, Table

pytestmark = pytest.mark.django_db


@pytest.fixture
def places() -> list[Place]:
    return [
        Place.objects.create(name=name, address=f"{number} Street", is_active=number % 2 == 0)
        for number, name in enumerate(["Alma", "Bor", "Cseresznye", "Dió", "Eper"])
    ]


def table(address: str = "", **more: object) -> Table[Place]:
    options: dict[str, object] = {
        "name": "Places",
        "columns": [
            Column("name", "Name", sort="name", link=lambda place: f"/places/{place.name}/"),
            Column("address", "Address"),
            Column("kind", "Kind", optional=True),
        ],
        "search": lambda rows, words: rows.filter(name__icontains=words),
        "filters": [Filter("state", "State", [("on", "in use"), ("off", "closed")], in_state)],
        "page_size": 2,
        **more,
    }
    return Table(QueryDict(address), Place.objects.all(), **options)  # type: ignore[arg-type]  # mixed options


def in_state(rows: QuerySet[Place], chosen: str) -> QuerySet[Place]:
    return rows.filter(is_active=chosen == "on")


def names(shown: Table[Place]) -> list[str]:
    return [place.name for place in shown.page]


def test_pages_are_in_the_asked_order(places: list[Place]) -> None:
    assert names(table("sort=-name")) == ["Eper", "Dió"]
    assert names(table("sort=-name&page=2")) == ["Cseresznye", "Bor"]
    assert names(table("sort=-name&page=3")) == ["Alma"]


def test_a_page_that_does_not_exist_is_the_nearest(places: list[Place]) -> None:
    assert names(table("sort=name&page=99")) == ["Eper"]
    assert names(table("sort=name&page=x")) == ["Alma", "Bor"]


def test_only_a_named_column_sorts(places: list[Place]) -> None:
    assert names(table("sort=address", sort="name")) == ["Alma", "Bor"]
    assert names(table("sort=is_active", sort="name")) == ["Alma", "Bor"]


def test_words_and_filters_narrow(places: list[Place]) -> None:
    shown = table("q=r&state=off", sort="name")

    assert names(shown) == ["Bor"]
    assert shown.is_narrowed


def test_an_unknown_choice_counts_as_none(places: list[Place]) -> None:
    shown = table("state=elsewhere", sort="name")

    assert names(shown) == ["Alma", "Bor"]
    assert not shown.is_narrowed


def test_heads_turn_the_order_and_go_back_to_the_first_page() -> None:
    [name, address] = table("sort=name&page=2&q=a").headers

    assert (name.direction, name.href) == ("ascending", "?sort=-name&q=a")
    assert (address.direction, address.href) == ("", "")


def test_columns_are_chosen_and_the_first_stays() -> None:
    assert [one.key for one in table().visible_columns] == ["name", "address"]
    assert [one.key for one in table("cols=kind").visible_columns] == ["name", "kind"]


def test_what_else_the_address_says_is_kept() -> None:
    shown = table("sort=name&page=2&q=a&other-sort=x&cols=kind")

    assert shown.kept == [("sort", "name"), ("other-sort", "x"), ("cols", "kind")]
    assert ("cols", "kind") not in shown.kept_for_columns


def test_two_lists_on_a_page_do_not_meet(places: list[Place]) -> None:
    assert names(table("b-page=2&page=3", key="b", sort="name")) == ["Cseresznye", "Dió"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_three_queries(
    places: list[Place], count: int, django_assert_num_queries: object
) -> None:
    Place.objects.exclude(pk__in=[place.pk for place in places[:count]]).delete()
    shown = table(sort="name", page_size=25)

    with django_assert_num_queries(3):  # type: ignore[operator]  # pytest-django's fixture
        html = draw(shown)

    assert html.count("<tr>") == count + 1


def test_what_people_wrote_is_escaped() -> None:
    Place.objects.create(name="<script>x</script>", address='"><img>')

    html = draw(table(sort="name"))

    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html
    assert "<img>" not in html


def test_nothing_found_offers_the_whole_list(places: list[Place]) -> None:
    html = draw(table("q=zzz"))

    assert "Nothing matches" in html
    assert 'href="?"' in html


def test_an_empty_list_offers_no_tools_and_says_what_to_do() -> None:
    empty = table(empty="No place yet", empty_text="Begin with one.")

    assert not empty.has_tools
    assert "search" not in draw(empty)
    assert "No place yet" in draw(empty)
    assert "Begin with one." in draw(empty)
    assert table("q=zzz").has_tools  # what narrowed it must be there to be undone


def test_filters_fold_where_there_are_many(places: list[Place]) -> None:
    many = [Filter(key, key, [("x", "x")], in_state) for key in "abc"]

    assert "<details" not in draw(table(columns=[Column("name", "Name")]))
    assert "<details" in draw(table(columns=[Column("name", "Name")], filters=many))


def test_a_cell_without_a_value_has_no_badge(places: list[Place]) -> None:
    toned = Column[Place]("kind", "Kind", value=lambda _: "", tone=lambda _: "good")

    assert "badge" not in draw(table(columns=[Column("name", "Name"), toned]))


def test_rows_without_an_order_get_one(places: list[Place]) -> None:
    assert names(table()) == ["Alma", "Bor"]


def draw(shown: Table[Place]) -> str:
    return Template("{% load ui %}{% table table %}").render(
        Context({"table": shown, "request": RequestFactory().get("/")})
    )


def test_rows_are_counted_up_to_a_limit(
    places: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_COUNTED", 3)
    shown = table("page=9", sort="name")

    paginator = shown.page.paginator
    page = Template("{% load ui %}{% table shown %}").render(Context({"shown": shown}))

    assert isinstance(paginator, tables.CappedPaginator)
    assert (paginator.count, paginator.is_capped, shown.page.number) == (3, True, 2)
    assert [place.name for place in shown.page] == ["Cseresznye"]
    assert "3 to 3 of more than 3" in page


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("", [["Bor", "Alma"], ["Cseresznye", "Dió"], ["Eper"]]),
        ("-", [["Alma", "Bor"], ["Cseresznye", "Dió"], ["Eper"]]),
    ],
)
def test_rows_with_nothing_there_come_last_in_both_directions(
    places: list[Place], direction: str, expected: list[list[str]]
) -> None:
    """Also across the border of the two kinds: no row is shown twice and none is left out."""
    for place, address in zip(places, ["b", "a", "", "", ""], strict=True):
        Place.objects.filter(pk=place.pk).update(address=address)
    columns = [
        Column("name", "Name"),
        Column("address", "Address", sort="address", present=~Q(address="")),
    ]

    pages = [
        names(table(f"sort={direction}address&page={number}", columns=columns))
        for number in (1, 2, 3)
    ]

    assert pages == expected


@pytest.mark.parametrize("size", [1, 3, 4])
def test_a_page_may_hold_both_kinds_of_rows(places: list[Place], size: int) -> None:
    Place.objects.exclude(name__in=["Bor", "Eper"]).update(address="")
    columns = [Column("address", "Address", sort="address", present=~Q(address=""))]

    found: list[str] = []
    for number in range(1, 2 + 4 // size):
        found += names(table(f"sort=address&page={number}", columns=columns, page_size=size))

    assert found[:5] == ["Bor", "Eper", "Alma", "Cseresznye", "Dió"]


def test_equal_rows_are_in_the_second_order(places: list[Place]) -> None:
    columns = [Column("state", "State", value=str, sort="is_active", then="-name")]

    assert names(table("sort=state", columns=columns, page_size=9)) == [
        *("Dió", "Bor"),
        *("Eper", "Cseresznye", "Alma"),
    ]
    assert names(table("sort=-state", columns=columns, page_size=9)) == [
        *("Alma", "Cseresznye", "Eper"),
        *("Bor", "Dió"),
    ]
