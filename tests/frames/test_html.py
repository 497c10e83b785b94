"""Grids as pages: text that can be copied, and nothing that a browser would fetch or run."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.charts.cells import CellGrid, displayable
from gdtui.charts.shades import Colouring
from gdtui.frames.html import as_html
from tests.frames.grids import COLOURINGS, check_golden, grids, small


class Page(HTMLParser):
    """The text and the elements of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.attributes: set[str] = set()
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = "pre" if "pre" in self._open else self._open[-1] if self._open else ""
        self.texts[inside] = self.texts.get(inside, "") + data


@settings(max_examples=60)
@given(grids(hostile=True), st.sampled_from(COLOURINGS), st.text(max_size=20))
def test_the_text_of_a_page_is_that_of_the_grid(drawn: list[CellGrid], colouring: Colouring, title: str) -> None:
    [grid] = drawn
    page = Page(as_html(grid, colouring, title))
    assert page.texts["pre"][1:-1].split("\n") == [line.rstrip(" ") for line in displayable(grid).lines()]
    assert page.attributes <= {"lang", "charset", "http-equiv", "content", "class"}


def test_a_title_is_no_markup() -> None:
    assert Page(as_html(small(), Colouring(), "</title><script>")).texts["title"] == "</title><script>"


@pytest.mark.parametrize("colouring", [Colouring(), Colouring("light", "256"), Colouring("light", None)], ids=str)
def test_it_needs_nothing_from_elsewhere(colouring: Colouring) -> None:
    page = as_html(small(), colouring, "A race")
    assert not any(word in page for word in ("http:", "https:", "url(", "@import", "src=", "href="))


def test_the_bytes_are_as_they_were() -> None:
    check_golden("small.html", as_html(small(), Colouring(), "A <race> & more"))
