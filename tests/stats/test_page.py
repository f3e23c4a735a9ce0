"""The page for statisticians says what the checks compute today."""

from tools.stats_page import PAGE, written_page


def test_statistics_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == written_page()
