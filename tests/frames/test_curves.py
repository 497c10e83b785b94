"""The curves of a race: quantities, axes that hold still, titles, marks of what changed, and rates to come."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gdtui.charts.cells import CellGrid
from gdtui.charts.loss import LossSpec
from gdtui.charts.palette import head_colour
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.frames import Abscissa, Choice, CurveAxes, Quantity, Style, build_curves
from tests.frames.snapshots import (
    CHOICES,
    SCENARIOS_IN_STYLES,
    STEPS,
    STYLES,
    changed_at,
    history,
    problem,
    racer,
    snapshot,
    with_losses,
)

SIZE = (56, 18)
ALL = list(product(Quantity, Abscissa, (True, False)))


def chosen(quantity: Quantity, abscissa: Abscissa = Abscissa.STEPS, *, log: bool = True) -> Choice:
    return Choice(quantity, abscissa).with_log(log)


def axes_of(quantity: Quantity = Quantity.LOSS, *, log: bool = True, minimum: float | None = 0.0) -> CurveAxes:
    return CurveAxes(problem(minimum), chosen(quantity, log=log))


def spec_of(axes: CurveAxes, seen: Snapshot, now: float = 0.0, style: Style = Style()) -> LossSpec:  # noqa: B008 - frozen
    return axes.spec(seen, axes.curves(seen), SIZE, now, style)


def drawn(axes: CurveAxes, seen: Snapshot, style: Style = Style()) -> CellGrid:  # noqa: B008 - frozen
    return build_curves(spec_of(axes, seen, style=style)).draw(axes.curves(seen))


@pytest.mark.parametrize(("scenario", "style"), SCENARIOS_IN_STYLES)
def test_everything_of_every_scenario_and_in_every_style_can_be_drawn(scenario: str, style: Style) -> None:
    race = Race(scenario)
    for _ in range(2):
        seen = race.snapshot()
        for choice in CHOICES[:: 5 if style.renderer == "raster" else 31]:
            grid = drawn(CurveAxes(race.problem, choice), seen, style)
            assert grid.shape == (SIZE[1], SIZE[0])
            assert style.raster != "ascii" or "".join(grid.lines()).isascii()
        race.advance(12)


# --- quantities


def test_a_known_minimum_is_taken_off_on_a_logarithmic_axis_alone() -> None:
    axes, seen = axes_of(minimum=-2.0), with_losses([1.0, -1.0])
    assert axes.title() == "Loss above the minimum (log) by step"
    assert axes.curves(seen)[0].last.tolist() == [3.0, 1.0]
    axes.choose(chosen(Quantity.LOSS, log=False))
    assert axes.title() == "Loss (linear) by step"
    assert axes.curves(seen)[0].last.tolist() == [1.0, -1.0]


def test_of_the_loss_alone() -> None:
    seen = with_losses([5.0, 4.0])
    for quantity in set(Quantity) - {Quantity.LOSS}:
        axes = axes_of(quantity, minimum=-2.0)
        assert axes.curves(seen)[0].last.tolist() == [5.0, 4.0]
        assert "minimum" not in axes.title()


def test_a_minimum_of_zero_needs_no_words() -> None:
    assert axes_of(minimum=0.0).title() == "Loss (log) by step"
    assert axes_of(minimum=None).title() == "Loss (log) by step"


def test_every_quantity_is_what_was_recorded() -> None:
    race = Race("rosenbrock", racers=["adam:lr=1e-2"]).advance(9)
    recorded = race.snapshot().racers[0].recorded
    for quantity, low, high, last in (
        (Quantity.LOSS, recorded.loss_low, recorded.loss_high, recorded.loss),
        (Quantity.GRAD_NORM, *[recorded.grad_norm] * 3),
        (Quantity.RATE, *[recorded.rate] * 3),
        (Quantity.MOVE, recorded.move_low, recorded.move_high, recorded.move),
    ):
        (curve,) = axes_of(quantity).curves(race.snapshot())
        np.testing.assert_array_equal(curve.low, low)
        np.testing.assert_array_equal(curve.high, high)
        np.testing.assert_array_equal(curve.last, last)
        assert curve.spread == (quantity is Quantity.MOVE)


def test_every_abscissa_is_what_was_recorded() -> None:
    race = Race("rosenbrock", racers=["newton:search=true"]).advance(9)
    recorded = race.snapshot().racers[0].recorded
    for abscissa, x in (
        (Abscissa.STEPS, recorded.steps),
        (Abscissa.WORK, recorded.work),
        (Abscissa.SECONDS, recorded.seconds),
    ):
        (curve,) = CurveAxes(race.problem, Choice(abscissa=abscissa)).curves(race.snapshot())
        np.testing.assert_array_equal(curve.x, x)
    assert recorded.work[-1] > 2 * recorded.steps[-1]


def test_quantities_and_abscissas_come_round() -> None:
    quantity, abscissa = Quantity.LOSS, Abscissa.STEPS
    seen = []
    for _ in range(4):
        quantity, abscissa = quantity.next(), abscissa.next()
        seen.append((quantity, abscissa))
    assert [quantity for quantity, _ in seen] == [*list(Quantity)[1:], Quantity.LOSS]
    assert [abscissa for _, abscissa in seen[:3]] == [*list(Abscissa)[1:], Abscissa.STEPS]


# --- logarithmic or linear


def test_the_choice_of_an_axis_is_kept_for_each_quantity() -> None:
    choice = chosen(Quantity.MOVE, log=False)
    assert not choice.log
    assert replace(choice, quantity=Quantity.LOSS).log
    assert not replace(replace(choice, quantity=Quantity.LOSS), quantity=Quantity.MOVE).log
    assert choice.with_log(True) == Choice(Quantity.MOVE)


def test_losses_below_zero_without_a_known_minimum_are_linear() -> None:
    axes = axes_of(minimum=None)
    axes.curves(with_losses([3.0, 2.0]))
    assert axes.log
    assert axes.curves(with_losses([3.0, -2.0]))[0].last.tolist() == [3.0, -2.0]
    assert not axes.log
    axes.choose(chosen(Quantity.LOSS))  # there still is no logarithm
    axes.curves(with_losses([3.0, -2.0]))
    assert not axes.log


@pytest.mark.parametrize("quantity", list(Quantity))
def test_what_is_never_above_zero_is_linear(quantity: Quantity) -> None:
    axes = axes_of(quantity)
    axes.curves(with_losses([np.nan, np.nan]))  # nothing is known yet
    assert axes.log
    axes.curves(with_losses([np.nan, 0.0, 0.0]))
    assert not axes.log
    assert axes.title().startswith(quantity.value.capitalize())
    assert "(linear)" in axes.title()


# --- limits


def test_limits_grow_outward_only_and_once_a_second() -> None:
    axes = axes_of()

    def limits(values: list[float], now: float) -> tuple[float, float]:
        spec = spec_of(axes, with_losses(values), now)
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


def test_axes_are_behind_as_long_as_either_is() -> None:
    axes, far = axes_of(), snapshot(racer(0, history([10.0] * 3)), limits=Limits())
    spec_of(axes, far)
    longer = snapshot(racer(0, history([10.0] * 300)), limits=Limits())
    spec_of(axes, longer, 0.5)
    assert axes.behind
    assert spec_of(axes, longer, 2.0).x_high >= 300.0
    assert not axes.behind


def test_what_is_asked_for_is_measured_afresh() -> None:
    axes, seen = axes_of(), with_losses([100.0, 1.0])
    log = spec_of(axes, seen)
    axes.choose(chosen(Quantity.LOSS, log=False))
    linear = spec_of(axes, seen, 0.1)
    assert log.log
    assert not linear.log
    assert linear.y_high >= 100.0
    assert log.y_high < 5.0
    axes.choose(chosen(Quantity.LOSS))
    assert spec_of(axes, seen, 0.2) == log
    axes.choose(Choice(abscissa=Abscissa.WORK))
    assert axes.kind == (Quantity.LOSS, Abscissa.WORK, True, False)
    assert spec_of(axes, seen, 0.3) == log  # over work, the limits of the losses stay


def test_the_axis_of_seconds_is_labelled_in_seconds() -> None:
    scales = {
        abscissa: spec_of(CurveAxes(problem(), Choice(abscissa=abscissa)), with_losses([1.0, 0.5])).x_scale
        for abscissa in Abscissa
    }
    assert scales == {Abscissa.STEPS: "steps", Abscissa.WORK: "steps", Abscissa.SECONDS: "seconds"}


@pytest.mark.parametrize("rate", [1e-3, 1.0, 50.0, 1e-300])
def test_one_constant_rate_gets_an_axis_that_shows_it(rate: float) -> None:
    seen = snapshot(*(racer(k, history([1.0] * 5, rate=[rate] * 5)) for k in range(3)))
    log = spec_of(axes_of(Quantity.RATE), seen)
    assert log.y_low + 0.4 < np.log10(rate) < log.y_high - 0.4
    assert log.y_high - log.y_low < 1.2
    linear = spec_of(axes_of(Quantity.RATE, log=False), seen)
    assert linear.y_low == pytest.approx(-0.05 * rate)
    assert linear.y_high == pytest.approx(1.05 * rate)


def test_a_gradient_that_explodes_does_not_flatten_the_others() -> None:
    calm = [racer(k, history(np.linspace(1.0, 0.1, 200).tolist())) for k in range(2)]
    wild = racer(2, history(np.logspace(0, 9, 200).tolist()))
    for log, most in ((True, 2.5), (False, 4.5)):
        assert spec_of(axes_of(Quantity.GRAD_NORM, log=log), snapshot(*calm, wild)).y_high <= most
    gone = replace(wild, outcome=Outcome.DIVERGED)
    assert spec_of(axes_of(Quantity.GRAD_NORM, log=False), snapshot(*calm, gone)).y_high <= 2.2


def test_a_gradient_that_rises_from_a_saddle_is_shown() -> None:
    seen = with_losses(*[np.logspace(-8, 0, 300).tolist()] * 3)
    spec = spec_of(axes_of(Quantity.GRAD_NORM), seen)
    assert spec.y_low < -7.0
    assert spec.y_high >= 0.0


def test_the_spread_of_the_coordinates_does_not_flatten_the_steps() -> None:
    wide = history([1.0] * 9, move=[0.1] * 9, move_low=[1e-12] * 9, move_high=[1e9] * 9)
    spec = spec_of(axes_of(Quantity.MOVE), snapshot(racer(0, wide)))
    assert -2.5 < spec.y_low < -1.5
    assert -0.5 < spec.y_high < 0.5


# --- titles


@pytest.mark.parametrize(("quantity", "abscissa", "log"), ALL)
def test_a_title_fits_its_pane(quantity: Quantity, abscissa: Abscissa, log: bool) -> None:
    axes = CurveAxes(problem(-1.0), chosen(quantity, abscissa, log=log))
    widest, narrow = axes.title(), axes.title(34)  # as in the compact layout at 80 columns
    assert len(narrow) <= 34
    assert ("(log)" in narrow) == ("(log)" in widest) == log
    word = {Abscissa.STEPS: "step", Abscissa.WORK: "work", Abscissa.SECONDS: "time"}[abscissa]
    assert narrow.endswith(word)
    assert word in widest
    for width in range(34, 80):
        assert len(axes.title(width)) <= width
    assert axes.title(5)


def test_titles_in_full() -> None:
    titles = [CurveAxes(problem(-1.0), Choice(q, a)).title() for q, a in zip(Quantity, [*Abscissa, Abscissa.WORK])]  # noqa: B905
    assert titles == [
        "Loss above the minimum (log) by step",
        "Gradient norm (log) by work, in gradient evaluations",
        "Learning rate (log) by computing time",
        "Effective step per unit of gradient (log) by work, in gradient evaluations",
    ]
    assert CurveAxes(problem(-1.0)).title(34) == "Loss − minimum (log) by step"


# --- changes of hyperparameters


@pytest.mark.parametrize("quantity", list(Quantity))
@pytest.mark.parametrize("abscissa", list(Abscissa))
@pytest.mark.parametrize("style", STYLES)
def test_changes_are_marked_on_every_quantity(quantity: Quantity, abscissa: Abscissa, style: Style) -> None:
    recorded = history(np.linspace(9.0, 1.0, 201).tolist(), stride=4, cost=2.0)
    seen = snapshot(racer(3, recorded, events=changed_at(400, 400, 401)), racer(1, recorded))
    grid = drawn(CurveAxes(problem(), Choice(quantity, abscissa)), seen, style)
    mark = "#" if style.raster == "ascii" else "◆"
    assert sum(line.count(mark) for line in grid.lines()) == 1
    row, column = (int(place[0]) for place in np.nonzero(grid.glyphs == ord(mark)))
    assert grid.colours[row, column] == head_colour(3)


def test_a_change_is_marked_at_the_last_record_before_it() -> None:
    recorded = history([1.0] * 6, stride=10)
    (curve,) = axes_of().curves(snapshot(racer(0, recorded, events=changed_at(0, 19, 20, 99))))
    assert curve.changes == (0, 1, 2, 5)


def test_a_real_edit_is_marked_where_it_was_made() -> None:
    race = Race("rosenbrock", racers=["gd:lr=1e-3", "adam:lr=1e-2"]).advance(30)
    race.set("adam", {"lr": 1e-3, "beta1": 0.5})
    race.advance(5)
    gd, adam = axes_of(Quantity.RATE).curves(race.snapshot())
    assert gd.changes == ()
    assert adam.changes == (30,)
    assert adam.last[[30, 31]].tolist() == [1e-2, 1e-3]


# --- rates to come


def planned(spec: str, *, step: int = 0, **fields: Any) -> Snapshot:
    recorded = history([1.0] * (step + 1), rate=[1e-3] * (step + 1))
    return snapshot(racer(0, recorded, spec, **fields))


def test_a_schedule_shows_the_rates_to_come() -> None:
    axes = axes_of(Quantity.RATE)
    plan, curve = axes.curves(planned("adam:schedule=cosine(steps=1000)", step=300, lr=0.02))
    assert plan.dotted
    assert not plan.label
    assert plan.colour == curve.colour
    assert (plan.x[0], plan.x[-1]) == (300, STEPS)
    np.testing.assert_allclose(plan.last[0], 0.01 * (1 + np.cos(np.pi * 299 / 1000)))
    assert "dotted as planned" in axes.title()
    assert axes.title(34) == "Learning rate (log) by step"


def test_a_plan_agrees_with_what_then_happens() -> None:
    race = Race("rosenbrock", racers=["adam:lr=1e-2,schedule=warmup_cosine(steps=400,warmup=50)"], steps=400)
    axes = CurveAxes(race.problem, chosen(Quantity.RATE))
    plan = axes.curves(race.snapshot())[0]
    race.advance(400)
    (curve,) = axes.curves(race.snapshot())  # nothing is left to come
    np.testing.assert_array_equal(plan.x, curve.x[1:])
    np.testing.assert_array_equal(plan.last, curve.last[1:])


def test_a_plan_changes_with_the_schedule() -> None:
    axes = axes_of(Quantity.RATE)
    before = axes.curves(planned("adam:schedule=cosine(steps=1000)", lr=1.0))[0]
    again = axes.curves(planned("adam:schedule=cosine(steps=1000)", step=5, lr=1.0))[0]
    assert np.shares_memory(again.last, before.last)  # not computed again for every frame
    for other in (
        planned("adam:schedule=cosine(steps=900)", lr=1.0),
        planned("adam:schedule=cosine(steps=1000)", lr=0.5),
    ):
        assert axes.curves(other)[0].last[500] != before.last[500]


@pytest.mark.parametrize(
    "seen",
    [
        planned("adam"),
        planned("adam:schedule=plateau"),
        planned("adam:schedule=cosine(steps=100)", outcome=Outcome.CONVERGED),
        planned("adam:schedule=cosine(steps=100)", benched=True),
        replace(planned("adam:schedule=cosine(steps=100)"), limits=Limits(seconds=1.0)),
    ],
)
def test_what_cannot_be_foreseen_is_not(seen: Snapshot) -> None:
    assert not any(curve.dotted for curve in axes_of(Quantity.RATE).curves(seen))


@pytest.mark.parametrize(("quantity", "abscissa", "_"), ALL)
def test_plans_are_shown_with_the_rates_by_step_alone(quantity: Quantity, abscissa: Abscissa, _: bool) -> None:
    axes = CurveAxes(problem(), Choice(quantity, abscissa))
    curves = axes.curves(planned("adam:schedule=cosine(steps=1000)"))
    assert (len(curves) == 2) == ((quantity, abscissa) == (Quantity.RATE, Abscissa.STEPS))


# --- anything


ANY = st.one_of(st.floats(), st.floats(1e-6, 1e3), st.sampled_from([0.0, -0.0, 5e-324, 1.7e308, -1.7e308]))
NAMES = ("loss", "loss_low", "loss_high", "grad_norm", "rate", "move", "move_low", "move_high")
HISTORIES = st.integers(0, 12).flatmap(lambda m: arrays(np.float64, (len(NAMES), m), elements=ANY))


@settings(max_examples=150)
@given(
    st.lists(HISTORIES, max_size=5),
    st.sampled_from(CHOICES),
    st.sampled_from([None, 0.0, -3.0, 1e308]),
    st.sampled_from(["braille", "block", "ascii"]),
    st.sampled_from(["raster", "plotext"]),
    st.lists(st.integers(0, 5), max_size=3),
    st.booleans(),
)
def test_any_histories_are_drawn(
    histories: list[Any],
    choice: Choice,
    minimum: float | None,
    raster: Any,
    renderer: Any,
    changes: list[int],
    gone: bool,
) -> None:
    racers = []
    for k, columns in enumerate(histories):
        named = {name: values.tolist() for name, values in zip(NAMES, columns, strict=True)}
        outcome = Outcome.DIVERGED if gone and k % 2 else Outcome.RUNNING
        recorded = history(named.pop("loss"), stride=90, **named)
        racers.append(racer(k, recorded, events=changed_at(*changes), outcome=outcome))
    axes = CurveAxes(problem(minimum), choice)
    for now in (0.0, 5.0):
        spec = spec_of(axes, snapshot(*racers), now, Style(raster, renderer))
        assert np.isfinite(spec.x_high)
        assert spec.y_low < spec.y_high
        grid = build_curves(spec).draw(axes.curves(snapshot(*racers), pinned="racer1"), cursor=20)
        assert grid.shape == (SIZE[1], SIZE[0])
        assert raster != "ascii" or "".join(grid.lines()).isascii()
