"""The user's own keys: what is obeyed, and what is refused before the app opens."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gdtui.errors import InputError
from gdtui.tui import keymap
from tests.tui.apps import opened, step_of, wait_until


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"race.step": "f6,full_stop"},
        {"race.step": ".", "race.faster": "+,=", "app.help": "?,f1", "race.restart": "R", "racer.remove": "ctrl+d"},
        {"race.step": "space", "race.toggle": "full_stop"},  # two that change places
        {"race.restart": "a", "racer.add": "r"},
        {"contour.choose": "ctrl+enter", "contour.far_up": "shift+pageup", "race.copy": "é", "race.save": "f24"},
        {"contour.up": "k", "contour.down": "j", "contour.pan_up": "K", "contour.pan_down": "J"},
        {"editor.apply": "ctrl+g", "choice.next": "n", "question.cancel": "f10", "reading.close": "q"},
        {"race.toggle": "space,space"},
        {"app.interrupt": "f12"},
    ],
)
def test_keys_that_can_be(keys: dict[str, str]) -> None:
    keymap.check(keys, "config.toml")


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"race.stop": "f5"}, "keys.race.stop: unknown; did you mean 'race.step'? allowed: race.copy, race.faster, "),
        ({"rase.step": "f5"}, "keys.rase.step: unknown; did you mean 'race.step'? allowed: app.help, "),
        (
            {"race.step": "esc"},
            "keys.race.step: unknown key 'esc'; did you mean 'escape'? allowed: backslash, backspace, ",
        ),
        ({"race.step": "F5"}, "keys.race.step: unknown key 'F5'; "),
        ({"race.step": "f25"}, "keys.race.step: unknown key 'f25'; "),
        ({"race.step": "control+x"}, "keys.race.step: unknown key 'control+x'; "),
        ({"race.step": "nul"}, "keys.race.step: unknown key 'nul'; "),
        ({"race.step": "r"}, "keys.race.step: the key 'r' also means race.restart; give one of them another key"),
        ({"race.step": "f5", "race.copy": "f5"}, "keys.race.copy: the key 'f5' also means race.step; "),
        ({"race.step": "?"}, "keys.race.step: the key 'question_mark' also means app.help; "),
        ({"race.restart": "d"}, "keys.race.restart: the key 'd' also means family.demonstrate; "),
        ({"family.fix": "r"}, "keys.family.fix: the key 'r' also means race.restart; "),
        ({"race.step": "ctrl+c"}, "keys.race.step: the key 'ctrl+c' also means app.interrupt; "),
        ({"app.suspend": "y"}, "keys.app.suspend: the key 'y' also means loss.log; "),
        ({"contour.choose": "space"}, "keys.contour.choose: the key 'space' also means race.toggle; "),
        ({"race.toggle": "enter"}, "keys.race.toggle: the key 'enter' also means contour.choose; "),
        ({"editor.apply": "ctrl+r"}, "keys.editor.apply: the key 'ctrl+r' also means editor.reset; "),
    ],
)
def test_keys_that_cannot_be_are_refused_in_one_line(keys: dict[str, str], reason: str) -> None:
    with pytest.raises(InputError) as caught:
        keymap.check(keys, "config.toml")
    assert str(caught.value).startswith(f"config.toml: {reason}")
    assert len(str(caught.value).splitlines()) == 1


def test_a_key_is_looked_up_in_the_editor_only_where_nothing_else_has_it() -> None:
    program = (
        "import sys\nfrom gdtui.tui import keymap\nkeymap.check({'race.step': 'f6'}, '')\n"
        "assert 'gdtui.tui.editor' not in sys.modules\nkeymap.check({'editor.apply': 'f6'}, '')"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


async def test_keys_that_change_places_do() -> None:
    keys = {"race.step": "space", "race.toggle": "full_stop"}
    keymap.check(keys, "config.toml")
    async with opened(keymap=keys) as (pilot, screen):
        await pilot.press("space")
        await wait_until(pilot, lambda: step_of(screen) == 1)
