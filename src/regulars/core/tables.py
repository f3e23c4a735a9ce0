"""Lists for pages: typed columns, search, filters, sorting, paging, choice of columns.

All of it travels in the address (`?q=&sort=&page=&cols=`), so it works without JavaScript, can be
bookmarked and changes nothing. A page takes the same few queries, whatever the number of rows:
they are counted as far as anybody pages, the page's row numbers are found in order, and only then
are those rows read with all that they show.

    table = Table(
        request.GET,
        queries.customers_visible_to(request.staff),
        name=_("Customers"),
        columns=[
            Column("name", _("Name"), sort="sort_key", link=lambda c: c.get_absolute_url()),
            Column("visits", _("Visits"), kind="number", sort="visit_count"),
            Column("last_seen", _("Last here"), kind="day", sort="last_seen_on"),
        ],
        search=lambda rows, words: rows.matching(words),
        empty=_("Nobody here yet."),
    )
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar, cast

from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.template.loader import get_template
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

M = TypeVar("M", bound=Model)
Kind = Literal["text", "number", "percent", "money", "day", "when", "flag"]
Text = str | Promise
PAGE_SIZE = 25
MOST_ROWS = 200
# Rows are counted up to here; nobody needs to know more, and counting a million takes a second.
MOST_COUNTED = 10_000
MOST_FOUND = 1_000
FEW = 2  # filters that need no folding on a phone, columns that need no choosing


@dataclass(frozen=True)
class Column(Generic[M]):
    """One column.

    `value` reads the row (default: the attribute called `key`); `sort` is the field to order by
    and `then` (which may begin with “-”) the next one, empty where the column cannot be sorted;
    `present` tells the rows that have something there, all others come last in both directions;
    `template` renders the cell with `row`; `optional` columns are shown only when chosen.
    """

    key: str
    label: Text
    kind: Kind = "text"
    value: Callable[[M], Any] | None = None
    sort: str = ""
    then: str = ""
    present: Q | None = None
    link: Callable[[M], str] | None = None
    tone: Callable[[M], str] | None = None
    template: str = ""
    optional: bool = False

    def of(self, row: M) -> Any:
        """The row's value."""
        return self.value(row) if self.value else getattr(row, self.key)


@dataclass(frozen=True)
class Filter(Generic[M]):
    """A choice above the list; `apply` narrows the rows to the chosen value."""

    key: str
    label: Text
    choices: Sequence[tuple[str, Text]]
    apply: Callable[[QuerySet[M], str], QuerySet[M]]
    chosen: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell, ready to be shown."""

    column: Column[Any]
    row: Any

    def render(self, request: HttpRequest | None = None) -> SafeString | str:
        """What stands in it, escaped; forms in it need the `request` for their token."""
        if self.column.template:
            shown: SafeString | str = get_template(self.column.template).render(
                {"row": self.row}, request
            )
        else:
            shown = self._plain()
        if self.column.link is None:
            return shown
        return format_html('<a href="{}">{}</a>', self.column.link(self.row), shown)

    def _plain(self) -> SafeString | str:
        value = self.column.of(self.row)
        if self.column.tone is None or value is None or value == "":
            return _shown(value, self.column.kind)
        from regulars.core.templatetags import ui

        return ui.badge(str(value), tone=self.column.tone(self.row))


def _shown(value: Any, kind: Kind) -> SafeString | str:
    from regulars.core.templatetags import ui  # the tags import this module for their types

    if value is None or value == "":
        return ""
    if kind == "number":
        return number_format(value, use_l10n=True, force_grouping=True)
    if kind == "percent":
        return f"{number_format(round(float(value) * 100), use_l10n=True)}%"
    if kind == "money":
        return ui.money(value)
    if kind == "day":
        return ui.day(cast("dt.date", value))
    if kind == "when":
        return ui.when(cast("dt.datetime", value))
    if kind == "flag":
        return ui.icon("check", label=_("Yes")) if value else ""
    return str(value)


@dataclass(frozen=True)
class Header:
    """A column's head: where clicking it leads, and how it is sorted now."""

    column: Column[Any]
    href: str
    direction: Literal["", "ascending", "descending"]


class CappedPaginator(Paginator[M]):
    """Pages of the first `most` rows and no more; `is_capped` says that there are more rows.

    `shown` is where the rows of a page are read from once their numbers are known; those that are
    not `present` come after all others.
    """

    def __init__(
        self,
        rows: QuerySet[M] | Sequence[M],
        page_size: int,
        *,
        most: int,
        shown: QuerySet[M] | None = None,
        present: Q | None = None,
    ) -> None:
        super().__init__(rows, page_size)
        self._rows, self._most, self._shown, self._present = rows, most, shown, present

    def page(self, number: int | str) -> Page[M]:
        """One page; raises InvalidPage where there is none."""
        if self._shown is None or not isinstance(self._rows, QuerySet):
            return super().page(number)
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        wanted = self._numbers(self._rows, first, min(first + self.per_page, self.count))
        read = {row.pk: row for row in self._shown.filter(pk__in=wanted)}
        # Whoever was deleted between the two queries is left out.
        return Page([read[pk] for pk in wanted if pk in read], number, self)

    def _numbers(self, rows: QuerySet[M], first: int, end: int) -> list[Any]:
        """The row numbers from `first` up to `end`, in order."""
        numbers = rows.values_list("pk", flat=True)
        if self._present is None:
            return list(numbers[first:end])
        filled = numbers.filter(self._present)
        found = list(filled[first:end])
        if first + len(found) == end:
            return found
        before = filled.order_by().count()
        rest = numbers.exclude(self._present).order_by("pk")
        return found + list(rest[max(first - before, 0) : end - before])

    @cached_property
    def _counted(self) -> int:
        if isinstance(self._rows, list):  # samples on the page of the design system
            return len(self._rows)
        if not isinstance(self._rows, QuerySet):
            return len(self._rows)
        return self._rows.order_by().values("pk")[: self._most + 1].count()

    @cached_property
    def count(self) -> int:
        """How many rows can be paged through."""
        return min(self._counted, self._most)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than can be paged through."""
        return self._counted > self._most


def _turned(field: str) -> str:
    """The same order backwards."""
    return field[1:] if field.startswith("-") else f"-{field}"


@dataclass
class Table(Generic[M]):
    """A list as the address asks for it."""

    query: QueryDict
    rows: QuerySet[M]
    name: Text
    columns: Sequence[Column[M]]
    search: Callable[[QuerySet[M], str], QuerySet[M]] | None = None
    filters: Sequence[Filter[M]] = ()
    sort: str = ""
    page_size: int = PAGE_SIZE
    empty: Text = ""
    empty_text: Text = ""
    empty_href: str = ""
    empty_action: Text = ""
    key: str = ""

    @property
    def id(self) -> str:
        """The id of the list's element."""
        return f"list-{self.key}" if self.key else "list"

    @property
    def key_prefix(self) -> str:
        """What the parameters' names begin with, where a page has several lists."""
        return f"{self.key}-" if self.key else ""

    def parameter(self, name: str) -> str:
        """The name that the parameter has in the address."""
        return f"{self.key_prefix}{name}"

    @property
    def has_search(self) -> bool:
        """Whether the list can be searched."""
        return self.search is not None

    @property
    def words(self) -> str:
        """What is searched for."""
        return self.query.get(self.parameter("q"), "").strip() if self.search else ""

    @cached_property
    def chosen_filters(self) -> list[Filter[M]]:
        """The filters with what was chosen; unknown choices count as none."""
        return [replace(one, chosen=self._choice(one)) for one in self.filters]

    def _choice(self, one: Filter[M]) -> str:
        asked = self.query.get(self.parameter(one.key), "")
        return asked if asked in {value for value, _label in one.choices} else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or filter is on."""
        return bool(self.words or any(one.chosen for one in self.chosen_filters))

    @property
    def has_tools(self) -> bool:
        """Whether searching, narrowing or choosing columns makes sense: not in an empty list."""
        offered = self.has_search or self.filters or len(self.column_choices) > FEW
        return bool(offered and (self.is_narrowed or self.page.object_list))

    @property
    def has_many_filters(self) -> bool:
        """Whether the filters fold away on a narrow screen."""
        return len(self.filters) > FEW

    @cached_property
    def visible_columns(self) -> list[Column[M]]:
        """The chosen columns in their order; the first one always stays."""
        asked = self.query.getlist(self.parameter("cols"))
        if not asked:
            return [one for one in self.columns if not one.optional]
        return [one for one in self.columns if one.key in asked or one is self.columns[0]]

    @property
    def column_choices(self) -> list[tuple[Column[M], bool]]:
        """Every column but the first, with whether it is shown."""
        return [(one, one in self.visible_columns) for one in self.columns[1:]]

    @cached_property
    def page(self) -> Page[M]:
        """The asked page; the nearest one where there is no such page."""
        rows = self.rows
        for one in self.chosen_filters:
            if one.chosen:
                rows = one.apply(rows, one.chosen)
        if self.search and self.words:
            rows = self.search(rows, self.words)
        if order := self._order():
            rows = rows.order_by(*order)
        most = MOST_FOUND if self.words else MOST_COUNTED
        column, _backwards = self._sorted_column()
        pages = CappedPaginator(
            rows,
            min(self.page_size, MOST_ROWS),
            most=most,
            shown=self.rows,
            present=column.present if column is not None else None,
        )
        return pages.get_page(self.query.get(self.parameter("page"), "1"))

    def _order(self) -> list[str]:
        column, backwards = self._sorted_column()
        if column is None:
            return [self.sort, "pk"] if self.sort else self._order_of_rows()
        fields = [one for one in (column.sort, column.then) if one]
        return [*(_turned(one) if backwards else one for one in fields), "pk"]

    def _order_of_rows(self) -> list[str]:
        """Rows that come without an order get one, so that no page repeats a row of another."""
        return [] if getattr(self.rows, "ordered", True) else ["pk"]

    def _sorted_column(self) -> tuple[Column[M] | None, bool]:
        asked = self.query.get(self.parameter("sort"), "")
        key = asked.removeprefix("-")
        found = next((one for one in self.columns if one.key == key and one.sort), None)
        return found, asked.startswith("-")

    @property
    def headers(self) -> list[Header]:
        """The visible columns' heads."""
        sorted_by, backwards = self._sorted_column()
        return [self._header(one, one is sorted_by, backwards) for one in self.visible_columns]

    def _header(self, column: Column[M], is_sorted: bool, backwards: bool) -> Header:
        if not column.sort:
            return Header(column, "", "")
        turn = "-" if is_sorted and not backwards else ""
        href = self.address(sort=f"{turn}{column.key}", page="")
        return Header(
            column, href, ("descending" if backwards else "ascending") if is_sorted else ""
        )

    @property
    def cells(self) -> list[list[Cell]]:
        """The page's rows."""
        return [[Cell(column, row) for column in self.visible_columns] for row in self.page]

    def address(self, **changes: str) -> str:
        """This list's address with some parameters changed; an empty value takes one away."""
        query = self.query.copy()
        for name, value in changes.items():
            if value:
                query[self.parameter(name)] = value
            else:
                query.pop(self.parameter(name), None)
        return f"?{query.urlencode()}"

    @property
    def all_address(self) -> str:
        """The list without search and filters."""
        return self.address(q="", page="", **{one.key: "" for one in self.filters})

    @property
    def before(self) -> str:
        """The page before, or empty."""
        if not self.page.has_previous():
            return ""
        return self.address(page=str(self.page.previous_page_number()))

    @property
    def after(self) -> str:
        """The page after, or empty."""
        return self.address(page=str(self.page.next_page_number())) if self.page.has_next() else ""

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters that the search form must carry along (sorting, columns, other lists)."""
        return self._other_than("q", "page", *(one.key for one in self.filters))

    @property
    def kept_for_columns(self) -> list[tuple[str, str]]:
        """Parameters that the choice of columns must carry along."""
        return self._other_than("cols")

    def _other_than(self, *names: str) -> list[tuple[str, str]]:
        own = {self.parameter(name) for name in names}
        return [
            (key, str(value))
            for key, values in self.query.lists()
            if key not in own
            for value in values
        ]
