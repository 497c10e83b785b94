"""The options that the app and ``gdtui run`` share, and the values they take."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import click

from gdtui.cli import complete

_Command = TypeVar("_Command", bound=Callable[..., Any])


def whole(text: str) -> int:
    """A whole number, written 20000, 20_000 or 2e4."""
    try:
        return int(text)
    except ValueError:
        number = _number(text)
    if not number.is_integer():
        raise click.BadParameter(f"{text!r} is not a whole number")
    return int(number)


def numbers(text: str) -> tuple[float, ...]:
    """Numbers with commas between them."""
    listed = tuple(_number(part) for part in text.split(","))
    if not all(map(math.isfinite, listed)):
        raise click.BadParameter(f"{text!r} is not a list of numbers; write one per parameter, as in -1.2,1")
    return listed


def amount(text: str) -> float:
    """A number that is not negative, and finite."""
    number = _number(text)
    if not 0.0 <= number < math.inf:
        raise click.BadParameter(f"{text!r} is not a number of at least 0")
    return number


def speed(text: str) -> float:
    """Steps a second, or max, which is infinity."""
    number = math.inf if text == "max" else _number(text)
    if not number > 0 or (math.isinf(number) and text != "max"):
        raise click.BadParameter(f"{text!r} is not a speed; give steps a second, above 0, or max")
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def race_options(command: _Command) -> _Command:
    """The options that say what is raced."""
    racers = click.option(
        "--racer",
        "racers",
        multiple=True,
        metavar="SPEC",
        shell_complete=complete.racers,
        help="A racer, as in adam:lr=1e-2,beta1=0.8,label=fast. May be repeated; replaces the scenario's racers.",
    )
    seed = click.option(
        "--seed", type=whole, metavar="N", help="The seed of everything random, in place of the scenario's."
    )
    start = click.option(
        "--start", type=numbers, metavar="X,Y,…", help="Where every racer starts: one number per parameter."
    )
    steps = click.option("--steps", type=whole, metavar="N", help="The budget of steps, in place of the scenario's.")
    work = click.option(
        "--work", type=amount, metavar="W", help="A budget for every racer in gradient evaluations, in place of steps."
    )
    seconds = click.option(
        "--seconds", type=amount, metavar="S", help="A budget for every racer in seconds of its own steps."
    )
    return racers(seed(start(steps(work(seconds(command))))))
