"""What a pen writes looks as what rich writes, in fewer characters."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style

from gdtui.tui.pen import RESET, Pen
from tests.tui.test_difference import seen

SYSTEMS = [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD]
colours = st.one_of(
    st.none(),
    st.just(Color.default()),
    st.integers(0, 15).map(Color.from_ansi),
    st.tuples(*[st.sampled_from([0, 18, 128, 255])] * 3).map(lambda rgb: Color.from_rgb(*rgb)),
)
flags = st.sampled_from([None, True, False])
styles = st.builds(Style, color=colours, bgcolor=colours, bold=flags, reverse=flags, underline=flags, strike=flags)
texts = st.text("ab ⡇ ", min_size=1, max_size=4)
segments = st.lists(st.builds(Segment, texts, st.one_of(st.none(), styles)), max_size=8)


def on_screen(text: str) -> pyte.Screen:
    screen = pyte.Screen(40, 1)
    pyte.Stream(screen).feed(text)
    return screen


@given(segments, st.sampled_from(SYSTEMS))
def test_it_looks_as_rich_writes_it(line: list[Segment], system: ColorSystem) -> None:
    pen = Pen(system)
    ours = pen.write(line) + pen.lift()
    theirs = "".join(text if style is None else style.render(text, color_system=system) for text, style, _ in line)
    assert seen(on_screen(ours)) == seen(on_screen(theirs))
    after = on_screen(ours + "x")
    assert after.cursor.attrs == pyte.screens.Char(" ")  # the terminal's own setting
    assert len(ours) <= len(theirs) + len(RESET)


def test_only_what_changes_is_written() -> None:
    ground = Style(bgcolor="rgb(18,18,18)")
    pen = Pen(ColorSystem.TRUECOLOR)
    line = [
        Segment("a", ground + Style(color="rgb(1,2,3)")),
        Segment("  ", ground + Style(color="rgb(4,5,6)", bold=True)),
        Segment("b", ground + Style(color="rgb(1,2,3)")),
        Segment("c", ground + Style(color="rgb(1,2,3)", bold=True)),
        Segment("d", ground + Style(color="rgb(1,2,3)")),
    ]
    colours = "38;2;1;2;3;48;2;18;18;18m"
    assert pen.write(line) + pen.lift() == f"\x1b[{colours}a  b\x1b[1mc\x1b[0;{colours}d{RESET}"


@pytest.mark.parametrize("style", [None, Style.null(), Style(color="default")])
def test_what_has_no_style_needs_no_codes(style: Style | None) -> None:
    pen = Pen(ColorSystem.TRUECOLOR)
    assert pen.write([Segment("text", style)]).replace("\x1b[39m", "") == "text"


def test_without_colours_there_are_no_codes() -> None:
    pen = Pen(None)
    assert pen.write([Segment("text", Style(color="red", bold=True))]) + pen.lift() == "text"


def test_links_are_kept() -> None:
    pen = Pen(ColorSystem.TRUECOLOR)
    assert pen.write([Segment("here", Style(link="https://example.org"))]) == (
        "\x1b]8;;https://example.org\x1b\\here\x1b]8;;\x1b\\"
    )
