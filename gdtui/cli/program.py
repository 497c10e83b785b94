"""The program around the commands: which command a line means, and how anything that goes wrong is said."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from gdtui.cli.complete import VARIABLE

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

BAD_INPUT = 2
CRASHED = 70
CANNOT_WRITE = 74
INTERRUPTED = 130
PIPE_CLOSED = 141
_APP = ""  # the app's name among the commands: one that nobody can type by accident


class WriteError(Exception):
    """A file could not be written. The message says which one, and why."""


class Program(click.Group):
    """A group whose default is the app: ``gdtui saddle --paused`` and ``gdtui --paused`` need no command's name.

    Every failure becomes one line on stderr and an exit code; no command deals with failures itself.
    """

    def __init__(self, app: click.Command, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.app = app

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing and not args:  # the first word is being completed: it may be anything
            return super().parse_args(ctx, args)
        own = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        first = args[0] if args else _APP
        return super().parse_args(ctx, args if first in own or first in self.commands else [_APP, *args])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] == _APP:
            return _APP, self.app, args[1:]
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """What the first word can be: a command, one of its own options, or what the app takes first."""
        app = self.app.make_context(_APP, [], parent=ctx, resilient_parsing=True)
        argument = next(p for p in self.app.params if isinstance(p, click.Argument))
        theirs = self.app if incomplete.startswith("-") else argument
        found = [*super().shell_complete(ctx, incomplete), *theirs.shell_complete(app, incomplete)]
        return list({item.value: item for item in found}.values())

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[SCENARIO] [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGUMENTS]", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = (p for p in (*self.app.params, *self.get_params(ctx)) if isinstance(p, click.Option))
        records = [option.get_help_record(ctx) for option in options]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record is not None])
        self.format_commands(ctx, formatter)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line and exit with its code."""
        # The same results on every machine: numba reads this when it is first imported.
        os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a locale without Greek letters must not end a race
        extra["standalone_mode"] = False
        if VARIABLE in os.environ:
            from gdtui.cli import shells

            shells.register()
        try:
            code = super().main(*args, **extra)
        except click.ClickException as error:
            message = error.format_message()
            if isinstance(error, click.UsageError) and error.ctx is not None:
                message = f"{message.rstrip('.')} (see `{error.ctx.command_path.strip()} --help`)"
            say(message)
            code = BAD_INPUT
        except (click.Abort, KeyboardInterrupt):
            code = INTERRUPTED
        sys.exit(code or 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command; returns the exit code."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except KeyboardInterrupt:
            say("interrupted")
            return INTERRUPTED
        except BrokenPipeError:
            _abandon_stdout()
            return PIPE_CLOSED
        except Exception as error:
            return _failed(error)
        return code


def say(message: str) -> None:
    """One line on stderr, safe to show."""
    from gdtui.errors import clean

    click.echo(f"gdtui: {clean(' '.join(message.split()), 1000)}", err=True)


def _failed(error: Exception) -> int:
    from gdtui.errors import InputError

    if isinstance(error, InputError):
        say(str(error))
        return BAD_INPUT
    if isinstance(error, WriteError):
        say(str(error))
        return CANNOT_WRITE
    if isinstance(error, OSError) and error.filename is None and error.errno is not None:
        say(f"cannot write the results: {os.strerror(error.errno)}")
        _abandon_stdout()
        return CANNOT_WRITE
    from gdtui.report import write_report

    say(f"an unexpected {type(error).__name__}; the report is in {write_report(error)}")
    return CRASHED


def _abandon_stdout() -> None:
    # What is left in the buffer would fail once more when the interpreter flushes it at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
