"""What to do about a verdict, and which optimizer of the family was made against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from gdtui import registry
from gdtui.analysis.series import Setting
from gdtui.analysis.verdict import LIMIT, ZIG_ZAG, Kind, Verdict
from gdtui.contracts import Problem
from gdtui.engine.fitness import refuse_unfit
from gdtui.engine.rates import CONSTANT
from gdtui.errors import InputError
from gdtui.schedule_specs import ScheduleSpec
from gdtui.specs import RacerSpec

SAFE: Final = 0.5  # of a stability limit
DECAY: Final = "inverse_sqrt"  # the schedule that takes a noise floor to 0 without being told for how long

_TEXTS: Final = {
    Kind.NOT_A_NUMBER: "Go back to the last good checkpoint with a smaller learning rate or clipped gradients; look "
    "for a log, a root or a division of what can be 0, and for overflow in half precision.",
    Kind.DIVERGED: "Start again with a learning rate 3 to 10 times smaller, or a warm-up.",
    Kind.DIVERGING: "Stop it: lower the learning rate 3 to 10 times and go on from before the rise.",
    Kind.AT_SADDLE: "Add noise, as mini-batches have it, or push it along the direction that bends down; saddle-free "
    "Newton walks down there in a few steps.",
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
# Whom to race instead, the first that is fit for the problem. Each was made against this, or has more room for it.
FIXED_BY: Final[Mapping[tuple[Kind, str], tuple[str, ...]]] = {
    # A larger limit: 2(1 + beta)/L for 2/L; 2(1 + beta)/L for 2(1 + beta)/((1 + 2 beta)L).
    (Kind.DIVERGING, "gd"): ("momentum",),
    (Kind.DIVERGING, "sgd"): ("momentum",),
    (Kind.DIVERGING, "nesterov"): ("momentum",),
    # Steps whose length does not go with the gradient's.
    (Kind.DIVERGING, "momentum"): ("adam",),
    (Kind.DIVERGED, "gd"): ("adam",),
    (Kind.DIVERGED, "sgd"): ("adam",),
    (Kind.DIVERGED, "momentum"): ("adam",),
    (Kind.DIVERGED, "nesterov"): ("adam",),
    (Kind.DIVERGED, "radam"): ("adam",),  # its first steps are undivided
    (Kind.DIVERGED, "newton"): ("lbfgs", "adam"),  # a line search
    (Kind.DIVERGED, "saddle_free_newton"): ("lbfgs", "adam"),
    **{
        (Kind.AT_SADDLE, name): ("saddle_free_newton", "sgd")
        for name in (
            "gd",
            "momentum",
            "nesterov",
            "newton",
            "lbfgs",
            "adagrad",
            "rmsprop",
            "adam",
            "adamw",
            "amsgrad",
            "nadam",
            "radam",
            "adadelta",
        )
    },
    (Kind.LIMIT_CYCLE, "rmsprop"): ("adam",),
    (Kind.LIMIT_CYCLE, "momentum"): ("gd",),
    (Kind.LIMIT_CYCLE, "gd"): ("momentum",),
    (Kind.LIMIT_CYCLE, "nadam"): ("adam",),
    (Kind.LIMIT_CYCLE, "adadelta"): ("adam",),
    (Kind.LIMIT_CYCLE, "lion"): ("adam",),
    (Kind.LIMIT_CYCLE, "adam"): ("amsgrad",),
    (Kind.LIMIT_CYCLE, "adamw"): ("amsgrad",),
    (Kind.LIMIT_CYCLE, "muon"): ("momentum",),
    (Kind.OSCILLATING, "rmsprop"): ("adam",),
    (Kind.OSCILLATING, "gd"): ("momentum",),
    (Kind.OSCILLATING, "momentum"): ("nesterov",),
    (Kind.OSCILLATING, "nesterov"): ("gd",),
    (Kind.OSCILLATING, "nadam"): ("adam",),
    (Kind.OSCILLATING, "adadelta"): ("adam",),
    (Kind.OSCILLATING, "lion"): ("adam",),
    (Kind.OSCILLATING, "adam"): ("amsgrad",),
    (Kind.OSCILLATING, "muon"): ("momentum",),
    (Kind.OSCILLATING, "lbfgs"): ("sgd",),  # of noise: curvature read off it is wrong
    (Kind.NOISE_FLOOR, "lbfgs"): ("sgd",),
    (Kind.STALLED, "adagrad"): ("rmsprop",),
    (Kind.STALLED, "shampoo"): ("muon",),
    (Kind.STALLED, "amsgrad"): ("adam",),
    (Kind.STALLED, "adadelta"): ("rmsprop",),
    (Kind.STALLED, "lamb"): ("adam",),
    (Kind.CRAWLING, "gd"): ("momentum",),
    (Kind.CRAWLING, "sgd"): ("momentum",),
    (Kind.CRAWLING, "momentum"): ("nesterov",),
    (Kind.CRAWLING, "adagrad"): ("rmsprop",),
    (Kind.CRAWLING, "shampoo"): ("muon",),
    (Kind.CRAWLING, "amsgrad"): ("adam",),
    (Kind.CRAWLING, "adadelta"): ("rmsprop",),
    (Kind.CRAWLING, "lamb"): ("adam",),
    (Kind.OVERFITTING, "adam"): ("adamw",),
    (Kind.OVERFITTING, ""): ("adamw",),
}
_ZIG_ZAG_FIXED_BY: Final = {"gd": "momentum", "sgd": "momentum"}
_ZIG_ZAG: Final = "Let momentum add up the way along the valley, or lower the learning rate."


class Entry(Protocol):
    """A racer, or the picture of one: how it was entered, and its learning rate."""

    @property
    def spec(self) -> RacerSpec: ...

    @property
    def lr(self) -> float: ...


def attached(verdict: Verdict, setting: Setting, racer: Entry | None = None, problem: Problem | None = None) -> Verdict:
    """The verdict with its remedy and what fixes it: a family member, or the racer itself with other settings.

    ``racer`` is what was judged, and ``problem`` what it is on, if they are known.
    """
    remedy = _TEXTS.get(verdict.kind, "")
    candidates = FIXED_BY.get((verdict.kind, setting.optimizer), ())
    if ZIG_ZAG in verdict and verdict.kind is not Kind.CRAWLING and setting.optimizer in _ZIG_ZAG_FIXED_BY:
        remedy, candidates = _ZIG_ZAG, (_ZIG_ZAG_FIXED_BY[setting.optimizer],)
    fixed_by = next((name for name in candidates if problem is None or _is_fit(name, problem)), None)
    fixer = "" if racer is None else _fixer(verdict, fixed_by, racer)
    return replace(verdict, remedy=remedy, fixed_by=fixed_by, fixer=fixer)


def _is_fit(name: str, problem: Problem) -> bool:
    if name == "sgd" and not problem.samples and not problem.noise:
        return False  # it is gd there
    try:
        refuse_unfit(registry.optimizer(name), problem, "")
    except InputError:
        return False
    return True


def _fixer(verdict: Verdict, fixed_by: str | None, racer: Entry) -> str:
    """The racer itself with the settings that should do better, as a spec; empty where nothing says which."""
    if verdict.kind in {Kind.DIVERGING, Kind.DIVERGED} and LIMIT in verdict:
        return replace(racer.spec, lr=verdict[LIMIT] * SAFE).text(label=False)
    if verdict.kind is Kind.NOISE_FLOOR and fixed_by is None and racer.spec.schedule in (None, CONSTANT):
        return replace(racer.spec, lr=racer.lr, schedule=ScheduleSpec(DECAY)).text(label=False)
    return ""
