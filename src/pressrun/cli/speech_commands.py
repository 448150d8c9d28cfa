"""The commands `voices` and `models`: their arguments, options and help."""

from __future__ import annotations

from pathlib import Path

import click

from pressrun.cli.declare import CONTEXT, command
from pressrun.cli.options import workspace_option


@command(
    "say",
    click.Argument(["text"]),
    click.Option(["--voice", "name"], required=True, metavar="NAME", help="Voice or service to speak with."),
    click.Option(
        ["--language"], default="", metavar="CODE", help="Language of the text. Default: that of the voice, else en."
    ),
    click.Option(
        ["--output"], type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
        help="File to write. Default: NAME.wav in the current folder.",
    ),
    workspace_option(),
)
def say(text: str, workspace: Path | None, name: str, language: str, output: Path | None) -> int:
    """Speak TEXT and write it as a WAV file.

    NAME is a name that pressrun voices prints, or the path of a Piper voice. Prints the path of the file.
    """
    from pressrun.cli.voices import say

    return say(workspace, text, name, language, output)


@command("get", click.Argument(["names"], nargs=-1, required=True, metavar="NAME..."), workspace_option())
def get(names: tuple[str, ...], workspace: Path | None) -> int:
    """Download voices of kokoro.

    Each file is checked by its hash. PRESSRUN_VOICES_URL sets another address to download from.
    """
    from pressrun.cli.voices import get

    return get(workspace, names)


@click.group(
    "voices", context_settings=CONTEXT, invoke_without_command=True, params=[workspace_option()], commands=[say, get]
)
@click.pass_context
def voices(context: click.Context, workspace: Path | None) -> int:
    """List all voices by language and gender, speak a sample, or download more."""
    if context.invoked_subcommand is not None:
        return 0
    from pressrun.cli.voices import list_voices

    return list_voices(workspace)


@command("list", workspace_option())
def list_models(workspace: Path | None) -> int:
    """List all models with their size, languages, memory and speed.

    Memory and speed are those measured on this machine, by past runs or with pressrun models measure.
    """
    from pressrun.cli.models import list_models

    return list_models(workspace)


@command("get", click.Argument(["names"], nargs=-1, required=True, metavar="NAME..."), workspace_option())
def get_models(names: tuple[str, ...], workspace: Path | None) -> int:
    """Download models, e.g. small.

    An interrupted download continues where it stopped, and each file is checked by its hash. PRESSRUN_MODELS_URL sets
    another address to download from.
    """
    from pressrun.cli.models import get

    return get(workspace, names)


@command("measure", click.Argument(["names"], nargs=-1, metavar="[NAME]..."), workspace_option())
def measure_models(names: tuple[str, ...], workspace: Path | None) -> int:
    """Measure the memory and the speed of models on this machine. Default: all that are on it."""
    from pressrun.cli.models import measure

    return measure(workspace, names)


@click.group(
    "models", context_settings=CONTEXT, invoke_without_command=True, params=[workspace_option()],
    commands=[list_models, get_models, measure_models],
)
@click.pass_context
def models(context: click.Context, workspace: Path | None) -> int:
    """List the speech recognition models, download and measure them."""
    if context.invoked_subcommand is not None:
        return 0
    from pressrun.cli.models import list_models

    return list_models(workspace)
