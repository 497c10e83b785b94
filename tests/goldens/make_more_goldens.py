"""Makes more_torch.json and more_optax.json: where Adam's relatives stand after a few steps, for the parity tests.

Run by hand, once in each library's own environment (gdtui needs neither):

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
    /tmp/torch/bin/python tests/goldens/make_more_goldens.py torch
    python -m venv /tmp/optax && /tmp/optax/bin/pip install optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy
    /tmp/optax/bin/python tests/goldens/make_more_goldens.py optax

Everything is float64, on the CPU, with gradients from automatic differentiation. Every block of an objective is a
tensor of its own, as in a model: LAMB's trust ratio is one per tensor. What is written is the blocks end to end.

A trajectory that amplifies rounding would make a parity test a test of the machine. So every case is run a second time
from a start moved by NUDGE, relative, and refused if the two runs drift apart by more than MOST_DRIFT times that.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
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

# gdtui's hyperparameter names; what is absent is at gdtui's default, and at torch's.
SETTINGS: dict[str, dict[str, tuple[dict[str, float], ...]]] = {
    "torch": {
        "adadelta": ({}, {"lr": 0.5, "rho": 0.95}, {"lr": 2.0, "rho": 0.99, "eps": 1e-5}),
        "amsgrad": (
            {},
            {"lr": 1e-2, "beta1": 0.8, "beta2": 0.99},
            {"lr": 2e-2, "beta1": 0.5, "beta2": 0.9, "eps": 1e-4},
        ),
        "nadam": (
            {},
            {"lr": 5e-3, "beta1": 0.8, "beta2": 0.99, "psi": 0.5},
            {"lr": 1e-3, "beta1": 0.95, "beta2": 0.95, "eps": 1e-4, "psi": 0.0},
        ),
        # With beta2 = .6 it never rectifies.
        "radam": ({}, {"lr": 2e-3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-4}, {"lr": 5e-4, "beta2": 0.6}),
    },
    "optax": {
        "lamb": (
            {},
            {"lr": 1e-2, "beta1": 0.8, "beta2": 0.99, "weight_decay": 0.1},
            {"lr": 5e-3, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.01},
        ),
        "lion": ({}, {"lr": 1e-3, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.1}, {"lr": 2e-3, "weight_decay": 0.5}),
    },
}
# optax has no default learning rates; lamb's and lion's here are gdtui's.
RATES = {"lamb": 1e-3, "lion": 1e-4}

Blocks = dict[str, Any]


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


def renamed(given: Mapping[str, float], names: Mapping[str, str]) -> dict[str, float]:
    """The hyperparameters that are not betas, under the library's names."""
    return {names.get(key, key): value for key, value in given.items() if key not in ("beta1", "beta2")}


def run_torch(name: str, problem: str, given: Mapping[str, float], start: Blocks) -> tuple[float, list[list[float]]]:
    """The learning rate used, and the points at STEPS."""
    import torch

    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    blocks = {block: torch.tensor(values, requires_grad=True) for block, values in start.items()}
    own: dict[str, Any] = renamed(given, {"psi": "momentum_decay"})
    if name != "adadelta":
        own["betas"] = (given.get("beta1", 0.9), given.get("beta2", 0.999))
    if name == "amsgrad":
        own["amsgrad"] = True
    classes = {"adadelta": "Adadelta", "amsgrad": "Adam", "nadam": "NAdam", "radam": "RAdam"}
    optimizer = getattr(torch.optim, classes[name])(blocks.values(), **own)
    loss, points = losses(torch)[problem], []
    for step in range(1, max(STEPS) + 1):
        optimizer.zero_grad()
        loss(blocks).backward()
        optimizer.step()
        if step in STEPS:
            points.append([value for block in blocks.values() for value in block.detach().ravel().tolist()])
    return optimizer.param_groups[0]["lr"], points


def run_optax(name: str, problem: str, given: Mapping[str, float], start: Blocks) -> tuple[float, list[list[float]]]:
    """The learning rate used, and the points at STEPS."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    blocks = {block: jax.numpy.asarray(values) for block, values in start.items()}
    # optax's lion decays unless told otherwise, and says b1 and b2.
    own = {"learning_rate": RATES[name], "weight_decay": 0.0} | renamed(given, {"lr": "learning_rate"})
    own |= {f"b{key[-1]}": value for key, value in given.items() if key in ("beta1", "beta2")}
    optimizer = getattr(optax, name)(**own)
    gradient, points = jax.grad(losses(jax.numpy)[problem]), []
    state = optimizer.init(blocks)
    for step in range(1, max(STEPS) + 1):
        updates, state = optimizer.update(gradient(blocks), state, blocks)
        blocks = optax.apply_updates(blocks, updates)
        if step in STEPS:
            points.append([value for block in start for value in blocks[block].ravel().tolist()])
    return own["learning_rate"], points


def moved(values: Any) -> Any:
    """A start, a list of numbers or of lists, moved by NUDGE; zeros stay where they are."""
    return [moved(value) for value in values] if isinstance(values, list) else values * (1.0 + NUDGE)


def drift(a: list[list[float]], b: list[list[float]]) -> float:
    """The largest difference, relative as in the tests."""
    pairs = [pair for p, q in zip(a, b, strict=True) for pair in zip(p, q, strict=True)]
    return max(abs(p - q) / max(FLOOR, abs(p)) for p, q in pairs)


def version(library: str) -> str:
    from importlib.metadata import version as of

    return f"torch {of('torch')}" if library == "torch" else f"optax {of('optax')}, jax {of('jax')}"


def main(library: str) -> None:
    run = {"torch": run_torch, "optax": run_optax}[library]
    cases = []
    for problem, facts in PROBLEMS.items():
        start = facts["start"]
        for name, settings in SETTINGS[library].items():
            for given in settings:
                lr, points = run(name, problem, given, start)
                _, others = run(name, problem, given, {block: moved(values) for block, values in start.items()})
                amplified = drift(points, others) / NUDGE
                print(f"{problem:20} {name:8} {given}: ends at {points[-1][:2]}, amplifies {amplified:.2g} times")
                if not amplified <= MOST_DRIFT:
                    raise SystemExit("and that is too much")
                cases.append({"optimizer": name, "problem": problem, "lr": lr, "given": given, "points": points})
    head = {"library": version(library), "steps": STEPS, "problems": PROBLEMS}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    body = ",\n".join(f"  {json.dumps(case)}" for case in cases)
    text = "\n".join(["{", *lines, ' "cases": [', body, " ]", "}", ""])
    Path(__file__).with_name(f"more_{library}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
