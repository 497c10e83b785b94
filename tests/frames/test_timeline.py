"""The time line: steps and columns, and what is drawn where."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.charts.palette import Ink, racer_colour
from gdtui.engine.outcome import Limits
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.engine.timeline import Kind, Mark, Timeline
from gdtui.frames import CurveAxes, build_contour
from gdtui.frames.timeline import TimeAxis, draw_timeline, time_axis


def at(step: int, budget: int | None = 1000) -> Snapshot:
    return Snapshot(step, Limits(budget), 1.0, ())


@given(begin=st.integers(0, 20), width=st.integers(2, 200), length=st.integers(1, 10**9), column=st.integers(-50, 300))
def test_the_first_step_of_a_column_is_in_it(begin: int, width: int, length: int, column: int) -> None:
    axis = TimeAxis(begin, width, length)
    within = min(max(column, begin), begin + width - 1)
    step = axis.step(column)
    assert 0 <= step <= length
    assert axis.column(step) >= within  # where there are fewer steps than columns, it is further right
    assert step == 0 or axis.column(step - 1) < within
    assert axis.column(0) == begin
    assert axis.column(length) == begin + width - 1


@given(
    step=st.integers(0, 2000), furthest=st.integers(0, 3000), first=st.integers(0, 100), width=st.integers(0, 200),
    budget=st.one_of(st.none(), st.integers(1, 2000)), ascii_only=st.booleans(), aim=st.one_of(st.none(), st.just(7)),
)  # fmt: skip
def test_every_moment_can_be_drawn(
    step: int, furthest: int, first: int, width: int, budget: int | None, ascii_only: bool, aim: int | None
) -> None:
    marks = tuple(Mark(k * 100, kind, "wörds\x1b", None) for k, kind in enumerate(Kind))
    grid = draw_timeline(
        at(step, budget), Timeline(first, furthest, marks), width, step=aim, ascii_only=ascii_only, focused=True
    )
    assert grid.shape == (1, width)
    assert not ascii_only or grid.lines()[0].isascii()
    assert grid.lines()[0].isprintable()


def test_what_is_drawn_where() -> None:
    marks = (Mark(200, Kind.CHANGE, "adam lr 0.1 → 0.2", 1), Mark(500, Kind.DIVERGED, "gd diverged", 0))
    timeline = Timeline(100, 600, marks)
    axis = time_axis(at(300), timeline, 100)
    grid = draw_timeline(at(300), timeline, 100)
    line = grid.lines()[0]
    assert line[axis.column(300)] == "●"
    assert line[axis.column(200)] == "◆"
    assert line[axis.column(500)] == "✗"
    assert line[axis.column(50)] == line[axis.column(700)] == "┄"
    assert line[axis.column(150)] == "━"
    assert line[axis.column(400)] == "─"
    assert line.rstrip().endswith("300 steps back")
    assert grid.colours[0, axis.column(200)] == racer_colour(1)
    assert grid.colours[0, axis.column(500)] == racer_colour(0)
    assert "adam lr 0.1 → 0.2" in draw_timeline(at(300), timeline, 100, step=200).lines()[0]
    assert draw_timeline(at(300), timeline, 100, focused=True).lines()[0].startswith("▸time")
    assert draw_timeline(at(300), timeline, 100, focused=True).colours[0, 1] == Ink.HEADING


def test_without_a_budget_the_line_seldom_changes() -> None:
    lengths = [time_axis(at(step, None), Timeline(0, step), 100).length for step in range(300)]
    assert sorted(set(lengths)) == [64, 128, 256, 512]


@pytest.mark.parametrize("log", [True, False])
def test_a_branch_is_drawn_from_where_it_goes_its_own_way(log: bool) -> None:
    race = Race("rosenbrock", racers=["gd"]).advance(40)
    race.branch("gd", {"lr": 2e-3}, "bold")
    snapshot = race.advance(20).snapshot()
    axes = CurveAxes(race.problem)
    if not log:
        axes.choose(axes.choice.with_log(False))
    gd, bold = axes.curves(snapshot)
    assert (gd.x[0], bold.x[0]) == (0, 40)
    assert len(bold.x) == len(bold.low) == len(bold.high) == len(bold.last) == 21
    assert bold.last[0] == gd.last[40]
    assert bold.changes == (0,)
    picture = build_contour(race.problem, snapshot, 60, 20)
    wake = picture.trails.of(snapshot.racers[1])[0]
    assert np.isclose(wake[0], picture.plane.project(snapshot.racers[1].path[40:41])[0]).all()
