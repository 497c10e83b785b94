"""What a scenario claims of its racers: the ``[[expect]]`` tables of a file, checked when they are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from gdtui.contracts import number
from gdtui.errors import InputError, nearest

OPERATORS = ("<", "<=", ">", ">=", "==", "!=")
# What is known of every recorded step, as the coordinates are; the last of these, how far a step went per unit of
# gradient, of steps alone. And what is known of the end.
MOVE = "move"
TRACED = ("loss", "grad_norm", "work", MOVE)
COORDINATES = ("theta[i]", "abs(theta[i])", "theta[i]-theta[j]")
QUANTITIES = (*TRACED, "step", "status", "test.loss", "test.accuracy", "test.auc", "test.rmse")
STATUSES = ("running", "converged", "diverged", "exhausted", "stopped")  # the engine's outcomes
SIGN_CHANGES = "sign_changes"
TAKES = ("min", "max", "mean", "rises", SIGN_CHANGES)
_ONE = r"theta\[(0|[1-9]\d{0,8})\]"
_COORDINATE = re.compile(rf"{_ONE}|abs\({_ONE}\)|{_ONE}-{_ONE}")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a scenario claims of a racer, checked by ``gdtui run``: of its end, of a step, or of a stretch of steps.

    ``at`` is the step. A stretch goes from ``first`` to ``last`` (None: to the end), and ``take`` says what of it
    counts. ``tolerance`` is relative to ``value``.
    """

    racer: str
    quantity: str
    operator: str
    value: float | str
    at: int | None = None
    take: str = ""
    first: int = 0
    last: int | None = None
    tolerance: float | None = None

    @property
    def coordinate(self) -> int | None:
        """Which parameter the claim is about, counted from 0, if it is about one; of two, the later one."""
        return coordinate(self.quantity)

    @property
    def is_of_the_end(self) -> bool:
        """Whether the claim needs the result alone and no history."""
        return self.at is None and not self.take

    def is_within(self, steps: int | None) -> bool:
        """Whether a race of that many steps gets to the steps that the claim is about."""
        return steps is None or max(self.at or 0, self.first, self.last or 0) <= steps

    @property
    def sentence(self) -> str:
        """The claim in a few words, without the racer."""
        what = self.quantity
        if self.take:
            what = f"{self.take} of {what} from step {self.first:,}" + (
                "" if self.last is None else f" to {self.last:,}"
            )
        elif self.at is not None:
            what = f"{what} at step {self.at:,}"
        within = "" if self.tolerance is None else f" within {self.tolerance:g} of it"
        return f"{what} {self.operator} {self.value!r}{within}"

    def table(self) -> dict[str, Any]:
        """The table of a file that stands for it."""
        table: dict[str, Any] = {"racer": self.racer, "quantity": self.quantity}
        if self.at is not None:
            table["at"] = self.at
        if self.take:
            table |= {"take": self.take, "from": self.first}
            table |= {} if self.last is None else {"to": self.last}
        table |= {"operator": self.operator, "value": self.value}
        return table if self.tolerance is None else table | {"tolerance": self.tolerance}


class ExpectTable(msgspec.Struct, forbid_unknown_fields=True):
    """An ``[[expect]]`` table as TOML has it."""

    racer: str
    quantity: str
    operator: str
    value: float | str
    at: int | None = None
    take: str | None = None
    first: int | None = msgspec.field(name="from", default=None)
    last: int | None = msgspec.field(name="to", default=None)
    tolerance: float | None = None


def coordinate(quantity: str) -> int | None:
    """The i of theta[i] and abs(theta[i]), the greater one of theta[i]-theta[j]; None for every other quantity."""
    found = _COORDINATE.fullmatch(quantity)
    return None if found is None else max(int(index) for index in found.groups() if index is not None)


def checked(table: ExpectTable, labels: Sequence[str], steps: int | None, where: str, key: str) -> Expectation:
    """The expectation that a table stands for, in a scenario of these racers and that many steps.

    Raises :class:`InputError` with the place ``where`` and the key below ``key``.
    """
    is_coordinate = coordinate(table.quantity) is not None
    for field, value, known in (
        ("racer", table.racer, labels),
        ("quantity", table.quantity, (table.quantity,) if is_coordinate else QUANTITIES),
        ("operator", table.operator, OPERATORS),
        ("take", TAKES[0] if table.take is None else table.take, TAKES),
    ):
        if value not in known:
            remedy = nearest(value, (*QUANTITIES, *COORDINATES) if field == "quantity" else known)
            raise InputError(f"unknown {value!r}", where=where, key=f"{key}.{field}", remedy=remedy)
    if isinstance(table.value, str) != (table.quantity == "status"):
        raise InputError("status takes text, every other quantity a number", where=where, key=f"{key}.value")
    if table.quantity == "status" and table.operator not in {"==", "!="}:
        raise InputError("status takes == or !=", where=where, key=f"{key}.operator")
    if isinstance(table.value, float):
        _number(table.value, "(-inf, inf)", where, f"{key}.value")
    elif table.value not in STATUSES:
        remedy = nearest(table.value, STATUSES)
        raise InputError(f"unknown {table.value!r}", where=where, key=f"{key}.value", remedy=remedy)
    _check_steps(table, steps, is_coordinate, where, key)
    _check_tolerance(table, where, key)
    return Expectation(
        table.racer, table.quantity, table.operator, table.value,
        at=table.at, take=table.take or "", first=table.first or 0, last=table.last, tolerance=table.tolerance,
    )  # fmt: skip


def _check_steps(table: ExpectTable, steps: int | None, is_coordinate: bool, where: str, key: str) -> None:
    """Refuse steps that there are not, and a choice of steps that says nothing."""
    given = {"at": table.at, "take": table.take, "from": table.first, "to": table.last}
    named = [name for name, value in given.items() if value is not None]
    if named and table.quantity not in TRACED and not is_coordinate:
        reason = f"{table.quantity} is known at the end alone"
        raise InputError(reason, where=where, key=f"{key}.{named[0]}", remedy="leave it out")
    if table.quantity == MOVE and not {"at", "take"} & set(named):
        reason, remedy = "missing", "a move is of a step: give at, or take with from and to"
        raise InputError(reason, where=where, key=f"{key}.at", remedy=remedy)
    if "at" in named and len(named) > 1:
        raise InputError(f"at goes without {named[1]}", where=where, key=f"{key}.{named[1]}", remedy="leave out one")
    if {"from", "to"} & set(named) and table.take is None:
        raise InputError("missing", where=where, key=f"{key}.take", remedy=f"give one of {', '.join(TAKES)}")
    for name in ("at", "from", "to"):
        step = given[name]
        if isinstance(step, int):
            _number(step, f"[0, {'inf)' if steps is None else f'{steps}]'}", where, f"{key}.{name}", integer=True)
    if table.last is not None and table.last <= (table.first or 0):
        raise InputError("is empty", where=where, key=f"{key}.to", remedy="give from and to with from < to")
    if table.take == SIGN_CHANGES and not table.quantity.startswith("theta["):
        reason = f"{table.quantity} has no sign to change"
        raise InputError(reason, where=where, key=f"{key}.take", remedy="take it of theta[i]")


def _check_tolerance(table: ExpectTable, where: str, key: str) -> None:
    if table.tolerance is None:
        return
    _number(table.tolerance, "[0, 1]", where, f"{key}.tolerance")
    if table.operator != "==" or isinstance(table.value, str):
        raise InputError("goes with == and a number", where=where, key=f"{key}.tolerance", remedy="leave it out")
    if table.value == 0.0:
        reason, remedy = "is relative, and nothing is near 0 in relation to 0", "give abs(theta[i]) and <"
        raise InputError(reason, where=where, key=f"{key}.tolerance", remedy=remedy)


def _number(value: object, interval: str, where: str, key: str, *, integer: bool = False) -> None:
    try:
        number(value, interval, integer=integer)
    except InputError as error:
        raise error.at(where, key) from None
