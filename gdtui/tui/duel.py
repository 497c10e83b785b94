"""A failing racer against whom its verdict sends for: the same start, samples and budget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from textual.content import Content

from gdtui import registry, specs
from gdtui.analysis.race_verdicts import of_race
from gdtui.analysis.verdict import Kind, Severity, Verdict
from gdtui.analysis.wording import number
from gdtui.contracts import Optimizer
from gdtui.engine.outcome import Outcome
from gdtui.engine.race import Race
from gdtui.engine.racer import Racer
from gdtui.frames.marks import mark
from gdtui.schedule_specs import KEY
from gdtui.specs import RacerSpec
from gdtui.tui.about import STYLES, Part
from gdtui.tui.story import assembled, named

DUEL = "duel"  # the name of the page
_RANKS = {Severity.GOOD: 0, Severity.NOTE: 1, Severity.WARNING: 2, Severity.FATAL: 3}


@dataclass(frozen=True, slots=True)
class DuelStory:
    """The racer labelled ``failing`` against the one labelled ``fixer``; ``verdict`` is why."""

    failing: str
    fixer: str
    optimizers: tuple[str, str]
    """Theirs."""
    rates: tuple[float, float]
    verdict: Verdict
    ascii_only: bool = False
    page: str = DUEL
    waits: bool = False

    @property
    def title(self) -> str:
        return f"{self.failing} against {self.fixer}"

    def shows(self, optimizer: Optimizer) -> bool:  # noqa: ARG002 - it is about no trap
        return False

    def before(self) -> Content:
        return assembled([*self._introduced(), ("\n\nWhat changed is told here at the end.", "dim")], self.ascii_only)

    def after(self, race: Race) -> Content:
        if set(race.labels) != {self.failing, self.fixer} or any(racer.benched or _is_edited(racer) for racer in race):
            told: list[Part] = [("\n\nThe race was changed while it was on: it decides nothing.", "")]
            return assembled([*self._introduced(), *told], self.ascii_only)
        failing, fixer = race[self.failing], race[self.fixer]
        verdicts = of_race(race)
        parts: list[Part] = [(self._judged(verdicts, failing, fixer), "bold")]
        parts.append((f"\n\n{self._losses(failing, fixer)} {self._passing(failing, fixer)}".rstrip(), ""))
        for label, then in ((self.failing, self.verdict), (self.fixer, None)):
            now = verdicts[label]
            before = "" if then is None or then.kind is now.kind else f" (was {then.kind})"
            sign = mark(now.severity, ascii_only=self.ascii_only)
            parts.append((f"\n\n{named(label, race.labels)}{before} ", "bold"))
            parts.append((f"{sign} {now.sentence}", STYLES[now.severity]))
        return assembled([*parts, ("\n\nWhy they raced\n", "bold"), *self._introduced()], self.ascii_only)

    def _introduced(self) -> list[Part]:
        one, other = self.optimizers
        if one != other:
            fixer = registry.optimizer(other)
            over = f" in {fixer.parent}" if fixer.parent else ""
            reason = f"{other} is to do better. What it fixes{over}: {fixer.fixes}"
        else:
            reason = f"{self.fixer} is {other} with other settings."
        sign = mark(self.verdict.severity, ascii_only=self.ascii_only)
        return [
            (f"{self.failing} ", "bold"),
            (f"{sign} {self.verdict.sentence}", STYLES[self.verdict.severity]),
            (f"\n\n{reason}", ""),
            (
                f"\n\nBoth start at one point and have one budget; the learning rate is {number(self.rates[0])} for "
                f"{self.failing}, {number(self.rates[1])} for {self.fixer}.",
                "dim",
            ),
        ]

    def _losses(self, failing: Racer, fixer: Racer) -> str:
        ends = []
        for racer in (failing, fixer):
            if racer.status is Outcome.DIVERGED:
                ends.append(f"{racer.label} diverged at step {racer.step:,}")
            else:
                ends.append(f"{racer.label} ended with a loss of {number(racer.measure()[0], 3)}")
        return f"{', '.join(ends)}."

    def _passing(self, failing: Racer, fixer: Racer) -> str:
        """Who came first to where the other one ended, and when."""
        if Outcome.DIVERGED in {failing.status, fixer.status}:
            return ""
        one, other = (fixer, failing) if fixer.measure()[0] <= failing.measure()[0] else (failing, fixer)
        level = other.measure()[0]
        reached = np.flatnonzero(one.loss <= level)
        if not len(reached) or not math.isfinite(level):
            return ""
        step = int(one.steps[reached[0]])
        text = f"{one.label} passed {other.label}'s last loss at step {step:,}"
        if 0 < step < other.step:
            text += f"; {other.label} took {number(other.step / step, 2)} times as many"
        return f"{text}."

    def _judged(self, verdicts: Mapping[str, Verdict], failing: Racer, fixer: Racer) -> str:
        one, other = verdicts[self.failing], verdicts[self.fixer]
        lower = fixer.measure()[0] < failing.measure()[0] or failing.status is Outcome.DIVERGED
        if _RANKS[other.severity] < _RANKS[one.severity] or (
            other.kind is Kind.CONVERGED and one.kind is not other.kind
        ):
            return f"{self.fixer} fixes it here."
        if lower and other.kind is not self.verdict.kind:
            return f"{self.fixer} gets further here."
        return f"{self.fixer} does not fix it here, at this learning rate."


def _is_edited(racer: Racer) -> bool:
    """Whether the user changed a hyperparameter: a schedule that does so itself says so by its name."""
    return any(event.name in {*racer.hyperparameters, KEY} for event in racer.events)


def whom(verdict: Verdict) -> RacerSpec | None:
    """Whom a verdict says to race against: another of the family, else the racer itself with other settings."""
    if verdict.fixed_by is not None:
        return RacerSpec(verdict.fixed_by)
    return specs.parse(verdict.fixer) if verdict.fixer else None


def duel(
    race: Race, label: str, verdict: Verdict, against: RacerSpec, *, ascii_only: bool = False
) -> tuple[Race, DuelStory]:
    """The race of the racer that ``verdict`` is on ``against`` another one, from the same start, and its story.

    Both are as they race already. An optimizer that does not has the scenario's learning rate for it, else its default;
    where the racer's own optimizer is to have other settings, these are what ``against`` says.
    """
    fresh = race.restarted()
    optimizers = {racer.label: racer.optimizer.name for racer in fresh}
    there = [other for other, name in optimizers.items() if name == against.optimizer != optimizers[label]]
    for other in fresh.labels:
        fresh.bench(other, benched=False)
        if other not in {label, *there[:1]}:
            fresh.remove(other)
    fixer = there[0] if there else fresh.add(against).label
    fresh.scenario = replace(fresh.scenario, expectations=())
    rates = {racer.label: racer.lr for racer in fresh}
    pair = optimizers[label], against.optimizer
    return fresh, DuelStory(label, fixer, pair, (rates[label], rates[fixer]), verdict, ascii_only)
