"""What is said of a step is true by its numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gdtui.analysis.why import Explanation, explain
from gdtui.anatomy import Anatomy, Term
from gdtui.contracts import Reals
from gdtui.engine.race import Race
from gdtui.errors import InputError
from tests.engine.races import race


def asked(objective: Any, spec: str, steps: int, **arguments: Any) -> Explanation:
    running = race(objective, spec, **arguments).advance(steps)
    last = running[running.labels[0]].last_step
    assert last is not None
    return explain(last)


def value(explanation: Explanation, symbol: str) -> Any:
    return next(term.value for term in explanation.terms if term.symbol == symbol)


def said(explanation: Explanation) -> str:
    return " ".join((explanation.sentence, *explanation.notes))


def test_plain_descent_is_its_gradient() -> None:
    assert asked("rosenbrock", "gd", 3).sentence == "The newest gradient alone made it: Δ = −ηg."


def test_a_first_step_has_nothing_carried_on() -> None:
    assert asked("rosenbrock", "momentum", 1).sentence == "−ηβv is 0: nothing was carried on."


def test_momentum_that_carries_says_how_much_and_whether_uphill() -> None:
    running = race("rosenbrock", "momentum:beta=0.99")
    uphill = {True: 0, False: 0}
    for _ in range(120):
        last = running.advance(1)["momentum"].last_step
        assert last is not None
        found = explain(last)
        carried, fresh = found.part("carried"), found.part("gradient")
        assert carried is not None and fresh is not None  # noqa: PT018
        ratio = float(np.linalg.norm(carried.value) / max(np.linalg.norm(fresh.value), 1e-300))
        matched = re.match(r"Momentum carried it( uphill)?: −ηβv is (\S+)× as long", found.sentence)
        assert (matched is not None) == (ratio >= 2.0)
        if matched is not None:
            assert float(matched[2]) == pytest.approx(ratio, rel=0.06)
            assert bool(matched[1]) == (float(last.slope @ last.moved) > 0.0)
            uphill[bool(matched[1])] += 1
    assert min(uphill.values()) > 0


def test_a_gradient_that_brakes() -> None:
    running = race("rosenbrock", "momentum")
    sentences = set()
    for _ in range(40):
        last = running.advance(1)["momentum"].last_step
        assert last is not None
        found = explain(last)
        sentences.add(found.sentence.split(":")[0])
        if found.sentence.startswith("The gradient brakes"):
            carried, fresh = (np.asarray(found.part(role).value) for role in ("carried", "gradient"))  # type: ignore
            assert float(carried @ fresh) < 0.0
            left = float(np.linalg.norm(last.step.change) / np.linalg.norm(carried))
            assert f"{left:.0%}" in found.sentence
    assert {"The gradient brakes", "Momentum carried it"} <= sentences


def test_denominators_far_apart_are_named() -> None:
    near, far = asked("rosenbrock", "adagrad", 1), asked("rosenbrock", "adagrad", 1, start=[0.01, 1.0])
    for found in (near, far):
        roots = np.asarray(next(term.value for term in found.terms if term.role == "denominator"))
        least, most = np.argmin(roots), np.argmax(roots)
        told = re.search(r"The denominator \S+ of (\S+) is (\S+)× that of (\S+)\.", said(found))
        assert (told is not None) == (roots[most] >= 10.0 * roots[least])
        if told is not None:
            assert (told[1], told[3]) == (found.names[most], found.names[least])
            assert float(told[2]) == pytest.approx(roots[most] / roots[least], rel=0.06)
    assert "denominator" in said(far)


def test_l2_and_clip_are_terms_of_the_gradient() -> None:
    found = asked("rosenbrock", "gd:l2=0.5,clip=2", 1)
    made = value(found, "clip") * (value(found, "∇f") + value(found, "l2·θ"))
    np.testing.assert_allclose(value(found, "g"), made, rtol=1e-12)
    assert found.equations[0] == "g = {clip}·({∇f} + {l2·θ})"
    assert found.sentence.startswith("Clipping shortened the gradient to 0.0")
    long = asked("rosenbrock", "gd:clip=1e6", 1)
    assert "is not reached" in said(long)
    assert all(term.symbol != "clip" for term in long.terms)
    alone = asked("rosenbrock", "gd:l2=0.5", 1)
    assert alone.equations[0] == "g = {∇f} + {l2·θ}"


def test_bounds_that_take_the_step_away() -> None:
    found = asked("online", "gd:lr=5", 1)
    assert found.sentence == "The bounds took 93% of its length."
    assert found.equations[-1] == "moved = {Δ} + {bounds}"
    assert value(found, "moved") == value(found, "bounds") + found.last.step.change


def test_a_step_that_was_taken_back() -> None:
    assert "left the numbers, and was taken back" in asked("rosenbrock", "gd:lr=1e200", 9).sentence


def test_a_rule_that_stopped() -> None:
    def cliff(theta: Reals) -> tuple[float, Reals]:
        return float(theta[0]), np.array([1e200])

    last = Race(objective=cliff, start=[1.0], racers=["lbfgs"]).advance(5)["lbfgs"].last_step
    assert last is not None
    found = explain(last)
    assert found.sentence == "The rule stopped: it found its gradient too long for a search, and moved nothing."
    assert [term.symbol for term in found.terms] == ["g", "η"]


def test_nothing_moved() -> None:
    lost = asked("rosenbrock", "gd:lr=1e-30", 1)
    assert lost.sentence == "Nothing moved: Δ is 0, or lost in rounding beside θ."


def test_weight_decay_that_sets_the_step() -> None:
    def level(theta: Reals) -> tuple[float, Reals]:
        return 0.0, np.full(2, 1e-9)

    last = Race(objective=level, start=[100.0, 50.0], racers=["adamw:weight_decay=1"]).advance(1)["adamw"].last_step
    assert last is not None
    assert explain(last).sentence.startswith("Weight decay set it: −ηλθ is 100% of all parts")


def test_a_sample_is_spoken_of() -> None:
    logistic = asked("logistic", "sgd:batch_size=12", 2)
    assert f"of 12 of {logistic.last.problem.samples} samples" in said(logistic)
    assert "noise of its step" in said(asked("noisy_quadratic", "sgd", 2))
    assert "of step 2 alone" in said(asked("online", "gd", 2))


def test_parameters_without_names_are_numbered() -> None:
    def bowl(theta: Reals) -> tuple[float, Reals]:
        return float(theta @ theta), 2.0 * theta

    last = Race(objective=bowl, start=np.ones(12), racers=["gd"]).advance(1)["gd"].last_step
    assert last is not None
    assert explain(last).names[-1] == "θ₁₂"


@pytest.mark.parametrize(
    ("anatomy", "reason"),
    [
        (Anatomy((), ("Δ = −{η}·{g}",)), "'η', in 'Δ = −{η}·{g}', is none of its terms"),
        (Anatomy((Term("v", np.zeros(3)),), ()), "the term 'v' has shape (3,)"),
    ],
)
def test_an_anatomy_that_does_not_hold_together_is_refused(anatomy: Anatomy, reason: str) -> None:
    with pytest.raises(InputError, match=re.escape(f"optimizer gd: anatomy: {reason}")):
        explain(replace(asked("rosenbrock", "gd", 1).last, anatomy=anatomy))
