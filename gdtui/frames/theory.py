"""The page "theory": what is predicted of a racer beside what was measured, or which condition of the theory fails."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from gdtui.analysis.steady import rate_text
from gdtui.analysis.taking import Taking
from gdtui.analysis.theory import FLOOR, RATE, Line, Theory
from gdtui.charts.cells import one_line
from gdtui.charts.ticks import short
from gdtui.spelling import spelt_out

Piece = tuple[str, str]
"""A text, and how it is marked: "", "dim", "bold" or "accent"."""

DIGITS = 4
LONGEST_RATE = 9  # cells, of a rate that is written out
INDENT = "  "
LOCAL = "*"  # behind a number that holds for the parabola where the racer is
NOT_MEASURED = "–"
LOCAL_NOTE = f"{LOCAL} local: of the parabola where it is"
PREDICTED, MEASURED = "predicted", "measured"
# A sum stays in one line where it fits into one.
_SUM, _BOUND = re.compile(r" ([−+-]) "), "\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}"


def theory_page(
    theory: Theory,
    taking: Taking,
    who: str,
    step: int,
    width: int,
    *,
    takes: str = "T takes",
    ascii_only: bool = False,
) -> list[Piece]:
    """The page about the racer called ``who`` at ``step``, in lines of at most ``width`` cells; in ASCII if asked.

    ``taking`` is what the racer would take, ``takes`` how.
    """
    page = _Page(width, ascii_only)
    count = f"{step:,}".replace(",", " ")
    page.add(f"{one_line(who, max(width - len(count) - 7, 1), ascii_only=ascii_only)}, step {count}", "dim")
    rows = [_Row(line, ascii_only) for line in theory.lines]
    is_wide = _add_table(page, rows)
    if any(row.is_local for row in rows):
        page.add(LOCAL_NOTE, "dim")
    _add_best(page, theory, taking, takes)
    for statement in theory.statements:
        page.add()
        page.add(statement)
    if not is_wide:
        _add_meanings(page, rows)
    return page.pieces


class _Page:
    """Lines that are broken between words."""

    def __init__(self, width: int, ascii_only: bool) -> None:
        self.width, self._ascii = max(width, 1), ascii_only
        self.pieces: list[Piece] = []

    def words(self, text: str) -> str:
        """The text in the characters that there are."""
        return spelt_out(text) if self._ascii else text

    def lines(self, text: str, first: str = "", rest: str = "") -> list[str]:
        """The text in lines, which begin with ``first`` and then with ``rest``."""
        room = self.width - max(len(first), len(rest))
        bound = _SUM.sub(_BOUND, self.words(text))
        words = [word if len(word) <= room else word.replace("\N{NO-BREAK SPACE}", " ") for word in bound.split(" ")]
        lines = wrap(" ".join(words), self.width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
        return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]

    def add(self, text: str = "", mark: str = "") -> None:
        """A paragraph; without a text an empty line."""
        self.pieces += [(f"{line}\n", mark) for line in self.lines(text) or [""]]


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a theory as its cells."""

    line: Line
    ascii_only: bool

    @property
    def symbol(self) -> str:
        return self._words(self.line.symbol)

    @property
    def label(self) -> str:
        """What the line is about, whole."""
        return self._words(_label(self.line))

    @property
    def is_local(self) -> bool:
        """Whether a number is marked as local."""
        return self.line.is_local and self.line.predicted is not None

    @property
    def predicted(self) -> str:
        """The prediction, with room for its mark."""
        if self.line.predicted is None:
            return ""
        return self._number(self.line.predicted, self.line.measured) + (LOCAL if self.line.is_local else " ")

    @property
    def measured(self) -> str:
        """The measurement; a dash where there may be one later."""
        if self.line.measured is not None:
            return self._number(self.line.measured, self.line.predicted)
        return self._words(NOT_MEASURED) if self.line.symbol in {RATE, FLOOR} else ""

    def _number(self, value: float, beside: float | None) -> str:
        return self._words(rate(value, beside) if self.line.unit else number(value))

    def _words(self, text: str) -> str:
        return spelt_out(text) if self.ascii_only else text


def _label(line: Line) -> str:
    return f"{line.label}, {line.unit}" if line.unit else line.label


def number(value: float) -> str:
    """A number in a few characters, with a minus sign of its own."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0.0 else "−inf"
    return ("−" if value < 0.0 else "") + short(abs(value), DIGITS)


def rate(value: float, beside: float | None = None) -> str:
    """A factor per step, with as many digits as tell it from 1, and as the one ``beside`` it has.

    One that is very near to 1 is written as its difference.
    """
    text, other = rate_text(value), rate_text(value if beside is None else beside)
    if max(len(text), len(other)) <= LONGEST_RATE and "." in text and "." in other:
        digits = max(len(each.partition(".")[2]) for each in (text, other))
        return f"{value:.{digits}f}"
    if len(text) <= LONGEST_RATE or not math.isfinite(value):
        return text
    return f"1{'−' if value < 1.0 else '+'}{short(abs(1.0 - value), 3)}"


def _add_table(page: _Page, rows: Sequence[_Row]) -> bool:
    """A row for each line: with its label, and True, where there is room for labels, else with its symbol."""
    predicted = max([len(PREDICTED) + 1, *(len(row.predicted) for row in rows)])
    measured = max([len(MEASURED), *(len(row.measured) for row in rows)])
    room = page.width - predicted - measured - 2
    longest = max(len(row.label) for row in rows)
    is_wide = longest <= room
    left = longest if is_wide else max([0, *(len(row.symbol) for row in rows if len(row.symbol) <= room)])
    page.pieces.append((f"{'':{left}} {PREDICTED:>{predicted - 1}}  {MEASURED:>{measured}}\n", "dim"))
    for row in rows:
        name = row.label if is_wide else row.symbol
        values = f" {row.predicted:>{predicted}} {row.measured:>{measured}}".rstrip()
        if len(name) > left:  # on a line of its own
            page.pieces.append((f"{name}\n", ""))
            name = ""
        mark = "bold" if row.line.measured is not None else ""
        page.pieces.append((f"{name:{left}}{values}".rstrip() + "\n", mark))
        page.pieces += [(f"{line}\n", "dim") for line in page.lines(row.line.note, INDENT, INDENT)]
    return is_wide


def _add_meanings(page: _Page, rows: Sequence[_Row]) -> None:
    """What the symbols stand for, where they do not say it."""
    page.add()
    for row in rows:
        line = row.line
        meaning = _label(line).removeprefix(line.symbol).removesuffix(line.symbol).strip(", =")
        if not meaning:
            continue
        lines = page.lines(f"{line.symbol}: {meaning}", rest=INDENT)
        head = f"{row.symbol}:"
        page.pieces.append((head, "accent"))
        lines[0] = lines[0].removeprefix(head)
        page.pieces += [(f"{text}\n", "dim") for text in lines]


def _add_best(page: _Page, theory: Theory, taking: Taking, takes: str) -> None:
    """What can be taken; or why nothing can, where the line of the rate has not said it."""
    if taking.reason:
        line = theory.line(RATE)
        if line is None or line.note != taking.reason:
            page.add()
            page.add(f"Best setting: {taking.reason}.")
        return
    page.add()
    new = ", ".join(f"{name} = {number(value)}" for name, value in taking.changes.items())
    page.add(f"{takes} {new}." if new else "Nothing to take: these settings are the best.", "accent")
