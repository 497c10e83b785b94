"""The race screen: panes around a session. It forwards the user's wishes to the session, and pictures to the panes."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static

from gdtui.engine.driver import DriverState, Published, RaceDriver
from gdtui.engine.race import Race
from gdtui.folders import TRAPS, cut_off_races
from gdtui.frames import Style
from gdtui.frames.standings import standings, status_line
from gdtui.scenario import Scenario, builtin_name, builtin_names, trap_names
from gdtui.tui.chart_thread import ChartThread
from gdtui.tui.ink import CellView
from gdtui.tui.judge import Judge, Verdicts
from gdtui.tui.messages import RacerToggled, RaceWanted, ScenarioChosen, SnapshotPublished, StartChosen
from gdtui.tui.paced_screen import TOO_SMALL
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.panes.family import FamilyPane
from gdtui.tui.panes.loss import LossPane
from gdtui.tui.panes.racers import RacersPane
from gdtui.tui.panes.scenarios import ScenarioPane
from gdtui.tui.panes.standings import StandingsPane
from gdtui.tui.panes.time_line import TimeLine
from gdtui.tui.recording_actions import RecordingActions
from gdtui.tui.session import Session
from gdtui.tui.story_actions import StoryActions
from gdtui.tui.terminal import PacedApp
from gdtui.tui.theory_actions import TheoryActions
from gdtui.tui.why_actions import WhyActions

if TYPE_CHECKING:  # the first frame does without
    from gdtui.tui.story import Story

NUMBERS_INTERVAL = 0.25  # seconds between updates of the numbers: faster is unreadable, and costs more than the charts
MOST_STANDINGS, COMPACT_STANDINGS = 8, 3  # rows
FRAME_MEMORY = 2.0  # seconds over which pictures are counted


class RaceScreen(WhyActions, TheoryActions, StoryActions, RecordingActions):
    """Scenario, racers, contour, loss, family tree, standings and status."""

    CHARTS = 2
    HELP = "Optimizers race from one start on one objective; every number on screen is measured."

    def __init__(
        self,
        race: Race,
        *,
        speed: float | None,
        paused: bool,
        style: Style,
        frame_rate: float,
        keymap: Mapping[str, str],
    ) -> None:
        super().__init__(keymap, ascii_only=style.raster == "ascii")
        self._own, self._style = race, style
        self._charts = ChartThread()
        self.judge = Judge(self, self._take_verdicts, self._judge_failed)
        self.session = Session(race, self._receive, speed=speed, paused=paused, frame_rate=frame_rate)
        self._numbers_at = 0.0
        self._numbers_timer: Timer | None = None
        self._spinner: Timer | None = None
        self._beat = 0
        self._latest: SnapshotPublished | None = None
        self._covered = False
        self._drawn: Published | None = None
        self._numbered: Published | None = None
        self._told: Verdicts = self.verdicts
        self._frames: list[float] = []

    def compose(self) -> ComposeResult:
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                names, own = builtin_names(), _entry(self._own.scenario)
                yield ScenarioPane(names if own in names else (own, *names))
                yield RacersPane()
            with Vertical(id="middle"):
                yield ContourPane(self._charts, self._style)
                yield LossPane(self._charts, self._style)
            with Vertical(id="right"):
                yield FamilyPane(self._keymap, ascii_only=self._ascii)
        yield StandingsPane()
        yield TimeLine(ascii_only=self._ascii)
        yield CellView(id="status")
        yield Static(TOO_SMALL.format("gdtui run"), id="too-small", markup=False)

    def on_mount(self) -> None:
        self.query_one(ContourPane).focus()
        self.published = self.session.first_picture()
        self.begin(self._story_of(self._own), opens=False)

    def _begin(self) -> None:
        gc.enable()  # the command line starts without: collections take a tenth of the time to the first frame
        # Compiling starts once the first frame is on the screen: it would compete with it for the interpreter.
        self.session.start()
        if not self.app.is_headless and cut_off_races():
            self.offer()

    def on_unmount(self) -> None:
        self.session.close()
        self._charts.close()
        self.judge.close()

    def _receive(self, published: Published, driver: RaceDriver) -> None:
        self._latest = SnapshotPublished(published, driver)
        # Under a dialog any message to this screen has Textual repaint all of it: it stands still, and catches up.
        if not self._covered:
            self.post_message(self._latest)

    def on_snapshot_published(self, message: SnapshotPublished) -> None:
        message.stop()
        if message.source is self.session.driver:
            self.published = message.published

    def on_screen_suspend(self) -> None:
        self._covered = True
        self._spin(False)

    def on_screen_resume(self) -> None:
        self._covered = False
        if self.published is not None:
            self._spin(self.published.state is DriverState.COMPILING)
        if self._latest is not None:
            self.post_message(self._latest)

    def restyle(self, change: Callable[[Style], Style]) -> None:
        """Draw the charts in another style from now on."""
        self._style = change(self._style)
        self.query_one(ContourPane).restyle(self._style)
        self.query_one(LossPane).restyle(self._style)

    def watch_published(self, published: Published | None) -> None:
        if published is not None:
            if self.pinned is not None and self.pinned not in {racer.label for racer in published.snapshot.racers}:
                self.pinned = None
            self._spin(published.state is DriverState.COMPILING)
            driver = self.session.driver
            self.judge.look(published, driver.race, (driver, published.generation))
            self.follow(published)
            self._draw()

    def _judge_failed(self, error: Exception) -> None:
        from gdtui.report import write_report  # next to never wanted

        text = f"{type(error).__name__}; the race goes on. The report is in {write_report(error)}"
        self.notify(text, title="No verdicts", severity="warning", markup=False)

    def _take_verdicts(self, verdicts: Verdicts) -> None:
        self.verdicts = verdicts

    def watch_verdicts(self) -> None:
        self._draw()

    def watch_pinned(self) -> None:
        self._drawn = self._numbered = None  # all of it shows the pin
        self._draw()

    def _draw(self) -> None:
        """Draw the newest picture: the charts at once, the numbers when they are due or there is news.

        It is left for later under a dialog, and while the terminal still reads the last frame; but news, which is what
        a key did, waits for nothing.
        """
        published = self.published
        if published is None or not self.is_active:
            return
        if self._numbered is not None and _headline(self._numbered) != _headline(published):
            self._show_numbers()
        if not self._may_draw():
            return
        before, self._drawn = self._drawn, published
        if published is not before:
            race = self.session.race
            self._count_frame()
            self.query_one(ContourPane).show(published, race.problem, race.scenario.seed, self.pinned)
            self.query_one(LossPane).show(published, race.problem, self.pinned)
            self.query_one(TimeLine).show(published, self.judge.marks)
        if self._has_news:
            due = self._numbers_at + NUMBERS_INTERVAL - time.monotonic()
            stands = published is self._numbered and published.state is not DriverState.RUNNING
            if due <= 0.0 or self._numbered is None or stands:
                self._show_numbers()
            elif self._numbers_timer is None:
                self._numbers_timer = self.set_timer(due, self._numbers_due)

    @property
    def _has_news(self) -> bool:
        """Whether the numbers, or the words about them, are not the last that there are."""
        return self.published is not self._numbered or self.verdicts is not self._told

    @property
    def _is_behind(self) -> bool:
        return self.published is not self._drawn or (self._has_news and self._numbers_timer is None)

    def _numbers_due(self) -> None:
        self._numbers_timer = None
        self._draw()

    def _show_numbers(self) -> None:
        published = self.published
        if published is None:
            return
        if self._numbers_timer is not None:
            self._numbers_timer.stop()
            self._numbers_timer = None
        self._numbers_at, self._numbered, self._told = time.monotonic(), published, self.verdicts
        race = self.session.race
        self.query_one(ScenarioPane).show(_entry(race.scenario), race.scenario.description)
        self.query_one(RacersPane).show(published.snapshot, self.pinned)
        self.query_one(FamilyPane).show(published.snapshot, self.verdicts)
        rows = COMPACT_STANDINGS if self._is_compact else min(MOST_STANDINGS, len(published.snapshot.racers))
        self.query_one(StandingsPane).styles.height = rows + 2
        view = self.query_one("#standings-view", CellView)
        grid = standings(published, *view.size, verdicts=self.verdicts, pinned=self.pinned, ascii_only=self._ascii)
        view.show(grid)
        self.query_one(TimeLine).show(published, self.judge.marks)
        self._show_status()
        self.show_why()
        self.show_theory()

    def _show_status(self) -> None:
        if self.published is not None:
            view = self.query_one("#status", CellView)
            hint = "1 2 3 panes  ? help" if self._is_compact else "? help  ^p palette"
            view.show(
                status_line(
                    self.published, view.size.width, frame_rate=self._frame_rate(), hint=hint, beat=self._beat,
                    ascii_only=self._ascii, slow=isinstance(self.app, PacedApp) and self.app.is_link_slow,
                )
            )  # fmt: skip

    def _count_frame(self) -> None:
        now = time.monotonic()
        self._frames = [*(at for at in self._frames if now - at < FRAME_MEMORY), now]

    def _frame_rate(self) -> float:
        span = self._frames[-1] - self._frames[0] if len(self._frames) > 1 else 0.0
        return (len(self._frames) - 1) / span if span > 0.2 else 0.0

    def _spin(self, on: bool) -> None:
        if on and self._spinner is None:
            self._spinner = self.set_interval(NUMBERS_INTERVAL, self._turn)
        elif not on and self._spinner is not None:
            self._spinner.stop()
            self._spinner = None

    def _turn(self) -> None:
        self._beat += 1
        if self.is_active and self._may_draw():
            self._show_status()

    def on_cell_view_resized(self, message: CellView.Resized) -> None:
        message.stop()
        self._show_numbers()

    def on_scenario_chosen(self, message: ScenarioChosen) -> None:
        message.stop()
        self.load(lambda: self._open(message.name))

    def play(self, race: Race, story: Story | None) -> None:
        self.query_one(TimeLine).forget()
        super().play(race, story)

    def on_race_wanted(self, message: RaceWanted) -> None:
        message.stop()
        self.load(lambda: (message.make(), None))

    def _open(self, name: str) -> tuple[Race, Story | None]:
        own = self._own.scenario
        if name in (*builtin_names(), *trap_names()):
            race = Race(name)
        else:
            again = own.objective and own.where and not self._own.is_replay
            race = Race(own.where) if again else self._own.restarted()
        return race, self._story_of(race)

    def _story_of(self, race: Race) -> Story | None:
        name = _entry(race.scenario)
        if not name.startswith(f"{TRAPS}/"):
            return None
        from gdtui.tui.story import trap_story

        return trap_story(name, race, ascii_only=self._ascii)

    def on_racer_toggled(self, message: RacerToggled) -> None:
        message.stop()
        label, benched = message.label, message.benched
        self.session.driver.order(lambda race: race.bench(label, benched))

    def on_start_chosen(self, message: StartChosen) -> None:
        message.stop()
        start = message.picture.plane.point(message.a, message.b)
        self.session.driver.restart(start.tolist())


def _headline(published: Published) -> tuple[object, ...]:
    """What is shown at once when it changes: what the user did, and what ended."""
    racers = [(r.label, r.lr, r.benched, r.outcome) for r in published.snapshot.racers]
    return published.state, published.reason, published.speed, racers


def _entry(scenario: Scenario) -> str:
    """The name a scenario is listed under; one that is not built in is listed so that it cannot be taken for one."""
    if not scenario.objective:
        return f"{scenario.name}()"
    file = Path(scenario.where)
    return builtin_name(file) or file.name or f"{scenario.name} (given)"
