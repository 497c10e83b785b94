"""``gdtui watch``: a training log, followed while it grows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from gdtui.cli import complete
from gdtui.cli.app_options import app_options
from gdtui.cli.log_options import given_names, log_options
from gdtui.config import SETTINGS, load

MOST_LOGS = 8


@click.command(
    epilog=(
        "FILE is CSV with a header or JSONL, as for `gdtui diagnose`, or a FIFO. It may not exist yet, may be cut "
        "short or be replaced: the screen says so and follows what comes. Several files are several curves.\n\n"
        "Where stdout is no terminal, and with --once, the files are read as they stand and what diagnose says of them "
        "is printed.\n\n"
        "Exit codes: 0 done; 2 bad input; 128 + n ended by signal n."
    )
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=complete.logs)
@log_options
@app_options
@click.option("--once", is_flag=True, help="Print the diagnosis of each file as it stands, and end.")
def watch(files: tuple[str, ...], once: bool, **options: Any) -> int:
    """Say what a training run is doing while its log grows."""
    from gdtui.cli.tables import terminal_width
    from gdtui.errors import InputError

    given = given_names({name: value for name, value in options.items() if name not in SETTINGS})
    if len(files) > MOST_LOGS:
        raise InputError(f"{len(files)} files", remedy=f"give {MOST_LOGS} at the most")
    if once or terminal_width() is None:
        from gdtui.cli.diagnose import print_diagnosis

        for place, file in enumerate(files):
            if place:
                click.echo()
            print_diagnosis(file, given, as_json=False)
        return 0
    for file in files:
        _check(file)
    from gdtui.api import require_terminal

    require_terminal("--once prints the verdict without a screen")
    config = load({name: value for name, value in options.items() if name in SETTINGS})
    from gdtui.tui.watch_app import run

    return run(files, given, config=config)


def _check(file: str) -> None:
    """Refuse what can never be followed. What is not there yet may still come."""
    from gdtui.analysis.following import unreadable
    from gdtui.errors import InputError

    if file == "-":
        remedy = "give a file or a FIFO: stdin is for the keys"
        raise InputError("stdin cannot be watched", remedy=remedy)
    try:
        reason = unreadable(Path(file).stat().st_mode)
        if reason is None and not os.access(file, os.R_OK):
            reason = "cannot be read: Permission denied"
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=file) from None
    except ValueError:
        raise InputError("is no path", where=file) from None
    if reason is not None:
        raise InputError(reason, where=file, remedy="give a file or a FIFO")
