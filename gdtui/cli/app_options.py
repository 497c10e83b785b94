"""The options of whatever opens an app: how it looks, and how often it draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from gdtui.config import FEWEST_FPS, MOST_FPS, Color, Patterns, Renderer, Theme

_Function = TypeVar("_Function", bound=Callable[..., Any])


def app_options(command: _Function) -> _Function:
    """The options that stand for settings of the configuration."""
    for option in (
        click.option("--theme", type=click.Choice(get_args(Theme)), help="The colours around the charts."),
        click.option(
            "--color",
            type=click.Choice(get_args(Color)),
            help="How many colours the terminal has; without it, as it says.",
        ),
        click.option(
            "--patterns",
            type=click.Choice(get_args(Patterns)),
            help="Whether the racers' lines differ in their pattern, too.",
        ),
        click.option(
            "--renderer",
            type=click.Choice(get_args(Renderer)),
            help="What draws all that moves in the charts: gdtui's own raster, or plotext, which is slower.",
        ),
        click.option("--ascii/--no-ascii", default=None, help="Draw with plain ASCII characters, or never."),
        click.option("--mouse/--no-mouse", default=None, help="Hear the mouse, or leave it to the terminal."),
    )[::-1]:
        command = option(command)
    return command


def fps_option(command: _Function) -> _Function:
    """The option for the most pictures a second."""
    return click.option(
        "--fps",
        type=click.FloatRange(FEWEST_FPS, MOST_FPS),
        metavar="N",
        help="The most pictures a second; without it 15, and 5 over SSH.",
    )(command)
