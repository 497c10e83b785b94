"""What every optimizer file has to be. Files are discovered, so a new one is tested without touching this."""

from __future__ import annotations

import ast
import importlib
import inspect
import math
import pkgutil
import re
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import gdtui.optimizers
from gdtui import registry, scenario, specs
from gdtui.analysis.prices import charges_of
from gdtui.contracts import Ints, Optimizer, Problem, Reals, Rule, is_kernel, kernel
from gdtui.errors import clean
from tests.engine import races
from tests.optimizers import anatomies, drive, goldens

NAMES = sorted(drive.OPTIMIZERS)
each = pytest.mark.parametrize("name", NAMES)
# Those that rules import from, too.
FILES = [f"gdtui.optimizers.{info.name}" for info in pkgutil.iter_modules(gdtui.optimizers.__path__)]
# The texts are read in a pane some 27 columns wide.
LIMITS = {"title": 30, "formula": 120, "fixes": 220, "fails": 220, "reference": 160}
CALLED = {"range", "abs", "min", "max", "float", "int", "value_grad", "hessian", "hessian_vector"}


def kernels(module: ModuleType) -> Iterator[ast.FunctionDef]:
    """The syntax trees of a file's own kernels."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.FunctionDef) and is_kernel(getattr(module, node.name, None)):
            yield node


def test_the_registry_finds_every_file() -> None:
    assert set(NAMES) <= set(registry.optimizers())


@each
def test_is_named_like_its_file(name: str) -> None:
    assert drive.OPTIMIZERS[name].name == name


@each
@pytest.mark.parametrize("field", LIMITS)
def test_texts_are_there_and_fit(name: str, field: str) -> None:
    text = getattr(drive.OPTIMIZERS[name], field)
    assert 0 < len(text) <= LIMITS[field]
    assert clean(text, LIMITS[field]) == text == text.strip()
    if field in ("fixes", "fails"):
        assert 1 <= len(re.findall(r"\.(?= |$)", text)) <= 3, "one to three sentences"
        assert text.endswith(".")
        assert text[0].isupper()


@each
def test_reference_has_a_year_and_a_link_and_is_in_the_docstring(name: str) -> None:
    text = drive.MODULES[name].__doc__ or ""
    matched = re.fullmatch(r".+ ((?:18|19|20)\d\d), (https://\S+)", drive.OPTIMIZERS[name].reference)
    assert matched is not None
    assert all(part in text for part in matched.groups())


@each
def test_docstring_opens_with_one_sentence(name: str) -> None:
    first, _, rest = (drive.MODULES[name].__doc__ or "").partition("\n\n")
    assert "\n" not in first
    assert first.endswith(".")
    assert "<-" in rest


@each
def test_fails_on_a_scenario_that_exists(name: str) -> None:
    assert drive.OPTIMIZERS[name].fails_on in (*scenario.builtin_names(), *scenario.trap_names())


@each
def test_what_shows_a_failure_is_the_optimizer_beside_its_parent(name: str) -> None:
    optimizer = drive.OPTIMIZERS[name]
    if optimizer.shown_by:
        shown = [specs.parse(text) for text in optimizer.shown_by]
        assert [spec.optimizer for spec in shown] == [name, optimizer.parent]
        rate = f"{shown[0].lr:g}".removeprefix("0")  # as the texts write it
        assert re.search(rf"η = {re.escape(rate)}\b", optimizer.fails)


def test_the_family_has_a_root_for_gradients_and_one_for_curvature() -> None:
    parents = {name: drive.OPTIMIZERS[name].parent for name in NAMES}
    roots = [name for name, parent in parents.items() if parent is None]
    assert roots == ["gd", "newton"]
    for name in NAMES:
        ancestors = [name]
        while (parent := parents[ancestors[-1]]) is not None:
            assert parent in parents, f"{ancestors[-1]} has an unknown parent {parent!r}"
            assert parent not in ancestors, "a circle"
            ancestors.append(parent)
        assert ancestors[-1] in roots
        assert ancestors[-1] == "gd" or "hessian" in drive.OPTIMIZERS["newton"].calls


@each
def test_a_state_that_depends_on_more_than_n_is_put_into_words(name: str) -> None:
    optimizer = drive.OPTIMIZERS[name]
    assert bool(optimizer.state) == (optimizer.state_shape is not None)
    assert len(optimizer.state) <= 110


@each
def test_a_step_is_charged_for_what_its_file_says(name: str) -> None:
    optimizer = drive.OPTIMIZERS[name]
    assert bool(optimizer.charges) == bool(optimizer.evaluates or optimizer.calls)
    charges, steps = np.zeros(4, dtype=np.int64), 5
    drive.run(name, drive.rosenbrock(), steps=steps, charges=charges)
    charges[1] += 0 if optimizer.evaluates else steps  # the gradient at x is the engine's, and taken for every step
    told = {charge.what: charge for charge in charges_of(optimizer)}
    for what, count in zip(("value", "gradient", "hessian", "hessian_vector"), charges.tolist(), strict=True):
        least, most = (told[what].least, told[what].most) if what in told else (0, 0)
        assert least * steps <= count <= (math.inf if most is None else most * steps), what


@each
def test_numbers_are_inside_their_intervals(name: str) -> None:
    optimizer = drive.OPTIMIZERS[name]
    assert 0 < optimizer.learning_rate < math.inf
    assert optimizer.batch_size >= 0
    named = [hyperparameter.name for hyperparameter in optimizer.hyperparameters]
    assert len(set(named)) == len(named)
    assert not {"lr", "batch_size", "l2", "clip", "schedule"} & set(named), "these belong to the engine"
    for hyperparameter in optimizer.hyperparameters:
        assert hyperparameter.check(hyperparameter.default) == hyperparameter.default
        assert hyperparameter.meaning


@each
def test_rule_is_a_kernel_with_the_one_signature(name: str) -> None:
    rule = drive.OPTIMIZERS[name].rule
    assert is_kernel(rule)
    expected = [p for p in inspect.signature(Rule.__call__).parameters if p != "self"]
    assert list(inspect.signature(rule).parameters) == expected


@pytest.mark.parametrize("file", FILES)
def test_kernels_keep_to_what_is_the_same_compiled_and_plain(file: str) -> None:
    module = importlib.import_module(file)
    for function in kernels(module):
        for node in ast.walk(function):
            assert not isinstance(node, ast.MatMult | ast.ListComp | ast.List | ast.Dict | ast.Set | ast.JoinedStr)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
                assert isinstance(node.right, ast.Constant), "a power with a variable exponent has other bits"
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                known = getattr(module, called, None)
                assert called in CALLED or called.startswith("math.") or is_kernel(known), f"calls {called}"


def assert_is_its_twin(name: str, problem: Problem, **given: float) -> None:
    # Rules that look at curvature pass by saddles in factorising, and after a few steps there amplify rounding.
    wild = drive.OPTIMIZERS[name].calls and problem.objective == "matrix_factorisation"
    path, twin = (go(name, problem, steps=2 if wild else 100, **given) for go in (drive.run, drive.twin))
    assert drive.largest_difference(path, twin) <= 1e-12


@each
@pytest.mark.parametrize("problem", goldens.PROBLEMS)
def test_equals_its_naive_twin(name: str, problem: str, problems: Mapping[str, Problem]) -> None:
    assert_is_its_twin(name, problems[problem])


@each
@pytest.mark.parametrize("problem", ["rosenbrock", "logistic"])
def test_equals_its_naive_twin_under_l2_and_clip(name: str, problem: str, problems: Mapping[str, Problem]) -> None:
    takes = specs.hyperparameters(drive.OPTIMIZERS[name])
    given = {key: value for key, value in {"l2": 0.01, "clip": 0.2}.items() if key in takes}
    assert_is_its_twin(name, problems[problem], **given)


@pytest.mark.jit
@each
@pytest.mark.parametrize("objective", races.ALGEBRAIC)
def test_compiled_and_plain_give_the_same_bits(name: str, objective: str) -> None:
    problem = races.scenario(races.ALGEBRAIC[objective]).build()
    steps = 100 if problem.n <= 5 else 20
    plain, compiled = (drive.run(name, problem, steps=steps, lane=lane) for lane in (drive.plain, drive.compiled))
    assert plain.tobytes() == compiled.tobytes()


@kernel
def constant_gradient(x: Reals, reals: Reals, ints: Ints, batch: Ints, noise: Reals, g: Reals) -> float:
    for i in range(x.shape[0]):
        g[i] = reals[0]
    return 0.0


def without_decay(optimizer: Optimizer) -> dict[str, Any]:
    return {h.name: 0.0 for h in optimizer.hyperparameters if h.name == "weight_decay"}


@each
def test_a_zero_gradient_leaves_the_point_where_it_is(name: str) -> None:
    problem = drive.made(constant_gradient, [1.5, -2.5, 0.0], reals=np.zeros(1))
    path = drive.run(name, problem, steps=50, **without_decay(drive.OPTIMIZERS[name]))
    assert np.array_equal(path, np.broadcast_to(problem.start, path.shape))


@each
@pytest.mark.parametrize("size", [5e-324, -1e-310, 1e-200])
def test_tiny_gradients_give_numbers(name: str, size: float) -> None:
    problem = drive.made(constant_gradient, [1.5, -2.5, 0.0], reals=np.array([size]))
    assert np.isfinite(drive.run(name, problem, steps=50)).all()


@each
@pytest.mark.parametrize("size", [1e200, -1e308, math.inf, math.nan])
def test_monstrous_gradients_never_raise(name: str, size: float) -> None:
    problem = drive.made(constant_gradient, [1.5, -2.5, 0.0], reals=np.array([size]))
    drive.run(name, problem, steps=50)


@each
def test_its_anatomy_puts_the_step_together(name: str) -> None:
    if drive.OPTIMIZERS[name].anatomy is None:
        pytest.skip("its file has none")
    for last in anatomies.steps_of(name):
        anatomies.assert_puts_together(last)


@each
def test_keeps_nothing_between_runs(name: str) -> None:
    problem = drive.rosenbrock()
    assert np.array_equal(drive.run(name, problem, steps=40)[:21], drive.run(name, problem, steps=20))
