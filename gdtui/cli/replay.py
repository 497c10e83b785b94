"""``gdtui replay FILE``: a recorded race in the app."""

from __future__ import annotations

import gc
from typing import Any

import click

from gdtui.cli import complete
from gdtui.cli.app_options import app_options, fps_option
from gdtui.cli.options import speed as steps_a_second
from gdtui.config import load


@click.command(
    epilog=(
        "FILE is what `gdtui run --out` or the key w wrote, or the FILE.journal of a race that was killed. Nothing is "
        "computed anew: what the screen shows was recorded. The key G races on from the end, `gdtui resume FILE` does "
        "so without a screen.\n\n"
        "Exit codes: 0 done; 2 bad input; 128 + n ended by signal n."
    )
)
@click.argument("file", metavar="FILE", shell_complete=complete.recordings)
@click.option("--speed", type=steps_a_second, metavar="N|max", help="Steps a second, or max; without it about 20 s.")
@click.option("--paused", is_flag=True, help="Wait for the space key.")
@app_options
@fps_option
def replay(file: str, speed: float | None, paused: bool, **settings: Any) -> int:
    """Play a recorded race in the terminal."""
    gc.disable()  # until the first frame is shown, as for a race
    from gdtui.api import open_app
    from gdtui.recording import read
    from gdtui.recording.replay import RecordedRace

    config = load(settings)
    return open_app(RecordedRace.of(read(file)), speed=speed, paused=paused, config=config)
