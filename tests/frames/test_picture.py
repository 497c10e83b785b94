"""Whole pictures of a race, at several sizes and in every style."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from gdtui.charts.palette import Ink, head_colour
from gdtui.engine.driver import DriverState
from gdtui.engine.race import Race
from gdtui.frames import Style
from gdtui.frames.layout import layout
from gdtui.frames.picture import Camera, as_seen, title_of
from tests.charts.pictures import as_text
from tests.frames.grids import check_golden


@pytest.fixture(scope="module")
def race() -> Race:
    return Race("quadratic").advance(60)


@pytest.mark.parametrize(
    ("size", "style"),
    [((120, 40), Style()), ((80, 24), Style("block")), ((56, 44), Style("ascii")), ((40, 12), Style(patterns="all"))],
    ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else value.raster,
)
def test_pictures_are_as_they_were(race: Race, size: tuple[int, int], style: Style) -> None:
    grid = Camera(race.problem, size, style=style, remark="quadratic, seed 0").take(as_seen(race.snapshot()))
    assert grid.shape == size[::-1]
    check_golden(f"quadratic-{size[0]}x{size[1]}-{style.raster}.txt", as_text(grid))


@pytest.mark.parametrize(
    ("scenario", "size"), list(product(("rosenbrock", "credit", "saddle"), ((40, 12), (40, 200), (400, 12), (97, 31))))
)
def test_a_picture_has_any_size(scenario: str, size: tuple[int, int]) -> None:
    race = Race(scenario).advance(20)
    for raster in ("braille", "ascii"):
        grid = Camera(race.problem, size, style=Style(raster)).take(as_seen(race.snapshot()))
        text = "\n".join(grid.lines())
        assert grid.shape == size[::-1]
        assert text.isascii() or raster == "braille"
        assert "Contour" in text
        assert "Standings" in text
        assert "step 20" in text


def test_labels_from_outside_are_text_and_nothing_else() -> None:
    race = Race("quadratic", racers=["gd:lr=0.01"]).advance(5)
    snapshot = race.snapshot()
    label = "<b>\x1b[2J\u202e漢e\u0301\n"
    hostile = replace(snapshot, racers=(replace(snapshot.racers[0], label=label),))
    problem = replace(race.problem, title=label)
    for raster in ("braille", "block", "ascii"):
        grid = Camera(problem, (80, 24), style=Style(raster), remark=label).take(as_seen(hostile))
        assert all(character.isprintable() for line in grid.lines() for character in line)
        assert {len(line) for line in grid.lines()} == {80}
        assert "<b>" in grid.lines()[0]
        assert "<b>" in grid.lines()[-1]


def test_the_pinned_racer_stands_out(race: Race) -> None:
    grid = Camera(race.problem, (120, 40), pinned="nesterov").take(as_seen(race.snapshot()))
    assert any("D▸nesterov" in line for line in grid.lines())
    inked = grid.colours[grid.glyphs != ord(" ")]
    assert np.count_nonzero(inked == head_colour(3)) > 20


def test_a_camera_takes_the_same_picture_twice_and_the_frame_is_quiet(race: Race) -> None:
    camera = Camera(race.problem, (100, 30))
    first, second = (camera.take(as_seen(race.snapshot()), now) for now in (0.0, 1.0))
    assert first.lines() == second.lines()
    assert np.array_equal(first.colours, second.colours)
    box = layout(100, 30, len(race)).contour
    assert first.colours[box.row + 3, box.column] == Ink.FRAME


def test_axes_grow_once_a_second_of_the_film_whatever_the_clock_says() -> None:
    race = Race("quadratic", racers=["gd:lr=0.001", "adam:lr=0.1"])
    camera = Camera(race.problem, (80, 24))
    early = camera.take(as_seen(race.snapshot()), 0.0).lines()
    late = as_seen(race.advance(900).snapshot())
    box = layout(80, 24, 2).loss
    axis = [
        [line[box.column : box.column + 5] for line in lines[: box.height]]
        for lines in (
            early,
            camera.take(late, 0.5).lines(),
            camera.take(late, 1.0).lines(),
            camera.take(late, 9.0).lines(),
        )
    ]
    assert axis[0] == axis[1] != axis[2] == axis[3]


def test_a_plane_is_fitted_anew_when_the_paths_have_doubled() -> None:
    race = Race("credit", racers=["gd:lr=1"])
    camera, titles = Camera(race.problem, (160, 24)), []
    for step in (0, 2, 3, 5, 6):
        race.advance(step - race.step)
        titles.append(camera.take(as_seen(race.snapshot())).lines()[0])
    assert ["steepest" in title for title in titles] == [True, True, False, False, False]
    assert titles[2] == titles[3] != titles[4]


def test_a_moment_is_running_paused_or_finished() -> None:
    race = Race("quadratic", racers=["gd:lr=1e-3"], steps=10).advance(5)
    assert as_seen(race.snapshot()).state is DriverState.PAUSED
    assert as_seen(race.snapshot(), 0.0).state is DriverState.RUNNING
    assert as_seen(race.advance(5).snapshot(), 3.0).state is DriverState.FINISHED
    over = Race("quadratic", racers=["gd:lr=1e6"], steps=1000).advance(500)
    assert as_seen(over.snapshot()).state is DriverState.FINISHED


def test_a_title_names_the_race_and_the_step() -> None:
    assert title_of("A race") == "gdtui: A race"
    assert title_of("A\x1b race", 12480) == "gdtui: A\ufffd race, step 12 480"
