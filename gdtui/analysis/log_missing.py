"""What cannot be told for want of a column, and how to log it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gdtui.analysis.training_log import Log

_TEXTS: Final = {
    "step": "No step: rows are counted instead. Log the number of the step.",
    "lr": "No learning rate: a run that its schedule brought to a halt is not told from one that is done. "
    'Log optimizer.param_groups[0]["lr"].',
    "grad_norm": "No gradient norm: convergence is not told from a plateau, and nothing is known of what came before "
    "a NaN. Log what torch.nn.utils.clip_grad_norm_ returns.",
    "val_loss": "No held-out loss: overfitting is not seen. Log it every now and then.",
}


def missing(log: Log) -> Iterator[str]:
    """A paragraph for every column that no run of the log has."""
    for role, text in _TEXTS.items():
        known = role in log.columns and (
            role == "step" or any(getattr(run.series, role) is not None for run in log.runs)
        )
        if not known:
            yield text
