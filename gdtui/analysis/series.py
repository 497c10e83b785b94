"""What a verdict looks at: the history of one run, from a race or from a log."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gdtui.contracts import Reals


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A run at its recorded steps: float64 arrays ``(m,)``, steps increasing, gaps NaN.

    ``lr`` is the learning rate of the step, ``grad_norm`` the length of the gradient, ``update_norm`` that of the step
    and ``val_loss`` the loss on held-out data; None where it was not recorded at all.
    """

    steps: Reals
    loss: Reals
    lr: Reals | None = None
    grad_norm: Reals | None = None
    update_norm: Reals | None = None
    val_loss: Reals | None = None

    def __len__(self) -> int:
        return len(self.steps)

    def rows(self, chosen: slice | npt.NDArray[np.bool_]) -> Series:
        """The chosen rows alone."""
        others = (self.lr, self.grad_norm, self.update_norm, self.val_loss)
        return Series(
            self.steps[chosen], self.loss[chosen], *(None if column is None else column[chosen] for column in others)
        )

    def measurable(self) -> Series:
        """The rows whose loss is a finite number."""
        finite = np.isfinite(self.loss) & np.isfinite(self.steps)
        return self if finite.all() else self.rows(finite)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a run besides its history.

    ``stochastic``: whether its gradients are noisy; None if nobody knows. ``tolerance``: converged when the gradient is
    no longer than this. ``ended``: "converged" or "diverged" where the run was ended for that. ``optimum``: the lowest
    possible loss. ``optimizer``: its name in the family tree.
    """

    stochastic: bool | None = None
    tolerance: float = 1e-12
    ended: str = ""
    optimum: float | None = None
    optimizer: str = ""
