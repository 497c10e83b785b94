"""Shared by all tests: an environment of their own, repeatable examples, and programs run in a process of their own.

Compiled kernels are kept in pytest's cache folder, one folder per set of numba's settings, so that tests neither read
nor write the user's cache and a second run compiles nothing. With ``NUMBA_DISABLE_JIT=1`` everything runs as Python;
what then has nothing left to show carries the ``jit`` marker and is skipped.
"""

from __future__ import annotations

import gc
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

os.environ["NUMBA_DISABLE_INTEL_SVML"] = "1"  # before anything imports numba: the same bits on every machine
for variable in [name for name in os.environ if name.startswith("GDTUI_") and name != "GDTUI_UPDATE_GOLDEN"]:
    del os.environ[variable]
os.environ["GDTUI_CONFIG"] = os.devnull  # the user's own would be read

# A heap of a million objects, gone through after every few hundred allocations, would take a tenth of the time.
gc.set_threshold(50_000, 20, 100)

hypothesis.settings.register_profile("gdtui", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("gdtui")

JIT_IS_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}
CHECKOUT = Path(__file__).resolve().parent.parent
collect_ignore = ["sample_project"]  # a project of its own, with a configuration of its own


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "jit: shows something of compiled code, so it needs the compiler")
    settings = sorted((name, value) for name, value in os.environ.items() if name.startswith("NUMBA_"))
    name = "kernels-" + hashlib.sha256(repr(settings).encode()).hexdigest()[:8]
    if cache := getattr(config, "cache", None):
        os.environ["GDTUI_CACHE_DIR"] = str(cache.mkdir(name))
    else:  # under -p no:cacheprovider
        folder = tempfile.TemporaryDirectory(prefix=name)
        config.add_cleanup(folder.cleanup)
        os.environ["GDTUI_CACHE_DIR"] = folder.name


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what is loaded by now stays


def pytest_unconfigure() -> None:
    if compiler := sys.modules.get("gdtui.engine.compile"):
        compiler.prune_cache()  # every edit of a source starts a folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if JIT_IS_OFF and item.get_closest_marker("jit"):
            item.add_marker(pytest.mark.skip(reason="NUMBA_DISABLE_JIT is set, and this is about compiled code"))


@pytest.fixture
def run_python() -> Callable[..., str]:
    """Run a program text in a new process, with changes to its environment (None unsets); returns what it printed."""

    def run(program: str, **environment: str | None) -> str:
        changed = os.environ | {"PYTHONPATH": str(CHECKOUT)} | environment
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={name: value for name, value in changed.items() if value is not None},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
