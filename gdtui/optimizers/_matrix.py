"""What rules that see a block as a matrix need: inverse roots of Gram matrices, and the Newton-Schulz iteration.

A block's matrix comes flat, float64 ``(rows * cols,)`` in row order, as it lies in x; other matrices are float64
``(n, n)`` unless said. All scratch is the caller's, and nothing raises.

A Gram matrix S, a sum of ww', is kept as a triangle R with R'R = S: S itself has lost what is small beside its largest
eigenvalue to rounding, and that is what an inverse root blows up. From R, one-sided Jacobi rotations find it.
G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th edition, 2013, sections 6.5 and 8.6.
"""

from __future__ import annotations

import math

from gdtui.contracts import Reals, kernel
from gdtui.optimizers._linear_algebra import MOST_SWEEPS, dot, largest_entry

# Cosines between rows that leave the last sweep to do: it squares them.
NEARLY_ORTHOGONAL = 1e-12
# Singular values of R below this share of its largest entry are rounding, and count as this share.
ROUNDING = 1e-14
# p(s) = 3.4445 s - 4.775 s^3 + 2.0315 s^5, chosen by K. Jordan to be steep at 0: five times, and what was between 1/600
# and 1 is between .68 and 1.21. It does not converge, to 1 or at all.
LINEAR, CUBIC, QUINTIC = 3.4445, -4.775, 2.0315
NEWTON_SCHULZ_STEPS = 5


@kernel
def hypotenuse(a: float, b: float) -> float:
    """sqrt(a^2 + b^2), also where a square would overflow."""
    longer, shorter = max(abs(a), abs(b)), min(abs(a), abs(b))
    if longer == 0.0:
        return 0.0
    ratio = shorter / longer
    return longer * math.sqrt(1.0 + ratio * ratio)


@kernel
def add_gram(G: Reals, lines: int, length: int, apart: int, along: int, R: Reals, w: Reals) -> None:
    """R'R <- R'R + the sum of ww' over G's rows, or over its columns: ``lines`` of them, of ``length`` entries.

    ``apart`` is the distance from a line to the next, ``along`` that from an entry to the next. R stays a triangle by
    Givens rotations.
    """
    for line in range(lines):
        for i in range(length):
            w[i] = G[line * apart + i * along]
        for i in range(length):
            if w[i] == 0.0:
                continue
            size = hypotenuse(R[i, i], w[i])
            cosine, sine = R[i, i] / size, w[i] / size
            for j in range(i, length):
                above, below = R[i, j], w[j]
                R[i, j] = cosine * above + sine * below
                w[j] = cosine * below - sine * above


@kernel
def turn_orthogonal(L: Reals, Q: Reals) -> None:
    """Turn the rows of L until they are orthogonal; Q <- the turns, so that LL' was Q' diag(|rows|^2) Q."""
    n = L.shape[0]
    for i in range(n):
        for j in range(n):
            Q[i, j] = 0.0
        Q[i, i] = 1.0
    for _ in range(MOST_SWEEPS):
        nearly = True
        for p in range(n - 1):
            for q in range(p + 1, n):
                pp, qq, pq = dot(L[p], L[p]), dot(L[q], L[q]), dot(L[p], L[q])
                if pq == 0.0:
                    continue
                if abs(pq) > NEARLY_ORTHOGONAL * math.sqrt(pp) * math.sqrt(qq):
                    nearly = False
                cotangent = (qq - pp) / (2.0 * pq)  # of twice the angle
                tangent = 1.0 / (abs(cotangent) + math.sqrt(cotangent * cotangent + 1.0))
                if cotangent < 0.0:
                    tangent = -tangent
                cosine = 1.0 / math.sqrt(tangent * tangent + 1.0)
                turn(L[p], L[q], cosine, cosine * tangent)
                turn(Q[p], Q[q], cosine, cosine * tangent)
        if nearly:
            return


@kernel
def turn(a: Reals, b: Reals, cosine: float, sine: float) -> None:
    """Turn two rows in the plane that they span."""
    for i in range(a.shape[0]):
        left, right = a[i], b[i]
        a[i] = cosine * left - sine * right
        b[i] = sine * left + cosine * right


@kernel
def inverse_root(R: Reals, eps: float, fourth: bool, root: Reals, Q: Reals, powers: Reals) -> None:
    """root <- (R'R + eps I)^(-1/2), or ^(-1/4)."""
    n = R.shape[0]
    largest = largest_entry(R)
    unit = largest if largest > 0.0 else 1.0
    for i in range(n):
        for j in range(n):
            root[i, j] = R[j, i] / unit
    turn_orthogonal(root, Q)
    for k in range(n):
        share = max(math.sqrt(dot(root[k], root[k])), ROUNDING)
        power = hypotenuse(unit * share, math.sqrt(eps))
        powers[k] = 1.0 / (math.sqrt(power) if fourth else power)
    for i in range(n):
        for j in range(i + 1):
            entry = 0.0
            for k in range(n):
                entry += powers[k] * Q[k, i] * Q[k, j]
            root[i, j] = root[j, i] = entry


@kernel
def add_product(scale: float, left: Reals, G: Reals, right: Reals, X: Reals, rows: int, cols: int, t: Reals) -> None:
    """X <- X + scale left G right, for symmetric factors; one of length 0 counts as the identity."""
    for j in range(cols):
        for i in range(rows):
            entry = dot(G[i * cols : (i + 1) * cols], right[j]) if right.shape[0] > 0 else G[i * cols + j]
            if left.shape[0] > 0:
                t[i] = entry
            else:
                X[i * cols + j] += scale * entry
        for i in range(left.shape[0]):
            X[i * cols + j] += scale * dot(t, left[i])


@kernel
def norm(U: Reals) -> float:
    """The root of the sum of squares, also where a square would overflow."""
    largest, total = 0.0, 0.0
    for i in range(U.shape[0]):
        largest = max(largest, abs(U[i]))
    if largest == 0.0:
        return 0.0
    for i in range(U.shape[0]):
        share = U[i] / largest
        total += share * share
    return largest * math.sqrt(total)


@kernel
def orthogonalise(U: Reals, rows: int, cols: int, eps: float, X: Reals, S: Reals, P: Reals, row: Reals) -> None:
    """U <- Q diag(p(...p(s))) R' where U/(|U| + eps) = Q diag(s) R', the singular value decomposition.

    X, as long as U, has U or U', whichever is tall, so that S, P and row go by the shorter side.
    """
    longer, shorter = max(rows, cols), min(rows, cols)
    apart, along = (cols, 1) if rows >= cols else (1, cols)
    size = norm(U) + eps
    for i in range(longer):
        for j in range(shorter):
            X[i * shorter + j] = U[i * apart + j * along] / size
    for _ in range(NEWTON_SCHULZ_STEPS):
        newton_schulz(X, longer, shorter, S, P, row)
    for i in range(longer):
        for j in range(shorter):
            U[i * apart + j * along] = X[i * shorter + j]


@kernel
def newton_schulz(X: Reals, rows: int, cols: int, S: Reals, P: Reals, row: Reals) -> None:
    """X <- X P, P = LINEAR I + CUBIC S + QUINTIC SS, S = X'X; S and P flat (cols, cols). Inner loops go along rows."""
    n = cols
    for i in range(n * n):
        S[i] = 0.0
    for k in range(0, rows * n, n):
        for i in range(n):
            for j in range(n):
                S[i * n + j] += X[k + i] * X[k + j]
    for i in range(n):
        for j in range(n):
            P[i * n + j] = CUBIC * S[i * n + j]
        P[i * n + i] += LINEAR
        for k in range(n):
            for j in range(n):
                P[i * n + j] += QUINTIC * S[i * n + k] * S[k * n + j]
    for k in range(0, rows * n, n):
        for j in range(n):
            row[j] = X[k + j]
            X[k + j] = 0.0
        for i in range(n):
            for j in range(n):
                X[k + j] += row[i] * P[i * n + j]
