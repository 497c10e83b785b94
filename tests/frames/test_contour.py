"""The contour of a race: snapshots in, grids of cells out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gdtui.charts.cells import CellGrid
from gdtui.charts.palette import faded, head_colour, racer_colour
from gdtui.contracts import View
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.frames import ContourPicture, Style, build_contour, contour_title, draw_contour, is_due, is_left
from tests.frames.snapshots import SCENARIOS_IN_STYLES

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


@pytest.mark.parametrize("pinned", [0, 1])
def test_the_pinned_racer_is_on_top_and_keeps_its_cell(pinned: int) -> None:
    race = Race("rosenbrock", racers=["gd:lr=1e-3", "gd:lr=1e-3,label=same"]).advance(300)
    picture, seen = picture_of(race), race.snapshot()
    grid = draw_contour(picture, seen, pinned=("gd", "same")[pinned])
    head = picture.chart.point_to_cell(*picture.plane.project(seen.racers[0].theta[np.newaxis])[0])
    assert head is not None
    assert chr(grid.glyphs[head[1], head[0]]) == "AB"[pinned]
    inked = grid.colours[grid.glyphs != ord(" ")].tolist()
    assert inked.count(head_colour(pinned)) > 5
    assert inked.count(head_colour(1 - pinned)) == 1  # its letter stays bright
    assert not {racer_colour(0), racer_colour(1), faded(racer_colour(1 - pinned))} & set(inked)
    nobody = draw_contour(picture, seen, pinned="nobody")
    np.testing.assert_array_equal(nobody.colours, draw_contour(picture, seen).colours)


@pytest.mark.parametrize(("scenario", "style"), SCENARIOS_IN_STYLES)
def test_every_scenario_and_every_style_can_be_drawn(scenario: str, style: Style) -> None:
    race = Race(scenario)
    for _ in range(2):
        picture = build_contour(race.problem, race.snapshot(), *SIZE, style=style)
        grid = draw_contour(picture, race.snapshot(), cursor=picture.start)
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


def test_a_view_in_the_scenario_is_the_view() -> None:
    race = Race("rosenbrock")
    problem = replace(race.problem, view=View(0.0, 1.0, 0.0, 2.0))
    assert build_contour(problem, race.snapshot(), *SIZE).grid.view == View(0.0, 1.0, 0.0, 2.0)
