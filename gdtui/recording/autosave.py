"""A race whose app is ended by a signal, a lost terminal or an error: kept, and offered at the next start."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Final

from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.folders import CUT_OFF, cut_off_races, state_folder
from gdtui.recording.data import data_files
from gdtui.recording.files import place
from gdtui.recording.reading import Recording, read
from gdtui.recording.writing import check_recordable, packed

MOST: Final = 10  # races that are kept
_OFFERED: Final = "offered"  # the file with the name of the newest race that was offered


def save(race: Race) -> Path | None:
    """Keep a race as it stands, and no more than :data:`MOST` in all; returns the file, or None if there is none.

    One that has not begun, or that nobody could go on with, is not kept. Quick rather than small: there may be little
    time.
    """
    if race.is_replay or race.step == 0 or not race.scenario.objective or not race.is_prepared:
        return None
    with contextlib.suppress(InputError, OSError, RuntimeError):  # there may be no home, or no room in it
        check_recordable(race)
        folder = state_folder(CUT_OFF)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.gdtui"
        place(path, [packed(race, [race.state()], data=data_files(race.scenario), compressed=False)])
        for old in cut_off_races()[MOST:]:
            old.unlink(missing_ok=True)
        return path
    return None


def offer() -> Recording | None:
    """The newest race that was cut off and has not been offered yet: once only."""
    found = cut_off_races()
    with contextlib.suppress(InputError, OSError, RuntimeError):
        marker = state_folder(CUT_OFF) / _OFFERED
        offered = marker.read_text(encoding="utf-8") if marker.is_file() else ""
        if found and found[0].name > offered:
            marker.write_text(found[0].name, encoding="utf-8")
            return read(found[0])
    return None
