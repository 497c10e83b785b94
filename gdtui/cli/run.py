"""``gdtui run``: a race without a screen. Results go to stdout, everything said about them to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from gdtui.cli import complete
from gdtui.cli.keeping import begin, play, race_on, recording_options
from gdtui.cli.options import race_options, whole
from gdtui.cli.program import CANNOT_WRITE, say

if TYPE_CHECKING:
    from gdtui.engine.race import Race

EXPECTATION_FAILED = 1


@click.command(
    epilog=(
        "A row of --csv is step,label,loss,grad_norm,lr and, up to 16 parameters, theta_0,theta_1,… There is one for "
        "every racer at the steps 0, K, 2K, …: the last step has one only where K divides it. A converged racer keeps "
        "its place and its rows go on unchanged; the rows of a diverged or stopped racer end.\n\n"
        "With --out the race is in FILE.journal while it runs, and can be gone on with however it ends: see `gdtui "
        "resume`.\n\n"
        "Exit codes: 0 done, 1 an expectation in the scenario failed, 2 bad input, 74 the recording is not in FILE but "
        "where the message says, 130 interrupted."
    )
)
@click.argument("scenario", shell_complete=complete.scenarios)
@race_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of the table.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the histories as CSV, while the race runs.")
@click.option("--every", type=whole, metavar="K", help="With --csv: the steps from one row to the next.  [default: 1]")
@recording_options
@click.option("--quiet", is_flag=True, help="No progress bar and no notes on stderr.")
def run(
    scenario: str,
    racers: tuple[str, ...],
    seed: int | None,
    start: tuple[float, ...] | None,
    steps: int | None,
    work: float | None,
    seconds: float | None,
    as_json: bool,
    as_csv: bool,
    every: int | None,
    out: str | None,
    force: bool,
    no_times: bool,
    quiet: bool,
) -> int:
    """Race to the budget and print the result."""
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other")
    if as_csv and out is not None:
        raise click.UsageError("--csv and --out exclude each other; `gdtui export` prints a recording as CSV")
    if every is not None and not as_csv:
        raise click.UsageError("--every goes with --csv")
    if every is not None and every < 1:
        raise click.UsageError(f"--every {every} is out of range; give a whole number of at least 1")
    from gdtui import scenario as scenarios
    from gdtui.analysis.expectations import is_the_same
    from gdtui.analysis.results import describe
    from gdtui.engine.race import Race

    asked = scenarios.load(scenario)
    race = Race(
        asked, racers=racers, seed=seed, start=start, steps=steps, work=work, seconds=seconds,
        every=(every or 1) if as_csv else None,
    )  # fmt: skip
    journal = begin(race, out, no_times=no_times, force=force)
    # Rows on the same terminal would run through the bar.
    code = race_on(
        race, journal, quiet=quiet, bar=not (as_csv and sys.stdout.isatty()), play=_stream if as_csv else play
    )
    if code not in {0, CANNOT_WRITE}:
        return code
    result = describe(race)
    if as_json:
        print_json(result)
    elif not as_csv:
        print_table(result)
    if not quiet:
        _print_notes(race)
    if not is_the_same(asked, race):
        if asked.expectations and not quiet:
            say(f"the expectations of {asked.name} are not checked: they are about the race as its file has it")
        return code
    return code or _check_expectations(race, result, told=not quiet)


def _stream(race: Race, journal: object, progress: Callable[[int], None]) -> None:
    from gdtui.cli.csv_text import csv_text
    from gdtui.cli.headless import csv_columns, csv_rows

    def send(rows: list[Any]) -> None:
        click.echo(csv_text(rows).encode(), nl=False)  # as UTF-8 everywhere, and at once

    send([csv_columns(race)])
    for count, rows in csv_rows(race):
        send(rows)
        progress(count)


def print_json(result: Mapping[str, Any]) -> None:
    """The result as one JSON object on stdout."""
    import msgspec

    click.echo(msgspec.json.encode(result))


def print_table(result: Mapping[str, Any]) -> None:
    """The result as a table on stdout."""
    from gdtui.cli.tables import table, terminal_width

    measures = list(result["racers"][0]["test"] or {})
    norm = "‖g‖" if (sys.stdout.encoding or "").lower().startswith("utf") else "|g|"
    numbers = ["lr", "step", "loss", norm, *(f"test {measure}" for measure in measures)]
    headings = ["label", "optimizer", "lr", "status", "verdict", "step", "loss", norm, "evaluations", *numbers[4:]]
    rows = [
        [
            racer["label"], racer["optimizer"], _short(racer["hyperparameters"]["lr"]), racer["status"],
            racer["verdict"]["kind"], str(racer["step"]), _short(racer["loss"]), _short(racer["grad_norm"]),
            _evaluations(racer["evaluations"]), *(_short(racer["test"][measure]) for measure in measures),
        ]
        for racer in result["racers"]
    ]  # fmt: skip
    click.echo(table(headings, rows, right=numbers, width=terminal_width()))


def _short(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.6g}"


def _evaluations(counts: Mapping[str, int]) -> str:
    return (
        ", ".join(f"{count} {kind}s" if count != 1 else f"1 {kind}" for kind, count in counts.items() if count)
        or "none"
    )


def _print_notes(race: Race) -> None:
    if not race.problem.samples:
        for racer in race:
            if racer.batch_size:
                say(f"{racer.label}: this objective has no samples, so batch_size={racer.batch_size} changes nothing")


def _check_expectations(race: Race, result: Mapping[str, Any], *, told: bool) -> int:
    from gdtui.analysis.expectations import evaluate, trace

    scenario = race.scenario
    # Rows that were printed are gone: no history is left to look into.
    drained = any(racer.history.every is not None for racer in race)
    if drained and told and not all(claim.is_of_the_end for claim in scenario.expectations):
        say(f"what {scenario.name} expects before the last step is not checked with --csv")
    traces = None if drained else lambda label, quantity: trace(race[label], quantity)
    failed = [finding for finding in evaluate(scenario.expectations, result, traces) if not finding.met]
    for finding in failed:
        say(f"{scenario.where}: expectation failed: {finding.sentence}")
    return EXPECTATION_FAILED if failed else 0
