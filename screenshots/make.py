"""Makes the pictures from the running app: ``python screenshots/make.py [NAME…]`` from the top of a checkout.

Each size and each colour mode has one; the README shows some of them.

The app runs without a terminal, steps to a fixed step and stops there, so the same version makes the same pictures.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

os.environ |= {"COLORTERM": "truecolor", "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}

from gdtui.engine.driver import DriverState
from gdtui.engine.race import Race
from gdtui.frames import Style
from gdtui.tui.app import GdtuiApp
from gdtui.tui.race_screen import RaceScreen

HERE = Path(__file__).parent
ASCII = Style("ascii")


class Picture(NamedTuple):
    """A moment of a race on a screen; ``keys`` are pressed before it is taken, ``look`` are options of the app."""

    scenario: str
    steps: int
    columns: int = 120
    rows: int = 40
    keys: tuple[str, ...] = ()
    look: Mapping[str, Any] = MappingProxyType({})


PICTURES = {
    "rosenbrock": Picture("rosenbrock", 4000),
    "credit": Picture("credit", 600),
    "wide": Picture("rosenbrock", 4000, 160, 50),
    "compact": Picture("quadratic", 60, 80, 24),
    "zoomed": Picture("rosenbrock", 4000, keys=("f", "right", "right", "X", "2", "down", "P")),
    "smoothed": Picture("credit", 600, keys=("o", "o", "tab", "m")),
    "tree": Picture("quadratic", 900, keys=("3", *("down",) * 5)),
    "theory": Picture("quadratic", 300, keys=("P", "t")),
    "trap": Picture("traps/gd-zig-zag", 400),
    "light": Picture("rosenbrock", 4000, look={"theme": "light"}),
    "terminal": Picture("rosenbrock", 4000, look={"theme": "terminal"}),
    "colours-256": Picture("rosenbrock", 4000, look={"color": "256"}),
    "colours-16": Picture("rosenbrock", 4000, look={"color": "16"}),
    "colours-none": Picture("rosenbrock", 4000, look={"color": "none"}),
    "colours-none-compact": Picture("quadratic", 60, 80, 24, look={"color": "none"}),
    "ascii": Picture("rosenbrock", 4000, look={"style": ASCII, "color": "16"}),
    "ascii-compact": Picture("quadratic", 60, 80, 24, look={"style": ASCII, "color": "none"}),
}


async def taken(wanted: Picture) -> str:
    """The picture as SVG."""
    app = GdtuiApp(Race(wanted.scenario), paused=True, **wanted.look)
    steps, columns, rows, keys = wanted.steps, wanted.columns, wanted.rows, wanted.keys
    async with app.run_test(size=(columns, rows)) as pilot:
        screen = app.screen
        assert isinstance(screen, RaceScreen)
        # In steps that double, since a plane is fitted anew when the paths have doubled.
        for stop in (8, 16, 32, 64, 128, 256, 512, 1024, 2048, steps):
            if stop <= steps:
                screen.session.driver.order(lambda race, stop=stop: race.advance(stop - race.step))
                while not _stands_at(screen, stop):
                    await pilot.pause()
                await pilot.pause(0.3)
        for key in keys:
            await pilot.press(key)
        await pilot.pause(1.2)  # axes grow at most once a second
        return app.export_screenshot(title="gdtui")


def _stands_at(screen: RaceScreen, step: int) -> bool:
    published = screen.published
    still = {DriverState.PAUSED, DriverState.FINISHED}
    return published is not None and published.snapshot.step == step and published.state in still


def self_contained(svg: str) -> str:
    """The picture without fonts from the network, and without the random class names that change at every run."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "'DejaVu Sans Mono', Menlo, Consolas, monospace")
    return re.sub(r"terminal-\d+", "terminal", svg)


def main() -> None:
    wanted = sys.argv[1:] or list(PICTURES)
    for name in wanted:
        svg = self_contained(asyncio.run(taken(PICTURES[name])))
        (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
        print(f"{name}.svg: {len(svg) // 1024} kB")


if __name__ == "__main__":
    main()
