"""What to do about a verdict, and which optimizer of the family was made against it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gdtui.analysis.series import Setting
from gdtui.analysis.verdict import Kind, Verdict

_TEXTS: Final = {
    Kind.NOT_A_NUMBER: "Go back to the last good checkpoint with a smaller learning rate or clipped gradients; look "
    "for a log, a root or a division of what can be 0, and for overflow in half precision.",
    Kind.DIVERGED: "Start again with a learning rate 3 to 10 times smaller, or a warm-up.",
    Kind.DIVERGING: "Stop it: lower the learning rate 3 to 10 times and go on from before the rise.",
    Kind.OVERFITTING: "Keep the checkpoint of the lowest held-out loss; next time more data, augmentation, or "
    "decoupled weight decay.",
    Kind.LIMIT_CYCLE: "Lower the learning rate: the cycle's size goes with it. A schedule that decays it "
    "ends the cycle.",
    Kind.NOISE_FLOOR: "Let the learning rate decay, or take larger batches: a floor of noise sinks with both. If it "
    "does not, this is what the model and the data allow, or the way down is slow.",
    Kind.STALLED: "Raise the learning rate, restart its schedule, or take an optimizer that forgets old gradients. If "
    "the schedule was meant to end here, the run is over.",
    Kind.OSCILLATING: "Lower the learning rate or the momentum.",
    Kind.PLATEAU: "Look at the gradient norm: near 0 it is a minimum, a saddle or units that are dead. If it is not, "
    "change the learning rate and see whether the loss follows.",
    Kind.CRAWLING: "Raise the learning rate towards its stability limit, or take momentum or a preconditioner.",
    Kind.RISING: "Watch it; if it goes on, lower the learning rate.",
}
_FIXED_BY: Final = {
    (Kind.LIMIT_CYCLE, "rmsprop"): "adam",
    (Kind.LIMIT_CYCLE, "momentum"): "gd",
    (Kind.OSCILLATING, "rmsprop"): "adam",
    (Kind.OSCILLATING, "gd"): "momentum",
    (Kind.OSCILLATING, "momentum"): "nesterov",
    (Kind.STALLED, "adagrad"): "rmsprop",
    (Kind.CRAWLING, "gd"): "momentum",
    (Kind.CRAWLING, "sgd"): "momentum",
    (Kind.CRAWLING, "adagrad"): "rmsprop",
    (Kind.OVERFITTING, "adam"): "adamw",
    (Kind.OVERFITTING, ""): "adamw",
}


def attached(verdict: Verdict, setting: Setting) -> Verdict:
    """The verdict with its remedy and the family member that fixes it."""
    fixed_by = _FIXED_BY.get((verdict.kind, setting.optimizer))
    return replace(verdict, remedy=_TEXTS.get(verdict.kind, ""), fixed_by=fixed_by)
