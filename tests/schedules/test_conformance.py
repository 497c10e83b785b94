"""What every schedule file has to be. Files are discovered, so a new one is tested without touching this."""

from __future__ import annotations

import importlib
import math
import pkgutil
import re
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gdtui.schedules
from gdtui import registry, schedule_specs
from gdtui.contracts import Schedule, number
from gdtui.errors import clean
from tests import drawn
from tests.schedules import naive

MODULES: dict[str, ModuleType] = {
    info.name: importlib.import_module(f"gdtui.schedules.{info.name}")
    for info in pkgutil.iter_modules(gdtui.schedules.__path__)
    if not info.name.startswith("_")
}
SCHEDULES: dict[str, Schedule] = {name: module.SCHEDULE for name, module in MODULES.items()}
WITHOUT_A_PAPER = {"constant", "join"}
LIMITS = {"title": 30, "formula": 120, "reference": 160}
each = pytest.mark.parametrize("name", SCHEDULES)
RATES = st.floats(1e-12, 1e12)


def test_the_registry_finds_every_file() -> None:
    assert dict(registry.schedules()) == SCHEDULES


@each
def test_is_named_like_its_file_and_has_a_twin(name: str) -> None:
    assert SCHEDULES[name].name == name
    assert callable(getattr(naive, name))


@each
@pytest.mark.parametrize("field", LIMITS)
def test_texts_are_there_and_fit(name: str, field: str) -> None:
    text = getattr(SCHEDULES[name], field)
    assert text or (field == "reference" and name in WITHOUT_A_PAPER)
    assert clean(text, LIMITS[field]) == text == text.strip()


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name not in WITHOUT_A_PAPER])
def test_reference_has_a_year_and_a_link_and_is_in_the_docstring(name: str) -> None:
    text = MODULES[name].__doc__ or ""
    matched = re.fullmatch(r".+ ((?:19|20)\d\d), (https://\S+)", SCHEDULES[name].reference)
    assert matched is not None
    assert all(part in text for part in matched.groups())
    assert "eta_k = " in text


@each
def test_docstring_opens_with_one_sentence(name: str) -> None:
    first, _, _ = (MODULES[name].__doc__ or "").partition("\n\n")
    assert "\n" not in first
    assert first.endswith(".")


@each
def test_arguments_are_declared_in_full(name: str) -> None:
    options = {option.name: option for option in SCHEDULES[name].arguments}
    assert len(options) == len(SCHEDULES[name].arguments)
    assert not {"name", schedule_specs.LENGTH.name} & set(options), "these belong to the notation"
    for option in options.values():
        assert option.kind in {"number", "integer", "schedules"}
        assert option.meaning
        assert not option.choices
        low, high = (float(end) for end in option.interval[1:-1].split(","))
        assert -math.inf < low < high
        if option.default is not None:
            assert number(option.default, option.interval, integer=option.kind == "integer") == option.default
    for role in (SCHEDULES[name].length, SCHEDULES[name].warmup):
        assert not role or options[role].kind == "integer"


@each
def test_gives_float64_of_the_shape_of_k_and_leaves_k_alone(name: str) -> None:
    @given(made(name), st.lists(st.integers(0, 10**12), max_size=5), RATES)
    def check(spec: schedule_specs.ScheduleSpec, steps: list[int], lr: float) -> None:
        k = np.array(steps, dtype=np.int64)
        k.flags.writeable = False
        rates = spec.bound()(k, lr)
        assert (rates.shape, rates.dtype) == (k.shape, np.float64)
        assert rates.tobytes() == spec.bound()(k, lr).tobytes()
        assert np.isfinite(rates).all()
        assert (rates >= 0.0).all()

    check()


@each
def test_equals_its_naive_twin(name: str) -> None:
    @given(made(name, longest=400), RATES)
    def check(spec: schedule_specs.ScheduleSpec, lr: float) -> None:
        arguments = spec.filled() | {k: v for k, v in spec.arguments.items() if k == "phases"}
        expected = [getattr(naive, name)(k, lr, **arguments) for k in range(500)]
        found = spec.bound()(np.arange(500), lr)
        floor = 1e-12 * max([lr, *drawn.floors(spec)])  # a cosine's formula cancels where it ends
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=floor)

    check()


def made(name: str, *, longest: int = 10**12) -> st.SearchStrategy[schedule_specs.ScheduleSpec]:
    return drawn.joins(longest=longest) if name == "join" else drawn.simple_schedules(name, longest=longest)
