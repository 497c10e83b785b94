"""``gdtui info``: what a recording holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gdtui.cli import complete
from gdtui.cli.program import say

if TYPE_CHECKING:
    from gdtui.recording import Recording

_MOST_EVENTS = 20  # in the text; JSON has them all


@click.command(
    epilog=(
        "FILE is what `gdtui run --out` wrote, or the FILE.journal of a race that is under way or was killed.\n\n"
        "Exit codes: 0 it is whole, 2 it is no recording, or a damaged one."
    )
)
@click.argument("file", metavar="FILE", shell_complete=complete.recordings)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of the text.")
def info(file: str, as_json: bool) -> int:
    """Say what a recording holds."""
    from gdtui import recording

    read = recording.read(file)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(record_of(read)))
    else:
        _report(read)
    return 0


def record_of(read: Recording) -> dict[str, Any]:
    """All that a recording says as plain data, but for the histories."""
    from msgspec import to_builtins

    scenario, snapshot = read.scenario, read.snapshot()
    verdicts = _verdicts(read)
    return {
        "file": str(read.path),
        "scenario": scenario.name,
        "title": scenario.title,
        "objective": scenario.objective or read.function,
        "parameters": read.size,
        "seed": scenario.seed,
        "step": read.step,
        "steps": scenario.steps,
        "work": scenario.work,
        "seconds": scenario.seconds,
        "complete": not read.is_journal,
        "created": read.created,
        "made": to_builtins(read.made),
        "made_elsewhere": read.made_elsewhere(),
        "data": [to_builtins(file) for file in read.data],
        "checkpoints": read.checkpoint_steps,
        "racers": [
            {
                "label": racer.label,
                "spec": racer.spec.text(),
                "optimizer": racer.spec.optimizer,
                "lr": racer.lr,
                "status": racer.outcome.value,
                "note": racer.note,
                "step": racer.step,
                "loss": racer.loss,
                "grad_norm": racer.grad_norm,
                "verdict": verdicts[racer.label],
                "rows": len(racer.recorded.steps),
                "points": len(racer.path),
                "events": [
                    {"step": event.step, "name": event.name, "before": event.before, "after": event.after}
                    for event in racer.events
                ],
            }
            for racer in snapshot.racers
        ],
    }


def _verdicts(read: Recording) -> dict[str, dict[str, str]]:
    """Kind and sentence of every racer's verdict: as recorded, else from the histories."""
    from gdtui.analysis.race_verdicts import of_snapshot
    from gdtui.errors import clean

    found = of_snapshot(read.snapshot(), read.scenario.tolerance)
    verdicts = {label: {"kind": verdict.kind.value, "sentence": verdict.sentence} for label, verdict in found.items()}
    for racer in read.result or ():
        recorded = racer.get("verdict")
        if isinstance(recorded, dict) and {"kind", "sentence"} <= recorded.keys():
            verdicts[racer["label"]] = {key: clean(str(recorded[key]), 400) for key in ("kind", "sentence")}
    return verdicts


def _report(read: Recording) -> None:
    from gdtui.cli.tables import plainly, table, terminal_width
    from gdtui.errors import clean

    record = record_of(read)
    made = record["made"]
    of = f" of {record['steps']:,}" if record["steps"] is not None else ""
    state = "" if record["complete"] else ": the journal of a race that has not come to its end"
    lines = {
        "scenario": f"{record['scenario']} ({record['title']})",
        "objective": f"{record['objective']}, {record['parameters']:,} parameters",
        "seed": str(record["seed"]),
        "step": f"{record['step']:,}{of}{state}",
        "recorded": record["created"] or "without times",
        "made with": f"gdtui {made['gdtui']}, Python {made['python']}, NumPy {made['numpy']}, numba {made['numba']} "
        f"on {made['platform']}",
        "checkpoints": ", ".join(f"{step:,}" for step in record["checkpoints"]),
        "data": ", ".join(f"{file['path']} (sha256 {file['sha256'][:12]}…)" for file in record["data"]),
    }
    for name, text in lines.items():
        if text:
            click.echo(plainly(f"{name:<12}{clean(text, 400)}"))
    headings = ["label", "optimizer", "lr", "status", "verdict", "step", "loss", "grad_norm"]
    rows = [
        [
            racer["label"], racer["optimizer"], f"{racer['lr']:.6g}", racer["status"], racer["verdict"]["kind"],
            str(racer["step"]), f"{racer['loss']:.6g}", f"{racer['grad_norm']:.6g}",
        ]
        for racer in record["racers"]
    ]  # fmt: skip
    click.echo()
    click.echo(plainly(table(headings, rows, right=[*headings[5:], "lr"], width=terminal_width())))
    _print_events(record)
    if record["made_elsewhere"]:
        say(f"made elsewhere ({'; '.join(record['made_elsewhere'])}): going on may not lead to the same bits")


def _print_events(record: dict[str, Any]) -> None:
    from gdtui.cli.tables import plainly

    events = sorted(
        ((event["step"], racer["label"], event) for racer in record["racers"] for event in racer["events"]),
        key=lambda entry: entry[0],
    )
    if events:
        click.echo()
    for step, label, event in events[:_MOST_EVENTS]:
        click.echo(plainly(f"after step {step:,}  {label}: {event['name']} {event['before']} → {event['after']}"))
    if len(events) > _MOST_EVENTS:
        click.echo(f"and {len(events) - _MOST_EVENTS:,} more events, which --json has")
