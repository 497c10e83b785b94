"""``gdtui [SCENARIO] …``: the app."""

from __future__ import annotations

import gc
from typing import Literal

import click

from gdtui.cli.options import race_options
from gdtui.cli.options import speed as steps_a_second

DEFAULT_SCENARIO = "rosenbrock"


@click.command()
@click.argument("scenario", default=DEFAULT_SCENARIO)
@race_options
@click.option(
    "--speed",
    type=steps_a_second,
    metavar="N|max",
    help="Steps a second, or max; without it the pace rises so that the whole race takes about 20 s.",
)
@click.option("--paused", is_flag=True, help="Wait for the space key before the first step.")
@click.option(
    "--renderer",
    type=click.Choice(["fast", "plotext"]),
    default="fast",
    help="What draws all that moves in the charts: gdtui's own raster, or plotext, which is slower.",
)
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw with plain ASCII characters.")
@click.option(
    "--fps",
    type=click.FloatRange(1, 60),
    metavar="N",
    help="The most pictures a second; without it 15, and 5 over SSH.",
)
def app(
    scenario: str,
    racers: tuple[str, ...],
    seed: int | None,
    start: tuple[float, ...] | None,
    steps: int | None,
    work: float | None,
    seconds: float | None,
    speed: float | None,
    paused: bool,
    renderer: Literal["fast", "plotext"],
    ascii_only: bool,
    fps: float | None,
) -> int:
    """Open a race in the terminal."""
    gc.disable()  # until the first frame is shown: what is imported and made before it stays
    from gdtui.api import Race

    race = Race(scenario, racers=racers, seed=seed, start=start, steps=steps, work=work, seconds=seconds)
    return race.show(speed=speed, paused=paused, renderer=renderer, ascii_only=ascii_only, frame_rate=fps)
