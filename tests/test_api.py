"""The race as Python programs use it."""

from __future__ import annotations

import numpy as np

import gdtui


def test_a_racer_has_a_verdict_beside_the_others() -> None:
    race = gdtui.Race("rosenbrock").advance(20_000)
    assert race["momentum"].verdict.kind == "converged"
    crawling = race["gd"].verdict
    assert (crawling.kind, crawling.fixed_by) == ("crawling", "momentum")
    assert crawling["half-life"] > 1000.0


def test_racers_that_are_added_and_those_of_a_restarted_race_have_one_too() -> None:
    race = gdtui.Race(objective=lambda x: (0.5 * float(x @ x), x), start=np.ones(2), racers=["gd:lr=0.1"])
    race.add("momentum:lr=0.01")
    race.advance(100)
    assert race["momentum"].verdict.sentence
    again = race.restarted()
    assert again["gd"].verdict.kind == "too little to tell"
    assert race["gd"].verdict.kind == "converging"
