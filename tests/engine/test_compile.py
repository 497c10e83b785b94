"""The kernels' cache: a second process compiles nothing, no edit goes unseen, and no damage stops the program."""

from __future__ import annotations

import math
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import gdtui
from gdtui.engine import compile as compiler
from gdtui.engine import lockstep
from gdtui.objectives import rosenbrock
from tests.engine.races import PLUGINS

pytestmark = pytest.mark.jit

PACKAGE = Path(gdtui.__file__).parent
RUN = """
from tests.engine.races import race
r = race("{objective}", {racers}).advance(100)
print([x.theta.tolist() for x in r])
"""

# A kernel alone, without the loop around it, which takes longer to compile than all else.
VALUE = """
import numpy as np
from gdtui import registry
from gdtui.engine.compile import compiled
p = registry.objective("noisy_bowl").build({}, 0)
none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
print(compiled(p.value_grad, "value_grad")(p.start, p.reals, p.ints, none, nothing, np.empty(3)))
"""


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, and nothing compiled in this process yet; the folder that holds the cache."""
    monkeypatch.setenv("GDTUI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(compiler, "_jitted", {})
    return tmp_path / "cache"


def compiled_files(folder: Path) -> dict[str, int]:
    return {str(file): file.stat().st_mtime_ns for file in folder.rglob("*.nb[ic]")}


def value_at_start(function: Callable[..., float]) -> float:
    none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    return function(np.array([-1.2, 1.0]), nothing, none, none, nothing, np.empty(2))


def forget() -> None:
    compiler._jitted.clear()


def test_a_second_process_compiles_nothing(tmp_path: Path, run_python: Callable[..., str]) -> None:
    program = RUN.format(objective="rosenbrock", racers="'gd', 'nesterov', 'adamw'")  # adamw calls another kernel
    first = run_python(program, GDTUI_CACHE_DIR=str(tmp_path))
    files = compiled_files(tmp_path)
    assert sum(name.endswith(".nbc") for name in files) >= 8
    assert run_python(program, GDTUI_CACHE_DIR=str(tmp_path)) == first
    assert compiled_files(tmp_path) == files


def test_a_plugin_is_cached_and_its_edit_is_seen(tmp_path: Path, run_python: Callable[..., str]) -> None:
    shutil.copytree(PLUGINS, tmp_path / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
    places = {"GDTUI_PLUGINS": str(tmp_path / "plugins"), "GDTUI_CACHE_DIR": str(tmp_path / "cache")}
    before = run_python(VALUE, **places)
    files = compiled_files(tmp_path)
    assert run_python(VALUE, **places) == before
    assert compiled_files(tmp_path) == files
    objective = tmp_path / "plugins" / "objectives" / "noisy_bowl.py"
    objective.write_text(objective.read_text().replace("0.5 *", "1.5 *"))
    assert run_python(VALUE, **places) != before


@pytest.mark.parametrize(
    "name", ["contracts.py", "engine/lockstep.py", "engine/racer.py", "objectives/quadratic.py", "optimizers/adam.py"]
)
def test_every_source_that_reaches_a_kernel_is_in_the_key(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "gdtui"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "tui", "cli"))
    monkeypatch.setattr(compiler, "__file__", str(copy / "engine" / "compile.py"))
    before = compiler._key()
    assert compiler._key() == before
    (copy / name).write_text((copy / name).read_text() + "\n")
    assert compiler._key() != before


def test_settings_and_new_files_are_in_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(PLUGINS, tmp_path / "plugins")
    plain = compiler._key()
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    checked = compiler._key()
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path / "plugins"))
    plugged = compiler._key()
    (tmp_path / "plugins" / "optimizers" / "_helper.py").write_text("")
    assert len({plain, checked, plugged, compiler._key()}) == 4


def test_an_editors_lock_file_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "optimizers").mkdir()
    (tmp_path / "optimizers" / ".#rule.py").symlink_to("somebody@somewhere.123")
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path))
    assert compiler._key()


def test_the_folder_is_private(fresh: Path) -> None:
    folder = compiler.cache_folder()
    assert folder is not None
    assert folder.is_relative_to(fresh)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_numbas_own_setting_is_restored(fresh: Path) -> None:
    import numba

    def wrong(x: int) -> None:
        raise NotImplementedError("numba cannot know" + x)  # type: ignore[operator]

    before = numba.config.CACHE_DIR
    compiler.compiled(rosenbrock.value_grad, "value_grad")
    assert before == numba.config.CACHE_DIR
    files = compiled_files(fresh)
    assert files
    with pytest.raises(Exception, match="arguments"):
        compiler.compiled(wrong, "value_grad")
    assert before == numba.config.CACHE_DIR
    assert compiled_files(fresh) == files  # a wrong kernel does not cost the others their place in the cache


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x80\x05K\x01.", None])
@pytest.mark.parametrize("kind", [".nbi", ".nbc"])
def test_damaged_files_are_replaced(fresh: Path, kind: str, damage: bytes | None) -> None:
    assert value_at_start(compiler.compiled(rosenbrock.value_grad, "value_grad")) == pytest.approx(24.2)
    sound = {file: file.stat().st_size for file in fresh.rglob(f"*{kind}")}
    for file, size in sound.items():
        file.write_bytes(file.read_bytes()[: size // 2] if damage is None else damage)
    for _ in range(2):  # the first time it is swept away, the second time written again
        forget()
        assert value_at_start(compiler.compiled(rosenbrock.value_grad, "value_grad")) == pytest.approx(24.2)
    # The same files, and whole ones: compiled anew they may differ by a few bytes, half of one is not enough.
    assert {file for file in fresh.rglob(f"*{kind}") if file.stat().st_size > 0.9 * sound[file]} == set(sound)
    files = compiled_files(fresh)
    forget()
    compiler.compiled(rosenbrock.value_grad, "value_grad")
    assert compiled_files(fresh) == files


def test_a_damaged_helper_is_replaced(fresh: Path) -> None:
    from gdtui.optimizers import adam, adamw

    compiler.compiled(adam.update, "rule")
    compiler.compiled(adamw.update, "rule")
    for file in fresh.rglob("adam.*.nbi"):
        file.write_bytes(b"garbage")
    for file in fresh.rglob("adamw.*"):
        file.unlink()
    forget()
    assert compiler.compiled(adamw.update, "rule") is not None


def in_the_way(tmp_path: Path) -> Path:
    """A file where a folder is wanted: unwritable even to root."""
    file = tmp_path / "file"
    file.write_text("in the way")
    return file


@pytest.mark.parametrize("below", ["", "deeper"])
def test_without_a_place_for_the_cache_the_program_runs(
    below: str, fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDTUI_CACHE_DIR", str(in_the_way(tmp_path) / below))
    assert compiler.cache_folder() is None
    assert value_at_start(compiler.compiled(rosenbrock.value_grad, "value_grad")) == pytest.approx(24.2)
    compiler.prune_cache()
    assert compiled_files(tmp_path) == {}


def test_without_a_writable_home_the_program_runs(tmp_path: Path, run_python: Callable[..., str]) -> None:
    nowhere = {"HOME": str(in_the_way(tmp_path)), "GDTUI_CACHE_DIR": None, "XDG_CACHE_HOME": None}
    program = RUN.format(objective="rosenbrock", racers="'gd'")
    sources = set(PACKAGE.rglob("*.nb[ic]"))
    assert run_python(program, **nowhere) == run_python(program)
    assert set(PACKAGE.rglob("*.nb[ic]")) == sources == set()


def test_a_cache_that_vanishes_is_made_again(fresh: Path) -> None:
    compiler.compiled(lockstep.norm, "norm")
    shutil.rmtree(fresh)
    assert value_at_start(compiler.compiled(rosenbrock.value_grad, "value_grad")) == pytest.approx(24.2)
    assert compiled_files(fresh)


def test_threads_compile_a_kernel_once(fresh: Path) -> None:
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.append(compiler.compiled(lockstep.norm, "norm"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len(set(map(id, results))) == 1


def test_pruning_keeps_what_was_used_last(fresh: Path) -> None:
    current = compiler.cache_folder()
    assert current is not None
    for age in range(10):
        old = current.parent / f"old{age}"
        old.mkdir()
        os.utime(old, (age, age))
    compiler.prune_cache()
    assert {folder.name for folder in current.parent.iterdir()} == {current.name, "old9", "old8", "old7"}


def test_norms_survive_extremes() -> None:
    norm = compiler.compiled(lockstep.norm, "norm")
    for scale in (1e-300, 1e-150, 1.0, 1e150, 1e300):
        assert norm(np.array([3.0, -4.0]) * scale) == pytest.approx(5.0 * scale)
    assert norm(np.zeros(3)) == 0.0
    assert norm(np.array([1.0, math.inf])) == math.inf
    assert math.isnan(norm(np.array([1.0, math.nan, 2.0])))
