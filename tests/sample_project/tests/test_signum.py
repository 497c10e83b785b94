"""Is signum what it was?"""

import pytest


def test_it_takes_the_recorded_steps(gdtui_race):
    race = gdtui_race("rosenbrock", racers=["signum:lr=0.01", "gd:lr=1e-3"], steps=200)
    assert race["signum"].loss[-1] < race["gd"].loss[-1]


@pytest.mark.gdtui(steps=50)  # after that, only how the racers end, and in which order
def test_under_noise_it_ends_as_recorded(gdtui_race):
    gdtui_race("noise.toml", seed=1)


@pytest.mark.gdtui(rtol=1e-12, atol=0.0)
def test_it_goes_down_a_function_of_our_own(gdtui_race):
    def valley(theta):
        x, y = theta
        return x**2 + 100 * y**2, [2 * x, 200 * y]

    race = gdtui_race(objective=valley, start=[3.0, 1.0], racers=["signum:lr=0.07"], steps=60)
    assert race["signum"].theta == pytest.approx([0.0, 0.0], abs=0.2)
