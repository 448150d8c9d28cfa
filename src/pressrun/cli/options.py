"""The options that commands share. Those that are settings take their help from `pressrun.settings`.

Of the libraries only click is imported here, so that `--help` is fast.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from pressrun.cli.declare import Duration, GroupedOption, StageName
from pressrun.cli.schedule import TimeOfDay
from pressrun.model.book import Book
from pressrun.settings import ItemSettings, RunSettings, duration_text, flag_fields, is_duration
from pressrun.store.workspace import WORKSPACE_VARIABLE

_METAVARS = {
    "language": "CODE", "resolution": "SIZE", "style": "NAME", "font_dir": "DIR", "speech_rate": "NUMBER",
    "fps": "NUMBER", "quality": "LEVEL", "music": "FILE", "retries": "NUMBER", "source": "NAME", "writer": "NAME",
    "voice": "NAME", "publisher": "NAME", "transcriber": "NAME", "cover": "NAME", "publish_to": "PLACE",
    "publish_at": "TIME", "uploads_per_day": "NUMBER", "workers": "NUMBER", "renders": "NUMBER",
}

_NOT_RECORDED = ("flags", "workspace", "books", "notify", "yes", "dry_run", "explain", "full", "output_format")


@dataclass(frozen=True)
class Request:
    """A parsed command line. Options that were not given have their default."""

    flags: dict[str, Any]
    """Setting name -> value of its option, or None."""
    workspace: Path | None = None
    file: str | None = None
    book: str | None = None
    """`Title | Author`, for the command for one book."""
    books: tuple[Book, ...] | None = None
    """Books to run instead of a list, for `retry-failed`."""
    notify: str | None = None
    """Address that gets a message when the batch has ended."""
    schedule: str | None = None
    """Time of day at which the run starts."""
    queue: bool = False
    """Workers of the queue run the books, not this process."""
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
        """Return whether to show the plan and run nothing."""
        return self.dry_run or self.explain

    def invocation(self) -> dict[str, Any]:
        """Return the command and its options for the record of the batch; settings are recorded separately."""
        command = "retry-failed" if self.books is not None else "run-pipeline" if self.book else "run-batch"
        given = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if each.name not in _NOT_RECORDED and getattr(self, each.name) != each.default
        }
        return {"command": command, **given}

    @property
    def json(self) -> bool:
        """Return whether the results are written as JSON."""
        return self.output_format == "json"


def to_request(given: dict[str, Any]) -> Request:
    """Return the request for the keyword arguments that click passes to a command."""
    flags = {name: given.pop(name) for name in flag_fields()}
    return Request(flags=flags, **given)


def batch_options() -> list[click.Parameter]:
    """Return the options of every command that runs a batch."""
    return [
        workspace_option(),
        *_run_options(),
        *setting_options(ItemSettings, "Output (settings)"),
        *setting_options(RunSettings, "Run (settings; durations as 90, 90s, 2min, 1:30 or 1h)"),
        *_unattended_options(),
        version_option(),
    ]


def book_argument() -> click.Argument:
    return click.Argument(["book"], metavar="BOOK")


def workspace_option() -> click.Option:
    return GroupedOption(
        ["--workspace"], type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
        envvar=WORKSPACE_VARIABLE, heading="Input",
        help="Folder with the list, the sources, database.json, pressrun.toml, and all results. "
        "Default: the current folder.",
    )


def file_option() -> click.Option:
    return GroupedOption(
        ["--file"], metavar="FILE", heading="Input",
        help='List with one book per line, as "Title | Author"; - reads standard input. '
        "Default: books.txt in the workspace.",
    )


def ignore_quota_option() -> click.Option:
    return GroupedOption(
        ["--ignore-quota"], is_flag=True, heading="What to run",
        help="Upload even if today's uploads are used up.",
    )


def record_option(purpose: str) -> click.Option:
    """Return the option for one of the recorded batches; `purpose` completes "Batch"."""
    return GroupedOption(
        ["--batch"], default="last", metavar="BATCH", heading="Input",
        help=f"Batch {purpose}: last, 2 for the one before it and so on, or the time in the name of its record. "
        "Default: last.",
    )


def version_option() -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, given: bool) -> None:
        if given and not ctx.resilient_parsing:
            from importlib.metadata import version

            click.echo(f"pressrun {version('pressrun')}")
            ctx.exit()

    return GroupedOption(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, heading="Other options",
        help="Show the version and exit.",
    )


def setting_options(group: type, heading: str, names: Collection[str] = ()) -> list[click.Option]:
    """Return an option for each setting of `group` that has one, or only for those in `names`."""
    hints = get_type_hints(group, include_extras=True)
    return [
        _setting_option(each, hints[name], heading)
        for name, each in flag_fields().items()
        if name in hints and (not names or name in names)
    ]


def _setting_option(each: Field[Any], hint: Any, heading: str) -> GroupedOption:
    """Return the option of a setting; its name, type, help and default are those of the setting."""
    flag = "--" + each.name.replace("_", "-")
    words = f"{each.metadata['help']}."
    if isinstance(each.default, bool):
        default = "on" if each.default else "off"
        both = f"{flag}/--no-{flag.removeprefix('--')}"
        return GroupedOption([both], default=None, heading=heading, help=f"{words} Default: {default}.")
    if each.default not in ("", None):
        default = duration_text(float(str(each.default))) if is_duration(each.name) else str(each.default)
        words += f" Default: {default}."
    plain = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    kind: Any = Duration() if is_duration(each.name) else str
    if get_origin(plain) is Literal:
        kind = click.Choice(get_args(plain))
    elif kind is str and plain in (int, float):
        kind = plain
    return GroupedOption([flag], type=kind, default=None, heading=heading, metavar=_METAVARS.get(each.name), help=words)


def _run_options() -> list[click.Option]:
    heading = "What to run"
    stage = StageName()
    return [
        GroupedOption(["--yes", "-y"], is_flag=True, heading=heading, help="Run without asking for confirmation."),
        GroupedOption(
            ["--dry-run"], is_flag=True, heading=heading,
            help="Show the plan and exit. Writes and sends nothing; only checks whether online services respond.",
        ),
        GroupedOption(
            ["--explain"], is_flag=True, heading=heading,
            help="Like --dry-run, and show for each stage whether it would run and why.",
        ),
        GroupedOption(
            ["--full"], is_flag=True, heading=heading, help="Show every book of a long list, not only the first ones.",
        ),
        GroupedOption(
            ["--no-skip"], is_flag=True, heading=heading, help="Redo finished books and publish them again.",
        ),
        GroupedOption(
            ["--until"], type=stage, metavar="STAGE", heading=heading,
            help="Stop each book after this stage. The next run continues from there.",
        ),
        GroupedOption(
            ["--from", "start_at"], type=stage, metavar="STAGE", heading=heading,
            help="Rerun this stage and all later ones. Published videos are not published again, unless STAGE itself "
            "publishes.",
        ),
        GroupedOption(
            ["--abort-on-error"], is_flag=True, heading=heading, help="Start no more books after one has failed.",
        ),
        ignore_quota_option(),
        GroupedOption(
            ["--output-format"], type=click.Choice(("text", "json")), default="text", heading=heading,
            help="Format of the results on standard output. text: one book per line with outcome, book, video URL and "
            "short URL, separated by tabs (omitted if the summary is on the same terminal). json: one object with the "
            "four lists of results and, if there was one, the error. Default: text.",
        ),
    ]


def _unattended_options() -> list[click.Option]:
    heading = "Unattended runs"
    return [
        GroupedOption(
            ["--schedule"], type=TimeOfDay(), metavar="TIME", heading=heading,
            help="Start at this time, e.g. 02:00. You confirm now; the plan is recomputed at the start.",
        ),
        GroupedOption(
            ["--queue"], is_flag=True, heading=heading,
            help="Send the books to the queue and show what its workers (pressrun worker) do with them. Ctrl+C stops "
            "watching, not the jobs. --workers limits how many books run at once (here by default 5).",
        ),
        GroupedOption(
            ["--notify"], metavar="URL", heading=heading,
            help="Send a message to this address when the batch has ended, e.g. mailto: or any URL that Apprise "
            "supports. PRESSRUN_NOTIFY and PRESSRUN_NOTIFY_FILE do the same and keep the address out of the process "
            "list.",
        ),
    ]
