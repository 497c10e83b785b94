"""The small plot of a quantity over the steps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.charts.cells import CellGrid
from gdtui.charts.palette import Ink, faded, racer_colour
from gdtui.charts.sparkline import sparkline
from gdtui.contracts import Reals

STEPS = np.arange(1, 1001)
COLOUR = racer_colour(0)


def drawn(values: Reals, width: int = 60, height: int = 6, now: int = 0, **options: object) -> CellGrid:
    return sparkline(STEPS, values, width, height, now=now, colour=COLOUR, name="η", **options)  # type: ignore[arg-type]


def test_a_cosine_stays_linear_although_it_ends_at_next_to_nothing() -> None:
    lines = drawn(0.5 * (1.0 + np.cos(np.pi * (STEPS - 1) / 1000))).lines()
    assert lines == [
        "      1 ⠠⠤⠤⠤⠤⠤⠤⠤⢤⣀⣀⣀⡀                                       ",
        "        ┊           ⠉⠉⠉⠒⠒⠲⠤⢤⣀⣀                              ",
        "      η ┊                    ⠈⠉⠉⠒⠒⠤⠤⣄⣀⡀                     ",
        "        ┊                             ⠉⠉⠓⠒⠢⠤⠤⣄⣀⣀            ",
        "2.47e-6 ┊                                      ⠈⠉⠉⠉⠓⠒⠒⠒⠒⠒⠒⠒⠂",
        "        step 1                                            1k",
    ]


@pytest.mark.parametrize(
    ("values", "log"),
    [
        (np.exp(-0.007 * STEPS), True),  # decades, all the way
        (0.1 ** (STEPS // 250), True),
        (np.where(STEPS < 20, 1e-6, 1.0), False),  # a short warm-up
        (np.linspace(1.0, 0.0, 1000), False),  # zero has no logarithm
        (np.full(1000, 3.0), False),
    ],
)
def test_the_axis_is_logarithmic_where_the_values_spend_their_time_decades_apart(values: Reals, log: bool) -> None:
    assert any("η log" in line for line in drawn(values).lines()) is log


def test_the_labels_are_the_highest_and_the_lowest_value_and_the_first_and_the_last_step() -> None:
    lines = drawn(np.linspace(0.03, 0.002, 1000)).lines()
    assert lines[0].startswith(" 0.03 ")
    assert lines[4].startswith("0.002 ")
    assert lines[5].split() == ["step", "1", "1k"]


def test_a_constant_has_one_label_beside_its_line() -> None:
    lines = drawn(np.full(1000, 0.01)).lines()
    assert [line.split()[0] for line in lines if "0.01" in line] == ["0.01"]
    assert "⠤⠤⠤" in next(line for line in lines if "0.01" in line)


def test_what_is_past_is_dimmed_and_now_is_marked() -> None:
    grid = drawn(np.full(1000, 0.01), now=500)
    row = next(k for k, line in enumerate(grid.lines()) if "0.01" in line)
    inked = [colour for colour in grid.colours[row].tolist() if colour in {COLOUR, faded(COLOUR)}]
    assert inked == sorted(inked, reverse=True)
    assert 0.4 < inked.count(faded(COLOUR)) / len(inked) < 0.6
    assert "▲ 500" in grid.lines()[-1]
    assert grid.lines()[0][grid.lines()[-1].index("▲")] == "┊"


def test_a_stale_picture_is_dim_all_over() -> None:
    grid = drawn(np.linspace(1.0, 0.5, 1000), now=300, stale=True)
    assert not {COLOUR, faded(COLOUR)} & set(grid.colours.ravel().tolist())
    assert Ink.DIM in grid.colours


def test_a_note_stands_over_the_line() -> None:
    assert "looks at the loss" in drawn(np.full(1000, 1.0), note="looks at the loss").lines()[0]


def test_in_ascii_everything_is() -> None:
    grid = drawn(np.linspace(1.0, 0.5, 1000), now=400, note="é…", raster="ascii")
    assert all(line.isascii() for line in grid.lines())
    assert "^ 400" in grid.lines()[-1]


@given(
    st.lists(st.floats(width=64), min_size=1, max_size=40),
    st.integers(-1, 90),
    st.integers(-1, 20),
    st.integers(-5, 60),
    st.sampled_from(["braille", "block", "ascii"]),
)
def test_nothing_breaks_it(values: list[float], width: int, height: int, now: int, raster: str) -> None:
    steps = np.arange(1, len(values) + 1)
    grid = sparkline(
        steps, np.array(values), width, height, now=now, colour=COLOUR, name="η", note="n" * 300, raster=raster
    )  # type: ignore[arg-type]
    assert grid.shape == (max(height, 0), max(width, 0))
