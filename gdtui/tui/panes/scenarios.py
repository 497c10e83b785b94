"""The scenario pane: what can be raced on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from gdtui.errors import clean
from gdtui.folders import TRAPS
from gdtui.tui.messages import ScenarioChosen
from gdtui.tui.panes.pane import Pane


class ScenarioPane(Pane):
    """The built-in scenarios, the one the app was opened with, and the traps that were opened."""

    HELP: ClassVar[str] = "Enter or a click opens a scenario and starts its race. Traps: see the palette."
    BORDER_TITLE = "Scenario"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(id="scenarios")
        self._described = ""
        self._names = names
        self._current = ""

    def compose(self) -> ComposeResult:
        options = [Option(self._prompt(name), id=name) for name in self._names]
        yield OptionList(*options, markup=False, id="scenario-list")
        yield Static(id="scenario-description", markup=False)

    def show(self, name: str, description: str) -> None:
        """Show which scenario is raced on, and what there is to see in it."""
        if description != self._described:
            self._described = description
            self.query_one("#scenario-description", Static).update(Content(description))
        if name == self._current:
            return
        before, self._current = self._current, name
        listed = self.query_one(OptionList)
        if name not in self._names:  # a trap, opened from the command palette
            self._names = (*self._names, name)
            listed.add_option(Option(self._prompt(name), id=name))
        for changed in {before, name} & set(self._names):
            listed.replace_option_prompt(changed, self._prompt(changed))
        if name in self._names:
            listed.highlighted = self._names.index(name)

    def _prompt(self, name: str) -> Content:
        return Content(("▸ " if name == self._current else "  ") + clean(name.removeprefix(f"{TRAPS}/"), 40))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id is not None:
            self.post_message(ScenarioChosen(event.option.id))
