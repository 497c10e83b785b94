"""Looks at training logs, in a thread of its own: often while they grow, seldom while they rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from gdtui.analysis.watching import Watch, Watched, WatchedRun

INTERVAL = 0.25  # seconds between two looks
RESTING = 30.0  # seconds without news, after which
LONG_INTERVAL = 1.0  # seconds lie between them
FAREWELL_SECONDS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """All logs at one moment."""

    logs: tuple[Watched, ...]

    def runs(self) -> Iterator[tuple[str, Watched, WatchedRun]]:
        """Every run with its label, which is empty where there is but one, and its log."""
        names = _names([log.path for log in self.logs])
        for name, log in zip(names, self.logs, strict=True):
            for run in log.runs:
                yield " ".join(part for part in (name, run.run.label) if part), log, run

    @property
    def fault(self) -> tuple[str, str] | None:
        """The first file with a fault, and what that is."""
        return next(((log.path, log.fault) for log in self.logs if log.fault), None)


class Watcher:
    """Watches logs; each look is for all of them. The thread is the only one that looks, once it is started."""

    def __init__(self, watches: Sequence[Watch], clock: Callable[[], float] = time.monotonic) -> None:
        self._watches, self._clock = watches, clock
        self._seen: dict[int, Watched] = {}
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, publish: Callable[[Sight], None], fail: Callable[[Exception], None]) -> None:
        """Begin to look, and call ``publish`` from the thread whenever there is news; ``fail`` if it cannot go on."""

        def work() -> None:
            try:
                self._work(publish)
            except (
                Exception
            ) as error:  # unexpected: the app ends with a report, in place of a picture that stands still
                fail(error)

        self._thread = threading.Thread(target=work, name="gdtui-logs", daemon=True)
        self._thread.start()

    def look(self) -> tuple[Sight | None, bool]:
        """What there is to see, or None if there is no news; and whether there is more to be read at once."""
        is_news = is_behind = False
        for place, watch in enumerate(self._watches):
            seen, more = watch.look()
            is_behind |= more
            if seen is not None:
                self._seen[place], is_news = seen, True
        return (Sight(tuple(self._seen[place] for place in sorted(self._seen))) if is_news else None), is_behind

    def close(self) -> None:
        """End; a look under way is left behind, since what it reads from may hold it up."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join(FAREWELL_SECONDS)

    def _work(self, publish: Callable[[Sight], None]) -> None:
        waiting: Sight | None = None
        news_at = published_at = self._clock() - INTERVAL
        while not self._ends.is_set():
            sight, is_behind = self.look()
            now = self._clock()
            if sight is not None:
                waiting, news_at = sight, now
            # While it catches up there is news at every look, and nobody reads that many numbers.
            if waiting is not None and (not is_behind or now - published_at >= INTERVAL):
                publish(waiting)
                waiting, published_at = None, now
            if not is_behind:
                self._ends.wait(INTERVAL if now - news_at < RESTING else LONG_INTERVAL)
        for watch in self._watches:
            watch.close()


def _names(paths: Sequence[str]) -> list[str]:
    """What tells several files apart: their names, or the paths where names do not; nothing for one alone."""
    names = [PurePath(path).name for path in paths]
    if len(names) == 1:
        return [""]
    return names if len(set(names)) == len(names) else list(paths)
