"""The two lanes a racer can run in: compiled kernels, or a Python step loop around a Python objective.

Both run the same loop and the same rules. With a Python objective the loop is the plain function, and the rule is the
compiled one where the problem is large enough to repay the crossing (about 0.2 ms), else the plain one; they agree to
the bit. A rule that evaluates the objective itself has to be plain there, since compiled code cannot call Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from gdtui.contracts import Block, Ints, Optimizer, Problem, Reals, is_kernel, kernel
from gdtui.engine import lockstep
from gdtui.engine.compile import compiled, jit_is_off
from gdtui.errors import InputError

PLAIN_RULE_UP_TO = 32


class PythonObjective(Protocol):
    """A user's objective: parameters, float64 ``(n,)``, to the loss and the gradient of the same shape."""

    def __call__(self, theta: Reals, /) -> tuple[float, npt.ArrayLike]: ...


@dataclass(frozen=True, slots=True)
class Functions:
    """What the loop is called with: the loop itself and its function arguments, compiled or plain.

    ``measure`` is the race's objective; the three after it are what the rule sees.
    """

    advance: Callable[..., int]
    measure: Callable[..., float]
    value_grad: Callable[..., float]
    hessian: Callable[..., None]
    hessian_vector: Callable[..., None]
    rule: Callable[..., int]
    norm: Callable[[Reals], float]


@kernel
def no_value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    return 0.0


@kernel
def no_hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    return


@kernel
def no_hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    return


def functions_for(problem: Problem, optimizer: Optimizer, sees: Problem | None = None) -> Functions:
    """What this optimizer's loop is called with on this problem, of which its rule ``sees`` perhaps another form.

    Compiles what is not compiled yet.
    """
    measure = problem.value_grad
    problem = problem if sees is None else sees
    # Only what the rule names: the others would be compiled for nothing.
    hessian = (problem.hessian if "hessian" in optimizer.calls else None) or no_hessian
    hessian_vector = (problem.hessian_vector if "hessian_vector" in optimizer.calls else None) or no_hessian_vector
    if not is_kernel(problem.value_grad):
        return Functions(
            _quiet(lockstep.advance), measure, problem.value_grad, hessian, hessian_vector, _rule(problem, optimizer),
            lockstep.norm,
        )  # fmt: skip
    advance = compiled(lockstep.advance, "advance")
    return Functions(
        _quiet(advance) if jit_is_off() else advance,
        compiled(measure, "value_grad"),
        compiled(problem.value_grad, "value_grad"),
        compiled(hessian, "hessian"),
        compiled(hessian_vector, "hessian_vector"),
        compiled(optimizer.rule, "rule"),
        compiled(lockstep.norm, "norm"),
    )


def _rule(problem: Problem, optimizer: Optimizer) -> Callable[..., int]:
    if optimizer.evaluates or optimizer.calls or problem.n <= PLAIN_RULE_UP_TO or jit_is_off():
        return optimizer.rule
    rule = compiled(optimizer.rule, "rule")
    unused = [
        compiled(no_value_grad, "value_grad"),
        compiled(no_hessian, "hessian"),
        compiled(no_hessian_vector, "hessian_vector"),
    ]

    def call(value_grad: object, hessian: object, hessian_vector: object, *rest: object) -> int:
        return rule(*unused, *rest)  # type: ignore[no-any-return]

    return call


def _quiet(advance: Callable[..., int]) -> Callable[..., int]:
    # Compiled code overflows to infinity in silence, and the loop looks for it; the plain loop shall do the same.
    def call(*arguments: Any) -> int:
        with np.errstate(all="ignore"):
            return advance(*arguments)

    return call


def start_point(start: npt.ArrayLike) -> Reals:
    """A start as float64 ``(n,)``, refused unless it is a list of finite numbers."""
    try:
        theta0 = np.array(start, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError, OverflowError):
        theta0 = np.empty(0)
    if theta0.ndim != 1 or theta0.size == 0 or not np.isfinite(theta0).all():
        raise InputError("is not a list of finite numbers", key="start", remedy="give one number per parameter")
    return theta0


def python_problem(objective: PythonObjective, start: npt.ArrayLike) -> Problem:
    """The problem of minimising a Python function from ``start``. Every answer of the function is checked."""
    theta0 = start_point(start)
    name = getattr(objective, "__name__", type(objective).__name__)

    def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
        loss, gradient = _answer(objective, x.copy(), name)
        g[:] = gradient
        return loss

    def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
        points = (origin + i * first + j * second for i, j in zip(a.flat, b.flat, strict=True))
        return np.array([_answer(objective, point, name)[0] for point in points]).reshape(a.shape)

    n = theta0.size
    return Problem(
        objective=name, title=name, value_grad=value_grad, start=theta0, plane=plane, blocks=(Block("theta", 0, n, 1),)
    )


def _answer(objective: PythonObjective, theta: Reals, name: str) -> tuple[float, Reals]:
    try:
        answer: Any = objective(theta)
    except ArithmeticError:
        return np.nan, np.full_like(theta, np.nan)  # an overflow in the user's arithmetic is a divergence, not an error
    remedy = "return (loss, gradient), the loss a number and the gradient as long as theta"
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise InputError(f"returned {type(answer).__name__}, not a pair", where=f"objective {name}", remedy=remedy)
    try:
        loss, gradient = float(answer[0]), np.asarray(answer[1], dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(str(error), where=f"objective {name}", remedy=remedy) from None
    if gradient.shape != theta.shape:
        reason = f"the gradient has shape {gradient.shape}, theta {theta.shape}"
        raise InputError(reason, where=f"objective {name}", remedy=remedy)
    return loss, gradient
