"""Sheets kept from earlier starts, so that the first frame need not wait for plotext to be imported.

A sheet follows from what it is drawn of, to the bit, so a kept one is the same sheet. Only the first sheets of a
process are looked for and kept: once plotext is loaded it is quicker to draw.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from gdtui.charts.cells import CellGrid
from gdtui.folders import cache_folder

_MOST_SHEETS = 64


def key_of(parts: Iterable[bytes]) -> str:
    """A name for the sheet drawn of ``parts`` by this code and this plotext."""
    digest = hashlib.sha256()
    plotext = importlib.util.find_spec("plotext")
    sources = [*sorted(Path(__file__).parent.glob("*.py")), Path(plotext.origin if plotext and plotext.origin else "")]
    for source in sources:
        with contextlib.suppress(OSError):
            digest.update(f"{source} {source.stat().st_mtime_ns}".encode())
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:32]


def recall(key: str, width: int, height: int) -> CellGrid | None:
    """The kept sheet, or None if there is none that is whole."""
    try:
        with _file(key).open("rb") as file:
            kept = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError, RuntimeError):
        return None
    if kept.shape != (2, height, width) or kept.dtype != np.uint32 or kept[0].max(initial=0) > 0xFFFF:
        return None
    return CellGrid(np.ascontiguousarray(kept[0]), kept[1].astype(np.uint8))


def keep(key: str, grid: CellGrid) -> None:
    """Keep a sheet for later starts, if there is a place for it."""
    with contextlib.suppress(OSError, RuntimeError):
        file = _file(key)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}")
        with part.open("wb") as out:
            np.save(out, np.stack([grid.glyphs, grid.colours.astype(np.uint32)]))
        part.replace(file)
        kept = sorted(file.parent.iterdir(), key=lambda other: other.stat().st_mtime, reverse=True)
        for old in kept[_MOST_SHEETS:]:
            old.unlink()


def _file(key: str) -> Path:
    return cache_folder("sheets") / f"{key}.npy"
