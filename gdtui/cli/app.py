"""``gdtui [SCENARIO] …``: the app."""

from __future__ import annotations

import gc
from typing import Any

import click

from gdtui.cli import complete
from gdtui.cli.app_options import app_options, fps_option
from gdtui.cli.options import race_options
from gdtui.cli.options import speed as steps_a_second
from gdtui.config import load


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
@app_options
@fps_option
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
