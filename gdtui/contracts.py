"""The types everything meets in: what an objective, an optimizer and a schedule say of themselves.

A file in ``objectives/``, ``optimizers/`` or ``schedules/`` holds plain functions under the :func:`kernel` marker and
one record (``OBJECTIVE``, ``OPTIMIZER``, ``SCHEDULE``) made of the classes here. None of them imports numba: the engine
compiles a kernel, and the kernels it calls, the first time a race uses it, and the same function runs as plain Python
in tests.

Shapes, throughout: ``n`` parameters, ``x`` and ``g`` are float64 ``(n,)``; ``reals`` float64 and ``ints`` int64 are the
objective's data, flat; ``batch`` int64 ``(b,)`` holds the step's sample indices, the step itself for a time-dependent
objective, or nothing, which means the full objective; ``noise`` float64 ``(k,)`` the step's standard normals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from gdtui.anatomy import Anatomy, Step
from gdtui.errors import InputError

Reals = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel(function: _Function) -> _Function:
    """Mark a plain function as one the engine may compile. It stays a plain function.

    Inside: loops and arithmetic over the arrays passed in, other kernels of the same module or imported by name, and
    ``math``. Nothing is allocated per step; no ``@``, no ``numpy.linalg``, no random numbers, no ``**`` with a variable
    exponent (their bits differ between the compiled and the plain function, or they pull in SciPy).
    """
    function.__gdtui_kernel__ = True  # type: ignore[attr-defined]
    return function


def is_kernel(function: object) -> bool:
    """Whether ``function`` carries the :func:`kernel` marker."""
    return getattr(function, "__gdtui_kernel__", False) is True


class ValueGrad(Protocol):
    """Writes the gradient at ``x`` into ``g`` and returns the value."""

    def __call__(self, x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals, /) -> float: ...


class Hessian(Protocol):
    """Writes the Hessian at ``x`` into ``H``, float64 ``(n, n)``."""

    def __call__(self, x: Reals, reals: Reals, ints: Ints, H: Reals, /) -> None: ...


class HessianVector(Protocol):
    """Writes the Hessian at ``x`` times ``v`` into ``out``, both ``(n,)``."""

    def __call__(self, x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals, /) -> None: ...


class Rule(Protocol):
    """One update of ``x`` in place. Returns 0, or k to stop the racer with the optimizer's k-th stop sentence.

    ``f`` and ``g`` are the value and gradient at ``x`` on the step's batch, unless the optimizer ``evaluates`` for
    itself. ``blocks`` is int64 ``(blocks, 3)``: offset, rows, columns. ``state`` is float64: one row per slot, then, if
    the optimizer has scalars, one row that holds them first; all zero before step 1. ``hyper`` holds the optimizer's
    hyperparameters in their order. ``t`` counts from 1. ``lr`` is this step's learning rate. ``counts`` int64 ``(4,)``
    is where a rule charges what it evaluates itself: values, gradients, Hessians, Hessian-vector products.
    """

    def __call__(
        self,
        value_grad: ValueGrad,
        hessian: Hessian,
        hessian_vector: HessianVector,
        reals: Reals,
        ints: Ints,
        blocks: Ints,
        batch: Ints,
        noise: Reals,
        x: Reals,
        f: float,
        g: Reals,
        state: Reals,
        hyper: Reals,
        t: int,
        lr: float,
        counts: Ints,
        /,
    ) -> int: ...


@dataclass(frozen=True, slots=True)
class Interval:
    """A range of numbers written as in mathematics: ``[0, 1)``, ``(0, inf)``."""

    text: str

    def bounds(self) -> tuple[float, float]:
        low, high = self.text[1:-1].split(",")
        return float(low), float(high)

    def __contains__(self, value: float) -> bool:
        low, high = self.bounds()
        above = value >= low if self.text[0] == "[" else value > low
        below = value <= high if self.text[-1] == "]" else value < high
        return above and below


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """A number of an update rule: its name, default, allowed interval and meaning.

    A ``flag`` is written true or false, and is 1.0 or 0.0 for the rule.
    """

    name: str
    default: float
    interval: str
    meaning: str
    integer: bool = False
    flag: bool = False

    def check(self, value: object) -> float:
        """``value`` as a float, or an :class:`InputError` that says what is allowed."""
        if not self.flag:
            return number(value, self.interval, integer=self.integer)
        if isinstance(value, bool) or (isinstance(value, int | float | np.number) and value in (0, 1)):
            return float(value)
        raise InputError(f"{value!r} is neither true nor false", remedy="give true or false")

    def typed(self, value: float) -> float | int | bool:
        """``value`` as the type it is written in."""
        return bool(value) if self.flag else int(value) if self.integer else value


# Those that belong to the engine, not to a rule, and so to every racer, or to nearly every one.
LEARNING_RATE = Hyperparameter("lr", 1e-3, "(0, inf)", "learning rate: the length of a step per unit of gradient")
BATCH_SIZE = Hyperparameter("batch_size", 0, "[0, 1e9]", "samples per step, 0 = all of them", integer=True)
L2 = Hyperparameter("l2", 0.0, "[0, inf)", "adds (l2/2)‖θ‖² to the objective that this racer sees")
CLIP = Hyperparameter("clip", 0.0, "[0, inf)", "shortens a gradient to this length where it is longer, 0 = off")


def number(value: object, interval: str, *, integer: bool = False) -> float:
    """``value`` as a finite float inside ``interval``; text, true/false and NaN are refused, never converted."""
    kind = "a whole number" if integer else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        shown = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else repr(value)
        raise InputError(f"{shown} is not {kind}", remedy=f"give {kind} in {interval}")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise InputError(f"{result} is not finite", remedy=f"give {kind} in {interval}")
    if integer and result != int(result):
        raise InputError(f"{result!r} is not {kind}", remedy=f"give {kind} in {interval}")
    if result not in Interval(interval):
        shown = str(int(result)) if integer else repr(result)
        raise InputError(f"{shown} is out of range", remedy=f"give {kind} in {interval}")
    return result


@dataclass(frozen=True, slots=True)
class Option:
    """A parameter of an objective or a schedule, as a scenario file may set it.

    ``kind`` is one of ``number``, ``integer``, ``flag``, ``text``, ``path`` (resolved against the scenario's folder),
    ``numbers`` (a list), ``matrix`` (a list of lists), ``texts`` and, for a schedule, ``schedules``. A default of None
    means "not given".
    """

    name: str
    kind: str
    default: Any
    meaning: str
    interval: str = "(-inf, inf)"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A named piece of the parameter vector: a matrix of ``rows`` x ``cols`` in row order, or a vector (``cols`` 1)."""

    name: str
    offset: int
    rows: int
    cols: int


@dataclass(frozen=True, slots=True)
class View:
    """The rectangle of a plane that a contour chart shows, in the plane's coordinates."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float


class PlaneValues(Protocol):
    """The full objective on a plane, in NumPy: at ``origin + a[k] first + b[k] second`` for every k; shape of ``a``."""

    def __call__(self, origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals, /) -> Reals: ...


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """An objective with its data: everything a race needs to minimise it. Built by :attr:`Objective.build`.

    ``value_grad`` is a kernel, or a plain function of the same signature, which then runs on the Python lane.
    ``plane`` gives whole grids at once without compiling anything. ``samples`` is how many samples a mini-batch draws
    from (0: the objective has none), ``noise`` how many standard normals a step needs. ``test`` maps parameters to
    held-out measures (``loss`` with ``accuracy``, perhaps ``auc``, or with ``rmse``). ``facts`` may hold ``L``, ``mu``
    and ``kappa``, and ``noise``, the standard deviation of a gradient's coordinate where every step draws it anew.
    ``quadratic`` says that the Hessian is the same everywhere, ``convex`` that it has no negative eigenvalue anywhere.
    ``names`` are the parameters' names, for charts of two of them. ``bounds`` are the least and the largest
    value of every parameter: after each step the point is projected onto that box.
    """

    objective: str
    title: str
    value_grad: ValueGrad
    start: Reals
    plane: PlaneValues
    blocks: tuple[Block, ...]
    reals: Reals = field(default_factory=lambda: np.zeros(0))
    ints: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    view: View | None = None
    optimum: Reals | None = None
    optimal_value: float | None = None
    samples: int = 0
    noise: int = 0
    time_dependent: bool = False
    test: Callable[[Reals], Mapping[str, float]] | None = None
    hessian: Hessian | None = None
    hessian_vector: HessianVector | None = None
    facts: Mapping[str, float] = field(default_factory=dict)
    quadratic: bool = False
    convex: bool = False
    names: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None

    @property
    def n(self) -> int:
        """How many parameters there are."""
        return int(self.start.shape[0])


@dataclass(frozen=True, slots=True)
class Objective:
    """What is minimised, as its file declares it. ``build(options, seed)`` gets every option, checked, by name."""

    name: str
    title: str
    formula: str
    build: Callable[[Mapping[str, Any], int], Problem]
    options: tuple[Option, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """How often a step evaluates ``what``, a value, gradient, hessian or hessian_vector, at least and at most.

    Without ``most`` there is no limit.
    """

    what: str
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Optimizer:
    """How it is minimised, as its file declares it.

    ``learning_rate`` is the default: torch's where torch has the rule. ``slots`` name the rows of the state,
    ``scalars`` the numbers in the row after them; a rule whose state depends on more than n gives
    ``state_shape(n, blocks, hyper)`` instead, and says in ``state`` how many numbers that are, and which. A step is
    charged for one gradient unless ``charges`` says otherwise, which a rule that evaluates anything itself has to.
    ``order`` is the place among the children of its parent, or among the roots; those of one place are by name.
    ``evaluates`` says that the rule takes its gradient elsewhere than at
    ``x`` and calls ``value_grad`` itself, charging it to ``counts``. ``calls`` names those of ``value_grad``,
    ``hessian`` and ``hessian_vector`` that the rule calls beside the gradient at ``x``: a problem that lacks one is
    refused, as is one with more than ``most_parameters``, or without a block that is a matrix for a rule that is for
    ``matrices``; the message names the optimizer to race ``instead``. ``fixes`` is what it repairs in its ``parent``,
    ``fails`` where it fails itself, ``fails_on`` the scenario that shows it, with the racers ``shown_by``,
    as a command line takes them, or else with it and its parent as they race there. ``settles`` says that at a constant
    learning rate it can come to rest at a minimum. ``stops`` are the sentences behind the rule's non-zero returns.
    ``anatomy`` takes a step apart in the rule's own terms, for whoever asks why it went there.
    """

    name: str
    title: str
    parent: str | None
    rule: Rule
    learning_rate: float
    formula: str
    fixes: str
    fails: str
    fails_on: str
    reference: str
    hyperparameters: tuple[Hyperparameter, ...] = ()
    slots: tuple[str, ...] = ()
    scalars: tuple[str, ...] = ()
    state_shape: Callable[[int, Ints, Reals], tuple[int, int]] | None = None
    batch_size: int = 0
    evaluates: bool = False
    calls: tuple[str, ...] = ()
    most_parameters: int | None = None
    matrices: bool = False
    instead: str = ""
    shown_by: tuple[str, ...] = ()
    settles: bool = True
    stops: tuple[str, ...] = ()
    state: str = ""
    charges: tuple[Charge, ...] = ()
    order: int = 99
    anatomy: Callable[[Step], Anatomy] | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """One of the schedules that a schedule is made of: ``rates(k, base)`` on its own clock, for ``length`` steps.

    The last one has no length: it goes on.
    """

    rates: Callable[[Ints, float], Reals]
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The learning rate as a pure function of the steps taken, as its file declares it.

    ``rates(k, base, arguments)`` has k int64 ``(m,)``, any steps in any order, and gets every argument by name. An
    argument is an :class:`Option` of kind ``number``, ``integer`` or ``schedules`` (a tuple of :class:`Phase`, as many
    as its interval says); one whose default is None has to be given. ``check`` raises an :class:`InputError`, with the
    argument as its key, where values do not go together. ``length`` names the argument that says how many steps the
    schedule takes, ``warmup`` the one that says for how many it rises first.

    A schedule that looks at the loss has ``react(memory, loss, base, arguments)``: called with the full objective
    whenever as many steps have been taken as the argument that ``period`` names says, it returns the factor for the
    rates of the steps to come, and keeps what it needs in ``memory``, float64 ``(len(memory),)``, zero at the start.
    """

    name: str
    title: str
    formula: str
    rates: Callable[[Ints, float, Mapping[str, Any]], Reals]
    arguments: tuple[Option, ...] = ()
    reference: str = ""
    check: Callable[[Mapping[str, Any]], None] | None = None
    length: str = ""
    warmup: str = ""
    react: Callable[[Reals, float, float, Mapping[str, Any]], float] | None = None
    memory: tuple[str, ...] = ()
    period: str = ""
