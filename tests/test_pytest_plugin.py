"""The pytest plug-in, in small projects: what passes, what fails and what it says, and what is written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui import pytest_plugin, recording
from gdtui.cli.disagreement import headline as headline  # what runs inside this process import, they forget
from gdtui.pytest_plugin import UPDATE, _file_name
from gdtui.recording.agreement import Tolerance
from tests.cli.support import ROOT, invoke

pytest_plugins = ["pytester"]

SAMPLE = ROOT / "tests" / "sample_project"
HEAVY = ("numba", "llvmlite", "numpy", "textual", "rich", "plotext", "contourpy", "msgspec", "click")
# gd in a bowl whose gradient is told as so many times what it is, and from some step on in another way.
BOWL = """
import pytest

def bowl(theta):
    return 0.5 * float(theta @ theta), {slope} * theta

{marker}
def test_bowl(gdtui_race):
    race = gdtui_race(objective=bowl, start=[1.0, -2.0], racers=["gd:lr={lr}", "adam:lr=0.1"], steps={steps})
    assert race.step == {steps}
"""
RECORDING = Path("recordings/test_bowl/test_bowl.gdtui")


class Project:
    """A project with one test file, whose tests run in this process."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester

    def write(self, *, slope: str = "1.0", lr: float = 0.1, steps: int = 30, marker: str = "") -> None:
        self.text(BOWL.format(slope=slope, lr=lr, steps=steps, marker=marker and f"@pytest.mark.gdtui({marker})"))

    def text(self, text: str) -> None:
        (self.pytester.path / "test_bowl.py").write_text(text, encoding="utf-8")

    def run(self, *arguments: str, **outcomes: int) -> str:
        """Run the tests, which have those outcomes; returns what pytest printed, with single spaces."""
        always = ("--strict-markers", "--strict-config", "-W", "error")
        result = self.pytester.runpytest_inprocess(*always, *arguments, plugins=[pytest_plugin])
        result.assert_outcomes(**outcomes)
        return " ".join(result.stdout.str().split())

    def recorded(self, **settings: str) -> None:
        """Write the test file and its recording."""
        self.write(**settings)
        self.run(UPDATE, passed=1)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return Project(pytester)


def test_without_a_recording_it_fails_and_makes_none(project: Project) -> None:
    project.write()
    said = project.run(failed=1)
    assert f"there is no recording {RECORDING} yet; make it by: pytest test_bowl.py::test_bowl {UPDATE}" in said
    assert not RECORDING.parent.parent.exists()


def test_it_is_recorded_on_demand_and_then_held_against_it(project: Project) -> None:
    project.write()
    assert f"gdtui recordings === written: {RECORDING} ===" in re.sub("=+", "===", project.run(UPDATE, passed=1))
    first = RECORDING.read_bytes()
    project.run(passed=1)
    assert "all are as the races, none was written" in project.run(UPDATE, passed=1)
    assert RECORDING.read_bytes() == first
    read = recording.read(RECORDING)
    assert (read.created, read.function, read.step) == (None, "bowl", 30)


def test_a_failure_names_the_first_step_and_saves_both_recordings(project: Project) -> None:
    project.recorded()
    committed = RECORDING.read_bytes()
    project.write(slope="(1.001 if abs(theta[0]) < 0.9**4.5 else 1.0)")
    said = project.run("--gdtui-save-dir", "kept", failed=1)
    rows = re.findall(r"E (gd|adam) (\S+) (\d+) (\S+) (\S+) (\S+) (\S+)", said)
    assert [int(row[2]) for row in rows] == sorted(int(row[2]) for row in rows)
    racer, quantity, step, ours, theirs, off, allowed = rows[0]
    assert f"Failed: step {step}: {quantity} of {racer} is not as recorded in {RECORDING}" in said
    assert abs(float(ours) - float(theirs)) == pytest.approx(float(off), rel=0.01)
    assert Tolerance().allowed(float(theirs)) == pytest.approx(float(allowed), rel=0.01)
    run, kept = (Path("kept/test_bowl", f"test_bowl.{what}.gdtui").resolve() for what in ("run", "recorded"))
    assert f"This race: {run}" in said
    assert f"gdtui diff --rtol 1e-09 --atol 1e-12 {run} {kept}" in said
    assert kept.read_bytes() == committed == RECORDING.read_bytes()
    assert recording.read(run).step == 30
    told = invoke("diff", "--rtol", "1e-9", "--atol", "1e-12", str(run), str(kept))
    assert told.exit_code == 1
    assert f"The runs part at step {step}: " in told.stdout
    assert f"pytest test_bowl.py::test_bowl {UPDATE}" in said
    project.run(UPDATE, passed=1)
    assert RECORDING.read_bytes() == run.read_bytes()


def test_without_a_folder_to_save_in_it_is_that_of_the_run(project: Project) -> None:
    project.recorded()
    project.write(slope="1.001")
    said = project.run(failed=1)
    (run,) = set(re.findall(r"This race: (\S+)", said))  # where CI is set, the summary has it once more
    assert recording.read(run).step == 30
    assert not Path(run).is_relative_to(RECORDING.parent.resolve())


@pytest.mark.parametrize(
    ("settings", "passes"),
    [
        ({"slope": "1.0000000001"}, True),
        ({"slope": "1.00001"}, False),
        ({"slope": "1.00001", "marker": "rtol=1e-3"}, True),
        ({"slope": "1.00001", "marker": "atol=1e-3"}, True),
        ({"slope": "1.0000000001", "marker": "rtol=0, atol=0"}, False),
        ({"slope": "(1.0 if abs(theta[0]) > 0.9**9.5 else 1.2)", "marker": "steps=5"}, True),
        ({"slope": "(1.0 if abs(theta[0]) > 0.9**9.5 else 1.2)", "marker": "steps=25"}, False),
        ({"slope": "1.05", "marker": "outcomes=True"}, True),
        ({"slope": "-9", "marker": "outcomes=True"}, False),
        ({"steps": 31, "marker": "outcomes=True"}, False),
    ],
    ids=lambda value: str(value) if isinstance(value, bool) else ",".join(map(str, value.values())),
)
def test_a_race_has_to_be_as_recorded_as_far_as_its_marker_asks(
    project: Project, settings: dict[str, str], passes: bool
) -> None:
    project.recorded(**({"marker": settings["marker"]} if "marker" in settings else {}))
    project.write(**settings)
    project.run(**({"passed": 1} if passes else {"failed": 1}))


def test_other_settings_make_another_race(project: Project) -> None:
    project.recorded()
    project.write(lr=0.2)
    said = project.run(failed=1)
    assert f"another race, with racers.gd.lr 0.2 in place of 0.1, than recorded in {RECORDING}" in said
    assert "setting this race recorded E racers.gd.lr 0.2 0.1" in said


def test_a_race_that_is_too_sensitive_is_said_to_end_as_recorded(project: Project) -> None:
    project.recorded()
    project.write(slope="1.0001")
    assert "If the race is chaotic, compare fewer steps or outcomes alone" in project.run(failed=1)


def test_what_ends_otherwise_is_told(project: Project) -> None:
    project.recorded(marker="outcomes=True", lr=1.5, steps=60)
    project.write(slope="3.0", marker="outcomes=True", lr=1.5, steps=60)
    said = project.run(failed=1)
    assert f"gd ends otherwise than recorded in {RECORDING}" in said
    assert re.search(r"E gd diverged at step \d+ converged at step \d+", said)


def test_settings_of_the_project_and_options(project: Project) -> None:
    project.pytester.makeini("[pytest]\ngdtui_recordings = golden\ngdtui_rtol = 1e-2\ngdtui_save_dir = kept")
    project.recorded()
    assert Path("golden/test_bowl/test_bowl.gdtui").is_file()
    project.write(slope="1.0001")
    project.run(passed=1)
    said = project.run("--gdtui-rtol=1e-6", "--gdtui-plugins=golden", failed=1)
    assert "within 1e-12 + 1e-06 |recorded|" in said
    assert f"Compare: GDTUI_PLUGINS={Path('golden').resolve()} gdtui diff --rtol 1e-06 --atol 1e-12 " in said
    assert Path("kept/test_bowl/test_bowl.run.gdtui").is_file()
    project.write(slope="1.0001", marker="rtol=1e-2")
    project.run("--gdtui-rtol=1e-6", passed=1)
    project.run("--gdtui-recordings", str(Path("elsewhere").resolve()), UPDATE, passed=1)
    assert Path("elsewhere/test_bowl/test_bowl.gdtui").is_file()


NAMES = """
import gdtui, pytest

pytestmark = pytest.mark.gdtui(rtol=0.0, steps=3)

def race(gdtui_race, **more):
    return gdtui_race(objective=lambda theta: (float(theta @ theta), 2 * theta), start=[1.0], racers=["gd:lr=0.1"],
                      steps=5, **more)

class TestOne:
    def test_same(self, gdtui_race):
        race(gdtui_race)

@pytest.mark.gdtui(steps=None, outcomes=True)
class TestTwo:
    @pytest.mark.gdtui(outcomes=False, atol=0.5)
    def test_same(self, gdtui_race):
        race(gdtui_race)
        said = gdtui_race.tolerance
        assert (said.rtol, said.atol, said.steps, said.outcomes) == (0.0, 0.5, None, False)

@pytest.mark.parametrize("spec", ["a/b", "a_b"])
def test_each(gdtui_race, spec):
    race(gdtui_race)

def test_two_races(gdtui_race):
    race(gdtui_race, name="first")
    edited = gdtui.Race(objective=abs, start=[1.0], racers=["gd"]) if False else race(gdtui_race, name="second")
    edited.set("gd", {"lr": 0.2})
    gdtui_race.check(edited.advance(4), name="edited")
    with pytest.raises(gdtui.InputError, match="give each race a name"):
        race(gdtui_race, name="first")
"""


def test_every_race_has_a_recording_of_its_own(project: Project) -> None:
    project.text(NAMES)
    project.run(UPDATE, passed=5)
    names = ["TestOne.test_same", "TestTwo.test_same", "test_each[a_b]", "first", "second", "edited"]
    files = {f"{name}.gdtui" for name in [*names, _file_name("test_each[a/b]")]}
    assert {path.name for path in RECORDING.parent.iterdir()} == files
    project.run(passed=5)


@given(st.lists(st.text(min_size=1), min_size=2, max_size=2, unique=True))
def test_other_names_are_other_files(names: list[str]) -> None:
    first, second = (_file_name(name) for name in names)
    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9_,=+\[\]-][\w.,=+\[\]-]{0,150}", first, flags=re.ASCII)


BAD = """
import gdtui, pytest

@pytest.mark.gdtui({marker})
def test_bad(gdtui_race):
    gdtui_race({arguments})
"""


@pytest.mark.parametrize(
    ("marker", "arguments", "message", "outcome"),
    [
        ("1e-3", "'saddle'", "the marker gdtui: its arguments have names; give rtol, atol", "errors"),
        ("rtoll=1", "'saddle'", "the marker gdtui: unknown argument 'rtoll'; did you mean 'rtol'?", "errors"),
        ("rtol=-1.0", "'saddle'", "the marker gdtui: rtol: -1.0 is out of range", "errors"),
        ("steps=1.5", "'saddle'", "the marker gdtui: steps: 1.5 is not a whole number", "errors"),
        ("outcomes=1", "'saddle'", "the marker gdtui: outcomes: is neither true nor false", "errors"),
        (
            "",
            "objective=lambda x: (0.0, x), start=[1.0], racers=['gd']",
            "no two races alike without a budget",
            "failed",
        ),
        ("", "'saddle', racers=['gdd']", "unknown optimizer 'gdd'; did you mean 'gd'?", "failed"),
        ("plugins='nowhere'", "'saddle'", "GDTUI_PLUGINS: ", "failed"),
    ],
)
def test_bad_input_is_one_line(project: Project, marker: str, arguments: str, message: str, outcome: str) -> None:
    project.text(BAD.format(marker=marker, arguments=arguments))
    said = project.run(**{outcome: 1})
    assert message in said
    assert "pytest_plugin.py" not in said


@pytest.mark.parametrize("name", ["gdtui_rtol", "gdtui_atol"])
def test_so_is_a_bad_setting(project: Project, name: str) -> None:
    project.pytester.makeini(f"[pytest]\n{name} = often")
    project.write()
    assert f"{name}: 'often' is not a number" in project.run(errors=1)


def test_a_damaged_recording_is_said_to_be_one_and_can_be_made_anew(project: Project) -> None:
    project.recorded()
    RECORDING.write_bytes(RECORDING.read_bytes()[:-50])
    said = project.run(failed=1)
    assert str(RECORDING) in said
    assert f"record it anew by: pytest test_bowl.py::test_bowl {UPDATE}" in said
    assert "pytest_plugin.py" not in said
    project.run(UPDATE, passed=1)
    project.run(passed=1)


PLUGGED_IN = """
import os, pytest

def test_option(gdtui_race):
    assert os.environ["GDTUI_PLUGINS"].split(os.pathsep) == {folders!r}

@pytest.mark.gdtui(plugins="more")
def test_marker(gdtui_race):
    assert os.environ["GDTUI_PLUGINS"] == {marked!r}

def test_neither():
    assert os.environ.get("GDTUI_PLUGINS") == "the user's"
"""


@pytest.mark.parametrize("way", ["option", "setting"])
def test_a_project_has_plugins_of_its_own(project: Project, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setenv("GDTUI_PLUGINS", "the user's")
    here = project.pytester.path
    project.text(PLUGGED_IN.format(folders=[str(here / "own"), str(here / "b")], marked=str(here / "more")))
    if way == "setting":
        project.pytester.makeini("[pytest]\ngdtui_plugins = own b")
    project.run(*(("--gdtui-plugins=own", "--gdtui-plugins=b") if way == "option" else ()), passed=3)


UNUSED = """
import sys, pytest
code = pytest.main(["-p", "gdtui.pytest_plugin", "-W", "error", "-q", "test_plain.py"])
print("MODULES", *sorted({name.partition(".")[0] for name in sys.modules} | {f"code={int(code)}"}))
pytest.main(["-p", "gdtui.pytest_plugin", "--help"])
"""


def test_who_does_not_use_it_pays_nothing_and_reads_of_it_in_the_help(
    run_python: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_plain.py").write_text("def test_plain(): pass\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ran, _, rest = run_python(UNUSED, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1").partition("MODULES ")
    loaded, _, told = rest.partition("\n")
    assert "1 passed" in ran
    assert "warning" not in ran
    assert {"gdtui", "code=0"} <= set(loaded.split())
    assert not set(loaded.split()) & set(HEAVY)
    options, settings = (
        set(re.findall(rf"^ +({prefix}[a-z-_]+)", told, re.MULTILINE)) for prefix in ("--gdtui", "gdtui_")
    )
    assert options - {UPDATE} == {"--" + name.replace("_", "-") for name in settings}
    assert all(f"(default: {value})" in told for value in ("1e-9", "1e-12"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}" in readme for name in options | settings)


def test_the_defaults_are_those_it_says() -> None:
    assert (Tolerance().rtol, Tolerance().atol) == (1e-9, 1e-12)


def test_the_example_is_that_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for file in ("pyproject.toml", "plugins/optimizers/signum.py", "tests/test_signum.py"):
        assert (SAMPLE / file).read_text(encoding="utf-8") in readme, file


def test_the_example_holds(tmp_path: Path) -> None:
    """The race on a function of the example's own, which needs no compiler; all of it is run on its own, see .ci."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "gdtui.pytest_plugin", "-p", "no:cacheprovider", "-W", "error",
         "-k", "function", "--basetemp", str(tmp_path / "base")],
        cwd=SAMPLE, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout + done.stderr
