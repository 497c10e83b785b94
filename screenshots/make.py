"""Makes the pictures of the README from the running app: ``python screenshots/make.py`` from the top of a checkout.

The app runs without a terminal, steps to a fixed step and stops there, so the same version makes the same pictures.
"""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

os.environ |= {"COLORTERM": "truecolor", "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}

from gdtui.engine.driver import DriverState
from gdtui.engine.race import Race
from gdtui.tui.app import GdtuiApp
from gdtui.tui.race_screen import RaceScreen

HERE = Path(__file__).parent
# file, scenario, steps, columns, rows, keys pressed before the picture
PICTURES = [
    ("rosenbrock", "rosenbrock", 4000, 120, 40, []),
    ("credit", "credit", 600, 120, 40, []),
    ("compact", "quadratic", 60, 80, 24, []),
]


async def picture(scenario: str, steps: int, columns: int, rows: int, keys: list[str]) -> str:
    app = GdtuiApp(Race(scenario), paused=True)
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
    return published is not None and published.snapshot.step == step and published.state is DriverState.PAUSED


def self_contained(svg: str) -> str:
    """The picture without fonts from the network, and without the random class names that change at every run."""
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "'DejaVu Sans Mono', Menlo, Consolas, monospace")
    return re.sub(r"terminal-\d+", "terminal", svg)


def main() -> None:
    for name, scenario, steps, columns, rows, keys in PICTURES:
        svg = self_contained(asyncio.run(picture(scenario, steps, columns, rows, keys)))
        (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")
        print(f"{name}.svg: {len(svg) // 1024} kB")


if __name__ == "__main__":
    main()
