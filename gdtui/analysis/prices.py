"""What an optimizer costs: the numbers it keeps, and what a step evaluates, from what its file says of it."""

from __future__ import annotations

from gdtui.contracts import Charge, Optimizer

# What a step is charged for and what it is worth in gradients, as the engine counts; a Hessian is worth n.
_NAMES = {
    "value": ("value", "values"),
    "gradient": ("gradient", "gradients"),
    "hessian": ("Hessian", "Hessians"),
    "hessian_vector": ("Hessian–vector product", "Hessian–vector products"),
}
_WORTH = {"value": 0.5, "gradient": 1.0, "hessian_vector": 2.0}
GRADIENT = Charge("gradient", 1, 1)


def charges_of(optimizer: Optimizer) -> tuple[Charge, ...]:
    """What a step is charged for: one gradient, unless the optimizer's file says otherwise."""
    return optimizer.charges or (GRADIENT,)


def state_of(optimizer: Optimizer) -> str:
    """What the optimizer remembers from step to step, and works in: how many numbers, and which."""
    if optimizer.state:
        return optimizer.state
    parts = []
    if optimizer.slots:
        parts.append(f"{_counted(len(optimizer.slots), 'number')} per parameter ({', '.join(optimizer.slots)})")
    if optimizer.scalars:
        besides = " besides" if parts else ""
        parts.append(f"{_counted(len(optimizer.scalars), 'number')}{besides} ({', '.join(optimizer.scalars)})")
    return ", and ".join(parts) or "none"


def step_of(optimizer: Optimizer) -> str:
    """What a step evaluates, and where that is more than a gradient, how many gradients that is worth."""
    charges = charges_of(optimizer)
    text = " and ".join(_charge(charge) for charge in charges if charge.least)
    if optimizer.evaluates:
        text += " elsewhere than at θ"
    extra = [_NAMES[charge.what][1] for charge in charges if charge.most is None or charge.most > charge.least]
    worth = sum(_WORTH[charge.what] * charge.least for charge in charges if charge.what in _WORTH)
    dear = [charge for charge in charges if charge.least and charge.what != "gradient"]
    hessians = sum(charge.least for charge in charges if charge.what == "hessian")
    if dear:
        sizes = [f"{hessians if hessians > 1 else ''}n"] * bool(hessians) + [f"{worth:g}"] * bool(worth)
        text += f", worth {' + '.join(sizes)} gradients"
    return text + (f"; more {' and '.join(extra)} as needed" if extra else "")


def _charge(charge: Charge) -> str:
    return _counted(charge.least, *_NAMES[charge.what])


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"
