"""What is said of the objective at a point: values, gradients, the share in the plane, and what cannot be known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from gdtui.analysis.planes import Plane, coordinate_plane
from gdtui.charts.geometry import Canvas
from gdtui.contracts import Reals, View
from gdtui.engine.lanes import python_problem
from gdtui.engine.race import Race
from gdtui.frames.readout import Reading, measure, readout

CANVAS = Canvas(View(-2.0, 2.0, -1.0, 3.0), 3, 1, 51, 17)
PLANE = Plane(np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0]), "x", "y")


def said(reading: Reading, width: int = 60, **options: object) -> str:
    return readout(reading, PLANE, CANVAS, width, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("gradient", [True, False])
def test_a_kernel_is_measured_at_the_point(gradient: bool) -> None:
    problem = Race("rosenbrock").problem
    reading = measure(problem, coordinate_plane(problem), -0.5, 1.0, gradient=gradient)
    assert reading.value == pytest.approx(100.0 * 0.75**2 + 2.25)
    if not gradient:
        assert reading.norm is None
        assert reading.descent is None
        return
    across, up = -400.0 * -0.5 * 0.75 - 2.0 * 1.5, 200.0 * 0.75
    assert (reading.across, reading.up) == (pytest.approx(across), pytest.approx(up))
    assert reading.norm == pytest.approx(math.hypot(across, up))
    assert reading.descent is not None
    assert (reading.descent.across, reading.descent.up) == (-reading.across, -reading.up)


def test_off_a_plane_the_read_out_says_how_much_of_the_gradient_it_shows() -> None:
    problem = python_problem(lambda x: (float(x @ x), 2.0 * x), [0.0, 0.0, 12.0])
    plane = Plane(np.array([0.0, 0.0, 12.0]), np.eye(3)[0], np.eye(3)[1], "x", "y")
    reading = measure(problem, plane, 1.2, 0.9, gradient=True)
    assert reading.norm == pytest.approx(2.0 * math.sqrt(1.2**2 + 0.9**2 + 144.0))
    assert said(reading) == "x 1.20  y 0.9  f 146  ‖g‖ 24.2 (12% in plane)"
    assert "plane" not in said(replace(reading, across=20.0))
    assert "plane" not in said(Reading(0.0, 0.0, 1.0, 0.0))


def test_what_an_objective_does_not_answer_is_said() -> None:
    def objective(x: Reals) -> tuple[float, Reals]:
        if x[0] > 1.0:
            raise KeyError("no")
        if x[0] > 0.0:
            return float("nan"), x
        if x[0] < -1.0:
            return float("inf"), np.full(2, np.nan)
        return 1e300, np.full(2, 1e300)

    problem = python_problem(objective, [0.0, 0.0])
    texts = [said(measure(problem, PLANE, a, 0.0, gradient=True)) for a in (1.5, 0.5, -1.5, -0.5)]
    assert texts == [
        "x 1.50  y 0.0  f: not defined there",
        "x 0.50  y 0.0  f: not defined there",
        "x -1.50  y 0.0  f inf",
        "x -0.50  y 0.0  f 1e300  ‖g‖ 1.41e300",
    ]
    assert measure(problem, PLANE, -1.5, 0.0, gradient=True).descent is None
    assert measure(problem, PLANE, -0.5, 0.0, gradient=True).descent is not None


def test_until_the_objective_has_answered_the_position_is_known() -> None:
    assert said(Reading(0.3, -0.7), known=False) == "x 0.30  y -0.7  f …"
    assert said(Reading(0.3, -0.7), known=False, ascii_only=True) == "x 0.30  y -0.7  f ..."


@pytest.mark.parametrize("width", range(0, 61, 3))
@pytest.mark.parametrize("share", [0.1, 1.0])
def test_what_does_not_fit_is_left_out_whole(width: int, share: float) -> None:
    reading = Reading(-1.25, 0.5, 123.0, 88.0, 88.0 * share)
    text = said(reading, width)
    assert len(text) <= width
    whole = said(reading, 99).replace("  ", " ")
    assert all(word.rstrip(",") in whole.split() for word in text.split())
    assert text.count("(") == text.count(")")


def test_coordinates_have_the_digits_that_tell_cells_apart() -> None:
    def at(low: float, high: float, value: float) -> str:
        canvas = Canvas(View(low, high, -1.0, 3.0), 3, 1, 51, 17)
        return readout(Reading(value, 0.0, 0.0), PLANE, canvas, 60).split("  ")[0]

    assert at(-2.0, 2.0, -1e-9) == "x 0.00"
    assert at(-2e-9, 2e-9, 1.234567e-9) == "x 1.23e-9"
    assert at(1.0, 1.0 + 1e-10, 1.0 + 0.5e-10) == "x 1.000000000050"
    assert at(-2e7, 2e7, 1.23456e7) == "x 1.23e7"
    assert at(0.0, 1e150, 3.21e149) == "x 3.2e149"
    assert at(-200.0, 200.0, 42.0) == "x 42"


def test_names_from_users_are_one_clean_short_line() -> None:
    wild = replace(PLANE, x_label="[b]κ\x1b[31m\nrate of growth", y_label="θ₁")
    text = readout(Reading(0.5, 0.5, 1.0, 2.0, 2.0), wild, CANVAS, 60)
    assert "\x1b" not in text
    assert "\n" not in text
    assert text.startswith("[b]κ")
    plain = readout(Reading(0.5, 0.5, 1.0, 2.0, 2.0), wild, CANVAS, 60, ascii_only=True)
    assert plain.isascii()
    assert plain.endswith("theta1 0.5  f 1  ||g|| 2")


def test_a_fitted_plane_is_named_without_its_shares() -> None:
    fitted = replace(PLANE, x_label="PC1 (91%)", y_label="PC2 (7%)", explained=(0.91, 0.07))
    assert readout(Reading(0.5, 0.5, 1.0), fitted, CANVAS, 60) == "PC1 0.50  PC2 0.5  f 1"
