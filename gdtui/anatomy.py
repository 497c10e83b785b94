"""One step of an update rule, and how it reads in the rule's own terms.

A rule's file may hold an ``anatomy``: a plain function from a :class:`Step` to an :class:`Anatomy`. It runs when
somebody asks, never in the loop. Shapes: ``n`` parameters, vectors are float64 ``(n,)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
# What a term stands for: the newest gradient's share, what earlier gradients carry on, weight decay, what divides.
Role = Literal["", "gradient", "carried", "decay", "denominator"]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The ``t``-th step of a rule, and all that it went by.

    ``before`` and ``after`` are the points between which the rule moved; bounds come after it. ``gradient`` is the one
    it saw last: with l2, clipped, on the step's sample, and taken where the rule takes it. ``state_before`` and
    ``state`` are as a rule has them, ``hyper`` its own hyperparameters by name, ``blocks`` int64 ``(blocks, 3)``.
    """

    t: int
    lr: float
    before: Vector
    after: Vector
    gradient: Vector
    state_before: Vector
    state: Vector
    hyper: Mapping[str, float]
    blocks: npt.NDArray[np.int64]

    @property
    def change(self) -> Vector:
        """Δ, by how much the rule moved the point."""
        difference: Vector = self.after - self.before
        return difference

    def was(self, slot: int) -> Vector:
        """A row of the state before the step."""
        row: Vector = self.state_before[slot, : self.before.size]
        return row

    def now(self, slot: int) -> Vector:
        """A row of the state after the step."""
        row: Vector = self.state[slot, : self.before.size]
        return row


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A quantity of a rule by its symbol in the rule's formula: a vector over the parameters, or a number."""

    symbol: str
    value: Vector | float
    meaning: str = ""
    role: Role = ""


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """A step in its rule's terms.

    ``equations`` have terms in braces, ``m = {β₁m} + {(1−β₁)g}``, put together by + − · / and √( ): each says how a
    term comes from others, the last one how Δ does. ``parts`` are vectors that add up to Δ. ``at`` is where the
    gradient was taken, where that is not the point before the step. ``remark`` is a line on what this step does
    otherwise than most.
    """

    terms: tuple[Term, ...]
    equations: tuple[str, ...]
    parts: tuple[Term, ...] = ()
    at: Vector | None = None
    remark: str = ""
