"""What terminals are known to show."""

from __future__ import annotations

import pytest

from gdtui.errors import InputError
from gdtui.frames.terminals import colour_depth, patterned, wants_ascii


@pytest.mark.parametrize(
    ("term", "depth"),
    [
        ("xterm", "standard"),
        ("linux", "standard"),
        ("screen", "standard"),
        ("xterm-16color", "standard"),
        ("xterm-256color", "256"),
        ("screen-256color", "256"),
        ("tmux-256color", "256"),
        ("screen.xterm-256color", "256"),
        ("alacritty", "truecolor"),
        ("alacritty-direct", "truecolor"),
        ("foot", "truecolor"),
        ("foot-extra", "truecolor"),
        ("wezterm", "truecolor"),
        ("xterm-ghostty", "truecolor"),
        ("xterm-kitty", "truecolor"),
        ("xterm-direct", "truecolor"),
        ("vt100", None),
        ("vt220-8bit", None),
        ("xterm-mono", None),
        ("linux-m", None),
        ("dumb", None),
        ("", None),
    ],
)
def test_a_terminal_has_as_many_colours_as_it_is_known_to_show(term: str, depth: str | None) -> None:
    assert colour_depth("auto", {"TERM": term}) == depth
    assert colour_depth("auto", {"TERM": term, "NO_COLOR": "1", "COLORTERM": "truecolor"}) is None
    assert colour_depth("auto", {"TERM": term, "NO_COLOR": ""}) == depth
    assert colour_depth("256", {"TERM": term, "NO_COLOR": "1"}) == "256"


def test_colorterm_says_more_than_term_but_on_the_console() -> None:
    assert colour_depth("auto", {"TERM": "xterm", "COLORTERM": "truecolor"}) == "truecolor"
    assert colour_depth("auto", {"TERM": "vt100", "COLORTERM": "24bit"}) == "truecolor"
    assert colour_depth("auto", {"TERM": "linux", "COLORTERM": "truecolor"}) == "standard"


def test_a_forced_number_of_colours_is_taken() -> None:
    assert colour_depth("auto", {"TERM": "vt100", "TEXTUAL_COLOR_SYSTEM": "256"}) == "256"
    assert colour_depth("auto", {"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "many"}) == "standard"


def test_a_number_of_colours_that_nobody_has_is_refused() -> None:
    with pytest.raises(InputError, match=r"color: '512' is not known; .*256"):
        colour_depth("512")


@pytest.mark.parametrize(
    ("asked", "theme", "depth", "expected"),
    [
        ("auto", "dark", "truecolor", "repeated"),
        ("auto", "light", "256", "repeated"),
        ("auto", "terminal", "standard", "all"),
        ("auto", "dark", "standard", "all"),
        ("auto", "terminal", None, "all"),
        ("always", "dark", "truecolor", "all"),
        ("never", "terminal", None, "none"),
    ],
)
def test_lines_have_patterns_where_colours_do_not_tell_them_apart(
    asked: str, theme: str, depth: str | None, expected: str
) -> None:
    assert patterned(asked, theme, depth) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("environment", "ascii_only"),
    [
        ({}, False),
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, True),
        ({"LC_CTYPE": "de_DE.iso88591"}, True),
        ({"TERM": "linux", "LANG": "C.UTF-8"}, True),
    ],
)
def test_plain_ascii_where_there_is_nothing_else(environment: dict[str, str], ascii_only: bool) -> None:
    assert wants_ascii(None, environment) == ascii_only
    assert wants_ascii(True, environment)
    assert not wants_ascii(False, environment)
