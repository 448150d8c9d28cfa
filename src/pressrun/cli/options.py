"""The options of all commands, declared once. Those that are settings take their words from `pressrun.settings`.

Only click is imported here: `--help` pays for nothing else.
"""

from __future__ import annotations

from dataclasses import Field, dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from pressrun.cli.declare import Duration, GroupedOption, StageName
from pressrun.model.book import Book
from pressrun.settings import ItemSettings, RunSettings, duration_text, flag_fields, is_duration
from pressrun.store.workspace import WORKSPACE_VARIABLE

_METAVARS = {
    "language": "CODE", "resolution": "SIZE", "style": "NAME", "font_dir": "DIR", "speech_rate": "NUMBER",
    "fps": "NUMBER", "quality": "LEVEL", "music": "FILE", "retries": "NUMBER", "source": "NAME", "writer": "NAME",
    "voice": "NAME", "publisher": "NAME", "transcriber": "NAME", "cover": "NAME", "publish_to": "PLACE",
    "publish_at": "TIME", "uploads_per_day": "NUMBER", "workers": "NUMBER", "renders": "NUMBER",
}

@dataclass(frozen=True)
class Request:
    """What one call asks, beside the settings. Fields that are None were not given."""

    flags: dict[str, Any]
    """Setting name -> value of its flag, or None."""
    workspace: Path | None = None
    file: str | None = None
    book: str | None = None
    """`Title | Author`, of the command for one book."""
    books: tuple[Book, ...] | None = None
    """Books that the program has found itself, in place of a list."""
    notify: str | None = None
    """Address that is told of the end."""
    schedule: str | None = None
    """Time of day at which the run begins."""
    queue: bool = False
    """Workers of the queue run it."""
    yes: bool = False
    dry_run: bool = False
    explain: bool = False
    full: bool = False
    no_skip: bool = False
    until: str | None = None
    start_at: str | None = None
    abort_on_error: bool = False
    ignore_quota: bool = False
    output_format: str = "text"

    @property
    def plan_only(self) -> bool:
        """Whether nothing is to run."""
        return self.dry_run or self.explain


def _setting_option(each: Field[Any], hint: Any, heading: str) -> GroupedOption:
    """The flag of a setting: its name, type, help and default are those of the setting."""
    flag = "--" + each.name.replace("_", "-")
    words = f"{each.metadata['help']}."
    if each.default not in ("", None) and not isinstance(each.default, bool):
        words += f" Default: {_shown_default(each)}."
    if isinstance(each.default, bool):
        word = "on" if each.default else "off"
        both = f"{flag}/--no-{flag.removeprefix('--')}"
        return GroupedOption([both], default=None, heading=heading, help=f"{words} Default: {word}.")
    plain = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    kind: Any = Duration() if is_duration(each.name) else str
    if get_origin(plain) is Literal:
        kind = click.Choice(get_args(plain))
    elif kind is str and plain in (int, float):
        kind = plain
    return GroupedOption([flag], type=kind, default=None, heading=heading, metavar=_METAVARS.get(each.name), help=words)


def _shown_default(each: Field[Any]) -> str:
    return duration_text(float(str(each.default))) if is_duration(each.name) else str(each.default)


def _setting_options(group: type, heading: str) -> list[click.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [_setting_option(each, hints[name], heading) for name, each in flag_fields().items() if name in hints]


def workspace_options() -> list[click.Parameter]:
    """Of every command."""
    heading = "Where"
    return [
        GroupedOption(
            ["--workspace"], type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
            envvar=WORKSPACE_VARIABLE, heading=heading,
            help="Folder with books.txt, database.json, runs, sources, published and pressrun.toml. "
            "Default: the current folder.",
        ),
    ]


def file_option() -> click.Parameter:
    return GroupedOption(
        ["--file"], metavar="FILE", heading="Where",
        help="List with one book per line, as Title | Author; - reads standard input. "
        "Default: books.txt of the workspace.",
    )


def _run_options() -> list[click.Parameter]:
    heading = "What to do"
    stage = StageName()
    return [
        GroupedOption(["--yes", "-y"], is_flag=True, heading=heading, help="Run without the question after the plan."),
        GroupedOption(
            ["--dry-run"], is_flag=True, heading=heading,
            help="Show the plan and end; nothing is written, no network is asked.",
        ),
        GroupedOption(
            ["--explain"], is_flag=True, heading=heading,
            help="Say of each book and stage whether it would run and why, and end, as --dry-run does.",
        ),
        GroupedOption(
            ["--full"], is_flag=True, heading=heading,
            help="Show every book of a long list, not the totals, what needs attention and the first ones.",
        ),
        GroupedOption(
            ["--no-skip"], is_flag=True, heading=heading,
            help="Make books that are done again; a second copy is published.",
        ),
        GroupedOption(
            ["--until"], type=stage, metavar="STAGE", heading=heading,
            help="Stop each book after this stage; a later call goes on.",
        ),
        GroupedOption(
            ["--from", "start_at"], type=stage, metavar="STAGE", heading=heading,
            help="Run this stage and all after it again; with the name of a step that published, publish again.",
        ),
        GroupedOption(
            ["--abort-on-error"], is_flag=True, heading=heading,
            help="Start no further book after one has failed.",
        ),
        _ignore_quota_option(heading),
        GroupedOption(
            ["--output-format"], type=click.Choice(("text", "json")), default="text", heading=heading,
            help="What standard output gets at the end. text: a line per book with outcome, book, video address and "
            "short address, separated by tabs (left out where the summary stands on the same terminal). json: one "
            "object with the four lists of results, and the error if one ended it. Default: text.",
        ),
    ]


def _ignore_quota_option(heading: str) -> click.Parameter:
    return GroupedOption(
        ["--ignore-quota"], is_flag=True, heading=heading,
        help="Upload however many uploads of today are counted already.",
    )


def shared_options() -> list[click.Parameter]:
    """Of both commands; everything else on the screen goes to standard error."""
    return [
        *workspace_options(),
        *_run_options(),
        *_setting_options(ItemSettings, "What is made (settings)"),
        *_setting_options(RunSettings, "How it runs (settings; durations as 90, 90s, 10m, 1h)"),
    ]


def preview_options() -> list[click.Parameter]:
    """Of the preview: where, and the settings that show in it."""
    shown = {"style", "font_dir", "music"}
    return [*workspace_options(), *(each for each in _setting_options(ItemSettings, "Look") if each.name in shown)]


def publish_options() -> list[click.Parameter]:
    """Of publishing elsewhere: where, to whom it is shown, and whether to ask."""
    heading = "What to do"
    shown = {"publisher", "publish_to", "publish_at", "privacy"}
    settings = [each for each in _setting_options(ItemSettings, "Publishing (settings)") if each.name in shown]
    for each in settings:
        if isinstance(each, click.Option) and each.name == "privacy":
            each.help = f"{(each.help or '').partition(' Default:')[0]} Default: as the book was made."
    return [
        *workspace_options(),
        GroupedOption(["--yes", "-y"], is_flag=True, heading=heading, help="Publish without the question."),
        GroupedOption(
            ["--dry-run"], is_flag=True, heading=heading,
            help="Show what would be published and end; nothing is written, no network is asked.",
        ),
        _ignore_quota_option(heading),
        *settings,
    ]


def resolve_options() -> list[click.Parameter]:
    """Of the answer to whether something was published."""
    heading = "The answer, one of these"
    return [
        GroupedOption(
            ["--url"], metavar="URL", heading=heading,
            help="It was published, at this address; the next run goes on after it.",
        ),
        GroupedOption(
            ["--not-published"], is_flag=True, heading=heading,
            help="It was not published; the next run publishes it.",
        ),
        GroupedOption(
            ["--stage"], type=StageName(), metavar="STAGE", heading="Which step",
            help="The step that is meant. Default: the one that is unknown.",
        ),
        *workspace_options(),
    ]


def doctor_options() -> list[click.Parameter]:
    """Of the doctor: where, and whether the network is asked."""
    return [
        *workspace_options(),
        GroupedOption(["--offline"], is_flag=True, heading="What to do", help="Ask the network nothing."),
    ]


def version_option() -> click.Parameter:
    def show(ctx: click.Context, _: click.Parameter, given: bool) -> None:
        if given and not ctx.resilient_parsing:
            from importlib.metadata import version

            click.echo(f"pressrun {version('pressrun')}")
            ctx.exit()

    return GroupedOption(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, heading="Other options",
        help="Show the version and exit.",
    )


def to_request(given: dict[str, Any]) -> Request:
    """The request that click's keywords make."""
    settings = {name: given.pop(name) for name in flag_fields()}
    return Request(flags=settings, **given)
