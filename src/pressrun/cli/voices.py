"""`pressrun voices`: list the voices, speak a sample, download more."""

from __future__ import annotations

import sys
from pathlib import Path

from pressrun.cli.command import run_command
from pressrun.cli.results import write_stream
from pressrun.cli.screen import open_screen
from pressrun.errors import EXIT_FAILED, EXIT_OK
from pressrun.media.sound import SAMPLE_BYTES, Sound, write_wav
from pressrun.services.protocols import Context
from pressrun.settings import as_plain, load_settings
from pressrun.store.atomic import atomic_output
from pressrun.store.workspace import Workspace


def list_voices(workspace: Path | None) -> int:
    """Print a table of all voices; return the exit code."""

    def work(place: Workspace) -> int:
        from rich.table import Table

        from pressrun.services.voices import listing

        found = listing.list_voices(_context(place))
        screen = open_screen(sys.stdout)
        if not screen.animated:
            lines = [
                "\t".join((each.name, each.service, each.language, each.gender, each.requirement)) for each in found
            ]
            return EXIT_OK if write_stream("\n".join(lines) + "\n") else EXIT_FAILED
        table = Table("voice", "service", "language", "gender", "requires", box=None, pad_edge=False)
        for each in found:
            style = "dim" if each.requirement else ""
            table.add_row(each.name, each.service, each.language, each.gender or "-", each.requirement, style=style)
        screen.console.print(table)
        return EXIT_OK

    return run_command(workspace, work, writes=False)


def say(workspace: Path | None, text: str, name: str, language: str, output: Path | None) -> int:
    """Write a sample and print its path; return the exit code."""

    def work(place: Workspace) -> int:
        from pressrun.services.voices import listing

        context = _context(place)
        speech = listing.say(text, name, language, int(context.settings["speech_rate"]), context)
        path = output or Path(f"{Path(name).stem}.wav")
        with atomic_output(path) as partial:
            write_wav(partial, Sound(speech.pcm, speech.sample_rate))
        seconds = len(speech.pcm) / SAMPLE_BYTES / speech.sample_rate
        open_screen().print(f"{seconds:.1f} s in the voice {name}")
        return EXIT_OK if write_stream(f"{path}\n") else EXIT_FAILED

    return run_command(workspace, work, writes=False)


def get(workspace: Path | None, names: tuple[str, ...]) -> int:
    """Download voices and print their paths; return the exit code."""

    def work(_: Workspace) -> int:
        from pressrun.services.voices import listing

        for name in names:
            path = listing.download(name)
            if path is None:
                open_screen().print(f"{name} is already installed")
            elif not write_stream(f"{path}\n"):
                return EXIT_FAILED
        return EXIT_OK

    return run_command(workspace, work, writes=False)


def _context(place: Workspace) -> Context:
    settings = as_plain(load_settings(place.root).item)
    # A voice is chosen by its name here, not by the language of the books.
    return Context(place.root, {**settings, "language": "auto"}, note=lambda note: open_screen().print(note))
