"""Makes schedules_torch.json and schedules_optax.json: PyTorch's and optax's learning rates at 1,000 steps.

Run by hand, once in each library's own environment (gdtui needs neither):

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 numpy
    /tmp/torch/bin/python tests/goldens/make_schedule_goldens.py torch
    python -m venv /tmp/optax && /tmp/optax/bin/pip install optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy
    /tmp/optax/bin/python tests/goldens/make_schedule_goldens.py optax

A case has gdtui's text of the schedule, its lr, and the library's rates at k = 0 … 999, in float64. Where conventions
differ the library is asked for what gdtui means, and the code says how. Where the library goes another way after its
last step (PyTorch's cosine rises again, its one-cycle ends) the case ends with that step. optax has no inverse square
root.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

STEPS = 1000
Case = tuple[str, float, Iterable[float]]


def torch_cases() -> Iterator[Case]:
    import torch
    from torch.optim import lr_scheduler as of

    Maker = Callable[[torch.optim.Optimizer], of.LRScheduler]

    def played(lr: float, make: Maker, steps: int = STEPS) -> list[float]:
        """The rates of the steps that an optimizer takes under the scheduler."""
        optimizer = torch.optim.SGD([torch.zeros(1, dtype=torch.float64, requires_grad=True)], lr=lr)
        scheduler, found = make(optimizer), []
        for _ in range(steps):
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            scheduler.step()
        return found

    def warmup(steps: int) -> Maker:
        # Linear over steps - 1 steps from lr/steps: lr (k + 1)/steps.
        return lambda o: of.LinearLR(o, start_factor=1.0 / steps, total_iters=steps - 1)

    def cosine(steps: int, low: float) -> Maker:
        return lambda o: of.CosineAnnealingLR(o, T_max=steps, eta_min=low)

    def constant(o: torch.optim.Optimizer) -> of.LRScheduler:
        return of.ConstantLR(o, factor=1.0)

    def joined(makers: list[Maker], milestones: list[int]) -> Maker:
        return lambda o: of.SequentialLR(o, [make(o) for make in makers], milestones=milestones)

    yield "constant", 0.3, played(0.3, constant)
    for every, gamma in ((100, 0.1), (7, 0.95)):
        made = lambda o, s=every, g=gamma: of.StepLR(o, step_size=s, gamma=g)  # noqa: E731
        yield f"step(every={every},gamma={gamma})", 0.1, played(0.1, made)
    for rate in (0.01, 0.0003):
        made = lambda o, r=rate: of.ExponentialLR(o, gamma=math.exp(-r))  # noqa: E731
        yield f"exponential(decay_rate={rate})", 0.02, played(0.02, made)
    yield "inverse_sqrt", 0.5, played(0.5, lambda o: of.LambdaLR(o, lambda k: 1.0 / math.sqrt(k + 1)))
    for steps, low in ((1500, 1e-5), (600, 0.0)):
        rates = played(1e-2, cosine(steps, low), min(STEPS, steps + 1))
        yield f"cosine(steps={steps},min={low})", 1e-2, rates
    for steps in (40, 1300):
        yield f"warmup(steps={steps})", 1e-3, played(1e-3, warmup(steps))
    for steps, first, low in ((1200, 150, 1e-4), (800, 33, 0.0)):
        made = joined([warmup(first), cosine(steps - first, low)], [first])
        yield f"warmup_cosine(steps={steps},warmup={first},min={low})", 0.05, played(0.05, made, min(STEPS, steps + 1))
    # torch's cycle of n steps ends at k = n - 1 and peaks at k = pct_start n - 1; gdtui's ends at k = steps.
    for steps, peak, div, final in ((1000, 0.3, 25.0, 1e4), (500, 0.5, 10.0, 100.0)):
        made = lambda o, t=steps, p=peak, d=div, f=final: of.OneCycleLR(  # noqa: E731
            o, 0.4, total_steps=t + 1, pct_start=(p * t + 1) / (t + 1), div_factor=d, final_div_factor=f
        )
        rates = played(0.4, made, min(STEPS, steps))
        yield f"one_cycle(steps={steps},peak_at={peak},div_factor={div},final_div_factor={final})", 0.4, rates
    for steps, first, last, low in ((900, 100, 200, 2e-4), (1000, 10, 500, 0.0)):
        lr = 2e-2
        decay = lambda o, d=last, share=low / lr: of.LinearLR(o, 1.0, share, total_iters=d)  # noqa: E731
        made = joined([warmup(first), constant, decay], [first, steps - last])
        yield f"warmup_stable_decay(steps={steps},warmup={first},decay={last},min={low})", lr, played(lr, made)
    made = joined([warmup(100), constant, cosine(700, 1e-6)], [100, 300])
    yield "join(warmup(steps=100),constant(length=200),cosine(steps=700,min=1e-06))", 0.1, played(0.1, made)


def optax_cases() -> Iterator[Case]:
    import jax

    jax.config.update("jax_enable_x64", True)
    import optax

    counts = jax.numpy.arange(STEPS)

    def at(schedule: Any, shift: int = 0) -> list[float]:
        return [float(rate) for rate in jax.numpy.broadcast_to(jax.vmap(schedule)(counts + shift), (STEPS,))]

    def warmup(lr: float, steps: int) -> Any:
        # Linear over steps - 1 steps from lr/steps: lr (k + 1)/steps.
        return optax.linear_schedule(lr / steps, lr, steps - 1)

    yield "constant", 0.3, at(lambda k: optax.constant_schedule(0.3)(k) + 0.0 * k)
    for every, gamma in ((100, 0.1), (7, 0.95)):
        made = optax.exponential_decay(0.1, every, gamma, staircase=True)
        yield f"step(every={every},gamma={gamma})", 0.1, at(made)
    for rate in (0.01, 0.0003):
        yield f"exponential(decay_rate={rate})", 0.02, at(optax.exponential_decay(0.02, 1, math.exp(-rate)))
    for steps, low in ((1500, 1e-5), (600, 0.0)):
        yield f"cosine(steps={steps},min={low})", 1e-2, at(optax.cosine_decay_schedule(1e-2, steps, low / 1e-2))
    for steps in (40, 1300):
        yield f"warmup(steps={steps})", 1e-3, at(warmup(1e-3, steps))
    for steps, first, low in ((1200, 150, 1e-4), (800, 33, 0.0)):
        made = optax.warmup_cosine_decay_schedule(0.0, 0.05, first, steps, low)
        # optax begins with 0; what it has one step later is gdtui's, as long as it warms up.
        rates = at(made, 1)[:first] + at(made)[first:]
        yield f"warmup_cosine(steps={steps},warmup={first},min={low})", 0.05, rates
    for steps, peak, div, final in ((1000, 0.3, 25.0, 1e4), (500, 0.5, 10.0, 100.0)):
        made = optax.cosine_onecycle_schedule(steps, 0.4, peak, div, final)
        yield f"one_cycle(steps={steps},peak_at={peak},div_factor={div},final_div_factor={final})", 0.4, at(made)
    for steps, first, last, low in ((900, 100, 200, 2e-4), (1000, 10, 500, 0.0)):
        lr = 2e-2
        parts = [warmup(lr, first), optax.constant_schedule(lr), optax.linear_schedule(lr, low, last)]
        made = optax.join_schedules(parts, [first, steps - last])
        yield f"warmup_stable_decay(steps={steps},warmup={first},decay={last},min={low})", lr, at(made)
    parts = [warmup(0.1, 100), optax.constant_schedule(0.1), optax.cosine_decay_schedule(0.1, 700, 1e-5)]
    made = optax.join_schedules(parts, [100, 300])
    yield "join(warmup(steps=100),constant(length=200),cosine(steps=700,min=1e-06))", 0.1, at(made)


def main(library: str) -> None:
    cases = {"torch": torch_cases, "optax": optax_cases}[library]()
    versions = {"torch": "torch {}".format, "optax": "optax {}".format}[library](version(library))
    body = ",\n".join(
        f"  {json.dumps({'schedule': text, 'lr': lr, 'rates': list(rates)})}" for text, lr, rates in cases
    )
    text = f'{{\n "library": {json.dumps(versions)},\n "cases": [\n{body}\n ]\n}}\n'
    Path(__file__).with_name(f"schedules_{library}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
