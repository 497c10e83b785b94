"""Theory beside measurement: what can be predicted of a racer, and which condition fails where nothing can.

On a quadratic the predictions are exact; elsewhere they are those of the parabola at the racer's point, and marked as
local. A prediction is never put in the place of a measurement: each :class:`Line` holds the two apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from gdtui import registry
from gdtui.analysis import curvature as curvatures
from gdtui.analysis import iteration
from gdtui.analysis.curvature import Curvature, Extremes
from gdtui.contracts import CLIP, L2, Problem
from gdtui.engine.outcome import Outcome
from gdtui.engine.rates import CONSTANT
from gdtui.engine.snapshot import RacerSnapshot

NOT_HERE: Final = "does not apply: "
RATE, FLOOR = "rate", "floor"  # symbols of the lines that have a measurement beside the prediction


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity: what theory predicts, what was measured, or in ``note`` which condition of the theory fails.

    ``symbol`` is short for the ``label``. ``is_local`` marks a number that holds for the parabola at the racer's point
    alone.
    """

    symbol: str
    label: str
    predicted: float | None
    measured: float | None = None
    unit: str = ""
    is_local: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Best:
    """The constant hyperparameters with the best rate, and that rate per step; or the reason why there are none."""

    hyperparameters: Mapping[str, float]
    rate: float | None
    is_local: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a prediction for a racer rests on. ``reason`` says which condition of rates and best settings fails, if any.

    ``least`` and ``most`` are the smallest curvature that is not 0 and the largest, of the objective that the racer
    sees, its l2 included; None where nobody knows. ``is_constant`` says that no schedule changes ``lr``.
    """

    method: str
    lr: float
    beta: float
    least: float | None
    most: float | None
    is_local: bool
    is_constant: bool
    reason: str

    @property
    def limit(self) -> float | None:
        """The stability limit of the learning rate, for the methods that have one in closed form."""
        if self.method not in iteration.METHODS or self.most is None or self.most <= 0.0:
            return None
        limit = iteration.limit(self.method, self.most, self.beta)
        return limit if 0.0 < limit < math.inf else None  # curvatures and betas come in all sizes

    @property
    def rate(self) -> float | None:
        """The predicted factor per step in the distance to the minimum, in the end."""
        if self.reason or self.least is None or self.most is None or self.method not in iteration.METHODS:
            return None
        return iteration.rate(self.method, self.lr, self.beta, self.least, self.most)

    @property
    def swing(self) -> float | None:
        """In how many steps the loss along the flattest direction goes up and down once; None where it does not."""
        if self.rate is None or self.least is None:
            return None
        return iteration.swing(self.method, self.lr * self.least, self.beta)


@dataclass(frozen=True, slots=True)
class Theory:
    """All that a panel shows of the theory of one racer.

    ``statements`` are guarantees, a sentence each, with their conditions. ``predicted_slope`` is the slope of the
    natural logarithm of the loss above its minimum per step, in the end; None where it does not apply. Where the
    flattest direction swings, the loss goes up and down about that slope, once in ``swing`` steps.
    """

    racer: str
    optimizer: str
    lines: tuple[Line, ...]
    statements: tuple[str, ...]
    predicted_slope: float | None
    swing: float | None
    is_local: bool
    _least: float | None
    _most: float | None
    _unfit: str

    def best(self, optimizer: str | None = None) -> Best:
        """The best constant hyperparameters for the racer's optimizer, or for another one on the same problem."""
        return _best(optimizer or self.optimizer, self._least, self._most, self.is_local, self._unfit)

    def line(self, symbol: str) -> Line | None:
        """The line of that symbol, if there is one."""
        return next((line for line in self.lines if line.symbol == symbol), None)


def of_racer(
    racer: RacerSnapshot,
    problem: Problem,
    *,
    measured: float | None = None,
    measured_floor: float | None = None,
    curvature: Curvature | None = None,
    saving: bool = False,
) -> Theory:
    """The theory of a racer at its point.

    ``measured`` is its rate per step in the distance to the minimum as it was measured, if it was, ``measured_floor``
    likewise the mean of the loss above the minimum at a noise floor. Callable from any thread. With ``saving``, for a
    screen that looks many times in a race, the curvature of a large problem is that of some looks ago while the racer
    runs, as for its verdicts.
    """
    asked = curvature or curvatures.of(problem)
    is_running = racer.outcome is Outcome.RUNNING
    found = asked.lately(racer.label, racer.step, racer.theta) if saving and is_running else asked.at(racer.theta)
    known = terms(racer, problem, found)
    unfit = known.reason
    lines = [*_curvature_lines(known, problem, found), *_step_lines(known), *_rate_lines(known, unfit, measured)]
    if racer.is_stochastic:
        lines.append(_floor_line(racer, problem, known, found, measured_floor))
    slope = known.rate if not racer.spec.hyperparameters.get(L2.name) else None
    return Theory(
        racer=racer.label,
        optimizer=racer.spec.optimizer,
        lines=tuple(lines),
        statements=_statements(racer, problem, known),
        predicted_slope=2.0 * math.log(slope) if slope is not None and 0.0 < slope < 1.0 else None,
        swing=known.swing,
        is_local=known.is_local,
        _least=known.least,
        _most=known.most,
        _unfit=_unfit(racer, problem, found, known),
    )


def terms(racer: RacerSnapshot, problem: Problem, found: Extremes | None) -> Terms:
    """What predictions for the racer rest on, given the curvature at its point."""
    method, given = racer.spec.optimizer, racer.spec.hyperparameters
    beta = 0.0
    if method in {"momentum", "nesterov"}:
        beta = given.get("beta", registry.optimizer(method).hyperparameters[0].default)
    scheduled = racer.spec.schedule not in (None, CONSTANT)
    rates = racer.recorded.rate  # empty where somebody took the rows
    lr = float(rates[-1]) if scheduled and rates.size else racer.lr
    l2 = given.get(L2.name, 0.0)
    least, most = _extremes(problem, found, l2)
    known = Terms(method, lr, beta, least, most, not problem.quadratic, not scheduled, "")
    if method not in iteration.METHODS:
        title = registry.optimizer(method).title
        return replace(known, reason=f"rates in closed form are those of gd, momentum and nesterov, not of {title}")
    return replace(known, reason=_unfit(racer, problem, found, known))


def _unfit(racer: RacerSnapshot, problem: Problem, found: Extremes | None, known: Terms) -> str:
    """Which condition fails for every optimizer on this problem with this racer's samples, schedule and clipping."""
    if racer.spec.schedule not in (None, CONSTANT):
        return "the learning rate follows a schedule"
    if problem.time_dependent:
        return "the objective changes with the step"
    if problem.bounds is not None:
        return "the parameters are kept within bounds"
    if racer.is_stochastic:
        return "the gradients are noisy"
    if racer.spec.hyperparameters.get(CLIP.name, 0.0) > 0.0:
        return "gradients are clipped"
    if found is None and known.most is None:
        return "nobody knows the curvature: the objective has no Hessian that could be asked"
    if found is not None and found.least + found.residual + racer.spec.hyperparameters.get(L2.name, 0.0) < (
        -curvatures.ZERO * found.scale
    ):
        return "the Hessian has a negative eigenvalue"
    if known.least is None or known.most is None or not known.most > 0.0:
        return "the smallest curvature is 0, or not known well enough"
    return ""


def _extremes(problem: Problem, found: Extremes | None, l2: float) -> tuple[float | None, float | None]:
    """The smallest curvature that is not 0 and the largest, with the racer's l2 in both."""
    if problem.quadratic and {"L", "mu"} <= problem.facts.keys():  # exact, whatever the condition number
        return problem.facts["mu"] + l2, problem.facts["L"] + l2
    if found is None:
        return None, None
    if l2 > 0.0:
        return (found.least + l2 if found.least + l2 > 0.0 else None), found.most + l2
    return found.flattest, found.most


def _curvature_lines(known: Terms, problem: Problem, found: Extremes | None) -> list[Line]:
    local = known.is_local
    if found is None and known.most is None:
        note = NOT_HERE + "the objective has no Hessian that could be asked"
        return [Line("L", "L, the largest curvature", None, note=note)]
    most = known.most
    smallest = found.least if found is not None and found.bends_down else known.least
    lines = [
        Line("L", "L, the largest curvature", most, is_local=local),
        Line("μ", "μ, the smallest curvature", smallest, is_local=local, note="" if smallest is not None else _FLAT),
    ]
    if most is not None and known.least is not None and most > 0.0:
        lines.append(Line("κ", "κ = L/μ", most / known.least, is_local=local))
    if local and "L" in problem.facts:
        lines.append(Line("L bound", "L bound, which holds everywhere", problem.facts["L"]))
    return lines


_FLAT: Final = NOT_HERE + "it is 0, or not known well enough"


def _step_lines(known: Terms) -> list[Line]:
    limit = known.limit
    if limit is None:
        return []
    formula = {"momentum": "2(1+β)/L", "nesterov": "2(1+β)/((1+2β)L)"}.get(known.method, "2/L")
    return [
        Line(formula, f"stability limit of η, {formula}", limit, is_local=known.is_local),
        Line("η/limit", "η as a share of its limit", known.lr / limit, is_local=known.is_local),
    ]


def _rate_lines(known: Terms, reason: str, measured: float | None) -> list[Line]:
    rate, note = known.rate, NOT_HERE + reason if reason else ""
    is_local = known.is_local and not reason
    lines = [Line(RATE, "rate of ‖θ − θ*‖ in the end", rate, measured, "per step", is_local, note)]
    best = _best(known.method, known.least, known.most, known.is_local, reason)
    for name, value in best.hyperparameters.items():
        lines.append(Line(f"best {name}", f"best {name}", value, is_local=known.is_local))
    if best.rate is not None:
        lines.append(Line("best rate", "rate at the best setting", best.rate, unit="per step", is_local=known.is_local))
    return lines


def _floor_line(
    racer: RacerSnapshot, problem: Problem, known: Terms, found: Extremes | None, measured: float | None
) -> Line:
    floor, reason = floor_of(racer, problem, known, found)
    note = "" if floor is not None else NOT_HERE + reason
    return Line(FLOOR, "noise floor of the loss above its minimum", floor, measured, note=note)


def floor_of(racer: RacerSnapshot, problem: Problem, known: Terms, found: Extremes | None) -> tuple[float | None, str]:
    """The predicted mean of the loss above its minimum once noise and descent balance; or why there is none."""
    deviation, given = problem.facts.get("noise"), racer.spec.hyperparameters
    if known.method not in iteration.METHODS:
        return None, f"floors in closed form are those of sgd, momentum and nesterov, not of {known.method}"
    if deviation is None and problem.samples:
        return None, "the batches of an epoch share no sample, so that their noise is not independent"
    if deviation is None or not problem.quadratic or found is None or found.spectrum is None:
        return None, "the size of the noise or the spectrum is not known"
    if racer.spec.schedule not in (None, CONSTANT):
        return None, "the learning rate follows a schedule"
    if given.get(CLIP.name, 0.0) > 0.0 or given.get(L2.name, 0.0) > 0.0 or problem.bounds is not None:
        return None, "gradients are clipped, or the objective is changed by l2 or bounds"
    floor = iteration.noise_floor(known.method, known.lr, known.beta, found.spectrum.tolist(), deviation)
    return (floor, "") if math.isfinite(floor) else (None, "the learning rate is beyond its stability limit")


def _best(method: str, least: float | None, most: float | None, is_local: bool, reason: str) -> Best:
    if reason or least is None or most is None:
        return Best({}, None, is_local, reason or "the curvature is not known")
    if method == "newton" and not is_local:
        return Best({"lr": 1.0, "damping": 0.0}, 0.0, is_local)
    if method not in iteration.METHODS:
        title = registry.optimizer(method).title
        return Best({}, None, is_local, f"no best setting of {title} is known in closed form")
    chosen = iteration.best(method, least, most)
    rate = iteration.rate(method, chosen["lr"], chosen.get("beta", 0.0), least, most)
    return Best(chosen, rate, is_local)


def _statements(racer: RacerSnapshot, problem: Problem, known: Terms) -> tuple[str, ...]:
    """Guarantees that hold here; each names its condition."""
    said: list[str] = []
    method = known.method
    has_l2 = bool(racer.spec.hyperparameters.get(L2.name))
    smooth, strong = (None if has_l2 else problem.facts.get(name) for name in ("L", "mu"))
    quiet = not racer.is_stochastic and problem.bounds is None and not problem.time_dependent
    if method in {"gd", "sgd"} and quiet and smooth:
        said.append(
            f"With η ≤ 1/L = {1.0 / smooth:.4g} no step goes uphill on any L-smooth f; "
            f"η is {known.lr * smooth:.3g} times that."
        )
        if problem.convex:
            said.append("With such an η and a convex f, f − f* ≤ ‖θ₀ − θ*‖²/(2ηt) after t steps.")
        if problem.convex and strong:
            kappa = smooth / strong
            said.append(
                f"With η = 2/(L + μ) = {2.0 / (smooth + strong):.4g} the distance to the minimum shrinks by at least "
                f"(κ − 1)/(κ + 1) = {(kappa - 1.0) / (kappa + 1.0):.4g} a step on any such f."
            )
    if method == "nesterov" and quiet and smooth and strong and problem.convex:
        root = math.sqrt(smooth / strong)
        said.append(
            f"With η = 1/L = {1.0 / smooth:.4g} and β = (√κ − 1)/(√κ + 1) = {(root - 1.0) / (root + 1.0):.4g}, f − f* "
            f"shrinks by 1 − 1/√κ = {1.0 - 1.0 / root:.4g} a step or faster on any μ-strongly convex, L-smooth f."
        )
    if method == "momentum" and quiet and not problem.quadratic:
        said.append("The heavy ball's rate is proved for quadratics; elsewhere it may cycle for ever.")
    if method == "newton":
        said.append(
            "On a quadratic one full step lands on the stationary point, be it a minimum or a saddle; near a minimum "
            "where all curvatures are positive the number of correct digits doubles every step."
        )
    if method == "rmsprop":
        given = racer.spec.hyperparameters
        rho = given.get("rho", registry.optimizer(method).hyperparameters[0].default)
        said.append(
            f"At a constant η it ends in a 2-cycle of η/2 = {known.lr / 2.0:.4g} about the minimum in every "
            f"coordinate; its first step is η/√(1 − ρ) = {known.lr / math.sqrt(1.0 - rho):.4g} long in each."
        )
    return tuple(said)
