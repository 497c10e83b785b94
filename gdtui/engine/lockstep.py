"""The one loop every racer runs in: as many steps of one racer as the tick has, with nothing shared but read-only data.

It is called once per racer per tick, for the same steps, so racers stand at the same step whenever anybody looks, and
neither their order, nor the tick size, nor threads can change a bit of any trajectory.
"""

from __future__ import annotations

import math

from gdtui.contracts import Hessian, HessianVector, Ints, Reals, Rule, ValueGrad, kernel

# Columns of a history record; one record covers the steps since the one before it.
LOSS_LOW, LOSS_HIGH, LOSS, GRAD_NORM, RATE, WORK, MOVE_LOW, MOVE_HIGH, MOVE = range(9)
RECORD_WIDTH = 9
# Places of the integer cursor.
STEP, RECORDS, STRIDE, PATHS, PATH_STRIDE, CHECK_EVERY, EXACT, EVALUATES = range(8)
CURSOR_WIDTH = 8
# Places of the float scalars: loss and gradient norm at x, the running extremes, the retirement limit, the tolerance,
# the most work, the bounds of every parameter (infinite where there are none).
NOW, NORM, LOW, HIGH, LIMIT, TOLERANCE, MOST_WORK, LEAST, MOST = range(9)
SCALARS_WIDTH = 9
# What the loop returns; a rule's own status k is returned as RULE_STOPPED + k.
RUNNING, CONVERGED, DIVERGED, SPENT, RULE_STOPPED = 0, 1, 2, 3, 10
# What an evaluation costs, in gradients; a Hessian costs n of them.
VALUE_COST, HESSIAN_VECTOR_COST = 0.5, 2.0


@kernel
def norm(g: Reals) -> float:
    """The Euclidean length of ``g``, without overflow or underflow on the way."""
    squares = 0.0
    for i in range(g.shape[0]):
        squares += g[i] * g[i]
    if 1e-280 < squares < 1e280:
        return math.sqrt(squares)
    return _scaled_norm(g)


@kernel
def _scaled_norm(g: Reals) -> float:
    largest = 0.0
    for i in range(g.shape[0]):
        size = abs(g[i])
        if size > largest or size != size:  # a NaN stays: nothing is larger
            largest = size
    if largest == 0.0 or not largest < math.inf:
        return largest
    total = 0.0
    for i in range(g.shape[0]):
        share = g[i] / largest
        total += share * share
    return largest * math.sqrt(total)


@kernel
def work(counts: Ints, n: int) -> float:
    """What was charged, in gradient evaluations."""
    values, gradients, hessians, products = float(counts[0]), float(counts[1]), float(counts[2]), float(counts[3])
    return VALUE_COST * values + gradients + n * hessians + HESSIAN_VECTOR_COST * products


@kernel
def project(x: Reals, least: float, most: float) -> None:
    """Move ``x`` to the nearest point of the box; a NaN stays one."""
    for i in range(x.shape[0]):
        if x[i] < least:
            x[i] = least
        elif x[i] > most:
            x[i] = most


@kernel
def record_move(x: Reals, before: Reals, g: Reals, record: Reals) -> None:
    """How far the step went per unit of the gradient ``g`` that it saw: least, most and as a whole; NaN if g is 0."""
    low, high = math.inf, 0.0
    steps, slopes = 0.0, 0.0
    for i in range(x.shape[0]):
        step, slope = abs(x[i] - before[i]), abs(g[i])
        if slope > 0.0:
            share = step / slope
            if share < low:
                low = share
            if share > high:
                high = share
        steps += step * step
        slopes += slope * slope
    record[MOVE_LOW] = low if low < math.inf else math.nan
    record[MOVE_HIGH] = high if low < math.inf else math.nan
    # Where a square is beyond the numbers, or 0, there is no telling.
    record[MOVE] = math.sqrt(steps / slopes) if slopes > 0.0 and steps < math.inf and slopes < math.inf else math.nan


@kernel
def advance(
    measure: ValueGrad,
    value_grad: ValueGrad,
    hessian: Hessian,
    hessian_vector: HessianVector,
    rule: Rule,
    reals: Reals,
    seen: Reals,
    ints: Ints,
    blocks: Ints,
    batches: Ints,
    noises: Reals,
    x: Reals,
    kept: Reals,
    g: Reals,
    state: Reals,
    hyper: Reals,
    counts: Ints,
    rates: Reals,
    records: Reals,
    path: Reals,
    cursor: Ints,
    scalars: Reals,
    stop: Ints,
) -> int:
    """Take ``len(rates)`` steps, or fewer: until the stop flag, a full history, or the racer's end. Returns a status.

    ``measure`` with ``reals`` is the race's objective, and what is recorded; ``value_grad`` with ``seen`` is what the
    rule sees, which is the same but for a racer with l2 or clip.
    ``batches`` and ``noises`` hold a row per step, of width 0 where there is none. ``kept`` is scratch for the point
    before the step, which a racer falls back to when a step leaves the numbers. ``cursor[EXACT]`` is 1 when the value
    and gradient of every step are the race's full objective at ``x``: then every step is checked and enters the
    extremes; else that is evaluated, uncharged, at recorded steps and at every ``CHECK_EVERY``-th, where alone the
    racer may end. ``cursor[EVALUATES]`` is 1 for a rule that evaluates for itself, on the same sample.
    """
    n = x.shape[0]
    exact = cursor[EXACT] == 1
    no_batch = batches[0, :0]
    no_noise = noises[0, :0]
    evaluates = cursor[EVALUATES] == 1
    sampled = batches.shape[1] > 0 or noises.shape[1] > 0
    evaluated = exact or (evaluates and not sampled)  # nothing is left to evaluate at x before the step
    tolerance = scalars[TOLERANCE]
    limit = scalars[LIMIT]
    most_work = scalars[MOST_WORK]
    limited = most_work < math.inf
    least, most = scalars[LEAST], scalars[MOST]
    bounded = least > -math.inf or most < math.inf
    taken = cursor[STEP]
    # The next steps at which something is due: counted, since a division a step costs as much as a small rule.
    record_at = (taken // cursor[STRIDE] + 1) * cursor[STRIDE]
    point_at = (taken // cursor[PATH_STRIDE] + 1) * cursor[PATH_STRIDE]
    check_at = (taken // cursor[CHECK_EVERY] + 1) * cursor[CHECK_EVERY]
    for k in range(rates.shape[0]):
        if stop[0] != 0 or cursor[RECORDS] == records.shape[0] or cursor[PATHS] == path.shape[0]:
            break
        if limited and work(counts, n) >= most_work:
            return SPENT
        t = taken + k + 1
        for i in range(n):
            kept[i] = x[i]
        f = scalars[NOW]
        if not evaluates:
            counts[1] += 1
        if evaluated:  # the usual case, apart because cutting rows out of tables costs as much as a whole small step
            status = rule(
                value_grad, hessian, hessian_vector, seen, ints, blocks, no_batch, no_noise,
                x, f, g, state, hyper, t, rates[k], counts,
            )  # fmt: skip
        else:
            batch, noise = batches[k], noises[k]
            if not evaluates:
                f = value_grad(x, seen, ints, batch, noise, g)
            status = rule(
                value_grad, hessian, hessian_vector, seen, ints, blocks, batch, noise,
                x, f, g, state, hyper, t, rates[k], counts,
            )  # fmt: skip
        cursor[STEP] = t
        finite = 0.0
        for i in range(n):
            finite += x[i] * 0.0
        if bounded:
            project(x, least, most)
        recorded = t == record_at
        checked = exact or t == check_at
        if t == check_at:
            check_at += cursor[CHECK_EVERY]
        looked = checked or recorded
        value = scalars[NOW]
        size = scalars[NORM]
        if finite == 0.0 and recorded:
            record_move(x, kept, g, records[cursor[RECORDS]])
        if finite == 0.0 and looked:
            value = measure(x, reals, ints, no_batch, no_noise, g)
            size = norm(g)
        if finite != 0.0 or not abs(value) < math.inf or not size < math.inf or not abs(f) < math.inf:
            for i in range(n):
                x[i] = kept[i]
            return DIVERGED
        scalars[NOW] = value
        scalars[NORM] = size
        if looked:
            if value < scalars[LOW]:
                scalars[LOW] = value
            if value > scalars[HIGH]:
                scalars[HIGH] = value
        if recorded:
            row = cursor[RECORDS]
            records[row, LOSS_LOW] = scalars[LOW]
            records[row, LOSS_HIGH] = scalars[HIGH]
            records[row, LOSS] = value
            records[row, GRAD_NORM] = size
            records[row, RATE] = rates[k]
            records[row, WORK] = work(counts, n)
            cursor[RECORDS] = row + 1
            record_at += cursor[STRIDE]
            scalars[LOW] = math.inf
            scalars[HIGH] = -math.inf
        if t == point_at:
            point_at += cursor[PATH_STRIDE]
            row = cursor[PATHS]
            for i in range(n):
                path[row, i] = x[i]
            cursor[PATHS] = row + 1
        if checked and abs(value) > limit:
            return DIVERGED
        if status != 0:
            return RULE_STOPPED + status
        if checked and size <= tolerance and tolerance > 0.0:
            return CONVERGED
    return RUNNING
