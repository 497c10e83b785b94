"""``gdtui config``: where the user's configuration is, what every setting is, and where that came from."""

from __future__ import annotations

import click

NO_HOME = "there is no home folder to keep a configuration in"


@click.group(no_args_is_help=False)
def config() -> None:
    """Show the configuration and where it comes from."""


@config.command()
def path() -> int:
    """Print the path of the configuration file, which may not exist yet."""
    from gdtui import config as configuration
    from gdtui.errors import InputError, clean

    file = configuration.path()
    if file is None:
        raise InputError(NO_HOME, remedy=f"name a file in {configuration.FILE_VARIABLE}")
    click.echo(clean(str(file), 4096))
    return 0


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object in place of the table.")
def show(as_json: bool) -> int:
    """Print every setting, its value, and where that came from."""
    from gdtui import config as configuration

    loaded, file = configuration.load(), configuration.path()
    settings = {name: _entry(getattr(loaded, name), loaded.source(name)) for name in configuration.SETTINGS}
    keys = {name: _entry(value, loaded.source(configuration.KEYS)) for name, value in loaded.keys.items()}
    if as_json:
        import msgspec

        record = {"path": None if file is None else _utf8(str(file)), "settings": settings, "keys": keys}
        click.echo(msgspec.json.encode(record))
        return 0
    from gdtui.cli.tables import plainly, table, terminal_width
    from gdtui.errors import clean

    shown = {**settings, **{f"{configuration.KEYS}.{name}": entry for name, entry in keys.items()}}
    rows = [[name, _text(entry["value"]), str(entry["source"])] for name, entry in shown.items()]
    cleaned = [[plainly(clean(text, 400)) for text in row] for row in rows]
    click.echo(table(["setting", "value", "from"], cleaned, width=terminal_width(), wrap={"value", "from"}))
    return 0


@config.command()
def keys() -> int:
    """Print every binding of the app, its keys, and what it does."""
    from gdtui import config as configuration
    from gdtui.cli.tables import plainly, table, terminal_width
    from gdtui.tui import keymap

    loaded = configuration.load()
    keymap.check(loaded.keys, loaded.source(configuration.KEYS))
    rows = [[plainly(text) for text in row] for row in keymap.table(loaded.keys)]
    click.echo(table(["binding", "keys", "meaning"], rows, width=terminal_width(), wrap={"meaning"}))
    return 0


def _entry(value: object, source: str) -> dict[str, object]:
    return {"value": _utf8(value) if isinstance(value, str) else value, "source": _utf8(source)}


def _utf8(text: str) -> str:
    """``text`` without what a file name or a variable may hold and JSON may not."""
    return text.encode("utf-8", "replace").decode()


def _text(value: object) -> str:
    """A value as the file has it; None is left to the app."""
    if value is None:
        return "automatic"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
