"""Makes optax.json: where optax's LAMB and Lion, which torch lacks, stand after a few steps, for the parity tests.

Run by hand, in an environment of its own (gdtui does not need optax, and optax does not need gdtui):

    python -m venv /tmp/optax && /tmp/optax/bin/pip install optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy
    /tmp/optax/bin/python tests/goldens/make_optax_goldens.py

Everything is float64, on the CPU, with gradients from automatic differentiation. Clipping is optax's own, by the norm
over all blocks.
"""

from __future__ import annotations

import jax
import optax
from problems import STEPS, Blocks, Given, losses, write

# gdtui's hyperparameter names; what is absent is at gdtui's default.
SETTINGS: dict[str, tuple[Given, ...]] = {
    "lamb": (
        {}, {"lr": 1e-2, "beta1": 0.8, "beta2": 0.99, "weight_decay": 0.1},
        {"lr": 5e-3, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.01},
        {"lr": 1e-2, "clip": 1.0}, {"lr": 5e-3, "beta2": 0.99, "weight_decay": 0.1, "clip": 0.5},
    ),
    "lion": (
        {}, {"lr": 1e-3, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.1}, {"lr": 2e-3, "weight_decay": 0.5},
        {"lr": 5e-3, "clip": 1.0}, {"lr": 1e-3, "beta1": 0.8, "weight_decay": 0.1, "clip": 0.5},
    ),
}  # fmt: skip
# optax has no default learning rates; these are gdtui's.
RATES = {"lamb": 1e-3, "lion": 1e-4}
NAMES = {"lr": "learning_rate", "beta1": "b1", "beta2": "b2"}


def make(name: str, given: Given) -> optax.GradientTransformation:
    """optax's optimizer for gdtui's name and hyperparameters."""
    # optax's lion decays unless told otherwise.
    own = {"learning_rate": RATES[name], "weight_decay": 0.0}
    own |= {NAMES.get(key, key): value for key, value in given.items() if key != "clip"}
    optimizer: optax.GradientTransformation = getattr(optax, name)(**own)
    return optax.chain(optax.clip_by_global_norm(given["clip"]), optimizer) if "clip" in given else optimizer


def run(name: str, problem: str, given: Given, start: Blocks) -> tuple[float, list[list[float]]]:
    """The learning rate used, and the points at STEPS."""
    blocks = {block: jax.numpy.asarray(values) for block, values in start.items()}
    gradient_at, optimizer = jax.jit(jax.grad(losses(jax.numpy)[problem])), make(name, given)
    state, update = optimizer.init(blocks), jax.jit(optimizer.update)
    points, shortened = [], 0
    for step in range(1, max(STEPS) + 1):
        gradient = gradient_at(blocks)
        shortened += optax.global_norm(gradient) > given.get("clip", 0.0)
        updates, state = update(gradient, state, blocks)
        blocks = optax.apply_updates(blocks, updates)
        if step in STEPS:
            points.append([value for block in start for value in blocks[block].ravel().tolist()])
    if not shortened:
        raise SystemExit(f"{name} {given} on {problem}: nothing was clipped")
    return given.get("lr", RATES[name]), points


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    write("optax.json", ["optax", "jax"], run, SETTINGS)
