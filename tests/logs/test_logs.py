"""Verdicts on the logs of real runs beside this file; ``make_logs.py`` says how each was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdtui.analysis.training_log import read
from gdtui.analysis.verdict import Verdict
from gdtui.analysis.verdicts import judge

HERE = Path(__file__).parent
TABLE = {
    # A constant rate of 3e-4 is far too small, but all there is to see is that the loss falls. That is no reproach.
    "sgd_slow.csv": "descending",
    # The last four eighths have means of .125 .140 .130 .130: within the noise nothing has moved for 200 rows. With ten
    # times the rate it gets to .11, which a history cannot know; the sentence says how large a fall could be hidden.
    "sgd_slower.csv": "noise floor",
    "sgd_good.csv": "descending",  # eighths of .121 .111 .109, still above the variance of the targets' noise, .09
    "sgd_fast.csv": "descending",  # eighths of .106 .099 .096, and a line through the last 300 rows falls by 5 errors
    "sgd_wild.csv": "diverged",  # 1e28 in four steps
    "linear.csv": "converging",  # a strictly convex quadratic, whose last eigenvalue sets a rate
    "linear_noise.csv": "noise floor",  # the same at batches of 8: flat from row 50 on
    "linear_diverging.csv": "diverging",  # 4 % beyond the limit: 1.7e4, and not yet a million times the start
    "dead.jsonl": "plateau",  # no weight can move
    "overfit.jsonl": "overfitting",  # 60 samples by heart
    "short_schedule.tsv": "stalled",  # a gradient of .3 and a learning rate of 1e-23
    "nan.csv": "not a number",
}


def verdict_on(name: str) -> Verdict:
    with (HERE / name).open("rb") as stream:
        (run,) = read(stream, {}, name).runs
    return judge(run.series)


@pytest.mark.parametrize("name", TABLE)
def test_the_verdict_is_the_one_that_is_argued_for(name: str) -> None:
    assert verdict_on(name).kind.value == TABLE[name]


def test_every_log_is_in_the_table_and_all_are_small() -> None:
    logs = {path.name: path.stat().st_size for path in HERE.iterdir() if path.suffix in {".csv", ".tsv", ".jsonl"}}
    assert set(logs) == set(TABLE)
    assert sum(logs.values()) < 200_000


def test_the_numbers_are_those_of_the_logs() -> None:
    assert verdict_on("nan.csv")["step"] == 8
    assert verdict_on("overfit.jsonl")["its step"] == 100
    assert verdict_on("overfit.jsonl")["lowest held-out loss"] == pytest.approx(0.1583, abs=1e-4)
    assert verdict_on("linear.csv")["rate"] == pytest.approx(0.975, abs=2e-3)
    assert verdict_on("short_schedule.tsv")["gradient norm"] == pytest.approx(0.3156, abs=1e-4)
