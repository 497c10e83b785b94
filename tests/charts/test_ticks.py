"""Ticks: at round values, labelled shortly, never colliding."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.charts.ticks import Scale, Tick, across, count, duration, power_of_ten, scientific, short, ticks, upwards

BOUNDS = st.floats(-1e6, 1e6)
LOG_SCALES: list[Scale] = ["log steps", "log seconds"]
SCALES: list[Scale] = ["linear", "log", "steps", "seconds"]


def labels(found: list[Tick]) -> list[str]:
    return [tick.label for tick in found]


@pytest.mark.parametrize(
    ("low", "high", "cells", "expected"),
    [
        (-2, 2, 53, ["-2", "-1", "0", "1", "2"]),
        (-2, 2, 106, ["-2.0", "-1.5", "-1.0", "-0.5", "0.0", "0.5", "1.0", "1.5", "2.0"]),
        (0, 1e-6, 50, ["0", "2e-7", "4e-7", "6e-7", "8e-7", "1e-6"]),
        (999_999, 1_000_001, 60, ["999999", "1000000", "1000001"]),
        (0, 250, 30, ["0", "100", "200"]),
    ],
)
def test_linear(low: float, high: float, cells: int, expected: list[str]) -> None:
    assert labels(ticks(low, high, cells, "linear")) == expected


@pytest.mark.parametrize(
    ("budget", "cells", "expected"),
    [
        (20_000, 60, ["0", "5k", "10k", "15k", "20k"]),
        (5000, 53, ["0", "1k", "2k", "3k", "4k", "5k"]),
        (2_000_000, 40, ["0", "500k", "1M", "1.5M", "2M"]),
        (3, 60, ["0", "1", "2", "3"]),
    ],
)
def test_steps(budget: float, cells: int, expected: list[str]) -> None:
    assert labels(ticks(0, budget, cells, "steps")) == expected


@pytest.mark.parametrize(
    ("most", "cells", "expected"),
    [
        (4e-5, 52, ["0", "10 µs", "20 µs", "30 µs", "40 µs"]),
        (0.0123, 34, ["0", "5 ms", "10 ms"]),
        (0.2, 52, ["0", "50 ms", "100 ms", "150 ms", "200 ms"]),
        (1.0, 34, ["0", "0.5 s", "1.0 s"]),
        (60, 34, ["0", "20 s", "40 s", "60 s"]),
        (600, 52, ["0", "5 min", "10 min"]),
        (90_000, 34, ["0", "10 h", "20 h"]),
    ],
)
def test_seconds(most: float, cells: int, expected: list[str]) -> None:
    found = ticks(0, most, cells, "seconds")
    assert labels(found) == expected
    assert [tick.position for tick in found] == pytest.approx(np.linspace(0, found[-1].position, len(found)))


def test_seconds_in_ascii() -> None:
    assert labels(ticks(0, 4e-5, 52, "seconds", ascii_only=True)) == ["0", "10 us", "20 us", "30 us", "40 us"]


@pytest.mark.parametrize(
    ("budget", "cells", "expected"),
    [
        (1e8, 100, ["0", "1", "10", "100", "1k", "10k", "100k", "1M", "10M", "100M"]),
        (20_000, 53, ["1", "10", "100", "1k", "10k"]),
        (2_000, 53, ["0", "1", "3", "10", "30", "100", "300", "1k"]),
        (1e8, 34, ["1", "100", "10k", "1M", "100M"]),
        (9, 40, ["0", "1", "2", "5"]),
        (1, 20, ["0", "1"]),
    ],
)
def test_log_steps(budget: float, cells: int, expected: list[str]) -> None:
    low = math.log10(0.4)
    found = ticks(low, math.log10(budget), cells, "log steps")
    assert labels(found) == expected
    sizes = {"": 1, "k": 1e3, "M": 1e6}
    for tick in found:  # every label is true
        number, size = (tick.label[:-1], tick.label[-1]) if tick.label[-1] in sizes else (tick.label, "")
        value = float(number) * sizes[size]
        assert tick.position == pytest.approx(math.log10(value) if value else low)


def test_log_seconds() -> None:
    found = ticks(math.log10(4e-7), math.log10(60.0), 100, "log seconds", ascii_only=True)
    assert labels(found) == ["1 us", "10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s", "10 s"]
    assert [tick.position for tick in found] == pytest.approx(range(-6, 2))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0"),
        (1.0, "1 s"),
        (90.0, "90 s"),
        (1234.5, "1234 s"),
        (0.25, "250 ms"),
        (1.5e-5, "15 µs"),
        (2e-10, "2e-10 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds, 3) == text


@pytest.mark.parametrize(
    ("low", "high", "rows", "expected"),
    [
        (-4, 1, 20, ["1e-4", "1e-3", "0.01", "0.1", "1", "10"]),
        (-16, 3, 20, ["1e-15", "1e-12", "1e-9", "1e-6", "1e-3", "1", "1e3"]),
        (0, 2, 30, ["1", "2", "5", "10", "20", "50", "100"]),
        (math.log10(2), math.log10(7), 20, ["2", "4", "6"]),
        (
            math.log10(1.001),
            math.log10(1.004),
            20,
            ["1.0010", "1.0015", "1.0020", "1.0025", "1.0030", "1.0035", "1.0040"],
        ),
        (-250, 250, 20, ["1e-200", "1e-100", "1", "1e100", "1e200"]),
    ],
)
def test_log(low: float, high: float, rows: int, expected: list[str]) -> None:
    assert labels(ticks(low, high, rows, "log", upwards(rows))) == expected


@given(BOUNDS, BOUNDS, st.integers(0, 200), st.sampled_from(SCALES))
def test_labels_never_collide_on_a_horizontal_axis(low: float, high: float, cells: int, scale: Scale) -> None:
    found = ticks(low, high, cells, scale)
    assert all(low <= tick.position <= high for tick in found)
    end = -1
    for k, tick in enumerate(found):
        place = round((tick.position - low) / (high - low) * (cells - 1))
        first = place - len(tick.label) // 2
        first = max(first, 0) if k == 0 else min(first, cells - len(tick.label)) if k == len(found) - 1 else first
        assert first > end or k == 0
        end = first + len(tick.label)
    if len(found) > 1:
        assert len(set(labels(found))) == len(found)


@given(st.floats(-12, 1), st.floats(-12, 14), st.integers(0, 200), st.sampled_from(LOG_SCALES), st.booleans())
def test_labels_of_a_log_axis_never_collide(low: float, high: float, cells: int, scale: Scale, plain: bool) -> None:
    found = ticks(low, high, cells, scale, ascii_only=plain)
    assert all(low <= tick.position <= high for tick in found)
    assert len(set(labels(found))) == len(found)
    assert all(not plain or label.isascii() for label in labels(found))
    places = [round((tick.position - low) / (high - low) * (cells - 1)) for tick in found]
    for (a, tick), (b, later) in pairwise(zip(places, found, strict=True)):
        assert b - a > (len(tick.label) + len(later.label)) / 2


@given(BOUNDS, BOUNDS, st.integers(0, 80), st.sampled_from(["linear", "log"]))
def test_labels_have_rows_of_their_own_on_a_vertical_axis(low: float, high: float, rows: int, scale: Scale) -> None:
    found = ticks(low, high, rows, scale, upwards(rows))
    places = [round((tick.position - low) / (high - low) * (rows - 1)) for tick in found]
    assert all(b - a >= 2 for a, b in pairwise(places))
    assert all(len(label) <= 12 for label in labels(found))


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (math.nan, 1), (0, math.inf), (-1.7e308, 1.7e308)])
def test_no_ticks_for_no_axis(low: float, high: float) -> None:
    assert ticks(low, high, 50, "linear") == []


def test_a_place_for_one_label_at_least() -> None:
    assert len(ticks(0, 1, 2, "linear", across)) <= 1
    assert ticks(0, 1, 1, "linear") == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (100, "100"),
        (2500, "2500"),
        (1.5e-7, "1.5e-7"),
        (-3, "-3"),
        (1e6, "1e6"),
        (1.005, "1"),
    ],
)
def test_short(value: float, text: str) -> None:
    assert short(value) == text


def test_other_numbers() -> None:
    assert [power_of_ten(k) for k in range(-4, 5)] == ["1e-4", "1e-3", "0.01", "0.1", "1", "10", "100", "1e3", "1e4"]
    assert [count(v) for v in (0, 500, 1000, 2500, 20_000, 1e6, 3e9, 2e12, 1e18)] == [
        "0",
        "500",
        "1k",
        "2.5k",
        "20k",
        "1M",
        "3G",
        "2T",
        "1e18",
    ]
    assert [scientific(v, 3) for v in (0.0, 1e-4, 2.5e6, -1.25e-300)] == ["0", "1e-4", "2.5e6", "-1.25e-300"]
    assert short(5.0004, 5) == "5.0004"
