"""The screen of a log: what it shows while the log grows, and of all that can happen to it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from gdtui.charts.cells import CellGrid
from gdtui.frames import Style
from gdtui.tui import keymap, watch_screen
from gdtui.tui.panes.log import LogPane
from gdtui.tui.panes.loss import CurvePane
from gdtui.tui.watch_screen import WatchScreen
from gdtui.tui.watcher import Sight
from tests.tui.apps import check_golden, lines_of, wait_until
from tests.tui.watching import LOGS, is_settled, watched

SIZES = [(120, 40), (80, 24)]
COLUMNS = "step,loss,lr,grad_norm,val_loss\n"


@pytest.fixture(autouse=True)
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock by which every file was written just now, unless the test says how long ago."""
    ago = [0.0]
    real = watch_screen.status_line

    def status_line(sight: Sight, width: int, *, now: float, **options: Any) -> CellGrid:
        written = max((log.changed_at or 0.0 for log in sight.logs), default=now)
        return real(sight, width, now=written + ago[0], **options)

    monkeypatch.setattr(watch_screen, "status_line", status_line)
    return lambda seconds: ago.__setitem__(0, seconds)


def rows(first: int, last: int, loss: Callable[[int], float] = lambda i: 0.5 + 3.0 / (1 + i / 20)) -> str:
    def val(i: int) -> str:
        return f"{0.8 + 2.0 / (1 + i / 30):.4f}" if i % 25 == 0 else ""

    ripple = [0.05 * math.sin(12.9898 * i) for i in range(first, last)]
    return "".join(
        f"{10 * i},{loss(i) * (1 + r):.5f},{3e-4 / (1 + i):.3g},{1 + r:.4f},{val(i)}\n"
        for i, r in zip(range(first, last), ripple, strict=True)
    )


def text(path: Path, more: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(more)


@pytest.mark.parametrize("size", SIZES)
async def test_a_log_that_grows(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    text(path, COLUMNS + rows(0, 150))
    async with watched(path, size=size) as (pilot, _, look):
        text(path, rows(150, 260))
        await look()
        text(path, rows(260, 300)[:-9])  # a last line that is cut off
        await look()
        check_golden(f"watch-{size[0]}x{size[1]}", pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_several_logs(size: tuple[int, int]) -> None:
    paths = [LOGS / name for name in ("sgd_good.csv", "sgd_wild.csv", "nan.csv")]
    async with watched(*paths, size=size) as (pilot, screen, _):
        await pilot.press("tab", "down", "P")
        await wait_until(pilot, lambda: is_settled(screen))
        check_golden(f"watch-several-{size[0]}x{size[1]}", pilot)


async def test_plain_ascii(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    text(path, COLUMNS + rows(0, 80) + "800,nan,1e-4,1.0,\n")
    async with watched(path, size=(80, 24), style=Style(raster="ascii")) as (pilot, _, _look):
        assert "".join(lines_of(pilot)).isascii()
        check_golden("watch-ascii-80x24", pilot)


def said(pilot: Pilot[int]) -> str:
    return "\n".join(lines_of(pilot))


async def test_it_waits_for_a_file_and_says_what_happens_to_it(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    async with watched(path) as (pilot, _, look):
        assert "There is nothing to judge yet" in said(pilot)
        assert "does not exist yet: waiting for it" in lines_of(pilot)[-1]
        text(path, COLUMNS)
        await look()
        assert "has no row yet" in lines_of(pilot)[-1]
        text(path, rows(0, 60))
        await look()
        assert "step 590 · 60 rows · following" in lines_of(pilot)[-1]
        text(path, "600,nan,1e-4,1,\n")
        await look()
        assert "✗ not a number" in said(pilot)
        assert "step 600 ✗ not a number" in " ".join(said(pilot).split())
        text(path, rows(0, 30))
        await look()
        assert "step 0 steps start again" in " ".join(said(pilot).split())
        path.write_text(COLUMNS + rows(0, 20), encoding="utf-8")
        await look()
        assert "then file was cut short" in " ".join(said(pilot).split())
        assert "step 190 · 20 rows" in lines_of(pilot)[-1]
        path.unlink()
        await look()
        assert "was deleted: waiting for it to come back" in lines_of(pilot)[-1]
        text(path, "step,accuracy\n1,2\n")
        await look()
        assert "no column looks like a loss" in lines_of(pilot)[-1]


async def test_the_axes_hold_still_and_begin_anew_with_another_run(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    text(path, COLUMNS + rows(0, 100))
    async with watched(path) as (_, screen, look):
        pane = screen.query_one(LogPane)
        ends = []
        for first, last in ((0, 0), (100, 118), (118, 130), (0, 20)):
            text(path, rows(first, last))
            await look()
            assert pane._wanted is not None
            ends.append(pane._wanted.x_high)
        assert ends[0] == ends[1] == 1.2 * 990
        assert ends[2] > ends[0] > ends[3]


async def test_what_was_logged_can_be_plotted_smoothed_and_read_out(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    text(path, COLUMNS + rows(0, 100))
    async with watched(path) as (pilot, screen, _):
        titles = []
        for keys in (("v",), ("v",), ("o",), ("v",), ("y",), ("o",), ("X",)):
            await pilot.press(*keys)
            await wait_until(pilot, lambda: is_settled(screen))
            titles.append(str(screen.query_one(LogPane).border_title))
        assert titles == [
            "Gradient norm (log) by step", "Learning rate (log) by step", "Learning rate (log) by step",
            "Loss (log) by step", "Loss (linear) by step", "Loss, lightly smoothed (linear) by step",
            "Loss, lightly smoothed (lin–log) by step",
        ]  # fmt: skip
        await pilot.press("left")
        await wait_until(pilot, lambda: "─ step 960  A 1.03" in said(pilot))


async def test_only_a_loss_leaves_nothing_else_to_plot(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    text(path, "loss\n3\n2\n")
    async with watched(path) as (pilot, screen, _):
        await pilot.press("v")
        await wait_until(pilot, lambda: "Nothing but the loss was logged" in said(pilot))
        assert str(screen.query_one(CurvePane).border_title) == "Loss (log) by step"
        assert "Log what torch.nn.utils.clip_grad_norm_ returns." in said(pilot)


async def test_another_run_is_read_about_when_it_is_selected(tmp_path: Path) -> None:
    path = tmp_path / "race.csv"
    text(path, "step,label,loss\n" + "".join(f"{i},gd,{3 + i}\n{i},adam,{1 + i % 2}\n" for i in range(60)))
    async with watched(path) as (pilot, screen, _):
        assert "Verdict on gd" in said(pilot)
        assert "runs told apart by label" in " ".join(said(pilot).replace("│", " ").split())
        screen.query_one("#run-list", OptionList).highlighted = 1
        await wait_until(pilot, lambda: "Verdict on adam" in said(pilot))
        assert "limit cycle" in said(pilot)
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: "A training log is followed" in said(pilot))


async def test_a_log_that_is_quiet_says_for_how_long(tmp_path: Path, wall_clock: Callable[[float], None]) -> None:
    path = tmp_path / "run.csv"
    text(path, COLUMNS + rows(0, 30))
    async with watched(path) as (pilot, screen, _):
        for seconds, words in ((89.0, "following"), (200.0, "quiet for 3 min"), (8000.0, "quiet for 2 h")):
            wall_clock(seconds)
            screen._show_status()
            await wait_until(pilot, lambda words=words: words in lines_of(pilot)[-1])  # type: ignore[misc]


async def test_nothing_of_a_log_is_markup_or_moves_the_cursor(tmp_path: Path) -> None:
    path = tmp_path / "[red]\x1b[31m.csv"
    text(path, "step,[b]loss,label\n" + "".join(f"{i},{i},[blink]\x1b]0;x\n{i},{i},b\n" for i in range(30)))
    async with watched(path, given={"loss": "[b]loss"}) as (pilot, _, _look):
        assert "\x1b" not in said(pilot)
        assert "[blink]" in said(pilot)
        assert "loss from [b]loss" in said(pilot)


async def test_a_resting_log_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.csv"
    text(path, COLUMNS + rows(0, 100))
    async with watched(path) as (pilot, screen, look):
        drawn: list[int] = []
        monkeypatch.setattr(screen, "_may_draw", lambda: drawn.append(1) or True)
        for _ in range(3):
            await look()
            await pilot.pause()
        assert drawn == []


async def test_what_came_under_a_dialog_or_over_a_slow_line_is_drawn_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.csv"
    text(path, COLUMNS + rows(0, 60))
    async with watched(path, LOGS / "nan.csv") as (pilot, screen, look):
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: pilot.app.screen is not screen)
        text(path, rows(60, 70))
        screen._watcher.step()  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press("escape")
        await wait_until(pilot, lambda: is_settled(screen) and "470 rows" in lines_of(pilot)[-1])
        monkeypatch.setattr(screen, "_may_draw", lambda: False)
        await pilot.press("P")
        text(path, rows(70, 80))
        screen._watcher.step()  # type: ignore[attr-defined]
        await pilot.pause()
        assert "470 rows" in lines_of(pilot)[-1]
        monkeypatch.undo()
        screen.frame_read()
        await wait_until(pilot, lambda: is_settled(screen) and "480 rows" in lines_of(pilot)[-1])
        assert screen.query_one(LogPane)._strong == 0
        await look()


async def test_a_small_terminal_gets_a_sentence(tmp_path: Path) -> None:
    async with watched(tmp_path / "run.csv", size=(60, 12)) as (pilot, _, _look):
        assert "run `gdtui diagnose` instead" in " ".join(said(pilot).split())


def test_the_keys_are_those_of_the_race_and_can_be_changed() -> None:
    keymap.check({"loss.log": "L", "loss.quantity": "f5"}, "config.toml")
    assert {binding.id for binding in WatchScreen.BINDINGS} <= {name for name, _, _ in keymap.table({})}  # type: ignore[union-attr]
    assert all(len(set(keys.split(","))) == len(keys.split(",")) for _, keys, _ in keymap.table({}))


async def test_remapped_keys_are_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    text(path, COLUMNS + rows(0, 30))
    async with watched(path, keymap={"loss.log": "L"}) as (pilot, screen, _):
        await pilot.press("L")
        await wait_until(pilot, lambda: str(screen.query_one(LogPane).border_title) == "Loss (linear) by step")
