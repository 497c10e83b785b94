"""A log that is watched: the verdicts as it grows, and what is said of all that can happen to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.analysis import following
from gdtui.analysis.thinning import MOST_ROWS
from gdtui.analysis.training_log import read
from gdtui.analysis.verdict import Kind
from gdtui.analysis.verdicts import judge
from gdtui.analysis.watching import Activity, Watch, Watched

LOGS = Path(__file__).parents[1] / "logs"
HEADER = "step,loss\n"


class Written:
    """A log that the test writes, and what a watch on it sees."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.watch = Watch(str(path), {})

    def write(self, text: str) -> None:
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(text)

    def look(self) -> Watched | None:
        """All that is new, in as many looks as it takes; None if nothing is."""
        seen, more = self.watch.look()
        while more:
            newer, more = self.watch.look()
            seen = newer or seen
        return seen

    def seen(self) -> Watched:
        seen = self.look()
        assert seen is not None
        return seen


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    written = Written(tmp_path / "run.csv")
    yield written
    written.watch.close()


def rows(first: int, last: int, loss: Callable[[int], float]) -> str:
    return "".join(f"{step},{loss(step)}\n" for step in range(first, last))


def cycling(step: int) -> float:
    """A loss of which the verdict is the same however much there is of it."""
    return 1.0 + step % 2


def test_it_waits_for_the_file_then_for_a_row_then_follows(written: Written) -> None:
    seen = written.seen()
    assert (seen.activity, seen.fault, seen.runs) == (Activity.WAITING, "does not exist yet: waiting for it", ())
    assert written.look() is None
    written.write(HEADER)
    assert (written.seen().fault, written.look()) == ("has no row yet", None)
    written.write(rows(0, 30, cycling))
    seen = written.seen()
    assert (seen.activity, seen.fault, seen.share) == (Activity.FOLLOWING, "", 1.0)
    assert (seen.runs[0].run.rows, seen.runs[0].verdict.kind) == (30, Kind.LIMIT_CYCLE)
    assert written.look() is None


def test_a_last_line_that_is_cut_off_waits_for_its_rest(written: Written) -> None:
    written.write(HEADER + "1,3.0\n2,2.")
    assert written.seen().runs[0].run.rows == 1
    assert written.look() is None
    written.write("5\n3,2.0\n")
    run = written.seen().runs[0].run
    np.testing.assert_array_equal(run.series.loss, [3.0, 2.5, 2.0])
    assert run.notes == ()


def test_the_verdict_changes_when_another_has_held_and_the_step_is_that_at_which_it_came(written: Written) -> None:
    written.write(HEADER + rows(0, 200, cycling))
    assert [change.verdict.kind for change in written.seen().runs[0].changes if change.verdict] == [Kind.LIMIT_CYCLE]
    diverges_from = 200
    for step in range(200, 330, 3):
        written.write(rows(step, step + 3, lambda step: 1.08 ** (step - diverges_from)))
        seen = written.seen()
        if seen.runs[0].verdict.kind is Kind.DIVERGING:
            break
    changes = seen.runs[0].changes
    assert changes[-1].verdict is not None
    assert changes[-1].verdict.kind is Kind.DIVERGING
    assert 200 < changes[-1].step < seen.runs[0].run.steps[1] - 5
    assert [change.step for change in changes] == sorted(change.step for change in changes)


@pytest.mark.parametrize("name", ["sgd_good.csv", "overfit.jsonl", "nan.csv", "short_schedule.tsv"])
def test_on_a_log_at_rest_it_says_what_diagnose_says(name: str) -> None:
    path = LOGS / name
    watch = Watch(str(path), {})
    seen, more = watch.look()
    assert not more
    assert seen is not None
    with path.open("rb") as stream:
        (run,) = read(stream, {}, name).runs
    assert seen.runs[0].verdict == judge(run.series)
    last = seen.runs[0].changes[-1].verdict
    assert last is not None
    assert last.kind is seen.runs[0].verdict.kind
    watch.close()


def test_what_is_final_is_said_at_once_with_its_step(written: Written) -> None:
    written.write(HEADER + rows(0, 300, cycling))
    written.look()
    written.write("300,nan\n")
    run = written.seen().runs[0]
    assert run.verdict.kind is Kind.NOT_A_NUMBER
    assert (run.changes[-1].step, run.changes[-1].verdict) == (300.0, run.verdict)
    assert run.run.notes == ("the loss is NaN or infinite in 1 of 301 rows",)


def test_a_step_count_that_starts_again_is_another_run(written: Written) -> None:
    written.write(HEADER + rows(0, 100, cycling) + "100,nan\n")
    written.look()
    written.write(rows(0, 40, cycling))
    run = written.seen().runs[0]
    assert (run.run.rows, run.verdict.kind) == (40, Kind.LIMIT_CYCLE)
    assert [change.note or change.verdict.kind.value for change in run.changes if change.note or change.verdict] == [
        "limit cycle", "not a number", "steps start again", "limit cycle",
    ]  # fmt: skip
    assert run.changes[2].step == 0.0
    assert run.run.notes[0].startswith("the step count starts again once")


@pytest.mark.parametrize("how", ["cut short", "replaced", "written anew"])
def test_a_file_that_begins_anew_is_read_anew(written: Written, how: str) -> None:
    written.write(HEADER + rows(0, 60, cycling))
    written.look()
    if how == "replaced":
        written.path.rename(written.path.with_suffix(".old"))
    new = HEADER + rows(0, 30 if how == "cut short" else 90, lambda step: 2.0 * cycling(step))
    written.path.write_text(new, encoding="utf-8")
    run = written.seen().runs[0]
    assert run.run.rows == (30 if how == "cut short" else 90)
    assert f"file was {how}" in [change.note for change in run.changes]
    assert math.isnan(next(change.step for change in run.changes if change.note))


def test_a_log_that_is_rotated_goes_on_under_its_header(written: Written) -> None:
    """As logrotate does it, by renaming or by copying and cutting short: what is written next begins with a row."""
    written.write(HEADER + rows(0, 60, cycling))
    written.look()
    written.path.rename(written.path.with_suffix(".1"))
    written.write(rows(60, 90, cycling))
    run = written.seen().runs[0]
    assert (run.run.rows, run.run.steps, run.verdict.kind) == (30, (60.0, 89.0), Kind.LIMIT_CYCLE)
    written.path.write_text(rows(90, 95, cycling), encoding="utf-8")
    assert written.seen().runs[0].run.steps == (90.0, 94.0)
    written.path.write_text("1,2,3\n", encoding="utf-8")
    assert written.seen().fault.startswith("has no header: line 1 is numbers")


def test_a_file_that_goes_leaves_what_it_said_and_may_come_back(written: Written) -> None:
    written.write(HEADER + rows(0, 60, cycling))
    written.look()
    written.path.unlink()
    seen = written.seen()
    assert (seen.activity, seen.fault) == (Activity.WAITING, "was deleted: waiting for it to come back")
    assert seen.runs[0].run.rows == 60
    assert written.look() is None
    written.write(HEADER + rows(0, 25, cycling))
    assert (written.seen().runs[0].run.rows, written.watch.look()) == (25, (None, False))


def test_what_is_no_log_is_said_in_one_line_until_it_is_one(written: Written) -> None:
    written.write("step,accuracy\n1,2\n")
    assert written.seen().fault == "no column looks like a loss, of step, accuracy; name it with --loss"
    written.write("2,3\n")
    assert written.seen().fault.startswith("no column looks like a loss")
    written.path.write_text("", encoding="utf-8")
    assert written.seen().fault == "has no row yet"
    written.write(HEADER + "1,2\n")
    assert written.seen().fault == ""


def test_columns_that_were_asked_for_may_still_come(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"step": 1, "train": 2.0}\n', encoding="utf-8")
    watch = Watch(str(path), {"loss": "train", "val_loss": "held-out"})
    seen, _ = watch.look()
    assert seen is not None
    assert seen.log is not None
    assert seen.log.notes == ("no row has a 'held-out' yet, which --val-loss names",)
    with path.open("a", encoding="utf-8") as stream:
        stream.write('{"step": 1, "held-out": 3.0}\n')
    seen, _ = watch.look()
    assert seen is not None
    assert seen.log is not None
    assert (seen.log.notes, seen.log.columns["val_loss"]) == ((), "held-out")
    watch.close()


def test_every_racer_of_a_race_is_watched_by_itself(written: Written) -> None:
    text = "".join(f"{step},{name},{cycling(step)}\n" for step in range(60) for name in ("gd", "adam"))
    written.write("step,label,loss\n" + text + "60,adam,nan\n")
    runs = written.seen().runs
    assert [(run.run.label, run.verdict.kind) for run in runs] == [
        ("gd", Kind.LIMIT_CYCLE), ("adam", Kind.NOT_A_NUMBER),
    ]  # fmt: skip


def test_a_long_log_is_read_in_pieces_and_thinned(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_AT_ONCE", 2**16)
    count = 2 * MOST_ROWS + 1000
    written.write(HEADER + rows(0, count, lambda step: 2.0 + (step * 7919 % 1000) / 1000))
    activities = []
    more = True
    while more:
        seen, more = written.watch.look()
        assert seen is not None
        activities.append(seen.activity)
    assert activities == [*[Activity.READING] * (len(activities) - 1), Activity.FOLLOWING]
    assert len(activities) > 1
    run = seen.runs[0].run
    assert (run.rows, run.notes) == (count, ("one row in 4 is kept",))
    assert len(run.series) <= MOST_ROWS + 1


@settings(max_examples=30)
@given(st.data())
def test_however_the_pieces_fall_it_is_the_log_that_diagnose_reads(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    drawn = data.draw(st.lists(st.sampled_from(["9,1.5", "1,2", "2,nan", "3,", "x,y", '"', "4,inf,7"]), max_size=40))
    text = HEADER + "".join(f"{row}\n" for row in ["0,1", *drawn])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    written = Written(tmp_path_factory.mktemp("log") / "run.csv")
    seen = None
    for first, last in zip([0, *cuts], [*cuts, len(text)], strict=True):
        written.write(text[first:last])
        seen = written.look() or seen
    assert seen is not None
    with written.path.open("rb") as stream:
        whole = read(stream, {}, "run")
    ours = seen.runs[0].run
    assert (ours.rows, ours.notes, ours.steps) == (whole.runs[0].rows, whole.runs[0].notes, whole.runs[0].steps)
    np.testing.assert_array_equal(ours.series.loss, whole.runs[0].series.loss)
    assert seen.log is not None
    assert seen.log.notes == whole.notes
    if seen.runs[0].verdict.kind is judge(ours.series).kind:
        assert seen.runs[0].verdict == judge(ours.series)
    written.watch.close()
