"""The screen in plain ASCII."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from gdtui.tui.plain import PlainFilter


def filtered(text: str) -> str:
    return "".join(segment.text for segment in PlainFilter().apply([Segment(text)], Color(0, 0, 0)))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Mn", "Me", "Mc", "Zl", "Zp", "Co", "Cn"])))
def test_whatever_is_on_the_screen_leaves_as_ascii_of_the_same_width(text: str) -> None:
    plain = filtered(text)
    assert plain.isascii()
    assert len(plain) == cell_len(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("╭─┬─╮", "+-+-+"), ("│┃║", "|||"), ("━═", "--"), ("● ○ ✓ ✗ ▸", "* o v x >"), ("▂█▊", "-#|"), ("κ ≈ é", "k ~ e")],
)
def test_known_marks_keep_their_meaning(text: str, plain: str) -> None:
    assert filtered(text) == plain
