"""process: the script, and the titles that were chosen."""

from __future__ import annotations

from pressrun.model.script import Script, Transcript
from pressrun.services.languages import spoken_words
from pressrun.services.protocols import Brief
from pressrun.services.writers import WRITERS
from pressrun.services.writers.limits import fitting_title
from pressrun.stages.work import Work
from pressrun.store import json_files

TITLES = "output.titles.json"
SHORT_MARK = "#Shorts"

ENOUGH = 0.85
"""How much of the length asked for a script has before its shortness is worth a word."""


def run(work: Work) -> None:
    """Writes `script.json` and adds `video_title` and `short_title` to `output.titles.json`, which keeps the rest.

    Raises `ScriptError` when the transcript is too short for a script.
    """
    transcript = work.load("transcript.json", Transcript)
    settings = work.settings
    brief = Brief(work.book, settings["target_seconds"], settings["short_seconds"], settings["speech_rate"])
    script = WRITERS[work.services["writer"]].write(transcript, brief, work.context)
    work.save("script.json", script)
    seconds = spoken_seconds(script, settings["speech_rate"])
    if seconds < ENOUGH * script.target_seconds:
        work.note(f"The source has text for {seconds:.0f} s of the {script.target_seconds:.0f} s asked")
    path = work.folder / TITLES
    known = json_files.load_plain(path) if path.exists() else {}
    known = known if isinstance(known, dict) else {}
    titles = {"main_title": work.book.title, "author_name": work.book.author, **known}
    short = fitting_title(f"{script.title} {SHORT_MARK}", f"{script.book_title} {SHORT_MARK}", script.title)
    work.save(TITLES, titles | {"video_title": script.title, "short_title": short})


def spoken_seconds(script: Script, rate: int) -> float:
    """How long the script takes at `rate` words per minute, in seconds."""
    said = (script.hook, *(scene.narration for scene in script.scenes), script.close)
    return sum(spoken_words(text, script.language) for text in said) * 60 / rate
