"""The command line: ``gdtui`` and its commands, one file each.

Nothing here imports more than click before a command runs: ``gdtui --version`` and ``--help`` answer at once, and
``gdtui list`` needs neither numba nor a screen.
"""

from __future__ import annotations

import click

from gdtui import __version__
from gdtui.cli.app import app
from gdtui.cli.check import check
from gdtui.cli.completion import completion
from gdtui.cli.config import config
from gdtui.cli.diagnose import diagnose
from gdtui.cli.diff import diff
from gdtui.cli.explain import explain
from gdtui.cli.export import export
from gdtui.cli.film import film
from gdtui.cli.info import info
from gdtui.cli.list import list_names
from gdtui.cli.program import Program
from gdtui.cli.replay import replay
from gdtui.cli.resume import resume
from gdtui.cli.run import run
from gdtui.cli.shot import shot
from gdtui.cli.watch import watch

main = Program(
    name="gdtui",
    app=app,
    commands=[
        run,
        shot,
        film,
        replay,
        resume,
        info,
        export,
        diff,
        list_names,
        explain,
        diagnose,
        watch,
        check,
        config,
        completion,
    ],
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Race gradient-descent optimizers against each other in a terminal, and see why each one wins or fails.",
    epilog=(
        "SCENARIO is the name of a built-in scenario (see `gdtui list scenarios`) or a path to a .toml file; without "
        "it the app opens the one in the configuration, else rosenbrock. A file that is named like a command is given "
        "as ./run.toml."
    ),
)
main = click.version_option(__version__, prog_name="gdtui", message="%(prog)s %(version)s")(main)
