"""Logistic regression: the chance of a yes from a weighted sum, the model behind most credit scores.

    f(w, c) = 1/N sum of [softplus(z_i) - y_i z_i] + l2/2 |w|^2,  z_i = x_i'w + c,  y_i in {0, 1}

The intercept c is not decayed. f is convex; its gradient's Lipschitz constant is at most |[X 1]|^2/4N + l2.
softplus(z) = max(z, 0) + log(1 + exp(-|z|)) never overflows. A mini-batch takes the place of the N samples in the mean
and leaves the regulariser whole, so that its gradient is right on average.
D. R. Cox, "The regression analysis of binary sequences", 1958, https://doi.org/10.1111/j.2517-6161.1958.tb00292.x.

The data are a CSV file, or made up: one feature, so that weight and intercept are the whole picture. ``reals`` holds
the training features row by row, then the y, then l2; ``ints`` holds N.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Option, PlaneValues, Problem, Reals, View, kernel
from gdtui.errors import InputError, clean, nearest
from gdtui.objectives._tables import DROP, REFUSE, Table, encode, read_table

BAD_SHARE = 0.3
# Newton's method costs N n^2 a step: beyond this much (about a second in all) the minimum stays unknown.
MOST_NEWTON_WORK = 3e8
MOST_NEWTON_STEPS = 60
# A smaller curvature than this has no minimum (classes that can be separated, without l2), or not just one.
FLAT = 1e-10


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    weights = x.shape[0] - 1
    samples = ints[0]
    targets = samples * weights
    drawn = batch.shape[0]
    count = drawn if drawn > 0 else samples
    for j in range(weights + 1):
        g[j] = 0.0
    value = 0.0
    for k in range(count):
        sample = batch[k] if drawn > 0 else k
        row = sample * weights
        z = x[weights]
        for j in range(weights):
            z += reals[row + j] * x[j]
        y = reals[targets + sample]
        small = math.exp(-abs(z))
        # y z is taken off before the logarithm is added: on the right side both large terms cancel exactly.
        value += (max(z, 0.0) - y * z) + math.log1p(small)
        residual = (1.0 if z >= 0.0 else small) / (1.0 + small) - y
        for j in range(weights):
            g[j] += residual * reals[row + j]
        g[weights] += residual
    l2: float = reals[targets + samples]
    penalty = 0.0
    for j in range(weights):
        penalty += x[j] * x[j]
        g[j] = g[j] / count + l2 * x[j]
    g[weights] /= count
    mean: float = value / count
    return mean + 0.5 * l2 * penalty


@kernel
def curvature(x: Reals, reals: Reals, sample: int) -> float:
    """The second derivative of a sample's loss by its logit: s(z)(1 - s(z)), which underflows to 0 far out."""
    weights = x.shape[0] - 1
    z = x[weights]
    for j in range(weights):
        z += reals[sample * weights + j] * x[j]
    small = math.exp(-abs(z))
    return small / ((1.0 + small) * (1.0 + small))


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    weights = x.shape[0] - 1
    samples = ints[0]
    l2: float = reals[samples * (weights + 1)]
    for i in range(weights + 1):
        for j in range(i + 1):
            H[i, j] = 0.0
    for k in range(samples):
        row = k * weights
        bend = curvature(x, reals, k)
        for i in range(weights):
            share = bend * reals[row + i]
            for j in range(i + 1):
                H[i, j] += share * reals[row + j]
            H[weights, i] += share
        H[weights, weights] += bend
    for i in range(weights + 1):
        for j in range(i + 1):
            H[i, j] /= samples
            H[j, i] = H[i, j]
    for i in range(weights):
        H[i, i] += l2


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    weights = x.shape[0] - 1
    samples = ints[0]
    l2: float = reals[samples * (weights + 1)]
    for i in range(weights + 1):
        out[i] = 0.0
    for k in range(samples):
        row = k * weights
        change = v[weights]
        for j in range(weights):
            change += reals[row + j] * v[j]
        change *= curvature(x, reals, k)
        for j in range(weights):
            out[j] += change * reals[row + j]
        out[weights] += change
    for i in range(weights):
        out[i] = out[i] / samples + l2 * v[i]
    out[weights] /= samples


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Features float64 ``(N, D)`` and answers float64 ``(N,)``, 1 for yes and 0 for no."""

    X: Reals
    y: Reals

    def logits(self, x: Reals) -> Reals:
        """z for parameters ``x``, float64 ``(N,)``."""
        z: Reals = self.X @ x[:-1] + x[-1]
        return z


def build(options: Mapping[str, Any], seed: int) -> Problem:
    generator = np.random.default_rng(seed)
    if options["data"] is None:
        X, y, names, train, test = _made_up(options, generator)
        title = "Logistic regression on one feature"
    else:
        X, y, names, train, test = _from_file(options, generator)
        title = f"Logistic regression on {clean(Path(options['data']).stem)}, {X.shape[1]} features"
    samples, l2 = Samples(X[train], y[train]), options["l2"]
    count, D = samples.X.shape
    start = np.zeros(D + 1)
    optimum = _minimum(samples, l2)
    plane = _plane(samples, l2)
    zero = np.zeros(1)
    return Problem(
        objective="logistic",
        title=title,
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=start,
        plane=plane,
        blocks=(Block("w", 0, D, 1), Block("c", D, 1, 1)),
        reals=np.concatenate([samples.X.ravel(), samples.y, [l2]]),
        ints=np.array([count], dtype=np.int64),
        view=_view(optimum) if D == 1 and optimum is not None else None,
        optimum=optimum,
        optimal_value=None if optimum is None else float(plane(optimum, start, start, zero, zero)[0]),
        samples=count,
        test=_test(Samples(X[test], y[test])) if test.size else None,
        facts={"L": _smoothness(samples.X) + l2, "l2": l2},
        convex=True,
        names=(*names, "intercept"),
    )


_Data = tuple[Reals, Reals, tuple[str, ...], Ints, Ints]


def _made_up(options: Mapping[str, Any], generator: np.random.Generator) -> _Data:
    """Two bell curves on one feature; the rarer class, the bad loans, lies higher."""
    for key in ("target", "positive", "features"):
        if options[key] is not None:
            raise InputError("has no effect without data", key=key, remedy="name the file with data")
    count = options["samples"]
    y = np.zeros(count)
    y[: max(2, round(BAD_SHARE * count))] = 1.0
    y = generator.permutation(y)
    x = options["centre"] + options["separation"] * (y - 0.5) + generator.standard_normal(count)
    train, test = _split(y, options["test_fraction"], generator)
    if options["standardise"]:
        x = (x - x[train].mean()) / x[train].std()
    return x[:, np.newaxis], y, ("weight",), train, test


def _from_file(options: Mapping[str, Any], generator: np.random.Generator) -> _Data:
    table = read_table(Path(options["data"]), "data")
    target = options["target"]
    if target is None:
        raise InputError("missing", where=table.where, key="target", remedy=nearest("", table.columns))
    table.column(target, "target")
    features = options["features"] if options["features"] is not None else [c for c in table.columns if c != target]
    for name in features:
        table.column(name, "features")
    if target in features or len(set(features)) != len(features) or not features:
        reason = "names the target, a column twice, or nothing"
        raise InputError(reason, where=table.where, key="features", remedy="name each column once, without the target")
    table = table.complete([*features, target], options["missing"])
    y = _answers(table, target, options["positive"], options["test_fraction"])
    train, test = _split(y, options["test_fraction"], generator)
    X, names = encode(table, features, train, standardise=options["standardise"])
    return X, y, names, train, test


def _answers(table: Table, target: str, positive: str | None, test_fraction: float) -> Reals:
    """1 where the target has the positive value, 0 elsewhere. Of two values the later in the alphabet is positive."""
    cells = table.columns[target]
    values = sorted(set(cells))
    if len(values) == 1:
        reason = f"{target!r} is always {values[0]!r}"
        raise InputError(reason, where=table.where, key="target", remedy="choose another")
    if positive is None and len(values) > 2:
        reason = f"{target!r} has {len(values)} different values"
        raise InputError(reason, where=table.where, key="positive", remedy="say which one counts as 1")
    chosen = values[-1] if positive is None else positive
    if chosen not in values:
        reason = f"{target!r} is never {chosen!r}"
        raise InputError(reason, where=table.where, key="positive", remedy=nearest(chosen, values[:20]))
    yes = cells.count(chosen)
    if test_fraction > 0.0 and min(yes, len(cells) - yes) < 2:
        reason = f"{target!r} is {chosen!r} in {yes} of {len(cells)} rows, too few to hold some out"
        raise InputError(reason, where=table.where, key="test_fraction", remedy="set test_fraction = 0")
    return np.array([float(cell == chosen) for cell in cells])


def _split(y: Reals, test_fraction: float, generator: np.random.Generator) -> tuple[Ints, Ints]:
    """Training and test rows, in order, with the same share of both classes in either."""
    held_out = np.zeros(y.shape[0], dtype=bool)
    for answer in (0.0, 1.0):
        rows = np.flatnonzero(y == answer)
        if test_fraction > 0.0:
            count = min(max(1, round(test_fraction * rows.shape[0])), rows.shape[0] - 1)
            held_out[generator.permutation(rows)[:count]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _smoothness(X: Reals) -> float:
    """The largest curvature that the data can cause: the squared spectral norm of [X 1], over 4N."""
    Z = np.column_stack([X, np.ones(X.shape[0])])
    return float(np.linalg.eigvalsh(Z.T @ Z)[-1] / (4.0 * X.shape[0]))


def _minimum(samples: Samples, l2: float) -> Reals | None:
    """The minimum by Newton's method with backtracking; None where there is none, or finding it would take long."""
    Z = np.column_stack([samples.X, np.ones(samples.X.shape[0])])
    N, n = Z.shape
    if N * n * n > MOST_NEWTON_WORK:
        return None
    scale = np.sqrt(np.mean(Z * Z, axis=0))  # features of any unit weigh the same in what is too flat
    Z /= scale
    decay = np.append(l2 / scale[:-1] ** 2, 0.0)

    def value(x: Reals) -> float:
        return float(np.mean(_losses(Z @ x, samples.y)) + 0.5 * decay @ (x * x))

    x = np.zeros(n)
    for _ in range(MOST_NEWTON_STEPS):
        p = _sigmoid(Z @ x)
        gradient = Z.T @ (p - samples.y) / N + decay * x
        H = (Z.T * (p * (1.0 - p))) @ Z / N + np.diag(decay)
        if np.linalg.eigvalsh(H)[0] < FLAT:
            return None
        step = np.linalg.solve(H, gradient)
        decrement = float(gradient @ step)
        if decrement < 1e-24:
            minimum: Reals = (x - step) / scale
            return minimum
        length, here = 1.0, value(x)
        while value(x - length * step) > here * (1.0 + 1e-15) - 1e-4 * length * decrement and length > 1e-10:
            length *= 0.5
        x = x - length * step
    return None


def _view(optimum: Reals) -> View:
    """Start (the origin) and minimum, with room around both."""
    low, high = np.minimum(optimum, 0.0), np.maximum(optimum, 0.0)
    room = 0.6 * np.maximum(high - low, 0.1 * np.abs(optimum).max() + 0.1)
    return View(*(float(edge) for k in (0, 1) for edge in (low[k] - room[k], high[k] + room[k])))


def _sigmoid(z: Reals) -> Reals:
    small = np.exp(-np.abs(z))
    result: Reals = np.where(z >= 0.0, 1.0, small) / (1.0 + small)
    return result


def _losses(z: Reals, y: Reals | float) -> Reals:
    losses: Reals = (np.maximum(z, 0.0) - y * z) + np.log1p(np.exp(-np.abs(z)))
    return losses


def _plane(samples: Samples, l2: float) -> PlaneValues:
    """The logits of a sample are linear on a plane; a sample at a time, to keep nothing larger than the grid."""

    def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
        w = [direction[:-1] for direction in (origin, first, second)]
        total = np.zeros_like(a)
        logits = (samples.logits(direction) for direction in (origin, first, second))
        for at, along, across, y in zip(*logits, samples.y, strict=True):
            total += _losses(at + a * along + b * across, y)
        norms = w[0] @ w[0] + a * a * (w[1] @ w[1]) + b * b * (w[2] @ w[2])
        norms += 2.0 * (a * (w[0] @ w[1]) + b * (w[0] @ w[2]) + a * b * (w[1] @ w[2]))
        values: Reals = total / samples.y.shape[0] + 0.5 * l2 * norms
        return values

    return plane


def _test(held_out: Samples) -> Callable[[Reals], Mapping[str, float]]:
    def test(x: Reals) -> Mapping[str, float]:
        with np.errstate(over="ignore", invalid="ignore"):
            z = held_out.logits(x)
            loss = float(np.mean(_losses(z, held_out.y)))
        return {"loss": loss, "accuracy": float(np.mean((z > 0.0) == (held_out.y > 0.5))), "auc": auc(z, held_out.y)}

    return test


def auc(scores: Reals, y: Reals) -> float:
    """The chance that a random yes scores above a random no, ties counting half: area under the ROC curve.

    From the sum of the ranks of the yeses (Mann & Whitney 1947), each of several equal scores having their mean rank.
    """
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - 0.5 * (counts - 1))[places]
    yes = int(y.sum())
    return float((ranks[y > 0.5].sum() - 0.5 * yes * (yes + 1)) / (yes * (y.shape[0] - yes)))


OBJECTIVE = Objective(
    name="logistic",
    title="Logistic regression",
    formula="f(w, c) = (1/N) Σ [softplus(zᵢ) − yᵢzᵢ] + (λ/2)‖w‖²,  zᵢ = xᵢᵀw + c",
    build=build,
    options=(
        Option("data", "path", None, "a CSV file with a header; without one the data are made up"),
        Option("target", "text", None, "the file's column to predict"),
        Option("positive", "text", None, "the target's value that counts as 1; of two, the later in the alphabet"),
        Option("features", "texts", None, "the columns to predict from; all but the target"),
        Option("standardise", "flag", True, "numbers to mean 0 and deviation 1 over the training rows"),
        Option("missing", "text", REFUSE, "what to do with rows that lack a value", choices=(REFUSE, DROP)),
        Option("l2", "number", 0.01, "λ, the weights' decay; the intercept has none", "[0, 1e6]"),
        Option("test_fraction", "number", 0.3, "share of the rows held out, by the seed", "[0, 0.9]"),
        Option("samples", "integer", 200, "rows of the made-up data", "[10, 100000]"),
        Option("separation", "number", 2.0, "distance of its two classes, in standard deviations", "[0, 100]"),
        Option("centre", "number", 3.0, "mean of its feature: far from 0 the valley is narrow, unless standardised",
               "[-1000, 1000]"),
    ),
    reference="Cox 1958, https://doi.org/10.1111/j.2517-6161.1958.tb00292.x",
)  # fmt: skip
