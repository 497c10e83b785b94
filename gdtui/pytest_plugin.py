"""The pytest plug-in: ``gdtui_race`` races in a test, and holds the race against a recording that was committed.

pytest loads this module in every run of everybody who has gdtui installed. So it imports nothing but pytest; the rest
comes with the first test that uses the fixture.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from gdtui.errors import InputError, clean, nearest

if TYPE_CHECKING:
    import numpy.typing as npt

    from gdtui.api import Race
    from gdtui.engine.lanes import PythonObjective
    from gdtui.recording import Recording
    from gdtui.recording.agreement import Disagreement, Tolerance
    from gdtui.scenario import Scenario
    from gdtui.specs import RacerSpec

MARKER: Final = "gdtui"
SUFFIX: Final = ".gdtui"
UPDATE: Final = "--gdtui-update"
WRITTEN: Final = "gdtui_recording_written"  # among a report's user properties, which xdist carries to the controller
_PLUGINS_VARIABLE: Final = "GDTUI_PLUGINS"  # as in gdtui.registry, which imports NumPy
_MARKER_KEYS: Final = ("rtol", "atol", "steps", "outcomes", "plugins")
_LONGEST_NAME: Final = 120
_LONGEST_PATH: Final = 4096


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, and for each but ``--gdtui-update`` the same as a setting of the project."""
    group = parser.getgroup("gdtui", "races held against their recordings (gdtui)")
    group.addoption(UPDATE, action="store_true", help="Record the races anew where they are not as recorded.")

    def add(name: str, metavar: str, text: str, *, kind: str = "string", default: str = "", **more: Any) -> None:
        group.addoption(f"--gdtui-{name.replace('_', '-')}", metavar=metavar, default=None, help=text, **more)
        parser.addini(f"gdtui_{name}", text, type=kind, default=[] if kind == "paths" else default)  # type: ignore[arg-type]

    add("recordings", "DIR", "Where recordings are, from each test file's folder (default: recordings).",
        default="recordings")  # fmt: skip
    add("save_dir", "DIR", "Where a race that failed and its recording are saved (default: pytest's temporary folder).")
    add("plugins", "DIR", "A folder with optimizers/, objectives/ or schedules/ of the project's own.", kind="paths",
        action="append")  # fmt: skip
    add("rtol", "R", "How far numbers may be from the recorded ones, relative to them (default: 1e-9).")
    add("atol", "A", "How far numbers may be from the recorded ones in any case (default: 1e-12).")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(rtol, atol, steps, outcomes, plugins): how far the races of a test may be from their recordings: "
        "numbers within atol + rtol * |recorded|, up to that many steps; or the outcomes alone. plugins names a folder "
        "as --gdtui-plugins does, from the test file's.",
    )


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """With ``--gdtui-update``: say which recordings were written."""
    if not config.getoption(UPDATE):
        return
    reports = (report for group in terminalreporter.stats.values() for report in group)
    properties = (entry for report in reports for entry in getattr(report, "user_properties", ()))
    written = sorted({str(value) for name, value in properties if name == WRITTEN})
    terminalreporter.section("gdtui recordings")
    for path in written:
        terminalreporter.write_line(f"written: {path}")
    if not written:
        terminalreporter.write_line("all are as the races, none was written")


@pytest.fixture
def gdtui_race(request: pytest.FixtureRequest) -> Iterator[RaceTester]:
    """Race a scenario or a Python objective to its budget, and hold the race against its committed recording.

    ``gdtui_race("rosenbrock", racers=["adam:lr=1e-2"], steps=200)`` returns the race, to look at further.
    """
    try:
        tester = RaceTester(request)
    except InputError as error:
        pytest.fail(str(error), pytrace=False)
    if "numba" not in sys.modules:  # it reads this once; for the same results on every machine
        os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")
    before = os.environ.get(_PLUGINS_VARIABLE)
    if tester.plugins:
        os.environ[_PLUGINS_VARIABLE] = tester.plugins_path
    yield tester
    if before is None:
        os.environ.pop(_PLUGINS_VARIABLE, None)
    else:
        os.environ[_PLUGINS_VARIABLE] = before


class RaceTester:
    """What the fixture ``gdtui_race`` is: call it to race and compare, or :meth:`check` a race of your own."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request, self._config, self._node = request, request.config, request.node
        self._folder = Path(request.node.path).parent
        self._base = Path(request.config.invocation_params.dir)
        self._names = [node.name for node in self._node.listchain() if isinstance(node, (pytest.Class, pytest.Item))]
        self._held: set[Path] = set()
        marked = self._marked()
        self.plugins = self._plugins(marked.pop("plugins", None))
        self.tolerance = self._tolerance(marked)

    def __call__(
        self,
        scenario: str | Path | Scenario | None = None,
        *,
        objective: PythonObjective | None = None,
        start: npt.ArrayLike | None = None,
        racers: Sequence[str | RacerSpec] = (),
        seed: int | None = None,
        steps: int | None = None,
        work: float | None = None,
        name: str = "",
    ) -> Race:
        """Race to the budget, hold the race against its recording, and return it. Fails the test where they differ.

        The arguments are those of :class:`gdtui.Race`; a scenario's path may be relative to the test file. ``name`` is
        that of the recording, for a test of several races. Raises :class:`gdtui.InputError`.
        """
        __tracebackhide__ = True
        from gdtui.api import Race

        try:
            race = Race(
                self._located(scenario), objective=objective, start=start, racers=racers, seed=seed, steps=steps,
                work=work,
            )  # fmt: skip
            if race.budget is None or race.limits.seconds is not None:
                raise InputError("no two races alike without a budget of steps or work", where="gdtui_race",
                                 key="steps", remedy="give one, and none of seconds")  # fmt: skip
            missing = self._missing(self._path(name))
        except InputError as error:
            raise error.with_traceback(None) from None
        if missing:
            pytest.fail(missing)
        race.advance(race.budget)
        self.check(race, name=name)
        return race

    def check(self, race: Race, *, name: str = "") -> None:
        """Hold a race, as it stands, against its recording; it may have been edited in its course.

        Raises :class:`gdtui.InputError` where there can be no recording of it, or what is there is none.
        """
        __tracebackhide__ = True
        try:
            path = self._path(name)
            if path in self._held:
                reason, remedy = f"this test has a race for {self._shown(path)} already", "give each race a name"
                raise InputError(reason, where="gdtui_race", key="name", remedy=remedy)
            self._held.add(path)
            complaint = self._complaint(race, path)
        except InputError as error:
            raise error.with_traceback(None) from None
        if complaint:
            pytest.fail(complaint)

    @property
    def plugins_path(self) -> str:
        """The folders of plug-ins as GDTUI_PLUGINS lists them."""
        return os.pathsep.join(map(str, self.plugins))

    def _complaint(self, race: Race, path: Path) -> str:
        """In what the race is not as recorded, or nothing; with ``--gdtui-update`` the recording is mended."""
        from gdtui import recording
        from gdtui.recording.agreement import disagreement
        from gdtui.recording.writing import recorded

        if missing := self._missing(path):
            return missing
        made = recorded(race, times=False)
        with contextlib.suppress(OSError):  # there is none yet; or it cannot be read, of which the reader tells
            if path.read_bytes() == made:
                return ""
        run = _read(made)
        if self._config.getoption(UPDATE):
            self._update(run, made, path)
            return ""
        try:
            expected = recording.read(path)
        except InputError as error:
            raise InputError(f"{error.reason}; {error.remedy}" if error.remedy else error.reason, where=str(path),
                             remedy=f"or record it anew by: {self._command()}") from None  # fmt: skip
        found = disagreement(run, expected, self.tolerance)
        return self._told(found, run, made, expected, path) if found else ""

    def _update(self, run: Recording, made: bytes, path: Path) -> None:
        """Write the recording, unless the one that is there differs by no bit but in what it was made with."""
        from gdtui import recording
        from gdtui.recording.differences import differences
        from gdtui.recording.files import check_target, keep

        try:
            if not differences(run, recording.read(path)):
                return
        except InputError:  # there is none yet, or it cannot be read
            pass
        _make_folder(path.parent)
        check_target(path, force=True)
        keep(path, made, force=True)
        self._node.user_properties.append((WRITTEN, self._shown(path)))

    def _told(self, found: Disagreement, run: Recording, made: bytes, expected: Recording, path: Path) -> str:
        """All that helps to see why a test failed, saved and in words."""
        from dataclasses import replace

        from gdtui.cli.disagreement import differences, headline
        from gdtui.recording.agreement import disagreement

        tolerance = self.tolerance
        lines = [f"{headline(found)} in {self._shown(path)}", *differences(found, tolerance), ""]
        if found.partings and not disagreement(run, expected, replace(tolerance, outcomes=True)):
            lines.append("All racers end as recorded. If the race is chaotic, compare fewer steps or outcomes alone:")
            lines += [f"  @pytest.mark.{MARKER}(outcomes=True)"]
        if elsewhere := expected.made_elsewhere():
            lines.append(f"It was recorded elsewhere: {'; '.join(elsewhere)}")
        ours, theirs = self._saved(made, path)
        limits = f"--rtol {tolerance.rtol:g} --atol {tolerance.atol:g}"
        plugins = f"{_PLUGINS_VARIABLE}={shlex.quote(self.plugins_path)} " if self.plugins else ""
        return "\n".join([
            *lines,
            f"This race: {ours}",
            f"Recorded:  {theirs}",
            f"Compare:   {plugins}gdtui diff {limits} {shlex.quote(ours)} {shlex.quote(theirs)}",
            f"Accept:    {self._command()}",
        ])  # fmt: skip

    def _saved(self, made: bytes, path: Path) -> tuple[str, str]:
        """Save both recordings, the race's and a copy of the committed one; returns their paths."""
        chosen = self._config.getoption("--gdtui-save-dir")
        folder = Path(chosen or self._config.getini("gdtui_save_dir"))
        if str(folder) == ".":
            folder = self._request.getfixturevalue("tmp_path_factory").mktemp("gdtui")
        else:
            folder = (self._base if chosen else Path(self._config.rootpath)) / folder / self._module()
            _make_folder(folder)
        saved = folder / f"{path.stem}.run{SUFFIX}", folder / f"{path.stem}.recorded{SUFFIX}"
        try:
            for place, content in zip(saved, (made, path.read_bytes()), strict=True):
                place.write_bytes(content)
        except OSError as error:
            raise InputError(os.strerror(error.errno or 0), where=str(folder), remedy="choose another place") from None
        return clean(str(saved[0]), _LONGEST_PATH), clean(str(saved[1]), _LONGEST_PATH)

    def _missing(self, path: Path) -> str:
        if path.is_file() or self._config.getoption(UPDATE):
            return ""
        return f"there is no recording {self._shown(path)} yet; make it by: {self._command()}"

    def _command(self) -> str:
        """What a shell is to run to record this test's races anew."""
        return f"pytest {shlex.quote('::'.join([self._shown(Path(self._node.path)), *self._names]))} {UPDATE}"

    def _path(self, name: str) -> Path:
        """The file of the recording called ``name``, or as the test."""
        chosen = Path(self._setting("recordings"))
        folder = chosen / self._module() if chosen.is_absolute() else self._folder / chosen / self._node.path.stem
        return folder / f"{_file_name(name or '.'.join(self._names))}{SUFFIX}"

    def _module(self) -> Path:
        """The test file's place in the project, without its suffix."""
        inside = os.path.relpath(self._node.path, self._config.rootpath)
        return Path(inside.replace(f"..{os.sep}", "")).with_suffix("")

    def _shown(self, path: Path) -> str:
        return clean(str(path.relative_to(self._base) if path.is_relative_to(self._base) else path), _LONGEST_PATH)

    def _located(self, scenario: str | Path | Scenario | None) -> str | Path | Scenario | None:
        if isinstance(scenario, (str, Path)) and str(scenario).endswith(".toml"):
            beside = self._folder / scenario
            return beside if beside.is_file() else scenario
        return scenario

    def _setting(self, name: str) -> Any:
        given = self._config.getoption(f"--gdtui-{name.replace('_', '-')}")
        return self._config.getini(f"gdtui_{name}") if given is None else given

    def _marked(self) -> dict[str, Any]:
        """What the markers of the test, its class and its module say; the nearest one has the last word."""
        marked: dict[str, Any] = {}
        for marker in reversed(list(self._node.iter_markers(MARKER))):
            where = f"the marker {MARKER}"
            if marker.args:
                raise InputError("its arguments have names", where=where, remedy=f"give {', '.join(_MARKER_KEYS)}")
            for name in marker.kwargs:
                if name not in _MARKER_KEYS:
                    raise InputError(f"unknown argument {name!r}", where=where, remedy=nearest(name, _MARKER_KEYS))
            marked |= marker.kwargs
        return marked

    def _plugins(self, marked: object) -> list[Path]:
        if marked is not None:
            several = marked if isinstance(marked, (list, tuple)) else [marked]
            return [self._folder / Path(str(folder)) for folder in several]
        return [self._base / folder for folder in self._setting("plugins")]

    def _tolerance(self, marked: Mapping[str, Any]) -> Tolerance:
        from gdtui.recording.agreement import Tolerance

        given: dict[str, Any] = {}
        for name in ("rtol", "atol"):
            if text := self._setting(name):
                try:
                    given[name] = float(text)
                except ValueError:
                    raise InputError(f"{text!r} is not a number", where=f"gdtui_{name}") from None
        try:
            return Tolerance(**given | dict(marked))
        except InputError as error:
            raise error.at(f"the marker {MARKER}" if error.key in marked else f"gdtui_{error.key}") from None


def _read(made: bytes) -> Recording:
    """The recording of those bytes."""
    from gdtui import recording

    with tempfile.TemporaryDirectory(prefix="gdtui-") as folder:
        path = Path(folder, f"run{SUFFIX}")
        path.write_bytes(made)
        return recording.read(path)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(os.strerror(error.errno or 0), where=str(folder), remedy="choose another place") from None


def _file_name(name: str) -> str:
    """A file's name for a test or a race, another one for every name."""
    plain = re.sub(r"[^\w.,=+\[\]-]", "_", name, flags=re.ASCII).lstrip(".-")[:_LONGEST_NAME]
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
