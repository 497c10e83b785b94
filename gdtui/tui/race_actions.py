"""What the keys of the race screen do: orders to the session, and small questions to the user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import var
from textual.widget import Widget

from gdtui import specs
from gdtui.charts.palette import racer_colour, racer_letter
from gdtui.engine.driver import DriverState, Published
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.errors import InputError
from gdtui.tui import help_text, reproduce
from gdtui.tui.dialogs import Question, Reading
from gdtui.tui.judge import Verdicts
from gdtui.tui.paced_screen import PacedScreen
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.panes.details import ABOUT
from gdtui.tui.panes.family import FamilyPane
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.panes.racers import RacersPane
from gdtui.tui.session import Session

if TYPE_CHECKING:  # the first frame does without the editor, so it is loaded when it is first opened
    from gdtui.tui.draft import Draft


class RaceActions(PacedScreen):
    """The keys of a race screen. ``ascii_only`` is for what they show, ``keymap`` are the user's own keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "run_or_pause", "Run/pause", priority=True, id="race.toggle", tooltip="Run or pause the race"),
        Binding("full_stop", "step", "Step", priority=True, id="race.step", tooltip="Pause, and take one step"),
        Binding("minus", "slower", "Slower", priority=True, id="race.slower", tooltip="Fewer steps a second"),
        Binding("plus,equals_sign", "faster", "Faster", priority=True, id="race.faster", tooltip="More steps a second"),
        Binding("r", "restart", "Restart", id="race.restart", tooltip="Race again from the start"),
        Binding("e", "edit", "Edit racer", id="racer.edit", tooltip="Edit the selected racer's hyperparameters"),
        Binding("n", "another", "Another racer", id="racer.another", tooltip="Add a racer like the selected one"),
        Binding("a", "add", "Add racer", id="racer.add", tooltip="Add the optimizer selected in the family tree"),
        Binding("delete", "remove", "Remove racer", id="racer.remove", tooltip="Take the selected racer out"),
        Binding("y", "log", "Log/linear", id="loss.log", tooltip="A logarithmic or a linear y axis"),
        Binding(
            "v",
            "quantity",
            "What to plot",
            id="loss.quantity",
            tooltip="Plot loss, gradient norm, learning rate or effective step",
        ),
        Binding("x", "abscissa", "X axis", id="loss.abscissa", tooltip="Plot over steps, work or computing time"),
        Binding("X", "log_x", "Log/linear x", id="loss.log_x", tooltip="A logarithmic or a linear x axis"),
        Binding("o", "smoothing", "Smooth", id="loss.smoothing", tooltip="Smooth noisy curves: lightly, strongly, off"),
        Binding("P", "pin", "Pin racer", id="racer.pin", tooltip="Have the selected racer stand out, or no more"),
        Binding("m", "maximise", "Maximise", id="pane.maximise", tooltip="Give the focused pane the whole screen"),
        Binding("c", "copy", "Copy command", id="race.copy", tooltip="Copy the command that reproduces this race"),
        Binding("s", "save", "Save", id="race.save", tooltip="Save this race as a scenario file"),
        Binding("1", "overlay('scenarios')", "Scenarios", id="overlay.scenarios", tooltip="Go to the scenarios"),
        Binding("2", "overlay('racers')", "Racers", id="overlay.racers", tooltip="Go to the racers"),
        Binding("3", "overlay('family')", "Family tree", id="overlay.family", tooltip="Go to the family tree"),
        Binding(
            "escape", "close", "Close", show=False, id="pane.close", tooltip="Leave an overlay or a maximised pane"
        ),
        Binding("question_mark", "help", "Help", id="app.help", tooltip="What the keys do"),
        Binding("q", "app.quit", "Quit", id="app.quit", tooltip="Leave"),
    ]

    published: var[Published | None] = var(None, init=False)
    pinned: var[str | None] = var(None, init=False)
    """The label of the racer that stands out in every pane."""

    verdicts: var[Verdicts] = var(dict, init=False)
    """What each racer is doing."""

    session: Session

    def __init__(self, keymap: Mapping[str, str], *, ascii_only: bool) -> None:
        super().__init__()
        self._keymap, self._ascii = keymap, ascii_only

    def _refuse(self, error: InputError) -> None:
        self.notify(str(error), title="Not possible", severity="error", markup=False)

    def action_run_or_pause(self) -> None:
        if self.published is not None and self.published.state is DriverState.FINISHED:
            self.session.driver.restart(paused=False)
        else:
            self.session.driver.toggle()

    def action_step(self) -> None:
        self.session.driver.step()

    def action_slower(self) -> None:
        self.session.driver.slower()

    def action_faster(self) -> None:
        self.session.driver.faster()

    def action_restart(self) -> None:
        self.session.driver.restart(paused=False)

    def _selected_racer(self) -> RacerSnapshot | None:
        """The racer under the cursor as it is now: the list shows it as it was up to a quarter of a second ago."""
        chosen = self.query_one(RacersPane).selected
        racers = () if self.published is None or chosen is None else self.published.snapshot.racers
        return next((racer for racer in racers if chosen is not None and racer.label == chosen.label), None)

    def racer_in_question(self) -> RacerSnapshot | None:
        """The racer that a page about one is about: the pinned one, or else the selected one."""
        published = self.published
        if published is None or self.pinned is None:
            return self._selected_racer()
        return next((racer for racer in published.snapshot.racers if racer.label == self.pinned), None)

    def action_edit(self) -> None:
        from gdtui.tui.draft import of_racer

        racer = self._selected_racer()
        if racer is None:
            return
        ended = racer.outcome in {Outcome.CONVERGED, Outcome.DIVERGED, Outcome.STOPPED}
        title = f"Edit {racer_letter(racer.index)} {racer.label}" + f" ({racer.note})" * ended
        draft = of_racer(racer, self.session.race)

        def apply() -> None:
            if draft.changes:
                self.session.driver.order(lambda race: race.set(racer.label, draft.changes))

        self._edit(title, draft, racer.index, apply)

    def action_another(self) -> None:
        racer = self._selected_racer()
        if racer is not None:
            self._enter(f"Another racer like {racer.label}", racer.spec)

    def action_add(self) -> None:
        optimizer = self.query_one(FamilyPane).selected
        if optimizer is not None:
            self._enter(f"Add {optimizer.name}, selected in the family tree", specs.RacerSpec(optimizer.name))

    def _enter(self, title: str, spec: specs.RacerSpec) -> None:
        """Have a racer of that spec edited, and entered into the race."""
        from gdtui.tui.draft import of_another

        draft = of_another(spec, self.session.race)
        if "" in draft.errors:  # whatever is typed, the race will not have it
            self._refuse(draft.errors[""])
            return

        def enter() -> None:
            result = draft.result
            if result is not None:
                self.session.driver.order(lambda race: race.add(result))

        self._edit(title, draft, len(self.session.race), enter)

    def _edit(self, title: str, draft: Draft, index: int, apply: Callable[[], None]) -> None:
        """Have a draft edited, and ``apply`` called if the user wants it; ``index`` is its racer's place."""
        from gdtui.tui.editor import RacerEditor

        if self.session.race.is_replay:
            self.notify("This is a replay: G races on from its end", title="Not possible", markup=False)
            return
        editor = RacerEditor(title, draft, colour=racer_colour(index), ascii_only=self._ascii)
        self.app.push_screen(editor, lambda wanted: apply() if wanted else None)

    def action_remove(self) -> None:
        racer = self._selected_racer()
        if racer is not None:
            self.session.driver.order(lambda race: race.remove(racer.label))

    def action_log(self) -> None:
        self.query_one(LossPane).toggle_log()

    def action_quantity(self) -> None:
        self.query_one(LossPane).next_quantity()

    def action_abscissa(self) -> None:
        self.query_one(LossPane).next_abscissa()

    def action_log_x(self) -> None:
        self.query_one(LossPane).toggle_log_x()

    def action_smoothing(self) -> None:
        self.query_one(LossPane).next_smoothing()

    def action_pin(self) -> None:
        racer = self._selected_racer()
        if racer is not None:
            self.pinned = None if racer.label == self.pinned else racer.label

    @work
    async def action_copy(self) -> None:
        race = self.session.race
        if not race.scenario.where:
            self.notify("A race on a Python function has no command", title="Not possible", markup=False)
            return
        try:
            command = reproduce.command_line(race)
        except InputError as error:
            self._refuse(error)
            return
        self.app.copy_to_clipboard(command)
        note = "\n\nCopied to the clipboard, where the terminal allows it (OSC 52)."
        note += "".join(f"\n{caveat}" for caveat in self._caveats())
        await self.app.push_screen_wait(Reading("The command that reproduces this race", Content(command + note)))

    @work
    async def action_save(self) -> None:
        race = self.session.race
        if not race.scenario.objective:
            self.notify("A race on a Python function has no scenario file", title="Not possible", markup=False)
            return
        question = Question(
            "Save as a scenario", "File name", reproduce.check_file_name, f"{race.scenario.name}-race.toml"
        )
        answer = await self.app.push_screen_wait(question)
        if answer:
            try:
                path = reproduce.save(race, answer)
            except InputError as error:
                self._refuse(error)
            else:
                self.notify("\n".join([f"Saved to {path}", *self._caveats()]), markup=False)

    def _caveats(self) -> list[str]:
        return [] if self.published is None else reproduce.caveats(self.published.snapshot)

    def action_overlay(self, pane: str) -> None:
        widget = self.query_one(f"#{pane}")
        if self.maximized is not None:
            self.minimize()
        if widget.has_focus_within:
            self.action_close()
            self.query_one(ContourPane).focus()
            return
        if self._is_compact:
            side, other = ("-open-right", "-open-left") if pane == "family" else ("-open-left", "-open-right")
            self.remove_class(other)
            self.add_class(side)
        next(child for child in widget.walk_children(Widget) if child.can_focus).focus()

    def turn_to(self, page: str) -> None:
        """Show a page of the details below the family tree; where it is shown already, the page about the optimizer."""
        details = self.query_one(FamilyPane).details
        if details.region and details.page == page:
            details.page = ABOUT
            self.action_close()
        else:
            self.show_page(page)

    def show_page(self, page: str) -> None:
        """Show a page of the details, from behind a maximised pane or over the charts if need be."""
        details = self.query_one(FamilyPane).details
        if self.maximized is not None and not details.region:
            self.minimize()
        details.page = page
        if self._is_compact and not self.has_class("-open-right"):
            self.action_overlay("family")

    def on_descendant_focus(self) -> None:
        # An overlay is left when the focus leaves it.
        for side, column in (("-open-left", "#left"), ("-open-right", "#right")):
            if self.has_class(side) and not self.query_one(column).has_focus_within:
                self.remove_class(side)

    def action_close(self) -> None:
        if self.maximized is not None:
            self.minimize()
        if self.has_class("-open-left") or self.has_class("-open-right"):
            self.remove_class("-open-left", "-open-right")
            self.query_one(ContourPane).focus()

    def action_help(self) -> None:
        self.app.push_screen(Reading("Help", help_text.page(self, self._keymap, ascii_only=self._ascii)))
