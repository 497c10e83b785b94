"""``gdtui shot``: one picture of a race, in a file or on stdout, without a terminal."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import click

from gdtui.cli import complete, output
from gdtui.cli.looks import look, look_options, on_terminal
from gdtui.cli.options import race_options, whole
from gdtui.cli.progress import progress_bar

FORMATS = ("svg", "html", "ansi", "txt")


@click.command(
    epilog=(
        "SCENARIO may be a recording, too, RACE.gdtui. The ending of FILE says what it is: .svg, a picture; .html, a "
        "page of text; .ansi, text with the colours of a terminal; .txt, text alone. Without FILE, or as -, the "
        "picture goes to stdout: on a terminal in its size, colours and theme, as the app has them, else as plain "
        "text. A file depends on nothing but the command: the same one writes the same bytes.\n\n"
        "Exit codes: 0 done, 2 bad input, 74 FILE could not be written, 130 interrupted."
    )
)
@click.argument("scenario", shell_complete=complete.footage)
@race_options
@click.option("--at", type=whole, metavar="STEP", help="The step to show.  [default: the last one]")
@look_options
@click.option(
    "-o", "--output", "file", default=output.STDOUT, metavar="FILE", shell_complete=complete.pictures,
    help="The file to write, or - for stdout.",
)  # fmt: skip
@click.option("--format", "kind", type=click.Choice(FORMATS), help="What to write, whatever FILE is called.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--quiet", is_flag=True, help="No progress bar on stderr.")
def shot(
    scenario: str,
    racers: tuple[str, ...],
    seed: int | None,
    start: tuple[float, ...] | None,
    steps: int | None,
    work: float | None,
    seconds: float | None,
    at: int | None,
    file: str,
    kind: str | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Write a picture of a race at one step."""
    kind = kind or _kind(file)
    if at is not None and at < 0:
        raise click.UsageError(f"--at {at} is out of range; give a step from 0 on")
    output.check(file, force=force)
    from gdtui.cli.footage import opened, step_within
    from gdtui.frames.formats import WRITERS
    from gdtui.frames.picture import as_seen, title_of

    wanted = look(file, **options)
    footage = opened(scenario, racers=racers, seed=seed, start=start, steps=steps, work=work, seconds=seconds)
    camera = wanted.camera(footage)
    with (
        footage.interruptible(),
        progress_bar(footage.name, at or footage.budget, wanted=not quiet) as progress,
    ):
        snapshot = footage.at(step_within(at, footage, progress), progress)
    grid = camera.take(as_seen(snapshot))
    picture = WRITERS[kind](grid, wanted.colouring, title_of(footage.title, snapshot.step))
    output.write(file, [picture.encode()], force=force)


def _kind(file: str) -> str:
    """What a file of this name is to be."""
    if file == output.STDOUT:
        return "ansi" if on_terminal(file) else "txt"
    ending = PurePath(file).suffix.removeprefix(".").lower()
    if ending not in FORMATS:
        known = ", ".join(f".{each}" for each in FORMATS)
        said = f"unknown ending .{ending}" if ending else "no ending"
        raise click.UsageError(f"--output {file}: {said}; known: {known}; or give --format")
    return ending
