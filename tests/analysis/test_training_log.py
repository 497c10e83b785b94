"""Training logs as they are found: their columns, their faults, and their length."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdtui.analysis.log_columns import assign
from gdtui.analysis.log_lines import Line
from gdtui.analysis.series import Series
from gdtui.analysis.thinning import MOST_ROWS
from gdtui.analysis.training_log import Log, LogReader, read
from gdtui.analysis.verdicts import judge
from gdtui.errors import InputError


class Sole(NamedTuple):
    """A log of one run, in one."""

    format: str
    columns: Mapping[str, str]
    notes: tuple[str, ...]
    rows: int
    steps: tuple[float, float]
    series: Series


def whole(text: str | bytes, **given: str) -> Log:
    return read(io.BytesIO(text.encode() if isinstance(text, str) else text), given, "run")


def log(text: str | bytes, **given: str) -> Sole:
    found = whole(text, **given)
    (run,) = found.runs
    return Sole(found.format, found.columns, (*found.notes, *run.notes), run.rows, run.steps, run.series)


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
        ('lo\rss,"a"\n', "line 1 is no header"),
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


def test_a_column_of_names_tells_runs_apart() -> None:
    rows = [f"{step},{name},{loss / (1 + step)}" for step in range(30) for name, loss in (("gd", 2.0), ("adam", 1.0))]
    found = whole(lines("step,label,loss", *rows))
    assert found.columns == {"step": "step", "loss": "loss", "by": "label"}
    assert [(run.label, run.rows, run.steps) for run in found.runs] == [("gd", 30, (0, 29)), ("adam", 30, (0, 29))]
    np.testing.assert_array_equal(found.runs[0].series.loss, 2.0 * found.runs[1].series.loss)
    together = whole(lines("step,label,loss", *rows), by="")
    assert (len(together.runs), together.runs[0].rows, "step" in together.columns) == (1, 60, False)
    named = whole(lines(*(row.replace("gd", "1").replace("adam", "2") for row in ["i,who,loss", *rows])), by="who")
    assert [run.label for run in named.runs] == ["1", "2"]
    with pytest.raises(InputError, match="--by: no column is called 'whom'; did you mean 'who'"):
        log(lines("who,loss", "1,2"), by="whom")


@pytest.mark.parametrize(
    ("header", "values"),
    [("label", range(10)), ("run", range(40)), ("note", ["a", "b"])],
    ids=["classes", "a number for every row", "no such name"],
)
def test_a_column_that_tells_no_runs_apart_is_left_alone(header: str, values: Iterable[object]) -> None:
    found = log(lines(f"loss,{header}", *(f"{1 / (1 + i)},{value}" for i, value in enumerate(values))))
    assert found.rows == len(list(values))


def test_rows_that_do_not_say_whose_they_are_go_with_the_one_before() -> None:
    rows = [{"step": 1, "run": "a", "loss": 2}, {"step": 1, "eval_loss": 3}, {"step": 1, "run": "b", "loss": 4}]
    first, second = whole(lines(*map(json.dumps, rows))).runs
    assert first.series.val_loss is not None
    assert first.series.val_loss.tolist() == [3.0]
    assert second.series.val_loss is None


def test_runs_beyond_the_thirty_second_are_left_out_and_told() -> None:
    found = whole(lines("loss,who", *(f"1,{i % 40}" for i in range(80))), by="who")
    assert len(found.runs) == 32
    assert found.notes == ("rows of more than 32 runs, by 'who', are left out",)


def test_the_head_is_read_anew_when_a_later_row_changes_what_it_means() -> None:
    """The same as if all had been known from the start, at every row on the way."""
    rows = [{"epoch": i // 20, "loss": 3.0 - i / 100} for i in range(60)] + [{"global_step": 60, "loss": 1, "lr": 0.1}]
    reader, text = LogReader({}, "run"), [json.dumps(row) for row in rows]
    for number, line in enumerate(text, 1):
        reader.feed(Line(number, line, True))
        ours, whole_log = reader.log(), whole(lines(*text[:number]))
        assert (ours.columns, ours.runs[0].steps) == (whole_log.columns, whole_log.runs[0].steps)
    assert reader.readings > 2


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


@pytest.mark.parametrize("column", ["step", "run", "epoch", "loss"])
def test_a_list_in_a_row_is_no_number_and_no_fault(column: str) -> None:
    rows = [{"step": i, "loss": 2.0 - 0.01 * i, "run": 1, "epoch": 1} for i in range(40)]
    rows[7] |= {column: [1, [2]]}
    log = read(io.BytesIO("\n".join(json.dumps(row) for row in rows).encode()), {}, "log.jsonl")
    assert sum(len(run.series.loss) for run in log.runs) >= 39
