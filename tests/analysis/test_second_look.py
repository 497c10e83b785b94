"""What the curvature makes of verdicts: on problems whose truth is known."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui import registry
from gdtui.analysis import curvature as curvatures
from gdtui.analysis import theory
from gdtui.analysis.curvature import Curvature
from gdtui.analysis.race_verdicts import of_race, of_snapshot
from gdtui.analysis.steady import in_distance
from gdtui.analysis.steps import overshoots
from gdtui.analysis.verdict import ZIG_ZAG, Kind, Severity, Verdict
from gdtui.engine.compile import jit_is_off
from gdtui.engine.race import Race
from gdtui.scenario import from_mapping

races = pytest.mark.skipif(jit_is_off(), reason="whole budgets take minutes as plain Python")
VALLEY = {"name": "quadratic", "eigenvalues": [1.0, 100.0], "rotation": 0.0}
SETTLED = {Kind.CONVERGING, Kind.CONVERGED, Kind.CRAWLING, Kind.PLATEAU}


def race_of(objective: dict[str, Any], *racers: str, start: list[float] | None = None, tolerance: float = 0.0) -> Race:
    table = {"objective": objective, "steps": 10**6, "tolerance": tolerance, "racers": [{"optimizer": "gd"}]}
    return Race(from_mapping(table, folder=Path.cwd()), racers=racers, start=start)


def only(race: Race) -> Verdict:
    (verdict,) = of_race(race).values()
    return verdict


@pytest.mark.parametrize(
    "racer", ["gd:lr=0.05", "momentum:lr=0.02,beta=0.9", "nesterov:lr=0.05,beta=0.5", "newton:lr=0.1"]
)
def test_a_racer_drawn_to_a_saddle_is_at_it_and_never_converges_there(racer: str) -> None:
    race = race_of({"name": "saddle"}, racer, start=[1.0, 1e-6])
    kinds = []
    for _ in range(20):
        race.advance(8)
        verdict = only(race)
        kinds.append(verdict.kind)
        bends_down = 3.0 * next(iter(race)).theta[1] ** 2 < 1.0
        assert not (bends_down and verdict.kind in SETTLED), verdict.sentence
    assert Kind.AT_SADDLE in kinds


def test_the_sentence_names_the_curvatures_and_the_way_out() -> None:
    verdict = only(race_of({"name": "saddle", "a": 2.0, "b": 0.5}, "gd:lr=0.05", start=[1.0, 1e-5]).advance(60))
    assert verdict.kind is Kind.AT_SADDLE
    assert verdict.severity is Severity.WARNING
    assert (verdict["smallest eigenvalue"], verdict["largest eigenvalue"]) == pytest.approx((-0.5, 2.0))
    assert "-0.5 the smallest eigenvalue" in verdict.sentence
    assert "saddle-free" in verdict.remedy
    assert verdict.fixed_by == "saddle_free_newton"


@pytest.mark.parametrize("racer", ["gd:lr=0.5", "newton", "adam:lr=0.1"])
def test_whoever_met_the_tolerance_on_the_ridge_converged_to_a_saddle(racer: str) -> None:
    race = race_of({"name": "saddle"}, racer, start=[1.0, 0.0], tolerance=1e-9).advance(2000)
    assert next(iter(race)).status == "converged"
    verdict = only(race)
    assert verdict.kind is Kind.AT_SADDLE
    assert verdict.sentence.startswith("Converged to a saddle at step")


def test_a_race_that_starts_on_a_saddle_stays_there() -> None:
    verdict = only(race_of({"name": "saddle"}, "gd:lr=0.5", start=[0.0, 0.0], tolerance=1e-9).advance(5))
    assert verdict.kind is Kind.AT_SADDLE


def test_at_the_monkey_saddle_nothing_converges_either() -> None:
    race = race_of({"name": "monkey_saddle"}, "gd:lr=0.05", start=[1.0, 0.0]).advance(3000)
    assert only(race).kind is Kind.AT_SADDLE


def test_minima_are_no_saddles() -> None:
    race = race_of({"name": "saddle"}, "gd:lr=0.1", start=[0.5, 0.9], tolerance=1e-10).advance(2000)
    assert only(race).kind is Kind.CONVERGED
    valley = race_of({"name": "rosenbrock"}, "gd:lr=1e-3", start=[1.1, 1.2]).advance(3000)
    assert only(valley).kind is Kind.CONVERGING


@pytest.mark.parametrize(
    ("racer", "times"),
    [
        ("gd:lr=0.020002", 1.0001),
        ("sgd:lr=0.021", 1.05),
        ("momentum:lr=0.031,beta=0.5", 31 / 30),
        ("nesterov:lr=0.014,beta=0.9", 1.0315),
    ],
)
def test_beyond_its_limit_a_racer_diverges_even_while_its_loss_falls(racer: str, times: float) -> None:
    # Nearly all of the way is along the flat direction, and the steep one has hardly begun to grow.
    verdict = only(race_of(VALLEY, racer, start=[1.0, 1e-9]).advance(60))
    assert verdict.kind is Kind.DIVERGING
    assert "the loss still falls" in verdict.sentence
    assert verdict["lr over its stability limit"] == pytest.approx(times, rel=1e-4)
    assert verdict["predicted growth"] > 1.0
    assert verdict.fixer.startswith(racer.partition(":")[0])


def test_where_nothing_can_grow_nothing_diverges() -> None:
    assert only(race_of(VALLEY, "gd:lr=0.021", start=[1.0, 0.0]).advance(60)).kind is Kind.CONVERGING
    assert only(race_of(VALLEY, "gd:lr=0.021,clip=0.1", start=[1.0, 1e-9]).advance(60)).kind is not Kind.DIVERGING
    assert only(race_of(VALLEY, "gd:lr=0.019", start=[1.0, 1.0]).advance(60)).kind is Kind.CONVERGING


def test_who_diverged_is_told_by_how_much_it_was_beyond() -> None:
    on_quadratic = only(race_of(VALLEY, "gd:lr=0.03").advance(2000))
    assert on_quadratic.kind is Kind.DIVERGED
    assert on_quadratic["lr over its stability limit"] == pytest.approx(1.5)
    assert "1.50 times the stability limit, 0.02." in on_quadratic.sentence
    ravine = only(race_of({"name": "rosenbrock"}, "gd:lr=0.01", start=[-1.2, 1.0]).advance(100))
    assert ravine.kind is Kind.DIVERGED
    assert "of the parabola at its start" in ravine.sentence
    fixed = race_of({"name": "rosenbrock"}, ravine.fixer, start=[-1.2, 1.0]).advance(100)
    assert only(fixed).kind is not Kind.DIVERGED


def test_a_zig_zag_is_a_note_with_its_share_and_the_step() -> None:
    race = race_of(VALLEY, "gd:lr=0.0198", start=[1.0, 1.0]).advance(300)
    verdict = only(race)
    assert verdict.kind is Kind.CONVERGING
    assert verdict[ZIG_ZAG] == 1.0
    assert verdict["lr times L"] == pytest.approx(1.98)
    assert "100 % of the steps reverse" in verdict.sentence
    assert verdict.fixed_by == "momentum"
    # Steps that are hardly across the valley any more do not zig-zag, and half as long ones never did.
    assert ZIG_ZAG not in only(race_of(VALLEY, "gd:lr=0.019", start=[1.0, 1.0]).advance(400))
    assert ZIG_ZAG not in only(race_of(VALLEY, "gd:lr=0.0099", start=[1.0, 1.0]).advance(100))


@races
def test_a_thinned_path_shows_no_steps() -> None:
    race = race_of({"name": "quadratic", "eigenvalues": [0.01, 100.0], "rotation": 0.0}, "gd:lr=0.01999999")
    race.advance(10_000)
    assert len(race["gd"].path) < race.step
    assert ZIG_ZAG not in only(race)


def test_the_predicted_rate_stands_beside_the_measured_one() -> None:
    verdict = only(race_of(VALLEY, "gd:lr=0.01", start=[1.0, 1.0]).advance(400))
    assert verdict.kind is Kind.CONVERGING
    assert verdict["rate"] == pytest.approx(verdict["predicted rate"], rel=1e-6)
    assert "Predicted in the end: 0.9900 a step" in verdict.sentence
    assert "transient" not in verdict.sentence


def test_a_rate_that_will_not_last_is_called_a_transient() -> None:
    flat = {"name": "quadratic", "eigenvalues": [1e-3, 1.0, 100.0]}
    verdict = only(race_of(flat, "gd:lr=0.01").advance(60))
    assert "so far this is a transient" in verdict.sentence
    assert verdict["share of the slowest direction"] < 0.01
    assert verdict["predicted rate"] == pytest.approx(1.0 - 1e-5)


def test_what_falls_as_predicted_converges_however_slowly() -> None:
    slow = {"name": "quadratic", "eigenvalues": [1e-3, 1.0], "rotation": 0.0}
    verdict = only(race_of(slow, "gd:lr=0.01", start=[1.0, 0.0]).advance(300))
    assert verdict.kind is Kind.CONVERGING
    assert verdict["rate"] == pytest.approx(1.0 - 1e-5, rel=1e-9)


def test_a_slow_swing_is_named() -> None:
    bowl = {"name": "quadratic", "eigenvalues": [1.0, 1.0]}
    verdict = only(race_of(bowl, "momentum:lr=1e-4,beta=0.999").advance(150))
    assert "swings, once in" in verdict.sentence


def test_away_from_quadratics_the_prediction_is_local() -> None:
    verdict = only(race_of({"name": "rosenbrock"}, "gd:lr=1e-3", start=[1.01, 1.02]).advance(3000))
    assert "by the parabola where it is" in verdict.sentence
    measured = in_distance(verdict)
    assert measured is not None
    assert np.log(verdict["predicted rate"]) == pytest.approx(np.log(measured), rel=0.05)
    assert f"{measured**2:.4f}"[:5] in verdict.sentence


def test_with_l2_no_rate_of_the_loss_is_predicted() -> None:
    assert "predicted rate" not in only(race_of(VALLEY, "gd:lr=0.01,l2=0.1").advance(100))


def test_a_plateau_of_a_convex_loss_is_no_saddle() -> None:
    moved = {"name": "quadratic", "eigenvalues": [1.0, 2.0], "offset": [1.0, 1.0]}
    verdict = only(race_of(moved, "gd:lr=0.4").advance(600))
    assert verdict.kind is Kind.PLATEAU
    assert "The loss bends down nowhere" in verdict.sentence


@races
@pytest.mark.parametrize(
    ("racer", "predicted"),
    [("sgd:lr=0.1,batch_size=0", 32 * 0.1 / 1.9), ("momentum:lr=0.02,beta=0.9", 32 * 0.02 * 1.9 / (0.1 * 3.78))],
)
def test_the_predicted_floor_stands_beside_the_measured_mean(racer: str, predicted: float) -> None:
    verdict = only(race_of({"name": "noisy_quadratic", "dimension": 64}, racer).advance(4000))
    assert verdict.kind is Kind.NOISE_FLOOR
    assert verdict["predicted mean above the minimum"] == pytest.approx(predicted)
    assert verdict["mean above the minimum"] == pytest.approx(predicted, rel=0.3)  # 200 steps with a memory
    assert verdict.fixer.endswith("schedule=inverse_sqrt")


@given(h=st.floats(0.05, 3.0), curvature=st.floats(0.1, 10.0))
def test_on_a_parabola_a_step_lands_where_its_length_says(h: float, curvature: float) -> None:
    path = np.array([[1.0], [1.0 - h]])
    found = overshoots(path, curvature * path)
    assert found.downhill == 1
    np.testing.assert_allclose(found.landed, [h - 1.0], rtol=1e-9, atol=1e-12)


def test_uphill_and_concave_steps_have_no_landing() -> None:
    uphill = overshoots(np.array([[1.0], [2.0]]), np.array([[1.0], [2.0]]))
    assert (uphill.downhill, len(uphill.landed)) == (0, 0)
    concave = overshoots(np.array([[1.0], [2.0]]), np.array([[-1.0], [-2.0]]))
    assert (concave.downhill, len(concave.landed)) == (1, 0)


def test_an_oscillating_racer_says_where_its_steps_land() -> None:
    verdict = only(race_of(VALLEY, "momentum:lr=0.005,beta=0.99", start=[1.0, 1.0]).advance(300))
    assert verdict.kind is Kind.OSCILLATING
    assert verdict["overshoot"] >= -1.0
    assert 0.0 < verdict["steps that set out uphill"] < 1.0
    assert verdict.fixed_by == "nesterov"


def test_in_a_corner_of_its_box_a_racer_has_converged() -> None:
    short, long = race_of({"name": "online"}, "gd:lr=0.005").advance(900), race_of({"name": "online"}, "gd:lr=0.1")
    long.advance(99)
    for _ in range(3):  # at every phase of the three slopes in turn
        verdict = only(short.advance(1))
        assert verdict.kind is Kind.CONVERGED
        assert "bounds" in verdict.sentence
        assert only(long.advance(1)).kind is Kind.LIMIT_CYCLE
    halfway = only(race_of({"name": "online"}, "gd:lr=1e-4").advance(100))
    assert halfway.kind is not Kind.CONVERGED


def test_with_l2_of_its_own_a_racer_may_rest_where_the_loss_bends_down() -> None:
    race = race_of({"name": "saddle"}, "gd:lr=0.05,l2=2", start=[1.0, 1e-3]).advance(300)
    assert only(race).kind is not Kind.AT_SADDLE


@pytest.mark.parametrize("scenario", ["saddle", "rosenbrock", "credit-2d", "traps/lamb-small-weights"])
def test_every_optimizer_has_a_verdict_and_a_theory(scenario: str) -> None:
    race = Race(scenario, racers=[name for name in registry.optimizers() if not registry.optimizer(name).matrices])
    for steps in (0, 1, 40):
        race.advance(steps)
        for racer in race.snapshot().racers:
            assert theory.of_racer(racer, race.problem).lines
        for verdict in of_race(race).values():
            assert verdict.sentence.endswith(".")
            assert len(verdict.sentence) <= 400
            assert len({evidence.name for evidence in verdict.evidence}) == len(verdict.evidence)


@pytest.mark.parametrize("lr", ["1e300", "1e-300"])
def test_no_learning_rate_is_too_much(lr: str) -> None:
    race = race_of(VALLEY, f"gd:lr={lr}", f"momentum:lr={lr}", f"nesterov:lr={lr}").advance(60)
    assert len(of_race(race)) == 3
    for racer in race.snapshot().racers:
        theory.of_racer(racer, race.problem)


def test_without_curvature_the_history_alone_decides() -> None:
    race = Race(
        objective=lambda x: (float(0.5 * x[0] ** 2 - 0.5 * x[1] ** 2), np.array([x[0], -x[1]])),
        start=[1.0, 0.0], racers=["gd:lr=0.1"],
    ).advance(100)  # fmt: skip
    assert only(race).kind is Kind.CONVERGING  # nobody can know better


def test_looks_from_any_thread_say_the_same() -> None:
    race = race_of({"name": "saddle"}, "gd:lr=0.05", "momentum:lr=0.02", "adam:lr=0.01", start=[1.0, 1e-3]).advance(60)
    snapshot, told = race.snapshot(), []
    threads = [threading.Thread(target=lambda: told.append(of_snapshot(snapshot, 0.0, race.problem))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [of_race(race)] * 4


@races
def test_looks_at_a_large_problem_keep_within_what_is_allowed() -> None:
    race = Race("streamrec", racers=["gd:lr=50", "adam:lr=1e-2", "rmsprop:lr=1e-2"])
    asked = Curvature(race.problem)
    looks = 0
    for _ in range(30):
        snapshot = race.advance(6).snapshot()
        of_snapshot(snapshot, race.scenario.tolerance, race.problem, curvature=asked)
        looks += 1
    product = curvatures.PER_SAMPLE * race.problem.samples
    assert 0 < asked.products * product <= looks * curvatures.PER_LOOK + curvatures.BRIEFLY * product


@races
def test_what_bends_down_on_a_large_problem_does_not_converge() -> None:
    race = Race("streamrec", racers=["gd:lr=50"]).advance(150)
    verdict = of_race(race)["gd"]
    assert verdict.kind is Kind.DESCENDING
    assert verdict["smallest eigenvalue"] < 0.0
    convex = replace(race.problem, convex=True)  # the claim is believed: whoever makes it is checked elsewhere
    assert of_snapshot(race.snapshot(), 0.0, convex)["gd"].kind is Kind.CONVERGING


def test_a_racer_whose_rows_were_taken_has_a_verdict() -> None:
    for scenario, spec in (("saddle", "gd:lr=0.001"), ("rosenbrock", "sgd:lr=1e150")):
        race = Race(scenario, racers=[spec], every=1).advance(30)
        race["gd" if spec.startswith("gd") else "sgd"].history.take()
        assert only(race).sentence.endswith(".")


def test_noise_at_a_constant_learning_rate_is_no_convergence() -> None:
    verdict = only(Race("traps/sgd-noise-floor", racers=["sgd:lr=0.01"]).advance(200))
    assert verdict.kind is Kind.DESCENDING
    assert "noise keeps it above the minimum" in verdict.sentence
    assert verdict["half-life"] > 0.0


def test_beyond_the_limit_of_where_it_is_a_racer_does_not_converge() -> None:
    verdict = only(Race("rosenbrock", racers=["gd:lr=3e-3"]).advance(600))
    assert verdict.kind is Kind.DESCENDING
    assert verdict["stability limit of lr"] < 3e-3
    assert "It will not come to rest: the learning rate is 1.0" in verdict.sentence


def test_lamb_descends_to_no_rest() -> None:
    verdict = only(Race("rosenbrock", racers=["lamb:lr=2e-3"]).advance(600))
    assert verdict.kind is not Kind.CONVERGING
