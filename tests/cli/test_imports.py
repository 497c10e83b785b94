"""What a command imports, which decides how soon it answers."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numba", "llvmlite", "textual", "rich", "plotext", "contourpy")


def _loaded(code: str) -> set[str]:
    probe = f"import sys\n{code}\nprint('MODULES', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(result.stdout.rpartition("MODULES ")[2].split())


def _command(*arguments: str, code: int = 0) -> str:
    return (
        f"from gdtui.cli import main\ntry:\n    main({list(arguments)!r}, prog_name='gdtui')\n"
        f"except SystemExit as end:\n    assert (end.code or 0) == {code}"
    )


@pytest.mark.parametrize(
    "arguments",
    [("--version",), ("--help",), *((command, "--help") for command in ("run", "shot", "film", "explain", "saddle"))],
)
def test_answers_about_the_program_import_nothing_but_click(arguments: tuple[str, ...]) -> None:
    loaded = _loaded(_command(*arguments))
    assert "click" in loaded
    assert not loaded & {*HEAVY, "numpy", "msgspec", "platformdirs"}


def test_the_package_alone_imports_nothing() -> None:
    assert not _loaded("import gdtui") & {*HEAVY, "numpy", "msgspec", "click"}


@pytest.mark.parametrize("kind", ["scenarios", "objectives", "optimizers", "schedules"])
def test_lists_need_no_compiler_and_no_screen(kind: str) -> None:
    assert not _loaded(_command("list", kind)) & set(HEAVY)


@pytest.mark.parametrize("arguments", [("adam",), ("cosine",), ("rosenbrock", "--json")])
def test_explanations_need_no_compiler_and_no_screen(arguments: tuple[str, ...]) -> None:
    assert not _loaded(_command("explain", *arguments)) & set(HEAVY)


def test_nor_do_explanations_in_ascii() -> None:
    ascii_only = "import sys\nsys.stdout.reconfigure(encoding='ascii')\n"
    assert not _loaded(ascii_only + _command("explain", "adam")) & set(HEAVY)


@pytest.mark.parametrize("arguments", [("path",), ("show",), ("show", "--json")])
def test_the_configuration_needs_no_compiler_and_no_screen(arguments: tuple[str, ...]) -> None:
    assert not _loaded(_command("config", *arguments)) & {*HEAVY, "numpy"}


def test_a_diagnosis_needs_no_compiler_and_no_screen() -> None:
    assert not _loaded(_command("diagnose", "tests/logs/linear.csv")) & set(HEAVY)


def test_nor_does_the_script_for_a_shell() -> None:
    assert not _loaded(_command("completion", "fish")) & {*HEAVY, "numpy"}


def test_a_race_without_a_screen_loads_no_screen() -> None:
    assert not _loaded(_command("run", "saddle", "--steps", "3")) & {"textual", "rich", "plotext"}


def test_pictures_and_films_need_no_screen() -> None:
    for command in (("shot", "saddle", "--at", "3"), ("film", "saddle", "--frames", "2", "-o", "-")):
        assert not _loaded(_command(*command)) & {"textual", "rich"}


def test_the_app_is_refused_before_textual_is_imported() -> None:
    assert not _loaded(_command("saddle", code=2)) & {"textual", "rich", "numba"}


def test_numba_is_told_to_give_the_same_results_on_every_machine() -> None:
    code = _command("run", "saddle", "--steps", "3") + "\nimport numba\nprint(numba.config.DISABLE_INTEL_SVML)"
    probe = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert probe.stdout.splitlines()[-1] in {"1", "True"}
