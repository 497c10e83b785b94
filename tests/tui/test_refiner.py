"""A costly landscape: coarse at once, finer while there is time, and out of the way of everything else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gdtui.analysis import refinement
from gdtui.analysis.refinement import Refinement
from gdtui.engine.driver import DriverState
from gdtui.engine.race import Race
from gdtui.frames import build_contour, refined
from gdtui.tui import refiner
from gdtui.tui.panes.contour import ContourPane
from gdtui.tui.race_screen import RaceScreen
from tests.tui.apps import is_settled, opened, shown, take_steps, wait_until


@pytest.fixture
def costly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every grid is taken for too much work to be evaluated at once, and a slice does little of it."""
    monkeypatch.setattr(refinement, "MOST_WORK", 300)
    monkeypatch.setattr(refiner, "SLICE", 2e-4)
    monkeypatch.setattr(refiner, "QUIET", 0.0)


@pytest.fixture
def titles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles that the contour gets."""
    seen: list[str] = []
    real = ContourPane.set_title
    monkeypatch.setattr(ContourPane, "set_title", lambda pane, title: (seen.append(title), real(pane, title)))
    return seen


def shape_of(screen: RaceScreen) -> tuple[int, ...]:
    picture = screen.query_one(ContourPane).picture
    assert picture is not None
    return picture.grid.values.shape


def test_a_refined_picture_is_the_same_but_finer(monkeypatch: pytest.MonkeyPatch) -> None:
    race = Race("rosenbrock")
    fine = build_contour(race.problem, race.snapshot(), 56, 18)
    monkeypatch.setattr(refinement, "MOST_WORK", 300)
    coarse = build_contour(race.problem, race.snapshot(), 56, 18)
    assert coarse.grid.values.size <= 300
    coarse.refinement.advance(10.0)
    after = refined(coarse)
    assert after.grid is coarse.refinement.grid
    assert after.grid.values.size >= fine.grid.values.size
    assert (after.title, after.home, after.plane) == (coarse.title, coarse.home, coarse.plane)
    assert len({iso.level for iso in after.chart.isos} & {iso.level for iso in fine.chart.isos}) >= 5


async def test_a_coarse_picture_gets_finer_by_itself_and_says_so(costly: None, titles: list[str]) -> None:
    async with opened() as (pilot, screen):
        rows, columns = shape_of(screen)
        size = screen.query_one(ContourPane).view.size
        assert columns >= 2 * size.width
        assert rows >= 3 * size.height
        assert any("Contour, refining 0%: Rosenbrock" in title for title in titles)
        shares = [int(title.split("refining ")[1].split("%")[0]) for title in titles if "refining" in title]
        assert shares == sorted(shares)
        assert "refining" not in titles[-1]
        contour = screen.query_one(ContourPane)
        assert contour.picture is not None
        assert contour.picture.refinement.is_done
        before = shown(screen, "contour")
        await take_steps(pilot, screen, 5)
        assert shape_of(screen) == (rows, columns)
        assert shown(screen, "contour") != before


async def test_a_cheap_picture_is_whole_at_once(titles: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refiner, "QUIET", 0.0)
    async with opened() as (_, screen):
        assert not any("refining" in title for title in titles)
        contour = screen.query_one(ContourPane)
        assert shape_of(screen) == (3 * contour.view.size.height, 2 * contour.view.size.width)


async def test_another_view_leaves_the_refinement_of_the_one_before(
    costly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as (pilot, screen):
        contour = screen.query_one(ContourPane)
        advanced: list[Refinement] = []
        real = Refinement.advance
        monkeypatch.setattr(
            Refinement, "advance", lambda self, seconds: (advanced.append(self), real(self, seconds))[1]
        )
        monkeypatch.setattr(refiner, "SLICE", 1e-9)  # a point at a time
        pilot.app.simulate_key("z")  # press() would wait until nothing is at work, and so for the end of it
        await wait_until(pilot, lambda: len(advanced) > 2)
        left = advanced[-1]
        pilot.app.simulate_key("z")
        await wait_until(pilot, lambda: contour.picture is not None and contour.picture.refinement is not left)
        monkeypatch.setattr(refiner, "SLICE", 0.05)
        await wait_until(pilot, lambda: is_settled(screen))
        assert contour.picture is not None
        assert contour.picture.refinement is not left
        assert contour.picture.refinement.is_done
        assert not left.is_done


async def test_no_plane_is_refined_that_is_about_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refinement, "MOST_WORK", 700 * 300)
    async with opened("credit", speed=10.0) as (pilot, screen):
        contour = screen.query_one(ContourPane)
        await take_steps(pilot, screen, 12)
        assert contour._may_refine()
        assert screen.published is not None
        at_once = replace(screen.published, state=DriverState.RUNNING, rate=10.0)
        contour._published = at_once  # the paths will have doubled in less than two seconds
        assert not contour._may_refine()
        contour._published = replace(at_once, rate=1.0)
        assert contour._may_refine()
        screen.session.driver.step(12)
        await wait_until(pilot, lambda: contour.picture is not None and contour.picture.plane.fitted_at == 24)
        await wait_until(pilot, lambda: is_settled(screen) and shape_of(screen)[1] >= 2 * contour.view.size.width)
