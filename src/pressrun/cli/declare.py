"""Building blocks for declaring commands with click."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from pressrun.settings import parse_duration

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
Callback = Callable[..., int]
"""Runs a command and returns its exit code."""


class Duration(click.ParamType):
    """Seconds, or a number with s, m or h. Passes the text on as typed, for the messages of the settings."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parse_duration(value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        return str(value)


class StageName(click.ParamType):
    """A stage of the chosen pipeline."""

    name = "stage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        names = stage_names()
        if value in names:
            return str(value)
        from difflib import get_close_matches

        near = get_close_matches(str(value), names, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        message = f"unknown stage {value!r}.{hint} The stages are: {', '.join(names)}."
        raise click.BadParameter(message, ctx=ctx, param=param)


def stage_names() -> tuple[str, ...]:
    from pressrun.cli.command import as_click_errors
    from pressrun.pipelines import chosen_pipeline

    with as_click_errors():
        return chosen_pipeline().names


class GroupedOption(click.Option):
    """An option under a heading of the help."""

    def __init__(self, *args: Any, heading: str, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.heading = heading


class GroupedCommand(click.Command):
    """A command whose help groups its options and lists the stages."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                groups.setdefault(getattr(param, "heading", "Other options"), []).append(record)
        for heading, records in groups.items():
            with formatter.section(heading):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        formatter.write_text(f"Stages: {' '.join(stage_names())}")
        super().format_epilog(ctx, formatter)


def command(
    name: str, *params: click.Parameter, kind: type[click.Command] = click.Command, epilog: str | None = None
) -> Callable[[Callback], click.Command]:
    """Declare the decorated function as a command: its docstring is the help, its return value the exit code."""

    def declare(callback: Callback) -> click.Command:
        @wraps(callback)
        def run(**given: Any) -> None:
            click.get_current_context().exit(callback(**given))

        return kind(
            name, callback=run, help=callback.__doc__, epilog=epilog, context_settings=CONTEXT, params=list(params)
        )

    return declare
