"""``gdtui diagnose``: what the log of a training run says about it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gdtui.cli import complete
from gdtui.cli.log_options import given_names, guesses, log_options
from gdtui.cli.program import say

if TYPE_CHECKING:
    from gdtui.analysis.log_runs import LoggedRun
    from gdtui.analysis.training_log import Log
    from gdtui.analysis.verdict import Verdict


@click.command(
    epilog=(
        "FILE is CSV with a header (separated by commas, semicolons or tabs) or JSONL (one object a line), or - for "
        "stdin. Columns that no option names are guessed: loss, train_loss, train/loss, global_step, learning_rate, "
        "eval_loss and the like. A file may be as large as it likes. Where a column called racer, label or run tells "
        "runs apart, as in what `gdtui run --csv` prints, each has a verdict of its own.\n\n"
        "Exit codes: 0 the log was read, whatever it says; 2 bad input."
    )
)
@click.argument("file", metavar="FILE", shell_complete=complete.logs)
@log_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of the report.")
def diagnose(file: str, as_json: bool, **names: str | None) -> int:
    """Say from the log of a training run what the run is doing."""
    print_diagnosis(file, given_names(names), as_json=as_json)
    return 0


def print_diagnosis(file: str, given: Mapping[str, str], *, as_json: bool) -> None:
    """Read a log as it stands, and print what it says."""
    from gdtui.analysis.verdicts import judge

    log = _read(file, given)
    if guessed := guesses(log, given):
        say(f"{_name(file)}: {guessed}")
    verdicts = [judge(run.series) for run in log.runs]
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(_record(file, log, verdicts)))
    else:
        _report(file, log, verdicts)


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


def _record(file: str, log: Log, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    from gdtui import __version__
    from gdtui.analysis.log_columns import BY, ROLES
    from gdtui.analysis.log_missing import missing

    columns = {role: log.columns.get(role) for role in ROLES}
    head = {"file": _name(file).encode("utf-8", "replace").decode(), "format": log.format}
    tail = {"missing": list(missing(log)), "version": __version__}
    if BY not in log.columns:
        (run,), (verdict,) = log.runs, verdicts
        own = {"rows": run.rows, "steps": run.steps, "columns": columns, "notes": (*log.notes, *run.notes)}
        return {**head, **own, **tail, "verdict": verdict.record()}
    runs = [
        {"label": run.label, "rows": run.rows, "steps": run.steps, "notes": run.notes, "verdict": verdict.record()}
        for run, verdict in zip(log.runs, verdicts, strict=True)
    ]
    return {**head, "columns": {**columns, BY: log.columns[BY]}, "notes": log.notes, **tail, "runs": runs}


def _report(file: str, log: Log, verdicts: Sequence[Verdict]) -> None:
    from gdtui.analysis.log_columns import BY
    from gdtui.analysis.log_missing import missing
    from gdtui.errors import clean

    names = ", ".join(clean(name) for name in log.columns.values())
    many = BY in log.columns
    of = f"{len(log.runs)} runs" if many else _extent(log.runs[0])
    lines = [f"{clean(_name(file), 200)}: {log.format}, {of}; {names}"]
    _print(*lines, *(f"Note: {note}." for note in log.notes))
    for run, verdict in zip(log.runs, verdicts, strict=True):
        if many:
            click.echo()
            _print(f"{run.label}: {_extent(run)}")
        _print(*(f"Note: {note}." for note in run.notes))
        click.echo()
        _print_verdict(verdict)
    absent = list(missing(log))
    if absent:
        click.echo()
        _print(*absent)


def _extent(run: LoggedRun) -> str:
    from gdtui.analysis.verdict import short

    rows = "1 row" if run.rows == 1 else f"{run.rows:,} rows"
    first, last = map(short, run.steps)
    return f"{rows}, steps {first} to {last}"


def _print_verdict(verdict: Verdict) -> None:
    from gdtui.analysis.verdict import short
    from gdtui.cli.tables import plainly, table, terminal_width

    _print(verdict.sentence)
    if verdict.evidence:
        entries = [[plainly(each.name), short(each.value), plainly(each.unit)] for each in verdict.evidence]
        click.echo()
        click.echo(table(["evidence", "value", "unit"], entries, right={"value"}, width=terminal_width()))
    if verdict.remedy:
        click.echo()
        fixer = f" See `gdtui explain {verdict.fixed_by}`." if verdict.fixed_by else ""
        _print(f"Remedy: {verdict.remedy}{fixer}")


def _print(*paragraphs: str) -> None:
    """Each on lines of its own, as long as the terminal is wide."""
    import textwrap

    from gdtui.cli.tables import plainly, terminal_width

    width = terminal_width()
    for text in map(plainly, paragraphs):
        click.echo(text if width is None else textwrap.fill(text, max(width, 20), break_long_words=False))
