"""Where what a command makes is written to: files that appear whole or not at all, or stdout."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click

from gdtui.cli.program import WriteError

STDOUT = "-"


def check_name(option: str, name: str) -> None:
    """Refuse a file name that more likely is an option whose file was forgotten."""
    if name.startswith("-"):
        raise click.UsageError(f"{option} needs a file, and {name} looks like an option; write ./{name} if you mean it")


def check(path: str, *, force: bool) -> None:
    """Refuse a file that could not be written, before the work for it is done."""
    from gdtui.recording.files import check_target

    if path != STDOUT:
        check_name("-o", path)
        check_target(Path(path), force=force)


def write(path: str, parts: Iterable[bytes], *, force: bool) -> None:
    """Write all ``parts`` to a new file that takes its name when it is whole, or to stdout."""
    from gdtui.recording.files import place

    if path == STDOUT:
        for part in parts:
            click.echo(part, nl=False)
        return
    try:
        place(Path(path), parts, force=force)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {os.strerror(error.errno or 0)}") from error
