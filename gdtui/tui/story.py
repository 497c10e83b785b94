"""A race with something to say: before it begins what to expect, and once it has ended what came of it.

What is said of the end is worked out from the race itself, in the race's own thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from textual.content import Content

from gdtui import registry
from gdtui.analysis.expectations import Finding, evaluate, is_the_same, trace
from gdtui.analysis.race_verdicts import of_race
from gdtui.analysis.results import describe
from gdtui.analysis.verdict import Severity
from gdtui.analysis.wording import came, claim
from gdtui.charts.palette import racer_letter
from gdtui.contracts import Optimizer
from gdtui.engine.race import Race
from gdtui.folders import TRAPS
from gdtui.frames.marks import mark
from gdtui.scenario import Scenario, load
from gdtui.specs import RacerSpec, parse
from gdtui.spelling import spelt_out
from gdtui.tui.about import STYLES, Part

TRAP = "trap"  # the name of the page


class Story(Protocol):
    """A race's story. ``after`` is called in the race's thread, once the race has ended."""

    @property
    def page(self) -> str: ...

    @property
    def waits(self) -> bool:
        """Whether the race waits for the user, who has to read first what to expect."""

    @property
    def title(self) -> str: ...

    def shows(self, optimizer: Optimizer) -> bool:
        """Whether it is about where that optimizer fails."""

    def before(self) -> Content: ...

    def after(self, race: Race) -> Content: ...


@dataclass(frozen=True, slots=True)
class TrapStory:
    """A scenario with expectations: they are listed, and then held against what came."""

    scenario: Scenario
    names: tuple[str, ...]
    """Of the parameters."""
    ascii_only: bool = False
    page: str = TRAP
    waits: bool = True

    @property
    def title(self) -> str:
        return f"Trap: {self.scenario.name.removeprefix(f'{TRAPS}/')}"

    def shows(self, optimizer: Optimizer) -> bool:
        return optimizer.fails_on == self.scenario.name

    def before(self) -> Content:
        said: list[Part] = [*self._introduced(), ("\n\nWhat to expect", "bold")]
        for label, claims in groupby(self.scenario.expectations, lambda expectation: expectation.racer):
            said.append((f"\n{self._named(label)}", "bold"))
            said += [
                (f"\n{mark(Severity.NOTE, ascii_only=self.ascii_only)} {claim(each, self.names)}", "")
                for each in claims
            ]
        return assembled([*said, self._explained()], self.ascii_only)

    def after(self, race: Race) -> Content:
        if not is_the_same(self.scenario, race):
            told: list[Part] = [
                (
                    "\n\nThis was not the race of the file: its racers, start, seed or budget are others, so what the ",
                    "",
                ),
                ("file expects was not checked. Choose the scenario again for the race as it was.", ""),
            ]
            return assembled([*self._introduced(), *told, self._explained()], self.ascii_only)
        found = evaluate(
            self.scenario.expectations, describe(race), lambda label, quantity: trace(race[label], quantity)
        )
        met = sum(finding.met for finding in found)
        count = f"all {met}" if met == len(found) else f"{met} of {len(found)}"
        said: list[Part] = [*self._introduced(), (f"\n\nCame as expected: {count}", "bold")]
        for label, findings in groupby(found, lambda finding: finding.expectation.racer):
            said.append((f"\n{self._named(label)}", "bold"))
            for finding in findings:
                said += self._found(finding)
        return assembled([*said, self._explained()], self.ascii_only)

    def _introduced(self) -> list[Part]:
        failing = [each for each in registry.optimizers().values() if each.fails_on == self.scenario.name]
        who = [(f"\nWhere {' and '.join(each.name for each in failing)} fails", "dim")] if failing else []
        return [(self.scenario.title, "bold"), *who]

    def _explained(self) -> Part:
        return f"\n\n{self.scenario.description}", ""

    def _found(self, finding: Finding) -> Iterator[Part]:
        severity = Severity.GOOD if finding.met else Severity.FATAL
        yield f"\n{mark(severity, ascii_only=self.ascii_only)} ", STYLES[severity]
        yield claim(finding.expectation, self.names), ""
        yield f"\n  came: {came(finding)}", "dim"

    def _named(self, label: str) -> str:
        return named(label, [spec.label for spec in self.scenario.racers])


@dataclass(frozen=True, slots=True)
class PlainStory:
    """An optimizer beside its parent, where it fails, but without figures to expect."""

    optimizer: Optimizer
    ascii_only: bool = False
    page: str = TRAP
    waits: bool = True

    @property
    def title(self) -> str:
        return f"Where {self.optimizer.name} fails"

    def shows(self, optimizer: Optimizer) -> bool:
        return optimizer.name == self.optimizer.name

    def before(self) -> Content:
        return assembled([*self._introduced(), ("\n\nNo figures are expected of this race.", "dim")], self.ascii_only)

    def after(self, race: Race) -> Content:
        return assembled([*self._introduced(), *ended(race, self.ascii_only)], self.ascii_only)

    def _introduced(self) -> list[Part]:
        beside = f", beside {self.optimizer.parent}" if self.optimizer.parent else ""
        return [
            (f"{self.optimizer.name} on {self.optimizer.fails_on}{beside}", "bold"),
            (f"\n\nWhat to watch for: {self.optimizer.fails}", ""),
        ]


def trap_story(name: str, race: Race, *, ascii_only: bool = False) -> TrapStory:
    """The story of the trap of that name, which ``race`` is on, perhaps with changes."""
    return TrapStory(load(name), race.problem.names, ascii_only)


def demonstration(optimizer: Optimizer, *, ascii_only: bool = False) -> tuple[Race, Story]:
    """The race that shows where an optimizer fails, and its story.

    Where there is no trap for it, it is the scenario in which it fails, with the racers that show it, or else with the
    optimizer and its parent alone.
    """
    scenario = load(optimizer.fails_on)
    if optimizer.fails_on.startswith(f"{TRAPS}/"):
        race = Race(scenario)
        return race, trap_story(optimizer.fails_on, race, ascii_only=ascii_only)
    racers = [parse(text) for text in optimizer.shown_by]
    for name in () if racers else filter(None, (optimizer.name, optimizer.parent)):
        entered = [spec for spec in scenario.racers if spec.optimizer == name]
        racers += entered[:1] or [RacerSpec(name)]
    return Race(scenario.changed(racers=racers)), PlainStory(optimizer, ascii_only)


def ended(race: Race, ascii_only: bool) -> Iterator[Part]:
    """How every racer of a race ended, by its verdict."""
    yield "\n\nHow they ended", "bold"
    for label, verdict in of_race(race).items():
        yield f"\n{named(label, race.labels)} ", "bold"
        yield f"{mark(verdict.severity, ascii_only=ascii_only)} {verdict.sentence}", STYLES[verdict.severity]


def named(label: str, labels: Sequence[str]) -> str:
    """A racer's letter and label."""
    return f"{racer_letter(labels.index(label))} {label}"


def assembled(parts: Sequence[Part], ascii_only: bool = False) -> Content:
    """A page of these texts."""
    return Content.assemble(*((spelt_out(text) if ascii_only else text, style) for text, style in parts))
