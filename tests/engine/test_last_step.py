"""The last step taken again: to the bit what the racer did, for every rule, and without a trace in the race."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from gdtui import specs
from gdtui.contracts import Reals
from gdtui.engine.last_step import LastStep, last_step
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.errors import InputError
from tests.engine.races import ALGEBRAIC, BATCH, OPTIMIZERS, assert_same, fit, race, scenario
from tests.optimizers.drive import OPTIMIZERS as BUILT_IN

FACTORISATION = ALGEBRAIC["matrix factorisation"]
SAMPLED = {"name": "logistic"}
NOISY = {"name": "noisy_quadratic"}
PROBLEMS: dict[str, tuple[Any, str]] = {
    "rosenbrock": ("rosenbrock", ""),
    "l2 and clip": ("rosenbrock", "l2=0.1,clip=0.5"),
    "factorisation": (FACTORISATION, ""),
    "samples": (SAMPLED, f"batch_size={BATCH}"),
    "noise": (NOISY, ""),
    "schedule": ("rosenbrock", "schedule=cosine(steps=100)"),
}


def told(name: str, given: str) -> str:
    """The racer's spec with as much of what is ``given`` as the optimizer takes."""
    takes = {*specs.hyperparameters(BUILT_IN[name]), "schedule"}
    return ":".join(filter(None, (name, ",".join(p for p in given.split(",") if p.split("=")[0] in takes))))


def taken(racer: Any) -> LastStep:
    step = racer.last_step
    assert isinstance(step, LastStep)
    return step


@pytest.mark.parametrize("kind", PROBLEMS)
@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_the_step_is_the_racers_own_to_the_bit(name: str, kind: str) -> None:
    objective, given = PROBLEMS[kind]
    if name not in fit(objective):
        pytest.skip("does not run on this objective")
    spec = told(name, given)
    single, whole = race(objective, spec), race(objective, spec)
    points = [single.problem.start.copy()]
    for _ in range(7):
        points.append(single.advance(1)[single.labels[0]].theta)
    whole.advance(3).advance(4)
    racer = whole[whole.labels[0]]
    last = taken(racer)
    assert last.step.t == racer.step
    assert last.step.before.tobytes() == points[racer.step - 1].tobytes()
    assert last.arrived.tobytes() == points[racer.step].tobytes()
    assert last.taken_back or last.step.after.tobytes() == points[racer.step].tobytes()
    # The same from a call of one step, where nothing has to be done twice.
    alone = taken(single[single.labels[0]])
    for one, other in ((last.step.gradient, alone.step.gradient), (last.step.state, alone.step.state)):
        assert one.tobytes() == other.tobytes()
    assert last.step.state_before.tobytes() == alone.step.state_before.tobytes()
    assert last.losses == alone.losses
    assert last.step.lr == whole[whole.labels[0]].rate


def test_asking_leaves_no_trace() -> None:
    names = [told(name, f"batch_size={BATCH}") for name in OPTIMIZERS if name in fit(SAMPLED)]
    asked, quiet = Race(scenario(SAMPLED), racers=names), Race(scenario(SAMPLED), racers=names)
    for steps in (1, 5, 20):
        asked.advance(steps)
        for racer in asked:
            assert racer.last_step is not None
    quiet.advance(26)
    assert_same(asked, quiet)


def test_a_racer_that_has_not_moved_has_no_last_step() -> None:
    assert race()["gd"].last_step is None


def test_what_a_step_saw_is_told_apart() -> None:
    last = taken(race("rosenbrock", "gd:l2=0.5,clip=2").advance(3)["gd"])
    seen = last.objective_gradient + 0.5 * last.step.before
    np.testing.assert_allclose(last.step.gradient, seen * 2.0 / np.linalg.norm(seen), rtol=1e-12)
    np.testing.assert_array_equal(last.slope, last.objective_gradient)


def test_nesterov_takes_its_gradient_ahead() -> None:
    last = taken(race("rosenbrock", "nesterov").advance(9)["nesterov"])
    np.testing.assert_array_equal(last.step.gradient, last.objective_gradient)
    assert not np.array_equal(last.step.gradient, last.slope)


def test_losses_are_the_full_objective_and_the_sample_is_its_own() -> None:
    running = race(SAMPLED, f"sgd:batch_size={BATCH}").advance(6)
    last = taken(running["sgd"])
    assert last.batch.size == BATCH
    assert last.losses[1] == pytest.approx(running["sgd"].measure()[0], rel=1e-12)
    assert not np.allclose(last.slope, last.step.gradient)


def test_bounds_come_after_the_rule() -> None:
    last = taken(Race("traps/adam-worst-point").advance(500)["adam"])
    assert np.abs(last.arrived).max() <= 1.0
    pushed = taken(race({"name": "online"}, "gd:lr=5").advance(1)["gd"])
    assert not pushed.taken_back
    assert pushed.step.after[0] == -15.0
    assert pushed.moved[0] == -1.0


def test_a_step_out_of_the_numbers_was_taken_back() -> None:
    blown = race("rosenbrock", "gd:lr=1e200").advance(9)["gd"]
    assert blown.outcome is Outcome.DIVERGED
    last = taken(blown)
    assert last.step.t == blown.step
    assert last.taken_back
    assert not np.any(last.moved)
    assert np.abs(last.step.after).max() > 1e150


def test_a_step_out_of_the_neighbourhood_was_not() -> None:
    retired = race("quadratic", "gd:lr=1").advance(500)["gd"]
    assert retired.outcome is Outcome.DIVERGED
    last = taken(retired)
    assert last.step.t == retired.step
    assert not last.taken_back
    assert last.losses[1] > last.losses[0]


def test_a_rule_that_stopped_moved_nothing() -> None:
    def cliff(theta: Reals) -> tuple[float, Reals]:
        return float(theta[0]), np.array([1e200])

    stopped = Race(objective=cliff, start=[1.0], racers=["lbfgs"]).advance(5)["lbfgs"]
    assert stopped.outcome is Outcome.STOPPED
    last = taken(stopped)
    assert (last.step.t, last.status, last.anatomy) == (1, 2, None)
    assert not np.any(last.moved)


def test_a_change_after_the_step_is_none_of_its_own() -> None:
    running = race("rosenbrock", "momentum:lr=1e-4").advance(5)
    running.set("momentum", {"lr": 1e-5, "beta": 0.5, "l2": 0.1})
    last = taken(running["momentum"])
    assert (last.step.lr, last.step.hyper["beta"], last.l2) == (1e-4, 0.9, 0.0)
    running.advance(1)
    last = taken(running["momentum"])
    assert (last.step.lr, last.step.hyper["beta"], last.l2) == (1e-5, 0.5, 0.1)


def test_a_call_without_a_step_forgets_nothing() -> None:
    running = race("rosenbrock", "gd", work=5).advance(5)
    before = taken(running["gd"])
    running.advance(3)
    assert taken(running["gd"]).step.t == before.step.t == 5


def test_a_large_state_is_set_aside_while_it_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdtui.engine.racer.KEPT_BYTES", 8)
    running = race("rosenbrock", "adam").advance(5)
    assert running["adam"].last_step is None
    running.watch("adam")
    assert taken(running.advance(1)["adam"]).step.t == 6
    running.watch(None)
    assert running.advance(1)["adam"].last_step is None


def test_a_racer_put_back_has_no_last_step_until_it_takes_one() -> None:
    running = race("rosenbrock", "adam").advance(5)
    five = running.state()
    running.advance(5).restore(five)
    assert running["adam"].last_step is None
    assert taken(running.advance(1)["adam"]).step.t == 6


def bowl(theta: Reals) -> tuple[float, Reals]:
    return float(theta @ theta), 2.0 * theta


@pytest.mark.parametrize("n", [2, 40])
def test_a_python_objective(n: int) -> None:
    running = Race(objective=bowl, start=np.linspace(1.0, 2.0, n), racers=["adam", "lbfgs", "nesterov"]).advance(7)
    for racer in running:
        assert taken(racer).step.t == racer.step


def test_an_objective_that_answers_otherwise_is_found_out() -> None:
    generator = np.random.default_rng(0)

    def restless(theta: Reals) -> tuple[float, Reals]:
        return float(theta @ theta), 2.0 * theta + generator.standard_normal(2)

    running = Race(objective=restless, start=[1.0, 2.0], racers=["gd"]).advance(4)
    with pytest.raises(InputError, match="came out otherwise"):
        _ = running["gd"].last_step


def test_another_thread_may_ask_while_the_race_goes_on() -> None:
    running = race("rosenbrock", "momentum").advance(100)
    picture = running.snapshot().racers[0]
    found: list[LastStep] = []
    assert picture.replay is not None
    asking = threading.Thread(target=lambda: found.append(last_step(picture.replay, picture.step, picture.theta)))  # type: ignore[arg-type]
    asking.start()
    running.advance(2000)
    asking.join()
    assert found[0].arrived.tobytes() == picture.theta.tobytes()
