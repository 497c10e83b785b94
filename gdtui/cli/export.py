"""``gdtui export``: a recording's histories for other programs."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from gdtui.cli import complete, output

if TYPE_CHECKING:
    from gdtui.recording import Recording

_BATCH = 4096  # rows at a time


@click.command(
    epilog=(
        "A row has step, label, loss, loss_low and loss_high (the extremes since the row before), grad_norm, lr, work, "
        "move, move_low and move_high (the step's length per unit of gradient), seconds and, up to 16 parameters, "
        "theta_0, theta_1, … which are empty where the path was thinned out. Rows go by step, then in the racers' "
        "order.\n\n"
        "Exit codes: 0 done, 2 bad input, 74 FILE could not be written."
    )
)
@click.argument("file", metavar="FILE", shell_complete=complete.recordings)
@click.option("--csv", "form", flag_value="csv", help="A row for every racer and recorded step, as CSV.")
@click.option("--jsonl", "form", flag_value="jsonl", help="The same rows as JSON, one object a line.")
@click.option("--json", "form", flag_value="json", help="One JSON object with everything, racer by racer.")
@click.option("--parquet", "form", flag_value="parquet", help="The same rows as Parquet, where pyarrow is installed.")
@click.option(
    "-o", "--output", "target", default=output.STDOUT, metavar="FILE", type=click.Path(),
    help="The file to write, or - for stdout.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def export(file: str, form: str | None, target: str, force: bool) -> None:
    """Print a recording's histories as CSV, JSON or Parquet."""
    if form is None:
        raise click.UsageError("give one of --csv, --jsonl, --json and --parquet")
    if force and target == output.STDOUT:
        raise click.UsageError("--force goes with -o")
    if form == "parquet" and target == output.STDOUT and sys.stdout.isatty():
        raise click.UsageError("--parquet is not for a terminal; give a file with -o")
    output.check(target, force=force)
    from gdtui import recording

    output.write(target, _FORMS[form](recording.read(file)), force=force)


def _csv(read: Recording) -> Iterator[bytes]:
    from gdtui.cli.csv_text import csv_text
    from gdtui.recording.rows import columns, rows

    yield csv_text([columns(read)]).encode()
    for batch in _batches(rows(read)):
        yield csv_text(batch).encode()


def _jsonl(read: Recording) -> Iterator[bytes]:
    import msgspec

    from gdtui.recording.rows import QUANTITIES, points

    for batch in _batches(points(read)):
        yield b"".join(
            msgspec.json.encode(
                {"step": step, "label": label, **dict(zip(QUANTITIES, row, strict=True)), "theta": point}
            )
            + b"\n"
            for step, label, row, point in batch
        )


def _json(read: Recording) -> Iterator[bytes]:
    """Numbers that are not finite are null, as everywhere in JSON."""
    import msgspec

    from gdtui.cli.info import record_of
    from gdtui.recording.pictures import path_steps
    from gdtui.recording.rows import QUANTITIES

    record = record_of(read)
    for told, racer in zip(record["racers"], read.snapshot().racers, strict=True):
        told["history"] = {"step": racer.recorded.steps.tolist()} | {
            name: getattr(racer.recorded, attribute).tolist() for name, attribute in QUANTITIES.items()
        }
        state = read.last.racers[racer.label]
        told["path"] = {"step": path_steps(state).tolist(), "theta": racer.path.tolist()}
        told["theta"] = racer.theta.tolist()
    yield msgspec.json.encode(record) + b"\n"


def _parquet(read: Recording) -> Iterator[bytes]:
    from gdtui.errors import InputError
    from gdtui.recording.rows import columns, rows

    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        reason, remedy = "needs pyarrow, which is not installed", "`pip install pyarrow`, or take --csv"
        raise InputError(reason, where="--parquet", remedy=remedy) from None
    values = list(zip(*rows(read), strict=True))
    types = {"step": pyarrow.int64(), "label": pyarrow.string()}
    arrays = {
        name: pyarrow.array(column, types.get(name, pyarrow.float64()))
        for name, column in zip(columns(read), values, strict=True)
    }
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(arrays), buffer, compression="zstd")
    yield buffer.getvalue()


def _batches(items: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(items, _BATCH)):
        yield batch


_FORMS: Mapping[str, Callable[[Recording], Iterator[bytes]]] = {
    "csv": _csv, "jsonl": _jsonl, "json": _json, "parquet": _parquet
}  # fmt: skip
