"""``gdtui completion``: the script that teaches a shell to complete the command line."""

from __future__ import annotations

import click

from gdtui.cli.complete import PROGRAM, VARIABLE

_SHELLS = ("bash", "zsh", "fish")
_INSTALL = """\b
In ~/.bashrc: eval "$(gdtui completion bash)"
In ~/.zshrc, below compinit: eval "$(gdtui completion zsh)"
For fish, once: gdtui completion fish > ~/.config/fish/completions/gdtui.fish
"""


@click.command(epilog=_INSTALL)
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> int:
    """Print the script that lets a shell complete gdtui."""
    from gdtui.cli import main
    from gdtui.cli.shells import SHELLS

    click.echo(SHELLS[shell](main, {}, PROGRAM, VARIABLE).source().encode(), nl=False)
    return 0
