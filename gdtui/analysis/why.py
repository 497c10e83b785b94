"""Why a racer's last step went where it went: its terms, how they make it up, and what dominated, by the numbers.

What the engine does around a rule has terms, too: l2 and clip in the gradient that the rule sees, the bounds behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gdtui.anatomy import Anatomy, Role, Term, Vector
from gdtui.engine.last_step import LastStep
from gdtui.errors import InputError, nearest

OUTWEIGHS = 2.0  # times as long as another, a part is what carried the step
OPPOSED = -0.5  # the cosine between two parts that pull against each other
APART = 10.0  # times one denominator is another, to be worth a word
NEARLY_ALL = 0.9  # of the step's squared length
TURNED = 30.0  # degrees between the step and the way straight down the gradient
MUCH = 0.5  # of a step or a gradient, taken away by bounds or clipping


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """A step taken apart. ``terms``, ``equations`` and ``parts`` are as in an :class:`Anatomy`, with the engine's own.

    ``sentence`` says what dominated, ``notes`` what else is to be said, ``names`` the parameters, ``(n,)``.
    """

    last: LastStep
    terms: tuple[Term, ...]
    equations: tuple[str, ...]
    parts: tuple[Term, ...]
    sentence: str
    notes: tuple[str, ...]
    names: tuple[str, ...]

    def part(self, role: Role) -> Term | None:
        """The part of the step that has this role."""
        return next((part for part in self.parts if part.role == role), None)


def explain(last: LastStep) -> Explanation:
    """The step in its rule's terms; in gradient, η and Δ where the rule's file says no more."""
    with np.errstate(all="ignore"):  # a step may go anywhere
        return _explained(last)


def _explained(last: LastStep) -> Explanation:
    step, names = last.step, _names(last)
    anatomy = _checked(last.anatomy or _plain(last), last)
    terms, equations, notes = list(anatomy.terms), list(anatomy.equations), []
    where = step.before if anatomy.at is None else anatomy.at
    before, equation, note = _seen(last, where, next((t.symbol for t in terms if t.value is step.gradient), "g"))
    terms, equations, notes = before + terms, equation + equations, note + [r for r in (anatomy.remark,) if r]
    bounds = last.arrived - step.after
    bounded = not last.taken_back and last.status == 0 and bool(np.any(bounds))
    if bounded:
        terms += [Term("bounds", bounds, "back into the bounds"), Term("moved", last.moved, "what became of Δ")]
        equations.append("moved = {Δ} + {bounds}")
    found = list(_statements(last, tuple(terms), anatomy.parts, bounds if bounded else None, names))
    notes += _sample(last)
    return Explanation(last, tuple(terms), tuple(equations), anatomy.parts, found[0], (*found[1:], *notes), names)


def _sample(last: LastStep) -> Iterator[str]:
    """What of the objective the rule saw."""
    problem, drawn = last.problem, last.batch.size
    if problem.time_dependent:
        yield f"The gradient is that of step {last.step.t} alone; f is the whole objective."
    elif drawn:
        yield f"The gradient is that of {drawn} of {problem.samples} samples; f is over all of them."
    if last.noise.size:
        yield "The gradient has the noise of its step; f has none."


def _checked(anatomy: Anatomy, last: LastStep) -> Anatomy:
    """``anatomy``, or an :class:`InputError` where its equations name what it does not have: a file may be a user's."""
    known, n = {"Δ", *(term.symbol for term in anatomy.terms)}, last.problem.n
    place = f"optimizer {last.optimizer.name}"
    for term in (*anatomy.terms, *anatomy.parts):
        if isinstance(term.value, np.ndarray) and term.value.shape != (n,):
            reason = f"the term {term.symbol!r} has shape {term.value.shape}"
            raise InputError(reason, where=place, key="anatomy", remedy=f"give a number, or an array of shape ({n},)")
    for equation in anatomy.equations:
        left, _, right = equation.partition(" = ")
        for symbol in (left, *re.findall(r"\{(.*?)\}", right)):
            if symbol not in known:
                reason = f"{symbol!r}, in {equation!r}, is none of its terms"
                raise InputError(reason, where=place, key="anatomy", remedy=nearest(symbol, known))
    return anatomy


def _plain(last: LastStep) -> Anatomy:
    gradient = Term("g", last.step.gradient, "gradient", "gradient")
    return Anatomy((gradient, Term("η", last.step.lr, "learning rate")), ())


def _seen(last: LastStep, where: Vector, symbol: str) -> tuple[list[Term], list[str], list[str]]:
    """What made the gradient that the rule saw out of the objective's own."""
    if last.l2 == 0.0 and last.clip == 0.0:
        return [], [], []
    terms = [Term("∇f", last.objective_gradient, "the objective's own gradient")]
    whole, sides, notes = last.objective_gradient, "{∇f}", []
    if last.l2 > 0.0:
        terms.append(Term("l2·θ", last.l2 * where, "what l2 adds"))
        whole, sides = whole + last.l2 * where, "{∇f} + {l2·θ}"
    size = length(whole)
    if last.clip > 0.0 and size > last.clip:
        terms.append(Term("clip", last.clip / size, "what the gradient is shortened to"))
        sides = f"{{clip}}·({sides})"
    elif last.clip > 0.0:
        notes.append(f"clip = {last.clip:.3g} is not reached: the gradient's length is {size:.3g}.")
    return terms, [f"{symbol} = {sides}"] if sides != "{∇f}" else [], notes


def _statements(
    last: LastStep, terms: tuple[Term, ...], parts: tuple[Term, ...], bounds: Vector | None, names: tuple[str, ...]
) -> Iterator[str]:
    """What can truly be said of the step, the most telling first; at least one sentence."""
    step = last.step
    change = step.change
    if last.status != 0:
        stop = last.optimizer.stops[last.status - 1].rstrip(",")
        yield f"The rule stopped: it {stop}, and moved nothing."
        return
    if last.taken_back:
        yield f"The step left the numbers, and was taken back: ‖g‖ = {length(step.gradient):.3g} at η = {step.lr:.3g}."
        return
    size = length(change)
    if size == 0.0:
        still = "the gradient is 0" if not np.any(step.gradient) else "Δ is 0, or lost in rounding beside θ"
        yield f"Nothing moved: {still}."
        return
    if bounds is not None and length(bounds) >= MUCH * size:
        yield f"The bounds took {min(1.0, length(bounds) / size):.0%} of its length."
    whole = sum(length(np.asarray(part.value)) for part in parts)
    for part in parts:
        if part.role == "decay" and whole > 0.0 and length(np.asarray(part.value)) >= MUCH * whole:
            yield f"Weight decay set it: {part.symbol} is {length(np.asarray(part.value)) / whole:.0%} of all parts."
    clip = next((float(term.value) for term in terms if term.symbol == "clip"), 1.0)
    if clip <= MUCH:
        yield f"Clipping shortened the gradient to {clip:.2g} of its length."
    told = [*_carried(parts or terms, terms, change, _uphill(last)), *_apart(terms, names)]
    turned = list(_turned(last, names))
    if not told and len(parts) == 1 and parts[0].role == "gradient":
        told = [f"The newest gradient alone made it: Δ = {parts[0].symbol}."]
    yield from [*told, *turned] or ["No part of it stands out."]


def _carried(parts: tuple[Term, ...], terms: tuple[Term, ...], change: Vector, uphill: str) -> Iterator[str]:
    """What earlier gradients carried on, against what the newest one did."""

    def found(role: Role, among: tuple[Term, ...]) -> Term | None:
        return next((term for term in among if term.role == role), None)

    among = parts if found("carried", parts) is not None else terms
    carried, fresh = found("carried", among), found("gradient", among)
    if carried is None or fresh is None:
        return
    old, new = np.asarray(carried.value), np.asarray(fresh.value)
    a, b = length(old), length(new)
    if a == 0.0 or b == 0.0:
        zero, still = (carried, "nothing was carried on") if a == 0.0 else (fresh, "no gradient joined")
        yield f"{zero.symbol} is 0: {still}."
        return
    against = float((old / a) @ (new / b)) <= OPPOSED
    if a >= OUTWEIGHS * b:
        brake = ", against which it pulls" if against else ""
        yield f"Momentum carried it{uphill}: {carried.symbol} is {_times(a / b)} as long as {fresh.symbol}{brake}."
    elif b >= OUTWEIGHS * a:
        yield f"The newest gradient set it: {fresh.symbol} is {_times(b / a)} as long as {carried.symbol}."
    elif against and among is parts:
        left = length(change) / a
        yield f"The gradient brakes: of {carried.symbol}'s length {left:.0%} are left, against {fresh.symbol}."


def _apart(terms: tuple[Term, ...], names: tuple[str, ...]) -> Iterator[str]:
    """Denominators that lie far apart."""
    for term in terms:
        if term.role == "denominator" and len(names) > 1:
            values = np.asarray(term.value)
            least, most = int(np.argmin(values)), int(np.argmax(values))
            if 0.0 < values[least] < np.inf and APART * values[least] <= values[most] < np.inf:
                ratio = _times(float(values[most] / values[least]))
                yield f"The denominator {term.symbol} of {names[most]} is {ratio} that of {names[least]}."


def _turned(last: LastStep, names: tuple[str, ...]) -> Iterator[str]:
    """Where it points, where that is far from straight down the gradient, or nearly along an axis."""
    change, gradient = last.step.change, last.step.gradient
    a, b = length(change), length(gradient)
    if len(names) > 1 and 0.0 < a < np.inf and 0.0 < b < np.inf:
        cosine = -float((change / a) @ (gradient / b))
        angle = float(np.degrees(np.arccos(min(max(cosine, -1.0), 1.0))))
        if angle >= TURNED:
            yield f"It points {angle:.0f} degrees away from −g."
    shares = np.square(change / np.abs(change).max())
    shares /= shares.sum()
    most = int(np.argmax(shares))
    if len(names) > 1 and shares[most] >= NEARLY_ALL:
        yield f"{names[most]} takes {shares[most]:.0%} of ‖Δ‖²."


def _uphill(last: LastStep) -> str:
    """Whether the objective rises along the step, to first order and beyond rounding."""
    rise = float(last.slope @ last.moved)
    return " uphill" if rise > 1e-9 * length(last.slope) * length(last.moved) else ""


def _names(last: LastStep) -> tuple[str, ...]:
    n, given = last.problem.n, last.problem.names
    lowered = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    return given if len(given) == n else tuple("θ" + str(k).translate(lowered) for k in range(1, n + 1))


def _times(ratio: float) -> str:
    return f"{ratio:.1f}×" if ratio < 9.95 else f"{ratio:.0f}×" if ratio < 1e4 else f"{ratio:.1e}×"


def length(vector: Vector) -> float:
    """The length, without overflow on the way; infinite or NaN where an entry is."""
    largest = float(np.abs(vector).max(initial=0.0))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(vector / largest))
