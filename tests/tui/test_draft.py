"""What is typed into the editor: judged, and turned into changes or a spec, without a screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdtui import registry, specs
from gdtui.contracts import Option, Reals
from gdtui.engine.race import Race
from gdtui.errors import InputError
from gdtui.schedule_specs import from_value
from gdtui.tui.draft import Draft, of_another, of_racer, reason
from gdtui.tui.entries import in_words, propose, shown
from gdtui.tui.fields import note

BUDGET = 20_000


def draft(text: str, *, label: str = "", budget: int | None = BUDGET, step: int = 60) -> Draft:
    spec = specs.parse(text)
    rate = registry.optimizer(spec.optimizer).learning_rate
    return Draft(spec, rate=rate, budget=budget, step=step, label=label, taken=("adam",) if label else ())


def keys(drafted: Draft) -> list[str]:
    return [entry.key for entry in drafted.entries]


def notes(drafted: Draft) -> dict[str, str]:
    return {entry.key: note(entry, drafted.was(entry.key)) for entry in drafted.entries}


def test_every_hyperparameter_has_an_entry_and_the_engines_come_last() -> None:
    assert keys(draft("adam")) == ["lr", "beta1", "beta2", "eps", "l2", "clip", "batch_size", "schedule"]
    assert keys(draft("newton")) == ["lr", "damping", "search", "l2", "batch_size", "schedule"]
    for name, optimizer in registry.optimizers().items():
        assert set(keys(draft(name))) == {*specs.hyperparameters(optimizer), "schedule"}


def test_entries_hold_what_is_in_force_and_say_what_is_allowed() -> None:
    edited = draft("adam:lr=0.02,beta1=0.8,batch_size=32")
    assert {key: edited.text(key) for key in ("lr", "beta1", "eps", "batch_size", "schedule")} == {
        "lr": "0.02", "beta1": "0.8", "eps": "1e-8", "batch_size": "32", "schedule": "constant",
    }  # fmt: skip
    assert notes(edited)["lr"] == "default 0.001 · above 0"
    assert notes(edited)["beta1"] == "default 0.9 · from 0 to below 1"
    assert notes(edited)["batch_size"] == "default 0 · from 0 to 1e9, whole"
    assert [key for key in keys(edited) if edited.differs(key)] == ["lr", "beta1", "batch_size"]
    assert edited.changes == {}
    assert edited.summary() == "no change so far"


def test_the_default_rate_is_the_scenarios_and_the_default_batch_the_optimizers() -> None:
    race = Race("credit")
    edited = of_another(specs.RacerSpec("sgd"), race)
    assert notes(edited)["lr"] == "default 0.1 (scenario) · above 0"
    assert notes(edited)["batch_size"].startswith("default 32")


def test_changes_name_what_differs_and_none_is_the_default() -> None:
    edited = draft("adam:lr=0.02,beta1=0.8")
    edited.put("lr", " 5e-3 ")
    edited.put("beta1", "0.9")
    edited.put("eps", "1e-8")
    edited.put("clip", "1")
    assert edited.changes == {"lr": 0.005, "beta1": None, "clip": 1.0}
    assert edited.result == specs.parse("adam:lr=5e-3,clip=1")
    assert edited.was("lr") == "0.02"
    assert edited.was("eps") == ""
    assert edited.summary() == "from the next step on: lr 0.02 → 5e-3, beta1 0.8 → 0.9, clip 0 → 1"
    edited.put("lr", "0.0200")
    assert "lr" not in edited.changes


def test_what_was_not_touched_keeps_every_bit() -> None:
    edited = draft("adam:lr=0.1234567890123456,schedule=cosine(steps=12345,min=0.0)")
    assert (edited.changes, edited.result) == (
        {},
        specs.parse("adam:lr=0.1234567890123456,schedule=cosine(steps=12345,min=0.0)"),
    )
    edited.put("clip", "1")
    assert edited.changes == {"clip": 1.0}


def test_flags_are_chosen_from_two() -> None:
    edited = draft("newton:search=true")
    entry = next(entry for entry in edited.entries if entry.key == "search")
    assert entry.choices == ("false", "true")
    assert edited.text("search") == "true"
    edited.put("search", "false")
    assert edited.changes == {"search": None}


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("lr", "", "'' is not a number; give a number in (0, inf)"),
        ("lr", "0", "0.0 is out of range"),
        ("lr", "1e999", "inf is not finite"),
        ("lr", "nan", "nan is not finite"),
        ("lr", "true", "true is not a number"),
        ("beta1", "1", "1.0 is out of range; give a number in [0, 1)"),
        ("batch_size", "2.5", "2.5 is not a whole number"),
        ("batch_size", "9" * 1000, "inf is not finite"),
        ("eps", "9" * 5000, "inf is not finite"),
        ("clip", "\x1b[31m", "is not a number"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_comes_of_it(key: str, text: str, why: str) -> None:
    edited = draft("adam")
    edited.put("l2", "0.5")
    edited.put(key, text)
    assert why in reason(edited.errors[key])
    assert "\x1b" not in reason(edited.errors[key])
    assert edited.result is None
    assert f"nothing is applied while {key} is wrong" in edited.summary()
    edited.put("beta2", "x")
    assert "are wrong" in edited.summary()


@pytest.mark.parametrize("name", [name for name in registry.schedules() if name != "constant"])
@pytest.mark.parametrize("budget", [1, 2, 7, 400, 20_000, 10**9, None])
def test_a_schedule_as_proposed_suits_the_budget(name: str, budget: int | None) -> None:
    edited = draft("adam", budget=budget)
    edited.put("schedule", name)
    assert edited.errors == {}
    assert edited.result is not None
    assert edited.result.schedule is not None
    assert from_value(edited.changes["schedule"]) == edited.result.schedule
    length = registry.schedule(name).length
    if budget is not None and length and length != registry.schedule(name).warmup:
        assert edited.text(f"{name}.{length}") == str(budget)


def test_the_arguments_of_each_schedule_are_kept_while_others_are_tried() -> None:
    edited = draft("adam")
    edited.put("schedule", "cosine")
    edited.put("cosine.steps", "77")
    edited.put("schedule", "step")
    assert keys(edited)[-2:] == ["step.every", "step.gamma"]
    edited.put("schedule", "cosine")
    assert edited.changes == {"schedule": "cosine(steps=77)"}
    edited.put("schedule", "constant")
    assert edited.changes == {}


def test_a_schedule_that_races_is_shown_as_it_was_given() -> None:
    edited = draft("adam:schedule=join(warmup(steps=5),constant(length=20),cosine(steps=100,min=1e-5))")
    assert edited.text("schedule") == "join"
    assert edited.text("join.phases") == "warmup(steps=5),constant(length=20),cosine(steps=100,min=1e-05)"
    edited.put("schedule", "constant")
    assert edited.changes == {"schedule": None}


def test_what_does_not_go_together_is_wrong_where_it_is_given() -> None:
    edited = draft("adam")
    edited.put("schedule", "warmup_cosine")
    edited.put("warmup_cosine.steps", "10")
    assert list(edited.errors) == ["warmup_cosine.warmup"]
    edited.put("warmup_cosine.warmup", "x")
    edited.put("warmup_cosine.steps", "")
    assert list(edited.errors) == ["warmup_cosine.steps", "warmup_cosine.warmup"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "0 schedules"),
        ("cosin(steps=3)", "schedule 1: unknown schedule 'cosin'"),
        ("warmup(steps=5),cosine(steps=0)", "schedule 2, steps: 0 is out of range"),
        ("warmup(steps=5", "parentheses do not match"),
        ("constant,cosine(steps=9)", "schedule 1, length: constant does not say how long it lasts"),
        ("join(warmup(steps=3),constant)", "schedule 1: a join cannot be a phase"),
        ("plateau", "plateau cannot be a phase"),
    ],
)
def test_schedules_in_a_row_are_judged_one_by_one(text: str, why: str) -> None:
    edited = draft("adam")
    edited.put("schedule", "join")
    edited.put("join.phases", text)
    assert list(edited.errors) == ["join.phases"]
    assert why in reason(edited.errors["join.phases"])


def test_the_curve_is_the_schedule_over_the_budget_and_stays_while_something_is_wrong() -> None:
    edited = draft("adam:lr=0.01", budget=400)
    edited.put("schedule", "cosine")
    assert edited.curve is not None
    steps, rates = edited.curve
    assert steps.tolist() == list(range(1, 401))
    np.testing.assert_array_equal(rates, from_value("cosine(steps=400)").bound()(np.arange(400), 0.01))
    edited.put("cosine.steps", "4e")
    assert edited.is_stale
    assert edited.curve[1] is rates
    edited.put("cosine.steps", "40")
    edited.put("beta1", "7")
    assert not edited.is_stale
    assert edited.curve[1][-1] == 0.0


def test_without_a_budget_of_steps_the_curve_spans_what_the_schedule_takes() -> None:
    edited = draft("adam", budget=None, step=60)
    assert edited.curve is not None
    assert edited.curve[0][-1] == 1000
    edited.put("schedule", "cosine")
    edited.put("cosine.steps", "50000")
    assert edited.curve[0][-1] == 50_000


def test_a_new_racer_gets_a_label_of_its_own() -> None:
    race = Race("rosenbrock", racers=["adam", "adam:label=adam2,beta1=0.8"])
    new = of_another(race.snapshot().racers[1].spec, race)
    assert "label" in keys(new)
    assert new.text("label") == "adam3"
    assert new.summary() == "adds adam:beta1=0.8,label=adam3"
    new.put("label", "adam2")
    assert reason(new.errors["label"]) == "is taken; give another one"
    new.put("label", "a,b")
    assert "is not a label" in reason(new.errors["label"])
    new.put("label", "mine")
    new.put("lr", "0.5")
    assert new.result == specs.parse("adam:lr=0.5,beta1=0.8,label=mine")
    assert new.was("lr") == ""
    assert race.labels == ("adam", "adam2")


def test_what_the_race_would_refuse_is_refused_while_it_is_typed() -> None:
    race = Race("credit", racers=["lbfgs", "sgd"], steps=300)
    second, first = (of_racer(racer, race) for racer in reversed(race.snapshot().racers))
    second.put("batch_size", "5000")
    assert (
        reason(second.errors["batch_size"])
        == "5000 is more than the 700 samples; give at most 700, or 0 for all of them"
    )
    second.put("batch_size", "700")
    second.put("schedule", "warmup")
    second.put("warmup.steps", "301")
    assert "longer than the run of 300 steps" in reason(second.errors["warmup.steps"])
    first.put("history", "20")
    assert "cannot change in mid-race" in reason(first.errors["history"])
    assert all(racer.events == () for racer in race)


def test_an_optimizer_that_the_problem_cannot_bear_is_not_possible_whatever_is_typed() -> None:
    new = of_another(specs.RacerSpec("newton"), Race("streamrec"))
    assert "newton is for up to 200 parameters" in reason(new.errors[""])
    assert new.summary().startswith("not possible: ")
    assert new.result is None


def test_drafts_neither_touch_the_race_nor_evaluate_its_objective() -> None:
    calls = []

    def bowl(theta: Reals) -> tuple[float, Reals]:
        calls.append(theta)
        return float(theta @ theta), 2.0 * theta

    race = Race(objective=bowl, start=[1.0, 2.0], racers=["adam", "lbfgs"])
    before = len(calls)
    for edited in (of_racer(race.snapshot().racers[0], race), of_another(specs.RacerSpec("adam"), race)):
        edited.put("l2", "0.5")
        edited.put("schedule", "cosine")
        assert edited.result is not None
    assert len(calls) == before
    assert race.labels == ("adam", "lbfgs")
    assert race.scenario.racers[0].text() == "adam"


def test_a_plug_in_that_raises_is_wrong_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "schedules").mkdir()
    text = """
from gdtui.contracts import Option, Schedule
SCHEDULE = Schedule(
    name="broken", title="broken", formula="?", rates=lambda k, base, arguments: 1 / 0,
    arguments=(Option("depth", "number", None, "how deep", "[2, 3]"),),
)
"""
    (tmp_path / "schedules" / "broken.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("GDTUI_PLUGINS", str(tmp_path))
    edited = draft("adam")
    edited.put("schedule", "broken")
    assert edited.text("broken.depth") == ""  # nothing is known that would suit it
    assert list(edited.errors) == ["broken.depth"]
    edited.put("broken.depth", "2")
    assert "fails: ZeroDivisionError: division by zero" in reason(edited.errors["schedule"])
    assert edited.result is None


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("[0, 1)", "from 0 to below 1"),
        ("(0, inf)", "above 0"),
        ("[0, inf)", "0 or more"),
        ("(0, 1)", "between 0 and 1"),
        ("(0, 1]", "above 0, up to 1"),
        ("[1, 1e12]", "from 1 to 1e12"),
        ("(-inf, inf)", "any number"),
        ("(-inf, 0]", "up to 0"),
        ("(-inf, 0.5)", "below 0.5"),
    ],
)
def test_ranges_in_words(interval: str, words: str) -> None:
    assert in_words(interval) == words
    assert in_words(interval, integer=True) == f"{words}, whole"


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15), 10**15) | st.booleans())
def test_values_are_shown_so_that_they_read_back(value: float) -> None:
    assert specs.literal(shown(value)) == value


def test_a_proposal_that_is_not_allowed_is_none() -> None:
    option = Option("depth", "integer", None, "how deep", "[1, 5]")
    assert propose(registry.schedule("cosine"), option, 1000) == ""
    assert propose(registry.schedule("cosine"), option, 20) == "5"


PIECES = [
    "0", "1", "-", ".", "e", "5", "inf", "nan", "true", " ", "1e-3", "0.5", "100", "(", ")", ",", "=", "_", "٣", "é",
    "\x1b", "[red]", "constant", "plateau", "length=4", "cosine(steps=9)", "warmup(steps=3)", "step(every=2)",
]  # fmt: skip
TYPED = st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text(max_size=12)


@settings(max_examples=150)
@given(st.data(), st.sampled_from(list(registry.optimizers())), st.booleans())
def test_whatever_is_typed_it_is_refused_or_makes_a_spec_that_reads_back(
    data: st.DataObject, name: str, is_new: bool
) -> None:
    edited = draft(name, label=f"{name}2" if is_new else "")
    before = specs.RacerSpec(name)
    for _ in range(data.draw(st.integers(1, 12))):
        entry = data.draw(st.sampled_from(edited.entries))
        edited.put(
            entry.key, data.draw(st.sampled_from(entry.choices) if entry.choices else TYPED | st.just(entry.default))
        )
        assert (edited.result is None) == bool(edited.errors)
        assert set(edited.errors) <= set(keys(edited))
        assert all(reason(error).isprintable() for error in edited.errors.values())
        for key in keys(edited):
            assert (edited.differs(key), edited.was(key)) is not None
        if edited.result is not None:
            assert specs.parse(edited.result.text(label=False)) == replace(edited.result, label="")
            assert specs.changed(before, edited.changes, "") == replace(edited.result, label="")
            assert edited.summary().isprintable()
            assert edited.curve is not None


def test_a_trial_that_refuses_what_nobody_typed_is_shown_as_not_possible() -> None:
    def trial(_: specs.RacerSpec) -> None:
        raise InputError("no room", where="racers")

    refused = Draft(specs.RacerSpec("gd"), rate=0.1, budget=10, trial=trial)
    assert refused.summary() == "not possible: no room"
