"""The racers pane: who races, in which colour, at which learning rate."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from gdtui.charts.palette import head_colour, racer_colour, racer_letter
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot, Snapshot
from gdtui.frames.standings import number
from gdtui.tui.colours import depth_of, theme_of
from gdtui.tui.ink import css_colour
from gdtui.tui.messages import RacerToggled
from gdtui.tui.panes.pane import Pane
from gdtui.tui.sized import Sized

_MARKS = {Outcome.DIVERGED: "✗", Outcome.CONVERGED: "✓", Outcome.STOPPED: "■"}


class RacersPane(Pane, Sized):
    """The racers; a filled dot races, an empty one rests."""

    HELP: ClassVar[str] = (
        "● races, ○ rests, ✓ has converged, ✗ has diverged. A racer that comes back from its rest catches up with the "
        "others. A new learning rate holds from the next step on. ▸ is pinned: it stands out everywhere."
    )
    BORDER_TITLE = "Racers"

    def __init__(self) -> None:
        super().__init__(id="racers")
        self._shown: list[tuple[object, ...]] = []
        self._racers: tuple[RacerSnapshot, ...] = ()
        self._pinned: str | None = None

    def compose(self) -> ComposeResult:
        yield OptionList(markup=False, id="racer-list")

    def show(self, snapshot: Snapshot, pinned: str | None = None) -> None:
        """Show the racers, the one labelled ``pinned`` with a mark; rows that did not change are left alone."""
        self._racers, self._pinned = snapshot.racers, pinned
        rows = [(r.index, r.label, r.lr, r.benched, r.outcome, r.label == pinned) for r in snapshot.racers]
        if rows == self._shown:
            return
        listed = self.query_one(OptionList)
        if [row[1] for row in rows] != [row[1] for row in self._shown]:
            highlighted = listed.highlighted
            listed.clear_options()
            listed.add_options([Option(self._prompt(racer)) for racer in snapshot.racers])
            listed.highlighted = min(highlighted or 0, len(rows) - 1)
        else:
            for place, (row, before) in enumerate(zip(rows, self._shown, strict=True)):
                if row != before:
                    listed.replace_option_prompt_at_index(place, self._prompt(snapshot.racers[place]))
        self._shown = list(rows)

    @property
    def selected(self) -> RacerSnapshot | None:
        """The racer under the cursor."""
        place = self.query_one(OptionList).highlighted
        return self._racers[place] if place is not None and place < len(self._racers) else None

    def _prompt(self, racer: RacerSnapshot) -> Content:
        dot = "○" if racer.benched else _MARKS.get(racer.outcome, "●")
        depth, theme = depth_of(self.app), theme_of(self.app)
        colour = css_colour(depth, racer_colour(racer.index), theme)
        head = f"bold {css_colour(depth, head_colour(racer.index), theme)}"
        width = max(8, self.query_one(OptionList).content_size.width)
        rate = number(racer.lr)
        name = racer.label
        room = width - 5 - len(rate)
        name = name if len(name) <= room else name[: room - 1] + "…"
        mark, style = ("▸", head) if racer.label == self._pinned else (" ", "")
        letter = racer_letter(racer.index)
        return Content.assemble((f"{dot} ", colour), (letter, head), (f"{mark}{name.ljust(room)}", style), f" {rate}")

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._write_all())

    def size_changed(self) -> None:
        self._write_all()

    def _write_all(self) -> None:
        listed = self.query_one(OptionList)
        for place, racer in enumerate(self._racers[: listed.option_count]):
            listed.replace_option_prompt_at_index(place, self._prompt(racer))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        racer = self._racers[event.option_index]
        self.post_message(RacerToggled(racer.label, not racer.benched))
