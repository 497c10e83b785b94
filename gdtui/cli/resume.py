"""``gdtui resume``: go on with a recorded race, without a screen."""

from __future__ import annotations

import click

from gdtui.cli import complete
from gdtui.cli.keeping import begin, race_on, recording_options
from gdtui.cli.options import whole
from gdtui.cli.program import CANNOT_WRITE, say
from gdtui.cli.run import print_json, print_table


@click.command(
    epilog=(
        "FILE is what `gdtui run --out` wrote, or the FILE.journal of a race that was killed. The race goes on from "
        "its last state, to the bit as if it had never been interrupted. Expectations of its scenario are not "
        "checked. Without FILE: the races whose app was ended by a signal, a lost terminal or an error, the newest "
        "first; the last ten are kept.\n\n"
        "Exit codes: 0 done, 2 bad input, 74 the recording is not in the file but where the message says, 130 "
        "interrupted."
    )
)
@click.argument("file", metavar="[FILE]", required=False, shell_complete=complete.recordings)
@click.option("--steps", type=whole, metavar="N", help="The budget of steps, from step 0 on, if not the recorded one.")
@recording_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of the table.")
@click.option("--quiet", is_flag=True, help="No progress bar and no notes on stderr.")
def resume(
    file: str | None, steps: int | None, out: str | None, force: bool, no_times: bool, as_json: bool, quiet: bool
) -> int:
    """Race on from a recording to the budget and print the result; without FILE, list the races that were cut off."""
    if file is None:
        return _list_cut_off()
    from gdtui import recording
    from gdtui.analysis.results import describe

    read = recording.read(file)
    race = read.race(steps=steps)
    if not quiet and (other := read.made_elsewhere()):
        say(f"{file}: made elsewhere ({'; '.join(other)}): going on may not lead to the same bits")
    journal = begin(race, out, no_times=no_times, force=force, replaces=read.path)
    if race.is_over and not quiet:
        say(f"{file}: the race is over; --steps gives it more")
    code = race_on(race, journal, quiet=quiet)
    if code not in {0, CANNOT_WRITE}:
        return code
    result = describe(race)
    (print_json if as_json else print_table)(result)
    return code


def _list_cut_off() -> int:
    from gdtui import recording
    from gdtui.errors import InputError
    from gdtui.folders import cut_off_races

    files = cut_off_races()
    if not files:
        say("no race was cut off; give a FILE to go on from")
    for file in files:
        try:
            read = recording.read(file)
        except InputError as error:
            say(str(error))
        else:
            click.echo(f"{file}  {read.scenario.name}, step {read.step:,}")
    return 0
