"""Makes torch.json: where PyTorch's optimizers stand after a few steps, for the parity tests.

Run by hand, in an environment of its own (gdtui does not need torch, and torch does not need gdtui):

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
    /tmp/torch/bin/python tests/goldens/make_torch_goldens.py

Everything is float64, on the CPU, in one thread, with gradients from autograd, so the gradients are independent too.
torch's Nesterov tracks the look-ahead point phi = theta - lr beta v; what is written is theta = phi + lr beta v.

A trajectory that amplifies rounding would make a parity test a test of the machine. So every case is run a second time
from a start moved by NUDGE, relative, and refused if the two runs drift apart by more than MOST_DRIFT times that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import torch

STEPS = (1, 2, 3, 5, 10, 20, 50, 100, 150, 200)
NUDGE, MOST_DRIFT = 1e-9, 100.0
FLOOR = 1e-3  # differences are relative to max(FLOOR, |theta|), as in the tests

COS, SIN = math.cos(math.pi / 6.0), math.sin(math.pi / 6.0)
# diag(1, 100) turned by 30 degrees.
MATRIX = (
    (COS * COS + 100.0 * SIN * SIN, (1.0 - 100.0) * COS * SIN),
    ((1.0 - 100.0) * COS * SIN, SIN * SIN + 100.0 * COS * COS),
)
STARTS = {"rosenbrock": (-1.2, 1.0), "quadratic": (1.5, 0.5)}


def rosenbrock(x: torch.Tensor) -> torch.Tensor:
    return 100.0 * (x[1] - x[0] * x[0]) ** 2 + (1.0 - x[0]) ** 2


def quadratic(x: torch.Tensor) -> torch.Tensor:
    (a, b), (_, d) = MATRIX
    return 0.5 * (a * x[0] * x[0] + 2.0 * b * x[0] * x[1] + d * x[1] * x[1])


LOSSES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"rosenbrock": rosenbrock, "quadratic": quadratic}

# gdtui's hyperparameter names; what is absent is at its default in both libraries (the momentum of torch's SGD, whose
# default is 0, is filled in below).
SETTINGS: dict[str, tuple[dict[str, float], ...]] = {
    "gd": ({}, {"lr": 3e-4}, {"lr": 1.2e-3}),
    "sgd": ({}, {"lr": 5e-4}, {"lr": 2e-4}),
    "momentum": ({}, {"lr": 2e-4, "beta": 0.95}, {"lr": 5e-4, "beta": 0.5}),
    "nesterov": ({}, {"lr": 1e-4, "beta": 0.95}, {"lr": 5e-4, "beta": 0.5}),
    "adagrad": ({}, {"lr": 0.5}, {"lr": 0.1, "eps": 1e-3}),
    "rmsprop": ({}, {"lr": 1e-3, "rho": 0.9}, {"lr": 3e-3, "rho": 0.95, "eps": 1e-4}),
    "adam": ({}, {"lr": 1e-2, "beta1": 0.8, "beta2": 0.99}, {"lr": 2e-2, "beta2": 0.95, "eps": 1e-4}),
    "adamw": ({}, {"lr": 1e-2, "weight_decay": 0.5}, {"lr": 3e-2, "beta1": 0.8, "beta2": 0.99, "weight_decay": 0.1}),
}


def make(name: str, x: torch.Tensor, given: dict[str, float]) -> torch.optim.Optimizer:
    """torch's optimizer for gdtui's name and hyperparameters."""
    own: dict[str, object] = {key: given[key] for key in ("lr", "eps", "weight_decay") if key in given}
    if name in ("gd", "sgd"):
        return torch.optim.SGD([x], **own)
    if name in ("momentum", "nesterov"):
        return torch.optim.SGD([x], momentum=given.get("beta", 0.9), nesterov=name == "nesterov", **own)
    if name == "adagrad":
        return torch.optim.Adagrad([x], **own)
    if name == "rmsprop":
        return torch.optim.RMSprop([x], **own | ({"alpha": given["rho"]} if "rho" in given else {}))
    betas = (given.get("beta1", 0.9), given.get("beta2", 0.999))
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]([x], betas=betas, **own)


def run(name: str, problem: str, given: dict[str, float], start: tuple[float, ...]) -> list[list[float]]:
    """The points at STEPS."""
    x = torch.tensor(start, requires_grad=True)
    optimizer = make(name, x, given)
    points = []
    for step in range(1, max(STEPS) + 1):
        optimizer.zero_grad()
        LOSSES[problem](x).backward()
        optimizer.step()
        if step in STEPS:
            theta = x.detach().clone()
            if name == "nesterov":
                group = optimizer.param_groups[0]
                theta += group["lr"] * group["momentum"] * optimizer.state[x]["momentum_buffer"]
            points.append(theta.tolist())
    return points


def drift(a: list[list[float]], b: list[list[float]]) -> float:
    """The largest difference, relative as in the tests."""
    pairs = [pair for p, q in zip(a, b, strict=True) for pair in zip(p, q, strict=True)]
    return max(abs(p - q) / max(FLOOR, abs(p)) for p, q in pairs)


def main() -> None:
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    cases = []
    for problem, start in STARTS.items():
        for name, settings in SETTINGS.items():
            for given in settings:
                points = run(name, problem, given, start)
                moved = run(name, problem, given, tuple(value * (1.0 + NUDGE) for value in start))
                amplified = drift(points, moved) / NUDGE
                if not amplified <= MOST_DRIFT:
                    raise SystemExit(f"{name} {given} on {problem} amplifies a nudge {amplified:.0f} times")
                print(f"{problem:10} {name:8} {given}: ends at {points[-1]}, amplifies {amplified:.2g} times")
                lr = make(name, torch.zeros(1, requires_grad=True), given).param_groups[0]["lr"]
                cases.append({"optimizer": name, "problem": problem, "lr": lr, "given": given, "points": points})
    problems = {name: {"start": start} for name, start in STARTS.items()}
    problems["quadratic"]["matrix"] = MATRIX
    head = {"library": f"torch {torch.__version__}", "steps": STEPS, "problems": problems}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    body = ",\n".join(f"  {json.dumps(case)}" for case in cases)
    text = "\n".join(["{", *lines, ' "cases": [', body, " ]", "}", ""])
    Path(__file__).with_name("torch.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
