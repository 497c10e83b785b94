"""What the charts cost at 160 x 50: ``python tests/benchmarks/bench_charts.py``.

Prints medians in milliseconds and, since those depend on the machine, each as a ratio to one copy of the grid plus its
comparison with the last frame, which no frame can do without.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from gdtui.charts.cells import changed_runs
from gdtui.charts.contour import ContourChart, ContourSpec, PathLayer
from gdtui.charts.loss import CurveLayer, LossChart, LossSpec
from gdtui.charts.palette import racer_colour, racer_letter
from gdtui.contracts import View
from gdtui.frames.smooth import Smoothing, smooth

WIDTH, HEIGHT, RACERS = 160, 50, 8


def median(task: Callable[[], object], repeats: int) -> float:
    """The median time of ``task`` in milliseconds, after one run that is not counted."""
    task()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def contour_spec() -> ContourSpec:
    a, b = np.linspace(-2.0, 2.0, 2 * WIDTH), np.linspace(-1.0, 3.0, 4 * HEIGHT)
    x, y = np.meshgrid(a, b)
    values = 100.0 * (y - x * x) ** 2 + (1.0 - x) ** 2
    return ContourSpec(a, b, values, View(-2.0, 2.0, -1.0, 3.0), WIDTH, HEIGHT, "Rosenbrock", "x", "y")


def spirals(points: int) -> list[PathLayer]:
    """Paths like those of momentum: wide turns at first, then closer and closer."""
    t = np.linspace(0.0, 1.0, points)
    layers = []
    for k in range(RACERS):
        radius, angle = 1.8 * np.exp(-(2 + k) * t), 40.0 * t + k
        layers.append(
            PathLayer(
                np.column_stack((radius * np.cos(angle), 1.0 + radius * np.sin(angle))),
                racer_colour(k),
                racer_letter(k),
            )
        )
    return layers


def walks(points: int) -> list[PathLayer]:
    """Paths like those of noisy racers: every step goes somewhere else."""
    rng = np.random.default_rng(0)
    steps = rng.normal(0.0, 0.02, (RACERS, points, 2))
    return [PathLayer(np.cumsum(step, axis=0), racer_colour(k), racer_letter(k)) for k, step in enumerate(steps)]


def curves(points: int) -> list[CurveLayer]:
    t = np.arange(points)
    layers = []
    for k in range(RACERS):
        last = 24.0 * np.exp(-t * (k + 1) * 3.0 / points) * (1.0 + 0.3 * np.sin(t * (k + 1.0))) + 1e-3
        layers.append(CurveLayer(t, 0.9 * last, 1.1 * last, last, racer_colour(k), racer_letter(k), f"racer {k}"))
    return layers


def smoothed(layers: list[CurveLayer]) -> list[CurveLayer]:
    """The curves, averaged over a hundredth of their steps."""
    return [
        replace(curve, smooth=smooth(curve.last, curve.x, Smoothing.LIGHT, len(curve.x), log=True, log_x=False))
        for curve in layers
    ]


def main() -> None:
    spec = contour_spec()
    contour, oracle = ContourChart(spec), ContourChart(replace(spec, renderer="plotext"))
    loss = LossChart(LossSpec(2000, -5.0, 2.0, WIDTH, HEIGHT, title="Loss", x_label="step", y_label="loss"))
    log_x = LossChart(replace(loss.spec, x_low=-0.4, x_high=3.3, log_x=True))
    frame = contour.draw(spirals(2000))
    unit = median(lambda: changed_runs(frame, contour.sheet.copy()), 200)
    tasks: list[tuple[str, Callable[[], object], int]] = [
        ("contour: sheet", lambda: ContourChart(spec), 5),
        ("loss: sheet", lambda: LossChart(loss.spec), 20),
        ("changed_runs, nothing changed", lambda: changed_runs(frame, frame), 200),
        ("runs of all rows", lambda: [frame.runs(row) for row in range(HEIGHT)], 50),
    ]
    for points in (2000, 8192):
        for name, layers in (("spirals", spirals(points)), ("noisy walks", walks(points))):
            tasks.append((f"contour: 8 {name} of {points}", partial(contour.draw, layers), 50))
        layers = curves(points)
        tasks.append((f"loss: 8 curves of {points}", partial(loss.draw, layers), 50))
        tasks.append((f"loss: 8 curves of {points}, log x", partial(log_x.draw, layers), 50))
        tasks.append((f"loss: 8 curves of {points}, smoothed", lambda raw=layers: loss.draw(smoothed(raw)), 50))
    tasks.append(("contour: 8 spirals of 2000, all by plotext", partial(oracle.draw, spirals(2000)), 2))
    print(f"{'':46}{'ms':>9}{'ratio':>9}")
    for name, task, repeats in tasks:
        cost = median(task, repeats)
        print(f"{name:46}{cost:9.2f}{cost / unit:9.0f}")


if __name__ == "__main__":
    main()
