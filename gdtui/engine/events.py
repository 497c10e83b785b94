"""What is said of a racer beside its numbers: what changed on the way, where it comes from, what it does otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """A hyperparameter that changed in mid-race, after ``step``: by an edit, or by a schedule that saw a plateau."""

    step: int
    name: str
    before: float | str
    after: float | str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a branch comes from: the racer of that label, of which it is all up to and including ``step``."""

    label: str
    step: int


def remark(batch_size: int, batch_width: int, samples: int, clip: float, origin: Origin | None = None) -> str:
    """What a racer does otherwise than its name says, or where it comes from, or nothing.

    ``batch_width`` is what it draws at every step.
    """
    remarks = []
    if batch_size > 0 and samples == 0:
        remarks.append("full batch: there are no samples")
    elif batch_size > 0 and batch_width == 0:
        remarks.append("full batch: there are no more samples")
    if clip > 0.0:
        remarks.append(f"clipped at {clip:.3g}")
    if origin is not None:
        remarks.append(f"branched off {origin.label} at step {origin.step:,}")
    return ", ".join(remarks)
