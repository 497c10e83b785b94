"""Rows as CSV that a spreadsheet takes for what it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute, or run


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """The rows, with a quote before every text that begins like a formula. Floats read back to the same bits."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
