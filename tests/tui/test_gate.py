"""How many frames may be in flight: the gate between the charts and the terminal, with a clock of its own."""

from __future__ import annotations

import pytest

from gdtui.tui.gate import Gate


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return Gate(clock)


def test_the_next_frame_waits_for_the_answer_to_the_last(gate: Gate, clock: Clock) -> None:
    gate.answered()
    assert gate.may_draw()
    assert gate.drawn(0.01)
    assert not gate.may_draw()
    clock.now += 4.9
    assert not gate.may_draw()
    assert gate.answered()
    assert gate.may_draw()


def test_a_frame_drawn_while_one_is_in_flight_asks_for_nothing(gate: Gate) -> None:
    assert gate.drawn(0.01)
    assert not gate.drawn(0.01)


def test_an_answer_nobody_asked_for_is_not_the_gates(gate: Gate) -> None:
    assert not gate.answered()
    gate.drawn(0.01)
    assert gate.answered()
    assert not gate.answered()


@pytest.mark.parametrize(("answered_before", "seconds"), [(False, 2.0), (True, 5.0)])
def test_a_missing_answer_holds_the_charts_for_a_while(
    gate: Gate, clock: Clock, answered_before: bool, seconds: float
) -> None:
    if answered_before:
        gate.answered()
    gate.drawn(0.01)
    clock.now += seconds - 0.1
    assert not gate.may_draw()
    clock.now += 0.2
    assert gate.may_draw()
    assert gate.answers


def silence(gate: Gate, clock: Clock) -> None:
    for _ in range(3):
        assert gate.may_draw()
        assert gate.drawn(0.01)
        clock.now += 5.1
    assert gate.may_draw()
    assert not gate.answers


def test_after_three_missing_answers_lateness_sets_the_pace(gate: Gate, clock: Clock) -> None:
    silence(gate, clock)
    assert not gate.drawn(0.4)
    assert gate.interval == 0.8
    clock.now += 0.7
    assert not gate.may_draw()
    clock.now += 0.2
    assert gate.may_draw()
    gate.drawn(9.0)
    assert gate.interval == 2.0


def test_the_pace_recovers_when_frames_are_in_time_again(gate: Gate, clock: Clock) -> None:
    silence(gate, clock)
    gate.drawn(0.4)
    for _ in range(40):
        gate.drawn(0.01)
    assert gate.interval < 1e-3
    clock.now += 1e-3
    assert gate.may_draw()


def test_a_terminal_that_answers_after_all_is_asked_again(gate: Gate, clock: Clock) -> None:
    silence(gate, clock)
    gate.answered()
    assert gate.answers
    assert gate.drawn(0.01)


def sounded(gate: Gate, clock: Clock, seconds: float) -> None:
    """The way is measured: an answer comes after so many seconds."""
    clock.now += 10.0
    assert gate.sounds()
    clock.now += seconds
    assert gate.answered()


def test_over_a_long_way_two_frames_may_be_under_way(gate: Gate, clock: Clock) -> None:
    sounded(gate, clock, 0.2)
    assert gate.window == 2
    assert gate.drawn(0.01)
    assert gate.may_draw()
    assert gate.drawn(0.01)
    assert not gate.may_draw()
    gate.answered()
    assert gate.may_draw()


def test_on_a_narrow_line_that_is_short_one_frame_is_under_way(gate: Gate, clock: Clock) -> None:
    sounded(gate, clock, 0.01)
    for _ in range(10):  # large frames, but the way itself is short
        assert gate.drawn(0.01)
        assert not gate.may_draw()
        clock.now += 0.4
        gate.answered()
    assert gate.window == 1


def test_the_way_is_measured_now_and_then_and_only_while_nothing_is_on_it(gate: Gate, clock: Clock) -> None:
    gate.drawn(0.01)
    assert not gate.sounds()
    gate.answered()
    assert gate.sounds()
    assert gate.may_draw()  # it stands in no frame's way
    gate.answered()
    assert not gate.sounds()
    clock.now += 5.0
    assert gate.sounds()


def test_drawing_takes_no_more_than_its_share_of_the_time(gate: Gate, clock: Clock) -> None:
    for _ in range(30):
        gate.drawn(0.05, busy=0.03)
        gate.answered()
    assert not gate.may_draw()
    assert gate.rest() == pytest.approx(0.07)
    clock.now += 0.071
    assert gate.may_draw()


def test_a_frame_however_costly_comes_once_a_second(gate: Gate) -> None:
    gate.drawn(9.0, busy=9.0)
    assert gate.interval == 1.0


def test_a_line_is_slow_when_most_frames_are_held_back(gate: Gate, clock: Clock) -> None:
    def seconds(turns: int, held: int) -> None:
        for _ in range(turns):
            gate.drawn(0.01)
            for _ in range(held):
                assert not gate.may_draw()
            clock.now += 0.2
            gate.answered()

    seconds(30, 0)
    assert not gate.slow
    seconds(30, 4)
    assert gate.slow
    seconds(1, 1)
    assert gate.slow  # one good moment is not the end of it
    seconds(30, 0)
    assert not gate.slow


def carries(gate: Gate, clock: Clock, size: int, seconds: float) -> None:
    """So many bytes are read in that time."""
    assert gate.drawn(0.01, size=size)
    clock.now += seconds
    gate.answered()


def test_what_is_sent_at_once_takes_a_narrow_line_no_longer_than_a_moment(gate: Gate, clock: Clock) -> None:
    assert gate.allowance() is None  # nothing is known of it yet
    carries(gate, clock, 40_000, 2.0)
    assert gate.allowance() == 8000
    assert gate.allowance(5000) == 3000
    carries(gate, clock, 4000, 2.0)
    carries(gate, clock, 4000, 2.0)
    carries(gate, clock, 4000, 2.0)
    carries(gate, clock, 4000, 2.0)
    assert gate.allowance() == 3000
    assert gate.drawn(0.01, size=3000)
    assert gate.allowance(500) == 300  # a label has its turn all the same


def test_a_wide_line_or_one_that_never_answers_takes_everything_at_once(gate: Gate, clock: Clock) -> None:
    carries(gate, clock, 40_000, 0.02)
    assert gate.allowance() is None
    carries(gate, clock, 40_000, 2.0)
    assert gate.allowance() is not None
    silence(gate, clock)
    assert gate.allowance() is None


def test_how_long_the_way_is_does_not_make_it_narrow(gate: Gate, clock: Clock) -> None:
    sounded(gate, clock, 0.3)
    carries(gate, clock, 20_000, 0.4)
    assert gate.allowance() == pytest.approx(80_000, rel=0.01)


def test_small_frames_tell_nothing_of_a_lines_width(gate: Gate, clock: Clock) -> None:
    carries(gate, clock, 10_000, 2.0)
    for _ in range(10):
        carries(gate, clock, 100, 0.001)
    assert gate.allowance() == 3000


def test_an_answer_is_asked_for_where_more_is_owed(gate: Gate) -> None:
    assert gate.asks(3000)
    assert not gate.asks(3000)  # the one that is due will do


def test_an_answer_that_is_lost_does_not_stand_in_the_way_of_the_next(gate: Gate, clock: Clock) -> None:
    gate.answered()
    assert gate.asks(3000)
    clock.now += 5.1
    assert gate.asks(3000)
