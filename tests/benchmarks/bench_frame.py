"""What a frame of both charts costs, from a snapshot to strips: ``pytest tests/benchmarks/bench_frame.py``.

By size, number of racers and length of history; with a rescale; and drawn all by plotext, of which the ratio counts. It
needs pytest-benchmark (``pip install '.[benchmark]'``) and a machine that does nothing else.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest

from tests.benchmarks.frame_stage import CHARTS, Stage

ROUNDS = 150


@pytest.fixture
def benchmark(benchmark: Any) -> Any:
    pytest.importorskip("pytest_benchmark")
    return benchmark


@pytest.mark.parametrize("size", list(CHARTS), ids=lambda size: f"{size[0]}x{size[1]}")
def test_frame_by_size(benchmark: Any, size: tuple[int, int]) -> None:
    stage = Stage(size)
    benchmark.pedantic(stage.frame, setup=stage.advance, rounds=ROUNDS, warmup_rounds=5)


@pytest.mark.parametrize("racers", [1, 4, 8])
def test_frame_by_racers(benchmark: Any, racers: int) -> None:
    stage = Stage(racers=racers)
    benchmark.pedantic(stage.frame, setup=stage.advance, rounds=ROUNDS, warmup_rounds=5)


@pytest.mark.parametrize("history", [100, 10_000, 1_000_000])
def test_frame_by_history(benchmark: Any, history: int) -> None:
    stage = Stage(history=history)
    benchmark.pedantic(stage.frame, setup=stage.advance, rounds=ROUNDS, warmup_rounds=5)


def test_frame_of_two_charts_as_large_as_the_terminal(benchmark: Any) -> None:
    stage = Stage((160, 49))
    benchmark.pedantic(stage.frame, setup=stage.advance, rounds=ROUNDS, warmup_rounds=5)


def test_frame_with_a_rescale(benchmark: Any) -> None:
    stage = Stage()
    benchmark.pedantic(stage.rescale, setup=stage.advance, rounds=ROUNDS, warmup_rounds=5)


def test_the_same_frame_by_plotext(benchmark: Any) -> None:
    """In turns with our own, so that a busy machine is busy for both; the ratio is in ``extra_info``."""
    fast, slow = Stage(), Stage()
    slow.set_up("plotext")
    taken: list[float] = []

    def advance() -> None:
        fast.advance()
        slow.advance()
        began = time.perf_counter()
        fast.frame()
        taken.append(time.perf_counter() - began)

    benchmark.pedantic(slow.frame, setup=advance, rounds=20, warmup_rounds=2)
    ratio = benchmark.stats.stats.median / statistics.median(taken)
    benchmark.extra_info["ratio"] = ratio
    print(f"\nplotext / raster = {ratio:.1f}")
