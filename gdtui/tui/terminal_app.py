"""An app on a terminal it must leave as it found it: paced by what the terminal reads, ended by whatever ends it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual._compositor import LayoutUpdate
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import WorkerFailed

from gdtui.config import KEYS, Config
from gdtui.frames import Style
from gdtui.frames.terminals import colour_depth, patterned, wants_ascii
from gdtui.tui import colours
from gdtui.tui.difference import Shown, difference
from gdtui.tui.paced_screen import PacedScreen
from gdtui.tui.plain import PlainFilter
from gdtui.tui.settling import Settling
from gdtui.tui.signals import borrowed_signals, leave_on_signals
from gdtui.tui.terminal import PacedDriver

FRAME_RATE, FRAME_RATE_OVER_SSH = 15.0, 5.0
INTERRUPTED = 128 + signal.SIGINT
REMINDER = 6.0  # seconds until what is owed to the terminal is sent without its asking: longer than any answer takes
SECOND_THOUGHT = 2.0  # seconds within which ctrl+c has to be pressed again


class TerminalApp(App[int]):
    """Charts and numbers on one screen, which :meth:`make_screen` makes."""

    TITLE = "gdtui"
    CSS_PATH = "gdtui.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, id="app.suspend"),
        Binding("ctrl+c", "interrupt", "Interrupt", show=False, priority=True, id="app.interrupt"),
    ]

    def __init__(
        self,
        *,
        style: Style = Style(),  # noqa: B008 - frozen
        keymap: Mapping[str, str] | None = None,
        on_terminal: bool = False,
        theme: str = "dark",
        color: str = "auto",
        patterns: str = "auto",
    ) -> None:
        depth = colour_depth(color)
        super().__init__(driver_class=PacedDriver if on_terminal else None, ansi_color=colours.keeps_ansi(depth))
        colours.dress(self, theme, depth)
        self._patterns = patterns
        style = self._patterned(style)
        self._plain = [PlainFilter()] if style.raster == "ascii" else []
        self.main_screen = self.make_screen(style)
        self._frame_began: tuple[float, float] | None = None
        self._settling = Settling()
        self._newest_size: events.Resize | None = None
        self._settled: Timer | None = None
        self._reminder: Timer | None = None
        self._interrupted_at = -SECOND_THOUGHT
        self._painted, self._shown = False, Shown()
        self.failure: Exception | None = None
        """An unexpected error that ended the app."""
        self.set_keymap(dict(keymap or {}))

    def make_screen(self, style: Style) -> PacedScreen:
        """The screen that the app is about."""
        raise NotImplementedError

    def is_cut_off(self) -> None:
        """Do at once what has to be done before a signal ends the app; in the signal's handler."""

    def has_ended(self, *, cut_off: bool) -> None:
        """Do what is left to be done; ``cut_off`` says that not the user ended the app."""

    def get_default_screen(self) -> Screen[None]:
        return self.main_screen

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, self._resumed)
        self.theme_changed_signal.subscribe(self, lambda _: self.main_screen.restyle(self._patterned))
        if not self.is_headless:
            leave_on_signals(lambda code: self.exit(code, return_code=code), self.is_cut_off)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Resize) and isinstance(self._driver, PacedDriver) and self._is_early(event):
            return
        await super().on_event(event)

    def _is_early(self, event: events.Resize) -> bool:
        """Whether a size has to wait, since it follows another closely, or has been overtaken by a newer one."""
        self._shown.forget()
        newest, now = self._newest_size, time.monotonic()
        if event is newest:  # it has waited
            self._settling.laid_out(now)
            return False
        if newest is not None and event.time < newest.time:
            return True
        self._newest_size = event
        if self._settled is not None:
            self._settled.stop()
        rest = self._settling.rest(event.time, now)
        if rest > 0.0:
            self._settled = self.set_timer(rest, lambda: self._lay_out(event))
        return rest > 0.0

    def _lay_out(self, event: events.Resize) -> None:
        """Have a size that has waited laid out: the one that the terminal has by now."""
        driver = self._driver
        size = driver.size_now(event.size) if isinstance(driver, PacedDriver) else event.size
        if size != event.size:
            event = self._newest_size = events.Resize(size, size)
        self.post_message(event)

    def action_interrupt(self) -> None:
        """Leave at the second ctrl+c: one alone may have been meant for something else, and a race would be lost."""
        now = time.monotonic()
        if now - self._interrupted_at < SECOND_THOUGHT:
            self.exit(INTERRUPTED, return_code=INTERRUPTED)
        else:
            self._interrupted_at = now
            self.notify("Press ctrl+c again to leave", timeout=SECOND_THOUGHT)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *colours.filters(self), *self._plain]

    def _patterned(self, style: Style) -> Style:
        """``style`` with patterns as the user wants them in the colours that there are."""
        patterns = patterned(self._patterns, colours.theme_of(self), colours.depth_of(self))
        return replace(style, patterns=patterns)

    # --- pacing: the screen asks before it draws, the driver answers when the terminal has read the last frame

    def may_draw(self) -> bool:
        """Whether another frame of the charts may be drawn now."""
        return not isinstance(self._driver, PacedDriver) or self._driver.gate.may_draw()

    def frame_begins(self) -> None:
        """Note that the charts are being drawn: the next display carries them."""
        self._frame_began = time.monotonic(), time.thread_time()
        if isinstance(self._driver, PacedDriver):
            self._driver.sound()

    def rest(self) -> float:
        """Seconds until a frame may be drawn, unless the terminal is still to answer."""
        return self._driver.gate.rest() if isinstance(self._driver, PacedDriver) else 0.0

    @property
    def is_link_slow(self) -> bool:
        """Whether the terminal takes fewer frames than there are."""
        return isinstance(self._driver, PacedDriver) and self._driver.gate.slow

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        # Of the first frame Textual sends pieces, then the whole: the whole is enough.
        self._painted = self._painted or (self.main_screen.is_unveiled and isinstance(renderable, LayoutUpdate))
        driver = self._driver
        most = driver.gate.allowance(driver.unanswered) if isinstance(driver, PacedDriver) else None
        size = self.size if self._newest_size is None else self._newest_size.size
        super()._display(screen, difference(renderable, self._shown, most, size=size) if self._painted else None)

    def on_resize(self) -> None:
        self._shown.forget()
        if self._painted:  # there and back within a moment is no change to Textual, but may be one to the terminal
            self.screen.refresh()

    def _resumed(self, _: object) -> None:
        # The shell has had the terminal meanwhile: nothing of the last frame is left on it.
        self._shown.forget()
        self.screen.refresh()

    def post_display_hook(self) -> None:
        driver = self._driver
        if not isinstance(driver, PacedDriver):
            return
        if self._frame_began is not None:
            seconds, busy = time.monotonic() - self._frame_began[0], time.thread_time() - self._frame_began[1]
            self._frame_began = None
            if driver.gate.drawn(seconds, busy, driver.unanswered):
                driver.ask(self._terminal_has_read)
        elif self._shown.is_owed_more and driver.gate.asks(driver.unanswered):
            driver.ask(self._terminal_has_read)
        if self._shown.is_owed_more and self._reminder is None:
            self._reminder = self.set_timer(REMINDER, self._remind)

    def _remind(self) -> None:
        # An answer may have been lost, and in a paused race nothing else would bring the rest.
        self._reminder = None
        if self._shown.is_owed_more:
            self.screen.refresh()

    def _terminal_has_read(self) -> None:
        if self._shown.is_owed_more:
            self.screen.refresh()
        self.main_screen.frame_read()

    def _handle_exception(self, error: Exception) -> None:
        # Textual would print the traceback over the user's shell; the command line puts it into a file.
        if self.is_headless:
            super()._handle_exception(error)
            return
        if self.failure is None:
            inner = error.error if isinstance(error, WorkerFailed) else error
            self.failure = inner if isinstance(inner, Exception) else error
        self._return_code = 1
        self._close_messages_no_wait()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        for command in super().get_system_commands(screen):
            if command.title == "Quit":
                yield command
        for command_of_theme in colours.theme_commands(self):
            yield SystemCommand(*command_of_theme)

    def commands_of(self, bindings: Iterable[Binding], on: Widget | None = None) -> Iterable[SystemCommand]:
        """The commands for keys of the screen, or of a widget on it. Several keys of one action are one command."""
        for action, binding in {binding.action: binding for binding in bindings}.items():
            if binding.tooltip and not action.startswith("app."):
                yield SystemCommand(binding.description, binding.tooltip, lambda a=action: self._act(a, on))

    def _act(self, action: str, on: Widget | None = None) -> None:
        target: Widget = on or self.main_screen
        self.call_later(target.run_action, action)


def style_of(config: Config) -> Style:
    """How charts are drawn as configured."""
    return Style(
        "ascii" if wants_ascii(config.ascii) else "braille", "plotext" if config.renderer == "plotext" else "raster"
    )


def frame_rate_of(config: Config) -> float:
    """The most pictures a second as configured."""
    over_ssh = bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))
    return config.fps or (FRAME_RATE_OVER_SSH if over_ssh else FRAME_RATE)


def settings_of(config: Config) -> dict[str, Any]:
    """What every app takes of the configuration. Raises :class:`InputError` for keys that cannot be."""
    if config.keys:
        from gdtui.tui import keymap

        keymap.check(config.keys, config.source(KEYS))
    return {
        "style": style_of(config),
        "keymap": config.keys,
        "theme": config.theme,
        "color": config.color,
        "patterns": config.patterns,
        "on_terminal": True,
    }


def play(app: TerminalApp, config: Config) -> int:
    """Run the app on this terminal until the user leaves; returns the exit code. Raises what went wrong."""
    with borrowed_signals():
        result = app.run(mouse=config.mouse)
        app.has_ended(cut_off=app.failure is not None or result == 128 + signal.SIGHUP)
    if app.failure is not None:
        raise app.failure
    return result or 0
