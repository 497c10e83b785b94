"""Makes matrix_optax.json: where optax's Muon stands after a few steps, for the parity tests.

Run by hand, in an environment of its own (gdtui needs neither library):

    python -m venv /tmp/optax && /tmp/optax/bin/pip install optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy
    /tmp/optax/bin/python tests/goldens/make_matrix_goldens.py

In three of the shared problems every block is a vector, which optax gives to its AdamW; in matrix factorisation both
are tall matrices; the affine map, of this file alone, has a wide one beside a vector. torch's Muon is not here: it
iterates in bfloat16, and leaves m's start at zero uncorrected. Neither library has Shampoo.
"""

from __future__ import annotations

from typing import Any

import jax
import optax
from problems import PROBLEMS, STEPS, Blocks, Given, losses, write

# Three outputs of two inputs, five times: 1/2 |X W + c - Y|^2.
INPUTS = ((1.0, 0.5), (-0.4, 1.2), (0.3, -0.9), (-1.1, -0.2), (0.6, 0.8))
OUTPUTS = ((0.9, -1.1, 0.4), (1.6, 0.2, -0.7), (-0.8, 1.3, 0.5), (0.1, 0.7, -1.4), (1.2, -0.5, 0.3))
AFFINE = {
    "start": {"W": [[0.2, -0.3, 0.1], [0.05, 0.4, -0.15]], "c": [0.1, 0.0, -0.2]},
    "inputs": INPUTS,
    "outputs": OUTPUTS,
}
RATE = 0.02  # optax has no default; this is gdtui's
# gdtui's hyperparameter names; what is absent is at gdtui's default, and at optax's.
SETTINGS: tuple[Given, ...] = (
    {},
    {"lr": 5e-3, "beta": 0.8, "beta1": 0.8, "beta2": 0.99, "weight_decay": 0.1},
    {"lr": 1e-2, "beta": 0.99, "beta1": 0.95, "beta2": 0.98, "eps": 1e-3, "weight_decay": 0.01},
)
NAMES = {"lr": "learning_rate", "beta1": "adam_b1", "beta2": "adam_b2"}


def affine(at: Blocks) -> Any:
    residuals = jax.numpy.asarray(INPUTS) @ at["W"] + at["c"] - jax.numpy.asarray(OUTPUTS)
    return 0.5 * jax.numpy.sum(residuals**2)


def run(name: str, problem: str, given: Given, start: Blocks) -> tuple[float, list[list[float]]]:
    """The learning rate used, and the points at STEPS."""
    blocks = {block: jax.numpy.asarray(values) for block, values in start.items()}
    own = {"learning_rate": RATE} | {NAMES.get(key, key): value for key, value in given.items()}
    # optax has a decay for matrices and another for vectors; gdtui has one.
    optimizer = getattr(optax.contrib, name)(**own, adam_weight_decay=given.get("weight_decay", 0.0))
    gradient, points = jax.grad((losses(jax.numpy) | {"affine": affine})[problem]), []
    state, update = optimizer.init(blocks), jax.jit(optimizer.update)  # unjitted, it compiles anew at every step
    for step in range(1, max(STEPS) + 1):
        updates, state = update(gradient(blocks), state, blocks)
        blocks = optax.apply_updates(blocks, updates)
        if step in STEPS:
            points.append([value for block in start for value in blocks[block].ravel().tolist()])
    return own["learning_rate"], points


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    write("matrix_optax.json", ["optax", "jax"], run, {"muon": SETTINGS}, {**PROBLEMS, "affine": AFFINE})
