"""Everything is found by itself: built in, plugged in, and in its family."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import gdtui.objectives
import gdtui.optimizers
import gdtui.schedules
from gdtui import registry
from gdtui.contracts import is_kernel
from gdtui.errors import InputError

PLUGIN = """
from dataclasses import replace
from gdtui.optimizers.gd import OPTIMIZER as GD

OPTIMIZER = replace(GD, name="{name}", parent="{parent}")
"""


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of plugged-in optimizers, empty as yet."""
    (tmp_path / "optimizers").mkdir()
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path))
    return tmp_path / "optimizers"


def names_in(package: object) -> set[str]:
    return {info.name for info in pkgutil.iter_modules(package.__path__) if not info.name.startswith("_")}  # type: ignore[attr-defined]


def test_every_file_is_found_under_its_own_name() -> None:
    assert set(registry.objectives()) == names_in(gdtui.objectives)
    assert set(registry.optimizers()) == names_in(gdtui.optimizers)
    assert set(registry.schedules()) == names_in(gdtui.schedules)


def test_the_family_holds_everyone_once_below_its_parent() -> None:
    walked = [(depth, node) for root in registry.family() for depth, node in root.walk()]
    assert [node.optimizer.name for _, node in walked] == list(registry.optimizers())
    assert len({node.optimizer.name for _, node in walked}) == len(walked)
    for depth, node in walked:
        assert (node.optimizer.parent is None) == (depth == 0)
        for child in node.children:
            assert child.optimizer.parent == node.optimizer.name


def test_the_branch_that_people_learn_comes_first() -> None:
    first, second = registry.family()
    names = [node.optimizer.name for _, node in first.walk()]
    seed = ["gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]
    assert [name for name in names if name in seed] == seed
    assert second.optimizer.name == "newton"
    for node in (first, second):
        for _, each in node.walk():
            places = [(child.optimizer.order, child.optimizer.name) for child in each.children]
            assert places == sorted(places)


def test_built_in_functions_are_kernels() -> None:
    assert all(is_kernel(optimizer.rule) for optimizer in registry.optimizers().values())


def test_unknown_names_get_the_nearest() -> None:
    with pytest.raises(InputError, match=r"unknown optimizer 'adm'; did you mean 'adam'\?"):
        registry.optimizer("adm")
    with pytest.raises(InputError, match=r"unknown objective 'rosenbrok'; did you mean 'rosenbrock'\?"):
        registry.objective("rosenbrok")


def test_a_plugin_joins_the_family(plugins: Path) -> None:
    (plugins / "mine.py").write_text(PLUGIN.format(name="mine", parent="adam"))
    (plugins / "_helper.py").write_text("raise RuntimeError('not a plug-in')")
    (plugins / ".#mine.py").symlink_to("an-editors-lock")
    assert registry.optimizer("mine").parent == "adam"
    names = list(registry.optimizers())
    assert names.index("adam") < names.index("mine")


def test_an_orphan_is_a_root(plugins: Path) -> None:
    (plugins / "orphan.py").write_text(PLUGIN.format(name="orphan", parent="nobody"))
    assert "orphan" in {root.optimizer.name for root in registry.family()}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PLUGIN.format(name="adam", parent="gd"), "the name 'adam' is taken; give it another name"),
        ("x = 1", "has no OPTIMIZER made of Optimizer; add one"),
        ("OPTIMIZER = 3", "has no OPTIMIZER made of Optimizer; add one"),
        ("1 / 0", "ZeroDivisionError: division by zero; mend the plug-in"),
        ("def f(:", "SyntaxError"),
        ("import sys; sys.exit(3)", "SystemExit: 3; mend the plug-in"),
        ("raise RuntimeError('a\\n\\x1b[2Jb')", "RuntimeError: a\N{REPLACEMENT CHARACTER}"),
        (PLUGIN.format(name="mine", parent="mine"), "descends from itself"),
    ],
)
def test_a_bad_plugin_is_named(text: str, words: str, plugins: Path) -> None:
    (plugins / "bad.py").write_text(text)
    with pytest.raises(InputError) as caught:
        registry.optimizers()
    assert words in str(caught.value)
    assert "bad.py" in str(caught.value) or "mine" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_plugin_that_failed_is_not_left_half_imported(plugins: Path) -> None:
    (plugins / "half.py").write_text("1 / 0")
    with pytest.raises(InputError):
        registry.optimizers()
    assert "gdtui_plugins.optimizers.half" not in sys.modules


def test_several_folders(plugins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second = tmp_path / "second" / "optimizers"
    second.mkdir(parents=True)
    (plugins / "mine.py").write_text(PLUGIN.format(name="mine", parent="gd"))
    (second / "mine.py").write_text(PLUGIN.format(name="yours", parent="mine"))
    monkeypatch.setenv("GDTUI_PLUGINS", f"{tmp_path}:{second.parent}:")
    assert registry.plugin_folders() == (tmp_path, second.parent)
    assert registry.optimizer("yours").parent == "mine"


@pytest.mark.parametrize("look_up", [registry.objectives, registry.optimizers, registry.schedules, registry.family])
@pytest.mark.parametrize(
    ("name", "reason"),
    [("nowhere", "no such file or directory"), ("file.py", "not a directory"), ("x" * 300, "file name too long")],
)
def test_a_folder_that_cannot_be_looked_into_is_named(
    look_up: Callable[[], object], name: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file.py").write_text("")
    monkeypatch.setenv("GDTUI_PLUGINS", f"{tmp_path}:{tmp_path / name}")
    with pytest.raises(InputError) as caught:
        look_up()
    assert str(caught.value).startswith("GDTUI_PLUGINS: /")
    assert str(caught.value).endswith(f": {reason}; mend it, or take it out of GDTUI_PLUGINS")
