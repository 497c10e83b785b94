"""Files that are written whole or not at all, and never over another by accident."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from gdtui.cli.program import WriteError
from gdtui.errors import InputError

STDOUT = "-"


def check(path: str, *, force: bool) -> None:
    """Refuse a file that could not be written, before the work for it is done."""
    if path == STDOUT:
        return
    target = _target(path)
    try:
        if target.is_dir():
            raise InputError("is a folder", where=path, remedy="name a file")
        if target.exists() and not target.is_file():
            raise InputError("is not a file", where=path, remedy="name a file, or - for stdout")
        if target.exists() and not force:
            raise InputError("exists", where=path, remedy="--force replaces it")
        if not target.parent.is_dir():
            raise InputError("its folder does not exist", where=path, remedy="make the folder first")
        if not os.access(target.parent, os.W_OK):
            raise InputError("its folder cannot be written to", where=path, remedy="choose another folder")
    except OSError as error:
        raise InputError(os.strerror(error.errno or 0), where=path, remedy="choose another name") from None


def write(path: str, parts: Iterable[str], *, force: bool) -> None:
    """Write all ``parts`` as UTF-8, to a new file that takes its name when it is whole, or to stdout."""
    if path == STDOUT:
        for part in parts:
            click.echo(part.encode(), nl=False)
        return
    with _replacing(path, force=force) as send:
        for part in parts:
            send(part.encode())


@contextlib.contextmanager
def _replacing(path: str, *, force: bool) -> Iterator[Callable[[bytes], None]]:
    target = _target(path)
    begun = target.with_name(f".{target.name[:64]}.{os.getpid()}.part")
    with _said(path):
        file = os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb")
    try:
        with file:

            def send(data: bytes) -> None:
                with _said(path):
                    file.write(data)

            yield send
            with _said(path):
                file.flush()
        check(path, force=force)  # another may have come meanwhile
        with _said(path):
            begun.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            begun.unlink()
        raise


@contextlib.contextmanager
def _said(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {os.strerror(error.errno or 0)}") from error


def _target(path: str) -> Path:
    """The file itself, where ``path`` is a link."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError) as error:  # a name with a null in it
        raise InputError(str(error), where=path, remedy="choose another name") from None
