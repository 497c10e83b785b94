"""The editor of a racer, on a stage of its own."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from gdtui import registry
from gdtui.tui.fields import Choice, Row
from tests.tui.apps import check_golden, lines_of, wait_until
from tests.tui.stage import draft_of, fill, focused, line, outcome, plotted, row_of, said, staged

SHOWN = ("constant", "cosine", "inverse_sqrt", "join", "one_cycle", "plateau", "step", "warmup", "warmup_cosine")


async def test_what_is_typed_replaces_what_was_there_and_is_applied_by_enter() -> None:
    async with staged(draft_of()) as (pilot, editor):
        assert focused(editor) == "lr"
        await pilot.press(*"2.5e-4", "down", "down", *".99", "enter")
        assert outcome(pilot) is True
        assert editor._draft.changes == {"lr": 2.5e-4, "beta2": 0.99}


async def test_escape_changes_nothing() -> None:
    async with staged(draft_of()) as (pilot, _):
        await pilot.press(*"5", "escape")
        assert outcome(pilot) is False


async def test_the_verdict_follows_every_keystroke() -> None:
    async with staged(draft_of()) as (pilot, editor):
        for key, verdict in (
            ("1", "from the next step on: lr 0.01 → 1"),
            ("e", "nothing is applied while lr is wrong"),
            ("minus", "nothing is applied while lr is wrong"),
            ("2", "no change so far"),
        ):
            await pilot.press(key)
            assert said(editor, "#verdict") == verdict
        assert "wrong" not in editor.query_one("#verdict").classes


async def test_a_wrong_row_is_marked_and_says_why_and_enter_goes_to_it() -> None:
    async with staged(draft_of()) as (pilot, editor):
        await pilot.press("down", *"1.5", "down")
        assert "✗ beta1" in line(pilot, "beta1")
        assert "1.5 is out of range" in line(pilot, "beta1")
        await pilot.press("enter")
        assert outcome(pilot) is None
        assert focused(editor) == "beta1"
        assert said(editor, "#editor-help").startswith(
            "beta1: ✗ 1.5 is out of range; give a number in [0, 1)\nshare of"
        )
        await pilot.press(*".5", "enter")
        assert editor._draft.changes == {"beta1": 0.5}


async def test_what_is_not_its_default_has_a_star_and_ctrl_r_takes_it_back() -> None:
    async with staged(draft_of("adam:lr=0.01,beta2=0.9")) as (pilot, editor):
        assert "▸* lr" in line(pilot, "lr")
        assert " * beta2" in line(pilot, "beta2")
        assert "*" not in line(pilot, "beta1")
        await pilot.press("ctrl+r")
        assert row_of(editor, "lr").field.value == "0.001"
        assert "*" not in line(pilot, "lr")
        assert "was 0.01 · default 0.001" in line(pilot, "lr")
        await pilot.press("down", *"7", "ctrl+r", "down", "ctrl+r", "enter")
        assert editor._draft.changes == {"lr": None, "beta2": None}


async def test_the_meaning_of_the_row_in_focus_is_told() -> None:
    async with staged(draft_of()) as (pilot, editor):
        for entry in editor._draft.entries:
            assert focused(editor) == entry.key
            if entry.key != "schedule":
                assert entry.meaning in said(editor, "#editor-help")
            await pilot.press("down")


async def test_arrows_pages_and_tabs_go_from_row_to_row() -> None:
    async with staged(draft_of()) as (pilot, editor):
        for key, place in (
            ("up", "lr"), ("down", "beta1"), ("tab", "beta2"), ("shift+tab", "beta1"), ("pagedown", "schedule"),
            ("down", "schedule"), ("pageup", "lr"), ("shift+tab", "schedule"), ("tab", "lr"),
        ):  # fmt: skip
            await pilot.press(key)
            assert focused(editor) == place, key


async def test_a_burst_of_keys_ends_where_it_was_meant() -> None:
    async with staged(draft_of()) as (pilot, editor):
        app = pilot.app
        for key in (*"5e-3", "down", *".8", "down", "down", *"1e-6"):
            app.simulate_key(key)  # all of them before any is looked at
        await pilot.pause()
        texts = {key: row_of(editor, key).field.value for key in ("lr", "beta1", "beta2", "eps")}
        assert texts == {"lr": "5e-3", "beta1": ".8", "beta2": "0.999", "eps": "1e-6"}


async def test_a_flag_is_chosen_by_space_letter_or_click() -> None:
    async with staged(draft_of("newton")) as (pilot, editor):
        field = row_of(editor, "search").field
        assert isinstance(field, Choice)
        assert "[false] true" in line(pilot, "search")
        editor.set_focus(field)
        await pilot.press("space")
        assert " false [true]" in line(pilot, "search")
        await pilot.press("f")
        assert field.value == "false"
        await pilot.click(field, offset=(9, 0))
        assert field.value == "true"
        await pilot.press("enter")
        assert editor._draft.changes == {"search": True}


async def test_the_schedule_is_chosen_among_all_and_its_arguments_appear() -> None:
    async with staged(draft_of()) as (pilot, editor):
        await pilot.press("pagedown")
        for name in registry.schedules():
            assert any(f"{name}" in text for text in lines_of(pilot))
        await pilot.press("right")
        assert [row.entry.key for row in editor.query(Row)][-2:] == ["cosine.steps", "cosine.min"]
        assert "20000" in line(pilot, "steps")
        assert "required · from 1 to 1e12, whole" in line(pilot, "steps")
        assert "cosine annealing" in said(editor, "#editor-help")
        await pilot.press("down", *"5000", "down", *"1e-5", "enter")
        assert editor._draft.changes == {"schedule": "cosine(steps=5000,min=1e-05)"}


async def test_letters_home_and_end_go_through_the_schedules() -> None:
    async with staged(draft_of()) as (pilot, editor):
        await pilot.press("pagedown")
        names = row_of(editor, "schedule").entry.choices
        for key, name in (
            ("w", "warmup"), ("w", "warmup_cosine"), ("s", "step"), ("home", "constant"), ("left", names[-1]),
            ("right", names[0]), ("end", names[-1]), ("ctrl+r", "constant"), ("z", "constant"), ("p", "plateau"),
        ):  # fmt: skip
            await pilot.press(key)
            await pilot.pause()
            assert row_of(editor, "schedule").field.value == name
            arguments = [row.entry.name for row in editor.query(".argument").results(Row)]
            assert arguments == [option.name for option in registry.schedule(name).arguments]


async def test_schedules_in_a_row_are_written_as_text() -> None:
    async with staged(draft_of()) as (pilot, editor):
        await pilot.press("pagedown", "j", "down", *"warmup(steps=9),", "enter")
        assert editor._draft.changes == {"schedule": "join(warmup(steps=9))"}
    async with staged(draft_of("adam:schedule=join(warmup(steps=9),cosine(steps=7))")) as (pilot, editor):
        assert "warmup(steps=9),cosine(steps=7)" in line(pilot, "phases")
        await fill(pilot, editor, "join.phases", "warmup(steps=9),cosine(steps=x)")
        assert "schedule 2, steps: 'x' is not a whole number" in said(editor, "#editor-help")


async def test_the_plot_spans_the_budget_and_marks_the_present_step() -> None:
    async with staged(draft_of("adam:lr=0.03,schedule=step(every=5000,gamma=0.1)")) as (_, editor):
        lines = plotted(editor).splitlines()
        assert lines[0].startswith(" 0.03 ")
        assert lines[-2].startswith(" 3e-5 ")
        assert "η log" in plotted(editor)
        assert lines[-1].split() == ["step", "1", "▲", "3k", "20k"]


async def test_the_plot_is_drawn_anew_while_typing_but_not_from_what_is_wrong() -> None:
    async with staged(draft_of()) as (pilot, editor):
        await pilot.press(*"0.2")
        assert "0.2 ⠈" in plotted(editor)
        before = plotted(editor)
        await pilot.press("x")
        assert plotted(editor) == before
        assert editor._draft.is_stale
        await pilot.press("backspace", "5", "pagedown", "e")
        assert plotted(editor).splitlines()[0].startswith("   0.25 ")


async def test_a_schedule_that_looks_at_the_loss_says_so_in_its_plot() -> None:
    async with staged(draft_of()) as (pilot, editor):
        await pilot.press("pagedown", "p")
        await pilot.pause()
        assert "looks at the loss" in plotted(editor)
        assert "0.01 " in plotted(editor)


async def test_the_mouse_reaches_all_of_it() -> None:
    async with staged(draft_of(), size=(120, 40)) as (pilot, editor):
        await pilot.click(row_of(editor, "eps").query_one(".row-name"))
        assert focused(editor) == "eps"
        field = row_of(editor, "schedule").field
        assert isinstance(field, Choice)
        _, down, across = next(place for place in field._places(field.size.width) if place[0] == "cosine")
        await pilot.click(field, offset=(across + 2, down))
        await pilot.pause()
        assert editor._draft.text("schedule") == "cosine"
        await pilot.click(row_of(editor, "lr").field)
        await pilot.press("end", "5")
        box = editor.query_one(".editor").region
        hints = lines_of(pilot)[box.bottom - 1]
        await pilot.click(offset=(hints.index("ctrl+r"), box.bottom - 1))
        assert row_of(editor, "lr").field.value == "0.001"
        await pilot.click(offset=(hints.index("enter"), box.bottom - 1))
        assert outcome(pilot) is True
        assert editor._draft.changes == {"lr": None, "schedule": "cosine(steps=20000)"}


async def test_it_scrolls_where_it_does_not_fit_and_the_row_in_focus_is_seen() -> None:
    async with staged(draft_of("nadam:schedule=plateau")) as (pilot, editor):
        for key in ("down",) * 14 + ("pageup", "pageup"):
            await pilot.press(key)
            assert any("▸" in text for text in lines_of(pilot))
            assert any("enter applies" in text for text in lines_of(pilot))
        assert focused(editor) == "lr"


async def test_it_survives_every_size() -> None:
    async with staged(draft_of("adam:schedule=warmup_cosine(steps=90,warmup=9)")) as (pilot, editor):
        for size in ((200, 60), (120, 40), (80, 24), (40, 10), (3, 2), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("down")
        assert "Edit F adam" in lines_of(pilot)[0]
        assert plotted(editor)


async def test_nothing_ticks_in_it() -> None:
    async with staged(draft_of()) as (pilot, editor):
        await pilot.press("down")
        timers = [timer for widget in [editor, *editor.walk_children()] for timer in widget._timers]
        await wait_until(pilot, lambda: not any(timer._active.is_set() for timer in timers))


KEYS = [
    "down", "up", "tab", "pagedown", "pageup", "left", "right", "home", "end", "space", "ctrl+r", "enter", "backspace",
    "delete", "ctrl+u", "ctrl+k", "ctrl+a", "shift+left", *"0159.-e+,()=[]cjopswtxé",
]  # fmt: skip


@settings(max_examples=8)
@given(st.sampled_from(list(registry.optimizers())), st.booleans(), st.lists(st.sampled_from(KEYS), max_size=20))
def test_whatever_is_pressed_it_neither_breaks_nor_lets_anything_wrong_through(
    name: str, is_new: bool, keys: list[str]
) -> None:
    async def play() -> None:
        drafted = draft_of(name, label=f"{name}2" if is_new else "")
        async with staged(drafted) as (pilot, editor):
            for key in keys:
                if pilot.app.screen is not editor:
                    break
                await pilot.press(key)
            left = outcome(pilot)
            assert left is not True or (not drafted.errors and drafted.result is not None)
            if left is None:
                texts = {row.entry.key: row.field.value for row in editor.query(Row)}
                assert texts == {entry.key: drafted.text(entry.key) for entry in drafted.entries}

    asyncio.run(play())


@pytest.fixture
def few_schedules(monkeypatch: pytest.MonkeyPatch) -> None:
    """A schedule that is added later does not change the pictures."""
    found = {name: schedule for name, schedule in registry.schedules().items() if name in SHOWN}
    monkeypatch.setattr("gdtui.registry.schedules", lambda: found)


async def compose_a_picture(pilot: Pilot[int]) -> None:
    """A change, a default, something wrong, and a schedule with arguments."""
    await pilot.press(*"5e-3", "down", *"1.5", "pagedown", "w", "w", "down")
    await pilot.pause()


@pytest.mark.usefixtures("few_schedules")
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_editor_as_a_picture(size: tuple[int, int]) -> None:
    async with staged(draft_of(), size) as (pilot, _):
        await compose_a_picture(pilot)
        check_golden(f"editor-{size[0]}x{size[1]}", pilot)


@pytest.mark.usefixtures("few_schedules")
async def test_the_editor_in_plain_ascii() -> None:
    async with staged(draft_of("adam", label="adam2"), ascii_only=True) as (pilot, _):
        await compose_a_picture(pilot)
        assert "".join(lines_of(pilot)).isascii()
        check_golden("editor-ascii-80x24", pilot)


@pytest.mark.usefixtures("few_schedules")
async def test_the_editor_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with staged(draft_of()) as (pilot, _):
        await compose_a_picture(pilot)
        check_golden("editor-no-colour-80x24", pilot)


@pytest.mark.usefixtures("few_schedules")
async def test_the_editor_in_sixteen_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM")
    async with staged(draft_of()) as (pilot, _):
        await compose_a_picture(pilot)
        check_golden("editor-sixteen-colours-80x24", pilot)
