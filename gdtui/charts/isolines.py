"""Iso-lines of a grid of values: which levels to show, where they run, and where their labels go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import contourpy
import numpy as np

from gdtui.charts.clip import Mask
from gdtui.charts.geometry import Canvas
from gdtui.charts.palette import BANDS
from gdtui.charts.raster import Raster, RasterMode, Stroke
from gdtui.charts.ticks import short
from gdtui.contracts import Ints, Reals

# Digits of the round values tried for levels over many decades, from fine to coarse.
_LADDERS = ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
# From this ratio of large to small heights above the minimum on, levels go by factors instead of differences.
_WIDE = 300.0
# Levels that are worth fewer gaps of equal area than this show too little: the values themselves then set them.
_FEWEST_GAPS = 2.5
_RESOLVED = 1e-9  # of the minimum: what is added to it, and still means something
FEWEST = 5  # iso-lines that stay where they crowd
_CROWDED = 0.5  # of a line's cells, that other lines run through: then it goes
# Of the heights above the minimum, which shares mark the smallest shown, the bottom, the middle, the top, the highest.
_SHARES = (0.002, 0.02, 0.5, 0.97, 0.995)


@dataclass(frozen=True, slots=True, eq=False)
class Iso:
    """Where the values equal ``level``, in pieces ``(k, 2)``; ``band`` is 0 (lowest) to ``bands`` - 1 (highest)."""

    level: float
    band: int
    polylines: tuple[Reals, ...]


def iso_lines(a: Reals, b: Reals, values: Reals, bands: int = BANDS) -> list[Iso]:
    """At most ``bands`` iso-lines of ``values`` ``(ny, nx)`` over ``b`` ``(ny,)`` and ``a`` ``(nx,)``, lowest first.

    Values that are not finite belong to no line.
    """
    if min(values.shape, default=0) < 2:
        return []
    levels = choose_levels(values, bands)
    if not levels:
        return []
    generator = contourpy.contour_generator(
        a, b, np.ma.masked_invalid(values), name="serial", line_type=contourpy.LineType.Separate
    )
    isos = []
    for k, level in enumerate(levels):
        band = round(k * (bands - 1) / (len(levels) - 1)) if len(levels) > 1 else bands // 2
        pieces = tuple(piece for piece in generator.lines(level) if isinstance(piece, np.ndarray) and len(piece) > 1)
        if pieces:
            isos.append(Iso(level, band, pieces))
    return isos


def choose_levels(values: Reals, bands: int) -> list[float]:
    """Round levels that spread the lines over the picture, increasing, at most ``bands``.

    Heights above the minimum that span orders of magnitude (a valley) get levels by factors; a basin whose minimum lies
    in view gets levels at the squares of equal steps, which are equally spaced rings; anything else (a saddle, a slope,
    waves) gets equal differences. Where all that leaves most of the picture between two levels (a needle in a plateau,
    values of both signs over many decades), the levels part it into pieces of about equal area.
    """
    finite = values[np.isfinite(values)]
    if finite.size < 2 or bands < 1:
        return []
    low, summit = float(finite.min()), float(finite.max())
    # Halved, since the difference of two finite numbers may not be finite.
    if not summit / 2 - low / 2 > 1e-12 * max(abs(low), abs(summit)) or not math.isfinite(summit - low):
        return []
    heights = np.sort(finite - low)
    heights = heights[heights > 0.0]
    small, bottom, middle, top, high = (float(heights[int(q * (heights.size - 1))]) for q in _SHARES)
    if top > _WIDE * bottom or middle < 0.02 * high:
        # A minimum near zero is taken for zero, so that the labels come out round.
        base = 0.0 if abs(low) <= 0.5 * bottom else low
        levels = [base + height for height in _ladder(max(small, _RESOLVED * abs(base)), high, bands)]
    elif middle < 0.42 * high and _has_basin(values, low):
        digits = 2 - math.floor(math.log10(high))
        levels = [round(low + high * ((k + 1) / (bands + 0.5)) ** 2, digits) for k in range(bands)]
    else:
        levels = _equal(low, low + high, bands)
    levels = sorted({level for level in levels if low < level < summit})[:bands]
    between = np.sort(finite[(finite > low) & (finite < summit)])
    return levels if _gaps(between, levels) >= _FEWEST_GAPS else _quantiles(between, bands) or levels


def level_labels(levels: Sequence[float]) -> list[str]:
    """Short labels that tell the levels apart; empty ones if that takes more than seven characters."""
    for digits in range(3, 8):
        labels = [short(level, digits) for level in levels]
        if len(set(labels)) == len(labels) and all(len(label) <= 7 for label in labels):
            return labels
    return [""] * len(levels)


def _has_basin(values: Reals, low: float) -> bool:
    """Whether the smallest value is reached away from the border of the grid."""
    inner = values[1:-1, 1:-1]
    return bool(inner.size) and bool(np.nanmin(np.where(np.isfinite(inner), inner, np.inf)) <= low)


def _ladder(small: float, large: float, bands: int) -> list[float]:
    """Round values from ``small`` to ``large`` by factors: the finest ladder of at most ``bands`` rungs."""
    first, last = math.floor(math.log10(small)), math.ceil(math.log10(large))
    for digits in _LADDERS:
        rungs = [float(f"{digit}e{power}") for power in range(first, last + 1) for digit in digits]
        rungs = [rung for rung in rungs if small <= rung <= large]
        if len(rungs) <= bands:
            return rungs
    stride = math.ceil(len(rungs) / bands)
    return rungs[(len(rungs) - 1) % stride :: stride]


def _equal(low: float, high: float, bands: int) -> list[float]:
    """Multiples of a round step between ``low`` and ``high``: the finest with at most ``bands`` of them."""
    power = math.floor(math.log10((high - low) / bands))
    for digit in (1, 2, 2.5, 5, 10, 20):
        step = float(f"{digit}e{power}")
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < bands:
            return [round(k * step, 1 - power) for k in range(first, last + 1)]
    return []


def _gaps(values: Reals, levels: Sequence[float]) -> float:
    """How many gaps of equal area the levels are worth, for sorted ``values``; of few values any number is enough."""
    if values.size < 16:
        return math.inf
    shares = np.diff(np.searchsorted(values, levels), prepend=0, append=values.size) / values.size
    return float(1.0 / np.sum(shares**2))


def _quantiles(values: Reals, bands: int) -> list[float]:
    """Levels with about as many of the sorted ``values`` between any two, as round as that allows."""
    bounds = np.unique(values[np.arange(2 * bands + 1) * (values.size - 1) // (2 * bands)])
    return [_roundest(low, high) for low, high in zip(bounds[:-1:2].tolist(), bounds[1::2].tolist(), strict=False)]


def _roundest(low: float, high: float) -> float:
    """A number of few digits between two others."""
    middle = low / 2 + high / 2
    for digits in range(17):
        level = float(f"{middle:.{digits}e}")
        if low < level < high:
            return level
    return middle


def covers_of(isos: Sequence[Iso], canvas: Canvas, mode: RasterMode) -> list[Mask]:
    """Through which cells of the canvas each line runs, each ``(height, width)``."""
    covers = []
    for iso in isos:
        raster = Raster(canvas, mode)
        raster.draw([Stroke(piece, 0) for piece in iso.polylines])
        covers.append(raster.cells())
    return covers


def uncrowded(covers: Sequence[Mask], *, apart: bool = False) -> list[int]:
    """Which lines to show: those that do not mostly run through the cells of others, and the best of the rest if few.

    From the highest down, since the lowest of a valley are the closest together. Where a cell has but one dot the lines
    have to keep ``apart`` to be told from each other: a cell beside a line counts too.
    """
    kept: list[int] = []
    crowded: list[tuple[float, int]] = []
    taken = np.zeros_like(covers[0]) if covers else np.zeros((0, 0), dtype=np.bool_)
    for k in reversed(range(len(covers))):
        cells = int(covers[k].sum())
        share = int((covers[k] & taken).sum()) / cells if cells else 0.0
        if share > _CROWDED:
            crowded.append((share, -k))
        elif cells:
            kept.append(k)
            taken |= _spread(covers[k]) if apart else covers[k]
    crowded.sort()
    return sorted(kept + [-k for _, k in crowded[: max(0, FEWEST - len(kept))]])


def _spread(cover: Mask) -> Mask:
    """The cells and their neighbours in the same row and column."""
    wide = np.pad(cover, 1)
    spread: Mask = cover | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    return spread


def simplify(points: Reals, canvas: Canvas, mode: RasterMode) -> Reals:
    """A polyline with about one point per two dots of its length, first and last kept: plotext's cost is per point."""
    x, y = Raster(canvas, mode).dots(points[:, 0], points[:, 1])
    length = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    kept = np.flatnonzero(np.diff(np.floor(length / 2.0), prepend=-1.0) > 0)
    kept = np.unique(np.append(kept, len(points) - 1))
    return points[kept]


@dataclass(frozen=True, slots=True)
class Label:
    """A label of an iso-line: the first of its cells, in the canvas, and the line it belongs to."""

    column: int
    row: int
    text: str
    iso: int


def place_labels(covers: Sequence[Mask], texts: Sequence[str], canvas: Canvas) -> list[Label]:
    """A place on its line for each label that finds one: away from other labels, other lines and the canvas's edge.

    ``covers`` are the cells of each line.
    """
    if not covers:
        return []
    crowd = np.sum(covers, axis=0)
    placed: list[Label] = []
    # From the highest down: there the lines are longest, and a label of few cells hides little.
    for k in reversed(range(len(covers))):
        label = _place(k, texts[k], covers[k], crowd, canvas, placed)
        if label is not None:
            placed.append(label)
    return placed


def _place(iso: int, text: str, cover: Mask, crowd: Ints, canvas: Canvas, placed: Sequence[Label]) -> Label | None:
    size = len(text)
    if size == 0:
        return None
    rows, columns = np.nonzero(cover)
    firsts = columns - size // 2
    fits = (firsts >= 1) & (firsts + size < canvas.width) & (rows >= 1) & (rows < canvas.height - 1)
    rows, firsts = rows[fits], firsts[fits]
    if rows.size == 0 or cover.sum() < 3 * size:
        return None
    # How many cells of other lines the label and the cells beside it would hide.
    others = np.cumsum(np.pad(np.minimum(crowd - cover, 1), ((0, 0), (1, 0))), axis=1)
    hidden = others[rows, np.minimum(firsts + size + 1, canvas.width)] - others[rows, firsts - 1]
    distance = np.full(rows.shape, 24.0)
    for label in placed:
        across = np.maximum(np.maximum(label.column - (firsts + size), firsts - (label.column + len(label.text))), 0)
        down = 2.0 * np.abs(label.row - rows)
        distance = np.minimum(distance, np.hypot(across, down))
    score = np.where((hidden <= 0.4 * size) & (distance >= 3.0), distance - 6.0 * hidden, -np.inf)
    best = int(np.argmax(score))
    return Label(int(firsts[best]), int(rows[best]), text, iso) if np.isfinite(score[best]) else None
