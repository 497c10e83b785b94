"""Looking at logs in a thread: what is published, and when."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gdtui.analysis.watching import Watch
from gdtui.tui import watcher
from gdtui.tui.watcher import Sight, Watcher


def written(path: Path, rows: int) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text("loss\n" + "1\n" * rows, encoding="utf-8")
    return str(path)


def test_runs_are_named_by_what_tells_them_apart(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a" / "run.csv", 2), written(tmp_path / "b" / "run.csv", 3)
    third = written(tmp_path / "race.csv", 1)
    Path(third).write_text("step,label,loss\n1,gd,2\n1,adam,3\n", encoding="utf-8")

    def labels(*paths: str) -> list[str]:
        looked = Watcher([Watch(path, {}) for path in paths])
        sight, _ = looked.look()
        assert sight is not None
        assert looked.look() == (None, False)
        return [label for label, _, _ in sight.runs()]

    assert labels(first) == [""]
    assert labels(third) == ["gd", "adam"]
    assert labels(first, third) == ["run.csv", "race.csv gd", "race.csv adam"]
    assert labels(first, second) == [first, second]


def test_the_first_file_with_a_fault_is_named(tmp_path: Path) -> None:
    looked = Watcher([Watch(path, {}) for path in (written(tmp_path / "run.csv", 2), str(tmp_path / "late.csv"))])
    sight, _ = looked.look()
    assert sight is not None
    assert sight.fault == (str(tmp_path / "late.csv"), "does not exist yet: waiting for it")


def test_what_nobody_expected_is_passed_on() -> None:
    class Broken(Watch):
        def look(self) -> tuple[None, bool]:
            raise RuntimeError("broken")

    failures: list[Exception] = []
    failed = threading.Event()
    looked = Watcher([Broken("run.csv", {})])
    looked.start(lambda _: None, lambda error: (failures.append(error), failed.set())[0])
    assert failed.wait(10.0)
    assert str(failures[0]) == "broken"
    looked.close()


def test_it_looks_seldom_when_nothing_comes_and_ends_when_it_is_told(tmp_path: Path) -> None:
    waits: list[float] = []
    seconds = [0.0]
    looked = Watcher([Watch(written(tmp_path / "run.csv", 2), {})], clock=lambda: seconds[0])

    def wait(timeout: float | None = None) -> bool:
        assert timeout is not None
        waits.append(timeout)
        seconds[0] += timeout
        if len(waits) == 200:
            looked._ends.set()
        return looked._ends.is_set()

    looked._ends.wait = wait  # type: ignore[method-assign]
    published: list[Sight] = []
    came = threading.Event()
    looked.start(lambda sight: (published.append(sight), came.set())[0], fail=pytest.fail)
    assert came.wait(10.0)
    assert looked._thread is not None
    looked._thread.join(10.0)
    assert not looked._thread.is_alive()
    looked.close()
    assert len(published) == 1
    often = round(watcher.RESTING / watcher.INTERVAL)
    assert waits == [watcher.INTERVAL] * often + [watcher.LONG_INTERVAL] * (200 - often)
