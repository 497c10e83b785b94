"""Logs of real training runs, made outside gdtui: run once with torch 2.13.0, ``python tests/logs/make_logs.py``.

A small net learns synthetic data with mini-batches, as anybody would train one. Every run is one file beside this one,
in one of the forms that training programs write. What each is bound to do is said where it is made.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

HERE = Path(__file__).parent
Row = dict[str, Any]


def data(count: int, noise: float, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs ``(count, 10)`` and what a fixed net, the same for every seed, makes of them, with noise."""
    teacher = torch.Generator().manual_seed(0)
    first, second = torch.randn(10, 8, generator=teacher), torch.randn(8, 1, generator=teacher)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 10, generator=generator)
    y = torch.tanh(x @ first) @ second / 3.0
    return x, y + noise * torch.randn(y.shape, generator=generator)


def train(
    lr: float,
    *,
    steps: int,
    every: int = 1,
    samples: int = 2000,
    batch: int = 32,
    noise: float = 0.3,
    width: int = 64,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.SGD,
    schedule: Callable[[int], float] | None = None,
    validate_every: int = 0,
    loss_of: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = nn.functional.mse_loss,
    zero: bool = False,
) -> list[Row]:
    """Train, and log every so many steps."""
    torch.manual_seed(1)
    x, y = data(samples, noise, seed=2)
    held_x, held_y = data(1000, noise, seed=3)
    model: nn.Module = nn.Linear(10, 1)
    if width:
        model = nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Linear(width, 1))
    if zero:
        for parameter in model.parameters():
            nn.init.zeros_(parameter)
    chosen = optimizer(model.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.LambdaLR(chosen, schedule or (lambda _: 1.0))
    order = torch.Generator().manual_seed(4)
    rows = []
    for step in range(1, steps + 1):
        picked = torch.randint(samples, (batch,), generator=order) if batch else slice(None)
        loss = loss_of(model(x[picked]), y[picked])
        chosen.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), math.inf)
        rate = chosen.param_groups[0]["lr"]
        chosen.step()
        scheduler.step()
        if step % every == 0:
            row = {"step": step, "loss": loss.item(), "lr": rate, "grad_norm": norm.item()}
            if validate_every and step % validate_every == 0:
                with torch.no_grad():
                    row["val_loss"] = loss_of(model(held_x), held_y).item()
            rows.append(row)
    return rows


def write_csv(name: str, rows: list[Row], columns: dict[str, str], delimiter: str = ",") -> None:
    """The rows with their columns under other names."""
    with (HERE / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(columns.values())
        writer.writerows([_text(row.get(key)) for key in columns] for row in rows)


def write_jsonl(name: str, rows: list[Row], columns: dict[str, str], evaluated: str = "") -> None:
    """One object a row; held-out losses in rows of their own."""
    with (HERE / name).open("w", encoding="utf-8") as file:
        for row in rows:
            plain = {other: _round(row[key]) for key, other in columns.items() if key in row}
            print(json.dumps(plain), file=file)
            if "val_loss" in row:
                print(json.dumps({evaluated: _round(row["val_loss"]), columns["step"]: row["step"]}), file=file)


def _round(value: float) -> float:
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}" if isinstance(value, float) else str(value)


def log_of_norm(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The root of a difference that comes to lie below 0: NaN, as from many a home-made loss."""
    return torch.sqrt(nn.functional.mse_loss(output, target) - 0.12)


def main() -> None:
    """Write all logs."""
    plain = {"step": "step", "loss": "loss"}
    full = {**plain, "lr": "lr", "grad_norm": "grad_norm"}
    # Learning rates of SGD on the same data in the same order. The noise of the targets has variance 0.09.
    for name, lr in {"slow": 3e-4, "slower": 1e-2, "good": 0.1, "fast": 0.3}.items():
        write_csv(f"sgd_{name}.csv", train(lr, steps=1600, every=4), full)
    # Beyond the stability limit; recorded until it is a number no more.
    wild = train(6.0, steps=60)
    write_csv("sgd_wild.csv", [row for row in wild if math.isfinite(row["loss"])], full)
    # A linear model, all samples in every step: one eigenvalue after the other dies away. Its limit is near 0.64.
    write_csv("linear.csv", train(0.02, steps=300, batch=0, samples=200, width=0), full)
    write_csv("linear_diverging.csv", train(0.665, steps=60, batch=0, samples=200, width=0), full)
    # The same in mini-batches of 8, at a rate that reaches the floor of their noise within 200 steps.
    write_csv("linear_noise.csv", train(0.03, steps=1600, every=4, batch=8, samples=200, width=0), full)
    # All weights zero: both layers' gradients are zero for ever, and only the last bias learns.
    write_jsonl(
        "dead.jsonl",
        train(0.1, steps=1600, every=4, batch=0, samples=500, zero=True),
        {"step": "iteration", "loss": "train/loss"},
    )
    # 60 samples and a wide net: it learns the noise by heart.
    write_jsonl(
        "overfit.jsonl",
        train(3e-4, steps=2000, every=10, samples=60, width=256, optimizer=torch.optim.Adam, validate_every=50),
        {"step": "step", "loss": "loss", "lr": "learning_rate", "grad_norm": "grad_norm"},
        evaluated="eval_loss",
    )
    # The schedule has used itself up after a hundred steps.
    write_csv(
        "short_schedule.tsv",
        train(0.02, steps=1200, every=3, batch=0, samples=500, schedule=lambda step: 0.96**step),
        {"step": "global_step", "loss": "train_loss", "lr": "learning_rate", "grad_norm": "grad_norm"},
        delimiter="\t",
    )
    # A root of what gets negative.
    write_csv("nan.csv", train(0.05, steps=400, loss_of=log_of_norm), full)


if __name__ == "__main__":
    main()
