"""``gdtui check``: is a scenario file valid, and is what it names what it claims to be?"""

from __future__ import annotations

import click

from gdtui.cli import complete
from gdtui.cli.program import BAD_INPUT, say

CHECK_FAILED = 1


@click.command(
    epilog=(
        "A FILE is a scenario's .toml file, or a built-in scenario's name.\n\n"
        "Exit codes: 0 all is well, 1 a check failed, 2 a file is not valid (the others are checked all the same)."
    )
)
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=complete.scenarios)
def check(files: tuple[str, ...]) -> int:
    """Validate scenarios and test what they name."""
    from gdtui import scenario as scenarios
    from gdtui.analysis.conformance import examine
    from gdtui.errors import InputError, clean

    code = 0
    for file in files:
        try:
            for finding in examine(scenarios.load(file)):
                click.echo(f"{'ok    ' if finding.passed else 'FAILED'}  {clean(file)}: {finding.sentence}")
                if not finding.passed:
                    code = max(code, CHECK_FAILED)
        except InputError as error:
            say(str(error))
            code = BAD_INPUT
    return code
