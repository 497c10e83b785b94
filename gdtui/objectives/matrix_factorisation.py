"""Matrix factorisation: ratings of items by users, explained by a few hidden traits of both.

    f(U, V) = 1/(2|O|) sum over (i, j) in O of (u_i'v_j - R_ij)^2 + l2/2 (|U|^2 + |V|^2)

O are the observed entries, and only they are ever visited: a gradient costs O(|O| rank), never users x items. U = V = 0
is stationary, so a race starts at N(0, 0.1^2). A mini-batch is a draw from O; it takes the place of O in the mean and
leaves the regulariser whole, so that its gradient is right on average.
Y. Koren, R. Bell, C. Volinsky, "Matrix factorization techniques for recommender systems", 2009,
https://doi.org/10.1109/MC.2009.263.

Without a file the ratings are StreamRec's: a random matrix of rank 5 with noise, of which a tenth is observed.

The parameters are the rows of U, then the rows of V. ``reals`` holds the observed ratings, sorted by user, then l2;
``ints`` holds the rank, then for each rating where its user's row starts in x, then for each where its item's does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gdtui.contracts import Block, Ints, Objective, Option, PlaneValues, Problem, Reals, kernel
from gdtui.errors import InputError
from gdtui.objectives._tables import MISSING, Table, coded, on_lines, read_table

MOST_PARAMETERS = 1_000_000
MOST_MADE_UP = 4_000_000
START_DEVIATION = 0.1


@kernel
def value_grad(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    observed = reals.shape[0] - 1
    l2: float = reals[observed]
    rank = ints[0]
    penalty = 0.0
    for i in range(x.shape[0]):
        penalty += x[i] * x[i]
        g[i] = l2 * x[i]
    drawn = batch.shape[0]
    count = drawn if drawn > 0 else observed
    share = 1.0 / count
    squares = 0.0
    for k in range(count):
        entry = batch[k] if drawn > 0 else k
        u, v = ints[1 + entry], ints[1 + observed + entry]
        residual = -reals[entry]
        for j in range(rank):
            residual += x[u + j] * x[v + j]
        squares += residual * residual
        pull = residual * share
        for j in range(rank):
            g[u + j] += pull * x[v + j]
            g[v + j] += pull * x[u + j]
    value: float = 0.5 * squares * share + 0.5 * l2 * penalty
    return value


@kernel
def hessian(x: Reals, reals: Reals, ints: Ints, H: Reals) -> None:
    n = x.shape[0]
    observed = reals.shape[0] - 1
    rank = ints[0]
    for i in range(n):
        for j in range(n):
            H[i, j] = 0.0
        H[i, i] = reals[observed]
    share = 1.0 / observed
    for entry in range(observed):
        u, v = ints[1 + entry], ints[1 + observed + entry]
        residual = -reals[entry]
        for j in range(rank):
            residual += x[u + j] * x[v + j]
        for i in range(rank):
            for j in range(rank):
                H[u + i, u + j] += share * (x[v + i] * x[v + j])
                H[v + i, v + j] += share * (x[u + i] * x[u + j])
                mixed = x[v + i] * x[u + j] + (residual if i == j else 0.0)
                H[u + i, v + j] = H[v + j, u + i] = share * mixed


@kernel
def hessian_vector(x: Reals, reals: Reals, ints: Ints, v: Reals, out: Reals) -> None:
    observed = reals.shape[0] - 1
    rank = ints[0]
    for i in range(x.shape[0]):
        out[i] = reals[observed] * v[i]
    share = 1.0 / observed
    for entry in range(observed):
        user, item = ints[1 + entry], ints[1 + observed + entry]
        residual = -reals[entry]
        change = 0.0
        for j in range(rank):
            residual += x[user + j] * x[item + j]
            change += v[user + j] * x[item + j] + x[user + j] * v[item + j]
        for j in range(rank):
            out[user + j] += share * (change * x[item + j] + residual * v[item + j])
            out[item + j] += share * (change * x[user + j] + residual * v[user + j])


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Entries of a matrix in coordinate form: ``users``, ``items`` int64 and ``values`` float64, all ``(count,)``."""

    users: Ints
    items: Ints
    values: Reals

    def at(self, positions: Ints) -> Ratings:
        """Some of the entries, by position."""
        return Ratings(self.users[positions], self.items[positions], self.values[positions])

    def residuals(self, U: Reals, V: Reals) -> Reals:
        """Predicted minus given rating, float64 ``(count,)``; a trait at a time, to keep nothing larger than that."""
        result = -self.values
        for trait in range(U.shape[1]):
            result += U[self.users, trait] * V[self.items, trait]
        return result


def build(options: Mapping[str, Any], seed: int) -> Problem:
    generator = np.random.default_rng(seed)
    rank, l2 = options["rank"], options["l2"]
    if options["ratings"] is None:
        observed, held_out, users, items = _streamrec(options)
        title = "StreamRec"
    else:
        observed, held_out, users, items = _from_file(options, generator)
        title = "Ratings"
    n = (users + items) * rank
    if n > MOST_PARAMETERS:
        reason = f"{users} users and {items} items at rank {rank} are {n} parameters, more than {MOST_PARAMETERS}"
        raise InputError(reason, key="rank", remedy="lower it, or take fewer users and items")
    count = observed.values.shape[0]
    return Problem(
        objective="matrix_factorisation",
        title=f"{title}, {users} × {items} at rank {rank}, {count} ratings",
        value_grad=value_grad,
        hessian=hessian,
        hessian_vector=hessian_vector,
        start=START_DEVIATION * generator.standard_normal(n),
        plane=_plane(observed, users, rank, l2),
        blocks=(Block("U", 0, users, rank), Block("V", users * rank, items, rank)),
        reals=np.append(observed.values, l2),
        ints=np.concatenate([[rank], observed.users * rank, (users + observed.items) * rank]).astype(np.int64),
        samples=count,
        test=_test(held_out, users, rank) if held_out.values.shape[0] else None,
        names=tuple(
            f"{matrix}[{i + 1},{j + 1}]" for matrix, rows in (("U", users), ("V", items)) for i in range(rows)
            for j in range(rank)
        ),
    )  # fmt: skip


def _streamrec(options: Mapping[str, Any]) -> tuple[Ratings, Ratings, int, int]:
    """Observed and held-out entries of a made-up matrix, and its numbers of users and items."""
    users, items = options["users"], options["items"]
    if users * items > MOST_MADE_UP:
        reason = f"{users} users and {items} items have {users * items} entries, more than {MOST_MADE_UP}"
        raise InputError(reason, key="users", remedy="make up a smaller matrix")
    generator = np.random.default_rng(options["data_seed"])
    U = generator.standard_normal((users, options["true_rank"]))
    V = generator.standard_normal((items, options["true_rank"]))
    values = (U @ V.T + options["noise"] * generator.standard_normal((users, items))).ravel()
    rows, columns = np.divmod(np.arange(users * items, dtype=np.int64), items)
    everything = Ratings(rows, columns, values)
    count = max(1, round(options["density"] * users * items))
    drawn = np.zeros(users * items, dtype=bool)
    drawn[generator.choice(users * items, size=count, replace=False)] = True
    return everything.at(np.flatnonzero(drawn)), everything.at(np.flatnonzero(~drawn)), users, items


def _from_file(options: Mapping[str, Any], generator: np.random.Generator) -> tuple[Ratings, Ratings, int, int]:
    table = read_table(Path(options["ratings"]), "ratings")
    users, user_count = _numbered(table, options["user"], "user")
    items, item_count = _numbered(table, options["item"], "item")
    values = table.numbers(options["rating"], "rating")
    pairs = users * item_count + items
    order = np.argsort(pairs, kind="stable")
    again = np.flatnonzero(np.diff(pairs[order]) == 0)
    if again.size:
        first = order[again[0]]
        lines = on_lines([table.lines[k] for k in order[pairs[order] == pairs[first]]])
        who = f"{table.columns[options['user']][first]!r} rates {table.columns[options['item']][first]!r}"
        raise InputError(f"{who} more than once, {lines}", where=table.where, key="ratings", remedy="keep one of them")
    held_out = np.zeros(values.shape[0], dtype=bool)
    count = round(options["test_fraction"] * values.shape[0])
    held_out[generator.permutation(values.shape[0])[:count]] = True
    if held_out.all():
        raise InputError("leaves no rating to learn from", where=table.where, key="test_fraction", remedy="lower it")
    everything = Ratings(users, items, values)
    return everything.at(order[~held_out[order]]), everything.at(order[held_out[order]]), user_count, item_count


def _numbered(table: Table, name: str, key: str) -> tuple[Ints, int]:
    """A column of identifiers of any kind as numbers from 0, and how many different ones there are."""
    cells = table.column(name, key)
    lacking = [line for cell, line in zip(cells, table.lines, strict=True) if cell in MISSING]
    if lacking:
        raise InputError(f"missing values {on_lines(lacking)}", where=table.where, key=key, remedy="fill them in")
    known = sorted(set(cells))
    return coded(cells, known), len(known)


def _test(held_out: Ratings, users: int, rank: int) -> Callable[[Reals], Mapping[str, float]]:
    def test(x: Reals) -> Mapping[str, float]:
        U, V = _factors(x, users, rank)
        with np.errstate(over="ignore", invalid="ignore"):
            mean_square = float(np.mean(held_out.residuals(U, V) ** 2))
        return {"loss": 0.5 * mean_square, "rmse": float(np.sqrt(mean_square))}

    return test


def _factors(x: Reals, users: int, rank: int) -> tuple[Reals, Reals]:
    return x[: users * rank].reshape(users, rank), x[users * rank :].reshape(-1, rank)


def _plane(observed: Ratings, users: int, rank: int, l2: float) -> PlaneValues:
    """On a plane every residual is a quadratic in (a, b): the ratings need to be gone through once for any grid.

    With the six coefficients of each residual in the rows of M and m = (1, a, b, a^2, ab, b^2), the sum of squares is
    m'(M'M)m.
    """

    def products(left: Reals, right: Reals) -> Reals:
        U, V = _factors(left, users, rank)[0], _factors(right, users, rank)[1]
        return Ratings(observed.users, observed.items, np.zeros_like(observed.values)).residuals(U, V)

    def plane(origin: Reals, first: Reals, second: Reals, a: Reals, b: Reals) -> Reals:
        M = np.stack(
            [
                products(origin, origin) - observed.values,
                products(origin, first) + products(first, origin),
                products(origin, second) + products(second, origin),
                products(first, first),
                products(first, second) + products(second, first),
                products(second, second),
            ]
        )
        directions = np.stack([origin, first, second])
        gram, norms = M @ M.T / observed.values.shape[0], l2 * (directions @ directions.T)
        return 0.5 * (_form(gram, (np.ones_like(a), a, b, a * a, a * b, b * b)) + _form(norms, (np.ones_like(a), a, b)))

    return plane


def _form(matrix: Reals, monomials: Sequence[Reals]) -> Reals:
    """m'Am for every point of a grid; ``monomials`` holds the entries of m, each of the grid's shape."""
    total = np.zeros_like(monomials[0])
    for i, row in enumerate(monomials):
        for j, column in enumerate(monomials):
            total += matrix[i, j] * row * column
    return total


OBJECTIVE = Objective(
    name="matrix_factorisation",
    title="Matrix factorisation",
    formula="f(U, V) = 1/(2|Ω|) Σ (Rᵢⱼ − uᵢᵀvⱼ)² + (λ/2)(‖U‖² + ‖V‖²)",
    build=build,
    options=(
        Option("ratings", "path", None, "a CSV file of ratings; without one they are made up"),
        Option("user", "text", "user", "the file's column of users"),
        Option("item", "text", "item", "the file's column of items"),
        Option("rating", "text", "rating", "the file's column of ratings"),
        Option("test_fraction", "number", 0.2, "share of the file's ratings that are held out", "[0, 1)"),
        Option("rank", "integer", 10, "columns of U and V: traits per user and item", "[1, 1000]"),
        Option("l2", "number", 2e-4, "λ, the regulariser; f is a mean, and from about 0.01 on it wins over the ratings",
               "[0, 1e6]"),
        Option("users", "integer", 500, "rows of the made-up matrix", "[1, 5000]"),
        Option("items", "integer", 200, "columns of the made-up matrix", "[1, 5000]"),
        Option("density", "number", 0.1, "share of the made-up matrix that is observed", "(0, 1]"),
        Option("true_rank", "integer", 5, "rank of the made-up matrix before noise", "[1, 1000]"),
        Option("noise", "number", 0.5, "standard deviation of its noise", "[0, 1e6]"),
        Option("data_seed", "integer", 42, "what it is drawn from; the race's seed draws the start", "[0, 1e15]"),
    ),
    reference="Koren, Bell & Volinsky 2009, https://doi.org/10.1109/MC.2009.263",
)  # fmt: skip
