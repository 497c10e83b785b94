"""The race's random numbers, drawn before the steps that use them: mini-batches and standard normals.

Every racer reads the same tables (common random numbers), and a row depends on the seed and the step alone, so any part
can be drawn at any time, in any order.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from gdtui.contracts import Ints, Problem, Reals

_BATCHES, _NOISE = 1, 2  # the two streams of a seed
_NOISE_BLOCK = 1024
_KEPT_EPOCHS = 4


class Tables:
    """Mini-batch indices and noise for a problem at a seed."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self._samples: Final = problem.samples
        self._time_dependent: Final = problem.time_dependent
        self._noise: Final = problem.noise
        self._seed: Final = seed
        self._epoch: Final = lru_cache(_KEPT_EPOCHS)(self._draw_epoch)  # safe to share between threads

    def batch_width(self, batch_size: int) -> int:
        """How wide a row of batches is for this batch size: 0 means the full objective at every step."""
        if self._time_dependent:
            return 1
        return batch_size if 0 < batch_size < self._samples else 0

    def batches(self, width: int, taken: int, count: int) -> Ints:
        """The rows of the ``count`` steps after ``taken``, int64 ``(count, width)``.

        Samples come in epochs: every sample once, in a new order, before any comes again; a batch may straddle two.
        """
        if width == 0:
            return np.empty((count, 0), dtype=np.int64)
        if self._time_dependent:
            return np.arange(taken + 1, taken + count + 1, dtype=np.int64)[:, np.newaxis]
        first, last = taken * width, (taken + count) * width
        epochs = range(first // self._samples, (last - 1) // self._samples + 1)
        drawn = np.concatenate([self._epoch(epoch) for epoch in epochs])
        offset = first - epochs[0] * self._samples
        return np.ascontiguousarray(drawn[offset : offset + count * width].reshape(count, width))

    def noise(self, taken: int, count: int) -> Reals:
        """The standard normals of the ``count`` steps after ``taken``, float64 ``(count, problem.noise)``."""
        if self._noise == 0:
            return np.empty((count, 0))
        blocks = range(taken // _NOISE_BLOCK, (taken + count - 1) // _NOISE_BLOCK + 1)
        drawn = [self._generator(_NOISE, b).standard_normal((_NOISE_BLOCK, self._noise)) for b in blocks]
        offset = taken - blocks[0] * _NOISE_BLOCK
        return np.ascontiguousarray(np.concatenate(drawn)[offset : offset + count])

    def _draw_epoch(self, epoch: int) -> Ints:
        return self._generator(_BATCHES, epoch).permutation(self._samples)

    def _generator(self, stream: int, index: int) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self._seed, stream, index])))
