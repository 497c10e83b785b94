"""Leaving on a signal: the terminal as it was, and an end in time whatever the terminal does."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

LEAVING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
FAREWELL_SECONDS = 2.5  # after a signal, before the process ends whatever happens
# What the app and Textual handle while they run, and what is the program's again afterwards.
_BORROWED = (*LEAVING, signal.SIGALRM, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)


@contextmanager
def borrowed_signals() -> Iterator[None]:
    """Give the signals back as they were: the app may be part of a longer program."""
    before = {number: signal.getsignal(number) for number in _BORROWED}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def leave_on_signals(leave: Callable[[int], None], at_once: Callable[[], None] = lambda: None) -> None:
    """Have ``leave(exit code)`` run on the event loop when the process is told to end. Call it from the loop.

    ``at_once`` runs before, in the handler, whatever the loop is doing: it must be quick.
    The handlers are Python's and not the loop's: a terminal that reads nothing holds the loop, which then would never
    hear of the signal.
    """
    loop, context = asyncio.get_running_loop(), contextvars.copy_context()

    def handle(number: int, _: FrameType | None) -> None:
        code = 128 + number
        if not _terminal_is_there():
            # Output to it fails, and would end Textual's writer and with it every way out.
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                with suppress(OSError):
                    os.dup2(nowhere, stream)
        signal.signal(signal.SIGALRM, lambda *_: os._exit(code))
        signal.setitimer(signal.ITIMER_REAL, FAREWELL_SECONDS)
        at_once()
        with suppress(RuntimeError):  # the loop is closed: the app is ending already
            loop.call_soon_threadsafe(leave, code, context=context)

    for number in LEAVING:
        signal.signal(number, handle)


def _terminal_is_there() -> bool:
    try:
        termios.tcgetattr(0)
    except termios.error:
        return False
    return True
