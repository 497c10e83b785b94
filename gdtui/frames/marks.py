"""How serious a verdict is, as a glyph and as a colour: a glyph alone has to do where there are no colours."""

from __future__ import annotations

from typing import Final

from gdtui.analysis.verdict import Severity
from gdtui.charts.palette import Ink

MARKS: Final = {Severity.GOOD: "✓", Severity.NOTE: "·", Severity.WARNING: "!", Severity.FATAL: "✗"}
ASCII_MARKS: Final = {Severity.GOOD: "v", Severity.NOTE: ".", Severity.WARNING: "!", Severity.FATAL: "x"}
INKS: Final = {
    Severity.GOOD: Ink.GOOD,
    Severity.NOTE: Ink.DIM,
    Severity.WARNING: Ink.CAUTION,
    Severity.FATAL: Ink.WARNING,
}


def mark(severity: Severity, *, ascii_only: bool = False) -> str:
    """The glyph of a severity, one column wide."""
    return (ASCII_MARKS if ascii_only else MARKS)[severity]
