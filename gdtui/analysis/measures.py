"""What can be measured on a history: drift, scatter, rates, cycles. Pure functions of finite float64 arrays ``(m,)``.

Medians of blocks stand for the rows in them, so that a spike changes nothing and noise that lasts a few rows is not
taken for many independent ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gdtui.contracts import Reals

BLOCKS = 10
MAD_TO_DEVIATION = 1.4826  # of a normal distribution
MEDIAN_ERROR = 1.2533  # standard error of a median over that of a mean, likewise
ROUNDING = 64 * np.finfo(np.float64).eps  # relative; what differs by less is equal
SIGNIFICANT = 3.0  # standard errors
LONGEST_PERIOD = 8
WAVERING = 0.2  # of the moves of a window: noise makes half of them up, and hardly ever fewer than this
INDEPENDENT = 1.0  # von Neumann's ratio, which is 2 for independent values and nearly 0 for a curve


@dataclass(frozen=True, slots=True)
class Drift:
    """From one window to the next: how far the values fell, and the standard error of that."""

    fall: float
    error: float

    @property
    def is_significant(self) -> bool:
        """Whether it fell or rose beyond its error."""
        return abs(self.fall) > SIGNIFICANT * self.error


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle: its period in rows, and half the distance from its lowest to its highest value."""

    period: int
    amplitude: float


def median(values: Reals) -> float:
    """The median of numbers; a tenth of what numpy takes for a few hundred, which has every case to think of."""
    middle, odd = divmod(len(values), 2)
    parted = values.copy()
    if odd:
        parted.partition(middle)
        return float(parted[middle])
    parted.partition((middle - 1, middle))
    return float(0.5 * (parted[middle - 1] + parted[middle]))


def block_medians(values: Reals, count: int = BLOCKS) -> Reals:
    """The medians of ``count`` blocks of equal length, or of pairs where there are fewer rows."""
    count = max(1, min(count, len(values) // 2))
    size, longer = divmod(len(values), count)
    cut = longer * (size + 1)  # the first blocks have a row more, where it does not come out even
    parts = (values[:cut].reshape(longer, size + 1), values[cut:].reshape(count - longer, size))
    return np.concatenate([_row_medians(part) for part in parts if len(part)])


def _block_means(values: Reals) -> Reals:
    """The means of the same blocks."""
    count = max(1, min(BLOCKS, len(values) // 2))
    size, longer = divmod(len(values), count)
    begins = np.arange(count) * size + np.minimum(np.arange(count), longer)
    means: Reals = np.add.reduceat(values, begins) / (size + (np.arange(count) < longer))
    return means


def _row_medians(table: Reals) -> Reals:
    middle, odd = divmod(table.shape[1], 2)
    ordered = table.copy()
    ordered.sort(axis=1)
    medians: Reals = ordered[:, middle] if odd else 0.5 * (ordered[:, middle - 1] + ordered[:, middle])
    return medians


def deviation(values: Reals) -> float:
    """A standard deviation that a few spikes do not change."""
    return MAD_TO_DEVIATION * median(np.abs(values - median(values)))


def noise(values: Reals) -> float:
    """The standard deviation of what is not trend, from the differences of neighbours."""
    return deviation(np.diff(values)) / math.sqrt(2.0)


def rounding(values: Reals) -> float:
    """The differences between ``values`` that mean nothing."""
    return ROUNDING * max(float(values.max()), -float(values.min()))


def drift(values: Reals, window: int) -> Drift:
    """The drift from the last window but one to the last."""
    halves = block_medians(values[-2 * window : -window]), block_medians(values[-window:])
    means = [float(blocks.sum()) / len(blocks) for blocks in halves]
    squares = 0.0
    for blocks, mean in zip(halves, means, strict=True):
        if len(blocks) > 1:
            apart = blocks - mean
            squares += float(apart @ apart) / ((len(blocks) - 1) * len(blocks))
    return Drift(means[0] - means[1], math.sqrt(squares))


def scatter(values: Reals, window: int) -> float:
    """The standard deviation of a value in the last two windows, about the median of each."""
    before, last = values[-2 * window : -window], values[-window:]
    return deviation(np.concatenate([before - median(before), last - median(last)]))


def is_flat(values: Reals, window: int, within: float) -> bool:
    """Whether two windows agree within their error or ``within`` times the scatter, and no slow trend goes on.

    A trend that noise hides in a window shows in wider ones. It goes on unless the last window contradicts it. Noise
    that lasts for many rows makes two windows differ, but not wider ones. What moves one way alone is a curve, however
    wide the blocks of it scatter.
    """
    if not wavers(values[-window:]):
        return False
    near = drift(values, window)
    tolerated = max(SIGNIFICANT * near.error, within * scatter(values, window), rounding(values[-2 * window :]))
    if abs(near.fall) > tolerated and not _wanders(values, window, near):
        return False
    wider = 2 * window
    while 2 * wider <= len(values):
        far = drift(values, wider)
        expected = far.fall * window / wider
        if far.is_significant and (near.fall - expected) * np.sign(expected) >= -2.0 * near.error and near.error > 0.0:
            return False
        wider *= 2
    return True


def wavers(values: Reals) -> bool:
    """Whether the values go up and down, or not at all."""
    moved = np.diff(values)
    least = rounding(values)
    ups, downs = int(np.count_nonzero(moved > least)), int(np.count_nonzero(moved < -least))
    return min(ups, downs) >= WAVERING * (ups + downs)


def _wanders(values: Reals, window: int, near: Drift) -> bool:
    """Whether what looks like a drift is noise with a memory: blocks of half a window are flat, and independent."""
    wide = 4 * window
    if 2 * wide > len(values):
        return False
    far, blocks = drift(values, wide), block_medians(values[-2 * wide :], 2 * BLOCKS)
    spread = float(np.std(blocks))
    independent = np.sum(np.diff(blocks) ** 2) >= INDEPENDENT * np.sum((blocks - np.mean(blocks)) ** 2)
    return not far.is_significant and abs(near.fall) <= SIGNIFICANT * spread and bool(independent)


def steady_slope(steps: Reals, values: Reals, *, least_fall: float, most_uneven: float) -> float | None:
    """The slope per step of values that fall along a line, or None.

    The line has to fall by ``least_fall`` and by twice the scatter about it, and by rates that differ by no more than
    ``most_uneven`` times in the halves of the window.
    """
    x, y = _block_means(steps), block_medians(values)
    if len(x) < 4 or x[-1] == x[0]:
        return None
    slope, residual = _line(x, y)
    fall = -slope * (steps[-1] - steps[0])
    if not fall >= max(least_fall, 2.0 * residual):
        return None
    middle = len(x) // 2
    first, second = _line(x[: middle + 1], y[: middle + 1])[0], _line(x[middle - 1 :], y[middle - 1 :])[0]
    if first >= 0.0 or second >= 0.0 or max(first / second, second / first) > most_uneven:
        return None
    return slope


def slope(steps: Reals, values: Reals) -> float:
    """The slope per step of the line through the blocks of ``values``."""
    return _line(_block_means(steps), block_medians(values))[0]


def roughness(steps: Reals, values: Reals) -> float:
    """The root mean square distance of ``values`` from their line, as a share of how far the line falls or rises."""
    slope, residual = _line(steps, values)
    way = abs(slope) * float(steps[-1] - steps[0])
    return residual / way if way > 0.0 else math.inf


def _line(x: Reals, y: Reals) -> tuple[float, float]:
    """Slope and root mean square residual of the line of least squares."""
    dx, dy = x - x.sum() / len(x), y - y.sum() / len(y)
    slope = float(dx @ dy / (dx @ dx))
    rest = dy - slope * dx
    return slope, math.sqrt(float(rest @ rest) / len(x))


def geometric_limit(steps: Reals, values: Reals, *, most_uneven: float) -> tuple[float, float] | None:
    """Rate per step and limit of values that fall by ever smaller amounts, in a steady ratio; None if they do not.

    Four quarters give three falls. Both the last fall and the difference of the first and the last have to stand out
    from the noise, for a straight line has no limit.
    """
    quarter = len(values) // 4
    if quarter < 2:
        return None
    used = values[-4 * quarter :].reshape(4, quarter)
    centres, levels = _row_medians(steps[-4 * quarter :].reshape(4, quarter)), _row_medians(used)
    falls = -np.diff(levels)
    floor = rounding(used)
    # Where no row rises, what the differences scatter by is the curve itself.
    spread = noise(values) if np.diff(values).max() > 0.0 else 0.0
    error = MEDIAN_ERROR * spread / np.sqrt(quarter) if quarter > 2 else spread
    if falls.min() <= max(SIGNIFICANT * np.sqrt(2.0) * error, floor):
        return None
    if falls[0] - falls[2] <= max(2.0 * SIGNIFICANT * error, floor, 1e-3 * falls[0]):
        return None
    ratios = np.log(falls[1:] / falls[:-1])
    if ratios.max() >= 0.0 or max(ratios[0] / ratios[1], ratios[1] / ratios[0]) > most_uneven:
        return None
    ratio = float(np.exp(ratios.mean()))
    rate = float(np.exp(np.log(falls[2] / falls[0]) / (centres[2] + centres[3] - centres[0] - centres[1]) * 2.0))
    return rate, float(levels[3] - falls[2] * ratio / (1.0 - ratio))


def cycle(values: Reals, within: float) -> Cycle | None:
    """The shortest period up to 8 rows at which ``values`` repeat, within that share of their range; None if none."""
    span = float(values.max() - values.min())
    if span <= rounding(values) or span == math.inf:
        return None
    last = values[-1 - LONGEST_PERIOD :].tolist()
    for period in range(2, LONGEST_PERIOD + 1):
        rounds = len(values) // period
        if rounds < 3:
            return None
        if abs(last[-1] - last[-1 - period]) > within * span:  # most do not even repeat once
            continue
        folded = values[-rounds * period :].reshape(rounds, period)
        swing = float(np.ptp(folded))  # less what came before the first whole round, which may be a fall from far above
        if swing > rounding(folded) and np.ptp(folded, axis=0).max() <= within * swing:
            return Cycle(period, swing / 2.0)
    return None


def tone(values: Reals) -> tuple[float, float]:
    """The strongest period of ``values`` less their line, in rows, and its share of their variance."""
    rows = np.arange(len(values), dtype=np.float64)
    slope, _ = _line(rows, values)
    rest = values - slope * rows
    power = np.abs(np.fft.rfft(rest - np.mean(rest))) ** 2
    power[-1] *= 1.0 if len(values) % 2 else 0.5  # the highest frequency has no counterpart
    if len(power) < 2 or power[1:].sum() == 0.0:
        return float("inf"), 0.0
    best = 1 + int(np.argmax(power[1:]))
    return len(values) / best, float(power[max(1, best - 1) : best + 2].sum() / power[1:].sum())


def path_length(values: Reals) -> float:
    """How far the values went up and down in all."""
    return float(np.sum(np.abs(np.diff(values))))


def turns(values: Reals) -> int:
    """How often the values changed from rising to falling or back."""
    moved = np.diff(values)
    signs = np.sign(moved[np.abs(moved) > rounding(values)])
    return int(np.count_nonzero(signs[1:] != signs[:-1]))
