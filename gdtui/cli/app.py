"""``gdtui [SCENARIO] …``: the app."""

from __future__ import annotations

import gc
from typing import Any, get_args

import click

from gdtui.cli import complete
from gdtui.cli.options import race_options
from gdtui.cli.options import speed as steps_a_second
from gdtui.config import FEWEST_FPS, MOST_FPS, Color, Patterns, Renderer, Theme, load


@click.command()
@click.argument("scenario", required=False, shell_complete=complete.scenarios)
@race_options
@click.option(
    "--speed",
    type=steps_a_second,
    metavar="N|max",
    help="Steps a second, or max; without it the pace rises so that the whole race takes about 20 s.",
)
@click.option("--paused", is_flag=True, help="Wait for the space key before the first step.")
@click.option("--theme", type=click.Choice(get_args(Theme)), help="The colours around the charts.")
@click.option(
    "--color", type=click.Choice(get_args(Color)), help="How many colours the terminal has; without it, as it says."
)
@click.option(
    "--patterns", type=click.Choice(get_args(Patterns)), help="Whether the racers' lines differ in their pattern, too."
)
@click.option(
    "--renderer",
    type=click.Choice(get_args(Renderer)),
    help="What draws all that moves in the charts: gdtui's own raster, or plotext, which is slower.",
)
@click.option("--ascii/--no-ascii", default=None, help="Draw with plain ASCII characters, or never.")
@click.option("--mouse/--no-mouse", default=None, help="Hear the mouse, or leave it to the terminal.")
@click.option(
    "--fps",
    type=click.FloatRange(FEWEST_FPS, MOST_FPS),
    metavar="N",
    help="The most pictures a second; without it 15, and 5 over SSH.",
)
def app(
    scenario: str | None,
    racers: tuple[str, ...],
    seed: int | None,
    start: tuple[float, ...] | None,
    steps: int | None,
    work: float | None,
    seconds: float | None,
    speed: float | None,
    paused: bool,
    **settings: Any,
) -> int:
    """Open a race in the terminal."""
    gc.disable()  # until the first frame is shown: what is imported and made before it stays
    from gdtui import scenario as scenarios
    from gdtui.api import Race, open_app
    from gdtui.errors import InputError

    config = load({"scenario": scenario, **settings})
    try:
        asked = scenarios.load(config.scenario)
    except InputError as error:
        if scenario is not None:
            raise
        raise error.at(config.source("scenario"), "scenario") from None
    race = Race(asked, racers=racers, seed=seed, start=start, steps=steps, work=work, seconds=seconds)
    return open_app(race, speed=speed, paused=paused, config=config)
