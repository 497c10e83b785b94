"""Watching logs inside a test: files that grow when the test writes, and are looked at when it says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from gdtui.analysis.watching import Watch
from gdtui.tui.panes.log import LogPane
from gdtui.tui.watch_app import WatchApp
from gdtui.tui.watch_screen import WatchScreen
from gdtui.tui.watcher import Sight, Watcher
from tests.tui.apps import lines_of, wait_until

LOGS = Path(__file__).parents[1] / "logs"


class Stepped(Watcher):
    """Looks once when it is started, and then when it is told to."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        super().__init__(watches)
        self.watches = watches
        self.publish: Callable[[Sight], None] = lambda _: None

    def start(self, publish: Callable[[Sight], None], fail: Callable[[Exception], None]) -> None:  # noqa: ARG002
        self.publish = publish
        self.step()

    def step(self) -> None:
        """Look until there is nothing more to read."""
        more = True
        while more:
            sight, more = self.look()
            if sight is not None:
                self.publish(sight)

    def close(self) -> None:
        for watch in self.watches:
            watch.close()


@asynccontextmanager
async def watched(
    *paths: Path, size: tuple[int, int] = (120, 40), given: Mapping[str, str] | None = None, **options: Any
) -> AsyncIterator[tuple[Pilot[int], WatchScreen, Callable[[], Any]]]:
    """The app on logs, its first frame drawn; and what has it look again, and waits until that is drawn."""
    watcher = Stepped([Watch(str(path), given or {}) for path in paths])
    app = WatchApp(watcher, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        screen = app.screen
        assert isinstance(screen, WatchScreen)

        async def look() -> None:
            watcher.step()
            await settled(pilot, screen)

        await settled(pilot, screen)
        yield pilot, screen, look


async def settled(pilot: Pilot[int], screen: WatchScreen) -> None:
    """Wait until all is drawn, and laid out: a text that was made longer gets its scroll bar a moment later."""
    before: list[str] = []

    def is_still() -> bool:
        nonlocal before
        last, before = before, lines_of(pilot)
        return is_settled(screen) and screen.is_unveiled and last == before

    await wait_until(pilot, is_still)


def is_settled(screen: WatchScreen) -> bool:
    """Whether everything that was seen is drawn, and every chart that was wanted is built."""
    pane, sight = screen.query_one(LogPane), screen.sight
    is_drawn = sight is not None and sight is screen._drawn and sight is screen._latest
    is_charted = pane.axes is None or (pane._chart is not None and not pane.axes.behind)
    return is_drawn and is_charted and not pane._workshop.busy
