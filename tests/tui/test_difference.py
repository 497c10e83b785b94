"""Updates of the screen are cut down to what the terminal does not show."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from gdtui.tui.difference import Difference, Shown, difference

RED, BLUE = Style(color="red"), Style(color="blue")
STYLES = [RED, BLUE, RED + Style(bold=True), BLUE + Style(bgcolor="white"), Style(reverse=True), Style(underline=True)]
CONSOLE = Console(color_system="truecolor", force_terminal=True, width=40)
WIDTH, HEIGHT = 12, 4


def strip(*parts: tuple[str, Style]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts])


def test_what_is_shown_already_is_not_sent() -> None:
    shown = Shown()
    row = strip(("left", RED), ("right", BLUE))
    assert shown.put(0, 0, row) == (0, row)
    assert shown.put(0, 0, row) is None
    assert shown.put(0, 4, strip(("right", BLUE))) is None


def test_only_the_segments_that_differ_are_sent() -> None:
    shown = Shown()
    shown.put(3, 0, strip(("left", RED), ("old", BLUE), ("right", RED)))
    assert shown.put(3, 0, strip(("left", RED), ("new", BLUE), ("right", RED))) == (4, strip(("new", BLUE)))
    assert shown.put(3, 0, strip(("left", RED), ("new", RED), ("right", RED))) is not None
    assert shown.put(3, 0, strip(("leftnewright", RED))) is None


def test_what_only_the_mouse_sees_makes_no_difference() -> None:
    shown = Shown()
    shown.put(0, 0, strip(("text", RED)))
    assert shown.put(0, 0, strip(("te", RED + Style(meta={"@click": "x"})), ("xt", RED))) is None


def test_after_forgetting_everything_is_sent_again() -> None:
    shown = Shown()
    row = strip(("text", RED))
    shown.put(0, 0, row)
    shown.forget()
    assert shown.put(0, 0, row) == (0, row)


def test_of_a_segment_that_differs_only_the_characters_that_differ_are_sent() -> None:
    shown = Shown()
    shown.put(0, 0, strip(("loss 1.234 η", RED)))
    assert shown.put(0, 0, strip(("loss 1.239 η", RED))) == (9, strip(("9", RED)))
    wide = strip(("loss 1.23 漢", RED))
    shown.put(1, 0, strip(("loss 1.24 漢", RED)))
    assert shown.put(1, 0, wide) == (0, wide)


def test_a_row_that_is_not_known_is_sent_as_it_comes() -> None:
    shown = Shown()
    assert shown.put(0, 5, strip(("middle", RED))) == (5, strip(("middle", RED)))
    assert shown.put(0, 5, strip(("middle", RED))) == (5, strip(("middle", RED)))


def test_other_renderables_are_left_alone() -> None:
    assert difference(None, Shown()) is None
    assert difference("text", Shown()) == "text"


def test_what_was_laid_out_for_a_larger_terminal_does_not_wrap() -> None:
    wide = LayoutUpdate([[strip((letter * 12, RED))] for letter in "abcd"], Region(0, 0, 12, 4))
    screen, shown = pyte.Screen(10, 3), Shown()
    pyte.Stream(screen).feed(Difference(wide, shown, size=(10, 3)).render_segments(CONSOLE))
    assert screen.display == ["a" * 10, "b" * 10, "c" * 10]
    assert shown.put(1, 0, strip(("b" * 10, RED))) is None


def test_spans_are_cut_to_their_columns() -> None:
    chops = [{0: strip(("abcdef", RED)), 6: strip(("ghijkl", BLUE))}]
    update = ChopsUpdate(chops, [(0, 2, 4), (0, 7, 9)], [[6, 12]])
    assert Difference(update, Shown()).render_segments(CONSOLE).count("\x1b[1;") >= 2
    screen = pyte.Screen(WIDTH, 1)
    pyte.Stream(screen).feed(Difference(update, Shown()).render_segments(CONSOLE))
    assert screen.display == ["  cd   hi   "]


def test_an_update_that_is_cut_short_comes_whole_in_the_end() -> None:
    rows = [strip((f"row {k}".ljust(WIDTH), RED)) for k in range(HEIGHT)]
    update = LayoutUpdate([[row] for row in rows], Region(0, 0, WIDTH, HEIGHT))
    shown, screen, sent = Shown(), pyte.Screen(WIDTH, HEIGHT), []
    while not sent or shown.is_owed_more:
        sent.append(Difference(update, shown, 20).render_segments(CONSOLE))
        pyte.Stream(screen).feed(sent[-1])
        assert screen.display[-1] == rows[-1].text  # the last row, the status, comes first
        assert len(sent) <= HEIGHT
    assert len(sent) > 1
    assert screen.display == [row.text for row in rows]
    assert Difference(update, shown, 20).render_segments(CONSOLE) == ""


cells = st.lists(st.tuples(st.sampled_from("abc "), st.sampled_from(STYLES)), min_size=WIDTH, max_size=WIDTH)
frames = st.lists(cells, min_size=HEIGHT, max_size=HEIGHT)
spans = st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.integers(1, WIDTH)), min_size=1)


def rows_of(frame: list[list[tuple[str, Style]]]) -> list[Strip]:
    return [strip(*row) for row in frame]


def seen(screen: pyte.Screen) -> list[list[object]]:
    """What the cells of a screen look like: a blank's foreground cannot be seen."""
    rows = ([screen.buffer[row][column] for column in range(screen.columns)] for row in range(screen.lines))
    return [
        [cell._replace(fg="", bold=False, italics=False) if cell.data == " " else cell for cell in row] for row in rows
    ]


@given(st.lists(st.tuples(frames, spans), min_size=1, max_size=5))
def test_a_terminal_that_gets_the_differences_shows_what_one_shows_that_gets_everything(
    updates: list[tuple[list[list[tuple[str, Style]]], list[tuple[int, int, int]]]],
) -> None:
    shown = Shown()
    lean, full = (pyte.Screen(WIDTH, HEIGHT) for _ in range(2))
    for number, (frame, parts) in enumerate(updates):
        rows = rows_of(frame)
        update: LayoutUpdate | ChopsUpdate
        if number % 3 == 0:
            update = LayoutUpdate([[row] for row in rows], Region(0, 0, WIDTH, HEIGHT))
            parts = [(row, 0, WIDTH) for row in range(HEIGHT)]
        else:
            update = ChopsUpdate([{0: row} for row in rows], parts, [[WIDTH]] * HEIGHT)
        pyte.Stream(lean).feed(Difference(update, shown).render_segments(CONSOLE))
        for row, first, last in parts:
            if first < last:
                text = rows[row].crop(first, last).render(CONSOLE)
                pyte.Stream(full).feed(f"\x1b[{row + 1};{first + 1}H{text}")
        assert seen(lean) == seen(full)
