"""The standings and the status line as cell grids: the numbers of a race, aligned, in the racers' colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gdtui.charts.cells import CellGrid, one_line
from gdtui.charts.palette import Ink, head_colour, racer_colour, racer_letter
from gdtui.engine.driver import DriverState, Published
from gdtui.engine.outcome import Outcome
from gdtui.engine.snapshot import RacerSnapshot

TREND_STEPS = 100  # over which a trend is measured
_SHORT_WIDTH = 25
_MEASURES = (("auc", "AUC"), ("rmse", "RMSE"), ("accuracy", "accuracy"))  # the first that there is, is shown
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_SPINNER_ASCII = "|/-\\"


def standings(
    published: Published,
    width: int,
    height: int,
    *,
    offset: float = 0.0,
    pinned: str | None = None,
    ascii_only: bool = False,
) -> CellGrid:
    """The racers in the order of their losses, a row each; short entries side by side where there are too few rows.

    ``offset`` is the known minimum of the objective, which trends are measured from. The racer labelled ``pinned`` is
    marked.
    """
    grid = CellGrid.blank(width, height)
    ranked = sorted(published.snapshot.racers, key=_rank)
    norm = "|g|" if ascii_only else "‖g‖"
    columns = max(1, width // _SHORT_WIDTH)
    if len(ranked) > height and columns > 1:
        for place, racer in enumerate(ranked[: columns * height]):
            row, column = place % height, place // height * (width // columns)
            _name(grid, row, column, racer, 8, racer.label == pinned, ascii_only)
            grid.write(row, column + 11, number(racer.loss), Ink.TEXT)
            grid.write(row, column + 19, one_line(_word(racer), 5, ascii_only=ascii_only), _ink(racer))
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
        text = _note(racer, offset, long=width - column >= 40) + (f" ({racer.remark})" if racer.remark else "")
        grid.write(row, column, one_line(text, width - column, ascii_only=ascii_only), _ink(racer))
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


def trend(racer: RacerSnapshot, offset: float = 0.0) -> float | None:
    """The factor per step by which the loss above ``offset`` changed over the last steps; None if it has none."""
    steps, losses = racer.recorded.steps, racer.recorded.loss
    if steps.size < 2:
        return None
    first = max(0, int(steps.searchsorted(steps[-1] - TREND_STEPS, side="right")) - 1)
    before, now = float(losses[first]) - offset, float(losses[-1]) - offset
    between = int(steps[-1] - steps[first])
    if not (before > 0.0 and now > 0.0 and math.isfinite(before) and math.isfinite(now)) or between == 0:
        return None
    factor: float = math.exp((math.log(now) - math.log(before)) / between)
    return factor


def _note(racer: RacerSnapshot, offset: float, *, long: bool) -> str:
    if racer.benched:
        return "resting"
    if racer.outcome in {Outcome.DIVERGED, Outcome.CONVERGED, Outcome.STOPPED}:
        return racer.note
    factor = trend(racer, offset)
    if factor is None:
        return "budget used" if racer.outcome is Outcome.EXHAUSTED else ""
    if abs(factor - 1.0) < 5e-6:
        word = "flat"
    else:
        word = ("falling" if factor < 1.0 else "rising") + f" ×{factor:.5f}" + (" a step" if long else "")
    return word + (", budget used" if racer.outcome is Outcome.EXHAUSTED else "")


def _word(racer: RacerSnapshot) -> str:
    words = {Outcome.DIVERGED: "div", Outcome.CONVERGED: "conv", Outcome.STOPPED: "stop", Outcome.EXHAUSTED: "end"}
    return "rest" if racer.benched else words.get(racer.outcome, "")


def _ink(racer: RacerSnapshot) -> int:
    if racer.outcome is Outcome.DIVERGED:
        return Ink.WARNING
    return Ink.HEADING if racer.outcome is Outcome.CONVERGED else Ink.DIM


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


def letters(racers: Sequence[RacerSnapshot]) -> dict[str, list[RacerSnapshot]]:
    """The racers by their optimizer's name."""
    found: dict[str, list[RacerSnapshot]] = {}
    for racer in racers:
        found.setdefault(racer.spec.optimizer, []).append(racer)
    return found
