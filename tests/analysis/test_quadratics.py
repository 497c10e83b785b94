"""Verdicts on gd and momentum on random quadratics beside theory. ``quadratics.py`` has the whole budget."""

from __future__ import annotations

import pytest

from gdtui.engine.compile import jit_is_off
from tests.analysis.quadratics import answers, cases

STEPS = 20_000


@pytest.mark.skipif(jit_is_off(), reason="whole budgets take minutes as plain Python")
def test_verdicts_agree_with_theory() -> None:
    found = [answer for case in cases() for answer in answers(case, STEPS)]
    assert {answer.predicted > 1.0 for answer in found if answer.label == "gd"} == {True, False}
    assert {answer.predicted > 1.0 for answer in found if answer.label == "momentum"} == {True, False}
    assert sum(answer.dominates for answer in found) > len(found) // 3
    wrong = [(answer.case.seed, answer.label, answer.verdict.sentence) for answer in found if not answer.agrees]
    assert len(wrong) <= len(found) // 100, wrong
