"""Racing to the budget without a screen, and recording what was raced, whatever comes in between."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gdtui.cli.output import check_name
from gdtui.cli.program import CANNOT_WRITE, INTERRUPTED, say
from gdtui.cli.progress import ctrl_c_calls, progress_bar

if TYPE_CHECKING:
    from gdtui.engine.race import Race
    from gdtui.recording.journal import Journal

_Command = TypeVar("_Command", bound=Callable[..., Any])


def recording_options(command: _Command) -> _Command:
    """The options that say where and how a race is recorded."""
    out = click.option(
        "--out", metavar="FILE", type=click.Path(), help="Record the race in FILE, and while it runs in FILE.journal."
    )
    force = click.option("--force", is_flag=True, help="With --out: replace FILE if it is there.")
    times = click.option(
        "--no-times",
        is_flag=True,
        help="With --out: record no seconds and no date, in which alone two recordings of a race differ.",
    )
    return out(force(times(command)))


def begin(race: Race, out: str | None, *, no_times: bool, force: bool, replaces: Path | None = None) -> Journal | None:
    """The journal of a race that is to be recorded in ``out``; an :class:`InputError` where that cannot be."""
    if out is None:
        if force or no_times:
            raise click.UsageError("--force and --no-times go with --out")
        return None
    check_name("--out", out)
    from gdtui.recording.journal import Journal

    return Journal(out, race, times=not no_times, force=force, replaces=replaces)


def play(race: Race, journal: Journal | None, progress: Callable[[int], None]) -> None:
    """Race to the budget, and keep the journal."""
    from gdtui.cli.headless import ticks

    told = ""
    for count in ticks(race):
        progress(count)
        if journal is not None:
            journal.tick()
            if journal.trouble != told:
                told = journal.trouble
                trouble = f"cannot be written: {told}; the race goes on without it"
                say(f"{journal.path}: {trouble if told else 'is written again'}")


def race_on(
    race: Race,
    journal: Journal | None,
    *,
    quiet: bool,
    bar: bool = True,
    play: Callable[[Race, Journal | None, Callable[[int], None]], None] = play,
) -> int:
    """Race to the budget by ``play`` and record it; returns an exit code: 0 and CANNOT_WRITE say that it is over."""
    left = None if race.budget is None else race.budget - race.step
    with journal or contextlib.nullcontext():
        try:
            with (
                ctrl_c_calls(race.interrupt),
                progress_bar(race.scenario.name, left, wanted=bar and not quiet) as progress,
            ):
                play(race, journal, progress)
        except KeyboardInterrupt:
            say(f"interrupted at step {race.step:,}" + ("" if race.budget is None else f" of {race.budget:,}"))
            if race.is_prepared:
                _record(journal, quiet=quiet, ending="; `gdtui resume` goes on from there")
            return INTERRUPTED
        except Exception:
            if journal is not None and journal.path.exists():
                say(f"the race up to some seconds ago is in {journal.path}")
            raise
        return _record(journal, quiet=quiet)


def _record(journal: Journal | None, *, quiet: bool, ending: str = "") -> int:
    if journal is None:
        return 0
    from gdtui.recording.files import NotWrittenError

    try:
        path = journal.finish()
    except NotWrittenError as error:
        say(str(error))
        return CANNOT_WRITE
    if not quiet:
        say(f"recorded in {path}{ending}")
    return 0
