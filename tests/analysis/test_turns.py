"""When verdicts became others: marks for a time line."""

from __future__ import annotations

from dataclasses import replace

from gdtui.analysis.turns import MOST_MARKS, Turns, of_recorded
from gdtui.analysis.verdict import Evidence, Kind, Verdict
from gdtui.engine.race import Race
from gdtui.engine.snapshot import Snapshot
from gdtui.engine.timeline import Kind as MarkKind


def picture(step: int) -> Snapshot:
    return replace(Race("quadratic", racers=["gd"]).snapshot(), step=step)


def told(turns: Turns) -> list[tuple[int, str]]:
    return [(mark.step, mark.text) for mark in turns.marks]


def see(turns: Turns, step: int, kind: Kind, furthest: int | None = None) -> None:
    verdict = Verdict(kind, "", (Evidence("rate", 0.5, "per step"),))
    turns.see(picture(step), step if furthest is None else furthest, {"gd": verdict})


def test_a_turn_is_a_change_of_what_was_known() -> None:
    turns = Turns()
    for step, kind in enumerate(
        [Kind.TOO_LITTLE, Kind.DESCENDING, Kind.DESCENDING, Kind.CONVERGING, Kind.CONVERGING, Kind.PLATEAU]
    ):
        see(turns, 10 * step, kind)
    assert told(turns) == [(30, "gd: converging 0.5000/step"), (50, "gd: plateau")]
    assert {mark.kind for mark in turns.marks} == {MarkKind.VERDICT}
    assert {mark.index for mark in turns.marks} == {0}


def test_an_end_has_a_mark_of_its_own() -> None:
    turns = Turns()
    see(turns, 0, Kind.CONVERGING)
    see(turns, 10, Kind.CONVERGED)
    assert told(turns) == []


def test_going_back_and_forward_again_tells_nothing_new() -> None:
    turns = Turns()
    for step, kind in ((10, Kind.DESCENDING), (20, Kind.CONVERGING)):
        see(turns, step, kind)
    before = told(turns)
    for step, kind in ((5, Kind.RISING), (12, Kind.DESCENDING), (20, Kind.CONVERGING)):
        see(turns, step, kind, furthest=20)
    assert told(turns) == before == [(20, "gd: converging 0.5000/step")]
    see(turns, 30, Kind.STALLED)
    assert [step for step, _ in told(turns)] == [20, 30]


def test_what_was_cut_off_is_forgotten() -> None:
    turns = Turns()
    for step, kind in ((10, Kind.DESCENDING), (20, Kind.CONVERGING), (30, Kind.STALLED)):
        see(turns, step, kind)
    see(turns, 25, Kind.CONVERGING, furthest=25)  # somebody changed the past
    see(turns, 40, Kind.OSCILLATING)
    assert [step for step, _ in told(turns)] == [20, 40]


def test_there_are_so_many_at_the_most() -> None:
    turns = Turns()
    for step in range(MOST_MARKS + 50):
        see(turns, step, (Kind.RISING, Kind.DESCENDING)[step % 2])
    assert len(turns.marks) == MOST_MARKS
    assert turns.marks[-1].step == MOST_MARKS + 49


def test_a_race_that_is_over_is_looked_through_from_its_histories() -> None:
    race = Race("quadratic", racers=["rmsprop:lr=0.02", "gd:lr=0.0202"]).advance(3000)
    marks = of_recorded(race.snapshot(), race.scenario.tolerance, race.problem)
    kinds = [mark.text.removeprefix("rmsprop: ").split(",")[0] for mark in marks if mark.index == 0]
    assert len(kinds) >= 2
    assert kinds[-1] == "limit cycle"
    assert all(0 < mark.step <= 3000 for mark in marks)
    assert of_recorded(Race("saddle").snapshot(), 1e-12) == ()
