"""The page "why this step": a step's terms as a table, its equations with the numbers put in, and what dominated."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from gdtui.analysis.why import Explanation, length
from gdtui.anatomy import Vector
from gdtui.charts.cells import one_line
from gdtui.charts.ticks import short
from gdtui.spelling import spelt_out

FEW = 4  # parameters: so many have a column each
MOST_COLUMNS = 3  # of the coordinates that moved furthest, where there are more
LONGEST_NAME, LONGEST_SYMBOL = 8, 9
Piece = tuple[str, str]
"""A text, and how it is marked: "", "dim", "bold" or "accent"."""


def why_page(explanation: Explanation, who: str, width: int, *, ascii_only: bool = False) -> list[Piece]:
    """The page about a step of the racer called ``who``, in pieces for a column so many cells wide; in ASCII if asked.

    What is longer than the column is left to whoever shows it to wrap; tables are as wide as it at most.
    """
    step = explanation.last.step
    pieces: list[Piece] = [(f"{one_line(who, width)}, step {_count(step.t)}\n", "dim")]
    pieces.append((f"{explanation.sentence}\n", "bold"))
    before, after = explanation.last.losses
    word = "" if math.isnan(after) or before == after else " (rose)" if after > before else " (fell)"
    pieces += [("f ", "dim"), (f"{number(before)} → {number(after)}{word}\n", ""), ("\n", "")]
    pieces += _table(explanation, width, ascii_only)
    scalars = [t for t in explanation.terms if not isinstance(t.value, np.ndarray)]
    pieces += [(f"{t.symbol} = {number(float(t.value))}" + ("\n" if t is scalars[-1] else ",  "), "") for t in scalars]
    pieces += _equations(explanation)
    if explanation.notes:
        pieces += [("\n", ""), *((f"{note}\n", "") for note in explanation.notes)]
    pieces.append(("\n", ""))
    explained = {term.symbol: term.meaning for term in (*explanation.parts, *explanation.terms) if term.meaning}
    for symbol, meaning in explained.items():
        pieces += [(f"{symbol}: ", "accent"), (f"{meaning}\n", "dim")]
    pieces += [("Δ: ", "accent"), ("how the step moved θ\n", "dim")]
    return [(spelt_out(text) if ascii_only else text, mark) for text, mark in pieces]


def number(value: float) -> str:
    """A number in some seven characters, with a minus sign of its own."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "−inf"
    return short(value, 3).replace("-", "−", 1) if value < 0 else short(value, 3)


def _count(steps: int) -> str:
    """A number of steps with thin groups: 12 480."""
    return f"{steps:,}".replace(",", " ")


def _coordinates(explanation: Explanation) -> list[int]:
    """All coordinates where they are few, else those that moved furthest."""
    change = np.abs(explanation.last.step.change)
    if change.size <= FEW:
        return list(range(change.size))
    furthest = np.argsort(-np.nan_to_num(change, nan=np.inf), kind="stable")
    return [int(k) for k in furthest[:MOST_COLUMNS]]


def _table(explanation: Explanation, width: int, ascii_only: bool) -> Iterator[Piece]:
    """Every vector a row: its coordinates, or its length and the coordinates that moved furthest."""
    step, names = explanation.last.step, explanation.names
    rows = [(t.symbol, np.asarray(t.value)) for t in explanation.terms if isinstance(t.value, np.ndarray)]
    parts = [(p.symbol, np.asarray(p.value)) for p in explanation.parts] if len(explanation.parts) > 1 else []
    rows = [row for row in rows if row[0] != "moved"] + [("Δ", step.change)] + [r for r in rows if r[0] == "moved"]
    columns: list[tuple[str, Callable[[Vector], float]]] = []
    if len(names) > FEW:
        columns.append(("‖·‖", length))
    for k in _coordinates(explanation):
        columns.append((one_line(names[k], LONGEST_NAME, ascii_only=ascii_only), lambda v, k=k: float(v[k])))  # type: ignore[misc]
    vectors = [vector for _, vector in (*rows, *parts)]
    shown = spelt_out if ascii_only else str
    left = max(cells(shown(symbol)) for symbol, _ in (*rows, *parts) if cells(shown(symbol)) <= LONGEST_SYMBOL)
    chunks = _fitting(columns, width - left, vectors)
    for chunk in chunks if len(names) <= FEW else islice(chunks, 1):
        wide = [_width(column, vectors) for column in chunk]
        yield " " * left + "".join(f" {head:>{w}}" for (head, _), w in zip(chunk, wide, strict=True)) + "\n", "dim"
        for title, block in (("", rows), ("parts of Δ:\n", parts)):
            if title and block:
                yield title, "dim"
            for symbol, vector in block:
                mark, name = "bold" if symbol == "Δ" else "", shown(symbol)
                values = "".join(f" {number(value(vector)):>{w}}" for (_, value), w in zip(chunk, wide, strict=True))
                if cells(name) > left:  # on a line of its own
                    yield f"{name}\n", mark
                    name = ""
                yield name + " " * (left - cells(name)) + values + "\n", mark
        yield "\n", ""


def _width(column: tuple[str, Callable[[Vector], float]], vectors: Sequence[Vector]) -> int:
    head, value = column
    return max(len(head), *(len(number(value(vector))) for vector in vectors))


def _fitting(
    columns: Sequence[tuple[str, Callable[[Vector], float]]], room: int, vectors: Sequence[Vector]
) -> Iterator[list[tuple[str, Callable[[Vector], float]]]]:
    """The columns in as few tables as are ``room`` cells wide, at least one column in each."""
    chunk: list[tuple[str, Callable[[Vector], float]]] = []
    used = 0
    for column in columns:
        needed = 1 + _width(column, vectors)
        if chunk and used + needed > room:
            yield chunk
            chunk, used = [], 0
        chunk.append(column)
        used += needed
    yield chunk


def _equations(explanation: Explanation) -> Iterator[Piece]:
    """Every equation in symbols, then with the numbers of each coordinate shown; the furthest one's among many."""
    few = len(explanation.names) <= FEW
    values = {term.symbol: term.value for term in explanation.terms} | {"Δ": explanation.last.step.change}
    chosen = list(islice(_coordinates(explanation), None if few else 1))
    for equation in explanation.equations:
        left, _, right = equation.partition(" = ")
        yield f"\n{left} = {_in_symbols(right)}\n", "accent"
        for k in chosen:
            put = re.sub(r"(.?)\{(.*?)\}", lambda found, k=k: found[1] + _put(values[found[2]], k, found[1]), right)  # type: ignore[misc]
            result = number(_at(values[left], k))
            yield f"  {one_line(explanation.names[k], LONGEST_NAME)}: ", "dim"
            yield f"{put} = {result}\n", ""


def _in_symbols(right: str) -> str:
    """A right side in its symbols: in parentheses where one is a sum or a quotient beside a factor."""

    def put(found: re.Match[str]) -> str:
        before, symbol, after = found[1], found[2], right[found.end() : found.end() + 1]
        plain = re.sub(r"\([^()]*\)", "", symbol)
        is_beside = before in ("·", "/") or after in ("·", "/")
        return before + (f"({symbol})" if is_beside and re.search(r".[+−/]", plain) else symbol)

    return re.sub(r"(.?)\{(.*?)\}", put, right)


def _at(value: Vector | float, k: int) -> float:
    return float(value[k]) if isinstance(value, np.ndarray) else float(value)


def _put(value: Vector | float, k: int, before: str) -> str:
    """A number to stand in an equation: in parentheses where its sign would meet an operator."""
    text = number(_at(value, k))
    return f"({text})" if text.startswith("−") and before not in ("", "(") else text


def cells(text: str) -> int:
    """How many cells a text fills: what is combined with a letter takes none."""
    return sum(not unicodedata.combining(character) for character in text)
