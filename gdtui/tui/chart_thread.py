"""Threads for what takes too long on the event loop. One builds the still parts of charts: it alone calls plotext."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from textual.widget import Widget

from gdtui.tui.messages import Built

FIRST_FRAME_SECONDS = 1.0  # that the first frame waits for its charts
FAREWELL_SECONDS = 0.5
_Result = TypeVar("_Result")


class JobThread:
    """Runs jobs one after the other, off the event loop. A job under way does not hold up the end of the program."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], _Result]) -> Future[_Result]:
        future: Future[_Result] = Future()

        def run() -> None:
            try:
                future.set_result(job())
            except Exception as error:
                future.set_exception(error)

        self._jobs.put(run)
        return future

    def close(self) -> None:
        """Drop what waits, and wait a moment for what runs."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join(FAREWELL_SECONDS)

    def _work(self) -> None:
        while (run := self._jobs.get()) is not None and not self._closed:
            run()


class ChartThread(JobThread):
    """The one for charts: plotext should not be at work elsewhere, nor when the program ends."""

    def __init__(self) -> None:
        super().__init__("gdtui-charts")


class Workshop(Generic[_Result]):
    """A pane's jobs: at most one at a time, and only the newest of those that came meanwhile."""

    def __init__(self, pane: Widget, thread: JobThread, done: Callable[[_Result], None]) -> None:
        self._pane, self._thread, self._done = pane, thread, done
        self._busy = False
        self._next: Callable[[], _Result] | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._busy

    def want(self, job: Callable[[], _Result]) -> None:
        """Have ``job`` done when the one under way has ended, in place of any other that waits."""
        if self._busy:
            self._next = job
            return
        self._busy = True
        self._thread.submit(job).add_done_callback(self._deliver)

    def have(self, job: Callable[[], _Result]) -> None:
        """Have ``job`` done before this returns: for the first frame, which must not be empty. A long one is let go."""
        self._busy = True
        future = self._thread.submit(job)
        if wait([future], FIRST_FRAME_SECONDS).done:
            self._finish(future)
        else:
            future.add_done_callback(self._deliver)

    def _deliver(self, future: Future[_Result]) -> None:
        self._pane.post_message(Built(lambda: self._finish(future)))

    def _finish(self, future: Future[_Result]) -> None:
        self._busy = False
        waiting, self._next = self._next, None
        if waiting is not None:
            self.want(waiting)
        self._done(future.result())
