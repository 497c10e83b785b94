"""The standings pane: the racers by their loss, each with its numbers and with what it is doing."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from gdtui.tui.ink import CellView
from gdtui.tui.panes.pane import Pane


class StandingsPane(Pane):
    """The numbers of the race, as cells."""

    HELP: ClassVar[str] = (
        "The racers by their loss, and the verdict on each with the number behind it, from its last 100 recorded "
        "steps: ✓ as it should be, · to be noted, ! not as it should be, ✗ lost. While the race runs, another verdict "
        "is shown once it has held for three looks, of which there are four a second."
    )
    BORDER_TITLE = "Standings"

    def __init__(self) -> None:
        super().__init__(id="standings")

    def compose(self) -> ComposeResult:
        yield CellView(id="standings-view")
