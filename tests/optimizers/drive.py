"""The smallest race there is: one rule, one problem, a loop of a few lines. A rule is tested without the engine's."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import gdtui.optimizers
from gdtui import registry
from gdtui.contracts import Block, Ints, Optimizer, Problem, Reals
from gdtui.engine.seen import seen
from gdtui.objectives import quadratic as quadratic_file
from tests import naive

MODULES = {
    info.name: importlib.import_module(f"gdtui.optimizers.{info.name}")
    for info in pkgutil.iter_modules(gdtui.optimizers.__path__)
    if not info.name.startswith("_")
}
# Under GDTUI_PLUGINS the plugged-in ones too; such a file may hold its naive twin, as a function of that name.
registry.optimizers()
PLUGGED_IN = {
    name.split(".")[2]: sys.modules[name] for name in sys.modules if name.startswith("gdtui_plugins.optimizers.")
}
MODULES |= PLUGGED_IN
vars(naive).update({name: module.naive for name, module in PLUGGED_IN.items() if hasattr(module, "naive")})
OPTIMIZERS: dict[str, Optimizer] = {name: module.OPTIMIZER for name, module in MODULES.items()}


class Functions(NamedTuple):
    """What a rule is called with, and the rule; all plain or all compiled."""

    value_grad: Callable[..., float]
    hessian: Callable[..., None]
    hessian_vector: Callable[..., None]
    rule: Callable[..., int]


def flat(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    """The Hessian of a problem that gives none: zero, as no rule in want of one shall notice."""
    H[:] = 0.0


def flat_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    out[:] = 0.0


def plain(problem: Problem, optimizer: Optimizer) -> Functions:
    return Functions(problem.value_grad, problem.hessian or flat, problem.hessian_vector or flat_vector, optimizer.rule)


def compiled(problem: Problem, optimizer: Optimizer) -> Functions:
    from gdtui.engine.lanes import functions_for

    functions = functions_for(problem, optimizer)
    return Functions(functions.value_grad, functions.hessian, functions.hessian_vector, functions.rule)


def run(
    name: str,
    problem: Problem,
    lr: float | npt.ArrayLike | None = None,
    steps: int = 200,
    *,
    lane: Callable[[Problem, Optimizer], Functions] = plain,
    project: Callable[[Reals], object] | None = None,
    seed: int = 0,
    charges: Ints | None = None,
    l2: float = 0.0,
    clip: float = 0.0,
    **hyper: Any,
) -> Reals:
    """The iterates of steps 0 to ``steps``, float64 ``(steps + 1, n)``, of a rule that sees ``l2`` and ``clip``.

    ``lr`` and every hyperparameter are a number, or one per step; absent, they have their defaults. ``project`` is
    applied to the iterate after every step. The noise of a problem that has some is drawn from ``seed``. A rule that
    stops stays where it is. What a rule charges is added to ``charges``, int64 ``(4,)``.
    """
    optimizer, problem = OPTIMIZERS[name], seen(problem, l2, clip)
    functions = lane(problem, optimizer)
    rates = np.broadcast_to(np.float64(optimizer.learning_rate) if lr is None else np.asarray(lr, float), (steps,))
    table = np.empty((steps, len(optimizer.hyperparameters)))
    for column, value in enumerate(_values(optimizer, hyper).values()):
        table[:, column] = value
    noises = np.random.default_rng(seed).standard_normal((steps, problem.noise))
    blocks = np.array([(b.offset, b.rows, b.cols) for b in problem.blocks], dtype=np.int64).reshape(-1, 3)
    x, g = problem.start.astype(float), np.zeros(problem.n)
    state = np.zeros(_state_shape(optimizer, problem.n, blocks, table[0] if steps else table))
    counts = np.zeros(4, dtype=np.int64) if charges is None else charges
    path = np.empty((steps + 1, problem.n))
    path[0] = x
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            batch = np.array([t] if problem.time_dependent else [], dtype=np.int64)
            f = 0.0
            if not optimizer.evaluates:
                f = functions.value_grad(x, problem.reals, problem.ints, batch, noises[t - 1], g)
            status = functions.rule(
                functions.value_grad, functions.hessian, functions.hessian_vector, problem.reals, problem.ints,
                blocks, batch, noises[t - 1], x, f, g, state, table[t - 1], t, float(rates[t - 1]), counts,
            )  # fmt: skip
            if status != 0:
                assert optimizer.stops[status - 1]
                path[t:] = x
                break
            if project is not None:
                project(x)
            path[t] = x
    # A rule that evaluates for itself charges every step, one that calls nothing charges nothing.
    assert not optimizer.evaluates or counts.sum() >= steps
    assert optimizer.evaluates or optimizer.calls or counts.sum() == 0
    return path


def twin(
    name: str,
    problem: Problem,
    lr: float | None = None,
    steps: int = 200,
    *,
    l2: float = 0.0,
    clip: float = 0.0,
    **hyper: Any,
) -> Reals:
    """The iterates of the naive twin, as :func:`run` gives those of the rule."""
    optimizer, start = OPTIMIZERS[name], problem.start
    g, H, none = np.empty(problem.n), np.empty((problem.n, problem.n)), np.empty(0, dtype=np.int64)

    def value(x: Reals) -> float:
        return problem.value_grad(x, problem.reals, problem.ints, none, np.empty(0), g) + l2 / 2 * float(x @ x)

    def gradient(x: Reals) -> Reals:
        value(x)
        whole: Reals = g + l2 * x
        size = np.linalg.norm(whole)
        return whole * (clip / size) if 0 < clip < size else whole

    def hessian(x: Reals) -> Reals:
        (problem.hessian or flat)(x, problem.reals, problem.ints, H)
        return H + l2 * np.eye(problem.n)

    function = getattr(naive, name)
    wanted = inspect.signature(function).parameters
    blocks = [(slice(b.offset, b.offset + b.rows * b.cols), b.rows, b.cols) for b in problem.blocks]
    extra = {"value": value, "hessian": hessian, "blocks": blocks}
    iterates: Iterator[Reals] = function(
        gradient,
        start,
        optimizer.learning_rate if lr is None else lr,
        **_values(optimizer, hyper),
        **{key: what for key, what in extra.items() if key in wanted},
    )
    return np.array([start, *islice(iterates, steps)])


def _values(optimizer: Optimizer, given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(given) - {h.name for h in optimizer.hyperparameters}
    assert not unknown, f"{optimizer.name} has no {unknown}"
    return {h.name: given.get(h.name, h.default) for h in optimizer.hyperparameters}


def _state_shape(optimizer: Optimizer, n: int, blocks: npt.NDArray[np.int64], hyper: Reals) -> tuple[int, int]:
    if optimizer.state_shape is not None:
        return optimizer.state_shape(n, blocks, hyper)
    return len(optimizer.slots) + bool(optimizer.scalars), max(n, len(optimizer.scalars))


def largest_difference(a: Reals, b: Reals) -> float:
    """The largest difference between two paths, relative to max(1e-3, |theta|)."""
    return float(np.max(np.abs(a - b) / np.maximum(1e-3, np.abs(b))))


def made(value_grad: Callable[..., float], start: npt.ArrayLike, **more: Any) -> Problem:
    """A problem made of a test's own value and gradient."""
    x = np.array(start, dtype=float, ndmin=1)
    blocks = (Block("x", 0, x.size, 1),)
    return Problem("test", "test", value_grad, x, plane=_no_plane, blocks=blocks, **more)


def made_like(problem: Problem, start: npt.ArrayLike, value_grad: Callable[..., float] | None = None) -> Problem:
    """The problem from another start, and perhaps with something around its value and gradient."""
    return replace(problem, start=np.array(start, dtype=float), value_grad=value_grad or problem.value_grad)


def in_blocks(problem: Problem, *sides: tuple[int, int]) -> Problem:
    """The problem with its parameters in blocks of these rows and columns."""
    offsets = np.cumsum([0, *(rows * cols for rows, cols in sides)]).tolist()
    assert offsets[-1] == problem.n
    blocks = (Block(f"b{k}", at, *side) for k, (at, side) in enumerate(zip(offsets[:-1], sides, strict=True)))
    return replace(problem, blocks=tuple(blocks))


def quadratic(matrix: npt.ArrayLike, start: npt.ArrayLike, minimum: npt.ArrayLike = 0.0) -> Problem:
    """The quadratic with that matrix and that minimum."""
    A = np.asarray(matrix, dtype=float)
    data = np.concatenate([A.ravel(), A @ np.broadcast_to(np.asarray(minimum, dtype=float), A.shape[:1])])
    second = {"hessian": quadratic_file.hessian, "hessian_vector": quadratic_file.hessian_vector}
    return made(quadratic_file.value_grad, start, reals=data, **second)


def valley(kappa: float = 100.0) -> Problem:
    """The narrow valley of the claims: diag(1, kappa) from (1, 1)."""
    return quadratic(np.diag([1.0, kappa]), [1.0, 1.0])


def rosenbrock() -> Problem:
    """Rosenbrock's function from the classic start."""
    return registry.objective("rosenbrock").build({"dimension": 2}, 0)


def values(problem: Problem, path: Reals) -> Reals:
    """The problem's value along a path, float64 ``(len(path),)``."""
    g, none = np.empty(problem.n), np.empty(0, dtype=np.int64)
    with np.errstate(all="ignore"):
        return np.array([problem.value_grad(x, problem.reals, problem.ints, none, np.empty(0), g) for x in path])


def _no_plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
    raise NotImplementedError("these tests draw nothing")
