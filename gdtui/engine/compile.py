"""Compiles kernels on demand, with numba's cache in a folder of our own.

A kernel is a plain function (``contracts.kernel``); here it, and the kernels it calls, are jitted the first time they
are asked for. With ``NUMBA_DISABLE_JIT=1`` numba hands the plain function back, and everything runs as Python.

Why a keyed folder: numba does not notice that a function in another file changed, not even across an upgrade, so a
cache beside the sources would serve stale code. The folder's name is a hash of every source file that can reach a
kernel, of the plug-ins, and of the versions and settings that change machine code.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gdtui import folders, registry
from gdtui.contracts import is_kernel

_KEPT_FOLDERS = 4
_OPTIONS = {"nogil": True, "error_model": "numpy"}  # never fastmath, never parallel: both break determinism
_FLAGS = ("NUMBA_BOUNDSCHECK", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_OPT", "NUMBA_DISABLE_INTEL_SVML")

_lock = threading.RLock()
_jitted: dict[tuple[Callable[..., Any], str], Callable[..., Any]] = {}


def jit_is_off() -> bool:
    """Whether numba was told to leave functions as they are."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}


def compiled(function: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """``function`` compiled for the explicit signature called ``kind`` (see :func:`signature`). Thread-safe."""
    if jit_is_off():
        return function
    with _lock:
        key = (function, kind)
        if key not in _jitted:
            _jitted[key] = _compile(function, signature(kind))
        return _jitted[key]


def signature(kind: str) -> Any:
    """The numba signature of ``value_grad``, ``hessian``, ``hessian_vector``, ``rule``, ``advance`` or ``norm``."""
    from numba import types as nb

    reals, ints, matrix, table = nb.float64[::1], nb.int64[::1], nb.float64[:, ::1], nb.int64[:, ::1]
    value_grad = nb.float64(reals, reals, ints, ints, reals, reals)
    hessian = nb.void(reals, reals, ints, matrix)
    hessian_vector = nb.void(reals, reals, ints, reals, reals)
    functions = tuple(nb.FunctionType(s) for s in (value_grad, hessian, hessian_vector))
    at_step = (reals, ints, table, ints, reals, reals, nb.float64, reals, matrix, reals, nb.int64, nb.float64, ints)
    rule = nb.int64(*functions, *at_step)
    data = (reals, reals, ints, table, table, matrix)  # reals, seen, ints, blocks, batches, noises
    racer = (reals, reals, reals, matrix, reals, ints, reals)  # x, kept, g, state, hyper, counts, rates
    history = (matrix, matrix, ints, reals, ints)  # records, path, cursor, scalars, stop
    advance = nb.int64(functions[0], *functions, nb.FunctionType(rule), *data, *racer, *history)
    signatures = {"value_grad": value_grad, "hessian": hessian, "hessian_vector": hessian_vector}
    # As a call asks for it, so that what the loop compiled for itself is found in the cache.
    norm = (reals,)
    return (signatures | {"rule": rule, "advance": advance, "norm": norm})[kind]


def cache_folder() -> Path | None:
    """The keyed folder for compiled code, private to the user and writable, or None where there is none."""
    try:
        folder = folders.cache_folder("kernels") / _key()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # the files are pickles: nobody else may write here
        probe = folder / f".probe-{os.getpid()}-{threading.get_ident()}"
        probe.touch()
        probe.unlink()
        os.utime(folder)
    except OSError:
        return None
    return folder


def _compile(function: Callable[..., Any], explicit: Any) -> Callable[..., Any]:
    folder = cache_folder()
    if folder is None:
        return _jit(function, explicit, cached=False)
    with _numba_cache(folder):
        try:
            return _jit(function, explicit, cached=True)
        except Exception:
            # Either the kernel is wrong, and this says so again, or a file of the cache is damaged: start it afresh.
            # (The files are pickles; damaged ones raise anything.)
            uncached = _jit(function, explicit, cached=False)
            shutil.rmtree(folder, ignore_errors=True)
            return uncached


def _jit(function: Callable[..., Any], explicit: Any, *, cached: bool) -> Callable[..., Any]:
    import numba

    return numba.njit(explicit, cache=cached, **_OPTIONS)(_with_jitted_helpers(function, cached=cached))  # type: ignore[no-any-return]


def _with_jitted_helpers(function: Callable[..., Any], *, cached: bool) -> Callable[..., Any]:
    """A copy of ``function`` that sees the kernels it calls in their jitted form; itself when it calls none."""
    import numba

    code = function.__code__
    named = {name: function.__globals__.get(name) for name in code.co_names}
    helpers = {name: helper for name, helper in named.items() if is_kernel(helper) and helper is not function}
    if not helpers:
        return function
    jitted = {
        name: numba.njit(cache=cached, **_OPTIONS)(_with_jitted_helpers(helper, cached=cached))  # type: ignore[arg-type]
        for name, helper in helpers.items()
    }
    scope = {**function.__globals__, **jitted}
    copy = types.FunctionType(code, scope, function.__name__, function.__defaults__, function.__closure__)
    copy.__qualname__, copy.__module__ = function.__qualname__, function.__module__
    return copy


@contextlib.contextmanager
def _numba_cache(folder: Path) -> Iterator[None]:
    # Set only around our own compilations: left set, it would capture the functions of a program that embeds us.
    import numba

    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def _key() -> str:
    import llvmlite
    import numba
    import numpy

    digest = hashlib.sha256()
    versions = (sys.version, numba.__version__, llvmlite.__version__, numpy.__version__)
    for part in (*versions, *(os.environ.get(flag, "") for flag in _FLAGS)):
        digest.update(part.encode() + b"\0")
    package = Path(__file__).resolve().parent.parent
    kinds = ("objectives", "optimizers")
    reaching = [package / name for name in ("contracts.py", "engine", *kinds)]
    for root in (*reaching, *(folder / kind for folder in registry.plugin_folders() for kind in kinds)):
        for file in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            if file.is_file():
                digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def prune_cache() -> None:
    """Remove the folders of earlier versions, all but the few used last."""
    folder = cache_folder()
    if folder is None:
        return
    with contextlib.suppress(OSError):
        others = sorted(folder.parent.iterdir(), key=lambda other: other.stat().st_mtime, reverse=True)
        for other in others[_KEPT_FOLDERS:]:
            shutil.rmtree(other, ignore_errors=True)
