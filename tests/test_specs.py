"""Racers as users write them: parsed, checked, and written back to the same thing."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gdtui import registry, specs
from gdtui.errors import InputError, clean
from gdtui.schedule_specs import ScheduleSpec
from gdtui.specs import LABEL_LENGTH, RacerSpec, parse, with_unique_labels
from tests.drawn import allowed, schedules

OPTIMIZERS = registry.optimizers()


LABELS = (
    st.text(st.characters(exclude_characters=",()"), min_size=1, max_size=LABEL_LENGTH)
    .map(str.strip)
    .filter(lambda label: label and clean(label, LABEL_LENGTH) == label)
)


@st.composite
def racer_specs(draw: st.DrawFn) -> RacerSpec:
    """Any spec that a user can write."""
    optimizer = OPTIMIZERS[draw(st.sampled_from(list(OPTIMIZERS)))]
    own = [name for name in specs.hyperparameters(optimizer) if name not in ("lr", "batch_size")]
    given = draw(st.sets(st.sampled_from(own or ["none"])))
    values = {
        h.name: draw(allowed(h.interval, integer=h.integer, flag=h.flag))
        for h in specs.hyperparameters(optimizer).values()
        if h.name in given
    }
    return RacerSpec(
        optimizer.name,
        label=draw(st.just("") | LABELS),
        lr=draw(st.none() | allowed("(0, inf)", integer=False)),
        batch_size=draw(st.none() | st.integers(0, 10**9)),
        schedule=draw(st.none() | schedules()),
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
        ("gd:schedule=inverse_sqrt", RacerSpec("gd", schedule=ScheduleSpec("inverse_sqrt"))),
        ("gd:schedule=inverse_sqrt(),lr=1", RacerSpec("gd", lr=1.0, schedule=ScheduleSpec("inverse_sqrt"))),
        (
            "gd: schedule = cosine ( steps = 5 , min=1e-5 ) , label=c",
            RacerSpec("gd", label="c", schedule=ScheduleSpec("cosine", {"steps": 5, "min": 1e-5})),
        ),
        (
            "gd:schedule=join(constant(length=2),cosine(steps=5_000_000))",
            RacerSpec(
                "gd",
                schedule=ScheduleSpec(
                    "join",
                    {
                        "phases": (
                            ScheduleSpec("constant", {}, 2),
                            ScheduleSpec("cosine", {"steps": 5_000_000}),
                        )
                    },
                ),
            ),
        ),
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


LONG = 30 * "constant(length=1)," + 35 * "constant(length=1),"
BAD_SCHEDULES = [
    ("nan", "schedule: unknown schedule 'nan'"),
    ("cosin(steps=5)", "schedule: unknown schedule 'cosin'; did you mean 'cosine'? allowed: constant, cosine, "),
    ("()", "schedule: names no schedule; allowed: constant, "),
    ("cosine", "schedule.steps: missing; give the steps it takes (T)"),
    ("cosine(steps=0)", "schedule.steps: 0 is out of range; give a whole number in [1, 1e12]"),
    ("cosine(steps=-5)", "schedule.steps: -5 is out of range"),
    ("cosine(steps=1.5)", "schedule.steps: 1.5 is not a whole number"),
    ("cosine(steps=inf)", "schedule.steps: inf is not finite"),
    ("cosine(steps=true)", "schedule.steps: true is not a whole number"),
    ("cosine(steps=many)", "schedule.steps: 'many' is not a whole number"),
    ("cosine(steps=5,min=-1)", "schedule.min: -1.0 is out of range; give a number in [0, inf)"),
    ("cosine(step=5)", "schedule.step: cosine has no such argument; did you mean 'steps'? allowed: min, steps"),
    ("cosine(steps=5,length=3)", "schedule.length: cosine has no such argument"),
    ("cosine(steps=5,steps=6)", "schedule.steps: given twice"),
    ("cosine(name=step)", "schedule.name: given twice"),
    ("cosine(5)", "schedule: '5' is not argument=value; write e.g. cosine(steps=5000,min=1e-5)"),
    ("cosine(steps=)", "schedule: 'steps=' is not argument=value"),
    ("cosine(steps=(5)", "parentheses do not match in 'schedule=cosine(steps=(5)'; close every ( with a )"),
    ("cosine(steps=5))", "parentheses do not match in 'schedule=cosine(steps=5))'; open every ) with a ("),
    ("cosine(steps=5)x", "schedule: 'cosine(steps=5)x' does not end with its )"),
    ("cosine(steps=5)(min=1)", "schedule: parentheses do not match in 'steps=5)(min=1'"),
    ("step(every=5,gamma=0)", "schedule.gamma: 0.0 is out of range; give a number in (0, 1]"),
    ("warmup(steps=0)", "schedule.steps: 0 is out of range"),
    (
        "warmup_cosine(steps=5,warmup=6)",
        "schedule.warmup: a warm-up of 6 is not shorter than the schedule's 5 steps; shorten it, or give more steps",
    ),
    ("warmup_cosine(steps=5,warmup=5)", "schedule.warmup: a warm-up of 5 is not shorter"),
    ("warmup_cosine(steps=5,warmup=-1)", "schedule.warmup: -1 is out of range"),
    ("warmup_stable_decay(steps=5,warmup=9,decay=1)", "schedule.warmup: a warm-up of 9 is not shorter"),
    (
        "warmup_stable_decay(steps=9,warmup=3,decay=7)",
        "schedule.decay: 7 is more than the 6 steps after the warm-up; give at most 6",
    ),
    ("join", "schedule.phases: missing; give schedules, each for its length"),
    ("join(join(constant))", "schedule[0]: a join cannot be a phase; put its phases in its place"),
    ("join(constant,constant)", "schedule[0].length: constant does not say how long it lasts; give it a length"),
    ("join(constant(length=0),constant)", "schedule[0].length: 0 is out of range"),
    (
        "join(constant(length=2),constant(length=2))",
        "schedule[1].length: the last one goes on to the end; leave it out",
    ),
    ("join(constant(length=2),cosin(steps=3))", "schedule[1]: unknown schedule 'cosin'; did you mean 'cosine'?"),
    ("join(warmup(steps=2),cosine(steps=0))", "schedule[1].steps: 0 is out of range"),
    ("join(warmup(steps=2),cosine(steps=3)", "parentheses do not match"),
    ("join(length=3)", "schedule.length: join has no such argument; allowed: phases"),
    ("join(phases=3)", "schedule.phases: 3 is not a list of schedules"),
    (f"join({LONG}constant)", "schedule: 66 schedules; give a whole number in [1, 64]"),
    ("join(" * 5000 + ")" * 5000, "schedule[0]: a join cannot be a phase"),
    ("\x1b[2J", "schedule: unknown schedule"),
]


@pytest.mark.parametrize(("text", "words"), BAD_SCHEDULES, ids=lambda text: text[:40])
def test_bad_schedules_are_named(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(f"gd:schedule={text}")
    assert str(caught.value).startswith("racer 'gd:schedule=")
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "schedule: 3 is not a schedule; write e.g. cosine(steps=5000,min=1e-5)"),
        (None, "schedule: None is not a schedule"),
        (True, "schedule: True is not a schedule"),
        ({}, "schedule: names no schedule; allowed: constant, "),
        ({"name": 3}, "schedule: names no schedule"),
        ({"name": "cosine", "steps": "5"}, "schedule.steps: '5' is not a whole number"),
        ({"name": "cosine", "steps": [5]}, "schedule.steps: [5] is not a whole number"),
        ([], "schedule: 0 schedules; give a whole number in [1, 64]"),
        ([3], "schedule[0]: 3 is not a schedule"),
        ([[]], "schedule[0]: a join cannot be a phase"),
        ([{"name": "cosine", "steps": 3}, {"name": "cosine"}], "schedule[1].steps: missing"),
        ({"name": "join", "phases": 3}, "schedule.phases: 3 is not a list of schedules"),
    ],
)
def test_bad_schedules_of_tables_are_named(value: object, words: str) -> None:
    with pytest.raises(InputError) as caught:
        specs.from_table({"optimizer": "gd", "schedule": value}, "file.toml: racers[0]")
    assert str(caught.value).startswith(f"file.toml: racers[0]: {words}")


def test_a_schedule_is_a_text_a_table_or_a_list() -> None:
    def of(value: object) -> ScheduleSpec | None:
        return specs.from_table({"optimizer": "gd", "schedule": value}, "test").schedule

    cosine = {"name": "cosine", "steps": 5, "min": 1e-5}
    assert of("cosine(steps=5,min=1e-5)") == of(cosine) == ScheduleSpec("cosine", {"steps": 5, "min": 1e-5})
    phases = [{"name": "warmup", "steps": 3, "length": 4}, cosine]
    joined = of("join(warmup(steps=3,length=4),cosine(steps=5,min=1e-5))")
    assert joined is not None
    assert of(phases) == of({"name": "join", "phases": phases}) == of([phases[0], "cosine(steps=5,min=1e-5)"]) == joined
    assert joined.table() == phases
    assert joined.text() == "join(warmup(steps=3,length=4),cosine(steps=5,min=1e-05))"


@pytest.mark.parametrize(
    ("text", "duration", "warmup"),
    [
        ("constant", None, 0),
        ("inverse_sqrt", None, 0),
        ("cosine(steps=9)", 9, 0),
        ("warmup(steps=9)", 9, 9),
        ("warmup_cosine(steps=9,warmup=4)", 9, 4),
        ("warmup_stable_decay(steps=9,warmup=4,decay=2)", 9, 4),
        ("join(warmup(steps=9),warmup(steps=20))", None, 9),
        ("join(constant(length=9),warmup(steps=20))", None, 0),
    ],
)
def test_how_long_a_schedule_lasts_and_warms_up(text: str, duration: int | None, warmup: int) -> None:
    spec = parse(f"gd:schedule={text}").schedule
    assert spec is not None
    assert (spec.duration, spec.warmup) == (duration, warmup)


@given(st.text(alphabet="join(cosine=steps,5)warmup length ", max_size=40))
def test_any_text_is_a_schedule_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        parse(f"gd:schedule={text}")
