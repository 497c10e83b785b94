"""The palette: racers stay apart in truecolor, in 256 and in 16 colours, and from the iso-lines."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest

from gdtui.charts.palette import (
    BANDS,
    PALETTES,
    RACERS,
    Ink,
    ThemeName,
    band_colour,
    bright,
    faded,
    head_colour,
    line_pattern,
    racer_colour,
    racer_letter,
    weighted,
)

RGB = tuple[int, int, int]
_CUBE = (0, 95, 135, 175, 215, 255)
_TABLE: list[RGB] = [(r, g, b) for r in _CUBE for g in _CUBE for b in _CUBE] + [(k, k, k) for k in range(8, 248, 10)]


def xterm(rgb: RGB) -> RGB:
    """The nearest of xterm's colours 16 to 255."""
    return min(_TABLE, key=lambda entry: distance(entry, rgb))


def distance(a: RGB, b: RGB) -> float:
    return sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5


def luminance(rgb: RGB) -> float:
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (part / 255 for part in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(rgb: RGB, background: RGB = (18, 18, 18)) -> float:
    """WCAG 2: of the lighter to the darker."""
    light, dark = sorted((luminance(rgb) + 0.05, luminance(background) + 0.05), reverse=True)
    return light / dark


def simulate(rgb: RGB, matrix: tuple[RGB | tuple[float, ...], ...]) -> RGB:
    red, green, blue = (
        max(0, min(255, round(sum(m * part for m, part in zip(row, rgb, strict=True))))) for row in matrix
    )
    return red, green, blue


# Machado, Oliveira and Fernandes, 2009, severity 1, https://doi.org/10.1109/TVCG.2009.113.
_PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
_DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))


_TRITANOPIA = ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900))
BACKGROUNDS: dict[ThemeName, RGB] = {"dark": (18, 18, 18), "light": (250, 250, 250)}
themes = pytest.mark.parametrize("theme", list(BACKGROUNDS))


@themes
@pytest.mark.parametrize("family", [racer_colour, head_colour])
def test_racers_differ_everywhere(family: Callable[[int], int], theme: ThemeName) -> None:
    colours = [PALETTES[theme][family(k)] for k in range(RACERS)]
    assert all(distance(a.rgb, b.rgb) > 60 or family is head_colour for a, b in combinations(colours, 2))
    assert len({xterm(colour.rgb) for colour in colours}) == RACERS
    assert len({colour.ansi for colour in colours}) == RACERS


@themes
@pytest.mark.parametrize("matrix", [_PROTANOPIA, _DEUTERANOPIA, _TRITANOPIA])
def test_racers_differ_for_colour_blind_eyes(matrix: tuple[tuple[float, ...], ...], theme: ThemeName) -> None:
    seen = [simulate(PALETTES[theme][racer_colour(k)].rgb, matrix) for k in range(RACERS)]
    assert min(distance(a, b) for a, b in combinations(seen, 2)) > 35


@themes
def test_what_is_to_be_read_stands_out_from_the_background(theme: ThemeName) -> None:
    palette, background = PALETTES[theme], BACKGROUNDS[theme]
    for shown in (lambda rgb: rgb, xterm):
        racers = [palette[family(k)].rgb for k in range(RACERS) for family in (racer_colour, head_colour)]
        assert min(contrast(shown(rgb), background) for rgb in racers) >= 3.0
        texts = [Ink.TEXT, Ink.DIM, Ink.HEADING, Ink.OPTIMUM, Ink.START, Ink.WARNING, Ink.CAUTION, Ink.GOOD]
        assert min(contrast(shown(palette[ink].rgb), background) for ink in texts) >= 4.5
    assert contrast(palette[Ink.FRAME].rgb, background) >= 3.0


@themes
def test_iso_lines_are_one_grey_in_16_colours_and_no_racers_colour(theme: ThemeName) -> None:
    bands = [PALETTES[theme][Ink.BAND + k] for k in range(BANDS)]
    racers = [PALETTES[theme][racer_colour(k)] for k in range(RACERS)]
    assert {band.ansi for band in bands} == {8}
    assert 8 not in {racer.ansi for racer in racers}
    assert not {xterm(band.rgb) for band in bands} & {xterm(racer.rgb) for racer in racers}
    # Readable, in even steps from faint to strong, and behind every racer but the faintest two.
    steps = [contrast(band.rgb, BACKGROUNDS[theme]) for band in bands]
    assert steps == sorted(steps)
    assert steps[0] > 2.5
    assert sum(contrast(racer.rgb, BACKGROUNDS[theme]) > steps[-1] for racer in racers) >= 6


def test_in_the_terminals_own_colours_nothing_is_white_or_black_or_grey() -> None:
    palette = PALETTES["terminal"]
    assert not {0, 7, 8, 15} & {colour.ansi for colour in palette}
    assert len({palette[racer_colour(k)].ansi for k in range(RACERS)}) == RACERS
    assert all(palette[Ink.BAND + k].dim for k in range(BANDS))
    assert [colour.name for colour in palette] == [colour.name for colour in PALETTES["dark"]]


def test_racers_of_one_colour_differ_in_their_pattern() -> None:
    every = [(racer_colour(k), line_pattern(k, "all")) for k in range(26)]
    assert len(set(every)) == 26
    assert {pattern for _, pattern in every[:RACERS]} == set(range(RACERS))
    repeated = [(racer_colour(k), line_pattern(k, "repeated")) for k in range(26)]
    assert len(set(repeated)) == 26
    assert {pattern for _, pattern in repeated[:RACERS]} == {0}
    assert {line_pattern(k, "none") for k in range(26)} == {0}


def test_indices() -> None:
    assert {len(palette) for palette in PALETTES.values()} == {Ink.FADED + RACERS}
    assert Ink.FADED + RACERS <= 256
    assert PALETTES["dark"][head_colour(2)].bold
    assert bright(racer_colour(2)) == head_colour(2)
    assert PALETTES["dark"][faded(racer_colour(2))].dim
    assert bright(Ink.TEXT) == faded(Ink.TEXT) == Ink.TEXT
    assert racer_colour(9) == racer_colour(1)
    assert [racer_letter(k) for k in (0, 7, 25, 26)] == ["A", "H", "Z", "A"]


def test_weights() -> None:
    colour = racer_colour(3)
    assert [weighted(colour, weight) for weight in ("plain", "strong", "faint")] == [
        colour,
        bright(colour),
        faded(colour),
    ]
    assert weighted(colour, "plain", retired=True) == faded(colour)
    assert weighted(colour, "strong", retired=True) == bright(colour)


def test_bands_span_the_ramp() -> None:
    assert [band_colour(k, BANDS) for k in range(BANDS)] == [Ink.BAND + k for k in range(BANDS)]
    assert (band_colour(0, 3), band_colour(2, 3)) == (Ink.BAND, Ink.BAND + BANDS - 1)
    assert Ink.BAND <= band_colour(0, 1) < Ink.RACER
    assert band_colour(99, 3) == Ink.BAND + BANDS - 1
