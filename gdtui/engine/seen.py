"""The objective as one racer sees it: with its l2 in value, gradient and Hessian, and with clipped gradients.

The two numbers follow the objective's own data in ``reals``, so that one compiled function serves every racer, and a
racer may change them in mid-race. What the race records is always the objective itself.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from gdtui.contracts import Ints, Problem, Reals, is_kernel, kernel
from gdtui.engine.lockstep import norm

OWN = 2  # how many numbers follow the objective's own: l2 and clip
_Function = TypeVar("_Function", bound=Callable[..., Any])


def seen(problem: Problem, l2: float, clip: float) -> Problem:
    """``problem`` with (l2/2)|x|^2 added, and its gradients shortened to ``clip`` (0: never). Itself if both are 0."""
    if l2 == 0.0 and clip == 0.0:
        return problem
    return replace(
        problem,
        reals=np.concatenate([problem.reals, [l2, clip]]),
        value_grad=_around(value_grad, problem.value_grad),
        hessian=None if problem.hessian is None else _around(hessian, problem.hessian),
        hessian_vector=None if problem.hessian_vector is None else _around(hessian_vector, problem.hessian_vector),
    )


@kernel
def inner(*arguments: Any) -> float:
    """Stands for the objective's own function in the templates below."""
    raise NotImplementedError


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    own = reals.shape[0] - OWN
    l2, clip = reals[own], reals[own + 1]
    f = inner(x, reals[:own], ints, batch, noise, g)
    if l2 > 0.0:
        squares = 0.0
        for i in range(x.shape[0]):
            g[i] += l2 * x[i]
            squares += x[i] * x[i]
        f += 0.5 * l2 * squares
    if clip > 0.0:
        size = norm(g)
        if size > clip:
            for i in range(x.shape[0]):
                g[i] = g[i] / size * clip
    return f


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    own = reals.shape[0] - OWN
    inner(x, reals[:own], ints, H)
    for i in range(x.shape[0]):
        H[i, i] += reals[own]


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    own = reals.shape[0] - OWN
    inner(x, reals[:own], ints, v, out)
    for i in range(x.shape[0]):
        out[i] += reals[own] * v[i]


_made: dict[tuple[Callable[..., Any], Callable[..., Any]], Callable[..., Any]] = {}


def _around(template: _Function, function: Callable[..., Any]) -> _Function:
    """``template`` with ``function`` in the place of ``inner``: one copy per pair, so that it is compiled once."""
    key = (template, function)
    if key not in _made:
        copy = _copy(template, function)
        if not is_kernel(function):  # a race's own Python function: nothing is compiled, and nothing kept
            return copy
        _made[key] = kernel(copy)
    return _made[key]  # type: ignore[return-value]


def _copy(template: _Function, function: Callable[..., Any]) -> _Function:
    original: Any = template
    copy = types.FunctionType(original.__code__, {**original.__globals__, "inner": function}, original.__name__)
    # The name is part of numba's file name in the cache, where two objectives must not meet.
    place = f"{function.__module__}.{getattr(function, '__qualname__', '')}"
    copy.__qualname__ = f"{original.__name__}_of_{re.sub(r'[^0-9A-Za-z]+', '_', place)}"
    copy.__module__ = original.__module__
    return copy  # type: ignore[return-value]
