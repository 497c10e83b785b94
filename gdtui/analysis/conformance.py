"""Whether an objective and its racers are what they claim to be: the checks behind ``gdtui check``.

Every check is a pure function of a problem or a scenario and returns a :class:`Check`; tests run the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from gdtui.analysis.curvature import Curvature
from gdtui.contracts import Ints, Problem, Reals, is_kernel
from gdtui.engine.compile import compiled
from gdtui.engine.race import Race
from gdtui.engine.racer import Racer
from gdtui.errors import InputError, clean
from gdtui.scenario import Scenario

STEPS = 200
SEED = 0
# Central differences err by h^2 f'''/6 in truth and by eps |f| / h in rounding; this h makes both about as large.
DIFFERENCE_STEP = float(np.cbrt(np.finfo(float).eps))
GRADIENT_TOLERANCE = 1e-6
VALUE_TOLERANCE = 1e-9
_POINTS = 3
_DERIVATIVES = 32
_BATCHES = 7
_FULL: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, whether it holds, the number that was found, and what to do where it does not hold."""

    name: str
    passed: bool
    found: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The check in a line."""
        return f"{self.name} ({self.found})" + ("" if self.passed else f"; {self.remedy}")


def examine(scenario: Scenario, *, steps: int = STEPS, seed: int = SEED) -> Iterator[Check]:
    """Every check that applies to the scenario, in order. What is not even valid raises an :class:`InputError`."""
    race = Race(scenario)
    problem = race.problem
    compiles = check_compiles(race)
    yield compiles
    if not compiles.passed:
        return
    yield check_gradient(problem, seed)
    if problem.samples:
        yield check_batches(problem, seed)
    yield check_plane(problem, seed)
    if problem.optimum is not None or problem.optimal_value is not None:
        yield check_optimum(problem, seed)
    if (problem.quadratic or problem.convex) and problem.hessian_vector is not None:
        yield check_curvature(problem, seed)
    if problem.test is not None:
        yield check_test_measures(problem)
    yield check_learning_rates(race, steps)
    yield check_determinism(scenario, steps)


def check_compiles(race: Race) -> Check:
    """The objective's and the racers' kernels compile, and the start can be evaluated."""
    try:
        race.prepare()
    except InputError:
        raise
    except Exception as error:  # numba has dozens of them
        reason = clean(f"{type(error).__name__}: {' '.join(str(error).split())}", 200)
        return Check("kernels compile", False, reason, "use loops, arithmetic and math over the arrays passed in")
    return Check("kernels compile", True, f"f at the start is {race.loss_start:.6g}", "")


def check_gradient(problem: Problem, seed: int = SEED) -> Check:
    """The gradient equals central differences of the value, at seeded points near the start."""
    evaluate = _evaluator(problem)
    generator = np.random.default_rng(seed)
    worst, where, count = 0.0, 0, 0
    for x in _points_near(problem.start, generator):
        value, gradient = evaluate(x, _FULL)
        scale = max(1.0, abs(value), float(np.abs(gradient).max()))
        for i in generator.permutation(problem.n)[:_DERIVATIVES]:
            step = DIFFERENCE_STEP * max(1.0, abs(x[i]))
            coarse, fine = (_difference(evaluate, x, int(i), h) for h in (step, step / 2))
            # What halving h changes is the difference's own error and not held against the gradient.
            excess = float((abs(fine - gradient[i]) - abs(fine - coarse)) / scale)
            count += 1
            if not excess <= worst:  # NaN counts as the worst there is
                worst, where = excess if np.isfinite(excess) else np.inf, int(i)
    return Check(
        "gradient equals central differences",
        worst <= GRADIENT_TOLERANCE,
        f"{count} derivatives, largest relative error {worst:.1e}",
        f"correct the derivative for parameter {where}",
    )


def check_batches(problem: Problem, seed: int = SEED) -> Check:
    """The gradients of the mini-batches that the samples fall into average, by size, to the full gradient."""
    evaluate = _evaluator(problem)
    generator = np.random.default_rng(seed)
    x = next(_points_near(problem.start, generator))
    value, gradient = evaluate(x, _FULL)
    mean_value, mean_gradient = 0.0, np.zeros(problem.n)
    for batch in np.array_split(generator.permutation(problem.samples), min(_BATCHES, problem.samples)):
        share = batch.size / problem.samples
        batch_value, batch_gradient = evaluate(x, batch)
        mean_value += share * batch_value
        mean_gradient += share * batch_gradient
    scale = max(1.0, abs(value), float(np.abs(gradient).max()))
    error = max(abs(mean_value - value), float(np.abs(mean_gradient - gradient).max())) / scale
    return Check(
        "mini-batches average to the full objective",
        error <= VALUE_TOLERANCE,
        f"relative error {error:.1e}",
        "divide by the batch's own size and add what does not depend on samples whole",
    )


def check_plane(problem: Problem, seed: int = SEED) -> Check:
    """The plane's values, which contour charts show, equal the kernel's."""
    evaluate = _evaluator(problem)
    generator = np.random.default_rng(seed)
    first, second = generator.standard_normal((2, problem.n)) / np.sqrt(problem.n)
    a, b = generator.uniform(-1.0, 1.0, (2, _POINTS))
    with np.errstate(all="ignore"):
        shown = problem.plane(problem.start, first, second, a, b)
    worst = 0.0
    for k in range(_POINTS):
        value, _ = evaluate(problem.start + a[k] * first + b[k] * second, _FULL)
        error = abs(shown[k] - value) / max(1.0, abs(value))
        worst = max(worst, float(error) if np.isfinite(error) else np.inf)
    return Check(
        "plane and kernel give the same values",
        worst <= VALUE_TOLERANCE,
        f"{_POINTS} points, largest relative error {worst:.1e}",
        "make plane and value_grad compute the same function",
    )


def check_optimum(problem: Problem, seed: int = SEED) -> Check:
    """At the known optimum the gradient vanishes and the value is the known one, and nothing seen lies lower."""
    name, remedy = "the known optimum is one", "correct optimum and optimal_value, or leave them out"
    evaluate = _evaluator(problem)
    start_value, start_gradient = evaluate(problem.start, _FULL)
    lowest = min(evaluate(x, _FULL)[0] for x in _points_near(problem.start, np.random.default_rng(seed)))
    known, norm = problem.optimal_value, 0.0
    if problem.optimum is not None:
        value, gradient = evaluate(problem.optimum, _FULL)
        norm = float(np.linalg.norm(gradient)) / max(1.0, float(np.linalg.norm(start_gradient)))
        known = value if known is None else known
        if abs(value - known) > VALUE_TOLERANCE * max(1.0, abs(known)):
            return Check(name, False, f"f is {value:.9g} there, optimal_value says {known:.9g}", remedy)
    floor = (known or 0.0) - VALUE_TOLERANCE * max(1.0, abs(known or 0.0))
    if min(lowest, start_value) < floor:
        return Check(name, False, f"f is {min(lowest, start_value):.9g} near the start, below {known:.9g}", remedy)
    return Check(name, norm <= GRADIENT_TOLERANCE, f"‖g‖ is {norm:.1e} of its length at the start", remedy)


def check_curvature(problem: Problem, seed: int = SEED) -> Check:
    """A quadratic's Hessian is the same everywhere, and a convex one bends down nowhere: verdicts rest on it."""
    product, asked = _product(problem), Curvature(replace(problem, quadratic=False))
    generator = np.random.default_rng(seed)
    direction, worst = generator.standard_normal(problem.n), 0.0
    at_start = product(problem.start + 0.0, direction)
    for x in _points_near(problem.start, generator):
        here, found = product(x, direction), asked.at(x)
        if problem.quadratic:
            scale = max(float(np.linalg.norm(here)), float(np.linalg.norm(at_start)), np.finfo(float).tiny)
            worst = max(worst, float(np.linalg.norm(here - at_start)) / scale)
        if problem.convex and found is not None and found.bends_down:
            worst = max(worst, -found.least / found.scale)
    claims = " and ".join(word for word in ("quadratic", "convex") if getattr(problem, word))
    return Check(
        f"the Hessian is that of a {claims} objective",
        worst <= VALUE_TOLERANCE,
        f"{_POINTS} points, largest relative error {worst:.1e}",
        "leave out quadratic or convex, or correct the Hessian",
    )


def check_test_measures(problem: Problem) -> Check:
    """The held-out measures are numbers at the start."""
    measures = {} if problem.test is None else problem.test(problem.start)
    found = ", ".join(f"{name} {value:.4g}" for name, value in measures.items())
    finite = bool(measures) and all(np.isfinite(value) for value in measures.values())
    return Check("test measures are finite at the start", finite, found, "look at the held-out rows")


def check_learning_rates(race: Race, steps: int = STEPS) -> Check:
    """Every racer's learning rate is finite and never negative at its first steps, and positive at the very first."""
    rates = {racer.label: racer.rates(0, max(1, steps)) for racer in race}
    good = {label for label, rate in rates.items() if rate[0] > 0.0 and rate.min() >= 0.0 and np.isfinite(rate).all()}
    bad = [label for label in rates if label not in good]
    lowest = min(float(rate.min()) for rate in rates.values())
    found = f"lowest {lowest:.6g}" + (f", racers {', '.join(bad)}" if bad else "")
    return Check("learning rates are positive, or end at 0", not bad, found, "correct the schedule of those racers")


def check_determinism(scenario: Scenario, steps: int = STEPS) -> Check:
    """A second race, and a third in two pieces, repeat the first to the last bit."""
    piece, scenario = steps // 3, replace(scenario, seconds=None)  # a clock repeats nothing
    once = Race(scenario).advance(steps)
    again = Race(scenario).advance(steps)
    split = Race(scenario).advance(piece).advance(steps - piece)
    differing = sorted(
        {one.label for other in (again, split) for one, two in zip(once, other, strict=True) if _differ(one, two)}
    )
    return Check(
        "races repeat bit by bit",
        not differing,
        f"{steps} steps twice and in two pieces" + (f", racers {', '.join(differing)} differ" if differing else ""),
        "draw random numbers from the seed alone, and keep nothing between calls",
    )


def _differ(one: Racer, two: Racer) -> bool:
    pairs = ((one.theta, two.theta), (one.loss, two.loss), (one.grad_norm, two.grad_norm), (one.steps, two.steps))
    return any(a.tobytes() != b.tobytes() for a, b in pairs)


_Evaluator = Callable[[Reals, Ints], tuple[float, Reals]]


def _evaluator(problem: Problem) -> _Evaluator:
    """The objective as a function of a point and a mini-batch (empty: all samples), compiled where it can be."""
    kernel = problem.value_grad
    function = compiled(kernel, "value_grad") if is_kernel(kernel) else kernel

    def evaluate(x: Reals, batch: Ints) -> tuple[float, Reals]:
        gradient = np.zeros(problem.n)
        with np.errstate(all="ignore"):
            value = float(function(x, problem.reals, problem.ints, batch, np.empty(0), gradient))
        return value, gradient

    return evaluate


def _product(problem: Problem) -> Callable[[Reals, Reals], Reals]:
    """The Hessian's product with a vector as a function of a point and the vector, compiled where it can be."""
    kernel = problem.hessian_vector
    assert kernel is not None
    function = compiled(kernel, "hessian_vector") if is_kernel(kernel) else kernel

    def product(x: Reals, vector: Reals) -> Reals:
        out = np.zeros(problem.n)
        with np.errstate(all="ignore"):
            function(x, problem.reals, problem.ints, vector, out)
        return out

    return product


def _difference(evaluate: _Evaluator, x: Reals, i: int, step: float) -> float:
    above, below = x.copy(), x.copy()
    above[i] += step
    below[i] -= step
    difference: float = (evaluate(above, _FULL)[0] - evaluate(below, _FULL)[0]) / (above[i] - below[i])
    return difference


def _points_near(start: Reals, generator: np.random.Generator) -> Iterator[Reals]:
    spread = 0.1 * np.maximum(1.0, np.abs(start))
    for _ in range(_POINTS):
        yield start + spread * generator.standard_normal(start.shape)
