"""What a terminal sends, made whole again after a slow line has cut it up.

A key or a report of the mouse or the cursor is a sequence of characters that starts with escape. Where its parts come
more than a moment apart, Textual takes each character for a key of its own: half a report types digits, and a digit is
a key of the app. So what has begun is held until the rest is there, and the answers to the app's own requests are taken
out before anybody can mistake them for keys.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

_ANSWER = re.compile(r"\x1b\[\d{1,5};\d{1,5}R")
_TAIL_OF_ANSWER = re.compile(r"\[\d{1,5};\d{1,5}R")
_BEGUN = re.compile(r"\x1b(?:\[[0-9;<=>?]{0,32})?\Z")
HOLD_SEQUENCE = 1.0  # seconds to wait for the rest of a sequence that can only be a report or a key
HOLD_ESCAPE = 0.25  # and of one that may also be the escape key, while an answer is due


class Untangler:
    """Takes characters as they come. ``answered`` is told of a cursor report, and says whether it was asked for."""

    def __init__(self, answered: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._answered, self._clock = answered, clock
        self._held, self._until = "", 0.0
        self._escaped = -HOLD_SEQUENCE

    def feed(self, text: str, *, waiting: bool) -> str:
        """The characters that are keys for sure; ``waiting`` says whether an answer is due."""
        now = self._clock()
        if waiting and not self._held and now - self._escaped < HOLD_SEQUENCE:
            tail = _TAIL_OF_ANSWER.match(text)  # of an answer whose escape has passed for the key
            if tail is not None and self._answered():
                text = text[tail.end() :]
        sure = ""
        if text.startswith("\x1b"):  # which begins something else: what is held will not be finished
            sure, self._held = self._held, ""
        text = _ANSWER.sub(self._take, self._held + text)
        begun = _BEGUN.search(text)
        self._held = "" if begun is None else begun.group()
        if self._held == "\x1b" and not waiting:
            self._held = ""
        self._until = now + (HOLD_ESCAPE if self._held == "\x1b" else HOLD_SEQUENCE)
        return self._passed(sure + text[: len(text) - len(self._held)], now)

    def overdue(self) -> str:
        """What was held for the rest of a sequence that never came, once it has waited long enough."""
        now = self._clock()
        if not self._held or now < self._until:
            return ""
        text, self._held = self._held, ""
        return self._passed(text, now)

    def _passed(self, text: str, now: float) -> str:
        if text.endswith("\x1b"):
            self._escaped = now
        return text

    def _take(self, answer: re.Match[str]) -> str:
        return "" if self._answered() else answer.group()
