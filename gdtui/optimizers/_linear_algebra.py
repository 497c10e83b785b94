"""The linear algebra that second-order rules need, written out: the same bits everywhere, and quick to compile.

Matrices are float64 ``(n, n)``, symmetric, and overwritten. Nothing raises: what cannot be done is a return value.
G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th edition, 2013, sections 3.4 and 8.5.
"""

from __future__ import annotations

import math

from gdtui.contracts import Reals, kernel

# Off-diagonal entries this small beside the largest entry count as zero; sweeps converge quadratically towards it.
NEGLIGIBLE = 1e-18
MOST_SWEEPS = 40


@kernel
def dot(a: Reals, b: Reals) -> float:
    """a'b over the length of ``b``."""
    total = 0.0
    for i in range(b.shape[0]):
        total += a[i] * b[i]
    return total


@kernel
def add(scale: float, a: Reals, b: Reals) -> None:
    """b <- b + scale a, over the length of ``b``."""
    for i in range(b.shape[0]):
        b[i] += scale * a[i]


@kernel
def largest_entry(A: Reals) -> float:
    """The largest absolute value in A."""
    largest = 0.0
    for i in range(A.shape[0]):
        for j in range(A.shape[0]):
            largest = max(largest, abs(A[i, j]))
    return largest


@kernel
def solve(A: Reals, b: Reals, definite: bool) -> bool:
    """Put the solution of A y = b into ``b`` by Gaussian elimination; False if A is singular.

    With ``definite``, False as well unless A is positive definite: then, and only then, are all pivots of a symmetric
    matrix positive, and no rows need to be exchanged.
    """
    n = b.shape[0]
    for k in range(n):
        if not definite:
            largest = k
            for i in range(k + 1, n):
                if abs(A[i, k]) > abs(A[largest, k]):
                    largest = i
            for j in range(k, n):
                kept = A[k, j]
                A[k, j] = A[largest, j]
                A[largest, j] = kept
            kept = b[k]
            b[k] = b[largest]
            b[largest] = kept
        pivot = A[k, k]
        if not 0.0 < abs(pivot) < math.inf or (definite and pivot < 0.0):
            return False
        for i in range(k + 1, n):
            factor = A[i, k] / pivot
            for j in range(k + 1, n):
                A[i, j] -= factor * A[k, j]
            b[i] -= factor * b[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            b[k] -= A[k, j] * b[j]
        b[k] /= A[k, k]
    return True


@kernel
def eigen(A: Reals, vectors: Reals) -> None:
    """Eigenvalues onto the diagonal of A, eigenvectors into the rows of ``vectors``, by cyclic Jacobi rotations."""
    n = A.shape[0]
    for i in range(n):
        for j in range(n):
            vectors[i, j] = 0.0
        vectors[i, i] = 1.0
    negligible = NEGLIGIBLE * largest_entry(A)
    for _ in range(MOST_SWEEPS):
        rotations = 0
        for p in range(n - 1):
            for q in range(p + 1, n):
                if abs(A[p, q]) > negligible:
                    rotations += 1
                    rotate(A, vectors, p, q)
        if rotations == 0:
            return


@kernel
def rotate(A: Reals, vectors: Reals, p: int, q: int) -> None:
    """One Jacobi rotation: makes ``A[p, q]`` zero by turning the plane of the axes p and q."""
    across = A[p, q]
    cotangent = (A[q, q] - A[p, p]) / (2.0 * across)  # of twice the angle
    tangent = 1.0 / (abs(cotangent) + math.sqrt(cotangent * cotangent + 1.0))
    if cotangent < 0.0:
        tangent = -tangent
    cosine = 1.0 / math.sqrt(tangent * tangent + 1.0)
    sine = tangent * cosine
    A[p, p] -= tangent * across
    A[q, q] += tangent * across
    A[p, q] = A[q, p] = 0.0
    for i in range(A.shape[0]):
        if i != p and i != q:
            left, right = A[p, i], A[q, i]
            A[p, i] = A[i, p] = cosine * left - sine * right
            A[q, i] = A[i, q] = sine * left + cosine * right
    for i in range(A.shape[0]):
        left, right = vectors[p, i], vectors[q, i]
        vectors[p, i] = cosine * left - sine * right
        vectors[q, i] = sine * left + cosine * right
