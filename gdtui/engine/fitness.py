"""Whether an optimizer and a problem fit each other."""

from __future__ import annotations

from gdtui.contracts import Optimizer, Problem
from gdtui.errors import InputError


def refuse_unfit(optimizer: Optimizer, problem: Problem, where: str) -> None:
    """Refuse an optimizer that needs what the problem does not have, or cannot bear its size."""
    remedy = f"race {optimizer.instead}" if optimizer.instead else "choose another optimizer"
    most = optimizer.most_parameters
    if most is not None and problem.n > most:
        reason = f"{optimizer.name} is for up to {most} parameters, and {problem.objective} has {problem.n}"
        raise InputError(reason, where=where, key="optimizer", remedy=remedy)
    if optimizer.matrices and not any(block.rows > 1 and block.cols > 1 for block in problem.blocks):
        reason = f"{optimizer.name} is for matrices, and {problem.objective} has no block that is one"
        raise InputError(reason, where=where, key="optimizer", remedy=remedy)
    if problem.bounds is not None and (optimizer.evaluates or optimizer.calls or optimizer.matrices):
        reason = f"{problem.objective} keeps its parameters within bounds, which {optimizer.name} does not know of"
        raise InputError(
            reason, where=where, key="optimizer", remedy="choose one that goes by the gradient at its point"
        )
    for name in optimizer.calls:
        if getattr(problem, name) is None:
            what = {"hessian": "Hessian", "hessian_vector": "Hessian-vector product"}[name]
            reason = f"{optimizer.name} needs a {what}, and {problem.objective} has none"
            raise InputError(reason, where=where, key="optimizer", remedy=remedy)
