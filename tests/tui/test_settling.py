"""Which of many sizes the screen is laid out for."""

from __future__ import annotations

from gdtui.tui.settling import LONGEST, SETTLED, Settling


def test_a_single_size_waits_for_nothing() -> None:
    settling = Settling()
    assert settling.rest(10.0, 10.0) == 0.0
    assert settling.rest(11.0, 11.0) == 0.0


def test_of_a_storm_the_first_is_laid_out_and_then_one_now_and_then() -> None:
    settling = Settling()
    waits = [settling.rest(10.0 + k / 20, 10.0 + k / 20) for k in range(60)]
    assert waits[0] == 0.0
    assert sum(wait == 0.0 for wait in waits) == 2
    assert max(waits) <= SETTLED
    assert waits[round(LONGEST * 20)] == 0.0


def test_what_counts_is_when_a_size_came_and_not_when_it_was_looked_at() -> None:
    settling = Settling()
    settling.rest(10.0, 10.0)
    assert settling.rest(10.05, 10.4) > 0.0


def test_a_size_that_waited_begins_a_new_while() -> None:
    settling = Settling()
    settling.rest(10.0, 10.0)
    settling.rest(10.1, 10.1)
    settling.laid_out(10.25)
    assert settling.rest(10.2, 12.1) > 0.0
