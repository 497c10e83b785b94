"""Mini-batches and noise depend on the seed and the step alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.contracts import Problem
from gdtui.engine.tables import Tables
from tests.engine.races import scenario


def problem(samples: int = 0, noise: int = 0, *, time_dependent: bool = False) -> Problem:
    return replace(scenario().build(), samples=samples, noise=noise, time_dependent=time_dependent)


@given(
    samples=st.integers(2, 40), width=st.integers(1, 39), taken=st.integers(0, 200), counts=st.lists(st.integers(1, 60))
)
def test_batches_do_not_depend_on_how_they_are_asked_for(
    samples: int, width: int, taken: int, counts: list[int]
) -> None:
    width = min(width, samples - 1)
    total = sum(counts) + 1
    whole = Tables(problem(samples), 3).batches(width, taken, total)
    pieces, tables = [], Tables(problem(samples), 3)
    for count in [*counts, 1]:
        pieces.append(tables.batches(width, taken + sum(len(piece) for piece in pieces), count))
    assert np.array_equal(whole, np.concatenate(pieces))
    assert whole.shape == (total, width)
    assert whole.dtype == np.int64
    assert whole.flags.c_contiguous


@pytest.mark.parametrize(("samples", "width"), [(10, 3), (7, 7), (100, 12)])
def test_every_sample_comes_once_an_epoch(samples: int, width: int) -> None:
    drawn = Tables(problem(samples), 0).batches(width, 0, 5 * samples).ravel()
    for epoch in drawn[: len(drawn) // samples * samples].reshape(-1, samples):
        assert sorted(epoch) == list(range(samples))


def test_epochs_differ_in_order() -> None:
    drawn = Tables(problem(50), 0).batches(25, 0, 4)
    assert not np.array_equal(drawn[:2], drawn[2:])


@given(taken=st.integers(0, 5000), counts=st.lists(st.integers(1, 1500), min_size=1, max_size=4))
def test_noise_does_not_depend_on_how_it_is_asked_for(taken: int, counts: list[int]) -> None:
    tables = Tables(problem(noise=2), 7)
    whole = tables.noise(taken, sum(counts))
    starts = np.cumsum([0, *counts])[:-1]
    pieces = [tables.noise(taken + int(start), count) for start, count in zip(starts, counts, strict=True)]
    assert np.array_equal(whole, np.concatenate(pieces))
    assert whole.shape == (sum(counts), 2)


def test_noise_is_standard_normal_and_of_its_seed() -> None:
    drawn = Tables(problem(noise=1), 1).noise(0, 100_000)
    assert abs(drawn.mean()) < 0.01
    assert abs(drawn.std() - 1.0) < 0.01
    assert not np.array_equal(drawn[:10], Tables(problem(noise=1), 2).noise(0, 10))


def test_widths() -> None:
    none, some = Tables(problem(), 0), Tables(problem(20), 0)
    assert [none.batch_width(size) for size in (0, 1, 32)] == [0, 0, 0]
    assert [some.batch_width(size) for size in (0, 1, 19, 20, 21)] == [0, 1, 19, 0, 0]
    assert none.batches(0, 5, 4).shape == (4, 0)
    assert none.noise(5, 4).shape == (4, 0)


def test_a_time_dependent_objective_is_told_the_step() -> None:
    tables = Tables(problem(time_dependent=True), 0)
    assert tables.batch_width(0) == 1
    assert tables.batches(1, 4, 3).tolist() == [[5], [6], [7]]


def test_threads_can_share_the_tables() -> None:
    alone, shared = Tables(problem(30), 5), Tables(problem(30), 5)
    asked = [(7, start, 20) for start in range(0, 2000, 20)] * 2
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda each: shared.batches(*each), asked))
    assert all(np.array_equal(answer, alone.batches(*each)) for answer, each in zip(answers, asked, strict=True))
