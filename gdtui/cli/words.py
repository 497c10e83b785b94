"""The names a shell may complete, quickly: from a file in the cache, as long as nothing that declares them changed.

Importing the optimizers takes longer than somebody who pressed tab should wait.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gdtui import __version__
from gdtui.folders import cache_folder

# Per kind and name: what it is, and what may be set on it with the meaning of each.
Words = dict[str, dict[str, dict[str, Any]]]


def words() -> Words:
    """The optimizers, objectives and schedules there are, or none where a plug-in is broken."""
    key = _key()
    file: Path | None = None
    with contextlib.suppress(OSError, RuntimeError, ValueError, KeyError, TypeError):
        file = cache_folder("completion") / "words.json"
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["key"] == key:
            found: Words = kept["words"]
            return found
    found = _declared()
    if file is not None and found:
        with contextlib.suppress(OSError):
            _replace(file, json.dumps({"key": key, "words": found}))
    return found


def _key() -> str:
    """Changes whenever a file does that declares words, or decides which there are."""
    key = hashlib.sha256(f"{__version__} {os.environ.get('GDTUI_PLUGINS')}\n".encode(errors="surrogateescape"))
    for file in sorted(_declaring()):
        with contextlib.suppress(OSError):
            status = file.stat()
            key.update(f"{file} {status.st_mtime_ns} {status.st_size}\n".encode(errors="surrogateescape"))
    return key.hexdigest()


def _declaring() -> Iterator[Path]:
    package = Path(__file__).resolve().parents[1]
    plugins = (Path(part).expanduser() for part in os.environ.get("GDTUI_PLUGINS", "").split(os.pathsep) if part)
    yield from (package / name for name in ("contracts.py", "specs.py", "schedule_specs.py", "cli/words.py"))
    for folder in (package, *plugins):
        for kind in ("optimizers", "objectives", "schedules"):
            yield from (folder / kind).glob("*.py")


def _declared() -> Words:
    from gdtui import registry, schedule_specs, specs
    from gdtui.errors import InputError, clean

    with contextlib.suppress(InputError):
        optimizers, objectives, schedules = registry.optimizers(), registry.objectives(), registry.schedules()
        engines = {schedule_specs.KEY: "the learning rate as a function of the step", "label": "its name in the race"}
        return {
            "optimizers": {
                name: {
                    "title": clean(record.title),
                    "keys": {key: clean(h.meaning) for key, h in specs.hyperparameters(record).items()} | engines,
                    "flags": [h.name for h in record.hyperparameters if h.flag],
                }
                for name, record in optimizers.items()
            },
            "objectives": {name: {"title": clean(record.title)} for name, record in objectives.items()},
            "schedules": {
                name: {"title": clean(record.title), "keys": {o.name: clean(o.meaning) for o in record.arguments}}
                for name, record in schedules.items()
            },
        }
    return {}


def _replace(file: Path, text: str) -> None:
    """Write the file whole or not at all: two shells may complete at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
