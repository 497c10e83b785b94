"""Where gdtui keeps what it can make again: the user's cache folder, or the one that ``GDTUI_CACHE_DIR`` names."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "GDTUI_CACHE_DIR"


def cache_folder(name: str) -> Path:
    """The folder for one kind of thing, which may not exist yet; OSError or RuntimeError where there is no home."""
    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("gdtui")) / name
