"""``gdtui diagnose``: what the log of a training run says about it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gdtui.cli import complete
from gdtui.cli.program import say

if TYPE_CHECKING:
    from gdtui.analysis.training_log import Log
    from gdtui.analysis.verdict import Verdict

_MISSING = {
    "step": "No step: rows are counted instead. Log the number of the step.",
    "lr": "No learning rate: a run that its schedule brought to a halt is not told from one that is done. "
    'Log optimizer.param_groups[0]["lr"].',
    "grad_norm": "No gradient norm: convergence is not told from a plateau, and nothing is known of what came before "
    "a NaN. Log what torch.nn.utils.clip_grad_norm_ returns.",
    "val_loss": "No held-out loss: overfitting is not seen. Log it every now and then.",
}


@click.command(
    epilog=(
        "FILE is CSV with a header (separated by commas, semicolons or tabs) or JSONL (one object a line), or - for "
        "stdin. Columns that no option names are guessed: loss, train_loss, train/loss, global_step, learning_rate, "
        "eval_loss and the like. A file may be as large as it likes.\n\n"
        "Exit codes: 0 the log was read, whatever it says; 2 bad input."
    )
)
@click.argument("file", metavar="FILE", shell_complete=complete.logs)
@click.option("--step", metavar="NAME", help="The column of the step.")
@click.option("--loss", metavar="NAME", help="The column of the training loss.")
@click.option("--lr", metavar="NAME", help="The column of the learning rate.")
@click.option("--grad-norm", metavar="NAME", help="The column of the gradient's norm.")
@click.option("--update-norm", metavar="NAME", help="The column of the norm of the parameters' change.")
@click.option("--val-loss", metavar="NAME", help="The column of the loss on held-out data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of the report.")
def diagnose(file: str, as_json: bool, **names: str | None) -> int:
    """Say from the log of a training run what the run is doing."""
    from gdtui.analysis.verdicts import judge

    given = {role: name for role, name in names.items() if name is not None}
    log = _read(file, given)
    guessed = [f"{role} from {name!r}" for role, name in log.columns.items() if role not in given and role != name]
    if guessed:
        say(f"{_name(file)}: guessed {', '.join(guessed)}; an option such as --loss NAME chooses another column")
    verdict = judge(log.series)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(_record(file, log, verdict)))
    else:
        _report(file, log, verdict)
    return 0


def _name(file: str) -> str:
    return "stdin" if file == "-" else file


def _read(file: str, given: Mapping[str, str]) -> Log:
    from gdtui.analysis.training_log import read
    from gdtui.errors import InputError

    if file == "-":
        return read(sys.stdin.buffer, given, "stdin")
    try:
        with Path(file).open("rb") as stream:
            return read(stream, given, file)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=file) from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError("is no path", where=file) from None


def _record(file: str, log: Log, verdict: Verdict) -> dict[str, Any]:
    from gdtui import __version__
    from gdtui.analysis.log_columns import ROLES

    return {
        "file": _name(file).encode("utf-8", "replace").decode(),
        "format": log.format,
        "rows": log.rows,
        "steps": log.steps,
        "columns": {role: log.columns.get(role) for role in ROLES},
        "notes": log.notes,
        "missing": list(_missing(log)),
        "version": __version__,
        "verdict": verdict.record(),
    }


def _missing(log: Log) -> Iterator[str]:
    for role, text in _MISSING.items():
        if role not in log.columns or (role != "step" and getattr(log.series, role) is None):
            yield text


def _report(file: str, log: Log, verdict: Verdict) -> None:
    from gdtui.analysis.verdict import short
    from gdtui.cli.tables import plainly, table, terminal_width
    from gdtui.errors import clean

    first, last = map(short, log.steps)
    names = ", ".join(clean(name) for name in log.columns.values())
    rows = "1 row" if log.rows == 1 else f"{log.rows:,} rows"
    lines = [f"{clean(_name(file), 200)}: {log.format}, {rows}, steps {first} to {last}; {names}"]
    _print(*lines, *(f"Note: {note}." for note in log.notes))
    click.echo()
    _print(verdict.sentence)
    if verdict.evidence:
        entries = [[plainly(each.name), short(each.value), plainly(each.unit)] for each in verdict.evidence]
        click.echo()
        click.echo(table(["evidence", "value", "unit"], entries, right={"value"}, width=terminal_width()))
    if verdict.remedy:
        click.echo()
        fixer = f" See `gdtui explain {verdict.fixed_by}`." if verdict.fixed_by else ""
        _print(f"Remedy: {verdict.remedy}{fixer}")
    missing = list(_missing(log))
    if missing:
        click.echo()
        _print(*missing)


def _print(*paragraphs: str) -> None:
    """Each on lines of its own, as long as the terminal is wide."""
    import textwrap

    from gdtui.cli.tables import plainly, terminal_width

    width = terminal_width()
    for text in map(plainly, paragraphs):
        click.echo(text if width is None else textwrap.fill(text, max(width, 20), break_long_words=False))
