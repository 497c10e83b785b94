"""Steps to take apart, and what it means that an anatomy puts a step together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from gdtui.anatomy import Step
from gdtui.engine.last_step import LastStep
from tests.engine.races import ALGEBRAIC, fit, race
from tests.optimizers.drive import OPTIMIZERS

PROBLEMS: Mapping[str, Any] = {
    "rosenbrock": "rosenbrock",
    "rosenbrock in 5-D": ALGEBRAIC["rosenbrock in 5-D"],
    "factorisation": ALGEBRAIC["matrix factorisation"],
    "noise": {"name": "noisy_quadratic"},
    "samples": "logistic",
}
GIVEN = {"weight_decay": "weight_decay=0.3", "search": "search=true", "damping": "damping=0.5"}


def steps_of(name: str) -> list[LastStep]:
    """Some steps of an optimizer, on several problems, with and without what its flags and decays do."""
    found = []
    own = [GIVEN[h.name] for h in OPTIMIZERS[name].hyperparameters if h.name in GIVEN]
    matrices = OPTIMIZERS[name].matrices
    for kind, objective in PROBLEMS.items():
        if name not in fit(objective) or (kind == "factorisation") != matrices:
            continue
        for spec in dict.fromkeys([name, ":".join(filter(None, (name, ",".join(own))))]):
            running = race(objective, spec)
            for steps in (1, 1, 1, 9, *(() if matrices else (30,))):
                racer = running.advance(steps)[running.labels[0]]
                last = racer.last_step
                if last is not None and last.anatomy is not None:
                    found.append(last)
    assert found
    return found


def evaluated(equation: str, values: Mapping[str, Any]) -> tuple[str, Any]:
    """The left side's symbol, and the right side's value."""
    left, _, right = equation.partition(" = ")
    places = dict(enumerate(dict.fromkeys(re.findall(r"\{(.*?)\}", right))))
    for place, symbol in places.items():
        right = right.replace(f"{{{symbol}}}", f"t[{place}]")
    right = right.replace("−", "-").replace("·", "*").replace("√(", "sqrt(")
    assert re.fullmatch(r"(?:t\[\d+\]|sqrt|[-+*/() ])+", right), right
    scope = {"t": {place: values[symbol] for place, symbol in places.items()}, "sqrt": np.sqrt}
    return left, eval(right, {"__builtins__": {}}, scope)


def assert_close(found: Any, expected: Any, step: Step) -> None:
    # Δ is a difference of points, and so rounded as they are.
    rounding = 8.0 * np.finfo(float).eps * max(1e-300, float(np.abs(step.before).max()))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=rounding)


def assert_puts_together(last: LastStep) -> None:
    """The terms give the step as the equations say, every term on the left as well, and the parts add up to it."""
    anatomy, step = last.anatomy, last.step
    assert anatomy is not None
    values = {term.symbol: term.value for term in anatomy.terms} | {"Δ": step.change}
    assert len(values) == len(anatomy.terms) + 1, "a symbol twice"
    assert anatomy.equations[-1].startswith("Δ = ")
    for equation in anatomy.equations:
        left, right = evaluated(equation, values)
        assert_close(right, values[left], step)
    if anatomy.parts:
        assert_close(sum(np.asarray(part.value) for part in anatomy.parts), step.change, step)
