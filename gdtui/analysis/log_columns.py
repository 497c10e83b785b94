"""Which column of a training log is what: the names that training programs give to their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from gdtui.errors import InputError, nearest

STEP, LOSS, LR, GRAD_NORM, UPDATE_NORM, VAL_LOSS = range(6)
ROLES: Final = ("step", "loss", "lr", "grad_norm", "update_norm", "val_loss")
BY: Final = "by"  # the role of the column that says which of several runs a row is of

# In the order of preference, lower case, with _ for every other character.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "step": (
        "step", "global_step", "steps", "train_step", "trainer_global_step", "train_global_step", "iteration",
        "iterations", "iter", "it", "update", "updates", "num_updates", "batch", "epoch",
    ),
    "loss": ("loss", "train_loss", "training_loss", "loss_train", "train_loss_step", "batch_loss", "train_batch_loss"),
    "lr": ("lr", "learning_rate", "train_lr", "train_learning_rate", "lr_0", "lr_group_0", "lr_pg0"),
    "grad_norm": (
        "grad_norm", "gradient_norm", "gradnorm", "gnorm", "total_norm", "global_grad_norm", "train_grad_norm",
        "grad_norm_total", "grad_2_0_norm_total",
    ),
    "update_norm": ("update_norm", "step_norm", "delta_norm", "param_update_norm", "train_update_norm"),
    "val_loss": (
        "val_loss", "eval_loss", "valid_loss", "validation_loss", "dev_loss", "test_loss", "loss_val", "loss_valid",
        "loss_eval", "val_loss_epoch",
    ),
}  # fmt: skip
_TELLING_APART: Final = ("racer", "label", "run", "run_name", "run_id", "experiment")
_HELD_OUT: Final = re.compile(r"(?:^|_)(?:val|valid|validation|eval|dev|test)(?:_|$)")
_LAST: Final = {
    "loss": re.compile(r"(?:^|_)loss$"),
    "lr": re.compile(r"^lr_\w+$|_lr$|_learning_rate$"),
    "grad_norm": re.compile(r"_grad_norm$|_gradient_norm$"),
    "val_loss": re.compile(r"(?:^|_)loss$"),
}


def assign(given: Mapping[str, str], known: Iterable[str], where: str) -> dict[str, str]:
    """The column of every role that has one: the one ``given`` for it, else the likeliest of the ``known``.

    Raises :class:`InputError` where a given column is not known, or nothing can be the loss.
    """
    names = list(known)
    for role, name in given.items():
        if name not in names:
            raise InputError(
                f"no column is called {name!r}", where=where, key=option(role), remedy=nearest(name, names)
            )
    found = dict(given)
    for role in ROLES:
        if role not in found and (guess := _guess(role, [name for name in names if name not in found.values()])):
            found[role] = guess
    if "loss" not in found:
        listed = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
        raise InputError(f"no column looks like a loss, of {listed}", where=where, remedy="name it with --loss")
    return found


def telling_apart(known: Iterable[str]) -> str | None:
    """The column that is likely to say which of several runs a row is of, if there is one."""
    plain = {_plain(name): name for name in reversed(list(known))}
    return next((plain[candidate] for candidate in _TELLING_APART if candidate in plain), None)


def may_tell_apart(name: str, values: Iterable[str]) -> bool:
    """Whether a column of these values says whose a row is: a label that is a number is a class, not a run."""
    return _plain(name) != "label" or not all(value.replace(".", "").isdecimal() for value in values if value)


def option(role: str) -> str:
    """The option that names the column of a role."""
    return f"--{role.replace('_', '-')}"


def _guess(role: str, names: list[str]) -> str | None:
    plain = {_plain(name): name for name in reversed(names)}
    for candidate in _NAMES[role]:
        if candidate in plain:
            return plain[candidate]
    if role not in _LAST:
        return None
    wanted = role == "val_loss"
    fitting = [
        name
        for each, name in plain.items()
        if _LAST[role].search(each) and (role in {"lr", "grad_norm"} or bool(_HELD_OUT.search(each)) is wanted)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
