"""How the loss bends at a point: the extreme eigenvalues of the Hessian and their eigenvectors.

Small Hessians are decomposed whole. Of large ones nothing but products with vectors is asked for, by the method of
Lanczos with full reorthogonalisation: C. C. Paige, "Error analysis of the Lanczos algorithm for tridiagonalizing a
symmetric matrix", 1976, https://doi.org/10.1093/imamat/18.3.341; B. N. Parlett, "The Symmetric Eigenvalue Problem",
1998, chapter 13, https://doi.org/10.1137/1.9781611971163. The start is seeded, so that a point has one answer.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from gdtui.contracts import Ints, Problem, Reals, is_kernel
from gdtui.engine.compile import compiled

DENSE_UP_TO: Final = 128  # parameters: about 2 ms
DENSE_ONCE_UP_TO: Final = 512  # where one decomposition serves for every point
PRODUCTS: Final = 32  # with vectors, at the most: the bound on the cost of a point
BRIEFLY: Final = 16  # likewise while a race is watched
TOLERANCE: Final = 1e-4  # of the larger eigenvalue: extremes known that well are left as they are
ZERO: Final = 1e-8  # likewise: what is smaller is taken for 0
SEED: Final = 0
PLAIN_UP_TO: Final = 400  # entries of a Hessian, times samples: below it compiling costs more than it saves
KEPT: Final = 32  # points
PER_LOOK: Final = 5e5  # nanoseconds
FREE: Final = 1e5  # likewise: not worth saving
DECOMPOSING: Final = 40.0  # likewise, by the cube of the parameters, where other threads want the machine as well
PER_SAMPLE: Final = 50.0  # likewise, and of a product: as measured on ratings and on tables of some dozen features
_FULL: Final[Ints] = np.empty(0, dtype=np.int64)
_QUIET: Final[Reals] = np.empty(0)

Product = Callable[[Reals], Reals]


@dataclass(frozen=True, slots=True, eq=False)
class Extremes:
    """The least and the largest eigenvalue of a Hessian with their unit eigenvectors, float64 ``(n,)``.

    Eigenvalues lie within ``residual`` of the two. ``spectrum``, float64 ``(n,)``, holds all of them, ascending, where
    the Hessian was decomposed whole; else None. ``products`` is what it cost.
    """

    least: float
    most: float
    least_vector: Reals
    most_vector: Reals
    residual: float
    products: int
    spectrum: Reals | None = None

    @property
    def scale(self) -> float:
        """The size of the larger of the two."""
        return max(abs(self.least), abs(self.most))

    @property
    def bends_down(self) -> bool:
        """Whether there certainly is a direction in which the loss bends downwards."""
        return self.least + self.residual < -ZERO * self.scale

    @property
    def flattest(self) -> float | None:
        """The smallest eigenvalue that is not 0, of a Hessian without negative ones; None if nobody knows."""
        if self.bends_down:
            return None
        if self.spectrum is not None:
            positive = self.spectrum[self.spectrum > 10.0 * self.residual]
            return float(positive[0]) if len(positive) else None
        return self.least if self.least > max(self.residual, ZERO * self.scale) else None


def dense(matrix: Reals) -> Extremes:
    """The extremes of a symmetric matrix, float64 ``(n, n)``."""
    values, vectors = np.linalg.eigh(matrix)
    error = float(len(values) * np.finfo(np.float64).eps * np.abs(values).max())
    return Extremes(
        float(values[0]), float(values[-1]), vectors[:, 0].copy(), vectors[:, -1].copy(), error, len(values), values
    )


def lanczos(
    product: Product,
    n: int,
    *,
    most_products: int = PRODUCTS,
    tolerance: float = TOLERANCE,
    seed: int = SEED,
    once_it_bends_down: bool = False,
) -> Extremes:
    """The extremes of a symmetric matrix that is known by its products with vectors, float64 ``(n,)``.

    Ends when both are known within ``tolerance`` of the larger, or after ``most_products``; or, if that is all that is
    asked, as soon as there certainly is a negative eigenvalue. The least one found is never below the true one, and the
    largest never above.
    """
    generator = np.random.default_rng(seed)
    most = min(n, most_products)
    basis, diagonal, beside = np.zeros((most, n)), np.zeros(most), np.zeros(most)
    basis[0] = _unit(generator.standard_normal(n))
    for k in range(most):
        image = product(basis[k])
        diagonal[k] = basis[k] @ image
        rest = _apart(image, basis[: k + 1])
        beside[k] = np.linalg.norm(rest)
        scale = float(np.abs(diagonal[: k + 1]).max() + np.abs(beside[:k]).max(initial=0.0))
        # An invariant subspace: a random start has a part in every eigenspace, so nothing is missing.
        closed = beside[k] <= np.finfo(np.float64).eps * n * scale
        if closed or k + 1 == most or k % 4 == 3:
            found, vectors = _ritz(diagonal[: k + 1], beside[: k + 1], n)
            if closed or k + 1 == most or found.residual <= tolerance * found.scale:
                break
            if once_it_bends_down and found.bends_down:
                break
        basis[k + 1] = _unit(rest)
    least, largest = (_unit(vector @ basis[: k + 1]) for vector in (vectors[:, 0], vectors[:, -1]))
    return replace(found, least_vector=least, most_vector=largest)


def _ritz(diagonal: Reals, beside: Reals, n: int) -> tuple[Extremes, Reals]:
    """The extremes of the tridiagonal matrix that stands for the whole one, and all its eigenvectors."""
    values, vectors = _tridiagonal(diagonal, beside[:-1])
    rounding = float(n * np.finfo(np.float64).eps * np.abs(values).max())
    is_whole = len(values) == n
    error = 0.0 if is_whole else float(beside[-1] * np.abs(vectors[-1, [0, -1]]).max())
    found = Extremes(
        float(values[0]), float(values[-1]), vectors[:, 0], vectors[:, -1], max(rounding, error), len(values),
        values if is_whole else None,
    )  # fmt: skip
    return found, vectors


def _tridiagonal(diagonal: Reals, beside: Reals) -> tuple[Reals, Reals]:
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
    return values, vectors


def _apart(vector: Reals, basis: Reals) -> Reals:
    """``vector`` less its part in the span of the orthonormal rows of ``basis``: twice is enough."""
    for _ in range(2):
        vector = vector - (basis @ vector) @ basis
    return vector


def _unit(vector: Reals) -> Reals:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0.0 else vector


class Curvature:
    """The curvature of one problem, for any thread. What was found at a point is kept for as long as few came since.

    Where the problem has neither a Hessian nor products with it, or they fail, everything is None.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.products = 0
        """What was computed so far, in products with a vector."""
        self._lock = threading.Lock()
        self._found: OrderedDict[bytes, Extremes | None] = OrderedDict()
        self._last: dict[str, tuple[int, Extremes | None]] = {}
        self._allowed, self._step = 0.0, 0
        self._waiting: list[str] = []
        self._asked: set[str] = set()

    @property
    def is_known(self) -> bool:
        """Whether the problem can be asked at all."""
        return self.problem.hessian is not None or self.problem.hessian_vector is not None

    @property
    def cost(self) -> int:
        """What a new point costs at the most, in products with a vector."""
        n = self.problem.n
        return n if self._is_dense else min(n, PRODUCTS)

    @property
    def _is_dense(self) -> bool:
        most = DENSE_ONCE_UP_TO if self.problem.quadratic else DENSE_UP_TO
        return self.problem.hessian is not None and self.problem.n <= most

    def at(self, point: Reals) -> Extremes | None:
        """The extremes of the Hessian at ``point``, float64 ``(n,)``."""
        if not self.is_known:
            return None
        key = self._key(point)
        with self._lock:
            if key not in self._found:
                self._found[key] = self._extremes(point)
                if len(self._found) > KEPT:
                    self._found.popitem(last=False)
            self._found.move_to_end(key)
            return self._found[key]

    def allow(self, step: int) -> None:
        """Allow :meth:`lately` another look's worth of work, at a race that stands at ``step``.

        What is not used up is not saved. A race that has gone back is another one, of which nothing is known yet.
        """
        with self._lock:
            self._allowed = min(self._allowed + PER_LOOK, PER_LOOK)
            self._waiting = [name for name in self._waiting if name in self._asked]
            self._asked.clear()
            if step < self._step:
                self._last.clear()
            self._step = step

    def lately(self, name: str, step: int, point: Reals) -> Extremes | None:
        """As :meth:`at`, but within what is allowed: where it is used up, what was last found for ``name``.

        Of a large problem no more is found out than whether it bends down. A new point may be costlier than what is
        allowed for a look; then the looks after it have to save. Whoever has waited longest comes first.
        """
        if not self.is_known or self._is_free:
            return self.at(point)
        with self._lock:
            self._asked.add(name)
            seen, known = self._last.get(name, (-1, None))
            if seen == step:
                return known
            if self._allowed <= 0.0 or (self._waiting and self._waiting[0] != name):
                if name not in self._waiting:
                    self._waiting.append(name)
                return known
            found = self._found.get(self._key(point))
            if found is None:
                before = self.products
                found = self._extremes(point, briefly=True)
                self._allowed -= self._work(self.products - before)
            if name in self._waiting:
                self._waiting.remove(name)
            self._last[name] = (step, found)
        return found

    @property
    def _is_free(self) -> bool:
        """Whether a new point costs too little to save, or nothing."""
        return (self.problem.quadratic and bool(self._found)) or self._work(self.cost) <= FREE

    def _work(self, products: int) -> float:
        """About what products cost in nanoseconds: a fixed figure, so that looks do not depend on the machine."""
        n, samples = self.problem.n, self.problem.samples
        eigenvectors = DECOMPOSING * n**3 if self._is_dense else 0.0
        return eigenvectors + products * (PER_SAMPLE * max(n, samples) if samples else float(n * n))

    def _key(self, point: Reals) -> bytes:
        return b"" if self.problem.quadratic else hashlib.blake2b(point.tobytes(), digest_size=16).digest()

    def gradient(self, point: Reals) -> Reals:
        """The gradient of the full objective at ``point``; not finite where it fails."""
        g = np.full(self.problem.n, np.nan)
        try:
            self._call(self.problem.value_grad, "value_grad", point, _FULL, _QUIET, g)
        except Exception:  # a user's objective can raise anything, and a verdict is no place to say so
            g[:] = np.nan
        return g

    def _extremes(self, point: Reals, *, briefly: bool = False) -> Extremes | None:
        try:
            found = self._decomposed(point) if self._is_dense else self._from_products(point, briefly)
        except Exception:  # no finite matrix, or a plug-in's Hessian that fails: no verdict rests on it then
            self.products += self.cost
            return None
        self.products += found.products
        return found if np.isfinite([found.least, found.most, found.residual]).all() else None

    def _decomposed(self, point: Reals) -> Extremes:
        n = self.problem.n
        H = np.zeros((n, n))
        self._call(self.problem.hessian, "hessian", point, H)
        return dense(H)

    def _from_products(self, point: Reals, briefly: bool) -> Extremes:
        out = np.zeros(self.problem.n)
        if self.problem.hessian_vector is None:
            return self._decomposed(point)

        def product(vector: Reals) -> Reals:
            self._call(self.problem.hessian_vector, "hessian_vector", point, vector, out)
            return out

        most = BRIEFLY if briefly else PRODUCTS
        return lanczos(product, self.problem.n, most_products=most, once_it_bends_down=briefly)

    def _call(self, function: Callable[..., Any] | None, kind: str, point: Reals, *rest: object) -> None:
        assert function is not None
        problem = self.problem
        if is_kernel(function) and problem.n**2 * max(1, problem.samples) > PLAIN_UP_TO:
            function = compiled(function, kind)
        # A copy, since compiled code takes no read-only array, which the point of a snapshot is.
        with np.errstate(all="ignore"):
            function(np.array(point), problem.reals, problem.ints, *rest)


_kept: OrderedDict[int, Curvature] = OrderedDict()
_kept_lock = threading.Lock()


def of(problem: Problem) -> Curvature:
    """The curvature of ``problem``, shared by all who ask for the same one; a few problems are remembered."""
    with _kept_lock:
        known = _kept.pop(id(problem), None)
        if known is None or known.problem is not problem:
            known = Curvature(problem)
        _kept[id(problem)] = known
        if len(_kept) > 4:
            _kept.popitem(last=False)
        return known
