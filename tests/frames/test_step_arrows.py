"""The arrows of a step on a contour: true to the step at the scale that is said, and calm."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gdtui.analysis.why import explain
from gdtui.charts.arrow import length_in_cells
from gdtui.charts.contour import Displacement
from gdtui.engine.race import Race
from gdtui.frames import ContourPicture, build_contour, draw_contour
from gdtui.frames.step_arrows import LONGEST, SHORTEST, StepArrows
from tests.engine.races import race


def asked(running: Race, label: str, arrows: StepArrows, picture: ContourPicture) -> dict[str, Displacement]:
    last = running[label].last_step
    assert last is not None
    arrows.explain(explain(last), running.labels.index(label))
    return {arrow.letter: arrow for arrow in arrows.on(picture, running.problem)}


def pictured(running: Race, width: int = 70, height: int = 30) -> ContourPicture:
    return build_contour(running.problem, running.snapshot(), width, height)


def test_they_are_the_step_its_carried_part_and_the_plain_gradient() -> None:
    running = race("rosenbrock", "momentum").advance(60)
    found = asked(running, "momentum", StepArrows(), pictured(running))
    last = running["momentum"].last_step
    assert last is not None
    assert list(found) == ["Δ", "v", "g"]
    np.testing.assert_allclose((found["Δ"].across, found["Δ"].up), last.step.change)
    np.testing.assert_allclose((found["g"].across, found["g"].up), -last.step.lr * last.step.gradient)
    assert all((arrow.x, arrow.y) == tuple(last.step.before) for arrow in found.values())
    # The parts, drawn at one scale, add up by eye.
    assert found["Δ"].scale == found["v"].scale
    np.testing.assert_allclose(found["v"].across + found["g"].across, found["Δ"].across, rtol=1e-12)


def test_an_arrow_that_is_the_step_is_not_drawn_twice() -> None:
    running = race("rosenbrock", "gd").advance(5)
    found = asked(running, "gd", StepArrows(), pictured(running))
    assert [(arrow.letter, arrow.name) for arrow in found.values()] == [("Δ", "= −ηg")]


def test_a_gradient_of_another_size_has_its_own_scale_and_says_it() -> None:
    running = race("rosenbrock", "adam:lr=1e-4").advance(3)
    found = asked(running, "adam", StepArrows(), pictured(running))
    picture = pictured(running)
    assert found["g"].scale != found["Δ"].scale
    lines = "\n".join(draw_contour(picture, running.snapshot(), displacements=tuple(found.values())).lines())
    for arrow in found.values():
        assert f"{arrow.letter} {arrow.name} ×{arrow.scale:g}" in lines


def test_scales_are_round_and_change_seldom() -> None:
    running = race("rosenbrock", "momentum")
    arrows, picture, scales = StepArrows(), pictured(running), []
    for _ in range(150):
        found = asked(running.advance(1), "momentum", arrows, picture)
        for arrow in found.values():
            unit = arrow.scale / 10.0 ** math.floor(math.log10(arrow.scale) + 1e-9)
            assert round(unit, 9) in (1.0, 2.0, 5.0)
        scales.append(found["Δ"].scale)
        longest = max(length_in_cells(a.across, a.up, picture.chart.canvas) for k, a in found.items() if k != "g")
        assert SHORTEST <= longest * scales[-1] <= LONGEST or longest * scales[-1] <= 12.0
    assert sum(a != b for a, b in pairwise(scales)) <= 15


def test_tips_stay_in_view_below_the_legend() -> None:
    running = race("rosenbrock", "momentum")
    arrows, picture = StepArrows(), pictured(running)
    for _ in range(60):
        found = asked(running.advance(1), "momentum", arrows, picture)
        for key in ("Δ", "v"):
            if key in found:
                arrow = found[key]
                tip = picture.chart.point_to_cell(
                    arrow.x + arrow.scale * arrow.across, arrow.y + arrow.scale * arrow.up
                )
                assert tip is not None
                assert tip[1] > picture.chart.canvas.row


def test_with_many_parameters_they_are_the_projection() -> None:
    running = race({"name": "rosenbrock", "dimension": 5}, "momentum").advance(20)
    picture = pictured(running)
    found = asked(running, "momentum", StepArrows(), picture)
    last = running["momentum"].last_step
    assert last is not None
    ends = picture.plane.project(np.array([last.step.before, last.step.after]))
    np.testing.assert_allclose((found["Δ"].across, found["Δ"].up), ends[1] - ends[0], atol=1e-12)


def test_without_an_explanation_or_on_another_problem_there_are_none() -> None:
    running = race("rosenbrock", "momentum").advance(5)
    arrows, picture = StepArrows(), pictured(running)
    assert arrows.on(picture, running.problem) == ()
    asked(running, "momentum", arrows, picture)
    assert arrows.on(picture, replace(running.problem)) == ()
    kept = arrows.on(picture, running.problem)
    assert kept and arrows.on(picture, running.problem) is kept  # noqa: PT018
    arrows.explain(None)
    assert arrows.on(picture, running.problem) == ()


@pytest.mark.parametrize("spec", ["gd:lr=1e200", "gd:lr=1e-300"])
def test_what_cannot_be_drawn_is_not(spec: str) -> None:
    running = race("rosenbrock", spec).advance(4)
    picture = pictured(running)
    found = asked(running, "gd", StepArrows(), picture)
    draw_contour(picture, running.snapshot(), displacements=tuple(found.values()))
    assert all(math.isfinite(arrow.scale) and arrow.scale > 0.0 for arrow in found.values())
