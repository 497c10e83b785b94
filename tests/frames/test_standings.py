"""The standings and the status line: order, alignment, numbers, verdicts."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from gdtui.analysis.race_verdicts import of_snapshot
from gdtui.analysis.verdict import Kind, Severity, Verdict
from gdtui.engine.driver import DriverState, Published
from gdtui.engine.outcome import Limits, Outcome
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.frames.standings import count, number, standings, status_line


@pytest.fixture(scope="module")
def published() -> Published:
    race = Race("quadratic").advance(400)
    return Published(race.snapshot(), DriverState.RUNNING, 300.0, None, 0)


def shown(published: Published, width: int, height: int, **options: object) -> list[str]:
    return standings(published, width, height, **options).lines()  # type: ignore[arg-type]


@pytest.mark.parametrize("width", range(60, 201, 7))
def test_columns_are_aligned_at_every_width(published: Published, width: int) -> None:
    lines = shown(published, width, 7)
    assert {len(line) for line in lines} == {width}
    for word in ("loss", "‖g‖", "η"):
        assert len({line.index(word) for line in lines}) == 1
    assert all(not line.startswith("  ") for line in lines)


def test_the_lowest_loss_is_first_diverged_and_resting_racers_are_last() -> None:
    race = Race("quadratic").advance(400)
    race.bench("adam")
    snapshot = race.snapshot()
    lines = shown(Published(snapshot, DriverState.PAUSED, 0.0, None, 0), 120, 7)
    names = [line.split()[1] for line in lines]
    assert names[-2:] == ["gd-too-fast", "adam"]
    by_label = {racer.label: racer for racer in snapshot.racers}
    losses = [by_label[name].loss for name in names[:-2]]
    assert losses == sorted(losses, key=lambda loss: math.inf if loss is None else loss)
    assert "diverged at step" in lines[-2]
    assert "resting" in lines[-1]


def test_an_unknown_loss_ranks_below_every_known_one(published: Published) -> None:
    racers = list(published.snapshot.racers)
    racers[0] = replace(racers[0], loss=None)
    racers[3] = replace(racers[3], loss=math.nan)
    other = replace(published, snapshot=replace(published.snapshot, racers=tuple(racers)))
    names = [line.split()[1] for line in shown(other, 120, 7)]
    assert names[-3:] == [racers[0].label, racers[3].label, "gd-too-fast"]


@pytest.mark.parametrize("width", [60, 78, 97, 120])
def test_with_few_rows_every_racer_has_a_short_entry(published: Published, width: int) -> None:
    lines = shown(published, width, 4)
    assert {len(line) for line in lines} == {width}
    entries = "".join(lines)
    for racer in published.snapshot.racers:
        assert racer.label[:7] in entries
    assert "‖g‖" not in entries
    verdicts = of_snapshot(published.snapshot, 1e-12)
    assert "✗ div" in "".join(shown(published, width, 4, verdicts=verdicts))


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (5, 3), (30, 1), (200, 40)])
def test_any_size_gives_a_grid_of_that_size(published: Published, size: tuple[int, int]) -> None:
    assert standings(published, *size).shape == (size[1], size[0])
    assert status_line(published, size[0]).shape == (1, size[0])


def test_plain_ascii(published: Published) -> None:
    racers = (replace(published.snapshot.racers[0], label="Größe κ"), *published.snapshot.racers[1:])
    published = replace(published, snapshot=replace(published.snapshot, racers=racers))
    assert "".join(shown(published, 120, 7, ascii_only=True)).isascii()
    assert "".join(shown(published, 80, 3, ascii_only=True)).isascii()
    assert status_line(published, 120, frame_rate=15.0, ascii_only=True).lines()[0].isascii()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"), (0.0, "0"), (-0.0, "0"), (1e-300, "1e-300"), (5e-324, "4.9e-324"), (-0.5, "-0.5"), (1e5, "1e5"),
        (math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"), (0.01, "0.01"), (0.00999, "1e-2"), (999.4, "999"),
        (999.6, "1e3"), (1234.5, "1.2e3"), (-1.7976931348623157e308, "-1.8e308"), (3.14159, "3.14"), (24.2, "24.2"),
    ],
)  # fmt: skip
def test_numbers_are_short(value: float | None, text: str) -> None:
    assert number(value) == text
    assert len(text) <= 8


def test_counts_are_grouped() -> None:
    assert [count(n).replace("\N{NO-BREAK SPACE}", " ") for n in (0, 999, 12480, 10**12)] == [
        "0", "999", "12 480", "1 000 000 000 000",
    ]  # fmt: skip


def test_the_verdict_is_whole_where_there_is_room_and_short_where_there_is_not(published: Published) -> None:
    verdicts = of_snapshot(published.snapshot, 1e-12)
    sentence = verdicts["gd"].sentence
    widths = {
        width: next(line for line in shown(published, width, 7, verdicts=verdicts) if " gd " in line)
        for width in (60, 80, 110, 200)
    }
    assert f"✓ {sentence}" in widths[200]
    assert "✓ converging 0.9810/step, half-life" in widths[110]
    assert widths[80].rstrip().endswith("✓ converging 0.9810/step")
    assert "✓" in widths[60]
    entries = "".join(shown(published, 80, 4, verdicts=verdicts))
    assert "✓ converging 0.9810 " in entries
    assert "✗ diverged " in entries


def test_every_severity_has_a_glyph_in_ascii_and_a_colour(published: Published) -> None:
    seen = set()
    for kind in set(Kind) - {Kind.TOO_LITTLE}:
        verdicts = {racer.label: Verdict(kind, "As it is.") for racer in published.snapshot.racers}
        grid = standings(published, 200, 7, verdicts=verdicts, ascii_only=True)
        line = next(k for k, line in enumerate(grid.lines()) if " gd " in line)
        text = grid.lines()[line]
        seen.add((kind.severity, text[text.index(" As it is.") - 1], int(grid.colours[line, text.index("As it is.")])))
    assert len(seen) == len(Severity)
    for part in (1, 2):
        assert len({each[part] for each in seen}) == len(Severity)


def test_what_is_remarkable_of_a_racer_is_said_beside_its_verdict(published: Published) -> None:
    verdicts = of_snapshot(published.snapshot, 1e-12)
    racers = tuple(replace(racer, remark="full batch: there are no samples") for racer in published.snapshot.racers)
    remarked = replace(published, snapshot=replace(published.snapshot, racers=racers))
    for line in shown(remarked, 140, 7, verdicts=verdicts):
        assert "(full batch: there are no samples)" in line


def test_the_status_line_says_what_is_going_on(published: Published) -> None:
    line = status_line(published, 100, frame_rate=14.6, hint="? help").lines()[0]
    assert line.startswith(" step 400 of ")
    assert " · 300 steps/s (auto) · 15 fps · running   " in line
    assert line.endswith(" ? help ")
    paused = replace(published, state=DriverState.PAUSED)
    assert status_line(paused, 100, frame_rate=14.6).lines()[0].rstrip(" ?help").endswith("000 · paused")
    fast = replace(published, rate=math.inf, speed=math.inf)
    assert "max speed · running" in status_line(fast, 100).lines()[0]
    unlimited = replace(published, snapshot=replace(published.snapshot, limits=Limits()))
    assert status_line(unlimited, 100).lines()[0].startswith(" step 400 · ")


def test_the_spinner_turns_while_compiling(published: Published) -> None:
    compiling = replace(published, state=DriverState.COMPILING)
    turns = {status_line(compiling, 80, beat=beat).lines()[0] for beat in range(10)}
    assert len(turns) == 10
    assert all("compiling" in line for line in turns)


def test_a_reason_is_one_line_without_anything_a_terminal_would_obey(published: Published) -> None:
    failed = replace(published, state=DriverState.FAILED, reason="[red]no\x1b[31m\nway " + "x" * 300)
    line = status_line(failed, 90).lines()[0]
    assert len(line) == 90
    assert "[red]no" in line
    assert not set(line) & set("\x1b\n")
    assert "…" in line


def test_no_outcome_is_without_words() -> None:
    race = Race("rosenbrock", racers=["gd"])
    base = race.snapshot().racers[0]
    for outcome in Outcome:
        racer = replace(base, outcome=outcome, note="stopped by itself")
        snapshot = Snapshot(0, Limits(10), 1.0, (racer,))
        line = shown(Published(snapshot, DriverState.PAUSED, 0.0, None, 0), 120, 1)[0]
        assert "gd" in line
        assert outcome is Outcome.RUNNING or "stopped" in line or "budget used" in line
