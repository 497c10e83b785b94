"""Signum: every parameter moves by the same amount, to where most of the late gradients point.

    m <- beta m + (1 - beta) g
    x <- x - lr sign(m)

J. Bernstein et al., "signSGD: compressed optimisation for non-convex problems", 2018, https://arxiv.org/abs/1802.04434.
"""

from gdtui.contracts import Hyperparameter, Optimizer, kernel


@kernel
def update(
    value_grad, hessian, hessian_vector, reals, ints, blocks, batch, noise, x, f, g, state, hyper, t, lr, counts
):
    beta = hyper[0]
    for i in range(x.shape[0]):
        state[0, i] = beta * state[0, i] + (1.0 - beta) * g[i]
        if state[0, i] > 0.0:
            x[i] -= lr
        elif state[0, i] < 0.0:
            x[i] += lr
    return 0


OPTIMIZER = Optimizer(
    name="signum",
    title="signum",
    parent="momentum",
    rule=update,
    learning_rate=1e-3,
    formula="m ← βm + (1 − β)g;  θ ← θ − η sign(m)",
    fixes="The scale of the gradient. Every parameter moves by η, however small its own gradient is.",
    fails="It never settles. At the minimum it steps to and fro by η until a schedule makes η smaller.",
    fails_on="quadratic",
    reference="Bernstein et al. 2018, https://arxiv.org/abs/1802.04434",
    hyperparameters=(Hyperparameter("beta", 0.9, "[0, 1)", "share of the mean kept from step to step"),),
    slots=("mean",),
)
