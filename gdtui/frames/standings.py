"""The standings and the status line as cell grids: the numbers of a race, aligned, in the racers' colours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from gdtui.analysis.brief import forms
from gdtui.analysis.verdict import Verdict
from gdtui.charts.cells import CellGrid, one_line
from gdtui.charts.palette import Ink, head_colour, racer_colour, racer_letter
from gdtui.engine.driver import DriverState, Published
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot
from gdtui.frames.marks import INKS, mark

_SHORT_WIDTH = 25
_MEASURES = (("auc", "AUC"), ("rmse", "RMSE"), ("accuracy", "accuracy"))  # the first that there is, is shown
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_SPINNER_ASCII = "|/-\\"


def standings(
    published: Published,
    width: int,
    height: int,
    *,
    verdicts: Mapping[str, Verdict] = MappingProxyType({}),
    pinned: str | None = None,
    ascii_only: bool = False,
) -> CellGrid:
    """The racers in the order of their losses, a row each; short entries side by side where there are too few rows.

    ``verdicts`` are by label. The racer labelled ``pinned`` is marked.
    """
    grid = CellGrid.blank(width, height)
    ranked = sorted(published.snapshot.racers, key=_rank)
    norm = "|g|" if ascii_only else "‖g‖"
    columns = min(max(1, width // _SHORT_WIDTH), -(-len(ranked) // max(1, height)))
    if len(ranked) > height and columns > 1:
        for place, racer in enumerate(ranked[: columns * height]):
            row, column = place % height, place // height * (width // columns)
            room = width // columns - 20
            _name(grid, row, column, racer, 8, racer.label == pinned, ascii_only)
            grid.write(row, column + 11, number(racer.loss), Ink.TEXT)
            grid.write(row, column + 19, *_said(racer, verdicts.get(racer.label), room, ascii_only))
        return grid
    name_width = min(14, max((len(racer.label) for racer in ranked), default=4))
    for row, racer in enumerate(ranked[:height]):
        _name(grid, row, 1, racer, name_width, racer.label == pinned, ascii_only)
        column = name_width + 5
        eta = "lr" if ascii_only else "η"
        fields = (("loss", number(racer.loss)), (norm, number(racer.grad_norm)), (eta, number(racer.lr)))
        for label, value in fields:
            grid.write(row, column, label, Ink.DIM)
            grid.write(row, column + len(label) + 1, value, Ink.HEADING if label == "loss" else Ink.TEXT)
            column += len(label) + 10
        for name, word in _MEASURES:
            if racer.test is not None and name in racer.test and width - column >= 50:
                grid.write(row, column, f"test {word}", Ink.DIM)
                grid.write(row, column + 6 + len(word), f"{racer.test[name]:.3f}", Ink.TEXT)
                column += len(word) + 13
                break
        grid.write(row, column, *_said(racer, verdicts.get(racer.label), width - column, ascii_only, whole=True))
    return grid


def status_line(
    published: Published,
    width: int,
    *,
    frame_rate: float = 0.0,
    hint: str = "? help",
    beat: int = 0,
    ascii_only: bool = False,
    slow: bool = False,
) -> CellGrid:
    """The last row: step, speed, pictures, state, what was refused, and where help is.

    ``slow`` says that the line to the terminal is what limits the pictures.
    """
    grid = CellGrid.blank(width, 1)
    snapshot, state = published.snapshot, published.state
    compiling = state is DriverState.COMPILING
    spinner = _SPINNER_ASCII if ascii_only else _SPINNER
    dot = " | " if ascii_only else " · "
    parts = ["replay"] if published.is_replay else []
    parts += [f"step {count(snapshot.step)}" + (f" of {count(snapshot.budget)}" if snapshot.budget is not None else "")]
    if state is DriverState.RUNNING:
        rate = "max speed" if math.isinf(published.rate) else f"{count(round(published.rate))} steps/s"
        parts.append(rate + (" (auto)" if published.speed is None else ""))
        if slow:
            parts.append(f"link slow: {max(frame_rate, 1.0):.0f} fps")
        elif frame_rate:
            parts.append(f"{frame_rate:.0f} fps")
    text = " " + dot.join(parts) + dot
    grid.write(0, 0, text, Ink.TEXT)
    word = state.value + (f" {spinner[beat % len(spinner)]}" if compiling else "")
    inks = {DriverState.FAILED: Ink.WARNING, DriverState.RUNNING: Ink.TEXT}
    grid.write(0, len(text), word, inks.get(state, Ink.HEADING))
    used = len(text) + len(word) + 2
    if published.reason:
        grid.write(0, used, one_line(published.reason, width - used, ascii_only=ascii_only), Ink.WARNING)
    elif width - len(hint) - 1 > used:
        grid.write(0, width - len(hint) - 1, hint, Ink.DIM)
    return grid


def number(value: float | None) -> str:
    """A number in at most seven characters; an en dash where there is none yet."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "inf" if value > 0 else "-inf" if value < 0 else "nan"
    if value == 0.0:
        return "0"
    if 1e-2 <= abs(value) < 999.5:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def count(value: int) -> str:
    """A whole number with thin groups: 12 480."""
    return f"{value:,}".replace(",", " ")


def _said(
    racer: RacerSnapshot, verdict: Verdict | None, room: int, ascii_only: bool, *, whole: bool = False
) -> tuple[str, int]:
    """What a racer is doing, in ``room`` columns, and in which colour; ``whole`` has what its rule leaves out, too."""
    if racer.benched:
        return one_line("resting", room, ascii_only=ascii_only), Ink.DIM
    added = f" ({racer.remark})" if whole and racer.remark else ""
    if whole and racer.outcome is Outcome.EXHAUSTED:
        added = f", budget used{added}"
    ended = racer.outcome in {Outcome.DIVERGED, Outcome.CONVERGED, Outcome.STOPPED}
    if verdict is None:
        text = ((racer.note if ended else "") + added).lstrip(", ")
        return one_line(text, room, ascii_only=ascii_only), Ink.DIM
    sign = mark(verdict.severity, ascii_only=ascii_only) + " "
    # A racer that has ended says how better than a verdict on its history does.
    told = (racer.note, *list(forms(verdict))[-2:]) if ended else forms(verdict)
    lines = [one_line(form + added, 2 * room + 200, ascii_only=ascii_only) for form in told]
    text = next((line for line in lines if len(line) + len(sign) <= room), lines[-1])
    return (sign + text)[: max(room, 0)], INKS[verdict.severity]


def _name(
    grid: CellGrid, row: int, column: int, racer: RacerSnapshot, width: int, pinned: bool, ascii_only: bool
) -> None:
    mark = (">" if ascii_only else "▸") if pinned else " "
    grid.write(row, column, racer_letter(racer.index) + mark, head_colour(racer.index))
    label = one_line(racer.label, width, ascii_only=ascii_only).ljust(width)
    grid.write(row, column + 2, label, head_colour(racer.index) if pinned else racer_colour(racer.index))


def _rank(racer: RacerSnapshot) -> tuple[bool, bool, float, int]:
    loss = math.inf if racer.loss is None or math.isnan(racer.loss) else racer.loss
    return racer.benched, racer.outcome is Outcome.DIVERGED, loss, racer.index
