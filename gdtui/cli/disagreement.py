"""In what a race is not as it was recorded, as text: what a test that fails prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import Final

from gdtui.cli.tables import table
from gdtui.errors import clean
from gdtui.recording.agreement import Disagreement, Tolerance

_MOST_ROWS: Final = 12
_WIDTH: Final = 110  # of a table; a test's output is as often read in a log as in a terminal
_LONGEST: Final = 120  # of a value in it


def headline(found: Disagreement) -> str:
    """The first difference in a few words: pytest's summary has no room for more."""
    if found.settings:
        name, left, right = (clean(text or "nothing", 40) for text in astuple(found.settings[0]))
        return f"another race, with {name} {left} in place of {right}, than recorded"
    if found.partings:
        first = found.partings[0]
        return f"step {first.step:,}: {first.quantity} of {clean(first.racer)} is not as recorded"
    if found.endings:
        return f"{clean(found.endings[0].racer)} ends otherwise than recorded"
    return f"{clean(found.overtakings[0].first)} comes in at another place than recorded"


def differences(found: Disagreement, tolerance: Tolerance) -> Iterator[str]:
    """The differences as lines of text, what comes first first."""
    if found.settings:
        rows = [[setting.name, setting.left or "–", setting.right or "–"] for setting in found.settings]
        yield from _table("Its settings are others.", ["setting", "this race", "recorded"], rows)
    if found.partings:
        compared = "at all recorded steps" if tolerance.steps is None else f"up to step {tolerance.steps:,}"
        rows = [
            [p.racer, p.quantity, f"{p.step:,}", repr(p.left), repr(p.right), f"{abs(p.left - p.right):.3g}",
             f"{tolerance.allowed(p.right):.3g}"]
            for p in found.partings
        ]  # fmt: skip
        yield from _table(
            f"Where it parts from the recording. Numbers are compared {compared}, within {tolerance.atol:g} + "
            f"{tolerance.rtol:g} |recorded|.",
            ["racer", "quantity", "step", "this race", "recorded", "off by", "allowed"], rows,
        )  # fmt: skip
    if found.endings:
        rows = [[ending.racer, ending.left, ending.right] for ending in found.endings]
        yield from _table("Racers end otherwise.", ["racer", "this race", "recorded"], rows)
    if found.overtakings:
        rows = [[f"{o.first}, {o.second}", *(f"{a:.6g}, {b:.6g}" for a, b in (o.run, o.recorded))]
                for o in found.overtakings]  # fmt: skip
        yield from _table("Racers come in in another order.", ["losses of", "this race", "recorded"], rows)


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    shown = [[clean(text, _LONGEST) for text in row] for row in rows[:_MOST_ROWS]]
    yield from ("", title, "")
    yield table(headings, shown, right={"step"}, width=_WIDTH, wrap={"this race", "recorded"})
    if len(rows) > _MOST_ROWS:
        yield f"and {len(rows) - _MOST_ROWS:,} more"
