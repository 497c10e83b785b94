"""Which colours leave the app, and its themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.color import Color

from gdtui.charts.palette import head_colour
from gdtui.errors import InputError
from gdtui.frames import Style
from gdtui.tui.app import GdtuiApp
from gdtui.tui.colours import OwnColours, depth_of, theme_of
from gdtui.tui.ink import CellView, styles
from tests.tui.apps import check_golden, lines_of, opened, shown, take_steps, wait_until
from tests.tui.terminals import Terminal

SGR = re.compile(rb"\x1b\[([0-9;]*)m")
SIXTEEN = {str(code) for first in (30, 40, 90, 100) for code in range(first, first + 8)} | {"39", "49"}
ATTRIBUTES = {"", "0", "1", "2", "4", "7"}


def test_what_is_not_known_is_refused_in_a_line() -> None:
    from gdtui.engine.race import Race

    with pytest.raises(InputError, match=r"theme: 'lihgt' is not known; did you mean 'light'"):
        GdtuiApp(Race("quadratic"), theme="lihgt")
    with pytest.raises(InputError, match=r"patterns: 'on' is not known; .*always"):
        GdtuiApp(Race("quadratic"), patterns="on")


@pytest.mark.parametrize(
    ("style", "own", "colourless"),
    [
        ("red", "red", ""),
        ("bold bright_blue on default", "bold bright_blue", "bold"),
        ("white", "", ""),
        ("black", "", ""),
        ("bright_white", "", ""),
        ("bright_black", "dim", "dim"),
        ("#336699", "", ""),
        ("red on white", "reverse", "reverse"),
        ("underline on #ffffff", "underline reverse", "underline reverse"),
    ],
)
def test_only_colours_that_show_on_any_background_pass(style: str, own: str, colourless: str) -> None:
    for coloured, expected in ((True, own), (False, colourless)):
        given = RichStyle.parse(style) + RichStyle(meta={"@click": "kept"})
        [segment] = OwnColours(coloured=coloured).apply([Segment("x", given)], Color(0, 0, 0))
        assert segment.style is not None
        assert segment.style.meta == {"@click": "kept"}
        wanted = RichStyle.parse(expected)
        assert segment.style.without_color == wanted.without_color
        assert getattr(segment.style.color, "number", None) == getattr(wanted.color, "number", None)
        assert segment.style.bgcolor is None


def sent(folder: Path, *options: str, **environment: str) -> list[list[str]]:
    """The parameters of all SGR sequences that a session sends: lists, help, editor, dialog, toast and palette."""
    with Terminal("quadratic", "--paused", *options, environment=environment) as terminal:
        terminal.wait_for("paused")
        terminal.type("2")
        terminal.wait_for("Racers")
        for key, awaited in (
            ("?", "Help"),
            ("e", "Edit A"),
            ("s", "File name"),
            ("c", "The command"),
            ("\x10", "Search"),
        ):
            terminal.type(key)
            terminal.wait_for(awaited)
            terminal.type("\x1b")
            terminal.wait_for(lambda awaited=awaited: awaited not in terminal.text)  # type: ignore[misc]
        terminal.type("s")
        terminal.wait_for("File name")
        terminal.type(f"{folder}/race.toml\r")
        terminal.wait_for("Saved to")
        terminal.type("3")
        terminal.run_for(0.3)
        terminal.type("q")
        assert terminal.wait() == 0
        return [found.decode().split(";") for found in SGR.findall(terminal.output)]


@pytest.mark.parametrize(("options", "environment"), [((), {"NO_COLOR": "1"}), (("--color", "none"), {})])
def test_without_colours_not_one_is_sent(options: tuple[str, ...], environment: dict[str, str], tmp_path: Path) -> None:
    codes = {code for sequence in sent(tmp_path, *options, **environment) for code in sequence}
    assert codes <= ATTRIBUTES
    assert {"1", "2", "7"} <= codes  # what matters, what stands still, the cursor


def test_sixteen_colours_are_the_terminals_own(tmp_path: Path) -> None:
    codes = {code for sequence in sent(tmp_path, "--color", "16") for code in sequence}
    assert codes <= ATTRIBUTES | SIXTEEN
    assert len(codes & SIXTEEN) > 8


def test_256_colours_are_numbers_of_the_table(tmp_path: Path) -> None:
    sequences = sent(tmp_path, COLORTERM="")
    text = {";".join(sequence) for sequence in sequences}
    rest = {re.sub(r"(?:^|;)[34]8;5;\d+", "", codes).strip(";") for codes in text}
    assert {code for codes in rest for code in codes.split(";")} <= ATTRIBUTES
    assert any("38;5;" in codes for codes in text)
    assert any("48;5;" in codes for codes in text)


@pytest.mark.usefixtures("still_life")
@pytest.mark.parametrize("theme", ["light", "terminal"])
async def test_themes(theme: str) -> None:
    async with opened(size=(120, 40), theme=theme) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        check_golden(f"{theme}-120x40", pilot)


async def test_the_terminals_theme_paints_no_background() -> None:
    async with opened(size=(80, 24), theme="terminal") as (pilot, _):
        for keys in (["2"], ["question_mark"], ["escape", "e"], ["escape", "ctrl+p"]):
            await pilot.press(*keys)
            await pilot.pause()
            found = [segment.style for strip in pilot.app.screen._compositor.render_strips() for segment in strip]
            assert all(style is not None and style.bgcolor is None for style in found)
            colours = {style.color for style in found if style is not None and style.color is not None}
            assert not colours & {RichColor.from_ansi(number) for number in (0, 7, 8, 15)}
            assert all(colour.triplet is None for colour in colours)


async def test_a_theme_from_the_palette_inks_everything_anew() -> None:
    async with opened(size=(120, 40)) as (pilot, screen):
        await take_steps(pilot, screen, 60)
        app = pilot.app
        assert isinstance(app, GdtuiApp)
        before = shown(screen, "contour")
        for theme, depth in (("light", "truecolor"), ("terminal", "standard"), ("dark", "truecolor")):
            commands = {command.title: command.callback for command in app.get_system_commands(screen)}
            assert [title for title in commands if title.startswith("Theme")] == [
                f"Theme: {name}" for name in ("dark", "light", "terminal") if name != theme_of(app)
            ]
            commands[f"Theme: {theme}"]()
            await wait_until(pilot, lambda theme=theme: app.has_class(f"-theme-{theme}"))  # type: ignore[misc]
            await pilot.pause()
            view = screen.query_one("#contour-view", CellView)
            assert (theme_of(app), depth_of(app)) == (theme, depth)
            inks = styles(depth_of(app), theme_of(app), view.rich_style.bgcolor)
            assert {segment.style for strip in view._strips for segment in strip} <= set(inks)
            assert (shown(screen, "contour") == before) == (theme != "terminal")  # there, lines have patterns
            racer = next(strip for strip in app.screen._compositor.render_strips() if "● B momentum" in strip.text)
            letter = next(segment.style for segment in racer if segment.text.strip() == "B")
            assert letter is not None
            assert letter.color == inks[head_colour(1)].color


async def test_without_colours_there_is_no_choice_of_a_theme() -> None:
    async with opened(size=(80, 24), color="none", theme="light") as (pilot, screen):
        assert theme_of(pilot.app) == "terminal"
        assert not [c for c in pilot.app.get_system_commands(screen) if c.title.startswith("Theme")]


async def test_without_colours_the_cursor_of_a_list_is_reversed() -> None:
    async with opened(size=(120, 40), color="none") as (pilot, _):
        await pilot.press("2")
        await pilot.pause()
        strips = pilot.app.screen._compositor.render_strips()
        rows = {name: next(strip for strip in strips if f" {name} " in strip.text) for name in ("A gd", "B momentum")}
        reversed_text = {
            name: "".join(s.text for s in strip if s.style is not None and s.style.reverse)
            for name, strip in rows.items()
        }
        assert "gd" in reversed_text["A gd"]
        assert reversed_text["B momentum"].strip() == ""


@pytest.mark.parametrize(("patterns", "as_solid"), [("never", True), ("always", False)])
async def test_patterns_are_as_asked_for(patterns: str, as_solid: bool) -> None:
    pictures = []
    for asked in ("auto", patterns):
        async with opened(size=(80, 24), patterns=asked) as (pilot, screen):
            await take_steps(pilot, screen, 60)
            pictures.append(shown(screen, "contour"))
    assert (pictures[0] == pictures[1]) == as_solid


async def test_patterns_in_ascii_are_the_letters_themselves() -> None:
    async with opened(size=(80, 24), style=Style(raster="ascii"), patterns="always") as (pilot, screen):
        await take_steps(pilot, screen, 60)
        always = lines_of(pilot)
    async with opened(size=(80, 24), style=Style(raster="ascii"), patterns="never") as (pilot, screen):
        await take_steps(pilot, screen, 60)
        assert lines_of(pilot) == always
