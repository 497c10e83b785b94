"""One picture of a race: snapshots in, grids of cells out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gdtui.charts.cells import CellGrid
from gdtui.contracts import Problem, View
from gdtui.engine.race import Race
from gdtui.engine.racer import Outcome
from gdtui.engine.snapshot import Snapshot
from gdtui.frames import (
    ContourPicture,
    LossAxes,
    Style,
    build_contour,
    build_loss,
    contour_title,
    draw_contour,
    is_due,
    is_left,
)

SIZE = (56, 18)


def picture_of(race: Race, previous: ContourPicture | None = None, **options: Any) -> ContourPicture:
    return build_contour(race.problem, race.snapshot(), *SIZE, previous=previous, **options)


def text(grid: CellGrid) -> str:
    return "\n".join(grid.lines())


def python_race(n: int, racers: list[str], start: float = 1.0) -> Race:
    return Race(objective=lambda x: (float(x @ x), 2.0 * x), start=np.full(n, start), racers=racers)


def test_a_picture_shows_start_minimum_paths_and_heads() -> None:
    race = Race("rosenbrock").advance(300)
    drawn = text(draw_contour(picture_of(race), race.snapshot()))
    assert len(drawn.splitlines()) == SIZE[1]
    for mark in "×★ABCDEF":
        assert mark in drawn


def test_a_resting_racer_is_not_drawn() -> None:
    race = Race("rosenbrock").advance(300)
    race.bench("momentum")
    drawn = text(draw_contour(picture_of(race), race.snapshot()))
    assert "B" not in drawn
    assert "C" in drawn


@pytest.mark.parametrize("scenario", ["rosenbrock", "quadratic", "saddle", "credit-2d", "credit", "streamrec"])
@pytest.mark.parametrize("style", [Style(), Style("ascii"), Style("block"), Style(renderer="plotext")])
def test_every_scenario_can_be_drawn_in_every_style(scenario: str, style: Style) -> None:
    race = Race(scenario)
    for _ in range(2):
        picture = build_contour(race.problem, race.snapshot(), *SIZE, style=style)
        assert draw_contour(picture, race.snapshot(), cursor=picture.start).shape == (SIZE[1], SIZE[0])
        axes = LossAxes(race.problem)
        curves = axes.curves(race.snapshot())
        spec = axes.spec(race.snapshot(), curves, SIZE, 0.0, style)
        grid = build_loss(spec).draw(curves)
        assert grid.shape == (SIZE[1], SIZE[0])
        assert style.raster != "ascii" or text(grid).isascii()
        race.advance(12)


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (5, 2), (3, 40), (40, 3)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    race = Race("credit").advance(9)
    picture = build_contour(race.problem, race.snapshot(), *size)
    assert draw_contour(picture, race.snapshot()).shape == (size[1], size[0])


def test_a_fitted_view_holds_every_path_and_head() -> None:
    race = Race("credit").advance(64)
    picture = picture_of(race)
    view = picture.grid.view
    for racer in race.snapshot().racers:
        points = picture.plane.project(np.concatenate([racer.path, racer.theta[np.newaxis]]))
        assert ((view.x_low <= points[:, 0]) & (points[:, 0] <= view.x_high)).all()
        assert ((view.y_low <= points[:, 1]) & (points[:, 1] <= view.y_high)).all()
    assert picture.plane.explained is not None
    assert 0.9 < sum(picture.plane.explained) <= 1.0


def test_a_plane_is_fitted_again_when_the_paths_have_doubled() -> None:
    race = Race("credit").advance(20)
    picture = picture_of(race)
    assert picture.plane.fitted_at == 20
    race.advance(19)
    assert not is_due(picture, race.problem, race.snapshot())
    assert picture_of(race, picture).plane is picture.plane
    race.advance(1)
    assert is_due(picture, race.problem, race.snapshot())
    again = picture_of(race, picture)
    assert again.plane.fitted_at == 40
    assert again.plane.first @ picture.plane.first > 0.0
    assert again.plane.second @ picture.plane.second > 0.0


def test_two_parameters_need_no_fit() -> None:
    race = Race("rosenbrock").advance(500)
    assert not is_due(picture_of(race), race.problem, race.snapshot())


def test_paths_on_a_line_do_not_ask_for_a_fit_at_every_step() -> None:
    race = python_race(3, ["gd:lr=1e-2"]).advance(32)
    picture = picture_of(race)
    assert picture.plane.explained is None
    race.advance(1)
    assert not is_due(picture, race.problem, race.snapshot())


def test_a_view_only_grows_until_the_next_fit() -> None:
    race = python_race(2, ["gd:lr=1e-2", "adam:lr=1e-3"])
    picture = picture_of(race)
    views = [picture.grid.view]
    for _ in range(30):
        race.advance(5)
        if is_left(picture, race.problem, race.snapshot()):
            picture = picture_of(race, picture)
            views.append(picture.grid.view)
            assert not is_left(picture, race.problem, race.snapshot())
    assert len(views) > 2
    for before, after in pairwise(views):
        assert after.x_low <= before.x_low
        assert after.y_low <= before.y_low
        assert after.x_high >= before.x_high
        assert after.y_high >= before.y_high


def test_a_view_that_a_scenario_sets_stays() -> None:
    race = Race("quadratic").advance(400)  # gd-too-fast is far outside
    picture = picture_of(race)
    assert picture.grid.view == race.problem.view
    assert not is_left(picture, race.problem, race.snapshot())


def test_racers_that_blew_up_do_not_ruin_the_plane() -> None:
    calm, wild = Race("credit", racers=["gd:lr=0.5", "adam"]), Race("credit", racers=["gd:lr=0.5", "adam", "gd:lr=1e9"])
    calm.advance(64)
    wild.advance(64)
    assert wild.snapshot().racers[2].outcome is Outcome.DIVERGED
    expected, found = picture_of(calm), picture_of(wild)
    np.testing.assert_allclose(found.plane.first, expected.plane.first)
    assert found.grid.view == expected.grid.view
    assert "C" in text(draw_contour(found, wild.snapshot()))  # it is still pointed at


def test_where_everybody_blew_up_there_is_a_picture_all_the_same() -> None:
    race = Race("credit", racers=["gd:lr=1e300", "gd:lr=1e200"]).advance(20)
    assert all(racer.outcome is Outcome.DIVERGED for racer in race.snapshot().racers)
    assert draw_contour(picture_of(race), race.snapshot()).shape == (SIZE[1], SIZE[0])
    python = python_race(2, ["gd:lr=1e160", "adam:lr=1e200"], 1e-150).advance(20)
    assert draw_contour(picture_of(python), python.snapshot()).shape == (SIZE[1], SIZE[0])


def test_the_title_says_what_is_shown() -> None:
    race = Race("credit")
    assert "the steepest and a random direction" in picture_of(race).title
    race.advance(30)
    picture = picture_of(race)
    assert picture.plane.explained is not None
    assert f"{sum(picture.plane.explained):.0%} of the paths' variance" in picture.title
    flat = Race("rosenbrock")
    assert contour_title(flat.problem, picture_of(flat).plane) == f"Contour: {flat.problem.title}"


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_any_number_of_parameters(n: int) -> None:
    race = python_race(n, ["gd:lr=1e-2", "adam:lr=1e-2"])
    for _ in range(3):
        assert draw_contour(picture_of(race), race.snapshot()).shape == (SIZE[1], SIZE[0])
        race.advance(8)


# --- loss axes


def with_losses(problem: Problem, *losses: list[float]) -> Snapshot:
    race = Race("rosenbrock", racers=["gd"] * len(losses))
    racers = []
    for racer, values in zip(race.snapshot().racers, losses, strict=True):
        column = np.array(values)
        fields = {"losses": column, "losses_low": column, "losses_high": column}
        racers.append(replace(racer, steps=np.arange(column.size), step=column.size - 1, **fields))  # type: ignore[arg-type]
    return Snapshot(len(losses[0]) - 1, 1000, 1.0, tuple(racers))


def known(value: float | None) -> Problem:
    return replace(Race("rosenbrock").problem, optimal_value=value)


def test_a_known_minimum_is_taken_off_on_a_logarithmic_axis_alone() -> None:
    axes, snapshot = LossAxes(known(-2.0)), with_losses(known(-2.0), [1.0, -1.0])
    assert axes.title == "Loss above the minimum (log) by step"
    assert axes.curves(snapshot)[0].last.tolist() == [3.0, 1.0]
    axes.use(log=False)
    assert axes.title == "Loss (linear) by step"
    assert axes.curves(snapshot)[0].last.tolist() == [1.0, -1.0]


def test_a_minimum_of_zero_needs_no_words() -> None:
    assert LossAxes(known(0.0)).title == "Loss (log) by step"
    assert LossAxes(known(None)).title == "Loss (log) by step"


def test_losses_below_zero_without_a_known_minimum_are_linear() -> None:
    axes = LossAxes(known(None))
    axes.curves(with_losses(known(None), [3.0, 2.0]))
    assert axes.log
    assert axes.curves(with_losses(known(None), [3.0, -2.0]))[0].last.tolist() == [3.0, -2.0]
    assert not axes.log
    axes.use(log=True)  # there still is no logarithm
    axes.curves(with_losses(known(None), [3.0, -2.0]))
    assert not axes.log


def test_losses_that_are_not_finite_do_not_disturb_the_axes() -> None:
    axes = LossAxes(known(None))
    snapshot = with_losses(known(None), [3.0, np.nan, np.inf, 1.0], [2.0, 1.5, 1e308, -1e308])
    curves = axes.curves(snapshot)
    spec = axes.spec(snapshot, curves, SIZE, 0.0, Style())
    assert np.isfinite([spec.y_low, spec.y_high, spec.budget]).all()
    build_loss(spec).draw(curves)


def test_limits_grow_outward_only_and_once_a_second() -> None:
    axes, problem = LossAxes(known(0.0)), known(0.0)

    def limits(values: list[float], now: float) -> tuple[float, float]:
        snapshot = with_losses(problem, values)
        spec = axes.spec(snapshot, axes.curves(snapshot), SIZE, now, Style())
        return spec.y_low, spec.y_high

    first = limits([10.0, 1.0], 0.0)
    assert not axes.behind
    assert limits([10.0, 1e-3], 0.5) == first
    assert axes.behind
    low, high = limits([10.0, 1e-3], 1.1)
    assert low < first[0]
    assert high == first[1]
    assert not axes.behind
    assert limits([9.0, 2.0], 5.0) == (low, high)


def test_the_steps_axis_spans_the_budget_or_grows_without_one() -> None:
    axes, problem = LossAxes(known(0.0)), known(0.0)
    snapshot = with_losses(problem, [10.0] * 10)
    assert axes.spec(snapshot, axes.curves(snapshot), SIZE, 0.0, Style()).budget == 1000.0
    unlimited = replace(snapshot, budget=None)
    first = axes.spec(unlimited, axes.curves(unlimited), SIZE, 0.0, Style()).budget
    assert first >= 64.0
    later = replace(unlimited, step=500)
    assert axes.spec(later, axes.curves(later), SIZE, 0.5, Style()).budget == first
    assert axes.behind
    assert axes.spec(later, axes.curves(later), SIZE, 2.0, Style()).budget >= 500.0
    assert not axes.behind


def test_toggling_measures_afresh() -> None:
    axes, snapshot = LossAxes(known(0.0)), with_losses(known(0.0), [100.0, 1.0])
    log = axes.spec(snapshot, axes.curves(snapshot), SIZE, 0.0, Style())
    axes.use(log=False)
    linear = axes.spec(snapshot, axes.curves(snapshot), SIZE, 0.1, Style())
    assert log.log
    assert not linear.log
    assert linear.y_high >= 100.0
    assert log.y_high < 5.0
    axes.use(log=True)
    assert axes.spec(snapshot, axes.curves(snapshot), SIZE, 0.2, Style()) == log


def test_a_view_in_the_scenario_is_the_view() -> None:
    race = Race("rosenbrock")
    problem = replace(race.problem, view=View(0.0, 1.0, 0.0, 2.0))
    assert build_contour(problem, race.snapshot(), *SIZE).grid.view == View(0.0, 1.0, 0.0, 2.0)
