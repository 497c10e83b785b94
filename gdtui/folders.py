"""Where gdtui finds the scenarios that came with it, and where it keeps what nobody told it a place for.

What it can make again is in the user's cache folder, or the one that ``GDTUI_CACHE_DIR`` names; what it cannot, in the
user's state folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "GDTUI_CACHE_DIR"
TRAPS = "traps"  # the folder of those among the built-in scenarios in which somebody fails
CUT_OFF = "cut-off"  # the folder for races whose app was ended from outside


def cache_folder(name: str) -> Path:
    """The folder for one kind of thing, which may not exist yet; OSError or RuntimeError where there is no home."""
    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("gdtui")) / name


def state_folder(name: str) -> Path:
    """The folder for one kind of thing that must not be lost; as :func:`cache_folder`."""
    return Path(platformdirs.user_state_dir("gdtui")) / name


def builtin_folder() -> Path:
    """Where the built-in scenario files are: inside an installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "builtin_scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def builtin_names() -> tuple[str, ...]:
    """The names of the built-in scenarios, without the traps."""
    return tuple(sorted(file.stem for file in builtin_folder().glob("*.toml")))


def trap_names() -> tuple[str, ...]:
    """The names of the built-in scenarios in which an optimizer fails in a known way, as ``traps/gd-zig-zag``."""
    return tuple(sorted(f"{TRAPS}/{file.stem}" for file in (builtin_folder() / TRAPS).glob("*.toml")))


def builtin_name(file: Path) -> str | None:
    """The name of the built-in scenario in that file, if it is one."""
    folder = builtin_folder()
    if file.suffix != ".toml" or file.parent not in (folder, folder / TRAPS):
        return None
    return file.relative_to(folder).with_suffix("").as_posix()


def cut_off_races() -> list[Path]:
    """The recordings of races whose app was ended from outside, the newest first."""
    try:
        return sorted(state_folder(CUT_OFF).glob("*.gdtui"), reverse=True)
    except (OSError, RuntimeError):  # there may be no home
        return []
