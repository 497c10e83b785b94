"""A widget hears of every size it is given, whether Textual tells it or not."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.geometry import Size

from gdtui.tui.ink import CellView


class _App(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[int, int]] = []

    def compose(self) -> ComposeResult:
        yield CellView()

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        self.told.append((message.width, message.height))


async def test_a_size_is_told_without_an_event_and_none_twice() -> None:
    app = _App()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert app.told == [(40, 10)]
        view = app.query_one(CellView)
        for size in (view.size, view.size, Size(30, 5), Size(30, 5), view.size):
            view._size_updated(size, size, size)
        await pilot.pause()
        assert len(app.told) == 3
