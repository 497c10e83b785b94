"""Racers as users write them: parsed, checked, and written back to the same thing."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gdtui import registry, specs
from gdtui.errors import InputError, clean
from gdtui.specs import LABEL_LENGTH, RacerSpec, parse, with_unique_labels

OPTIMIZERS = registry.optimizers()


def allowed(interval: str, *, integer: bool) -> st.SearchStrategy[float]:
    low, high = (float(end) for end in interval[1:-1].split(","))
    low, high = max(low, -1e300), min(high, 1e300)
    if integer:
        return st.integers(int(low), int(min(high, 1e15))).map(float)
    return st.floats(low, high, exclude_min=interval[0] == "(", exclude_max=interval[-1] == ")").map(lambda x: x + 0.0)


LABELS = (
    st.text(st.characters(exclude_characters=",()"), min_size=1, max_size=LABEL_LENGTH)
    .map(str.strip)
    .filter(lambda label: label and clean(label, LABEL_LENGTH) == label)
)


@st.composite
def racer_specs(draw: st.DrawFn) -> RacerSpec:
    """Any spec that a user can write."""
    optimizer = OPTIMIZERS[draw(st.sampled_from(list(OPTIMIZERS)))]
    given = draw(st.sets(st.sampled_from([h.name for h in optimizer.hyperparameters] or ["none"])))
    values = {
        h.name: draw(allowed(h.interval, integer=h.integer)) for h in optimizer.hyperparameters if h.name in given
    }
    return RacerSpec(
        optimizer.name,
        label=draw(st.just("") | LABELS),
        lr=draw(st.none() | allowed("(0, inf)", integer=False)),
        batch_size=draw(st.none() | st.integers(0, 10**9)),
        hyperparameters=values,
    )


@given(racer_specs())
def test_text_reads_back_to_the_same_spec(spec: RacerSpec) -> None:
    assume(spec.label != spec.optimizer)
    assert parse(spec.text()) == spec
    assert parse(spec.text(label=False)).label == ""


@given(racer_specs())
def test_tables_read_back_to_the_same_spec(spec: RacerSpec) -> None:
    assume(spec.label != spec.optimizer)
    assert specs.from_table(spec.table(), "test") == spec


@given(st.lists(racer_specs(), max_size=12))
def test_labels_become_unique_and_can_be_written_back(listed: list[RacerSpec]) -> None:
    named = with_unique_labels(listed)
    labels = [spec.label for spec in named]
    assert len(set(labels)) == len(labels)
    assert all(labels)
    assert with_unique_labels(named) == named
    assert with_unique_labels(parse(spec.text()) for spec in named) == named


def test_labels_by_hand() -> None:
    def label(*texts: str) -> list[str]:
        return [spec.label for spec in with_unique_labels(map(parse, texts))]

    assert label("adam", "adam", "gd", "adam") == ["adam", "adam2", "gd", "adam3"]
    assert label("adam", "adam:label=adam2", "adam") == ["adam", "adam2", "adam3"]
    assert label("adam", "gd:label=adam") == ["adam2", "adam"]
    long = "x" * LABEL_LENGTH
    assert label(f"adam:label={long}", f"adam:label={long}") == [long, long[:-1] + "2"]


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("gd", RacerSpec("gd")),
        ("gd:", RacerSpec("gd")),
        (" gd : lr = 1e-2 , ", RacerSpec("gd", lr=0.01)),
        ("adam:lr=1,beta1=0", RacerSpec("adam", lr=1.0, hyperparameters={"beta1": 0.0})),
        ("sgd:batch_size=8,label=a=b", RacerSpec("sgd", batch_size=8, label="a=b")),
        ("gd:label=a: b", RacerSpec("gd", label="a: b")),
    ],
)
def test_ways_of_writing(text: str, spec: RacerSpec) -> None:
    assert parse(text) == spec


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no optimizer"),
        (":lr=1", "names no optimizer"),
        ("adm", "unknown optimizer 'adm'; did you mean 'adam'?"),
        ("adam:bta1=0.5", "bta1: adam has no such key; did you mean 'beta1'?"),
        ("gd:beta=0.5", "beta: gd has no such key"),
        ("adam:lr", "'lr' is not key=value"),
        ("adam:lr=", "'lr=' is not key=value"),
        ("adam:=3", "no such key"),
        ("adam:lr=0", "lr: 0.0 is out of range; give a number in (0, inf)"),
        ("adam:lr=-1", "lr: -1.0 is out of range"),
        ("adam:lr=nan", "lr: nan is not finite"),
        ("adam:lr=inf", "lr: inf is not finite"),
        ("adam:lr=1e400", "lr: inf is not finite"),
        ("adam:lr=" + "9" * 5000, "lr: inf is not finite"),
        ("adam:lr=true", "lr: true is not a number"),
        ("adam:lr=fast", "lr: 'fast' is not a number"),
        ("adam:beta1=1", "beta1: 1.0 is out of range; give a number in [0, 1)"),
        ("adam:beta1=-0.1", "beta1: -0.1 is out of range"),
        ("sgd:batch_size=1.5", "batch_size: 1.5 is not a whole number"),
        ("sgd:batch_size=-1", "batch_size: -1 is out of range"),
        ("adam:lr=1,lr=2", "lr: given twice"),
        ("adam:optimizer=gd", "optimizer: given twice"),
        ("adam:label=a(b", "parentheses do not match"),
        ("adam:label=)", "parentheses do not match"),
        ("adam:label=a(b)", "label: 'a(b)' is not a label"),
        ("adam:label=" + "x" * 25, "label: is too long or has control characters"),
        ("adam:label=a\x1b[2Jb", "label: is too long or has control characters"),
        ("adam:label=\u202eabc", "label: is too long or has control characters"),
    ],
)
def test_bad_specs_are_named(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert str(caught.value).startswith("racer ")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "optimizer: names no optimizer"),
        ({"optimizer": 3}, "optimizer: names no optimizer"),
        ({"optimizer": "gd", "lr": "0.1"}, "lr: '0.1' is not a number"),
        ({"optimizer": "gd", "lr": True}, "lr: true is not a number"),
        ({"optimizer": "gd", "lr": [0.1]}, "lr: [0.1] is not a number"),
        ({"optimizer": "gd", "label": 3}, "label: 3 is not a label"),
        ({"optimizer": "gd", "label": " "}, "label: ' ' is not a label"),
        ({"optimizer": "gd", "label": "a,b"}, "label: 'a,b' is not a label"),
    ],
)
def test_bad_tables_are_named(table: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as caught:
        specs.from_table(table, "file.toml: racers[0]")
    assert str(caught.value).startswith("file.toml: racers[0]: ")
    assert words in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_a_spec_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        parse(text)
