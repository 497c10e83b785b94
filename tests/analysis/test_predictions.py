"""What of a verdict is a measurement of the racer as it is now."""

from __future__ import annotations

from gdtui.analysis.predictions import MEAN, measured
from gdtui.analysis.steady import IN_DISTANCE
from gdtui.analysis.verdict import Evidence, Kind, Verdict
from tests.frames.snapshots import changed_at, history, racer

LOSSES = [1.0] * 501


def verdict(*evidence: tuple[str, float]) -> Verdict:
    return Verdict(Kind.CONVERGING, "", tuple(Evidence(name, value) for name, value in evidence))


def test_the_rate_is_one_in_the_distance() -> None:
    now = racer(0, history(LOSSES))
    assert measured(verdict(("rate", 0.9)), now) == (0.9, None)
    assert measured(verdict(("rate", 0.81), (IN_DISTANCE, 0.9)), now) == (0.9, None)
    assert measured(verdict((MEAN, 0.2)), now) == (None, 0.2)
    assert measured(verdict(), now) == (None, None)
    assert measured(None, now) == (None, None)


def test_what_was_measured_at_other_settings_is_none_of_these() -> None:
    both = verdict(("rate", 0.9), (MEAN, 0.2))
    for changed, expected in ((490, (None, None)), (390, (0.9, None)), (200, (0.9, 0.2))):
        assert measured(both, racer(0, history(LOSSES), events=changed_at(changed))) == expected
    assert measured(both, racer(0, history([1.0] * 20))) == (0.9, 0.2), "a short history is one all the same"
