"""The data files of a race. A recording does not hold them: they may be large, and not for everybody who gets it.

It knows their content by its sha256, so that nothing goes on from other data.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gdtui import registry
from gdtui.errors import InputError
from gdtui.folders import builtin_folder
from gdtui.recording.manifest import DataFile
from gdtui.scenario import Scenario

MOST_BYTES = 256 * 2**20
_CHUNK = 2**20


def data_files(scenario: Scenario) -> list[DataFile]:
    """The files that the scenario's objective reads."""
    return [_described(name, path) for name, path in _paths(scenario)]


def located(scenario: Scenario, files: Sequence[DataFile], folder: Path) -> Scenario:
    """The scenario with its data files where they are now, all of them of the recorded content.

    A file is looked for among the built-in data, where it was, and beside the recording, in ``folder``.
    """
    recorded = {file.option: file for file in files}
    found = {name: _find(recorded.get(name), path, folder) for name, path in _paths(scenario)}
    return replace(scenario, options={**scenario.options, **found})


def _paths(scenario: Scenario) -> Iterator[tuple[str, Path]]:
    if scenario.objective:
        for option in registry.objective(scenario.objective).options:
            given = scenario.options.get(option.name)
            if option.kind == "path" and given is not None:
                yield option.name, Path(given)


def _described(option: str, path: Path) -> DataFile:
    folder = builtin_folder()
    builtin = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""
    try:
        digest = _sha256(path)
    except OSError:  # the race has read it before
        digest = ""
    return DataFile(option, str(path), builtin, digest)


def _find(file: DataFile | None, path: Path, folder: Path) -> Path:
    if file is None:
        raise InputError("the recording does not know its content", where=str(path), remedy="record the race again")
    places = [path, folder / path.name]
    if file.builtin:
        inside = (builtin_folder() / file.builtin).resolve()
        if inside.is_relative_to(builtin_folder()):
            places.insert(0, inside)
    other: Path | None = None
    for place in places:
        try:
            if not file.sha256 or _sha256(place) == file.sha256:
                return place
            other = other or place
        except OSError:
            continue
    if other is not None:
        reason, remedy = "holds other data than the race was recorded with", "put the old file beside the recording"
        raise InputError(reason, where=str(other), key=file.option, remedy=remedy)
    remedy = "put it beside the recording"
    raise InputError("no such file, and the race needs its data", where=str(path), key=file.option, remedy=remedy)


def _sha256(path: Path) -> str:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
        raise OSError("not a data file")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
