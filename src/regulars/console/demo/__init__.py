"""The demo company: a café with a web shop and three months of history, in and out again."""

from regulars.console.demo.coming_and_going import DemoError, begin, end, may_begin

__all__ = ["DemoError", "begin", "end", "may_begin"]
