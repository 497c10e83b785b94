"""``gdtui diff``: in what two recordings differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gdtui.cli import complete
from gdtui.cli.options import amount

if TYPE_CHECKING:
    from gdtui.recording.differences import Differences

DIFFERENT = 1
_LONGEST = 120


@click.command(
    epilog=(
        "Two numbers are equal where |a - b| <= atol + rtol |b|; without the options, where they are the same. Steps "
        "that one of the recordings has thinned out are not compared, nor are seconds, versions and machines.\n\n"
        "Exit codes: 0 they are equal, and nothing is printed; 1 they differ; 2 bad input."
    )
)
@click.argument("left", metavar="A", shell_complete=complete.recordings)
@click.argument("right", metavar="B", shell_complete=complete.recordings)
@click.option("--rtol", type=amount, default=0.0, metavar="R", help="How far numbers may differ, relative to B's.")
@click.option("--atol", type=amount, default=0.0, metavar="D", help="How far numbers may differ at all.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of the text.")
def diff(left: str, right: str, rtol: float, atol: float, as_json: bool) -> int:
    """Say in what two recordings differ, and where the runs part."""
    from gdtui import recording
    from gdtui.recording.differences import differences

    found = differences(recording.read(left), recording.read(right), rtol=rtol, atol=atol)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(found))
    else:
        _report(found)
    return DIFFERENT if found else 0


def _report(found: Differences) -> None:
    if found.settings:
        _print(["setting", "A", "B"], [[s.name, s.left or "–", s.right or "–"] for s in found.settings])
    if found.settings and (found.partings or found.endings):
        click.echo()
    if found.partings:
        first = found.partings[0]
        click.echo(f"The runs part at step {first.step:,}: {first.racer}, {first.quantity}.")
        rows = [[p.racer, p.quantity, f"{p.step:,}", repr(p.left), repr(p.right)] for p in found.partings]
        _print(["racer", "quantity", "step", "A", "B"], rows)
    if found.endings:
        if found.partings:
            click.echo()
        click.echo(f"The {'other racers' if found.partings else 'runs'} are the same as far as both go.")
        _print(["racer", "A", "B"], [[e.racer, e.left, e.right] for e in found.endings])


def _print(headings: list[str], rows: list[list[str]]) -> None:
    from gdtui.cli.tables import plainly, table, terminal_width
    from gdtui.errors import clean

    shown = [[plainly(clean(text, _LONGEST)) for text in row] for row in rows]
    click.echo(table(headings, shown, right={"step"}, width=terminal_width(), wrap={"A", "B"}))
