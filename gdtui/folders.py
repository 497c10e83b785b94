"""Where gdtui finds the scenarios that came with it, and where it keeps what it can make again.

That is the user's cache folder, or the one that ``GDTUI_CACHE_DIR`` names.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "GDTUI_CACHE_DIR"


def cache_folder(name: str) -> Path:
    """The folder for one kind of thing, which may not exist yet; OSError or RuntimeError where there is no home."""
    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("gdtui")) / name


def builtin_folder() -> Path:
    """Where the built-in scenario files are: inside an installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "builtin_scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def builtin_names() -> tuple[str, ...]:
    """The names of the built-in scenarios."""
    return tuple(sorted(file.stem for file in builtin_folder().glob("*.toml")))
