"""The page of theory: predicted and measured stay apart, it fits its column, and no word is cut."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis import theory
from gdtui.analysis.taking import Taking, best_for
from gdtui.analysis.theory import Theory
from gdtui.engine.race import Race
from gdtui.frames.theory import LOCAL, LOCAL_NOTE, number, rate, theory_page
from gdtui.scenario import from_mapping
from gdtui.spelling import spelt_out

VALLEY = {"name": "quadratic", "kappa": 100.0}
BOWL = {"name": "noisy_quadratic", "dimension": 64, "noise": 1.0}
LOGISTIC = {"name": "logistic", "samples": 100, "l2": 0.01}
EVERY = [
    *((VALLEY, spec) for spec in ("gd:lr=0.019", "momentum:lr=0.01", "nesterov:lr=0.01", "adam", "rmsprop", "newton")),
    (BOWL, "sgd:lr=0.1,batch_size=0"),
    (LOGISTIC, "gd:lr=0.5"),
    (LOGISTIC, "sgd:lr=0.1"),
    ({"name": "rosenbrock"}, "gd:lr=1e-3"),
    ({"name": "online"}, "gd:lr=0.1"),
]
WIDTHS = (24, 29, 41, 90)


def asked(objective: dict[str, Any], spec: str, **measured: float) -> tuple[Theory, Taking]:
    table = {"objective": objective, "steps": 1000, "racers": [{"optimizer": "gd"}]}
    race = Race(from_mapping(table, folder=Path.cwd()), racers=[spec])
    racer = race.snapshot().racers[0]
    found = theory.of_racer(racer, race.problem, **measured)
    return found, best_for(racer, found)


@cache
def every() -> list[tuple[Theory, Taking]]:
    return [asked(objective, spec, measured=0.98, measured_floor=1.5) for objective, spec in EVERY]


def text(found: tuple[Theory, Taking], width: int = 29, **given: Any) -> str:
    return "".join(piece for piece, _ in theory_page(*found, "A gd", 1200, width, **given))


def row(page: str, symbol: str) -> list[str]:
    (one,) = [line for line in page.splitlines() if line.startswith(f"{symbol} ") and ":" not in line]
    return one.removeprefix(symbol).split()


def test_the_page_of_gd_in_a_valley() -> None:
    page = text(asked(VALLEY, "gd:lr=0.019", measured=0.9805))
    assert page.splitlines()[:10] == [
        "A gd, step 1 200",
        "          predicted  measured",
        "L               100",
        "μ                 1",
        "κ               100",
        "2/L            0.02",
        "η/limit        0.95",
        "rate         0.9810    0.9805",
        "best lr      0.0198",
        "best rate    0.9802",
    ]
    assert "\nT takes lr = 0.0198.\n" in page
    assert "With η ≤ 1/L = 0.01 no step" in page
    assert "2/L: stability limit of η\n" in page


def test_what_was_not_measured_is_a_dash_in_its_own_column() -> None:
    assert row(text(asked(VALLEY, "gd:lr=0.019")), "rate") == ["0.9810", "–"]
    assert row(text(asked(VALLEY, "gd:lr=0.019"), ascii_only=True), "rate") == ["0.9810", "-"]


def test_where_theory_does_not_apply_it_says_why_and_what_was_measured_stays() -> None:
    page = text(asked(VALLEY, "adam", measured=0.98))
    assert row(page, "rate") == ["0.9800"]
    lines = page.splitlines()
    place = next(k for k, line in enumerate(lines) if line.startswith("rate"))
    assert lines[place].endswith("0.9800")
    assert len(lines[place]) == len(lines[1]), "in the column of what was measured"
    assert lines[place + 1] == "  does not apply: rates in"
    assert "Best setting: does not apply:\nno best setting of Adam is\nknown in closed form." in page
    assert text(asked(BOWL, "sgd:lr=0.1,batch_size=0")).count("the\n  gradients are noisy") == 1, "a reason stands once"


def test_the_noise_floor_stands_beside_its_measurement() -> None:
    page = text(asked(BOWL, "sgd:lr=0.1,batch_size=0", measured_floor=1.7))
    assert row(page, "floor") == ["1.684", "1.7"]


def test_local_numbers_are_marked_and_the_mark_is_explained() -> None:
    local, exact = text(asked(LOGISTIC, "gd:lr=0.5")), text(asked(VALLEY, "gd:lr=0.019"))
    assert row(local, "κ")[0].endswith(LOCAL)
    assert not row(local, "L bound")[0].endswith(LOCAL)
    assert LOCAL_NOTE in text(asked(LOGISTIC, "gd:lr=0.5"), 90)
    assert LOCAL not in exact.split("\nT takes")[0]


def test_who_takes_what_is_said() -> None:
    assert "Select it, and ctrl+t takes lr = 0.0198.\n" in text(
        asked(VALLEY, "gd:lr=0.019"), 90, takes="Select it, and ctrl+t takes"
    )
    best = asked(VALLEY, f"gd:lr={2 / 101!r}")
    assert "Nothing to take: these settings are the best." in text(best, 90)


def test_a_wide_page_has_labels_and_no_list_of_symbols() -> None:
    page = text(asked(VALLEY, "gd:lr=0.019"), 90)
    assert "rate of ‖θ − θ*‖ in the end, per step    0.9810" in page
    assert "stability limit of η, 2/L" in page
    assert "2/L:" not in page


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_no_word_is_cut(width: int, ascii_only: bool) -> None:
    for found in every():
        page = text(found, width, ascii_only=ascii_only)
        assert all(len(line) <= width for line in page.splitlines())
        assert page.isascii() or not ascii_only
        said = [*found[0].statements, *(line.note for line in found[0].lines)]
        words = {word for each in said for word in (spelt_out(each) if ascii_only else each).split()}
        assert words <= set(page.split())


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_numbers_take_few_cells(value: float) -> None:
    assert len(number(value)) <= 11
    assert "-" not in number(value)[:1]


@given(st.floats(0.0, 2.0))
def test_a_rate_is_told_from_one_and_short(value: float) -> None:
    shown = rate(value)
    assert len(shown) <= 11
    assert (shown == "1.0000") == (value == 1.0)


def test_two_rates_have_as_many_digits() -> None:
    assert rate(0.99, 0.9900001) == rate(0.9900001, 0.99) == "0.99000"
    assert (rate(0.5, 0.999), rate(0.999, 0.5)) == ("0.50000", "0.99900")
    assert (rate(0.5, 1.0 - 1e-9), rate(1.0 - 1e-9)) == ("0.5000", "1−1e-9")
