"""A journal can be read at any moment, and holds the race as it stood at its last whole entry."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from gdtui import recording
from gdtui.engine import history
from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.recording import journal as journals
from gdtui.recording.files import NotWrittenError
from gdtui.recording.journal import Journal
from gdtui.recording.writing import recorded
from tests.engine.races import assert_same, race
from tests.recording.races import assert_same_state, edited_race

Begin = Callable[[Race], tuple[Journal, "Clock"]]


class Clock:
    """Seconds as the test tells them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def small_histories() -> Iterator[None]:
    """Histories so short that they merge within a test."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("engine.history", "engine.state", "recording.states"):
            patch.setattr(f"gdtui.{module}.MOST_RECORDS", 16)
        patch.setattr(history, "LONGEST_PATH", 6)
        yield


@pytest.fixture
def journaled(tmp_path: Path) -> Iterator[Callable[[Race], tuple[Journal, Clock]]]:
    """Begins the journal of a race, with a clock that the test moves."""
    with ExitStack() as stack:

        def begin(whole: Race) -> tuple[Journal, Clock]:
            clock = Clock()
            return stack.enter_context(Journal(tmp_path / "race.gdtui", whole, clock=clock)), clock

        yield begin


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def raced(journal: Journal, clock: Clock, steps: int) -> None:
    """Advance, and let so much time pass that an entry is due."""
    journal.race.advance(steps)
    clock.now += 10.0
    journal.tick()


def test_every_entry_is_the_race_as_it_stood(tmp_path: Path, small_histories: None, journaled: Begin) -> None:
    whole = race("rosenbrock", "gd", "adam:schedule=plateau(patience=1,every=4)", "gd:lr=10,label=wild")
    journal, clock = journaled(whole)
    for steps in (0, 5, 6, 1, 9, 40, 3):
        raced(journal, clock, steps)
        read = recording.read(journal.path)
        assert (read.is_journal, read.lost, read.result) == (True, 0, None)
        assert_same_state(read.last, whole.state())
    assert_same(read.race().advance(33), whole.advance(33))


def test_an_entry_holds_only_what_is_new(tmp_path: Path, journaled: Begin) -> None:
    whole = race("rosenbrock", "gd", "adam").advance(3000)
    journal, clock = journaled(whole)
    raced(journal, clock, 0)
    before = journal.path.stat().st_size
    raced(journal, clock, 10)
    assert journal.path.stat().st_size - before < before / 10


def test_edits_and_newcomers_go_into_it(tmp_path: Path, journaled: Begin) -> None:
    whole = edited_race()
    journal, clock = journaled(whole)
    raced(journal, clock, 3)
    whole.set("gd", {"lr": 5e-4})
    whole.add("nesterov:lr=1e-3")
    whole.remove("wild")
    raced(journal, clock, 7)
    assert_same_state(recording.read(journal.path).last, whole.state())


def test_a_race_that_went_back_and_another_way_is_told_whole(tmp_path: Path, journaled: Begin) -> None:
    whole = race("rosenbrock", "gd", "adam").advance(20)
    journal, clock = journaled(whole)
    early = whole.state()
    raced(journal, clock, 20)
    whole.restore(early)
    whole.set("gd", {"lr": 1e-4})
    raced(journal, clock, 40)
    assert_same_state(recording.read(journal.path).last, whole.state())


@pytest.mark.parametrize("spare", [0, 10**6])
def test_it_begins_anew_before_it_grows_without_bound(
    spare: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journaled: Begin
) -> None:
    monkeypatch.setattr(journals, "_SPARE_BYTES", spare)
    monkeypatch.setattr(journals, "_MOST_ENTRIES", 5)
    whole = race("rosenbrock", "adam")
    journal, clock = journaled(whole)
    sizes = []
    for _ in range(30):
        raced(journal, clock, 1)
        sizes.append(journal.path.stat().st_size)
        assert_same_state(recording.read(journal.path).last, whole.state())
    assert max(sizes) < 8 * min(sizes)
    assert names(tmp_path) == ["race.gdtui.journal"]


def test_cut_off_anywhere_it_ends_with_the_last_whole_entry(tmp_path: Path, journaled: Begin) -> None:
    whole = race("rosenbrock", "gd")
    journal, clock = journaled(whole)
    states, ends = [], []
    for _ in range(3):
        raced(journal, clock, 4)
        states.append(whole.state())
        ends.append(journal.path.stat().st_size)
    content, cut = journal.path.read_bytes(), tmp_path / "cut.gdtui.journal"
    for end in np.random.default_rng(0).integers(ends[0], ends[-1] + 1, 40).tolist():
        cut.write_bytes(content[:end])
        read = recording.read(cut)
        expected = max(i for i, whole_to in enumerate(ends) if whole_to <= end)
        assert_same_state(read.last, states[expected])
        assert read.lost == end - ends[expected]
    cut.write_bytes(content[: ends[0] - 1])
    with pytest.raises(InputError, match="its first entry is not whole"):
        recording.read(cut)


def test_entries_come_in_time_and_not_more_often_than_they_may_cost(tmp_path: Path, journaled: Begin) -> None:
    whole = race("rosenbrock", "gd")
    journal, clock = journaled(whole)
    written = []
    for now in np.arange(0.0, 20.0, 0.07).tolist():
        clock.now = now
        before = journal._due
        journal.tick()
        if journal._due != before:
            written.append(now)
    gaps = np.diff(written)
    assert written[0] == 0.0
    assert gaps.min() >= journals.EVERY_SECONDS
    assert gaps.max() < 5.0
    assert journals._LONGEST_WAIT < 5.0


def test_in_the_end_there_is_the_recording_alone(tmp_path: Path, journaled: Begin) -> None:
    whole = race("rosenbrock", "gd")
    journal, clock = journaled(whole)
    raced(journal, clock, 5)
    assert journal.finish() == tmp_path / "race.gdtui"
    assert names(tmp_path) == ["race.gdtui"]
    assert_same_state(recording.read(tmp_path / "race.gdtui").last, whole.state())


def test_the_journal_of_a_killed_race_is_not_overwritten(tmp_path: Path, journaled: Begin) -> None:
    whole = race("rosenbrock", "gd")
    journal, clock = journaled(whole)
    raced(journal, clock, 5)
    with pytest.raises(InputError, match=r"has not come to its end; `gdtui resume .*race\.gdtui\.journal` goes on"):
        Journal(tmp_path / "race.gdtui", whole)
    Journal(tmp_path / "race.gdtui", whole, force=True).close()
    resumed = recording.read(journal.path).race()
    Journal(tmp_path / "race.gdtui", resumed, replaces=journal.path)


def test_a_missing_recording_says_where_its_journal_is(tmp_path: Path, journaled: Begin) -> None:
    journal, clock = journaled(race("rosenbrock", "gd"))
    raced(journal, clock, 5)
    with pytest.raises(InputError, match=r"no such file; its race has not come to its end, and is in .*\.journal"):
        recording.read(tmp_path / "race.gdtui")


def test_a_deleted_journal_begins_anew(tmp_path: Path, journaled: Begin) -> None:
    journal, clock = journaled(race("rosenbrock", "gd"))
    raced(journal, clock, 5)
    journal.path.unlink()
    raced(journal, clock, 5)
    assert recording.read(journal.path).step == 10


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_ends_the_journal_and_not_the_race(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journaled: Begin
) -> None:
    whole = race("rosenbrock", "gd")
    journal, clock = journaled(whole)
    raced(journal, clock, 5)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    journal.close()
    journal._file = os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb")
    make = tempfile.mkstemp

    def full(*, prefix: str, suffix: str, dir: Path) -> tuple[int, str]:  # noqa: A002
        if dir != tmp_path:
            return make(prefix=prefix, suffix=suffix, dir=dir)
        return os.open("/dev/full", os.O_WRONLY), str(dir / "nothing.part")

    monkeypatch.setattr(tempfile, "mkstemp", full)
    raced(journal, clock, 5)
    assert journal.trouble == "No space left on device"
    raced(journal, clock, 5)
    assert recording.read(journal.path).step == 5  # what there was is still there
    with pytest.raises(NotWrittenError, match="No space left on device; it is kept in ") as raised:
        journal.finish()
    monkeypatch.undo()
    assert raised.value.kept is not None
    assert raised.value.kept.is_relative_to(tmp_path / "state")
    assert_same_state(recording.read(raised.value.kept).last, whole.state())
    assert names(tmp_path) == ["state"]


def test_it_goes_on_when_the_disk_has_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journaled: Begin
) -> None:
    journal, clock = journaled(race("rosenbrock", "gd"))

    def full(**_: object) -> tuple[int, str]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", full)
        raced(journal, clock, 5)
        assert journal.trouble == "No space left on device"
    raced(journal, clock, 5)
    assert (journal.trouble, names(tmp_path)) == ("No space left on device", [])  # it is not tried all the time
    clock.now += 30.0
    raced(journal, clock, 5)
    assert (journal.trouble, recording.read(journal.path).step) == ("", 15)


def test_where_nothing_can_be_written_in_the_end_there_is_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journaled: Begin
) -> None:
    journal, clock = journaled(race("rosenbrock", "gd"))
    raced(journal, clock, 5)

    def nowhere(path: Path, *_: object, **__: object) -> None:
        raise NotWrittenError("cannot be written: File too large", where=str(path), kept=None)

    monkeypatch.setattr("gdtui.recording.journal.keep", nowhere)
    with pytest.raises(NotWrittenError, match=r"File too large; .*race\.gdtui\.journal` goes on from what is in"):
        journal.finish()
    assert recording.read(journal.path).step == 5


def test_a_race_too_large_for_a_recording_is_refused_at_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journaled: Begin
) -> None:
    monkeypatch.setattr(journals, "MOST_BYTES", 10**5)
    journal, _ = journaled(race("rosenbrock", "gd"))
    with pytest.raises(InputError, match="the race may come to"):
        journal.tick()


def test_the_recording_does_not_depend_on_the_journal(tmp_path: Path, journaled: Begin) -> None:
    journal, clock = journaled(race("rosenbrock", "gd", "adam"))
    for _ in range(4):
        raced(journal, clock, 9)
    assert recorded(recording.read(journal.path).race(), times=False) == recorded(
        race("rosenbrock", "gd", "adam").advance(36), times=False
    )
