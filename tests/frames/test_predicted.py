"""The predicted slope on the loss chart: where it is drawn, through what, how far, and that it moves nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis import theory
from gdtui.analysis.theory import Theory
from gdtui.charts.curves import CurveLayer
from gdtui.charts.loss import LossSpec
from gdtui.charts.palette import faded, racer_colour
from gdtui.charts.raster import RasterMode
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.frames import Abscissa, Choice, CurveAxes, Quantity, Smoothing, Style, build_curves
from gdtui.frames.predicted import predicted_curve
from tests.charts import pictures
from tests.frames.snapshots import STEPS, changed_at, history, problem, racer, snapshot

SIZE = (56, 18)


def saying(slope: float | None, *, label: str = "racer0", swing: float | None = None, local: bool = False) -> Theory:
    """A theory that predicts this slope."""
    return Theory(
        racer=label, optimizer="gd", lines=(), statements=(), predicted_slope=slope, swing=swing, is_local=local,
        _least=None, _most=None, _unfit="",
    )  # fmt: skip


def falling(rate: float = 0.97, steps: int = 400, **fields: Any) -> Snapshot:
    """A race of one racer whose loss falls by a factor per step."""
    return snapshot(racer(0, history((rate ** np.arange(steps + 1.0)).tolist()), **fields))


def predicted(
    seen: Snapshot, said: Theory | None, choice: Choice | None = None, minimum: float | None = 0.0
) -> CurveLayer | None:
    """The predicted curve among those of a chart, if there is one."""
    curves = CurveAxes(problem(minimum), choice or Choice()).curves(seen, theory=said)
    found = [curve for curve in curves if curve.dotted]
    assert len(found) <= 1
    return found[0] if found else None


def slopes(curve: CurveLayer) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.diff(np.log(curve.last)) / np.diff(np.asarray(curve.x, dtype=np.float64))


def test_it_goes_through_the_last_value_and_back_along_the_last_quarter_and_on_to_the_budget() -> None:
    curve = predicted(falling(), saying(-0.05))
    assert curve is not None
    assert (curve.x[0], curve.x[-1]) == (301, STEPS), "the last 100 of 401 rows"
    np.testing.assert_allclose(np.interp(400, curve.x, np.log(curve.last)), 400 * math.log(0.97))
    np.testing.assert_allclose(slopes(curve), -0.05)
    assert (curve.label, curve.letter, curve.weight, curve.colour) == ("predicted", "", "faint", racer_colour(0))


def test_what_happens_as_predicted_lies_on_it() -> None:
    curve = predicted(falling(), saying(math.log(0.97)))
    assert curve is not None
    np.testing.assert_allclose(np.log(curve.last), curve.x * math.log(0.97), rtol=1e-9)


def test_it_is_measured_from_the_known_minimum() -> None:
    recorded = history((0.9 ** np.arange(51.0) - 3.0).tolist())
    curve = predicted(snapshot(racer(0, recorded)), saying(math.log(0.9)), minimum=-3.0)
    assert curve is not None
    np.testing.assert_allclose(curve.last[0], 1.0)


def test_it_begins_where_a_hyperparameter_changed_last() -> None:
    curve = predicted(falling(events=changed_at(120, 350)), saying(-0.05))
    assert curve is not None
    assert curve.x[0] == 350


def test_a_swing_is_averaged_so_that_the_line_stays_while_the_loss_ripples() -> None:
    """A loss that goes up and down by decades about a straight line."""
    period, levels = 25.0, []
    for steps in range(300, 340):
        t = np.arange(steps + 1.0)
        loss = 0.97**t * (1e-3 + np.cos(math.pi * t / period) ** 2)
        curve = predicted(snapshot(racer(0, history(loss.tolist()))), saying(math.log(0.97), swing=period))
        assert curve is not None
        levels.append(math.log(curve.last[0]) - curve.x[0] * math.log(0.97))
    assert np.ptp(levels) < 0.15
    assert abs(np.mean(levels) - np.log(1e-3 + np.cos(math.pi * np.arange(25) / 25) ** 2).mean()) < 0.1


@pytest.mark.parametrize("outcome", [Outcome.CONVERGED, Outcome.DIVERGED, Outcome.EXHAUSTED, Outcome.STOPPED])
def test_who_has_ended_has_no_future(outcome: Outcome) -> None:
    curve = predicted(falling(outcome=outcome), saying(-0.05))
    assert curve is not None
    assert curve.x[-1] == 400


def test_without_a_budget_it_goes_to_the_end_of_the_axis() -> None:
    axes = CurveAxes(problem())
    seen = replace(falling(), limits=Limits(seconds=9.0))
    axes.spec(seen, axes.curves(seen), SIZE, 0.0, Style())
    (curve,) = [curve for curve in axes.curves(seen, theory=saying(-0.05)) if curve.dotted]
    assert curve.x[-1] == axes.spec(seen, [], SIZE, 0.0, Style()).x_high


@pytest.mark.parametrize(
    ("seen", "said", "minimum"),
    [
        (falling(), None, 0.0),
        (falling(), saying(None), 0.0),
        (falling(), saying(-0.05, label="another"), 0.0),
        (falling(benched=True), saying(-0.05), 0.0),
        (falling(), saying(-0.05), None),
        (falling(), saying(-0.05), 1.0),
        (snapshot(racer(0, history([1.0, math.nan]))), saying(-0.05), 0.0),
        (snapshot(racer(0, history([1.0, 0.0]))), saying(-0.05), 0.0),
        (snapshot(racer(0, history([]))), saying(-0.05), 0.0),
    ],
)
def test_where_there_is_nothing_to_draw_it_through_there_is_none(
    seen: Snapshot, said: Theory | None, minimum: float | None
) -> None:
    assert predicted(seen, said, minimum=minimum) is None


@pytest.mark.parametrize(("quantity", "abscissa", "log"), list(product(Quantity, Abscissa, (True, False))))
def test_it_is_shown_with_the_loss_by_step_on_a_log_axis_alone(
    quantity: Quantity, abscissa: Abscissa, log: bool
) -> None:
    curve = predicted(falling(), saying(-0.05), Choice(quantity, abscissa).with_log(log))
    assert (curve is not None) is (quantity is Quantity.LOSS and abscissa is Abscissa.STEPS and log)


def test_on_a_logarithmic_x_axis_it_is_as_true() -> None:
    curve = predicted(falling(), saying(-0.05), Choice(smoothing=Smoothing.LIGHT).with_log_x(True))
    assert curve is not None
    np.testing.assert_allclose(np.log(curve.last), -0.05 * (curve.x - 400) + 400 * math.log(0.97), rtol=1e-9)


@given(slope=st.floats(-1e6, -1e-300), last=st.floats(5e-324, 1e308), swing=st.none() | st.floats(2.0, 1e9))
def test_any_slope_through_any_value_is_a_falling_line_of_positive_numbers(
    slope: float, last: float, swing: float | None
) -> None:
    recorded = history([last] * 300)
    for log_x in (False, True):
        curve = predicted_curve(racer(0, recorded), recorded.loss, saying(slope, swing=swing), 1000.0, log_x=log_x)
        if curve is not None:
            assert np.isfinite(curve.x).all()
            assert (np.diff(curve.x) >= 0.0).all()
            assert np.isfinite(curve.last).all()
            assert (curve.last > 0.0).all()
            assert (np.diff(curve.last) <= 0.0).all()


def spec_of(axes: CurveAxes, seen: Snapshot, said: Theory | None, raster: RasterMode) -> LossSpec:
    return axes.spec(seen, axes.curves(seen, theory=said), SIZE, 0.0, Style(raster))


@pytest.mark.parametrize("raster", ["braille", "block", "ascii"])
def test_it_moves_no_axis_has_no_arrow_and_is_called_predicted(raster: RasterMode) -> None:
    seen, said = falling(0.99), saying(-0.05)
    axes, without = CurveAxes(problem()), CurveAxes(problem())
    spec = spec_of(axes, seen, said, raster)
    assert spec == spec_of(without, seen, None, raster)
    grid = build_curves(spec).draw(axes.curves(seen, theory=said))
    header, *rows = grid.lines()
    assert header.rstrip().endswith(". predicted" if raster == "ascii" else "┈ predicted")
    assert not any(arrow in "".join(rows[:-2]) for arrow in "↓v")
    assert pictures.cells_of(grid, faded(racer_colour(0)))


def test_every_dot_is_where_a_curve_of_the_same_values_would_be() -> None:
    seen, said = falling(0.99), saying(-0.03)
    axes = CurveAxes(problem())
    chart = build_curves(spec_of(axes, seen, said, "braille"))
    (curve,) = [curve for curve in axes.curves(seen, theory=said) if curve.dotted]
    solid = chart.draw([replace(curve, dotted=False, label="")])
    dotted = chart.draw([replace(curve, label="")])
    dots, whole = (grid.glyphs[1:-2].astype(np.int64) - 0x2800 for grid in (dotted, solid))
    inked = (dotted.colours[1:-2] == faded(racer_colour(0))) & (dots > 0)
    assert inked.any()
    assert ((dots[inked] & ~whole[inked]) == 0).all()


def test_many_racers_leave_room_for_the_word() -> None:
    many = snapshot(*(racer(k, history([1.0, 0.5]), label=f"a-long-label-{k}") for k in range(10)))
    said = saying(-0.05, label="a-long-label-0")
    axes = CurveAxes(problem())
    header = build_curves(spec_of(axes, many, said, "braille")).draw(axes.curves(many, theory=said)).lines()[0]
    assert header.split() == [*"ABCDEFGHIJ", "┈", "predicted"]


@pytest.mark.parametrize("raster", ["braille", "ascii"])
def test_golden(raster: RasterMode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Momentum, which swings about what is predicted."""
    monkeypatch.setattr(pictures, "GOLDEN", Path(__file__).parent / "golden")
    race = Race("quadratic", racers=["momentum:lr=0.002,beta=0.95", "nesterov:lr=0.004"]).advance(300)
    axes, seen = CurveAxes(race.problem), race.snapshot()
    said = theory.of_racer(seen.racers[0], race.problem)
    grid = build_curves(spec_of(axes, seen, said, raster)).draw(axes.curves(seen, theory=said))
    pictures.check_golden(f"predicted-{raster}", grid)


def test_local_slopes_are_called_local() -> None:
    curve = predicted(falling(), saying(-0.05, local=True))
    assert curve is not None
    assert curve.label == "predicted, local"
