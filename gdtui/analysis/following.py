"""A file that grows, followed: what came since the last look, whatever else happens to the file meanwhile."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MOST_AT_ONCE: Final = 2**19  # bytes read at a look, so that it does not last
REMEMBERED: Final = 64  # bytes before the place that was read up to: were they changed, the file was rewritten

MISSING: Final = "does not exist yet: waiting for it"
GONE: Final = "was deleted: waiting for it to come back"


@dataclass(frozen=True, slots=True)
class Piece:
    """What a look at a file has found.

    ``data`` comes after what came before, unless ``anew`` says why it is the beginning of another file. ``more`` says
    that there is more to be read at once.
    """

    data: bytes = b""
    anew: str = ""
    more: bool = False


class Follower:
    """Follows the file at ``path``: a regular one, which may not exist yet, or a FIFO.

    Nothing is read twice and nothing is waited for: a look costs a stat, and what is new to read.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.fault = ""
        """Why there is nothing to read, in a few words that follow the file's name; empty where there may be."""
        self.changed_at: float | None = None
        """When the file was last written to, in seconds of the wall clock."""
        self._descriptor: int | None = None
        self._identity = (0, 0)
        self._place = self._known_size = 0
        self._before = b""
        self._was_there = False

    @property
    def share(self) -> float:
        """How much of the file was read, from 0 to 1."""
        return min(1.0, self._place / self._known_size) if self._known_size else 1.0

    def look(self) -> Piece:
        """What is new. Never raises for what the file system says: it is the fault."""
        try:
            status = Path(self.path).stat()
        except FileNotFoundError:
            return self._rest_of_old(GONE if self._was_there else MISSING)
        except OSError as error:
            return self._rest_of_old(f"cannot be read: {error.strerror}")
        except ValueError:
            return self._rest_of_old("is no path")
        if (reason := unreadable(status.st_mode)) is not None:
            return self._rest_of_old(reason)
        if self._descriptor is not None and (status.st_dev, status.st_ino) != self._identity:
            piece = self._read()
            if piece.data:
                return piece
            self.close()
        if self._descriptor is None:
            try:
                # A FIFO that nobody writes to yet would keep a blocking open waiting.
                self._descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError as error:
                self.fault = f"cannot be read: {error.strerror}"
                return Piece()
            anew = "was replaced" if self._was_there else ""
            self._place, self._before, self._was_there = 0, b"", True
            opened = os.fstat(self._descriptor)
            self._identity = opened.st_dev, opened.st_ino
            self.fault = ""
            return self._read(anew)
        self.fault = ""
        return self._read()

    def _rest_of_old(self, fault: str) -> Piece:
        """What an open file still has to say though its name is gone."""
        self.fault = fault
        return Piece() if self._descriptor is None else self._read()

    def _read(self, anew: str = "") -> Piece:
        descriptor = self._descriptor
        assert descriptor is not None
        status = os.fstat(descriptor)
        self.changed_at = status.st_mtime
        if stat.S_ISFIFO(status.st_mode):
            data = self._read_fifo(descriptor)
            return Piece(data, anew, len(data) == MOST_AT_ONCE)
        try:
            if status.st_size < self._place:
                anew = anew or "was cut short"
            elif self._place and status.st_size > self._place and not self._is_continued(descriptor):
                anew = anew or "was written anew"
            if anew:
                self._place, self._before = 0, b""
            data = os.pread(descriptor, MOST_AT_ONCE, self._place)
        except OSError as error:
            self.fault = f"cannot be read: {error.strerror}"
            return Piece()
        self._place += len(data)
        self._before = (self._before + data[-REMEMBERED:])[-REMEMBERED:]
        self._known_size = status.st_size
        return Piece(data, anew, self._place < status.st_size and bool(data))

    def _is_continued(self, descriptor: int) -> bool:
        """Whether what was read last still stands where it was."""
        return os.pread(descriptor, len(self._before), self._place - len(self._before)) == self._before

    def _read_fifo(self, descriptor: int) -> bytes:
        data = b""
        while len(data) < MOST_AT_ONCE:
            try:
                part = os.read(descriptor, min(2**16, MOST_AT_ONCE - len(data)))
            except BlockingIOError:
                break
            if not part:  # nobody writes to it, or nobody any more
                break
            data += part
        return data

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def unreadable(mode: int) -> str | None:
    """Why what has this mode cannot be followed, in a few words; None if it can be."""
    if stat.S_ISDIR(mode):
        return "is a directory"
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        return "is neither a file nor a pipe"
    return None
