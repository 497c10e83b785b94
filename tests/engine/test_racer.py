"""A racer by itself: its learning rates, its end, what it tells."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from gdtui import expectation
from gdtui.engine.outcome import Outcome
from gdtui.engine.racer import Event
from gdtui.errors import InputError
from tests.engine.races import PLUGINS, contents, race


def test_an_outcome_is_a_word_and_a_sentence() -> None:
    assert tuple(outcome.value for outcome in Outcome) == expectation.STATUSES
    assert all(outcome.sentence for outcome in Outcome)


def test_a_rate_counts_from_the_next_step_and_changes_nothing_before() -> None:
    changed, plain = race("rosenbrock", "gd:lr=1e-4").advance(30), race("rosenbrock", "gd:lr=1e-4").advance(50)
    before = contents(changed["gd"])
    changed.set_lr("gd", 2e-4)
    assert contents(changed["gd"]) == before
    changed.advance(20)
    gd = changed["gd"]
    assert gd.learning_rate.tolist() == [1e-4] * 31 + [2e-4] * 20
    assert gd.loss[:31].tolist() == plain["gd"].loss[:31].tolist()
    assert gd.loss[31] != plain["gd"].loss[31]
    assert gd.events == (Event(30, "lr", 1e-4, 2e-4),)
    assert (gd.lr, gd.spec.lr, gd.hyperparameters["lr"]) == (2e-4, 2e-4, 2e-4)


def test_rate_changes_do_not_depend_on_the_tick_size() -> None:
    left, right = race("rosenbrock", "momentum"), race("rosenbrock", "momentum")
    for whole, ticks in ((left, [40]), (right, [7, 13, 20])):
        for steps in ticks:
            whole.advance(steps)
        whole.set_lr("momentum", 5e-4)
        whole.set_lr("momentum", 2e-4)  # the first is forgotten: no step was taken with it
        whole.advance(25)
    assert contents(left["momentum"]) == contents(right["momentum"])
    assert left["momentum"].events == (Event(40, "lr", 1e-3, 2e-4),)


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf"), "0.1", True, None])
@pytest.mark.parametrize("step", [0, 5])
def test_a_wrong_rate_is_refused_and_leaves_no_trace(wrong: object, step: int) -> None:
    whole = race("rosenbrock", "gd").advance(step)
    before = contents(whole["gd"])
    with pytest.raises(InputError, match=r"racer 'gd': lr: .*\(0, inf\)"):
        whole.set_lr("gd", wrong)  # type: ignore[arg-type]
    assert contents(whole["gd"]) == before
    assert whole["gd"].lr == 1e-3
    whole.advance(5)


def test_a_rule_can_stop_its_racer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDTUI_PLUGINS", str(PLUGINS))
    whole = race("rosenbrock", "patient:patience=7", "gd").advance(20)
    patient = whole["patient"]
    assert patient.outcome is Outcome.STOPPED
    assert patient.note == "ran out of patience at step 7"
    assert (patient.step, patient.steps[-1], whole["gd"].step) == (7, 7, 20)
    assert patient.theta.tolist() == whole["gd"].path[7].tolist()


def test_measure_is_exact_and_free() -> None:
    whole = race("logistic", "gd", "sgd:batch_size=7").advance(37)
    for racer in whole:
        charged = racer.evaluations
        gradient = np.empty(whole.problem.n)
        none, quiet = np.empty(0, dtype=np.int64), np.empty(0)
        value = whole.problem.value_grad(racer.theta, whole.problem.reals, whole.problem.ints, none, quiet, gradient)
        assert racer.measure() == pytest.approx((value, np.linalg.norm(gradient)), rel=1e-12)
        assert racer.evaluations == charged


def test_an_exception_in_a_kernel_retires_the_racer_that_met_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDTUI_PLUGINS", str(PLUGINS))
    whole = race("cliff", "gd:lr=0.3,label=bold", "gd:lr=0.01,label=shy")
    with pytest.raises(ValueError, match="over the cliff"):
        whole.advance(10)
    bold, shy = whole["bold"], whole["shy"]
    assert bold.outcome is Outcome.DIVERGED
    assert bold.note == "the objective failed at step 4: ValueError: over the cliff"
    assert bold.theta.tolist() == bold.path[-1].tolist()
    assert bold.last_seen[0] == bold.loss[-1]
    assert (whole.step, shy.step, shy.outcome) == (10, 10, None)
    assert whole.advance(10)["shy"].step == 20


def test_state_of_what_a_user_sees_is_read_only() -> None:
    whole = race("rosenbrock", "gd").advance(5)
    for racer in whole.snapshot().racers:
        kept = {f.name: getattr(racer.recorded, f.name) for f in fields(racer.recorded) if f.name != "marks"}
        for array in (racer.theta, racer.path, *kept.values()):
            assert not array.flags.writeable
    whole["gd"].theta[:] = 0.0  # a copy
    assert whole["gd"].theta.any()


def test_batch_sizes() -> None:
    whole = race("logistic", "gd", "sgd", "adam:batch_size=140", "momentum:batch_size=0")
    assert [racer.batch_width for racer in whole] == [0, 32, 0, 0]
    with pytest.raises(InputError, match=r"racer 'gd': batch_size: 500 is more than the \d+ samples"):
        race("logistic", "gd:batch_size=500")
    assert race("rosenbrock", "sgd:batch_size=500")["sgd"].batch_width == 0  # no samples: nothing to draw from


def test_where_there_are_no_samples_sgd_is_gd() -> None:
    whole = race("rosenbrock", "sgd", "gd").advance(100)
    assert whole["sgd"].theta.tolist() == whole["gd"].theta.tolist()
