"""Makes torch.json: where PyTorch's optimizers stand after a few steps, for the parity tests.

Run by hand, in an environment of its own (gdtui does not need torch, and torch does not need gdtui):

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
    /tmp/torch/bin/python tests/goldens/make_torch_goldens.py

Everything is float64, on the CPU, in one thread, with gradients from autograd, so the gradients are independent too.
torch's Nesterov tracks the look-ahead point phi = theta - lr beta v; what is written is theta = phi + lr beta v.

l2 is torch's weight_decay where that joins the gradient. Clipping is by hand, l2 included, since torch's own divides by
the norm + 1e-6.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from problems import STEPS, Blocks, Given, losses, write
from torch.optim import SGD, Adadelta, Adagrad, Adam, AdamW, NAdam, RAdam, RMSprop

# torch's class by gdtui's name, and what that has at another default.
CLASSES: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "gd": (SGD, {}),
    "sgd": (SGD, {}),
    "momentum": (SGD, {"momentum": 0.9}),
    "nesterov": (SGD, {"momentum": 0.9, "nesterov": True}),
    "adagrad": (Adagrad, {}),
    "rmsprop": (RMSprop, {}),
    "adadelta": (Adadelta, {}),
    "adam": (Adam, {}),
    "adamw": (AdamW, {}),
    "amsgrad": (Adam, {"amsgrad": True}),
    "nadam": (NAdam, {}),
    "radam": (RAdam, {}),
}
NAMES = {"beta": "momentum", "psi": "momentum_decay", "l2": "weight_decay"}

# gdtui's hyperparameter names; what is absent is at gdtui's default, and at torch's.
SETTINGS: dict[str, tuple[Given, ...]] = {
    "gd": (
        {}, {"lr": 3e-4}, {"lr": 1.2e-3},
        {"l2": 2.0}, {"clip": 1.0}, {"lr": 2e-3, "l2": 1.0, "clip": 0.5},
    ),
    "sgd": (
        {}, {"lr": 5e-4}, {"lr": 2e-4},
        {"lr": 5e-4, "l2": 2.0}, {"lr": 5e-4, "clip": 1.0}, {"l2": 1.0, "clip": 0.5},
    ),
    "momentum": (
        {}, {"lr": 2e-4, "beta": 0.95}, {"lr": 5e-4, "beta": 0.5},
        {"lr": 5e-4, "l2": 2.0}, {"clip": 1.0}, {"beta": 0.8, "l2": 1.0, "clip": 0.5},
    ),
    "nesterov": (
        {}, {"lr": 1e-4, "beta": 0.95}, {"lr": 5e-4, "beta": 0.5},
        {"lr": 5e-4, "l2": 2.0}, {"lr": 5e-4, "clip": 1.0}, {"beta": 0.8, "l2": 1.0, "clip": 0.5},
    ),
    "adagrad": (
        {}, {"lr": 0.5}, {"lr": 0.1, "eps": 1e-3},
        {"lr": 0.05, "l2": 0.2}, {"lr": 0.05, "eps": 1e-3, "clip": 1.0}, {"lr": 0.02, "l2": 0.1, "clip": 0.5},
    ),
    "rmsprop": (
        {}, {"lr": 1e-3, "rho": 0.9, "eps": 1e-2}, {"lr": 3e-3, "rho": 0.95, "eps": 1e-2},
        {"lr": 2e-3, "l2": 0.5}, {"lr": 2e-3, "clip": 1.0},
        {"lr": 2e-3, "rho": 0.9, "eps": 1e-2, "l2": 0.1, "clip": 0.5},
    ),
    "adadelta": (
        {}, {"lr": 0.5, "rho": 0.95}, {"lr": 2.0, "rho": 0.99, "eps": 1e-5},
        {"l2": 0.1}, {"clip": 1.0}, {"rho": 0.95, "l2": 0.05, "clip": 0.5},
    ),
    "adam": (
        {}, {"lr": 1e-2, "beta1": 0.8, "beta2": 0.99}, {"lr": 2e-2, "beta2": 0.95, "eps": 1e-4},
        {"lr": 2e-3, "l2": 0.2}, {"lr": 5e-3, "clip": 1.0}, {"lr": 1e-2, "beta2": 0.99, "l2": 0.1, "clip": 0.5},
    ),
    "adamw": (
        {}, {"lr": 1e-2, "weight_decay": 0.5},
        {"lr": 5e-3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-2, "weight_decay": 0.1},
        {"lr": 1e-2, "clip": 1.0}, {"lr": 1e-2, "beta2": 0.99, "weight_decay": 0.5, "clip": 0.5},
    ),
    "amsgrad": (
        {}, {"lr": 1e-2, "beta1": 0.8, "beta2": 0.99}, {"lr": 2e-2, "beta1": 0.5, "beta2": 0.9, "eps": 1e-4},
        {"lr": 2e-3, "l2": 0.2}, {"lr": 5e-3, "clip": 1.0}, {"lr": 1e-2, "beta2": 0.99, "l2": 0.1, "clip": 0.5},
    ),
    "nadam": (
        {}, {"lr": 5e-3, "beta1": 0.8, "beta2": 0.99, "psi": 0.5},
        {"lr": 1e-3, "beta1": 0.95, "beta2": 0.95, "eps": 1e-4, "psi": 0.0},
        {"lr": 5e-3, "l2": 0.05}, {"clip": 1.0}, {"lr": 2e-3, "beta2": 0.99, "l2": 0.1, "clip": 0.5},
    ),
    # With beta2 = .6 it never rectifies.
    "radam": (
        {}, {"lr": 2e-3, "beta1": 0.8, "beta2": 0.99, "eps": 1e-4}, {"lr": 5e-4, "beta2": 0.6},
        {"l2": 0.5}, {"lr": 2e-3, "clip": 1.0}, {"lr": 5e-3, "beta2": 0.99, "l2": 0.1, "clip": 0.5},
    ),
}  # fmt: skip


def make(name: str, blocks: Blocks, given: Given) -> torch.optim.Optimizer:
    """torch's optimizer for gdtui's name and hyperparameters."""
    kind, defaults = CLASSES[name]
    own = {NAMES.get(key, key): value for key, value in given.items() if key not in ("beta1", "beta2", "rho")}
    if "beta1" in given or "beta2" in given:
        own["betas"] = (given.get("beta1", 0.9), given.get("beta2", 0.999))
    if "rho" in given:
        own["alpha" if kind is RMSprop else "rho"] = given["rho"]
    return kind(blocks.values(), **{**defaults, **own})


def shorten(blocks: Blocks, l2: float, clip: float) -> bool:
    """Add l2 theta to the gradient and scale it to length ``clip`` where it is longer; whether it was."""
    for block in blocks.values():
        block.grad += l2 * block.detach()
    size = math.sqrt(sum(float((block.grad**2).sum()) for block in blocks.values()))
    for block in blocks.values():
        block.grad *= min(1.0, clip / size)
    return size > clip


def run(name: str, problem: str, given: Given, start: Blocks) -> tuple[float, list[list[float]]]:
    """The learning rate used, and the points at STEPS."""
    blocks = {block: torch.tensor(values, requires_grad=True) for block, values in start.items()}
    clip, by_hand = given.get("clip"), ("clip", "l2") if "clip" in given else ()
    optimizer = make(name, blocks, {key: value for key, value in given.items() if key not in by_hand})
    loss, points, shortened = losses(torch)[problem], [], 0
    for step in range(1, max(STEPS) + 1):
        optimizer.zero_grad()
        loss(blocks).backward()
        if clip is not None:
            shortened += shorten(blocks, given.get("l2", 0.0), clip)
        optimizer.step()
        if step in STEPS:
            points.append([value for block in blocks.values() for value in iterate(name, optimizer, block)])
    if clip is not None and not shortened:
        raise SystemExit(f"{name} {given} on {problem}: nothing was clipped")
    return optimizer.param_groups[0]["lr"], points


def iterate(name: str, optimizer: torch.optim.Optimizer, block: torch.Tensor) -> list[float]:
    theta = block.detach().clone()
    if name == "nesterov":
        group = optimizer.param_groups[0]
        theta += group["lr"] * group["momentum"] * optimizer.state[block]["momentum_buffer"]
    values: list[float] = theta.ravel().tolist()
    return values


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    write("torch.json", ["torch"], run, SETTINGS)
