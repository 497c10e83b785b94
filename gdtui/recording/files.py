"""Files that appear whole or not at all, and data that are kept elsewhere when they cannot be where they should."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from gdtui.errors import InputError
from gdtui.folders import state_folder

RESCUED = "rescued"  # the folder for what could not be written where it should be
_FOLDER = "give the path of a file"


class NotWrittenError(InputError):
    """A recording could not be written where it should be. ``kept`` is where it is instead, or None if nowhere.

    ``journal`` has the race up to some seconds before, if there is one.
    """

    def __init__(self, reason: str, *, where: str, kept: Path | None, journal: Path | None = None) -> None:
        lost = f"`gdtui resume {journal}` goes on from what is in the journal" if journal else "it is lost"
        told = f"it is kept in {kept}" if kept else f"and nowhere else either: {lost}"
        super().__init__(reason, where=where, remedy=told)
        self.kept = kept


def check_target(path: Path, *, force: bool = False) -> None:
    """Refuse a path that cannot be written to, or holds a file already, unless ``force`` says to replace that."""
    where = str(path)
    if not path.name or path.name == ".." or where.endswith("/"):
        raise InputError("is a folder", where=where, remedy=_FOLDER)
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:  # a name too long, or with a NUL in it
        raise _refused(error, where) from None
    else:
        if stat.S_ISDIR(status.st_mode):
            raise InputError("is a folder", where=where, remedy=_FOLDER)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            raise InputError("is not a regular file", where=where, remedy=_FOLDER)
        if not force:
            raise InputError("is there already", where=where, remedy="choose another name, or replace it by --force")
    try:
        descriptor, part = tempfile.mkstemp(prefix=".gdtui-", suffix=".part", dir=path.parent)
    except (OSError, ValueError) as error:
        raise _refused(error, where) from None
    os.close(descriptor)
    Path(part).unlink()


def _refused(error: OSError | ValueError, where: str) -> InputError:
    reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    if isinstance(error, FileNotFoundError):
        reason = "there is no such folder"
    return InputError(reason, where=where, remedy="choose another place")


def place(path: Path, pieces: Iterable[bytes], *, force: bool = False) -> None:
    """Write the file: whole, or not at all. One that is there is replaced only by ``force``; a link is never followed.

    Raises OSError, FileExistsError among them.
    """
    descriptor, name = tempfile.mkstemp(prefix=".gdtui-", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, 0o666 & ~_umask())
        if force:
            part.replace(path)
        else:
            _move_to_a_new_name(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _move_to_a_new_name(part: Path, path: Path) -> None:
    """Rename, and fail where somebody has made a file of that name meanwhile."""
    try:
        os.link(part, path)  # unlike a rename, this replaces nothing
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        part.replace(path)
    else:
        part.unlink()


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now


def keep(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write the file; where that fails, keep the data elsewhere and say where by a :class:`NotWrittenError`."""
    try:
        place(path, [data], force=force)
    except OSError as error:
        reason = "is there already" if isinstance(error, FileExistsError) else os.strerror(error.errno or errno.EIO)
        raise NotWrittenError(f"cannot be written: {reason}", where=str(path), kept=_rescue(path, data)) from None


def _rescue(path: Path, data: bytes) -> Path | None:
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in path.stem)[:64].lstrip(".-")
    name = f"{stem or 'race'}-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    for folder in _folders():
        for count in range(100):
            file = folder / f"{name}{f'-{count}' if count else ''}{path.suffix}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                place(file, [data])
            except FileExistsError:
                continue
            except OSError:
                break
            return file
    return None


def _folders() -> Iterator[Path]:
    with contextlib.suppress(RuntimeError, OSError):  # there may be no home
        yield state_folder(RESCUED)
    with contextlib.suppress(OSError):
        yield Path(tempfile.gettempdir())
