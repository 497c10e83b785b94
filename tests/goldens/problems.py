"""What the scripts that make golden points share: the problems, the guard against rounding, and the files.

Every block of a problem is a tensor of its own, as in a model: LAMB's trust ratio is one per tensor. What is written is
the blocks end to end, after the steps in STEPS.

A trajectory that amplifies rounding would make a parity test a test of the machine. So every case is run a second time
from a start moved by NUDGE, relative, and refused if the two runs drift apart by more than MOST_DRIFT times that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

STEPS = (1, 2, 3, 5, 10, 20, 50, 100)
NUDGE, MOST_DRIFT = 1e-9, 100.0
FLOOR = 1e-3  # differences are relative to max(FLOOR, |theta|), as in the tests

COS, SIN = math.cos(math.pi / 6.0), math.sin(math.pi / 6.0)
# diag(1, 100) turned by 30 degrees.
MATRIX = (
    (COS * COS + 100.0 * SIN * SIN, (1.0 - 100.0) * COS * SIN),
    ((1.0 - 100.0) * COS * SIN, SIN * SIN + 100.0 * COS * COS),
)
# Twelve samples of three features of different scale, neither separable nor balanced.
FEATURES = (
    (0.5, 3.0, -0.2), (1.5, 2.2, 0.1), (-0.3, 3.5, 0.3), (2.1, 2.0, -0.4), (0.9, 2.7, 0.5), (-1.2, 3.2, 0.2),
    (0.1, 1.7, -0.1), (1.1, 3.7, 0.4), (-0.8, 2.5, -0.3), (1.9, 1.5, 0.0), (0.4, 4.0, 0.6), (-0.5, 2.4, -0.5),
)  # fmt: skip
LABELS = (0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0)
# Ten of the twelve ratings of three items by four users: (user, item, rating).
RATINGS = (
    (0, 0, 1.8), (0, 1, -0.4), (0, 2, 0.9), (1, 0, -1.1), (1, 2, 0.3),
    (2, 0, 0.7), (2, 1, 2.2), (2, 2, -0.6), (3, 1, -1.5), (3, 2, 1.2),
)  # fmt: skip

# What a test needs to build the same problem; ``start`` is by block.
PROBLEMS: dict[str, dict[str, Any]] = {
    "rosenbrock": {"start": {"x": [-1.2, 1.0]}},
    "quadratic": {"start": {"x": [1.5, 0.5]}, "matrix": MATRIX},
    # The intercept starts at zero, where LAMB's trust ratio has a case of its own.
    "logistic": {"start": {"w": [0.1, -0.05, 0.2], "c": [0.0]}, "features": FEATURES, "labels": LABELS, "l2": 0.01},
    "matrix_factorisation": {
        "start": {
            "U": [[0.3, -0.2], [-0.1, 0.4], [0.2, 0.25], [-0.35, 0.15]],
            "V": [[0.12, 0.31], [-0.27, 0.08], [0.22, -0.17]],
        },
        "ratings": RATINGS,
        "l2": 2e-3,
    },
}

# What a setting's clip is a multiple of: less than most of a problem's early gradients, more than some of the later.
CLIPS = {"rosenbrock": 40.0, "quadratic": 5.0, "logistic": 0.2, "matrix_factorisation": 0.1}

Blocks = dict[str, Any]
Given = Mapping[str, float]
# The learning rate used, and the points at STEPS, of an optimizer on a problem at given settings from a start.
Run = Callable[[str, str, Given, Blocks], tuple[float, list[list[float]]]]


def losses(xp: Any) -> dict[str, Callable[[Blocks], Any]]:
    """Every problem as a function of its blocks, in the given library's arrays: ``torch`` or ``jax.numpy``."""
    matrix, features, labels = xp.asarray(MATRIX), xp.asarray(FEATURES), xp.asarray(LABELS)
    users, items = (xp.asarray([rating[k] for rating in RATINGS]) for k in range(2))
    values = xp.asarray([rating[2] for rating in RATINGS])

    def rosenbrock(at: Blocks) -> Any:
        x = at["x"]
        return 100.0 * (x[1] - x[0] * x[0]) ** 2 + (1.0 - x[0]) ** 2

    def quadratic(at: Blocks) -> Any:
        return 0.5 * (at["x"] @ (matrix @ at["x"]))

    def logistic(at: Blocks) -> Any:
        z = features @ at["w"] + at["c"]
        fit = xp.mean(xp.logaddexp(z, xp.zeros_like(z)) - labels * z)
        return fit + 0.5 * PROBLEMS["logistic"]["l2"] * xp.sum(at["w"] ** 2)

    def matrix_factorisation(at: Blocks) -> Any:
        residuals = xp.sum(at["U"][users] * at["V"][items], 1) - values
        penalty = xp.sum(at["U"] ** 2) + xp.sum(at["V"] ** 2)
        return 0.5 * xp.mean(residuals**2) + 0.5 * PROBLEMS["matrix_factorisation"]["l2"] * penalty

    return {f.__name__: f for f in (rosenbrock, quadratic, logistic, matrix_factorisation)}


def at_scale(problem: str, given: Given) -> Given:
    """A setting as it is on a problem, whose gradients have a length of their own."""
    return {**given, "clip": given["clip"] * CLIPS[problem]} if "clip" in given else given


def moved(values: Any) -> Any:
    """A start, a list of numbers or of lists, moved by NUDGE; zeros stay where they are."""
    return [moved(value) for value in values] if isinstance(values, list) else values * (1.0 + NUDGE)


def drift(a: list[list[float]], b: list[list[float]]) -> float:
    """The largest difference, relative as in the tests."""
    pairs = [pair for p, q in zip(a, b, strict=True) for pair in zip(p, q, strict=True)]
    return max(abs(p - q) / max(FLOOR, abs(p)) for p, q in pairs)


def write(
    name: str, libraries: Iterable[str], run: Run, settings: Mapping[str, Iterable[Given]], problems: Any = PROBLEMS
) -> None:
    """Run every optimizer at its settings on every problem, and write ``name`` beside this file."""
    cases = []
    for problem, facts in problems.items():
        start = facts["start"]
        for optimizer, givens in settings.items():
            for given in (at_scale(problem, given) for given in givens):
                lr, points = run(optimizer, problem, given, start)
                _, others = run(optimizer, problem, given, {block: moved(values) for block, values in start.items()})
                amplified = drift(points, others) / NUDGE
                print(f"{problem:20} {optimizer:8} {given}: ends at {points[-1][:2]}, amplifies {amplified:.2g} times")
                if not amplified <= MOST_DRIFT:
                    raise SystemExit("and that is too much")
                cases.append({"optimizer": optimizer, "problem": problem, "lr": lr, "given": given, "points": points})
    head = {"library": ", ".join(f"{lib} {version(lib)}" for lib in libraries), "steps": STEPS, "problems": problems}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    body = ",\n".join(f"  {json.dumps(case)}" for case in cases)
    text = "\n".join(["{", *lines, ' "cases": [', body, " ]", "}", ""])
    Path(__file__).with_name(name).write_text(text, encoding="utf-8")
