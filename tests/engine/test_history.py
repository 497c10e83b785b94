"""Histories hold what a slow, obvious twin holds, in bounded memory, and what was handed out stays as it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.contracts import Reals
from gdtui.engine import history
from gdtui.engine import lockstep as at
from gdtui.engine.history import History
from gdtui.engine.racer import CHECK_EVERY, Racer
from tests.engine.races import BATCH, PLUGINS, race

MEBIBYTE = 2**20


def naive_rows(losses: Reals, capacity: int, *, exact: bool) -> list[tuple[int, list[float]]]:
    """The rows after ``len(losses) - 1`` steps: each row's step, and the losses seen since the row before it."""
    stride, rows, seen = 1, [(0, [losses[0]])], []
    for step in range(1, len(losses)):
        if exact or step % stride == 0 or step % CHECK_EVERY == 0:
            seen.append(losses[step])
        if step % stride == 0:
            rows.append((step, seen))
            seen = []
        if len(rows) == capacity + 1:
            pairs = [(rows[i + 1][0], rows[i][1] + rows[i + 1][1]) for i in range(1, len(rows), 2)]
            rows, stride = [rows[0], *pairs], stride * 2
    return rows


def check_against_twin(racer: Racer, full: Racer, capacity: int, *, exact: bool) -> None:
    rows = naive_rows(full.loss, capacity, exact=exact)
    assert racer.steps.tolist() == [step for step, _ in rows]
    assert racer.loss.tolist() == [seen[-1] for _, seen in rows]
    assert racer.loss_low.tolist() == [min(seen) for _, seen in rows]
    assert racer.loss_high.tolist() == [max(seen) for _, seen in rows]
    assert racer.grad_norm.tolist() == full.grad_norm[racer.steps].tolist()
    assert racer.learning_rate.tolist() == full.learning_rate[racer.steps].tolist()
    assert racer.path.tolist() == full.path[racer.path_steps].tolist()


@pytest.mark.parametrize(
    ("objective", "spec", "exact"),
    [
        ("rosenbrock", "rmsprop:lr=0.05", True),
        ("rosenbrock", "nesterov", False),
        ("logistic", f"sgd:batch_size={BATCH},lr=1", False),
        ("noisy_bowl", "gd:lr=0.1", False),
        ("tick_tock", "gd:lr=0.5", False),
    ],
)
def test_rows_equal_the_naive_twins(objective: str, spec: str, exact: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDTUI_PLUGINS", str(PLUGINS))
    label = spec.partition(":")[0]

    @settings(max_examples=6)
    @given(steps=st.integers(1, 400), capacity=st.sampled_from([2, 4, 8, 16]))
    def check(steps: int, capacity: int) -> None:
        full = race(objective, spec).advance(steps)[label]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(history, "MOST_RECORDS", capacity)
            patch.setattr(history, "LONGEST_PATH", 8)
            short = race(objective, spec).advance(steps)[label]
        check_against_twin(short, full, capacity, exact=exact)

    check()


def filled(n: int, steps: int) -> History:
    """A history as it stands after that many steps, without taking them."""
    cursor = np.zeros(at.CURSOR_WIDTH, dtype=np.int64)
    long = History(n, cursor)
    long.start(np.zeros(n), 1.0, 1.0, 0.1)
    while cursor[at.STRIDE] * history.MOST_RECORDS < steps or cursor[at.PATH_STRIDE] * len(long.path) < steps:
        cursor[at.RECORDS], cursor[at.PATHS] = long.records.shape[0], long.path.shape[0]
        long.make_room()
    return long


@pytest.mark.parametrize("n", [2, 7000])
def test_eight_racers_over_a_hundred_million_steps_fit(n: int) -> None:
    long = filled(n, 10**8)
    size = long.records.nbytes + long.path.nbytes
    assert 8 * size * 2 <= 64 * MEBIBYTE  # twice: a snapshot may still show the arrays from before a merge
    assert size == History(n, np.zeros(at.CURSOR_WIDTH, dtype=np.int64)).records.nbytes + long.path.nbytes
    assert len(long.steps) >= history.MOST_RECORDS // 2
    assert long.steps[-1] >= 10**8 // 2


@pytest.mark.parametrize("n", [1, 2, 64, 7000, 10**6])
def test_a_path_keeps_an_even_number_of_points(n: int) -> None:
    capacity = history.path_capacity(n)
    assert capacity % 2 == 0
    assert 2 <= capacity <= history.LONGEST_PATH
    assert capacity == 2 or 8 * n * capacity <= history.PATH_BYTES


def test_what_was_handed_out_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_RECORDS", 8)
    monkeypatch.setattr(history, "LONGEST_PATH", 4)
    whole = race("rosenbrock", "gd")
    handed_out = []
    for _ in range(40):
        whole.advance(3)
        gd = whole["gd"]
        for array in (gd.loss, gd.loss_low, gd.loss_high, gd.path, gd.grad_norm, gd.learning_rate):
            handed_out.append((array, array.copy()))
            assert not array.flags.writeable
    assert all(np.array_equal(array, copy) for array, copy in handed_out)


@pytest.mark.parametrize("every", [1, 7, 16])
def test_taken_rows_are_those_of_a_full_history(every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    full = race("rosenbrock", "gd", "nesterov").advance(300)
    monkeypatch.setattr(history, "MOST_RECORDS", 10)
    drained = race("rosenbrock", "gd", "nesterov", every=every)
    taken: dict[str, list[tuple[list[int], Reals, Reals]]] = {label: [] for label in drained.labels}
    drained.advance(0)
    while drained.step < 300:
        room = min(racer.history.room for racer in drained)
        assert room > 0
        drained.advance(min(room, 300 - drained.step))
        for racer in drained:
            steps = racer.steps.tolist()
            assert racer.path_steps.tolist() == steps
            taken[racer.label].append((steps, *racer.history.take()))
    for racer in full:
        pieces = taken[racer.label]
        assert [step for steps, _, _ in pieces for step in steps] == list(range(0, 301, every))
        rows, points = (np.concatenate([piece[i] for piece in pieces]) for i in (1, 2))
        assert rows[:, at.LOSS].tobytes() == racer.loss[::every].tobytes()
        assert points.tobytes() == racer.path[::every].tobytes()


def test_a_full_history_with_every_is_refused_not_spun_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_RECORDS", 4)
    drained = race("rosenbrock", "gd", every=10).advance(0)
    room = drained["gd"].history.room
    assert room == 40
    with pytest.raises(ValueError, match=r"room for 40 steps; take"):
        drained.advance(room + 1)
    assert drained.step == 0
    assert drained.advance(3)["gd"].history.room == 37
    drained.advance(37)
    assert drained["gd"].history.room == 0
    with pytest.raises(ValueError, match="room for 0 steps"):
        drained.advance(1)
    kept, losses = drained["gd"].loss, drained["gd"].loss.copy()
    drained["gd"].history.take()
    drained.advance(25)
    assert np.array_equal(kept, losses)
    assert drained["gd"].steps.tolist() == [50, 60]


def test_a_drained_racer_still_has_a_snapshot_and_a_measure() -> None:
    drained = race("rosenbrock", "gd", "nesterov", every=10).advance(25)
    seen = {racer.label: racer.measure() for racer in drained}
    for racer in drained:
        racer.history.take()
    picture = drained.snapshot()
    assert [racer.recorded.steps.size for racer in picture.racers] == [0, 0]
    assert [racer.path.shape for racer in picture.racers] == [(0, 2), (0, 2)]
    assert [racer.theta.tolist() for racer in picture.racers] == [racer.theta.tolist() for racer in drained]
    assert {racer.label: racer.measure() for racer in drained} == seen
    straight = race("rosenbrock", "gd", "nesterov").advance(100)
    drained.advance(75)
    assert all(drained[label].theta.tobytes() == straight[label].theta.tobytes() for label in straight.labels)
