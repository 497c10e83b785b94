"""``gdtui explain``: a page for every optimizer, objective and schedule."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gdtui import registry, specs
from gdtui.analysis import prices
from gdtui.cli import main
from gdtui.contracts import Hyperparameter, Option
from gdtui.notation import literal
from tests.cli.support import invoke

KINDS: dict[str, dict[str, Any]] = {
    "optimizer": dict(registry.optimizers()),
    "objective": dict(registry.objectives()),
    "schedule": dict(registry.schedules()),
}
EVERY = [(kind, name) for kind, known in KINDS.items() for name in known]
HEADINGS = {"optimizer": "Hyperparameters", "objective": "Options", "schedule": "Arguments"}
each = pytest.mark.parametrize(("kind", "name"), EVERY)


def page(name: str) -> str:
    result = invoke("explain", name)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def records(name: str) -> dict[str, Any]:
    result = invoke("explain", name, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def told(text: str) -> str:
    """The text on one line, as the wrapped one is compared with."""
    return " ".join(text.split())


def sections(name: str) -> dict[str, str]:
    """The text under each heading of a page."""
    title, *parts = page(name).rstrip("\n").split("\n\n")
    return {"": title} | {head: body for head, _, body in (part.partition("\n") for part in parts)}


def parameters(kind: str, name: str) -> Sequence[Hyperparameter | Option]:
    if kind == "optimizer":
        own = [h.name for h in KINDS[kind][name].hyperparameters]
        known = specs.hyperparameters(KINDS[kind][name])
        return [known[key] for key in dict.fromkeys(("lr", *own, *known))]
    return list(KINDS[kind][name].options if kind == "objective" else KINDS[kind][name].arguments)


@each
def test_everything_has_a_page_with_all_there_is_to_say(kind: str, name: str) -> None:
    record = KINDS[kind][name]
    text = told(page(name))
    assert text.startswith(f"{record.title} ({kind} {name})")
    for equation in re.split(r"[;,] {2,}", record.formula):
        assert equation in text
    assert told(record.reference) in text
    for parameter in parameters(kind, name):
        assert f" {parameter.name} " in text


@each
def test_parameters_have_their_default_range_and_meaning(kind: str, name: str) -> None:
    lines = sections(name).get(HEADINGS[kind], "").splitlines()
    for record, parameter in zip(records(name)[kind]["parameters"], parameters(kind, name), strict=False):
        assert (record["name"], record["meaning"]) == (parameter.name, parameter.meaning)
        line = next(line for line in lines if line.startswith(f"  {parameter.name} "))
        assert parameter.meaning.split()[0] in line
        assert record["range"] in (parameter.interval, None)
        assert (record["range"] or "") in line
        shown = line.split()[1]
        if record["default"] is None:
            assert shown == ("required" if kind == "schedule" else "none")
        else:
            assert literal(shown) == record["default"]


def test_learning_rate_and_batch_size_are_the_optimizers_own() -> None:
    found = {p["name"]: p["default"] for p in records("sgd")["optimizer"]["parameters"]}
    assert found == {"lr": 1e-3, "batch_size": 32, "l2": 0.0, "clip": 0.0, "schedule": "constant"}


def test_l2_and_clip_are_there_only_where_they_may_be_given() -> None:
    given = {name: {p["name"] for p in records(name)["optimizer"]["parameters"]} for name in ("adamw", "newton", "gd")}
    assert not given["adamw"] & {"l2"}
    assert not given["newton"] & {"clip"}
    assert given["gd"] >= {"l2", "clip"}


@pytest.mark.parametrize("name", KINDS["optimizer"])
def test_an_optimizers_page_says_what_it_fixes_where_it_fails_and_what_it_needs(name: str) -> None:
    optimizer, found = registry.optimizer(name), sections(name)
    fixes = f"Fixes in {optimizer.parent}" if optimizer.parent else "What it is"
    assert told(found[fixes]) == optimizer.fixes
    assert told(found["Fails"]) == f"{optimizer.fails} seen in the scenario {optimizer.fails_on}"
    family = told(found["Family"])
    assert family.startswith(f"parent: {optimizer.parent or 'none'} children: ")
    children = [other.name for other in registry.optimizers().values() if other.parent == name]
    assert family.endswith(", ".join(children) or "none")
    for slot in (*optimizer.slots, *optimizer.scalars):
        assert slot in told(found["State"])
    assert ("numbers for 100 parameters" in found["State"]) == (optimizer.state_shape is not None)
    step = told(found["A step"])
    assert step.startswith(prices.step_of(optimizer))
    assert ("elsewhere than at θ" in step) == optimizer.evaluates
    assert ("Hessian" in step) == ("hessian" in optimizer.calls)
    assert (f"at most {optimizer.most_parameters} parameters" in step) == (optimizer.most_parameters is not None)
    assert ("a matrix" in step) == optimizer.matrices
    assert optimizer.instead in step
    for stop in optimizer.stops:
        assert stop.rstrip(",") in step


def test_equations_stand_below_each_other() -> None:
    assert sections("momentum")["Rule"] == "  v ← βv + g\n  θ ← θ − ηv"


def test_json_is_one_object_by_kind() -> None:
    assert list(records("adam")) == ["optimizer"]
    adam = records("adam")["optimizer"]
    listed = json.loads(invoke("list", "optimizers", "--json").stdout)
    assert adam == next(record for record in listed if record["name"] == "adam")


@pytest.mark.parametrize(("typed", "meant"), [("adm", "adam"), ("Cosine", "cosine"), ("rosenbrok", "rosenbrock")])
def test_an_unknown_name_is_one_line_with_the_nearest(typed: str, meant: str) -> None:
    result = invoke("explain", typed)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"gdtui: nothing is called {typed!r}; did you mean {meant!r}? allowed: ")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@each
def test_pages_keep_to_the_width_of_the_terminal(
    kind: str, name: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdtui.cli.tables.terminal_width", lambda: width)
    for line in page(name).splitlines():
        assert len(line) <= width or len(max(line.split(), key=len)) > width - 12  # a word is never cut


def test_a_page_for_a_file_has_80_columns() -> None:
    assert 70 < max(map(len, page("muon").splitlines())) <= 80


@each
def test_a_locale_without_greek_gets_ascii(kind: str, name: str) -> None:
    result = CliRunner(charset="ascii").invoke(main, ["explain", name], prog_name="gdtui")
    assert result.exit_code == 0
    assert result.stdout_bytes.isascii()


PLUGIN = """
from dataclasses import replace
from gdtui.{package}.{original} import {record} as ORIGINAL

{record} = replace(ORIGINAL, name="twice", title={title!r})
"""


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path))
    return tmp_path


def plug_in(folder: Path, package: str, original: str, record: str, title: str = "found twice") -> None:
    file = folder / package / "twice.py"
    file.parent.mkdir()
    file.write_text(PLUGIN.format(package=package, original=original, record=record, title=title), encoding="utf-8")


def test_a_name_of_several_kinds_prints_all(plugins: Path) -> None:
    plug_in(plugins, "optimizers", "adam", "OPTIMIZER")
    plug_in(plugins, "schedules", "cosine", "SCHEDULE")
    assert list(records("twice")) == ["optimizer", "schedule"]
    text = page("twice")
    assert text.index("found twice (optimizer twice)") < text.index("found twice (schedule twice)")


def test_a_plugins_text_cannot_reach_the_terminal(plugins: Path) -> None:
    plug_in(plugins, "optimizers", "gd", "OPTIMIZER", "\x1b[31mred\u202e\a")
    assert not set(page("twice")) & set("\x1b\u202e\a")
