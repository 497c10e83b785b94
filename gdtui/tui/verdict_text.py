"""A verdict in words: what is seen, the numbers behind it, what to do, and how it came to that."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.content import Content

from gdtui.analysis.log_columns import BY
from gdtui.analysis.log_missing import missing
from gdtui.analysis.verdict import Verdict, short
from gdtui.analysis.watching import Change, Watched, WatchedRun
from gdtui.errors import clean
from gdtui.frames.marks import MARKS
from gdtui.spelling import spelt_out
from gdtui.tui.about import STYLES

Parts = list[tuple[str, str]]

_ASCII_MARKS = str.maketrans({"✓": "v", "·": ".", "✗": "x"})


def badge(verdict: Verdict) -> tuple[str, str]:
    """Its mark and its word, and their style. Nothing is told by colour alone."""
    return f"{MARKS[verdict.severity]} {verdict.kind.value}", STYLES[verdict.severity]


def opinion(verdict: Verdict) -> Parts:
    """The verdict with its sentence, evidence and remedy."""
    text, style = badge(verdict)
    parts: Parts = [(text, style), (f"\n{verdict.sentence}", "")]
    for evidence in verdict.evidence:
        unit = f" {evidence.unit}" if evidence.unit else ""
        parts += [(f"\n  {evidence.name}  ", "dim"), (f"{short(evidence.value)}{unit}", "")]
    if verdict.remedy:
        parts += [("\nremedy: ", "dim"), (verdict.remedy, "")]
    if verdict.fixed_by:
        parts += [("\nmade against it: ", "dim"), (f"{verdict.fixed_by}, see gdtui explain {verdict.fixed_by}", "")]
    return parts


def story(changes: Sequence[Change]) -> Parts:
    """The changes of a verdict, the newest first: at which step came what."""
    steps = ["then" if math.isnan(change.step) else f"step {short(change.step)}" for change in changes]
    widest = max(map(len, steps), default=0)
    parts: Parts = []
    for step, change in zip(reversed(steps), reversed(changes), strict=True):
        parts.append((f"{step.ljust(widest)}  ", "dim"))
        parts.append(badge(change.verdict) if change.verdict is not None else (change.note, "dim"))
        parts.append(("\n", ""))
    return parts[:-1]


def remarks(log: Watched, run: WatchedRun) -> Parts:
    """What is wrong with the log, which columns were guessed, and what cannot be told for want of a column."""
    parts: Parts = []
    notes = (*(log.log.notes if log.log else ()), *run.run.notes)
    if notes:
        parts += [("\n\n", ""), ("notes: ", "dim"), ("; ".join(notes), "")]
    columns = log.log.columns if log.log else {}
    if columns:
        known = {role: name for role, name in columns.items() if role != BY}
        read = ", ".join(name if name == role else f"{role} from {name}" for role, name in known.items())
        read += f"; runs told apart by {columns[BY]}" if BY in columns else ""
        parts += [("\n\n" if not notes else "\n", ""), ("columns: ", "dim"), (read, "")]
    if log.log and (absent := list(missing(log.log))):
        parts += [("\n\n", ""), ("not logged:", "dim"), *((f"\n{text}", "") for text in absent)]
    return parts


def content(parts: Parts, *, ascii_only: bool = False) -> Content:
    """The parts as content: nothing in them is markup, or moves a cursor."""
    lines = (line for text, style in parts for line in _kept_lines(text, style))
    return Content.assemble(
        *((spelt_out(text.translate(_ASCII_MARKS)) if ascii_only else text, style) for text, style in lines)
    )


def _kept_lines(text: str, style: str) -> Parts:
    first, *others = text.split("\n")
    return [(clean(first, 1000), style), *((f"\n{clean(line, 1000)}", style) for line in others)]
