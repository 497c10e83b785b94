"""Where an axis has ticks and what they say: as many as fit, at round values, with short labels that never collide."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

Scale = Literal["linear", "log", "steps", "seconds", "log steps", "log seconds"]
# How much of the axis a label takes, in cells, the space to its neighbour included.
Room = Callable[[str], int]
# Past 15 digits a double's own rounding would show as distinct labels for one value.
_SMALLEST_STEP = 1e-13
_SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_STRIDES = (1, 2, 3, 4, 5, 10, 20, 50, 100, 200, 500)
_LEADING: tuple[tuple[int, ...], ...] = ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1, 3))  # of ticks in a decade
# Units of time in seconds, and the length of the axis from which each is used.
_UNITS = ((3600.0, "h", 10_800.0), (60.0, "min", 180.0), (1.0, "s", 1.0), (1e-3, "ms", 1e-3), (1e-6, "µs", 0.0))


@dataclass(frozen=True, slots=True)
class Tick:
    """A label and its position in the units of the axis: on a log axis, log10 of the value."""

    position: float
    label: str


def across(label: str) -> int:
    """The room of a label on a horizontal axis: its width and two columns of space."""
    return len(label) + 2


def upwards(rows: int) -> Room:
    """The room of a label on a vertical axis of ``rows`` rows: airy where there is space."""
    spacing = 2 if rows < 9 else 3 if rows < 24 else 4
    return lambda _: spacing


def ticks(
    low: float, high: float, cells: int, scale: Scale, room: Room = across, *, ascii_only: bool = False
) -> list[Tick]:
    """Ticks for an axis from ``low`` to ``high`` over ``cells`` cells; on a log axis these are log10 of the values.

    On a log axis of steps or seconds the low end is where zero, which has no logarithm, stands.
    """
    if cells < 2 or not math.isfinite(high - low) or low >= high:
        return []
    if scale == "log":
        candidates = _log(low, high, cells)
    elif scale in {"log steps", "log seconds"}:
        form = count if scale == "log steps" else partial(duration, ascii_only=ascii_only)
        candidates = _log_from_zero(low, high, cells, form)
    elif scale == "seconds":
        candidates = _seconds(low, high, cells, ascii_only=ascii_only)
    else:
        candidates = _linear(low, high, cells, steps=scale == "steps")
    best: list[Tick] = []
    for candidate in candidates:
        if _fits(candidate, low, high, cells, room):
            return candidate
        best = candidate
    return best[:1]


def _fits(candidate: Sequence[Tick], low: float, high: float, cells: int, room: Room) -> bool:
    places = [round((tick.position - low) / (high - low) * (cells - 1)) for tick in candidate]
    for k in range(len(candidate) - 1):
        # Labels are centred, so each takes half its room on either side; at the ends they are pushed inwards.
        need = (room(candidate[k].label) + room(candidate[k + 1].label)) / 2
        pushed = 0.5 * room(candidate[k].label) if k == 0 else 0.0
        pushed += 0.5 * room(candidate[k + 1].label) if k + 2 == len(candidate) else 0.0
        if places[k + 1] - places[k] < need + (pushed if room is across else 0.0):
            return False
    return True


def _linear(low: float, high: float, cells: int, *, steps: bool = False) -> Iterator[list[Tick]]:
    """Tick lists at multiples of 1, 2 and 5 times a power of ten, from fine to coarse, none longer than ``cells``."""
    span, largest = high - low, max(abs(low), abs(high))
    if span < max(1e-300, largest * _SMALLEST_STEP):
        return
    exponent = math.floor(math.log10(span)) - 2
    for power in range(exponent, exponent + 5):
        for digit in (1, 2, 5):
            step = float(f"{digit}e{power}")
            if not largest * _SMALLEST_STEP <= step < math.inf or (steps and step < 1.0):
                continue
            values = _multiples(low, high, step) if span / step <= cells else []
            if values:
                form = count if steps else _form(values, step)
                yield [Tick(value, form(value)) for value in values]


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [min(max(k * step, low), high) for k in range(first, last + 1)]


def _form(values: Sequence[float], step: float) -> Callable[[float], str]:
    """One way of writing for a whole axis, with as many digits as tell two ticks apart: the shorter, else decimal."""
    largest = max(abs(value) for value in values)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    digits = math.floor(math.log10(largest) + 1e-9) - math.floor(math.log10(step) + 1e-9) if largest else 0

    def decimal(value: float) -> str:
        return _tidy(f"{value:.{decimals}f}")

    def exponential(value: float) -> str:
        return scientific(value, max(digits, 0))

    if largest >= 1e16 or decimals > 16:
        return exponential
    wide, narrow = (max(len(form(value)) for value in values) for form in (decimal, exponential))
    return decimal if wide <= max(narrow, 5) else exponential


def _seconds(low: float, high: float, cells: int, *, ascii_only: bool) -> Iterator[list[Tick]]:
    """Tick lists for seconds, all in one unit that suits the axis: 20 ms, 1.5 h; zero has none."""
    size, unit = next((size, unit) for size, unit, least in _UNITS if max(abs(low), abs(high)) >= least)
    unit = unit.replace("µ", "u") if ascii_only else unit
    for candidate in _linear(low / size, high / size, cells):
        yield [
            Tick(min(max(tick.position * size, low), high), f"{tick.label} {unit}" if tick.position else "0")
            for tick in candidate
        ]


def _log(low: float, high: float, cells: int) -> Iterator[list[Tick]]:
    """Tick lists for log10 of a value: within a decade at round values, over decades at powers of ten."""
    if high - low < 1.0 and abs(low) < 290 and abs(high) < 290:
        for candidate in _linear(10.0**low, 10.0**high, cells):
            inner = [
                Tick(min(max(math.log10(tick.position), low), high), tick.label)
                for tick in candidate
                if tick.position > 0
            ]
            if inner:
                yield inner
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    for digits in ((1, 2, 5), (1, 3)) if high - low <= cells else ():
        positions = ((k + math.log10(digit), digit, k) for k in range(first - 1, last + 1) for digit in digits)
        yield [Tick(place, power_of_ten(k, digit)) for place, digit, k in positions if low <= place <= high]
    for stride in (stride for stride in _STRIDES if high - low <= cells * stride):
        exponents = range(math.ceil((low - 1e-9) / stride) * stride, last + 1, stride)
        yield [Tick(float(min(max(k, low), high)), power_of_ten(k)) for k in exponents]


def _log_from_zero(low: float, high: float, cells: int, form: Callable[[float], str]) -> Iterator[list[Tick]]:
    """Tick lists for log10 of what is above zero, each first with a tick for zero, at the low end, and then without."""
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    densities = [(1, digits) for digits in _LEADING if high - low <= cells] + [(stride, (1,)) for stride in _STRIDES]
    for stride, digits in densities:
        exponents = range(math.ceil(first / stride) * stride, last + 1, stride)
        values = [float(f"{digit}e{k}") for k in exponents for digit in digits]
        found = [Tick(min(math.log10(v), high), form(v)) for v in values if math.log10(v) <= high + 1e-9]
        yield [Tick(low, "0"), *(tick for tick in found if tick.position > low)]
        yield found


def power_of_ten(exponent: int, digit: int = 1) -> str:
    """``digit`` times ten to the ``exponent``, short: 1e-4, 0.01, 1, 100, 2e3."""
    if -2 <= exponent < 0:
        return f"{digit / 10**-exponent:.{-exponent}f}"
    return str(digit * 10**exponent) if 0 <= exponent <= 2 else f"{digit}e{exponent}"


def count(value: float) -> str:
    """A number of steps, short: 0, 500, 1k, 2.5k, 20k, 1M."""
    for size, suffix in _SUFFIXES:
        if abs(value) >= size:
            return f"{value / size:.4g}{suffix}" if abs(value) < 1e15 else scientific(value, 1)
    return f"{value:.4g}"


def duration(seconds: float, digits: int = 1, *, ascii_only: bool = False) -> str:
    """A time in at least ``digits`` significant digits, up to 1000 seconds in a unit that suits it: 20 µs, 1.5 s."""
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us" if ascii_only else "µs"), (1e-9, "ns")):
        if seconds >= size * (1.0 - 1e-9):
            return f"{short(seconds / size, digits)} {unit}"
    return f"{short(seconds, digits)} s" if seconds else "0"


def short(value: float, digits: int = 3) -> str:
    """A value in at least ``digits`` significant digits, without trailing zeros: 0.25, 100, 2500, 1.5e-7."""
    if value == 0.0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{decimals}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return scientific(value, digits - 1)


def scientific(value: float, digits: int) -> str:
    """Scientific form without padding: 1e-4, 2.5e6; zero is 0."""
    if value == 0.0:
        return "0"
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"


def _tidy(text: str) -> str:
    """Without the sign of a zero that was rounded to."""
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text
