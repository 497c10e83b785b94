"""The keys that take a race through its own time: back, to what happened, and off on a branch."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from gdtui.charts.palette import racer_letter
from gdtui.engine.outcome import Outcome
from gdtui.tui.messages import StepChosen
from gdtui.tui.panes.time_line import TimeLine
from gdtui.tui.race_actions import RaceActions


class TimeActions(RaceActions):
    """Keys beside those of :class:`RaceActions`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("comma", "back", "Step back", priority=True, id="time.back", tooltip="Pause, and go one step back"),
        Binding(
            "less_than_sign", "mark(-1)", "Event before", id="time.before", tooltip="Go back to what happened last"
        ),
        Binding("greater_than_sign", "mark(1)", "Event after", id="time.after", tooltip="Go on to what happened next"),
        Binding("b", "branch", "Branch", id="racer.branch", tooltip="Branch off the selected racer, with other values"),
    ]

    def action_back(self) -> None:
        self.query_one(TimeLine).forget()
        self.session.driver.back()

    def action_step(self) -> None:
        self.query_one(TimeLine).forget()
        super().action_step()

    def on_step_chosen(self, message: StepChosen) -> None:
        message.stop()
        self.session.driver.go_to(message.step)

    def action_mark(self, direction: int) -> None:
        line = self.query_one(TimeLine)
        timeline, here = line.timeline, line.here
        step = timeline.before(here) if direction < 0 else timeline.after(here)
        end = timeline.first if direction < 0 else timeline.furthest
        line.go_to(end if step is None else step)

    def action_branch(self) -> None:
        """Have a racer edited that is all that the selected one was up to now."""
        from gdtui.tui.draft import of_branch

        racer = self._selected_racer()
        if racer is None:
            return
        if racer.outcome is not Outcome.RUNNING:
            word = racer.note or "used its budget"
            self.notify(f"{racer.label} {word}: go back (,) and branch there", title="Not possible", markup=False)
            return
        draft = of_branch(racer, self.session.race)
        if "" in draft.errors:
            self._refuse(draft.errors[""])
            return

        def enter() -> None:
            if draft.result is not None:
                self.session.driver.branch(racer.label, draft.changes, draft.result.label)

        title = f"Branch off {racer_letter(racer.index)} {racer.label} at step {racer.step:,}"
        self._edit(title, draft, len(self.session.race), enter)
