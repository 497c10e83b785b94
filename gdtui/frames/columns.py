"""The recorded quantities of every racer as arrays of their own, made once and not at every frame.

A history is a table of rows, and going down one of its columns again and again costs more than all that is drawn of it.
It grows at its end until its rows are merged into a new table, so what was copied before is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdtui.contracts import Reals
from gdtui.engine.history import Recorded


@dataclass(eq=False)
class _Copied:
    """One column above ``base``, as far as it was copied from ``source``."""

    source: object
    base: float
    values: Reals
    size: int = 0


class Columns:
    """The columns of a race's histories, by racer and name."""

    def __init__(self) -> None:
        self._copied: dict[tuple[str, str], _Copied] = {}

    def of(self, label: str, recorded: Recorded, name: str, base: float = 0.0) -> Reals:
        """The column ``name`` of ``recorded``, the history of the racer ``label``, above ``base``; not to be changed.

        What is beyond all numbers is infinite.
        """
        column: Reals = getattr(recorded, name)
        if column.base is None:  # not of a history that grows
            return _above(column, base)
        kept = self._copied.get((label, name))
        if kept is None or kept.source is not column.base or kept.base != base or kept.size > column.size:
            room = column.base.shape[0] if isinstance(column.base, np.ndarray) else column.size
            kept = self._copied[label, name] = _Copied(column.base, base, np.empty(max(room, column.size)))
        kept.values[kept.size : column.size] = _above(column[kept.size :], base)
        kept.size = column.size
        return kept.values[: kept.size]


def _above(column: Reals, base: float) -> Reals:
    with np.errstate(over="ignore", invalid="ignore"):
        return column - base
