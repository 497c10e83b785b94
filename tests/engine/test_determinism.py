"""Neither the tick size, nor the racers' order, nor threads, nor the compiler can change a bit of any trajectory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui.engine import compile as compiler
from gdtui.engine import history, lanes
from gdtui.engine import race as racing
from gdtui.engine.race import Race
from tests.engine.races import ALGEBRAIC, BATCH, OPTIMIZERS, PLUGINS, assert_same, contents, fit, race

CUTS = st.lists(st.integers(0, 90), min_size=1, max_size=6)
SPECS = {
    "full batch": ("rosenbrock", ""),
    "mini-batch": ("logistic", f":batch_size={BATCH}"),
    "noise": ("noisy_bowl", ""),
    "time-dependent": ("tick_tock", ""),
    "matrices": (ALGEBRAIC["matrix factorisation"], f":batch_size={BATCH}"),
}


@pytest.fixture(autouse=True)
def _plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDTUI_PLUGINS", str(PLUGINS))


@pytest.fixture
def small_histories() -> Iterator[None]:
    """Histories so short that they merge several times within a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "MOST_RECORDS", 16)
        patch.setattr(history, "LONGEST_PATH", 6)
        yield


def in_pieces(whole: Race, cuts: list[int]) -> Race:
    for steps in cuts:
        whole.advance(steps)
    return whole


@pytest.mark.usefixtures("small_histories")
@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_tick_size_changes_nothing(optimizer: str, kind: str) -> None:
    objective, suffix = SPECS[kind]
    if optimizer not in fit(objective):
        pytest.skip(f"{optimizer} asks for more than {objective} has")

    @settings(max_examples=5)
    @given(cuts=CUTS)
    def check(cuts: list[int]) -> None:
        together = race(objective, optimizer + suffix).advance(sum(cuts))
        assert_same(together, in_pieces(race(objective, optimizer + suffix), cuts))

    check()


@pytest.mark.parametrize("kind", SPECS)
def test_order_and_threads_change_nothing(kind: str) -> None:
    objective, suffix = SPECS[kind]
    racers = [name + suffix for name in fit(objective)]
    straight = race(objective, *racers).advance(300)
    assert_same(straight, race(objective, *reversed(racers)).advance(300))
    assert_same(straight, in_pieces(race(objective, *racers, threads=2), [100, 1, 199]))


def test_threads_sharing_many_epochs() -> None:
    racers = [f"sgd:batch_size={size},label=b{size}" for size in (3, 5, 7, 11, 13, 17, 19, 23)]
    straight = race({"name": "logistic", "samples": 40}, *racers).advance(2000)
    assert_same(straight, race({"name": "logistic", "samples": 40}, *racers, threads=4).advance(2000))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_recording_changes_no_step(optimizer: str) -> None:
    """The full objective is looked at where a row is due; the racer must not notice."""
    if optimizer not in fit("logistic"):
        pytest.skip(f"{optimizer} asks for more than logistic has")
    plain = race("logistic", f"{optimizer}:batch_size={BATCH}").advance(400)
    seldom = race("logistic", f"{optimizer}:batch_size={BATCH}", every=50).advance(400)
    assert plain[optimizer].theta.tobytes() == seldom[optimizer].theta.tobytes()
    assert plain[optimizer].loss[::50].tobytes() == seldom[optimizer].loss.tobytes()


@pytest.mark.parametrize("kind", ["mini-batch", "noise"])
def test_how_long_a_piece_of_the_tables_is_drawn_changes_nothing(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    objective, suffix = SPECS[kind]
    usual = race(objective, "momentum" + suffix).advance(333)
    monkeypatch.setattr(racing, "LONGEST_CALL", 25)
    assert_same(usual, race(objective, "momentum" + suffix).advance(333))


def test_another_seed_is_another_race() -> None:
    first, again, other = (race("noisy_bowl", "gd:lr=0.1", seed=seed).advance(50) for seed in (1, 1, 2))
    assert contents(first["gd"]) == contents(again["gd"])
    assert contents(first["gd"]) != contents(other["gd"])


@pytest.mark.jit
@pytest.mark.parametrize("objective", ALGEBRAIC)
def test_compiled_and_plain_code_agree_to_the_bit(objective: str, monkeypatch: pytest.MonkeyPatch) -> None:
    racers = fit(ALGEBRAIC[objective])
    fast = race(ALGEBRAIC[objective], *racers).advance(25)
    for module in (compiler, lanes):
        monkeypatch.setattr(module, "jit_is_off", lambda: True)
    assert_same(fast, race(ALGEBRAIC[objective], *racers).advance(25))


@pytest.mark.jit
def test_a_process_without_the_compiler_gives_the_same_bits(run_python: Callable[..., str]) -> None:
    unplugged = {"GDTUI_PLUGINS": None}  # under the plug-ins' key all would be compiled anew
    program = (
        "from tests.engine.races import contents, fit, race\n"
        "r = race('rosenbrock', *fit('rosenbrock')).advance(60)\n"
        "import hashlib; print(hashlib.sha256(repr([contents(x) for x in r]).encode()).hexdigest())"
    )
    assert run_python(program, **unplugged) == run_python(program, NUMBA_DISABLE_JIT="1", **unplugged)


def test_steps_are_those_asked_for() -> None:
    whole = in_pieces(race("rosenbrock", "gd", "adam"), [3, 0, 7])
    assert whole.step == 10
    for racer in whole:
        assert racer.step == 10
        assert racer.steps.tolist() == list(range(11))
        assert all(later - earlier == 1 for earlier, later in pairwise(racer.path_steps.tolist()))
