"""``gdtui film``: a race as a film for terminals, made without one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from gdtui.cli import complete, output
from gdtui.cli.looks import look, look_options, on_terminal
from gdtui.cli.options import race_options, whole
from gdtui.cli.progress import progress_bar
from gdtui.config import FEWEST_FPS, MOST_FPS

if TYPE_CHECKING:
    from gdtui.charts.cells import CellGrid
    from gdtui.cli.footage import Footage
    from gdtui.frames.picture import Camera

FPS, SECONDS = 10.0, 20.0
MOST_FRAMES = 20_000
ENDING = ".cast"


@click.command(
    epilog=(
        "SCENARIO may be a recording, too, RACE.gdtui. FILE is an asciicast (version 2), which `asciinema play FILE` "
        "shows; - is stdout. It depends on nothing but the command: the same one writes the same bytes.\n\n"
        "Exit codes: 0 done, 2 bad input, 74 FILE could not be written, 130 interrupted."
    )
)
@click.argument("scenario", shell_complete=complete.footage)
@race_options
@click.option("--duration", type=float, metavar="S", help="Seconds that the film lasts.  [default: 20]")
@click.option("--frames", type=whole, metavar="N", help="How many pictures it has, in place of its duration.")
@click.option("--fps", type=float, metavar="N", help="Pictures a second, from 1 to 60.  [default: 10]")
@click.option("--evenly", is_flag=True, help="As many steps between any two pictures; else the first ones go slowly.")
@look_options
@click.option(
    "-o", "--output", "file", required=True, metavar="FILE", shell_complete=complete.films,
    help="The file to write, which ends in .cast, or - for stdout.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("--quiet", is_flag=True, help="No progress bar on stderr.")
def film(
    scenario: str,
    racers: tuple[str, ...],
    seed: int | None,
    start: tuple[float, ...] | None,
    steps: int | None,
    work: float | None,
    seconds: float | None,
    duration: float | None,
    frames: int | None,
    fps: float | None,
    evenly: bool,
    file: str,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Write a film of a whole race, for terminals."""
    rate = FPS if fps is None else fps
    count = _count(duration, frames, rate)
    if file != output.STDOUT and PurePath(file).suffix.lower() != ENDING:
        raise click.UsageError(f"--output {file}: a film ends in {ENDING}")
    if on_terminal(file):
        raise click.UsageError(f"--output -: a film is not for reading; name a file that ends in {ENDING}")
    output.check(file, force=force)
    from gdtui.cli.footage import opened
    from gdtui.frames.film import asciicast
    from gdtui.frames.picture import title_of

    wanted = look(file, **options)
    footage = opened(scenario, racers=racers, seed=seed, start=start, steps=steps, work=work, seconds=seconds)
    camera = wanted.camera(footage)
    length = (
        None if footage.budget is None else 2 * footage.budget
    )  # once for the last step there is, once for the film
    with footage.interruptible(), progress_bar(footage.name, length, wanted=not quiet) as progress:
        grids = _grids(footage, camera, count, rate, progress, evenly=evenly)
        lines = asciicast(grids, wanted.size, rate, wanted.colouring, title_of(footage.title))
        output.write(file, (line.encode() for line in lines), force=force)


def _count(duration: float | None, frames: int | None, rate: float) -> int:
    if not FEWEST_FPS <= rate <= MOST_FPS:
        raise click.UsageError(f"--fps {rate:g} is out of range; give {FEWEST_FPS} to {MOST_FPS}")
    if duration is not None and frames is not None:
        raise click.UsageError("--duration and --frames exclude each other")
    if frames is not None and not 1 <= frames <= MOST_FRAMES:
        raise click.UsageError(f"--frames {frames} is out of range; give 1 to {MOST_FRAMES}")
    if duration is not None and not 0.0 < duration * rate <= MOST_FRAMES:
        most = MOST_FRAMES / rate
        raise click.UsageError(f"--duration {duration:g} is out of range; give up to {most:g} seconds, above 0")
    return frames or max(1, round((duration or SECONDS) * rate))


def _grids(
    footage: Footage, camera: Camera, count: int, rate: float, progress: Callable[[int], None], *, evenly: bool
) -> Iterator[CellGrid]:
    """The pictures. The held-out measures are taken once a second of the film, since they may cost more than steps."""
    from gdtui.frames.film import frame_steps
    from gdtui.frames.picture import as_seen

    steps = frame_steps(footage.end(progress), count, evenly=evenly)
    examined_at = -1.0
    for k, step in enumerate(steps):
        now, is_last = k / rate, k == count - 1
        is_due = is_last or now >= examined_at + 1.0
        examined_at = now if is_due else examined_at
        snapshot = footage.at(step, progress, examined=is_due)
        ahead = min(k + math.ceil(rate), count - 1)
        speed = None if is_last else (steps[ahead] - step) / (ahead - k) * rate
        # Axes grow once a second at the most. Nothing comes after the last picture, so they catch up for it.
        yield camera.take(as_seen(snapshot, speed), now + 1.0 * is_last)
