"""The demo company: a café with a web shop and three months of history, in and out again."""

from regulars.console.demo.coming_and_going import (
    DemoError,
    begin,
    begin_later,
    end,
    go_on,
    has_failed,
    loading,
    may_begin,
)

__all__ = [
    "DemoError",
    "begin",
    "begin_later",
    "end",
    "go_on",
    "has_failed",
    "loading",
    "may_begin",
]
