"""What the commands that read training logs share: how their columns are named, and what was guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from gdtui.analysis.training_log import Log

_Function = TypeVar("_Function", bound=Callable[..., Any])


def log_options(command: _Function) -> _Function:
    """The options that name columns."""
    for option in (
        click.option("--step", metavar="NAME", help="The column of the step."),
        click.option("--loss", metavar="NAME", help="The column of the training loss."),
        click.option("--lr", metavar="NAME", help="The column of the learning rate."),
        click.option("--grad-norm", metavar="NAME", help="The column of the gradient's norm."),
        click.option("--update-norm", metavar="NAME", help="The column of the norm of the parameters' change."),
        click.option("--val-loss", metavar="NAME", help="The column of the loss on held-out data."),
        click.option(
            "--by", metavar="NAME", help="The column that tells several runs apart; '' if all rows are of one run."
        ),
    )[::-1]:
        command = option(command)
    return command


def given_names(names: Mapping[str, str | None]) -> dict[str, str]:
    """The columns that were named, by their role."""
    return {role: name for role, name in names.items() if name is not None}


def guesses(log: Log, given: Mapping[str, str]) -> str:
    """In a line which columns were guessed; empty if none was."""
    from gdtui.analysis.log_columns import BY

    guessed = {role: name for role, name in log.columns.items() if role not in given and role != name}
    parts = [f"guessed {', '.join(f'{role} from {name!r}' for role, name in guessed.items() if role != BY)}"]
    if guessed.keys() <= {BY}:
        parts = []
    if BY in guessed:
        parts.append(f"told runs apart by {guessed[BY]!r}")
    return f"{' and '.join(parts)}; an option such as --loss NAME chooses another column" if parts else ""
