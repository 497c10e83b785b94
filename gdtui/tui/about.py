"""The page about an optimizer: how its racers fare, its rule, what it fixes, where it fails, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from textual.content import Content

from gdtui.analysis.prices import state_of, step_of
from gdtui.analysis.verdict import Severity, Verdict
from gdtui.charts.palette import racer_letter
from gdtui.contracts import Optimizer
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.frames.marks import mark
from gdtui.spelling import spelt_out

Part = tuple[str, str]  # a text and its style
STYLES = {
    Severity.GOOD: "$success",
    Severity.NOTE: "",
    Severity.WARNING: "$warning",
    Severity.FATAL: "bold $error",
}
KEYS = {"family.demonstrate": "d", "family.fix": "F"}  # the keys that the page speaks of, by their bindings
_BETWEEN_EQUATIONS = re.compile(r"[;,]\s{2,}")


def page(
    optimizer: Optimizer,
    racing: Sequence[tuple[RacerSnapshot, Verdict]] = (),
    *,
    keymap: Mapping[str, str] = MappingProxyType({}),
    ascii_only: bool = False,
) -> Content:
    """All there is to say of an optimizer.

    ``racing`` are the racers that use it, with the verdict on each; ``keymap`` are the user's own keys.
    """
    plays, races = (keymap.get(name, key) for name, key in KEYS.items())
    parts: list[Part] = [(optimizer.title, "bold")]
    parts += [("\n" + equation, "$accent") for equation in _BETWEEN_EQUATIONS.split(optimizer.formula)]
    for racer, verdict in racing:
        parts += _fares(racer, verdict, races, ascii_only)
    fixes = f"fixes in {optimizer.parent}" if optimizer.parent else "what it is"
    sections = [
        (fixes, optimizer.fixes),
        ("fails", optimizer.fails),
        ("seen in", f"{optimizer.fails_on} ({plays} plays it)"),
        ("state", state_of(optimizer)),
        ("a step costs", step_of(optimizer)),
    ]
    for heading, text in sections:
        parts += [(f"\n\n{heading}: ", "dim"), (text, "")]
    parts.append(("\n\n" + optimizer.reference, "dim"))
    return Content.assemble(*((spelt_out(text) if ascii_only else text, style) for text, style in parts))


def _fares(racer: RacerSnapshot, verdict: Verdict, races: str, ascii_only: bool) -> Iterator[Part]:
    sign = mark(verdict.severity, ascii_only=ascii_only)
    yield f"\n\n{racer_letter(racer.index)} {racer.label} ", "bold"
    yield f"{sign} {verdict.sentence}", STYLES[verdict.severity]
    if verdict.evidence:
        yield "\n" + "\n".join(evidence.text for evidence in verdict.evidence), "dim"
    if verdict.remedy:
        yield "\nremedy: ", "dim"
        yield verdict.remedy, ""
    if verdict.fixed_by is not None:
        yield "\nfixed by: ", "dim"
        yield verdict.fixed_by, "bold"
        yield f" ({races} races the two)", ""
    if verdict.fixer:
        yield "\nor with other settings: " if verdict.fixed_by else "\nwith other settings: ", "dim"
        yield verdict.fixer, "bold"
        yield "" if verdict.fixed_by else f" ({races} races the two)", ""
