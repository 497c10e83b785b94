"""Training logs as they are found: their columns, their faults, and their length."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis.log_columns import assign
from gdtui.analysis.thinning import MOST_ROWS
from gdtui.analysis.training_log import Log, read
from gdtui.analysis.verdicts import judge
from gdtui.errors import InputError


def log(text: str | bytes, **given: str) -> Log:
    return read(io.BytesIO(text.encode() if isinstance(text, str) else text), given, "run")


def lines(*texts: str) -> str:
    return "".join(f"{text}\n" for text in texts)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_with_any_separator(separator: str) -> None:
    rows = [["step", "loss", "note"], ["1", "0.5", '"a"'], ["2", "0.25", ""]]
    found = log(lines(*map(separator.join, rows)))
    assert (found.format, found.rows, found.steps, found.notes) == ("CSV", 2, (1.0, 2.0), ())
    assert found.columns == {"step": "step", "loss": "loss"}
    np.testing.assert_array_equal(found.series.loss, [0.5, 0.25])
    assert found.series.lr is None


def test_semicolons_go_with_decimal_commas_and_a_byte_order_mark_is_none_of_the_name() -> None:
    found = log(b"\xef\xbb\xbfloss;lr\r\n0,5;1e-3\r\n0,25;1e-3\r\n")
    np.testing.assert_array_equal(found.series.loss, [0.5, 0.25])
    np.testing.assert_array_equal(found.series.steps, [1.0, 2.0])
    assert "step" not in found.columns


def test_jsonl_is_read_with_objects_inside_objects_and_keys_that_come_late() -> None:
    rows = [{"step": i, "train": {"loss": 1.0 / i, "grad_norm": 2}} for i in range(1, 1500)]
    text = lines(*map(json.dumps, [*rows, {"step": 1499, "eval_loss": 0.7}]))
    found = log(text)
    assert found.columns == {
        "step": "step", "loss": "train/loss", "grad_norm": "train/grad_norm", "val_loss": "eval_loss",
    }  # fmt: skip
    assert found.series.val_loss is not None
    assert found.series.val_loss[-1] == 0.7
    assert log(text, val_loss="eval_loss").columns["val_loss"] == "eval_loss"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["epoch", "step", "train_loss", "val_loss"], {"step": "step", "loss": "train_loss", "val_loss": "val_loss"}),
        (["iteration", "Loss"], {"step": "iteration", "loss": "Loss"}),
        (["epoch", "loss", "learning_rate"], {"step": "epoch", "loss": "loss", "lr": "learning_rate"}),
        (["steps", "train/loss", "val/loss"], {"step": "steps", "loss": "train/loss", "val_loss": "val/loss"}),
        (["Step", "run-7 - loss", "lr-AdamW"], {"step": "Step", "loss": "run-7 - loss", "lr": "lr-AdamW"}),
        (["loss", "gnorm", "step_norm"], {"loss": "loss", "grad_norm": "gnorm", "update_norm": "step_norm"}),
        (["step", "aux_loss", "loss", "eval_aux_loss"], {"step": "step", "loss": "loss", "val_loss": "eval_aux_loss"}),
    ],
)  # fmt: skip
def test_names_are_guessed(names: list[str], expected: dict[str, str]) -> None:
    assert assign({}, names, "run") == expected


def test_two_losses_that_are_as_likely_are_not_guessed_between() -> None:
    with pytest.raises(InputError, match="no column looks like a loss, of a_loss, b_loss; name it with --loss"):
        assign({}, ["a_loss", "b_loss"], "run")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "run: is empty"),
        ("\n\n", "run: is empty"),
        ("step,loss\n", "has a header and no rows"),
        ("1,2\n2,3\n", "has no header"),
        ("step,accuracy\n1,2\n", "no column looks like a loss"),
        ("step,loss\n1,high\n", "column 'loss' has no numbers"),
        ('[{"loss": 1}]', "one JSON array"),
        ('{\n"loss": 1}\n', "line 1 is not a whole JSON object; write one object a line"),
        (b"step,loss\n1,\x00\n", "is binary, not text"),
        ("step,loss\n1,2\n".encode("utf-16"), "is binary, not text"),
        (b"\x1f\x8b\x08\x00", "is packed; `zcat FILE"),
        (b"x" * 2**20, "longer than a megabyte"),
    ],
)
def test_what_is_no_log_is_refused_with_the_reason(text: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as refused:
        log(text)
    assert message in str(refused.value)


def test_a_column_that_is_not_there_gets_the_nearest_name() -> None:
    with pytest.raises(InputError, match="--val-loss: no column is called 'evalloss'; did you mean 'eval_loss'"):
        log(lines('{"loss": 1, "eval_loss": 2}'), val_loss="evalloss")
    with pytest.raises(InputError, match="--loss: no column is called 'los'; did you mean 'loss'"):
        log("loss\n1\n", loss="los")


def test_faults_are_left_out_and_told() -> None:
    found = log(lines("step,loss", "1,3", "2,oops", "3,2", ",2", "4,nan", "5,1") + "6")
    np.testing.assert_array_equal(found.series.steps, [1, 3, 4, 5])
    assert found.notes == (
        "the last line is cut off, and left out",
        "1 cell is not a number, as 'oops' in column 'loss'",
        "1 row has no step, and is left out",
        "the loss is NaN or infinite in 1 of 4 rows",
    )
    cut = log(lines('{"step": 1, "loss": 2}', "junk", '{"step": 2, "loss": 1}') + '{"step": 3, "lo')
    assert cut.rows == 2
    assert "1 line is not readable, and left out; the first is line 2" in cut.notes


def test_the_last_of_several_runs_is_read() -> None:
    found = log(lines("step,loss", *(f"{i},9" for i in range(50)), *(f"{i},{1 + i}" for i in range(3))))
    assert (found.rows, found.steps) == (3, (0.0, 2.0))
    assert found.notes == ("the step count starts again once: the last of 2 runs is diagnosed",)


def test_an_epoch_that_stays_for_many_rows_is_no_step() -> None:
    found = log(lines("epoch,loss", *(f"{i // 50},{i}" for i in range(200))))
    assert "step" not in found.columns
    assert found.steps == (1.0, 200.0)


def test_held_out_losses_in_rows_of_their_own_join_the_row_before() -> None:
    found = log(lines("step,loss,val_loss", "0,,9", "1,3,", "2,2,", "2,,8", "3,1,", "3,nan,7"))
    assert found.series.val_loss is not None
    np.testing.assert_array_equal(found.series.val_loss, [9, 8, 7])
    np.testing.assert_array_equal(found.series.loss, [3, 2, 1])


def test_a_long_log_is_thinned_and_keeps_its_ends_and_held_out_losses() -> None:
    count = 5 * MOST_ROWS + 3
    text = lines("step,loss,val_loss", *(f"{i},{i},{-i if i % 1000 == 0 else ''}" for i in range(count)))
    found = log(text)
    assert found.rows == count
    assert len(found.series) <= MOST_ROWS + 1
    assert (found.series.steps[0], found.series.steps[-1]) == found.steps == (0.0, count - 1.0)
    assert np.all(np.diff(found.series.steps) > 0)
    np.testing.assert_array_equal(found.series.loss, found.series.steps)
    assert found.series.val_loss is not None
    known = found.series.val_loss[np.isfinite(found.series.val_loss)]
    np.testing.assert_array_equal(np.unique(known), np.unique(-1000.0 * np.arange(count // 1000 + 1)))
    assert found.notes == ("one row in 8 is kept",)


def test_the_step_at_which_a_long_log_breaks_off_is_exact() -> None:
    count, broken = 40_000, 31_234
    rows = (f"{i},{2 if i < broken else 'nan'},{1 if i < broken - 25 else 4}" for i in range(count))
    verdict = judge(log(lines("step,loss,grad_norm", *rows)).series)
    assert verdict.sentence == (
        f"The loss is NaN from step {broken:,} on; the gradient norm grew 4 times in the 50 steps before."
    )


@given(
    st.lists(st.sampled_from(["1,2", "2,1,", '"', "a;b", "{}", '{"loss": 1}', "nan,inf", "3", "0,0", "\\", "é,\ud7ff"]))
)
def test_whatever_the_lines_are_there_is_a_verdict_or_an_input_error(rows: list[str]) -> None:
    for head in ("step,loss", '{"step": 0, "loss": 3}'):
        try:
            found = log(lines(head, *rows))
        except InputError:
            continue
        assert judge(found.series).sentence
        assert all(map(math.isfinite, found.steps))
