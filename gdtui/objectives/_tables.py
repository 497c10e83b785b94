"""Tables from the user's CSV files: read whole, checked, and encoded as numbers for a model.

A problem with a file is an :class:`InputError` that names the file, the option, the line and the remedy.
"""

from __future__ import annotations

import csv
import math
import stat
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gdtui.contracts import Ints, Reals
from gdtui.errors import InputError, clean, nearest

MOST_BYTES = 256 * 1024 * 1024
MOST_CELLS = 5_000_000
MOST_COLUMNS = 10_000
MOST_LEVELS = 200
# An encoded table of float64 this long takes 400 MB.
MOST_NUMBERS = 50_000_000
LARGEST_NUMBER = 1e100
MISSING = frozenset({"", "NA", "NaN", "nan", "?"})
REFUSE, DROP = "refuse", "drop"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A CSV file: its columns of stripped cells by name, and the line of the file on which each row starts."""

    where: str
    columns: Mapping[str, Sequence[str]]
    lines: Sequence[int]

    def column(self, name: str, key: str) -> Sequence[str]:
        """The cells of a column; ``key`` is the option that asked for it."""
        if name not in self.columns:
            raise InputError(f"no column {name!r}", where=self.where, key=key, remedy=nearest(name, self.columns))
        return self.columns[name]

    def keep(self, rows: Sequence[int]) -> Table:
        """The same table with only these rows."""
        columns = {name: [cells[i] for i in rows] for name, cells in self.columns.items()}
        return Table(self.where, columns, [self.lines[i] for i in rows])

    def complete(self, names: Iterable[str], missing: str) -> Table:
        """The table without the rows that lack a value in one of these columns; refused unless ``missing`` drops."""
        cells = [self.columns[name] for name in names]
        lacking = {i for column in cells for i, cell in enumerate(column) if cell in MISSING}
        if not lacking:
            return self
        if missing == REFUSE:
            reason = f"missing values {on_lines(self.lines[i] for i in sorted(lacking))}"
            raise InputError(reason, where=self.where, key="missing", remedy='fill them in, or set missing = "drop"')
        kept = [i for i in range(len(self.lines)) if i not in lacking]
        if not kept:
            raise InputError("every row has a missing value", where=self.where, key="missing", remedy="fill them in")
        return self.keep(kept)

    def numbers(self, name: str, key: str) -> Reals:
        """A column that has to be numeric, float64 ``(rows,)``."""
        values = [_number(cell) for cell in self.column(name, key)]
        for value, cell, line in zip(values, self.columns[name], self.lines, strict=True):
            if value is None:
                reason = f"line {line}: {cell!r} in column {name!r} is not a number"
                raise InputError(reason, where=self.where, key=key, remedy="give finite numbers")
        return np.array(values, dtype=np.float64)


def read_table(path: Path, key: str) -> Table:
    """The CSV file at ``path``: comma-separated, UTF-8, the first line names the columns. ``key`` is the option."""
    where = str(path)
    line = 1
    try:
        _check_size(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            names: list[str] = []
            columns: list[list[str]] = []
            lines = array("q")
            for cells in reader:
                if cells and not names:
                    names = _header([cell.strip() for cell in cells])
                    columns = [[] for _ in names]
                elif cells:
                    _check_row(cells, len(names), line, len(lines))
                    lines.append(line)
                    for column, cell in zip(columns, cells, strict=True):
                        column.append(cell.strip())
                line = reader.line_num + 1
    except InputError as error:
        raise error.at(where, key) from None
    except FileNotFoundError:
        remedy = "a path is relative to the scenario file"
        raise InputError("no such file", where=where, key=key, remedy=remedy) from None
    except UnicodeDecodeError:
        raise InputError(f"is not UTF-8 near line {line}", where=where, key=key, remedy="save it as UTF-8") from None
    except csv.Error as error:
        raise InputError(f"line {line} is not CSV: {error}", where=where, key=key, remedy="check the quotes") from None
    except OSError as error:
        raise InputError(error.strerror or str(error), where=where, key=key) from None
    if not lines:
        reason = "has a header but no rows" if names else "is empty"
        raise InputError(reason, where=where, key=key, remedy="give a header and rows of values")
    return Table(where, dict(zip(names, columns, strict=True)), lines)


def encode(table: Table, names: Sequence[str], train: Ints, *, standardise: bool) -> tuple[Reals, tuple[str, ...]]:
    """The columns as numbers, float64 ``(rows, features)``, and the features' names.

    A column of finite numbers is one feature, with mean 0 and deviation 1 if ``standardise``. Any other has one 0/1
    feature a level but the first, ``column=level``. Levels, means and deviations are those of the ``train`` rows alone:
    a level that only other rows have is 0 throughout, and a column with one value in ``train`` is left out.
    """
    features: list[Reals] = []
    labels: list[str] = []
    for name in names:
        values = [_number(cell) for cell in table.columns[name]]
        if None in values:
            cells = table.columns[name]
            levels = sorted({cells[row] for row in train.tolist()})
            _few_levels(table, name, values, len(levels))
            codes = coded(cells, levels)
            features += [(codes == code).astype(np.float64) for code in range(1, len(levels))]
            labels += [clean(f"{name}={level}") for level in levels[1:]]
        else:
            numbers = np.array(values, dtype=np.float64)
            mean, deviation = float(numbers[train].mean()), float(numbers[train].std())
            if deviation > 1e-12 * abs(mean):
                features.append((numbers - mean) / deviation if standardise else numbers)
                labels.append(clean(name))
        if len(features) * len(table.lines) > MOST_NUMBERS:
            reason = f"more than {MOST_NUMBERS} numbers when encoded"
            raise InputError(reason, where=table.where, key="features", remedy="choose fewer columns")
    if not features:
        reason = "no column has more than one value in the training rows"
        raise InputError(reason, where=table.where, key="features", remedy="choose others")
    return np.column_stack(features), tuple(labels)


def coded(cells: Sequence[str], levels: Sequence[str]) -> Ints:
    """Every cell's position among the levels, -1 for others. (An array of texts would be as wide as the longest.)"""
    codes = {level: code for code, level in enumerate(levels)}
    return np.array([codes.get(cell, -1) for cell in cells], dtype=np.int64)


def on_lines(lines: Iterable[int], shown: int = 5) -> str:
    """``on lines 3, 8, 9, 12, 40 and 7 more``."""
    listed = list(lines)
    text = ("on lines " if len(listed) > 1 else "on line ") + ", ".join(map(str, listed[:shown]))
    return text if len(listed) <= shown else f"{text} and {len(listed) - shown} more"


def _check_size(path: Path) -> None:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InputError("is not a regular file", remedy="name a CSV file")
    if status.st_size > MOST_BYTES:
        raise InputError(f"is larger than {MOST_BYTES // 2**20} MB", remedy="take a sample of its rows")


def _check_row(cells: Sequence[str], width: int, line: int, rows: int) -> None:
    if len(cells) != width:
        reason = f"line {line} has {len(cells)} values, the header has {width}"
        raise InputError(reason, remedy="quote values that hold a comma")
    if (rows + 1) * width > MOST_CELLS:
        raise InputError(f"holds more than {MOST_CELLS} values", remedy="take a sample of its rows")


def _header(names: list[str]) -> list[str]:
    if len(names) > MOST_COLUMNS:
        raise InputError(f"{len(names)} columns, more than {MOST_COLUMNS}", remedy="leave some out")
    for other, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and other in names[0]:
            raise InputError(f"is separated by {word}", remedy="separate values by commas")
    seen: set[str] = set()
    for position, name in enumerate(names, 1):
        if not name or name in seen:
            reason = f"two columns are called {name!r}" if name else f"column {position} has no name"
            raise InputError(reason, remedy="give every column a name of its own")
        seen.add(name)
    return names


def _number(cell: str) -> float | None:
    """The finite number that a cell holds, if it does. Python's 1_000 is no number in a data file."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST_NUMBER and "_" not in cell else None


def _few_levels(table: Table, name: str, values: Sequence[float | None], levels: int) -> None:
    if levels > MOST_LEVELS:
        first = values.index(None)
        reason = (
            f"column {name!r} has {levels} different texts, more than {MOST_LEVELS} "
            f"(line {table.lines[first]}: {table.columns[name][first]!r})"
        )
        raise InputError(reason, where=table.where, key="features", remedy="mend it or choose the features without it")
