"""A race that is under way, on disk every few seconds: whenever it is killed, there is a file that it can go on from.

The journal is beside the recording to be, and gone when that is written. It begins with a whole state, and each entry
after that has what is new since the one before; once these are as large as the whole, it begins anew, in a new file
that takes the old one's place. An entry that was not finished is no entry, so that a journal can be read at any moment.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from gdtui.engine.history import MOST_RECORDS, path_capacity
from gdtui.engine.lockstep import RECORD_WIDTH
from gdtui.engine.race import Race
from gdtui.engine.state import RaceState
from gdtui.errors import InputError
from gdtui.recording import journal_file
from gdtui.recording.container import MOST_BYTES
from gdtui.recording.data import data_files
from gdtui.recording.files import NotWrittenError, check_target, keep
from gdtui.recording.manifest import DataFile
from gdtui.recording.reading import JOURNAL
from gdtui.recording.writing import check_recordable, packed, recorded

EVERY_SECONDS: Final = 2.0  # from one entry to the next, at the least; 5 is what may be lost
MOST_SHARE: Final = 0.03  # of the time that writing may take, as long as entries are 3 s apart at the most
_LONGEST_WAIT: Final = 3.0
_WAIT_IN_TROUBLE: Final = 30.0
_MOST_ENTRIES: Final = 64
_SPARE_BYTES: Final = 4 * 2**20


class Journal:
    """Keeps a race on disk while it is advanced, and records it in the end.

    ``path`` is that of the recording to be. ``replaces`` is a journal that may be taken over: the one the race goes on
    from. ``clock`` gives seconds that never go back. Raises :class:`InputError` where nothing can be written there, or
    a race that was killed has left its journal.
    """

    def __init__(
        self,
        path: str | Path,
        race: Race,
        *,
        times: bool = True,
        force: bool = False,
        replaces: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.target = Path(path)
        self.path = self.target.with_name(self.target.name + JOURNAL) if self.target.name else self.target
        self.race = race
        self._times, self._force, self._clock = times, force, clock
        self.trouble = ""
        """Why the last entry could not be written, or nothing."""
        check_recordable(race, times=times)
        check_target(self.target, force=force)
        self._check_journal(replaces)
        self._data: list[DataFile] = data_files(race.scenario)
        self._file: BinaryIO | None = None
        self._before: RaceState | None = None
        self._entries = 0
        self._whole = self._added = 0
        self._due = clock()

    def _check_journal(self, replaces: Path | None) -> None:
        taken_over = False
        with contextlib.suppress(OSError):
            taken_over = replaces is not None and replaces.samefile(self.path)
        try:
            check_target(self.path, force=taken_over or self._force)
        except InputError as error:
            if not os.path.lexists(self.path):
                raise
            reason = "a race that was recorded there has not come to its end"
            remedy = f"`gdtui resume {self.path}` goes on with it, --force drops it"
            raise InputError(reason, where=str(self.target), remedy=remedy) from error

    def _check_size(self, state: RaceState) -> None:
        """Refuse at once what would be too large in the end: histories grow to their bound."""
        n = self.race.problem.n
        history = 8 * ((MOST_RECORDS + 1) * RECORD_WIDTH + (path_capacity(n) + 1) * n)
        most = sum(history + racer.rule.nbytes + 3 * racer.x.nbytes for racer in state.racers.values())
        if most > MOST_BYTES:
            reason = f"the race may come to {most // 2**20} MB, and a recording may have {MOST_BYTES // 2**20}"
            raise InputError(reason, where=str(self.target), remedy="race fewer racers")

    def tick(self) -> None:
        """Write an entry if it is time for one. Trouble does not end the race: see :attr:`trouble`. It is tried again.

        Raises :class:`InputError` the first time, where the race is larger than a recording may be.
        """
        if self._clock() < self._due:
            return
        began = self._clock()
        state = self.race.state()
        if self._before is None:
            self._check_size(state)
        try:
            self._write(state)
            self.trouble = ""
        except (OSError, InputError) as error:
            self.trouble = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
            self.close()
        ended = self._clock()
        wait = min(_LONGEST_WAIT, max(EVERY_SECONDS, (ended - began) / MOST_SHARE))
        self._due = began + (_WAIT_IN_TROUBLE if self.trouble else wait)

    def finish(self) -> Path:
        """Record the race as it stands, and drop the journal; returns the recording's path.

        Raises :class:`~gdtui.recording.files.NotWrittenError` where the recording had to be kept elsewhere, or could
        not be: then the journal stays.
        """
        self.close()
        try:
            keep(self.target, recorded(self.race, times=self._times), force=self._force)
        except NotWrittenError as error:
            if error.kept is None and self._entries and self.path.exists():
                raise NotWrittenError(error.reason, where=error.where, kept=None, journal=self.path) from None
            if error.kept is not None:
                self._drop()
            raise
        self._drop()
        return self.target

    def _drop(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _write(self, state: RaceState) -> None:
        begins = self._is_gone() or self._entries >= _MOST_ENTRIES or self._added > self._whole // 2 + _SPARE_BYTES
        before = None if begins else self._before
        entry = journal_file.framed(packed(self.race, [state], data=self._data, before=before, compressed=False))
        if begins:
            self._begin(entry)
            self._entries, self._whole, self._added = 1, len(entry), 0
        else:
            assert self._file is not None
            self._file.write(entry)
            self._file.flush()
            self._entries, self._added = self._entries + 1, self._added + len(entry)
        self._before = state

    def _is_gone(self) -> bool:
        """Whether there is no journal yet, or somebody has deleted it."""
        return self._file is None or os.fstat(self._file.fileno()).st_nlink == 0

    def _begin(self, entry: bytes) -> None:
        """Begin anew with a whole state: in a file of its own, which then takes the old one's place."""
        descriptor, name = tempfile.mkstemp(prefix=".gdtui-", suffix=".part", dir=self.path.parent)
        part, file = Path(name), os.fdopen(descriptor, "wb")
        try:
            file.write(journal_file.MAGIC + entry)
            file.flush()
            part.replace(self.path)
        except BaseException:
            file.close()
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        self.close()
        self._file = file

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the journal, which stays where it is, for somebody to go on from."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # it flushes once more what the disk had no room for
                self._file.close()
            self._file = None
