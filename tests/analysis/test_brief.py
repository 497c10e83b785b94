"""Verdicts in as many words as there is room for."""

from __future__ import annotations

import pytest

from gdtui.analysis.brief import brief, forms
from gdtui.analysis.verdict import Evidence, Kind, Verdict


def verdict(kind: Kind, *evidence: tuple[str, float, str]) -> Verdict:
    return Verdict(kind, "A whole sentence about it.", tuple(Evidence(*each) for each in evidence))


@pytest.mark.parametrize(
    ("kind", "evidence", "text"),
    [
        (Kind.CONVERGING, [("rate", 0.99412, "per step")], "converging 0.99412/step"),
        (Kind.CONVERGING, [("rate", 1.0 - 3e-9, "per step")], "converging 0.99999999700/step"),
        (
            Kind.CRAWLING,
            [("rate", 0.9, "per step"), ("times slower than the best", 27.3, "")],
            "crawling, 27.3× slower",
        ),
        (Kind.STALLED, [("effective step below the learning rate", 150.2, "times")], "stalled, effective step ÷ 150"),
        (Kind.LIMIT_CYCLE, [("period", 2.0, "steps"), ("amplitude", 0.3, "")], "limit cycle of 2 steps"),
        (Kind.LIMIT_CYCLE, [("step length", 0.01414, "")], "limit cycle, steps of 0.0141"),
        (Kind.NOISE_FLOOR, [("level", 1.684, "")], "noise floor 1.68"),
        (Kind.DIVERGED, [("step", 12480.0, "")], "diverged at step 12,480"),
        (Kind.DIVERGING, [("loss then", 1.0, ""), ("loss now", 4e7, "")], "diverging, loss 4e+07"),
        (Kind.TOO_LITTLE, [("recorded steps", 3.0, "")], "too early to tell"),
        (Kind.OSCILLATING, [], "oscillating"),
        (Kind.CONVERGING, [("rate", 0.981, "per step"), ("zig-zag", 0.97, "")], "zig-zag 97 %"),
    ],
)
def test_the_brief_is_the_kind_and_the_number_that_matters(
    kind: Kind, evidence: list[tuple[str, float, str]], text: str
) -> None:
    assert brief(verdict(kind, *evidence)) == text


@pytest.mark.parametrize("kind", list(Kind))
def test_forms_get_shorter_from_the_sentence_to_a_word(kind: Kind) -> None:
    told = verdict(kind, ("rate", 0.5, "per step"), ("half-life", 12.0, "steps"), ("level", 3.0, ""))
    lines = list(forms(told))
    assert lines[0] == (told.sentence if kind is not Kind.TOO_LITTLE else "too early to tell")
    lengths = [len(line) for line in lines[1:]]
    assert lengths == sorted(lengths, reverse=True)
    assert lines[-2] in {kind.value, "too early to tell"}
    assert len(lines[-1]) <= 4


def test_what_is_in_the_brief_is_not_said_again() -> None:
    told = verdict(Kind.CONVERGING, ("rate", 0.5, "per step"), ("half-life", 1.0, "steps"))
    assert list(forms(told))[1] == "converging 0.5000/step, half-life 1 steps"
