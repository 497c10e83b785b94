"""While something runs without a screen: a bar on stderr, and what ctrl+c does."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator

import click


@contextlib.contextmanager
def ctrl_c_calls(interrupt: Callable[[], None]) -> Iterator[None]:
    """Have ctrl+c call ``interrupt``, which ends a race between two ticks, and a second ctrl+c end it at once.

    Raised anywhere, a KeyboardInterrupt could cut a row in two; raised while numba takes its arguments, it is lost.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:  # ignored, or somebody else's
        yield
        return

    def handle(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        interrupt()

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def progress_bar(name: str, length: int | None, *, wanted: bool) -> Iterator[Callable[[int], None]]:
    """A function to call with what was done of ``length``, which shows it where stderr is a terminal.

    The first call comes when everything is compiled.
    """
    if not wanted or not length or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length, label="compiling", file=sys.stderr) as bar:

        def update(done: int) -> None:
            bar.label = name
            bar.update(done)

        yield update
        bar.update(max(0, length - bar.pos))  # where all racers ended early
