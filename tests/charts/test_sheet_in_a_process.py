"""plotext ends its process where it fails: so whatever may be asked of it is asked in a process of its own.

The child has little memory and little time for each picture; that it dies, or takes too long, is then seen from here.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MEGABYTES, SECONDS = 1500, 5.0
CHILD = f"""
import faulthandler, json, resource, sys
import numpy as np
from gdtui.charts.contour import ContourChart, ContourSpec, PathLayer
from gdtui.charts.loss import CurveLayer, LossChart, LossSpec, suggest_limits
from gdtui.charts.sheet import SheetSpec, Stroke, draw_sheet
from gdtui.contracts import View
resource.setrlimit(resource.RLIMIT_AS, ({MEGABYTES} << 20,) * 2)
np.seterr(all="ignore")
for line in sys.stdin:
    case = json.loads(line)
    faulthandler.dump_traceback_later({SECONDS}, exit=True)
    x, y = (np.array([float(v) for v in case[name]]) for name in "xy")
    view, raster, size = View(*(float(v) for v in case["view"])), case["raster"], case["size"]
    draw_sheet(SheetSpec(*size, view, raster=raster), [Stroke(np.column_stack((x, y)), 21, "x")])
    a, b = np.linspace(0.0, 1.0, len(x)), np.linspace(0.0, 1.0, len(y))
    spec = ContourSpec(a, b, np.add.outer(y, x), view, *size, raster=raster, renderer="plotext")
    ContourChart(spec).draw([PathLayer(np.column_stack((x, y)), 20, "A")])
    steps = np.abs(np.sort(np.nan_to_num(x, posinf=1e12, neginf=0.0))).cumsum()
    curve = CurveLayer(np.where(np.isfinite(steps), steps, 1e300), y, y, y, 20, "A")
    for log in (True, False):
        low, high = suggest_limits([curve], log)
        end = max(view.x_high, 1.0) if view.x_high < 1e300 else 1.0
        LossChart(LossSpec(end, low, high, *size, log=log, raster=raster, renderer="plotext")).draw([curve])
    faulthandler.cancel_dump_traceback_later()
    print("drawn", flush=True)
"""


class Child:
    """The process that draws, begun anew after it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def draw(self, case: dict[str, Any]) -> None:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True,
            )  # fmt: skip
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(case) + "\n")
        process.stdin.flush()
        if process.stdout.readline() != "drawn\n":
            _, error = process.communicate()
            pytest.fail(f"exit code {process.returncode}: {error[-600:]}")

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    child = Child()
    yield child
    child.close()


HOSTILE = [
    math.nan, math.inf, -math.inf, 1e300, -1e300, 1.7e308, -1.7e308, 1e-300, 5e-324, -5e-324, 1e12, 1e7, 1e5, 0.0, -0.0,
]  # fmt: skip
NUMBERS = st.one_of(st.floats(-4, 4), st.sampled_from(HOSTILE), st.floats())
LISTS = st.one_of(
    st.lists(st.tuples(NUMBERS, NUMBERS), max_size=12),
    st.tuples(NUMBERS, st.integers(1, 5)).map(lambda pair: [(pair[0], pair[0])] * pair[1]),  # all equal, or one point
)
ENDS = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 1e-300, 1e300, 1e12, 1e6 + 1e-6]), st.floats(-5, 5), st.floats())


@settings(max_examples=150)
@given(
    LISTS,
    st.tuples(ENDS, ENDS, ENDS, ENDS),
    st.sampled_from(["braille", "block", "ascii"]),
    st.sampled_from([(44, 16), (120, 40), (20, 5), (9, 3), (2, 2)]),
)
def test_no_input_ends_the_process(
    child: Child, points: list[tuple[float, float]], view: tuple[float, ...], raster: str, size: tuple[int, int]
) -> None:
    child.draw(_case([x for x, _ in points], [y for _, y in points], view, raster, size))


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("view", [(0.0, 10.0, 0.0, 10.0), (1e6, 1e6, 1e300, 1e300), (math.nan,) * 4])
def test_a_line_from_anywhere_through_a_view_that_may_exclude_it(
    child: Child, value: float, view: tuple[float, ...]
) -> None:
    child.draw(_case([1.0, 2.0, 3.0, 4.0], [1.0, value, 5.0, value], view, "braille", (40, 8)))


def _case(x: list[float], y: list[float], view: tuple[float, ...], raster: str, size: tuple[int, int]) -> Any:
    """In text, since JSON has no word for what is not finite."""
    numbers = {"x": [repr(v) for v in x], "y": [repr(v) for v in y], "view": [repr(v) for v in view]}
    return {**numbers, "raster": raster, "size": size}
