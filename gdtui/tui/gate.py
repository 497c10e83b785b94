"""How many frames may be on their way to the terminal, so that a slow line costs frames and never keys.

Textual writes frames into a queue, and a terminal that cannot keep up fills it until the event loop itself blocks: keys
then take seconds. So each frame of the charts ends with a request for the cursor's position, and the next waits until
the terminal has answered, which it does when it has read that far. A terminal that never answers is paced by how late
the loop itself is.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

_UNANSWERED = 3  # requests in a row after which the terminal is taken for one that does not answer
_PATIENCE, _FIRST_PATIENCE = 5.0, 2.0  # seconds until a request counts as unanswered; before there was any answer
_FAR = 0.06  # seconds there and back, with nothing to carry, from which on a second frame may follow the first
_SOUND_INTERVAL = 5.0  # seconds between two measurements of that
_REMEMBERED = 4  # requests of which the line's width is measured,
_TELLING = 1500  # and the bytes that each has to follow: less fits into buffers on the way
_STAY = 0.4  # seconds that what is sent at once may take on the line, before a key's label gets its turn
_LEAST = 3000  # bytes that are sent at once even on the narrowest,
_LABEL = 300  # and those that a label may take while they are under way
_WIDE = 1e6  # bytes a second from which on there is no need to send in parts
_DRAWING_SHARE = 0.3  # of the time, that drawing may take
_SLOWEST = 1.0  # seconds between frames, at the most, whatever they cost
_LATE = 0.05  # seconds that a frame may take before an unanswering terminal is given more time
_MEMORY = 0.1  # weight of the newest frame in what is remembered of frames drawn and held back
_SLOW, _SLOW_NO_MORE = 0.5, 0.25  # shares of frames held back at which the line begins and ceases to be called slow


class _Request(NamedTuple):
    """A question to the terminal: when it was asked, whether a frame came before it, and how many bytes did."""

    at: float
    for_frame: bool
    size: int


class Gate:
    """Says whether another frame may be drawn. All times are seconds of one clock that never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: deque[_Request] = deque()
        self._carried: deque[tuple[int, float]] = deque(maxlen=_REMEMBERED)  # bytes, and the seconds they took
        self._sounded_at = -math.inf
        self._distance = 0.0
        self._missed = 0
        self._patience = _FIRST_PATIENCE
        self._frame_at = -math.inf
        self._cost = 0.0
        self._held = 0.0
        self._slow = False
        self.interval = 0.0
        """The least time between frames: what drawing costs, or how late an unanswering terminal lets them be."""

    @property
    def answers(self) -> bool:
        """Whether the terminal is believed to answer."""
        return self._missed < _UNANSWERED

    @property
    def waiting(self) -> bool:
        """Whether an answer is still due."""
        return bool(self._asked)

    @property
    def window(self) -> int:
        """How many frames may be under way: two where the way itself is long, so that they need not take turns.

        On a line that is short but narrow a second one would only stand in a key's way.
        """
        return 2 if self._distance > _FAR else 1

    @property
    def _under_way(self) -> int:
        return sum(request.for_frame for request in self._asked)

    def allowance(self, unanswered: int = 0) -> int | None:
        """How many bytes may be sent now, the rest when the terminal has read them; None for any number.

        ``unanswered`` are the bytes sent since the last request.
        """
        sizes, seconds = (sum(column) for column in zip((0, 0.0), *self._carried, strict=True))
        if not self.answers or not seconds or sizes / seconds > _WIDE:
            return None
        under_way = unanswered + sum(request.size for request in self._asked)
        return max(_LABEL, max(_LEAST, int(_STAY * sizes / seconds)) - under_way)

    @property
    def slow(self) -> bool:
        """Whether the line holds back most of the frames there are."""
        return self._slow

    def may_draw(self) -> bool:
        """Whether another frame may be drawn now, as far as can be told."""
        if self.rest() > 0.0:
            return False
        self._expire()
        free = not self.answers or self._under_way < self.window
        if not free:
            self._remember(1.0)
        return free

    def rest(self) -> float:
        """Seconds until a frame may be drawn, answers aside."""
        return max(0.0, self._frame_at + self.interval - self._clock())

    def drawn(self, seconds: float, busy: float = 0.0, size: int = 0) -> bool:
        """Note a frame that took ``seconds`` to be written, ``busy`` of them in work; True if it is to be answered.

        ``size`` are the bytes sent since the last request.
        """
        now = self._clock()
        self._frame_at = now
        self._cost += (busy - self._cost) * (0.2 if self._cost else 1.0)
        if not self.answers:
            late = seconds > _LATE
            self.interval = min(2.0 * _SLOWEST, 2.0 * seconds) if late else 0.8 * self.interval
            self._slow = self.interval > 0.2
            return False
        self._remember(0.0)
        self.interval = min(_SLOWEST, self._cost / _DRAWING_SHARE - self._cost)  # the cost itself has passed already
        return self.asks(size)

    def asks(self, size: int = 0) -> bool:
        """Whether to ask for an answer to what was sent, unless enough are due already."""
        self._expire()
        free = self.answers and self._under_way < self.window
        if free:
            self._asked.append(_Request(self._clock(), True, size))
        return free

    def sounds(self) -> bool:
        """Whether to ask for an answer before a frame is drawn: with nothing under way it tells how long the way is."""
        now = self._clock()
        due = self.answers and not self._asked and now - self._sounded_at >= _SOUND_INTERVAL
        if due:
            self._asked.append(_Request(now, False, 0))
            self._sounded_at = now
        return due

    def answered(self) -> bool:
        """Note an answer; False if none was due. Even one that comes late shows that the terminal answers."""
        if not self.answers:
            self.interval = 0.0
        self._missed, self._patience = 0, _PATIENCE
        if not self._asked:
            return False
        request = self._asked.popleft()
        seconds = self._clock() - request.at
        if not request.for_frame:
            self._distance = seconds
        elif request.size >= _TELLING:
            self._carried.append((request.size, max(seconds - self._distance, 1e-3)))
        return True

    def _expire(self) -> None:
        if self._asked and self._clock() - self._asked[0].at > self._patience:
            self._asked.clear()
            self._missed += 1

    def _remember(self, held: float) -> None:
        self._held += _MEMORY * (held - self._held)
        self._slow = self._held > (_SLOW_NO_MORE if self._slow else _SLOW)
