"""Makes plateau_torch.json: the learning rates of PyTorch's ReduceLROnPlateau over sequences of losses.

Run by hand, in an environment of its own (gdtui does not need torch):

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
    /tmp/torch/bin/python tests/goldens/make_plateau_goldens.py

A case has gdtui's text of the schedule (with a look after every step), its lr, the losses seen after steps 1, 2, …, and
the rates of those steps. PyTorch's eps, below which it does not bother to cut, is 0 here.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

STEPS = 400
SEQUENCES = {
    "falls, then lies flat": [max(1.0, 5.0 * 0.97**k) for k in range(STEPS)],
    "falls slower and slower": [1.0 / math.sqrt(k + 1) for k in range(STEPS)],
    "swings": [2.0 + math.sin(0.3 * k) + 3.0 * 0.99**k for k in range(STEPS)],
    "rises": [1.0 + 0.01 * k for k in range(STEPS)],
}
SETTINGS = (
    {"factor": 0.1, "patience": 10, "threshold": 1e-4, "cooldown": 0, "min": 0.0},
    {"factor": 0.5, "patience": 3, "threshold": 1e-2, "cooldown": 5, "min": 1e-4},
    {"factor": 0.7, "patience": 0, "threshold": 0.0, "cooldown": 1, "min": 1e-6},
)


def rates(losses: list[float], lr: float, given: dict[str, float]) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=lr)
    options = {key: value for key, value in given.items() if key != "min"}
    scheduler = ReduceLROnPlateau(optimizer, min_lr=given["min"], eps=0.0, **options)
    found = []
    for loss in losses:
        found.append(float(optimizer.param_groups[0]["lr"]))
        scheduler.step(loss)
    return found


cases = [
    {
        "schedule": "plateau(every=1," + ",".join(f"{key}={value}" for key, value in given.items()) + ")",
        "about": about, "lr": 0.1, "losses": losses, "rates": rates(losses, 0.1, given),
    }
    for about, losses in SEQUENCES.items()
    for given in SETTINGS
]  # fmt: skip
body = ",\n".join(f"  {json.dumps(case)}" for case in cases)
text = f'{{\n "library": "torch {torch.__version__.partition("+")[0]}",\n "cases": [\n{body}\n ]\n}}\n'
Path(__file__).with_name("plateau_torch.json").write_text(text, encoding="utf-8")
