"""The page about a step: what it says are the step's own numbers, and it fits its column."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from gdtui.analysis.why import Explanation, explain
from gdtui.frames.why import FEW, cells, number, why_page
from tests.engine.races import ALGEBRAIC, fit, race

FACTORISATION = ALGEBRAIC["matrix factorisation"]
WIDTHS = (24, 28, 41, 90)


@cache
def asked(spec: str, steps: int, objective: str = "rosenbrock") -> Explanation:
    known: dict[str, Any] = {"factorisation": FACTORISATION, "five": ALGEBRAIC["rosenbrock in 5-D"]}
    running = race(known.get(objective, objective), spec).advance(steps)
    last = running[running.labels[0]].last_step
    assert last is not None
    return explain(last)


def text(explanation: Explanation, width: int = 40, *, ascii_only: bool = False) -> str:
    return "".join(piece for piece, _ in why_page(explanation, "B racer", width, ascii_only=ascii_only))


def rows(page: str) -> dict[str, list[str]]:
    """The rows of the tables: symbols with their numbers."""
    found = (re.fullmatch(r"(\S+)((?: +−?[\d.]+(?:e-?\d+)?)+) *", line) for line in page.splitlines())
    return {match[1]: match[2].split() for match in found if match}


def test_it_opens_with_who_and_what_dominated_and_the_loss() -> None:
    found = asked("momentum", 60)
    first, second, third, *_ = text(found).splitlines()
    assert first == "B racer, step 60"
    assert second == found.sentence
    before, after = found.last.losses
    assert third == f"f {number(before)} → {number(after)} (fell)"


def test_every_vector_has_a_row_of_its_coordinates() -> None:
    found = asked("momentum", 60)
    table = rows(text(found))
    for term in found.terms:
        if hasattr(term.value, "shape"):
            assert table[term.symbol] == [number(x) for x in term.value]
    assert table["Δ"] == [number(x) for x in found.last.step.change]
    assert table["−ηβv"] == [number(x) for x in found.part("carried").value]  # type: ignore[union-attr]


def test_every_equation_stands_in_symbols_and_with_its_numbers() -> None:
    page = text(asked("momentum", 60), 80)
    found = asked("momentum", 60)
    assert "Δ = −η·v\n" in page
    v, change = (
        number(float(x)) for x in (next(t for t in found.terms if t.symbol == "v").value[1], found.last.moved[1])
    )  # type: ignore[index]
    factor = f"({v})" if v.startswith("−") else v
    assert f"  x2: −0.001·{factor} = {change}\n" in page


def test_a_sum_or_a_quotient_in_a_product_keeps_its_parentheses() -> None:
    page = text(asked("adam", 3), 80)
    assert "m̂ = m/(1−β₁ᵗ)\n" in page
    assert "√v̂ = √(v/(1−β₂ᵗ))\n" in page
    assert "Δ = −η·m̂/(√v̂ + ε)\n" in page


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("objective", ["rosenbrock", "five", "factorisation", "online"])
def test_tables_fit_their_column(objective: str, width: int, ascii_only: bool) -> None:
    for name in fit(
        "rosenbrock" if objective == "five" else FACTORISATION if objective == "factorisation" else objective
    ):
        if objective == "online" and name not in ("gd", "adam", "lion"):
            continue  # the others do not know of bounds, or say nothing new
        page = text(asked(name, 3, objective), width, ascii_only=ascii_only)
        assert not ascii_only or page.isascii()
        for line in page.splitlines():
            if re.fullmatch(r"\S*(?: +[−-]?[\d.]+(?:e-?\d+)?)+ *", line):
                assert cells(line) <= width, line


def test_with_many_parameters_there_are_lengths_and_what_moved_furthest() -> None:
    found = asked("adam", 3, "factorisation")
    assert len(found.names) > FEW
    page = text(found, 60)
    change = abs(found.last.step.change)
    furthest = found.names[int(change.argmax())]
    assert re.search(rf"^ +‖·‖ +{re.escape(furthest)}", page, re.MULTILINE)
    assert rows(page)["Δ"][:2] == [
        number(float((change**2).sum() ** 0.5)), number(float(found.last.step.change[change.argmax()])),
    ]  # fmt: skip


def test_numbers_are_short_and_never_raise() -> None:
    shown = [number(x) for x in (0.0, -2.5, 1e-7, -1e300, float("inf"), -float("inf"), float("nan"))]
    assert shown == ["0", "−2.5", "1e-7", "−1e300", "inf", "−inf", "NaN"]


def test_names_from_outside_are_cleaned() -> None:
    page = "".join(piece for piece, _ in why_page(asked("gd", 1), "B a\x1b[31m\nb", 40))
    assert "\x1b" not in page
    assert page.splitlines()[0].startswith("B a")
