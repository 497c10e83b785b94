"""What the curves are at one place, in a line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.charts.curves import CurveLayer
from gdtui.charts.palette import head_colour, racer_colour, racer_letter
from gdtui.frames import Abscissa
from gdtui.tui.readout import read_out


def layer(index: int, values: list[float], *, stride: float = 1, **fields: Any) -> CurveLayer:
    last = np.array(values)
    x = np.arange(last.size) * stride
    return CurveLayer(x, last, last, last, racer_colour(index), racer_letter(index), f"r{index}", **fields)


def said(
    curves: list[CurveLayer],
    x: float,
    width: int = 80,
    *,
    abscissa: Abscissa = Abscissa.STEPS,
    begin: float | None = None,
) -> str:
    return "".join(text for text, _ in read_out(curves, abscissa, (x if begin is None else begin, x), width))


CURVES = [layer(0, [3.125, 2.0, 1e-9]), layer(1, [4.0, 2e-4]), layer(2, [7.0, np.nan, np.inf])]


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "step 0  A 3.12  B 4  C 7"),
        (1.0, "step 1  A 2  B 2e-4  C –"),
        (1.9, "step 1  A 2  C –"),
        (2.0, "step 2  A 1e-9  C inf"),
        (5400.7, "step 5 400"),
    ],
)
def test_each_racer_that_came_so_far_is_there_with_its_letter(x: float, text: str) -> None:
    assert said(CURVES, x) == text


def test_a_head_within_the_column_counts_as_there() -> None:
    assert said(CURVES, 7.0, begin=2.0) == "step 2  A 1e-9  C inf"


def test_the_last_step_of_a_logarithmic_axis_is_not_missed_by_a_rounding() -> None:
    assert said([layer(0, [1.0] * 20_001)], 10.0 ** np.log10(20_000) * (1 - 1e-15)).startswith("step 20 000")


def test_what_was_recorded_last_before_is_what_is_read() -> None:
    sparse = [layer(0, [5.0, 6.0, 7.0], stride=10)]
    assert said(sparse, 19.0) == "step 10  A 6"
    assert said(sparse, 19.0, abscissa=Abscissa.WORK) == "work 19  A 6"
    assert said([layer(0, [5.0, 6.0], stride=0.02)], 0.0123456, abscissa=Abscissa.SECONDS) == "time 12.3 ms  A 5"


def test_values_are_those_recorded_whatever_is_drawn() -> None:
    assert said([layer(0, [5.0, 1.0], smooth=np.array([5.0, 3.0]))], 1.0) == "step 1  A 1"


def test_plans_are_not_read() -> None:
    plan = CurveLayer(np.arange(3), *[np.ones(3)] * 3, racer_colour(0), "", dotted=True)
    assert said([plan, layer(1, [2.0, 3.0])], 1.0) == "step 1  B 3"


def test_the_strong_one_is_first() -> None:
    parts = read_out([*CURVES[:2], layer(2, [9.0], weight="strong")], Abscissa.STEPS, (0.0, 0.0), 80)
    assert "".join(text for text, _ in parts) == "step 0  C 9  A 3.12  B 4"
    assert parts[1] == ("  C ", head_colour(2))


def test_only_whole_values_are_shown() -> None:
    assert said(CURVES, 0.0, 24) == "step 0  A 3.12  B 4  C 7"
    assert said(CURVES, 0.0, 23) == "step 0  A 3.12  B 4 …"
    assert said(CURVES, 0.0, 20) == "step 0  A 3.12 …"


@given(st.lists(st.floats()), st.floats(0.0, 1e12), st.sampled_from(list(Abscissa)), st.integers(25, 100))
def test_anything_fits(values: list[float], x: float, abscissa: Abscissa, width: int) -> None:
    assert len(said([layer(k, values) for k in range(9)], x, width, abscissa=abscissa)) <= width
    assert said([], x, width, abscissa=abscissa)
