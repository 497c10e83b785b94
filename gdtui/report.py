"""A report of an unexpected error, in a file: the screen gets one line that names it."""

from __future__ import annotations

import contextlib
import os
import platform
import shlex
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from gdtui import __version__


def write_report(error: BaseException) -> str:
    """Write the traceback, versions and command line to a new file; returns its path, or why there is none."""
    text = "\n".join(
        (
            f"gdtui {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"command: {shlex.join(sys.argv)}",
            "",
            "".join(traceback.format_exception(error)),
        )
    )
    name = f"gdtui-report-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    for folder in _folders():
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            return str(folder / name)
    return "no file, since none could be written"


def _folders() -> Iterator[Path]:
    with contextlib.suppress(RuntimeError, OSError):  # there may be no home
        yield Path(platformdirs.user_state_dir("gdtui"))
    with contextlib.suppress(OSError):
        yield Path(tempfile.gettempdir())
